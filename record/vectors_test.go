package record

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json/jsontext"
	"encoding/json/v2"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write spec/vectors anew; read the difference before it is committed")

// leafFile, contentFile and observableFile are the vectors of this room. They
// are made from fixed seeds; the test fails if the files are not what the
// cases make, and then runs what the files say.
type leafFile struct {
	Description string       `json:"description"`
	PublicKey   string       `json:"public_key"`
	Cases       []leafVector `json:"cases"`
}

type contentFile struct {
	Description   string          `json:"description"`
	Digests       []digestVector  `json:"digests"`
	Cases         []contentVector `json:"cases"`
	Presentations []presentVector `json:"presentations"`
}

type observableFile struct {
	Description string             `json:"description"`
	Cases       []observableVector `json:"cases"`
	Lines       []lineVector       `json:"lines"`
}

const (
	leafDescription = "Leaves (spec/record.md, R-1 to R-4). A reader of leaves accepts or rejects each `leaf`; for those accepted it finds the values given. " +
		"`signature` says whether the leaf is signed by `public_key` (b64u): an invalid one is a leaf still, and refused by R-4."
	contentDescription = "Contents (spec/record.md, R-5 to R-19, and spec/acts.md). In `cases`, the reader opens `leaf` with the full plaintext `content` (expect), " +
		"and reads `leaf~content` without its trailing spaces as a presentation (expect_presented). `fields` are those of whichever is accepted, as RFC 8785 text, `hidden` counts undisclosed list elements of the presentation. " +
		"`presentations` are read as they stand. `digests` are disclosures of RFC 9901: the digest must agree, but R-7 and R-8 refuse the disclosure."
	observableDescription = "Observables (spec/acts.md §2). `cases` are elements of a list of observables, as RFC 8785 text. " +
		"`lines` are what people paste into a form; a reader without such a form skips them."
)

func TestVectors(t *testing.T) {
	var leaves leafFile
	checkedIn(t, "record.json", makeLeafFile(), &leaves)
	for _, v := range leaves.Cases {
		t.Run("leaf/"+v.Name, func(t *testing.T) { v.test(t) })
	}
	var contents contentFile
	checkedIn(t, "record-content.json", makeContentFile(t), &contents)
	for _, v := range contents.Cases {
		t.Run("content/"+v.Name, func(t *testing.T) { v.test(t) })
	}
	for _, v := range contents.Presentations {
		t.Run("presentation/"+v.Name, func(t *testing.T) { v.test(t) })
	}
	if diff := cmp.Diff(rfc9901Vectors(), contents.Digests); diff != "" {
		t.Errorf("digests of RFC 9901 (-want +got):\n%s", diff)
	}
	var observables observableFile
	checkedIn(t, "observable.json", observableFile{observableDescription, observableVectors(), lineVectors()}, &observables)
	for _, v := range observables.Cases {
		t.Run("observable/"+v.Name, func(t *testing.T) { v.test(t) })
	}
	for _, v := range observables.Lines {
		t.Run("line/"+brief(v.Line), func(t *testing.T) { v.test(t) })
	}
}

