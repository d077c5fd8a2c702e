package record

import (
	"bytes"
	"crypto/sha256"
	"encoding/json/jsontext"
)

// The fixed parts of a list field's value.
const (
	elementStart = `{"...":"`
	elementEnd   = `"}`
	listEnd      = `"}]`

	// elementStride is the distance of two digests in a list.
	elementStride = len(elementStart) + digestChars + len(elementEnd) + 1
)

// Opened is a record with what is shown of its content. It does not change.
type Opened struct {
	Record *Record
	Fields Fields

	// Full says that this is the whole content and obeys the rules for one.
	// Of a presentation this can be known only where the audience is public,
	// from the digest of the content in the leaf.
	Full bool

	// Hidden is the number of list elements that are not shown.
	Hidden int

	content []byte // unpadded
	items   []item // in the order of the content
	unknown bool
}

// An item is a field's disclosure in the content.
type item struct {
	name       string
	start, end int
	total      int    // elements of a list field, shown or not; 0 if it is none
	shown      []part // the elements shown, in list order
}

// A part is an element's disclosure in the content.
type part struct{ index, start, end int }

// Open reads a full content: plaintext, with or without its
// padding. Where the audience is public, the content must also be the one
// that the leaf names; else whoever decrypted it has seen to that.
//
// An act, or a kind of appeal, that this version does not know is no error;
// see [Opened.Unknown].
func (r *Record) Open(content []byte) (*Opened, error) {
	body, err := unpad(content)
	if err != nil {
		return nil, err
	}
	if r.isPublic() && !isStored(body, r.stored) {
		return nil, fail(KindDigest, "R-5", "the content is not the one that the leaf names by digest and size; fetch it again")
	}
	return r.readFull(body)
}

// readFull reads the whole of an unpadded content.
func (r *Record) readFull(body []byte) (*Opened, error) {
	if len(body) == 0 {
		return nil, fail(KindForm, "R-12", "a full content has at least one disclosure, got none")
	}
	return r.read(body, true)
}

// read reads an unpadded content.
func (r *Record) read(body []byte, full bool) (*Opened, error) {
	rd := reader{
		full: full,
		out:  &Opened{Record: r, Full: full, content: bytes.Clone(body), Fields: make(Fields, r.digests)},
		buf:  make([]byte, 0, b64.DecodedLen(len(body))),
	}
	if err := rd.run(); err != nil {
		return nil, err
	}
	if err := rd.out.interpret(full); err != nil {
		return nil, err
	}
	return rd.out, nil
}

// A reader goes once through a content, in its order.
type reader struct {
	out  *Opened
	full bool
	at   int    // place in out.content
	buf  []byte // decoded disclosures, one after the other
	more bool   // whether cur is one
	cur  disclosure
	seen map[[digestBytes]byte]struct{} // digests of elements
}

// A disclosure is one piece of a content.
type disclosure struct {
	start, end int
	digest     [digestChars]byte
	name       []byte // nil for an element
	value      []byte
}

// run reads field after field, each list field with its elements.
func (rd *reader) run() error {
	body := rd.out.content
	if len(body) > 0 && body[len(body)-1] != '~' {
		return fail(KindForm, "R-12", "a content ends with ~ before its padding, got %s; it was cut off", brief(body[max(0, len(body)-8):]))
	}
	if err := rd.next(); err != nil {
		return err
	}
	var last []byte
	for rd.more {
		if err := rd.admit(last); err != nil {
			return err
		}
		last = rd.cur.name
		if err := rd.field(); err != nil {
			return err
		}
	}
	if rd.full {
		return rd.nothingElse()
	}
	return nil
}

// nothingElse checks that the leaf commits to what the content has, and
// otherwise to decoys: else its author could show other fields later,
// under the same leaf, than it sent.
func (rd *reader) nothingElse() error {
	r, fields := rd.out.Record, len(rd.out.items)
	if r.digests != digestSlots(fields) {
		return fail(KindForm, "R-6", "a leaf for %d fields has %d digests, got %d; its author's program is wrong", fields, digestSlots(fields), r.digests)
	}
	for _, d := range decoys(rd.out.content, r.digests-fields) {
		if !r.commits([]byte(d)) {
			return fail(KindDigest, "R-6", "the leaf commits to more than its content has, so its author could show something else in its place; do not rely on it")
		}
	}
	return nil
}

