package record

import (
	"bytes"
	"encoding/json/jsontext"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// drawText draws a text that R-15 allows; of one line unless long.
func drawText(t *rapid.T, long bool, most int) string {
	ok := func(r rune) bool {
		control := r < 0x20 && (!long || r != '\n' && r != '\t')
		return !control && (r < 0x7F || r > 0x9F) && (r < 0x202A || r > 0x202E) && (r < 0x2066 || r > 0x2069) && (r < 0xD800 || r > 0xDFFF)
	}
	return rapid.StringOfN(rapid.Rune().Filter(ok), 1, most, -1).Draw(t, "text")
}

// drawAct draws a draft of a known act, with optional fields and texts.
func drawAct(t *rapid.T) Fields {
	acts := testActs()
	f := acts[rapid.SampledFrom(sortedKeys(acts)).Draw(t, "act")]
	for _, s := range Schema(f.Text("act"), f.Text("kind")) {
		if _, there := f[s.Name]; s.Need == Conditional && !there && s.Name != "urgency_reason" {
			continue
		}
		if s.Form != "" || s.Type != TypeText && s.Type != TypeLong || !rapid.Bool().Draw(t, s.Name) {
			continue
		}
		if s.List == 0 {
			f.SetText(s.Name, drawText(t, s.Type == TypeLong, min(s.Max, 60)))
			continue
		}
		texts := make([]string, rapid.IntRange(1, min(s.List, 6)).Draw(t, "elements"))
		for i := range texts {
			texts[i] = drawText(t, s.Type == TypeLong, min(s.Max, 60))
		}
		f.SetTexts(s.Name, texts...)
	}
	return f
}

// drawValue draws any value that an unknown act may have.
func drawValue(t *rapid.T, depth int) jsontext.Value {
	kinds := 5
	if depth < 3 {
		kinds = 7
	}
	switch rapid.IntRange(0, kinds-1).Draw(t, "kind") {
	case 0:
		return jsontext.Value("null")
	case 1:
		return jsontext.Value("true")
	case 2, 3:
		return jsontext.Value(fmt.Sprint(rapid.Int64Range(-MaxInteger, MaxInteger).Draw(t, "integer")))
	case 4:
		return quote(drawText(t, true, 20))
	case 5:
		f := Fields{}
		for range rapid.IntRange(0, 3).Draw(t, "members") {
			f[rapid.StringMatching(`[a-z0-9_]{1,8}`).Filter(func(s string) bool { return s != "_sd" }).Draw(t, "member")] = drawValue(t, depth+1)
		}
		return f.JSON()
	}
	var list []string
	for range rapid.IntRange(0, 3).Draw(t, "elements") {
		list = append(list, string(drawValue(t, depth+1)))
	}
	return jsontext.Value("[" + strings.Join(list, ",") + "]")
}

// drawUnknown draws an act that this version does not know.
func drawUnknown(t *rapid.T) Fields {
	f := Fields{"act": jsontext.Value(`"consult"`)}
	for range rapid.IntRange(0, 20).Draw(t, "fields") {
		v := drawValue(t, 0)
		if string(v) != "[]" {
			f[rapid.StringMatching(`[b-z0-9_]{1,12}`).Filter(func(s string) bool { return s != "_sd" }).Draw(t, "name")] = v
		}
	}
	return f
}

// What was drafted is what is read, through every path.
func TestComposeOpenIsIdentity(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f, make := drawAct(t), Compose
		if rapid.Bool().Draw(t, "unknown") {
			f, make = drawUnknown(t), ComposeUnknown
		}
		c, err := make(f, seeded(rapid.Byte().Draw(t, "seed")))
		if err != nil {
			t.Fatal(err)
		}
		outbox := rapid.SampledFrom([]string{testOutbox, publicOutbox}).Draw(t, "outbox")
		r, err := c.Sign(outbox, testKID(), DigestOf(c.Content()), testSign)
		if err != nil {
			t.Fatal(err)
		}
		again, err := Parse(r.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		o, err := again.Open(c.Content())
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(f, o.Fields); diff != "" {
			t.Fatalf("fields (-drafted +read):\n%s", diff)
		}
		if o.Unknown() == Known(f.Text("act"), f.Text("kind")) || !o.Full {
			t.Fatalf("unknown %v, full %v", o.Unknown(), o.Full)
		}
		draft, err := ParseDraft(f.JSON())
		if diff := cmp.Diff(f, draft); diff != "" || err != nil {
			t.Fatalf("draft (-printed +parsed):\n%s (%v)", diff, err)
		}
	})
}

