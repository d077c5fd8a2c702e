package seal

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/json/v2"
	"errors"
	"fmt"
	"log/slog"
	"math/big"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"golang.org/x/mod/sumdb/note"
)

// TestNoSecretIsPrinted looks for every secret in whatever can be printed.
func TestNoSecretIsPrinted(t *testing.T) {
	ring := alice(t)
	holder := struct{ Ring *Keyring }{ring}
	hidden := struct{ ring Keyring }{*ring}
	signer := ring.TLSKey()
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		for _, v := range []any{ring, *ring, holder, hidden, []*Keyring{ring}, signer, struct{ s crypto.Signer }{signer}} {
			fmt.Fprintf(&out, verb+"\n", v)
		}
	}
	log := slog.New(slog.NewJSONHandler(&out, nil))
	log.Info("ring", "ring", ring, "value", *ring, "holder", holder, "signer", signer)
	for _, v := range []any{ring, *ring, holder, hidden, signer} {
		b, err := json.Marshal(v)
		if err == nil {
			out.Write(b)
		}
	}
	out.WriteString(ring.GoString())
	printed := out.String()
	if !strings.Contains(printed, "keyring of cert.alice.example") {
		t.Error("not even the name is printed")
	}
	for _, s := range ring.secret().seeds.all() {
		for _, form := range []string{encodeB64u(s[:]), fmt.Sprintf("%x", s[:16]), strings.Trim(fmt.Sprintf("%d", s[:6]), "[]"), string(s[:])} {
			if strings.Contains(printed, form) {
				t.Errorf("a secret is printed as %q", form)
			}
		}
	}
	if strings.Contains(printed, ring.secret().content.String()[20:60]) {
		t.Error("the content key is printed")
	}
}

func TestTLSKey(t *testing.T) {
	ring := alice(t)
	key := ring.TLSKey()
	pub, ok := key.Public().(ed25519.PublicKey)
	if !ok || !pub.Equal(ring.Keys().TLS) {
		t.Fatal("not the key that stands in Keys")
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: testNow, NotAfter: testNow.Add(time.Hour)}
	der := must[[]byte](t)(x509.CreateCertificate(rand.Reader, template, template, pub, key))
	cert := must[*x509.Certificate](t)(x509.ParseCertificate(der))
	if err := cert.CheckSignature(x509.PureEd25519, cert.RawTBSCertificate, cert.Signature); err != nil {
		t.Fatal(err)
	}
	_, err := key.Sign(nil, make([]byte, 32), crypto.SHA256)
	if kindOf(t, err) != Refused {
		t.Fatalf("a hash was signed: %v", err)
	}
}

func TestLock(t *testing.T) {
	ring := alice(t)
	file := must[[]byte](t)(ring.Lock("correct horse"))
	back := must[*Keyring](t)(Unlock(file, "correct horse"))
	if !bytes.Equal(back.Marshal(), ring.Marshal()) {
		t.Fatal("lost something")
	}
	if _, err := ring.Lock(""); kindOf(t, err) != Refused {
		t.Fatalf("empty passphrase: %v", err)
	}
}

func TestUnlock(t *testing.T) {
	ring := alice(t)
	locked := func(plain []byte) []byte { // quickly
		r := must[*age.ScryptRecipient](t)(age.NewScryptRecipient("right"))
		r.SetWorkFactor(8)
		var file bytes.Buffer
		if err := encryptTo(&file, plain, r); err != nil {
			t.Fatal(err)
		}
		return file.Bytes()
	}
	good := locked(ring.Marshal())
	var notScrypt bytes.Buffer
	if err := encryptTo(&notScrypt, ring.Marshal(), ring.keys.recipient); err != nil {
		t.Fatal(err)
	}
	for _, v := range []struct {
		name, passphrase string
		file             []byte
		want             Kind
	}{
		{"good", "right", good, ""},
		{"wrong passphrase", "wrong", good, WrongPassphrase},
		{"empty passphrase", "", good, WrongPassphrase},
		{"not locked with a passphrase", "right", notScrypt.Bytes(), Malformed},
		{"plain key file", "right", ring.Marshal(), Malformed},
		{"work for 4 GiB", "right", bytes.Replace(good, []byte(" 8\n"), []byte(" 22\n"), 1), Malformed},
		{"last byte changed", "right", append(bytes.Clone(good[:len(good)-1]), good[len(good)-1]^1), Malformed},
		{"truncated", "right", good[:len(good)/2], Malformed},
		{"empty", "right", nil, Malformed},
		{"too large", "right", make([]byte, maxKeyFile+1), Malformed},
		{"something else inside", "right", locked([]byte("{}")), Malformed},
	} {
		t.Run(v.name, func(t *testing.T) {
			_, err := Unlock(v.file, v.passphrase)
			if got := kindOf(t, err); got != v.want {
				t.Fatalf("got %q (%v), want %q", got, err, v.want)
			}
		})
	}
}