// field takes the current disclosure as a field, with its elements.
func (rd *reader) field() error {
	d := &rd.cur
	it := item{name: string(d.name), start: d.start, end: d.end}
	v := d.value
	if v[0] != '[' {
		rd.out.items = append(rd.out.items, it)
		rd.out.Fields[it.name] = jsontext.Value(v)
		return rd.next()
	}
	it.total = (len(v) - 1) / elementStride
	if err := rd.unique(v, it.total); err != nil {
		return within(it.name, err)
	}
	return rd.list(it, v)
}

// next reads the next disclosure into rd.cur.
func (rd *reader) next() error {
	rest := rd.out.content[rd.at:]
	if rd.more = len(rest) > 0; !rd.more {
		return nil
	}
	n := bytes.IndexByte(rest, '~')
	src := rest[:n]
	rd.cur.start, rd.cur.end = rd.at, rd.at+n
	rd.at += n + 1
	from := len(rd.buf)
	buf, ok := decode64(rd.buf, src)
	if !ok {
		return fail(KindForm, "R-7", "a disclosure is base64url without padding, got %s; the content is damaged", brief(src))
	}
	rd.buf = buf
	sum := sha256.Sum256(src)
	b64.Encode(rd.cur.digest[:], sum[:])
	return rd.cur.parse(buf[from:len(buf):len(buf)])
}

// parse reads [salt, name, value] or [salt, value].
func (d *disclosure) parse(b []byte) error {
	c := cursor{b: b}
	if !c.eat(`["`) || len(b) < c.i+saltChars || !isSalt(b[c.i:c.i+saltChars]) {
		return fail(KindForm, "R-8", "a disclosure is a JSON array that begins with a salt of %d characters, got %s", saltChars, brief(b))
	}
	c.i += saltChars
	if !c.eat(`",`) {
		return c.bad(`", after the salt`)
	}
	d.name = nil
	start := c.i
	if c.peek() == '"' {
		raw, err := c.text()
		if err != nil {
			return err
		}
		if c.eat(",") {
			if err := checkName(raw); err != nil {
				return err
			}
			d.name = raw
			start = c.i
		}
	}
	if c.i == start {
		if err := d.parseValue(&c); err != nil {
			return err
		}
	}
	d.value = b[start:c.i:c.i]
	if !c.eat("]") || !c.done() {
		return c.bad("the end of the disclosure")
	}
	return nil
}

// parseValue reads the value of a field or element. A field whose value is
// an array is a list field.
func (d *disclosure) parseValue(c *cursor) error {
	var err error
	if d.name != nil && c.peek() == '[' {
		err = c.digests()
	} else {
		err = c.value(0)
	}
	if err != nil && d.name != nil {
		return within(string(d.name), err)
	}
	return err
}

// digests reads the value of a list field.
func (c *cursor) digests() error {
	c.i++
	for n := 1; ; n++ {
		if n > MaxList {
			return checkCount(n, MaxList)
		}
		if !c.eat(elementStart) {
			return c.notList(`{"...": digest}`)
		}
		if _, ok := c.digest(); !ok {
			return fail(KindForm, "R-10", "digest %d of the list is %d characters of base64url, got %s", n-1, digestChars, brief(c.b[c.i:]))
		}
		if !c.eat(elementEnd) {
			return c.notList("the end of an element")
		}
		if c.eat("]") {
			return nil
		}
		if !c.eat(",") {
			return c.notList(`"," or "]"`)
		}
	}
}

// notList is the error for an array that is not the value of a list field.
func (c *cursor) notList(want string) error {
	return fail(KindForm, "R-10", `an array is a list of {"...": digest}, with one disclosure for each element: expected %s at byte %d, got %s`,
		want, c.i, brief(c.b[c.i:]))
}

