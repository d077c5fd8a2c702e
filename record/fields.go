package record

import (
	"encoding/json/jsontext"
	"maps"
	"slices"
	"time"
)

// Fields are the fields of a record by name, each value in its RFC 8785
// form. A list field is a JSON array of its elements; of a partial content
// it has those that were shown. The slices must not be changed in place.
type Fields map[string]jsontext.Value

// ParseDraft reads a draft: a JSON object without duplicate names. It brings
// the values into their RFC 8785 form, and checks,
// but holds them against no schema: see [Fields.Check].
func ParseDraft(b []byte) (Fields, error) {
	if len(b) > MaxDraft {
		return nil, fail(KindLimit, "R-14", "a draft is at most %d bytes, got %d; send less in one record", MaxDraft, len(b))
	}
	v := jsontext.Value(slices.Clone(b))
	if err := v.Canonicalize(); err != nil {
		return nil, fail(KindForm, "R-7", "a draft is one JSON object in UTF-8 without duplicate names, but it does not parse; correct the JSON")
	}
	c := cursor{b: v}
	if c.peek() != '{' {
		return nil, fail(KindForm, "R-7", "a draft is a JSON object, got %s", brief(v))
	}
	f := make(Fields)
	err := c.members(func(name []byte) error {
		if err := checkName(name); err != nil {
			return err
		}
		start := c.i
		if err := c.draftValue(); err != nil {
			return within(string(name), err)
		}
		f[string(name)] = jsontext.Value(c.b[start:c.i:c.i])
		return nil
	})
	if err != nil {
		return nil, err
	}
	return f, nil
}

// draftValue reads a field's value in a draft, where a list may be empty yet.
func (c *cursor) draftValue() error {
	if c.peek() != '[' {
		return c.value(0)
	}
	return c.elements(func(int) error { return c.value(0) })
}

// JSON returns the fields as one object in its RFC 8785 form, which
// ParseDraft reads back.
func (f Fields) JSON() jsontext.Value {
	b := []byte{'{'}
	for i, name := range slices.Sorted(maps.Keys(f)) {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(append(b, quote(name)...), ':')
		b = append(b, f[name]...)
	}
	return append(b, '}')
}

// Text returns a text or a word, "" if the field is missing or no text.
func (f Fields) Text(name string) string {
	s, _ := unquote(f[name])
	return s
}

// unquote returns the text that v is.
func unquote(v []byte) (string, bool) {
	if len(v) < 2 || v[0] != '"' || v[len(v)-1] != '"' {
		return "", false
	}
	if !slices.Contains(v, '\\') {
		return string(v[1 : len(v)-1]), true
	}
	b, err := jsontext.AppendUnquote(nil, v)
	return string(b), err == nil
}

// Time returns a time, zero if the field is missing or no time.
func (f Fields) Time(name string) time.Time {
	v := f[name]
	if len(v) != len(timeForm)+2 {
		return time.Time{}
	}
	t, ok := parseTime(v[1 : len(v)-1])
	if !ok {
		return time.Time{}
	}
	return t
}

// Bool reports whether the field is true.
func (f Fields) Bool(name string) bool { return string(f[name]) == "true" }

// List returns the elements of a list field, nil if it is missing or no list.
func (f Fields) List(name string) []jsontext.Value {
	c := cursor{b: f[name]}
	if c.peek() != '[' {
		return nil
	}
	var list []jsontext.Value
	err := c.elements(func(int) error {
		start := c.i
		if err := c.value(0); err != nil {
			return err
		}
		list = append(list, jsontext.Value(c.b[start:c.i:c.i]))
		return nil
	})
	if err != nil {
		return nil
	}
	return list
}

// Texts returns the elements of a list of texts, nil if one is no text.
func (f Fields) Texts(name string) []string {
	var texts []string
	for _, v := range f.List(name) {
		s, ok := unquote(v)
		if !ok {
			return nil
		}
		texts = append(texts, s)
	}
	return texts
}

// Ref returns a reference, and whether the field is one.
func (f Fields) Ref(name string) (Ref, bool) {
	r, err := parseRef(f[name])
	return r, err == nil
}

// Observables returns the elements of a list of observables, without those
// that are none.
func (f Fields) Observables(name string) []Observable {
	var list []Observable
	for _, v := range f.List(name) {
		if o, err := parseObservable(v); err == nil {
			list = append(list, o)
		}
	}
	return list
}

// Clone returns a copy that can be changed by the Set methods.
func (f Fields) Clone() Fields { return maps.Clone(f) }

// SetText sets a text or a word. As no text is empty, "" removes the field.
func (f Fields) SetText(name, text string) {
	if text == "" {
		delete(f, name)
		return
	}
	f[name] = quote(text)
}

// quote returns a JSON text. What is no UTF-8 stays so, and Check refuses it.
func quote(s string) jsontext.Value {
	v, err := jsontext.AppendQuote(nil, s)
	if err != nil {
		return jsontext.Value(`"` + s + `"`)
	}
	return v
}

// SetTime sets a time, cut to whole seconds; the zero time removes the field.
func (f Fields) SetTime(name string, t time.Time) {
	if t.IsZero() {
		delete(f, name)
		return
	}
	f[name] = quote(t.UTC().Format(timeForm))
}

// SetBool sets true or false.
func (f Fields) SetBool(name string, b bool) {
	if b {
		f[name] = jsontext.Value("true")
	} else {
		f[name] = jsontext.Value("false")
	}
}

// SetRef sets a reference.
func (f Fields) SetRef(name string, r Ref) { f[name] = r.JSON() }

// SetList sets a list of values, each in its RFC 8785 form. As no list is
// empty, an empty one removes the field.
func (f Fields) SetList(name string, list []jsontext.Value) {
	if len(list) == 0 {
		delete(f, name)
		return
	}
	size := 2
	for _, v := range list {
		size += len(v) + 1
	}
	b := append(make([]byte, 0, size), '[')
	for i, v := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, v...)
	}
	f[name] = append(b, ']')
}

// SetTexts sets a list of texts; none removes the field.
func (f Fields) SetTexts(name string, texts ...string) {
	list := make([]jsontext.Value, len(texts))
	for i, s := range texts {
		list[i] = quote(s)
	}
	f.SetList(name, list)
}

// SetObservables sets a list of observables; none removes the field.
func (f Fields) SetObservables(name string, observables ...Observable) {
	list := make([]jsontext.Value, len(observables))
	for i, o := range observables {
		list[i] = o.JSON()
	}
	f.SetList(name, list)
}

// SetAttachments sets the attachments; none removes the field.
func (f Fields) SetAttachments(name string, attachments ...Attachment) {
	list := make([]jsontext.Value, len(attachments))
	for i, a := range attachments {
		list[i] = a.JSON()
	}
	f.SetList(name, list)
}
