package node

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"verbale/internal/exchange"
	"verbale/internal/store"
	"verbale/record"
	"verbale/seal"
)

// A snapshot of all heads goes into the register, sealed, and is dated there with it (spec/register.md §2).

// snapshots is what the node remembers of the last one. At a start that is nothing, so the first one comes at once.
type snapshots struct {
	mu    sync.Mutex // held while one is taken
	at    time.Time
	heads []committed
}

// committed is a head that a snapshot has.
type committed struct {
	outbox int64 // the store's number
	head   seal.Head
}

// Snapshot writes the heads of all outboxes that this party writes or receives into its register, as they are now (G-4). Of outboxes that
// were not compared yet it asks around first; those of which nobody knows stay out.
func (n *Node) Snapshot(ctx context.Context) (Filed, error) {
	n.compareAll(ctx)
	n.snapshots.mu.Lock()
	defer n.snapshots.mu.Unlock()
	return n.snapshot(ctx)
}

// compareAll asks around for all outboxes of ours to peers, at the same time.
func (n *Node) compareAll(ctx context.Context) {
	var wg sync.WaitGroup
	defer wg.Wait()
	for _, l := range n.sortedLinks() {
		if o := n.outboxTo(l.profile.Party); l.confirmed && !n.safe(o) {
			wg.Go(func() { _ = n.compare(ctx, o) })
		}
	}
}

func (n *Node) snapshot(ctx context.Context) (Filed, error) {
	if err := n.expired(); err != nil {
		return Filed{}, err
	}
	heads, at, err := n.heads(ctx)
	if err != nil {
		return Filed{}, err
	}
	draft, err := headsDraft(heads, at, n.cfg.Rand)
	if err != nil {
		return Filed{}, err
	}
	register := n.outboxTo(seal.Public)
	f, err := n.sealedToSelf(register, draft)
	if err != nil {
		return Filed{}, err
	}
	f.beside = func(tx *store.Tx, ref record.Ref) error {
		for _, c := range heads {
			d := store.Dating{Outbox: c.outbox, Size: c.head.Size, Register: ref.Outbox, Position: ref.Index, TakenAt: at}
			if err := tx.PutDating(d); err != nil {
				return err
			}
		}
		return nil
	}
	filed, err := n.submit(ctx, f)
	if err == nil {
		n.snapshots.at, n.snapshots.heads = at, heads
	}
	return filed, err
}

// heads reads the newest head of each outbox of ours that has one, and of each that we have receipted, by origin, and when they stood so:
// not before, for until then we may have said that one of them was smaller (B-15).
func (n *Node) heads(ctx context.Context) (heads []committed, at time.Time, err error) {
	err = n.cfg.Store.View(ctx, func(tx *store.Tx) error {
		rows, err := tx.Outboxes()
		at = n.now()
		if err != nil {
			return err
		}
		for _, row := range rows {
			head, ok, err := n.headToCommit(tx, row)
			if err != nil {
				return err
			}
			if ok {
				heads = append(heads, committed{row.ID, head})
			}
		}
		return nil
	})
	if err == nil && len(heads) > MaxHeads {
		err = fail(Full, nil, "end links that are not used any more", "an entry of the register takes %d heads, this node has %d", MaxHeads, len(heads))
	}
	return heads, at, err
}

func (n *Node) headToCommit(tx *store.Tx, row store.Outbox) (seal.Head, bool, error) {
	switch {
	case row.Origin.Audience == seal.Public || !n.sayable(row):
		return seal.Head{}, false, nil
	case row.Origin.Author == n.party:
		return row.Head, row.Head.Size > 0, nil
	case row.Origin.Audience != n.party || row.Receipted == 0:
		return seal.Head{}, false, nil
	case row.Receipted == row.Head.Size:
		return row.Head, true, nil
	}
	at, err := tx.Checkpoint(row.ID, row.Receipted)
	if err != nil {
		return seal.Head{}, false, err
	}
	head, err := headOf(at.Note)
	return head, err == nil, err
}

// headsDraft makes the entry: digests of the heads, filled up and shuffled (G-5). All else in it is the same in every such entry.
func headsDraft(heads []committed, at time.Time, random io.Reader) (record.Fields, error) {
	list := make([]string, paddedHeads(len(heads)))
	for i := range list {
		if i < len(heads) {
			list[i] = exchange.HeadDigest(heads[i].head)
			continue
		}
		var filler [sha256.Size]byte
		if _, err := io.ReadFull(random, filler[:]); err != nil {
			return nil, err
		}
		list[i] = base64.RawURLEncoding.EncodeToString(filler[:])
	}
	var seed [32]byte
	if _, err := io.ReadFull(random, seed[:]); err != nil {
		return nil, err
	}
	rand.New(rand.NewChaCha8(seed)).Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] }) // #nosec G404 -- its seed is the node's randomness
	f := record.Fields{}
	for name, value := range map[string]string{"act": actHeads, "class": "service", "channel": "technical", "released_by": "node", "language": "en", "tlp": "red"} {
		f.SetText(name, value)
	}
	for _, name := range []string{"drafted_at", "released_at", "taken_at"} {
		f.SetTime(name, at)
	}
	f.SetTexts("heads", list...)
	return f, nil
}

const actHeads = "heads"

// paddedHeads is the length of the list for so many heads (G-5).
func paddedHeads(count int) int {
	n := leastHeads
	for n < count {
		n *= 2
	}
	return n
}

// keepHeads takes a snapshot whenever one is due, until ctx ends.
func (n *Node) keepHeads(ctx context.Context) {
	tick := time.NewTicker(HeadsEvery)
	defer tick.Stop()
	said := "" // what keeps them from being written is said once, not every minute
	for {
		err := n.snapshotIfDue(ctx)
		if err != nil && ctx.Err() == nil && err.Error() != said {
			said = err.Error()
			n.cfg.Log.Warn("the heads could not be written into the register", "error", said)
		} else if err == nil {
			said = ""
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (n *Node) snapshotIfDue(ctx context.Context) error {
	n.snapshots.mu.Lock()
	defer n.snapshots.mu.Unlock()
	heads, at, err := n.heads(ctx)
	if err != nil || !n.snapshots.due(heads, at) {
		return err
	}
	_, err = n.snapshot(ctx)
	return err
}

// due tells whether an entry is to be written (G-6). A clock that went back does not keep it from being written.
func (s *snapshots) due(heads []committed, now time.Time) bool {
	since := now.Sub(s.at)
	if s.at.IsZero() || since >= HeadsAtLeast || since < 0 {
		return true
	}
	pause := HeadsEvery * time.Duration(max(1, paddedHeads(len(heads))/manyHeads))
	return since >= pause-HeadsEvery/2 && !slices.Equal(heads, s.heads) // the ticker may be early
}
