package seal

import (
	"bytes"
	"crypto/ed25519"
	"crypto/mldsa"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/mod/sumdb/note"
)

// A Cosigner is a public key whose cosignatures date heads: a witness's, of
// type 0x04 or 0x06 (K-18). Make it with [ParseCosigner].
type Cosigner struct{ publicLine }

// A LogKey is one public key of a log, of type 0x01 or 0x06: what a witness
// trusts (spec/keys.md §9). Make it with [ParseLogKey].
type LogKey struct{ publicLine }

// publicLine is a verifier key of C2SP signed-note: a name and a key.
type publicLine struct {
	name  string
	kind  byte
	key   []byte
	mldsa *mldsa.PublicKey // of typeMLDSA44 only
}

// ParseCosigner reads the verifier key of a witness by K-18.
func ParseCosigner(vkey string) (Cosigner, error) {
	p, err := parsePublicLine("K-18", vkey)
	if err != nil {
		return Cosigner{}, err
	}
	if p.kind != typeCosignature && p.kind != typeMLDSA44 {
		return Cosigner{}, fail(Malformed, "K-18", "the key of %q has type 0x%02x; a witness signs with 0x04 (Ed25519) or 0x06 (ML-DSA-44)", p.name, p.kind)
	}
	if err := checkWitnessName(p.name); err != nil {
		return Cosigner{}, err
	}
	return Cosigner{p}, nil
}

// checkWitnessName refuses the names that K-5 keeps for the keys of parties.
func checkWitnessName(name string) error {
	if err := checkKeyName("K-18", name); err != nil {
		return err
	}
	if _, err := ParseOrigin(name); err == nil || strings.HasSuffix(name, receiptSuffix) {
		return fail(Malformed, "K-18", "%q names the log or receipt key of a party; a witness has a name and keys of its own", name)
	}
	return nil
}

// ParseLogKey reads the verifier key of a log.
func ParseLogKey(vkey string) (LogKey, error) {
	p, err := parsePublicLine("K-9", vkey)
	if err != nil {
		return LogKey{}, err
	}
	if p.kind != typeEd25519 && p.kind != typeMLDSA44 {
		return LogKey{}, fail(Malformed, "K-9", "the key of %q has type 0x%02x; a log signs with 0x01 (Ed25519) or 0x06 (ML-DSA-44)", p.name, p.kind)
	}
	return LogKey{p}, nil
}

// parsePublicLine reads name+id+key in its one spelling.
func parsePublicLine(rule, vkey string) (publicLine, error) {
	if len(vkey) > maxVerifierKey {
		return publicLine{}, fail(Malformed, rule, "a verifier key has at most %d bytes, this one has %d", maxVerifierKey, len(vkey))
	}
	name, rest, _ := strings.Cut(vkey, "+")
	_, b64, ok := strings.Cut(rest, "+")
	if !ok {
		return publicLine{}, fail(Malformed, rule, "want a verifier key name+id+key, got %.60q", vkey)
	}
	if err := checkKeyName(rule, name); err != nil {
		return publicLine{}, err
	}
	raw, err := base64.StdEncoding.Strict().DecodeString(b64)
	if err != nil || len(raw) == 0 {
		return publicLine{}, fail(Malformed, rule, "the key of %q is not padded standard base64; was a part cut off?", name)
	}
	p := publicLine{name: name, kind: raw[0], key: raw[1:]}
	switch p.kind {
	case typeEd25519, typeCosignature:
		err = checkPoint(name, p.key)
	case typeMLDSA44:
		if p.mldsa, err = mldsa.NewPublicKey(mldsa.MLDSA44(), p.key); err != nil {
			err = fail(Malformed, rule, "the key of %q is no ML-DSA-44 key", name).because(err)
		}
	default:
		err = fail(Malformed, rule, "the key of %q has type 0x%02x, which is not used here", name, p.kind)
	}
	if err != nil {
		return publicLine{}, err
	}
	if p.String() != vkey {
		return publicLine{}, fail(Malformed, rule, "the key id of %q should be %s; the name and the key do not belong together", name, p.id())
	}
	return p, nil
}

// checkKeyName checks a key name by C2SP signed-note, and that people can read it.
func checkKeyName(rule, name string) error {
	odd := func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) || r == '+' }
	if name == "" || len(name) > maxKeyName || !utf8.ValidString(name) || strings.ContainsFunc(name, odd) {
		return fail(Malformed, rule, "key name %.60q: want 1 to %d bytes without spaces, plus signs and unprintable characters", name, maxKeyName)
	}
	return nil
}

// Name is the key name, which stands on each line.
func (p publicLine) Name() string { return p.name }

