package node

import (
	"context"
	"fmt"
	"slices"

	"verbale/internal/exchange"
	"verbale/internal/store"
	"verbale/outbox"
	"verbale/seal"
)

// UnReceived is the kind of evidence that a peer holds less of our outbox than it has receipted: its receipt from before, and
// the one that it shows now, if any. Who restores an old backup does this; it is no fork.
const UnReceived = "un-received"

// disowned looks at a head that a party shows us. Where it bears our own signatures and is not one of our log, that log was signed
// twice, or this database is an old backup of it: the outbox is stopped, and the error says so. Nil: the note proves nothing.
func (n *Node) disowned(ctx context.Context, by string, origin string, note []byte) error {
	o, err := seal.ParseOrigin(origin)
	if err != nil {
		return nil
	}
	author, ok := n.author(o)
	if !ok {
		return nil
	}
	cp, err := author.Keys.OpenCheckpoint(note)
	if err != nil || cp.Origin != origin {
		return nil
	}
	var why string
	err = n.cfg.Store.Update(ctx, func(tx *store.Tx) error {
		row, err := tx.Outbox(cp.Origin)
		if err != nil {
			return err
		}
		if why, err = n.contradiction(tx, by, row, cp); err != nil || why == "" {
			return err
		}
		return tx.StopOutbox(row.ID, why)
	})
	if err != nil || why == "" {
		return err
	}
	n.cfg.Log.Error("outbox stopped", "outbox", cp.Origin, "why", why)
	from := by
	if o.Audience != seal.Public {
		from = o.Audience // a relay may have shown it
	}
	return fail(Stopped, nil, "do not file anything more to this peer; if this is an old copy: verbale recover --from-peer "+from+"\nsee docs/operator.md, 'an outbox is stopped'", "%s", why)
}

// contradiction says why cp, which bears our signatures, cannot be of the log in row, and keeps the proof of it where there is one.
// Empty: it is of that log.
func (n *Node) contradiction(tx *store.Tx, by string, row store.Outbox, cp seal.Checkpoint) (why string, err error) {
	if cp.Size > row.Head.Size && row.Origin.Generation != n.own.newest() {
		// Our new keys have named the end of this outbox, so there is nothing to recover.
		err := tx.PutEvidence(cp.Origin, by, OtherEnd, n.now(), cp.Note, row.Note, nil)
		return fmt.Sprintf("%s holds %d entries signed with the old keys of this node, which had signed %d: somebody else has the old keys", by, cp.Size, row.Head.Size), err
	}
	if cp.Size > row.Head.Size {
		who := "the peer"
		if by != row.Origin.Audience && row.Origin.Audience != seal.Public {
			who = by + ", the peer's relay,"
		}
		return fmt.Sprintf("%s holds %d entries signed by this node, this database has %d: it is an old backup; restore a newer one, or recover from the peer",
			who, cp.Size, row.Head.Size), nil
	}
	tree := outbox.OpenTree(row.Head.Size, tx.Tiles(row.ID))
	root, err := tree.RootAt(cp.Size)
	if err != nil || root == cp.Root {
		return "", err
	}
	var proof [][32]byte
	if cp.Size < row.Head.Size {
		path, err := tree.ProveConsistency(cp.Size, row.Head.Size)
		if err != nil {
			return "", err
		}
		proof = append([][32]byte{root}, path...)
	}
	err = tx.PutEvidence(cp.Origin, by, string(exchange.ForkFound), n.now(), cp.Note, row.Note, proof)
	return fmt.Sprintf("%s shows another history of this outbox signed with this node's keys: an old backup was used, or the keys are in two places", by), err
}

// unReceived keeps what shows that the peer holds less than it receipted. It then gets again what it lost.
func (n *Node) unReceived(ctx context.Context, l *link, row store.Outbox, p *exchange.Problem) error {
	n.cfg.Log.Error("the peer holds less than it receipted", "party", l.profile.Party, "receipted", row.Receipted, "holds", p.Size)
	return n.cfg.Store.Update(ctx, func(tx *store.Tx) error {
		shown, err := n.shownReceipt(tx, l, row, p.Receipt)
		if err != nil {
			return err
		}
		return tx.PutEvidence(row.Origin.String(), l.profile.Party, UnReceived, n.now(), row.Receipt, shown, nil)
	})
}

// shownReceipt writes a receipt that was verified with our own lines, which the peer may have left out. Nil stays nil.
func (n *Node) shownReceipt(tx *store.Tx, l *link, row store.Outbox, receipt []byte) ([]byte, error) {
	if receipt == nil {
		return nil, nil
	}
	head, err := headOf(receipt)
	if err != nil {
		return nil, err
	}
	at, err := tx.Checkpoint(row.ID, head.Size)
	if err != nil {
		return nil, err
	}
	r, err := l.generations.openReceipt(l.profile.Party, receipt, head)
	return slices.Concat(at.Note, r.Lines), err
}
