package verdict

import (
	"strings"
	"testing"

	"verbale/record"
)

// A lodged is a bundle with one appeal of aa to bb that the relay holds.
type lodgedFile struct {
	*file
	appeal *entry
	cp     string
}

func newLodged(t *testing.T) *lodgedFile {
	t.Helper()
	w := newWorld(t)
	l := &lodgedFile{file: w.newFile(aa, bb, rr, cc)}
	l.appeal = w.write(aa, bb, appealFields(clock("09:00")))
	cp := w.head(l.appeal.box, clock("09:01"))
	l.cp = string(cp.Note)
	l.show(l.appeal, l.note(w.received(cp, rr, clock("10:00"))), "*")
	return l
}

// named writes designations into a register and shows these fields of them.
func (l *lodgedFile) named(register *box, shown []string, acts ...record.Fields) {
	l.t.Helper()
	var entries []*entry
	for _, f := range acts {
		entries = append(entries, l.writeInto(l.ringOf(register.origin), register, f))
	}
	n := l.stamped(register, clock("09:50"))
	for _, e := range entries {
		l.show(e, n, shown...)
	}
}

func (l *lodgedFile) found() RecordFinding {
	l.t.Helper()
	for _, r := range l.judge(&l.b).Records {
		if r.Act == "appeal" {
			return r
		}
	}
	l.t.Fatal("the appeal is gone")
	return RecordFinding{}
}

func TestLodged(t *testing.T) {
	all := []string{"*"}
	inForce, ended := "in-force", "ended"
	for name, c := range map[string]struct {
		build func(l *lodgedFile)
		state State
	}{
		"designated":        {func(l *lodgedFile) { l.named(l.registerOf(bb), all, l.designation(rr, inForce, clock("09:30"))) }, Lodged},
		"by nobody":         {func(l *lodgedFile) {}, Sent},
		"by its author":     {func(l *lodgedFile) { l.named(l.registerOf(aa), all, l.designation(rr, inForce, clock("09:30"))) }, Sent},
		"by a third party":  {func(l *lodgedFile) { l.named(l.registerOf(cc), all, l.designation(rr, inForce, clock("09:30"))) }, Sent},
		"another relay":     {func(l *lodgedFile) { l.named(l.registerOf(bb), all, l.designation(cc, inForce, clock("09:30"))) }, Sent},
		"not in a register": {func(l *lodgedFile) { l.named(l.box(bb, aa), all, l.designation(rr, inForce, clock("09:30"))) }, Sent},
		"designated later":  {func(l *lodgedFile) { l.named(l.registerOf(bb), all, l.designation(rr, inForce, clock("10:30"))) }, Sent},
		"ended before": {func(l *lodgedFile) {
			l.named(l.registerOf(bb), all, l.designation(rr, inForce, clock("09:10")), l.designation(rr, ended, clock("09:30")))
		}, Sent},
		"ended after": {func(l *lodgedFile) {
			l.named(l.registerOf(bb), all, l.designation(rr, inForce, clock("09:10")), l.designation(rr, ended, clock("10:30")))
		}, Lodged},
		"ended, and taken up": {func(l *lodgedFile) {
			l.named(l.registerOf(bb), all, l.designation(rr, ended, clock("09:10")), l.designation(rr, inForce, clock("09:30")))
		}, Lodged},
		"another ended": {func(l *lodgedFile) {
			l.named(l.registerOf(bb), all, l.designation(rr, inForce, clock("09:10")), l.designation(cc, ended, clock("09:30")))
		}, Lodged},
		"the state is not shown": {func(l *lodgedFile) {
			l.named(l.registerOf(bb), []string{"act", "role", "party", "fingerprint", "released_at"}, l.designation(rr, inForce, clock("09:30")))
		}, Sent},
		"the time is not shown": {func(l *lodgedFile) {
			l.named(l.registerOf(bb), []string{"act", "role", "party", "fingerprint", "state"}, l.designation(rr, inForce, clock("09:30")))
		}, Sent},
		"the fingerprint is not shown": {func(l *lodgedFile) {
			l.named(l.registerOf(bb), []string{"act", "role", "party", "state", "released_at"}, l.designation(rr, inForce, clock("09:30")))
		}, Sent},
		"a later one hides its state": {func(l *lodgedFile) {
			l.named(l.registerOf(bb), all, l.designation(rr, inForce, clock("09:10")))
			l.named(l.registerOf(bb), []string{"act", "party"}, l.designation(rr, ended, clock("09:30")))
		}, Sent},
		"other keys of that name": {func(l *lodgedFile) {
			f := l.designation(rr, inForce, clock("09:30"))
			f.SetText("fingerprint", b64u([32]byte{1}))
			l.named(l.registerOf(bb), all, f)
		}, Sent},
		"received as well": {func(l *lodgedFile) {
			l.named(l.registerOf(bb), all, l.designation(rr, inForce, clock("09:30")))
			l.note(l.cp + l.lines(l.cp, bb, clock("11:00")))
		}, Received},
	} {
		l := newLodged(t)
		c.build(l)
		r := l.found()
		if r.State != c.state || len(r.Lodged) != 1 || r.Lodged[0].By != rr || !r.Lodged[0].At.Equal(clock("10:00")) {
			t.Errorf("%s: %s, %+v", name, r.State, r.Lodged)
		}
		if c.state == Sent && r.Lodged[0].Designated {
			t.Errorf("%s: designated", name)
		}
		text := flat(l.judge(&l.b).Text())
		for state, sentence := range english().state {
			sentence = fill(sentence, "author", aa, "audience", bb)
			if strings.Contains(text, sentence) != (state == c.state) {
				t.Errorf("%s: the text says %s wrongly", name, state)
			}
		}
	}
}

