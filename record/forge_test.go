package record

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// A forge makes records that Compose would not: disclosures of any text, in
// any order, with digests committed to or not.
//
// A script has one line for each disclosure, in the order of the content:
//
//	field act "ping"          ["<salt>","act","ping"], committed to in the leaf
//	list targets 2 3          a list field whose digests are those of lines 2 and 3
//	element {"a":1}           ["<salt>",{"a":1}]
//	raw ["…",1]               this text as it stands; committed to in the leaf
//	b64 abc=                  these characters as they stand; committed to
//	hide element "x"          any of these, left out of the content
//	free field act "ping"     any of these, but not committed to in the leaf
//	twin 2                    line 2 once more
//
// Lines are counted from 0. $0 in a text stands for the digest of line 0.
type forge struct {
	digests []string // for _sd
	lines   []forged
}

type forged struct{ disclosure, digest string }

// forgeScript makes the leaf and the unpadded content of a script.
func forgeScript(tb testing.TB, script, outbox string, seed byte) (leaf, content string) {
	tb.Helper()
	lines := strings.Split(strings.Trim(script, "\n"), "\n")
	g := forge{lines: make([]forged, len(lines))}
	rand := seeded(seed)
	// Lines that name no other first, then twins, then what needs digests.
	for pass := range 3 {
		for i := len(lines) - 1; i >= 0; i-- {
			if passOf(lines[i]) != pass {
				continue
			}
			var salt [saltBytes]byte
			_, _ = rand.Read(salt[:])
			lines[i] = g.line(i, lines[i], b64.EncodeToString(salt[:]))
		}
	}
	var b strings.Builder
	for i, word := range lines {
		if word != doneHidden {
			b.WriteString(g.lines[i].disclosure + "~")
		}
	}
	return g.leaf(outbox, b.String(), rand), b.String()
}

// What stands in the place of a line that is made.
const (
	doneShown  = "\x00shown"
	doneHidden = "\x00hidden"
)

// passOf returns when a line can be made; -1 for never again.
func passOf(line string) int {
	switch {
	case line == doneShown || line == doneHidden:
		return -1
	case strings.HasPrefix(line, "twin "):
		return 1
	case strings.Contains(line, "list ") || strings.Contains(line, "$"):
		return 2
	}
	return 0
}

// line makes one line, and returns whether it is shown.
func (g *forge) line(i int, line, salt string) string {
	hide, committed := doneShown, true
	for {
		word, rest, _ := strings.Cut(line, " ")
		switch word {
		case "hide":
			hide, line = doneHidden, rest
			continue
		case "free":
			committed, line = false, rest
			continue
		case "element", "twin":
			committed = false
		}
		text := g.text(word, g.expand(rest), salt)
		if word != "b64" && word != "twin" {
			text = b64.EncodeToString([]byte(text))
		}
		g.lines[i] = forged{text, digestOfDisclosure([]byte(text))}
		break
	}
	if committed && !slices.Contains(g.digests, g.lines[i].digest) {
		g.digests = append(g.digests, g.lines[i].digest)
	}
	return hide
}

// text returns the JSON text of a disclosure.
func (g *forge) text(word, rest, salt string) string {
	switch word {
	case "field":
		name, value, _ := strings.Cut(rest, " ")
		return `["` + salt + `","` + name + `",` + value + `]`
	case "element":
		return `["` + salt + `",` + rest + `]`
	case "list":
		names := strings.Fields(rest + " x")
		names = names[:max(1, len(names)-1)]
		value := "["
		for i, n := range names[1:] {
			if i > 0 {
				value += ","
			}
			at, err := strconv.Atoi(n)
			if err == nil && at >= 0 && at < len(g.lines) {
				value += elementStart + g.lines[at].digest + elementEnd
			}
		}
		return `["` + salt + `","` + names[0] + `",` + value + `]]`
	case "twin":
		at, err := strconv.Atoi(rest)
		if err != nil || at < 0 || at >= len(g.lines) {
			return ""
		}
		return g.lines[at].disclosure
	}
	return rest // raw, b64
}

// expand puts digests in the place of $0, $1 and so on.
func (g *forge) expand(s string) string {
	if !strings.Contains(s, "$") {
		return s
	}
	for i := len(g.lines) - 1; i >= 0; i-- {
		s = strings.ReplaceAll(s, "$"+strconv.Itoa(i), g.lines[i].digest)
	}
	return s
}

