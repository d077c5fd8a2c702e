package main

import (
	"encoding/json/jsontext"
	"encoding/json/v2"
	"fmt"
	"io"
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
			fmt.Fprintf(w, "    %d. %s\n", i, indented(a.valueText(name, v), "       "))
		}
		return
	}
	text := a.valueText(name, f[name])
	if strings.Contains(text, "\n") {
		fmt.Fprintf(w, "%s\n    %s\n", label, indented(text, "    "))
		return
	}
	fmt.Fprintf(w, "%-20s %s\n", label, text)
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
	var o record.Observable
	if json.Unmarshal(v, &o) == nil && o.Check() == nil {
		return observableText(o)
	}
	if files := (record.Fields{"v": jsontext.Value("[" + string(v) + "]")}).Attachments("v"); len(files) == 1 {
		return fmt.Sprintf("%s (%s, %d bytes)", files[0].Name, files[0].MediaType, len(files[0].Data))
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
	return string(v)
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
