package outbox

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"verbale/seal"
)

func TestProofFile(t *testing.T) {
	d := leavesOf(300)
	tree, _ := grown(t, d)
	cp := signed(t, aliceToBob, d)
	keys := alice(t).Keys()
	for _, index := range []int64{0, 1, 255, 256, 299} {
		proof := must[[][32]byte](t)(tree.ProveInclusion(index, tree.Size()))
		p := must[Proof](t)(ParseProof(FormatProof(index, proof, cp.Note)))
		if p.Index != index || !slices.Equal(p.Hashes, proof) || p.Extra != nil || !bytes.Equal(p.Note, cp.Note) {
			t.Fatalf("read back %+v", p)
		}
		p.Extra = []byte("believe me")
		p = must[Proof](t)(ParseProof(p.Format()))
		leaf := fmt.Appendf(nil, "entry %d", index)
		got := must[seal.Checkpoint](t)(p.Check(keys, leaf))
		if got.Head != cp.Head {
			t.Fatalf("the proof gives the head %+v", got.Head)
		}
		_, err := p.Check(keys, append(leaf, '!'))
		refused(t, BadProof, err)
		p.Index = (index + 1) % 300
		_, err = p.Check(keys, leaf)
		refused(t, BadProof, err)
	}
}

func TestProofFileOfOthers(t *testing.T) {
	p := Proof{Note: signed(t, aliceToBob, leavesOf(1)).Note}
	if _, err := p.Check(alice(t).Keys(), []byte("entry 0")); err != nil {
		t.Fatal(err)
	}
	for name, check := range map[string]func() (seal.Checkpoint, error){
		"keys of somebody else": func() (seal.Checkpoint, error) { return p.Check(bob(t).Keys(), []byte("entry 0")) },
		"unchecked keys":        func() (seal.Checkpoint, error) { return p.Check(seal.Keys{}, []byte("entry 0")) },
		"no note":               func() (seal.Checkpoint, error) { return Proof{}.Check(alice(t).Keys(), []byte("entry 0")) },
	} {
		cp, err := check()
		var e *seal.Error
		if !errors.As(err, &e) || cp.Note != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestProofPrintParse(t *testing.T) {
	hash := rapid.Custom(func(r *rapid.T) [32]byte { return [32]byte(rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(r, "hash")) })
	rapid.Check(t, func(r *rapid.T) {
		p := Proof{
			Index:  rapid.Int64Range(0, MaxSize-1).Draw(r, "index"),
			Hashes: rapid.SliceOfN(hash, 0, MaxProof).Draw(r, "hashes"),
			Extra:  rapid.SliceOfN(rapid.Byte(), 0, 100).Draw(r, "extra"),
			Note:   rapid.SliceOfN(rapid.Byte(), 1, 100).Draw(r, "note"),
		}
		b := p.Format()
		got := must[Proof](t)(ParseProof(b))
		if got.Index != p.Index || !slices.Equal(got.Hashes, p.Hashes) || !bytes.Equal(got.Extra, p.Extra) || !bytes.Equal(got.Note, p.Note) {
			r.Fatalf("wrote %+v, read %+v", p, got)
		}
		// Another byte before the note is refused, or it says something else.
		at := rapid.IntRange(0, len(b)-len(p.Note)-1).Draw(r, "at")
		twisted := bytes.Clone(b)
		twisted[at] ^= 1 << rapid.IntRange(0, 7).Draw(r, "bit")
		if other, err := ParseProof(twisted); err == nil && !bytes.Equal(other.Format(), twisted) {
			r.Fatalf("%q is read loosely", twisted)
		}
	})
}

func TestProofLimits(t *testing.T) {
	p := Proof{Hashes: make([][32]byte, MaxProof), Note: []byte("n")}
	must[Proof](t)(ParseProof(p.Format()))
	p.Note = bytes.Repeat([]byte("n"), MaxProofFile-len(p.Format())+1)
	must[Proof](t)(ParseProof(p.Format()))
	p.Note = append(p.Note, 'n')
	_, err := ParseProof(p.Format())
	refused(t, Malformed, err)
	_, err = ParseProof(Proof{}.Format())
	refused(t, Malformed, err)
	p = Proof{Hashes: make([][32]byte, MaxProof+1), Note: []byte("n")}
	_, err = ParseProof(p.Format())
	refused(t, Malformed, err)
}

func FuzzParseProof(f *testing.F) {
	d := leavesOf(5)
	f.Add(FormatProof(3, naiveInclusion(3, d), []byte("a note\n\n")))
	f.Add(Proof{Index: 7, Extra: []byte("extra"), Note: []byte("note")}.Format())
	f.Add([]byte(proofHeader + "extra YQ==\nindex 0\n\nx"))
	f.Add([]byte(proofHeader + "index 00\n\nx"))
	f.Add([]byte(proofHeader + "index 0\nAAAA\n\nx"))
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := ParseProof(b)
		if err != nil {
			refused(t, Malformed, err)
			return
		}
		if !bytes.Equal(p.Format(), b) {
			t.Fatalf("%q is written %q", b, p.Format())
		}
	})
}
