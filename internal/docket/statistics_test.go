package docket

import (
	"bytes"
	"flag"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// A copied is a history as the two sides hold it: each has all of its own outbox, and of the other's what has arrived and was receipted.
type copied struct {
	*history
	held map[string]map[string]Held // by side and outbox
}

const (
	toB = partyA + "/to/" + partyB + "/1"
	toA = partyB + "/to/" + partyA + "/1"
)

// everybody gives a history of which all was receipted: the nth record by n hours after morning.
func everybody(h *history) *copied {
	c := &copied{history: h, held: map[string]map[string]Held{}}
	receipts := map[string][]Receipt{}
	for i, e := range h.entries {
		receipts[e.Ref.Outbox] = append(receipts[e.Ref.Outbox], Receipt{Size: e.Ref.Index + 1, At: morning.Add(time.Duration(i) * time.Hour)})
	}
	for _, side := range []string{partyA, partyB} {
		c.hold(side, toB, receipts[toB])
		c.hold(side, toA, receipts[toA])
	}
	return c
}

func (c *copied) hold(side, outbox string, receipts []Receipt) {
	if c.held[side] == nil {
		c.held[side] = map[string]Held{}
	}
	from, to := partyA, partyB
	if outbox == toA {
		from, to = to, from
	}
	c.held[side][outbox] = Held{Outbox: outbox, From: from, To: to, Receipts: receipts}
}

// cases is the docket of a side.
func (c *copied) cases(side string) map[string]Case {
	var entries []Entry
	for _, e := range c.as(side) {
		if e.Author == side || e.Ref.Index < c.held[side][e.Ref.Outbox].size() {
			entries = append(entries, e)
		}
	}
	return fold(entries)
}

// statistics counts what a side holds.
func (c *copied) statistics(side string, q Question) *Statistics {
	cases := c.cases(side)
	var unread []Serial
	for _, k := range cases {
		if at, is := k.UnreadAt(); is {
			unread = append(unread, at)
		}
	}
	var held []Held
	for _, h := range c.held[side] {
		held = append(held, h)
	}
	s := NewStatistics(q, held, unread)
	for _, k := range cases {
		if a, ok := s.Agreement(k); ok {
			i := slices.IndexFunc(c.entries, func(e Entry) bool { return e.Ref.Outbox == k.Open.Outbox && e.Ref.Index == k.Open.Index })
			s.Arrange(a, TermsOf(c.entries[i].Opened.Fields))
		}
	}
	for _, k := range cases {
		s.Add(k, time.Time{})
	}
	return s
}

func (c *copied) figures(side string, q Question) Figures {
	return c.statistics(side, q).Figures(side, map[string]string{partyA: partyB, partyB: partyA}[side])
}

func figureBytes(tb testing.TB, f Figures) []byte {
	tb.Helper()
	b, err := f.Marshal()
	must(tb, err)
	return b
}

// drawTrueLine draws any history at all in which nobody has another's leaf in an outbox of their own: no mirror takes it (O-1).
func drawTrueLine(t *rapid.T) string {
	words := strings.Fields(drawLine(t))
	for i, word := range words {
		var n int
		if _, err := fmt.Sscanf(word[2:], "again@%d", &n); err == nil && words[n-1][0] != word[0] {
			words[i] = word[:2] + "ping"
		} else if strings.Contains(word, "@") && word[2:7] != "again" && !strings.Contains(word, "!") && rapid.IntRange(0, 9).Draw(t, "lost") == 0 {
			words[i] += "!lost"
		}
	}
	return strings.Join(words, " ")
}

// drawCopies draws what arrived of either outbox, in which portions, when, and which of the last receipts came back.
func drawCopies(t *rapid.T, h *history) *copied {
	c := &copied{history: h, held: map[string]map[string]Held{}}
	sizes := map[string]int64{toB: h.sizes["A"], toA: h.sizes["B"]}
	for _, outbox := range []string{toB, toA} {
		author, reader := partyA, partyB
		if outbox == toA {
			author, reader = reader, author
		}
		var given []Receipt
		at := morning
		for size := int64(0); size < sizes[outbox] && rapid.IntRange(0, 7).Draw(t, "arrives") > 0; {
			size = min(size+rapid.Int64Range(1, 4).Draw(t, "entries"), sizes[outbox])
			at = at.Add(time.Duration(rapid.IntRange(-4, 30).Draw(t, "hours")) * time.Hour) // a clock may go back
			given = append(given, Receipt{size, at})
		}
		c.hold(reader, outbox, given)
		c.hold(author, outbox, given[:max(0, len(given)-rapid.IntRange(0, 2).Draw(t, "lost"))])
	}
	return c
}

// drawQuestion draws an instant, and perhaps a window.
func drawQuestion(t *rapid.T) Question {
	hours := func(most int, name string) time.Time {
		return morning.Add(time.Duration(rapid.IntRange(-2, most).Draw(t, name)) * time.Hour)
	}
	q := Question{AsOf: hours(160, "as of")}
	if rapid.Bool().Draw(t, "window") {
		q.From, q.To = hours(30, "from"), hours(90, "to")
	}
	return q
}

// checks sets how many cases rapid draws in a test.
func checks(t *testing.T, n int) {
	t.Helper()
	f := flag.Lookup("rapid.checks")
	was := f.Value.String()
	switch {
	case testing.Short():
		n /= 20
	case raceDetector: // it makes everything ten times as slow
		n /= 10
	}
	must(t, f.Value.Set(fmt.Sprint(n)))
	t.Cleanup(func() { must(t, f.Value.Set(was)) })
}

// The figures of either copy are the same bytes, for ten thousand histories of any kind at all: whatever arrived, whatever one side cannot
// read, whatever was agreed, by whichever clocks.
func TestStatisticsAreTheSameFromEitherCopy(t *testing.T) {
	checks(t, 10_000)
	rapid.Check(t, func(rt *rapid.T) {
		line := drawTrueLine(rt)
		c := drawCopies(rt, read(t, line))
		q := drawQuestion(rt)
		a, b := c.figures(partyA, q), c.figures(partyB, q)
		if !a.Basis.Same(b.Basis) {
			common := a.Basis.Common(b.Basis)
			if other := b.Basis.Common(a.Basis); !common.Same(other) {
				rt.Fatalf("%s: the common basis is %+v, and the other way round %+v", line, common, other)
			}
			q.Basis = &common
			a, b = c.figures(partyA, q), c.figures(partyB, q)
			if !a.Basis.Same(common) {
				rt.Fatalf("%s: asked for %+v, counted by %+v", line, common, a.Basis)
			}
		}
		if d := cmp.Diff(a, b); d != "" || !bytes.Equal(figureBytes(t, a), figureBytes(t, b)) {
			rt.Fatalf("%s\n%s", line, d)
		}
		addsUp(rt, a)
	})
}

// addsUp checks what must hold of any figures.
func addsUp(t *rapid.T, f Figures) {
	sums := map[statSort]int64{}
	for _, r := range f.Rows {
		sums[r.sort().total()] += r.Received
		if r.OneOf.Sum() != r.Received || r.Received == 0 {
			t.Fatalf("the groups of %+v are %d", r, r.OneOf.Sum())
		}
	}
	for _, r := range f.Totals {
		if sums[r.sort()] != r.Received || r.OneOf.Sum() != r.Received || r.sort() != r.sort().total() {
			t.Fatalf("%d in the rows of the total %+v", sums[r.sort()], r)
		}
		delete(sums, r.sort())
	}
	if len(sums) != 0 {
		t.Fatalf("rows without a total: %v", sums)
	}
}

// One more record changes the row of its appeal, and the total of that row, and no other.
func TestARecordChangesItsRow(t *testing.T) {
	checks(t, 1000)
	rapid.Check(t, func(rt *rapid.T) {
		line := strings.ReplaceAll(drawTrueLine(rt), "arrangement(2)", "ping") // to agree on other clocks may change every row
		q := Question{AsOf: morning.Add(200 * time.Hour)}
		before, after := figuresWithout(t, line, q), everybody(read(t, line)).figures(partyA, q)
		c := everybody(read(t, line))
		last := c.entries[len(c.entries)-1]
		touched := c.cases(partyA)[Key(last)].Open
		for _, list := range [][2][]StatRow{{before.Rows, after.Rows}, {before.Totals, after.Totals}} {
			for _, r := range differing(list[0], list[1]) {
				if touched == nil || r.from != touched.From || r.to != touched.To || r.class != touched.Class || r.kind != "" && (r.kind != touched.Kind || r.channel != touched.Channel) {
					rt.Fatalf("%s: the last record changes %+v; it belongs to %+v", line, r, touched)
				}
			}
		}
	})
}

// figuresWithout counts a history without its last record.
func figuresWithout(t *testing.T, line string, q Question) Figures {
	t.Helper()
	words := strings.Fields(line)
	return everybody(read(t, strings.Join(words[:len(words)-1], " "))).figures(partyA, q)
}

// differing gives what differs between two lists of rows.
func differing(a, b []StatRow) (sorts []statSort) {
	rows := map[statSort][2]StatRow{}
	for i, list := range [][]StatRow{a, b} {
		for _, r := range list {
			pair := rows[r.sort()]
			pair[i] = r
			rows[r.sort()] = pair
		}
	}
	for sort, pair := range rows {
		if !cmp.Equal(pair[0], pair[1]) {
			sorts = append(sorts, sort)
		}
	}
	return sorts
}

// What is beyond the basis is as if it had not been written: as of an instant, the figures are those of the records up to then.
func TestFiguresAsOfAnInstant(t *testing.T) {
	checks(t, 1000)
	rapid.Check(t, func(rt *rapid.T) {
		line := drawTrueLine(rt)
		words := strings.Fields(line)
		n := rapid.IntRange(1, len(words)).Draw(rt, "of them")
		q := Question{AsOf: morning.Add(time.Duration(n-1)*time.Hour + time.Minute)}
		whole, begun := everybody(read(t, line)), everybody(read(t, strings.Join(words[:n], " ")))
		if d := cmp.Diff(begun.figures(partyB, q), whole.figures(partyB, q)); d != "" {
			rt.Fatalf("%s, the first %d: %s", line, n, d)
		}
	})
}

// told is what is not 0 of a row, in a line.
func told(t *testing.T, f Figures) string {
	t.Helper()
	var out []string
	for _, r := range f.Totals {
		row := reflect.ValueOf(r)
		words := []string{letter(r.From) + " " + r.Class, fmt.Sprint(r.Received)}
		for _, part := range []reflect.Value{row.FieldByName("OneOf"), row.FieldByName("AnyOf")} {
			for i := range part.NumField() {
				if n := part.Field(i).Int(); n > 0 {
					words = append(words, part.Type().Field(i).Tag.Get("json"))
				}
			}
			words = append(words, "|")
		}
		if r.Public != r.Received {
			words = append(words, fmt.Sprintf("public %d", r.Public))
		}
		out = append(out, strings.TrimRight(strings.Join(words, " "), " |"))
	}
	return strings.Join(out, "; ")
}

// Where appeals stand. The nth record is received n-1 hours after morning; a mitigate is to be acknowledged in 4 hours and answered in 24.
func TestGroups(t *testing.T) {
	const always = 200 * time.Hour
	for _, c := range []struct {
		history string
		asOf    time.Duration
		want    string
	}{
		{"A:appeal(mitigate)", time.Hour, "A substantive 1 pending"},
		{"A:appeal(mitigate)", 5 * time.Hour, "A substantive 1 unacknowledged"},
		{"A:appeal(mitigate)", always, "A substantive 1 silent | late lapsed"},
		{"A:appeal(mitigate) B:ack", 5 * time.Hour, "A substantive 1 pending | acknowledged"},
		{"A:appeal(mitigate) B:ack", always, "A substantive 1 silent | acknowledged late lapsed"},
		{"A:appeal(mitigate) A:ping A:ping A:ping A:ping B:ack", 6 * time.Hour, "A substantive 1 pending | acknowledged acknowledged_late"},
		{"A:appeal(mitigate) B:progress", 5 * time.Hour, "A substantive 1 pending"},
		{"A:appeal(mitigate) B:progress", always, "A substantive 1 overdue | late lapsed"},
		{"A:appeal(mitigate) B:answer(interim)", always, "A substantive 1 overdue | interim late lapsed"},
		{"A:appeal(mitigate) B:accept(full)", always, "A substantive 1 overdue | accepted late lapsed"},
		{"A:appeal(mitigate) B:answer(final)", always, "A substantive 1 answered_in_time"},
		{"A:appeal(mitigate)" + strings.Repeat(" A:ping", 24) + " B:answer(final)", always, "A substantive 1 answered_late | late"},
		{"A:appeal(mitigate)" + strings.Repeat(" A:ping", 23) + " B:answer(final)", always, "A substantive 1 answered_in_time"},
		{"A:appeal(mitigate)" + strings.Repeat(" A:ping", 24) + " B:refuse(no-data)", always, "A substantive 1 refused | late"},
		{"A:appeal(mitigate) B:answer(final) A:close(partial)~2", always, "A substantive 1 answered_in_time | closed"},
		{"A:appeal(mitigate) B:answer(final) A:dispute~2", 4 * time.Hour, "A substantive 1 disputed | disputed_once"},
		{"A:appeal(mitigate) B:answer(final) A:dispute~2", always, "A substantive 1 disputed | disputed_once late"},
		{"A:appeal(mitigate) B:answer(final) A:dispute~2 B:answer(final)~3", always, "A substantive 1 answered_in_time | disputed_once"},
		{"A:appeal(mitigate) B:refuse(no-data)", always, "A substantive 1 refused"},
		{"A:appeal(mitigate) B:refuse(missing-field)", always, "A substantive 1 refused | inadmissible"},
		{"A:appeal(mitigate) B:refuse(undecryptable) A:close(satisfied)~2", always, "A substantive 1 refused | closed inadmissible"},
		{"A:appeal(mitigate) B:redirect(other)", always, "A substantive 1 redirected | inadmissible"},
		{"A:appeal(mitigate) B:redirect", 5 * time.Hour, "A substantive 1 pending"},
		{"A:appeal(mitigate) B:incomplete(law)", always, "A substantive 1 incomplete | found_incomplete inadmissible"},
		{"A:appeal(mitigate) B:incomplete(law) A:supplement~2", 5 * time.Hour, "A substantive 1 pending | found_incomplete"},
		{"A:appeal(mitigate) B:incomplete(law) A:supplement~2", always, "A substantive 1 overdue | found_incomplete late lapsed"},
		{"A:appeal(mitigate) B:accept(conditions)", always, "A substantive 1 conditions | accepted"},
		{"A:appeal(mitigate) B:accept(conditions) A:decline~2", always, "A substantive 1 overdue | accepted late lapsed"},
		{"A:appeal(mitigate) B:postpone", 48 * time.Hour, "A substantive 1 postponed"},
		{"A:appeal(mitigate) B:postpone", always, "A substantive 1 overdue | late lapsed"},
		{"A:appeal(mitigate)" + strings.Repeat(" A:ping", 24) + " B:incomplete(law)", 30 * time.Hour, "A substantive 1 incomplete | found_incomplete inadmissible late lapsed"},
		{"A:appeal(mitigate)" + strings.Repeat(" A:ping", 24) + " B:accept(conditions)", 30 * time.Hour, "A substantive 1 conditions | accepted late lapsed"},
		{"A:appeal(mitigate)" + strings.Repeat(" A:ping", 24) + " B:postpone", 30 * time.Hour, "A substantive 1 overdue | late lapsed"},
		{"A:appeal(mitigate)" + strings.Repeat(" A:ping", 24) + " B:postpone B:answer(final)", always, "A substantive 1 answered_late | late"},
		{"A:appeal(mitigate) B:answer(final) A:dispute~2 A:withdraw", always, "A substantive 1 answered_in_time | disputed_once"},
		{"A:appeal(mitigate) B:answer(final) A:dispute~2 B:progress~3 A:withdraw", always, "A substantive 1 withdrawn | disputed_once"},
		{"A:appeal(mitigate) B:answer(final) A:dispute~2 B:progress~3 A:close(satisfied)~2", always, "A substantive 1 answered_in_time | disputed_once closed"},
		{"A:appeal(mitigate) B:incomplete(law) A:supplement~2 B:again@2", 5 * time.Hour, "A substantive 1 pending | found_incomplete irregular"},
		{"A:appeal(mitigate) A:withdraw", always, "A substantive 1 withdrawn"},
		{"A:appeal(mitigate) A:withdraw B:answer(final)", always, "A substantive 1 answered_in_time"},
		{"A:appeal(mitigate) A:appeal(mitigate) A:supersede~2", always, "A substantive 2 superseded silent | late lapsed"},
		{"A:appeal(mitigate) A:escalate(political)", 5 * time.Hour, "A substantive 1 unacknowledged | escalated"},
		{"A:appeal(mitigate) B:withdraw", time.Hour + time.Minute, "A substantive 1 pending | irregular"},
		{"A:appeal(notice)", time.Hour, "A substantive 1 pending"},
		{"A:appeal(notice)", always, "A substantive 1 silent | late"},
		{"A:appeal(notice) B:ack", always, "A substantive 1 noted | acknowledged"},
		{"A:appeal(notice) B:progress", always, "A substantive 1 noted"},
		{"A:ping B:ack A:tally(2021-06) A:appeal(takedown) A:unreadable(mitigate) A:unknown", always, ""},
		{"A:appeal(mitigate) B:appeal(preserve) B:answer(final)", always, "A substantive 1 answered_in_time; B substantive 1 silent | late lapsed"},
	} {
		h := read(t, c.history)
		got := told(t, everybody(h).figures(partyB, Question{AsOf: morning.Add(c.asOf)}))
		if got != c.want {
			t.Errorf("%s, after %s:\n%s, want\n%s", c.history, c.asOf, got, c.want)
		}
	}
}

// Of an outbox that has too much that one side cannot read, what comes before it is counted, up to a receipt.
func TestTooMuchUnread(t *testing.T) {
	var unread []Serial
	for i := range int64(maxUnread + 10) {
		unread = append(unread, Serial{toB, 2 * i})
	}
	held := []Held{{Outbox: toB, From: partyA, To: partyB}, {Outbox: toA, From: partyB, To: partyA, Receipts: []Receipt{{5, morning}}}}
	for size := int64(9); size < 3*maxUnread; size += 9 {
		held[0].Receipts = append(held[0].Receipts, Receipt{size, morning})
	}
	g := groundOf(Question{AsOf: morning.Add(time.Hour)}, held, unread)
	last := int64(2*maxUnread) / 9 * 9
	if g.size(toB) != last || g.size(toA) != 5 || len(g.Unread) != int(last+1)/2 || len(g.unread) != len(g.Unread) {
		t.Errorf("%d and %d entries, %d unread, %d known; want %d and 5, %d", g.size(toB), g.size(toA), len(g.Unread), len(g.unread), last, (last+1)/2)
	}
	again := groundOf(Question{AsOf: morning.Add(time.Hour), Basis: &g.Basis}, held, nil)
	if !again.Same(g.Basis) {
		t.Errorf("by the same basis: %v", again.Heads)
	}
}
