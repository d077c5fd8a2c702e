package main

import (
	"encoding/json/jsontext"
	"encoding/json/v2"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"verbale/record"
)

// fieldsText shows fields in the order of acts.md, as they are: nothing is defanged or refanged, and no element of a list is left out without a word.
// The fields named by without are told elsewhere.
func (a *app) fieldsText(w io.Writer, f record.Fields, full bool, without ...string) {
	for _, name := range fieldOrder(f) {
		if !slices.Contains(without, name) {
			a.fieldText(w, name, f, full)
		}
	}
}

// fieldOrder is the fields that are there, those of the schema first.
func fieldOrder(f record.Fields) []string {
	var names []string
	for _, spec := range record.Schema(f.Text("act"), f.Text("kind")) {
		if f[spec.Name] != nil {
			names = append(names, spec.Name)
		}
	}
	var others []string
	for name := range f {
		if !slices.Contains(names, name) {
			others = append(others, name)
		}
	}
	slices.Sort(others)
	return append(names, others...)
}

func (a *app) fieldText(w io.Writer, name string, f record.Fields, full bool) {
	label := "  " + name
	if list := f.List(name); list != nil {
		fmt.Fprintf(w, "%s (%d)\n", label, len(list))
		for i, v := range list {
			if i == shownAtMost && !full {
				fmt.Fprintf(w, "    … and %d more; all of them: --full\n", len(list)-i)
				break
			}
			fmt.Fprintln(w, hanging(fmt.Sprintf("    %d. %s", i, a.valueText(name, v)), 0, len("    0. ")))
		}
		return
	}
	text := a.valueText(name, f[name])
	if strings.Contains(text, "\n") {
		fmt.Fprintf(w, "%s\n%s\n", label, hanging(text, len("    "), len("    ")))
		return
	}
	fmt.Fprintln(w, hanging(fmt.Sprintf("%-20s %s", label, text), 0, valueColumn))
}

func indented(text, by string) string { return strings.ReplaceAll(text, "\n", "\n"+by) }

// valueText shows one value.
func (a *app) valueText(name string, v jsontext.Value) string {
	one := record.Fields{"v": v}
	if t := one.Time("v"); !t.IsZero() {
		return a.when(t)
	}
	if s := one.Text("v"); s != "" {
		if name == "tlp" {
			return a.tlp(s)
		}
		return s
	}
	if ref, ok := one.Ref("v"); ok {
		return a.refText(ref)
	}
	var o record.Observable
	if json.Unmarshal(v, &o) == nil && o.Check() == nil {
		return observableText(o)
	}
	if files := (record.Fields{"v": jsontext.Value("[" + string(v) + "]")}).Attachments("v"); len(files) == 1 {
		return fmt.Sprintf("%s (%s, %d bytes)", files[0].Name, files[0].MediaType, len(files[0].Data))
	}
	if change := asFields(v); len(change) == 2 && change.Text("field") != "" && change.Text("text") != "" {
		return change.Text("field") + ": " + change.Text("text")
	}
	var r struct {
		State  string `json:"state"`
		Target string `json:"target"`
		Note   string `json:"note"`
	}
	if json.Unmarshal(v, &r, json.RejectUnknownMembers(true)) == nil {
		return withNote(r.State+" "+r.Target, r.Note)
	}
	if text := tallyValue(v); text != "" {
		return text
	}
	if o := asFields(v); len(o) > 0 {
		return a.objectText(o)
	}
	return string(v)
}

// objectText shows the members of an object that has no form of its own.
func (a *app) objectText(o record.Fields) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(o)) {
		parts = append(parts, name+" "+a.valueText(name, o[name]))
	}
	return strings.Join(parts, ", ")
}

// asFields reads an object as fields; what is none has no fields.
func asFields(v jsontext.Value) record.Fields {
	var f record.Fields
	if json.Unmarshal(v, &f) != nil {
		return nil
	}
	return f
}

func withNote(s, note string) string {
	if note == "" {
		return s
	}
	return s + " – " + note
}

func observableText(o record.Observable) string {
	s := o.Type + " " + o.Value
	if o.Port != 0 {
		s += fmt.Sprintf(" port %d", o.Port)
	}
	if !o.SeenAt.IsZero() {
		s += " seen " + o.SeenAt.UTC().Format(time.RFC3339)
	}
	return withNote(s, o.Note)
}
