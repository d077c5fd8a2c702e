package node

import (
	"slices"
	"time"

	"verbale/internal/exchange"
	"verbale/internal/store"
	"verbale/seal"
	"verbale/verdict"
)

// A generation is one set of keys of a party (spec/keys.md K-30).
type generation struct {
	profile  verdict.Profile
	change   *keyChange // that led to them; nil for the first that are known here
	knownAt  time.Time
	compared bool // its words were compared
}

func (g generation) number() int { return generationOf(g.profile) }

// generationOf is the generation of the register that a profile stands in.
func generationOf(p verdict.Profile) int {
	o, err := seal.ParseOrigin(p.Opened.Record.Outbox())
	if err != nil {
		return 0 // cannot be: OpenProfile has parsed it
	}
	return o.Generation
}

// generations are those that are known of one party, the present one last.
type generations []generation

// newest gives the number of the present generation; 1 where there is none yet.
func (gs generations) newest() int {
	if len(gs) == 0 {
		return 1
	}
	return gs[len(gs)-1].number()
}

// of gives the generation with that number.
func (gs generations) of(number int) (generation, bool) {
	for _, g := range gs {
		if g.number() == number {
			return g, true
		}
	}
	return generation{}, false
}

// present is the one that is in use; gs is not empty.
func (gs generations) present() generation { return gs[len(gs)-1] }

// before gives the generation that g's change leads from.
func (gs generations) before(g generation) (generation, bool) {
	if g.change == nil {
		return generation{}, false
	}
	for _, old := range gs {
		if old.profile.Fingerprint == g.change.From {
			return old, true
		}
	}
	return generation{}, false
}

// after gives the generation that took the place of the one with that number, on the way to the present one. False: that is the present
// one, or none that leads to it (K-36).
func (gs generations) after(number int) (generation, bool) {
	if len(gs) == 0 {
		return generation{}, false
	}
	for g := gs.present(); ; {
		old, ok := gs.before(g)
		switch {
		case !ok:
			return generation{}, false
		case old.number() == number:
			return g, true
		}
		g = old
	}
}

// stands tells whether g is the present generation or on the way to it: what the recovery key has overruled is not (K-36).
func (gs generations) stands(g generation) bool {
	_, ok := gs.after(g.number())
	return ok || g.number() == gs.newest()
}

// givenUp tells whether the keys before g were given up as compromised.
func (g generation) givenUp() bool { return g.change != nil && g.change.Reason == seal.Compromise }

// waits tells whether the present keys wait for their words (K-33): they, or keys on the way to them since words were compared last, came by
// a change that nodes do not take by themselves.
func (gs generations) waits() bool {
	if len(gs) == 0 {
		return false
	}
	for g := gs.present(); !g.compared; {
		old, ok := gs.before(g)
		if !ok {
			return false
		}
		if !g.change.byItself(old.profile) {
			return true
		}
		g = old
	}
	return false
}

// compared refuses to send anything to keys whose words must be compared first (K-33).
func (l *link) compared() error {
	if !l.generations.waits() {
		return nil
	}
	g := l.generations.present()
	return fail(Stopped, nil, "compare the new words over the phone, then: verbale link confirm "+l.profile.Party,
		"the keys of %s changed at %s (%s), and the new words were not compared: nothing is sent to it", l.profile.Party,
		g.change.EffectiveAt.UTC().Format(time.RFC3339), g.change.Reason)
}

// openReceipt verifies a receipt of party by the keys of whichever generation gave it, the present one first (K-30). The error is that
// of the present one.
func (gs generations) openReceipt(party string, note []byte, h seal.Head) (seal.Receipt, error) {
	r, _, err := gs.openReceiptBy(party, note, h)
	return r, err
}

// openReceiptBy is openReceipt that tells which generation gave it.
func (gs generations) openReceiptBy(party string, note []byte, h seal.Head) (seal.Receipt, generation, error) {
	return anyOf(gs, func(k seal.Keys) (seal.Receipt, error) { return k.OpenReceipt(party, note, h) })
}

// receiptKeys gives the keys that gave the receipt in a note, the present ones where there is none; gs is not empty.
func (gs generations) receiptKeys(party string, note []byte) seal.Keys {
	head, err := headOf(note)
	if err != nil {
		return gs.present().profile.Keys
	}
	if _, by, err := gs.openReceiptBy(party, note, head); err == nil {
		return by.profile.Keys
	}
	return gs.present().profile.Keys
}

// openBeat is openReceipt for a beat.
func (gs generations) openBeat(party string, note []byte) (seal.Beat, error) {
	b, by, err := anyOf(gs, func(k seal.Keys) (seal.Beat, error) { return k.OpenBeat(party, note) })
	if err == nil && !gs.gives(by, b.Time) {
		return seal.Beat{}, fail(Refused, nil, "", "this beat of %s is by keys that it has replaced", party)
	}
	return b, err
}

// gives tells whether keys of a generation could still give a receipt or a beat at that time, by the clock in it (K-34).
func (gs generations) gives(by generation, at time.Time) bool {
	if by.number() == gs.newest() {
		return true
	}
	next, ok := gs.after(by.number())
	if !ok { // a relay is told keys, and not how they follow each other
		return !slices.ContainsFunc(gs, func(g generation) bool { return g.change != nil })
	}
	return !next.givenUp() && !at.After(next.change.EffectiveAt)
}

