package node

import (
	"context"
	"encoding/base64"
	"math"
	"slices"
	"strings"
	"time"

	"verbale/internal/store"
	"verbale/record"
	"verbale/seal"
	"verbale/verdict"
)

// What relays have signed, in a bundle: the receipt that lodges a record (B-14), with the relay's profile and the entry of the audience's
// register that makes it a relay; and what a relay has answered (B-15).

// relayLines is the checkpoint of a size with the audience's receipt, if there is one, and those of relays by name (B-10). Lines that cannot
// be shown with a profile that verifies them are left out. profiles are those of the others.
func (n *Node) relayLines(tx *store.Tx, row store.Outbox, size int64) (note []byte, by map[string]verdict.Profile, err error) {
	at, err := tx.Checkpoint(row.ID, size)
	if err != nil {
		return nil, nil, err
	}
	head, err := headOf(at.Note)
	if err != nil {
		return nil, nil, err
	}
	all, err := tx.Cosignatures(row.ID, size)
	if err != nil {
		return nil, nil, err
	}
	_, givers, ok, err := n.signersOf(tx, row.Origin)
	if err != nil || !ok {
		return at.Note, nil, err
	}
	slices.SortFunc(all, func(a, b store.Cosignature) int { return strings.Compare(relayNameOf(a), relayNameOf(b)) })
	if note = at.Note; at.Receipt != nil {
		note = at.Receipt
	}
	by = map[string]verdict.Profile{}
	for _, c := range all {
		relay := relayNameOf(c)
		_, g, err := givers[relay].openReceiptBy(relay, slices.Concat(at.Note, c.Lines), head)
		if err == nil {
			note, by[relay] = slices.Concat(note, c.Lines), g.profile
		}
	}
	return note, by, nil
}

func relayNameOf(c store.Cosignature) string { return strings.TrimSuffix(c.Name, seal.ReceiptName("")) }

// lodged adds, for each of these records that a relay holds, the first receipt that says so and what it rests on; where the audience has
// not receipted it, also the last that the audience and the relay are known to have said of the outbox.
func (d *dater) lodged(refs []record.Ref) error {
	for _, ref := range refs {
		row, err := d.tx.Outbox(ref.Outbox)
		if err != nil {
			return err
		}
		if row.Origin.Audience == seal.Public {
			continue
		}
		c, found, err := d.tx.FirstLodged(row.ID, ref.Index)
		if err != nil {
			return err
		}
		if !found {
			continue
		}
		if err := d.lodging(row, ref, c); err != nil {
			return err
		}
		if ref.Index >= row.Receipted {
			if err := d.lastSaid(row, row.Origin.Audience, relayNameOf(c)); err != nil {
				return err
			}
		}
	}
	return nil
}

// lodging shows a record under the checkpoint that a relay has receipted: the leaf alone, whose fields stand in the bundle once.
func (d *dater) lodging(row store.Outbox, ref record.Ref, c store.Cosignature) error {
	note, by, err := d.n.relayLines(d.tx, row, c.Size)
	if err != nil {
		return err
	}
	relay := relayNameOf(c)
	p, ok := by[relay]
	if !ok {
		return nil
	}
	for _, other := range by {
		d.profile(other)
	}
	cp := checkpointOf(d.b, note)
	if !slices.ContainsFunc(d.b.Records, func(e verdict.Exhibit) bool { return e.Checkpoint == cp && e.Index == ref.Index }) {
		e, err := d.n.entryOf(d.tx, ref.Outbox, ref.Index)
		if err != nil {
			return err
		}
		if err := d.exhibit(cp, row, c.Size, ref.Index, string(e.record.Bytes())+"~"); err != nil {
			return err
		}
	}
	return d.designated(row.Origin.Audience, p, c.Time)
}

// profile adds the profile of a relay; of the same keys one is enough (B-2).
func (d *dater) profile(p verdict.Profile) {
	if !slices.ContainsFunc(d.b.Profiles, func(file string) bool {
		there, err := verdict.OpenProfile(file)
		return err == nil && there.Party == p.Party && there.Fingerprint == p.Fingerprint
	}) {
		d.b.Profiles = append(d.b.Profiles, p.File)
	}
}

