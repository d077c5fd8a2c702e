package node

import (
	"bytes"
	"context"

	"verbale/internal/exchange"
	"verbale/internal/store"
	"verbale/seal"
)

// A Desk is this node as one peer sees it: it serves exchange.Peer for that caller and nobody else.
type Desk struct {
	n      *Node
	caller string
	tlsKey [32]byte
}

var _ exchange.Peer = Desk{}

// Desk gives the desk for the party whose TLS key is tlsKey; false when no confirmed link has that key. A replaced key is one of the
// party until the overlap ends (K-37); one that was given up gets a desk that refuses. A relay has a desk for authors that have leave to
// lodge, too (L-4).
func (n *Node) Desk(tlsKey [32]byte) (party string, desk exchange.Peer, ok bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, l := range n.links {
		for i := len(l.generations) - 1; i >= 0 && l.confirmed; i-- {
			g := l.generations[i]
			if [32]byte(g.profile.Keys.TLS) != tlsKey {
				continue
			}
			party, desk = l.profile.Party, Desk{n: n, caller: l.profile.Party, tlsKey: tlsKey}
			if g.number() == l.generations.newest() {
				return party, desk, true
			}
			next, onTheWay := l.generations.after(g.number())
			if !onTheWay || next.givenUp() {
				return party, barred{n: n, caller: party}, true
			}
			return party, desk, !n.now().After(next.change.EffectiveAt.Add(KeyOverlap))
		}
	}
	if party, ok := n.lodgerWith(tlsKey); ok {
		return party, LodgerDesk{n: n, tlsKey: tlsKey}, true
	}
	return "", nil, false
}

// Push takes entries of the caller's outbox to us.
func (d Desk) Push(ctx context.Context, b *exchange.Batch) ([]byte, error) {
	l, err := d.n.linkTo(d.caller)
	if err != nil {
		return nil, exchange.Refuse(exchange.UnknownParty, "X-1", err, "this end has no link with you")
	}
	if d.asksRelay(b.Note) {
		return LodgerDesk{n: d.n, tlsKey: d.tlsKey}.Push(ctx, b)
	}
	if l.unknownGeneration(b) {
		known := false
		if l, known = d.n.learn(ctx, l); !known || l.unknownGeneration(b) {
			return nil, exchange.Refuse(exchange.Busy, "K-30", nil, "the keys of that generation are not known here yet; this end looks into your register, and takes it then")
		}
	}
	receipt, err := d.n.ingest(ctx, l, b)
	if err != nil {
		return nil, problemOf(err)
	}
	return receipt, nil
}

// mayRead tells whether the caller may read an outbox here: ours to it or to the public, or one of its own that we hold.
func (d Desk) mayRead(origin string) bool {
	o, err := seal.ParseOrigin(origin)
	if err != nil {
		return false
	}
	return o.Author == d.n.party && (o.Audience == d.caller || o.Audience == seal.Public) ||
		o.Author == d.caller && (o.Audience == d.n.party || o.Audience == seal.Public)
}

// Pull serves entries of our outbox to the caller, of our register, or of its own from our mirror.
func (d Desk) Pull(ctx context.Context, origin string, start int64) (b *exchange.Batch, err error) {
	if o, ok := d.n.relayedOf(origin); ok {
		return d.pullLodged(ctx, o, start)
	}
	if !d.mayRead(origin) {
		return nil, exchange.Refuse(exchange.NotYours, "X-2", nil, "you may pull only what this party wrote to you or to the public, and your own")
	}
	if err := d.n.givesOut(d.caller, origin); err != nil {
		return nil, err
	}
	err = d.n.cfg.Store.View(ctx, func(tx *store.Tx) error {
		row, err := tx.Outbox(origin)
		if storeKind(err) == store.NotFound && sameButGeneration(origin, d.n.outboxTo(seal.Public)) {
			return nil // a generation that is not there yet: nothing is wrong with looking
		}
		if err != nil {
			return unknownOutbox(err)
		}
		d.pulledFrom(row, start)
		if start < 0 || start >= row.Head.Size {
			return nil
		}
		b, err = d.n.rest(tx, row, start)
		return err
	})
	if err != nil {
		return nil, problemOf(err)
	}
	return b, nil
}

// pulledFrom hears from where on the audience asks: it holds what is before, and no more.
func (d Desk) pulledFrom(row store.Outbox, start int64) {
	switch {
	case !row.Own || row.Origin.Audience != d.caller:
	case start <= row.Head.Size:
		d.n.cleared(row.Origin)
	default:
		d.n.doubted(row.Origin)
		d.n.signal(d.caller)
	}
}

func unknownOutbox(err error) error {
	if storeKind(err) == store.NotFound {
		return exchange.Refuse(exchange.UnknownOutbox, "", err, "this end holds no such outbox")
	}
	return err
}

