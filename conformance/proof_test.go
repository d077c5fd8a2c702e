package conformance

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	"filippo.io/torchwood"
	fproof "github.com/transparency-dev/formats/proof"
	"golang.org/x/mod/sumdb/tlog"

	"verbale/outbox"
	"verbale/seal"
)

// TestProofReadByOthers: torchwood verifies our proof files, and formats reads them (O-5).
func TestProofReadByOthers(t *testing.T) {
	a, l := alice(t), theirLog(t, 700)
	p := logPolicy(t, a.Keys(), aliceToBob)
	tree := ourTree(t, l.leaves)
	for _, size := range []int64{1, 2, 3, 255, 256, 257, 700} {
		cp := a.sign(t, aliceToBob, size, must[[32]byte](t)(tree.RootAt(size)))
		for index := int64(0); index < size; index += 1 + size/7 {
			proof := must[[][32]byte](t)(tree.ProveInclusion(index, size))
			file := outbox.FormatProof(index, proof, cp.Note)
			leaf := l.leaves[index]
			if err := torchwood.VerifyProof(p, tlog.RecordHash(leaf), file); err != nil {
				t.Fatalf("torchwood: %d of %d: %v", index, size, err)
			}
			if theirs := torchwood.FormatProof(index, hashes(proof), cp.Note); !bytes.Equal(file, theirs) {
				t.Fatalf("torchwood writes %q, we %q", theirs, file)
			}
			var read fproof.TLogProof
			if err := read.Unmarshal(file); err != nil {
				t.Fatalf("formats: %v", err)
			}
			if !bytes.Equal(read.Marshal(), file) || read.Index != uint64(index) || !bytes.Equal(read.Checkpoint, cp.Note) {
				t.Fatalf("formats read %+v", read)
			}
			var refused *torchwood.VerifyRecordError
			if err := torchwood.VerifyProof(p, tlog.RecordHash(append(leaf, '!')), file); !errors.As(err, &refused) {
				t.Fatalf("torchwood on another leaf: %v", err)
			}
		}
	}
	bobs := logPolicy(t, bob(t).Keys(), "cert.bob.example/to/public/1")
	file := outbox.FormatProof(0, nil, a.sign(t, aliceToBob, 1, must[[32]byte](t)(tree.RootAt(1))).Note)
	if torchwood.VerifyProof(bobs, tlog.RecordHash(l.leaves[0]), file) == nil {
		t.Fatal("torchwood took alice's proof for bob's")
	}
}

// TestProofOfOthers: torchwood grows the log, proves and writes; we read and check.
func TestProofOfOthers(t *testing.T) {
	a, l := alice(t), theirLog(t, 700)
	for _, size := range []int{1, 2, 3, 255, 256, 257, 700} {
		cp := a.sign(t, aliceToBob, int64(size), l.root(t, size))
		for index := 0; index < size; index += 1 + size/7 {
			record := must[tlog.RecordProof](t)(tlog.ProveRecord(int64(size), int64(index), l))
			extra := []byte(fmt.Sprint("extra of ", index))
			for _, file := range [][]byte{
				torchwood.FormatProof(int64(index), record, cp.Note),
				torchwood.FormatProofWithExtraData(int64(index), extra, record, cp.Note),
			} {
				p := must[outbox.Proof](t)(outbox.ParseProof(file))
				if !bytes.Equal(p.Format(), file) || p.Index != int64(index) || !sameProof(p.Hashes, record) {
					t.Fatalf("we read %+v", p)
				}
				if said, err := torchwood.ProofExtraData(file); err == nil && !bytes.Equal(said, p.Extra) {
					t.Fatalf("extra: they read %q, we %q", said, p.Extra)
				}
				got := must[seal.Checkpoint](t)(p.Check(a.Keys(), l.leaves[index]))
				if got.Head != cp.Head {
					t.Fatalf("checked against %+v", got.Head)
				}
			}
		}
	}
}

// TestProofVectors lets torchwood judge our vectors. What is only malformed to us it may read.
func TestProofVectors(t *testing.T) {
	file := vectors[struct {
		Keys      string `json:"keys"`
		OtherKeys string `json:"other_keys"`
		Cases     []struct {
			Name      string `json:"name"`
			File      string `json:"file"`
			Leaf      string `json:"leaf"`
			OtherKeys bool   `json:"other_keys"`
			Expect    string `json:"expect"`
			Error     string `json:"error"`
		} `json:"cases"`
	}](t, "outbox.json")
	judged := 0
	for _, v := range file.Cases {
		text := file.Keys
		if v.OtherKeys {
			text = file.OtherKeys
		}
		keys := must[seal.Keys](t)(seal.ParseKeys([]byte(text)))
		err := torchwood.VerifyProof(logPolicy(t, keys, aliceToBob), tlog.RecordHash([]byte(v.Leaf)), []byte(v.File))
		switch {
		case v.Error == "malformed":
			continue
		case (err == nil) != (v.Expect == "accept"):
			t.Errorf("%s: we %s it %s, and torchwood says %v", v.Name, v.Expect, v.Error, err)
		}
		judged++
	}
	if judged < 10 {
		t.Fatalf("torchwood judged %d cases", judged)
	}
}
