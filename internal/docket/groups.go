package docket

import (
	"math"
	"time"
)

// counted is an appeal in the basis, and where it stands as of the instant of the question.
type counted struct {
	View
	end    *Move // by which the addressee has ended it
	spoke  bool  // the addressee has said more than that it was read
	acked  *Move // the first acknowledgement
	ended  time.Time
	silent bool // nothing is asked
	asOf   time.Time
}

// count adds an appeal to its row and to its total.
func (s *Statistics) count(c Case, row, total *tallied) {
	received := s.ground.held[c.Open.Outbox].first(c.Open.Index)
	t := TermsFor(s.terms, instant(c.Open.ReleasedAt), Marks{Received: received})
	a := s.stands(c, t)
	group := a.group()
	public := a.public(s, t)
	for _, r := range []*tallied{row, total} {
		r.Received++
		if public {
			r.Public++
		}
		*group(&r.OneOf)++
		a.overlaps(s, &r.AnyOf)
		if a.answers() {
			took := max(0, a.ended.Sub(a.Received)/time.Second)
			r.took = append(r.took, uint32(min(took, math.MaxUint32))) // #nosec G115 -- it fits
		}
	}
}

// stands finds out where a case of the basis stands.
func (s *Statistics) stands(c Case, t Terms) *counted {
	o := c.Open
	m := &s.marks // used again for each case
	clear(m.Moves)
	m.Received = s.ground.held[o.Outbox].first(o.Index)
	for i := range c.Moves {
		if _, twice := m.Moves[c.Moves[i].Leaf]; !twice {
			m.Moves[c.Moves[i].Leaf] = s.ground.held[c.Moves[i].Outbox].first(c.Moves[i].Index)
		}
	}
	a := &counted{View: View{Case: c, Status: c.status(Received), Marks: *m}, silent: o.silent(), asOf: s.q.AsOf}
	a.clocks(t)
	a.owed()
	a.expire(a.asOf)
	if _, a.end = c.last(); a.end != nil {
		a.ended = a.at(a.end)
	}
	for i := range c.Moves {
		switch m := &c.Moves[i]; {
		case m.Irregular != "" || m.By != o.To:
		case m.Act != ActAcknowledge:
			a.spoke = true
		case a.acked == nil:
			a.acked = m
		}
	}
	return a
}

// answers tells whether the appeal ended with a final answer that is not disputed.
func (a *counted) answers() bool {
	return a.end != nil && a.end.Act == ActAnswer && a.Status != Disputed
}

// over tells whether a deadline had passed at a time.
func over(deadline, at time.Time) bool { return !deadline.IsZero() && at.After(deadline) }

// group is the one that the appeal stands in (S-7).
func (a *counted) group() func(*Groups) *int64 {
	switch {
	case a.Status == Disputed:
		return func(g *Groups) *int64 { return &g.Disputed }
	case a.answers() && over(a.ReplyBy, a.ended):
		return func(g *Groups) *int64 { return &g.AnsweredLate }
	case a.answers():
		return func(g *Groups) *int64 { return &g.AnsweredInTime }
	case a.end != nil && a.end.Act == ActRefuse:
		return func(g *Groups) *int64 { return &g.Refused }
	case a.end != nil:
		return func(g *Groups) *int64 { return &g.Redirected }
	case a.Status == Withdrawn:
		return func(g *Groups) *int64 { return &g.Withdrawn }
	case a.Status == Superseded:
		return func(g *Groups) *int64 { return &g.Superseded }
	case a.Status == Expired:
		return func(g *Groups) *int64 { return &g.Expired }
	case a.Status == Incomplete:
		return func(g *Groups) *int64 { return &g.Incomplete }
	case a.Status == Conditional:
		return func(g *Groups) *int64 { return &g.Conditions }
	case a.silent && (a.spoke || a.acked != nil):
		return func(g *Groups) *int64 { return &g.Noted }
	}
	return a.waits()
}