// Head gives the newest checkpoint that we hold of an outbox between the caller and us, or of one of the two registers.
func (d Desk) Head(ctx context.Context, origin string) (note []byte, err error) {
	if o, ok := d.n.relayedOf(origin); ok {
		return d.headLodged(ctx, o)
	}
	if !d.mayRead(origin) {
		return nil, exchange.Refuse(exchange.NotYours, "X-2", nil, "you may ask only for outboxes of this link or the public ones of both")
	}
	err = d.n.cfg.Store.View(ctx, func(tx *store.Tx) error {
		row, err := tx.Outbox(origin)
		if err != nil {
			return unknownOutbox(err)
		}
		if note = row.Note; !row.Own && row.Receipt != nil {
			note = row.Receipt
		}
		if note == nil {
			return exchange.Refuse(exchange.UnknownOutbox, "", nil, "nothing was signed for that outbox yet")
		}
		return nil
	})
	if err != nil {
		return nil, problemOf(err)
	}
	return note, nil
}

// Return takes the caller's receipt for entries that it pulled.
func (d Desk) Return(ctx context.Context, receipt []byte) error {
	l, err := d.n.linkTo(d.caller)
	if err != nil {
		return exchange.Refuse(exchange.UnknownParty, "X-1", err, "this end has no link with you")
	}
	if d.asksRelay(receipt) {
		o, err := originOf(receipt)
		if err != nil {
			return err
		}
		return d.returnLodged(ctx, l, o, receipt)
	}
	err = d.n.keepReceipt(ctx, l, receipt)
	if exchange.KindOf(err) == exchange.BadSignature {
		if l, known := d.n.learn(ctx, l); known { // it may be by new keys
			err = d.n.keepReceipt(ctx, l, receipt)
		}
	}
	if err != nil {
		return problemOf(err)
	}
	return nil
}

// givesOut refuses entries of a link to a peer whose new words were not compared (K-33).
func (n *Node) givesOut(party, origin string) error {
	if !n.generationsOf(party).waits() || sameButGeneration(origin, n.outboxTo(seal.Public)) {
		return nil
	}
	return exchange.Refuse(exchange.Busy, "K-33", nil, "your keys have changed, and this end gives nothing out until its officer has heard the new words from yours")
}

// unknownGeneration tells whether a batch is of a generation of the peer's keys that comes after the ones that are known here.
func (l *link) unknownGeneration(b *exchange.Batch) bool {
	head, err := headOf(b.Note)
	if err != nil {
		return false
	}
	o, err := seal.ParseOrigin(head.Origin)
	return err == nil && o.Author == l.profile.Party && o.Generation > l.generations.newest()
}

// keepReceipt verifies a receipt of the peer against the checkpoint that we issued at its size, and stores it. One over a head that
// we signed and do not have stops the outbox.
func (n *Node) keepReceipt(ctx context.Context, l *link, note []byte) error {
	head, err := headOf(note)
	if err != nil || !sameButGeneration(head.Origin, n.outboxTo(l.profile.Party)) {
		return exchange.Refuse(exchange.Malformed, "X-10", err, "this is not a receipt for an outbox of this link")
	}
	issued := false
	err = n.cfg.Store.Update(ctx, func(tx *store.Tx) error {
		row, err := tx.Outbox(head.Origin)
		if err != nil {
			return unknownOutbox(err)
		}
		at, err := tx.Checkpoint(row.ID, head.Size)
		if storeKind(err) == store.NotFound {
			return exchange.Refuse(exchange.BadSignature, "X-10", err, "this end never signed a head of that size")
		} else if err != nil {
			return err
		}
		ours, err := headOf(at.Note)
		if err != nil {
			return err
		}
		if issued = ours == head; !issued {
			return exchange.Refuse(exchange.BadSignature, "X-10", nil, "this end signed another head of that size")
		}
		r, by, err := l.generations.openReceiptBy(l.profile.Party, note, ours)
		if err != nil {
			return exchange.Refuse(exchange.BadSignature, "K-11", err, "the receipt does not bear the two valid signatures of %s", l.profile.Party)
		}
		if err := l.receipts(by, r); err != nil {
			return err
		}
		if err := tx.SaveReceipt(row.ID, r); err != nil {
			return err
		}
		return coveredCases(tx, l.profile.Party, row.ID, row.Receipted, r.Size)
	})
	if exchange.KindOf(err) == exchange.BadSignature && !issued {
		if stopped := n.disowned(ctx, l.profile.Party, head.Origin, note); stopped != nil {
			return stopped
		}
	}
	return err
}

// headOf reads the text of a note without believing it.
func headOf(note []byte) (seal.Head, error) {
	text, _, _ := bytes.Cut(note, []byte("\n\n"))
	return seal.ParseHead(string(text) + "\n")
}
