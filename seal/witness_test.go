package seal

import (
	"bytes"
	"crypto/sha256"
	"encoding/json/v2"
	"fmt"
	"log/slog"
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
	var keys []LogKey
	for i, vkey := range alice(t).Keys().VerifierKeys(o) {
		keys = append(keys, must[LogKey](t)(ParseLogKey(vkey)))
		l := must[LogKey](t)(ParseLogKey(vkey))
		if got, err := l.Open(cp.Note); err != nil || got != h || l.Name() != h.Origin || l.String() != vkey {
			t.Fatalf("%+v, %v", got, err)
		}
		if _, line, err := l.OpenLine(cp.Note); err != nil || !bytes.Equal(line, LinesOf(cp.Note)[i]) || l.SameKind(keys[0]) != (i == 0) {
			t.Fatalf("%q, %v", line, err)
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

// TestNoWitnessSecretIsPrinted is TestNoSecretIsPrinted for the other private keys.
func TestNoWitnessSecretIsPrinted(t *testing.T) {
	w, r := witnessOf(t, "witness.example/w1"), recoveryKey()
	seed := r.seed()
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		for _, v := range []any{w, *w, r, &r, struct{ k WitnessKey }{*w}, struct{ r RecoveryKey }{r}} {
			fmt.Fprintf(&out, verb+"\n", v)
		}
	}
	slog.New(slog.NewJSONHandler(&out, nil)).Info("keys", "w", w, "r", r)
	for _, v := range []any{w, r} {
		out.Write(must[[]byte](t)(json.Marshal(v)))
	}
	printed := out.String()
	if !strings.Contains(printed, w.Name()) || !strings.Contains(printed, "recovery key") {
		t.Error("not even the name is printed")
	}
	for _, s := range [][32]byte{w.secret().edSeed, w.secret().pqSeed, seed} {
		for _, form := range []string{encodeB64u(s[:]), fmt.Sprintf("%x", s[:16]), strings.Trim(fmt.Sprintf("%d", s[:6]), "[]"), string(s[:])} {
			if strings.Contains(printed, form) {
				t.Errorf("a secret is printed as %q", form)
			}
		}
	}
	if strings.Contains(printed, strings.Join(r.Words()[:2], " ")) {
		t.Error("the words are printed")
	}
}

func TestParseWitnessKey(t *testing.T) {
	k := witnessOf(t, "witness.example/w1")
	good := string(k.Marshal())
	ed := encodeB64u(k.secret().edSeed[:])
	for _, v := range []struct {
		name, file string
		want       Kind
	}{
		{"good", good, ""},
		{"empty", "", Malformed},
		{"empty object", "{}", Malformed},
		{"newline at the end", good + "\n", Malformed},
		{"version 2", strings.Replace(good, `"version":1`, `"version":2`, 1), Malformed},
		{"version twice", strings.Replace(good, `"version":1`, `"version":1,"version":1`, 1), Malformed},
		{"unknown member", strings.Replace(good, `"version":1`, `"version":1,"zeal":1`, 1), Malformed},
		{"short seed", strings.Replace(good, ed, ed[:42], 1), Malformed},
		{"another seed", strings.Replace(good, ed, encodeB64u(make([]byte, 32)), 1), Malformed},
		{"another name", strings.Replace(good, "w1", "w2", 1), Malformed},
		{"escaped letter", strings.Replace(good, "witness.", `\u0077itness.`, 1), Malformed},
		{"name of a receipt key", strings.Replace(good, "witness.example/w1", "witness.example/receipt", 1), Malformed},
		{"one seed twice", strings.Replace(good, encodeB64u(k.secret().pqSeed[:]), ed, 1), WeakKey},
		{"a party's key file", string(alice(t).Marshal()), Malformed},
		{"too large", good + strings.Repeat(" ", maxKeyFile), Malformed},
	} {
		_, err := ParseWitnessKey([]byte(v.file))
		if got := kindOf(t, err); got != v.want {
			t.Errorf("%s: got %q (%v), want %q", v.name, got, err, v.want)
		}
		if err != nil && strings.Contains(err.Error(), ed[:20]) {
			t.Errorf("%s: the error quotes a secret", v.name)
		}
	}
}

// TestWitnessRefusals are calls that a careless caller might make.
func TestWitnessRefusals(t *testing.T) {
	a, w, h := alice(t), witnessOf(t, "witness.example/w1"), registerHead(7)
	note := slices.Concat([]byte(h.Text()), []byte("\n"), must[[]byte](t)(w.Cosign(h, testNow)))
	own := must[Cosigner](t)(ParseCosigner(verifierKey("witness.example/a", typeCosignature, a.Keys().ReceiptEd25519)))
	pq := must[Cosigner](t)(ParseCosigner(verifierKey("witness.example/a", typeMLDSA44, a.Keys().LogMLDSA44)))
	for name, call := range map[string]func() error{
		"K-5 receipt key as a witness":    func() error { return a.Keys().CheckWitness(own) },
		"K-5 log key as a witness":        func() error { return a.Keys().CheckWitness(pq) },
		"K-4 keys that nobody checked":    func() error { return Keys{}.CheckWitness(own) },
		"K-18 literal cosigner":           func() error { _, _, err := Cosigner{}.Open(note, h); return err },
		"K-18 literal cosigner, compared": func() error { return a.Keys().CheckWitness(Cosigner{}) },
		"K-18 literal log key":            func() error { _, err := LogKey{}.Open(note); return err },
		"K-18 literal in a policy": func() error {
			_, err := (&Policy{Witnesses: []PolicyWitness{{Name: "a"}}, Quorum: "a"}).Date(note, h)
			return err
		},
		"K-19 no clock":                    func() error { _, err := w.Cosign(h, time.Time{}); return err },
		"K-19 size too large":              func() error { _, err := w.Cosign(registerHead(maxSize+1), testNow); return err },
		"K-20 no randomness":               func() error { _, err := NewWitnessKey("w", bytes.NewReader(nil)); return err },
		"K-20 broken randomness":           func() error { _, err := NewWitnessKey("w", bytes.NewReader(make([]byte, 64))); return err },
		"K-18 no name":                     func() error { _, err := NewWitnessKey("", bytes.NewReader(bytes.Repeat([]byte("ab"), 99))); return err },
		"K-23 no clock":                    func() error { _, err := a.Beat(h, time.Time{}); return err },
		"K-23 size too large":              func() error { _, err := a.Beat(registerHead(maxSize+1), testNow); return err },
		"K-23 beat of no party":            func() error { _, err := a.Keys().OpenBeat("public", note); return err },
		"K-24 no randomness":               func() error { _, err := NewRecoveryKey(bytes.NewReader(nil)); return err },
		"K-24 recovery key is the record":  func() error { return a.Keys().CheckRecoveryKey([32]byte(a.Keys().Record)) },
		"K-24 recovery key of small order": func() error { return a.Keys().CheckRecoveryKey([32]byte{1}) },
		"K-25 recovery by a weak key":      func() error { return CheckRecovery([32]byte{1}, keyChange(t), make([]byte, 64)) },
		"K-13 too large to seal":           func() error { _, err := a.SealToSelf(make([]byte, maxStored)); return err },
	} {
		if err := call(); kindOf(t, err) == "" {
			t.Errorf("%s: it was done", name)
		}
	}
	for _, c := range w.Cosigners() {
		if err := a.Keys().CheckWitness(c); err != nil {
			t.Error(err)
		}
	}
	if err := a.Keys().CheckRecoveryKey(recoveryKey().Public()); err != nil {
		t.Error(err)
	}
}

// A policy that was put together by hand, even in a circle, gives no date and no hang.
func TestPolicyByHand(t *testing.T) {
	h := registerHead(7)
	w := witnessOf(t, "witness.example/w1")
	note := slices.Concat([]byte(h.Text()), []byte("\n"), must[[]byte](t)(w.Cosign(h, testNow)))
	for _, p := range []*Policy{
		{},
		{Quorum: "nobody"},
		{Groups: []PolicyGroup{{"g", 1, []string{"h"}}, {"h", 1, []string{"g"}}}, Quorum: "g"},
		{Groups: []PolicyGroup{{"g", 0, nil}}, Quorum: "g"},
		{Groups: []PolicyGroup{{"g", 1, []string{"none"}}}, Quorum: "g"},
		{Witnesses: []PolicyWitness{{Name: "a", Key: w.Cosigners()[0]}}, Groups: []PolicyGroup{{"g", -1, []string{"a"}}}, Quorum: "g"},
	} {
		if d := must[Dating](t)(p.Date(note, h)); d.Met {
			t.Errorf("%+v: %+v", p, d)
		}
	}
}

func TestLinesOf(t *testing.T) {
	for _, v := range []struct {
		note string
		want int
	}{
		{"", 0}, {"text\n", 0}, {"text\n\n", 0}, {"text\n\na\n", 1}, {"text\n\na\nb\n", 2}, {"text\n\na\nb", 1}, {"a\n\nb\n\nc\n", 1},
	} {
		if got := LinesOf([]byte(v.note)); len(got) != v.want {
			t.Errorf("%q: %q", v.note, got)
		}
	}
}
