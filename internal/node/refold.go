package node

import (
	"context"

	"verbale/internal/docket"
	"verbale/internal/store"
)

// metaFold is the key in meta of the rules that the docket was folded by.
const metaFold = "docket/fold"

// refold makes the docket anew where another program had folded it: what that one did not know was kept and receipted as unknown, and is what it says
// from now on. Where it cannot be done the node starts as it is, and fsck says what is different.
func (n *Node) refold(ctx context.Context) error {
	var by string
	err := n.cfg.Store.View(ctx, func(tx *store.Tx) (err error) {
		by, _, err = tx.Meta(metaFold)
		return err
	})
	if err != nil || by == docket.FoldVersion() {
		return err
	}
	r, err := n.Rebuild(ctx, true, nil)
	if err == nil {
		err = n.cfg.Store.Update(ctx, func(tx *store.Tx) error { return tx.SetMeta(metaFold, docket.FoldVersion()) })
	}
	if err == nil && len(r.Different) > 0 {
		n.cfg.Log.Info("this program knows more than the one before it: the docket was folded anew", "cases", r.Cases, "different", len(r.Different))
		if n.search != nil {
			err = n.search.Reset() // it has no words of what was not known
		}
	}
	if err != nil && ctx.Err() == nil {
		n.cfg.Log.Error("the docket could not be folded anew; run verbale fsck", "error", err.Error())
		return nil
	}
	return err
}
