package record

import (
	"encoding/json/jsontext"
	"slices"
	"strings"
	"time"
)

// read reads one value of the type of s. The cursor has seen the value
// before, so it is well formed; what can be wrong is the type and its limits.
func (s *FieldSpec) read(c *cursor) error {
	switch s.Type {
	case TypeText, TypeLong:
		return s.readText(c)
	case TypeWord:
		return s.readWord(c)
	case TypeTime:
		return s.readTime(c)
	case TypeBool:
		if !c.eat("true") && !c.eat("false") {
			return c.not("true or false")
		}
		return nil
	case TypeInt:
		return s.readInt(c)
	case TypeBase64:
		return readBase64(c)
	case TypeRef:
		_, err := readRef(c)
		return err
	case TypeKeys:
		return readKeys(c)
	case TypeObservable:
		return s.readObservable(c)
	}
	_, err := s.readObject(c)
	return err
}

// not is the error for a value of another type.
func (c *cursor) not(want string) error {
	return fail(KindValue, "R-18", "expected %s, got %s", want, brief(c.b[c.i:]))
}

// readText reads a text or a long one.
func (s *FieldSpec) readText(c *cursor) error {
	if c.peek() != '"' {
		return c.not("a text")
	}
	raw, err := c.text()
	switch {
	case err != nil:
		return err
	case len(raw) == 0:
		return fail(KindValue, "R-18", "a text has at least one character; leave the field out")
	case c.runes > s.Max:
		return fail(KindLimit, "R-18", "the text has at most %d characters, got %d; shorten it", s.Max, c.runes)
	case c.lines && s.Type != TypeLong:
		return fail(KindValue, "R-15", "the text is of one line; remove line feeds and tabs")
	}
	return s.Form.check(raw)
}

// check checks the form of a text.
func (f Form) check(raw []byte) error {
	var ok bool
	switch f {
	case FormLanguage:
		ok = isLanguage(string(raw))
	case FormDigest:
		_, ok = decode32(raw)
	case FormCountry:
		ok = len(raw) == 2 && isUpper(raw[0]) && isUpper(raw[1])
	case FormEndpoint:
		ok = isEndpoint(string(raw))
	case FormMonth:
		_, ok = parseTime(slices.Concat(raw, []byte("-01T00:00:00Z")))
	case FormDate:
		_, ok = parseTime(slices.Concat(raw, []byte("T00:00:00Z")))
	default:
		ok = f.small(string(raw))
	}
	if !ok {
		return fail(KindValue, "R-18", "expected a text of the form %q%s, got %s", f, f.example(), brief(raw))
	}
	return nil
}

// example shows the forms that nobody guesses.
func (f Form) example() string {
	switch f {
	case FormSpan:
		return " (as 30m, 4h, 2d, or 10wd for working days)"
	case FormHour:
		return " (as 08:00, in UTC)"
	case FormDays:
		return " (as mon tue wed)"
	case FormDate:
		return " (as 2026-12-25)"
	case FormAmount:
		return " (as 1250.50)"
	}
	return ""
}

// small checks the forms that are a few characters long.
func (f Form) small(s string) bool {
	switch f {
	case FormHour:
		_, err := time.Parse("15:04", s)
		return err == nil && len(s) == len("15:04") || s == "24:00"
	case FormDays:
		return isDays(s)
	case FormSpan:
		_, _, err := ParseSpan(s)
		return err == nil
	case FormAmount:
		return isAmount(s)
	case FormWord:
		return isWord([]byte(s))
	case FormName:
		return checkName([]byte(s)) == nil
	}
	return true
}

// isDays reports whether s is days of the week in their order, each once.
func isDays(s string) bool {
	last := -1
	for day := range strings.SplitSeq(s, " ") {
		at := strings.Index(dayWords, day)
		if len(day) != len("mon") || at <= last || at%len("mon ") != 0 {
			return false
		}
		last = at
	}
	return true
}

