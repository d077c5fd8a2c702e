package testbed

import (
	"bytes"
	"context"
	"fmt"
	"testing"
	"time"

	"verbale/internal/exchange"
	"verbale/internal/node"
	"verbale/internal/store"
	"verbale/outbox"
	"verbale/verdict"
)

// meddler changes batches and receipts on their way.
type meddler struct {
	exchange.Peer
	batch   func(*exchange.Batch)
	receipt func([]byte) []byte
}

func (m meddler) Push(ctx context.Context, b *exchange.Batch) ([]byte, error) {
	if m.batch != nil {
		c := &exchange.Batch{Start: b.Start, Note: bytes.Clone(b.Note)}
		for _, e := range b.Entries {
			c.Entries = append(c.Entries, exchange.Entry{Leaf: bytes.Clone(e.Leaf), Content: bytes.Clone(e.Content)})
		}
		m.batch(c)
		b = c
	}
	receipt, err := m.Peer.Push(ctx, b)
	if m.receipt != nil && err == nil {
		receipt = m.receipt(receipt)
	}
	return receipt, err
}

func flip(b []byte, at int) { b[at] ^= 1 }

// swapLetter changes one base64 letter into another.
func swapLetter(b []byte, at int) {
	if b[at] == 'A' {
		b[at] = 'B'
	} else {
		b[at] = 'A'
	}
}

// Whatever is changed on the way is refused with the right kind, nothing is stored, and the honest batch still works.
func TestMeddledBatchIsRefusedWhole(t *testing.T) {
	for _, c := range []struct {
		name   string
		meddle func(*exchange.Batch)
		want   exchange.Kind
	}{
		{"leaf header", func(b *exchange.Batch) { flip(b.Entries[1].Leaf, 5) }, exchange.BadLeaf},
		{"leaf signature", func(b *exchange.Batch) { swapLetter(b.Entries[1].Leaf, len(b.Entries[1].Leaf)-10) }, exchange.BadSignature},
		{"content", func(b *exchange.Batch) { flip(b.Entries[2].Content, 300) }, exchange.BadContent},
		{"content cut", func(b *exchange.Batch) { b.Entries[2].Content = b.Entries[2].Content[:100] }, exchange.BadContent},
		{"content left out", func(b *exchange.Batch) { b.Entries[0].Content = nil }, exchange.BadContent},
		{"contents swapped", func(b *exchange.Batch) {
			b.Entries[0].Content, b.Entries[1].Content = b.Entries[1].Content, b.Entries[0].Content
		}, exchange.BadContent},
		{"entries swapped", func(b *exchange.Batch) { b.Entries[0], b.Entries[1] = b.Entries[1], b.Entries[0] }, exchange.BadRoot},
		{"entry twice", func(b *exchange.Batch) { b.Entries[1] = b.Entries[0] }, exchange.BadRoot},
		{"entry left out", func(b *exchange.Batch) { b.Entries = b.Entries[:2] }, exchange.Malformed},
		{"checkpoint text", func(b *exchange.Batch) { b.Note = bytes.Replace(b.Note, []byte("\n3\n"), []byte("\n4\n"), 1) }, exchange.BadSignature},
		{"checkpoint signature", func(b *exchange.Batch) { b.Note[len(b.Note)-20] ^= 1 }, exchange.BadSignature},
		{"another start", func(b *exchange.Batch) { b.Start = 7 }, exchange.Malformed},
	} {
		t.Run(c.name, func(t *testing.T) {
			bed, x, y := two(t)
			for range 3 {
				x.Appeal(y, "mitigate")
			}
			bed.Faults = func(_, _ string, p exchange.Peer) exchange.Peer { return meddler{Peer: p, batch: c.meddle} }
			if _, err := x.Node.Push(t.Context(), y.Name, nil); exchange.KindOf(err) != c.want {
				t.Errorf("%v, want kind %s", err, c.want)
			}
			if n := len(y.Cases(x)); n != 0 {
				t.Errorf("%d cases were stored of a refused batch", n)
			}
			bed.Faults = nil
			if c.want == exchange.BadRoot {
				return // the sender has stopped this outbox for its operator to look, tested below
			}
			if n := x.Push(y); n != 3 {
				t.Errorf("%d receipted after the honest push", n)
			}
			sameDockets(t, x, y)
		})
	}
}

