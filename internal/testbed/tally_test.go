package testbed

import (
	"context"
	"maps"
	"testing"
	"time"

	"verbale/internal/docket"
	"verbale/internal/exchange"
	"verbale/internal/node"
	"verbale/record"
	"verbale/verdict"
)

// june is a world at 20 June 2021.
func june(t *testing.T) *Bed {
	b := New(t)
	b.clock.Store(time.Date(2021, 6, 20, 14, 0, 0, 0, time.UTC).Unix())
	return b
}

// Both sides count a month alike, each by itself, and each says so of the other's count.
func TestTalliesAgree(t *testing.T) {
	h := Play(june(t), `
		x -> y mitigate #1
		x -> y clarify #2
		x push y
		y ack #1
		y answer #1
		y -> x indicators #3
		y push x
		x ping y #4
		x push y
		y push x
		x tally y 2021-06 !not-allowed
		+11d
		x -> y mitigate #5
		x push y
		x tally y 2021-06
		x: tally y 2021-06 open
		x push y
		y: theirs x 2021-06 agrees
		y push x
		x: tally y 2021-06 agrees
		y tally x 2021-06
		y push x
		x push y
		y: tally x 2021-06 agrees
		x: theirs y 2021-06 agrees
		fsck
	`)
	x, y := h.Party("x"), h.Party("y")
	page, err := x.Node.TallyPage(t.Context(), y.Name, "2021-06")
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]int64{}
	for _, r := range page.Ours.Rows {
		got[r.Direction+" "+r.Act+" "+r.Kind+" "+r.Class] = r.Count
	}
	for row, want := range map[string]int64{
		"sent appeal mitigate substantive": 1, "sent appeal clarify substantive": 1, "sent ping  test": 1, "received appeal indicators substantive": 1,
		"received acknowledge  substantive": 1, "received answer  substantive": 1, "received acknowledge  test": 1,
	} {
		if got[row] != want {
			t.Errorf("%s: %d, want %d", row, got[row], want)
		}
		delete(got, row)
	}
	if len(got) != 0 {
		t.Errorf("more rows: %v", got)
	}
	sameDockets(t, x, y)
}

// Lost in delivery: two were sent, none was received. Both tallies are true, and the difference is two serial numbers without a receipt.
func TestTallyOfWhatWasLostInDelivery(t *testing.T) {
	Play(june(t), `
		y -> x clarify #1
		y push x
		y down
		x -> y mitigate #2
		x push y !offline
		x -> y clarify #3
		+11d
		y up
		y tally x 2021-06
		y push x
		x: theirs y 2021-06 agrees
		x tally y 2021-06
		x: tally y 2021-06 open
		x push y
		y push x
		x: tally y 2021-06 differs #2 not-received receipted #3 not-received receipted
		y: theirs x 2021-06 differs #2 not-received receipted #3 not-received receipted
		fsck
	`)
}

// The receipt was lost, and the other side shows it: the difference is settled, and a later tally of the month agrees.
func TestTallyOfALostReceipt(t *testing.T) {
	b := june(t)
	lost := 0
	b.Faults = func(_, to string, p exchange.Peer) exchange.Peer {
		if to == partyName("y") {
			return lossy{p, &lost}
		}
		return p
	}
	h := Play(b, `
		x -> y mitigate #1
		x push y !offline
		x: #1 sent
		+11d
		x tally y 2021-06`)
	b.Faults = nil
	h.Play(`
		x push y
		y push x
		x: #1 received late
		x: tally y 2021-06 differs #1 no-receipt receipted
		x tally y 2021-06
		x push y
		y push x
		x: tally y 2021-06 agrees
		x tally y 2021-06
		fsck`)
	if n := len(tallyCases(t, h.Party("x"), h.Party("y"))); n != 2 {
		t.Errorf("%d tallies are filed, want 2: the third says the same as the second", n)
	}
}

