package testbed

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"verbale/internal/exchange"
	"verbale/internal/node"
	"verbale/internal/store"
)

// liar answers in place of the peer, where it has an answer.
type liar struct {
	exchange.Peer
	push func(*exchange.Batch) ([]byte, error)
	pull func(origin string, start int64) (*exchange.Batch, error)
}

func (l liar) Push(ctx context.Context, b *exchange.Batch) ([]byte, error) {
	if l.push == nil {
		return l.Peer.Push(ctx, b)
	}
	return l.push(b)
}

func (l liar) Pull(ctx context.Context, origin string, start int64) (*exchange.Batch, error) {
	if l.pull == nil {
		return l.Peer.Pull(ctx, origin, start)
	}
	return l.pull(origin, start)
}

// patience is how many calls a test lets a liar answer: more is a loop.
const patience = 50

var errPatience = errors.New("the test lost patience: this is a loop")

func elsewhere(size int64, receipt []byte) error {
	p := exchange.Refuse(exchange.BehindOrAhead, "X-5", nil, "this end holds %d entries of that outbox: continue there", size)
	p.Size, p.Receipt = size, receipt
	return p
}

func linkStatus(t *testing.T, p *Party) node.LinkStatus {
	t.Helper()
	links, err := p.Node.Links(t.Context())
	if err != nil || len(links) != 1 {
		t.Fatalf("%d links, %v", len(links), err)
	}
	return links[0]
}

// A peer that names sizes without end, or claims what it shows no receipt for, ends the push; nothing counts as receipted.
func TestPeerThatLiesAboutItsSize(t *testing.T) {
	for name, size := range map[string]func(call int, b *exchange.Batch) int64{
		"alternates":            func(call int, _ *exchange.Batch) int64 { return int64(2 - call%2) },
		"wanders":               func(call int, b *exchange.Batch) int64 { return (b.Start + 1) % 3 },
		"claims all":            func(int, *exchange.Batch) int64 { return 3 },
		"claims some":           func(int, *exchange.Batch) int64 { return 1 },
		"claims more":           func(int, *exchange.Batch) int64 { return 1 << 39 },
		"less than none":        func(int, *exchange.Batch) int64 { return -1 },
		"what it has been sent": func(_ int, b *exchange.Batch) int64 { return b.Start },
	} {
		t.Run(name, func(t *testing.T) {
			bed, x, y := two(t)
			for range 3 {
				x.Appeal(y, "mitigate")
			}
			calls := 0
			bed.Faults = func(_, _ string, p exchange.Peer) exchange.Peer {
				return liar{Peer: p, push: func(b *exchange.Batch) ([]byte, error) {
					if calls++; calls > patience {
						return nil, errPatience
					}
					return nil, elsewhere(size(calls, b), nil)
				}}
			}
			sent, err := x.Node.Push(t.Context(), y.Name, nil)
			if err == nil || errors.Is(err, errPatience) || sent != 0 {
				t.Errorf("%d receipted, %v; want an end by our own judgement", sent, err)
			}
			bed.Faults = nil
			if s := linkStatus(t, x); s.Stopped != "" || s.Receipted != 0 {
				t.Errorf("stopped %q, receipted %d: a claim without our signature is no proof", s.Stopped, s.Receipted)
			}
			x.Push(y)
			sameDockets(t, x, y)
		})
	}
}

// A receipt answers the batch that was pushed, and no other; one for another outbox is no answer at all.
func TestReceiptForSomethingElse(t *testing.T) {
	bed, x, y := two(t)
	x.Appeal(y, "mitigate")
	var old []byte
	bed.Faults = func(_, _ string, p exchange.Peer) exchange.Peer {
		return meddler{Peer: p, receipt: func(r []byte) []byte { old = bytes.Clone(r); return r }}
	}
	x.Push(y)
	y.Appeal(x, "clarify")
	var foreign []byte
	bed.Faults = func(_, _ string, p exchange.Peer) exchange.Peer {
		return meddler{Peer: p, receipt: func(r []byte) []byte { foreign = bytes.Clone(r); return r }}
	}
	y.Push(x)
	x.Appeal(y, "mitigate")
	for name, answer := range map[string][]byte{"older": old, "of the other outbox": foreign, "garbage": []byte("\x00\n\n\n"), "nothing": nil} {
		bed.Faults = func(_, _ string, p exchange.Peer) exchange.Peer {
			return liar{Peer: p, push: func(*exchange.Batch) ([]byte, error) { return answer, nil }}
		}
		if sent, err := x.Node.Push(t.Context(), y.Name, nil); err == nil || sent != 0 {
			t.Errorf("%s: %d receipted, %v", name, sent, err)
		}
		if s := linkStatus(t, x); s.Receipted != 1 {
			t.Errorf("%s: %d receipted, want 1", name, s.Receipted)
		}
	}
	bed.Faults = nil
	x.Push(y)
	sameDockets(t, x, y)
}

