package record

import (
	"unicode/utf8"
)

// A cursor reads one JSON text that must be in the RFC 8785 form, with the
// further rules for values: R-15 texts, R-17 integers, R-19 depth and names.
// There is one way to write each value, so what a cursor accepts needs no
// second spelling to be compared with.
type cursor struct {
	b     []byte
	i     int
	runes int  // characters of the text read last
	lines bool // whether it had a line feed or a tab
}

// peek returns the next byte, or 0 at the end.
func (c *cursor) peek() byte {
	if c.i < len(c.b) {
		return c.b[c.i]
	}
	return 0
}

// eat steps over lit if it stands next.
func (c *cursor) eat(lit string) bool {
	if len(c.b)-c.i < len(lit) || string(c.b[c.i:c.i+len(lit)]) != lit {
		return false
	}
	c.i += len(lit)
	return true
}

// done reports whether everything has been read.
func (c *cursor) done() bool { return c.i == len(c.b) }

// bad is the error for a byte that cannot stand here.
func (c *cursor) bad(want string) error {
	if c.done() {
		return fail(KindForm, "R-7", "expected %s, but the value ends; write it in the RFC 8785 form", want)
	}
	return fail(KindForm, "R-7", "expected %s at byte %d, got %s; write it in the RFC 8785 form",
		want, c.i, brief(c.b[c.i:c.i+1]))
}

// value reads any value that may stand in a field or in an element.
func (c *cursor) value(depth int) error {
	switch ch := c.peek(); {
	case ch == '"':
		_, err := c.text()
		return err
	case ch == '{':
		return c.object(depth)
	case ch == '[':
		return c.array(depth)
	case ch == '-' || '0' <= ch && ch <= '9':
		_, err := c.integer()
		return err
	case c.eat("true") || c.eat("false") || c.eat("null"):
		return nil
	}
	return c.bad("a JSON value")
}

// object reads an object whose names are in order, each once.
func (c *cursor) object(depth int) error {
	if depth >= MaxDepth {
		return fail(KindLimit, "R-19", "values nest at most %d deep; make it flatter", MaxDepth)
	}
	var last []byte
	return c.members(func(name []byte) error {
		if string(name) <= string(last) {
			return fail(KindForm, "R-7", "members stand in order and each once; %s does not; sort them", brief(name))
		}
		last = name
		return c.value(depth + 1)
	})
}

// members reads an object, and lets read take each member's value.
func (c *cursor) members(read func(name []byte) error) error {
	if !c.eat("{") {
		return c.bad("an object")
	}
	if c.eat("}") {
		return nil
	}
	for {
		name, err := c.name()
		if err != nil {
			return err
		}
		if err := read(name); err != nil {
			return err
		}
		if c.eat("}") {
			return nil
		}
		if !c.eat(",") {
			return c.bad(`"," or "}"`)
		}
	}
}

// name reads a member's name and the colon after it.
func (c *cursor) name() ([]byte, error) {
	if !c.eat(`"`) {
		return nil, c.bad("a member's name")
	}
	start := c.i
	for isNameByte(c.peek()) {
		c.i++
	}
	name := c.b[start:c.i]
	if !c.eat(`":`) || len(name) == 0 || len(name) > MaxName {
		return nil, fail(KindForm, "R-19", "a member's name is 1 to %d of a-z, 0-9 and _; got %s; rename it",
			MaxName, brief(c.b[start:min(len(c.b), c.i+1)]))
	}
	if string(name) == "_sd" {
		return nil, fail(KindForm, "R-10", "the member _sd is not allowed in a value; remove it")
	}
	return name, nil
}

// array reads an array inside a value.
func (c *cursor) array(depth int) error {
	if depth >= MaxDepth {
		return fail(KindLimit, "R-19", "values nest at most %d deep; make it flatter", MaxDepth)
	}
	return c.elements(func(int) error { return c.value(depth + 1) })
}

// elements reads an array, and lets read take each element.
func (c *cursor) elements(read func(i int) error) error {
	if !c.eat("[") {
		return c.bad("a list")
	}
	if c.eat("]") {
		return nil
	}
	for i := 0; ; i++ {
		if err := read(i); err != nil {
			return element(i, err)
		}
		if c.eat("]") {
			return nil
		}
		if !c.eat(",") {
			return c.bad(`"," or "]"`)
		}
	}
}

