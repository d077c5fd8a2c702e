package exchange

import (
	"errors"
	"fmt"
)

// Kind is a closed list of what can go wrong between two nodes (spec/exchange.md §2).
type Kind string

// The kinds of problem, in the order of the table in spec/exchange.md §2.
const (
	Malformed     Kind = "malformed"
	UnknownParty  Kind = "unknown-party"
	NotYours      Kind = "not-yours"
	BadSignature  Kind = "bad-signature"
	ExpiredKey    Kind = "expired-key"
	UnknownOutbox Kind = "unknown-outbox"
	BehindOrAhead Kind = "behind-or-ahead"
	Suspended     Kind = "channel-suspended"
	TooLarge      Kind = "too-large"
	BadLeaf       Kind = "bad-leaf"
	BadContent    Kind = "bad-content"
	BadRoot       Kind = "bad-root"
	ForkFound     Kind = "fork"
	OverQuota     Kind = "over-quota"
	Busy          Kind = "busy"
	Storage       Kind = "storage"
	Internal      Kind = "internal"
)

// Kinds lists every kind once.
func Kinds() []Kind {
	return []Kind{Malformed, UnknownParty, NotYours, BadSignature, ExpiredKey, UnknownOutbox, BehindOrAhead, Suspended,
		TooLarge, BadLeaf, BadContent, BadRoot, ForkFound, OverQuota, Busy, Storage, Internal}
}

// A Problem is a refusal by either end. It crosses the wire as problem+json.
type Problem struct {
	Kind   Kind
	Rule   string // the rule of spec/ that was broken, such as "X-5"; may be empty
	Detail string // one sentence for people; never repeats values of the request

	Size    int64  // BehindOrAhead: entries that the answering end holds
	Receipt []byte // BehindOrAhead: its newest receipt, a note, or nil
	Ours    []byte // ForkFound, BadRoot: the note that the answering end holds
	Theirs  []byte // ForkFound, BadRoot: the note that it was sent

	cause error
}

// Error says kind, rule and detail.
func (p *Problem) Error() string {
	if p.Rule == "" {
		return fmt.Sprintf("%s: %s", p.Kind, p.Detail)
	}
	return fmt.Sprintf("%s (%s): %s", p.Kind, p.Rule, p.Detail)
}

// Unwrap gives the local cause, which never crosses the wire.
func (p *Problem) Unwrap() error { return p.cause }

// Refuse makes a Problem from a kind, the broken rule, the local cause and a sentence.
func Refuse(kind Kind, rule string, cause error, format string, args ...any) *Problem {
	return &Problem{Kind: kind, Rule: rule, Detail: fmt.Sprintf(format, args...), cause: cause}
}

// AsProblem finds the Problem in err, or makes an Internal one that tells the peer nothing of the cause.
func AsProblem(err error) *Problem {
	if p, ok := errors.AsType[*Problem](err); ok {
		return p
	}
	return Refuse(Internal, "", err, "this node could not do it; nothing was stored; its log says why")
}

// KindOf is the kind of the Problem in err, or "" when there is none.
func KindOf(err error) Kind {
	if p, ok := errors.AsType[*Problem](err); ok {
		return p.Kind
	}
	return ""
}

// Stops tells whether the sender must not try again by itself: the batch or the link is at fault, not the moment.
func (k Kind) Stops() bool {
	switch k {
	case Malformed, NotYours, BadSignature, ExpiredKey, TooLarge, BadLeaf, BadContent, BadRoot, ForkFound:
		return true
	}
	return false
}
