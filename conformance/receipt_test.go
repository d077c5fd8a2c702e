package conformance

import (
	"crypto/sha256"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"filippo.io/torchwood"
	fnote "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"

	"verbale/seal"
)

func keyID(name string, kind byte, public []byte) []byte {
	sum := sha256.Sum256(slices.Concat([]byte(name), []byte{'\n', kind}, public))
	return sum[:4]
}

// receiptPolicy asks for both lines of the log and both lines of a receipt (K-9, K-11).
func receiptPolicy(t testing.TB, log, party seal.Keys, origin, name string) torchwood.Policy {
	t.Helper()
	l, r := logKeys(t, log, origin), receiptKeys(t, party, name)
	return policy(t, "log "+l[0], "log "+l[1], "witness ed "+r[0], "witness pq "+r[1], "group receipt all ed pq", "quorum receipt")
}

// TestReceiptReadByOthers: torchwood and formats verify our receipts, 0x04 and 0x06 (K-11).
func TestReceiptReadByOthers(t *testing.T) {
	a, b := alice(t), bob(t)
	cp := a.sign(t, aliceToBob, 300, [32]byte{3})
	later := testNow.Add(90 * time.Second)
	r := must[seal.Receipt](t)(b.Countersign(cp, later))
	both := seal.Countersigned(cp, r)
	p := receiptPolicy(t, a.Keys(), b.Keys(), aliceToBob, b.Party())
	if _, _, err := torchwood.VerifyCheckpoint(both, p); err != nil {
		t.Fatal(err)
	}
	vkeys := receiptKeys(t, b.Keys(), b.Party())
	n := must[*note.Note](t)(note.Open(both, formatsVerifiers(t, append(vkeys, logKeys(t, a.Keys(), aliceToBob)...)...)))
	if len(n.Sigs) != 4 || len(n.UnverifiedSigs) != 0 {
		t.Fatalf("formats verified %d lines of four", len(n.Sigs))
	}
	for _, sig := range n.Sigs[2:] {
		if at := must[time.Time](t)(fnote.CoSigV1Timestamp(sig)); !at.Equal(later) {
			t.Fatalf("a line of the receipt says %v", at)
		}
	}
	lines := strings.SplitAfter(string(both), "\n")
	for name, bad := range map[string]string{
		"no receipt":         string(cp.Note),
		"only Ed25519":       strings.Join(lines[:7], ""),
		"only ML-DSA-44":     strings.Join(append(slices.Clone(lines[:6]), lines[7]), ""),
		"over another head":  a.sign(t, aliceToBob, 301, [32]byte{3}).Text() + strings.Join(lines[3:], ""),
		"of somebody else":   string(seal.Countersigned(cp, must[seal.Receipt](t)(carol(t).Countersign(cp, later)))),
		"carol, named as he": strings.ReplaceAll(string(seal.Countersigned(cp, must[seal.Receipt](t)(carol(t).Countersign(cp, later)))), "cert.carol.", "cert.bob."),
	} {
		if _, _, err := torchwood.VerifyCheckpoint([]byte(bad), p); err == nil {
			t.Errorf("torchwood took it: %s", name)
		}
		if _, err := b.Keys().OpenReceipt(b.Party(), []byte(bad), cp.Head); err == nil {
			t.Errorf("we took it: %s", name)
		}
	}
}

// TestReceiptOfOthers: torchwood, then formats, cosign our checkpoint with bob's secrets, and we read the receipt.
func TestReceiptOfOthers(t *testing.T) {
	a, b := alice(t), bob(t)
	name := b.Party() + "/receipt"
	cp := a.sign(t, aliceToBob, 300, [32]byte{3})
	pq := must[*torchwood.CosignatureSigner](t)(torchwood.NewCosignatureSigner(name, b.mldsaKey(t, "receipt_mldsa44")))
	for library, ed := range map[string]note.Signer{
		"torchwood": must[*torchwood.CosignatureSigner](t)(torchwood.NewCosignatureSigner(name, b.ed25519Key("receipt_ed25519"))),
		"formats":   must[fnote.Signer](t)(fnote.NewSignerForCosignatureV1(signerKey(b, "receipt_ed25519", name, 1))),
	} {
		synctest.Test(t, func(t *testing.T) { // in a bubble both signers see the same second
			signed := must[[]byte](t)(note.Sign(&note.Note{Text: cp.Text()}, pq, ed))
			r, err := b.Keys().OpenReceipt(b.Party(), signed, cp.Head)
			if err != nil {
				t.Fatalf("%s: %v", library, err)
			}
			if !r.Time.Equal(time.Now()) {
				t.Fatalf("%s: the receipt is of %v", library, r.Time)
			}
			ours := must[seal.Receipt](t)(b.Countersign(cp, time.Now()))
			if first(ours.Lines) != first(r.Lines) {
				t.Fatalf("%s: the Ed25519 lines differ: %q and %q", library, ours.Lines, r.Lines)
			}
		})
	}
}

func first(lines []byte) string {
	line, _, _ := strings.Cut(string(lines), "\n")
	return line
}
