package record

import (
	"encoding/json/jsontext"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// Limits that are too large to be vectors.
func TestLimits(t *testing.T) {
	r, content := build(t, testReply("ping"), testOutbox, 1)
	_, err := r.Open(slices.Concat(content, make([]byte, MaxStored)))
	wantError(t, err, KindLimit, "R-14")
	_, err = r.Open([]byte(strings.Repeat("A", MaxContent) + "~"))
	wantError(t, err, KindLimit, "R-14")
	_, err = ParsePresentation(strings.Repeat("A", MaxPresentation+1))
	wantError(t, err, KindLimit, "R-14")
	_, err = ParsePresentation(string(r.leaf) + "~" + strings.Repeat("A", MaxContent+1))
	wantError(t, err, KindLimit, "R-14")
	_, err = ParseDraft(make([]byte, MaxDraft+1))
	wantError(t, err, KindLimit, "R-14")
	if _, ok := ParseObservable(strings.Repeat("a", maxLine+1)); ok {
		t.Error("a line beyond all lengths is an observable")
	}
}

func TestLongLists(t *testing.T) {
	f := testAppeal("mitigate")
	f.SetObservables("targets", manyObservables(MaxList)...)
	r, content := build(t, f, testOutbox, 1)
	o := mustOpen(t, r, content)
	if n := len(o.Fields.Observables("targets")); n != MaxList {
		t.Errorf("got %d targets, want %d", n, MaxList)
	}
	f.SetObservables("targets", manyObservables(MaxList+1)...)
	wantError(t, f.Check(), KindLimit, "R-10")
	r, content = build(t, f, testOutbox, 1)
	_, err := r.Open(content)
	wantError(t, err, KindLimit, "R-10")

	f = testAppeal("mitigate")
	f["attachments"] = jsontext.Value(`[` + string(Attachment{Name: "a", MediaType: "b", Data: make([]byte, 10_000_000)}.JSON()) + `]`)
	_, err = Compose(f, seeded(1))
	wantError(t, err, KindLimit, "R-14")
	f.SetAttachments("attachments", Attachment{Name: "a", MediaType: "b", Data: make([]byte, 8_000_000)})
	c, err := Compose(f, seeded(1))
	if err != nil {
		t.Fatal(err)
	}
	if n := len(c.Content()); n > MaxStored {
		t.Errorf("content of %d bytes", n)
	}
}

// Open must not become slow by what a stranger sends: many digests that no
// disclosure follows, and many elements of one list.
func TestHostileSizes(t *testing.T) {
	deep := strings.Repeat("[", 4_000_000)
	leaf, content := forgeScript(t, unknownAct("list b 3", "element "+deep), testOutbox, 1)
	r, err := Parse([]byte(leaf))
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	_, err = r.Open([]byte(content))
	wantError(t, err, KindLimit, "R-19")
	if d := time.Since(start); d > 5*time.Second {
		t.Errorf("it took %v", d)
	}
}

func TestComposeRefuses(t *testing.T) {
	broken := errors.New("no entropy")
	_, err := Compose(testReply("ping"), errReader{broken})
	wantError(t, err, KindCall, "R-8")
	_, err = Compose(testReply("ping"), zeroReader{})
	wantError(t, err, KindCall, "R-8")
	unknown := testReply("ping")
	unknown.SetText("act", "consult")
	_, err = Compose(unknown, seeded(1))
	wantError(t, err, KindField, "R-18")
	_, err = ComposeUnknown(testReply("ping"), seeded(1))
	wantError(t, err, KindCall, "R-18")
	many := Fields{"act": jsontext.Value(`"consult"`)}
	for i := range 64 {
		many["b"+string(rune('a'+i/26))+string(rune('a'+i%26))] = jsontext.Value("1")
	}
	_, err = ComposeUnknown(many, seeded(1))
	wantError(t, err, KindLimit, "R-3")
}

type errReader struct{ err error }

func (r errReader) Read([]byte) (int, error) { return 0, r.err }

type zeroReader struct{}

func (zeroReader) Read(b []byte) (int, error) { clear(b); return len(b), nil }

func TestSignRefuses(t *testing.T) {
	c, err := Compose(testReply("ping"), seeded(1))
	if err != nil {
		t.Fatal(err)
	}
	stored := DigestOf(c.Content())
	_, err = c.Sign(testOutbox, "short", stored, testSign)
	wantError(t, err, KindForm, "R-2")
	_, err = c.Sign("Not An Origin", testKID(), stored, testSign)
	wantError(t, err, KindForm, "R-3")
	_, err = c.Sign(testOutbox, testKID(), Digest{}, testSign)
	wantError(t, err, KindLimit, "R-3")
	_, err = c.Sign(publicOutbox, testKID(), DigestOf([]byte("ciphertext")), testSign)
	wantError(t, err, KindCall, "R-5")
	_, err = c.Sign(testOutbox, testKID(), stored, func([]byte) ([]byte, error) { return []byte("short"), nil })
	wantError(t, err, KindForm, "R-1")
	locked := errors.New("key is locked")
	if _, err = c.Sign(testOutbox, testKID(), stored, func([]byte) ([]byte, error) { return nil, locked }); !errors.Is(err, locked) {
		t.Errorf("got %v, want the error of sign", err)
	}
}

// A composed draft can be signed for several outboxes, and the bytes depend
// on nothing but the arguments.
func TestComposeIsDeterministic(t *testing.T) {
	a, contentA := build(t, testAppeal("mitigate"), testOutbox, 5)
	b, contentB := build(t, testAppeal("mitigate"), testOutbox, 5)
	if string(a.Bytes()) != string(b.Bytes()) || string(contentA) != string(contentB) {
		t.Error("the same arguments give other bytes")
	}
	other, _ := build(t, testAppeal("mitigate"), testOutbox, 6)
	if a.ID() == other.ID() {
		t.Error("another seed gives the same jti")
	}
}

func TestPresentRefuses(t *testing.T) {
	r, content := build(t, testAppeal("mitigate"), testOutbox, 1)
	o := mustOpen(t, r, content)
	for _, name := range []string{"", "nothing", "targets[3]", "targets[-1]", "targets[01]", "targets[", "targets[0]x", "targets[]", "kind[0]", "Targets", "targets[99999999999999999999]", "**"} {
		_, err := o.Present([]string{"act", name})
		wantError(t, err, KindCall, "R-12")
	}
	part, err := o.Present([]string{"targets[1]"})
	if err != nil {
		t.Fatal(err)
	}
	p, err := ParsePresentation(part)
	if err != nil {
		t.Fatal(err)
	}
	if indices, total := p.Shown("targets"); !slices.Equal(indices, []int{1}) || total != 3 || p.Hidden != 2 {
		t.Errorf("got %v of %d, hidden %d", indices, total, p.Hidden)
	}
	_, err = p.Present([]string{"targets[0]"})
	wantError(t, err, KindCall, "R-12")
	if indices, total := p.Shown("kind"); indices != nil || total != 0 {
		t.Errorf("kind is shown: %v of %d", indices, total)
	}
}

// What Open returns does not change with the bytes it was given.
func TestOpenKeepsItsOwnBytes(t *testing.T) {
	r, content := build(t, testReply("ping"), testOutbox, 1)
	leaf, given := r.Bytes(), slices.Clone(content)
	again, err := Parse(leaf)
	if err != nil {
		t.Fatal(err)
	}
	o := mustOpen(t, again, given)
	clear(leaf)
	clear(given)
	clear(again.Bytes())
	clear(again.SigningInput())
	if want := mustOpen(t, r, content); !cmp.Equal(want.Fields, o.Fields) || o.Record.LeafHash() != r.LeafHash() {
		t.Error("the record changed with the caller's bytes")
	}
}

func TestProblemsNamesEveryMistake(t *testing.T) {
	f := testAppeal("mitigate")
	f.SetText("subject", "")
	f.SetText("tlp", "white")
	f.SetText("zebra", "x")
	f.SetTexts("evidence", "fine", "")
	f.SetObservables("targets", Observable{Type: "ipv4", Value: "10.0.0.1"})
	var got []string
	for _, p := range f.Problems() {
		got = append(got, p.Field+" "+string(p.Kind))
	}
	want := []string{"evidence[1] value", "targets[0].value value", "tlp value", "zebra field", "subject field"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
	if err := f.Check(); err == nil || !strings.HasPrefix(err.Error(), "record: R-18: field evidence[1]: ") {
		t.Errorf("got %v", err)
	}
}

// An error never repeats a long or hostile value.
func TestErrorsAreBrief(t *testing.T) {
	hostile := "\u202e\x1b[31m" + strings.Repeat("x", 100_000)
	f := testReply("ping")
	f["nonce"] = jsontext.Value(hostile)
	f[hostile] = jsontext.Value("1")
	for _, p := range f.Problems() {
		wellSaid(t, p)
	}
	_, err := Parse([]byte(hostile[:1000]))
	wellSaid(t, err)
	_, err = ParsePresentation(hostile)
	wellSaid(t, err)
}

func TestFields(t *testing.T) {
	f := Fields{}
	f.SetText("text", "a \"b\"\n\\ ü")
	f.SetTime("time", time.Date(2026, 7, 12, 11, 0, 0, 999, time.FixedZone("", 7200)))
	f.SetBool("yes", true)
	f.SetBool("no", false)
	f.SetRef("ref", testRef())
	f.SetTexts("texts", "a", "b")
	o := Observable{Type: "ipv6", Value: "2001:db8::1", Port: 53, SeenAt: testTime, Note: "n"}
	f.SetObservables("observables", o)
	a := Attachment{Name: "n", MediaType: "m", Data: []byte{1, 2}}
	f.SetAttachments("attachments", a)
	if got := f.Text("text"); got != "a \"b\"\n\\ ü" {
		t.Errorf("Text: %q", got)
	}
	if got := f.Time("time"); !got.Equal(testTime) {
		t.Errorf("Time: %v", got)
	}
	if !f.Bool("yes") || f.Bool("no") || f.Bool("missing") {
		t.Error("Bool")
	}
	if got, ok := f.Ref("ref"); !ok || got != testRef() {
		t.Errorf("Ref: %v", got)
	}
	if diff := cmp.Diff([]string{"a", "b"}, f.Texts("texts")); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]Observable{o}, f.Observables("observables")); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]Attachment{a}, f.Attachments("attachments")); diff != "" {
		t.Error(diff)
	}
	if f.Text("yes") != "" || !f.Time("text").IsZero() || f.List("text") != nil || f.Texts("observables") != nil {
		t.Error("a field of another type is not zero")
	}
	if _, ok := f.Ref("text"); ok {
		t.Error("a text is a reference")
	}
	for name, v := range f {
		if err := checkField(name, v); err != nil {
			t.Errorf("%s is not in the RFC 8785 form: %v", name, err)
		}
	}
	c := f.Clone()
	c.SetText("text", "")
	c.SetTime("time", time.Time{})
	c.SetTexts("texts")
	if len(c) != len(f)-3 {
		t.Errorf("%d fields are left of %d", len(c), len(f))
	}
	f.SetText("text", "\xff")
	wantError(t, f.Check(), KindValue, "R-15")
}

