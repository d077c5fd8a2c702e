package node

import (
	"context"
	"errors"
	"fmt"

	"verbale/internal/exchange"
	"verbale/internal/store"
	"verbale/seal"
)

// Progress is told how far a long run has come: done of total, in the unit of the work.
type Progress func(done, total int64)

// Push sends the peer everything that it has not receipted yet, batch after batch, and stores each receipt. It returns
// how many entries were receipted by this call. After any outage it goes on from what the peer says it holds. To a peer that has
// suspended the link nothing is sent.
func (n *Node) Push(ctx context.Context, party string, progress Progress) (int64, error) {
	l, err := n.linkTo(party)
	if err != nil {
		return 0, err
	}
	l.pushing.Lock()
	defer l.pushing.Unlock()
	if err := n.sendsTo(ctx, party); err != nil {
		return 0, err
	}
	if err := l.compared(); err != nil {
		return 0, err
	}
	peer, err := n.peer(l)
	if err != nil {
		return 0, err
	}
	sent, err := n.pushAll(ctx, l, peer, progress)
	if exchange.KindOf(err) == exchange.BadSignature {
		if now, known := n.learn(ctx, l); known { // the receipt may be by new keys; the resend gets it again
			var more int64
			l = now
			if err = l.compared(); err == nil {
				more, err = n.pushAll(ctx, l, peer, progress)
			}
			sent += more
		}
	}
	if sent > 0 || err != nil { // else there was nothing to send, and the peer was not asked
		n.note(l, err)
		l.hold(err)
	}
	return sent, err
}

// pushAll sends what stands in the present outbox, whose first entry says where the one before ends (K-35), then what the peer has not
// receipted of earlier ones.
func (n *Node) pushAll(ctx context.Context, l *link, peer exchange.Peer, progress Progress) (sent int64, err error) {
	var rows []store.Outbox
	err = n.cfg.Store.View(ctx, func(tx *store.Tx) error {
		rows, err = n.outboxesTo(tx, l.profile.Party)
		return err
	})
	for _, row := range rows {
		if err != nil {
			return sent, err
		}
		if row.Stopped != "" && row.Origin.Generation != n.own.newest() {
			continue
		}
		var more int64
		more, err = n.pushOutbox(ctx, l, peer, row, progress)
		sent += more
		if errors.Is(err, errGaveUp) {
			err = nil
		}
	}
	return sent, err
}

// errGaveUp says that what is left of an outbox of replaced keys of ours is not sent any more.
var errGaveUp = errors.New("what the old keys signed is not taken any more")

// giveUp stops an outbox of replaced keys of ours, of which the peer takes nothing more. What it has not receipted it will not get.
func (n *Node) giveUp(ctx context.Context, row store.Outbox, refusal error) error {
	n.cfg.Log.Error("entries of old keys are not taken", "outbox", row.Origin.String(), "error", refusal.Error())
	err := n.cfg.Store.Update(ctx, func(tx *store.Tx) error {
		now, err := tx.Outbox(row.Origin.String())
		if err != nil || now.Stopped != "" {
			return err
		}
		return tx.StopOutbox(row.ID, fmt.Sprintf("entries %d to %d were signed with the old keys and are not taken any more: file them again (%v)",
			now.Receipted, now.Head.Size-1, refusal))
	})
	if err != nil {
		return err
	}
	return errGaveUp
}

// pushOutbox sends one outbox from what is receipted of it.
func (n *Node) pushOutbox(ctx context.Context, l *link, peer exchange.Peer, row store.Outbox, progress Progress) (_ int64, err error) {
	first, from, wentBack := row.Receipted, row.Receipted, false
	for from < row.Head.Size {
		if row.Stopped != "" {
			return max(from-first, 0), fail(Stopped, nil, "", "nothing is pushed from this outbox any more: %s", row.Stopped)
		}
		next, err := n.pushOne(ctx, l, peer, row, from)
		if err != nil {
			return max(from-first, 0), err
		}
		if next < from && wentBack {
			return 0, exchange.Refuse(exchange.Malformed, "X-5", nil, "%s went back a second time, to %d entries: it loses what it receipts", l.profile.Party, next)
		}
		wentBack = wentBack || next < from
		from = next
		if progress != nil {
			progress(max(from-first, 0), row.Head.Size-first)
		}
		if row, err = n.outboxRow(ctx, row.Origin); err != nil {
			return max(from-first, 0), err
		}
	}
	return from - first, nil
}

