package seal

import (
	"bytes"
	"crypto/ed25519"
	"crypto/mldsa"
	"crypto/sha256"
	"encoding/json/v2"
	"fmt"
	"io"
	"log/slog"
	"time"

	"golang.org/x/mod/sumdb/note"
)

// A WitnessKey holds the two private keys of a witness (K-20). It prints as
// the witness's name.
type WitnessKey struct {
	name      string
	cosigners []Cosigner
	secret    func() *witnessSecret // a closure, as in Keyring
}

type witnessSecret struct {
	edSeed, pqSeed [32]byte
	ed             ed25519.PrivateKey
	pq             *mldsa.PrivateKey
}

// witnessFile is the key file of K-20, its members in the order of RFC 8785.
type witnessFile struct {
	Ed25519     string `json:"ed25519"`
	Fingerprint string `json:"fingerprint"`
	MLDSA44     string `json:"mldsa44"`
	Name        string `json:"name"`
	Version     int    `json:"version"`
}

// NewWitnessKey makes the keys of a new witness. It reads two seeds of 32
// bytes from rand, Ed25519 first.
func NewWitnessKey(name string, rand io.Reader) (*WitnessKey, error) {
	var ed, pq [32]byte
	for _, seed := range []*[32]byte{&ed, &pq} {
		if _, err := io.ReadFull(rand, seed[:]); err != nil {
			return nil, fail(Refused, "K-20", "the source of randomness failed").because(err)
		}
	}
	return newWitnessKey(name, ed, pq)
}

func newWitnessKey(name string, edSeed, pqSeed [32]byte) (*WitnessKey, error) {
	if err := checkWitnessName(name); err != nil {
		return nil, err
	}
	if edSeed == pqSeed {
		return nil, fail(WeakKey, "K-20", "the two secrets are equal; the source of randomness is broken, or the key file was edited")
	}
	s := &witnessSecret{edSeed: edSeed, pqSeed: pqSeed, ed: ed25519.NewKeyFromSeed(edSeed[:])}
	var err error
	if s.pq, err = mldsa.NewPrivateKey(mldsa.MLDSA44(), pqSeed[:]); err != nil {
		return nil, fail(Refused, "K-7", "cannot make the ML-DSA-44 key of the witness").because(err)
	}
	k := &WitnessKey{name: name, secret: func() *witnessSecret { return s }}
	for _, vkey := range []string{
		verifierKey(name, typeCosignature, publicOf(s.ed)),
		verifierKey(name, typeMLDSA44, s.pq.PublicKey().Bytes()),
	} {
		c, err := ParseCosigner(vkey)
		if err != nil {
			return nil, err
		}
		k.cosigners = append(k.cosigners, c)
	}
	return k, nil
}

// ParseWitnessKey reads the key file of K-20. Its errors never quote it.
func ParseWitnessKey(b []byte) (*WitnessKey, error) {
	if len(b) > maxKeyFile {
		return nil, fail(Malformed, "K-20", "a key file has at most %d bytes, this one has %d", maxKeyFile, len(b))
	}
	var w witnessFile
	if err := json.Unmarshal(b, &w, json.RejectUnknownMembers(true)); err != nil {
		return nil, fail(Malformed, "K-20", "want a JSON object with exactly the five members of a witness's key file, each once")
	}
	if w.Version != keyFileVersion {
		return nil, fail(Malformed, "K-20", "want version %d, got %d; a newer program made this file", keyFileVersion, w.Version)
	}
	ed, ok := decodeB64u(w.Ed25519, 32)
	pq, ok2 := decodeB64u(w.MLDSA44, 32)
	if !ok || !ok2 {
		return nil, fail(Malformed, "K-20", "members \"ed25519\" and \"mldsa44\": want base64url without padding of 32 bytes")
	}
	k, err := newWitnessKey(w.Name, [32]byte(ed), [32]byte(pq))
	if err != nil {
		return nil, err
	}
	if w.Fingerprint != k.fingerprint() {
		return nil, fail(Malformed, "K-20", "the secrets are not those that the file was written with; it is damaged, or was edited")
	}
	if !bytes.Equal(k.Marshal(), b) {
		return nil, fail(Malformed, "K-20", "the key file is not in its RFC 8785 form; was it edited? Restore it as it was written")
	}
	return k, nil
}

// Marshal gives the key file of K-20. It holds both secrets: write it with
// permission 0600.
func (k *WitnessKey) Marshal() []byte {
	s := k.secret()
	b, err := json.Marshal(witnessFile{encodeB64u(s.edSeed[:]), k.fingerprint(), encodeB64u(s.pqSeed[:]), k.name, keyFileVersion})
	if err != nil { // cannot be: the name is UTF-8
		return nil
	}
	return b
}

// fingerprint tells a damaged key file from a whole one: nobody else would
// notice before the parties do.
func (k *WitnessKey) fingerprint() string {
	h := sha256.New()
	for _, c := range k.cosigners {
		h.Write([]byte(c.String() + "\n"))
	}
	return encodeB64u(h.Sum(nil))
}

// Name is the name of the witness.
func (k *WitnessKey) Name() string { return k.name }

// Cosigners are the public keys: Ed25519 first, then ML-DSA-44.
func (k *WitnessKey) Cosigners() []Cosigner { return append([]Cosigner(nil), k.cosigners...) }

// Cosign gives the two lines of this witness over h, both with the same time
// (K-19). Call it only when h is durably the largest head of its log that the
// witness has seen, and consistent with all that it saw before.
func (k *WitnessKey) Cosign(h Head, now time.Time) ([]byte, error) {
	if err := h.check(); err != nil {
		return nil, err
	}
	sec, err := seconds("K-19", now)
	if err != nil {
		return nil, err
	}
	text := h.Text()
	signed, err := note.Sign(&note.Note{Text: text},
		cosignatureSigner(k.name, k.secret().ed, sec),
		mldsaSigner(k.name, k.secret().pq, k.cosigners[1].key, h, sec))
	if err != nil {
		return nil, fail(Refused, "K-19", "cannot cosign the head").because(err)
	}
	return signed[len(text)+1:], nil
}

// String gives the witness's name and no secret.
func (k WitnessKey) String() string { return "key of the witness " + k.name }

// GoString is String.
func (k WitnessKey) GoString() string { return k.String() }

// Format is String for every verb.
func (k WitnessKey) Format(f fmt.State, _ rune) { fmt.Fprint(f, k.String()) }

// LogValue is String.
func (k WitnessKey) LogValue() slog.Value { return slog.StringValue(k.String()) }

// MarshalJSON is String: only [WitnessKey.Marshal] gives the secrets away.
func (k WitnessKey) MarshalJSON() ([]byte, error) { return json.Marshal(k.String()) }
