package docket

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"verbale/record"
)

// An Agreement is the second signature of an arrangement: the agree of the side that did not propose it.
type Agreement struct {
	Key     string // of the arrangement, as of its case
	Version int64
	By      string
	At      time.Time // released_at of the agree
	Outbox  string    // where the agree stands
	Index   int64
	// Received is the first receipt over the agree: by when the other side holds it. Zero: none is known here.
	Received time.Time
	// Withdrawal is the move by which the author took the proposal back, nil where it did not.
	Withdrawal *Move
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
	a := Agreement{Key: c.Key, Version: c.Open.Version, By: end.By, At: instant(end.ReleasedAt), Outbox: end.Outbox, Index: end.Index}
	for i := range c.Moves {
		if m := &c.Moves[i]; m.Irregular == "" && m.Act == ActWithdraw {
			a.Withdrawal = m
		}
	}
	return a, true
}

// Held completes an agreement by the first receipts over the agree and over the withdrawal of the proposal; zero: none is known. False: the withdrawal
// was received before the agree was, and what was no longer offered binds nobody.
func (a Agreement) Held(agreed, withdrawn time.Time) (Agreement, bool) {
	a.Received = agreed
	return a, withdrawn.IsZero() || !agreed.IsZero() && !withdrawn.Before(agreed)
}

// Compare orders agreements as they were made: by the time that is signed in the agree, then by its place. Both sides order them alike.
func (a Agreement) Compare(b Agreement) int {
	return cmp.Or(a.At.Compare(b.At), order(a.Outbox, a.Index, b.Outbox, b.Index))
}

// Agreed gives the terms as they are by an agreement: in force from its time at the earliest, and not before the other side held it.
func (t Terms) Agreed(a Agreement) Terms {
	t.From = later(later(t.From, a.At), a.Received)
	return t
}

// CheckArrangement names what of A-18 a proposal on the link of two parties breaks, by places and never by values: it goes into problems. agreed is the highest version that was agreed to before it on
// that link, 0 for none. Of ours it is not sent, of theirs it is marked.
func CheckArrangement(f record.Fields, agreed int64, from, to string) (broken []string) {
	add := func(format string, args ...any) { broken = append(broken, "A-18: "+fmt.Sprintf(format, args...)) }
	if v := f.Int("version"); v <= agreed {
		add("version %d is not higher than version %d, which was agreed to", v, agreed)
	}
	if until := f.Time("until"); !until.IsZero() && !until.After(f.Time("released_at")) {
		add("until, %s, is over already", until.UTC().Format(time.RFC3339))
	}
	for _, list := range []string{"bodies", "calendars", "holidays"} {
		place, first := -1, true // of a thousand holidays one is enough
		eachObject(f.List(list), func(one struct {
			Party string `json:"party"`
		}) {
			if place++; one.Party != from && one.Party != to && first {
				first = false
				add("party of %s[%d] is not one of the two parties of the link", list, place)
			}
		})
	}
	return broken
}

// Doubts names what an arrangement says that has no effect, or not the one that its words suggest. Nothing of it is forbidden: who proposes it is
// asked.
func (t Terms) Doubts(f record.Fields) (doubts []string) {
	add := func(format string, args ...any) {
		if text := fmt.Sprintf(format, args...); len(doubts) < maxBroken && !slices.Contains(doubts, text) {
			doubts = append(doubts, text)
		}
	}
	for i, r := range t.Kinds {
		same := func(o KindRule) bool { return o.Kind == r.Kind && o.Urgency == r.Urgency }
		for _, c := range []Clock{r.Acknowledge, r.Reply} {
			if end := t.add(f.Time("released_at"), c, ""); end.After(f.Time("released_at").Add(MaxReview)) {
				add("by %s for a %s nobody is late within a year, nor silent in any figure", c, r.Kind)
			}
		}
		switch {
		case slices.IndexFunc(t.Kinds, same) < i:
			add("kinds has %s twice for the same urgency: the first one holds", r.Kind)
		case !record.Known(ActAppeal, r.Kind):
			add("kinds has %s, which is no kind of appeal that this node knows", r.Kind)
		case record.Silent(r.Kind) && r.Reply.N > 0:
			add("by a %s nothing is asked: its reply clock never runs", r.Kind)
		}
	}
	for _, b := range t.Bodies {
		if !slices.Contains(t.Channels, b.Channel) {
			add("bodies has %s on the channel %s, which is not among channels", b.Authority, b.Channel)
		}
	}
	eachObject(f.List("holidays"), func(h struct {
		Party string `json:"party"`
	}) {
		if _, has := t.calendars[h.Party]; !has {
			add("holidays of %s count only with a calendar of it", h.Party)
		}
	})
	for i, s := range t.Steps[min(1, len(t.Steps)):] {
		if slices.Index(levels(), s.Level) < slices.Index(levels(), t.Steps[i].Level) {
			add("escalation goes down from %s to %s", t.Steps[i].Level, s.Level)
		}
	}
	return doubts
}

// AgreedBefore gives the highest version that the proposal of c must be above: of the arrangements agreed to that stand before it in its
// author's outbox, and of those that its author had agreed to before it; 0 for none.
func (c Case) AgreedBefore(others []Case) (version int64) {
	if c.Open == nil {
		return 0
	}
	before := func(outbox string, index int64) bool { return order(outbox, index, c.Open.Outbox, c.Open.Index) < 0 }
	for _, o := range others {
		a, ok := o.Agreement()
		if !ok || o.Key == c.Key {
			continue
		}
		if o.Open.From == c.Open.From && before(o.Open.Outbox, o.Open.Index) || a.By == c.Open.From && before(a.Outbox, a.Index) {
			version = max(version, a.Version)
		}
	}
	return version
}
