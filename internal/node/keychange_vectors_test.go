package node

import (
	"crypto/rand"
	"encoding/json/jsontext"
	"encoding/json/v2"
	"flag"
	"os"
	"strings"
	"testing"
	"time"

	"verbale/record"
	"verbale/seal"
	"verbale/verdict"
)

var update = flag.Bool("update", false, "write spec/vectors/succession.json anew; its keys differ each time")

const successionFile = "../../spec/vectors/succession.json"

const successionText = "Changes of keys (K-31, K-32). A reader knows the profile `known` and is given the profile `next` with the record `change`; both profiles" +
	" stand in `profiles` by these names. `accept`: it takes the new keys by itself (where the old register, as far as it is followed, ends with the same change)." +
	" `wait`: it takes them, and waits for the words (K-33). `reject`: it goes on with the old ones. `rule` is the rule that decides."

type successionVectorFile struct {
	Description string             `json:"description"`
	Profiles    map[string]string  `json:"profiles"`
	Cases       []successionVector `json:"cases"`
}

type successionVector struct {
	Name   string `json:"name"`
	Rule   string `json:"rule"`
	Known  string `json:"known"`
	Next   string `json:"next"`
	Change string `json:"change"`
	Expect string `json:"expect"`
	File   string `json:"-"` // as a profile file
}

func readSuccessions(t testing.TB) successionVectorFile {
	t.Helper()
	raw, err := os.ReadFile(successionFile)
	if err != nil {
		t.Fatal(err)
	}
	var file successionVectorFile
	if err := json.Unmarshal(raw, &file, json.RejectUnknownMembers(true)); err != nil {
		t.Fatal(err)
	}
	return file
}

func successionVectors(t testing.TB) []successionVector {
	file := readSuccessions(t)
	for i, v := range file.Cases {
		file.Cases[i].File = file.Profiles[v.Next] + "\n" + v.Change + "\n" + file.Profiles[v.Known]
	}
	return file.Cases
}

func TestSuccessionVectors(t *testing.T) {
	if *update {
		raw, err := json.Marshal(newSuccessionMaker(t).file(), json.Deterministic(true), jsontext.WithIndent("  "))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(successionFile, append(raw, '\n'), 0o644); err != nil { // #nosec G306 -- a file of the repository
			t.Fatal(err)
		}
	}
	seen := map[string]int{}
	file := readSuccessions(t)
	for _, v := range successionVectors(t) {
		seen[v.Expect]++
		t.Run(v.Name, func(t *testing.T) {
			old, err := verdict.OpenProfile(file.Profiles[v.Known])
			if err != nil {
				t.Fatal(err)
			}
			next, err := verdict.OpenProfile(file.Profiles[v.Next])
			if err != nil {
				t.Fatal(err)
			}
			c, err := openKeyChange(v.Change)
			if err != nil {
				t.Fatal(err)
			}
			err = c.check(old, next)
			got := "reject"
			if err == nil && c.byItself(old) {
				got = "accept"
			} else if err == nil {
				got = "wait"
			}
			if got != v.Expect || err != nil && !strings.Contains(err.Error(), v.Rule) {
				t.Errorf("%s (%v), want %s by %s", got, err, v.Expect, v.Rule)
			}
		})
	}
	if seen["accept"] < 3 || seen["wait"] < 3 || seen["reject"] < 10 {
		t.Errorf("too few cases: %v", seen)
	}
}

// successionMaker makes the vectors.
type successionMaker struct {
	t        *testing.T
	now      time.Time
	rings    map[string]*seal.Keyring
	recovery map[string]seal.RecoveryKey
	profiles map[string]verdict.Profile
	out      successionVectorFile
}

func newSuccessionMaker(t *testing.T) *successionMaker {
	m := &successionMaker{t: t, now: time.Date(2026, 7, 12, 9, 0, 0, 0, time.UTC), rings: map[string]*seal.Keyring{}, recovery: map[string]seal.RecoveryKey{},
		profiles: map[string]verdict.Profile{}, out: successionVectorFile{Description: successionText, Profiles: map[string]string{}}}
	for _, name := range []string{"aurelia.example", "borea.example"} {
		r, err := seal.NewRecoveryKey(rand.Reader)
		m.must(err)
		m.recovery[name] = r
	}
	stranger, err := seal.RecoveryFromWords(strings.Fields(strings.Repeat("abandon ", 23) + "art"))
	m.must(err)
	m.recovery["stranger"] = stranger
	m.profile("first", "aurelia.example", 1, true)
	m.profile("first, without a recovery key", "aurelia.example", 1, false)
	m.profile("second", "aurelia.example", 2, true)
	m.profile("third", "aurelia.example", 3, true)
	m.profile("another second", "aurelia.example", 2, true)
	m.profile("of borea", "borea.example", 2, true)
	return m
}

func (m *successionMaker) must(err error) {
	m.t.Helper()
	if err != nil {
		m.t.Fatal(err)
	}
}

func (m *successionMaker) profile(name, party string, generation int, recovery bool) {
	ring, err := seal.NewKeyring(party, rand.Reader)
	m.must(err)
	who := Identity{Title: "CSIRT", PartyKind: "csirt", Endpoint: "https://node.example:7443", Language: "en"}
	if recovery {
		who.Recovery = m.recovery[party].Public()
	}
	m.rings[name] = ring
	file := m.entry(ring, generation, profileDraft(party, ring.Keys(), who, m.now))
	p, err := verdict.OpenProfile(file)
	m.must(err)
	m.profiles[name], m.out.Profiles[name] = p, file
}

