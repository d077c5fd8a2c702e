package node

import (
	"context"
	"errors"

	"verbale/internal/exchange"
	"verbale/internal/store"
	"verbale/seal"
)

// Progress is told how far a long run has come: done of total, in the unit of the work.
type Progress func(done, total int64)

// Push sends the peer everything that it has not receipted yet, batch after batch, and stores each receipt. It returns
// how many entries were receipted by this call. After any outage it goes on from what the peer says it holds.
func (n *Node) Push(ctx context.Context, party string, progress Progress) (int64, error) {
	l, err := n.linkTo(party)
	if err != nil {
		return 0, err
	}
	l.pushing.Lock()
	defer l.pushing.Unlock()
	peer, err := n.peer(l)
	if err != nil {
		return 0, err
	}
	sent, err := n.pushAll(ctx, l, peer, progress)
	n.note(l, err)
	return sent, err
}

func (n *Node) pushAll(ctx context.Context, l *link, peer exchange.Peer, progress Progress) (int64, error) {
	row, err := n.outboxRow(ctx, n.outboxTo(l.profile.Party))
	if err != nil {
		return 0, err
	}
	first, from := row.Receipted, row.Receipted
	for from < row.Head.Size {
		if row.Stopped != "" {
			return from - first, fail(Stopped, nil, "", "nothing is pushed from this outbox any more: %s", row.Stopped)
		}
		next, err := n.pushOne(ctx, l, peer, row, from)
		if err != nil {
			return from - first, err
		}
		from = next
		if progress != nil {
			progress(from-first, row.Head.Size-first)
		}
		if row, err = n.outboxRow(ctx, row.Origin); err != nil {
			return from - first, err
		}
	}
	return from - first, nil
}

// pushOne sends one batch from index from and gives the index to go on from.
func (n *Node) pushOne(ctx context.Context, l *link, peer exchange.Peer, row store.Outbox, from int64) (int64, error) {
	b, err := n.batchFrom(ctx, row, from)
	if err != nil {
		return 0, err
	}
	receipt, err := peer.Push(ctx, b)
	if p, ok := errors.AsType[*exchange.Problem](err); ok && p.Kind == exchange.BehindOrAhead {
		return n.elsewhere(ctx, l, row, from, p)
	}
	if err != nil {
		return 0, n.refusedPush(ctx, l, row, l.unreached(err))
	}
	if err := n.keepReceipt(ctx, l, receipt); err != nil {
		return 0, err
	}
	return from + int64(len(b.Entries)), nil
}

// elsewhere goes on where the peer says it stands.
func (n *Node) elsewhere(ctx context.Context, l *link, row store.Outbox, from int64, p *exchange.Problem) (int64, error) {
	if p.Size > row.Head.Size {
		return 0, n.behind(ctx, row, p)
	}
	if p.Receipt != nil {
		if err := n.keepReceipt(ctx, l, p.Receipt); err != nil {
			return 0, err
		}
	}
	if p.Size == from || p.Size < 0 {
		return 0, exchange.Refuse(exchange.Malformed, "X-5", nil, "%s refused a batch from %d and asks for one from %d", l.profile.Party, from, p.Size)
	}
	if p.Size < row.Receipted {
		n.cfg.Log.Error("the peer holds less than it receipted", "party", l.profile.Party, "receipted", row.Receipted, "holds", p.Size)
	}
	return p.Size, nil
}

// behind stops an outbox that the peer holds more of than we do, where the peer can show our own signature for it: this is an
// old backup, and signing on would fork the log.
func (n *Node) behind(ctx context.Context, row store.Outbox, p *exchange.Problem) error {
	cp, err := n.cfg.Keys.Keys().OpenCheckpoint(p.Receipt)
	if err != nil || cp.Origin != row.Origin.String() || cp.Size <= row.Head.Size {
		return exchange.Refuse(exchange.BadSignature, "X-6", err, "the peer claims to hold %d entries of ours but shows no signature of ours for that", p.Size)
	}
	return n.stop(ctx, row, "the peer holds %d entries signed by this node, this database has %d: it is an old backup; restore a newer one or recover from the peer", cp.Size, row.Head.Size)
}