// A peer that answers every pull with what is held already does not keep us for ever.
func TestPullIsNotLedInCircles(t *testing.T) {
	bed, x, y := two(t)
	x.Appeal(y, "mitigate")
	var first *exchange.Batch
	calls := 0
	bed.Faults = func(_, _ string, p exchange.Peer) exchange.Peer {
		return liar{Peer: p, pull: func(origin string, start int64) (*exchange.Batch, error) {
			if calls++; calls > patience {
				return nil, errPatience
			}
			if first != nil {
				return first, nil
			}
			var err error
			first, err = p.Pull(t.Context(), origin, start)
			return first, err
		}}
	}
	came, err := y.Node.Pull(t.Context(), x.Name)
	if came != 1 || exchange.KindOf(err) != exchange.Malformed {
		t.Errorf("%d came, %v; want one entry and a malformed answer", came, err)
	}
}

// While a batch is under way, staff file and the peer pulls: it then holds more than that batch, and all of it is ours.
func TestPeerThatPulledMeanwhileIsNotAhead(t *testing.T) {
	bed, x, y := two(t)
	x.Appeal(y, "mitigate")
	x.Appeal(y, "mitigate")
	raced := false
	bed.Faults = func(from, _ string, p exchange.Peer) exchange.Peer {
		if from != x.Name {
			return p
		}
		return liar{Peer: p, push: func(b *exchange.Batch) ([]byte, error) {
			if !raced {
				raced = true
				x.Appeal(y, "mitigate")
				if _, err := y.Node.Pull(t.Context(), x.Name); err != nil {
					t.Error(err)
				}
			}
			b.Entries = b.Entries[:1] // an earlier head, over which no receipt was given
			b.Note = noteAt(t, x, y, 1)
			return p.Push(t.Context(), b)
		}}
	}
	if _, err := x.Node.Push(t.Context(), y.Name, nil); err != nil {
		t.Error(err)
	}
	if s := linkStatus(t, x); s.Stopped != "" || s.Receipted != 3 {
		t.Errorf("receipted %d, stopped: %q", s.Receipted, s.Stopped)
	}
	sameDockets(t, x, y)
}