func TestParseKeyring(t *testing.T) {
	ring := alice(t)
	good := string(ring.Marshal())
	record, log := encodeB64u(ring.secret().seeds.record[:]), encodeB64u(ring.secret().seeds.logEd25519[:])
	self, pq := encodeB64u(ring.secret().seeds.self[:]), encodeB64u(ring.secret().seeds.receiptMLDSA44[:])
	for _, v := range []struct {
		name, file string
		want       Kind
	}{
		{"good", good, ""},
		{"empty", "", Malformed},
		{"empty object", "{}", Malformed},
		{"newline at the end", good + "\n", Malformed},
		{"space", strings.Replace(good, ",", ", ", 1), Malformed},
		{"version 2", strings.Replace(good, `"version":1`, `"version":2`, 1), Malformed},
		{"version 1.0", strings.Replace(good, `"version":1`, `"version":1.0`, 1), Malformed},
		{"no version", strings.Replace(good, `,"version":1`, "", 1), Malformed},
		{"version twice", strings.Replace(good, `"version":1`, `"version":1,"version":1`, 1), Malformed},
		{"unknown member", strings.Replace(good, `"version":1`, `"version":1,"zeal":1`, 1), Malformed},
		{"bad party", strings.Replace(good, "cert.alice.example", "public", 1), Malformed},
		{"short seed", strings.Replace(good, record, record[:42], 1), Malformed},
		{"escaped letter", strings.Replace(good, "cert.alice", `\u0063ert.alice`, 1), Malformed},
		{"identity in lower case", strings.Replace(good, contentA, strings.ToLower(contentA), 1), Malformed},
		{"identity of another type", strings.Replace(good, contentA, "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX", 1), Malformed},
		{"record seed for the log", strings.Replace(good, log, record, 1), WeakKey},
		{"ML-DSA seed for self", strings.Replace(good, self, pq, 1), WeakKey},
		{"too large", good + strings.Repeat(" ", maxKeyFile), Malformed},
	} {
		t.Run(v.name, func(t *testing.T) {
			_, err := ParseKeyring([]byte(v.file))
			if got := kindOf(t, err); got != v.want {
				t.Fatalf("got %q (%v), want %q", got, err, v.want)
			}
			if err != nil && (strings.Contains(err.Error(), record) || strings.Contains(err.Error(), contentA)) {
				t.Fatal("the error quotes a secret")
			}
		})
	}
}

