package seal

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"
)

type originFile struct {
	Description string         `json:"description"`
	Names       []nameVector   `json:"names"`
	Cases       []originVector `json:"cases"`
}

type nameVector struct {
	Name  string `json:"name"`
	Rule  string `json:"rule"`
	Party string `json:"party"`
	verdict
}

type originVector struct {
	Name       string `json:"name"`
	Rule       string `json:"rule"`
	Origin     string `json:"origin"`
	Author     string `json:"author,omitzero"`
	Audience   string `json:"audience,omitzero"`
	Generation int    `json:"generation,omitzero"`
	verdict
}

const originDescription = "Party names (K-1), in `names`, and origins (K-2), in `cases`. Of an accepted origin the parts are given."

func TestVectorsOrigin(t *testing.T) {
	file := checkedIn(t, "origin.json", originFile{originDescription, makeNames(), makeOrigins()})
	for _, v := range file.Names {
		t.Run("name/"+v.Name, func(t *testing.T) { v.check(t, CheckName(v.Party)) })
	}
	for _, v := range file.Cases {
		t.Run("origin/"+v.Name, func(t *testing.T) {
			o, err := ParseOrigin(v.Origin)
			v.check(t, err)
			if want := (Origin{v.Author, v.Audience, v.Generation}); o != want {
				t.Fatalf("got %+v, want %+v", o, want)
			}
			if err == nil && o.String() != v.Origin {
				t.Fatalf("writes %q", o.String())
			}
		})
	}
}

func makeNames() []nameVector {
	long := strings.Repeat("a", 63)
	var list []nameVector
	for _, v := range []struct {
		name, party string
		ok          bool
	}{
		{"two labels", "cert.example", true},
		{"shortest", "a.b", true},
		{"five labels", "a.b.c.d.e", true},
		{"digits", "7.cert7.2a", true},
		{"inner hyphens", "a-b.c--d.xn--p1ai", true},
		{"label of 63", long + ".example", true},
		{"100 characters", long + "." + long[:36], true},
		{"public as a label", "public.example", true},
		{"empty", "", false},
		{"101 characters", long + "." + long[:37], false},
		{"label of 64", long + "a.example", false},
		{"one label", "example", false},
		{"public", "public", false},
		{"upper case", "Cert.example", false},
		{"leading hyphen", "-cert.example", false},
		{"trailing hyphen", "cert.example-", false},
		{"leading dot", ".cert.example", false},
		{"trailing dot", "cert.example.", false},
		{"two dots", "cert..example", false},
		{"last label all digits", "cert.2026", false},
		{"an address", "203.0.113.7", false},
		{"slash", "cert.example/receipt", false},
		{"plus", "cert+a.example", false},
		{"space", "cert .example", false},
		{"newline", "cert.example\n", false},
		{"underscore", "_cert.example", false},
		{"not ASCII", "cért.example", false},
		{"homoglyph", "c\u0435rt.example", false},
	} {
		outcome := accepted()
		if !v.ok {
			outcome = rejected(Malformed)
		}
		list = append(list, nameVector{v.name, "K-1", v.party, outcome})
	}
	return list
}

func makeOrigins() []originVector {
	a, b := "cert.alice.example", "cert.bob.example"
	list := []originVector{
		{"peer", "K-2", a + "/to/" + b + "/1", a, b, 1, accepted()},
		{"register", "K-2", a + "/to/public/1", a, Public, 1, accepted()},
		{"tenth generation", "K-2", a + "/to/" + b + "/10", a, b, 10, accepted()},
		{"largest generation", "K-2", a + "/to/" + b + "/999999999", a, b, 999999999, accepted()},
		{"name to.to", "K-2", "to.to/to/ot.to/1", "to.to", "ot.to", 1, accepted()},
	}
	for _, v := range []struct{ name, origin string }{
		{"empty", ""},
		{"no generation", a + "/to/" + b},
		{"empty generation", a + "/to/" + b + "/"},
		{"generation 0", a + "/to/" + b + "/0"},
		{"leading zero", a + "/to/" + b + "/01"},
		{"sign", a + "/to/" + b + "/+1"},
		{"minus", a + "/to/" + b + "/-1"},
		{"hex", a + "/to/" + b + "/0x1"},
		{"ten digits", a + "/to/" + b + "/1000000000"},
		{"not a number", a + "/to/" + b + "/one"},
		{"digits of another script", a + "/to/" + b + "/١"},
		{"to itself", a + "/to/" + a + "/1"},
		{"author public", "public/to/" + b + "/1"},
		{"no author", "/to/" + b + "/1"},
		{"no audience", a + "/to//1"},
		{"other infix", a + "/TO/" + b + "/1"},
		{"two infixes", a + "/to/" + b + "/to/cert.carol.example/1"},
		{"trailing slash", a + "/to/" + b + "/1/"},
		{"trailing newline", a + "/to/" + b + "/1\n"},
		{"leading space", " " + a + "/to/" + b + "/1"},
		{"scheme", "https://" + a + "/to/" + b + "/1"},
		{"audience Public", a + "/to/Public/1"},
	} {
		list = append(list, originVector{Name: v.name, Rule: "K-2", Origin: v.origin, verdict: rejected(Malformed)})
	}
	return list
}

