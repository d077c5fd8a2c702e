package verdict

import (
	"strings"
	"testing"
	"time"

	"verbale/record"
	"verbale/seal"
)

// A dated is a bundle with one appeal of aa to bb, entry 1 of 2, and room for
// datings.
type dated struct {
	*file
	appeal *entry
	one    seal.Checkpoint // the head before it
	two    seal.Checkpoint // the head with it
}

func newDated(t *testing.T) *dated { return datedAt(t, clock("09:00")) }

func datedAt(t *testing.T, released time.Time) *dated {
	t.Helper()
	w := newWorld(t)
	d := &dated{file: w.newFile(aa, bb, cc)}
	d.one = w.head(w.write(aa, bb, pingFields(clock("08:00"))).box, clock("08:01"))
	d.appeal = w.write(aa, bb, appealFields(released))
	d.two = w.head(d.appeal.box, clock("09:01"))
	d.show(d.appeal, d.note(string(d.two.Note)), "*")
	return d
}

// found is the finding of the appeal.
func (d *dated) found(trusted *Trust) RecordFinding {
	d.t.Helper()
	for _, r := range d.judge(&d.b, trusted).Records {
		if r.Leaf == b64u(d.appeal.opened.Record.LeafHash()) {
			return r
		}
	}
	d.t.Fatal("the appeal is gone")
	return RecordFinding{}
}

func TestNotAfter(t *testing.T) {
	for _, party := range []string{aa, bb, cc} {
		d := newDated(t)
		e := d.dating(d.registerOf(party), clock("09:03"), d.two.Head, both(clock("09:04"))...)
		r := d.found((&Trust{}).trusting(d.policy(2, w1, w2, w3)))
		got := r.NotAfter
		if got == nil || !got.Vouched || !got.From.Equal(clock("09:04")) || !got.To.Equal(clock("09:04").Add(20*time.Second)) ||
			got.Register != party+"/to/public/1" || got.Entry.Index != e.index || got.HeadSize != 2 || len(got.By) != 2 {
			t.Errorf("by the register of %s: %+v", party, got)
		}
		if r.NotBefore != nil || r.Backdated {
			t.Errorf("by the register of %s: not before %+v", party, r.NotBefore)
		}
		r = d.found(nil)
		if r.NotAfter == nil || r.NotAfter.Vouched || !r.NotAfter.To.Equal(clock("09:04")) {
			t.Errorf("without a policy: %+v", r.NotAfter)
		}
	}
}

// The earliest date counts, and a vouched one before an earlier one that is not.
func TestEarliestDate(t *testing.T) {
	d := newDated(t)
	d.dating(d.registerOf(bb), clock("09:30"), d.two.Head, stamp{w1, clock("09:31")})
	d.dating(d.registerOf(aa), clock("09:20"), d.two.Head, stamp{w1, clock("09:21")})
	d.dating(d.registerOf(cc), clock("09:10"), d.two.Head, stamp{w3, clock("09:11")})
	if got := d.found((&Trust{}).trusting(d.policy(1, w1, w2))).NotAfter; !got.To.Equal(clock("09:21")) || !got.Vouched {
		t.Errorf("got %+v", got)
	}
	if got := d.found(nil).NotAfter; !got.To.Equal(clock("09:11")) || got.Vouched {
		t.Errorf("got %+v", got)
	}
}

// A record that is shown under a second checkpoint for the sake of a date has
// one finding.
func TestShownForItsDate(t *testing.T) {
	d := newDated(t)
	d.write(aa, bb, pingFields(clock("09:02")))
	three := d.head(d.appeal.box, clock("09:02"))
	d.show(d.appeal, d.note(string(three.Note)))
	d.dating(d.registerOf(aa), clock("09:03"), three.Head, both(clock("09:04"))...)
	v := d.judge(&d.b)
	if len(v.Records) != 2 || d.found(nil).NotAfter == nil || d.found(nil).Checkpoint.Size != 2 || d.found(nil).NotAfter.HeadSize != 3 {
		t.Errorf("got %d records, %+v", len(v.Records), d.found(nil))
	}
	d.b.Records[0] = d.exhibit(d.appeal, 0, 2)
	if v := d.judge(&d.b); len(v.Records) != 2 || v.Records[0].Checkpoint.Size != 2 || v.Records[0].NotAfter == nil {
		t.Errorf("nothing is shown: %d records", len(v.Records))
	}
}