// checkBeat is openBeat for one that was kept as its parts.
func (gs generations) checkBeat(b seal.Beat) error {
	_, _, err := anyOf(gs, func(k seal.Keys) (seal.Beat, error) { return b, k.CheckBeat(b) })
	return err
}

func anyOf[T any](gs generations, open func(seal.Keys) (T, error)) (T, generation, error) {
	var first error
	for i := len(gs) - 1; i >= 0; i-- {
		v, err := open(gs[i].profile.Keys)
		if err == nil {
			return v, gs[i], nil
		}
		if first == nil {
			first = err
		}
	}
	var none T
	if first == nil {
		first = fail(NotLinked, nil, "", "no keys of that party are known here")
	}
	return none, generation{}, first
}

// replaced is gs with another profile of the present keys.
func (gs generations) replaced(p verdict.Profile, compared bool) generations {
	out := append(generations(nil), gs...)
	last := &out[len(out)-1]
	last.profile, last.compared = p, last.compared || compared
	return out
}

// generationsOf gives what is known of the keys of this party or of one that we are linked with.
func (n *Node) generationsOf(party string) generations {
	if party == n.party {
		return n.own
	}
	if l := n.known(party); l != nil {
		return l.generations
	}
	return nil
}

// author is who must have signed an outbox (K-30); false where its keys are not known.
func (n *Node) author(o seal.Origin) (exchange.Author, bool) {
	gs := n.generationsOf(o.Author)
	g, ok := gs.of(o.Generation)
	a := exchange.Author{Party: o.Author, Keys: g.profile.Keys}
	if ok && o.Generation == gs.newest() {
		a.ValidUntil = g.profile.ValidUntil // of replaced keys admits judges
	}
	return a, ok
}

// outboxTo is the origin of the outbox from this party to audience, of the present generation.
func (n *Node) outboxTo(audience string) seal.Origin {
	return seal.Origin{Author: n.party, Audience: audience, Generation: n.own.newest()}
}

// mirrorOf is the origin of a peer's outbox to this party, of the generation that is its present one here.
func (n *Node) mirrorOf(author string) seal.Origin {
	return seal.Origin{Author: author, Audience: n.party, Generation: n.generationsOf(author).newest()}
}

// outboxesTo gives the outboxes from this party to audience that there are, of all generations, the present one first.
func (n *Node) outboxesTo(tx *store.Tx, audience string) ([]store.Outbox, error) {
	return existing(tx, n.own, seal.Origin{Author: n.party, Audience: audience})
}

// mirrorsOf gives the mirrors of a peer's outboxes to this party that there are, of all generations, the present one first.
func (n *Node) mirrorsOf(tx *store.Tx, author string) ([]store.Outbox, error) {
	return existing(tx, n.generationsOf(author), seal.Origin{Author: author, Audience: n.party})
}

func existing(tx *store.Tx, gs generations, o seal.Origin) (rows []store.Outbox, err error) {
	for i := len(gs) - 1; i >= 0; i-- {
		o.Generation = gs[i].number()
		row, err := tx.Outbox(o.String())
		if storeKind(err) == store.NotFound {
			continue
		} else if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// sameButGeneration tells whether o names an outbox of the author of base to its audience.
func sameButGeneration(o string, base seal.Origin) bool {
	got, err := seal.ParseOrigin(o)
	return err == nil && got.Author == base.Author && got.Audience == base.Audience
}

// loadGenerations reads what is kept of the keys of every party.
func loadGenerations(tx *store.Tx) (map[string]generations, error) {
	rows, err := tx.Profiles()
	if err != nil {
		return nil, err
	}
	all := map[string]generations{}
	for _, row := range rows {
		p, err := verdict.OpenProfile(string(row.Profile))
		if err != nil || p.Party != row.Party || generationOf(p) != row.Generation {
			return nil, fail(Damaged, err, "restore a backup of the data folder", "the stored profile of %s, generation %d, cannot be read", row.Party, row.Generation)
		}
		g := generation{profile: p, knownAt: row.KnownAt, compared: row.Compared}
		if row.Change != nil {
			if g.change, err = openKeyChange(string(row.Change)); err != nil {
				return nil, fail(Damaged, err, "restore a backup of the data folder", "the stored change of keys of %s, generation %d, cannot be read", row.Party, row.Generation)
			}
		}
		all[row.Party] = append(all[row.Party], g)
	}
	return all, nil
}

// endingWith is gs with p, as it stands beside the link or in the store's meta, for the present one. Databases of before have no more.
func (gs generations) endingWith(p verdict.Profile, at time.Time, compared bool) generations {
	if len(gs) > 0 && gs.newest() == generationOf(p) {
		return gs.replaced(p, compared)
	}
	return append(gs[:len(gs):len(gs)], generation{profile: p, knownAt: at, compared: compared})
}

// keepGenerations stores what is known of the keys of a party, once it has changed them.
func keepGenerations(tx *store.Tx, party string, gs generations) error {
	if len(gs) < 2 {
		return nil // what stands beside the link, or in the meta, is all
	}
	for _, g := range gs {
		row := store.Profile{Party: party, Generation: g.number(), Profile: []byte(g.profile.File), KnownAt: g.knownAt, Compared: g.compared}
		if g.change != nil {
			row.Change = []byte(g.change.file)
		}
		if err := tx.PutProfile(row); err != nil {
			return err
		}
	}
	return nil
}
