package seal

import (
	"bytes"
	"crypto/ed25519"
	"crypto/mldsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"slices"
	"strconv"
	"time"

	"golang.org/x/mod/sumdb/note"
)

// The type bytes of C2SP signed-note that are used here (spec/keys.md §3).
const (
	typeEd25519     = 0x01 // K-10: over the text alone
	typeCosignature = 0x04 // K-11: Ed25519 over a time and the text
	typeMLDSA44     = 0x06 // K-10, K-11: over a time, both names and the tree
)

// subtreeLabel begins every message signed by ML-DSA-44 (C2SP tlog-cosignature).
const subtreeLabel = "subtree/v1\n\x00"

// keyID is the key id of signed-note.
func keyID(name string, kind byte, key []byte) [4]byte {
	h := sha256.New()
	h.Write([]byte(name))
	h.Write([]byte{'\n', kind})
	h.Write(key)
	return [4]byte(h.Sum(nil))
}

// cosignedMessage is what a 0x04 line signs.
func cosignedMessage(sec uint64, text []byte) []byte {
	b := append([]byte("cosignature/v1\ntime "), strconv.FormatUint(sec, 10)...)
	b = append(b, '\n')
	return append(b, text...)
}

// subtreeMessage is what a 0x06 line signs: the tree from 0 to h.Size.
func subtreeMessage(cosigner string, sec uint64, h Head) []byte {
	b := []byte(subtreeLabel)
	b = append(b, byte(len(cosigner)))
	b = append(b, cosigner...)
	b = binary.BigEndian.AppendUint64(b, sec)
	b = append(b, byte(len(h.Origin)))
	b = append(b, h.Origin...)
	b = binary.BigEndian.AppendUint64(b, 0)
	b = binary.BigEndian.AppendUint64(b, uint64(h.Size))
	return append(b, h.Root[:]...)
}

// A verifier is one known key of a note; it is a note.Verifier.
type verifier struct {
	name  string
	id    [4]byte
	check func(text, sig []byte) bool
}

func (v *verifier) Name() string                { return v.name }
func (v *verifier) KeyHash() uint32             { return binary.BigEndian.Uint32(v.id[:]) }
func (v *verifier) Verify(msg, sig []byte) bool { return v.check(msg, sig) }

func ed25519Verifier(name string, key ed25519.PublicKey) *verifier {
	return &verifier{name, keyID(name, typeEd25519, key), func(text, sig []byte) bool {
		return ed25519.Verify(key, text, sig)
	}}
}

func cosignatureVerifier(name string, key ed25519.PublicKey) *verifier {
	return &verifier{name, keyID(name, typeCosignature, key), func(text, sig []byte) bool {
		sec, sig, ok := cutTime(sig)
		return ok && ed25519.Verify(key, cosignedMessage(sec, text), sig)
	}}
}

func mldsaVerifier(name string, key *mldsa.PublicKey, raw []byte, h Head) *verifier {
	return &verifier{name, keyID(name, typeMLDSA44, raw), func(_, sig []byte) bool {
		sec, sig, ok := cutTime(sig)
		return ok && mldsa.Verify(key, subtreeMessage(name, sec, h), sig, nil) == nil
	}}
}

// cutTime takes the timestamp off a signature; it is never zero (K-10, K-11).
func cutTime(blob []byte) (sec uint64, sig []byte, ok bool) {
	if len(blob) < 8 {
		return 0, nil, false
	}
	sec = binary.BigEndian.Uint64(blob)
	return sec, blob[8:], sec > 0 && sec <= maxTime
}

func timeOf(blob []byte) time.Time {
	return time.Unix(int64(binary.BigEndian.Uint64(blob)), 0).UTC()
}

// A lineup is the keys whose lines are looked for below a text. It is the
// note.Verifiers of one call of note.Open and counts what it is asked, because
// note.Open would pass over a second line of a key and read up to 100 (K-9).
type lineup struct {
	rule  string
	keys  []*verifier
	seen  []bool // as keys
	total int
}

func newLineup(rule string, keys ...*verifier) *lineup {
	return &lineup{rule: rule, keys: keys, seen: make([]bool, len(keys))}
}

// Verifier finds a known key and refuses the seventeenth line and the second
// line of one key.
func (u *lineup) Verifier(name string, hash uint32) (note.Verifier, error) {
	if u.total++; u.total > maxLines {
		return nil, fail(Malformed, "K-9", "a note has at most %d signature lines", maxLines)
	}
	for i, v := range u.keys {
		if v.name != name || v.KeyHash() != hash {
			continue
		}
		if u.seen[i] {
			return nil, fail(Malformed, u.rule, "two lines of the key %s+%08x; each stands exactly once", name, hash)
		}
		u.seen[i] = true
		return v, nil
	}
	return nil, &note.UnknownVerifierError{Name: name, KeyHash: hash}
}

