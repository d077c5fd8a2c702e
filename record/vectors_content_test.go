package record

import (
	"encoding/json/jsontext"
	"slices"
	"strings"
	"testing"
)

// contentVector is a case of spec/vectors/record-content.json: a leaf with
// its plaintext content, read as a whole (expect) and, without its padding,
// as a presentation (expect_presented).
type contentVector struct {
	Name            string `json:"name"`
	Rule            string `json:"rule"`
	Leaf            string `json:"leaf"`
	Content         string `json:"content"`
	Expect          string `json:"expect"`
	Error           Kind   `json:"error,omitempty"`
	ExpectPresented string `json:"expect_presented"`
	ErrorPresented  Kind   `json:"error_presented,omitempty"`
	Unknown         bool   `json:"unknown,omitempty"`
	Hidden          int    `json:"hidden,omitempty"` // elements, in the presentation
	Fields          string `json:"fields,omitempty"` // of whichever is accepted
}

// contentCase is what a contentVector is made of: a script for the forge.
type contentCase struct {
	name, rule string
	kind       Kind // empty: accept
	presented  Kind // of the presentation; empty: as the whole
	passes     bool // the presentation is accepted although the whole is not
	script     string
	outbox     string                    // empty: testOutbox
	content    func(plain string) string // what to make of the content
}

// with returns the script of fields with some changed: pairs of name and
// value; an empty value removes the field.
func with(f Fields, changes ...string) string {
	f = f.Clone()
	for i := 0; i < len(changes); i += 2 {
		if changes[i+1] == "" {
			delete(f, changes[i])
			continue
		}
		f[changes[i]] = jsontext.Value(changes[i+1])
	}
	return script(f)
}

// unknown returns the script of an act that nobody knows, with one more
// line, whose name must come after "act" and "aword".
func unknownAct(lines ...string) string {
	return "field act \"consult\"\nfield aword 1\n" + strings.Join(lines, "\n")
}

func contentCases() []contentCase {
	return slices.Concat(contentAccepted(), contentForm(), contentNames(), contentLists(), contentOrder(),
		contentPadding(), contentTexts(), contentTimes(), contentNumbers(), contentSchema(), contentLimits(), contentObjects())
}

func contentAccepted() []contentCase {
	var cases []contentCase
	acts := testActs()
	for _, name := range sortedKeys(acts) {
		cases = append(cases, contentCase{name: "full " + name, rule: "R-18", script: script(acts[name])})
	}
	forty := unknownAct()
	for ch := 'a'; ch <= 'z'; ch++ {
		forty += "field b" + string(ch) + " true\n"
	}
	return append(cases,
		contentCase{name: "public profile", rule: "R-5", script: script(testProfile()), outbox: publicOutbox},
		contentCase{name: "unknown act", rule: "R-18", script: unknownAct("field when \"soon\"", "list zlist 4 5", "element [1,{\"a\":null}]", "element \"x\"")},
		contentCase{name: "unknown kind of an appeal", rule: "R-18", script: "field act \"appeal\"\nfield kind \"takedown\"\nfield subject 7"},
		contentCase{name: "known act beside an unknown kind that is none", rule: "R-18", script: "field act \"consult\"\nfield kind 7"},
		contentCase{name: "28 fields among 32 digests", rule: "R-6", script: strings.TrimSpace(forty)},
		contentCase{name: "a second face: another value of a field, left out", rule: "R-6", kind: KindDigest, passes: true,
			script: strings.TrimSpace(script(testReply("ping"))) + "\nhide field act \"appeal\"\nhide field kind \"mitigate\""},
		contentCase{name: "a field left out", rule: "R-6", kind: KindDigest, passes: true, script: unknownAct("hide field b 1")},
		contentCase{name: "name of digits", rule: "R-9", script: "field 0 1\nfield act \"consult\""},
		contentCase{name: "name of 40 letters", rule: "R-9", script: unknownAct("field " + strings.Repeat("b", 40) + " 1")},
		contentCase{name: "no padding", rule: "R-13", script: script(testReply("ping")), content: func(s string) string { return s }},
		contentCase{name: "one space", rule: "R-13", script: script(testReply("ping")), content: func(s string) string { return s + " " }},
		contentCase{name: "the most spaces", rule: "R-13", script: script(testReply("ping")), content: func(s string) string {
			return s + strings.Repeat(" ", maxPadding(len(s)))
		}},
	)
}

