package seal

import (
	"bytes"
	"crypto/ed25519"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

type cosignatureFile struct {
	Description string            `json:"description"`
	Head        string            `json:"head"`
	Cosigners   map[string]string `json:"cosigners"`
	Keys        []vkeyVector      `json:"keys"`
	Cases       []cosignedVector  `json:"cases"`
}

type vkeyVector struct {
	Name    string `json:"name"`
	Rule    string `json:"rule"`
	VKey    string `json:"vkey"`
	KeyName string `json:"key_name,omitzero"`
	verdict
}

type cosignedVector struct {
	Name string `json:"name"`
	Rule string `json:"rule"`
	By   string `json:"by"`
	Note string `json:"note"`
	Time string `json:"time,omitzero"`
	Line string `json:"line,omitzero"`
	verdict
}

const cosignatureDescription = "Witness keys (K-18), in `keys`, and cosignatures (K-19), in `cases`: `note` is opened for the line of `cosigners[by]` below the text `head`. " +
	"Of an accepted one the time is given, and the line."

func TestVectorsCosignature(t *testing.T) {
	w, h := witnessOf(t, "witness.example/w1"), registerHead(7)
	ed, pq := w.Cosigners()[0].String(), w.Cosigners()[1].String()
	file := checkedIn(t, "cosignature.json", cosignatureFile{cosignatureDescription, h.Text(), map[string]string{"ed25519": ed, "mldsa44": pq},
		makeWitnessKeys(t), makeCosignatures(t)})
	for _, v := range file.Keys {
		t.Run("key/"+v.Name, func(t *testing.T) {
			c, err := ParseCosigner(v.VKey)
			if v.check(t, err); err == nil && (c.Name() != v.KeyName || c.String() != v.VKey) {
				t.Fatalf("%q is written %q", v.VKey, c)
			}
		})
	}
	h = must[Head](t)(ParseHead(file.Head))
	for _, v := range file.Cases {
		t.Run(v.By+"/"+v.Name, func(t *testing.T) {
			at, line, err := must[Cosigner](t)(ParseCosigner(file.Cosigners[v.By])).Open([]byte(v.Note), h)
			if v.check(t, err); err == nil && (at.Format(time.RFC3339) != v.Time || string(line) != v.Line) {
				t.Fatalf("opened %v %q", at, line)
			}
		})
	}
}

func makeWitnessKeys(t *testing.T) []vkeyVector {
	k := witnessOf(t, "witness.example/w1")
	key, pq := k.cosigners[0].key, k.cosigners[1].key
	good := k.cosigners[0].String()
	var list []vkeyVector
	add := func(v verdict, name, vkey, keyName string) {
		list = append(list, vkeyVector{name, "K-18", vkey, keyName, v})
	}
	for _, name := range []string{"witness.example/w1", "w", "zeuge.example/wächter", "cert.alice.example", "a/receipts", strings.Repeat("w", 255)} {
		add(accepted(), fmt.Sprintf("name %.30s", name), verifierKey(name, typeCosignature, key), name)
	}
	add(accepted(), "ML-DSA-44", k.cosigners[1].String(), k.name)
	for _, v := range []struct{ name, vkey string }{
		{"empty", ""},
		{"name alone", "witness.example/w1"},
		{"no key", good[:strings.LastIndexByte(good, '+')]},
		{"empty key", good[:strings.LastIndexByte(good, '+')+1]},
		{"newline after it", good + "\n"},
		{"space before it", " " + good},
		{"no padding", strings.TrimRight(k.cosigners[1].String(), "=")},
		{"stray bits", stray(k.cosigners[1].String())},
		{"another last character", stray(good)},
		{"key id in upper case", strings.Replace(good, k.cosigners[0].id(), strings.ToUpper(k.cosigners[0].id()), 1)},
		{"key id of another name", strings.Replace(good, "w1", "w2", 1)},
		{"key id short", strings.Replace(good, k.cosigners[0].id(), k.cosigners[0].id()[1:], 1)},
		{"type 0x01", verifierKey(k.name, typeEd25519, key)},
		{"type 0x02", verifierKey(k.name, 0x02, key)},
		{"type 0x05", verifierKey(k.name, 0x05, key)},
		{"31 bytes", verifierKey(k.name, typeCosignature, key[:31])},
		{"33 bytes", verifierKey(k.name, typeCosignature, append(slices.Clone(key), 0))},
		{"an Ed25519 key as ML-DSA-44", verifierKey(k.name, typeMLDSA44, key)},
		{"an ML-DSA-44 key as Ed25519", verifierKey(k.name, typeCosignature, pq)},
		{"no name", verifierKey("", typeCosignature, key)},
		{"name with a space", verifierKey("witness one", typeCosignature, key)},
		{"name with a space of another script", verifierKey("witness\u2003one", typeCosignature, key)},
		{"name that turns direction", verifierKey("witness\u202eeno", typeCosignature, key)},
		{"name with a control character", verifierKey("witness\x07", typeCosignature, key)},
		{"name of 256 bytes", verifierKey(strings.Repeat("w", 256), typeCosignature, key)},
		{"name of a receipt key", verifierKey("cert.alice.example/receipt", typeCosignature, key)},
		{"name of a log", verifierKey("cert.alice.example/to/public/1", typeMLDSA44, pq)},
		{"private key", "PRIVATE+KEY+" + good},
	} {
		add(rejected(Malformed), v.name, v.vkey, "")
	}
	small := append([]byte{1}, make([]byte, 31)...)
	add(rejected(WeakKey), "point of small order", verifierKey(k.name, typeCosignature, small), "")
	add(rejected(WeakKey), "no point", verifierKey(k.name, typeCosignature, bytes.Repeat([]byte{2}, 32)), "")
	return list
}

func witnessPen(t testing.TB, k *WitnessKey, sec uint64) pen {
	raw := k.cosigners[1].key
	return pen{
		t: t, name: k.name, key: k.secret().pq, id: keyID(k.name, typeMLDSA44, raw),
		ed: cosignatureSigner(k.name, k.secret().ed, sec),
		pq: func(sec uint64, h Head) *signer { return mldsaSigner(k.name, k.secret().pq, raw, h, sec) },
	}
}

func makeCosignatures(t *testing.T) []cosignedVector {
	w, h := witnessOf(t, "witness.example/w1"), registerHead(7)
	p, other := witnessPen(t, w, testSec), witnessPen(t, witnessOf(t, "witness.example/w2"), testSec)
	text := h.Text()
	ed, pq := p.first(text), p.second(testSec, h)
	log := string(bytes.Join(LinesOf(must[Checkpoint](t)(alice(t).SignHead(h, testNow)).Note), nil))
	var list []cosignedVector
	add := func(v verdict, by, name, note, line string) {
		c := cosignedVector{Name: name, Rule: "K-19", By: by, Note: note, Line: line, verdict: v}
		if v.accept() {
			c.Time = testNow.Format(time.RFC3339)
		}
		list = append(list, c)
	}
	for _, v := range []struct{ by, line string }{{"ed25519", ed}, {"mldsa44", pq}} {
		add(accepted(), v.by, "alone", text+"\n"+v.line, v.line)
		add(accepted(), v.by, "with the log's lines and the other of the witness", text+"\n"+log+ed+pq, v.line)
		add(accepted(), v.by, "with 15 lines of strangers", text+"\n"+strangers(15)+v.line, v.line)
		add(rejected(UnknownKey), v.by, "of another witness", text+"\n"+other.first(text)+other.second(testSec, h), "")
		add(rejected(Malformed), v.by, "twice", text+"\n"+v.line+v.line, "")
		add(rejected(BadSignature), v.by, "with a flipped bit", text+"\n"+flipped(t, v.line), "")
	}
	add(accepted(), "ed25519", "the other line of the witness is not looked at", text+"\n"+ed+flipped(t, pq), ed)
	add(rejected(UnknownKey), "ed25519", "only the log's lines", text+"\n"+log, "")
	add(rejected(UnknownKey), "ed25519", "under another name", text+"\n"+strings.ReplaceAll(ed, "w1 ", "w2 "), "")
	add(rejected(Malformed), "ed25519", "17 lines", text+"\n"+strangers(16)+ed, "")
	add(rejected(Malformed), "ed25519", "stray bits", text+"\n"+stray(ed), "")
	add(rejected(Malformed), "ed25519", "no lines", text, "")
	add(rejected(Malformed), "ed25519", "empty", "", "")
	plain := line(p.name, p.ed.id, ed25519.Sign(w.secret().ed, []byte(text)))
	add(rejected(BadSignature), "ed25519", "without time", text+"\n"+plain, "")
	add(rejected(BadSignature), "ed25519", "time zero", text+"\n"+witnessPen(t, w, 0).first(text), "")
	add(rejected(BadSignature), "ed25519", "after year 9999", text+"\n"+witnessPen(t, w, maxTime+1).first(text), "")
	add(rejected(BadSignature), "ed25519", "over another text", text+"\n"+p.first(registerHead(8).Text()), "")
	next := registerHead(8)
	add(rejected(Refused), "ed25519", "over a larger head", next.Text()+"\n"+p.first(next.Text()), "")
	forked := Head{h.Origin, h.Size, next.Root}
	add(rejected(Refused), "ed25519", "over another root", forked.Text()+"\n"+p.first(forked.Text()), "")
	odd := p.odd(h, Head{"cert.alice.example/to/public/2", 8, next.Root})
	for _, name := range sortedKeys(odd) {
		add(rejected(BadSignature), "mldsa44", name, text+"\n"+odd[name], "")
	}
	return list
}
