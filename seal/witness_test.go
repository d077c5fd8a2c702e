package seal

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// registerHead is a head of alice's register.
func registerHead(size int64) Head {
	h := testHead(size)
	h.Origin = "cert.alice.example/to/public/1"
	return h
}

// witnessOf makes the same witness for the same name in every run.
func witnessOf(t testing.TB, name string) *WitnessKey {
	t.Helper()
	return must[*WitnessKey](t)(newWitnessKey(name, sha256.Sum256([]byte("witness 1 "+name)), sha256.Sum256([]byte("witness 2 "+name))))
}

func TestWitnessKey(t *testing.T) {
	k := must[*WitnessKey](t)(NewWitnessKey("witness.example/w1", bytes.NewReader([]byte(strings.Repeat("0123456789abcdefghijklmnopqrstuvwxyzABCDE", 2)))))
	back := must[*WitnessKey](t)(ParseWitnessKey(k.Marshal()))
	h := registerHead(7)
	lines := must[[]byte](t)(back.Cosign(h, testNow))
	note := slices.Concat([]byte(h.Text()), []byte("\n"), lines)
	if len(LinesOf(note)) != 2 || !bytes.Equal(bytes.Join(LinesOf(note), nil), lines) {
		t.Fatalf("lines: %q", LinesOf(note))
	}
	for i, c := range k.Cosigners() {
		c = must[Cosigner](t)(ParseCosigner(c.String()))
		at, line, err := c.Open(note, h)
		if err != nil || !at.Equal(testNow) || !bytes.Equal(line, LinesOf(note)[i]) || c.Name() != k.Name() {
			t.Fatalf("%v %q %v", at, line, err)
		}
		if _, _, err := c.Open(note, registerHead(8)); kindOf(t, err) != Refused {
			t.Fatalf("another head: %v", err)
		}
	}
	other := witnessOf(t, "witness.example/w2").Cosigners()[0]
	if _, _, err := other.Open(note, h); kindOf(t, err) != UnknownKey {
		t.Fatalf("another witness: %v", err)
	}
}

func TestPolicyDates(t *testing.T) {
	h := registerHead(7)
	note := []byte(h.Text() + "\n")
	var lines [][]byte
	var text strings.Builder
	for i := range 3 {
		w := witnessOf(t, fmt.Sprintf("witness.example/w%d", i))
		both := must[[]byte](t)(w.Cosign(h, testNow.Add(time.Duration(10*i)*time.Second)))
		lines = append(lines, bytes.SplitAfter(both, []byte("\n"))[i%2])
		fmt.Fprintf(&text, "witness w%d %s\n", i, w.Cosigners()[i%2])
	}
	text.WriteString("group two 2 w0 w1 w2\nquorum two\n")
	p := must[*Policy](t)(ParsePolicy([]byte(text.String())))
	if p.String() != text.String() {
		t.Fatalf("printed %s", p)
	}
	for _, v := range []struct {
		have     []int
		met      bool
		from, to int
	}{
		{nil, false, 0, 0},
		{[]int{1}, false, 0, 0},
		{[]int{2, 0}, true, 0, 20},
		{[]int{2, 1, 0}, true, 0, 10},
		{[]int{1, 2}, true, 10, 20},
	} {
		n := note
		for _, i := range v.have {
			n = slices.Concat(n, lines[i])
		}
		if len(v.have) == 0 {
			n = must[Checkpoint](t)(alice(t).SignHead(h, testNow)).Note
		}
		d := must[Dating](t)(p.Date(n, h))
		if d.Met != v.met || len(d.By) != len(v.have) {
			t.Fatalf("%v: %+v", v.have, d)
		}
		if v.met && (!d.From.Equal(testNow.Add(time.Duration(v.from)*time.Second)) || !d.To.Equal(testNow.Add(time.Duration(v.to)*time.Second))) {
			t.Fatalf("%v: %+v", v.have, d)
		}
	}
}