func TestForgedReceiptIsRefused(t *testing.T) {
	bed, x, y := two(t)
	x.Appeal(y, "mitigate")
	bed.Faults = func(_, _ string, p exchange.Peer) exchange.Peer {
		return meddler{Peer: p, receipt: func(r []byte) []byte { r[len(r)-20] ^= 1; return r }}
	}
	if _, err := x.Node.Push(t.Context(), y.Name, nil); exchange.KindOf(err) != exchange.BadSignature {
		t.Errorf("%v, want bad-signature", err)
	}
	if got := x.Cases(y)[0].View.Status; got != "sent" {
		t.Errorf("status %s after a forged receipt", got)
	}
	bed.Faults = nil
	x.Push(y)
	sameDockets(t, x, y)
}

func TestExpiredKeysSignNothingNew(t *testing.T) {
	bed, x, y := two(t)
	x.Appeal(y, "mitigate")
	bed.Later(node.KeysValidFor + time.Hour)
	if _, err := x.Node.Push(t.Context(), y.Name, nil); exchange.KindOf(err) != exchange.ExpiredKey {
		t.Errorf("%v, want expired-key", err)
	}
	if n := len(y.Cases(x)); n != 0 {
		t.Errorf("%d cases stored under expired keys", n)
	}
}

func TestStrangerIsNotServed(t *testing.T) {
	bed := New(t)
	x, y := bed.Party("aurelia.example"), bed.Party("borea.example")
	if _, err := x.Node.AddLink(t.Context(), y.Profile.File); err != nil {
		t.Fatal(err)
	}
	if _, err := x.Node.File(t.Context(), y.Name, x.Draft("mitigate"), ""); node.AsError(err).Kind != node.NotLinked {
		t.Errorf("filed on an unconfirmed link: %v", err)
	}
	if err := x.Node.ConfirmLink(t.Context(), y.Name, x.Profile.Words); node.AsError(err).Kind != node.Invalid {
		t.Errorf("wrong words accepted: %v", err)
	}
	if err := x.Node.ConfirmLink(t.Context(), y.Name, y.Profile.Words); err != nil {
		t.Fatal(err)
	}
	x.Appeal(y, "mitigate")
	if _, err := x.Node.Push(t.Context(), y.Name, nil); err == nil {
		t.Error("a party that is not linked on the other side was served")
	}
}

// twin opens a second node with the same keys on a store of its own: what a stolen key does, or an operator who insists that an old backup
// is none.
func twin(t *testing.T, of *Party, s *store.Store) *node.Node {
	t.Helper()
	cfg := of.config()
	cfg.Store, cfg.NotRestored = s, true
	return opened(t, cfg)
}

func opened(t *testing.T, cfg node.Config) *node.Node {
	t.Helper()
	n, err := node.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(n.Close)
	return n
}

