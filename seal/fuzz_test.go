package seal

import (
	"bytes"
	"encoding/json/v2"
	"os"
	"path/filepath"
	"testing"
)

// seedsOf gives the texts of one member of all cases in a vector file.
func seedsOf(f *testing.F, file, member string) []string {
	b, err := os.ReadFile(filepath.Join("..", "spec", "vectors", file))
	if err != nil {
		f.Fatal(err)
	}
	var v struct {
		Cases []map[string]any `json:"cases"`
	}
	if err := json.Unmarshal(b, &v); err != nil {
		f.Fatal(err)
	}
	var list []string
	for _, c := range v.Cases {
		if s, ok := c[member].(string); ok {
			list = append(list, s)
		}
	}
	if len(list) == 0 {
		f.Fatalf("no %s in %s", member, file)
	}
	return list
}

func FuzzParseOrigin(f *testing.F) {
	for _, s := range seedsOf(f, "origin.json", "origin") {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		o, err := ParseOrigin(s)
		if kindOf(t, err); err == nil && o.String() != s {
			t.Fatalf("%q is written %q", s, o.String())
		}
	})
}

func FuzzParseHead(f *testing.F) {
	f.Add(testHead(7).Text())
	f.Add(testHead(maxSize).Text())
	f.Add(testHead(maxSize + 1).Text())
	f.Fuzz(func(t *testing.T, s string) {
		h, err := ParseHead(s)
		if kindOf(t, err); err == nil && h.Text() != s {
			t.Fatalf("%q is written %q", s, h.Text())
		}
	})
}

// FuzzOpenCheckpoint fails for a forgery too: only heads of testHead, or its
// register, were ever signed.
func FuzzOpenCheckpoint(f *testing.F) {
	for _, s := range seedsOf(f, "checkpoint.json", "note") {
		f.Add([]byte(s))
	}
	keys := alice(f).Keys()
	f.Fuzz(func(t *testing.T, b []byte) {
		cp, err := keys.OpenCheckpoint(b)
		if kindOf(t, err); err != nil {
			return
		}
		again, err := keys.OpenCheckpoint(cp.Note)
		if err != nil || again.Head != cp.Head || !again.Time.Equal(cp.Time) || !bytes.Equal(again.Note, cp.Note) {
			t.Fatalf("what was kept does not open: %+v, %v", again, err)
		}
		if h := testHead(cp.Size); cp.Root != h.Root {
			t.Fatalf("forged: %+v", cp)
		}
	})
}

func FuzzOpenReceipt(f *testing.F) {
	for _, s := range seedsOf(f, "receipt.json", "note") {
		f.Add([]byte(s))
	}
	ring, h := bob(f), testHead(7)
	keys := ring.Keys()
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := keys.OpenReceipt(ring.Party(), b, h)
		if kindOf(t, err); err != nil {
			return
		}
		again, err := keys.OpenReceipt(ring.Party(), append([]byte(h.Text()+"\n"), r.Lines...), h)
		if err != nil || !again.Time.Equal(r.Time) || !bytes.Equal(again.Lines, r.Lines) {
			t.Fatalf("its lines alone do not open: %+v, %v", again, err)
		}
	})
}

func FuzzParseKeys(f *testing.F) {
	for _, s := range seedsOf(f, "keys.json", "keys") {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		k, err := ParseKeys(b)
		if kindOf(t, err); err != nil {
			return
		}
		again, err := ParseKeys(k.JSON())
		if err != nil || !again.Equal(k) {
			t.Fatalf("what is printed does not parse: %v", err)
		}
	})
}

func FuzzParseKeyring(f *testing.F) {
	f.Add(alice(f).Marshal())
	f.Add(bob(f).Marshal())
	f.Add(successor(f, alice(f), 7).Marshal())
	f.Add([]byte("{}"))
	f.Fuzz(func(t *testing.T, b []byte) {
		k, err := ParseKeyring(b)
		if kindOf(t, err); err == nil && !bytes.Equal(k.Marshal(), b) {
			t.Fatal("print and parse is not identity")
		}
	})
}

func FuzzDecrypt(f *testing.F) {
	a, b := alice(f), bob(f)
	for _, content := range []string{"", "content"} {
		stored, err := a.Encrypt(b.Keys(), []byte(content))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(stored)
	}
	f.Add([]byte("age-encryption.org/v1\n"))
	f.Fuzz(func(t *testing.T, stored []byte) {
		first, err1 := a.Decrypt(stored)
		second, err2 := b.Decrypt(stored)
		if k1, k2 := kindOf(t, err1), kindOf(t, err2); (k1 == Malformed) != (k2 == Malformed) {
			t.Fatalf("one says malformed, the other not: %v, %v", err1, err2)
		}
		if err1 == nil && err2 == nil && !bytes.Equal(first, second) {
			t.Fatal("two readers read two contents")
		}
	})
}