// waits is the group of an appeal in which the addressee must act.
func (a *counted) waits() func(*Groups) *int64 {
	switch {
	case a.due() && !a.spoke:
		return func(g *Groups) *int64 { return &g.Silent }
	case a.due():
		return func(g *Groups) *int64 { return &g.Overdue }
	case !a.spoke && a.acked == nil && over(a.AcknowledgeBy, a.asOf):
		return func(g *Groups) *int64 { return &g.Unacknowledged }
	case a.Status == Postponed:
		return func(g *Groups) *int64 { return &g.Postponed }
	}
	return func(g *Groups) *int64 { return &g.Pending }
}

// due tells whether the deadline of the reply has passed, or where none is asked for that of the acknowledgement.
func (a *counted) due() bool {
	if a.silent {
		return !a.spoke && a.acked == nil && over(a.AcknowledgeBy, a.asOf)
	}
	return over(a.ReplyBy, a.asOf)
}

// lapsed tells whether the reply deadline has passed without an end, also where the appeal expired afterwards.
func (a *counted) lapsed() bool {
	if a.silent || a.end != nil {
		return false
	}
	switch a.Status {
	case Withdrawn, Superseded:
		return false
	case Expired:
		return over(a.ReplyBy, a.asOf) && !a.ReplyBy.After(instant(a.Case.Open.ExpiresAt))
	}
	return over(a.ReplyBy, a.asOf)
}

// late tells whether the end came after it was due, or the appeal is due.
func (a *counted) late() bool {
	switch {
	case a.Status == Disputed:
		return over(a.ReplyBy, a.asOf)
	case a.end != nil:
		return over(a.ReplyBy, a.ended)
	case a.Status == Withdrawn, a.Status == Superseded, a.Status == Expired:
		return false
	}
	return a.due()
}

// inadmissible tells whether the addressee has found the appeal wanting.
func (a *counted) inadmissible(codes map[string]bool) bool {
	if a.end == nil {
		return a.Status == Incomplete
	}
	return a.end.Act == ActRedirect || a.end.Act == ActRefuse && codes[a.end.Code]
}

// overlaps adds what happened to the appeal (S-8).
func (a *counted) overlaps(s *Statistics, n *Overlaps) {
	var had Overlaps
	for i := range a.Case.Moves {
		m := &a.Case.Moves[i]
		switch {
		case m.Irregular != "":
			had.Irregular = 1
		case m.Act == ActIncomplete:
			had.FoundIncomplete = 1
		case m.Act == ActAccept:
			had.Accepted = 1
		case m.Act == ActAnswer && m.Finality != "final":
			had.Interim = 1
		case m.Act == ActEscalate:
			had.Escalated = 1
		case m.Act == ActDispute:
			had.DisputedOnce = 1
		case m.Act == ActClose:
			had.Closed = 1
		}
	}
	n.Irregular += had.Irregular
	n.FoundIncomplete += had.FoundIncomplete
	n.Accepted += had.Accepted
	n.Interim += had.Interim
	n.Escalated += had.Escalated
	n.DisputedOnce += had.DisputedOnce
	n.Closed += had.Closed
	add(&n.Acknowledged, a.acked != nil)
	add(&n.AcknowledgedLate, a.acked != nil && over(a.AcknowledgeBy, a.at(a.acked)))
	add(&n.Inadmissible, a.inadmissible(s.codes))
	add(&n.Late, a.late())
	add(&n.Lapsed, a.lapsed())
}

func add(n *int64, is bool) {
	if is {
		*n++
	}
}

// public tells whether the appeal counts in the public figure, by the terms in force when it was released (S-11).
func (a *counted) public(s *Statistics, t Terms) bool {
	rule := t.Counting
	if rule == "" {
		rule = "received"
	}
	s.counting[rule] = true
	switch rule {
	case "acknowledged":
		return a.acked != nil
	case "admissible":
		return !a.inadmissible(s.codes)
	}
	return true
}
