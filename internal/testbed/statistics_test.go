package testbed

import (
	"bytes"
	"cmp"
	"encoding/json/v2"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"verbale/internal/docket"
	"verbale/internal/exchange"
	"verbale/internal/node"
	"verbale/internal/store"
)

// figuresOf computes the figures of a link at one side, and gives the bytes in which both must agree.
func figuresOf(t *testing.T, p, with *Party, q node.StatisticsQuery) (node.Statistics, []byte) {
	t.Helper()
	s, err := p.Node.Statistics(t.Context(), with.Name, q)
	p.Bed.must(err)
	b, err := s.Figures.Marshal()
	p.Bed.must(err)
	return s, b
}

// bothSay computes figures at both sides, which must be the same bytes, and gives them.
func bothSay(t *testing.T, x, y *Party, q node.StatisticsQuery) docket.Figures {
	t.Helper()
	s, ours := figuresOf(t, x, y, q)
	_, theirs := figuresOf(t, y, x, q)
	if !bytes.Equal(ours, theirs) {
		t.Errorf("%s says\n%s\n%s says\n%s", x.Name, ours, y.Name, theirs)
	}
	return s.Figures
}

// fileOf is the figures file as the other side gets it.
func fileOf(t *testing.T, s node.Statistics) []byte {
	t.Helper()
	b, err := json.Marshal(s, json.Deterministic(true))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// spread files n appeals over some time, each pushed as it is filed; answered, it is answered a day later.
func spread(t *testing.T, from, to *Party, n int, over time.Duration, answered bool) {
	t.Helper()
	for range n {
		ref := from.Appeal(to, "mitigate")
		from.Push(to)
		if answered {
			from.Bed.Later(12 * time.Hour)
			to.Reply(from, ref, "answer", map[string]string{"finality": "final", "outcome": "done", "text": "Done."})
			to.Push(from)
		}
		from.Bed.Later(over / time.Duration(n))
	}
}

// The figures of July 2021: 45 and 35 appeals one way that nobody answered, 10 and 2 the other way, all answered. Both capitals say the same of
// both windows, and neither can say more or less than that.
func TestStatisticsOfJuly2021(t *testing.T) {
	b := New(t)
	b.clock.Store(time.Date(2020, 1, 2, 0, 0, 0, 0, time.UTC).Unix())
	x, y := b.Party("aurelia.example"), b.Party("borea.example")
	b.Link(x, y)
	const month = 30 * 24 * time.Hour
	spread(t, y, x, 45, 6*month, false)
	spread(t, x, y, 10, 5*month, true)
	b.clock.Store(time.Date(2021, 1, 2, 0, 0, 0, 0, time.UTC).Unix())
	spread(t, x, y, 2, month, true)
	spread(t, y, x, 35, 4*month, false)
	b.clock.Store(time.Date(2021, 7, 9, 15, 0, 0, 0, time.UTC).Unix())

	year := func(y int) time.Time { return time.Date(y, 1, 1, 0, 0, 0, 0, time.UTC) }
	july := time.Date(2021, 7, 1, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		q          node.StatisticsQuery
		north, ask int64
	}{
		{node.StatisticsQuery{From: year(2020), To: year(2021)}, 45, 10},
		{node.StatisticsQuery{From: year(2021), To: july}, 35, 2},
		{node.StatisticsQuery{}, 80, 12},
	} {
		f := bothSay(t, x, y, c.q)
		if len(f.Totals) != 2 || f.Totals[0].From != x.Name || f.Totals[1].From != y.Name {
			t.Fatalf("totals: %+v", f.Totals)
		}
		asked, north := f.Totals[0], f.Totals[1]
		if asked.Received != c.ask || asked.OneOf.AnsweredInTime != c.ask || asked.AnswerTime.Median != 12*3600 {
			t.Errorf("of %s: %+v", x.Name, asked)
		}
		if north.Received != c.north || north.OneOf.Silent != c.north || north.AnyOf.Lapsed != c.north {
			t.Errorf("of %s: %+v", y.Name, north)
		}
	}
	// As of the day before the first answer of 2021 they said something else, and both alike.
	then := bothSay(t, x, y, node.StatisticsQuery{From: year(2021), AsOf: time.Date(2021, 1, 2, 1, 0, 0, 0, time.UTC)})
	if then.Totals[0].OneOf.Pending != 1 || then.Totals[0].Received != 1 || len(then.Totals) != 1 {
		t.Errorf("then: %+v", then.Totals)
	}
}

// What has no receipt is known to its author only, and does not make the sides differ.
func TestStatisticsBeyondTheBasis(t *testing.T) {
	h := Play(june(t), `
		x -> y mitigate #1
		x -> y clarify #2
		x push y
		y ack #1
		y answer #1
		y push x
		y -> x mitigate #3
		x -> y mitigate #4
		y ack #2
	`)
	x, y := h.Party("x"), h.Party("y")
	bothSay(t, x, y, node.StatisticsQuery{})
	ours, _ := figuresOf(t, x, y, node.StatisticsQuery{})
	if k := ours.Known; len(k.Appeals) != 1 || k.Appeals[0].Sent != 1 || k.Appeals[0].From != x.Name || len(k.Moves) != 0 {
		t.Errorf("x alone knows %+v", k)
	}
	theirs, _ := figuresOf(t, y, x, node.StatisticsQuery{})
	if k := theirs.Known; len(k.Appeals) != 1 || k.Appeals[0].From != y.Name || len(k.Moves) != 1 || k.Moves[0].Act != docket.ActAcknowledge {
		t.Errorf("y alone knows %+v", k)
	}
	h.Play("y push x\nx push y\nfsck")
	if f := bothSay(t, x, y, node.StatisticsQuery{}); len(f.Rows) != 3 || f.Totals[0].AnyOf.Acknowledged != 2 {
		t.Errorf("%+v", f)
	}
	if only := bothSay(t, x, y, node.StatisticsQuery{Kind: "clarify", Class: "substantive", Channel: "technical"}); len(only.Rows) != 1 || only.Rows[0].Received != 1 {
		t.Errorf("%+v", only.Rows)
	}
	if _, err := x.Node.Statistics(t.Context(), y.Name, node.StatisticsQuery{From: h.Now(), To: h.Now()}); kindOf(err) != node.Invalid {
		t.Errorf("an empty window: %v", err)
	}
}

// A side holds the other's file against its own copy: equal, counted by another basis, or different in rows that it names.
func TestCompareStatistics(t *testing.T) {
	h := Play(june(t), "x -> y mitigate #1\nx push y\ny answer #1\ny push x")
	x, y := h.Party("x"), h.Party("y")
	compare := func(p, with *Party, file []byte) node.Comparison {
		t.Helper()
		c, err := p.Node.Compare(t.Context(), with.Name, file)
		h.must(err)
		return c
	}
	theirs, _ := figuresOf(t, y, x, node.StatisticsQuery{})
	if c := compare(x, y, fileOf(t, theirs)); !c.Equal || !c.SameBasis || len(c.Differ) != 0 {
		t.Errorf("the same: %+v", c)
	}

	told := theirs
	told.Figures.Rows = append([]docket.StatRow{}, told.Figures.Rows...)
	told.Figures.Rows[0].OneOf.AnsweredInTime, told.Figures.Rows[0].OneOf.Silent = 0, 1
	c := compare(x, y, fileOf(t, told))
	if c.Equal || !c.SameBasis || len(c.Differ) != 1 || len(c.Differ[0].Ours) != 2 || c.Differ[0].Kind != "mitigate" || c.Differ[0].Theirs[1] != (docket.Figure{Name: "silent", N: 1}) {
		t.Errorf("a figure that is not true: %+v", c.Differ)
	}

	// x gets no receipt for what y has receipted: y's basis is larger. By what both have, both say the same.
	h.Play("x -> y mitigate #2")
	h.Bed.Faults = func(_, _ string, p exchange.Peer) exchange.Peer {
		return liar{Peer: p, push: func(b *exchange.Batch) ([]byte, error) {
			_, err := p.Push(t.Context(), b)
			return nil, cmp.Or(err, errLost)
		}}
	}
	_, err := x.Node.Push(t.Context(), y.Name, nil)
	if err == nil {
		t.Fatal("the receipt was not lost")
	}
	h.Bed.Faults = nil
	theirs, _ = figuresOf(t, y, x, node.StatisticsQuery{})
	c = compare(x, y, fileOf(t, theirs))
	if c.Equal || c.SameBasis {
		t.Fatalf("y knows more: %+v", c)
	}
	theirs, _ = figuresOf(t, y, x, node.StatisticsQuery{AsOf: c.Ours.Figures.AsOf, Basis: &c.Ours.Figures.Basis})
	if c = compare(x, y, fileOf(t, theirs)); !c.Equal || !c.SameBasis {
		t.Errorf("by what both have: %+v", c)
	}
	told = theirs
	told.Known.Receipts = append([]docket.ReceiptCount{}, told.Known.Receipts...)
	told.Known.Receipts[0].Count++
	told.Figures.Rows = nil
	if c = compare(x, y, fileOf(t, told)); c.Equal || len(c.Receipts) != 1 || c.Receipts[0].Theirs != c.Receipts[0].Ours+1 {
		t.Errorf("by more receipts: %+v", c.Receipts)
	}
	for name, file := range map[string][]byte{"nothing": nil, "no file": []byte(`{"by":"y"}`), "our own": fileOf(t, c.Ours)} {
		if _, err := x.Node.Compare(t.Context(), y.Name, file); kindOf(err) != node.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// What one side cannot read is unread to both, once the other knows of it.
func TestStatisticsOfWhatOneSideCannotRead(t *testing.T) {
	x, y := misaddressed(t)
	x.Appeal(y, "mitigate")
	x.Push(y)
	ours, _ := figuresOf(t, x, y, node.StatisticsQuery{})
	theirs, _ := figuresOf(t, y, x, node.StatisticsQuery{})
	if len(ours.Figures.Rows) != 1 || len(theirs.Figures.Rows) != 0 || len(theirs.Figures.Unread) != 1 {
		t.Errorf("x has %+v, y %+v", ours.Figures, theirs.Figures)
	}
	c, err := x.Node.Compare(t.Context(), y.Name, fileOf(t, theirs))
	x.Bed.must(err)
	if !c.Equal || len(c.Ours.Figures.Unread) != 1 || c.Ours.Figures.Unread[0].Count != 1 {
		t.Errorf("x says of y's file: %+v", c)
	}
}

// BenchmarkStatistics is the whole call over a hundred thousand cases: read from the store, parsed and counted. They were put there without
// their records, so that all of them stand beyond the basis.
func BenchmarkStatistics(b *testing.B) {
	const many = 100_000
	bed := New(b)
	x, y := bed.Party("aurelia.example"), bed.Party("borea.example")
	bed.Link(x, y)
	x.Appeal(y, "mitigate")
	x.Push(y)
	c := x.Cases(y)[0].View.Case
	bed.must(x.Store.Update(b.Context(), func(tx *store.Tx) error {
		for n := range int64(many) {
			o := *c.Open
			o.Index = n + 1
			if err := tx.PutCase(y.Name, docket.Case{Key: fmt.Sprintf("%043d", n), Open: &o, Moves: c.Moves}); err != nil {
				return err
			}
		}
		return nil
	}))
	for b.Loop() {
		s, err := x.Node.Statistics(b.Context(), y.Name, node.StatisticsQuery{})
		bed.must(err)
		if s.Known.Appeals[0].Sent != many {
			b.Fatalf("%+v", s.Known)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/many, "ns/case")
	bed.must(x.Store.Update(b.Context(), func(tx *store.Tx) error {
		return tx.ReplaceCases(func(put func(string, docket.Case) error) error { return put(y.Name, c) })
	}))
}

// By an arrangement both sides count by its clocks and its rule, and only once both know that it was agreed to.
func TestStatisticsByAnArrangement(t *testing.T) {
	b := june(t)
	x, y := b.Party("aurelia.example"), b.Party("borea.example")
	b.Link(x, y)
	x.Appeal(y, "mitigate") // by the default clocks, and what is received counts
	x.Push(y)
	b.Later(time.Hour)
	proposal := x.Proposal(y, 1, "ack+8h", "reply+3d")
	proposal.SetText("counting", "acknowledged")
	filed, err := x.Node.Propose(t.Context(), y.Name, proposal, "")
	b.must(err)
	x.Push(y)
	y.Reply(x, filed.Ref, "agree", nil)
	before := bothSay(t, x, y, node.StatisticsQuery{}) // that y has agreed y knows alone
	y.Push(x)
	b.Later(time.Hour)
	x.Appeal(y, "mitigate")
	acked := x.Appeal(y, "mitigate")
	x.Push(y)
	y.Reply(x, acked, "acknowledge", nil)
	y.Push(x)
	b.Later(5 * time.Hour) // the deadlines that the drafts signed are 4 hours and 24
	f := bothSay(t, x, y, node.StatisticsQuery{})
	if len(before.Counting) != 1 || len(f.Counting) != 2 || f.Totals[0].Received != 3 || f.Totals[0].Public != 2 {
		t.Errorf("counted by %v, then by %v: %+v", before.Counting, f.Counting, f.Totals)
	}
	if one := f.Totals[0].OneOf; one.Silent != 0 || one.Unacknowledged != 1 || one.Pending != 2 {
		t.Errorf("%+v", one)
	}
}

// Where keys changed an outbox of each generation is counted, and both sides still say the same.
func TestStatisticsOverAChangeOfKeys(t *testing.T) {
	b, x, y := two(t)
	before := x.Appeal(y, "mitigate")
	x.Push(y)
	y.Reply(x, before, "acknowledge", nil)
	inFlight := x.Appeal(y, "clarify")
	b.Later(time.Hour)
	x.Rotate()
	x.Appeal(y, "mitigate")
	x.Push(y)
	y.Reply(x, inFlight, "answer", map[string]string{"finality": "final", "outcome": "done", "text": "done"})
	y.Push(x)
	f := bothSay(t, x, y, node.StatisticsQuery{})
	if len(f.Basis.Heads) != 3 || f.Totals[0].Received != 3 || f.Totals[0].OneOf.AnsweredInTime != 1 || f.Totals[0].AnyOf.Acknowledged != 1 {
		t.Errorf("%+v", f)
	}
}

// What lies with a relay is known to its author only.
func TestStatisticsOfWhatIsLodged(t *testing.T) {
	g := newGolden(t)
	g.Play("x date\ny date\ny mute\nx -> y mitigate #1\nx -> y mitigate #2\n+1h\nx lodge y")
	x, y := g.Party("x"), g.Party("y")
	s, _ := figuresOf(t, x, y, node.StatisticsQuery{})
	if k := s.Known; len(k.Appeals) != 1 || k.Appeals[0].Sent != 2 || k.Appeals[0].Lodged != 2 || len(s.Figures.Rows) != 0 {
		t.Errorf("%+v", s)
	}
	bothSay(t, x, y, node.StatisticsQuery{})
}

// Two nodes whose calls get lost by chance say the same by the basis that both have, as long as neither lacks a receipt below it.
func TestStatisticsOfFlakyNodes(t *testing.T) {
	equal, lacking := 0, 0
	for seed := range uint64(12) {
		r := rand.New(rand.NewPCG(seed, 11))
		b := New(t)
		b.clock.Store(time.Date(2021, 5, 20, 0, 0, 0, 0, time.UTC).Unix())
		h := Play(b, "x ping y #1")
		b.Faults = func(_, _ string, p exchange.Peer) exchange.Peer { return flaky{p, b, r} }
		twoMonths(t, h, r)
		b.Faults = nil
		x, y := h.Party("x"), h.Party("y")
		theirs, _ := figuresOf(t, y, x, node.StatisticsQuery{})
		c, err := x.Node.Compare(t.Context(), y.Name, fileOf(t, theirs))
		b.must(err)
		common := c.Ours.Figures
		theirs, _ = figuresOf(t, y, x, node.StatisticsQuery{AsOf: common.AsOf, Basis: &common.Basis})
		if c, err = x.Node.Compare(t.Context(), y.Name, fileOf(t, theirs)); err != nil || !c.SameBasis {
			t.Fatalf("by what both have: %+v, %v", c, err)
		}
		switch same := slices.Equal(c.Ours.Known.Receipts, theirs.Known.Receipts); {
		case c.Equal:
			equal++
		case same:
			t.Errorf("seed %d: by the same receipts they differ: %+v", seed, c.Differ)
		default:
			lacking++
		}
	}
	if equal == 0 {
		t.Errorf("none of them is equal, %d lack receipts", lacking)
	}
	t.Logf("%d equal, %d lack receipts", equal, lacking)
}