func noteAt(t *testing.T, x, y *Party, size int64) (note []byte) {
	t.Helper()
	err := x.Store.View(t.Context(), func(tx *store.Tx) error {
		row, err := tx.Outbox(x.Name + "/to/" + y.Name + "/1")
		if err != nil {
			return err
		}
		at, err := tx.Checkpoint(row.ID, size)
		note = at.Note
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return note
}

// A refusal that shows us a head which is in our log proves nothing: the link is held for its operator, the outbox goes on.
func TestFalseForkDoesNotStopTheOutbox(t *testing.T) {
	bed, x, y := two(t)
	x.Appeal(y, "mitigate")
	x.Push(y)
	x.Appeal(y, "mitigate")
	for _, kind := range []exchange.Kind{exchange.ForkFound, exchange.BadRoot} {
		bed.Faults = func(_, _ string, p exchange.Peer) exchange.Peer {
			return liar{Peer: p, push: func(b *exchange.Batch) ([]byte, error) {
				r := exchange.Refuse(kind, "O-6", nil, "two different heads")
				r.Ours, r.Theirs = noteAt(t, x, y, 1), b.Note
				return nil, r
			}}
		}
		if _, err := x.Node.Push(t.Context(), y.Name, nil); exchange.KindOf(err) != kind {
			t.Errorf("%s: %v", kind, err)
		}
		s := linkStatus(t, x)
		if s.Stopped != "" || s.Evidence != 0 || s.Held == "" {
			t.Errorf("%s: stopped %q, evidence %d, held %q", kind, s.Stopped, s.Evidence, s.Held)
		}
	}
	bed.Faults = nil
	x.Push(y)
	sameDockets(t, x, y)
}

// A pull that works does not undo what holds the pushes, and one that fails does not hold them.
func TestOnlyAnOperatorReleasesAHold(t *testing.T) {
	bed, x, y := two(t)
	x.Appeal(y, "mitigate")
	bed.Faults = func(from, _ string, p exchange.Peer) exchange.Peer {
		if from == y.Name {
			return liar{Peer: p, pull: func(string, int64) (*exchange.Batch, error) {
				return nil, exchange.Refuse(exchange.NotYours, "X-2", nil, "not yours")
			}}
		}
		return liar{Peer: p, push: func(*exchange.Batch) ([]byte, error) {
			return nil, exchange.Refuse(exchange.BadLeaf, "X-3", nil, "entry 0 is not a record")
		}}
	}
	if _, err := x.Node.Push(t.Context(), y.Name, nil); exchange.KindOf(err) != exchange.BadLeaf {
		t.Fatal(err)
	}
	if _, err := x.Node.Pull(t.Context(), y.Name); err != nil {
		t.Fatal(err)
	}
	if s := linkStatus(t, x); s.Held == "" {
		t.Error("a pull released the link")
	}
	if err := x.Node.Retry(y.Name); err != nil {
		t.Fatal(err)
	}
	if s := linkStatus(t, x); s.Held != "" {
		t.Errorf("the operator has looked, yet: %s", s.Held)
	}
	if _, err := y.Node.Pull(t.Context(), x.Name); exchange.KindOf(err) != exchange.NotYours {
		t.Fatal(err)
	}
	if s := linkStatus(t, y); s.Held != "" {
		t.Errorf("a pull that was refused holds the pushes: %s", s.Held)
	}
}

// A peer that lost what it had receipted is filled up again, and its receipt is kept as evidence against its memory.
func TestPeerRestoredFromAnOldBackup(t *testing.T) {
	bed := New(t)
	x, y := bed.Party("aurelia.example"), bed.PartyOnDisk("borea.example", store.Options{})
	bed.Link(x, y)
	x.Appeal(y, "mitigate")
	x.Push(y)
	old := twin(t, y, copyStore(t, y))
	for range 2 {
		x.Appeal(y, "mitigate")
	}
	x.Push(y)
	x.Appeal(y, "mitigate")
	desk, ok := deskOf(old, x)
	if !ok {
		t.Fatal("the restored node does not know its peer")
	}
	bed.Faults = func(from, _ string, p exchange.Peer) exchange.Peer {
		if from == x.Name {
			return desk
		}
		return p
	}
	sent, err := x.Node.Push(t.Context(), y.Name, nil)
	if err != nil || sent != 1 {
		t.Errorf("%d receipted anew, %v; want 1", sent, err)
	}
	kept, err := x.Node.Evidence(t.Context())
	if err != nil || len(kept) != 1 || kept[0].Kind != node.UnReceived || kept[0].Peer != y.Name {
		t.Fatalf("evidence: %+v, %v", kept, err)
	}
	if !bytes.HasPrefix(kept[0].A, []byte(x.Name+"/to/"+y.Name+"/1\n3\n")) || !bytes.HasPrefix(kept[0].B, []byte(x.Name+"/to/"+y.Name+"/1\n1\n")) {
		t.Errorf("the evidence shows\n%s\n%s", kept[0].A, kept[0].B)
	}
	if _, err := x.Node.ProveFork(t.Context(), kept[0].ID); node.AsError(err).Kind != node.NotAllowed {
		t.Errorf("it proves no fork: %v", err)
	}
	if s := linkStatus(t, x); s.Receipted != 4 || s.Stopped != "" || s.Held != "" {
		t.Errorf("%+v", s)
	}
	bed.Faults = nil
	x.Push(y)
}

func deskOf(n *node.Node, caller *Party) (exchange.Peer, bool) {
	_, desk, ok := n.Desk([32]byte(caller.Keys.Keys().TLS))
	return desk, ok
}

// Who restored an old backup is told so by the receipt that its peer returns after a pull, too.
func TestReturnedReceiptShowsAnOldBackup(t *testing.T) {
	bed := New(t)
	x, y := bed.PartyOnDisk("aurelia.example", store.Options{}), bed.Party("borea.example")
	bed.Link(x, y)
	x.Appeal(y, "mitigate")
	s := copyStore(t, x)
	x.Appeal(y, "mitigate")
	x.Push(y)
	old := twin(t, x, s)
	desk, _ := deskOf(old, y)
	bed.Faults = func(_, _ string, _ exchange.Peer) exchange.Peer { return desk }
	if _, err := y.Node.Pull(t.Context(), x.Name); err == nil {
		t.Error("the old backup took a receipt for what it does not have")
	}
	bed.Faults = nil
	if _, err := old.File(t.Context(), y.Name, x.Draft("mitigate"), ""); kindOf(err) != node.Stopped {
		t.Errorf("it signs on: %v", err)
	}
}

func kindOf(err error) node.Kind {
	if err == nil {
		return ""
	}
	return node.AsError(err).Kind
}
