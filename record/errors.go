package record

import (
	"errors"
	"fmt"
	"strconv"
)

// A Kind is the sort of an error; the list is closed, and spec/vectors uses it.
type Kind string

// The kinds of errors.
const (
	KindForm   Kind = "form"   // the bytes are not in the one form that is allowed
	KindLimit  Kind = "limit"  // something is too large or too many
	KindDigest Kind = "digest" // something is shown that the leaf does not commit to
	KindValue  Kind = "value"  // a value is not of its type, or holds what it must not
	KindField  Kind = "field"  // a field is missing, unknown, or contradicts another
	KindCall   Kind = "call"   // the caller asked for what cannot be done
)

// An Error says which rule was broken, what was expected, what came, and what
// to do. It never repeats a foreign value at length.
type Error struct {
	Kind  Kind
	Rule  string // the rule of the specification, as "R-7", or "acts.md"
	Field string // the field, as "targets[3].value"; empty if none
	Text  string // a sentence for people
}

// Error returns the rule, the field and the sentence.
func (e *Error) Error() string {
	if e.Field == "" {
		return "record: " + e.Rule + ": " + e.Text
	}
	return "record: " + e.Rule + ": field " + e.Field + ": " + e.Text
}

// fail returns an *Error as an error.
func fail(kind Kind, rule, format string, args ...any) error {
	return &Error{Kind: kind, Rule: rule, Text: fmt.Sprintf(format, args...)}
}

// within puts the name of a field, or of a list's element, before the field
// that err already names. The name has passed checkName.
func within(name string, err error) error {
	e, ok := errors.AsType[*Error](err)
	if !ok {
		return err
	}
	c := *e
	switch {
	case c.Field == "":
		c.Field = name
	case c.Field[0] == '[':
		c.Field = name + c.Field
	default:
		c.Field = name + "." + c.Field
	}
	return &c
}

// element names the i-th element of a list in err.
func element(i int, err error) error {
	return within("["+strconv.Itoa(i)+"]", err)
}

// brief quotes at most maxBrief bytes of b in ASCII, for an error.
func brief[T ~string | ~[]byte](b T) string {
	if len(b) <= maxBrief {
		return strconv.QuoteToASCII(string(b))
	}
	return strconv.QuoteToASCII(string(b[:maxBrief])) + "… (" + strconv.Itoa(len(b)) + " bytes)"
}
