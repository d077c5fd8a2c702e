package docket

import "slices"

// Status is where a case stands. Receipt is not acknowledgement, acknowledgement is not acceptance, acceptance is not
// concurrence: no word below stands for two of them.
type Status string

// The statuses, about from the first to the last.
const (
	Sent         Status = "sent"         // in the author's outbox, no receipt yet
	Lodged       Status = "lodged"       // a relay that the addressee designated holds it (L-1); the addressee has not received it
	Received     Status = "received"     // the addressee's node holds it durably
	Acknowledged Status = "acknowledged" // an officer there said that it was read
	Redirected   Status = "redirected"   // the addressee named the authority that is competent
	Incomplete   Status = "incomplete"   // the addressee asks for what is missing; its clock stands still
	Supplemented Status = "supplemented" // the author has sent what was missing
	Accepted     Status = "accepted"     // the addressee said that it will act; nothing is said of the content
	Conditional  Status = "accepted with conditions"
	OnTerms      Status = "conditions agreed" // by the author; nothing is said of the content
	OffTerms     Status = "conditions declined"
	Partly       Status = "partly accepted"
	Postponed    Status = "postponed"
	Executing    Status = "executing"
	Interim      Status = "interim answer"
	Answered     Status = "answered"
	Refused      Status = "refused"
	Satisfied    Status = "closed satisfied"
	Partial      Status = "closed partial"
	Disputed     Status = "disputed"
	Withdrawn    Status = "withdrawn"
	Superseded   Status = "superseded" // another appeal of the author takes its place
	Expired      Status = "expired"    // nobody asks for it any more
	Unreadable   Status = "unreadable" // received, and nobody here can read it
	Unknown      Status = "unknown"    // an act of a later version
	Agreed       Status = "agreed"     // an arrangement, by both signatures
	Declined     Status = "declined"   // an arrangement
	Orphan       Status = "orphan"     // only replies to a record that is not on this link
)

// Statuses lists every status once.
func Statuses() []Status {
	return []Status{Sent, Lodged, Received, Acknowledged, Redirected, Incomplete, Supplemented, Accepted, Conditional, OnTerms, OffTerms, Partly, Postponed,
		Executing, Interim, Answered, Refused, Satisfied, Partial, Disputed, Withdrawn, Superseded, Expired, Agreed, Declined, Unreadable, Unknown, Orphan}
}

// status is where the case stands when its opening record stands at at.
func (c Case) status(at Status) Status {
	switch {
	case c.Open == nil:
		return Orphan
	case at != Received: // nobody owes more yet than to receive it
	case c.Open.Unknown:
		at = Unknown
	case c.Open.Act == "":
		at = Unreadable
	}
	last, end := c.last()
	if last != nil {
		at = c.after(last)
	}
	switch gone := c.gone(); {
	case end != nil && c.answered(end, ActClose) != nil:
		if c.answered(end, ActClose).Word == "partial" {
			return Partial
		}
		return Satisfied
	case end != nil && gone == "" && c.answered(end, ActDispute) != nil: // who gives the appeal up disputes nothing any more
		return Disputed
	case end == nil && gone == ActWithdraw:
		return Withdrawn
	case end == nil && gone == ActSupersede:
		return Superseded
	}
	return at
}

// last gives the move of the addressee that its side of the case stands at, and the one by which the case has ended for it, if it has. The author who
// closes what it had disputed takes the dispute back, whatever the addressee has said meanwhile short of another end.
func (c Case) last() (last, end *Move) {
	for i := range c.Moves {
		m := &c.Moves[i]
		if m.Irregular != "" || m.By != c.Open.To {
			continue
		}
		if m.Act != ActAcknowledge || last == nil { // to acknowledge later takes nothing back
			last = m
		}
		if end = nil; c.ends(m) {
			end = m
		}
	}
	if end == nil {
		end = c.closed()
	}
	return last, end
}

// closed gives what the author has closed, nil where it has closed nothing.
func (c Case) closed() *Move {
	for i := range c.Moves {
		if m := &c.Moves[i]; m.Irregular == "" && m.By == c.Open.To && c.ends(m) && c.answered(m, ActClose) != nil {
			return m
		}
	}
	return nil
}

// gone is the act by which the author has given up the appeal, "" where it has not.
func (c Case) gone() string {
	for i := range c.Moves {
		if m := &c.Moves[i]; m.Irregular == "" && m.By == c.Open.From && (m.Act == ActWithdraw || m.Act == ActSupersede) {
			return m.Act
		}
	}
	return ""
}

// answered gives the regular move of the author by which it has answered m, nil if it has not.
func (c Case) answered(m *Move, acts ...string) *Move {
	for i := range c.Moves {
		a := &c.Moves[i]
		if a.Irregular == "" && a.By == c.Open.From && a.About.names(m) && slices.Contains(acts, a.Act) {
			return a
		}
	}
	return nil
}

// after is the status to which a move of the addressee leads.
func (c Case) after(m *Move) Status {
	switch m.Act {
	case ActAcknowledge:
		return Acknowledged
	case ActRedirect:
		return Redirected
	case ActIncomplete:
		if c.answered(m, ActSupplement) != nil {
			return Supplemented
		}
		return Incomplete
	case ActAccept:
		return c.accepted(m)
	case ActAgree:
		return Agreed
	case ActDecline:
		return Declined
	case ActPostpone:
		return Postponed
	case ActProgress:
		return Executing
	case ActRefuse:
		return Refused
	case ActAnswer:
		if m.Finality != "final" {
			return Interim
		}
	}
	return Answered
}

func (c Case) accepted(m *Move) Status {
	switch {
	case m.Word == "full":
		return Accepted
	case m.Word == "partly":
		return Partly
	case c.answered(m, ActAgree) != nil:
		return OnTerms
	case c.answered(m, ActDecline) != nil:
		return OffTerms
	}
	return Conditional
}