func tallyCases(t *testing.T, p, with *Party) []node.CaseLine {
	t.Helper()
	lines, err := p.Node.Cases(t.Context(), node.CaseQuery{Party: with.Name, Act: "tally"})
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

// At the turn of a month each node files its tally by itself, once: not before the receipts are in, not again after a restart, and after
// a suspension for the months that it lasted.
func TestTalliesAreFiledByThemselves(t *testing.T) {
	h := Play(june(t), `
		x -> y mitigate #1
		x push y
		x tallies
		x: tally y 2021-06 none
		+10d
		+14h
		x tallies
		x: tally y 2021-06 none
		+2h
		x tallies
		x: tally y 2021-06 open
		x down
		x up
		x tallies
		x push y
		y suspend x
		y push x
		x -> y clarify #2
		+62d
		y tallies
		y: tally x 2021-08 none
		x tallies
		y resume x
		y push x
		y tallies
		y push x
		x push y
		y push x
		x push y
		x: tally y 2021-06 agrees
		x: tally y 2021-07 differs #2 not-received receipted
		x: tally y 2021-08 agrees
		y: tally x 2021-06 agrees
		y: tally x 2021-07 agrees #2 not-received receipted
		y: tally x 2021-08 agrees
		fsck
	`)
	for _, pair := range [][2]string{{"x", "y"}, {"y", "x"}} {
		by := h.Party(pair[0])
		own := 0
		for _, l := range tallyCases(t, by, h.Party(pair[1])) {
			if l.View.Case.Open.From == by.Name {
				own++
			}
		}
		if own != 3 {
			t.Errorf("%s filed %d tallies, want one for each of three months", pair[0], own)
		}
	}
}

// A long silence is made up for, but not from the beginning of the world.
func TestTalliesOfLongAgo(t *testing.T) {
	h := Play(june(t), `
		x ping y #1
		x push y
		+600d
		x tallies
		x: tally y 2021-06 none
		x: tally y 2022-01 none
		x: tally y 2022-02 open
		x: tally y 2023-01 open
		fsck`)
	if n := len(tallyCases(t, h.Party("x"), h.Party("y"))); n != 12 {
		t.Errorf("%d tallies", n)
	}
}

// A node that stops before it has answered a tally answers after its next start, once. Sixty pings stand before it, and are answered first.
func TestTallyIsAnsweredAfterARestart(t *testing.T) {
	h := Play(june(t), `
		x -> y mitigate #1
		x push y
		+11d`)
	x, y := h.Party("x"), h.Party("y")
	ping(t, x, y, 60)
	h.must(h.verbs["tally"].Run(Scene{History: h, By: x, Args: []string{"y", "2021-06"}}))
	x.Push(y)
	y.Stop()
	y.Restart()
	ctx, cancel := context.WithCancel(t.Context())
	ran := make(chan struct{})
	go func() { _ = y.Node.Run(ctx); close(ran) }()
	deadline, stop := context.WithTimeout(t.Context(), 20*time.Second)
	defer stop()
	first := func() docket.View { // y's own tally comes after it
		all := tallyCases(t, x, y)
		return all[len(all)-1].View
	}
	for deadline.Err() == nil && first().Status != docket.Answered {
		_, err := y.Node.Push(t.Context(), x.Name, nil)
		h.must(err)
	}
	cancel()
	<-ran
	h.Play(`
		x: tally y 2021-06 agrees
		fsck`)
	if n := len(first().Case.Moves); n != 1 {
		t.Errorf("%d answers", n)
	}
}

// What cannot be read counts as such, and is named where the other side counts it by its kind.
func TestTallyOfWhatCannotBeRead(t *testing.T) {
	h := Play(june(t), `
		x -> y mitigate #1
		x -> y mitigate #2
		x push y`)
	y := h.Party("y")
	erase(t, y, h.Ref("#2").Outbox, h.Ref("#2").Index)
	h.Play(`
		+11d
		x tally y 2021-06
		x push y
		y push x
		x: tally y 2021-06 differs #2 other-kind receipted`)
}

// In a month in which keys changed each outbox stands in a tally, once; in the months after it there is one tally again.
func TestTalliesOfAMonthInWhichKeysChanged(t *testing.T) {
	h := Play(june(t), `
		x -> y mitigate #1
		x push y
		y ack #1
		y push x
		x rotate
		x -> y clarify #2
		x push y
		+11d
		x tallies
		x tallies
		x push y
		y push x
		x: tally y 2021-06 agrees
		+31d
		x tallies
		y tallies
		x push y
		y push x
		x push y
		y push x
		x: tally y 2021-07 agrees
		y: tally x 2021-06 agrees
		fsck
	`)
	x, y := h.Party("x"), h.Party("y")
	for _, c := range []struct {
		by, with *Party
		counted  map[string]int64 // records of June by outbox, in both directions
	}{
		{x, y, map[string]int64{x.Name + "/to/" + y.Name + "/1": 1, x.Name + "/to/" + y.Name + "/2": 2, y.Name + "/to/" + x.Name + "/1": 1}},
		{y, x, map[string]int64{x.Name + "/to/" + y.Name + "/1": 1, x.Name + "/to/" + y.Name + "/2": 2, y.Name + "/to/" + x.Name + "/1": 1}},
	} {
		page, err := c.by.Node.TallyPage(t.Context(), c.with.Name, "2021-06")
		h.must(err)
		if len(page.Earlier) != 1 {
			t.Fatalf("at %s there are %d earlier pairs", c.by.Name, len(page.Earlier))
		}
		got := map[string]int64{}
		for _, p := range append(page.Earlier, page) {
			if p.Ours == nil || p.Ours.Answer == nil || !p.Ours.Answer.Agrees {
				t.Errorf("at %s: %+v", c.by.Name, p.Ours)
				continue
			}
			for _, s := range []docket.Span{p.Ours.Sent, p.Ours.Received} {
				got[s.Outbox] = max(got[s.Outbox], s.Next-s.From)
			}
		}
		if !maps.Equal(got, c.counted) {
			t.Errorf("at %s: %v, want %v", c.by.Name, got, c.counted)
		}
	}
	for _, p := range []*Party{x, y} {
		other := y
		if p == y {
			other = x
		}
		own := 0
		for _, l := range tallyCases(t, p, other) {
			if l.View.Case.Open.From == p.Name {
				own++
			}
		}
		if own != 3 {
			t.Errorf("%s filed %d tallies, want two of June and one of July", p.Name, own)
		}
	}
}

// The case of a tally is proved as any other: the count, the answer, and the receipts over both.
func TestTallyAsEvidence(t *testing.T) {
	h := Play(june(t), `
		x -> y mitigate #1
		x push y
		+11d
		x tally y 2021-06
		x push y
		y push x
		x: tally y 2021-06 agrees`)
	x, y := h.Party("x"), h.Party("y")
	page, err := x.Node.TallyPage(t.Context(), y.Name, "2021-06")
	h.must(err)
	for _, at := range []record.Ref{page.Ours.Ref, page.Ours.Answer.Ref} {
		raw, err := x.Node.Prove(t.Context(), node.ProveRequest{Outbox: at.Outbox, Index: at.Index, Disclose: []string{"period", "agrees", "sent_from", "sent_next", "rows"}})
		h.must(err)
		bundle, err := verdict.Parse(raw)
		h.must(err)
		v, err := verdict.Judge(bundle, nil)
		h.must(err)
		if len(v.Records) != 2 || v.Records[0].Act != "tally" || v.Records[1].Act != "tally-answer" {
			t.Fatalf("%d records in the verdict, want the tally and its answer", len(v.Records))
		}
		for _, r := range v.Records {
			if r.Received == nil {
				t.Errorf("the %s has no receipt in the verdict", r.Act)
			}
		}
		if len(v.Cases) != 1 || len(v.Cases[0].Moves) != 1 || v.Cases[0].Moves[0].Irregular != "" {
			t.Errorf("cases: %+v", v.Cases)
		}
	}
}
