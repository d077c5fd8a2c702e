package seal

import (
	"crypto"
	"crypto/ed25519"
	"crypto/mldsa"
	"fmt"
	"io"
	"log/slog"

	"filippo.io/age"
)

// A Keyring holds the private keys of a party. It prints as the party's name.
type Keyring struct {
	party  string
	keys   Keys
	secret func() *secret // a closure: no formatter, however odd its verb, looks into one
}

// secret is everything that must not be seen.
type secret struct {
	seeds          seeds
	record         ed25519.PrivateKey
	logEd25519     ed25519.PrivateKey
	logMLDSA       *mldsa.PrivateKey
	receiptEd25519 ed25519.PrivateKey
	receiptMLDSA   *mldsa.PrivateKey
	tls            ed25519.PrivateKey
	content        *age.HybridIdentity
	retired        []retiredKey // by generation
}

// seeds are the 32-byte secrets of K-17, from which all but content is made.
type seeds struct {
	record, logEd25519, logMLDSA44, receiptEd25519, receiptMLDSA44, tls, self [32]byte
}

// all gives the seeds in the order in which NewKeyring reads them.
func (s *seeds) all() []*[32]byte {
	return []*[32]byte{&s.record, &s.logEd25519, &s.logMLDSA44, &s.receiptEd25519, &s.receiptMLDSA44, &s.tls, &s.self}
}

// NewKeyring makes the keys of a new party. It reads seven seeds of 32 bytes
// from rand, in the order record, log_ed25519, log_mldsa44, receipt_ed25519,
// receipt_mldsa44, tls, self; the content key comes from age's own randomness.
func NewKeyring(party string, rand io.Reader) (*Keyring, error) {
	var s seeds
	for _, seed := range s.all() {
		if _, err := io.ReadFull(rand, seed[:]); err != nil {
			return nil, fail(Refused, "K-17", "the source of randomness failed").because(err)
		}
	}
	content, err := age.GenerateHybridIdentity()
	if err != nil {
		return nil, fail(Refused, "K-17", "age could not make a content key").because(err)
	}
	return newKeyring(party, s, content)
}

func newKeyring(party string, s seeds, content *age.HybridIdentity) (*Keyring, error) {
	if err := CheckName(party); err != nil {
		return nil, err
	}
	if err := checkSeeds(&s); err != nil {
		return nil, err
	}
	sec := &secret{
		seeds:          s,
		record:         ed25519.NewKeyFromSeed(s.record[:]),
		logEd25519:     ed25519.NewKeyFromSeed(s.logEd25519[:]),
		receiptEd25519: ed25519.NewKeyFromSeed(s.receiptEd25519[:]),
		tls:            ed25519.NewKeyFromSeed(s.tls[:]),
		content:        content,
	}
	var err error
	if sec.logMLDSA, err = mldsa.NewPrivateKey(mldsa.MLDSA44(), s.logMLDSA44[:]); err != nil {
		return nil, fail(Refused, "K-7", "cannot make log_mldsa44").because(err)
	}
	if sec.receiptMLDSA, err = mldsa.NewPrivateKey(mldsa.MLDSA44(), s.receiptMLDSA44[:]); err != nil {
		return nil, fail(Refused, "K-7", "cannot make receipt_mldsa44").because(err)
	}
	keys, err := sec.public().checked()
	if err != nil {
		return nil, err
	}
	return &Keyring{party: party, keys: keys, secret: func() *secret { return sec }}, nil
}

// checkSeeds refuses a keyring in which one secret serves twice (K-4).
func checkSeeds(s *seeds) error {
	return checkSecrets(s.all())
}

func checkSecrets(all []*[32]byte) error {
	seen := make(map[[32]byte]bool)
	for _, seed := range all {
		if seen[*seed] {
			return fail(WeakKey, "K-4", "two of the secrets are equal; the source of randomness is broken, or the key file was edited")
		}
		seen[*seed] = true
	}
	return nil
}

func (s *secret) public() Keys {
	return Keys{
		Record:         publicOf(s.record),
		LogEd25519:     publicOf(s.logEd25519),
		LogMLDSA44:     s.logMLDSA.PublicKey().Bytes(),
		ReceiptEd25519: publicOf(s.receiptEd25519),
		ReceiptMLDSA44: s.receiptMLDSA.PublicKey().Bytes(),
		Content:        s.content.Recipient().String(),
		TLS:            publicOf(s.tls),
	}
}

// Party is the name of the party whose keys these are.
func (k *Keyring) Party() string { return k.party }

// Keys are the public keys.
func (k *Keyring) Keys() Keys { return k.keys }

// SignRecord signs the signing input of a record with the record key (K-6).
func (k *Keyring) SignRecord(msg []byte) ([]byte, error) {
	return ed25519.Sign(k.secret().record, msg), nil
}

// TLSKey signs for the node's TLS certificate. The key itself stays inside.
func (k *Keyring) TLSKey() crypto.Signer {
	return &tlsKey{func() ed25519.PrivateKey { return k.secret().tls }}
}

// tlsKey hides the private key behind crypto.Signer.
type tlsKey struct{ key func() ed25519.PrivateKey }

// Public gives the ed25519.PublicKey that stands in Keys.TLS.
func (t *tlsKey) Public() crypto.PublicKey { return t.key().Public() }

// Sign signs as ed25519.PrivateKey does.
func (t *tlsKey) Sign(rand io.Reader, msg []byte, opts crypto.SignerOpts) ([]byte, error) {
	sig, err := t.key().Sign(rand, msg, opts)
	if err != nil {
		return nil, fail(Refused, "K-5", "the TLS key signs plain Ed25519 only").because(err)
	}
	return sig, nil
}

// String gives the party's name and no secret.
func (k Keyring) String() string { return "keyring of " + k.party }

// GoString is String.
func (k Keyring) GoString() string { return k.String() }

// Format is String for every verb.
func (k Keyring) Format(f fmt.State, _ rune) { fmt.Fprint(f, k.String()) }

// LogValue is String.
func (k Keyring) LogValue() slog.Value { return slog.StringValue(k.String()) }

// MarshalJSON is String: only [Keyring.Marshal] gives the secrets away.
func (k Keyring) MarshalJSON() ([]byte, error) { return []byte(`"` + k.String() + `"`), nil }
