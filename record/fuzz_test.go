package record

import (
	"bytes"
	"encoding/json/jsontext"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"encoding/json/v2"
)

// seedFile reads vectors as seeds for a fuzz target.
func seedFile(f *testing.F, name string, into any) {
	f.Helper()
	b, err := os.ReadFile(filepath.Join("..", "spec", "vectors", name))
	if err != nil {
		f.Fatal(err)
	}
	if err := json.Unmarshal(b, into); err != nil {
		f.Fatal(err)
	}
}

// wellSaid checks that an error is of this room, short, and printable.
func wellSaid(t *testing.T, err error) {
	t.Helper()
	e, ok := errors.AsType[*Error](err)
	if !ok || e.Kind == "" || e.Rule == "" || len(e.Error()) > 1200 {
		t.Fatalf("not an error of this room, or too long: %v", err)
	}
	for _, ch := range []byte(e.Error()) {
		if ch < ' ' {
			t.Fatalf("the error has a control character: %q", e.Error())
		}
	}
}

// isCanonical reports whether the standard library would write v so too.
func isCanonical(v []byte) bool {
	c := jsontext.Value(bytes.Clone(v))
	return c.Canonicalize() == nil && bytes.Equal(c, v)
}

func FuzzParse(f *testing.F) {
	var file leafFile
	seedFile(f, "record.json", &file)
	for _, v := range file.Cases {
		f.Add([]byte(v.Leaf), uint16(7), byte(1))
	}
	f.Fuzz(func(t *testing.T, leaf []byte, at uint16, flip byte) {
		r, err := Parse(leaf)
		if err != nil {
			wellSaid(t, err)
			return
		}
		if !bytes.Equal(r.Bytes(), leaf) {
			t.Fatalf("print then parse is not identity")
		}
		header, payload := r.parts(t)
		if !isCanonical(header) || !isCanonical(payload) {
			t.Fatalf("not in the RFC 8785 form: %s %s", header, payload)
		}
		changed := bytes.Clone(leaf)
		changed[int(at)%len(changed)] ^= flip
		if again, err := Parse(changed); err == nil && flip != 0 && again.LeafHash() == r.LeafHash() {
			t.Fatalf("a change at %d has the same leaf hash", at)
		}
	})
}

// parts decodes a leaf by the standard library.
func (r *Record) parts(t *testing.T) (header, payload []byte) {
	p := strings.Split(string(r.Bytes()), ".")
	header, err1 := b64.DecodeString(p[0])
	payload, err2 := b64.DecodeString(p[1])
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	return header, payload
}

// FuzzOpen fuzzes the texts of disclosures, by a script for the forge, for a
// changed content alone never has the digests of its leaf.
func FuzzOpen(f *testing.F) {
	for _, c := range contentCases() {
		if len(c.script) < 4000 {
			f.Add(c.script, uint16(5), byte(1))
		}
	}
	f.Fuzz(func(t *testing.T, script string, at uint16, flip byte) {
		if strings.Count(script, "\n") > 60 || len(script) > 1<<16 {
			return
		}
		leaf, content := forgeScript(t, script, testOutbox, 1)
		r, err := Parse([]byte(leaf))
		if err != nil {
			return
		}
		o, err := r.Open([]byte(content))
		if err != nil {
			wellSaid(t, err)
			if _, err := ParsePresentation(leaf + "~" + content); err != nil {
				wellSaid(t, err)
			}
			return
		}
		checkOpened(t, o, leaf, content)
		changed := []byte(content)
		changed[int(at)%len(changed)] ^= flip
		if _, err := r.Open(changed); err == nil && !bytes.Equal(bytes.TrimRight(changed, " "), []byte(content)) {
			t.Fatalf("a change at %d is accepted", at)
		}
	})
}

