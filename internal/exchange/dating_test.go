package exchange

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"verbale/record"
	"verbale/seal"
)

// A registry is aa's register with one heads entry, at index 1, that commits to a head of its outbox to bb, and two witnesses.
type registry struct {
	*log
	opened    *record.Opened
	head      seal.Head // committed to
	at        int       // where in the list
	witnesses []*seal.WitnessKey
	short     bool // both witnesses sign with Ed25519; else the second with ML-DSA-44
}

func newRegistry(tb testing.TB) *registry {
	tb.Helper()
	ring := keyrings(tb)[aa]
	r := &registry{log: newLog(tb, ring, seal.Origin{Author: aa, Audience: seal.Public, Generation: 1}, 9), at: 2}
	r.head = newLog(tb, ring, toBB, 1).write(3).head(3)
	r.add(r.public(draft()))
	f := draft()
	delete(f, "nonce")
	f.SetText("act", "heads")
	f.SetTime("taken_at", morning)
	other := r.head
	other.Size++
	f.SetTexts("heads", HeadDigest(other), HeadDigest(other), HeadDigest(r.head), HeadDigest(other))
	c, err := record.Compose(f, r.rand)
	must(tb, err)
	stored := []byte("age-encryption.org/v1\n-> verbale-self") // nobody opens it here, and age would draw its own randomness
	leaf, err := c.SignSealed(r.origin.String(), ring.Keys().RecordKeyID(), stored, ring.SignRecord)
	must(tb, err)
	r.opened, err = leaf.OpenSealed(c.Content())
	must(tb, err)
	r.add(Entry{Leaf: leaf.Bytes(), Content: stored}, r.public(draft()))
	for _, name := range []string{"one.witness.example", "two.witness.example"} {
		key, err := seal.NewWitnessKey(name, rand.NewChaCha8([32]byte{name[0]}))
		must(tb, err)
		r.witnesses = append(r.witnesses, key)
	}
	return r
}

// public makes an entry that anybody can read.
func (r *registry) public(f record.Fields) Entry {
	r.tb.Helper()
	c, err := record.Compose(f, r.rand)
	must(r.tb, err)
	leaf, err := c.Sign(r.origin.String(), r.ring.Keys().RecordKeyID(), record.DigestOf(c.Content()), r.ring.SignRecord)
	must(r.tb, err)
	return Entry{Leaf: leaf.Bytes(), Content: c.Content()}
}

func (r *registry) show(names ...string) string {
	r.tb.Helper()
	s, err := r.opened.Present(names)
	must(r.tb, err)
	return s
}

// anchor is the honest one, under the register's checkpoint of 3 entries, with one line of each witness.
func (r *registry) anchor() Anchor {
	r.tb.Helper()
	proof, err := r.tree.ProveInclusion(1, 3)
	must(r.tb, err)
	a := Anchor{Index: 1, Note: bytes.Clone(r.note(3)), Proof: proof, Record: r.show("act", "taken_at", fmt.Sprintf("heads[%d]", r.at)), Size: 3}
	for i, w := range r.witnesses {
		if r.short {
			i = 0
		}
		r.cosign(&a, w, i, 3)
	}
	return a
}

// cosign adds a line of a witness, the Ed25519 one or the ML-DSA-44 one, over the head of so many entries.
func (r *registry) cosign(a *Anchor, w *seal.WitnessKey, which, size int) {
	r.tb.Helper()
	lines, err := w.Cosign(r.log.head(size), morning)
	must(r.tb, err)
	a.Note = append(a.Note, bytes.SplitAfter(lines, []byte("\n"))[which]...)
	a.Witnesses = append(a.Witnesses, w.Cosigners()[which].String())
}

// An anchorCase is an anchor with something wrong: the rule that it breaks, the kind of the refusal, and how it is made from the honest one.
type anchorCase struct {
	name, rule string
	want       Kind
	edit       func(*Anchor)
}

