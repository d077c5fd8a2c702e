package node

import (
	"encoding/base64"
	"errors"
	"slices"
	"strings"
	"time"

	"verbale/record"
	"verbale/seal"
	"verbale/verdict"
)

const (
	actKeyChange  = "key-change"
	byOldKeys     = "old-keys"
	byRecoveryKey = "recovery-key"
)

// A keyChange is a record that leads from some keys of a party to others (K-31). Its form is checked; what it is worth, check says.
type keyChange struct {
	seal.KeyChange
	by            string // byOldKeys or byRecoveryKey
	authorization []byte
	previous      record.Head // of the old register
	opened        *record.Opened
	file          string // the full record
}

// openKeyChange reads a key-change.
func openKeyChange(file string) (*keyChange, error) {
	o, err := record.ParsePresentation(file)
	if err != nil {
		return nil, err
	}
	origin, err := seal.ParseOrigin(o.Record.Outbox())
	f := o.Fields
	switch {
	case err != nil:
		return nil, err
	case origin.Audience != seal.Public || o.Act() != actKeyChange || o.Unknown() || !o.Full:
		return nil, errors.New("expected the full record of a key-change in a register")
	}
	c := &keyChange{KeyChange: seal.KeyChange{Party: origin.Author, Reason: f.Text("reason"), EffectiveAt: f.Time("effective_at")},
		by: f.Text("authorized_by"), opened: o, file: file}
	from, err1 := digest(f.Text("from"))
	to, err2 := digest(f.Text("to"))
	authorization, err3 := base64.RawURLEncoding.Strict().DecodeString(f.Text("authorization"))
	c.From, c.To, c.authorization = from, to, authorization
	c.previous, _ = f.Head("previous") // the schema has seen to it
	return c, errors.Join(err1, err2, err3)
}

func digest(text string) (d [32]byte, err error) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err == nil && len(b) != len(d) {
		err = errors.New("expected a digest of 32 bytes")
	}
	copy(d[:], b)
	return d, err
}

// same tells whether two records say the same change, as those in the old and the new register must (K-31).
func (c *keyChange) same(d *keyChange) bool {
	a, b := c.KeyChange, d.KeyChange
	at := a.EffectiveAt.Equal(b.EffectiveAt)
	a.EffectiveAt, b.EffectiveAt = time.Time{}, time.Time{}
	return at && a == b && c.by == d.by && string(c.authorization) == string(d.authorization)
}

// check holds the change, as it stands in the new register, against the profiles that it leads from and to (K-31, K-32, K-25).
func (c *keyChange) check(old, next verdict.Profile) error {
	register := seal.Origin{Author: old.Party, Audience: seal.Public, Generation: generationOf(old)}
	r := c.opened.Record
	switch {
	case c.Party != old.Party || next.Party != old.Party || c.From != old.Fingerprint || c.To != next.Fingerprint:
		return errors.New("K-31: it does not lead from the keys known before to those of the profile")
	case r.Outbox() != next.Opened.Record.Outbox() || generationOf(next) <= generationOf(old):
		return errors.New("K-31: it does not stand in the register of a later generation, beside the profile")
	case r.KeyID() != next.Keys.RecordKeyID():
		return errors.New("R-4: it is not signed with the new record key")
	case c.previous.Origin != register.String():
		return errors.New("K-31: previous is not the last head of the old register")
	}
	if err := next.Keys.VerifyRecord(r.SigningInput(), r.Signature()); err != nil {
		return err
	}
	for _, a := range signingKeys(old.Keys) {
		for _, b := range signingKeys(next.Keys) {
			if a == b {
				return errors.New("K-31: one of the new keys is an old one")
			}
		}
	}
	return c.authorized(old)
}

// authorized verifies the authorization, by what goes with the reason (K-32).
func (c *keyChange) authorized(old verdict.Profile) error {
	switch {
	case c.by == byOldKeys && c.Reason == seal.Rotation:
		return old.Keys.CheckAuthorization(c.KeyChange, c.authorization)
	case c.by == byRecoveryKey && (c.Reason == seal.Loss || c.Reason == seal.Compromise):
		key, err := recoveryOf(old)
		if err != nil {
			return err
		}
		return seal.CheckRecovery(key, c.KeyChange, c.authorization)
	}
	return errors.New("K-32: the old keys authorize a rotation, the recovery key a loss or a compromise, and nothing else")
}