func TestParseDraft(t *testing.T) {
	f, err := ParseDraft([]byte(` { "b" : {"z":1.0,"a":"\u0041\/"} , "a":[ ] } `))
	if err != nil {
		t.Fatal(err)
	}
	if got := string(f.JSON()); got != `{"a":[],"b":{"a":"A/","z":1}}` {
		t.Errorf("got %s", got)
	}
	for _, c := range []struct {
		json, rule string
		kind       Kind
	}{
		{`{"a":1,"a":1}`, "R-7", KindForm}, {`{"a":{"b":1,"b":2}}`, "R-7", KindForm}, {`[]`, "R-7", KindForm}, {``, "R-7", KindForm},
		{`{"a":1} {}`, "R-7", KindForm}, {`{"a":"` + "\xff" + `"}`, "R-7", KindForm}, {`{"A":1}`, "R-19", KindForm}, {`{"a-1":1}`, "R-19", KindForm},
		{`{"_sd":1}`, "R-10", KindForm}, {`{"a":{"_sd":1}}`, "R-10", KindForm}, {`{"a":1.5}`, "R-17", KindValue}, {`{"a":9007199254740993}`, "R-17", KindValue},
		{`{"a":"\u202e"}`, "R-15", KindValue}, {`{"a":` + strings.Repeat("[", 9) + strings.Repeat("]", 9) + `}`, "R-10", KindForm},
	} {
		_, err := ParseDraft([]byte(c.json))
		if c.rule == "R-10" && strings.HasPrefix(c.json, `{"a":[`) {
			// A list at the top and eight more in its element are allowed.
			if err != nil {
				t.Errorf("%s: %v", c.json, err)
			}
			continue
		}
		wantError(t, err, c.kind, c.rule)
	}
}

