package store_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"verbale/internal/docket"
	"verbale/internal/store"
)

// receiptedTo and lodgedTo are up to where the outbox of a.example to b.example is receipted, and lodged with a relay.
const receiptedTo, lodgedTo, writtenTo = 10, 20, 30

// withReceipts gives a store in memory that holds that outbox.
func withReceipts(t *testing.T) *store.Store {
	t.Helper()
	s, l := openMemory(t), newLog(t, "a.example", "b.example")
	id := create(t, s, l).ID
	for range writtenTo / 10 {
		st := l.grow(10, 10)
		appendStep(t, s, id, st)
		update(t, s, func(tx *store.Tx) error {
			switch st.cp.Size {
			case receiptedTo:
				return tx.SaveReceipt(id, countersign(t, newRing(t, "b.example"), st.cp, day))
			case lodgedTo:
				return tx.PutCosignature(id, store.Cosignature{Size: lodgedTo, Name: "relay.example", Lines: []byte("x\n"), Time: day})
			}
			return nil
		})
	}
	return s
}

// drawCase gives a case of any sort, on one of two links, and the link.
func drawCase(t *rapid.T) (string, docket.Case) {
	link := rapid.SampledFrom([]string{"b.example", "c.example"}).Draw(t, "link")
	n := rapid.IntRange(0, writtenTo-1).Draw(t, "index")
	c := appeal(0, rapid.SampledFrom([][]string{nil, nil, {"acknowledge"}, {"acknowledge", "answer"}, {"refuse"}, {"withdraw"}}).Draw(t, "moves")...)
	o := c.Open
	o.From, o.To = "a.example", link
	if rapid.Bool().Draw(t, "theirs") {
		o.From, o.To = link, "a.example"
	}
	o.Outbox, o.Index = o.From+"/to/"+o.To+"/1", int64(n)
	c.Key = fmt.Sprint(o.From, n)
	o.Act = rapid.SampledFrom([]string{"appeal", "appeal", "appeal", "ping", "tally", "suspend", "later-act", ""}).Draw(t, "act")
	o.Unknown = o.Act == "later-act"
	if o.Act == "appeal" {
		o.Kind = rapid.SampledFrom([]string{"clarify", "mitigate"}).Draw(t, "kind")
	} else {
		o.Kind, o.Subject = "", rapid.SampledFrom([]string{"", "duty"}).Draw(t, "subject")
	}
	o.Class = rapid.SampledFrom([]string{"test", "substantive"}).Draw(t, "class")
	if o.Act == "" || o.Unknown { // what is not read has no class
		o.Class = ""
	}
	o.Channel = rapid.SampledFrom([]string{"technical", "leader"}).Draw(t, "channel")
	o.TLP = rapid.SampledFrom([]string{"clear", "amber", "red"}).Draw(t, "tlp")
	o.AcknowledgeBy, o.ReplyBy = drawStamp(t), drawStamp(t)
	if rapid.IntRange(0, 9).Draw(t, "orphan") == 0 {
		c.Open = nil
	}
	return link, c
}

func drawStamp(t *rapid.T) string {
	n := rapid.IntRange(0, 5).Draw(t, "hour")
	if n == 0 {
		return ""
	}
	return stamp(day.Add(time.Duration(n) * time.Hour))
}

