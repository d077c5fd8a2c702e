package testbed

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"verbale/internal/docket"
	"verbale/internal/exchange"
	"verbale/internal/node"
	"verbale/record"
	"verbale/verdict"
)

// status finds the status of the case that ref opened, as p sees it.
func status(t *testing.T, p, with *Party, ref record.Ref) docket.Status {
	t.Helper()
	for _, l := range p.Cases(with) {
		if o := l.View.Case.Open; o != nil && o.Outbox == ref.Outbox && o.Index == ref.Index {
			return l.View.Status
		}
	}
	t.Fatalf("%s has no case for entry %d of %s", p.Name, ref.Index, ref.Outbox)
	return ""
}

func two(t *testing.T) (*Bed, *Party, *Party) {
	b := New(t)
	x, y := b.Party("aurelia.example"), b.Party("borea.example")
	b.Link(x, y)
	return b, x, y
}

func TestAppealAcknowledgedAndAnswered(t *testing.T) {
	h := Play(New(t), `
		x -> y mitigate #1
		x: #1 sent
		x push y
		x: #1 received
		y: #1 received
		+1h
		y ack #1
		y interim #1
		+1h
		y answer #1
		y push x
		x: #1 answered
	`)
	sameDockets(t, h.Party("x"), h.Party("y"))
}

// sameDockets compares what both sides have folded, byte for byte.
func sameDockets(t *testing.T, x, y *Party) {
	t.Helper()
	read := func(p, with *Party) (out []string) {
		for _, l := range p.Cases(with) {
			stored, err := l.View.Case.Marshal()
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, string(stored)+l.View.Received.String())
		}
		slices.Sort(out)
		return out
	}
	if a, b := read(x, y), read(y, x); !slices.Equal(a, b) {
		t.Errorf("the dockets of both sides differ:\n%v\n%v", a, b)
	}
}

func TestProofForAnOutsider(t *testing.T) {
	b, x, y := two(t)
	ref := x.Appeal(y, "mitigate")
	x.Push(y)
	b.Later(30 * time.Minute)
	y.Reply(x, ref, "acknowledge", nil)
	y.Push(x)
	raw, err := x.Node.Prove(t.Context(), node.ProveRequest{Outbox: ref.Outbox, Index: ref.Index, Disclose: []string{"kind", "targets[1]"}})
	if err != nil {
		t.Fatal(err)
	}
	bundle, err := verdict.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	v, err := verdict.Judge(bundle, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(v.Records) != 2 {
		t.Fatalf("%d records in the verdict, want the appeal and its acknowledgement", len(v.Records))
	}
	for _, r := range v.Records {
		if r.Received == nil {
			t.Errorf("entry %d of %s: no receipt in the verdict", r.Index, r.Outbox)
		}
	}
	t.Logf("bundle of %d bytes", len(raw))
}

func TestWrongMovesAreRefusedHere(t *testing.T) {
	Play(New(t), `
		x -> y clarify #1
		x push y
		x ack #1 !not-allowed
		y withdraw #1 !not-allowed
		y refuse #1 not-competent
		y answer #1 !not-allowed
		y push x
		x: #1 refused
	`)
}

func TestWithdrawCrossesAnswer(t *testing.T) {
	h := Play(New(t), `
		x -> y clarify #1
		x push y
		x withdraw #1
		y answer #1
		y push x
		x push y
		x: #1 answered
		y: #1 answered
	`)
	sameDockets(t, h.Party("x"), h.Party("y"))
}

func TestPingIsAcknowledgedByTheNode(t *testing.T) {
	Play(New(t), `
		x ping y #1
		x push y
		y push x
		x: #1 acknowledged
	`)
}

// lossy drops the reply of every push once: the receiver has stored, the sender does not know.
type lossy struct {
	exchange.Peer
	lost *int
}

func (l lossy) Push(ctx context.Context, b *exchange.Batch) ([]byte, error) {
	receipt, err := l.Peer.Push(ctx, b)
	if *l.lost++; *l.lost%2 == 1 {
		return nil, errors.New("the reply was lost")
	}
	return receipt, err
}

func TestLostReplyGivesTheSameReceipt(t *testing.T) {
	b, x, y := two(t)
	lost := 0
	b.Faults = func(_, _ string, p exchange.Peer) exchange.Peer { return lossy{p, &lost} }
	x.Appeal(y, "mitigate")
	if _, err := x.Node.Push(t.Context(), y.Name, nil); err == nil {
		t.Fatal("the reply should have been lost")
	}
	b.Later(time.Hour)
	x.Push(y)
	sameDockets(t, x, y) // the receipt's time is that of the first push
	if got := y.Cases(x)[0].View.Received; !got.Equal(b.Now().Add(-time.Hour)) {
		t.Errorf("received at %v", got)
	}
}

func TestPullCollectsWhatCouldNotBePushed(t *testing.T) {
	_, x, y := two(t)
	ref := x.Appeal(y, "indicators")
	if n, err := y.Node.Pull(t.Context(), x.Name); n != 1 || err != nil {
		t.Fatalf("pulled %d, %v", n, err)
	}
	if n, err := y.Node.Pull(t.Context(), x.Name); n != 0 || err != nil {
		t.Fatalf("pulled again %d, %v", n, err)
	}
	if got := status(t, x, y, ref); got != docket.Received {
		t.Errorf("the sender says %s after its peer returned the receipt", got)
	}
	sameDockets(t, x, y)
}

func TestFilingKeyIsIdempotent(t *testing.T) {
	_, x, y := two(t)
	first, err := x.Node.File(t.Context(), y.Name, x.Draft("mitigate"), "case-7")
	if err != nil {
		t.Fatal(err)
	}
	again, err := x.Node.File(t.Context(), y.Name, x.Draft("mitigate"), "case-7")
	if err != nil || !again.Again || again.Ref != first.Ref {
		t.Errorf("%+v, %v; want %+v again", again, err, first)
	}
}

func TestBacklogAfterAnOutage(t *testing.T) {
	_, x, y := two(t)
	y.Stop()
	for range 40 {
		x.Appeal(y, "mitigate")
	}
	if _, err := x.Node.Push(t.Context(), y.Name, nil); err == nil {
		t.Fatal("the peer is down; the push cannot have worked")
	}
	y.Restart()
	if n := x.Push(y); n != 40 {
		t.Errorf("%d receipted, want 40", n)
	}
	if n := x.Push(y); n != 0 {
		t.Errorf("%d receipted by an idle push", n)
	}
	sameDockets(t, x, y)
}
