package conformance

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"strings"
	"testing"

	"filippo.io/age"
	"filippo.io/age/armor"

	"verbale/seal"
)

// stockDecrypt opens a file with age as it comes: it has never heard of our own stanza.
func stockDecrypt(file []byte, id age.Identity) ([]byte, error) {
	r, err := age.Decrypt(bytes.NewReader(file), id)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}

func stockEncrypt(t testing.TB, plain []byte, to ...age.Recipient) []byte {
	t.Helper()
	var file bytes.Buffer
	w := must[io.WriteCloser](t)(age.Encrypt(&file, to...))
	must[int](t)(w.Write(plain))
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// stanzas counts the stanzas of a header by type.
func stanzas(t testing.TB, file []byte) map[string]int {
	t.Helper()
	header := must[[]byte](t)(age.ExtractHeader(bytes.NewReader(file)))
	count := map[string]int{}
	for _, line := range strings.Split(string(header), "\n") {
		if rest, ok := strings.CutPrefix(line, "-> "); ok {
			kind, _, _ := strings.Cut(rest, " ")
			count[kind]++
		}
	}
	return count
}

// TestContentReadByAge: stock age, with nothing but the audience's identity, opens our content and passes over the stanza that
// is for the author alone (K-13, K-14). The sizes stand around age's chunks of 64 KiB.
func TestContentReadByAge(t *testing.T) {
	a, b, c := alice(t), bob(t), carol(t)
	for _, size := range []int{0, 1, 4096, 64<<10 - 1, 64 << 10, 64<<10 + 1, 200_000} {
		plain := bytes.Repeat([]byte("v"), size)
		stored := must[[]byte](t)(a.Encrypt(b.Keys(), plain))
		if count := stanzas(t, stored); len(count) != 2 || count["verbale-self"] != 1 || count["mlkem768x25519"] != 1 {
			t.Fatalf("the header has %v", count)
		}
		got, err := stockDecrypt(stored, b.content)
		if err != nil || !bytes.Equal(got, plain) {
			t.Fatalf("age read %d bytes of %d: %v", len(got), size, err)
		}
		var none *age.NoIdentityMatchError
		for name, id := range map[string]age.Identity{"carol": c.content, "alice, who has no stanza of age's own": a.content} {
			if _, err := stockDecrypt(stored, id); !errors.As(err, &none) {
				t.Fatalf("age with the identity of %s: %v", name, err)
			}
		}
		// The header is authenticated: nobody takes the author's stanza out on the way.
		cut := cutStanza(t, stored)
		if _, err := stockDecrypt(cut, b.content); err == nil {
			t.Fatal("age read a content whose self stanza was cut out")
		}
		if _, err := b.Decrypt(cut); err == nil {
			t.Fatal("we read a content whose self stanza was cut out")
		}
	}
}

func cutStanza(t testing.TB, stored []byte) []byte {
	t.Helper()
	from := bytes.Index(stored, []byte("-> verbale-self "))
	to := from
	for range 2 { // its line and its body
		to += bytes.IndexByte(stored[to:], '\n') + 1
	}
	if from < 0 || to <= from {
		t.Fatal("there is no self stanza")
	}
	return append(bytes.Clone(stored[:from]), stored[to:]...)
}

// TestContentOfAge: we read what stock age encrypts to the recipient in a party's keys, and refuse what K-13 refuses.
func TestContentOfAge(t *testing.T) {
	a, b, c := alice(t), bob(t), carol(t)
	to := must[*age.HybridRecipient](t)(age.ParseHybridRecipient(b.Keys().Content))
	other := must[*age.HybridRecipient](t)(age.ParseHybridRecipient(c.Keys().Content))
	plain := bytes.Repeat([]byte("from outside "), 9999)
	stored := stockEncrypt(t, plain, to)
	if got := must[[]byte](t)(b.Decrypt(stored)); !bytes.Equal(got, plain) {
		t.Fatal("we read something else than age wrote")
	}
	var armored bytes.Buffer
	w := armor.NewWriter(&armored)
	must[int](t)(w.Write(stored))
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	x := must[*age.X25519Identity](t)(age.GenerateX25519Identity())
	for name, c := range map[string]struct {
		file []byte
		by   party
		kind seal.Kind
	}{
		"to somebody else":       {stored, a, seal.CannotDecrypt},
		"armored":                {armored.Bytes(), b, seal.Malformed},
		"two stanzas":            {stockEncrypt(t, plain, to, other), b, seal.Malformed},
		"not post-quantum":       {stockEncrypt(t, plain, x.Recipient()), b, seal.CannotDecrypt},
		"one byte off":           {append(bytes.Clone(stored[:len(stored)-1]), stored[len(stored)-1]^1), b, seal.CannotDecrypt},
		"truncated in the chunk": {stored[:len(stored)-20], b, seal.CannotDecrypt},
	} {
		_, err := c.by.Decrypt(c.file)
		var e *seal.Error
		if !errors.As(err, &e) || e.Kind != c.kind {
			t.Errorf("%s: want %s, got %v", name, c.kind, err)
		}
	}
}

// TestContentVectors: stock age reads the contents of spec/vectors as the audience does. It knows no rule against two stanzas.
func TestContentVectors(t *testing.T) {
	file := vectors[struct {
		Audience string `json:"audience"`
		Cases    []struct {
			Name   string `json:"name"`
			Stored string `json:"stored"`
			Plain  string `json:"plain"`
			Expect string `json:"expect"`
			Error  string `json:"error"`
		} `json:"cases"`
	}](t, "content.json")
	_, rest, _ := strings.Cut(file.Audience, `"content":"`)
	text, _, _ := strings.Cut(rest, `"`)
	id := must[*age.HybridIdentity](t)(age.ParseHybridIdentity(text))
	for _, v := range file.Cases {
		plain, err := stockDecrypt(must[[]byte](t)(base64.StdEncoding.DecodeString(v.Stored)), id)
		switch ours := v.Expect == "accept"; {
		case v.Name == "two hybrid stanzas" || v.Name == "two self stanzas":
			if err != nil {
				t.Errorf("%s: age refuses it too: %v", v.Name, err)
			}
		case ours != (err == nil) || ours && string(plain) != v.Plain:
			t.Errorf("%s: we %s it %s, and age reads %q, %v", v.Name, v.Expect, v.Error, plain, err)
		}
	}
}

// TestKeyFileWithAge: the locked key file is an age file as any other (K-17).
func TestKeyFileWithAge(t *testing.T) {
	b := bob(t)
	const passphrase = "a passphrase for a test"
	locked := must[[]byte](t)(b.Lock(passphrase))
	id := must[*age.ScryptIdentity](t)(age.NewScryptIdentity(passphrase))
	if plain := must[[]byte](t)(stockDecrypt(locked, id)); !bytes.Equal(plain, b.Marshal()) {
		t.Fatal("age reads another key file")
	}
	recipient := must[*age.ScryptRecipient](t)(age.NewScryptRecipient(passphrase))
	recipient.SetWorkFactor(12)
	ring := must[*seal.Keyring](t)(seal.Unlock(stockEncrypt(t, b.Marshal(), recipient), passphrase))
	if !ring.Keys().Equal(b.Keys()) || ring.Party() != b.Party() {
		t.Fatal("we read other keys than age wrote")
	}
}