// leaf makes a leaf with the digests of g and decoys, signed by testKey.
func (g *forge) leaf(outbox, content string, rand io.Reader) string {
	stored := DigestOf([]byte(content))
	n := len(g.digests)
	digests := slices.Concat(g.digests, decoys([]byte(content), max(16, digestSlots(n))-n))
	slices.Sort(digests)
	var jti [saltBytes]byte
	_, _ = io.ReadFull(rand, jti[:])
	payload := appendPayload(nil, digests, stored, b64.EncodeToString(jti[:]), outbox)
	return rawLeaf(string(appendHeader(nil, testKID())), string(payload))
}

func randomDigest(rand io.Reader) string {
	var b [digestBytes]byte
	_, _ = io.ReadFull(rand, b[:])
	return b64.EncodeToString(b[:])
}

// rawLeaf signs any header and payload.
func rawLeaf(header, payload string) string {
	input := b64.EncodeToString([]byte(header)) + "." + b64.EncodeToString([]byte(payload))
	sig, _ := testSign([]byte(input))
	return input + "." + b64.EncodeToString(sig)
}

// script writes fields as a script for the forge, to be edited by a case.
func script(f Fields) string {
	var b bytes.Buffer
	n := 0
	for _, name := range sortedNames(f) {
		list := f.List(name)
		if list == nil {
			fmt.Fprintf(&b, "field %s %s\n", name, f[name])
			n++
			continue
		}
		fmt.Fprintf(&b, "list %s", name)
		for i := range list {
			fmt.Fprintf(&b, " %d", n+1+i)
		}
		b.WriteByte('\n')
		for _, v := range list {
			fmt.Fprintf(&b, "element %s\n", v)
		}
		n += 1 + len(list)
	}
	return b.String()
}

func sortedNames(f Fields) []string {
	names := make([]string, 0, len(f))
	for name := range f {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// The examples that RFC 9901 §4.2 publishes. The digest function must agree;
// refuse them all the same, for they are not in the RFC 8785 form.
func TestDigestsOfRFC9901(t *testing.T) {
	for _, c := range rfc9901 {
		if got := digestOfDisclosure([]byte(c.Disclosure)); got != c.Digest {
			t.Errorf("%s: got digest %s, want %s", c.Name, got, c.Digest)
		}
		text, ok := decode64(nil, []byte(c.Disclosure))
		if !ok {
			t.Fatalf("%s: not base64url", c.Name)
		}
		var d disclosure
		err := d.parse(text)
		e, isError := err.(*Error)
		if !isError || e.Kind != KindForm {
			t.Errorf("%s: got %v, want it refused for its form", c.Name, err)
		}
	}
	// The same disclosure with a salt of R-8 and no space is accepted.
	var d disclosure
	if err := d.parse([]byte(`["lklxF5jMYlGTPUovMNIvCA","FR"]`)); err != nil {
		t.Errorf("the array element without the space: %v", err)
	}
	wantError(t, d.parse([]byte(`["lklxF5jMYlGTPUovMNIvCA", "FR"]`)), KindForm, "R-7")
}

// rfc9901 is in spec/vectors too.
var rfc9901 = []digestVector{
	{Name: "RFC 9901 §4.2.1, family_name", Disclosure: "WyJfMjZiYzRMVC1hYzZxMktJNmNCVzVlcyIsICJmYW1pbHlfbmFtZSIsICJNw7ZiaXVzIl0", Digest: "X9yH0Ajrdm1Oij4tWso9UzzKJvPoDxwmuEcO3XAdRC0"},
	{Name: "RFC 9901 §4.2.2, array element FR", Disclosure: "WyJsa2x4RjVqTVlsR1RQVW92TU5JdkNBIiwgIkZSIl0", Digest: "w0I8EKcdCtUPkGCNUrfwVp2xEgNjtoIDlOxc9-PlOhs"},
}

type digestVector struct {
	Name       string `json:"name"`
	Rule       string `json:"rule"`
	Disclosure string `json:"disclosure"`
	Digest     string `json:"digest"`
}

// TestLeafHash pins the hash of RFC 6962 §2.1.
func TestLeafHash(t *testing.T) {
	r, _ := build(t, testReply("ping"), testOutbox, 1)
	if want := sha256.Sum256(append([]byte{0}, r.Bytes()...)); r.LeafHash() != want {
		t.Errorf("got %x, want %x", r.LeafHash(), want)
	}
}
