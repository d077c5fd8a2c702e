package exchange

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"verbale/seal"
)

// datingFile is spec/vectors/datings.json.
type datingFile struct {
	Description  string       `json:"description"`
	Author       string       `json:"author"`
	Keys         string       `json:"keys"`
	AudienceKeys string       `json:"audience_keys"`
	Head         string       `json:"head"`
	Cases        []datingCase `json:"cases"`
}

type datingCase struct {
	Name     string `json:"name"`
	Rule     string `json:"rule"`
	Document string `json:"document"`
	Expect   string `json:"expect"`         // accept or reject
	Error    Kind   `json:"error,omitzero"` // of a reject
	Index    int64  `json:"index,omitzero"` // accept: of the entry
	Lines    int    `json:"lines,omitzero"` // accept: of witnesses
}

const datingText = "Answers of the call `dated` (register.md G-15) and what the caller makes of them (G-16), who holds `head` of an outbox of `author`: the text of a" +
	" checkpoint. `keys` are those of the author, whose register it is, `audience_keys` those of the other side. `accept`: each dating of `document` holds, by the entry" +
	" `index`, with so many lines. `reject`: `error` is the kind of the problem, `rule` the rule broken."

func TestDatingVectors(t *testing.T) {
	file := checkedIn(t, "datings.json", madeDatings(t))
	keys, err := seal.ParseKeys([]byte(file.Keys))
	must(t, err)
	other, err := seal.ParseKeys([]byte(file.AudienceKeys))
	must(t, err)
	head, err := seal.ParseHead(file.Head)
	must(t, err)
	for _, c := range file.Cases {
		t.Run(c.Name, func(t *testing.T) {
			list, err := ReadAnchors([]byte(c.Document))
			for _, a := range list {
				var d Dated
				if d, err = a.Check(Author{Party: file.Author, Keys: keys}, head, other); err == nil && (d.Index != c.Index || len(d.Lines) != c.Lines) {
					t.Errorf("entry %d with %d lines", d.Index, len(d.Lines))
				}
			}
			p, _ := errors.AsType[*Problem](err)
			if (err == nil) != (c.Expect == "accept") || err != nil && (p == nil || p.Kind != c.Error || p.Rule != c.Rule) {
				t.Errorf("%v, want %s %s (%s)", err, c.Expect, c.Error, c.Rule)
			}
		})
	}
}

// madeDatings makes the whole file from fixed seeds.
func madeDatings(t *testing.T) datingFile {
	t.Helper()
	r := newRegistry(t)
	both := written(t, r.anchor())
	r.short = true
	f := datingFile{Description: datingText, Author: aa, Keys: string(r.ring.Keys().JSON()), AudienceKeys: string(keyrings(t)[bb].Keys().JSON()), Head: r.head.Text()}
	one := r.anchor()
	doc := written(t, one)
	f.Cases = []datingCase{
		{Name: "nothing", Rule: "G-14", Document: `{"datings":[]}`, Expect: "accept"},
		{Name: "two lines of Ed25519", Rule: "G-16", Document: doc, Expect: "accept", Index: 1, Lines: 2},
		{Name: "lines of both types", Rule: "G-16", Document: both, Expect: "accept", Index: 1, Lines: 2},
		{Name: "white space, members in another order", Rule: "G-15", Expect: "accept", Index: 1, Lines: 2,
			Document: strings.Replace(strings.Replace(doc, `{"index":1,`, "{ ", 1), `"size":3,`, `"size": 3, "index": 1,`, 1)},
	}
	reject := func(name, rule string, kind Kind, document string) {
		f.Cases = append(f.Cases, datingCase{Name: name, Rule: rule, Document: document, Expect: "reject", Error: kind})
	}
	for _, c := range anchorCases(r) {
		a := r.anchor()
		if c.edit(&a); a.check() == nil { // else no writer makes it, and the forms below are as good
			reject(c.name, c.rule, c.want, written(t, a))
		}
	}
	doc = written(t, Anchor{Index: 1, Note: []byte("a note\n"), Proof: make([][32]byte, 1), Record: "leaf~", Size: 3, Witnesses: []string{"a key"}}) // of the form, and no more
	reject("no member", "G-15", Malformed, `{}`)
	reject("null", "G-15", Malformed, `{"datings":null}`)
	reject("an unknown member", "G-15", Malformed, `{"datings":[],"more":0}`)
	reject("a member twice", "G-15", Malformed, strings.Replace(doc, `"index":1,`, `"index":1,"index":1,`, 1))
	reject("no index", "G-15", Malformed, strings.Replace(doc, `"index":1,`, "", 1))
	reject("no witnesses", "G-15", Malformed, doc[:strings.Index(doc, `,"witnesses"`)]+"}]}")
	reject("entry 0, a profile", "G-15", Malformed, strings.Replace(doc, `"index":1`, `"index":0`, 1))
	reject("a head of size 0", "G-15", Malformed, strings.Replace(doc, `"size":3`, `"size":0`, 1))
	reject("a fraction", "G-15", Malformed, strings.Replace(doc, `"size":3`, `"size":3.0`, 1))
	reject("bytes after it", "G-15", Malformed, `{"datings":[]}{}`)
	reject("too many", "G-15", TooLarge, `{"datings":[`+strings.Join(slices.Repeat([]string{"{}"}, MaxDatings+1), ",")+`]}`)
	return f
}

func written(t *testing.T, a Anchor) string {
	t.Helper()
	doc, err := EncodeAnchors([]Anchor{a})
	must(t, err)
	return string(doc)
}