func drawFilter(t *rapid.T) (f store.Filter) {
	pick := func(name string, of ...string) string {
		return rapid.SampledFrom(append(of, slices.Repeat([]string{""}, 2*len(of))...)).Draw(t, name)
	}
	f = store.Filter{Link: pick("f.link", "b.example", "c.example", "d.example"), Act: pick("f.act", "appeal", "ping", "tally"), NotAct: pick("f.not", "appeal", "suspend"),
		Kind: pick("f.kind", "clarify"), Class: pick("f.class", "test"), Channel: pick("f.channel", "leader"), Appeals: rapid.IntRange(0, 3).Draw(t, "f.appeals") == 0,
		Opened: rapid.SampledFrom([]store.Side{store.Nobody, store.Nobody, store.Ours, store.Theirs}).Draw(t, "f.opened"),
		Turns:  rapid.SampledFrom([][]store.Side{nil, nil, {store.Ours}, {store.Theirs}, {store.Theirs, store.Ours}, {store.Nobody}, {store.Nobody, store.Ours}}).Draw(t, "f.turns"),
		TLPs:   rapid.SampledFrom([][]string{nil, nil, {"red"}, {"amber", "clear"}}).Draw(t, "f.tlps"),
		Links:  rapid.SampledFrom([][]string{nil, nil, nil, {"c.example"}, {"b.example", "d.example"}, {}}).Draw(t, "f.links"),
		Unread: rapid.IntRange(0, 7).Draw(t, "f.unread") == 0,
		Within: rapid.SampledFrom([][]docket.Span{nil, nil, nil, nil, {}, {{Outbox: "a.example/to/b.example/1", From: 3, Next: 12}},
			{{Outbox: "a.example/to/b.example/1", From: 8, Next: 9}, {Outbox: "b.example/to/a.example/1", From: 0, Next: 20}, {Outbox: "x", From: 0, Next: 99}}}).Draw(t, "f.within"),
		Status: docket.Status(pick("f.status", "sent", "lodged", "received", "acknowledged", "answered", "refused", "unknown", "orphan"))}
	if rapid.IntRange(0, 3).Draw(t, "f.late?") == 0 {
		f.LateBefore = day.Add(time.Duration(rapid.IntRange(0, 6).Draw(t, "f.late")) * time.Hour)
	}
	return f
}

// selects is f, told by the case alone.
func selects(f store.Filter, r store.CaseRow) bool {
	o := docket.Opening{}
	var m docket.Marks
	if r.Case.Open != nil {
		o = *r.Case.Open
		if o.Outbox == "a.example/to/b.example/1" && o.Index < receiptedTo {
			m.Received = day
		} else if o.Outbox == "a.example/to/b.example/1" && o.Index < lodgedTo {
			m.Lodged = day
		}
	}
	v := r.Case.View(m, docket.Terms{}, day)
	turn, opened := side(v.Turn, r.Link), side(o.From, r.Link)
	if i := r.Case.Index(); side(i.Turn, r.Link) != turn || !i.Due.Equal(v.By) {
		turn, v.By = side(i.Turn, r.Link), i.Due // what only the receipts tell
	}
	is := func(want, got string) bool { return want == "" || want == got }
	switch {
	case !is(f.Link, r.Link), !is(f.Act, o.Act), !is(f.Kind, o.Kind), !is(f.Class, o.Class), !is(f.Channel, o.Channel), !is(string(f.Status), string(v.Status)):
		return false
	case f.NotAct != "" && o.Act == f.NotAct, f.Opened != store.Nobody && opened != f.Opened, len(f.Turns) > 0 && !slices.Contains(f.Turns, turn):
		return false
	case f.Links != nil && !slices.Contains(f.Links, r.Link):
		return false
	case f.Unread && (o.Class != "" || o.Outbox == ""):
		return false
	case f.Within != nil && !slices.ContainsFunc(f.Within, func(s docket.Span) bool { return s.Outbox == o.Outbox && s.From <= o.Index && o.Index < s.Next }):
		return false
	case len(f.TLPs) > 0 && !slices.Contains(f.TLPs, o.TLP), f.Appeals && !r.Case.Appeals() && !r.Case.Check():
		return false
	}
	return f.LateBefore.IsZero() || turn != store.Nobody && !v.By.IsZero() && v.By.Before(f.LateBefore)
}

func side(party, link string) store.Side {
	return map[string]store.Side{"": store.Nobody, link: store.Theirs, "a.example": store.Ours}[party]
}

