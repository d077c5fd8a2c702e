package docket

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"verbale/record"
)

// foldStanding folds entries into the standing of their link.
func foldStanding(entries []Entry) (s Standing) {
	for _, e := range entries {
		s = s.Apply(e)
	}
	return s
}

func marshalled(tb testing.TB, s Standing) []byte {
	tb.Helper()
	b, err := s.Marshal()
	must(tb, err)
	return b
}

// Who has suspended, and which months were tallied by whom, after a history.
func TestStandings(t *testing.T) {
	for _, c := range []struct{ history, want string }{
		{"A:appeal(mitigate) B:ack", ""},
		{"A:suspend", "A"},
		{"A:suspend B:ping A:resume", ""},
		{"A:suspend A:resume A:suspend", "A"},
		{"A:suspend B:suspend", "AB"},
		{"A:suspend B:suspend A:resume", "B"},
		{"A:resume", ""},
		{"A:suspend A:suspend A:resume", ""},
		{"A:suspend B:resume", "A"},
		{"A:unreadable(mitigate) A:unknown", ""},
		{"A:tally(2021-06) B:tally(2021-06) A:tally(2021-07)", "A2021-06@0 A2021-07@1 B2021-06@0"},
		{"A:tally(2021-06) A:tally(2021-06)", "A2021-06@1"},
		{"A:tally(2021-06) B:suspend A:ping", "B A2021-06@0"},
		{"A:directory", "A@0"},
		{"A:directory B:suspend A:ping A:directory B:directory", "B A@2 B@1"},
		{"A:directory B:refuse(undecryptable)", "A@0"},
	} {
		h := read(t, c.history)
		s := foldStanding(h.entries)
		got := ""
		for _, party := range []string{partyA, partyB} {
			if _, ok := s.Suspended(party); ok {
				got += letter(party)
			}
		}
		for _, n := range s.Tallies {
			got = strings.TrimSpace(got + fmt.Sprintf(" %s%s@%d", letter(n.By), n.Period, n.Index))
		}
		for _, p := range s.Directories {
			got = strings.TrimSpace(got + fmt.Sprintf(" %s@%d", letter(p.By), p.Index))
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.history, got, c.want)
		}
	}
}

// Any order of the records, and folding some again, gives the same bytes; they read back as they were.
func TestStandingHasNoOrder(t *testing.T) {
	words := []string{"A:suspend", "A:resume", "B:suspend", "B:resume", "A:tally(2021-06)", "A:tally(2021-07)", "B:tally(2021-06)", "A:ping", "B:unknown", "A:directory", "B:directory"}
	rapid.Check(t, func(rt *rapid.T) {
		h := read(t, strings.Join(rapid.SliceOfN(rapid.SampledFrom(words), 0, 12).Draw(rt, "records"), " "))
		want := marshalled(t, foldStanding(h.entries))
		other := slices.Concat(rapid.Permutation(h.entries).Draw(rt, "order"), h.entries)
		if got := marshalled(t, foldStanding(other)); !bytes.Equal(got, want) {
			rt.Fatalf("%s\n%s", got, want)
		}
		back, err := ParseStanding(want)
		must(t, err)
		if got := marshalled(t, back); !bytes.Equal(got, want) {
			rt.Fatalf("%s was read as %s", want, got)
		}
	})
}

// A party that tallies without end makes the standing no larger, and which months stay does not depend on the order.
func TestStandingForgetsTheOldest(t *testing.T) {
	var notices []TallyNotice
	for i := range 3 * MaxTallies {
		notices = append(notices, TallyNotice{By: partyA, Period: fmt.Sprintf("%d-%02d", 2000+i/12, 1+i%12), Outbox: outAB, Index: int64(i)})
	}
	other := TallyNotice{By: partyB, Period: "1999-01", Outbox: outBA}
	fold := func(list []TallyNotice) (s Standing) {
		for _, n := range append(list, other) {
			s = s.tallied(n)
		}
		return s
	}
	forwards := fold(slices.Clone(notices))
	slices.Reverse(notices)
	backwards := fold(slices.Clone(notices))
	if a, b := marshalled(t, forwards), marshalled(t, backwards); !bytes.Equal(a, b) {
		t.Errorf("%s\n%s", a, b)
	}
	if n := len(forwards.Month(partyB, "1999-01")); len(forwards.Tallies) != MaxTallies+1 || n != 1 {
		t.Errorf("%d tallies are kept, and %d of the other side", len(forwards.Tallies), n)
	}
}