// designated adds the entry by which the audience had named a relay, with these keys, at a time (B-14).
func (d *dater) designated(audience string, relay verdict.Profile, at time.Time) error {
	var last *designation
	for _, g := range d.n.generationsOf(audience) {
		list, _, err := d.n.readDesignations(d.tx, seal.Origin{Author: audience, Audience: seal.Public, Generation: g.number()})
		if err != nil {
			return err
		}
		for _, one := range list.List {
			if one.Party == relay.Party && !one.At.After(at) {
				last = &one
			}
		}
	}
	if last == nil || last.Ended || last.Fingerprint != base64.RawURLEncoding.EncodeToString(relay.Fingerprint[:]) {
		return nil
	}
	register, err := d.tx.Outbox(last.Register)
	if err != nil {
		return err
	}
	note, size, err := d.registerCheckpoint(register, last.Position)
	if err != nil {
		return err
	}
	e, err := d.n.entryOf(d.tx, last.Register, last.Position)
	if err != nil {
		return err
	}
	o := d.n.read(register.Origin, last.Position, e.record, e.stored).Opened
	if o == nil {
		return nil
	}
	shown, err := o.Present([]string{"act", "fingerprint", "party", "released_at", "role", "state"}) // the profile stands in the bundle
	if err != nil {
		return err
	}
	cp := checkpointOf(d.b, note)
	if slices.ContainsFunc(d.b.Records, func(e verdict.Exhibit) bool { return e.Checkpoint == cp && e.Index == last.Position }) {
		return nil
	}
	return d.exhibit(cp, register, size, last.Position, shown)
}

// lastSaid adds the last beats of these parties over an outbox.
func (d *dater) lastSaid(row store.Outbox, parties ...string) error {
	for _, party := range parties {
		b, found, err := d.tx.LastBeat(row.ID, party)
		if err != nil {
			return err
		}
		if !found {
			continue
		}
		head, err := headAt(d.tx, row, b.Size)
		if err != nil {
			return err
		}
		beat := seal.Beat{Head: head, By: b.Party, Time: b.At, Signature: b.Signature}
		if !slices.ContainsFunc(d.b.Beats, func(e verdict.BeatExhibit) bool {
			return e.By == party && e.Head == head.Text() && slices.ContainsFunc(e.Beats, func(p verdict.Pulse) bool { return p.Time.Equal(b.At) })
		}) {
			d.b.AddBeats(beat)
		}
	}
	return nil
}

// ProveRelay makes the bundle that shows what a relay has said of the outbox of an author to this party (or of ours to a peer, where that
// is the author's other side): its answers to polls and its receipts. Beside a file of the other side it convicts a relay that hid an entry
// (L-16).
func (n *Node) ProveRelay(ctx context.Context, relay, party string) (out []byte, err error) {
	if _, err := n.linkTo(party); err != nil {
		return nil, err
	}
	err = n.cfg.Store.View(ctx, func(tx *store.Tx) error {
		d := &dater{n: n, tx: tx, b: &verdict.Bundle{}}
		said := 0
		ours, err := n.outboxesTo(tx, party)
		if err != nil {
			return err
		}
		theirs, err := n.mirrorsOf(tx, party)
		if err != nil {
			return err
		}
		for _, row := range append(ours, theirs...) {
			more, err := d.saidBy(relay, row)
			if err != nil {
				return err
			}
			said += more
		}
		if said == 0 {
			return fail(NotFound, nil, "see: verbale relay status", "%s has said nothing here, as a relay, of the outboxes of the link with %s", relay, party)
		}
		if err := d.keys(n.party, party); err != nil {
			return err
		}
		out, err = d.encode()
		return err
	})
	return out, err
}

// saidBy adds all that a relay has said of an outbox, and its profiles.
func (d *dater) saidBy(relay string, row store.Outbox) (said int, err error) {
	_, givers, ok, err := d.n.signersOf(d.tx, row.Origin)
	if err != nil || !ok {
		return 0, err
	}
	err = d.tx.EachCosignature(row.ID, func(c store.Cosignature) error {
		if relayNameOf(c) != relay {
			return nil
		}
		note, by, err := d.n.relayLines(d.tx, row, c.Size)
		if err != nil {
			return err
		}
		for _, p := range by {
			d.profile(p)
		}
		checkpointOf(d.b, note)
		said++
		return nil
	})
	if err != nil {
		return said, err
	}
	beats, err := d.tx.Beats(row.ID, relay, time.Unix(0, 0), time.Unix(math.MaxInt64>>1, 0))
	if err != nil {
		return said, err
	}
	for _, b := range beats {
		head, err := headAt(d.tx, row, b.Size)
		if err != nil {
			return said, err
		}
		beat := seal.Beat{Head: head, By: b.Party, Time: b.At, Signature: b.Signature}
		if _, g, err := anyOf(givers[relay], func(k seal.Keys) (seal.Beat, error) { return beat, k.CheckBeat(beat) }); err == nil {
			d.profile(g.profile)
			d.b.AddBeats(beat)
			said++
		}
	}
	return said, nil
}
