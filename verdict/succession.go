package verdict

import (
	"cmp"
	"encoding/base64"
	"slices"
	"strings"
	"time"

	"verbale/seal"
)

// A change is what acts key-change say of two sets of keys of a party (B-17).
type change struct {
	KeyChangeFinding
	from, to *party // nil where the bundle does not have the profile
	parties  []*party
	notAfter *date
}

// Who authorizes a change of keys (acts.md §6).
const (
	byOldKeys  = "old-keys"
	byRecovery = "recovery-key"
)

// Why a change of keys is not authorized. These words stand in the JSON.
const (
	ProblemNoProfile  = "no-profile"    // one of the two profiles is not in the bundle
	ProblemGeneration = "generation"    // the new keys are not of a later generation
	ProblemNoRecovery = "no-recovery"   // the old profile names no recovery key
	ProblemSignature  = "bad-signature" // nobody who may has signed it
	ProblemNotShown   = "not-disclosed" // what is needed to judge it is not shown
)

// readChanges judges the acts key-change. The same change may stand in the old
// register and in the new one.
func (j *judge) readChanges() {
	seen := make(map[string]*change)
	for _, k := range j.known {
		if k.origin.Audience != seal.Public || k.act() != "key-change" {
			continue
		}
		c := j.changeOf(k)
		id := strings.Join([]string{c.Party, c.From.Fingerprint, c.To.Fingerprint, c.Reason, c.AuthorizedBy, c.Problem, c.EffectiveAt.String()}, " ")
		if old := seen[id]; old != nil {
			old.SaidByNew = old.SaidByNew || c.SaidByNew
			if c.notAfter != nil && (old.notAfter == nil || c.notAfter.compare(old.notAfter) < 0) {
				old.notAfter, old.NotAfter = c.notAfter, c.NotAfter
			}
			continue
		}
		seen[id] = c
		j.changes = append(j.changes, c)
	}
	slices.SortStableFunc(j.changes, func(a, b *change) int {
		return cmp.Or(cmp.Compare(a.Party, b.Party), a.EffectiveAt.Compare(b.EffectiveAt), cmp.Compare(a.From.Generation, b.From.Generation),
			cmp.Compare(a.From.Fingerprint, b.From.Fingerprint), cmp.Compare(a.To.Fingerprint, b.To.Fingerprint), cmp.Compare(a.Reason, b.Reason),
			cmp.Compare(a.AuthorizedBy, b.AuthorizedBy), cmp.Compare(a.Problem, b.Problem))
	})
}

// changeOf reads what one record says, of the exhibit that shows most.
func (j *judge) changeOf(k *known) *change {
	c := &change{notAfter: k.date}
	c.Party, c.Problem = k.origin.Author, ProblemNotShown
	if k.date != nil {
		c.NotAfter = k.date.finding()
	}
	for _, x := range k.exhibits {
		f := x.opened.Fields
		if x.opened.Act() != "key-change" || f.Text("from") == "" || f.Text("to") == "" || f.Text("reason") == "" || f.Text("authorization") == "" ||
			f.Text("authorized_by") == "" || f.Time("effective_at").IsZero() {
			continue
		}
		c.Reason, c.EffectiveAt, c.AuthorizedBy = f.Text("reason"), f.Time("effective_at"), f.Text("authorized_by")
		c.from, c.From = j.generationOf(k, f.Text("from"))
		c.to, c.To = j.generationOf(k, f.Text("to"))
		c.Problem = c.judge(f.Text("authorization"))
		c.Authorized = c.Problem == ""
		c.SaidByNew = c.to != nil && k.author == c.to
		break
	}
	c.parties = []*party{c.from, c.to, k.author}
	return c
}