// entry is the full record of an entry of a register.
func (m *successionMaker) entry(ring *seal.Keyring, generation int, f record.Fields) string {
	o := seal.Origin{Author: ring.Party(), Audience: seal.Public, Generation: generation}
	n := newNode(Config{Keys: ring, Rand: rand.Reader})
	sealed, err := n.sealed(o, nil, f)
	m.must(err)
	file, err := fileOf(sealed.record, sealed.stored)
	m.must(err)
	return file
}

// told is what one vector is made of; each has one thing changed.
type told struct {
	known, next string
	change      seal.KeyChange
	by          string
	sign        func(seal.KeyChange) ([]byte, error)
	previous    seal.Head
	ring        *seal.Keyring // that signs the record
	generation  int
}

func (m *successionMaker) add(name, rule, expect string, spoil func(*told)) {
	c := told{known: "first", next: "second", by: byOldKeys, ring: m.rings["second"], generation: 2,
		change:   seal.KeyChange{Party: "aurelia.example", Reason: seal.Rotation, EffectiveAt: m.now},
		previous: seal.Head{Origin: "aurelia.example/to/public/1", Size: 2, Root: [32]byte{7}}}
	c.sign = m.rings["first"].Authorize
	c.change.From, c.change.To = m.profiles["first"].Fingerprint, m.profiles["second"].Fingerprint
	spoil(&c)
	sig, err := c.sign(c.change)
	m.must(err)
	m.out.Cases = append(m.out.Cases, successionVector{Name: name, Rule: rule, Known: c.known, Next: c.next, Expect: expect,
		Change: m.entry(c.ring, c.generation, draftChange(c.change, c.by, sig, c.previous, m.now))})
}

// byRecovery says it with a recovery key.
func (c *told) byRecovery(reason string, r seal.RecoveryKey) {
	c.by, c.change.Reason, c.sign = byRecoveryKey, reason, r.Authorize
}

func (m *successionMaker) file() successionVectorFile {
	own, until := m.recovery["aurelia.example"], m.profiles["first"].ValidUntil
	m.add("a rotation by the old keys", "K-32", "accept", func(*told) {})
	m.add("a rotation on the last second of the old keys", "K-32", "accept", func(c *told) { c.change.EffectiveAt = until })
	m.add("a rotation that passes over a generation", "K-31", "accept", func(c *told) {
		c.next, c.ring, c.generation, c.change.To = "third", m.rings["third"], 3, m.profiles["third"].Fingerprint
	})
	m.add("a rotation of expired keys", "K-32", "wait", func(c *told) { c.change.EffectiveAt = until.Add(time.Second) })
	m.add("a loss, by the recovery key", "K-32", "wait", func(c *told) { c.byRecovery(seal.Loss, own) })
	m.add("a compromise, by the recovery key, since a time before", "K-32", "wait", func(c *told) {
		c.byRecovery(seal.Compromise, own)
		c.change.EffectiveAt = m.now.Add(-time.Hour)
	})
	m.add("a rotation by the recovery key", "K-32", "reject", func(c *told) { c.byRecovery(seal.Rotation, own) })
	m.add("a compromise by the old keys", "K-32", "reject", func(c *told) { c.change.Reason = seal.Compromise })
	m.add("a loss by the old keys", "K-32", "reject", func(c *told) { c.change.Reason = seal.Loss })
	m.add("a loss by a stranger's recovery key", "K-25", "reject", func(c *told) { c.byRecovery(seal.Loss, m.recovery["stranger"]) })
	m.add("a loss, and the old profile names no recovery key", "K-32", "reject", func(c *told) {
		c.known, c.change.From = "first, without a recovery key", m.profiles["first, without a recovery key"].Fingerprint
		c.byRecovery(seal.Loss, own)
	})
	m.add("the recovery key in place of the old keys", "K-25", "reject", func(c *told) { c.sign = own.Authorize })
	m.add("the authorization of another time", "K-25", "reject", func(c *told) {
		c.sign = func(change seal.KeyChange) ([]byte, error) {
			change.EffectiveAt = change.EffectiveAt.Add(time.Second)
			return m.rings["first"].Authorize(change)
		}
	})
	m.add("from other keys than the known ones", "K-31", "reject", func(c *told) {
		c.change.From, c.sign = m.profiles["another second"].Fingerprint, own.Authorize
	})
	m.add("to other keys than those of the profile", "K-31", "reject", func(c *told) { c.change.To = m.profiles["another second"].Fingerprint })
	m.add("written into the old register", "K-31", "reject", func(c *told) { c.ring, c.generation = m.rings["first"], 1 })
	m.add("signed by the old keys", "R-4", "reject", func(c *told) { c.ring = m.rings["first"] })
	m.add("the end of another register", "K-31", "reject", func(c *told) { c.previous.Origin = "aurelia.example/to/public/2" })
	m.add("keys of another party", "K-31", "reject", func(c *told) {
		c.next, c.ring, c.change.Party = "of borea", m.rings["of borea"], "borea.example"
		c.change.To, c.sign = m.profiles["of borea"].Fingerprint, m.recovery["borea.example"].Authorize
	})
	return m.out
}