// cutText reads the head at the top of a note, without any signature.
func cutText(b []byte) (Head, error) {
	if len(b) > maxNote {
		return Head{}, fail(Malformed, "K-9", "a checkpoint has at most %d bytes, this one has %d", maxNote, len(b))
	}
	split := bytes.LastIndex(b, []byte("\n\n"))
	if split < 0 {
		return Head{}, fail(Malformed, "K-8", "want a signed note: a text, an empty line, signature lines")
	}
	return ParseHead(string(b[:split+1]))
}

// open checks that all keys signed the note, each exactly once, and gives
// their lines in the order of the keys.
func (u *lineup) open(b []byte) ([]note.Signature, error) {
	lines, err := u.find(b)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(u.seen, true) {
		return nil, fail(UnknownKey, u.rule, "no line is by the keys of %s; are these its keys?", u.keys[0].name)
	}
	for i, v := range u.keys {
		if !u.seen[i] {
			return nil, fail(UnknownKey, u.rule, "the line of %s+%08x is missing; it must stand", v.name, v.KeyHash())
		}
	}
	return lines, nil
}

// find is open, but lines may be missing: theirs are empty in what it gives,
// and u.seen tells.
func (u *lineup) find(b []byte) ([]note.Signature, error) {
	n, err := note.Open(b, u)
	if none, ok := errors.AsType[*note.UnverifiedNoteError](err); ok {
		n, err = none.Note, nil
	}
	if err != nil {
		return nil, u.explain(err)
	}
	lines := make([]note.Signature, len(u.keys))
	for i, v := range u.keys {
		if !u.seen[i] {
			continue
		}
		for _, sig := range n.Sigs {
			if sig.Hash == v.KeyHash() && sig.Name == v.name {
				lines[i] = sig
			}
		}
		if _, ok := blobOf(lines[i]); !ok {
			return nil, fail(Malformed, u.rule, "the line of %s+%08x is not canonical base64", v.name, v.KeyHash())
		}
	}
	return lines, nil
}

// explain turns an error of note.Open into one of ours.
func (u *lineup) explain(err error) error {
	var ours *Error
	var bad *note.InvalidSignatureError
	switch {
	case errors.As(err, &ours):
		return ours
	case errors.As(err, &bad):
		return fail(BadSignature, u.rule, "the line of %s+%08x does not verify", bad.Name, bad.Hash)
	}
	return fail(Malformed, u.rule, "want a signed note by C2SP signed-note").because(err)
}

// blobOf gives the bytes of a line after its key id.
func blobOf(sig note.Signature) ([]byte, bool) {
	raw, err := base64.StdEncoding.Strict().DecodeString(sig.Base64)
	if err != nil || len(raw) < 4 {
		return nil, false
	}
	return raw[4:], true
}

// assemble writes text and the given lines in their order, and nothing else.
func assemble(text string, lines []note.Signature) ([]byte, error) {
	b, err := note.Sign(&note.Note{Text: text, Sigs: lines})
	if err != nil {
		return nil, fail(Malformed, "K-9", "cannot write the note").because(err)
	}
	return b, nil
}

// A signer is one private key below a note; it is a note.Signer.
type signer struct {
	name string
	id   [4]byte
	sign func(text []byte) ([]byte, error)
}

func (s *signer) Name() string                     { return s.name }
func (s *signer) KeyHash() uint32                  { return binary.BigEndian.Uint32(s.id[:]) }
func (s *signer) Sign(text []byte) ([]byte, error) { return s.sign(text) }

func ed25519Signer(name string, key ed25519.PrivateKey) *signer {
	return &signer{name, keyID(name, typeEd25519, publicOf(key)), func(text []byte) ([]byte, error) {
		return ed25519.Sign(key, text), nil
	}}
}

func cosignatureSigner(name string, key ed25519.PrivateKey, sec uint64) *signer {
	return &signer{name, keyID(name, typeCosignature, publicOf(key)), func(text []byte) ([]byte, error) {
		return withTime(sec, ed25519.Sign(key, cosignedMessage(sec, text))), nil
	}}
}

func mldsaSigner(name string, key *mldsa.PrivateKey, raw []byte, h Head, sec uint64) *signer {
	return &signer{name, keyID(name, typeMLDSA44, raw), func([]byte) ([]byte, error) {
		sig, err := key.SignDeterministic(subtreeMessage(name, sec, h), nil)
		return withTime(sec, sig), err
	}}
}

func withTime(sec uint64, sig []byte) []byte {
	return append(binary.BigEndian.AppendUint64(make([]byte, 0, 8+len(sig)), sec), sig...)
}

func publicOf(key ed25519.PrivateKey) []byte {
	return key[ed25519.PrivateKeySize-ed25519.PublicKeySize:]
}

// seconds gives now as a timestamp for a line.
func seconds(rule string, now time.Time) (uint64, error) {
	sec := now.Unix()
	if sec <= 0 || sec > maxTime {
		return 0, fail(Refused, rule, "the clock says %s; a time from 1970 to 9999 is needed, set the clock", now.UTC().Format(time.RFC3339))
	}
	return uint64(sec), nil
}
