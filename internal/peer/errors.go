package peer

import (
	"context"
	"errors"
	"fmt"
	"net"
)

// Unreachable says that a call got no answer, or only part of one: the network, the other node, or our own deadline.
// The other end may or may not have acted on the call; the same call may be made again.
type Unreachable struct {
	Endpoint string
	Cause    error
}

// Error says what to do where the cause tells it.
func (e *Unreachable) Error() string {
	if e.Refused() {
		return fmt.Sprintf("%s ended the handshake (%v): ask its operator whether they know our TLS key and whether our certificate is valid by their clock",
			e.Endpoint, e.Cause)
	}
	if errors.Is(e.Cause, context.DeadlineExceeded) {
		return fmt.Sprintf("%s cannot be reached: no answer came in time", e.Endpoint)
	}
	return fmt.Sprintf("%s cannot be reached: %v", e.Endpoint, e.Cause)
}

// Unwrap gives the cause.
func (e *Unreachable) Unwrap() error { return e.Cause }

// Refused tells whether the other end broke the handshake off, which it does with callers that it does not know.
func (e *Unreachable) Refused() bool {
	op, ok := errors.AsType[*net.OpError](e.Cause)
	return ok && op.Op == "remote error"
}

// WrongKey says that whoever answers at the endpoint did not show the pinned key in a certificate that is valid now.
// Trying again does not help: either the other party has new keys, or somebody else is listening there.
type WrongKey struct {
	Endpoint string
	Reason   string
	Dated    bool // the key is the right one: only the dates of its certificate do not fit
}

// Error says what to do.
func (e *WrongKey) Error() string {
	if e.Dated {
		return fmt.Sprintf("%s shows the right key, but %s: compare the clocks of both machines; if they are right, their node must make a new certificate, which it does when it starts", e.Endpoint, e.Reason)
	}
	return fmt.Sprintf("%s is not the node that we are linked with: %s; telephone the party: if it has new keys, its officer gives you the file "+
		"that `verbale profile` writes, for verbale link add; if not, somebody else answers there", e.Endpoint, e.Reason)
}

// errSlow is the cause of a call that was given up because the other end was too slow.
var errSlow = errors.New("it was too slow, or silent for too long")