// String is the verifier key.
func (p publicLine) String() string {
	return p.name + "+" + p.id() + "+" + base64.StdEncoding.EncodeToString(append([]byte{p.kind}, p.key...))
}

func (p publicLine) id() string {
	id := keyID(p.name, p.kind, p.key)
	return hex.EncodeToString(id[:])
}

// ready refuses a value that no parser made.
func (p publicLine) ready() error {
	if len(p.key) == 0 {
		return fail(Refused, "K-18", "this verifier key was not made by a parser, so nothing checked it")
	}
	return nil
}

// verifier looks for the line of this key below the text of h.
func (p publicLine) verifier(h Head) *verifier {
	switch p.kind {
	case typeEd25519:
		return ed25519Verifier(p.name, ed25519.PublicKey(p.key))
	case typeCosignature:
		return cosignatureVerifier(p.name, ed25519.PublicKey(p.key))
	}
	return mldsaVerifier(p.name, p.mldsa, p.key, h)
}

// Open finds the one line of c below h and verifies it (K-19). The error is of
// kind [UnknownKey] when c has no line there. Lines of others are not looked at.
func (c Cosigner) Open(noteBytes []byte, h Head) (t time.Time, line []byte, err error) {
	if err := c.ready(); err != nil {
		return time.Time{}, nil, err
	}
	if err := overHead("K-19", noteBytes, h); err != nil {
		return time.Time{}, nil, err
	}
	lines, err := newLineup("K-19", c.verifier(h)).open(noteBytes)
	if err != nil {
		return time.Time{}, nil, err
	}
	blob, _ := blobOf(lines[0])
	return timeOf(blob), lineOf(lines[0]), nil
}

// overHead says whether a note is over h.
func overHead(rule string, noteBytes []byte, h Head) error {
	got, err := cutText(noteBytes)
	if err != nil {
		return err
	}
	if got != h {
		return fail(Refused, rule, "the note is over size %d of %s, asked for was size %d of %s with the root of our head", got.Size, got.Origin, h.Size, h.Origin)
	}
	return nil
}

// Open verifies the line of this key below a checkpoint. The error is of kind
// [UnknownKey] when the log, or its line by this key, is another.
func (l LogKey) Open(noteBytes []byte) (Head, error) {
	h, _, err := l.OpenLine(noteBytes)
	return h, err
}

// OpenLine is Open, and gives the line too.
func (l LogKey) OpenLine(noteBytes []byte) (Head, []byte, error) {
	if err := l.ready(); err != nil {
		return Head{}, nil, err
	}
	h, err := cutText(noteBytes)
	if err != nil {
		return Head{}, nil, err
	}
	if h.Origin != l.name {
		return Head{}, nil, fail(UnknownKey, "K-9", "the checkpoint is of %s, the key of %s", h.Origin, l.name)
	}
	lines, err := newLineup("K-9", l.verifier(h)).open(noteBytes)
	if err != nil {
		return Head{}, nil, err
	}
	return h, lineOf(lines[0]), nil
}

// SameKind says whether both keys are of one type of signature.
func (l LogKey) SameKind(o LogKey) bool { return l.kind == o.kind }

// HeadOf reads the head at the top of a note. Nothing is verified.
func HeadOf(noteBytes []byte) (Head, error) { return cutText(noteBytes) }

// LinesOf gives the signature lines of a note, each with its newline. Nothing
// is verified; bytes that are no note have no lines.
func LinesOf(noteBytes []byte) [][]byte {
	split := bytes.LastIndex(noteBytes, []byte("\n\n"))
	if split < 0 {
		return nil
	}
	lines := bytes.SplitAfter(noteBytes[split+2:], []byte("\n"))
	return lines[:len(lines)-1] // after the last newline stands nothing, or no line
}

// lineOf writes one signature line with its newline.
func lineOf(sig note.Signature) []byte {
	return []byte("— " + sig.Name + " " + sig.Base64 + "\n")
}

// CheckWitness says whether a witness key is none of the keys of this party
// (K-5): an Ed25519 cosignature does not say by which name it was given, so a
// party's receipts would count as words of a witness.
func (k Keys) CheckWitness(c Cosigner) error {
	if err := k.ready(); err != nil {
		return err
	}
	if err := c.ready(); err != nil {
		return err
	}
	for _, m := range append(k.ed25519Members(), member{"log_mldsa44", k.LogMLDSA44}, member{"receipt_mldsa44", k.ReceiptMLDSA44}) {
		if bytes.Equal(m.key, c.key) {
			return fail(WeakKey, "K-5", "the key of the witness %s is the party's own %q; no party witnesses itself", c.name, m.name)
		}
	}
	return nil
}
