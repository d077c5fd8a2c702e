package seal

import (
	"crypto/ed25519"
	"crypto/sha256"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"

	"github.com/tyler-smith/go-bip39/wordlists"
)

// A RecoveryKey is the private key that a party keeps on paper, to say which
// keys are its own when all others are lost or stolen (K-24). It prints as
// nothing. Make it with [NewRecoveryKey] or [RecoveryFromWords].
type RecoveryKey struct {
	seed func() [ed25519.SeedSize]byte // a closure, as in Keyring
}

// NewRecoveryKey makes a recovery key from 32 bytes of rand.
func NewRecoveryKey(rand io.Reader) (RecoveryKey, error) {
	var seed [ed25519.SeedSize]byte
	if _, err := io.ReadFull(rand, seed[:]); err != nil {
		return RecoveryKey{}, fail(Refused, "K-24", "the source of randomness failed").because(err)
	}
	return recoveryOf(seed), nil
}

func recoveryOf(seed [ed25519.SeedSize]byte) RecoveryKey {
	return RecoveryKey{seed: func() [ed25519.SeedSize]byte { return seed }}
}

// Words gives the key as 24 words of BIP-39 (K-24): 256 bits of seed and 8
// of checksum.
func (r RecoveryKey) Words() []string {
	seed := r.seed()
	sum := sha256.Sum256(seed[:])
	bits := append(seed[:], sum[0])
	list := make([]string, recoveryWords)
	for i := range list {
		list[i] = wordlists.English[wordAt(bits, i)]
	}
	return list
}

// RecoveryFromWords reads the 24 words back. Upper case is taken for lower
// case. Its errors say which word is wrong, and never what it is.
func RecoveryFromWords(words []string) (RecoveryKey, error) {
	if len(words) != recoveryWords {
		return RecoveryKey{}, fail(Malformed, "K-24", "want %d recovery words, got %d", recoveryWords, len(words))
	}
	var bits [ed25519.SeedSize + 1]byte
	for i, word := range words {
		index := slices.Index(wordlists.English, strings.ToLower(word))
		if index < 0 {
			return RecoveryKey{}, fail(Malformed, "K-24", "recovery word %d is not in the list; look how it is written", i+1)
		}
		for bit := range wordBits {
			at := i*wordBits + bit
			bits[at/8] |= byte(index>>(wordBits-1-bit)&1) << (7 - at%8)
		}
	}
	seed := [ed25519.SeedSize]byte(bits[:])
	if sum := sha256.Sum256(seed[:]); bits[ed25519.SeedSize] != sum[0] {
		return RecoveryKey{}, fail(Malformed, "K-24", "the words are all in the list but do not fit together; one is another word, or two changed places")
	}
	return recoveryOf(seed), nil
}

func (r RecoveryKey) private() ed25519.PrivateKey {
	seed := r.seed()
	return ed25519.NewKeyFromSeed(seed[:])
}

// Public is the public key, which stands in the profile.
func (r RecoveryKey) Public() [ed25519.PublicKeySize]byte {
	return [ed25519.PublicKeySize]byte(publicOf(r.private()))
}

// CheckRecoveryKey says whether public can be the recovery key of a party with
// these keys: a sound point (K-4), and none of the others.
func (k Keys) CheckRecoveryKey(public [ed25519.PublicKeySize]byte) error {
	if err := k.ready(); err != nil {
		return err
	}
	if err := checkPoint("recovery", public[:]); err != nil {
		return err
	}
	for _, m := range k.ed25519Members() {
		if slices.Equal(m.key, public[:]) {
			return fail(WeakKey, "K-24", "the recovery key is the party's %q as well; what is lost with the others recovers nothing", m.name)
		}
	}
	return nil
}

// String gives no secret.
func (r RecoveryKey) String() string { return "recovery key" }

// GoString is String.
func (r RecoveryKey) GoString() string { return r.String() }

// Format is String for every verb.
func (r RecoveryKey) Format(f fmt.State, _ rune) { fmt.Fprint(f, r.String()) }

// LogValue is String.
func (r RecoveryKey) LogValue() slog.Value { return slog.StringValue(r.String()) }

// MarshalJSON is String.
func (r RecoveryKey) MarshalJSON() ([]byte, error) { return []byte(`"recovery key"`), nil }
