package seal

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"testing"
	"time"

	"filippo.io/age"
)

// The content keys of the test parties; age makes no key from a seed.
const (
	contentA = "AGE-SECRET-KEY-PQ-1SN40KQQZJG9DU8UUEJ3F93Y0TXC3UPCLQ95FFH9UPR8FTL8XA3EQQPE609"
	contentB = "AGE-SECRET-KEY-PQ-1LC2AYDKRHDLSKFD4RCE26Y29ZQSV30JJ37MNAZF5YHNCWV9FZACS7PN39U"
	contentC = "AGE-SECRET-KEY-PQ-1TE2SYL5VX8ZQ3RMF5502UXNSRY0P5LAND9LJ3DW5RDRXZFGH5CWSTASY2N"
)

// testNow is the clock of all tests: 2026-03-01T12:00:00Z.
var testNow = time.Unix(1772366400, 0).UTC()

// ringOf makes the same keyring for the same name in every run. Never use its
// keys for anything else: they are public.
func ringOf(t testing.TB, party, content string) *Keyring {
	t.Helper()
	id, err := age.ParseHybridIdentity(content)
	if err != nil {
		t.Fatal(err)
	}
	var s seeds
	for i, seed := range s.all() {
		*seed = sha256.Sum256(fmt.Appendf(nil, "test key %d of %s", i, party))
	}
	ring, err := newKeyring(party, s, id)
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

func alice(t testing.TB) *Keyring { return ringOf(t, "cert.alice.example", contentA) }
func bob(t testing.TB) *Keyring   { return ringOf(t, "cert.bob.example", contentB) }
func carol(t testing.TB) *Keyring { return ringOf(t, "cert.carol.example", contentC) }

// testHead is a head of what alice told bob.
func testHead(size int64) Head {
	return Head{
		Origin: "cert.alice.example/to/cert.bob.example/1",
		Size:   size,
		Root:   sha256.Sum256(fmt.Appendf(nil, "root of size %d", size)),
	}
}

func must[T any](t testing.TB) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// kindOf gives the kind of an error of this package, "" of nil, and fails the
// test for any other error.
func kindOf(t testing.TB, err error) Kind {
	t.Helper()
	if err == nil {
		return ""
	}
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("not an *Error: %T %v", err, err)
	}
	if e.Kind == "" || e.Rule == "" || e.Detail == "" {
		t.Fatalf("incomplete error: %#v", e)
	}
	return e.Kind
}

// TestExchange is the whole room in one story.
func TestExchange(t *testing.T) {
	a, b := alice(t), bob(t)
	sig := must[[]byte](t)(a.SignRecord([]byte("record")))
	if err := a.Keys().VerifyRecord([]byte("record"), sig); err != nil {
		t.Fatal(err)
	}
	cp := must[Checkpoint](t)(a.SignHead(testHead(7), testNow))
	got := must[Checkpoint](t)(a.Keys().OpenCheckpoint(cp.Note))
	if got.Head != cp.Head || !got.Time.Equal(testNow) || !bytes.Equal(got.Note, cp.Note) {
		t.Fatalf("opened %+v, signed %+v", got, cp)
	}
	r := must[Receipt](t)(b.Countersign(got, testNow.Add(time.Second)))
	both := Countersigned(cp, r)
	gotR := must[Receipt](t)(b.Keys().OpenReceipt(b.Party(), both, cp.Head))
	if gotR.By != b.Party() || !gotR.Time.Equal(r.Time) || !bytes.Equal(gotR.Lines, r.Lines) || gotR.Head != cp.Head {
		t.Fatalf("opened %+v, gave %+v", gotR, r)
	}
	again := must[Checkpoint](t)(a.Keys().OpenCheckpoint(both))
	if !bytes.Equal(again.Note, cp.Note) {
		t.Fatal("the receipt's lines were not dropped from the checkpoint")
	}
	stored := must[[]byte](t)(a.Encrypt(b.Keys(), []byte("content")))
	for _, ring := range []*Keyring{a, b} {
		if plain := must[[]byte](t)(ring.Decrypt(stored)); string(plain) != "content" {
			t.Fatalf("%v read %q", ring, plain)
		}
	}
	_, err := carol(t).Decrypt(stored)
	if k := kindOf(t, err); k != CannotDecrypt {
		t.Fatalf("a third party: %v", err)
	}
}

func TestNewKeyring(t *testing.T) {
	random := bytes.NewReader(bytes.Repeat([]byte("0123456789abcdefghijklmnopqrstuvwxyzABCDE"), 9))
	k := must[*Keyring](t)(NewKeyring("cert.dave.example", random))
	back := must[*Keyring](t)(ParseKeyring(k.Marshal()))
	if !back.Keys().Equal(k.Keys()) || back.Party() != k.Party() {
		t.Fatal("the key file lost something")
	}
	_, err := NewKeyring("cert.dave.example", bytes.NewReader(make([]byte, 1000)))
	if kindOf(t, err) != WeakKey {
		t.Fatalf("broken randomness: %v", err)
	}
	_, err = NewKeyring("cert.dave.example", bytes.NewReader(nil))
	if kindOf(t, err) != Refused || !errors.Is(err, io.EOF) {
		t.Fatalf("no randomness: %v", err)
	}
	_, err = NewKeyring("public", random)
	kindOf(t, err)
}

// Base64 decoders pass over carriage returns and line feeds; a head has one
// spelling all the same (K-8).
func TestHeadHasOneSpelling(t *testing.T) {
	text := Head{Origin: "aa.example/to/bb.example/1", Size: 3}.Text()
	for i := range len(text) {
		for _, c := range []string{"\r", "\n", " ", "="} {
			changed := text[:i] + c + text[i:]
			if h, err := ParseHead(changed); err == nil {
				t.Errorf("%q is taken for %q", changed, h.Text())
			}
		}
	}
}
