package node

import (
	"context"
	"encoding/base64"

	"verbale/internal/store"
	"verbale/outbox"
)

// A Change is a case as it is after a change. Changes are numbered, the numbers rise, and they survive a restart.
type Change struct {
	Number int64
	Case   CaseLine
}

// Changes gives a channel that is closed when a case changes. Ask for it first, then for ChangesSince: so nothing is missed.
func (n *Node) Changes() <-chan struct{} { return n.cfg.Store.Changes() }

// NewestChange is the number of the newest change, 0 before the first.
func (n *Node) NewestChange(ctx context.Context) (newest int64, err error) {
	err = n.cfg.Store.View(ctx, func(tx *store.Tx) error {
		newest, err = tx.Changed()
		return err
	})
	return newest, err
}

// ChangesSince gives the cases that changed after a change, as they are now, each once and by its last change: of at most limit cases those that
// may be seen. upto is where to go on; it is after as long as nothing has changed.
func (n *Node) ChangesSince(ctx context.Context, s Sight, after int64, limit int) (found []Change, upto int64, err error) {
	err = n.cfg.Store.View(ctx, func(tx *store.Tx) error {
		found, upto = nil, after
		rows, err := tx.ChangedSince(after, limit)
		if err != nil {
			return err
		}
		v := n.viewer(tx)
		for _, row := range rows {
			upto = row.Changed
			if !s.Case(row.Link, row.Case) {
				continue
			}
			view, err := v.view(row.Case)
			if err != nil {
				return err
			}
			found = append(found, Change{row.Changed, lineOf(row, view)})
		}
		return nil
	})
	return found, upto, err
}

// coveredCases counts a change of each case that was opened by an entry from from to to, without it, of an outbox of ours to party: a receipt covers
// them as the first, and so they are received now, or lodged.
func coveredCases(tx *store.Tx, party string, id, from, to int64) error {
	if from >= to {
		return nil
	}
	var keys []string
	err := tx.Leaves(id, from, to, func(_ int64, leaf []byte) error {
		hash := outbox.LeafHash(leaf)
		keys = append(keys, base64.RawURLEncoding.EncodeToString(hash[:]))
		return nil
	})
	for _, key := range keys {
		if err == nil {
			err = tx.TouchCase(party, key)
		}
	}
	return err
}
