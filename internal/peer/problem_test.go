package peer

import (
	"bytes"
	"errors"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"verbale/internal/exchange"
)

// The table is the one of spec/exchange.md, row by row.
func TestTableIsTheSpecs(t *testing.T) {
	spec, err := os.ReadFile("../../spec/exchange.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := regexp.MustCompile("(?m)^\\| `([a-z-]+)` \\| ([0-9]{3}) \\|").FindAllStringSubmatch(string(spec), -1)
	if len(rows) != len(table) || len(rows) != len(exchange.Kinds()) {
		t.Errorf("the spec has %d kinds, the table %d, the package %d", len(rows), len(table), len(exchange.Kinds()))
	}
	for _, r := range rows {
		if got := strconv.Itoa(table[exchange.Kind(r[1])].status); got != r[2] {
			t.Errorf("%s has status %s here and %s in the spec", r[1], got, r[2])
		}
	}
	for _, kind := range exchange.Kinds() {
		if table[kind].title == "" {
			t.Errorf("%s has no title", kind)
		}
	}
}

func TestProblemForm(t *testing.T) {
	p := exchange.Refuse(exchange.BehindOrAhead, "X-5", nil, "this end holds 12 entries")
	p.Size, p.Receipt = 12, []byte("note\n")
	status, doc := encodeProblem(p)
	const want = `{"type":"urn:verbale:problem:behind-or-ahead","title":"The copies stand at different sizes","status":409,` +
		`"detail":"this end holds 12 entries","rule":"X-5","size":"12","receipt":"note\n"}`
	if status != 409 || string(doc) != want {
		t.Errorf("encodeProblem = %d %s, want %s", status, doc, want)
	}
}

// Members that do not belong to the kind stay at home; so does what is no text. The kind always arrives.
func TestEncodeKeepsToTheForm(t *testing.T) {
	for name, p := range map[string]*exchange.Problem{
		"evidence with another kind": {Kind: exchange.Busy, Ours: []byte("secret"), Theirs: []byte("secret"), Receipt: []byte("secret"), Size: 99},
		"notes that are no text":     {Kind: exchange.ForkFound, Ours: []byte("secret\xff"), Theirs: []byte("secret")},
		"a note beyond all limits":   {Kind: exchange.BehindOrAhead, Size: 4, Receipt: []byte(strings.Repeat("secret", 20000))},
		"a rule that is a sentence":  {Kind: exchange.Malformed, Rule: "X-5 secret"},
	} {
		status, doc := encodeProblem(p)
		got, err := decodeProblem(status, doc)
		if err != nil || got.Kind != p.Kind || strings.Contains(string(doc), "secret") {
			t.Errorf("%s: %s (%v)", name, doc, err)
		}
	}
	odd := &exchange.Problem{Kind: exchange.Busy, Detail: "a\nb\x1b[31m\u202e\xff" + strings.Repeat("é", maxDetailBytes)}
	got, err := decodeProblem(encodeProblem(odd))
	if err != nil || !strings.HasPrefix(got.Detail, "a?b?[31m??éé") || len(got.Detail) > maxDetailBytes {
		t.Errorf("%v, %v", got, err)
	}
}

func TestDecodeRefuses(t *testing.T) {
	const good = `{"type":"urn:verbale:problem:behind-or-ahead","title":"t","status":409,"detail":"d","size":"12","receipt":"note\n"}`
	if _, err := decodeProblem(409, []byte(good)); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string][2]string{
		"another namespace":         {"urn:verbale:problem:", "https://verbale/"},
		"an unknown kind":           {"behind-or-ahead", "behind"},
		"an empty kind":             {"behind-or-ahead", ""},
		"a status that differs":     {"409", "503"},
		"a status as text":          {"409", `"409"`},
		"a fractional status":       {"409", "409.5"},
		"an unknown member":         {`"title"`, `"instance":"/x","title"`},
		"a member in another case":  {`"title"`, `"Title"`},
		"a member twice":            {`"title"`, `"size":"12","title"`},
		"a size as number":          {`"12"`, "12"},
		"a size with a zero before": {`"12"`, `"012"`},
		"a negative size":           {`"12"`, `"-1"`},
		"a size beyond int64":       {`"12"`, `"9223372036854775808"`},
		"no size":                   {`"size":"12",`, ""},
		"evidence with that kind":   {`"receipt"`, `"ours"`},
		"a detail of two lines":     {`"d"`, `"a\nb"`},
		"a detail with an escape":   {`"d"`, `"\u001b[2J"`},
		"a detail without end":      {`"d"`, `"` + strings.Repeat("d", maxDetailBytes+1) + `"`},
		"a rule that is none":       {`"size"`, `"rule":"see X-5","size"`},
		"a note over the limit":     {"note", strings.Repeat("n", exchange.MaxNoteBytes)},
		"a document over the limit": {`{"type"`, strings.Repeat(" ", maxProblemBytes) + `{"type"`},
		"more after the document":   {`note\n"}`, `note\n"}{}`},
		"an array":                  {`{"type"`, `[{"type"`},
		"invalid UTF-8":             {`"d"`, "\"\xff\""},
	} {
		bad := strings.Replace(good, change[0], change[1], 1)
		if bad == good {
			t.Fatalf("%s: nothing was changed", name)
		}
		if p, err := decodeProblem(409, []byte(bad)); err == nil {
			t.Errorf("%s was taken: %+v", name, p)
		}
	}
}

// Whatever is taken can be written again and read back as the same.
func FuzzDecodeProblem(f *testing.F) {
	for _, kind := range exchange.Kinds() {
		status, doc := encodeProblem(problemOf(kind))
		f.Add(status, doc)
	}
	f.Add(503, []byte(`{"type":"urn:verbale:problem:busy","title":"t","status":503,"detail":"d","detail":"e"}`))
	f.Fuzz(func(t *testing.T, status int, doc []byte) {
		p, err := decodeProblem(status, doc)
		if err != nil {
			return
		}
		again, written := encodeProblem(p)
		if again != status {
			t.Fatalf("status %d became %d", status, again)
		}
		q, err := decodeProblem(again, written)
		if err != nil || differs(p, q) {
			t.Fatalf("%s became %s: %v", doc, written, err)
		}
	})
}

// differs tells whether two problems that crossed the wire are not the same. A nil note and an empty one are not, either.
func differs(p, q *exchange.Problem) bool {
	same := func(a, b []byte) bool { return (a == nil) == (b == nil) && bytes.Equal(a, b) }
	return p.Kind != q.Kind || p.Rule != q.Rule || p.Detail != q.Detail || p.Size != q.Size ||
		!same(p.Receipt, q.Receipt) || !same(p.Ours, q.Ours) || !same(p.Theirs, q.Theirs) || errors.Unwrap(p) != nil || errors.Unwrap(q) != nil
}
