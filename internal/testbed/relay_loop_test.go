package testbed

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"verbale/internal/docket"
	"verbale/internal/exchange"
	"verbale/internal/node"
)

// A teller says which call of whom has come back without an error.
type teller struct {
	exchange.Peer
	said func(call string)
}

func (p teller) tell(call string, err error) {
	if err == nil {
		p.said(call)
	}
}

func (p teller) Push(ctx context.Context, b *exchange.Batch) ([]byte, error) {
	receipt, err := p.Peer.Push(ctx, b)
	p.tell("push", err)
	return receipt, err
}

func (p teller) Pull(ctx context.Context, origin string, start int64) (*exchange.Batch, error) {
	b, err := p.Peer.Pull(ctx, origin, start)
	p.tell("pull", err)
	return b, err
}

func (p teller) Head(ctx context.Context, origin string) ([]byte, error) {
	note, err := p.Peer.Head(ctx, origin)
	p.tell("head", err)
	return note, err
}

func (p teller) Beat(ctx context.Context, notes [][]byte) ([][]byte, error) {
	theirs, err := p.Peer.Beat(ctx, notes)
	p.tell("beat", err)
	return theirs, err
}

func (p teller) Return(ctx context.Context, receipt []byte) error {
	err := p.Peer.Return(ctx, receipt)
	p.tell("return", err)
	return err
}

// The loops lodge by themselves when it is time, and collect when the addressee is back; nobody waits for longer than the calls take.
func TestLoopsLodgeAndCollect(t *testing.T) {
	b, x, y, r := withRelay(t, exchange.Load{})
	ref := x.Appeal(y, "mitigate")
	y.Stop()
	b.Later(node.LodgeAfter)
	events := make(chan string, 1000)
	b.Faults = func(from, to string, p exchange.Peer) exchange.Peer {
		if to != r.Name {
			return apart(x, y)(from, to, p)
		}
		return teller{p, func(call string) { events <- from + " " + call }}
	}
	run := func(p *Party) (stop func()) {
		ctx, cancel := context.WithCancel(t.Context())
		var done sync.WaitGroup
		done.Go(func() { _ = p.Node.Run(ctx) })
		return func() { cancel(); done.Wait() }
	}
	await := func(want string) {
		t.Helper()
		for {
			select {
			case got := <-events:
				if got == want {
					return
				}
			case <-t.Context().Done():
				t.Fatalf("%s never happened", want)
			}
		}
	}
	stop := run(x)
	await(x.Name + " push")
	await(x.Name + " beat")
	stop()
	if got := status(t, x, y, ref); got != docket.Lodged {
		t.Errorf("the sender says %s", got)
	}
	y.Restart()
	stop = run(y)
	await(y.Name + " return")
	stop()
	if got := status(t, y, x, ref); got != docket.Received {
		t.Errorf("the addressee says %s", got)
	}
	b.Later(time.Hour)
	stop = run(x)
	await(x.Name + " head")
	await(x.Name + " beat") // what it heard is stored
	stop()
	if got := status(t, x, y, ref); got != docket.Received {
		t.Errorf("the sender says %s", got)
	}
}

// Lodging one appeal is three calls, and hearing of its receipt two: a round costs no more than it must.
func TestLodgingTakesFewCalls(t *testing.T) {
	b, x, y, r := withRelay(t, exchange.Load{})
	x.Appeal(y, "mitigate")
	var calls []string
	b.Faults = func(from, to string, p exchange.Peer) exchange.Peer {
		if to != r.Name {
			return apart(x, y)(from, to, p)
		}
		return teller{p, func(call string) { calls = append(calls, call) }}
	}
	count := func(what string, do func(), want ...string) {
		t.Helper()
		calls = nil
		do()
		if !slices.Equal(calls, want) {
			t.Errorf("%s: %v, want %v", what, calls, want)
		}
	}
	count("lodging", func() { lodge(t, x, y) }, "push", "beat")
	count("nothing new", func() { lodge(t, x, y) }, "head", "beat")
	count("collecting", func() { collect(t, y) }, "beat", "pull", "return")
	count("nothing to collect", func() { collect(t, y) }, "beat")
	count("hearing", func() { lodge(t, x, y) }, "head", "beat")
}
