package main

import (
	"cmp"
	"encoding/json/jsontext"
	"fmt"
	"maps"
	"mime"
	"net/http"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"verbale/internal/node"
	"verbale/record"
)

// fieldFlags are the flags of a draft: one for each field of its act, from the table in package record.
type fieldFlags struct {
	c      *cobra.Command
	specs  map[string]record.FieldSpec // by name
	values map[string]*fieldValue
	draft  string
}

// fieldValue is what a flag was given: it is a pflag.Value.
type fieldValue struct {
	kind  string // what stands for the value in the help
	texts []string
	yes   bool
}

// String is the default, which no field has.
func (v *fieldValue) String() string { return "" }

// Set takes one more value.
func (v *fieldValue) Set(text string) error {
	v.texts = append(v.texts, text)
	return nil
}

// Type stands for the value in the help.
func (v *fieldValue) Type() string { return v.kind }

// notFlags are the fields that a command fills in itself, and those that have flags of their own.
var notFlags = []string{"act", "kind", "in_reply_to", "drafted_at", "released_at", "attachments", "nonce"}

// singular is the name of a list field's flag, where it is given once for each element.
var singular = map[string]string{"attachments": "attach", "questions": "question", "targets": "target", "indicators": "indicator", "results": "result",
	"changes": "change", "warnings": "warning", "data_classes": "data-class", "identifiers": "identifier", "path_fields": "path-field", "skills": "skill",
	"suspects": "suspect", "vulnerabilities": "vulnerability", "transactions": "transaction", "sectors": "sector", "topics": "topic",
	"proposed_times": "proposed-time"}

// newFieldFlags adds the flags of act to c; kinds are those of an appeal.
func newFieldFlags(c *cobra.Command, act string, kinds ...string) *fieldFlags {
	f := &fieldFlags{c: c, specs: map[string]record.FieldSpec{}, values: map[string]*fieldValue{}}
	if len(kinds) == 0 {
		kinds = []string{""}
	}
	for _, kind := range kinds {
		for _, spec := range record.Schema(act, kind) {
			if _, done := f.specs[spec.Name]; done || slices.Contains(notFlags, spec.Name) {
				continue
			}
			f.specs[spec.Name] = spec
			f.flag(spec, kind)
		}
	}
	c.Flags().StringVar(&f.draft, "draft", "", "JSON `FILE` with fields; flags go over it")
	c.Flags().SortFlags = false
	return f
}

func flagName(field string) string {
	if s := singular[field]; s != "" {
		field = s
	}
	return strings.ReplaceAll(field, "_", "-")
}

func (f *fieldFlags) flag(spec record.FieldSpec, kind string) {
	v := &fieldValue{kind: placeholder(spec)}
	f.values[spec.Name] = v
	name, flags := flagName(spec.Name), f.c.Flags()
	if spec.Type == record.TypeBool {
		flags.BoolVar(&v.yes, name, false, describe(spec, kind))
		return
	}
	flags.Var(v, name, describe(spec, kind))
	if spec.Words != nil {
		offer(f.c, name, spec.Words)
	}
}

// describe is the help of a field's flag.
func describe(spec record.FieldSpec, kind string) string {
	what := fieldHelp[spec.Name]
	if 0 < len(spec.Words) && len(spec.Words) <= wordsInHelp {
		what += ": " + strings.Join(spec.Words, ", ")
	}
	var asides []string
	if kind != "" && !inEnvelope(spec.Name) {
		asides = append(asides, "kind "+strings.Join(kindsWith(spec.Name), ", "))
	}
	if spec.Need == record.Mandatory && !hasDefault(spec.Name) {
		asides = append(asides, "needed")
	}
	if spec.List > 0 {
		asides = append(asides, "may be repeated")
	}
	if len(asides) > 0 {
		what += " (" + strings.Join(asides, ", ") + ")"
	}
	return what
}

