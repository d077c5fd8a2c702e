package main

import (
	"encoding/json/jsontext"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"verbale/internal/node"
	"verbale/record"
)

// readDraft reads a draft that is a file of its own: an entry of the directory, an arrangement.
func readDraft(file, act string) (record.Fields, error) {
	raw, err := readFile(file, maxDraftFile)
	if err != nil {
		return nil, err
	}
	f, err := record.ParseDraft(raw)
	if err != nil {
		return nil, problem(node.Invalid, "for a draft that is as it should be: verbale "+act+" example", "%s: %v", file, err)
	}
	if named := f.Text("act"); named != "" && named != act {
		return nil, problem(node.Invalid, "for a draft that is as it should be: verbale "+act+" example", "%s is a draft of the act %s, not %s", file, named, act)
	}
	f.SetText("act", act)
	return f, nil
}

// mistakes names everything that is wrong with a completed draft from a file.
func mistakes(file string, draft record.Fields) error {
	found := draft.Problems()
	if len(found) == 0 {
		return nil
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s has %s; nothing was filed", file, counted(int64(len(found)), "mistake", "mistakes"))
	for _, p := range found {
		fmt.Fprintf(&b, "\n  %s: %s (%s)", p.Field, p.Text, p.Rule)
	}
	return problem(node.Invalid, "for a draft that is as it should be: verbale "+draft.Text("act")+" example", "%s", b.String())
}

// printDraft prints an example of a draft, without what is filled in when it is filed.
func (a *app) printDraft(act string, f record.Fields) error {
	var b strings.Builder
	for _, s := range record.Schema(act, "") {
		if f[s.Name] == nil || s.Name == "act" {
			continue
		}
		value := f[s.Name].Clone()
		if s.List == 0 || s.Members == nil {
			if err := value.Indent(jsontext.WithIndentPrefix("  "), jsontext.WithIndent("  ")); err != nil {
				return err
			}
		} else {
			value = lines(f.List(s.Name))
		}
		if b.Len() > 0 {
			b.WriteString(",\n")
		}
		fmt.Fprintf(&b, "  %q: %s", s.Name, value)
	}
	a.printed = true
	_, err := io.WriteString(a.Stdout, visible("{\n"+b.String()+"\n}\n"))
	return err
}

// lines is a list with one element in a line.
func lines(list []jsontext.Value) jsontext.Value {
	var b strings.Builder
	for i, v := range list {
		one := v.Clone()
		_ = one.Compact()
		sep := ",\n   "
		if i == 0 {
			sep = "[\n   "
		}
		b.WriteString(sep + " " + string(one))
	}
	return jsontext.Value(b.String() + "\n  ]")
}

// object is an element of a list, with its members in order.
func object(members map[string]any) jsontext.Value {
	f := record.Fields{}
	for name, value := range members {
		switch v := value.(type) {
		case string:
			if v != "" {
				f.SetText(name, v)
			}
		case int64:
			f.SetInt(name, v)
		}
	}
	return f.JSON()
}

// fitted is a page in lines that fit: what a peer names may be as long as a paragraph.
func fitted(page func(w io.Writer)) func(w io.Writer) {
	return func(w io.Writer) {
		var b strings.Builder
		page(&b)
		_, _ = io.WriteString(w, fit(b.String()))
	}
}

// cell is a text in a table, a dash where there is none.
func cell(s string) string {
	if s == "" {
		return "–"
	}
	return s
}

// item writes one line of a page: a name, and behind it a text that may go on in further lines.
func item(w io.Writer, name, text string) {
	if text != "" {
		fmt.Fprintln(w, hanging(fmt.Sprintf("%-*s%s", itemName, name, text), 0, itemName))
	}
}

// marked writes texts below a heading, each with a mark before it.
func marked(w io.Writer, mark string, texts ...string) {
	for _, t := range texts {
		fmt.Fprintln(w, hanging(mark+t, 0, len(mark)))
	}
}

// warnOfExamples names the fields of a draft that nobody has edited since an example was printed: what is signed stays.
func (a *app) warnOfExamples(draft record.Fields) {
	for _, name := range slices.Sorted(maps.Keys(draft)) {
		if strings.Contains(string(draft[name]), `"Example of `) {
			a.say("note: %s still says what the example said", name)
		}
	}
}