type keysFile struct {
	Description string        `json:"description"`
	Points      []pointVector `json:"points"`
	Cases       []keysVector  `json:"cases"`
}

type pointVector struct {
	Name      string `json:"name"`
	Rule      string `json:"rule"`
	PublicKey string `json:"public_key"`
	verdict
}

type keysVector struct {
	Name string `json:"name"`
	Rule string `json:"rule"`
	Keys string `json:"keys"`
	verdict
}

const keysDescription = "Keys objects (K-4). `cases` hold the object as text. `points` are Ed25519 public keys (hex), each of which a reader puts into every Ed25519 member of a good object in turn."

func TestVectorsKeys(t *testing.T) {
	file := checkedIn(t, "keys.json", keysFile{keysDescription, makePoints(t), makeKeys(t)})
	good := string(alice(t).Keys().JSON())
	for _, v := range file.Points {
		t.Run("point/"+v.Name, func(t *testing.T) {
			for _, m := range alice(t).Keys().ed25519Members() {
				text := strings.Replace(good, encodeB64u(m.key), encodeB64u(unhex(t, v.PublicKey)), 1)
				_, err := ParseKeys([]byte(text))
				v.check(t, err)
			}
		})
	}
	for _, v := range file.Cases {
		t.Run("keys/"+v.Name, func(t *testing.T) {
			k, err := ParseKeys([]byte(v.Keys))
			v.check(t, err)
			if err != nil {
				return
			}
			again := must[Keys](t)(ParseKeys(k.JSON()))
			if !again.Equal(k) || !bytes.Equal(again.JSON(), k.JSON()) {
				t.Fatal("print and parse is not identity")
			}
		})
	}
}

func makePoints(t *testing.T) []pointVector {
	var list []pointVector
	add := func(v verdict, key []byte, format string, args ...any) {
		list = append(list, pointVector{fmt.Sprintf(format, args...), "K-4", hex.EncodeToString(key), v})
	}
	add(accepted(), carol(t).Keys().Record, "good")
	var cases []ed25519Vector
	for _, v := range makeEd25519(t) {
		if strings.HasPrefix(v.Name, "key of mixed order") {
			cases = append(cases, v)
		}
	}
	add(accepted(), unhex(t, cases[0].PublicKey), "mixed order")
	for i, key := range smallOrder(t) {
		add(rejected(WeakKey), key, "small order, multiple %d", i)
	}
	for _, key := range nonCanonical(t) {
		add(rejected(WeakKey), key, "not canonical, %x…%x", key[0], key[31])
	}
	add(rejected(WeakKey), bytes.Repeat([]byte{2}, 32), "no point")
	return list
}

func makeKeys(t *testing.T) []keysVector {
	k := alice(t).Keys()
	good := string(k.JSON())
	b64 := func(key []byte) string { return encodeB64u(key) }
	swap := func(old, new string) string {
		if !strings.Contains(good, old) {
			t.Fatalf("no %q in a keys object", old)
		}
		return strings.Replace(good, old, new, 1)
	}
	stray := func(s string) string { // the last character of 32 bytes carries four bits
		const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
		last := strings.IndexByte(alphabet, s[len(s)-1])
		return s[:len(s)-1] + alphabet[last+1:last+2]
	}
	var list []keysVector
	add := func(v verdict, name, text string) {
		list = append(list, keysVector{name, "K-4", text, v})
	}
	add(accepted(), "good", good)
	add(accepted(), "another party", string(bob(t).Keys().JSON()))
	add(accepted(), "white space", strings.ReplaceAll(good, ",", " ,\n\t"))
	add(accepted(), "other order", `{"tls":"`+b64(k.TLS)+`",`+strings.Replace(good[1:], `,"tls":"`+b64(k.TLS)+`"`, "", 1))
	add(rejected(Malformed), "empty", "")
	add(rejected(Malformed), "null", "null")
	add(rejected(Malformed), "empty object", "{}")
	add(rejected(Malformed), "array", "["+good+"]")
	add(rejected(Malformed), "more after it", good+"{}")
	add(rejected(Malformed), "member missing", swap(`,"tls":"`+b64(k.TLS)+`"`, ""))
	add(rejected(Malformed), "member null", swap(`"`+b64(k.TLS)+`"`, "null"))
	add(rejected(Malformed), "member too many", swap(`"tls"`, `"tks":"","tls"`))
	add(rejected(Malformed), "member twice", swap(`"tls"`, `"tls":"`+b64(k.TLS)+`","tls"`))
	add(rejected(Malformed), "member in upper case", swap(`"tls"`, `"TLS"`))
	add(rejected(Malformed), "padding", swap(b64(k.Record), b64(k.Record)+"="))
	add(rejected(Malformed), "stray bits", swap(b64(k.Record), stray(b64(k.Record))))
	add(rejected(Malformed), "line break in base64", swap(b64(k.Record), b64(k.Record)[:10]+`\n`+b64(k.Record)[11:]))
	add(rejected(Malformed), "31 bytes", swap(b64(k.Record), b64(k.Record[:31])))
	add(rejected(Malformed), "ML-DSA key truncated", swap(b64(k.LogMLDSA44), b64(k.LogMLDSA44[:1311])))
	add(rejected(WeakKey), "record key for the log", swap(b64(k.LogEd25519), b64(k.Record)))
	add(rejected(WeakKey), "receipt key for TLS", swap(b64(k.TLS), b64(k.ReceiptEd25519)))
	add(rejected(WeakKey), "one ML-DSA key twice", swap(b64(k.ReceiptMLDSA44), b64(k.LogMLDSA44)))
	add(rejected(Malformed), "content in upper case", swap(k.Content, strings.ToUpper(k.Content)))
	add(rejected(Malformed), "content of another type", swap(k.Content, "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj"))
	add(rejected(Malformed), "content with a typing error", swap(k.Content[20:30], reversed(k.Content[20:30])))
	return list
}

