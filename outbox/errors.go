package outbox

import "fmt"

// Kind is a closed list of what can go wrong in this room.
type Kind string

// The kinds of error.
const (
	Malformed Kind = "malformed" // a file or path that cannot be read
	BadProof  Kind = "bad-proof" // a proof that does not prove what it should
	Refused   Kind = "refused"   // asked for what the tree does not have
	Damaged   Kind = "damaged"   // the stored tree is not whole
)

// An Error is the only type of error of this package, but for those of ReadTile, which pass through.
type Error struct {
	Kind Kind
	Rule string // of spec/outbox.md
	Text string
}

// Error gives the rule and the sentence.
func (e *Error) Error() string { return e.Rule + ": " + e.Text }

func fail(kind Kind, rule, format string, args ...any) error {
	return &Error{Kind: kind, Rule: rule, Text: fmt.Sprintf(format, args...)}
}
