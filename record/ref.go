package record

import (
	"encoding/json/jsontext"
	"strconv"
)

// A Ref is the reference of a record: how records name each other
// (record.md §1). Nobody can make another record that has it.
type Ref struct {
	Outbox string
	Index  int64
	Leaf   [32]byte // the leaf hash of RFC 6962
}

// JSON returns the RFC 8785 form.
func (r Ref) JSON() jsontext.Value {
	b := make([]byte, 0, 256)
	b = append(b, `{"index":`...)
	b = strconv.AppendInt(b, r.Index, 10)
	b = append(b, `,"leaf":"`...)
	b = b64.AppendEncode(b, r.Leaf[:])
	b = append(b, `","outbox":`...)
	b = append(b, quote(r.Outbox)...)
	return append(b, '}')
}

// MarshalJSON returns the RFC 8785 form.
func (r Ref) MarshalJSON() ([]byte, error) { return r.JSON(), nil }

// UnmarshalJSON reads a reference in its RFC 8785 form.
func (r *Ref) UnmarshalJSON(b []byte) error {
	got, err := parseRef(b)
	if err != nil {
		return err
	}
	*r = got
	return nil
}

// parseRef reads a reference in its RFC 8785 form.
func parseRef(v []byte) (Ref, error) {
	c := cursor{b: v}
	r, err := readRef(&c)
	if err == nil && !c.done() {
		err = c.bad("the end of the reference")
	}
	return r, err
}

// readRef reads a reference.
func readRef(c *cursor) (Ref, error) {
	var r Ref
	if !c.eat(`{"index":`) {
		return r, notRef(c)
	}
	n, err := c.integer()
	if err != nil || n < 0 || n >= MaxIndex || !c.eat(`,"leaf":"`) {
		return r, notRef(c)
	}
	leaf, ok := c.digest()
	if !ok || !c.eat(`","outbox":"`) {
		return r, notRef(c)
	}
	origin := c.origin()
	if len(origin) == 0 || len(origin) > maxOrigin || !c.eat(`"}`) {
		return r, notRef(c)
	}
	r.Index, r.Outbox = n, string(origin)
	r.Leaf, _ = decode32(leaf)
	return r, nil
}

// notRef is the error for what is no reference.
func notRef(c *cursor) error {
	return fail(KindValue, "R-18", `expected a reference {"index":n,"leaf":b64u,"outbox":origin}, got %s at its byte %d`,
		brief(c.b[min(c.i, len(c.b)):]), c.i)
}
