package verdict

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"verbale/record"
)

// The form of a bundle, without any signature (B-1).
func TestForm(t *testing.T) {
	for _, c := range forms() {
		t.Run(c.name, func(t *testing.T) {
			b, err := Parse([]byte(c.file))
			if c.item == "" {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			if b != nil {
				t.Error("a bundle beside an error")
			}
			wantError(t, nil, err, KindForm, c.item, "B-1")
		})
	}
}

// forms are files with the item at fault, "" if the form is good.
func forms() []form {
	const (
		head   = `{"verbale":"bundle/v1","profiles":["p"]`
		hash   = `"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="`
		entry  = head + `,"records":[{"checkpoint":0,"index":0,"record":"r"`
		forked = head + `,"forks":[{"a":"x","b":"y"`
		sig    = `"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=="`
		beaten = head + `,"beats":[{"by":"x","head":"y"`
		pulse  = beaten + `,"beats":[["2026-07-12T09:00:00Z",` + sig
	)
	return []form{
		{"good", head + `}`, ""},
		{"good: members in another order", `{"profiles":["p"],"verbale":"bundle/v1"}`, ""},
		{"good: white space", " {\n\"verbale\" : \"bundle/v1\",\t\"profiles\": [ \"p\" ] } \r\n", ""},
		{"good: escapes", `{"verbale":"bundle\/v1","profiles":["\u0070"]}`, ""},
		{"good: a record", entry + `}]}`, ""},
		{"good: a proof", entry + `,"proof":[` + hash + `]}]}`, ""},
		{"good: a fork", forked + `,"proof":[` + hash + `]}]}`, ""},
		{"good: witnesses", head + `,"witnesses":["w"]}`, ""},
		{"good: a beat", pulse + `]]}]}`, ""},
		{"good: two beats", pulse + `],["2026-07-12T09:00:01Z",` + sig + `]]}]}`, ""},
		{"empty", ``, "bundle"},
		{"no object", `[]`, "bundle"},
		{"no JSON", `hello`, "bundle"},
		{"two documents", head + `}{}`, "bundle"},
		{"text after it", head + `}x`, "bundle"},
		{"a byte order mark", "\uFEFF" + head + `}`, "bundle"},
		{"no version", `{"profiles":["p"]}`, "verbale"},
		{"another version", `{"verbale":"bundle/v2","profiles":["p"]}`, "verbale"},
		{"the version is a number", `{"verbale":1,"profiles":["p"]}`, "verbale"},
		{"no profiles", `{"verbale":"bundle/v1"}`, "bundle"},
		{"an empty array of profiles", `{"verbale":"bundle/v1","profiles":[]}`, "profiles"},
		{"an empty array of records", head + `,"records":[]}`, "records"},
		{"an empty proof", entry + `,"proof":[]}]}`, "records[0].proof"},
		{"null", head + `,"records":null}`, "records"},
		{"a null profile", `{"verbale":"bundle/v1","profiles":[null]}`, "profiles[0]"},
		{"an unknown member", head + `,"extra":1}`, "bundle"},
		{"an unknown member of a record", entry + `,"extra":1}]}`, "bundle"},
		{"an unknown member of a fork", forked + `,"extra":1}]}`, "bundle"},
		{"a member in capitals", `{"Verbale":"bundle/v1","profiles":["p"]}`, "bundle"},
		{"a member twice", head + `,"profiles":["p"]}`, "profiles"},
		{"a member of a record twice", entry + `,"index":0}]}`, "records[0].index"},
		{"a member twice, escaped", head + `,"\u0070rofiles":["p"]}`, "profiles"},
		{"no UTF-8", head + `,"checkpoints":["` + "\xff" + `"]}`, "checkpoints[0]"},
		{"half a surrogate", head + `,"checkpoints":["\ud800"]}`, "checkpoints[0]"},
		{"a comma too many", head + `,}`, "bundle"},
		{"a record without an index", head + `,"records":[{"checkpoint":0,"record":"r"}]}`, "records[0]"},
		{"a fork without b", head + `,"forks":[{"a":"x"}]}`, "forks[0]"},
		{"a negative index", head + `,"records":[{"checkpoint":0,"index":-1,"record":"r"}]}`, "records[0].index"},
		{"a fraction", head + `,"records":[{"checkpoint":0,"index":1.0,"record":"r"}]}`, "records[0].index"},
		{"an exponent", head + `,"records":[{"checkpoint":0,"index":1e0,"record":"r"}]}`, "records[0].index"},
		{"a leading zero", head + `,"records":[{"checkpoint":0,"index":01,"record":"r"}]}`, "records[0]"},
		{"an index as text", head + `,"records":[{"checkpoint":0,"index":"1","record":"r"}]}`, "records[0].index"},
		{"an index of 2^40", head + `,"records":[{"checkpoint":0,"index":1099511627776,"record":"r"}]}`, "records[0].index"},
		{"a hash without padding", entry + `,"proof":["AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"]}]}`, "records[0].proof[0]"},
		{"a hash of base64url", entry + `,"proof":["_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="]}]}`, "records[0].proof[0]"},
		{"a hash with trailing bits", entry + `,"proof":["AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB="]}]}`, "records[0].proof[0]"},
		{"a hash of 31 bytes", entry + `,"proof":["AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=="]}]}`, "records[0].proof[0]"},
		{"a hash with a line break", entry + `,"proof":["AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n="]}]}`, "records[0].proof[0]"},
		{"no witness", head + `,"witnesses":[]}`, "witnesses"},
		{"a witness that is no text", head + `,"witnesses":[1]}`, "witnesses[0]"},
		{"no beats", head + `,"beats":[]}`, "beats"},
		{"beats without beats", beaten + `}]}`, "beats[0]"},
		{"beats with an empty array", beaten + `,"beats":[]}]}`, "beats[0].beats"},
		{"an unknown member of beats", pulse + `]],"extra":1}]}`, "bundle"},
		{"a beat without a signature", beaten + `,"beats":[["2026-07-12T09:00:00Z"]]}]}`, "beats[0].beats[0]"},
		{"an empty beat", beaten + `,"beats":[[]]}]}`, "beats[0].beats[0]"},
		{"a beat with more", pulse + `,1]]}]}`, "beats[0].beats[0][1]"},
		{"a beat that is no array", beaten + `,"beats":["2026-07-12T09:00:00Z"]}]}`, "beats[0].beats[0]"},
		{"a beat with a zone", beaten + `,"beats":[["2026-07-12T09:00:00+00:00",` + sig + `]]}]}`, "beats[0].beats[0][0]"},
		{"a beat with a fraction", beaten + `,"beats":[["2026-07-12T09:00:00.5Z",` + sig + `]]}]}`, "beats[0].beats[0][0]"},
		{"a beat of 1969", beaten + `,"beats":[["1969-07-12T09:00:00Z",` + sig + `]]}]}`, "beats[0].beats[0][0]"},
		{"a beat at a time that is none", beaten + `,"beats":[["2026-02-30T09:00:00Z",` + sig + `]]}]}`, "beats[0].beats[0][0]"},
		{"a short signature", beaten + `,"beats":[["2026-07-12T09:00:00Z",` + hash + `]]}]}`, "beats[0].beats[0][1]"},
		{"deep nesting", strings.Repeat("[", 100_000), "bundle"},
		{"deep nesting in a member", head + `,"records":` + strings.Repeat("[", 100_000), "records[0]"},
	}
}

type form struct{ name, file, item string }

// Counts and sizes are refused before anything is verified.
func TestLimits(t *testing.T) {
	fill := func(n int, list, item string) []byte {
		const head = `{"verbale":"bundle/v1","profiles":["p"],`
		s := strings.Repeat(item+",", n)
		if list == "profiles" {
			return []byte(`{"verbale":"bundle/v1","profiles":[` + s[:len(s)-1] + `]}`)
		}
		return []byte(head + `"` + list + `":[` + s[:len(s)-1] + `]}`)
	}
	const exhibit = `{"checkpoint":0,"index":0,"record":""}`
	for _, c := range []struct {
		list, item string
		most       int
	}{
		{"profiles", `""`, MaxProfiles},
		{"checkpoints", `""`, MaxCheckpoints},
		{"records", exhibit, MaxRecords},
		{"forks", `{"a":"","b":""}`, MaxForks},
		{"witnesses", `""`, MaxWitnesses},
		{"beats", `{"by":"","head":"","beats":[["2026-07-12T09:00:00Z","AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=="]]}`, MaxBeats},
	} {
		if _, err := Parse(fill(c.most, c.list, c.item)); err != nil {
			t.Errorf("%d %s: %v", c.most, c.list, err)
		}
		_, err := Parse(fill(c.most+1, c.list, c.item))
		wantError(t, nil, err, KindLimit, c.list, "B-1")
	}
	_, err := Parse(make([]byte, 100<<20))
	wantError(t, nil, err, KindLimit, "bundle", "B-1")
	w := newWorld(t)
	file := w.encode(w.public())
	padded := append(file, bytes.Repeat([]byte(" "), MaxBundle-len(file))...)
	if _, err := Parse(padded); err != nil {
		t.Errorf("%d bytes: %v", len(padded), err)
	}
	_, err = Parse(append(padded, ' '))
	wantError(t, nil, err, KindLimit, "bundle", "B-1")
}

// A bundle that was put together by hand obeys the same limits.
func TestHandMade(t *testing.T) {
	for _, b := range []*Bundle{{}, {Profiles: make([]string, MaxProfiles+1)}, {Profiles: []string{""}, Forks: make([]ForkExhibit, MaxForks+1)}} {
		v, err := Judge(b, nil)
		if _, ok := errors.AsType[*Error](err); !ok || v != nil {
			t.Errorf("Judge gave %v, %v", v, err)
		}
		if _, err := b.Encode(); err == nil {
			t.Error("Encode wrote a bundle that nobody reads")
		}
	}
	for name, edit := range map[string]func(b *Bundle){
		"a profile that is none": func(b *Bundle) { b.Profiles[0] = "x" },
		"a note that is none":    func(b *Bundle) { b.Checkpoints[0] = "x" },
		"a wrong checkpoint":     func(b *Bundle) { b.Records[0].Checkpoint = 9 },
		"a fork that is none":    func(b *Bundle) { b.Forks = []ForkExhibit{{A: "x"}} },
		"no UTF-8":               func(b *Bundle) { b.Records[0].Record += "\xff" },
		"too large":              func(b *Bundle) { b.Records[0].Record += strings.Repeat("x", MaxBundle) },
	} {
		b := newWorld(t).dispute()
		edit(b)
		if _, err := b.Encode(); err == nil {
			t.Errorf("%s: encoded", name)
		} else if _, ok := errors.AsType[*Error](err); !ok {
			t.Errorf("%s: error %T", name, err)
		}
	}
}

// No text of a party can pose as a sentence of the verdict, or act on a
// terminal: every line of it stands behind a bar, and fits.
func TestTextCannotBeImitated(t *testing.T) {
	for _, lang := range Languages() {
		t.Run(lang, func(t *testing.T) { tryToImitate(t, lang) })
	}
}

func tryToImitate(t *testing.T, lang string) {
	l := lexiconOf(lang)
	forged, heading := l.vouched, l.notProvedTitle
	w := newWorld(t)
	f := appealFields(morning)
	f.SetText("subject", "x”  "+strings.Repeat(" ", 60)+forged)
	f.SetText("summary", "a\n\n"+heading+"\n\n- nothing\n"+forged+"\n\u200b31m\u200e\u2028"+forged+"\n"+strings.Repeat("話", 500)+forged)
	f.SetText("harm", strings.Repeat("y", 79)+forged)
	e := w.write(aa, bb, f)
	p := profileFields(w.rings[aa])
	p.SetText("title", "CERT” "+forged)
	p.SetText("receipt_statement", forged+"\n"+forged)
	v := w.judge(&Bundle{
		Profiles:    []string{w.profileBy(w.rings[aa], w.box(aa, "public"), p)},
		Checkpoints: []string{string(w.head(e.box, morning).Note)},
		Records:     []Exhibit{w.exhibit(e, 0, 1, "*")},
	})
	text := inLanguage(t, v, lang)
	for n, line := range strings.Split(text, "\n") {
		ours, theirs, _ := strings.Cut(line, "| ")
		if strings.Contains(ours, forged) || strings.Contains(ours, heading) && line != heading {
			t.Errorf("line %d: %q", n+1, line)
		}
		if columns(line) > maxLineWidth {
			t.Errorf("line %d has %d columns: %q", n+1, columns(line), line)
		}
		if strings.ContainsAny(theirs, "\u200b\u200e\u2028") {
			t.Errorf("line %d: %q", n+1, line)
		}
	}
	if strings.Count(text, "\n"+heading+"\n") != 1 || !strings.Contains(text, "<U+200B>31m<U+200E><U+2028>") {
		t.Error("a party wrote a heading of ours, or a control character is not shown")
	}
}

// What is very long is cut in the text, and whole in the JSON.
func TestLongValues(t *testing.T) {
	w := newWorld(t)
	f := appealFields(morning)
	f.SetAttachments("attachments", record.Attachment{Name: "x.bin", MediaType: "application/octet-stream", Data: make([]byte, 100_000)})
	var targets []record.Observable
	for i := range 300 {
		targets = append(targets, record.Observable{Type: "domain", Value: fmt.Sprintf("h%d.example.net", i)})
	}
	f.SetObservables("targets", targets...)
	e := w.write(aa, bb, f)
	v := w.judge(&Bundle{
		Profiles:    []string{w.profile(aa)},
		Checkpoints: []string{string(w.head(e.box, morning).Note)},
		Records:     []Exhibit{w.exhibit(e, 0, 1, "*")},
	})
	text := v.Text()
	if len(text) > 100_000 || !strings.Contains(text, "… and 250 more in this file") || !strings.Contains(flat(text), "characters in all; the JSON form") {
		t.Errorf("%d bytes of text", len(text))
	}
	b, err := v.JSON()
	w.check(err)
	if len(b) < 130_000 || !bytes.Contains(b, []byte("h299.example.net")) {
		t.Errorf("%d bytes of JSON", len(b))
	}
}

func TestErrorText(t *testing.T) {
	_, err := Parse([]byte(`{"verbale":"bundle/v2"}`))
	if got := fmt.Sprint(err); got != `verbale: B-1: expected "bundle/v1", got "bundle/v2"; it is another file, or needs a newer verifier` {
		t.Error(got)
	}
	_, err = OpenProfile("x~")
	if e, _ := errors.AsType[*record.Error](err); e == nil || !strings.HasPrefix(err.Error(), "profile: B-2: ") {
		t.Errorf("the cause is lost: %v", err)
	}
}