// refusedPush looks at a refusal: evidence that we signed two logs stops the outbox.
func (n *Node) refusedPush(ctx context.Context, l *link, row store.Outbox, err error) error {
	p, ok := errors.AsType[*exchange.Problem](err)
	if !ok || p.Kind != exchange.ForkFound && p.Kind != exchange.BadRoot {
		return err
	}
	cp, bad := n.cfg.Keys.Keys().OpenCheckpoint(p.Ours)
	if bad != nil || cp.Origin != row.Origin.String() {
		return err
	}
	stopErr := n.cfg.Store.Update(ctx, func(tx *store.Tx) error {
		return tx.PutEvidence(row.Origin.String(), l.profile.Party, string(p.Kind), n.now(), p.Theirs, p.Ours, nil)
	})
	return errors.Join(n.stop(ctx, row, "%s shows another history of this outbox signed with this node's keys: an old backup was used, or the keys are in two places", l.profile.Party), stopErr)
}

func (n *Node) stop(ctx context.Context, row store.Outbox, format string, args ...any) error {
	e := fail(Stopped, nil, "do not file anything more to this peer; see docs/operator.md, 'an outbox is stopped'", format, args...)
	n.cfg.Log.Error("outbox stopped", "outbox", row.Origin.String(), "why", e.Message)
	if err := n.cfg.Store.Update(ctx, func(tx *store.Tx) error { return tx.StopOutbox(row.ID, e.Message) }); err != nil {
		return err
	}
	return e
}

func (n *Node) outboxRow(ctx context.Context, o seal.Origin) (row store.Outbox, err error) {
	err = n.cfg.Store.View(ctx, func(tx *store.Tx) error {
		row, err = tx.Outbox(o.String())
		return err
	})
	return row, err
}

func (n *Node) batchFrom(ctx context.Context, row store.Outbox, from int64) (b *exchange.Batch, err error) {
	err = n.cfg.Store.View(ctx, func(tx *store.Tx) error {
		b, err = nextBatch(tx, row, from)
		return err
	})
	return b, err
}

// nextBatch reads entries from index from up to an issued checkpoint, within the limits of a push.
func nextBatch(tx *store.Tx, row store.Outbox, from int64) (*exchange.Batch, error) {
	end, err := batchEnd(tx, row, from)
	if err != nil {
		return nil, err
	}
	b := &exchange.Batch{Start: from, Note: end.Note}
	err = tx.Entries(row.ID, from, end.Size, func(_ int64, e exchange.Entry) error {
		b.Entries = append(b.Entries, e)
		return nil
	})
	return b, err
}

// batchEnd picks the largest issued checkpoint that keeps the batch within MaxPushEntries and MaxPushBytes; where even the
// first one after from is over them, that one: a group never exceeds what a batch may carry.
func batchEnd(tx *store.Tx, row store.Outbox, from int64) (store.Issued, error) {
	most := min(from+MaxPushEntries, row.Head.Size)
	fits, bytes := from, int64(0)
	err := tx.EntrySizes(row.ID, from, most, func(index int64, leaf, content int) error {
		if bytes += exchange.EntrySize(leaf, content); bytes <= MaxPushBytes {
			fits = index + 1
		}
		return nil
	})
	if err != nil {
		return store.Issued{}, err
	}
	at, err := tx.LastCheckpointWithin(row.ID, from, fits)
	if storeKind(err) == store.NotFound {
		return tx.FirstCheckpointAfter(row.ID, from)
	}
	return at, err
}

// Pull asks the peer for entries that it could not push, until there are none. It returns how many came.
func (n *Node) Pull(ctx context.Context, party string) (int64, error) {
	l, err := n.linkTo(party)
	if err != nil {
		return 0, err
	}
	l.pushing.Lock()
	defer l.pushing.Unlock()
	peer, err := n.peer(l)
	if err != nil {
		return 0, err
	}
	came, err := n.pullAll(ctx, l, peer)
	n.note(l, err)
	return came, err
}

func (n *Node) pullAll(ctx context.Context, l *link, peer exchange.Peer) (came int64, err error) {
	for {
		row, err := n.outboxRow(ctx, n.mirrorOf(l.profile.Party))
		if err != nil && storeKind(err) != store.NotFound {
			return came, err
		}
		if row.Receipt != nil {
			if err := peer.Return(ctx, row.Receipt); err != nil {
				return came, l.unreached(err)
			}
		}
		b, err := peer.Pull(ctx, n.mirrorOf(l.profile.Party).String(), row.Head.Size)
		if exchange.KindOf(err) == exchange.UnknownOutbox {
			return came, nil
		}
		if err != nil || b == nil {
			return came, l.unreached(err)
		}
		if _, err := n.ingest(ctx, l, b); err != nil {
			return came, err
		}
		came += int64(len(b.Entries))
	}
}