// While a link is suspended, only what waits for somebody is stranded, and never a ping, a tally or the notice itself.
func TestStranded(t *testing.T) {
	for _, c := range []struct {
		history string
		want    bool
	}{
		{"A:appeal(mitigate)", false},
		{"A:appeal(mitigate) A:suspend", true},
		{"A:appeal(mitigate) B:suspend", true},
		{"A:appeal(mitigate) B:ack B:suspend A:suspend A:resume", true},
		{"A:appeal(mitigate) B:suspend B:resume", false},
		{"A:appeal(mitigate) B:answer(final) B:suspend", false},
		{"A:appeal(mitigate) A:withdraw B:suspend", false},
		{"A:appeal(takedown) B:suspend", true},
		{"A:unknown B:suspend", false},
		{"A:ping B:suspend", false},
		{"A:tally(2021-06) B:suspend", false},
		{"A:suspend", false},
	} {
		h := read(t, c.history)
		s, opened := foldStanding(h.entries), fold(h.entries)[Key(h.entries[0])]
		if got := s.Strands(opened.View(Marks{Received: morning}, Terms{}, morning)); got != c.want {
			t.Errorf("%s: stranded %t", c.history, got)
		}
	}
	h := read(t, "A:unreadable(mitigate) A:suspend")
	if v := fold(h.as(partyB))[Key(h.entries[0])].View(Marks{Received: morning}, Terms{}, morning); !foldStanding(h.as(partyB)).Strands(v) {
		t.Error("what B cannot read may be an appeal, and is not stranded")
	}
}

// Whoever has suspended writes nothing but its resume.
func TestStandingAllows(t *testing.T) {
	for _, c := range []struct{ before, next, rule string }{
		{"A:ping", "A:appeal(mitigate)", ""},
		{"A:ping", "A:resume", "A-6"},
		{"A:ping", "A:suspend", ""},
		{"A:suspend", "A:appeal(mitigate)", "A-6"},
		{"A:suspend", "A:tally(2021-06)", "A-6"},
		{"A:suspend", "A:suspend", "A-6"},
		{"A:suspend", "A:resume", ""},
		{"A:suspend", "B:appeal(mitigate)", ""},
		{"A:suspend", "B:resume", "A-6"},
		{"A:suspend", "B:suspend", ""},
		{"A:suspend A:resume", "A:appeal(mitigate)", ""},
	} {
		h := read(t, c.before+" "+c.next)
		last := len(h.entries) - 1
		rule := ""
		if err := foldStanding(h.entries[:last]).Allow(h.entries[last]); err != nil {
			rule = err.(*Refusal).Rule //nolint:errorlint // it is one
		}
		if rule != c.rule {
			t.Errorf("%s, then %s: refused by %q, want %q", c.before, c.next, rule, c.rule)
		}
	}
}

// What is known of a notice whose content was erased stays; of one that was not erased, nothing does.
func TestStandingKeepsWhatWasErased(t *testing.T) {
	h := read(t, "A:suspend B:tally(2021-06) A:ping A:directory B:directory")
	was := foldStanding(h.entries)
	erased := func(outbox string, index int64, _ string) bool { return outbox == outAB && (index == 0 || index == 2) }
	got := foldStanding(h.entries[2:3]).Keep(was, erased)
	if _, ok := got.Suspended(partyA); !ok || len(got.Tallies) != 0 || len(got.Directories) != 1 {
		t.Errorf("%+v", got)
	}
	later := read(t, "A:suspend A:resume")
	if _, ok := foldStanding(later.entries[1:]).Keep(was, erased).Suspended(partyA); ok {
		t.Error("an erased notice stands before a later resume")
	}
	if e := (Entry{Opened: &record.Opened{}}); e.Moves() {
		t.Error("a record without an act moves the standing")
	}
}

// Whatever is read as a standing is stored as it was read.
func FuzzParseStanding(f *testing.F) {
	for _, line := range []string{"A:suspend B:tally(2021-06)", "A:resume", "A:directory B:directory"} {
		b, err := foldStanding(read(f, line).entries).Marshal()
		must(f, err)
		f.Add(b)
	}
	f.Add([]byte("active"))
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := ParseStanding(b)
		if err != nil {
			return
		}
		again, err := ParseStanding(marshalled(t, s))
		must(t, err)
		if a, b := marshalled(t, s), marshalled(t, again); !bytes.Equal(a, b) {
			t.Errorf("%s is read as %s", a, b)
		}
	})
}
