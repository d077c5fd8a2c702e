package testbed

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"verbale/internal/exchange"
	"verbale/internal/node"
)

// Whoever files while the node closes hears at once whether the record stands; what stands is all that was confirmed.
func TestCloseDuringFiling(t *testing.T) {
	_, x, y := two(t)
	var mu sync.Mutex
	refs := map[int64]bool{}
	begun := make(chan struct{}, 64)
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			for {
				filed, err := x.Node.File(context.Background(), y.Name, x.Draft("mitigate"), "")
				if err != nil {
					if kindOf(err) != node.Closed {
						t.Error(err)
					}
					return
				}
				mu.Lock()
				refs[filed.Ref.Index] = true
				mu.Unlock()
				select {
				case begun <- struct{}{}:
				default:
				}
			}
		})
	}
	for range 20 {
		<-begun
	}
	var closing sync.WaitGroup
	for range 3 {
		closing.Go(x.Node.Close)
	}
	closing.Wait()
	wg.Wait()
	x.Stop()
	x.Restart()
	if n := len(x.Cases(y)); n != len(refs) {
		t.Errorf("%d records stand, %d were confirmed", n, len(refs))
	}
}

// Run ends with its context, whatever its peers do, and leaves nothing running.
func TestRunEndsWithItsContext(t *testing.T) {
	bed, x, y := two(t)
	for _, pair := range [][2]*Party{{x, y}, {y, x}} { // both servers have answered: all of their goroutines are there
		if _, err := pair[0].Node.Pull(t.Context(), pair[1].Name); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := x.Node.FeedSearch(t.Context()); err != nil { // it is open from its first use until the node is closed
		t.Fatal(err)
	}
	before := linkStatus(t, x).LastAttempt
	ignore := goleak.IgnoreCurrent()
	called := make(chan struct{}, 16)
	bed.Faults = func(_, _ string, p exchange.Peer) exchange.Peer { return silent{p, called} }
	x.Appeal(y, "mitigate")
	ctx, cancel := context.WithCancel(t.Context())
	ran := make(chan error)
	go func() { ran <- x.Node.Run(ctx) }()
	<-called
	cancel()
	if err := <-ran; err != nil {
		t.Error(err)
	}
	if s := linkStatus(t, x); s.LastAttempt != before || s.Held != "" {
		t.Errorf("a call that was called off says of the peer %q, %q", s.LastAttempt, s.Held)
	}
	if err := x.Node.Run(ctx); err != nil {
		t.Errorf("with a context that has ended: %v", err)
	}
	x.hangUp() // what stays open for the next call is no call
	goleak.VerifyNone(t, ignore)
}

// silent never answers.
type silent struct {
	exchange.Peer
	called chan struct{}
}

func (s silent) Push(ctx context.Context, _ *exchange.Batch) ([]byte, error) {
	s.called <- struct{}{}
	<-ctx.Done()
	return nil, ctx.Err()
}

// A push with nothing to send reaches nobody, and says nothing of the peer.
func TestIdlePushTellsNothingOfThePeer(t *testing.T) {
	bed, x, y := two(t)
	bed.Faults = func(_, _ string, p exchange.Peer) exchange.Peer {
		return liar{Peer: p, pull: func(string, int64) (*exchange.Batch, error) { return nil, errors.New("no route") }}
	}
	if _, err := x.Node.Pull(t.Context(), y.Name); kindOf(err) != node.Offline {
		t.Fatal(err)
	}
	failed := linkStatus(t, x).LastAttempt
	x.Push(y)
	if s := linkStatus(t, x); s.LastAttempt != failed || failed == "reached" {
		t.Errorf("the peer was not reached (%s), yet the link says %q", failed, s.LastAttempt)
	}
}

// Pages of cases, put one after the other, are the whole list.
func TestPagesOfCases(t *testing.T) {
	_, x, y := two(t)
	for i := range 23 {
		x.Appeal(y, []string{"mitigate", "clarify"}[i%2])
	}
	ping(t, x, y, 4)
	for _, q := range []node.CaseQuery{{}, {Party: y.Name}, {Act: "ping"}, {Except: "ping"}, {Turn: y.Name}, {Turn: x.Name}, {Theirs: true}, {Is: "sent"}, {Party: "nobody.example"}} {
		whole, err := x.Node.Cases(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		var paged []node.CaseLine
		q.Limit = 5
		for {
			page, err := x.Node.Cases(t.Context(), q)
			if err != nil {
				t.Fatal(err)
			}
			paged = append(paged, page...)
			if len(page) < q.Limit {
				break
			}
			q.After = page[len(page)-1].ID
		}
		same := func(a, b node.CaseLine) bool { return a.ID == b.ID && a.View.Case.Key == b.View.Case.Key }
		if !slices.EqualFunc(paged, whole, same) {
			t.Errorf("%+v: %d cases in pages, %d at once", q, len(paged), len(whole))
		}
	}
}
