package seal

import (
	"bytes"
	"compress/zlib"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"testing"

	agetest "c2sp.org/CCTV/age"
	"filippo.io/age"
	"filippo.io/age/armor"
)

type contentFile struct {
	Description string          `json:"description"`
	KeyFile     string          `json:"key_file"`
	Audience    string          `json:"audience"`
	Cases       []contentVector `json:"cases"`
}

type contentVector struct {
	Name   string `json:"name"`
	Rule   string `json:"rule"`
	Stored string `json:"stored"`
	Plain  string `json:"plain,omitzero"`
	verdict
	BySelf verdict `json:"by_self"`
}

const contentDescription = "Stored contents (K-13 to K-15), standard base64. `key_file` and `audience` are the key files (K-17, as text) of the author and of the audience. " +
	"`expect` is for the audience, `by_self` for the author reading back by its own stanza; `plain` is what those read who can. age draws randomness, so these cannot be made again byte for byte."

// TestVectorsContent makes the file only with -update; the bytes differ each time.
func TestVectorsContent(t *testing.T) {
	if *update {
		checkedIn(t, "content.json", contentFile{contentDescription, string(alice(t).Marshal()), string(bob(t).Marshal()), makeContents(t)})
	}
	file := parseVectors[contentFile](t, readVectors(t, "content.json"))
	author := must[*Keyring](t)(ParseKeyring([]byte(file.KeyFile)))
	audience := must[*Keyring](t)(ParseKeyring([]byte(file.Audience)))
	for _, v := range file.Cases {
		t.Run(v.Name, func(t *testing.T) {
			stored := must[[]byte](t)(base64.StdEncoding.DecodeString(v.Stored))
			for _, r := range []struct {
				ring *Keyring
				v    verdict
			}{{audience, v.verdict}, {author, v.BySelf}} {
				plain, err := r.ring.Decrypt(stored)
				if r.v.check(t, err); err == nil && string(plain) != v.Plain {
					t.Fatalf("%v read %q", r.ring, plain)
				}
			}
		})
	}
}

const wantSelfStanza = "verbale-self g41Qu9pePtiTiwNVeiNfZA 594ab968aa536cf790e9d13eeb6b9634e3305dc76d4e9618f97b6b1c2de58603"

// odd is a recipient that writes any stanzas, with the label that age wants.
type odd []*age.Stanza

func (o odd) Wrap([]byte) ([]*age.Stanza, error) { return o, nil }
func (o odd) WrapWithLabels([]byte) ([]*age.Stanza, []string, error) {
	return o, []string{"postquantum"}, nil
}

func makeContents(t *testing.T) []contentVector {
	a, b, c := alice(t), bob(t), carol(t)
	plain := "what alice told bob"
	encrypt := func(to ...age.Recipient) []byte {
		var file bytes.Buffer
		if err := encryptTo(&file, []byte(plain), to...); err != nil {
			t.Fatal(err)
		}
		return file.Bytes()
	}
	forBob, self := age.Recipient(b.keys.recipient), &selfRecipient{&a.secret().seeds.self}
	unknown := odd{{Type: "grease", Args: []string{"1"}, Body: make([]byte, 20)}}
	badSelf := func(args []string, size int) odd {
		return odd{{Type: selfStanza, Args: args, Body: make([]byte, size)}}
	}
	salt := base64.RawStdEncoding.EncodeToString(make([]byte, 16))
	good := encrypt(forBob, self)
	flip := func(i int) []byte {
		bad := bytes.Clone(good)
		bad[i] ^= 1
		return bad
	}
	ok, no, bad := accepted(), rejected(CannotDecrypt), rejected(Malformed)
	var list []contentVector
	add := func(v, bySelf verdict, name string, stored []byte) {
		read := ""
		if v.accept() || bySelf.accept() {
			read = plain
		}
		list = append(list, contentVector{name, "K-13", base64.StdEncoding.EncodeToString(stored), read, v, bySelf})
	}
	add(ok, ok, "both stanzas", good)
	add(ok, ok, "self stanza first", encrypt(self, forBob))
	add(ok, ok, "an unknown stanza too", encrypt(unknown, forBob, self))
	add(ok, no, "no self stanza", encrypt(forBob))
	add(no, ok, "only the self stanza", encrypt(self))
	add(ok, no, "self stanza of another author", encrypt(forBob, &selfRecipient{&c.secret().seeds.self}))
	add(ok, no, "self stanza without salt", encrypt(forBob, badSelf(nil, 32)))
	add(ok, no, "self stanza with two arguments", encrypt(forBob, badSelf([]string{salt, salt}, 32)))
	add(ok, no, "self stanza with a short salt", encrypt(forBob, badSelf([]string{salt[:20]}, 32)))
	add(ok, no, "self stanza with a short body", encrypt(forBob, badSelf([]string{salt}, 31)))
	add(no, no, "to a third party", encrypt(c.keys.recipient))
	add(bad, bad, "two hybrid stanzas", encrypt(forBob, c.keys.recipient, self))
	add(bad, bad, "two self stanzas", encrypt(forBob, self, self))
	add(no, no, "last bit flipped", flip(len(good)-1))
	add(no, no, "truncated by one byte", good[:len(good)-1])
	add(no, no, "one byte more", append(bytes.Clone(good), 0))
	add(bad, bad, "header truncated", good[:200])
	add(bad, bad, "version flipped", flip(20))
	add(bad, bad, "empty", nil)
	add(bad, bad, "armored", armored(t, good))
	return list
}