// TestRefusals are calls that a careless caller might make.
func TestRefusals(t *testing.T) {
	a, b := alice(t), bob(t)
	h := testHead(7)
	cp := must[Checkpoint](t)(a.SignHead(h, testNow))
	r := must[Receipt](t)(b.Countersign(cp, testNow))
	literal := Keys{Record: a.keys.Record}
	other := cp
	other.Size++
	short := Keys{Record: a.keys.Record[:5], recipient: a.keys.recipient}
	for name, call := range map[string]func() error{
		"K-5 head of another author":     func() error { _, err := b.SignHead(h, testNow); return err },
		"K-8 size too large":             func() error { _, err := a.SignHead(testHead(maxSize+1), testNow); return err },
		"K-8 negative size":              func() error { _, err := a.SignHead(testHead(-1), testNow); return err },
		"K-2 origin":                     func() error { _, err := a.SignHead(Head{Origin: "x"}, testNow); return err },
		"K-10 no clock":                  func() error { _, err := a.SignHead(h, time.Time{}); return err },
		"K-10 1970":                      func() error { _, err := a.SignHead(h, time.Unix(0, 999)); return err },
		"K-10 year 10000":                func() error { _, err := a.SignHead(h, time.Unix(maxTime+1, 0)); return err },
		"K-11 no clock":                  func() error { _, err := b.Countersign(cp, time.Time{}); return err },
		"K-8 head and note differ":       func() error { _, err := b.Countersign(other, testNow); return err },
		"K-8 no note":                    func() error { _, err := b.Countersign(Checkpoint{Head: h}, testNow); return err },
		"K-8 empty checkpoint":           func() error { _, err := b.Countersign(Checkpoint{}, testNow); return err },
		"K-4 literal keys, record":       func() error { return literal.VerifyRecord(nil, nil) },
		"K-4 literal keys, checkpoint":   func() error { _, err := literal.OpenCheckpoint(cp.Note); return err },
		"K-4 literal keys, receipt":      func() error { _, err := literal.OpenReceipt("a.b", cp.Note, h); return err },
		"K-1 receipt of no party":        func() error { _, err := b.Keys().OpenReceipt("public", Countersigned(cp, r), h); return err },
		"K-11 keys of the author":        func() error { _, err := a.Keys().OpenReceipt(b.Party(), Countersigned(cp, r), h); return err },
		"K-11 receipt of another party":  func() error { _, err := b.Keys().OpenReceipt(a.Party(), Countersigned(cp, r), h); return err },
		"K-9 checkpoint of another":      func() error { _, err := b.Keys().OpenCheckpoint(cp.Note); return err },
		"K-4 literal keys, printed":      func() error { _, err := literal.MarshalJSON(); return err },
		"K-6 a key of five bytes":        func() error { return short.VerifyRecord([]byte("x"), make([]byte, 64)) },
		"K-11 checkpoint is no receipt":  func() error { _, err := b.Keys().OpenReceipt(b.Party(), cp.Note, h); return err },
		"K-17 new keyring, no such name": func() error { _, err := NewKeyring("x", rand.Reader); return err },
	} {
		t.Run(name, func(t *testing.T) {
			if err := call(); kindOf(t, err) == "" {
				t.Fatal("it was done")
			}
		})
	}
}

// TestVerifierKeys opens our checkpoint with x/mod's own verifier, which knows
// nothing of this package.
func TestVerifierKeys(t *testing.T) {
	ring, h := alice(t), testHead(7)
	cp := must[Checkpoint](t)(ring.SignHead(h, testNow))
	o := must[Origin](t)(ParseOrigin(h.Origin))
	vkeys := ring.Keys().VerifierKeys(o)
	v := must[note.Verifier](t)(note.NewVerifier(vkeys[0]))
	n := must[*note.Note](t)(note.Open(cp.Note, note.VerifierList(v)))
	if n.Text != h.Text() || len(n.Sigs) != 1 || len(n.UnverifiedSigs) != 1 {
		t.Fatalf("%+v", n)
	}
	if id := fmt.Sprintf("%08x", n.UnverifiedSigs[0].Hash); !strings.Contains(vkeys[1], "+"+id+"+") {
		t.Fatalf("key id %s, verifier key %.100s", id, vkeys[1])
	}
}

func TestKeysJSON(t *testing.T) {
	type profile struct {
		Keys Keys `json:"keys"`
	}
	k := alice(t).Keys()
	b := must[[]byte](t)(json.Marshal(profile{k}))
	if string(b) != `{"keys":`+string(k.JSON())+`}` {
		t.Fatalf("%s", b)
	}
	var back profile
	if err := json.Unmarshal(b, &back); err != nil || !back.Keys.Equal(k) {
		t.Fatal(err)
	}
	sig := must[[]byte](t)(alice(t).SignRecord([]byte("m")))
	if err := back.Keys.VerifyRecord([]byte("m"), sig); err != nil {
		t.Fatal(err)
	}
	var ours *Error
	if err := json.Unmarshal([]byte(`{"keys":{}}`), &back); !errors.As(err, &ours) {
		t.Fatalf("got %v", err)
	}
}
