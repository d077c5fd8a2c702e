package verdict

import (
	"fmt"
	"strconv"
)

// A Kind is the sort of an error; the list is closed, and spec/vectors uses it.
type Kind string

// The kinds of errors.
const (
	KindForm       Kind = "form"       // the file is no bundle in the one form (B-1)
	KindLimit      Kind = "limit"      // something is too large or too many (B-1)
	KindProfile    Kind = "profile"    // a profile is not full, not self-signed, or one of two (B-2)
	KindCheckpoint Kind = "checkpoint" // a checkpoint does not verify (B-3)
	KindReceipt    Kind = "receipt"    // the lines below a checkpoint are no receipt of its audience (B-3)
	KindRecord     Kind = "record"     // a record does not verify or does not obey its rules (B-4)
	KindProof      Kind = "proof"      // a record is not where the bundle says (B-4)
	KindFork       Kind = "fork"       // fork evidence that proves nothing (O-6)
	KindWitness    Kind = "witness"    // a key or a line of a witness that is none (B-11)
	KindBeat       Kind = "beat"       // a beat that does not verify (B-12)
	KindTrust      Kind = "trust"      // the keys in the file are not those vouched for (B-7)
)

// An Error is why nothing is concluded from a bundle (B-6).
type Error struct {
	Kind Kind
	Item string // the item, as "records[3].proof"; "bundle" for the whole file
	Rule string // the rule of spec/bundle.md, as "B-4"
	Text string // what was expected, what came, what to do
	Err  error  // the finding of the room below, with a rule of its own; or nil
}

// Error gives the item, the rule and the sentence.
func (e *Error) Error() string {
	s := e.Item + ": " + e.Rule + ": " + e.Text
	if e.Err != nil {
		s += " (" + e.Err.Error() + ")"
	}
	return s
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

func fail(kind Kind, item, rule, format string, args ...any) *Error {
	return &Error{Kind: kind, Item: item, Rule: rule, Text: fmt.Sprintf(format, args...)}
}

func (e *Error) because(err error) *Error {
	e.Err = err
	return e
}

// place names an element, as "records[3]".
func place(list string, i int) string { return list + "[" + strconv.Itoa(i) + "]" }

// brief quotes at most maxBrief bytes of s in ASCII, for an error.
func brief(s string) string {
	if len(s) <= maxBrief {
		return strconv.QuoteToASCII(s)
	}
	return strconv.QuoteToASCII(s[:maxBrief]) + "… (" + strconv.Itoa(len(s)) + " bytes)"
}