// pushOne sends one batch from index from and gives the index to go on from: below it, everything is receipted.
func (n *Node) pushOne(ctx context.Context, l *link, peer exchange.Peer, row store.Outbox, from int64) (int64, error) {
	b, err := n.batchFrom(ctx, row, from)
	if err != nil {
		return 0, err
	}
	receipt, err := peer.Push(ctx, b)
	if p, ok := errors.AsType[*exchange.Problem](err); ok && p.Kind == exchange.BehindOrAhead {
		return n.elsewhere(ctx, l, row.Origin, from, p)
	}
	if exchange.KindOf(err) == exchange.ExpiredKey && row.Origin.Generation != n.own.newest() {
		return 0, n.giveUp(ctx, row, err)
	}
	if err != nil {
		return 0, n.refusedPush(ctx, l, row.Origin, l.unreached(err))
	}
	end := from + int64(len(b.Entries))
	if head, err := headOf(receipt); err != nil || head.Size != end {
		return 0, exchange.Refuse(exchange.Malformed, "X-10", err, "%s answered a batch up to %d with something else than a receipt for it", l.profile.Party, end)
	}
	return end, n.keepReceipt(ctx, l, receipt)
}

// elsewhere goes on where the peer says it stands, if it shows a receipt for that. The outbox is read afresh: while the batch was
// under way, our staff may have filed and the peer pulled.
func (n *Node) elsewhere(ctx context.Context, l *link, origin seal.Origin, from int64, p *exchange.Problem) (int64, error) {
	before, err := n.outboxRow(ctx, origin)
	if err != nil {
		return 0, err
	}
	if p.Size > before.Head.Size {
		return 0, n.behind(ctx, l, origin, p)
	}
	if p.Receipt != nil {
		if err := n.keepReceipt(ctx, l, p.Receipt); err != nil {
			return 0, err
		}
	}
	after, err := n.outboxRow(ctx, origin)
	switch {
	case err != nil:
		return 0, err
	case p.Size == from || p.Size < 0:
		return 0, exchange.Refuse(exchange.Malformed, "X-5", nil, "%s refused a batch from %d and asks for one from %d", l.profile.Party, from, p.Size)
	case p.Size > after.Receipted:
		return 0, exchange.Refuse(exchange.Malformed, "X-5", nil, "%s says that it holds %d entries but shows no receipt for them", l.profile.Party, p.Size)
	case p.Size < before.Receipted:
		return p.Size, n.unReceived(ctx, l, before, p)
	}
	return p.Size, nil
}

// behind looks at what a peer shows that says to hold more of an outbox than we have signed.
func (n *Node) behind(ctx context.Context, l *link, origin seal.Origin, p *exchange.Problem) error {
	if err := n.disowned(ctx, l.profile.Party, origin.String(), p.Receipt); err != nil {
		return err
	}
	return exchange.Refuse(exchange.BadSignature, "X-6", nil, "the peer claims to hold %d entries of ours but shows no signature of ours for that", p.Size)
}

// refusedPush looks at a refusal: evidence that we signed two logs stops the outbox.
func (n *Node) refusedPush(ctx context.Context, l *link, origin seal.Origin, err error) error {
	p, ok := errors.AsType[*exchange.Problem](err)
	if !ok || p.Kind != exchange.ForkFound && p.Kind != exchange.BadRoot {
		return err
	}
	if stopped := n.disowned(ctx, l.profile.Party, origin.String(), p.Ours); stopped != nil {
		return stopped
	}
	return err
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
		b, err = n.rest(tx, row, from)
		return err
	})
	return b, err
}

// rest is nextBatch; but what is left of an outbox whose keys were not rotated is one batch, if it can be: peers may take no other (K-35).
func (n *Node) rest(tx *store.Tx, row store.Outbox, from int64) (*exchange.Batch, error) {
	next, ok := n.own.after(row.Origin.Generation)
	if !row.Own || !ok || next.change.Reason == seal.Rotation || from < row.Receipted || row.Head.Size-from > exchange.MaxBatchEntries {
		return nextBatch(tx, row, from)
	}
	bytes := int64(len(row.Note))
	err := tx.EntrySizes(row.ID, from, row.Head.Size, func(_ int64, leaf, content int) error {
		bytes += exchange.EntrySize(leaf, content)
		return nil
	})
	if err != nil {
		return nil, err
	}
	if bytes > exchange.MaxBatchBytes-exchange.MaxNoteBytes {
		return nextBatch(tx, row, from)
	}
	return batchTo(tx, row, from, store.Issued{Size: row.Head.Size, Note: row.Note})
}

