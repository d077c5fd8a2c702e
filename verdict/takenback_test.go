package verdict

import (
	"strings"
	"testing"
	"time"

	"verbale/seal"
)

// A shrinking is a bundle with three heads of the outbox of aa to bb.
type shrinking struct {
	*file
	sizes [4]seal.Checkpoint
}

func newShrinking(t *testing.T) *shrinking {
	t.Helper()
	return shrinkingOf(newWorld(t))
}

func shrinkingOf(w *world) *shrinking {
	w.t.Helper()
	s := &shrinking{file: w.newFile(aa, bb, rr)}
	for i := 1; i < len(s.sizes); i++ {
		e := w.write(aa, bb, pingFields(clock("08:00")))
		s.sizes[i] = w.head(e.box, clock("08:00").Add(time.Duration(i)*time.Minute))
	}
	return s
}

func (s *shrinking) receipt(by string, size int, at string) {
	s.t.Helper()
	s.note(string(s.sizes[size].Note) + s.lines(string(s.sizes[size].Note), by, clock(at)))
}

// heads of an entry, all of them shown.
func (s *shrinking) snapshot(by, at string, sizes ...int) {
	s.t.Helper()
	var heads []seal.Head
	shown := []string{"act", "taken_at"}
	for i, size := range sizes {
		heads = append(heads, s.sizes[size].Head)
		shown = append(shown, "heads["+itoa(i)+"]")
		s.note(string(s.sizes[size].Note))
	}
	e := s.heads(s.registerOf(by), clock(at), heads...)
	s.show(e, s.stamped(s.registerOf(by), clock(at)), shown...)
}

// contradicted is a bundle in which the relay hid an entry, the audience took a
// receipt back, the author denies what it signed, and clocks are off.
func (w *world) contradicted() *Bundle {
	w.t.Helper()
	s := shrinkingOf(w)
	s.receipt(rr, 3, "09:00")
	s.beat(rr, s.sizes[2].Head, clock("10:00"))
	s.receipt(bb, 3, "13:00")
	s.snapshot(bb, "13:30", 3, 2)
	s.beat(bb, s.sizes[2].Head, clock("13:31"))
	s.beat(aa, s.sizes[1].Head, clock("10:00"))
	e := s.heads(s.registerOf(bb), clock("11:10"), s.sizes[3].Head)
	s.show(e, s.stamped(s.registerOf(bb), clock("11:00"), stamp{w1, clock("10:00")}), "act", "taken_at", "heads[0]", "released_at")
	return &s.b
}