// The words of the three states are never used for one another.
func TestLodgedIsNotReceived(t *testing.T) {
	l := newLodged(t)
	l.named(l.registerOf(bb), []string{"*"}, l.designation(rr, "in-force", clock("09:30")))
	v := l.judge(&l.b)
	for _, r := range v.Records {
		if r.Received != nil || r.Act == "appeal" && r.NotReceived != NoReceiptLines {
			t.Errorf("a relay's receipt is taken for the audience's: %+v", r)
		}
	}
	if v.Cases[0].Received != nil || len(v.Cases[0].Lodged) != 1 {
		t.Errorf("the case: %+v", v.Cases[0])
	}
	for _, lang := range Languages() {
		text := flat(inLanguage(t, v, lang))
		if !strings.Contains(text, fill(lexiconOf(lang).caseNoReceipt, "to", bb)) || !strings.Contains(text, fill(lexiconOf(lang).designated, "by", rr, "audience", bb)) {
			t.Errorf("%s: not said that it is lodged and not received", lang)
		}
	}
}

// Of several receipts of a relay the first counts, unless it had not been
// designated then.
func TestFirstLodging(t *testing.T) {
	l := newLodged(t)
	l.note(l.cp + l.lines(l.cp, rr, clock("12:00")))
	if r := l.found(); !r.Lodged[0].At.Equal(clock("10:00")) {
		t.Errorf("got %+v", r.Lodged)
	}
	l.named(l.registerOf(bb), []string{"*"}, l.designation(rr, "in-force", clock("11:00")))
	if r := l.found(); !r.Lodged[0].At.Equal(clock("12:00")) || r.State != Lodged {
		t.Errorf("got %+v", r.Lodged)
	}
}

// The holder's own register dates its receipt, beside its own clock.
func TestDatedReceipt(t *testing.T) {
	l := newLodged(t)
	head, err := headOf(l.cp)
	l.check(err)
	if l.found().Lodged[0].Dated != nil {
		t.Error("dated by nothing")
	}
	l.dating(l.registerOf(aa), clock("10:00"), head, both(clock("10:01"))...)
	if l.found().Lodged[0].Dated != nil {
		t.Error("dated by the register of another")
	}
	l.dating(l.registerOf(rr), clock("10:01"), head, both(clock("10:02"))...)
	if d := l.found().Lodged[0].Dated; d == nil || !d.To.Equal(clock("10:02")) {
		t.Errorf("got %+v", d)
	}
	if !strings.Contains(flat(l.judge(&l.b).Text()), rr+"’s own register named the head") {
		t.Error("the text does not say so")
	}
}
