package node

import (
	"errors"
	"fmt"

	"verbale/internal/docket"
	"verbale/internal/exchange"
	"verbale/internal/store"
	"verbale/record"
	"verbale/seal"
	"verbale/verdict"
)

// Kind is a closed list of what can go wrong for our own staff.
type Kind string

// The kinds of error. The console and the command line map each to a status and an exit code, in one table each.
const (
	Invalid      Kind = "invalid"      // what was handed in breaks a rule of spec/
	NotFound     Kind = "not-found"    // no such link, case or record
	NotLinked    Kind = "not-linked"   // no confirmed link with that party
	NotAllowed   Kind = "not-allowed"  // the docket does not allow this move
	Stopped      Kind = "stopped"      // nothing is signed for this outbox until an operator has acted
	Unchecked    Kind = "unchecked"    // nothing is signed for this outbox until somebody who holds it was asked
	Conflict     Kind = "conflict"     // it exists already, or differently
	Locked       Kind = "locked"       // another process has the data folder
	Full         Kind = "full"         // the disk is full
	Damaged      Kind = "damaged"      // the database or a key file is damaged
	Offline      Kind = "offline"      // the peer could not be reached
	Refused      Kind = "refused"      // the peer refused
	Closed       Kind = "closed"       // the node is shutting down
	Unauthorised Kind = "unauthorised" // the caller has no token that is in force
	Forbidden    Kind = "forbidden"    // its token is not for this
	TooMany      Kind = "too-many"     // it calls too often
	Internal     Kind = "internal"
)

// An Error is a sentence for people: what was expected, what came, what to do.
type Error struct {
	Kind    Kind
	Message string
	Hint    string // what to do next; may be empty
	cause   error
}

// Error is the message; the hint is shown apart.
func (e *Error) Error() string { return e.Message }

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.cause }

func fail(kind Kind, cause error, hint, format string, args ...any) *Error {
	return &Error{Kind: kind, Message: fmt.Sprintf(format, args...), Hint: hint, cause: cause}
}

// AsError finds the Error in err, or makes one from the errors of the rooms below.
func AsError(err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	if e, ok := errors.AsType[*store.Error](err); ok {
		return fail(storeKinds()[e.Kind], err, "", "%s", e.Error())
	}
	if e, ok := errors.AsType[*record.Error](err); ok {
		return fail(Invalid, err, "", "%s", e.Error())
	}
	if e, ok := errors.AsType[*docket.Refusal](err); ok {
		return fail(NotAllowed, err, e.Hint, "%s", e.Error())
	}
	if e, ok := errors.AsType[*seal.Error](err); ok {
		return fail(Invalid, err, "", "%s", e.Error())
	}
	if e, ok := errors.AsType[*verdict.Error](err); ok {
		return fail(Invalid, err, "", "%s", e.Error())
	}
	if e, ok := errors.AsType[*exchange.Problem](err); ok {
		return fail(Refused, err, "", "the peer refused: %s", e.Error())
	}
	return fail(Internal, err, "", "%s", err.Error())
}

// storeKinds is the one table from the store's kinds to ours.
func storeKinds() map[store.Kind]Kind {
	return map[store.Kind]Kind{
		store.Locked: Locked, store.NotFound: NotFound, store.Conflict: Conflict,
		store.Full: Full, store.Corrupt: Damaged, store.Newer: Damaged,
		store.Busy: Internal, store.Refused: Internal, store.IO: Internal, store.Query: Invalid,
	}
}

// problemOf turns a failure of ours into what the peer is told.
func problemOf(err error) error {
	var fork *exchange.ForkError
	if errors.As(err, &fork) {
		return fork
	}
	if p, ok := errors.AsType[*exchange.Problem](err); ok {
		return p
	}
	if e, ok := errors.AsType[*store.Error](err); ok {
		switch e.Kind {
		case store.Full, store.Corrupt, store.IO:
			return exchange.Refuse(exchange.Storage, "", err, "this end cannot store anything now; nothing was stored; its operator must act")
		case store.Conflict, store.Busy:
			return exchange.Refuse(exchange.Busy, "", err, "another batch of this outbox was stored at the same moment; try again")
		}
	}
	if e, ok := errors.AsType[*Error](err); ok && (e.Kind == Stopped || e.Kind == Unchecked) {
		return exchange.Refuse(exchange.Internal, "X-6", err, "this end has stopped that outbox; its operator must act")
	}
	return exchange.AsProblem(err)
}