// integer reads an integer.
func (c *cursor) integer() (int64, error) {
	start := c.i
	negative := c.eat("-")
	first := c.i
	var n int64
	for ch := c.peek(); '0' <= ch && ch <= '9' && n <= MaxInteger; ch = c.peek() {
		n = n*10 + int64(ch-'0')
		c.i++
	}
	digits := c.b[first:c.i]
	switch ch := c.peek(); {
	case len(digits) == 0, digits[0] == '0' && (len(digits) > 1 || negative):
		return 0, fail(KindForm, "R-7", "expected an integer in the RFC 8785 form, got %s; write it without leading zeros",
			brief(c.b[start:c.i]))
	case n > MaxInteger:
		return 0, fail(KindValue, "R-17", "integers lie within ±%d; write a larger one as a text", int64(MaxInteger))
	case ch == '.' || ch == 'e' || ch == 'E':
		return 0, fail(KindValue, "R-17", "numbers are integers; write a fraction as a text")
	}
	if negative {
		n = -n
	}
	return n, nil
}

// text reads a text and returns what stands between its quotes.
func (c *cursor) text() ([]byte, error) {
	if !c.eat(`"`) {
		return nil, c.bad("a text")
	}
	start := c.i
	c.runes, c.lines = 0, false
	for c.i < len(c.b) {
		ch := c.b[c.i]
		switch {
		case ch == '"':
			c.i++
			return c.b[start : c.i-1], nil
		case ch == '\\':
			if err := c.escape(); err != nil {
				return nil, err
			}
		case ch < 0x20 || ch == 0x7F:
			return nil, fail(KindValue, "R-15", "a text holds no control characters, got U+%04X; remove it", ch)
		case ch < utf8.RuneSelf:
			c.i++
		default:
			if err := c.rune(); err != nil {
				return nil, err
			}
		}
		c.runes++
	}
	return nil, c.bad("the end of a text")
}

// escape reads one of the four escapes that R-15 and RFC 8785 leave.
func (c *cursor) escape() error {
	var ch byte
	if c.i+1 < len(c.b) {
		ch = c.b[c.i+1]
	}
	switch ch {
	case 'n', 't':
		c.lines = true
	case '"', '\\':
	case 'b', 'f', 'r':
		return fail(KindValue, "R-15", "a text holds no control characters but line feed and tab; remove them")
	case 'u':
		return fail(KindForm, "R-7", `a text has no \u escapes: control characters are not allowed, all others stand as they are`)
	default:
		return fail(KindForm, "R-7", `only \n, \t, \" and \\ are escaped; write other characters as they are`)
	}
	c.i += 2
	return nil
}

// rune reads a character beyond ASCII.
func (c *cursor) rune() error {
	r, n := utf8.DecodeRune(c.b[c.i:])
	if r == utf8.RuneError && n <= 1 {
		return fail(KindValue, "R-15", "a text is valid UTF-8, but byte %d is not; convert it", c.i)
	}
	if 0x80 <= r && r <= 0x9F {
		return fail(KindValue, "R-15", "a text holds no control characters, got U+%04X; remove it", r)
	}
	if 0x202A <= r && r <= 0x202E || 0x2066 <= r && r <= 0x2069 {
		return fail(KindValue, "R-15", "a text holds no bidirectional control characters, got U+%04X; remove it", r)
	}
	c.i += n
	return nil
}

// isNameByte reports whether ch may stand in a name.
func isNameByte(ch byte) bool {
	return 'a' <= ch && ch <= 'z' || ch == '_' || '0' <= ch && ch <= '9'
}

// checkName checks the name of a field.
func checkName[T ~string | ~[]byte](name T) error {
	ok := len(name) > 0 && len(name) <= MaxName && string(name) != "_sd"
	for i := 0; ok && i < len(name); i++ {
		ok = isNameByte(name[i])
	}
	if !ok {
		return fail(KindForm, "R-9", "a field's name is 1 to %d of a-z, 0-9 and _, and not _sd; got %s; rename it",
			MaxName, brief(name))
	}
	return nil
}

// checkValue checks the value of a field that is no list, or of an element.
func checkValue(v []byte) error {
	c := cursor{b: v}
	if err := c.value(0); err != nil {
		return err
	}
	if !c.done() {
		return c.bad("the end of the value")
	}
	return nil
}