func TestLogKey(t *testing.T) {
	h := registerHead(7)
	cp := must[Checkpoint](t)(alice(t).SignHead(h, testNow))
	o := must[Origin](t)(ParseOrigin(h.Origin))
	for _, vkey := range alice(t).Keys().VerifierKeys(o) {
		l := must[LogKey](t)(ParseLogKey(vkey))
		if got, err := l.Open(cp.Note); err != nil || got != h || l.Name() != h.Origin || l.String() != vkey {
			t.Fatalf("%+v, %v", got, err)
		}
	}
	for _, vkey := range bob(t).Keys().VerifierKeys(o) {
		if _, err := must[LogKey](t)(ParseLogKey(vkey)).Open(cp.Note); kindOf(t, err) != UnknownKey {
			t.Fatal(err)
		}
	}
}

func TestBeat(t *testing.T) {
	b, h := bob(t), testHead(7)
	beat := must[Beat](t)(b.Beat(h, testNow.Add(time.Millisecond)))
	note := beat.Note(b.Keys())
	got := must[Beat](t)(b.Keys().OpenBeat(b.Party(), note))
	if got != beat || !got.Time.Equal(testNow) {
		t.Fatalf("%+v", got)
	}
	if err := b.Keys().CheckBeat(Beat{Head: h, By: b.Party(), Time: testNow, Signature: beat.Signature}); err != nil {
		t.Fatal(err)
	}
	beat.Size++
	if err := b.Keys().CheckBeat(beat); kindOf(t, err) != BadSignature {
		t.Fatal(err)
	}
	if _, err := b.Keys().OpenBeat(b.Party(), slices.Concat(note, LinesOf(note)[0])); kindOf(t, err) != Malformed {
		t.Fatal(err)
	}
}

func TestRecovery(t *testing.T) {
	r := must[RecoveryKey](t)(NewRecoveryKey(bytes.NewReader(bytes.Repeat([]byte{0x7f}, 32))))
	// The vector of BIP-39 for these bytes.
	const want = "legal winner thank year wave sausage worth useful legal winner thank year wave sausage worth useful legal winner thank year wave sausage worth title"
	if got := strings.Join(r.Words(), " "); got != want {
		t.Fatal(got)
	}
	back := must[RecoveryKey](t)(RecoveryFromWords(strings.Fields(strings.ToUpper(want))))
	if back.Public() != r.Public() {
		t.Fatal("the words lost something")
	}
}

func keyChange(t testing.TB) KeyChange {
	a, b := alice(t), bob(t)
	return KeyChange{Party: a.Party(), From: Fingerprint(a.Party(), a.Keys()), To: Fingerprint(a.Party(), b.Keys()), Reason: Rotation, EffectiveAt: testNow}
}

func TestKeyChange(t *testing.T) {
	a, c := alice(t), keyChange(t)
	r := must[RecoveryKey](t)(NewRecoveryKey(bytes.NewReader(bytes.Repeat([]byte{0x7f}, 32))))
	old, by := must[[]byte](t)(a.Authorize(c)), must[[]byte](t)(r.Authorize(c))
	if err := a.Keys().CheckAuthorization(c, old); err != nil {
		t.Fatal(err)
	}
	if err := CheckRecovery(r.Public(), c, by); err != nil {
		t.Fatal(err)
	}
	c.Reason = Loss
	if err := a.Keys().CheckAuthorization(c, old); kindOf(t, err) != BadSignature {
		t.Fatal(err)
	}
	if err := CheckRecovery(r.Public(), c, by); kindOf(t, err) != BadSignature {
		t.Fatal(err)
	}
	if _, err := bob(t).Authorize(c); kindOf(t, err) != Refused {
		t.Fatal(err)
	}
}

func TestSealToSelf(t *testing.T) {
	stored := must[[]byte](t)(alice(t).SealToSelf([]byte("heads")))
	if got := must[[]byte](t)(alice(t).Decrypt(stored)); string(got) != "heads" || !Sealed(stored) || Sealed(got) {
		t.Fatalf("%q", got)
	}
	if _, err := bob(t).Decrypt(stored); kindOf(t, err) != CannotDecrypt {
		t.Fatal(err)
	}
}
