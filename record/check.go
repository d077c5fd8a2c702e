package record

import (
	"errors"
	"maps"
	"slices"
	"strings"
)

// Check holds a full set of fields against and acts.md, and
// returns the first mistake in the order of names. An act or kind that this
// version does not know is a mistake here: nobody writes what he does not know.
func (f Fields) Check() error {
	if p := f.problems(1); len(p) > 0 {
		return p[0]
	}
	return nil
}

// Problems returns all that is wrong with a draft, for a form that shows each
// mistake beside its field. It is empty exactly when Check returns nil.
func (f Fields) Problems() []*Error { return f.problems(maxProblems) }

func (f Fields) problems(limit int) []*Error {
	names := slices.Sorted(maps.Keys(f))
	found := report{limit: limit}
	for _, name := range names {
		if err := checkField(name, f[name]); err != nil {
			found.add(err)
		}
	}
	if len(found.errors) > 0 {
		return found.errors
	}
	known, err := f.known()
	if err == nil && !known {
		err = within("act", fail(KindField, "R-18", "want an act and kind of acts.md that is known here, got the act %s, kind %s",
			brief(f["act"]), brief(f["kind"])))
	}
	if err != nil {
		found.add(err)
		return found.errors
	}
	f.checkSchema(names, true, &found)
	return found.errors
}

// checkField checks a name and a value by the rules for any act.
func checkField(name string, v []byte) error {
	if err := checkName(name); err != nil {
		return err
	}
	c := cursor{b: v}
	err := c.fieldValue()
	if err == nil && !c.done() {
		err = c.bad("the end of the value")
	}
	if err != nil {
		return within(name, err)
	}
	return nil
}

// fieldValue reads the value of a field with its elements in place.
func (c *cursor) fieldValue() error {
	if c.peek() != '[' {
		return c.value(0)
	}
	n := 0
	err := c.elements(func(i int) error {
		n++
		return c.value(0)
	})
	if err != nil {
		return err
	}
	return checkCount(n, MaxList)
}

// checkCount checks the number of elements of a list.
func checkCount(n, most int) error {
	switch {
	case n == 0:
		return fail(KindField, "R-10", "a list has at least one element; leave the field out")
	case n > most:
		return fail(KindLimit, "R-10", "the list has at most %d elements, got %d; split it over several records", most, n)
	}
	return nil
}

// A report collects mistakes up to a limit.
type report struct {
	errors []*Error
	limit  int
}

// add keeps a mistake.
func (r *report) add(err error) {
	if e, ok := errors.AsType[*Error](err); ok && !r.full() {
		r.errors = append(r.errors, e)
	}
}

func (r *report) full() bool { return len(r.errors) >= r.limit }

// known reports whether the act and kind that f shows are known. It is an
// error if they are no words, for no version can know them then.
func (f Fields) known() (bool, error) {
	act, err := f.word("act")
	if err != nil {
		return false, err
	}
	kind, err := f.word("kind")
	if err != nil && act == "appeal" {
		return false, err
	}
	return Known(act, kind), nil
}

// word returns the value of a field that must be a word if it is there.
func (f Fields) word(name string) (string, error) {
	v, ok := f[name]
	if !ok {
		return "", nil
	}
	if len(v) < 3 || len(v) > MaxWord+2 || v[0] != '"' || !isWord(v[1:len(v)-1]) {
		return "", within(name, fail(KindValue, "R-18", "expected a word of 1 to %d of a-z, 0-9, - and +, got %s", MaxWord, brief(v)))
	}
	return string(v[1 : len(v)-1]), nil
}

func isWord(b []byte) bool {
	for _, ch := range b {
		if (ch < 'a' || ch > 'z') && (ch < '0' || ch > '9') && ch != '-' && ch != '+' {
			return false
		}
	}
	return true
}

// checkSchema holds the fields, whose names come in order, against the table
// of a known act. In a full content nothing may be missing, and fields must
// not contradict each other.
func (f Fields) checkSchema(names []string, full bool, found *report) {
	act := f.Text("act")
	parts, _ := specs(act, f.Text("kind"))
	for _, name := range names {
		if found.full() {
			return
		}
		if err := checkAgainst(find(&parts, name), f[name]); err != nil {
			found.add(within(name, err))
		}
	}
	if full {
		f.checkPresent(&parts, found)
	}
	if full && len(found.errors) == 0 {
		f.checkTogether(act, found)
	}
}

// find returns the line of the table for a name, or nil.
func find(parts *[3][]FieldSpec, name string) *FieldSpec {
	for _, part := range parts {
		for i := range part {
			if part[i].Name == name {
				return &part[i]
			}
		}
	}
	return nil
}

// checkAgainst checks a value, known to be well formed, by its line.
func checkAgainst(s *FieldSpec, v []byte) error {
	if s == nil {
		return fail(KindField, "R-18", "the act has no such field; remove it")
	}
	c := cursor{b: v}
	if s.List == 0 {
		return s.read(&c)
	}
	if c.peek() != '[' {
		return fail(KindValue, "R-18", "expected a list of %s, got %s", s.Type, brief(v))
	}
	n := 0
	err := c.elements(func(int) error {
		n++
		return s.read(&c)
	})
	if err != nil {
		return err
	}
	return checkCount(n, s.List)
}

// checkPresent looks for mandatory fields that are missing, and for those that every appeal needs by which something is asked: so that an officer
// hears of all of them at once.
func (f Fields) checkPresent(parts *[3][]FieldSpec, found *report) {
	for _, part := range parts {
		for i := range part {
			asked := part[i].Name == "requested_action" || part[i].Name == "reply_by"
			if part[i].Need != Mandatory && (!asked || Silent(f.Text("kind"))) {
				continue
			}
			if _, ok := f[part[i].Name]; !ok {
				found.add(lacking(&part[i]))
			}
		}
	}
}

// lacking is missing with the instrument that asks for the field.
func lacking(s *FieldSpec) error {
	if s.Donor == "" {
		return missing(s.Name)
	}
	return within(s.Name, fail(KindField, "R-18", "the field is mandatory (after %s) and missing; fill it in", s.Donor))
}

func missing(name string) error {
	return within(name, fail(KindField, "R-18", "the field is mandatory and missing; fill it in"))
}

// counted checks that the serial numbers from a up to b, without b, are a range.
func (f Fields) counted(a, b string, found *report) {
	if from, next := f.Int(a), f.Int(b); from > next {
		found.add(within(b, fail(KindField, "R-18", "expected at least %s, which is %d, got %d; correct one of them", a, from, next)))
	}
}

// ordered checks that the time a is not after b, nor equal unless allowed.
// Times have one form, so they compare as their bytes do. One that is not there contradicts nothing.
func (f Fields) ordered(a, b string, equal bool, found *report) {
	if f[a] == nil || f[b] == nil {
		return
	}
	d := strings.Compare(string(f[a]), string(f[b]))
	if d > 0 || d == 0 && !equal {
		found.add(within(b, fail(KindField, "R-18", "expected a time later than %s, which is %s, got %s; correct one of them", a, f[a], f[b])))
	}
}