func placeholder(spec record.FieldSpec) string {
	switch {
	case spec.Words != nil:
		return "WORD"
	case spec.Type == record.TypeTime:
		return "TIME"
	case spec.Type == record.TypeRef:
		return "REF"
	case spec.Type == record.TypeInt:
		return "NUMBER"
	case spec.Type == record.TypeChange:
		return "FIELD=TEXT|@FILE"
	case spec.Form == record.FormName:
		return "FIELD"
	case spec.Type == record.TypeObservable:
		return "VALUE"
	case spec.Type == record.TypeResult:
		return "STATE:TARGET"
	case spec.Type == record.TypeLong:
		return "TEXT|@FILE"
	}
	return "TEXT"
}

// hasDefault tells whether the command fills the field in.
func hasDefault(name string) bool {
	f := record.Fields{}
	f.SetText("act", "appeal")
	f.SetText("kind", record.Words("kind")[0])
	return name == "consulted_on_conditions" || name == "about" || node.Complete(f, time.Unix(0, 0), "x")[name] != nil
}

// kindsWith lists the kinds of appeal that have a field.
func kindsWith(name string) (kinds []string) {
	for _, kind := range record.Words("kind") {
		if slices.ContainsFunc(record.Schema("appeal", kind), func(s record.FieldSpec) bool { return s.Name == name }) {
			kinds = append(kinds, kind)
		}
	}
	return kinds
}

// inEnvelope tells whether every kind of appeal has the field.
func inEnvelope(name string) bool {
	for _, kind := range record.Words("kind") {
		if !slices.ContainsFunc(record.Schema("appeal", kind), func(s record.FieldSpec) bool { return s.Name == name }) {
			return false
		}
	}
	return true
}

