package docket

import (
	"cmp"
	"time"
)

// An Agreement is the second signature of an arrangement: the agree of the side that did not propose it.
type Agreement struct {
	Key     string // of the arrangement, as of its case
	Version int64
	By      string
	At      time.Time // released_at of the agree
	Outbox  string    // where the agree stands
	Index   int64
}

// Agreement gives how the arrangement that the case is about came to be agreed to, and whether it was.
func (c Case) Agreement() (Agreement, bool) {
	if c.Open == nil || c.Open.Act != ActArrangement || c.Open.Unknown {
		return Agreement{}, false
	}
	_, end := c.last()
	if end == nil || end.Act != ActAgree {
		return Agreement{}, false
	}
	return Agreement{Key: c.Key, Version: c.Open.Version, By: end.By, At: instant(end.ReleasedAt), Outbox: end.Outbox, Index: end.Index}, true
}

// Compare orders agreements as they were made: by the time that is signed in the agree, then by its place. Both sides order them alike.
func (a Agreement) Compare(b Agreement) int {
	return cmp.Or(a.At.Compare(b.At), order(a.Outbox, a.Index, b.Outbox, b.Index))
}

// Agreed gives the terms as they are by an agreement: in force from its time at the earliest.
func (t Terms) Agreed(a Agreement) Terms {
	t.From = later(t.From, a.At)
	return t
}
