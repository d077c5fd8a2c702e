package node

import (
	"context"
	"errors"

	"verbale/internal/docket"
	"verbale/internal/exchange"
	"verbale/internal/store"
	"verbale/outbox"
	"verbale/record"
	"verbale/seal"
)

// ingest takes a batch of the peer's outbox to us: verify, decrypt what can be, countersign, store all in one transaction.
// The answer is the receipt as a note; it must not leave before ingest has returned.
func (n *Node) ingest(ctx context.Context, l *link, b *exchange.Batch) ([]byte, error) {
	l.ingest.Lock()
	defer l.ingest.Unlock()
	origin := n.meant(l, b)
	adv, again, err := n.verify(ctx, origin, b)
	if p, ok := errors.AsType[*exchange.Problem](err); ok && p.Kind == exchange.BehindOrAhead && b.Start > p.Size {
		n.claimed(origin, b.Start) // the author has our receipt for this, and we do not: it goes back, and brings it
	}
	if err != nil {
		return nil, n.keepEvidence(ctx, origin.Author, origin, err)
	}
	n.cleared(origin) // the push starts within what we hold
	if again != nil {
		return again.Receipt, nil
	}
	if err := n.mayReceipt(adv); err != nil {
		return nil, err
	}
	if err := n.expired(); err != nil {
		return nil, exchange.Refuse(exchange.Internal, "K-5", err, "this end's keys have expired and sign no receipts; its operator must act")
	}
	entries := n.open(l, adv)
	due := dutiesAmong(entries)
	if len(due) > 0 {
		if err := n.beginAnswers(ctx, l); err != nil {
			return nil, err
		}
		defer func() { n.answer(context.WithoutCancel(ctx), l, due) }()
	}
	var receipt seal.Receipt
	err = n.cfg.Store.Update(ctx, func(tx *store.Tx) error {
		if err := n.takesFrom(tx, origin.Author); err != nil { // our staff may have suspended the link meanwhile
			return err
		}
		if receipt = adv.Audience(); len(receipt.Lines) == 0 {
			var err error
			if receipt, err = n.cfg.Keys.Countersign(adv.Checkpoint(), n.now()); err != nil { // here no beat can be made between
				return err
			}
		}
		if err := tx.Advance(adv, receipt); err != nil {
			return err
		}
		if err := n.compareEnd(tx, adv); err != nil {
			return err
		}
		return n.foldAll(tx, l.profile.Party, entries)
	})
	if err != nil {
		due = nil
		return nil, err
	}
	n.heard(l, entries)
	n.cfg.Log.Info("received", "from", l.profile.Party, "entries", len(entries), "size", adv.Checkpoint().Size)
	return seal.Countersigned(adv.Checkpoint(), receipt), nil
}

// mayReceipt refuses to receipt less than was receipted before, as far as this process was told of it: then only the receipts of then will do.
func (n *Node) mayReceipt(adv *exchange.Advance) error {
	claimed := n.claim(adv.Origin())
	if adv.Checkpoint().Size >= claimed || len(adv.Audience().Lines) > 0 {
		return nil
	}
	return exchange.Refuse(exchange.Internal, "X-19", nil, "this end has lost entries that it had receipted up to %d; it signs nothing over less without its own receipt over that", claimed)
}

// meant is the outbox of the peer to us that a batch says to be of. Where it says something else, that of the present generation:
// holding the batch against it refuses it with the reason.
func (n *Node) meant(l *link, b *exchange.Batch) seal.Origin {
	origin := n.mirrorOf(l.profile.Party)
	head, err := headOf(b.Note)
	if err != nil || !sameButGeneration(head.Origin, origin) {
		return origin
	}
	if o, err := seal.ParseOrigin(head.Origin); err == nil {
		return o
	}
	return origin
}

// verify reads the mirror of an outbox and holds the batch against it.
func (n *Node) verify(ctx context.Context, origin seal.Origin, b *exchange.Batch) (adv *exchange.Advance, again *exchange.Resend, err error) {
	author, ok := n.author(origin)
	if !ok {
		return nil, nil, exchange.Refuse(exchange.UnknownOutbox, "K-30", nil, "the keys of that generation are not known here")
	}
	err = n.cfg.Store.View(ctx, func(tx *store.Tx) error {
		row, err := tx.Outbox(origin.String())
		if storeKind(err) == store.NotFound {
			row, err = store.Outbox{Origin: origin, Head: emptyHead(origin)}, nil
		}
		if err != nil {
			return err
		}
		m := exchange.Mirror{Origin: origin, Head: row.Head, Note: row.Note, Tiles: tx.Tiles(row.ID), Newest: row.Receipt, Terms: n.ownTerms(origin, b.Note),
			ReceiptAt: func(size int64) ([]byte, error) { return n.receiptAt(tx, row, size) }}
		adv, again, err = exchange.Verify(m, author, b, n.cfg.Now())
		if adv != nil {
			err = n.admits(tx, origin, adv.Checkpoint())
		}
		if err != nil {
			adv, again = nil, nil
		}
		if adv == nil || origin.Audience == seal.Public { // the register belongs to no link
			return err
		}
		return n.takesFrom(tx, origin.Author)
	})
	return adv, again, err
}

