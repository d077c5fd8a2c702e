package docket

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"verbale/record"
)

const (
	outAB = partyA + "/to/" + partyB + "/1"
	outBA = partyB + "/to/" + partyA + "/1"
)

// palette is one entry of each sort that a book may hold.
func palette(tb testing.TB) []Entry {
	h := read(tb, "A:appeal(mitigate) A:appeal(clarify) A:ping A:ack A:unknown A:appeal(takedown)")
	return append(h.entries, Entry{Fault: FaultUndecryptable})
}

// half is what one side's book says of one outbox: the run of the month, how many it has a receipt for, and the sort of each record.
type half struct {
	from, next, held int64
	sorts            []int // of the palette, by serial number
}

func (h half) count(tb testing.TB, direction string, p []Entry) *Count {
	c := NewCount(direction)
	for s := h.from; s < h.next; s++ {
		c.Add(p[h.sorts[s]])
	}
	return c
}

// side is a party's books.
type side struct {
	sent, received half
	unreceipted    []int64
}

func (s side) book(tb testing.TB, p []Entry, own, their string) Book {
	t := Tally{Period: "2021-06", TakenAt: morning, Sent: Span{own, s.sent.from, s.sent.next}, Received: Span{their, s.received.from, s.received.next},
		Unreceipted: s.unreceipted}
	return NewBook(t, s.sent.count(tb, DirSent, p), s.received.count(tb, DirReceived, p), s.sent.held, s.received.held)
}

func drawHalf(t *rapid.T, sorts []int) half {
	n := int64(len(sorts))
	h := half{sorts: slices.Clone(sorts)}
	h.held = rapid.Int64Range(0, n).Draw(t, "held")
	h.next = rapid.Int64Range(0, h.held).Draw(t, "next")
	h.from = rapid.Int64Range(0, h.next).Draw(t, "from")
	return h
}

// drawOther draws what the other side has of the same outbox: the same more often than not.
func drawOther(t *rapid.T, h half, sorts int) half {
	if rapid.IntRange(0, 3).Draw(t, "differs") == 0 {
		return drawHalf(t, h.sorts)
	}
	h.sorts = slices.Clone(h.sorts)
	if len(h.sorts) > 0 && rapid.IntRange(0, 3).Draw(t, "reads otherwise") == 0 {
		h.sorts[rapid.IntRange(0, len(h.sorts)-1).Draw(t, "which")] = rapid.IntRange(0, sorts-1).Draw(t, "as")
	}
	return h
}

func drawSides(t *rapid.T, sorts int) (a, b side) {
	one := rapid.SliceOfN(rapid.IntRange(0, sorts-1), 0, 9)
	a.sent, a.received = drawHalf(t, one.Draw(t, "A to B")), drawHalf(t, one.Draw(t, "B to A"))
	b.received, b.sent = drawOther(t, a.sent, sorts), drawOther(t, a.received, sorts)
	for s := a.sent.held; s < int64(len(a.sent.sorts)); s++ {
		if rapid.IntRange(0, 4).Draw(t, "released in the month") == 0 {
			a.unreceipted = append(a.unreceipted, s)
		}
	}
	return a, b
}

// equal tells, the long way round, whether B's books of the month are A's.
func equal(p []Entry, a, b side) bool {
	same := func(x, y half) bool {
		bag := func(h half) (out []string) {
			for s := h.from; s < h.next; s++ {
				e := sortOf(DirSent, p[h.sorts[s]])
				out = append(out, fmt.Sprint(e))
			}
			slices.Sort(out)
			return out
		}
		run := x.from == y.from && x.next == y.next || x.from == x.next && y.from == y.next
		return run && slices.Equal(bag(x), bag(y))
	}
	return same(a.sent, b.received) && same(a.received, b.sent) && len(a.unreceipted) == 0
}

// Two sides agree exactly when their books are equal; what is named differs, and every serial number that one of them alone counts is named.
func TestAgreementIsEquality(t *testing.T) {
	p := palette(t)
	rapid.Check(t, func(rt *rapid.T) {
		a, b := drawSides(rt, len(p))
		ours := b.book(t, p, outBA, outAB)
		said := ours.Answer(TallyOf(a.book(t, p, outAB, outBA).Draft()))
		if said.Agrees != equal(p, a, b) {
			rt.Fatalf("agrees %t, books equal %t: %+v", said.Agrees, equal(p, a, b), said)
		}
		if !said.Agrees && len(said.Differences) == 0 {
			rt.Fatalf("the books differ and no serial number is named")
		}
		named := map[string]string{}
		for _, d := range said.Differences {
			key := fmt.Sprint(d.Direction, d.Serial)
			if named[key] != "" {
				rt.Fatalf("%s %d is named twice", d.Direction, d.Serial)
			}
			named[key] = d.State
		}
		for direction, pair := range map[string][2]half{DirReceived: {a.sent, b.received}, DirSent: {a.received, b.sent}} {
			for s := range int64(len(pair[0].sorts)) {
				in := [2]bool{pair[0].from <= s && s < pair[0].next, pair[1].from <= s && s < pair[1].next}
				open := direction == DirReceived && slices.Contains(a.unreceipted, s)
				state := named[fmt.Sprint(direction, s)]
				if (in[0] != in[1] || open) && state == "" {
					rt.Fatalf("%s %d differs and is not named: %+v", direction, s, said)
				}
				if in[0] == in[1] && !open && state != "" && state != OtherKind {
					rt.Fatalf("%s %d is called %s and does not differ", direction, s, state)
				}
			}
		}
	})
}

