package node

import (
	"context"

	"verbale/internal/exchange"
	"verbale/internal/store"
)

// barred is what a caller gets who shows a TLS key that was given up as compromised (K-34, K-37): a refusal, and for a push whose head bears
// the old signatures, evidence that somebody still signs with them.
type barred struct {
	n      *Node
	caller string
}

var _ exchange.Peer = barred{}

func (d barred) refusal() *exchange.Problem {
	return exchange.Refuse(exchange.ExpiredKey, "K-34", nil, "this key of %s was given up, and nothing is exchanged with it", d.caller)
}

// Push keeps what shows that the old keys are used, and takes nothing.
func (d barred) Push(ctx context.Context, b *exchange.Batch) ([]byte, error) {
	l, err := d.n.linkTo(d.caller)
	if err != nil {
		return nil, d.refusal()
	}
	origin := d.n.meant(l, b)
	author, ok := d.n.author(origin)
	if !ok || origin.Generation == l.generations.newest() {
		return nil, d.refusal()
	}
	cp, err := author.Keys.OpenCheckpoint(b.Note)
	if err != nil || cp.Origin != origin.String() {
		return nil, d.refusal()
	}
	err = d.n.cfg.Store.Update(ctx, func(tx *store.Tx) error {
		if at, err := tx.Outbox(cp.Origin); err == nil {
			if known, err := headAt(tx, at, cp.Size); err == nil && known == cp.Head {
				return nil // it was signed, and taken, before
			}
		}
		return tx.PutEvidence(cp.Origin, d.caller, string(exchange.ExpiredKey), d.n.now(), cp.Note, nil, nil)
	})
	if err != nil {
		return nil, problemOf(err)
	}
	d.n.cfg.Log.Error("somebody uses keys that were given up", "party", d.caller, "outbox", cp.Origin, "size", cp.Size)
	return nil, d.refusal()
}

// Pull refuses.
func (d barred) Pull(context.Context, string, int64) (*exchange.Batch, error) {
	return nil, d.refusal()
}

// Head refuses.
func (d barred) Head(context.Context, string) ([]byte, error) { return nil, d.refusal() }

// Return refuses.
func (d barred) Return(context.Context, []byte) error { return d.refusal() }

// Beat refuses.
func (d barred) Beat(context.Context, [][]byte) ([][]byte, error) { return nil, d.refusal() }

// Dated refuses.
func (d barred) Dated(context.Context, string, int64) ([]exchange.Anchor, error) {
	return nil, d.refusal()
}

// Admit refuses.
func (d barred) Admit(context.Context, string) error { return d.refusal() }
