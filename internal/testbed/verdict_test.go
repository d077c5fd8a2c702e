package testbed

import (
	"testing"
	"time"

	"verbale/record"
	"verbale/seal"
	"verbale/verdict"
)

// judged proves a record from what a party holds, and judges it as somebody who believes these witnesses.
func judged(t *testing.T, p *Party, ref record.Ref, policy *seal.Policy) verdict.RecordFinding {
	t.Helper()
	v, _ := stranger(t, p, ref, policy)
	return recordFinding(t, v, ref)
}

// What real nodes hold of dates, an outsider concludes from the file of either side (B-13).
func TestDatesInAVerdict(t *testing.T) {
	b, x, y, _ := watched(t)
	first := x.Appeal(y, "mitigate")
	x.Push(y)
	early := b.Now()
	x.Date()
	y.Date()
	x.Follow(y)
	y.Follow(x)
	b.Later(2 * time.Hour)
	x.Date()
	y.Follow(x)
	last := b.Now()
	b.Later(time.Hour)
	second := x.Appeal(y, "clarify")
	x.Push(y)
	for _, p := range []*Party{x, y} {
		r := judged(t, p, first, x.Policy)
		if r.NotAfter == nil || !r.NotAfter.Vouched || !r.NotAfter.To.Equal(early) || r.State != verdict.Received || r.Backdated {
			t.Errorf("%s: the first one: %s, %+v", p.Name, r.State, r.NotAfter)
		}
		if r := judged(t, p, first, nil); r.NotAfter == nil || r.NotAfter.Vouched {
			t.Errorf("%s: without a policy: %+v", p.Name, r.NotAfter)
		}
		r = judged(t, p, second, x.Policy)
		if r.NotAfter != nil || r.NotBefore == nil || !r.NotBefore.Bound.Equal(last) || r.Backdated {
			t.Errorf("%s: the second one: not after %+v, not before %+v", p.Name, r.NotAfter, r.NotBefore)
		}
	}
}

// A record that says to be older than it can be is backdated, in the file of whoever it was sent to.
func TestBackdatedInAVerdict(t *testing.T) {
	b, x, y, _ := watched(t)
	x.Appeal(y, "mitigate")
	x.Push(y)
	b.Later(4 * time.Hour)
	x.Date()
	y.Follow(x)
	b.Later(time.Hour)
	x.SetClock(-3 * time.Hour)
	late := x.Appeal(y, "mitigate")
	x.Push(y)
	if r := judged(t, y, late, y.Policy); !r.Backdated || !r.NotBefore.Vouched {
		t.Errorf("released at %s, not before %+v", r.ReleasedAt, r.NotBefore)
	}
}
