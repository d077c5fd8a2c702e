package docket

import (
	"fmt"
	"slices"
	"time"
)

// A Refusal is why a move of our own is not allowed.
type Refusal struct {
	Rule   string
	Reason string
	Hint   string // what would have to be done before; may be empty
}

// Error gives rule and reason.
func (r *Refusal) Error() string { return r.Rule + ": " + r.Reason }

// Allow tells whether e may be written now, c being the case stored under Key(e) or the zero Case. It refuses what would be
// irregular and what is regular but makes no sense. Only for entries of our own: what others send is folded as it is.
func Allow(c Case, e Entry) error {
	if e.Opened == nil || e.Opened.Unknown() {
		return &Refusal{Rule: "R-18", Reason: "this node does not write acts that it does not know"}
	}
	if _, moves := e.refersTo(); !moves {
		return nil
	}
	after := Apply(c, e)
	at := slices.IndexFunc(after.Moves, func(m Move) bool { return m.Outbox == e.Ref.Outbox && m.Index == e.Ref.Index })
	if at < 0 {
		return &Refusal{Rule: "A-21", Reason: fmt.Sprintf("a case takes %d moves of a side, and has them", MaxMoves), Hint: "open a new appeal that supersedes it"}
	}
	if broken := after.Moves[at].Irregular; broken != "" {
		rule, reason := splitRule(broken)
		return &Refusal{Rule: rule, Reason: reason}
	}
	return sensible(c, e)
}

// Timely tells whether the deadlines of e, an appeal of our own, are yet to come.
func Timely(e Entry, now time.Time) error {
	if e.Opened == nil || e.Opened.Act() != ActAppeal {
		return nil
	}
	for _, name := range []string{"acknowledge_by", "reply_by", "expires_at"} {
		if by := e.Opened.Fields.Time(name); !by.IsZero() && !by.After(now) {
			return &Refusal{Rule: "A-16", Reason: fmt.Sprintf("%s is over already, at %s", name, by.UTC().Format(time.RFC3339)), Hint: "give a later time, as +4h"}
		}
	}
	return nil
}

// sensible refuses what would still be regular (it may cross on the wire, or be right where more can be read) but makes no sense
// with what this side knows.
func sensible(c Case, e Entry) error {
	act := e.Opened.Act()
	s := c.status(Received)
	v := View{Case: c, Status: s}
	switch ended := !v.open(); {
	case ended && (act == ActClose || act == ActDispute):
		return nil
	case act == ActClose || act == ActDispute:
		return &Refusal{Rule: "A-8", Reason: fmt.Sprintf("the case is %s: there is no answer yet that could be closed or disputed", s)}
	case ended && c.Open.Act == ActAppeal && e.Author == c.Open.From:
		return &Refusal{Rule: "A-3", Reason: fmt.Sprintf("the case is already %s: close it or dispute it, or open a new appeal that names it in its summary", s)}
	case ended:
		return &Refusal{Rule: "A-3", Reason: fmt.Sprintf("the case is already %s", s)}
	case c.Open.opaque() && e.Author == c.Open.To && act != ActRefuse:
		return &Refusal{Rule: "A-2", Reason: "nobody here could read that record: refuse it with the fault"}
	case act == ActAcknowledge && s != Received && s != Unknown:
		return &Refusal{Rule: "A-3", Reason: "the case is already acknowledged"}
	}
	return nil
}

func splitRule(s string) (rule, reason string) {
	for i := range len(s) - 1 {
		if s[i] == ':' && s[i+1] == ' ' {
			return s[:i], s[i+2:]
		}
	}
	return "", s
}
