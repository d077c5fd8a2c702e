package seal

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"slices"
	"strings"
	"testing"
)

// successor makes the keys after ring.
func successor(t testing.TB, ring *Keyring, generation int) *Keyring {
	t.Helper()
	next, err := ring.Successor(generation, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return next
}

// New keys open what the keys before them opened, and sign as nobody but themselves.
func TestSuccessor(t *testing.T) {
	first, b := alice(t), bob(t)
	second := successor(t, first, 1)
	third := successor(t, second, 4)
	toFirst := must[[]byte](t)(b.Encrypt(first.Keys(), []byte("to the first")))
	byFirst := must[[]byte](t)(first.Encrypt(b.Keys(), []byte("by the first")))
	sealed := must[[]byte](t)(first.SealToSelf([]byte("sealed")))
	bySecond := must[[]byte](t)(second.Encrypt(b.Keys(), []byte("by the second")))
	for stored, want := range map[*[]byte]string{&toFirst: "to the first", &byFirst: "by the first", &sealed: "sealed", &bySecond: "by the second"} {
		if got := must[[]byte](t)(third.Decrypt(*stored)); string(got) != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if _, err := first.Decrypt(bySecond); kindOf(t, err) != CannotDecrypt {
		t.Errorf("the old keys open what was written by the new ones: %v", err)
	}
	if got := third.Retired(); !slices.Equal(got, []int{1, 4}) || first.Retired() != nil {
		t.Errorf("retired %v", got)
	}
	if third.Keys().Equal(second.Keys()) || second.Keys().Equal(first.Keys()) || third.Party() != first.Party() {
		t.Error("not new keys of the same party")
	}
	old, ok := third.RetiredTLS(1)
	if !ok || !old.Public().(ed25519.PublicKey).Equal(first.Keys().TLS) {
		t.Error("the TLS key of the first generation is lost")
	}
	msg := []byte("hello")
	if sig, err := old.Sign(nil, msg, crypto.Hash(0)); err != nil || !ed25519.Verify(first.Keys().TLS, msg, sig) {
		t.Errorf("the old TLS key does not sign: %v", err)
	}
	if _, ok := third.RetiredTLS(2); ok {
		t.Error("a TLS key of nobody")
	}
}

// The key file keeps retired keys, and none of the seeds that sign with them.
func TestKeyFileWithRetired(t *testing.T) {
	first := alice(t)
	third := successor(t, successor(t, first, 1), 2)
	file := third.Marshal()
	back := must[*Keyring](t)(ParseKeyring(file))
	if !bytes.Equal(back.Marshal(), file) || !slices.Equal(back.Retired(), []int{1, 2}) {
		t.Fatal("print and parse is not identity")
	}
	s := first.secret().seeds
	for name, seed := range map[string][32]byte{"record": s.record, "log": s.logEd25519, "log_mldsa44": s.logMLDSA44, "receipt": s.receiptEd25519, "receipt_mldsa44": s.receiptMLDSA44} {
		if bytes.Contains(file, []byte(encodeB64u(seed[:]))) {
			t.Errorf("the %s seed of retired keys is still there", name)
		}
	}
	good, self := string(file), encodeB64u(third.secret().seeds.self[:])
	retiredSelf, retiredTLS := encodeB64u(s.self[:]), encodeB64u(s.tls[:])
	for _, v := range []struct {
		name, file string
		want       Kind
	}{
		{"good", good, ""},
		{"version 1", strings.Replace(good, `"version":2`, `"version":1`, 1), Malformed},
		{"version 3", strings.Replace(good, `"version":2`, `"version":3`, 1), Malformed},
		{"no retired keys", good[:strings.Index(good, `"retired"`)] + good[strings.Index(good, `"self":"`+self):], Malformed},
		{"empty list", good[:strings.Index(good, `"retired"`)] + `"retired":[],` + good[strings.Index(good, `"self":"`+self):], Malformed},
		{"out of order", strings.Replace(good, `"generation":1`, `"generation":2`, 1), Malformed},
		{"generation 0", strings.Replace(good, `"generation":1`, `"generation":0`, 1), Malformed},
		{"short seed", strings.Replace(good, retiredSelf, retiredSelf[1:], 1), Malformed},
		{"short TLS seed", strings.Replace(good, retiredTLS, retiredTLS[1:], 1), Malformed},
		{"no identity", strings.Replace(good, contentA, "AGE", 1), Malformed},
		{"self twice", strings.Replace(good, retiredSelf, self, 1), WeakKey},
		{"unknown member", strings.Replace(good, `"generation":1`, `"from":1,"generation":1`, 1), Malformed},
	} {
		_, err := ParseKeyring([]byte(v.file))
		if got := kindOf(t, err); got != v.want {
			t.Errorf("%s: got %q (%v), want %q", v.name, got, err, v.want)
		}
	}
}

func TestTooManyRetired(t *testing.T) {
	ring := alice(t)
	for g := 1; g <= maxRetired; g++ {
		ring = successor(t, ring, g)
	}
	if len(ring.Marshal()) > maxKeyFile {
		t.Errorf("a full key file has %d bytes", len(ring.Marshal()))
	}
	if _, err := ring.Successor(maxRetired+1, rand.Reader); kindOf(t, err) != Refused {
		t.Errorf("one more: %v", err)
	}
	if _, err := ring.Successor(maxRetired, rand.Reader); err == nil {
		t.Error("a generation twice")
	}
	if _, err := alice(t).Successor(0, rand.Reader); kindOf(t, err) != Malformed {
		t.Errorf("generation 0: %v", err)
	}
	if _, err := alice(t).Successor(1, strings.NewReader("short")); err == nil {
		t.Error("without randomness")
	}
}
