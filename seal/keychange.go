package seal

import (
	"crypto/ed25519"
	"slices"
	"time"
)

// keyChangeLabel begins every message that authorizes a change of keys (K-25).
// No record is signed so: a JWT has no line feed.
const keyChangeLabel = "verbale/key-change/v1\n"

// The reasons for a change of keys.
const (
	Rotation   = "rotation"   // the old keys are good, and go out of use
	Loss       = "loss"       // the old keys are gone
	Compromise = "compromise" // somebody else may have the old keys
)

var reasons = []string{Rotation, Loss, Compromise}

// A KeyChange is what is authorized: from these keys to those (K-25).
type KeyChange struct {
	Party       string
	From, To    [32]byte // fingerprints (K-16)
	Reason      string
	EffectiveAt time.Time // whole seconds count
}

// message is what is signed: a label and the RFC 8785 form of the change.
func (c KeyChange) message() ([]byte, error) {
	if err := CheckName(c.Party); err != nil {
		return nil, err
	}
	if !slices.Contains(reasons, c.Reason) {
		return nil, fail(Malformed, "K-25", "reason %.40q: want %s, %s or %s", c.Reason, Rotation, Loss, Compromise)
	}
	if c.From == c.To {
		return nil, fail(Malformed, "K-25", "the old and the new keys are the same")
	}
	at := c.EffectiveAt.UTC()
	if y := at.Year(); y < minYear || y > maxYear {
		return nil, fail(Malformed, "K-25", "effective at %s: want a time from %d to %d", at.Format(time.RFC3339), minYear, maxYear)
	}
	return []byte(keyChangeLabel + `{"effective_at":"` + at.Format("2006-01-02T15:04:05Z") + `","from":"` + encodeB64u(c.From[:]) +
		`","party":"` + c.Party + `","reason":"` + c.Reason + `","to":"` + encodeB64u(c.To[:]) + `"}`), nil
}

// Authorize signs a change away from our keys with the record key (K-25).
func (k *Keyring) Authorize(c KeyChange) ([]byte, error) {
	if c.Party != k.party || c.From != Fingerprint(k.party, k.keys) {
		return nil, fail(Refused, "K-25", "this is no change from the keys of %s that sign it", k.party)
	}
	msg, err := c.message()
	if err != nil {
		return nil, err
	}
	return ed25519.Sign(k.secret().record, msg), nil
}

// Authorize signs a change of keys with the recovery key (K-25).
func (r RecoveryKey) Authorize(c KeyChange) ([]byte, error) {
	msg, err := c.message()
	if err != nil {
		return nil, err
	}
	return ed25519.Sign(r.private(), msg), nil
}

// CheckAuthorization verifies an authorization by the old keys k.
func (k Keys) CheckAuthorization(c KeyChange, sig []byte) error {
	if err := k.ready(); err != nil {
		return err
	}
	msg, err := c.message()
	if err != nil {
		return err
	}
	if c.From != Fingerprint(c.Party, k) {
		return fail(UnknownKey, "K-25", "the change is not away from these keys of %s", c.Party)
	}
	if !ed25519.Verify(k.Record, msg, sig) {
		return fail(BadSignature, "K-25", "the old record key of %s did not sign this change of keys", c.Party)
	}
	return nil
}

// CheckRecovery verifies an authorization by the recovery key whose public
// half stood in the old profile.
func CheckRecovery(public [ed25519.PublicKeySize]byte, c KeyChange, sig []byte) error {
	msg, err := c.message()
	if err != nil {
		return err
	}
	if err := checkPoint("recovery", public[:]); err != nil {
		return err
	}
	if !ed25519.Verify(public[:], msg, sig) {
		return fail(BadSignature, "K-25", "the recovery key of %s did not sign this change of keys", c.Party)
	}
	return nil
}
