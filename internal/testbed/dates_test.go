package testbed

import (
	"strings"
	"testing"
	"time"

	"verbale/internal/node"
	"verbale/record"
	"verbale/seal"
	"verbale/verdict"
)

// stranger judges what a party proves of a case, as somebody who believes these witnesses.
func stranger(t *testing.T, p *Party, ref record.Ref, policy *seal.Policy) (*verdict.Verdict, []byte) {
	t.Helper()
	raw, err := p.Node.Prove(t.Context(), node.ProveRequest{Outbox: ref.Outbox, Index: ref.Index, Disclose: node.DefaultDisclosure()})
	p.Bed.must(err)
	b, err := verdict.Parse(raw)
	p.Bed.must(err)
	v, err := verdict.Judge(b, &verdict.Trust{Policy: policy})
	p.Bed.must(err)
	return v, raw
}

// recordFinding is what a verdict says of one record.
func recordFinding(t *testing.T, v *verdict.Verdict, ref record.Ref) verdict.RecordFinding {
	t.Helper()
	var found []verdict.RecordFinding
	for _, r := range v.Records {
		if r.Outbox == ref.Outbox && r.Index == ref.Index {
			found = append(found, r)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%d findings of entry %d of %s among %d, want one", len(found), ref.Index, ref.Outbox, len(v.Records))
	}
	return found[0]
}

// within fails unless a date ends between these times, by witnesses that are believed.
func within(t *testing.T, what string, d *verdict.DatingFinding, from, to time.Time) {
	t.Helper()
	if d == nil {
		t.Errorf("%s: there is no date", what)
	} else if !d.Vouched || d.From.Before(from) || d.To.After(to) || d.To.Before(d.From) {
		t.Errorf("%s: from %v to %v, vouched %v; want within %v and %v", what, d.From, d.To, d.Vouched, from, to)
	}
}

// Both sides prove the same, each by itself: when the record stood there at the latest, and until when it did not.
func TestDatesInTheVerdict(t *testing.T) {
	b, x, y, _ := watched(t)
	first := x.Appeal(y, "mitigate")
	x.Push(y)
	x.Date()
	b.Later(time.Hour)
	x.Date()
	before := b.Now()
	b.Later(10 * time.Minute)
	ref := x.Appeal(y, "clarify")
	filed := b.Now()
	x.Push(y)
	b.Later(time.Minute)
	x.Date()
	y.Date()
	dated := b.Now()
	b.Later(24 * time.Hour) // later entries change nothing of it
	for range 3 {
		x.Appeal(y, "clarify")
		x.Push(y)
		x.Date()
	}
	y.Follow(x)
	x.Follow(y)
	for _, p := range []*Party{x, y} {
		v, raw := stranger(t, p, ref, x.Policy)
		r := recordFinding(t, v, ref)
		within(t, p.Name+" not after", r.NotAfter, filed, dated)
		within(t, p.Name+" not before", r.NotBefore, before, before)
		if r.NotBefore != nil && (!r.NotBefore.Bound.Equal(before) || r.NotBefore.HeadSize != 1) || r.Backdated || len(v.Clocks) != 0 || len(v.TakenBack) != 0 {
			t.Errorf("%s: %+v, %d clocks", p.Name, r.NotBefore, len(v.Clocks))
		}
		if r := recordFinding(t, v, ref); r.Received == nil {
			t.Errorf("%s: the receipt is gone", p.Name)
		}
		if len(raw) > 73<<10 {
			t.Errorf("%s: the bundle has %d bytes", p.Name, len(raw))
		}
		v, _ = stranger(t, p, first, x.Policy)
		if r := recordFinding(t, v, first); r.NotAfter == nil || r.NotBefore != nil {
			t.Errorf("%s: the first entry: %+v, %+v", p.Name, r.NotAfter, r.NotBefore)
		}
	}
}

// What dates can be left out; what is pending adds nothing.
func TestUndated(t *testing.T) {
	_, x, y, _ := watched(t)
	ref := x.Appeal(y, "mitigate")
	x.Push(y)
	x.Snapshot()
	q := node.ProveRequest{Outbox: ref.Outbox, Index: ref.Index}
	pending, err := x.Node.Prove(t.Context(), q)
	x.Bed.must(err)
	x.Bed.must(x.Node.Witness(t.Context()))
	dated, err := x.Node.Prove(t.Context(), q)
	x.Bed.must(err)
	q.Undated = true
	undated, err := x.Node.Prove(t.Context(), q)
	x.Bed.must(err)
	if string(pending) != string(undated) || strings.Contains(string(undated), "witness") || !strings.Contains(string(dated), "witness") {
		t.Errorf("pending %d bytes, undated %d, dated %d", len(pending), len(undated), len(dated))
	}
}

// Witnesses are away for a day. Everything goes on; what was filed meanwhile is dated when they are back, to the time when they were.
func TestWitnessesAwayForADay(t *testing.T) {
	b, x, y, w := watched(t)
	x.Appeal(y, "mitigate")
	x.Push(y)
	x.Date()
	last := b.Now()
	w[0].Stop()
	w[1].Stop()
	b.Later(30 * time.Minute)
	ref := x.Appeal(y, "clarify")
	filed := b.Now()
	x.Push(y)
	for range 24 {
		b.Later(time.Hour)
		x.Snapshot()
		if x.Node.Witness(t.Context()) == nil {
			t.Fatal("nobody says that two witnesses are away")
		}
		more := x.Appeal(y, "clarify")
		x.Push(y)
		y.Reply(x, more, "acknowledge", nil)
		y.Push(x)
	}
	v, _ := stranger(t, x, ref, x.Policy)
	if r := recordFinding(t, v, ref); r.NotAfter != nil || r.NotBefore == nil {
		t.Errorf("while they are away: %+v, %+v", r.NotAfter, r.NotBefore)
	}
	if s, err := x.Node.Register(t.Context()); err != nil || s.Pending == 0 || !s.PendingSince.After(filed) || s.Witnesses[2].Size < 20 || s.Witnesses[0].LastAttempt == "reached" {
		t.Errorf("%+v, %v", s, err)
	}
	w[0].Restart()
	w[1].Restart()
	back := b.Now()
	b.must(x.Node.Witness(t.Context()))
	if s, err := x.Node.Register(t.Context()); err != nil || s.Pending != 0 {
		t.Errorf("%+v, %v", s, err)
	}
	y.Follow(x)
	for _, p := range []*Party{x, y} {
		v, _ := stranger(t, p, ref, x.Policy)
		r := recordFinding(t, v, ref)
		within(t, p.Name, r.NotAfter, back, back)
		within(t, p.Name, r.NotBefore, last, last)
		if r.Backdated || len(v.Clocks) != 0 {
			t.Errorf("%s: backdated %v, clocks %+v", p.Name, r.Backdated, v.Clocks)
		}
	}
}

// One side's clock is a day ahead. The verdict names it, and nobody else's.
func TestClockOfADayAhead(t *testing.T) {
	b, x, y, _ := watched(t)
	y.SetClock(24 * time.Hour)
	ref := x.Appeal(y, "mitigate")
	x.Push(y)
	b.Later(time.Minute)
	x.Date()
	y.Date()
	x.Follow(y)
	y.Follow(x)
	for _, p := range []*Party{x, y} {
		v, _ := stranger(t, p, ref, x.Policy)
		said := map[verdict.ClockStatement]bool{}
		for _, c := range v.Clocks {
			said[c.Statement] = true
			if c.Party != y.Name || c.Seconds < 23*3600 || c.Seconds > 25*3600 || !c.Vouched {
				t.Errorf("%s: %+v", p.Name, c)
			}
		}
		if !said[verdict.ClockReceipt] || !said[verdict.ClockTaken] {
			t.Errorf("%s: only %v is named", p.Name, said)
		}
		if r := recordFinding(t, v, ref); r.Backdated || r.NotAfter == nil || !r.NotAfter.Vouched {
			t.Errorf("%s: %+v", p.Name, r)
		}
	}
}

// An appeal is filed in August with a date in July, when a head without it was dated: there is no place in July for it (G-9).
func TestBackdatedAppeal(t *testing.T) {
	b, x, y, _ := watched(t)
	honest := x.Appeal(y, "mitigate")
	x.Push(y)
	x.Date()
	y.Date()
	b.Later(20 * 24 * time.Hour)
	x.Date()
	july := b.Now()
	b.Later(5 * 24 * time.Hour)
	draft := x.Draft("clarify")
	for _, name := range []string{"drafted_at", "released_at"} {
		draft.SetTime(name, july.Add(-48*time.Hour))
	}
	draft.SetTime("acknowledge_by", b.Now().Add(time.Hour)) // a deadline that is over already would be refused
	draft.SetTime("reply_by", b.Now().Add(2*time.Hour))
	filed, err := x.Node.File(t.Context(), y.Name, draft, "")
	b.must(err)
	x.Push(y)
	b.Later(time.Minute)
	x.Date()
	y.Follow(x)
	for _, p := range []*Party{x, y} {
		v, _ := stranger(t, p, filed.Ref, x.Policy)
		r := recordFinding(t, v, filed.Ref)
		if !r.Backdated || r.NotBefore == nil || !r.NotBefore.Bound.Equal(july) || r.NotBefore.Entry == nil || r.NotBefore.Entry.Outbox != x.register().String() {
			t.Errorf("%s: backdated %v by %+v", p.Name, r.Backdated, r.NotBefore)
		}
		if v, _ := stranger(t, p, honest, x.Policy); recordFinding(t, v, honest).Backdated {
			t.Errorf("%s: the honest one is called backdated", p.Name)
		}
	}
}

// One witness of three never answers; the verdict is vouched for all the same. Of one that is left, it is not.
func TestVerdictByTwoOfThree(t *testing.T) {
	_, x, y, w := watched(t)
	w[1].Stop()
	defer w[1].Restart()
	ref := x.Appeal(y, "mitigate")
	x.Push(y)
	x.Snapshot()
	_ = x.Node.Witness(t.Context())
	y.Follow(x)
	for _, p := range []*Party{x, y} {
		v, raw := stranger(t, p, ref, x.Policy)
		if r := recordFinding(t, v, ref); r.NotAfter == nil || !r.NotAfter.Vouched || len(r.NotAfter.By) != 2 {
			t.Errorf("%s: %+v", p.Name, r.NotAfter)
		}
		b, err := verdict.Parse(raw)
		x.Bed.must(err)
		if v, err := verdict.Judge(b, nil); err != nil || recordFinding(t, v, ref).NotAfter == nil || recordFinding(t, v, ref).NotAfter.Vouched {
			t.Errorf("%s: nobody vouches: %v", p.Name, err)
		}
	}
}

// A record of a register is dated where it stands, by both sides.
func TestRegisterRecordsAreDated(t *testing.T) {
	b, x, y, _ := watched(t)
	x.Appeal(y, "mitigate")
	x.Push(y)
	b.must(x.Node.Witness(t.Context()))
	first := b.Now()
	b.Later(time.Hour)
	x.Date()
	y.Follow(x)
	profile := record.Ref{Outbox: x.register().String()}
	v, _ := stranger(t, x, profile, x.Policy)
	within(t, "its own", recordFinding(t, v, profile).NotAfter, first, first)
	v, _ = stranger(t, y, profile, x.Policy)
	within(t, "the peer's copy", recordFinding(t, v, profile).NotAfter, b.Now(), b.Now())
}
