package testbed

import (
	"testing"
	"time"

	"verbale/internal/node"
	"verbale/record"
	"verbale/verdict"
)

// proves makes the bundle of a case and judges it.
func proves(t *testing.T, p *Party, ref record.Ref) (*verdict.Bundle, *verdict.Verdict) {
	t.Helper()
	raw, err := p.Node.Prove(t.Context(), node.ProveRequest{Outbox: ref.Outbox, Index: ref.Index, Disclose: []string{"*"}})
	if err != nil {
		t.Fatal(err)
	}
	return parsed(t, raw)
}

func parsed(t *testing.T, raw []byte) (*verdict.Bundle, *verdict.Verdict) {
	t.Helper()
	b, err := verdict.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	v, err := verdict.Judge(b, nil)
	if err != nil {
		t.Fatal(err)
	}
	return b, v
}

// found gives what the verdict says of a record.
func found(t *testing.T, v *verdict.Verdict, ref record.Ref) verdict.RecordFinding {
	t.Helper()
	for _, r := range v.Records {
		if r.Outbox == ref.Outbox && r.Index == ref.Index {
			return r
		}
	}
	t.Fatalf("the verdict has no entry %d of %s", ref.Index, ref.Outbox)
	return verdict.RecordFinding{}
}

// isLodged checks that a record is lodged with a relay since then, by its designation, and how far it has come.
func isLodged(t *testing.T, v *verdict.Verdict, ref record.Ref, r *Party, at time.Time, state verdict.State) {
	t.Helper()
	f := found(t, v, ref)
	if f.State != state || (f.Received != nil) != (state == verdict.Received) {
		t.Errorf("state %q, received %+v; want %q", f.State, f.Received, state)
	}
	if len(f.Lodged) != 1 || f.Lodged[0].By != r.Name || !f.Lodged[0].Designated || !f.Lodged[0].At.Equal(at) {
		t.Errorf("lodged %+v, want with %s since %s", f.Lodged, r.Name, at)
	}
}

// saidBy finds what the beats of a party over the outbox of a record come to.
func saidBy(t *testing.T, v *verdict.Verdict, ref record.Ref, by *Party) verdict.ChannelFinding {
	t.Helper()
	for _, c := range v.Channel {
		if c.Outbox == ref.Outbox && c.By == by.Name {
			return c
		}
	}
	t.Fatalf("the verdict has no beats of %s over %s", by.Name, ref.Outbox)
	return verdict.ChannelFinding{}
}

// together judges two files as one, of which neither says anything against anybody by itself.
func together(t *testing.T, first, second []byte) *verdict.Verdict {
	t.Helper()
	a, va := parsed(t, first)
	b, vb := parsed(t, second)
	if len(va.TakenBack)+len(vb.TakenBack) > 0 {
		t.Errorf("one file accuses by itself: %+v, %+v", va.TakenBack, vb.TakenBack)
	}
	v, err := verdict.Judge(verdict.Merge(a, b), nil)
	if err != nil {
		t.Fatal(err)
	}
	return v
}