// Every filter, in either order and in pages of any length, lists what a look at all cases selects, and counts as many.
func TestFiltersAgreeWithAScan(t *testing.T) {
	s := withReceipts(t)
	rapid.Check(t, func(rt *rapid.T) {
		update(t, s, func(tx *store.Tx) error {
			for range rapid.IntRange(0, 5).Draw(rt, "cases") {
				link, c := drawCase(rt)
				if err := tx.PutCase(link, c); err != nil {
					return err
				}
			}
			return nil
		})
		f, limit := drawFilter(rt), rapid.IntRange(1, 7).Draw(rt, "limit")
		view(t, s, func(tx *store.Tx) error {
			all, err := tx.Cases("", 0, store.MaxCasesPage)
			if err != nil {
				return err
			}
			want := slices.DeleteFunc(slices.Clone(all), func(r store.CaseRow) bool { return !selects(f, r) })
			comparePages(rt, tx, f, store.Newest, limit, want)
			compareCount(rt, tx, f, want)
			want = slices.DeleteFunc(want, func(r store.CaseRow) bool { return r.Turn == store.Nobody })
			slices.SortFunc(want, func(a, b store.CaseRow) int {
				never := day.AddDate(1000, 0, 0)
				due := func(r store.CaseRow) time.Time {
					if r.Due.IsZero() {
						return never
					}
					return r.Due
				}
				return cmp.Or(due(a).Compare(due(b)), cmp.Compare(a.ID, b.ID))
			})
			comparePages(rt, tx, f, store.ByDue, limit, want)
			return nil
		})
	})
}

func comparePages(t *rapid.T, tx *store.Tx, f store.Filter, order store.Order, limit int, want []store.CaseRow) {
	var got, wanted []string
	for _, r := range want {
		wanted = append(wanted, fmt.Sprint(r.ID, r.Case.Key, r.Turn, r.Due))
	}
	for after := (store.Cursor{}); ; {
		rows, err := tx.CasesWhere(f, order, after, limit)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rows {
			got = append(got, fmt.Sprint(r.ID, r.Case.Key, r.Turn, r.Due))
			after = r.Cursor()
		}
		if len(rows) < limit {
			break
		}
	}
	if !slices.Equal(got, wanted) {
		t.Fatalf("order %d, filter %+v: got\n%s\nwant\n%s", order, f, strings.Join(got, "\n"), strings.Join(wanted, "\n"))
	}
}

func compareCount(t *rapid.T, tx *store.Tx, f store.Filter, want []store.CaseRow) {
	now := day.Add(time.Duration(rapid.IntRange(0, 6).Draw(t, "now")) * time.Hour)
	all, err := tx.CountCases(f, now)
	if err != nil || len(all) != 1 || all[0].N != int64(len(want)) {
		t.Fatalf("filter %+v: counted %+v, %v, want %d", f, all, err, len(want))
	}
	type counted struct{ n, late int64 }
	counts := map[store.CaseCount]counted{}
	for _, r := range want {
		i := r.Case.Index()
		sort := store.CaseCount{Link: r.Link, Opened: r.Opened, Turn: r.Turn, Status: i.Status, Act: i.Act, Kind: i.Kind, Class: i.Class, Channel: i.Channel}
		n := counts[sort]
		n.n++
		if !r.Due.IsZero() && r.Due.Before(now) {
			n.late++
		}
		counts[sort] = n
	}
	groups := []store.Group{store.GroupLink, store.GroupOpened, store.GroupTurn, store.GroupStatus, store.GroupAct, store.GroupKind, store.GroupClass, store.GroupChannel}
	all, err = tx.CountCases(f, now, groups...)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range all {
		n := counted{c.N, c.Late}
		c.N, c.Late = 0, 0
		if counts[c] != n {
			t.Fatalf("filter %+v: counted %v of %+v, want %v", f, n, c, counts[c])
		}
		delete(counts, c)
	}
	if len(counts) > 0 {
		t.Fatalf("filter %+v: not counted: %v", f, counts)
	}
}

func TestListsOfNothing(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		view(t, s, func(tx *store.Tx) error {
			for _, limit := range []int{-1, 0, 5} {
				for _, order := range []store.Order{store.Newest, store.ByDue} {
					if rows, err := tx.CasesWhere(store.Filter{}, order, store.Cursor{}, limit); err != nil || len(rows) > 0 {
						t.Error(rows, err)
					}
				}
			}
			if n, err := tx.CountCases(store.Filter{}, day, store.GroupLink); err != nil || len(n) > 0 {
				t.Error(n, err)
			}
			if n, err := tx.CountCases(store.Filter{}, day); err != nil || len(n) != 1 || n[0].N != 0 {
				t.Error(n, err)
			}
			return nil
		})
	})
}