func reversed(s string) string {
	b := []byte(s)
	slices.Reverse(b)
	return string(b)
}

type fingerprintFile struct {
	Description string              `json:"description"`
	Cases       []fingerprintVector `json:"cases"`
}

type fingerprintVector struct {
	Name         string   `json:"name"`
	Rule         string   `json:"rule"`
	Party        string   `json:"party"`
	Keys         string   `json:"keys"`
	SHA256       string   `json:"sha256"`
	Words        []string `json:"words"`
	RecordKeyID  string   `json:"record_key_id"`
	Origin       string   `json:"origin"`
	VerifierKeys []string `json:"verifier_keys"`
	verdict
}

const fingerprintDescription = "Fingerprints (K-16) of `keys` (text) for `party`: `sha256` (hex) and the twelve `words`. " +
	"`record_key_id` is the RFC 7638 thumbprint of the record key; `verifier_keys` are the strings of §9 for `origin`, Ed25519 first."

func TestVectorsFingerprint(t *testing.T) {
	file := checkedIn(t, "fingerprint.json", fingerprintFile{fingerprintDescription, makeFingerprints(t)})
	seen := make(map[string]bool)
	for _, v := range file.Cases {
		t.Run(v.Name, func(t *testing.T) {
			k := must[Keys](t)(ParseKeys([]byte(v.Keys)))
			sum := Fingerprint(v.Party, k)
			if hex.EncodeToString(sum[:]) != v.SHA256 || !slices.Equal(Words(v.Party, k), v.Words) {
				t.Fatalf("got %x, %v", sum, Words(v.Party, k))
			}
			if k.RecordKeyID() != v.RecordKeyID {
				t.Fatalf("record key id %s", k.RecordKeyID())
			}
			o := must[Origin](t)(ParseOrigin(v.Origin))
			if !slices.Equal(k.VerifierKeys(o), v.VerifierKeys) {
				t.Fatalf("verifier keys %q", k.VerifierKeys(o))
			}
			if said := strings.Join(v.Words, " "); len(v.Words) != 12 || seen[said] && v.Name != "white space" {
				t.Fatalf("words %q", said)
			} else {
				seen[said] = true
			}
		})
	}
}

func makeFingerprints(t *testing.T) []fingerprintVector {
	a, b := alice(t), bob(t)
	var list []fingerprintVector
	for _, v := range []struct {
		name, party, keys string
	}{
		{"alice", a.Party(), string(a.Keys().JSON())},
		{"white space", a.Party(), strings.ReplaceAll(string(a.Keys().JSON()), ",", ",\n ")},
		{"the same keys under another name", "cert.alise.example", string(a.Keys().JSON())},
		{"bob", b.Party(), string(b.Keys().JSON())},
	} {
		k := must[Keys](t)(ParseKeys([]byte(v.keys)))
		sum := Fingerprint(v.party, k)
		o := Origin{v.party, Public, 1}
		list = append(list, fingerprintVector{v.name, "K-16", v.party, v.keys, hex.EncodeToString(sum[:]), Words(v.party, k),
			k.RecordKeyID(), o.String(), k.VerifierKeys(o), accepted()})
	}
	return list
}

// TestFingerprintOfNoName: a caller's mistake gives some fingerprint, no panic,
// and not that of a party.
func TestFingerprintOfNoName(t *testing.T) {
	k := alice(t).Keys()
	if Fingerprint("\xff", k) == Fingerprint(alice(t).Party(), k) || Fingerprint("", Keys{}) == Fingerprint("", k) {
		t.Fatal("equal")
	}
}

func TestWordsBits(t *testing.T) {
	var sum [32]byte
	if got := strings.Join(words(sum), " "); got != strings.TrimSpace(strings.Repeat("abandon ", 12)) {
		t.Errorf("zeros: %s", got)
	}
	for i := range sum {
		sum[i] = 0xff
	}
	if got := words(sum)[11]; got != "zoo" {
		t.Errorf("ones: %s", got)
	}
	sum = [32]byte{0x00, 0x20, 0x08} // 00000000001 00000000010 ...
	if got := words(sum)[:2]; got[0] != "ability" || got[1] != "able" {
		t.Errorf("most significant bit first: %v", got)
	}
}
