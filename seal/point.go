package seal

import (
	"bytes"
	"crypto/ed25519"

	"filippo.io/edwards25519"
)

// checkPoint refuses what K-4 forbids of an Ed25519 public key: bytes that are
// no point, a second encoding of a point, and the eight points of small order
// (for which anybody can make signatures).
func checkPoint(member string, key []byte) error {
	if len(key) != ed25519.PublicKeySize {
		return fail(Malformed, "K-4", "member %q: an Ed25519 key has %d bytes, this one has %d", member, ed25519.PublicKeySize, len(key))
	}
	p, err := new(edwards25519.Point).SetBytes(key)
	if err != nil {
		return fail(WeakKey, "K-4", "member %q is no point of the curve; the key is damaged, ask for it again", member)
	}
	if !bytes.Equal(p.Bytes(), key) {
		return fail(WeakKey, "K-4", "member %q is not the canonical encoding of its point; honest software never makes such a key", member)
	}
	if new(edwards25519.Point).MultByCofactor(p).Equal(edwards25519.NewIdentityPoint()) == 1 {
		return fail(WeakKey, "K-4", "member %q is a point of small order: anybody can sign with it", member)
	}
	return nil
}