// byItself tells whether linked nodes take it without an officer (K-32).
func (c *keyChange) byItself(old verdict.Profile) bool {
	return c.by == byOldKeys && !c.EffectiveAt.After(old.ValidUntil)
}

// recoveryOf is the recovery key that stands in a profile.
func recoveryOf(p verdict.Profile) ([32]byte, error) {
	text := p.Opened.Fields.Text("recovery")
	if text == "" {
		return [32]byte{}, errors.New("K-32: the old profile names no recovery key")
	}
	return digest(text)
}

// checkRecovery refuses a profile with a recovery key that cannot be one (K-24).
func checkRecovery(p verdict.Profile) error {
	if p.Opened.Fields.Text("recovery") == "" {
		return nil
	}
	key, err := recoveryOf(p)
	if err == nil {
		err = p.Keys.CheckRecoveryKey(key)
	}
	if err != nil {
		return fail(Invalid, err, "ask the peer for another profile", "the recovery key in the profile of %s cannot be one: %v", p.Party, err)
	}
	return nil
}

// draftChange is the record of a change.
func draftChange(c seal.KeyChange, by string, authorization []byte, previous seal.Head, now time.Time) record.Fields {
	f := registerDraft(actKeyChange, now)
	for name, value := range map[string]string{"reason": c.Reason, "authorized_by": by,
		"from": base64.RawURLEncoding.EncodeToString(c.From[:]), "to": base64.RawURLEncoding.EncodeToString(c.To[:]),
		"authorization": base64.RawURLEncoding.EncodeToString(authorization)} {
		f.SetText(name, value)
	}
	f.SetTime("effective_at", c.EffectiveAt)
	f.SetHead("previous", record.Head{Origin: previous.Origin, Size: previous.Size, Root: previous.Root})
	return f
}

// registerDraft is the envelope of what the node writes into the register by itself.
func registerDraft(act string, now time.Time) record.Fields {
	f := record.Fields{}
	for name, value := range map[string]string{"act": act, "class": "service", "channel": "technical", "released_by": "operator", "language": "en", "tlp": "clear"} {
		f.SetText(name, value)
	}
	f.SetTime("drafted_at", now)
	f.SetTime("released_at", now)
	return f
}

// A keyFile is a profile file with the changes that led to its keys (K-39), the earliest step first.
type keyFile struct {
	newest verdict.Profile
	steps  []keyStep
	oldest verdict.Profile // the earliest one beside the newest, if there is any
}

// keyStep is a profile and the change that led to it.
type keyStep struct {
	profile verdict.Profile
	change  *keyChange
}

// openKeyFile reads what `verbale profile` writes. What a change is worth is not looked at here.
func openKeyFile(file string) (keyFile, error) {
	lines := strings.Split(strings.TrimSpace(file), "\n")
	var k keyFile
	var err error
	if k.newest, err = verdict.OpenProfile(lines[0]); err != nil {
		return k, err
	}
	if len(lines) > 2*maxChanges {
		return k, errors.New("K-39: the file has too many lines")
	}
	p := k.newest
	for i := 1; i < len(lines); i += 2 {
		c, err := openKeyChange(lines[i])
		if err != nil {
			return k, err
		}
		k.steps = append([]keyStep{{profile: p, change: c}}, k.steps...)
		if i+1 == len(lines) {
			break
		}
		if p, err = verdict.OpenProfile(lines[i+1]); err != nil {
			return k, err
		}
		if p.Party != k.newest.Party {
			return k, errors.New("K-39: the file holds profiles of two parties")
		}
		k.oldest = p
	}
	return k, nil
}

// speaksOf tells whether the file is of those keys, or of some that came of them.
func (k keyFile) speaksOf(fingerprint [32]byte) bool {
	return k.newest.Fingerprint == fingerprint ||
		slices.ContainsFunc(k.steps, func(s keyStep) bool { return s.change.From == fingerprint || s.profile.Fingerprint == fingerprint })
}
