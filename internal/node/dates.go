package node

import (
	"slices"
	"strings"

	"verbale/internal/store"
	"verbale/outbox"
	"verbale/record"
	"verbale/seal"
	"verbale/verdict"
)

// What dates the records of a bundle from outside: of each record at most one entry of each side's register that says when it stood there,
// and one of its author's that says until when it did not (G-9). Of what is pending, nothing is added.

// dater adds to a bundle what dates its records.
type dater struct {
	n   *Node
	tx  *store.Tx
	b   *verdict.Bundle
	own []ownEntry
}

// ownEntry is an entry of our register with all heads of it that the bundle opens.
type ownEntry struct {
	dating store.Dating // the first of them
	heads  []seal.Head
}

// all adds what dates these records.
func (d *dater) all(refs []record.Ref) error {
	for _, ref := range refs {
		if err := d.date(ref); err != nil {
			return err
		}
	}
	return d.finish()
}

// date adds what dates the record.
func (d *dater) date(ref record.Ref) error {
	row, err := d.tx.Outbox(ref.Outbox)
	if err != nil || row.Origin.Audience == seal.Public {
		return err
	}
	found, err := datingsOf(d.tx, row, ref.Index)
	if err != nil {
		return err
	}
	for _, dating := range found {
		if err := d.head(row, dating, ref); err != nil {
			return err
		}
		if dating.Record == nil {
			err = d.opens(row, dating)
		} else {
			err = d.anchored(dating)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// datingsOf finds the entries: of both sides the first with a head that covers the record, of its author the last with one that does not.
func datingsOf(tx *store.Tx, row store.Outbox, index int64) (all []store.Dating, err error) {
	add := func(d store.Dating, found bool, err error) error {
		if found {
			all = append(all, d)
		}
		return err
	}
	for _, party := range []string{row.Origin.Author, row.Origin.Audience} {
		if err := add(tx.FirstDating(row.ID, index, party)); err != nil {
			return nil, err
		}
	}
	return all, add(tx.LastDating(row.ID, index, row.Origin.Author))
}

// head adds the checkpoint that a dating is of, and shows the record under it, if it covers it: the leaf alone, whose fields stand in
// the bundle once.
func (d *dater) head(row store.Outbox, dating store.Dating, ref record.Ref) error {
	at, err := d.tx.Checkpoint(row.ID, dating.Size)
	if err != nil {
		return err
	}
	cp := checkpointOf(d.b, at.Note)
	if dating.Size <= ref.Index || slices.ContainsFunc(d.b.Records, func(e verdict.Exhibit) bool { return e.Checkpoint == cp && e.Index == ref.Index }) {
		return nil
	}
	e, err := d.n.entryOf(d.tx, ref.Outbox, ref.Index)
	if err != nil {
		return err
	}
	return d.exhibit(cp, row, dating.Size, ref.Index, string(e.record.Bytes())+"~")
}

// exhibit adds an entry of an outbox that is here.
func (d *dater) exhibit(cp int, row store.Outbox, size, index int64, shown string) error {
	proof, err := outbox.OpenTree(row.Head.Size, d.tx.Tiles(row.ID)).ProveInclusion(index, size)
	if err != nil {
		return err
	}
	d.b.Records = append(d.b.Records, verdict.Exhibit{Checkpoint: cp, Index: index, Proof: proof, Record: shown})
	return nil
}

// opens notes a head that an entry of our own register is to be opened for.
func (d *dater) opens(row store.Outbox, dating store.Dating) error {
	head, err := signedHead(d.tx, row.ID, dating.Size)
	if err != nil {
		return err
	}
	for i, e := range d.own {
		if e.dating.Register == dating.Register && e.dating.Position == dating.Position {
			if !slices.Contains(e.heads, head) {
				d.own[i].heads = append(e.heads, head)
			}
			return nil
		}
	}
	d.own = append(d.own, ownEntry{dating, []seal.Head{head}})
	return nil
}

// anchored adds a dating by the other side as it came.
func (d *dater) anchored(dating store.Dating) error {
	a, err := d.n.anchor(d.tx, dating)
	if err != nil {
		return err
	}
	d.witnesses(a.Witnesses)
	d.b.Records = append(d.b.Records, verdict.Exhibit{Checkpoint: checkpointOf(d.b, a.Note), Index: a.Index, Proof: a.Proof, Record: a.Record})
	return nil
}

// finish adds the entries of our own register, each once.
func (d *dater) finish() error {
	for _, e := range d.own {
		register, err := d.tx.Outbox(e.dating.Register)
		if err != nil {
			return err
		}
		note, err := d.witnessed(register, e.dating.Covered)
		if err != nil {
			return err
		}
		o, err := d.n.headsEntry(d.tx, register, e.dating.Position)
		if err != nil {
			return err
		}
		shown, err := presentHeads(o, e.heads...)
		if err != nil {
			return err
		}
		if err := d.exhibit(checkpointOf(d.b, note), register, e.dating.Covered, e.dating.Position, shown); err != nil {
			return err
		}
	}
	return nil
}

// witnessed is a checkpoint of our register with its lines, whose keys go into the bundle.
func (d *dater) witnessed(register store.Outbox, size int64) ([]byte, error) {
	note, err := witnessedNote(d.tx, register.ID, size)
	if err != nil {
		return nil, err
	}
	keys, err := witnessesOf(d.tx, note)
	d.witnesses(keys)
	return note, err
}

func (d *dater) witnesses(keys []string) {
	for _, vkey := range keys {
		if !slices.Contains(d.b.Witnesses, vkey) {
			d.b.Witnesses = append(d.b.Witnesses, vkey)
		}
	}
}

// registerCheckpoint is the checkpoint of a register under which its entry is best shown: the first that is dated, if one is, else the
// newest.
func (d *dater) registerCheckpoint(register store.Outbox, index int64) (note []byte, size int64, err error) {
	dating, found, err := d.tx.FirstCovering(register.Origin.String(), index)
	if err != nil {
		return nil, 0, err
	}
	if found && dating.Record != nil && dating.Covered <= register.Head.Size {
		keys, err := witnessesOf(d.tx, dating.Note)
		d.witnesses(keys)
		return dating.Note, dating.Covered, err
	}
	if register.Own {
		if size, found, err = d.n.firstQuorum(d.tx, register, index); err != nil {
			return nil, 0, err
		}
		if found {
			note, err = d.witnessed(register, size)
			return note, size, err
		}
	}
	return register.Note, register.Head.Size, nil
}

// firstQuorum is the smallest checkpoint of our register that covers the entry and has the quorum of our policy.
func (n *Node) firstQuorum(tx *store.Tx, register store.Outbox, index int64) (size int64, found bool, err error) {
	if n.cfg.Witnesses.Policy == nil {
		return 0, false, nil
	}
	for at := index; ; at = size {
		size = 0
		for _, w := range n.cfg.Witnesses.Policy.Witnesses {
			c, found, err := tx.FirstCosignature(register.ID, at, keyTag(w.Key))
			if err != nil {
				return 0, false, err
			}
			if found && (size == 0 || c.Size < size) {
				size = c.Size
			}
		}
		if size == 0 {
			return 0, false, nil
		}
		if met, err := n.quorumAt(tx, register, size); err != nil || met {
			return size, met, err
		}
	}
}

// quorumAt tells whether a checkpoint of our register has the quorum.
func (n *Node) quorumAt(tx *store.Tx, register store.Outbox, size int64) (bool, error) {
	head, err := signedHead(tx, register.ID, size)
	if err != nil {
		return false, err
	}
	note, err := witnessedNote(tx, register.ID, size)
	if err != nil {
		return false, err
	}
	d, err := n.cfg.Witnesses.Policy.Date(note, head)
	return err == nil && d.Met && len(d.By) > 0, err
}

// checkpointOf gives the place of a note in the bundle, or of one that has more lines below the same, and adds it where it is not there.
func checkpointOf(b *verdict.Bundle, note []byte) int {
	at := slices.IndexFunc(b.Checkpoints, func(there string) bool { return strings.HasPrefix(there, string(note)) })
	if at < 0 {
		at = len(b.Checkpoints)
		b.Checkpoints = append(b.Checkpoints, string(note))
	}
	return at
}