func TestRef(t *testing.T) {
	var r Ref
	if err := r.UnmarshalJSON(testRef().JSON()); err != nil || r != testRef() {
		t.Errorf("got %v (%v)", r, err)
	}
	for _, s := range []string{"", "{}", "null", string(testRef().JSON()) + " "} {
		if err := r.UnmarshalJSON([]byte(s)); err == nil {
			t.Errorf("%q is a reference", s)
		}
	}
	rec, _ := build(t, testReply("ping"), testOutbox, 1)
	if got, want := rec.Ref(7), (Ref{testOutbox, 7, rec.LeafHash()}); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
}

// The table of acts is whole: every act and kind has fields, no name occurs
// twice in an act, objects fit, and lists are bounded.
func TestSchema(t *testing.T) {
	for _, act := range actWords {
		kinds := []string{""}
		if act == "appeal" {
			kinds = kindWords
		}
		for _, kind := range kinds {
			checkSpecs(t, act+" "+kind, Schema(act, kind))
			if !Known(act, kind) {
				t.Errorf("%s %s is not known", act, kind)
			}
		}
	}
	if Known("appeal", "") || Known("consult", "") || Schema("appeal", "takedown") != nil {
		t.Error("something is known that should not be")
	}
	for _, kind := range kindWords {
		if ack, reply := Clocks(kind); ack <= 0 || Silent(kind) != (reply == 0) || reply > 0 && reply < ack || Donor(kind) == "" {
			t.Errorf("clocks of %s: %v, %v", kind, ack, reply)
		}
	}
	if ack, reply := Clocks("x"); ack != 0 || reply != 0 {
		t.Error("an unknown kind has clocks")
	}
	n := 0
	for group, codes := range RefusalCodes() {
		n += len(codes)
		for _, c := range codes {
			if !slices.Contains(Words("code"), c) {
				t.Errorf("%s %s is no code", group, c)
			}
		}
	}
	if n != len(Words("code")) {
		t.Errorf("%d codes in groups, %d in all", n, len(Words("code")))
	}
	if len(Words("type")) != 12 || Words("subject") != nil || len(Words("kind")) != 20 || len(Words("state")) != 4 {
		t.Error("Words")
	}
}