// anchorCases are anchors that do not hold, each with one thing wrong.
func anchorCases(r *registry) []anchorCase {
	return []anchorCase{
		{"log signature", "K-9", BadSignature, func(a *Anchor) { a.Note[bytes.Index(a.Note, []byte("— "))+60] ^= 1 }},
		{"checkpoint of an outbox", "G-16", NotYours, func(a *Anchor) { a.Note = newLog(r.tb, r.ring, toBB, 1).write(3).note(3) }},
		{"another's register", "K-9", BadSignature, func(a *Anchor) {
			a.Note = newLog(r.tb, keyrings(r.tb)[cc], seal.Origin{Author: cc, Audience: seal.Public, Generation: 1}, 1).note(0)
		}},
		{"witness line", "K-19", BadSignature, func(a *Anchor) { a.Note = []byte(swapped(string(a.Note), len(a.Note)-9)) }},
		{"line of nobody", "G-16", Malformed, func(a *Anchor) { a.Witnesses = a.Witnesses[:1] }},
		{"key without a line", "G-16", Malformed, func(a *Anchor) { a.Witnesses = append(a.Witnesses, r.witnesses[0].Cosigners()[1].String()) }},
		{"one key for two", "K-18", Malformed, func(a *Anchor) { a.Witnesses[1] = a.Witnesses[0] }},
		{"no key", "K-18", Malformed, func(a *Anchor) { a.Witnesses[1] = "one.witness.example" }},
		{"other key's line", "K-19", BadSignature, func(a *Anchor) { a.Witnesses[0] = r.witnesses[0].Cosigners()[1].String() }},
		{"line over another head", "K-19", BadSignature, func(a *Anchor) {
			a.Note, a.Witnesses = bytes.Clone(r.note(3)), nil
			r.cosign(a, r.witnesses[0], 0, 2)
		}},
		{"no witness", "G-15", Malformed, func(a *Anchor) { a.Note, a.Witnesses = r.note(3), nil }},
		{"proof", "G-16", BadRoot, func(a *Anchor) { a.Proof[0][4] ^= 1 }},
		{"index", "G-16", BadRoot, func(a *Anchor) { a.Index = 2 }},
		{"index beyond", "G-16", BadRoot, func(a *Anchor) { a.Index = 3 }},
		{"leaf", "G-16", BadLeaf, func(a *Anchor) { a.Record = a.Record[1:] }},
		{"leaf signature", "R-4", BadSignature, func(a *Anchor) { a.Record = swapped(a.Record, strings.Index(a.Record, "~")-9) }},
		{"a public entry", "G-16", BadRoot, func(a *Anchor) { a.Record = string(r.entries[0].Leaf) + "~" }},
		{"entry of an outbox", "R-4", BadLeaf, func(a *Anchor) { a.Record = string(newLog(r.tb, r.ring, toBB, 1).write(1).entries[0].Leaf) + "~" }},
		{"nothing shown", "G-8", BadContent, func(a *Anchor) { a.Record = r.show() }},
		{"no time shown", "G-8", BadContent, func(a *Anchor) { a.Record = r.show("act", "heads[2]") }},
		{"no act shown", "G-8", BadContent, func(a *Anchor) { a.Record = r.show("taken_at", "heads[2]") }},
		{"more shown", "G-8", BadContent, func(a *Anchor) { a.Record = r.show("act", "taken_at", "heads[2]", "class") }},
		{"another time shown", "G-8", BadContent, func(a *Anchor) { a.Record = r.show("act", "drafted_at", "heads[2]") }},
		{"another head shown", "G-16", BadContent, func(a *Anchor) { a.Record = r.show("act", "taken_at", "heads[1]") }},
		{"two heads shown", "G-8", BadContent, func(a *Anchor) { a.Record = r.show("act", "taken_at", "heads[1]", "heads[2]") }},
		{"entry 0 of a register", "G-15", Malformed, func(a *Anchor) { a.Index = 0 }},
	}
}

func TestCheckAnchor(t *testing.T) {
	r := newRegistry(t)
	rings := keyrings(t)
	by := Author{Party: aa, Keys: r.ring.Keys()}
	d, err := r.anchor().Check(by, r.head, rings[bb].Keys())
	if err != nil {
		t.Fatal(err)
	}
	if d.Head != r.head || d.Register != r.log.head(3) || d.Index != 1 || !d.TakenAt.Equal(morning) || len(d.Lines) != 2 ||
		d.Lines[0].Key.Name() != "one.witness.example" || !d.Lines[1].Time.Equal(morning) || !bytes.Equal(d.Note, r.anchor().Note) {
		t.Errorf("%+v", d)
	}
	for _, c := range anchorCases(r) {
		t.Run(c.name, func(t *testing.T) {
			a := r.anchor()
			c.edit(&a)
			p, ok := errors.AsType[*Problem](errOf(a.Check(by, r.head, rings[bb].Keys())))
			if !ok || p.Kind != c.want || p.Rule != c.rule {
				t.Errorf("got %v, want %s (%s)", p, c.want, c.rule)
			}
		})
	}
	wrong := r.head
	wrong.Root[0] ^= 1
	if _, err := r.anchor().Check(by, wrong); KindOf(err) != BadContent {
		t.Errorf("a head that we do not hold: %v", err)
	}
}

// A key of one of the parties is no witness, under whatever name (K-5).
func TestNobodyWitnessesThemselves(t *testing.T) {
	r := newRegistry(t)
	own := r.ring.Keys()
	for _, vkey := range own.VerifierKeys(r.origin) {
		if _, err := seal.ParseCosigner(vkey); err == nil {
			t.Errorf("%s is a cosigner", vkey)
		}
	}
	key := bytes.Join([][]byte{{4}, own.ReceiptEd25519}, nil)
	a := r.anchor()
	a.Witnesses[0] = vkeyOf(t, "innocent.example", key)
	if _, err := a.Check(Author{Party: aa, Keys: own}, r.head); KindOf(err) != BadSignature || !strings.Contains(err.Error(), "K-5") {
		t.Errorf("%v", err)
	}
}