// What cannot be concluded: each of these bundles lacks one thing.
func TestNoDate(t *testing.T) {
	stamps := both(clock("09:04"))
	for name, c := range map[string]struct {
		most  int
		build func(d *dated)
	}{
		"no witness line": {1, func(d *dated) { d.dating(d.registerOf(aa), clock("09:03"), d.two.Head) }},
		"the head opened is the one before": {1, func(d *dated) {
			d.note(string(d.one.Note))
			d.dating(d.registerOf(aa), clock("09:03"), d.one.Head, stamps...)
		}},
		"the head opened is not in the bundle": {1, func(d *dated) {
			d.write(aa, bb, pingFields(clock("09:02")))
			d.dating(d.registerOf(aa), clock("09:03"), d.head(d.appeal.box, clock("09:02")).Head, stamps...)
		}},
		"the record is not shown under the head opened": {1, func(d *dated) {
			d.write(aa, bb, pingFields(clock("09:02")))
			three := d.head(d.appeal.box, clock("09:02"))
			d.note(string(three.Note))
			d.dating(d.registerOf(aa), clock("09:03"), three.Head, stamps...)
		}},
		"the element is not shown": {1, func(d *dated) {
			e := d.heads(d.registerOf(aa), clock("09:03"), d.two.Head)
			d.show(e, d.stamped(d.registerOf(aa), clock("09:03"), stamps...), "act", "taken_at", "heads[1]")
		}},
		"the act is not shown": {1, func(d *dated) {
			e := d.heads(d.registerOf(aa), clock("09:03"), d.two.Head)
			d.show(e, d.stamped(d.registerOf(aa), clock("09:03"), stamps...), "taken_at", "heads[0]")
		}},
		"the heads stand in an outbox of a link": {1, func(d *dated) {
			f := envelope("heads", clock("09:03"))
			f.SetTime("taken_at", clock("09:03"))
			f.SetTexts("heads", digestOf(d.two.Head))
			e := d.write(aa, cc, f)
			d.show(e, d.note(string(d.head(e.box, clock("09:03")).Note)), "*")
		}},
		"the checkpoint that is dated is smaller": {1, func(d *dated) {
			d.stamped(d.registerOf(aa), clock("09:02"), stamps...)
			e := d.heads(d.registerOf(aa), clock("09:03"), d.two.Head)
			d.show(e, d.stamped(d.registerOf(aa), clock("09:03")), "act", "taken_at", "heads[0]")
		}},
	} {
		d := newDated(t)
		c.build(d)
		r := d.found((&Trust{}).trusting(d.policy(c.most, w1, w2)))
		if r.NotAfter != nil || !strings.Contains(flat(d.judge(&d.b).Text()), english().pending) {
			t.Errorf("%s: dated %+v", name, r.NotAfter)
		}
	}
}