// nextBatch reads entries from index from up to an issued checkpoint, within the limits of a push. Below what was receipted it ends at the
// first receipt, which goes with it.
func nextBatch(tx *store.Tx, row store.Outbox, from int64) (*exchange.Batch, error) {
	var end store.Issued
	var err error
	if from < row.Receipted {
		end, err = tx.FirstReceipt(row.ID, from)
	} else {
		end, err = batchEnd(tx, row, from)
	}
	if err != nil {
		return nil, err
	}
	return batchTo(tx, row, from, end)
}

func batchTo(tx *store.Tx, row store.Outbox, from int64, end store.Issued) (*exchange.Batch, error) {
	b := &exchange.Batch{Start: from, Note: end.Note}
	if from < row.Receipted {
		b.Note = end.Receipt
	}
	err := tx.Entries(row.ID, from, end.Size, func(_ int64, e exchange.Entry) error {
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

// Pull asks the peer for entries that it could not push, until there are none. It returns how many came. While we have suspended
// the link, none do.
func (n *Node) Pull(ctx context.Context, party string) (int64, error) {
	l, err := n.linkTo(party)
	if err != nil {
		return 0, err
	}
	l.pushing.Lock()
	defer l.pushing.Unlock()
	if s, err := n.standing(ctx, party); err != nil || closed(s, n.party) {
		return 0, err // it asks for nothing
	}
	peer, err := n.peer(l)
	if err != nil {
		return 0, err
	}
	came, err := n.pullAll(ctx, l, peer)
	n.note(l, err)
	return came, err
}

// pullAll asks for the rest of earlier outboxes of the peer first, as far as it is known that there is any, then for the present one.
func (n *Node) pullAll(ctx context.Context, l *link, peer exchange.Peer) (came int64, err error) {
	origins, err := n.incomplete(ctx, l)
	for _, origin := range origins {
		if err != nil {
			return came, err
		}
		var more int64
		more, err = n.pullOutbox(ctx, l, peer, origin)
		came += more
	}
	return came, err
}

// incomplete gives the peer's outboxes to us of which there may be entries that we do not hold, the earlier ones first.
func (n *Node) incomplete(ctx context.Context, l *link) (origins []seal.Origin, err error) {
	err = n.cfg.Store.View(ctx, func(tx *store.Tx) error {
		for _, g := range l.generations {
			o := seal.Origin{Author: l.profile.Party, Audience: n.party, Generation: g.number()}
			whole, err := n.complete(tx, o)
			if err != nil {
				return err
			}
			if !whole {
				origins = append(origins, o)
			}
		}
		return nil
	})
	return origins, err
}

// pullOutbox asks for entries of one outbox until there are none.
func (n *Node) pullOutbox(ctx context.Context, l *link, peer exchange.Peer, origin seal.Origin) (came int64, err error) {
	for held := int64(-1); ; {
		row, err := n.outboxRow(ctx, origin)
		if err != nil && storeKind(err) != store.NotFound {
			return came, err
		}
		if row.Head.Size == held {
			return came, exchange.Refuse(exchange.Malformed, "X-9", nil, "%s was asked for entries from %d and gave others", l.profile.Party, held)
		}
		if held >= 0 {
			came += row.Head.Size - held
		}
		held = row.Head.Size
		if row.Receipt != nil {
			if err := peer.Return(ctx, row.Receipt); err != nil {
				return came, l.unreached(err)
			}
		}
		b, err := peer.Pull(ctx, origin.String(), held)
		if err == nil && b == nil || exchange.KindOf(err) == exchange.UnknownOutbox {
			n.cleared(origin) // its author has nothing beyond it
			return came, nil
		}
		if err != nil {
			return came, l.unreached(err)
		}
		if _, err := n.ingest(ctx, l, b); err != nil {
			return came, err
		}
	}
}