// checkOpened checks what holds of everything that opens.
func checkOpened(t *testing.T, o *Opened, leaf, content string) {
	t.Helper()
	s, err := o.Present([]string{"*"})
	if err != nil || s != leaf+"~"+content {
		t.Fatalf("print then parse is not identity (%v)", err)
	}
	if _, err := ParsePresentation(s); err != nil {
		t.Fatalf("opens, but is no presentation: %v", err)
	}
	if !isCanonical(o.Fields.JSON()) {
		t.Fatalf("not in the RFC 8785 form: %s", o.Fields.JSON())
	}
	if !o.Unknown() && o.Fields.Check() != nil {
		t.Fatalf("opens, but Check says %v", o.Fields.Check())
	}
	c, err := compose(o.Fields, seeded(1))
	if err != nil {
		t.Fatalf("opens, but cannot be composed: %v", err)
	}
	r, err := c.Sign(testOutbox, testKID(), DigestOf(c.Content()), testSign)
	if err != nil {
		t.Fatal(err)
	}
	again, err := r.Open(c.Content())
	if err != nil || !bytes.Equal(again.Fields.JSON(), o.Fields.JSON()) {
		t.Fatalf("composed anew, it reads otherwise (%v)", err)
	}
}

func FuzzParsePresentation(f *testing.F) {
	var file contentFile
	seedFile(f, "record-content.json", &file)
	for _, v := range file.Presentations {
		f.Add(v.Presentation)
	}
	for _, v := range file.Cases {
		f.Add(v.presentation())
	}
	f.Fuzz(func(t *testing.T, s string) {
		o, err := ParsePresentation(s)
		if err != nil {
			wellSaid(t, err)
			return
		}
		again, err := o.Present([]string{"*"})
		if err != nil || again != s {
			t.Fatalf("print then parse is not identity (%v)", err)
		}
		if !isCanonical(o.Fields.JSON()) {
			t.Fatalf("not in the RFC 8785 form: %s", o.Fields.JSON())
		}
		if names := o.Names(); len(names) > 0 {
			if _, err := o.Present(names[:1]); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func FuzzParseDraft(f *testing.F) {
	for _, draft := range testActs() {
		f.Add([]byte(draft.JSON()))
	}
	f.Add([]byte(` { "act" : "p\u0069ng", "n": 1.0, "list":[{"b":1,"a":2}] } `))
	f.Fuzz(func(t *testing.T, b []byte) {
		draft, err := ParseDraft(b)
		if err != nil {
			wellSaid(t, err)
			return
		}
		if !isCanonical(draft.JSON()) {
			t.Fatalf("not in the RFC 8785 form: %s", draft.JSON())
		}
		again, err := ParseDraft(draft.JSON())
		if err != nil || !bytes.Equal(again.JSON(), draft.JSON()) {
			t.Fatalf("print then parse is not identity (%v)", err)
		}
		problems := draft.Problems()
		if (draft.Check() == nil) != (len(problems) == 0) {
			t.Fatalf("Check and Problems disagree")
		}
		for _, p := range problems {
			wellSaid(t, p)
		}
		c, err := Compose(draft, seeded(1))
		if (err == nil) != (len(problems) == 0) {
			t.Fatalf("Check and Compose disagree: %v", err)
		}
		if err != nil {
			return
		}
		r, err := c.Sign(testOutbox, testKID(), DigestOf(c.Content()), testSign)
		if err != nil {
			t.Fatal(err)
		}
		o, err := r.Open(c.Content())
		if err != nil || !bytes.Equal(o.Fields.JSON(), draft.JSON()) {
			t.Fatalf("composed, it reads otherwise (%v)", err)
		}
	})
}

func FuzzParseObservable(f *testing.F) {
	for _, v := range lineVectors() {
		f.Add(v.Line)
	}
	for _, v := range observableVectors() {
		f.Add(v.Name)
	}
	f.Fuzz(func(t *testing.T, line string) {
		o, ok := ParseObservable(line)
		if !ok {
			return
		}
		if err := o.Check(); err != nil {
			t.Fatalf("recognised, but Check says %v", err)
		}
		if !slices.Contains(Words("type"), o.Type) {
			t.Fatalf("type %q", o.Type)
		}
		again, ok := ParseObservable(o.Value)
		if want := (Observable{Type: o.Type, Value: o.Value}); !ok || again != want {
			t.Fatalf("got %v, then %v", o, again)
		}
		var read Observable
		if err := json.Unmarshal(o.JSON(), &read); err != nil || read != o {
			t.Fatalf("print then parse is not identity: %v, %v (%v)", o, read, err)
		}
	})
}