func sortedKeys(m map[string]Fields) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func contentForm() []contentCase {
	raw := func(name, rule, text string) contentCase {
		return contentCase{name: name, rule: rule, kind: KindForm, script: unknownAct("raw " + text)}
	}
	const salt = `"AAECAwQFBgcICQoLDA0ODw"`
	return []contentCase{
		{name: "this one passes", rule: "R-7", script: unknownAct("raw [" + salt + `,"b",1]`)},
		raw("a space after a comma, as RFC 9901 prints it", "R-7", "["+salt+`, "b",1]`),
		raw("a space before the value", "R-7", "["+salt+`,"b", 1]`),
		raw("a space at the end", "R-7", "["+salt+`,"b",1] `),
		raw("text after it", "R-7", "["+salt+`,"b",1]1`),
		raw("four members", "R-7", "["+salt+`,"b",1,2]`),
		raw("one member", "R-7", "["+salt+`]`),
		raw("an object", "R-8", `{"b":1}`),
		raw("not closed", "R-7", "["+salt+`,"b",1`),
		raw("no value", "R-7", "["+salt+`,"b",]`),
		raw("not JSON", "R-7", "["+salt+`,"b",nul]`),
		raw("an escaped letter", "R-7", "["+salt+`,"b","\u0061"]`),
		raw("an escaped slash", "R-7", "["+salt+`,"b","\/"]`),
		raw("members of a value out of order", "R-7", "["+salt+`,"b",{"b":1,"a":1}]`),
		raw("members of a value twice", "R-7", "["+salt+`,"b",{"a":1,"a":1}]`),
		raw("a comma too many", "R-7", "["+salt+`,"b",{"a":1,}]`),
		raw("salt of 15 bytes", "R-8", `["AAECAwQFBgcICQoLDA0O","b",1]`),
		raw("salt of 17 bytes", "R-8", `["AAECAwQFBgcICQoLDA0ODxA","b",1]`),
		raw("salt with unused bits", "R-8", `["AAECAwQFBgcICQoLDA0ODx","b",1]`),
		raw("salt in the standard alphabet", "R-8", `["AAECAwQFBgcICQoLDA+/Dw","b",1]`),
		raw("salt that is a number", "R-8", `[1,"b",1]`),
		{name: "padding in base64url", rule: "R-7", kind: KindForm, script: unknownAct("b64 WyJBQUVDQXdRRkJnY0lDUW9MREEwT0R3IiwiYiIsMV0=")},
		{name: "unused bits in base64url", rule: "R-7", kind: KindForm, script: unknownAct("b64 WyJBQUVDQXdRRkJnY0lDUW9MREEwT0R3IiwiYiIsMV1")},
		{name: "an empty disclosure", rule: "R-8", kind: KindForm, script: unknownAct("b64 ")},
		{name: "a line feed in base64url", rule: "R-7", kind: KindForm, script: script(testReply("ping")), content: func(s string) string {
			return s[:8] + "\n" + s[8:]
		}},
	}
}