// A policy that is not met vouches for nothing.
func TestPolicyNotMet(t *testing.T) {
	d := newDated(t)
	d.dating(d.registerOf(aa), clock("09:03"), d.two.Head, stamp{w1, clock("09:04")})
	none, err := seal.ParsePolicy([]byte("quorum none\n"))
	d.check(err)
	for name, p := range map[string]*seal.Policy{"two of two": d.policy(2, w1, w2), "another": d.policy(1, w2), "none": none} {
		v := d.judge(&d.b, (&Trust{}).trusting(p))
		if got := v.Records[len(v.Records)-1].NotAfter; got != nil && got.Vouched {
			t.Errorf("%s: vouched", name)
		}
		if got := d.found((&Trust{}).trusting(p)).NotAfter; got == nil || got.Vouched || !got.To.Equal(clock("09:04")) {
			t.Errorf("%s: %+v", name, got)
		}
		if text := flat(v.Text()); strings.Contains(text, english().dateVouched) || !strings.Contains(text, english().dateNot) {
			t.Errorf("%s: the text vouches", name)
		}
	}
	v := d.judge(&d.b, (&Trust{}).trusting(d.policy(1, w1)))
	if !d.found((&Trust{}).trusting(d.policy(1, w1))).NotAfter.Vouched || !v.Witnesses[0].Vouched || v.Witnesses[1].Vouched {
		t.Errorf("one of one is not met, or vouches for too much: %+v", v.Witnesses)
	}
}

// A record in a register is dated directly.
func TestPublicDate(t *testing.T) {
	w := newWorld(t)
	f := w.newFile(aa, rr)
	e := w.write(aa, seal.Public, w.designation(rr, "in-force", clock("09:00")))
	f.show(e, f.stamped(e.box, clock("09:01"), both(clock("09:02"))...), "*")
	r := w.judge(&f.b, (&Trust{}).trusting(w.policy(1, w1, w2))).Records[0]
	if r.NotAfter == nil || r.NotAfter.Entry != nil || !r.NotAfter.To.Equal(clock("09:02")) || r.State != "" || r.NotReceived != NoAudience {
		t.Errorf("got %+v", r)
	}
}

// By its author's earlier statement a record was not there when it says.
func TestBackdated(t *testing.T) {
	for name, c := range map[string]struct {
		released, taken, stamped string
		size                     int
		register                 string
		notBefore                string
		backdated                bool
	}{
		"written back":               {"10:00", "12:00", "12:01", 1, aa, "12:00", true},
		"written after":              {"12:30", "12:00", "12:01", 1, aa, "12:00", false},
		"within a moment":            {"11:56", "12:00", "12:01", 1, aa, "12:00", false},
		"beyond a moment":            {"11:54", "12:00", "12:01", 1, aa, "12:00", true},
		"it was there":               {"10:00", "12:00", "12:01", 2, aa, "", false},
		"another said so":            {"10:00", "12:00", "12:01", 1, bb, "", false},
		"its clock was ahead":        {"10:00", "12:00", "09:50", 1, aa, "09:50", false},
		"its clock was not so ahead": {"10:00", "12:00", "11:50", 1, aa, "11:50", true},
		"no witness dated that":      {"10:00", "12:00", "", 1, aa, "", false},
	} {
		d := datedAt(t, clock(c.released))
		head := d.one.Head
		if c.size == 2 {
			head = d.two.Head
		}
		d.note(string(d.one.Note))
		var stamps []stamp
		if c.stamped != "" {
			stamps = []stamp{{w1, clock(c.stamped)}}
		}
		d.dating(d.registerOf(c.register), clock(c.taken), head, stamps...)
		r := d.found((&Trust{}).trusting(d.policy(1, w1)))
		if r.Backdated != c.backdated || (r.NotBefore == nil) != (c.notBefore == "") {
			t.Errorf("%s: backdated %v, not before %+v", name, r.Backdated, r.NotBefore)
		}
		if r.NotBefore != nil && (!r.NotBefore.Bound.Equal(clock(c.notBefore)) || !r.NotBefore.Vouched) {
			t.Errorf("%s: not before %+v", name, r.NotBefore)
		}
		for _, lang := range Languages() {
			if got := strings.Contains(flat(inLanguage(t, d.judge(&d.b), lang)), fill(lexiconOf(lang).backdated, "author", aa)); got != c.backdated {
				t.Errorf("%s, %s: the text says backdated: %v", name, lang, got)
			}
		}
	}
}

