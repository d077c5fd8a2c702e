package docket

import (
	"fmt"
	"time"
)

// Status is where a case stands. Receipt is not acknowledgement, acknowledgement is not acceptance, acceptance is not
// concurrence: no word below stands for two of them.
type Status string

// The statuses, from the first to the last.
const (
	Sent         Status = "sent"         // in the author's outbox, no receipt yet
	Lodged       Status = "lodged"       // a relay that the addressee designated holds it (L-1); the addressee has not received it
	Received     Status = "received"     // the addressee's node holds it durably
	Acknowledged Status = "acknowledged" // an officer there said that it was read
	Interim      Status = "interim answer"
	Answered     Status = "answered"
	Refused      Status = "refused"
	Withdrawn    Status = "withdrawn"
	Unreadable   Status = "unreadable" // received, and nobody here can read it
	Unknown      Status = "unknown"    // an act of a later version
	Orphan       Status = "orphan"     // only replies to a record that is not on this link
)

// Statuses lists every status once.
func Statuses() []Status {
	return []Status{Sent, Lodged, Received, Acknowledged, Interim, Answered, Refused, Withdrawn, Unreadable, Unknown, Orphan}
}

// Marks say when the opening record reached others; a zero time: it did not, as far as is known here.
type Marks struct {
	Lodged   time.Time // of the first receipt of a relay that covers it, by the relay's clock
	Received time.Time // of the first receipt of the addressee that covers it, by its clock
}

// A View is a case at a moment: what was computed from it, for a page or a line.
type View struct {
	Case   Case
	Status Status
	Marks
	Turn     string    // the party that must act, "" when nobody must
	Must     string    // what it must do: "receive", or an act
	By       time.Time // until when
	Late     bool
	Stranded bool // somebody must act, and the link is suspended: see [Standing.Strands]
}

// View computes where c stands at now.
func (c Case) View(m Marks, now time.Time) View {
	v := View{Case: c, Status: c.status(m.status()), Marks: m}
	if c.Open == nil {
		return v
	}
	v.Must, v.By = c.Open.must(v.Status)
	if v.Must != "" {
		v.Turn = c.Open.To
	}
	v.Late = !v.By.IsZero() && now.After(v.By)
	return v
}

// must tells what the addressee owes at a status, and until when. Nobody else ever owes anything.
func (o *Opening) must(at Status) (what string, by time.Time) {
	awaited := o.Act == ActAppeal || o.Act == ActPing
	switch {
	case at == Unreadable && o.Fault != FaultErased:
		return ActRefuse, time.Time{}
	case at == Sent, at == Lodged:
		return "receive", instant(o.AcknowledgeBy)
	case o.Act == ActTally && at == Received:
		return ActTallyAnswer, time.Time{}
	case awaited && (at == Received || at == Unknown):
		return ActAcknowledge, instant(o.AcknowledgeBy)
	case o.Act == ActAppeal && (at == Acknowledged || at == Interim):
		return ActAnswer, instant(o.ReplyBy)
	}
	return "", time.Time{}
}

// status is where a record stands before anybody has replied to it.
func (m Marks) status() Status {
	switch {
	case !m.Received.IsZero():
		return Received
	case !m.Lodged.IsZero():
		return Lodged
	}
	return Sent
}

func (c Case) status(at Status) Status {
	switch {
	case c.Open == nil:
		return Orphan
	case c.Open.Unknown:
		return c.settled(Unknown)
	case c.Open.Act == "":
		return c.settled(Unreadable)
	}
	return c.settled(at)
}

// settled lets the regular moves carry the status from at to where they lead. An answer or refusal stands before a withdrawal that crossed it.
func (c Case) settled(at Status) Status {
	rank := map[Status]int{Acknowledged: 1, Interim: 2, Withdrawn: 3, Refused: 4, Answered: 5}
	for _, m := range c.Moves {
		if m.Irregular != "" {
			continue
		}
		if s := m.leadsTo(); rank[s] > rank[at] {
			at = s
		}
	}
	return at
}

func (m Move) leadsTo() Status {
	switch {
	case m.Act == ActAcknowledge:
		return Acknowledged
	case m.Act == ActAnswer && m.Finality == "final", m.Act == ActTallyAnswer:
		return Answered
	case m.Act == ActAnswer:
		return Interim
	case m.Act == ActRefuse:
		return Refused
	}
	return Withdrawn
}

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
	for _, m := range after.Moves {
		if m.Outbox == e.Ref.Outbox && m.Index == e.Ref.Index && m.Irregular != "" {
			rule, reason := splitRule(m.Irregular)
			return &Refusal{Rule: rule, Reason: reason}
		}
	}
	return sensible(c, e.Opened.Act())
}

// sensible refuses what would still be regular (it may cross on the wire, or be right where more can be read) but makes no sense
// with what this side knows.
func sensible(c Case, act string) error {
	switch s := c.status(Received); {
	case s == Answered || s == Refused || s == Withdrawn:
		return &Refusal{Rule: "A-3", Reason: fmt.Sprintf("the case is already %s: open a new appeal that names it in its summary", s)}
	case c.Open.opaque() && (act == ActAcknowledge || act == ActAnswer):
		return &Refusal{Rule: "A-2", Reason: "nobody here could read that record: refuse it with the fault"}
	case act == ActAcknowledge && (s == Acknowledged || s == Interim):
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