// copyStore copies a party's database as a backup would.
func copyStore(t *testing.T, p *Party) *store.Store {
	t.Helper()
	dir := t.TempDir()
	if err := p.Store.Backup(t.Context(), dir+"/verbale.db"); err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(t.Context(), dir, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func TestOldBackupStopsBeforeItForks(t *testing.T) {
	bed := New(t)
	x, y := bed.PartyOnDisk("aurelia.example", store.Options{}), bed.Party("borea.example")
	bed.Link(x, y)
	x.Appeal(y, "mitigate")
	x.Push(y)
	old := twin(t, x, copyStore(t, x))
	for range 3 {
		x.Appeal(y, "mitigate")
	}
	x.Push(y)
	// The old database signs one entry at an index that was used; the peer already holds four.
	if _, err := old.File(t.Context(), y.Name, x.Draft("clarify"), ""); err != nil {
		t.Fatal(err)
	}
	_, err := old.Push(t.Context(), y.Name, nil)
	if node.AsError(err).Kind != node.Stopped {
		t.Fatalf("%v, want the outbox stopped", err)
	}
	if _, err := old.File(t.Context(), y.Name, x.Draft("clarify"), ""); node.AsError(err).Kind != node.Stopped {
		t.Errorf("it still signs: %v", err)
	}
	// The peer keeps both signed heads, and anyone can check them.
	kept, err := y.Node.Evidence(t.Context())
	if err != nil || len(kept) != 1 {
		t.Fatalf("%d pieces of evidence, %v", len(kept), err)
	}
	f := outbox.Fork{A: kept[0].A, B: kept[0].B, Proof: kept[0].Proof}
	if err := f.Check(x.Keys.Keys()); err != nil {
		t.Errorf("the evidence does not hold: %v", err)
	}
	raw, err := y.Node.ProveFork(t.Context(), kept[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	bundle, err := verdict.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	v, err := verdict.Judge(bundle, nil)
	if err != nil || len(v.Forks) != 1 {
		t.Errorf("%d forks in the verdict, %v", len(v.Forks), err)
	}
}

// An old backup that has signed nothing yet learns from the peer's 409 that it is behind.
func TestBehindIsNoticedFromTheReceipt(t *testing.T) {
	bed := New(t)
	x, y := bed.PartyOnDisk("aurelia.example", store.Options{}), bed.Party("borea.example")
	bed.Link(x, y)
	x.Appeal(y, "mitigate")
	s := copyStore(t, x)
	for range 2 {
		x.Appeal(y, "mitigate")
	}
	x.Push(y)
	old := twin(t, x, s)
	if _, err := old.Push(t.Context(), y.Name, nil); node.AsError(err).Kind != node.Stopped {
		t.Errorf("%v, want the outbox stopped", err)
	}
}

func TestEquivocatorIsShownToBoth(t *testing.T) {
	bed := New(t)
	x, y := bed.PartyOnDisk("aurelia.example", store.Options{}), bed.Party("borea.example")
	bed.Link(x, y)
	evil := twin(t, x, copyStore(t, x))
	x.Appeal(y, "mitigate")
	x.Push(y)
	if _, err := evil.File(t.Context(), y.Name, x.Draft("clarify"), ""); err != nil {
		t.Fatal(err)
	}
	if _, err := evil.Push(t.Context(), y.Name, nil); node.AsError(err).Kind != node.Stopped {
		t.Errorf("%v, want the outbox stopped with the evidence", err)
	}
	kept, err := y.Node.Evidence(t.Context())
	if err != nil || len(kept) != 1 || kept[0].Kind != string(exchange.ForkFound) {
		t.Fatalf("evidence at the receiver: %+v, %v", kept, err)
	}
	theirs, err := evil.Evidence(t.Context())
	if err != nil || len(theirs) != 1 {
		t.Errorf("evidence at the sender: %d, %v", len(theirs), err)
	}
	raw, err := evil.ProveFork(t.Context(), theirs[0].ID)
	bed.must(err)
	bundle, err := verdict.Parse(raw)
	bed.must(err)
	if v, err := verdict.Judge(bundle, nil); err != nil || len(v.Forks) != 1 {
		t.Errorf("what the sender kept proves no fork: %v", err)
	}
	x.Appeal(y, "clarify") // the history that was receipted goes on
	x.Push(y)
	if n := len(y.Cases(x)); n != 2 {
		t.Errorf("%d cases, want 2", n)
	}
}

func TestFullDiskLosesNothing(t *testing.T) {
	bed := New(t)
	x, y := bed.Party("aurelia.example"), bed.PartyOnDisk("borea.example", store.Options{MaxPages: 110})
	bed.Link(x, y)
	var err error
	sent := 0
	for ; err == nil && sent < 200; sent++ {
		x.Appeal(y, "mitigate")
		_, err = x.Node.Push(t.Context(), y.Name, nil)
	}
	if exchange.KindOf(err) != exchange.Storage {
		t.Fatalf("after %d appeals: %v, want kind storage", sent, err)
	}
	held := int64(len(y.Cases(x)))
	links, err := x.Node.Links(t.Context())
	if err != nil || links[0].Receipted != held {
		t.Errorf("the sender counts %d receipted, the full receiver holds %d (%v)", links[0].Receipted, held, err)
	}
	if links[0].Held != "" {
		t.Errorf("a full disk is the moment's fault, yet the link is held: %s", links[0].Held)
	}
}

func TestManyMeddledReceiptsNeverAdvance(t *testing.T) {
	bed, x, y := two(t)
	x.Appeal(y, "mitigate")
	const lines = 3400 // the two receipt lines at the end; the log's own lines are ours and are not read back
	for at := range 12 {
		bed.Faults = func(_, _ string, p exchange.Peer) exchange.Peer {
			return meddler{Peer: p, receipt: func(r []byte) []byte { flip(r, len(r)-lines+lines*at/12); return r }}
		}
		if _, err := x.Node.Push(t.Context(), y.Name, nil); err == nil {
			t.Errorf("a receipt with a flipped bit at %d/12 was taken", at)
		}
	}
	links, err := x.Node.Links(t.Context())
	if err != nil || links[0].Receipted != 0 {
		t.Error(fmt.Sprint(links, err))
	}
}
