package node

import (
	"slices"
	"strings"

	"verbale/internal/store"
	"verbale/seal"
)

// What a bundle rests on: of each party the profile of every generation that signed something in it, and from there on up to the present one,
// with the changes that lead from one to the next. So whoever knows a party's present words, or its old ones, can judge all of it.

// keys adds the profiles to a bundle whose records are complete, and the changes of keys. It is the last that is added.
func (d *dater) keys(parties ...string) error {
	for _, party := range parties {
		gs := d.n.generationsOf(party)
		if len(gs) == 0 {
			continue
		}
		first := gs.newest()
		for _, note := range d.notes() {
			first = min(first, gs.earliestIn(party, note))
		}
		for _, g := range gs {
			if g.number() < first {
				continue
			}
			file, err := d.profileFile(party, g, gs)
			if err != nil {
				return err
			}
			d.b.Profiles = append(d.b.Profiles, file)
			if _, ok := gs.before(g); ok && g.number() > first {
				if err := d.change(party, g); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// profileFile is the newest profile of a generation: this party's own may have been renewed since the node was opened.
func (d *dater) profileFile(party string, g generation, gs generations) (string, error) {
	if party != d.n.party || g.number() != gs.newest() {
		return g.profile.File, nil
	}
	file, _, err := d.tx.Meta(metaProfile)
	return file, err
}

// notes gives all that is signed in a bundle, but for records, whose outboxes are named by their checkpoints, and beats.
func (d *dater) notes() []string {
	all := slices.Clone(d.b.Checkpoints)
	for _, f := range d.b.Forks {
		all = append(all, f.A, f.B)
	}
	for _, b := range d.b.Beats {
		all = append(all, b.Head)
	}
	return all
}

// earliestIn is the earliest generation of a party whose keys have signed a note: as its author, or with a receipt below it.
func (gs generations) earliestIn(party, note string) int {
	first := gs.newest()
	head, err := headOf([]byte(note))
	if err != nil {
		return first
	}
	if o, err := seal.ParseOrigin(head.Origin); err == nil && o.Author == party {
		first = min(first, o.Generation)
	}
	if strings.Contains(note, "\n— "+party+"/receipt ") {
		if _, by, err := gs.openReceiptBy(party, []byte(note), head); err == nil {
			first = min(first, by.number())
		}
	}
	return first
}

// change adds the record of a change of keys, as it stands in the register of the new ones, if that is here.
func (d *dater) change(party string, g generation) error {
	register := seal.Origin{Author: party, Audience: seal.Public, Generation: g.number()}
	row, err := d.tx.Outbox(register.String())
	if storeKind(err) == store.NotFound || err == nil && row.Head.Size < 2 {
		return nil // it came in a file; the register follows
	} else if err != nil {
		return err
	}
	note, size, err := d.registerCheckpoint(row, 1)
	if err != nil {
		return err
	}
	return d.exhibit(checkpointOf(d.b, note), row, size, 1, g.change.file)
}