// The latest statement bounds; a hidden time accuses nobody.
func TestLatestBound(t *testing.T) {
	d := newDated(t)
	d.note(string(d.one.Note))
	d.dating(d.registerOf(aa), clock("08:10"), d.one.Head, both(clock("08:11"))...)
	d.dating(d.registerOf(aa), clock("08:40"), d.one.Head, both(clock("08:41"))...)
	d.dating(d.registerOf(aa), clock("08:20"), d.one.Head, both(clock("08:51"))...)
	d.dating(d.registerOf(aa), clock("09:10"), d.two.Head, both(clock("09:11"))...)
	r := d.found(nil)
	if r.NotBefore == nil || !r.NotBefore.Bound.Equal(clock("08:40")) || r.NotAfter == nil || !r.NotAfter.To.Equal(clock("09:11")) || r.Backdated {
		t.Errorf("got %+v, %+v", r.NotBefore, r.NotAfter)
	}

	d = datedAt(t, clock("06:00"))
	d.note(string(d.one.Note))
	d.dating(d.registerOf(aa), clock("08:10"), d.one.Head, both(clock("08:11"))...)
	if !d.found(nil).Backdated {
		t.Error("not backdated")
	}
	d.b.Records[0] = d.exhibit(d.appeal, 0, 2, "act", "kind")
	if d.found(nil).Backdated {
		t.Error("backdated, though its time is not shown")
	}
}

// Cases say what RECORDS say of dates.
func TestBackdatedInCases(t *testing.T) {
	w := newWorld(t)
	v := w.judge(w.timeline(), (&Trust{}).trusting(w.policy(2, w1, w2)))
	var late *CaseFinding
	for i := range v.Cases {
		if v.Cases[i].Backdated {
			late = &v.Cases[i]
		}
	}
	if late == nil || late.Index != 2 || v.Cases[0].NotAfter == nil {
		t.Fatalf("got %+v", v.Cases)
	}
	if !strings.Contains(flat(v.Text()), fill(english().caseBackdated, "from", aa, "records", english().records)) {
		t.Error("the text does not warn in the case")
	}
}

// The sentences of B-9 follow what was dated.
func TestNotProvedDates(t *testing.T) {
	d := newDated(t)
	has := func(v *Verdict, list []string) (n int) {
		for _, s := range list {
			if strings.Contains(strings.Join(v.NotProved, "\n"), s) {
				n++
			}
		}
		return n
	}
	l := english()
	if v := d.judge(&d.b); has(v, l.notProvedUndated) != 2 || has(v, l.notProvedDated) != 0 || strings.Contains(flat(v.Text()), flat(l.prefaceDated)) {
		t.Error("undated: other sentences")
	}
	d.dating(d.registerOf(aa), clock("09:03"), d.two.Head, both(clock("09:04"))...)
	if v := d.judge(&d.b); has(v, l.notProvedUndated) != 0 || has(v, l.notProvedDated) != 3 || !strings.Contains(flat(v.Text()), flat(l.prefaceDated)) {
		t.Error("dated: other sentences")
	}
}

