package docket

import (
	"slices"
	"time"
)

// clocks computes when acknowledgement and reply are due, and whether the reply clock stands still.
func (v *View) clocks(t Terms) {
	o := v.Case.Open
	ack, reply := instant(o.AcknowledgeBy), instant(o.ReplyBy)
	v.AcknowledgeBy, v.ReplyBy = ack, reply
	if o.Act != ActAppeal || o.Unknown {
		return
	}
	if start := v.start(); !start.IsZero() {
		floorAck, floorReply := t.floors(start, o)
		v.AcknowledgeBy = later(ack, floorAck)
		if !reply.IsZero() {
			v.ReplyBy = later(reply, floorReply)
		}
	}
	v.walk(t)
	if !v.StoppedSince.IsZero() {
		v.ReplyBy = time.Time{}
	}
}

// start is when the clocks begin to run.
func (m Marks) start() time.Time {
	for _, at := range []time.Time{m.Received, m.Lodged, m.Dated} {
		if !at.IsZero() {
			return at
		}
	}
	return time.Time{}
}

// floors gives the ends of the clocks that begin to run at start for the addressee of an appeal: the later ones of those by the terms in force when it
// was released, and when it was received. Its author chooses the first date.
func (t Terms) floors(start time.Time, o *Opening) (acknowledge, reply time.Time) {
	ack, rep := t.Floor(o.Kind, o.Urgency)
	acknowledge, reply = t.add(start, ack, o.To), t.add(start, rep, o.To)
	if t.arrival != nil {
		ack, rep = t.arrival.Floor(o.Kind, o.Urgency)
		acknowledge, reply = later(acknowledge, t.arrival.add(start, ack, o.To)), later(reply, t.arrival.add(start, rep, o.To))
	}
	return acknowledge, reply
}

// walk goes through the moves of the addressee and adds to the reply clock what stopped or moved it.
func (v *View) walk(t Terms) {
	c := v.Case
	var stopped *Move
	for i := range c.Moves {
		m := &c.Moves[i]
		if m.Irregular != "" || m.By != c.Open.To || m.Act == ActAcknowledge {
			continue
		}
		if stopped != nil {
			v.extend(v.stood(stopped, v.at(m)))
		}
		stopped = nil
		switch {
		case v.ReplyBy.IsZero(), over(v.ReplyBy, v.at(m)): // no clock runs; and what is late stays late
		case m.Act == ActPostpone:
			v.ReplyBy = later(v.ReplyBy, instant(m.Until))
		case m.Act == ActIncomplete, m.conditional():
			stopped = m
		}
		if dispute := c.answered(m, ActDispute); dispute != nil && c.ends(m) {
			if !v.ReplyBy.IsZero() { // nobody is late before the deadline that stood already
				_, floor := t.floors(v.at(dispute), c.Open)
				v.ReplyBy = later(v.ReplyBy, floor)
			}
		}
	}
	if stopped == nil {
		return
	}
	if on := c.answered(stopped, ActSupplement, ActAgree, ActDecline); on != nil {
		v.extend(v.stood(stopped, v.at(on)))
		return
	}
	v.StoppedSince, v.StoppedBy = v.at(stopped), stopped.Act
}

// stood is how long the clock stood still by m: until the author answered it, or at the latest until the addressee went on.
func (v *View) stood(m *Move, until time.Time) time.Duration {
	if on := v.Case.answered(m, ActSupplement, ActAgree, ActDecline); on != nil {
		if at := v.at(on); at.Before(until) {
			until = at
		}
	}
	return max(0, until.Sub(v.at(m)))
}

func (v *View) extend(by time.Duration) {
	if !v.ReplyBy.IsZero() {
		v.ReplyBy = capped(v.ReplyBy.Add(by))
	}
}

// at is when a move took effect: by its first receipt, or where none is known by its author's word.
func (v *View) at(m *Move) time.Time {
	if at := v.Moves[m.Leaf]; !at.IsZero() {
		return at
	}
	return instant(m.ReleasedAt)
}

// Timed tells whether the clocks of the case depend on when its moves were received.
func (c Case) Timed() bool {
	return slices.ContainsFunc(c.Moves, func(m Move) bool {
		return m.Irregular == "" && (m.Act == ActIncomplete || m.Act == ActPostpone || m.Act == ActDispute || m.conditional())
	})
}

// capped gives a deadline as a record could say it: what is later than any time of one is the last of them.
func capped(t time.Time) time.Time {
	if last := time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC); t.After(last) {
		return last
	}
	return t
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func instant(s string) time.Time {
	if s == "" {
		return time.Time{}
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return time.Time{}
	}
	return t
}
