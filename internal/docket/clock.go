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
	floorAck, floorReply := t.Floor(o.Kind, o.Urgency)
	if start := v.start(); !start.IsZero() {
		v.AcknowledgeBy = later(ack, t.add(start, floorAck, o.To))
		if !reply.IsZero() {
			v.ReplyBy = later(reply, t.add(start, floorReply, o.To))
		}
	}
	if reply.IsZero() {
		floorReply = Clock{}
	}
	v.walk(t, floorReply)
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

// walk goes through the moves of the addressee and adds to the reply clock what stopped or moved it.
func (v *View) walk(t Terms, floor Clock) {
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
		case m.Act == ActPostpone && !v.ReplyBy.IsZero():
			v.ReplyBy = later(v.ReplyBy, instant(m.Until))
		case m.Act == ActIncomplete, m.conditional():
			stopped = m
		}
		if dispute := c.answered(m, ActDispute); dispute != nil && c.ends(m) {
			v.ReplyBy = t.add(v.at(dispute), floor, c.Open.To)
			if floor.N == 0 {
				v.ReplyBy = time.Time{}
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
		v.ReplyBy = v.ReplyBy.Add(by)
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
		return m.Irregular == "" && (m.Act == ActIncomplete || m.Act == ActDispute || m.conditional())
	})
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