func contentNames() []contentCase {
	name := func(what, n string) contentCase {
		return contentCase{name: "name " + what, rule: "R-9", kind: KindForm, script: "raw [\"AAECAwQFBgcICQoLDA0ODw\",\"" + n + "\",1]\nfield act \"consult\""}
	}
	return []contentCase{
		name("empty", ""), name("_sd", "_sd"), name("...", "..."), name("with a capital", "Act"),
		name("with a hyphen", "a-b"), name("of 41 letters", strings.Repeat("a", 41)), name("with an escape", `a\"b`),
		{name: "name twice", rule: "R-9", kind: KindForm, script: unknownAct("field b 1", "field b 2")},
		{name: "the same disclosure twice", rule: "R-9", kind: KindForm, script: unknownAct("field b 1", "twin 2")},
		{name: "digest not in the leaf", rule: "R-9", kind: KindDigest, script: unknownAct("free field b 1")},
		{name: "disclosure of another salt", rule: "R-9", kind: KindDigest, script: script(testReply("ping")), content: func(s string) string {
			first, rest, _ := strings.Cut(s, "~")
			text, _ := decode64(nil, []byte(first))
			copy(text[2:], "another-salt-that-is-A") // 22 characters, as good as the one before
			return b64.EncodeToString(text) + "~" + rest
		}},
	}
}

func contentLists() []contentCase {
	list := func(name, rule string, kind Kind, lines ...string) contentCase {
		return contentCase{name: name, rule: rule, kind: kind, script: unknownAct(lines...)}
	}
	const salt = `"AAECAwQFBgcICQoLDA0ODw"`
	return []contentCase{
		list("list of one", "R-10", "", "list b 3", "element 1"),
		list("two lists", "R-10", "", "list b 3", "element 1", "list c 5 6", "element 1", "element 1"),
		list("a plain array", "R-10", KindForm, "field b [1,2]"),
		list("an empty list", "R-10", KindForm, "list b"),
		list("a list of digests without their object", "R-10", KindForm, "raw ["+salt+`,"b",["$3"]]`, "element 1"),
		list("an element with a further member", "R-10", KindForm, "raw ["+salt+`,"b",[{"...":"$3","a":1}]]`, "element 1"),
		list("a list that mixes digests and values", "R-10", KindForm, "raw ["+salt+`,"b",[{"...":"$3"},1]]`, "element 1"),
		list("a short digest in a list", "R-10", KindForm, `field b [{"...":"AAAA"}]`),
		list("_sd in a value", "R-10", KindForm, `field b {"_sd":["$1"]}`),
		list("_sd deep in a value", "R-10", KindForm, `field b {"a":[{"_sd":[]}]}`),
		list("... in a value", "R-19", KindForm, `field b {"...":"$1"}`),
		list("a list in a list", "R-19", KindForm, "list b 3", `element [{"...":"$1"}]`),
		list("an element of no list", "R-11", KindDigest, "field b 1", "element 1"),
		list("an element whose digest is in the leaf", "R-11", KindDigest, "raw ["+salt+`,1]`),
		{name: "a field whose digest is in a list", rule: "R-12", kind: KindField, presented: KindDigest,
			script: unknownAct("list b 3 4", "element 1", "free field c 1")},
		list("an element of another list", "R-11", KindDigest, "list b 3", "element 1", "element 2"),
		list("an element twice in a list", "R-11", KindForm, "list b 3 3", "element 1", "twin 3"),
		list("an element in two lists", "R-11", KindForm, "list b 3", "element 1", "list c 3", "twin 3"),
		list("an element whose digest is in the leaf too", "R-11", KindForm, "list b 3", "raw ["+salt+`,1]`),
		{name: "an element missing", rule: "R-12", kind: KindField, passes: true, script: unknownAct("list b 3 4", "hide element 1", "element 2")},
		{name: "all elements missing", rule: "R-12", kind: KindField, passes: true, script: unknownAct("list b 3 4", "hide element 1", "hide element 2")},
	}
}

