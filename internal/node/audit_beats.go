package node

import (
	"fmt"

	"verbale/internal/store"
	"verbale/seal"
)

// beats checks every beat that is kept over the outbox: who signed it, and that it is over a head of this log.
func (w *outboxAudit) beats(tx *store.Tx) error {
	known := seal.Head{Size: -1}
	err := tx.EachBeat(w.row.ID, func(b store.Beat) (err error) {
		w.a.Beats++
		where := fmt.Sprintf("%s beat of %s at %s", w.row.Origin, b.Party, b.At.Format("2006-01-02T15:04:05Z"))
		giver := w.givers[b.Party]
		if giver == nil {
			w.a.find(where, "it is by somebody who gives no beats over this outbox", restore)
			return nil
		}
		if known.Size != b.Size {
			known, err = headAt(tx, w.row, b.Size)
			if storeKind(err) == store.NotFound || err == nil && b.Size > w.row.Head.Size {
				known = seal.Head{Size: -1}
				w.a.find(where, fmt.Sprintf("there is no checkpoint of size %d that it could be over", b.Size), restore)
				return nil
			} else if err != nil {
				return err
			}
		}
		if err := giver.checkBeat(seal.Beat{Head: known, By: b.Party, Time: b.At, Signature: b.Signature}); err != nil {
			w.a.find(where, "it does not verify: "+err.Error(), restore)
		}
		return nil
	})
	if storeKind(err) == store.Corrupt {
		w.a.find(w.row.Origin.String()+" beats", err.Error(), restore)
		return nil
	}
	return err
}
