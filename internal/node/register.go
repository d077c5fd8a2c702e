package node

import (
	"context"

	"verbale/internal/exchange"
	"verbale/internal/store"
	"verbale/record"
	"verbale/seal"
)

// The registers of the parties that we are linked with are mirrored here (spec/register.md G-3): verified as any other outbox, not
// receipted, and not in the docket.

// faultSealed is why a record of another party's register cannot be read: it was sealed by its author. It is never in a docket.
const faultSealed = "sealed"

// readPublic reads a record of a register. What another party sealed is sealed to us, which is no fault of it (G-2).
func (n *Node) readPublic(origin seal.Origin, r *record.Record, stored []byte) (*record.Opened, string) {
	switch {
	case !record.Sealed(stored):
		return openWith(stored, r.Open)
	case origin.Author != n.party:
		return nil, faultSealed
	}
	return n.decrypted(stored, r.OpenSealed)
}

// sealedToSelf composes, seals and signs an entry of our register that only we can open. Nothing is stored yet.
func (n *Node) sealedToSelf(origin seal.Origin, draft record.Fields) (*filing, error) {
	c, err := record.Compose(draft, n.cfg.Rand)
	if err != nil {
		return nil, err
	}
	stored, err := n.cfg.Keys.SealToSelf(c.Content())
	if err != nil {
		return nil, err
	}
	r, err := c.SignSealed(origin.String(), n.cfg.Keys.Keys().RecordKeyID(), stored, n.cfg.Keys.SignRecord)
	if err != nil {
		return nil, err
	}
	opened := &record.Opened{Record: r, Fields: draft, Full: true}
	return &filing{origin: origin, record: r, stored: stored, opened: opened, outcome: make(chan outcome, 1)}, nil
}

// registerOf is the register that the peer's profile stands in.
func registerOf(l *link) (seal.Origin, error) {
	return seal.ParseOrigin(l.profile.Opened.Record.Outbox())
}

// Follow brings our mirror of the peer's register up to date, and fetches what dates the outboxes of the link. It returns how many
// entries of the register came.
func (n *Node) Follow(ctx context.Context, party string) (int64, error) {
	l, err := n.linkTo(party)
	if err != nil {
		return 0, err
	}
	peer, err := n.peer(l)
	if err != nil {
		return 0, err
	}
	came, err := n.followWith(ctx, l, peer)
	if err != nil {
		return came, err
	}
	l.following.Lock()
	defer l.following.Unlock()
	return came, n.fetchDatings(ctx, l, peer)
}

// followWith pulls the peer's register, and takes new keys that it leads to.
func (n *Node) followWith(ctx context.Context, l *link, peer exchange.Peer) (int64, error) {
	l.following.Lock()
	defer l.following.Unlock()
	came, err := n.pullRegister(ctx, l, peer)
	if err != nil {
		return came, err
	}
	taken, err := n.followKeys(ctx, l, peer)
	if taken {
		l.pullSoon() // the loop of the link as it is now: what the new keys have written
	}
	return came, err
}

// pullRegister pulls until there is nothing beyond what we hold.
func (n *Node) pullRegister(ctx context.Context, l *link, peer exchange.Peer) (came int64, err error) {
	origin, err := registerOf(l)
	if err != nil {
		return 0, err
	}
	for held := int64(-1); ; {
		row, err := n.outboxRow(ctx, origin)
		if err != nil && storeKind(err) != store.NotFound {
			return came, err
		}
		if row.Head.Size == held {
			return came, exchange.Refuse(exchange.Malformed, "X-9", nil, "%s was asked for entries of its register from %d and gave others", l.profile.Party, held)
		}
		if held >= 0 {
			came += row.Head.Size - held
		}
		held = row.Head.Size
		b, err := peer.Pull(ctx, origin.String(), held)
		if err != nil {
			return came, l.unreached(err)
		}
		if b == nil {
			return came, n.sameRegister(ctx, l, peer, row)
		}
		if err := n.ingestRegister(ctx, l, origin, b); err != nil {
			return came, err
		}
	}
}

// ingestRegister stores a batch of a register: no receipt, no docket.
func (n *Node) ingestRegister(ctx context.Context, l *link, origin seal.Origin, b *exchange.Batch) error {
	adv, _, err := n.verify(ctx, origin, b)
	if err != nil {
		return n.keepEvidence(ctx, origin.Author, origin, err)
	}
	if adv == nil { // asked for what we do not hold, it gave what we do
		return exchange.Refuse(exchange.Malformed, "X-9", nil, "%s gave entries of its register that are held here already", l.profile.Party)
	}
	err = n.cfg.Store.Update(ctx, func(tx *store.Tx) error { return tx.Advance(adv, seal.Receipt{}) })
	if err != nil {
		return err
	}
	n.cfg.Log.Info("register", "of", l.profile.Party, "entries", len(adv.Records()), "size", adv.Checkpoint().Size)
	return nil
}

// sameRegister sees whether a register that has nothing new for us is still the one that we hold (G-3). A shorter one of the same log
// is an old backup of its author's, which its own node will find; a log that parts from ours is a fork, and kept.
func (n *Node) sameRegister(ctx context.Context, l *link, peer exchange.Peer, held store.Outbox) error {
	if held.Head.Size == 0 {
		return nil
	}
	note, err := peer.Head(ctx, held.Head.Origin)
	if err != nil {
		return l.unreached(err)
	}
	head, err := headOf(note)
	if err != nil || head.Origin != held.Head.Origin {
		return exchange.Refuse(exchange.Malformed, "G-3", err, "%s was asked for the newest head of its register and gave something else", l.profile.Party)
	}
	if head == held.Head || head.Size > held.Head.Size || head.Size == 0 {
		return nil
	}
	b, err := peer.Pull(ctx, head.Origin, head.Size-1)
	if err != nil || b == nil {
		return l.unreached(err)
	}
	_, _, err = n.verify(ctx, held.Origin, b)
	if exchange.KindOf(err) == exchange.BehindOrAhead {
		n.cfg.Log.Warn("a register went back", "of", l.profile.Party, "held", held.Head.Size, "shown", head.Size)
		return nil
	}
	return n.keepEvidence(ctx, held.Origin.Author, held.Origin, err)
}
