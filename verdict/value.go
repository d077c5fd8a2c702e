package verdict

import (
	"bytes"
	"encoding/json/jsontext"
	"iter"
)

// text returns a field that is a text or a word, "" if there is none.
func (f Fields) text(name string) string {
	for _, field := range f {
		if field.Name == name && field.Value.Kind() == '"' {
			b, err := jsontext.AppendUnquote(nil, field.Value)
			if err != nil {
				return ""
			}
			return string(b)
		}
	}
	return ""
}

// texts gives the elements of a list of texts that are shown, and whether they are all.
func (r *RecordFinding) texts(name string) (list []string, all bool) {
	for _, field := range r.Fields {
		if field.Name == name {
			for _, v := range elements(field.Value) {
				list = append(list, Fields{{Value: v}}.text(""))
			}
		}
	}
	for _, l := range r.Lists {
		if l.Name == name {
			return list, len(l.Shown) == l.Total
		}
	}
	return list, false
}

// elements yields the elements of an array with their numbers.
func elements(v jsontext.Value) iter.Seq2[int, jsontext.Value] {
	return func(yield func(int, jsontext.Value) bool) {
		d := jsontext.NewDecoder(bytes.NewBuffer(bytes.Clone(v)))
		if _, err := d.ReadToken(); err != nil {
			return
		}
		for i := 0; d.PeekKind() != ']'; i++ {
			e, err := d.ReadValue()
			if err != nil || !yield(i, bytes.Clone(e)) {
				return
			}
		}
	}
}

// members yields the members of an object.
func members(v jsontext.Value) iter.Seq2[string, jsontext.Value] {
	return func(yield func(string, jsontext.Value) bool) {
		d := jsontext.NewDecoder(bytes.NewBuffer(bytes.Clone(v)))
		if _, err := d.ReadToken(); err != nil {
			return
		}
		for d.PeekKind() != '}' {
			name, err := d.ReadToken()
			if err != nil {
				return
			}
			s := name.String()
			e, err := d.ReadValue()
			if err != nil || !yield(s, bytes.Clone(e)) {
				return
			}
		}
	}
}
