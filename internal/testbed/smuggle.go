package testbed

import (
	"verbale/internal/docket"
	"verbale/internal/store"
	"verbale/outbox"
	"verbale/record"
	"verbale/seal"
)

// Smuggle writes a record into the outbox to a peer that this node would not write: nobody is asked whether the docket allows it. It is encrypted,
// signed, appended and folded like any other, so that the peer receives what a node of another make may send.
func (p *Party) Smuggle(to *Party, f record.Fields) record.Ref {
	p.Bed.t.Helper()
	origin := seal.Origin{Author: p.Name, Audience: to.Name, Generation: 1}
	c, err := record.Compose(f, p.Bed.seed)
	p.Bed.must(err)
	stored, err := p.Keys.Encrypt(to.Profile.Keys, c.Content())
	p.Bed.must(err)
	r, err := c.Sign(origin.String(), p.Keys.Keys().RecordKeyID(), record.DigestOf(stored), p.Keys.SignRecord)
	p.Bed.must(err)
	var ref record.Ref
	p.Bed.must(p.Store.Update(p.Bed.t.Context(), func(tx *store.Tx) error {
		row, err := tx.Outbox(origin.String())
		if err != nil {
			return err
		}
		ref = r.Ref(row.Head.Size)
		e := docket.Entry{Author: p.Name, Audience: to.Name, Ref: ref, Opened: &record.Opened{Record: r, Fields: f, Full: true}}
		was, _, err := tx.Case(to.Name, docket.Key(e))
		if err != nil {
			return err
		}
		tree := outbox.OpenTree(row.Head.Size, tx.Tiles(row.ID))
		if err := tree.Append(r.LeafHash()); err != nil {
			return err
		}
		root, err := tree.Root()
		if err != nil {
			return err
		}
		cp, err := p.Keys.SignHead(seal.Head{Origin: origin.String(), Size: tree.Size(), Root: root}, p.Now())
		if err != nil {
			return err
		}
		if err := tx.Append(row.ID, row.Head.Size, []store.NewLeaf{{Leaf: r.Bytes(), Content: stored}}, tree.Changed(), cp); err != nil {
			return err
		}
		standing, err := tx.Standing(to.Name)
		if err != nil {
			return err
		}
		if err := tx.PutStanding(to.Name, standing.Apply(e)); err != nil {
			return err
		}
		return tx.PutCase(to.Name, docket.Apply(was, e))
	}))
	return ref
}