// isAmount reports whether s is a decimal number: digits, and perhaps a point and digits.
func isAmount(s string) bool {
	whole, part, point := strings.Cut(s, ".")
	digits := func(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }
	return digits(whole) && (len(whole) == 1 || whole[0] != '0') && (!point || digits(part))
}

// A Unit is what a span counts.
type Unit string

// The units of spans.
const (
	Minutes     Unit = "m"
	Hours       Unit = "h"
	Days        Unit = "d"
	WorkingDays Unit = "wd"
)

// ParseSpan reads a span as "4h" or "10wd": a number from 1 to 9999 and its unit.
func ParseSpan(s string) (n int, unit Unit, err error) {
	i := strings.IndexFunc(s, func(r rune) bool { return r < '0' || r > '9' })
	if i < 0 {
		i = len(s)
	}
	count, ok := decimal(s[:i], 1, 9999)
	unit = Unit(s[i:])
	switch unit {
	case Minutes, Hours, Days, WorkingDays:
	default:
		ok = false
	}
	if !ok {
		return 0, "", fail(KindValue, "R-18", "expected a span as 30m, 4h, 2d or 10wd (working days), got %s", brief([]byte(s)))
	}
	return int(count), unit, nil
}

func isUpper(ch byte) bool { return 'A' <= ch && ch <= 'Z' }

// isLanguage reports whether s is shaped as a BCP 47 tag (RFC 5646 §2.1).
func isLanguage(s string) bool {
	for i, sub := range strings.Split(s, "-") {
		if len(sub) == 0 || len(sub) > 8 {
			return false
		}
		for _, ch := range []byte(sub) {
			letter := 'a' <= ch|0x20 && ch|0x20 <= 'z'
			digit := '0' <= ch && ch <= '9'
			if !letter && (i == 0 || !digit) {
				return false
			}
		}
	}
	return true
}

// isEndpoint reports whether s is https://host:port, with nothing after it.
func isEndpoint(s string) bool {
	rest, ok := strings.CutPrefix(s, "https://")
	i := strings.LastIndexByte(rest, ':')
	if !ok || i < 1 {
		return false
	}
	host, port := rest[:i], rest[i+1:]
	if _, ok := decimal(port, 1, 65535); !ok {
		return false
	}
	if strings.HasPrefix(host, "[") && strings.HasSuffix(host, "]") {
		return strings.Trim(host[1:len(host)-1], "0123456789abcdef:.") == "" && len(host) > 2
	}
	return strings.Trim(host, "abcdefghijklmnopqrstuvwxyz0123456789.-") == ""
}

// decimal reads a decimal number between low and high, without a sign or
// leading zeros.
func decimal(s string, low, high int64) (int64, bool) {
	var n int64
	for _, ch := range []byte(s) {
		if ch < '0' || ch > '9' || n > high {
			return 0, false
		}
		n = n*10 + int64(ch-'0')
	}
	return n, s != "" && (s[0] != '0' || s == "0") && low <= n && n <= high
}

// readWord reads one of the words of s.
func (s *FieldSpec) readWord(c *cursor) error {
	if c.peek() != '"' {
		return c.not("a word")
	}
	raw, err := c.text()
	if err != nil {
		return err
	}
	for _, w := range s.Words {
		if w == string(raw) {
			return nil
		}
	}
	return fail(KindValue, "R-18", "expected one of %s; got %s", strings.Join(s.Words, " "), brief(raw))
}

// readTime reads a time.
func (s *FieldSpec) readTime(c *cursor) error {
	start := c.i
	if c.peek() == '"' {
		raw, err := c.text()
		if err != nil {
			return err
		}
		if _, ok := parseTime(raw); ok {
			return nil
		}
	}
	return fail(KindValue, "R-16", "expected a time as 2026-07-12T09:00:00Z, got %s; write it in UTC with whole seconds", brief(c.b[start:]))
}

// timeForm is the one form of times.
const timeForm = "2006-01-02T15:04:05Z"