// fields makes the draft: the file, then the flags.
func (f *fieldFlags) fields(now time.Time) (record.Fields, error) {
	out := record.Fields{}
	if f.draft != "" {
		raw, err := readFile(f.draft, record.MaxDraft)
		if err != nil {
			return nil, err
		}
		if out, err = record.ParseDraft(raw); err != nil {
			return nil, err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(f.specs)) {
		spec := f.specs[name]
		if !f.c.Flags().Changed(flagName(name)) && (spec.Type != record.TypeBool || spec.Need != record.Mandatory || out[name] != nil || !f.has(name, out)) {
			continue
		}
		if err := f.set(out, spec, now); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// has tells whether the kind of appeal that is drafted has the field; a reply has all of its act's.
func (f *fieldFlags) has(name string, draft record.Fields) bool {
	flag := f.c.Flags().Lookup("kind")
	if flag == nil {
		return true
	}
	kind := cmp.Or(flag.Value.String(), draft.Text("kind"))
	return slices.ContainsFunc(record.Schema("appeal", kind), func(s record.FieldSpec) bool { return s.Name == name })
}

// set puts what a flag was given into the draft.
func (f *fieldFlags) set(out record.Fields, spec record.FieldSpec, now time.Time) error {
	v := f.values[spec.Name]
	if spec.Type == record.TypeBool {
		out.SetBool(spec.Name, v.yes)
		return nil
	}
	values := make([]jsontext.Value, 0, len(v.texts))
	for _, text := range v.texts {
		value, err := fieldOf(spec, text, now)
		if err != nil {
			return err
		}
		values = append(values, value)
	}
	switch {
	case spec.List > 0:
		out.SetList(spec.Name, values)
	case len(values) > 1:
		return usage("--%s is given %d times; it has one value", flagName(spec.Name), len(values))
	default:
		out[spec.Name] = values[0]
	}
	return nil
}

// fieldOf reads one value of a flag.
func fieldOf(spec record.FieldSpec, text string, now time.Time) (jsontext.Value, error) {
	one := record.Fields{}
	switch spec.Type {
	case record.TypeTime:
		t, err := parseTime(text, now)
		if err != nil {
			return nil, usage("--%s: %v", flagName(spec.Name), err)
		}
		one.SetTime("v", t)
	case record.TypeObservable:
		o, ok := observed(text)
		if !ok {
			return nil, usage("--%s: %q is not recognised as an address, domain, URL, hash, AS or CVE number, or is a private address", flagName(spec.Name), text)
		}
		return o.JSON(), nil
	case record.TypeResult:
		return resultOf(text)
	case record.TypeChange:
		return changeOf(text)
	case record.TypeInt:
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return nil, usage("--%s is a number, and %q is none", flagName(spec.Name), text)
		}
		one.SetInt("v", n)
	case record.TypeRef:
		if _, err := parseReference(text); err != nil {
			return nil, err
		}
		one.SetText("v", text) // made whole by resolve
	default:
		s, err := textOf(text)
		if err != nil {
			return nil, err
		}
		if spec.Form == record.FormName {
			s = fieldNamed(s)
		}
		one.SetText("v", s)
	}
	if one["v"] == nil {
		return nil, usage("--%s is empty", flagName(spec.Name))
	}
	return one["v"], nil
}

// textOf reads a text: as it is, or @FILE; @@ is a text that begins with @.
func textOf(text string) (string, error) {
	rest, at := strings.CutPrefix(text, "@")
	if !at || strings.HasPrefix(rest, "@") {
		return rest, nil
	}
	raw, err := readFile(rest, maxTextFile)
	return strings.TrimRight(string(raw), "\n"), err
}

// seenWord stands between an observable and the second in which it was seen.
const seenWord = " seen "

// observed reads an observable as people write it, and where it is said when it was seen: 203.0.113.7:49152 seen 2026-07-09T18:00:00Z.
func observed(text string) (record.Observable, bool) {
	value, seen, said := strings.Cut(text, seenWord)
	o, ok := record.ParseObservable(value)
	if !ok || !said {
		return o, ok
	}
	at, err := time.Parse(time.RFC3339, clean(seen))
	o.SeenAt = at.UTC()
	return o, err == nil && o.Check() == nil
}

// changeOf reads FIELD=TEXT: what is said of a field now. The name may be written as its flag.
func changeOf(text string) (jsontext.Value, error) {
	name, said, ok := strings.Cut(text, "=")
	said, err := textOf(said)
	if err != nil {
		return nil, err
	}
	if !ok || name == "" || said == "" {
		return nil, usage("--change is FIELD=TEXT, as subject=\"Servers of an attack\" or summary=@facts.txt")
	}
	f := record.Fields{}
	f.SetText("field", fieldNamed(name))
	f.SetText("text", said)
	return f.JSON(), nil
}

// fieldNamed is the field that a flag, or a name as it is, stands for.
func fieldNamed(name string) string {
	name = strings.ReplaceAll(strings.TrimPrefix(name, "--"), "-", "_")
	for field, one := range singular {
		if strings.ReplaceAll(one, "-", "_") == name {
			return field
		}
	}
	return name
}

// resultOf reads STATE:TARGET.
func resultOf(text string) (jsontext.Value, error) {
	st, target, ok := strings.Cut(text, ":")
	if !ok || target == "" || !slices.Contains(record.Words("state"), st) {
		return nil, usage("--result is STATE:TARGET, with one of the states %s", strings.Join(record.Words("state"), ", "))
	}
	f := record.Fields{}
	f.SetText("state", st)
	f.SetText("target", target)
	return f.JSON(), nil
}

// parseTime reads a time of R-16, or one counted from now.
func parseTime(text string, now time.Time) (time.Time, error) {
	rest, relative := strings.CutPrefix(text, "+")
	if !relative {
		t, err := time.Parse(time.RFC3339, text)
		if err != nil {
			return t, fmt.Errorf("%q is no time: it is like 2026-07-09T18:00:00Z, +4h or +3d", text)
		}
		return t, nil
	}
	if days, ok := strings.CutSuffix(rest, "d"); ok {
		rest = days + "h"
		d, err := time.ParseDuration(rest)
		return now.Add(24 * d), err
	}
	d, err := time.ParseDuration(rest)
	return now.Add(d), err
}

// attachments reads files to go with an appeal.
func attachments(files []string) ([]record.Attachment, error) {
	var out []record.Attachment
	for _, file := range files {
		raw, err := readFile(file, record.MaxContent)
		if err != nil {
			return nil, err
		}
		if len(raw) == 0 {
			return nil, problem(node.Invalid, "", "%s is empty", file)
		}
		kind := mime.TypeByExtension(filepath.Ext(file))
		if kind == "" {
			kind = http.DetectContentType(raw)
		}
		out = append(out, record.Attachment{Name: filepath.Base(file), MediaType: kind, Data: raw})
	}
	return out, nil
}
