package node

import (
	"bytes"
	"math/rand/v2"
	"testing"
	"time"

	"verbale/internal/exchange"
	"verbale/internal/store"
	"verbale/outbox"
	"verbale/seal"
)

// steady is randomness that is the same at every run.
func steady() *rand.ChaCha8 { return rand.NewChaCha8([32]byte{7}) }

// sizeOf draws the length of a content: mostly a few KB, at times megabytes, at times the largest, at times just what fills a group.
func sizeOf(r *rand.Rand) int {
	switch r.IntN(300) {
	case 0:
		return exchange.MaxContentBytes
	case 1:
		return MaxGroupBytes/2 - 1
	case 2, 3, 4:
		return 1 + r.IntN(exchange.MaxContentBytes)
	}
	return 1 + r.IntN(12<<10)
}

// fill appends n entries of random sizes in groups as the writer gathers them, and signs each group.
func fill(t *testing.T, n *Node, o seal.Origin, r *rand.Rand, count int) {
	t.Helper()
	largest := make([]byte, exchange.MaxContentBytes)
	leaf := bytes.Repeat([]byte("l"), exchange.MaxLeafBytes)
	for base := 0; base < count; {
		for range min(1+r.IntN(3*MaxGroupEntries/2), count-base) {
			n.filings <- &filing{stored: largest[:sizeOf(r)]}
		}
		for len(n.filings) > 0 {
			base += appendGroup(t, n, o, r, n.gather(<-n.filings, false), leaf)
		}
	}
}

func appendGroup(t *testing.T, n *Node, o seal.Origin, r *rand.Rand, group []*filing, leaf []byte) int {
	t.Helper()
	err := n.cfg.Store.Update(t.Context(), func(tx *store.Tx) error {
		row, err := tx.Outbox(o.String())
		if err != nil {
			return err
		}
		tree := outbox.OpenTree(row.Head.Size, tx.Tiles(row.ID))
		var leaves []store.NewLeaf
		for _, f := range group {
			l := store.NewLeaf{Leaf: leaf[:exchange.MaxLeafBytes-r.IntN(2)*7000], Content: f.stored}
			if err := tree.Append(outbox.LeafHash(l.Leaf)); err != nil {
				return err
			}
			leaves = append(leaves, l)
		}
		root, err := tree.Root()
		if err != nil {
			return err
		}
		cp, err := n.cfg.Keys.SignHead(seal.Head{Origin: o.String(), Size: tree.Size(), Root: root}, n.now())
		if err != nil {
			return err
		}
		return tx.Append(row.ID, row.Head.Size, leaves, tree.Changed(), cp)
	})
	if err != nil {
		t.Fatal(err)
	}
	return len(group)
}

// Whatever was filed, and wherever a peer stands, the next batch is one that every reader takes and ends at a head that was signed.
func TestEveryBatchFits(t *testing.T) {
	src := steady()
	keys, err := seal.NewKeyring("aurelia.example", src)
	if err != nil {
		t.Fatal(err)
	}
	s, err := store.OpenMemory(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	n := newNode(Config{Store: s, Keys: keys, Now: func() time.Time { return time.Date(2021, 7, 9, 14, 0, 0, 0, time.UTC) }})
	o := n.outboxTo("borea.example")
	if err := s.Update(t.Context(), func(tx *store.Tx) error { _, err := tx.CreateOutbox(o, true); return err }); err != nil {
		t.Fatal(err)
	}
	r := rand.New(src)
	fill(t, n, o, r, 4000)
	row, err := n.outboxRow(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	for from := int64(0); from < row.Head.Size; {
		from = checkBatch(t, n, row, from)
	}
	for range 40 {
		checkBatch(t, n, row, r.Int64N(row.Head.Size))
	}
}

func checkBatch(t *testing.T, n *Node, row store.Outbox, from int64) (end int64) {
	t.Helper()
	b, err := n.batchFrom(t.Context(), row, from)
	if err != nil {
		t.Fatal(err)
	}
	var wire bytes.Buffer
	if err := b.Encode(&wire); err != nil {
		t.Fatalf("from %d: %v", from, err)
	}
	got, err := exchange.ReadBatch(&wire)
	if err != nil {
		t.Fatalf("from %d: %v", from, err)
	}
	end = from + int64(len(got.Entries))
	cp, err := n.cfg.Keys.Keys().OpenCheckpoint(got.Note)
	if err != nil || cp.Size != end || got.Start != from || end <= from {
		t.Fatalf("from %d to %d, checkpoint of %d, %v", from, end, cp.Size, err)
	}
	return end
}

// The largest group that gather makes fits into one batch: all but its last filing just under the half, and the largest content last.
func TestLargestGroupFits(t *testing.T) {
	n := &Node{filings: make(chan *filing, filingQueue)}
	largest := make([]byte, exchange.MaxContentBytes)
	for range MaxGroupEntries - 1 {
		n.filings <- &filing{stored: largest[:(MaxGroupBytes/2-1)/(MaxGroupEntries-1)]}
	}
	for range 2 {
		n.filings <- &filing{stored: largest}
	}
	b := exchange.Batch{Note: make([]byte, exchange.MaxNoteBytes)}
	for _, f := range n.gather(<-n.filings, false) {
		b.Entries = append(b.Entries, exchange.Entry{Leaf: largest[:exchange.MaxLeafBytes], Content: f.stored})
	}
	if len(b.Entries) != MaxGroupEntries || b.Size() > exchange.MaxBatchBytes {
		t.Errorf("a group of %d entries makes a batch of %d bytes", len(b.Entries), b.Size())
	}
}