// checkedIn compares the file with what the cases make, and reads it.
func checkedIn(t *testing.T, name string, made, into any) {
	t.Helper()
	path := filepath.Join("..", "spec", "vectors", name)
	want, err := json.Marshal(made, json.Deterministic(true), jsontext.WithIndent(" "))
	if err != nil {
		t.Fatal(err)
	}
	want = append(want, '\n')
	if *update {
		if err := os.WriteFile(path, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is not what the cases make: run go test ./record -run TestVectors -update, and read the difference", path)
	}
	if err := json.Unmarshal(got, into, json.RejectUnknownMembers(true)); err != nil {
		t.Fatal(err)
	}
}

func makeLeafFile() leafFile {
	f := leafFile{Description: leafDescription, PublicKey: testPublicKey()}
	for _, c := range leafCases() {
		v := c.make()
		if r, err := Parse([]byte(v.Leaf)); err == nil && v.Expect == "accept" {
			hash, stored := r.LeafHash(), r.Stored()
			v.Kid, v.JTI, v.Outbox, v.LeafHash = r.KeyID(), r.ID(), r.Outbox(), b64.EncodeToString(hash[:])
			v.Stored = &storedVector{b64.EncodeToString(stored.SHA256[:]), stored.Size}
		}
		f.Cases = append(f.Cases, v)
	}
	return f
}

func makeContentFile(t *testing.T) contentFile {
	f := contentFile{Description: contentDescription, Digests: rfc9901Vectors(), Presentations: presentVectors(t)}
	for i, c := range contentCases() {
		v := c.make(t, byte(i))
		if o, err := ParsePresentation(v.presentation()); err == nil && v.ExpectPresented == "accept" {
			v.Unknown, v.Hidden, v.Fields = o.Unknown(), o.Hidden, string(o.Fields.JSON())
		}
		f.Cases = append(f.Cases, v)
	}
	for i := range f.Presentations {
		v := &f.Presentations[i]
		if o, err := ParsePresentation(v.Presentation); err == nil && v.Expect == "accept" {
			v.Full, v.Unknown, v.Hidden, v.Fields = o.Full, o.Unknown(), o.Hidden, string(o.Fields.JSON())
		}
	}
	return f
}

func rfc9901Vectors() []digestVector {
	vectors := make([]digestVector, len(rfc9901))
	for i, v := range rfc9901 {
		v.Rule = "R-7"
		vectors[i] = v
	}
	return vectors
}

// outcome checks an error against what a vector expects, the rule too if it
// is given; it returns whether to go on.
func outcome(t *testing.T, err error, expect string, kind Kind, rule string) bool {
	t.Helper()
	switch {
	case expect == "accept" && err != nil:
		t.Fatalf("got %v, want it accepted", err)
	case expect == "accept":
		return true
	case expect != "reject":
		t.Fatalf("expect is %q, want accept or reject", expect)
	case err == nil:
		t.Fatalf("accepted, want kind %s of rule %s", kind, rule)
	}
	wantError(t, err, kind, rule)
	if len(err.Error()) > 800 {
		t.Errorf("the error is %d bytes long: %v", len(err.Error()), err)
	}
	return false
}

func (v leafVector) test(t *testing.T) {
	r, err := Parse([]byte(v.Leaf))
	_, perr := ParsePresentation(v.Leaf + "~")
	if strings.HasSuffix(v.Leaf, "~") {
		perr = err
	}
	outcome(t, perr, v.Expect, v.Error, v.Rule)
	if !outcome(t, err, v.Expect, v.Error, v.Rule) {
		return
	}
	key, _ := decode32([]byte(testPublicKey()))
	valid := ed25519.Verify(key[:], r.SigningInput(), r.Signature())
	if valid != (v.Signature == "valid") {
		t.Errorf("the signature is valid: %v, want %s", valid, v.Signature)
	}
	hash, stored := r.LeafHash(), r.Stored()
	got := leafVector{Name: v.Name, Rule: v.Rule, Leaf: string(r.Bytes()), Expect: "accept", Kid: r.KeyID(), JTI: r.ID(), Outbox: r.Outbox(),
		LeafHash: b64.EncodeToString(hash[:]), Stored: &storedVector{b64.EncodeToString(stored.SHA256[:]), stored.Size}, Signature: v.Signature}
	if diff := cmp.Diff(v, got); diff != "" {
		t.Errorf("leaf (-want +got):\n%s", diff)
	}
}

func testPublicKey() string { return b64.EncodeToString(testKey().Public().(ed25519.PublicKey)) }

func (v contentVector) presentation() string { return v.Leaf + "~" + strings.TrimRight(v.Content, " ") }

func (v contentVector) test(t *testing.T) {
	r, err := Parse([]byte(v.Leaf))
	if err != nil {
		t.Fatal(err)
	}
	p, perr := ParsePresentation(v.presentation())
	rule := v.Rule
	if v.ErrorPresented != v.Error && perr != nil {
		rule = perr.(*Error).Rule
	}
	if outcome(t, perr, v.ExpectPresented, v.ErrorPresented, rule) {
		v.compare(t, p)
	}
	o, err := r.Open([]byte(v.Content))
	if !outcome(t, err, v.Expect, v.Error, v.Rule) {
		return
	}
	v.compare(t, o)
	if !o.Full || o.Hidden != 0 {
		t.Errorf("full %v, hidden %d, want a full content", o.Full, o.Hidden)
	}
	if s, err := o.Present([]string{"*"}); err != nil || s != v.presentation() {
		t.Errorf("Present of everything is not the content (%v)", err)
	}
}

func (v contentVector) compare(t *testing.T, o *Opened) {
	t.Helper()
	if diff := cmp.Diff(v.Fields, string(o.Fields.JSON())); diff != "" {
		t.Errorf("fields (-want +got):\n%s", diff)
	}
	if o.Unknown() != v.Unknown {
		t.Errorf("unknown: got %v, want %v", o.Unknown(), v.Unknown)
	}
	if !o.Full && o.Hidden != v.Hidden {
		t.Errorf("hidden: got %d, want %d", o.Hidden, v.Hidden)
	}
}

func (v presentVector) test(t *testing.T) {
	o, err := ParsePresentation(v.Presentation)
	if !outcome(t, err, v.Expect, v.Error, v.Rule) {
		return
	}
	got := v
	got.Full, got.Unknown, got.Hidden, got.Fields = o.Full, o.Unknown(), o.Hidden, string(o.Fields.JSON())
	if diff := cmp.Diff(v, got); diff != "" {
		t.Errorf("presentation (-want +got):\n%s", diff)
	}
}

func (v observableVector) test(t *testing.T) {
	o, err := parseObservable([]byte(v.Observable))
	if (err == nil) != (v.Expect == "accept") {
		t.Fatalf("got %v, want %s", err, v.Expect)
	}
	f := testAppeal("mitigate")
	f.SetList("targets", []jsontext.Value{jsontext.Value(v.Observable)})
	if (f.Check() == nil) != (v.Expect == "accept") {
		t.Errorf("in an appeal: got %v, want %s", f.Check(), v.Expect)
	}
	if err == nil && string(o.JSON()) != v.Observable {
		t.Errorf("got %s, want %s", o.JSON(), v.Observable)
	}
}

func (v lineVector) test(t *testing.T) {
	o, ok := ParseObservable(v.Line)
	if ok != (v.Expect == "accept") {
		t.Fatalf("got %v %v, want %s", o, ok, v.Expect)
	}
	if ok && string(o.JSON()) != v.Observable {
		t.Errorf("got %s, want %s", o.JSON(), v.Observable)
	}
}
