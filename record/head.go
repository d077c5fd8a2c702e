package record

import (
	"encoding/json/jsontext"
	"strconv"
)

// A Head is the text of a checkpoint as a value of a field (acts.md §5): so many entries of this outbox, with this root.
type Head struct {
	Origin string
	Size   int64
	Root   [32]byte
}

// JSON returns the RFC 8785 form.
func (h Head) JSON() jsontext.Value {
	b := make([]byte, 0, 256)
	b = append(b, `{"origin":`...)
	b = append(b, quote(h.Origin)...)
	b = append(b, `,"root":"`...)
	b = b64.AppendEncode(b, h.Root[:])
	b = append(b, `","size":`...)
	b = strconv.AppendInt(b, h.Size, 10)
	return append(b, '}')
}

// Head returns a head, and whether the field is one.
func (f Fields) Head(name string) (h Head, ok bool) {
	c := cursor{b: f[name]}
	spec := FieldSpec{Type: TypeHead, Members: headMembers}
	got, err := spec.readObject(&c)
	if err != nil || !c.done() {
		return h, false
	}
	if h.Origin, ok = unquote(got[0]); !ok {
		return h, false
	}
	size := cursor{b: got[2]}
	if h.Size, err = size.integer(); err != nil {
		return h, false
	}
	h.Root, ok = decode32(got[1][1 : len(got[1])-1])
	return h, ok
}

// SetHead sets a head.
func (f Fields) SetHead(name string, h Head) { f[name] = h.JSON() }

// Int returns an integer, 0 if the field is missing or none.
func (f Fields) Int(name string) int64 {
	c := cursor{b: f[name]}
	n, err := c.integer()
	if err != nil || !c.done() {
		return 0
	}
	return n
}

// SetInt sets an integer.
func (f Fields) SetInt(name string, n int64) { f[name] = jsontext.Value(strconv.FormatInt(n, 10)) }
