package testbed

import (
	"testing"
	"time"
)

// What the page of a link says, over a week in which much goes wrong: in order of urgency, and nothing where nothing is.
func TestLinkPage(t *testing.T) {
	h := Play(june(t), `
		x -> y mitigate #1
		x -> y clarify #2
		x ping y #3
		x push y
		y ack #1
		y push x
		y -> x indicators #4
		y push x
		x: wrong y nothing
		y: wrong x nothing

		y down
		x -> y mitigate #5
		x ping y #6
		+4m
		x: wrong y nothing
		+3h
		x: wrong y records pings
		+5d
		x: wrong y records 1 3 pings
		y up
		x push y
		y push x
		x: wrong y 1 2
		y: wrong x 2 1
		+2d
		x: wrong y 1 3
		y: wrong x 3 1
	`)
	x, y := h.Party("x"), h.Party("y")
	l, err := x.Node.Link(t.Context(), y.Name)
	h.must(err)
	p := l.Page
	if p.Sent.Appeals != 3 || p.Sent.Open != 3 || p.Sent.Late != 3 || p.Sent.Acknowledged != 1 || p.Received.Appeals != 1 || p.Received.Open != 1 {
		t.Errorf("%+v, %+v", p.Sent, p.Received)
	}
	if p.Oldest != nil || p.Pings.Missed != 0 || !p.Pings.LastAt.Equal(h.Now().Add(-7*24*time.Hour-3*time.Hour-4*time.Minute)) || p.Tally != nil {
		t.Errorf("%+v, %+v, %+v", p.Oldest, p.Pings, p.Tally)
	}
}

// A month that differs, and one that is not answered, stand on the page until they are settled.
func TestLinkPageOfTallies(t *testing.T) {
	Play(june(t), `
		y down
		x -> y mitigate #1
		+11d
		y up
		x tally y 2021-06
		x push y
		y push x
		x: wrong y the
		x: tally y 2021-06 differs #1 not-received receipted
		y answer #1
		y push x
		x: wrong y the
		x tally y 2021-06
		x push y
		y push x
		x: tally y 2021-06 agrees
		x: wrong y nothing
	`)
}
