package console

import (
	"context"
	"encoding/json/v2"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"verbale/internal/node"
	"verbale/record"
)

const (
	problemType = "application/problem+json"
	urnPrefix   = "urn:verbale:problem:"
)

// statuses is the one table from kinds of error to HTTP statuses.
var statuses = map[node.Kind]int{
	node.Invalid:      http.StatusBadRequest,
	node.NotFound:     http.StatusNotFound,
	node.NotLinked:    http.StatusNotFound,
	node.NotAllowed:   http.StatusConflict,
	node.Conflict:     http.StatusConflict,
	node.Stopped:      http.StatusLocked,
	node.Unchecked:    http.StatusLocked,
	node.Locked:       http.StatusLocked,
	node.Full:         http.StatusInsufficientStorage,
	node.Damaged:      http.StatusInternalServerError,
	node.Offline:      http.StatusBadGateway,
	node.Refused:      http.StatusBadGateway,
	node.Closed:       http.StatusServiceUnavailable,
	node.Unauthorised: http.StatusUnauthorized,
	node.Forbidden:    http.StatusForbidden,
	node.TooMany:      http.StatusTooManyRequests,
	node.Internal:     http.StatusInternalServerError,
}

// A Problem is a refusal as it goes over the wire (RFC 9457). The kind of node.Error is the last part of its type.
type Problem struct {
	Type   string       `json:"type"`
	Status int          `json:"status"`
	Detail string       `json:"detail"`
	Hint   string       `json:"hint,omitempty"`
	Errors []fieldError `json:"errors,omitempty"` // the mistakes of a draft, each with its field
}

// Error is the detail.
func (p *Problem) Error() string { return p.Detail }

// GetStatus is the status that huma answers with, ContentType the type.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType is that of problems.
func (*Problem) ContentType(string) string { return problemType }

// Kind is the kind of the error.
func (p *Problem) Kind() node.Kind { return node.Kind(strings.TrimPrefix(p.Type, urnPrefix)) }

// A badDraft is a draft with its mistakes.
type badDraft struct{ found []*record.Error }

func (e *badDraft) Error() string {
	return fmt.Sprintf("the draft breaks %d rule(s) of spec/acts.md; nothing was filed", len(e.found))
}

func problemOf(err error) *Problem {
	if bad, ok := errors.AsType[*badDraft](err); ok {
		p := problem(node.Invalid, bad.Error(), "correct the fields and file it again")
		p.Errors = fieldErrors(bad.found)
		return p
	}
	if bad, ok := errors.AsType[*record.Error](err); ok && !isOwn(err) {
		return problemOf(&badDraft{[]*record.Error{bad}})
	}
	if errors.Is(err, context.Canceled) {
		return problem(node.Closed, "the call was given up before it was done", "")
	}
	e := node.AsError(err)
	return problem(e.Kind, e.Message, e.Hint)
}

// isOwn tells an error of a use-case, which has words of its own, from one of a room below.
func isOwn(err error) bool {
	_, ok := errors.AsType[*node.Error](err)
	return ok
}

func problem(kind node.Kind, detail, hint string) *Problem {
	if _, ok := statuses[kind]; !ok {
		kind = node.Internal
	}
	return &Problem{Type: urnPrefix + string(kind), Status: statuses[kind], Detail: detail, Hint: hint}
}

// invalid is a refusal of a request that does not have the required form. It never repeats what came.
func invalid(hint, format string, args ...any) error {
	return &node.Error{Kind: node.Invalid, Message: fmt.Sprintf(format, args...), Hint: hint}
}

// expectation keeps of a sentence what was expected and drops what came.
func expectation(text string) string {
	for _, came := range []string{", got ", "; got "} {
		text, _, _ = strings.Cut(text, came)
	}
	return text
}

// asError makes of a problem the error that the use-case gave.
func (p *Problem) asError() error {
	e := &node.Error{Kind: p.Kind(), Message: p.Detail, Hint: p.Hint}
	if _, ok := statuses[e.Kind]; !ok {
		e.Kind = node.Internal
	}
	for _, f := range p.Errors {
		line := f.Detail
		if f.Rule != "" {
			line += " (" + f.Rule + ")"
		}
		if f.Field != "" {
			line = f.Field + ": " + line
		}
		e.Message += "\n  " + line
	}
	return e
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

func writeProblem(w http.ResponseWriter, p *Problem) {
	w.Header().Set("Content-Type", problemType)
	w.WriteHeader(p.Status)
	_ = json.MarshalWrite(w, p) // when the caller is gone nobody is left to be told
}
