package seal

import (
	"bytes"
	"slices"
	"time"

	"golang.org/x/mod/sumdb/note"
)

// receiptSuffix makes a party's name the name of its receipt keys (K-11).
const receiptSuffix = "/receipt"

// ReceiptName is the key name of a party's receipts and beats (K-11). With the empty party it is what follows the party's name.
func ReceiptName(party string) string { return party + receiptSuffix }

// A Receipt is a party's word that it holds an outbox up to a head (K-12).
type Receipt struct {
	Head
	By    string    // the party that gives it
	Time  time.Time // its clock; whole seconds, UTC
	Lines []byte    // its two signature lines, Ed25519 first
}

// OpenReceipt verifies the receipt of party over h by K-11; k are the keys of
// party. The note may carry other lines too, such as the log's own; they are
// not looked at.
func (k Keys) OpenReceipt(party string, noteBytes []byte, h Head) (Receipt, error) {
	if err := k.ready(); err != nil {
		return Receipt{}, err
	}
	if err := CheckName(party); err != nil {
		return Receipt{}, err
	}
	got, err := cutText(noteBytes)
	if err != nil {
		return Receipt{}, err
	}
	if got != h {
		return Receipt{}, fail(Refused, "K-11", "the receipt is over size %d of %s, asked for was size %d of %s with the root of our head", got.Size, got.Origin, h.Size, h.Origin)
	}
	name := party + receiptSuffix
	u := newLineup("K-11", cosignatureVerifier(name, k.ReceiptEd25519), mldsaVerifier(name, k.receiptMLDSA, k.ReceiptMLDSA44, h))
	pair, err := u.open(noteBytes)
	if err != nil {
		return Receipt{}, err
	}
	return newReceipt(party, h, pair)
}

// newReceipt checks that both lines say the same time and writes them out.
func newReceipt(party string, h Head, pair []note.Signature) (Receipt, error) {
	first, _ := blobOf(pair[0])
	second, _ := blobOf(pair[1])
	if !bytes.Equal(first[:8], second[:8]) {
		return Receipt{}, fail(Malformed, "K-11", "the two lines of %s name different times, %s and %s", party+receiptSuffix,
			timeOf(first).Format(time.RFC3339), timeOf(second).Format(time.RFC3339))
	}
	text := h.Text()
	b, err := assemble(text, pair)
	if err != nil {
		return Receipt{}, err
	}
	return Receipt{Head: h, By: party, Time: timeOf(first), Lines: b[len(text)+1:]}, nil
}

// Countersign gives our receipt over a checkpoint (K-11). Call it only when
// every entry below its size, with its content, is durably stored (K-12).
func (k *Keyring) Countersign(cp Checkpoint, now time.Time) (Receipt, error) {
	if err := cp.check(); err != nil {
		return Receipt{}, err
	}
	sec, err := seconds("K-11", now)
	if err != nil {
		return Receipt{}, err
	}
	name, text := k.party+receiptSuffix, cp.Text()
	signed, err := note.Sign(&note.Note{Text: text},
		cosignatureSigner(name, k.secret().receiptEd25519, sec),
		mldsaSigner(name, k.secret().receiptMLDSA, k.keys.ReceiptMLDSA44, cp.Head, sec))
	if err != nil {
		return Receipt{}, fail(Refused, "K-11", "cannot sign the receipt").because(err)
	}
	return Receipt{Head: cp.Head, By: k.party, Time: time.Unix(int64(sec), 0).UTC(), Lines: signed[len(text)+1:]}, nil
}

// Countersigned is the checkpoint's note with the receipt's lines after its own.
func Countersigned(cp Checkpoint, r Receipt) []byte {
	return slices.Concat(cp.Note, r.Lines)
}