// vkeyOf writes a verifier key of signed-note.
func vkeyOf(t *testing.T, name string, key []byte) string {
	t.Helper()
	id := sha256.Sum256(append([]byte(name+"\n"), key...))
	return fmt.Sprintf("%s+%x+%s", name, id[:4], base64.StdEncoding.EncodeToString(key))
}

func errOf(_ Dated, err error) error { return err }

func swapped(s string, at int) string {
	b := []byte(s)
	if b[at] == 'A' {
		b[at] = 'B'
	} else {
		b[at] = 'A'
	}
	return string(b)
}

func TestAnchorsOnTheWire(t *testing.T) {
	a := newRegistry(t).anchor()
	doc, err := EncodeAnchors([]Anchor{a, a})
	must(t, err)
	if sum := 2 * a.WireSize(); len(doc) > sum+64 || len(doc) < sum-2048 {
		t.Errorf("two take %d bytes, WireSize says %d", len(doc), sum)
	}
	back, err := ReadAnchors(doc)
	if err != nil || len(back) != 2 || !slices.EqualFunc(back, []Anchor{a, a}, sameAnchor) {
		t.Errorf("read back %d, %v", len(back), err)
	}
	none, err := EncodeAnchors(nil)
	if err != nil || string(none) != `{"datings":[]}` {
		t.Errorf("%s, %v", none, err)
	}
	if list, err := ReadAnchors(none); err != nil || len(list) != 0 {
		t.Errorf("%v, %v", list, err)
	}
	if _, err := EncodeAnchors(slices.Repeat([]Anchor{a}, MaxDatings+1)); KindOf(err) != TooLarge {
		t.Errorf("one too many: %v", err)
	}
	large := a
	large.Record = strings.Repeat("r", MaxDatingsBytes)
	if _, err := EncodeAnchors([]Anchor{large}); KindOf(err) != TooLarge {
		t.Errorf("too long: %v", err)
	}
	if _, err := EncodeAnchors([]Anchor{{}}); KindOf(err) != Malformed {
		t.Errorf("an empty one: %v", err)
	}
	text := string(doc)
	for name, bad := range map[string]string{
		"nothing": "", "null": "null", "list": "[]", "no member": "{}", "null member": `{"datings":null}`, "after it": text + "{}",
		"another member": strings.Replace(text, `{"index"`, `{"x":1,"index"`, 1), "twice": strings.Replace(text, `{"index":1`, `{"index":1,"index":1`, 1),
		"null proof": strings.Replace(text, `"size":3`, `"size":null`, 1), "no index": strings.Replace(text, `"index":1,`, "", 1),
		"float": strings.Replace(text, `"size":3`, `"size":3.0`, 1), "negative": strings.Replace(text, `"index":1`, `"index":-1`, 1),
		"text for a number": strings.Replace(text, `"index":1`, `"index":"1"`, 1), "size 0": strings.Replace(text, `"size":3`, `"size":0`, 1),
		"beyond O-7": strings.Replace(text, `"size":3`, `"size":1099511627777`, 1), "hash": strings.Replace(text, `="]`, `"]`, 1),
		"no dating": `{"datings":[null]}`, "null in it": strings.Replace(text, `"witnesses":["`, `"witnesses":[null,"`, 1),
	} {
		list, err := ReadAnchors([]byte(bad))
		if name == "null in it" && err == nil { // an empty key, which Check refuses
			_, err = list[0].Check(Author{Party: aa, Keys: keyrings(t)[aa].Keys()}, newRegistry(t).head)
		}
		if err == nil {
			t.Errorf("%s was read", name)
		}
	}
	if _, err := ReadAnchors(bytes.Repeat([]byte(" "), MaxDatingsBytes+1)); KindOf(err) != TooLarge {
		t.Errorf("too long: %v", err)
	}
}

func sameAnchor(a, b Anchor) bool {
	return a.Index == b.Index && a.Size == b.Size && a.Record == b.Record && bytes.Equal(a.Note, b.Note) && slices.Equal(a.Proof, b.Proof) && slices.Equal(a.Witnesses, b.Witnesses)
}

// What is read is written back to something that reads the same, and is checked without a panic.
func FuzzReadAnchors(f *testing.F) {
	r := newRegistry(f)
	doc, err := EncodeAnchors([]Anchor{r.anchor()})
	must(f, err)
	f.Add(doc)
	f.Add([]byte(`{"datings":[]}`))
	by := Author{Party: aa, Keys: r.ring.Keys()}
	f.Fuzz(func(t *testing.T, b []byte) {
		list, err := ReadAnchors(b)
		if err != nil {
			return
		}
		again, err := EncodeAnchors(list)
		must(t, err)
		back, err := ReadAnchors(again)
		if err != nil || !slices.EqualFunc(list, back, sameAnchor) {
			t.Fatalf("%v", err)
		}
		for _, a := range list {
			if d, err := a.Check(by, r.head); err == nil && (d.Register.Size != 3 || d.Index != 1) {
				t.Fatalf("it dates by entry %d of %d", d.Index, d.Register.Size)
			}
		}
	})
}