// ownTerms lets our own receipt, which comes back with a batch, excuse contents that its author has erased since.
func (n *Node) ownTerms(origin seal.Origin, note []byte) *exchange.Terms {
	if origin.Audience != n.party {
		return nil
	}
	return &exchange.Terms{Audience: n.party, Keys: n.own.receiptKeys(n.party, note), Quota: exchange.Unbounded()}
}

func emptyHead(o seal.Origin) seal.Head {
	h := seal.Head{Origin: o.String()}
	h.Root, _ = outbox.OpenTree(0, func(outbox.TileID) ([]byte, error) { return nil, nil }).Root()
	return h
}

// receiptAt gives the receipt that was given at that size, save one by keys that were given up since: the newest one, which 409 carries, was
// given anew (K-34).
func (n *Node) receiptAt(tx *store.Tx, row store.Outbox, size int64) ([]byte, error) {
	at, err := tx.Checkpoint(row.ID, size)
	if storeKind(err) == store.NotFound || err == nil && at.Receipt == nil {
		return nil, nil
	}
	if err != nil || len(n.own) == 0 || !n.own.present().givenUp() {
		return at.Receipt, err
	}
	head, err := headOf(at.Note)
	if err != nil {
		return nil, err
	}
	if _, err := n.cfg.Keys.Keys().OpenReceipt(n.party, at.Receipt, head); err != nil {
		return nil, nil
	}
	return at.Receipt, nil
}

// open decrypts and reads every entry, on all processors. What cannot be read becomes an entry that says so.
func (n *Node) open(l *link, adv *exchange.Advance) []docket.Entry {
	records, contents := adv.Records(), adv.Contents()
	out := make([]docket.Entry, len(records))
	onAllCores(len(records), func(i int) {
		out[i] = n.read(adv.Origin(), adv.Base()+int64(i), records[i], contents[i])
	})
	return out
}

// read makes the docket's entry of one record with its stored content.
func (n *Node) read(origin seal.Origin, index int64, r *record.Record, stored []byte) docket.Entry {
	e := docket.Entry{Author: origin.Author, Audience: origin.Audience, Ref: r.Ref(index)}
	switch {
	case stored == nil:
		e.Fault = docket.FaultErased
	case origin.Audience == seal.Public:
		e.Opened, e.Fault = n.readPublic(origin, r, stored)
	default:
		e.Opened, e.Fault = n.decrypted(stored, r.Open)
	}
	return e
}

// decrypted opens a content that is encrypted to us, or by us.
func (n *Node) decrypted(stored []byte, open func(content []byte) (*record.Opened, error)) (*record.Opened, string) {
	content, err := n.cfg.Keys.Decrypt(stored)
	if err != nil {
		return nil, docket.FaultUndecryptable
	}
	return openWith(content, open)
}

// openWith reads a content; what is wrong with it is its author's fault.
func openWith(content []byte, open func(content []byte) (*record.Opened, error)) (*record.Opened, string) {
	o, err := open(content)
	if err != nil {
		return nil, docket.FaultMalformed
	}
	return o, ""
}

// foldAll folds entries of one link into the stored docket, reading and writing each case once.
func (n *Node) foldAll(tx *store.Tx, party string, entries []docket.Entry) error {
	cases := map[string]docket.Case{}
	var order []string
	for _, e := range entries {
		key := docket.Key(e)
		c, ok := cases[key]
		if !ok {
			var err error
			if c, _, err = tx.Case(party, key); err != nil {
				return err
			}
			order = append(order, key)
		}
		cases[key] = docket.Apply(c, e)
	}
	v := n.viewer(tx)
	for _, key := range order {
		if err := v.put(party, cases[key]); err != nil {
			return err
		}
	}
	return foldStanding(tx, party, entries)
}

// keepEvidence stores what proves that two histories of an outbox are signed, or what looks like it, with whom it came from, and hands the refusal
// on.
func (n *Node) keepEvidence(ctx context.Context, by string, origin seal.Origin, refusal error) error {
	p, ok := errors.AsType[*exchange.Problem](refusal)
	if !ok || len(p.Theirs) == 0 {
		return refusal
	}
	a, b := p.Theirs, p.Ours
	var proof [][32]byte
	var fork *exchange.ForkError
	if errors.As(refusal, &fork) {
		a, b, proof = fork.Evidence.A, fork.Evidence.B, fork.Evidence.Proof
	}
	err := n.cfg.Store.Update(ctx, func(tx *store.Tx) error {
		return tx.PutEvidence(origin.String(), by, string(p.Kind), n.now(), a, b, proof)
	})
	if err != nil {
		return err
	}
	n.cfg.Log.Error("two histories", "from", by, "outbox", origin.String(), "kind", string(p.Kind), "detail", p.Detail)
	return refusal
}