func checkSpecs(t *testing.T, name string, specs []FieldSpec) {
	t.Helper()
	if len(specs) == 0 || len(specs) > maxDigests {
		t.Errorf("%s has %d fields", name, len(specs))
	}
	seen := map[string]bool{}
	for _, s := range specs {
		if seen[s.Name] || checkName(s.Name) != nil || len(s.Members) > maxMembers || s.List > MaxList {
			t.Errorf("%s: field %s", name, s.Name)
		}
		seen[s.Name] = true
		if (s.Type == TypeWord) != (len(s.Words) > 0) || (s.Type == TypeText || s.Type == TypeLong) && s.Max == 0 {
			t.Errorf("%s: field %s has no words or no limit", name, s.Name)
		}
		for _, w := range s.Words {
			if !isWord([]byte(w)) || len(w) > MaxWord {
				t.Errorf("%s: word %s", s.Name, w)
			}
		}
		if !slices.IsSortedFunc(s.Members, func(a, b FieldSpec) int { return strings.Compare(a.Name, b.Name) }) {
			t.Errorf("%s: members are not in order", s.Name)
		}
	}
}

// Records can be read by many at once.
func TestConcurrentReaders(t *testing.T) {
	r, content := build(t, testAppeal("mitigate"), testOutbox, 1)
	done := make(chan error)
	for range 8 {
		go func() {
			o, err := r.Open(content)
			if err == nil {
				_, err = o.Present([]string{"*"})
			}
			done <- err
		}()
	}
	for range 8 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

var _ io.Reader = zeroReader{}

func ExampleError() {
	_, err := ParsePresentation("hello")
	fmt.Println(err)
	// Output: record: R-12: a presentation has a ~ after the leaf, got none; add it
}

// Every act and kind has an example that its own checks accept, and that lacks nothing which a condition asks for.
func TestExample(t *testing.T) {
	for _, act := range actWords {
		kinds := []string{""}
		if act == "appeal" {
			kinds = kindWords
		}
		for _, kind := range kinds {
			f := Example(act, kind, testTime)
			if err := f.Check(); err != nil {
				t.Errorf("%s %s: %v", act, kind, err)
			}
			if f.Text("kind") != kind || f.Text("act") != act {
				t.Errorf("the example of %s %s is of %s %s", act, kind, f["act"], f["kind"])
			}
		}
	}
	if Example("appeal", "takedown", testTime) != nil || Example("x", "", testTime) != nil {
		t.Error("there is an example of what nobody knows")
	}
}