func contentOrder() []contentCase {
	edit := func(name string, kind Kind, f func(string) string) contentCase {
		return contentCase{name: name, rule: "R-12", kind: kind, script: script(testAppeal("mitigate")), content: f}
	}
	return []contentCase{
		{name: "fields out of order", rule: "R-12", kind: KindForm, script: "field b 1\nfield act \"consult\""},
		{name: "elements out of order", rule: "R-11", kind: KindDigest, script: unknownAct("list b 4 3", "element 1", "element 2")},
		{name: "elements before their list", rule: "R-11", kind: KindDigest, script: unknownAct("element 1", "list b 2")},
		{name: "a field between a list and its elements", rule: "R-12", kind: KindField, presented: KindDigest, script: unknownAct("list b 4", "field c 1", "element 1")},
		edit("no tilde at the end", KindForm, func(s string) string { return s[:len(s)-1] }),
		{name: "a tilde before it", rule: "R-8", kind: KindForm, script: script(testReply("ping")), content: func(s string) string { return "~" + s }},
		{name: "two tildes", rule: "R-8", kind: KindForm, script: script(testReply("ping")), content: func(s string) string { return s + "~" }},
		{name: "nothing disclosed", rule: "R-12", kind: KindForm, passes: true, script: script(testReply("ping")), content: func(string) string { return "" }},
		{name: "a field left out that is optional", rule: "R-6", kind: KindDigest, passes: true, script: script(testProfile()), content: func(s string) string {
			return dropField(s, `"jurisdiction"`)
		}},
	}
}

// dropField leaves a field's disclosure out.
func dropField(content, quoted string) string {
	var kept strings.Builder
	for d := range strings.SplitAfterSeq(content, "~") {
		text, _ := decode64(nil, []byte(strings.TrimSuffix(d, "~")))
		if !strings.Contains(string(text), quoted) {
			kept.WriteString(d)
		}
	}
	return kept.String()
}

func contentPadding() []contentCase {
	edit := func(name, rule string, kind Kind, passes bool, f func(string) string) contentCase {
		return contentCase{name: name, rule: rule, kind: kind, passes: passes, script: script(testReply("ping")), content: f}
	}
	return []contentCase{
		edit("one space too many", "R-13", KindLimit, true, func(s string) string { return s + strings.Repeat(" ", maxPadding(len(s))+1) }),
		edit("padding of tabs", "R-12", KindForm, false, func(s string) string { return s + "\t" }),
		edit("padding of line feeds", "R-12", KindForm, false, func(s string) string { return s + "\n" }),
		edit("padding of zero bytes", "R-12", KindForm, false, func(s string) string { return s + "\x00" }),
		edit("a space before it", "R-7", KindForm, false, func(s string) string { return " " + s }),
		edit("a space inside", "R-7", KindForm, false, func(s string) string { return strings.Replace(s, "~", "~ ", 1) }),
		{name: "public content that the leaf does not name", rule: "R-5", kind: KindDigest, passes: true, outbox: publicOutbox,
			script: script(testProfile()), content: func(s string) string { return dropField(s, `"jurisdiction"`) }},
		{name: "public content cut to half a field", rule: "R-5", kind: KindDigest, presented: KindForm, outbox: publicOutbox,
			script: script(testProfile()), content: func(s string) string { return s[:len(s)-9] }},
	}
}

// make builds the vector of a case.
func (c contentCase) make(tb testing.TB, seed byte) contentVector {
	outbox := c.outbox
	if outbox == "" {
		outbox = testOutbox
	}
	leaf, content := forgeScript(tb, c.script, outbox, seed)
	if c.content != nil {
		content = c.content(content)
	} else if outbox == testOutbox {
		content = string(pad([]byte(content)))
	}
	v := contentVector{Name: c.name, Rule: c.rule, Leaf: leaf, Content: content, Expect: "accept", ExpectPresented: "accept"}
	if c.kind == "" {
		return v
	}
	v.Expect, v.Error = "reject", c.kind
	if !c.passes {
		v.ExpectPresented, v.ErrorPresented = "reject", c.kind
	}
	if c.presented != "" {
		v.ErrorPresented = c.presented
	}
	return v
}
