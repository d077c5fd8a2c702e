package console

import (
	"context"
	"encoding/json/v2"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"strconv"

	"verbale/internal/node"
)

// handler is the node behind HTTP.
type handler struct {
	n   *node.Node
	log *slog.Logger
}

// a call answers one request with a value that becomes JSON, or with an error that becomes a problem.
type call func(r *http.Request) (any, error)

// NewHandler serves the API for n. Failures that are ours are logged; refusals are the caller's business.
func NewHandler(n *node.Node, log *slog.Logger) http.Handler {
	h := &handler{n: n, log: log}
	mux := http.NewServeMux()
	for pattern, c := range map[string]call{
		"GET " + pathSelf:                              h.self,
		"POST " + pathRenew:                            h.renew,
		"GET " + pathKeys:                              h.keys,
		"GET " + pathLinks:                             h.links,
		"POST " + pathLinks:                            h.addLink,
		"GET " + pathLinks + "/{party}":                h.oneLink,
		"POST " + pathLinks + "/{party}" + pathConfirm: h.confirm,
		"POST " + pathLinks + "/{party}" + pathRetry:   h.retry,
		"POST " + pathLinks + "/{party}" + pathSuspend: h.suspend,
		"POST " + pathLinks + "/{party}" + pathResume:  h.resume,
		"POST " + pathLinks + "/{party}" + pathTally:   h.tally,
		"GET " + pathLinks + "/{party}" + pathTally:    h.tallyPage,
		"POST " + pathRecords:                          h.file,
		"POST " + pathReplies:                          h.reply,
		"GET " + pathLinks + "/{party}" + pathPings:    h.pings,
		"GET " + pathLinks + "/{party}" + pathChannel:  h.channel,
		"POST " + pathLinks + "/{party}" + pathChannel: h.proveChannel,
		"GET " + pathCases:                             h.cases,
		"GET " + pathCase:                              h.oneCase,
		"POST " + pathBundle:                           h.prove,
		"GET " + pathEvidence:                          h.evidence,
		"GET " + pathEvidence + "/{id}/bundle":         h.proveEvidence,
		"GET " + pathRegister:                          h.register,
		"POST " + pathRegister + pathDate:              h.dateRegister,
		"POST " + pathRegister + pathResumed:           h.resumeRegister,
		"GET " + pathRelays:                            h.relays,
		"POST " + pathRelays:                           h.designate,
		"POST " + pathRelays + pathCollect:             h.collect,
		"POST " + pathRelays + "/{party}" + pathEnd:    h.endRelay,
		"GET " + pathRelays + "/{party}/bundle":        h.proveRelay,
		"POST " + pathLinks + "/{party}" + pathLodge:   h.lodge,
		"POST " + pathBackup:                           h.backup,
		"/":                                            nothingHere,
	} {
		mux.HandleFunc(pattern, h.answer(c))
	}
	for pattern, w := range map[string]work{
		"POST " + pathLinks + "/{party}" + pathExchange: h.exchange,
		"POST " + pathLinks + "/{party}" + pathRecover:  h.recover,
		"POST " + pathRegain:                            h.regain,
		"POST " + pathFsck:                              h.fsck,
		"POST " + pathRebuild:                           h.rebuild,
	} {
		mux.HandleFunc(pattern, h.stream(w))
	}
	return mux
}

// NewServer serves h on a control socket: with limits on what a broken caller may hold.
func NewServer(ctx context.Context, h http.Handler) *http.Server {
	return &http.Server{Handler: h, ReadHeaderTimeout: headerTime, MaxHeaderBytes: maxHeader,
		BaseContext: func(net.Listener) context.Context { return ctx }}
}

func nothingHere(*http.Request) (any, error) {
	return nil, &node.Error{Kind: node.NotFound, Message: "there is no such call, or not with this method", Hint: "the calls stand in internal/console/api.go"}
}

// answer runs a call and writes what it gives.
func (h *handler) answer(c call) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		v, err := c(r)
		if err != nil {
			h.refuse(w, err)
			return
		}
		if raw, ok := v.(bundle); ok {
			w.Header().Set("Content-Type", bundleType)
			_, _ = w.Write(raw)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.MarshalWrite(w, v, json.Deterministic(true))
	}
}

func (h *handler) refuse(w http.ResponseWriter, err error) {
	writeProblem(w, h.logged(err))
}

// logged gives the problem of err, and logs it when it is our own fault.
func (h *handler) logged(err error) *Problem {
	p := problemOf(err)
	switch p.Kind() {
	case node.Internal, node.Full, node.Damaged:
		h.log.Error("call failed", "kind", string(p.Kind()), "error", err.Error())
	}
	return p
}

// read decodes a body of at most most bytes.
func read[T any](r *http.Request, most int64) (v T, err error) {
	err = json.UnmarshalRead(http.MaxBytesReader(nil, r.Body, most), &v, json.RejectUnknownMembers(true))
	if err == nil {
		return v, nil
	}
	if tooLong, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return v, invalid("", "the body is over the limit of %d bytes", tooLong.Limit)
	}
	return v, invalid("the members of each call stand in internal/console/api.go",
		"the body is not one JSON object of the expected members, each once and of its type")
}

// number reads a number of the query; absent is 0.
func number(r *http.Request, name string) (int64, error) {
	s := r.URL.Query().Get(name)
	if s == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 {
		return 0, invalid("", "%s is a number from 0", name)
	}
	return n, nil
}
