package peer

import (
	"context"
	"encoding/hex"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"verbale/internal/exchange"
)

// The address and types of spec/witness.md.
const (
	witnessCall     = "/add-checkpoint"
	witnessLatest   = "/checkpoint"
	witnessSizeType = "text/x.tlog.size"
)

// witnessStatuses is the one place where the kinds of a WitnessError meet status codes (W-4). The numbers are the same on purpose:
// tlog-witness names its refusals by nothing else.
var witnessStatuses = map[int]string{
	exchange.WitnessMalformed:    "the request does not have the required form",
	exchange.WitnessUntrusted:    "no key that is trusted for this log signed the checkpoint",
	exchange.WitnessUnknown:      "this log is not known here",
	exchange.WitnessConflict:     "another size was cosigned last",
	exchange.WitnessInconsistent: "the checkpoint is not consistent with what was cosigned",
	exchange.WitnessFault:        "a fault of the witness; try again later",
}

// WitnessServerConfig is what a WitnessServer needs. Latest gives the checkpoint cosigned last of the log whose origin has this hash,
// or nil. Log defaults to nothing.
type WitnessServerConfig struct {
	Witness exchange.Witness
	Latest  func(ctx context.Context, originHash [32]byte) (note []byte, err error)
	Log     *slog.Logger
}

// A WitnessServer puts a witness on the wire: an http.Handler for both prefixes of tlog-witness.
type WitnessServer struct {
	config WitnessServerConfig
	places chan struct{}
}

// NewWitnessServer makes a server. It listens to nobody before Serve.
func NewWitnessServer(c WitnessServerConfig) *WitnessServer {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return &WitnessServer{config: c, places: make(chan struct{}, witnessConcurrent)}
}

// Serve answers on ln, without TLS (W-13), until ctx ends, and closes ln. Nil means that ctx ended.
func (s *WitnessServer) Serve(ctx context.Context, ln net.Listener) error {
	base, callOff := context.WithCancel(context.WithoutCancel(ctx))
	defer callOff()
	srv := &http.Server{
		Handler:             s,
		ReadHeaderTimeout:   headerTime,
		ReadTimeout:         witnessBodyTime,
		WriteTimeout:        witnessCallTime,
		IdleTimeout:         idleTime,
		MaxHeaderBytes:      maxHeaderBytes,
		MaxHeaderValueCount: maxHeaders,
		ConnState:           newHeadcount(maxConnections).track,
		ErrorLog:            slog.NewLogLogger(s.config.Log.Handler(), slog.LevelDebug),
		BaseContext:         func(net.Listener) context.Context { return base },
	}
	ended := make(chan error, 1)
	go func() { ended <- srv.Serve(ln) }()
	select {
	case err := <-ended:
		return errors.Join(err, srv.Close())
	case <-ctx.Done():
	}
	quit, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTime)
	defer cancel()
	if err := srv.Shutdown(quit); err != nil {
		s.config.Log.Warn("calls that were under way are called off")
		_ = srv.Close()
	}
	if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// ServeHTTP answers one request.
func (s *WitnessServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	begun := time.Now()
	select {
	case s.places <- struct{}{}:
		defer func() { <-s.places }()
	default:
		w.Header().Set("Retry-After", strconv.Itoa(retryAfter))
		http.Error(w, "busy; try again later", http.StatusServiceUnavailable)
		return
	}
	call, answer, err := s.answer(w, r)
	status := http.StatusOK
	if err != nil {
		status = refuseWitness(w, err)
	} else {
		w.Header().Set("Content-Type", noteType)
		w.Header().Set("Cache-Control", "no-store")
		_, _ = w.Write(answer) // #nosec G705 -- never HTML: the type is named
	}
	s.record(r.Context(), call, status, begun, err)
}

// answer asks the witness.
func (s *WitnessServer) answer(w http.ResponseWriter, r *http.Request) (call string, answer []byte, err error) {
	if r.Method == http.MethodPost && r.URL.Path == witnessCall {
		answer, err = s.add(w, r)
		return "add-checkpoint", answer, err
	}
	name, ok := strings.CutSuffix(r.URL.Path, witnessLatest)
	hash, hexErr := hex.DecodeString(strings.TrimPrefix(name, "/"))
	if r.Method != http.MethodGet || !ok || hexErr != nil || len(hash) != len([32]byte{}) || name != "/"+hex.EncodeToString(hash) {
		return "none", nil, exchange.WitnessRefuse(exchange.WitnessUnknown, "there are POST %s and GET /<hex sha256 of the origin>%s, and nothing else", witnessCall, witnessLatest)
	}
	answer, err = s.config.Latest(r.Context(), [32]byte(hash))
	if err == nil && answer == nil {
		err = exchange.WitnessRefuse(exchange.WitnessUnknown, "no checkpoint of a log with this hash was cosigned here")
	}
	return "checkpoint", answer, err
}

func (s *WitnessServer) add(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	b, err := io.ReadAll(http.MaxBytesReader(w, r.Body, exchange.MaxAddCheckpointBytes))
	if err != nil {
		return nil, exchange.WitnessRefuse(exchange.WitnessMalformed, "the body was cut short, came too slowly, or has more than %d bytes", exchange.MaxAddCheckpointBytes)
	}
	a, err := exchange.ReadAddCheckpoint(b)
	if err != nil {
		return nil, err
	}
	return s.config.Witness.AddCheckpoint(r.Context(), a.Old, a.Proof, a.Note)
}

// refuseWitness answers with a refusal. What is none is our fault, and tells nothing.
func refuseWitness(w http.ResponseWriter, err error) (status int) {
	e, ok := errors.AsType[*exchange.WitnessError](err)
	if !ok || witnessStatuses[e.Status] == "" {
		e = exchange.WitnessRefuse(exchange.WitnessFault, "%s", witnessStatuses[exchange.WitnessFault])
	}
	body, contentType := plain(e.Detail)+"\n", noteType
	if e.Status == exchange.WitnessConflict {
		body, contentType = strconv.FormatInt(e.Size, 10)+"\n", witnessSizeType
	}
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(e.Status)
	_, _ = io.WriteString(w, body)
	return e.Status
}

// record writes the line of a call.
func (s *WitnessServer) record(ctx context.Context, call string, status int, begun time.Time, err error) {
	level := slog.LevelInfo
	attrs := []slog.Attr{slog.String("call", call), slog.Int("status", status), slog.Duration("took", time.Since(begun))}
	if err != nil {
		level = slog.LevelWarn
		attrs = append(attrs, slog.String("why", plain(err.Error())))
	}
	if status == exchange.WitnessFault {
		level = slog.LevelError
	}
	s.config.Log.LogAttrs(context.WithoutCancel(ctx), level, "call answered", attrs...)
}