func armored(t *testing.T, b []byte) []byte {
	var out bytes.Buffer
	w := armor.NewWriter(&out)
	if _, err := w.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestSelfStanza pins K-14 with numbers: salt and body for a known file key.
func TestSelfStanza(t *testing.T) {
	s := new(secret)
	for i := range s.seeds.self {
		s.seeds.self[i] = byte(i)
	}
	stanzas := must[[]*age.Stanza](t)((&selfRecipient{&s.seeds.self}).Wrap([]byte("YELLOW SUBMARINE")))
	if len(stanzas) != 1 || len(stanzas[0].Body) != 32 {
		t.Fatalf("%+v", stanzas)
	}
	got := stanzas[0].Type + " " + stanzas[0].Args[0] + " " + hex.EncodeToString(stanzas[0].Body)
	if got != wantSelfStanza {
		t.Fatalf("got  %s\nwant %s", got, wantSelfStanza)
	}
	fileKey, err := s.reader().keys[0].unwrapSelf(stanzas[0])
	if err != nil || string(fileKey) != "YELLOW SUBMARINE" {
		t.Fatalf("%q, %v", fileKey, err)
	}
}

func TestEncryptLimits(t *testing.T) {
	a, b := alice(t), bob(t)
	largest := make([]byte, maxStored-maxStoredOverhead)
	stored := must[[]byte](t)(a.Encrypt(b.Keys(), largest))
	if len(stored) > maxStored {
		t.Fatalf("%d bytes stored", len(stored))
	}
	if got := must[[]byte](t)(b.Decrypt(stored)); !bytes.Equal(got, largest) {
		t.Fatal("lost something")
	}
	_, err := a.Encrypt(b.Keys(), append(largest, 0))
	if kindOf(t, err) != Refused {
		t.Fatalf("too large: %v", err)
	}
	if _, err = a.Encrypt(Keys{}, nil); kindOf(t, err) != Refused {
		t.Fatalf("keys that nobody checked: %v", err)
	}
	if _, err = a.Decrypt(make([]byte, maxStored+1)); kindOf(t, err) != Malformed {
		t.Fatalf("too large: %v", err)
	}
}

// TestAgeVectors runs the vectors of C2SP CCTV: content rests on what age refuses.
func TestAgeVectors(t *testing.T) {
	names := must[[]string](t)(fs.Glob(agetest.Vectors, "*"))
	if len(names) < 100 {
		t.Fatalf("only %d vectors", len(names))
	}
	for _, name := range names {
		v := parseAgeVector(t, must[[]byte](t)(fs.ReadFile(agetest.Vectors, name)))
		if v == nil {
			t.Errorf("%s has a header that this test does not know", name)
			continue
		}
		t.Run(name, v.run)
	}
}

type ageVector struct {
	expect, payload string
	ids             []age.Identity
	armored         bool
	file            []byte
}

func parseAgeVector(t *testing.T, b []byte) *ageVector {
	head, file, ok := bytes.Cut(b, []byte("\n\n"))
	if !ok {
		t.Fatal("no header")
	}
	v := &ageVector{file: file}
	for l := range strings.Lines(string(head)) {
		key, value, _ := strings.Cut(strings.TrimSuffix(l, "\n"), ": ")
		switch key {
		case "expect":
			v.expect = value
		case "payload":
			v.payload = value
		case "armored":
			v.armored = value == "yes"
		case "identity", "passphrase":
			id, err := ageIdentity(key, value)
			if err != nil {
				t.Fatal(err)
			}
			v.ids = append(v.ids, id)
		case "compressed":
			r := must[io.ReadCloser](t)(zlib.NewReader(bytes.NewReader(file)))
			v.file = must[[]byte](t)(io.ReadAll(r))
		case "file key", "comment":
		default:
			return nil
		}
	}
	return v
}

func ageIdentity(key, value string) (age.Identity, error) {
	if key == "passphrase" {
		return age.NewScryptIdentity(value)
	}
	ids, err := age.ParseIdentities(strings.NewReader(value))
	if err != nil {
		return nil, err
	}
	return ids[0], nil
}

func (v *ageVector) run(t *testing.T) {
	var src io.Reader = bytes.NewReader(v.file)
	if v.armored {
		src = armor.NewReader(src)
	}
	got, err := outcomeOf(src, v.ids)
	switch v.expect {
	case "success":
		sum := sha256.Sum256(got)
		if err != nil || hex.EncodeToString(sum[:]) != v.payload {
			t.Fatalf("must pass: %v, %x", err, sum)
		}
	case "no match":
		var noMatch *age.NoIdentityMatchError
		if !errors.As(err, &noMatch) {
			t.Fatalf("want no match, got %v", err)
		}
	default:
		if err == nil {
			t.Fatalf("must be refused: %s", v.expect)
		}
	}
}

func outcomeOf(src io.Reader, ids []age.Identity) ([]byte, error) {
	r, err := age.Decrypt(src, ids...)
	if err != nil {
		return nil, fmt.Errorf("header: %w", err)
	}
	return io.ReadAll(r)
}

// A header of a mebibyte is refused at once, and the error does not repeat it.
func TestDecryptHugeHeader(t *testing.T) {
	k := alice(t)
	for _, stanza := range []string{"-> a\n\n", "-> a " + strings.Repeat("b ", 1<<19) + "b\n\n"} {
		file := "age-encryption.org/v1\n" + strings.Repeat(stanza, 1<<20/len(stanza)+1) + "--- x\n"
		_, err := k.Decrypt([]byte(file))
		if err == nil || len(err.Error()) > 500 {
			t.Errorf("got an error of %d bytes, want a short one", len(err.Error()))
		}
	}
}
