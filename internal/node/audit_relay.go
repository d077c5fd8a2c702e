package node

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"verbale/internal/store"
	"verbale/seal"
	"verbale/verdict"
)

// Fsck over what relays have signed, and over what this node holds as one.

// signersOf gives who must have signed an outbox, and, by party, the keys of those who may give receipts and beats over it: its author, its
// audience, and relays of the audience. False: they are not known here.
func (n *Node) signersOf(tx *store.Tx, o seal.Origin) (author seal.Keys, givers map[string]generations, ok bool, err error) {
	givers = map[string]generations{o.Author: n.generationsOf(o.Author), o.Audience: n.generationsOf(o.Audience)}
	if n.relayed(o) {
		givers[o.Author] = n.leaveOf(o.Audience, o.Author)
		givers[n.party] = n.own
	}
	g, ok := givers[o.Author].of(o.Generation)
	if !ok || o.Audience != seal.Public && givers[o.Audience] == nil {
		return author, nil, false, nil
	}
	if o.Audience != seal.Public && !n.relayed(o) {
		if err := n.addRelays(tx, o.Audience, givers); err != nil {
			return author, nil, false, err
		}
	}
	return g.profile.Keys, givers, true, nil
}

// addRelays adds the relays that an audience has ever named, as far as its registers are here, with all keys that they are known to have had.
func (n *Node) addRelays(tx *store.Tx, audience string, givers map[string]generations) error {
	for _, g := range n.generationsOf(audience) {
		d, _, err := n.readDesignations(tx, seal.Origin{Author: audience, Audience: seal.Public, Generation: g.number()})
		if err != nil {
			return err
		}
		for _, named := range d.List {
			if givers[named.Party] == nil {
				givers[named.Party] = slices.Clone(n.generationsOf(named.Party))
			}
			p, err := verdict.OpenProfile(named.Profile)
			if err != nil || p.Party != named.Party {
				continue
			}
			same := func(g generation) bool { return g.profile.Fingerprint == p.Fingerprint }
			if at := slices.IndexFunc(givers[p.Party], same); at < 0 {
				givers[p.Party] = append(givers[p.Party], generation{profile: p})
			} else if releasedAt(p).After(releasedAt(givers[p.Party][at].profile)) {
				givers[p.Party][at].profile = p
			}
		}
	}
	return nil
}

// relayKeys gives all keys of a relay that an audience has named, or that it is known to have had.
func (n *Node) relayKeys(ctx context.Context, audience, relay string) (gs generations, err error) {
	err = n.cfg.Store.View(ctx, func(tx *store.Tx) error {
		givers := map[string]generations{}
		err := n.addRelays(tx, audience, givers)
		gs = givers[relay]
		return err
	})
	return gs, err
}

// lodged checks what stands over an outbox of a link by others than its two parties: the receipts of relays. Of what we hold for others,
// each checkpoint has ours, and nothing was erased that the audience has not receipted.
func (w *outboxAudit) lodged(tx *store.Tx) error {
	if w.row.Origin.Audience == seal.Public {
		return nil
	}
	given := map[int64]bool{}
	err := tx.EachCosignature(w.row.ID, func(c store.Cosignature) error {
		w.a.Receipts++
		party, _ := strings.CutSuffix(c.Name, seal.ReceiptName(""))
		given[c.Size] = given[c.Size] || party == w.own
		wrong, err := w.wrongReceipt(tx, party, c)
		if wrong != "" {
			w.a.find(fmt.Sprintf("%s receipt of %s over %d", w.row.Origin, party, c.Size), wrong, restore)
		}
		return err
	})
	if err != nil || w.row.Own || w.row.Origin.Audience == w.own {
		return err
	}
	return w.relayed(tx, given)
}

// wrongReceipt says what is wrong with the receipt of a relay, "" when nothing is.
func (w *outboxAudit) wrongReceipt(tx *store.Tx, party string, c store.Cosignature) (string, error) {
	giver := w.givers[party]
	if giver == nil || party == w.row.Origin.Author || party == w.row.Origin.Audience {
		return "it is by somebody who is no relay of the audience, as far as is known here", nil
	}
	at, err := tx.Checkpoint(w.row.ID, c.Size)
	if storeKind(err) == store.NotFound {
		return "there is no checkpoint of that size", nil
	} else if err != nil {
		return "", err
	}
	head, err := headOf(at.Note)
	if err != nil {
		return "the checkpoint that it is over is damaged", nil
	}
	r, err := giver.openReceipt(party, append(at.Note[:len(at.Note):len(at.Note)], c.Lines...), head)
	switch {
	case err != nil:
		return "it does not verify: " + err.Error(), nil
	case !r.Time.Equal(c.Time):
		return "the time kept beside it is not the one that it signs", nil
	}
	return "", nil
}

// relayed checks what only a relay owes.
func (w *outboxAudit) relayed(tx *store.Tx, given map[int64]bool) error {
	for size := int64(0); size < w.row.Head.Size; {
		at, err := tx.FirstCheckpointAfter(w.row.ID, size)
		if storeKind(err) == store.NotFound {
			break // the walk over the entries has said so
		} else if err != nil {
			return err
		}
		if size = at.Size; !given[size] {
			w.find(size, "our receipt over that head is missing")
		}
	}
	for index := w.row.Receipted; index < w.row.Head.Size; index++ {
		erased, err := tx.Erased(w.row.ID, index)
		if err != nil {
			return err
		}
		if erased {
			w.find(index, "its content was erased, and the audience has not receipted it")
		}
	}
	return nil
}

// auditLodgings checks the stored profiles of those who may lodge here.
func (n *Node) auditLodgings(tx *store.Tx, _ []store.Outbox, a *Audit) error {
	rows, err := tx.Lodgings()
	for _, row := range rows {
		p, err := verdict.OpenProfile(string(row.Profile))
		if err != nil || p.Party != row.Author || generationOf(p) != row.Generation {
			a.find("lodging of "+row.Author+" for "+row.Audience, "its profile is damaged, or another party's", restore)
		}
	}
	return err
}
