package seal

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/binary"
	"slices"
	"strings"
	"time"
)

// A Beat is a dated word that there was nothing beyond a head: a sign of life
// (K-23). It says what a receipt says (K-12), in one Ed25519 line.
type Beat struct {
	Head
	By        string // the party that gives it
	Time      time.Time
	Signature [ed25519.SignatureSize]byte
}

// Beat gives our beat over h (K-23): of an outbox of our own, that we have
// written nothing beyond; of another's, that it is the largest head we have
// seen and that all below it is stored here.
func (k *Keyring) Beat(h Head, now time.Time) (Beat, error) {
	if err := h.check(); err != nil {
		return Beat{}, err
	}
	sec, err := seconds("K-23", now)
	if err != nil {
		return Beat{}, err
	}
	sig := ed25519.Sign(k.secret().receiptEd25519, cosignedMessage(sec, []byte(h.Text())))
	return Beat{Head: h, By: k.party, Time: time.Unix(int64(sec), 0).UTC(), Signature: [ed25519.SignatureSize]byte(sig)}, nil
}

// Note writes the beat as a signed note: the text of the head, an empty line,
// one line. It needs the keys of the party for the key id.
func (b Beat) Note(k Keys) []byte {
	name := b.By + receiptSuffix
	id := keyID(name, typeCosignature, k.ReceiptEd25519)
	blob := binary.BigEndian.AppendUint64(id[:], uint64(b.Time.Unix()))
	blob = append(blob, b.Signature[:]...)
	return slices.Concat([]byte(b.Text()), []byte("\n— "+name+" "+base64.StdEncoding.EncodeToString(blob)+"\n"))
}

// OpenBeat verifies the beat of party by K-23; k are the keys of party. The
// note has that one line and no other.
func (k Keys) OpenBeat(party string, noteBytes []byte) (Beat, error) {
	if err := k.ready(); err != nil {
		return Beat{}, err
	}
	if err := CheckName(party); err != nil {
		return Beat{}, err
	}
	h, err := cutText(noteBytes)
	if err != nil {
		return Beat{}, err
	}
	if n := strings.Count(string(noteBytes), "\n"); n != beatNewlines {
		return Beat{}, fail(Malformed, "K-23", "a beat is a head, an empty line and one signature line; this has %d lines", n)
	}
	lines, err := newLineup("K-23", cosignatureVerifier(party+receiptSuffix, k.ReceiptEd25519)).open(noteBytes)
	if err != nil {
		return Beat{}, err
	}
	blob, _ := blobOf(lines[0])
	return Beat{Head: h, By: party, Time: timeOf(blob), Signature: [ed25519.SignatureSize]byte(blob[8:])}, nil
}

// Beat gives the beat that the Ed25519 line of a receipt is (K-23).
func (r Receipt) Beat() (Beat, error) {
	first, _, _ := bytes.Cut(r.Lines, []byte("\n"))
	name, blob, ok := strings.Cut(strings.TrimPrefix(string(first), "— "), " ")
	raw, err := base64.StdEncoding.Strict().DecodeString(blob)
	if !ok || name != r.By+receiptSuffix || err != nil || len(raw) != keyIDSize+timeSize+ed25519.SignatureSize {
		return Beat{}, fail(Malformed, "K-23", "the first line of a receipt is an Ed25519 cosignature of %s", r.By+receiptSuffix)
	}
	return Beat{Head: r.Head, By: r.By, Time: r.Time, Signature: [ed25519.SignatureSize]byte(raw[keyIDSize+timeSize:])}, nil
}

// A line is a key id, a time and a signature.
const (
	keyIDSize = 4
	timeSize  = 8
)

// beatNewlines: three lines of the head, the empty one, the signature.
const beatNewlines = 5

// CheckBeat verifies a beat that was kept as its parts; k are the keys of b.By.
func (k Keys) CheckBeat(b Beat) error {
	if err := k.ready(); err != nil {
		return err
	}
	if err := CheckName(b.By); err != nil {
		return err
	}
	if err := b.check(); err != nil {
		return err
	}
	sec, err := seconds("K-23", b.Time)
	if err != nil {
		return err
	}
	if !ed25519.Verify(k.ReceiptEd25519, cosignedMessage(sec, []byte(b.Text())), b.Signature[:]) {
		return fail(BadSignature, "K-23", "the receipt key of %s did not sign this beat", b.By)
	}
	return nil
}