// Whatever is shown is read as it was, and nothing else is.
func TestPresentShowsWhatIsNamed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := drawAct(t)
		c, err := Compose(f, seeded(1))
		if err != nil {
			t.Fatal(err)
		}
		r, err := c.Sign(testOutbox, testKID(), DigestOf(c.Content()), testSign)
		if err != nil {
			t.Fatal(err)
		}
		o, err := r.Open(c.Content())
		if err != nil {
			t.Fatal(err)
		}
		names := rapid.SliceOfDistinct(rapid.SampledFrom(o.Names()), func(s string) string { return s }).Draw(t, "names")
		s, err := o.Present(names)
		if err != nil {
			t.Fatal(err)
		}
		p, err := ParsePresentation(s)
		if err != nil {
			t.Fatal(err)
		}
		want := expand(o, names)
		if diff := cmp.Diff(want, p.Names()); diff != "" {
			t.Fatalf("shown (-want +got):\n%s", diff)
		}
		for name := range p.Fields {
			compareShown(t, o, p, name)
		}
		if again, err := p.Present([]string{"*"}); err != nil || again != s {
			t.Fatalf("showing everything of a part is not the part (%v)", err)
		}
	})
}

// expand adds the elements of lists that are named whole, and the lists of
// elements, in the order of the content.
func expand(o *Opened, names []string) []string {
	var want []string
	for _, n := range o.Names() {
		field, _, isElement := strings.Cut(n, "[")
		under := slices.ContainsFunc(names, func(s string) bool { return strings.HasPrefix(s, n+"[") })
		if slices.Contains(names, n) || isElement && slices.Contains(names, field) || under {
			want = append(want, n)
		}
	}
	return want
}

// compareShown compares a field of a part with that of the whole.
func compareShown(t *rapid.T, o, p *Opened, name string) {
	indices, total := p.Shown(name)
	if total == 0 {
		if !bytes.Equal(o.Fields[name], p.Fields[name]) {
			t.Fatalf("%s: got %s, want %s", name, p.Fields[name], o.Fields[name])
		}
		return
	}
	whole, part := o.Fields.List(name), p.Fields.List(name)
	if total != len(whole) || len(part) != len(indices) {
		t.Fatalf("%s: %d of %d elements, want %d of %d", name, len(part), total, len(indices), len(whole))
	}
	for i, at := range indices {
		if !bytes.Equal(part[i], whole[at]) {
			t.Fatalf("%s[%d]: got %s, want %s", name, at, part[i], whole[at])
		}
	}
}

// Padding never exceeds what R-13 allows, and tells the Padmé length only.
func TestPadding(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, MaxContent).Draw(t, "n")
		p := padme(n)
		if p < n || p-n > maxPadding(n) || p > MaxStored {
			t.Fatalf("padme(%d) is %d", n, p)
		}
		if padme(p) != p {
			t.Fatalf("padme(%d) is %d: not a fixed point", p, padme(p))
		}
	})
	for _, c := range [][2]int{{1, 1}, {2, 2}, {8, 8}, {9, 10}, {1000, 1024}, {1025, 1088}, {16_000_000, 16_252_928}} {
		if got := padme(c[0]); got != c[1] {
			t.Errorf("padme(%d): got %d, want %d", c[0], got, c[1])
		}
	}
}

// Every single change of a leaf is refused or is another leaf, and every
// single change of a content is refused, padding apart.
func TestMalleability(t *testing.T) {
	r, content := build(t, testReply("ping"), testOutbox, 1)
	o := mustOpen(t, r, content)
	s, err := o.Present([]string{"*"})
	if err != nil {
		t.Fatal(err)
	}
	leaf := r.Bytes()
	body := bytes.TrimRight(content, " ")
	eachChange([]byte(s), func(changed []byte) {
		if got, err := ParsePresentation(string(changed)); err == nil && got.Record.LeafHash() == r.LeafHash() && !isPartOf(changed, body, len(leaf)+1) {
			t.Errorf("accepted with the same leaf hash: %s", changed)
		}
	})
	eachChange(body, func(changed []byte) {
		if _, err := r.Open(changed); err == nil && !bytes.Equal(bytes.TrimRight(changed, " "), body) {
			t.Errorf("accepted: %s", changed)
		}
	})
	eachChange(leaf, func(changed []byte) {
		if got, err := Parse(changed); err == nil && (got.LeafHash() == r.LeafHash() || !bytes.Equal(got.Bytes(), changed)) {
			t.Errorf("accepted with the same leaf hash: %s", changed)
		}
	})
}

// isPartOf reports whether the content of a presentation leaves out whole
// disclosures and changes nothing else.
func isPartOf(presentation, body []byte, at int) bool {
	for d := range strings.SplitAfterSeq(string(presentation[at:]), "~") {
		if !strings.Contains("~"+string(body), "~"+d) {
			return false
		}
	}
	return true
}

// eachChange calls f with every change of one byte: others in its place, one
// more before it, none.
func eachChange(b []byte, f func([]byte)) {
	for i := range b {
		for _, ch := range []byte("A_~. \n=\x00\xff") {
			if b[i] != ch {
				f(slices.Concat(b[:i], []byte{ch}, b[i+1:]))
			}
			f(slices.Concat(b[:i], []byte{ch}, b[i:]))
		}
		f(slices.Concat(b[:i], []byte{b[i] ^ 1}, b[i+1:]))
		f(slices.Concat(b[:i], b[i+1:]))
	}
	f(append(slices.Clone(b), '\n'))
}
