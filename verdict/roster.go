package verdict

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"verbale/seal"
)

// A party is a verified profile: the keys of a party for one generation.
type party struct {
	Profile
	item    string // its place in the bundle, as "profiles[0]"
	vouched bool
	linked  bool   // by changes of keys, to keys that are vouched for (B-17)
	apart   bool   // from other keys of the party in the bundle
	kin     *party // one of those that this one is the same party as, beyond its name (B-17)
}

// A roster is all profiles of a bundle, those of one party by generation.
type roster map[string][]*party

// all gives every profile, by party and generation.
func (r roster) all() (list []*party) {
	for _, name := range slices.Sorted(maps.Keys(r)) {
		list = append(list, r[name]...)
	}
	return list
}

// author is the profile whose keys judge an outbox (B-2), or nil.
func (r roster) author(o seal.Origin) *party {
	for _, p := range r[o.Author] {
		if p.Generation == o.Generation {
			return p
		}
	}
	return nil
}

// holder is the profile of a party with this fingerprint, the first of several
// generations with the same keys; or nil.
func (r roster) holder(name, fingerprint string) *party {
	for _, p := range r[name] {
		if b64u(p.Fingerprint) == fingerprint {
			return p
		}
	}
	return nil
}

// readProfiles checks B-2, and that keys vouched for are among those of each
// party (B-7).
func (j *judge) readProfiles(b *Bundle) error {
	for i, file := range b.Profiles {
		item := place("profiles", i)
		p, err := openProfile(item, file)
		if err != nil {
			return err
		}
		old := j.roster.author(seal.Origin{Author: p.Party, Generation: p.Generation})
		switch {
		case old == nil:
			j.roster[p.Party] = append(j.roster[p.Party], &party{Profile: p, item: item, vouched: j.vouchesFor(p)})
		case old.File != file:
			return badProfile(item, "there are two different profiles of %s of the generation %d; a bundle rests on one of each", p.Party, p.Generation)
		}
	}
	for _, list := range j.roster {
		slices.SortFunc(list, func(a, b *party) int { return cmp.Compare(a.Generation, b.Generation) })
	}
	return j.checkTrust()
}

// vouchesFor reports whether the person verifying supplied these keys.
func (j *judge) vouchesFor(p Profile) bool {
	return slices.Contains(j.trusted.Keys, VouchedKeys{p.Party, p.Fingerprint})
}

// checkTrust refuses keys of a party of which other keys were supplied: then
// somebody is not who they say. A change of keys may link the two (B-17), and
// is looked for when the records are read, if any of the keys are vouched for.
func (j *judge) checkTrust() error {
	for _, p := range j.roster.all() {
		named := slices.ContainsFunc(j.trusted.Keys, func(k VouchedKeys) bool { return k.Party == p.Party })
		if named && !slices.ContainsFunc(j.roster[p.Party], func(q *party) bool { return q.vouched }) {
			return fail(KindTrust, p.item, "B-7", "the person verifying vouches for other keys of %s than those in this file, whose words are: %s; "+
				"either the file is not by %s, or it rests on keys of another time: ask %s which keys it had",
				p.Party, joined(p.Words), p.Party, p.Party)
		}
	}
	return nil
}

// notHere names the parties vouched for that have no profile in the bundle.
func (j *judge) notHere() (names []string) {
	for _, k := range j.trusted.Keys {
		if j.roster[k.Party] == nil {
			names = append(names, k.Party)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// parties lists the profiles by name and generation.
func (j *judge) parties() []PartyFinding {
	shared := j.sharedKeys()
	var list []PartyFinding
	for _, p := range j.roster.all() {
		list = append(list, PartyFinding{
			Party: p.Party, Generation: p.Generation, Title: p.Title, PartyKind: p.PartyKind, Jurisdiction: p.Jurisdiction,
			ReceiptStatement: p.ReceiptStatement, KeysValidUntil: p.ValidUntil, Fingerprint: b64u(p.Fingerprint),
			Words: p.Words, Vouched: p.vouched, Linked: p.linked, Apart: p.apart, SharesKeysWith: shared[p],
		})
	}
	return list
}

// sharedKeys finds parties that could speak for each other.
func (j *judge) sharedKeys() map[*party][]string {
	holders := make(map[string][]*party)
	for _, p := range j.roster.all() {
		k := p.Keys
		for _, key := range [][]byte{k.Record, k.LogEd25519, k.LogMLDSA44, k.ReceiptEd25519, k.ReceiptMLDSA44} {
			holders[string(key)] = append(holders[string(key)], p)
		}
	}
	shared := make(map[*party][]string)
	for _, list := range holders {
		for _, a := range list {
			for _, b := range list {
				if a.Party != b.Party {
					shared[a] = append(shared[a], b.Party)
				}
			}
		}
	}
	for p, others := range shared {
		slices.Sort(others)
		shared[p] = slices.Compact(others)
	}
	return shared
}

// joined is the words of a fingerprint as one text.
func joined(words []string) string { return strings.Join(words, " ") }

// bases names the keys of parties, without repetition.
func bases(parties ...*party) []Basis {
	var list []Basis
	for _, p := range parties {
		if p == nil {
			continue
		}
		b := Basis{Party: p.Party, Words: joined(p.Words), Vouched: p.vouched, Linked: p.linked}
		if !slices.Contains(list, b) {
			list = append(list, b)
		}
	}
	return list
}