// parseTime reads a time in the one form.
func parseTime(b []byte) (time.Time, bool) {
	if len(b) != len(timeForm) {
		return time.Time{}, false
	}
	for i, ch := range []byte(timeForm) {
		digit := '0' <= b[i] && b[i] <= '9'
		if '0' <= ch && ch <= '9' && !digit || (ch < '0' || ch > '9') && b[i] != ch {
			return time.Time{}, false
		}
	}
	pair := func(i int) int { return int(b[i]-'0')*10 + int(b[i+1]-'0') }
	year, month, day := pair(0)*100+pair(2), pair(5), pair(8)
	hour, minute, second := pair(11), pair(14), pair(17)
	if year < 1990 || month < 1 || month > 12 || day < 1 || hour > 23 || minute > 59 || second > 59 {
		return time.Time{}, false
	}
	t := time.Date(year, time.Month(month), day, hour, minute, second, 0, time.UTC)
	return t, t.Day() == day
}

// readInt reads an integer from 1, or from 0, to s.Max.
func (s *FieldSpec) readInt(c *cursor) error {
	if ch := c.peek(); ch != '-' && (ch < '0' || ch > '9') {
		return c.not("an integer")
	}
	n, err := c.integer()
	if err != nil {
		return err
	}
	least := int64(1)
	if s.Zero {
		least = 0
	}
	if n < least || n > int64(s.Max) {
		return fail(KindValue, "R-18", "expected an integer from %d to %d, got %d", least, s.Max, n)
	}
	return nil
}

// readBase64 reads b64u of at least one byte.
func readBase64(c *cursor) error {
	if c.peek() != '"' {
		return c.not("a text of base64url")
	}
	raw, err := c.text()
	if err != nil {
		return err
	}
	if len(raw) == 0 || !is64(raw) {
		return fail(KindValue, "R-18", "expected base64url without padding, got %s", brief(raw))
	}
	return nil
}

// readKeys reads the object keys of a profile. What the members are and
// whether they are keys, package seal knows (K-4).
func readKeys(c *cursor) error {
	if c.peek() != '{' {
		return c.not("an object of keys")
	}
	text := FieldSpec{Type: TypeText, Max: maxKeysText}
	n := 0
	return c.members(func(name []byte) error {
		if n++; n > maxKeysMembers {
			return fail(KindLimit, "R-18", "keys has at most %d members", maxKeysMembers)
		}
		if err := text.read(c); err != nil {
			return within(string(name), err)
		}
		return nil
	})
}

// readObject reads an object by the members of s, and returns their values
// in the order of s.Members, nil where a member is missing.
func (s *FieldSpec) readObject(c *cursor) (got [maxMembers][]byte, err error) {
	if c.peek() != '{' {
		return got, c.not("an object, " + string(s.Type))
	}
	err = c.members(func(name []byte) error {
		for i := range s.Members {
			if m := &s.Members[i]; m.Name == string(name) {
				start := c.i
				if err := m.read(c); err != nil {
					return within(m.Name, err)
				}
				got[i] = c.b[start:c.i]
				return nil
			}
		}
		return fail(KindField, "R-18", "%s has no member %s; remove it", s.Type, brief(name))
	})
	if err != nil {
		return got, err
	}
	for i := range s.Members {
		if s.Members[i].Need == Mandatory && got[i] == nil {
			return got, missing(s.Members[i].Name)
		}
	}
	return got, nil
}

// readObservable reads an observable, and checks the form of its value.
func (s *FieldSpec) readObservable(c *cursor) error {
	got, err := s.readObject(c)
	if err != nil {
		return err
	}
	typ, value := got[observableType], got[observableValue]
	text := value[1 : len(value)-1]
	if slices.Contains(text, '\\') {
		if text, err = jsontext.AppendUnquote(nil, value); err != nil {
			return fail(KindForm, "R-7", "the value is no JSON text")
		}
	}
	if err := checkObservable(string(typ[1:len(typ)-1]), string(text)); err != nil {
		return within("value", err)
	}
	return nil
}