// generationOf finds the profile with a fingerprint, preferably the one in
// whose register the change stands.
func (j *judge) generationOf(k *known, fingerprint string) (*party, KeysFinding) {
	p := j.roster.holder(k.origin.Author, fingerprint)
	if b64u(k.author.Fingerprint) == fingerprint {
		p = k.author
	}
	if p == nil {
		return nil, KeysFinding{Fingerprint: fingerprint}
	}
	return p, KeysFinding{Generation: p.Generation, Fingerprint: fingerprint, Words: p.Words}
}

// judge says why the change is not authorized, or "".
func (c *change) judge(authorization string) string {
	switch {
	case c.from == nil || c.to == nil:
		return ProblemNoProfile
	case c.to.Generation <= c.from.Generation:
		return ProblemGeneration
	}
	sig, err := base64.RawURLEncoding.Strict().DecodeString(authorization)
	if err != nil {
		return ProblemSignature
	}
	change := seal.KeyChange{Party: c.Party, From: c.from.Fingerprint, To: c.to.Fingerprint, Reason: c.Reason, EffectiveAt: c.EffectiveAt}
	if c.AuthorizedBy == byOldKeys {
		err = c.from.Keys.CheckAuthorization(change, sig)
	} else {
		public, ok := c.from.Recovery()
		if !ok {
			return ProblemNoRecovery
		}
		err = seal.CheckRecovery(public, change, sig)
	}
	if err != nil {
		return ProblemSignature
	}
	return ""
}

// hollow reports whether a thief of the old keys could have made the change:
// it calls those keys stolen by which alone it is authorized.
func (c *change) hollow() bool { return c.Reason == seal.Compromise && c.AuthorizedBy == byOldKeys }

// markRivals marks changes that lead from the same keys to different ones: the
// old keys cannot have two successors. What the recovery key authorized is not
// put in doubt by what the old keys did.
func (j *judge) markRivals() {
	for _, c := range j.changes {
		for _, o := range j.changes {
			if c.Authorized && o.Authorized && c.Party == o.Party && c.From.Fingerprint == o.From.Fingerprint && c.To.Fingerprint != o.To.Fingerprint &&
				(c.AuthorizedBy == byOldKeys || o.AuthorizedBy == byRecovery) {
				c.Rival = true
			}
		}
	}
}

// leads reports whether who believes the old keys may believe the new ones.
func (c *change) leads() bool { return c.Authorized && !c.Rival && !c.hollow() }

// linkKeys finds which keys changes link to keys that are vouched for (B-17),
// and refuses other keys of a party of which some are vouched for (B-7).
func (j *judge) linkKeys() error {
	j.markRivals()
	for again := true; again; {
		again = false
		for _, c := range j.changes {
			if c.leads() && c.from.believed() {
				again = j.link(c.to) || again
			}
			if c.Authorized && c.SaidByNew && c.to.believed() {
				again = j.link(c.from) || again
			}
		}
	}
	for _, p := range j.roster.all() {
		if !p.believed() && slices.ContainsFunc(j.roster[p.Party], func(q *party) bool { return q.vouched }) {
			return fail(KindTrust, p.item, "B-7", "the person verifying vouches for keys of %s, but not for these of the generation %d, whose words are: %s; "+
				"no change of keys in this file links them: compare the words and vouch for them too, or ask for the change of keys",
				p.Party, p.Generation, strings.Join(p.Words, " "))
		}
	}
	j.partKeys()
	return nil
}

// link marks keys, in whatever generation they stand, and reports whether
// that is new.
func (j *judge) link(p *party) bool {
	if p.believed() {
		return false
	}
	for _, q := range j.roster[p.Party] {
		q.linked = q.linked || q.Fingerprint == p.Fingerprint
	}
	return true
}

func (p *party) believed() bool { return p.vouched || p.linked }

