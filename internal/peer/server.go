package peer

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"

	"verbale/internal/exchange"
)

// A Finder gives the desk of the party whose TLS key this is, or false when we are linked with none. It is asked at each
// handshake and again at each call, so that a link that ends ends at once.
type Finder func(tlsKey [32]byte) (party string, desk exchange.Peer, ok bool)

// ServerConfig is what a Server needs. Certificate and Find are required; Now defaults to the clock, Log to nothing,
// MaxConcurrent to 32 calls.
type ServerConfig struct {
	Certificate   tls.Certificate
	Earlier       []tls.Certificate // of replaced keys, for callers that still pin them (K-37)
	Find          Finder
	Now           func() time.Time
	Log           *slog.Logger
	MaxConcurrent int
}

// A Server answers the calls of linked parties by asking their desks.
type Server struct {
	config ServerConfig
	gate   *gate
	limits serverLimits
}

// serverLimits are the durations of limits.go; tests shorten them.
type serverLimits struct {
	header, idle, desk, drain, stop time.Duration
	pace                            pace
	connections                     int
}

// NewServer makes a server. It answers nothing before Serve.
func NewServer(c ServerConfig) *Server {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.MaxConcurrent <= 0 {
		c.MaxConcurrent = defaultConcurrent
	}
	return &Server{
		config: c,
		gate:   newGate(c.MaxConcurrent, maxPerParty),
		limits: serverLimits{
			header: headerTime, idle: idleTime, desk: deskTime, drain: drainTime, stop: stopTime,
			pace: defaultPace(), connections: maxConnections,
		},
	}
}

// Serve answers on ln until ctx ends, and closes ln. Calls under way are then given some seconds to finish; when Serve
// returns, no desk is being asked any more. It may be called once. Nil means that ctx ended.
func (s *Server) Serve(ctx context.Context, ln net.Listener) error {
	base, callOff := context.WithCancel(context.WithoutCancel(ctx))
	defer callOff()
	srv := s.http(base)
	ended := make(chan error, 1)
	go func() { ended <- srv.ServeTLS(ln, "", "") }()
	select {
	case err := <-ended:
		s.stop(srv, callOff)
		return err
	case <-ctx.Done():
		s.stop(srv, callOff)
		if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	}
}

// stop ends what runs: politely, then by force, and then it waits for the desks.
func (s *Server) stop(srv *http.Server, callOff func()) {
	quit, cancel := context.WithTimeout(context.Background(), s.limits.stop)
	defer cancel()
	if err := srv.Shutdown(quit); err != nil {
		s.config.Log.Warn("calls that were under way are called off", "calls", s.gate.inside())
		_ = srv.Close()
	}
	callOff()
	s.gate.shut()
}

func (s *Server) http(base context.Context) *http.Server {
	only1 := new(http.Protocols)
	only1.SetHTTP1(true)
	return &http.Server{
		Handler:                      http.HandlerFunc(s.handle),
		TLSConfig:                    s.tls(),
		Protocols:                    only1,
		DisableGeneralOptionsHandler: true,
		ReadHeaderTimeout:            s.limits.header, // the handshake's limit, too
		IdleTimeout:                  s.limits.idle,
		MaxHeaderBytes:               maxHeaderBytes,
		MaxHeaderValueCount:          maxHeaders,
		ConnState:                    newHeadcount(s.limits.connections).track,
		ErrorLog:                     slog.NewLogLogger(s.config.Log.Handler(), slog.LevelDebug),
		BaseContext:                  func(net.Listener) context.Context { return base },
	}
}

// tls refuses in the handshake whoever shows no key of a linked party.
func (s *Server) tls() *tls.Config {
	c := baseTLS()
	c.GetCertificate = s.certificate
	c.ClientAuth = tls.RequireAnyClientCert
	c.VerifyConnection = func(cs tls.ConnectionState) error {
		party, _, err := s.identify(&cs)
		if err != nil {
			s.config.Log.Info("handshake refused", "party", party, "why", plain(err.Error()))
		}
		return err
	}
	return c
}

// identify finds who is at the other end of a connection. The party is named where it is known, even with an error.
func (s *Server) identify(cs *tls.ConnectionState) (party string, desk exchange.Peer, err error) {
	key, cert, err := shown(cs)
	if err != nil {
		return "", nil, exchange.Refuse(exchange.UnknownParty, "X-1", err, "this node knows callers by the Ed25519 key of their certificate")
	}
	party, desk, ok := s.config.Find(key)
	if !ok {
		return "", nil, exchange.Refuse(exchange.UnknownParty, "X-1", nil, "the TLS key shown belongs to no party that this node is linked with")
	}
	if err := current(cert, s.config.Now()); err != nil {
		return party, nil, exchange.Refuse(exchange.ExpiredKey, "X-1", err, "the certificate shown is not valid now, by the clock of this node")
	}
	return party, desk, nil
}

// handle answers one request: who, whether there is room, what the desk says, and the line in the log.
func (s *Server) handle(w http.ResponseWriter, r *http.Request) {
	c := &call{w: w, r: r, rc: http.NewResponseController(w), limits: &s.limits, begun: time.Now()}
	party, desk, err := s.identify(r.TLS)
	if err == nil {
		err = s.gate.enter(party)
	}
	if err == nil {
		defer s.gate.leave(party)
		err = c.serve(desk)
	}
	if err != nil {
		c.refuse(exchange.AsProblem(err))
	}
	s.record(c, party, err)
}

// record writes the line of a call: who, what kind, how much, never what was in it.
func (s *Server) record(c *call, party string, err error) {
	level := slog.LevelInfo
	attrs := []slog.Attr{
		slog.String("party", party), slog.String("call", c.name()), slog.Int("status", c.status),
		slog.Int64("in", c.in), slog.Int64("out", c.out), slog.Duration("took", time.Since(c.begun)),
	}
	if err != nil {
		p := exchange.AsProblem(err)
		level = slog.LevelWarn
		attrs = append(attrs, slog.String("kind", string(p.Kind)), slog.String("rule", p.Rule))
		if cause := errors.Unwrap(p); cause != nil && (p.Kind == exchange.Internal || p.Kind == exchange.Storage) {
			level = slog.LevelError
			attrs = append(attrs, slog.String("cause", cause.Error()))
		}
	}
	if c.lost != nil {
		level = max(level, slog.LevelWarn)
		attrs = append(attrs, slog.String("lost", c.lost.Error()))
	}
	s.config.Log.LogAttrs(context.WithoutCancel(c.r.Context()), level, "call answered", attrs...)
}