// Each state in one small case. A is who filed the tally, B who answers.
func TestStatesOfDifferences(t *testing.T) {
	p := palette(t)
	mitigate, clarify, unreadable := 0, 1, 6
	run := func(from, next, held int64, sorts ...int) half { return half{from, next, held, sorts} }
	for name, c := range map[string]struct {
		a, b side
		want string
	}{
		"equal":                       {side{sent: run(0, 2, 2, mitigate, clarify)}, side{received: run(0, 2, 2, mitigate, clarify)}, "agrees"},
		"both empty":                  {side{}, side{}, "agrees"},
		"both empty, elsewhere":       {side{sent: run(1, 1, 1, mitigate)}, side{received: run(0, 0, 1, mitigate)}, "agrees"},
		"two sent, none received":     {side{sent: run(0, 0, 0, mitigate, clarify), unreceipted: []int64{0, 1}}, side{}, "received 0 not-received, received 1 not-received"},
		"received after the month":    {side{sent: run(0, 0, 0, mitigate), unreceipted: []int64{0}}, side{received: run(0, 0, 1, mitigate)}, "received 0 not-received"},
		"the receipt was lost":        {side{sent: run(0, 0, 0, mitigate), unreceipted: []int64{0}}, side{received: run(0, 1, 1, mitigate)}, "received 0 no-receipt"},
		"counted and never received":  {side{sent: run(0, 1, 1, mitigate)}, side{}, "received 0 not-received"},
		"in another month":            {side{sent: run(0, 2, 2, mitigate, clarify)}, side{received: run(0, 1, 2, mitigate, clarify)}, "received 1 other-period"},
		"ours without a receipt":      {side{received: run(0, 2, 2, mitigate, clarify)}, side{sent: run(0, 1, 1, mitigate, clarify)}, "sent 1 no-receipt"},
		"ours, and they do not count": {side{received: run(0, 0, 0, mitigate)}, side{sent: run(0, 1, 1, mitigate)}, "sent 0 other-period"},
		"not read here":               {side{sent: run(0, 3, 3, mitigate, mitigate, clarify)}, side{received: run(0, 3, 3, mitigate, unreadable, clarify)}, "received 1 other-kind"},
		"both ways":                   {side{sent: run(0, 1, 1, mitigate), received: run(0, 1, 1, mitigate)}, side{}, "received 0 not-received, sent 0 no-receipt"},
	} {
		said := c.b.book(t, p, outBA, outAB).Answer(c.a.book(t, p, outAB, outBA).Tally)
		var words []string
		for _, d := range said.Differences {
			words = append(words, fmt.Sprintf("%s %d %s", d.Direction, d.Serial, d.State))
		}
		if said.Agrees {
			words = append(words, "agrees")
		}
		if got := strings.Join(words, ", "); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

// What another side may write to harm: runs without end, counts that do not add up, other outboxes, a tally of another month.
func TestHostileTallies(t *testing.T) {
	p := palette(t)
	b := side{received: half{0, 3, 3, []int{0, 1, 2}}}
	ours := b.book(t, p, outBA, outAB)
	honest := side{sent: b.received}.book(t, p, outAB, outBA).Tally
	if !ours.Answer(honest).Agrees {
		t.Fatal("the honest one does not agree")
	}
	for name, c := range map[string]struct {
		change func(*Tally)
		most   int
	}{
		"a run without end":    {func(t *Tally) { t.Sent.Next = record.MaxIndex }, record.MaxList},
		"two runs without end": {func(t *Tally) { t.Sent.Next, t.Received.Next = record.MaxIndex, record.MaxIndex }, record.MaxList},
		"a row too many": {func(t *Tally) {
			t.Rows = append(slices.Clone(t.Rows), Row{Act: "appeal", Kind: "takedown", Class: "test", Direction: DirSent, Count: 7})
		}, 0},
		"rows of an empty run elsewhere": {func(t *Tally) {
			t.Received.From, t.Received.Next = 9, 9
			t.Rows = append(slices.Clone(t.Rows), Row{Act: "ping", Class: "test", Direction: DirReceived, Count: 1})
		}, 0},
		"a row of nothing": {func(t *Tally) {
			t.Rows = append(slices.Clone(t.Rows), Row{Act: "ping", Class: "test", Direction: DirReceived, Count: 1})
		}, 0},
		"no rows":         {func(t *Tally) { t.Rows = nil }, 3},
		"other outbox":    {func(t *Tally) { t.Sent.Outbox = outBA }, 0},
		"other month":     {func(t *Tally) { t.Period = "2021-07" }, 0},
		"open and not":    {func(t *Tally) { t.Unreceipted = []int64{1, 1, 9} }, 2},
		"open and beyond": {func(t *Tally) { t.Unreceipted = []int64{record.MaxIndex} }, 1},
	} {
		theirs := honest
		c.change(&theirs)
		said := ours.Answer(theirs)
		if said.Agrees || len(said.Differences) != c.most {
			t.Errorf("%s: agrees %t, %d differences, want %d", name, said.Agrees, len(said.Differences), c.most)
		}
		if err := checked(said.Draft(record.Ref{Outbox: outAB, Leaf: [32]byte{1}})); err != nil {
			t.Errorf("%s: the answer breaks the schema: %v", name, err)
		}
	}
}

// checked holds a draft against the schema.
func checked(f record.Fields) error {
	for name, value := range map[string]string{"class": "service", "channel": "technical", "released_by": "node", "language": "en", "tlp": "amber"} {
		f.SetText(name, value)
	}
	f.SetTime("drafted_at", morning)
	f.SetTime("released_at", morning)
	return f.Check()
}

// What is written as a record reads back as it was, and obeys the schema.
func TestTalliesAsRecords(t *testing.T) {
	p := palette(t)
	rapid.Check(t, func(rt *rapid.T) {
		a, b := drawSides(rt, len(p))
		book := a.book(t, p, outAB, outBA)
		f := book.Draft()
		if err := checked(f); err != nil {
			rt.Fatal(err)
		}
		if d := cmp.Diff(book.Tally, TallyOf(f)); d != "" {
			rt.Fatal(d)
		}
		said := b.book(t, p, outBA, outAB).Answer(book.Tally)
		g := said.Draft(record.Ref{Outbox: outAB, Index: 4, Leaf: [32]byte{1}})
		if err := checked(g); err != nil {
			rt.Fatal(err)
		}
		if d := cmp.Diff(said, AnswerOf(g)); d != "" {
			rt.Fatal(d)
		}
	})
}

// Rows beyond what a record takes are counted together, on both sides alike whatever came first.
func TestManySortsAreCountedTogether(t *testing.T) {
	h := &history{tb: t, rand: read(t, "A:ping").rand}
	var entries []Entry
	for i := range 300 {
		f := (&history{tb: t}).fieldsOf("x"+strings.Repeat("a", i/26%26)+string(rune('a'+i%26))+fmt.Sprint(i), "", record.Ref{Outbox: outAB, Leaf: [32]byte{1}})
		_, o := h.compose(outAB, f)
		entries = append(entries, Entry{Author: partyA, Audience: partyB, Opened: o})
	}
	span := Span{Outbox: outAB, Next: 300}
	count := func(direction string, e []Entry) *Count {
		c := NewCount(direction)
		for _, one := range e {
			c.Add(one)
		}
		return c
	}
	a := NewBook(Tally{Period: "2021-06", TakenAt: morning, Sent: span, Received: Span{Outbox: outBA}}, count(DirSent, entries), NewCount(DirReceived), 300, 0)
	b := NewBook(Tally{Period: "2021-06", TakenAt: morning, Received: span, Sent: Span{Outbox: outBA}}, NewCount(DirSent), count(DirReceived, entries), 0, 300)
	if len(a.Rows) != maxRows+1 || a.Rows[maxRows].Act != "other" || a.Rows[maxRows].Count != 300-maxRows {
		t.Errorf("%d rows, the last %+v", len(a.Rows), a.Rows[len(a.Rows)-1])
	}
	if err := checked(a.Draft()); err != nil {
		t.Error(err)
	}
	if said := b.Answer(a.Tally); !said.Agrees {
		t.Errorf("%+v", said.Differences)
	}
}

func TestMonths(t *testing.T) {
	from, next, ok := MonthAt("2021-12")
	if !ok || !from.Equal(time.Date(2021, 12, 1, 0, 0, 0, 0, time.UTC)) || !next.Equal(time.Date(2022, 1, 1, 0, 0, 0, 0, time.UTC)) || Month(next.Add(-time.Second)) != "2021-12" {
		t.Error(from, next, ok)
	}
	for _, bad := range []string{"", "2021", "2021-13", "2021-1", "2021-06-01", "21-06", "2021-06 "} {
		if _, _, ok := MonthAt(bad); ok {
			t.Errorf("%q is taken for a month", bad)
		}
	}
}