// partKeys finds which keys of a party are of one holder: the same keys, those
// that a change links both ways, and those that are believed. Where nobody
// vouches, others may be of somebody else with the same name.
func (j *judge) partKeys() {
	for _, p := range j.roster.all() {
		p.kin = p
	}
	join := func(a, b *party) {
		old, now := a.kin, b.kin
		for _, p := range j.roster[a.Party] {
			if p.kin == old {
				p.kin = now
			}
		}
	}
	for _, c := range j.changes {
		if c.leads() && c.SaidByNew {
			join(c.from, c.to)
		}
	}
	for _, list := range j.roster {
		for _, p := range list {
			for _, q := range list {
				if p.Fingerprint == q.Fingerprint || p.believed() && q.believed() {
					join(p, q)
				}
			}
		}
		for _, p := range list {
			p.apart = slices.ContainsFunc(list, func(q *party) bool { return q.kin != p.kin })
		}
	}
}

// A Standing is what a statement by old keys is worth (B-18).
type Standing string

// The standings.
const (
	Stands      Standing = "stands"              // dated before the keys were given up
	StandsIf    Standing = "stands-if-witnesses" // the same, but nobody vouches for the witnesses
	Revoked     Standing = "revoked"             // rests on a revoked key
	AfterChange Standing = "after-change"        // dated by its own clock after keys in good order were given up
)

// overruled reports whether the newer keys tell the change otherwise than the
// older ones, who alone say c: a thief of these could say it at any time.
func (j *judge) overruled(c *change) bool {
	return c.AuthorizedBy == byOldKeys && !c.SaidByNew && slices.ContainsFunc(j.changes, func(o *change) bool {
		return o.Authorized && o.SaidByNew && o.Party == c.Party && o.From.Fingerprint == c.From.Fingerprint && o.To.Fingerprint == c.To.Fingerprint
	})
}

// givenUp is the change by which keys were given up, nil if they were not: a
// compromise before all others, and the earliest.
func (j *judge) givenUp(p *party) (found *change) {
	for _, c := range j.changes {
		if !c.Authorized || c.from.Party != p.Party || c.from.Fingerprint != p.Fingerprint || j.overruled(c) {
			continue
		}
		if found == nil || c.Reason == seal.Compromise && found.Reason != seal.Compromise {
			found = c // they come by effective_at
		}
	}
	return found
}

// standing says what is to be said of a statement by these keys: at its own
// time, and with the date that witnesses give it or nil.
func (j *judge) standing(p *party, at time.Time, d *date) *OldKeysFinding {
	c := j.givenUp(p)
	if c == nil {
		return nil
	}
	f := &OldKeysFinding{Reason: c.Reason, EffectiveAt: c.EffectiveAt, Standing: Revoked}
	switch {
	case c.Reason != seal.Compromise && !at.After(c.EffectiveAt.Add(maxMoment)):
		return nil
	case c.Reason != seal.Compromise:
		f.Standing = AfterChange
	case d == nil || d.to.After(c.EffectiveAt):
	case d.vouched:
		f.Standing = Stands
	default:
		f.Standing = StandsIf
	}
	return f
}

// recordKeys is the standing of a record.
func (j *judge) recordKeys(k *known) *OldKeysFinding {
	first := k.exhibits[0].cp.Time
	for _, x := range k.exhibits {
		if x.cp.Time.Before(first) {
			first = x.cp.Time
		}
	}
	if k.act() == "key-change" {
		first = time.Time{} // the last thing that the old keys sign
	}
	return j.standing(k.author, first, k.date)
}

// receiptKeys is the standing of a receipt: its date is when its giver's own
// register named the head.
func (j *judge) receiptKeys(r receipt) *OldKeysFinding {
	var d *date
	if o := j.opened(j.signed[r.Head], r.by); o != nil {
		d = o.date
	}
	return j.standing(r.by, r.Time, d)
}

func (j *judge) changeFindings() (list []KeyChangeFinding) {
	for _, c := range j.changes {
		f := c.KeyChangeFinding
		f.RestsOn = bases(c.parties...)
		list = append(list, f)
	}
	return list
}