func TestTakenBack(t *testing.T) {
	for name, c := range map[string]struct {
		build           func(s *shrinking)
		by              string
		role            Role
		larger, smaller StatementKind
		sizes           [2]int64
	}{
		"a relay hid entries": {func(s *shrinking) {
			s.receipt(rr, 3, "09:00")
			s.beat(rr, s.sizes[2].Head, clock("10:00"))
		}, rr, Relay, SaidReceipt, SaidBeat, [2]int64{3, 2}},
		"a relay hid all": {func(s *shrinking) {
			s.receipt(rr, 3, "09:00")
			s.beat(rr, seal.Head{Origin: s.sizes[1].Origin, Root: s.emptyRoot()}, clock("10:00"))
		}, rr, Relay, SaidReceipt, SaidBeat, [2]int64{3, 0}},
		"a relay gave a smaller receipt": {func(s *shrinking) {
			s.receipt(rr, 3, "09:00")
			s.receipt(rr, 1, "10:00")
		}, rr, Relay, SaidReceipt, SaidReceipt, [2]int64{3, 1}},
		"the audience took a receipt back": {func(s *shrinking) {
			s.receipt(bb, 3, "09:00")
			s.beat(bb, s.sizes[2].Head, clock("10:00"))
		}, bb, Audience, SaidReceipt, SaidBeat, [2]int64{3, 2}},
		"in its register": {func(s *shrinking) {
			s.receipt(bb, 3, "09:00")
			s.snapshot(bb, "09:06", 2)
		}, bb, Audience, SaidReceipt, SaidHeads, [2]int64{3, 2}},
		"from its register": {func(s *shrinking) {
			s.snapshot(bb, "09:00", 3)
			s.beat(bb, s.sizes[2].Head, clock("09:01"))
		}, bb, Audience, SaidHeads, SaidBeat, [2]int64{3, 2}},
		"the author denies": {func(s *shrinking) {
			s.note(string(s.sizes[3].Note))
			s.beat(aa, s.sizes[2].Head, clock("09:00"))
		}, aa, Author, SaidCheckpoint, SaidBeat, [2]int64{3, 2}},
		"the first of several": {func(s *shrinking) {
			s.receipt(rr, 2, "09:00")
			s.receipt(rr, 3, "09:30")
			s.beat(rr, s.sizes[2].Head, clock("09:15"))
			s.beat(rr, s.sizes[1].Head, clock("09:20"))
			s.beat(rr, s.sizes[1].Head, clock("10:00"))
		}, rr, Relay, SaidReceipt, SaidBeat, [2]int64{2, 1}},

		// What cannot be concluded.
		"the smaller one came first": {func(s *shrinking) {
			s.receipt(rr, 3, "10:00")
			s.beat(rr, s.sizes[2].Head, clock("09:00"))
		}, "", "", "", "", [2]int64{}},
		"at the same second": {func(s *shrinking) {
			s.receipt(rr, 3, "09:00")
			s.beat(rr, s.sizes[2].Head, clock("09:00"))
		}, "", "", "", "", [2]int64{}},
		"of the same size": {func(s *shrinking) {
			s.receipt(rr, 3, "09:00")
			s.beat(rr, s.sizes[3].Head, clock("10:00"))
		}, "", "", "", "", [2]int64{}},
		"by another": {func(s *shrinking) {
			s.receipt(rr, 3, "09:00")
			s.beat(bb, s.sizes[2].Head, clock("10:00"))
		}, "", "", "", "", [2]int64{}},
		"beats alone": {func(s *shrinking) {
			s.beat(rr, s.sizes[3].Head, clock("09:00"))
			s.beat(rr, s.sizes[2].Head, clock("10:00"))
		}, "", "", "", "", [2]int64{}},
		"of another outbox": {func(s *shrinking) {
			s.receipt(rr, 3, "09:00")
			e := s.write(aa, rr, pingFields(morning))
			s.beat(rr, s.head(e.box, morning).Head, clock("10:00"))
		}, "", "", "", "", [2]int64{}},
		"a snapshot within a moment": {func(s *shrinking) {
			s.receipt(bb, 3, "09:00")
			s.snapshot(bb, "09:05", 2)
		}, "", "", "", "", [2]int64{}},
		"an older checkpoint": {func(s *shrinking) {
			s.beat(aa, s.sizes[3].Head, clock("07:00"))
			s.note(string(s.sizes[2].Note))
		}, "", "", "", "", [2]int64{}},
	} {
		s := newShrinking(t)
		c.build(s)
		v := s.judge(&s.b)
		if c.by == "" {
			if v.TakenBack != nil || strings.Contains(v.Text(), english().takenBackTitle) {
				t.Errorf("%s: %+v", name, v.TakenBack)
			}
			continue
		}
		if len(v.TakenBack) != 1 {
			t.Errorf("%s: %+v", name, v.TakenBack)
			continue
		}
		f := v.TakenBack[0]
		if f.By != c.by || f.Role != c.role || f.How != Smaller || f.Larger.Kind != c.larger || f.Smaller.Kind != c.smaller ||
			[2]int64{f.Larger.Size, f.Smaller.Size} != c.sizes || !f.Larger.Time.Before(f.Smaller.Time) {
			t.Errorf("%s: %+v", name, f)
		}
		for _, lang := range Languages() {
			if !strings.Contains(flat(inLanguage(t, v, lang)), fill(lexiconOf(lang).takenBack[c.role], "by", c.by, "outbox", f.Outbox)) {
				t.Errorf("%s, %s: not said", name, lang)
			}
		}
	}
}

func (w *world) emptyRoot() [32]byte {
	root, err := newBox(seal.Origin{}).tree.Root()
	w.check(err)
	return root
}

// One entry with two heads of one outbox (G-7).
func TestTwoHeads(t *testing.T) {
	s := newShrinking(t)
	s.snapshot(bb, "09:00", 3, 2)
	v := s.judge(&s.b)
	if len(v.TakenBack) != 1 || v.TakenBack[0].How != TwoHeads || v.TakenBack[0].Larger.Size != 3 || v.TakenBack[0].Smaller.Size != 2 {
		t.Fatalf("got %+v", v.TakenBack)
	}
	if !strings.Contains(flat(v.Text()), bb+" named two heads of the outbox") {
		t.Error("the text does not say so")
	}

	s = newShrinking(t)
	s.snapshot(bb, "09:00", 2)
	s.snapshot(bb, "09:30", 3)
	if v := s.judge(&s.b); v.TakenBack != nil {
		t.Errorf("two entries are one: %+v", v.TakenBack)
	}
}

// lodgedWith is what the author holds of the relay: its receipt.
func (w *world) lodgedWith() *Bundle {
	w.t.Helper()
	s := shrinkingOf(w)
	return &Bundle{Profiles: s.b.Profiles, Checkpoints: []string{string(s.sizes[3].Note) + s.lines(string(s.sizes[3].Note), rr, clock("09:00"))}}
}

// polled is what the audience holds of it: its answer to a poll.
func (w *world) polled() *Bundle {
	w.t.Helper()
	s := shrinkingOf(w)
	s.beat(rr, s.sizes[2].Head, clock("10:00"))
	return &Bundle{Profiles: s.b.Profiles[2:], Beats: s.b.Beats}
}

// Two files convict a relay that neither convicts alone.
func TestTwoFilesConvict(t *testing.T) {
	s := newWorld(t)
	one, two := s.lodgedWith(), newWorld(t).polled()
	for _, b := range []*Bundle{one, two} {
		if v := s.judge(b); v.TakenBack != nil {
			t.Errorf("one file alone: %+v", v.TakenBack)
		}
	}
	if v := s.judge(Merge(one, two)); len(v.TakenBack) != 1 || v.TakenBack[0].Role != Relay {
		t.Errorf("both together: %+v", v.TakenBack)
	}
}