// admit checks that d is a field, committed to, and in order.
func (rd *reader) admit(last []byte) error {
	d := &rd.cur
	if d.name == nil {
		return fail(KindDigest, "R-11", "an element follows the list field that has its digest; this one (%s) does not; show its list with it",
			brief(d.value))
	}
	if !rd.out.Record.commits(d.digest[:]) {
		return within(string(d.name), fail(KindDigest, "R-9", "the digest of the disclosure is not in the leaf; it belongs to another record or was changed"))
	}
	switch bytes.Compare(d.name, last) {
	case 0:
		return within(string(d.name), fail(KindForm, "R-9", "the name occurs twice; a field is disclosed once"))
	case -1:
		return within(string(d.name), fail(KindForm, "R-12", "fields stand by name in byte order, but this one follows %s; sort them", last))
	}
	return nil
}

// unique checks that no digest of a list occurs elsewhere in the record.
func (rd *reader) unique(v []byte, total int) error {
	if rd.seen == nil {
		rd.seen = make(map[[digestBytes]byte]struct{}, total)
	}
	for i := range total {
		d := digestOfElement(v, i)
		key, _ := decode32(d)
		if _, ok := rd.seen[key]; ok || rd.out.Record.commits(d) {
			return element(i, fail(KindForm, "R-11", "the digest occurs twice in the record; each element has a salt of its own"))
		}
		rd.seen[key] = struct{}{}
	}
	return nil
}

// digestOfElement returns the i-th digest of a list field's value.
func digestOfElement(v []byte, i int) []byte {
	at := 1 + i*elementStride + len(elementStart)
	return v[at : at+digestChars]
}

// list reads the elements that follow a list field.
func (rd *reader) list(it item, v []byte) error {
	list := []byte{'['}
	if rd.full {
		it.shown = make([]part, 0, it.total)
	}
	i := 0
	for {
		if err := rd.next(); err != nil {
			return err
		}
		if !rd.more || rd.cur.name != nil {
			break
		}
		for i < it.total && !bytes.Equal(digestOfElement(v, i), rd.cur.digest[:]) {
			i++
		}
		if i == it.total {
			return within(it.name, fail(KindDigest, "R-11", "an element shown is not in the list, or out of its order; show the list's own, in list order"))
		}
		it.shown = append(it.shown, part{index: i, start: rd.cur.start, end: rd.cur.end})
		if len(list) > 1 {
			list = append(list, ',')
		}
		list = append(list, rd.cur.value...)
		i++
	}
	hidden := it.total - len(it.shown)
	if rd.full && hidden > 0 {
		return within(it.name, fail(KindField, "R-12", "a full content has every element of a list, but %d of %d are missing", hidden, it.total))
	}
	rd.out.Hidden += hidden
	rd.out.items = append(rd.out.items, it)
	rd.out.Fields[it.name] = append(list, ']')
	return nil
}

// interpret holds the fields against the schema, if their act is known and
// shown.
func (o *Opened) interpret(full bool) error {
	_, hasAct := o.Fields["act"]
	_, hasKind := o.Fields["kind"]
	known, err := o.Fields.known()
	switch {
	case err != nil:
		return err
	case full && !hasAct:
		return missing("act")
	case full && !hasKind && o.Act() == "appeal":
		return missing("kind")
	case !known:
		o.unknown = true
		return nil
	}
	found := report{limit: 1}
	names := make([]string, len(o.items), maxDigests)
	for i := range o.items {
		names[i] = o.items[i].name
	}
	o.Fields.checkSchema(names, full, &found)
	if len(found.errors) > 0 {
		return found.errors[0]
	}
	return nil
}

// Unknown reports that the fields were not interpreted: their act, or the
// kind of an appeal, is not known here, or is not shown. Their values obey
// still, but may be of any type and length.
func (o *Opened) Unknown() bool { return o.unknown }

// Act returns the act, "" if it is not shown.
func (o *Opened) Act() string { return o.Fields.Text("act") }

// Kind returns the kind of an appeal, "" if there is none or it is not shown.
func (o *Opened) Kind() string { return o.Fields.Text("kind") }
