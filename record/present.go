package record

import (
	"slices"
	"strconv"
	"strings"
)

// Present shows a part of a record: leaf~disclosure~…~, with the disclosures
// of the named fields. A name is that of a field ("targets", with all its
// elements that are there), or of one element with its list ("targets[3]",
// counted from 0 in the whole list), or "*" for everything. No names show
// that the record was written, and nothing of it.
//
// What is shown cannot be taken back. Act and kind are not added by
// themselves, but without them a reader cannot interpret the rest.
func (o *Opened) Present(names []string) (string, error) {
	shown := make([]selection, len(o.items))
	for _, name := range names {
		if err := o.choose(name, shown); err != nil {
			return "", err
		}
	}
	var b strings.Builder
	b.Grow(len(o.Record.leaf) + 1 + len(o.content))
	b.Write(o.Record.leaf)
	b.WriteByte('~')
	for i := range o.items {
		it, sel := &o.items[i], &shown[i]
		if !sel.all && sel.indices == nil {
			continue
		}
		b.Write(o.content[it.start : it.end+1])
		for _, p := range it.shown {
			if sel.all || sel.indices[p.index] {
				b.Write(o.content[p.start : p.end+1])
			}
		}
	}
	return b.String(), nil
}

// A selection is what to show of a field: all, or some elements.
type selection struct {
	all     bool
	indices map[int]bool
}

// choose adds what a name means.
func (o *Opened) choose(name string, shown []selection) error {
	if name == "*" {
		for i := range shown {
			shown[i].all = true
		}
		return nil
	}
	field, index, isElement, err := splitName(name)
	if err != nil {
		return err
	}
	i := o.find(field)
	if i < 0 {
		return fail(KindCall, "R-12", "there is no field %s here to show; name one of the record's fields", brief(field))
	}
	if !isElement {
		shown[i].all = true
		return nil
	}
	_, here := slices.BinarySearchFunc(o.items[i].shown, index, func(p part, n int) int { return p.index - n })
	if !here {
		return fail(KindCall, "R-12", "there is no element %d of %s here to show; its list has %d elements, counted from 0",
			index, brief(field), o.items[i].total)
	}
	if shown[i].indices == nil {
		shown[i].indices = make(map[int]bool)
	}
	shown[i].indices[index] = true
	return nil
}

// splitName reads "targets" or "targets[3]".
func splitName(name string) (field string, index int, isElement bool, err error) {
	field, rest, isElement := strings.Cut(name, "[")
	if !isElement {
		return field, 0, false, nil
	}
	digits, ok := strings.CutSuffix(rest, "]")
	n, ok2 := decimal(digits, 0, MaxList)
	if !ok || !ok2 {
		return "", 0, false, fail(KindCall, "R-12", "expected a name as targets or targets[3], got %s", brief(name))
	}
	return field, int(n), true, nil
}

// find returns the place of a field in o.items, or -1.
func (o *Opened) find(name string) int {
	i, ok := slices.BinarySearchFunc(o.items, name, func(it item, n string) int { return strings.Compare(it.name, n) })
	if !ok {
		return -1
	}
	return i
}

// Shown returns which elements of a list field are shown, by their place in
// the whole list and in the order of Fields.List, and how many the list has.
func (o *Opened) Shown(name string) (indices []int, total int) {
	i := o.find(name)
	if i < 0 {
		return nil, 0
	}
	for _, p := range o.items[i].shown {
		indices = append(indices, p.index)
	}
	return indices, o.items[i].total
}

// Disclosure returns the disclosure of a field, without those of its elements;
// "" if it is not shown. Two of one name under one leaf break R-9, and only
// who sees both can tell.
func (o *Opened) Disclosure(name string) string {
	i := o.find(name)
	if i < 0 {
		return ""
	}
	return string(o.content[o.items[i].start:o.items[i].end])
}

// Names returns everything that Present can show, in the order of the
// content: fields, and after a list field its elements.
func (o *Opened) Names() []string {
	var names []string
	for i := range o.items {
		it := &o.items[i]
		names = append(names, it.name)
		for _, p := range it.shown {
			names = append(names, it.name+"["+strconv.Itoa(p.index)+"]")
		}
	}
	return names
}

// ParsePresentation reads what Present returns, or a whole record in this
// form: a leaf, a tilde, and any part of the content without padding.
// Fields that are shown obey the schema of their act if act, and for an
// appeal kind, are shown too.
//
// Where the audience is public, a presentation with the whole content that
// the leaf names is recognised and must obey the rules for a full one; then
// Full is true. For other audiences Full is always false.
func ParsePresentation(s string) (*Opened, error) {
	if len(s) > MaxPresentation {
		return nil, fail(KindLimit, "R-14", "a presentation is at most %d bytes, got %d; it is none", MaxPresentation, len(s))
	}
	leaf, body, ok := strings.Cut(s, "~")
	if !ok {
		return nil, fail(KindForm, "R-12", "a presentation has a ~ after the leaf, got none; add it")
	}
	r, err := Parse([]byte(leaf))
	if err != nil {
		return nil, err
	}
	if len(body) > MaxContent {
		return nil, fail(KindLimit, "R-14", "a content is at most %d bytes before padding, got %d", MaxContent, len(body))
	}
	content := []byte(body)
	return r.read(content, r.isPublic() && isStored(content, r.stored))
}