func TestClocks(t *testing.T) {
	type want struct {
		statement ClockStatement
		party     string
		seconds   int64
	}
	for name, c := range map[string]struct {
		build func(d *dated)
		want  []want
	}{
		"all agree": {func(d *dated) {
			d.b.Checkpoints[0] += d.lines(d.b.Checkpoints[0], bb, clock("09:02"))
			d.dating(d.registerOf(aa), clock("09:03"), d.two.Head, both(clock("09:04"))...)
			d.dating(d.registerOf(bb), clock("09:03"), d.two.Head, both(clock("09:04"))...)
		}, nil},
		"released an hour before it is dated": {func(d *dated) {
			d.dating(d.registerOf(aa), clock("08:00").Add(-time.Second), d.two.Head, stamp{w1, clock("08:00")})
		}, nil},
		"released later than it is dated": {func(d *dated) {
			d.dating(d.registerOf(bb), clock("07:49"), d.two.Head, stamp{w1, clock("07:50")})
		}, []want{{ClockReleased, aa, 70 * 60}}},
		"heads taken later than they are dated": {func(d *dated) {
			e := d.heads(d.registerOf(bb), clock("11:04"), d.two.Head)
			d.show(e, d.stamped(d.registerOf(bb), clock("09:03"), stamp{w1, clock("09:04")}), "act", "taken_at", "heads[0]")
		}, []want{{ClockTaken, bb, 2 * 3600}}},
		"a register signed later than it is dated": {func(d *dated) {
			e := d.heads(d.registerOf(bb), clock("09:03"), d.two.Head)
			d.show(e, d.stamped(d.registerOf(bb), clock("11:04"), stamp{w1, clock("09:04")}), "act", "taken_at", "heads[0]")
		}, []want{{ClockCheckpoint, bb, 2 * 3600}}},
		"a receipt later than its register": {func(d *dated) {
			d.b.Checkpoints[0] += d.lines(d.b.Checkpoints[0], bb, clock("12:04"))
			d.dating(d.registerOf(bb), clock("09:03"), d.two.Head, stamp{w1, clock("09:04")})
		}, []want{{ClockReceipt, bb, 3 * 3600}}},
		"a receipt later than another's register": {func(d *dated) {
			d.b.Checkpoints[0] += d.lines(d.b.Checkpoints[0], bb, clock("12:04"))
			d.dating(d.registerOf(aa), clock("09:03"), d.two.Head, stamp{w1, clock("09:04")})
		}, nil},
		"a receipt older than the record": {func(d *dated) {
			d.b.Checkpoints[0] += d.lines(d.b.Checkpoints[0], bb, clock("06:00"))
			d.note(string(d.one.Note))
			d.dating(d.registerOf(aa), clock("08:30"), d.one.Head, stamp{w1, clock("08:31")})
		}, []want{{ClockEarly, bb, 150 * 60}}},
		"a receipt a little older than the record": {func(d *dated) {
			d.b.Checkpoints[0] += d.lines(d.b.Checkpoints[0], bb, clock("07:40"))
			d.note(string(d.one.Note))
			d.dating(d.registerOf(aa), clock("08:30"), d.one.Head, stamp{w1, clock("08:31")})
		}, nil},
	} {
		d := newDated(t)
		c.build(d)
		v := d.judge(&d.b)
		var got []want
		for _, f := range v.Clocks {
			got = append(got, want{f.Statement, f.Party, f.Seconds})
		}
		if len(got) != len(c.want) || len(got) > 0 && got[0] != c.want[0] {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
		if strings.Contains(v.Text(), english().clocksTitle) != (len(c.want) > 0) {
			t.Errorf("%s: the text says something else", name)
		}
	}
}

// Real sealing: the stored content is an age file to the author alone.
func TestSealedHeads(t *testing.T) {
	d := newDated(t)
	f := envelope("heads", clock("09:03"))
	f.SetTime("taken_at", clock("09:03"))
	f.SetTexts("heads", digestOf(d.one.Head), digestOf(d.two.Head))
	c, err := record.Compose(f, d.rand)
	d.check(err)
	stored, err := d.rings[aa].SealToSelf(c.Content())
	d.check(err)
	b := d.registerOf(aa)
	r, err := c.SignSealed(b.origin.String(), d.rings[aa].Keys().RecordKeyID(), stored, d.rings[aa].SignRecord)
	d.check(err)
	plain, err := d.rings[aa].Decrypt(stored)
	d.check(err)
	o, err := r.OpenSealed(plain)
	d.check(err)
	d.check(b.tree.Append(r.LeafHash()))
	e := &entry{box: b, index: b.tree.Size() - 1, opened: o}
	d.show(e, d.stamped(b, clock("09:03"), both(clock("09:04"))...), "act", "taken_at", "heads[1]")
	if got := d.found(nil); got.NotAfter == nil {
		t.Error("not dated by a sealed entry")
	}
}
