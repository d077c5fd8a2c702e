package seal

import "fmt"

// A Kind says what sort of thing went wrong. The list is closed.
type Kind string

const (
	Malformed       Kind = "malformed"        // the bytes do not have the form the rule asks for
	BadSignature    Kind = "bad-signature"    // a known key did not make this signature
	WeakKey         Kind = "weak-key"         // a key that may not be used (K-4)
	UnknownKey      Kind = "unknown-key"      // a needed line is missing: nobody we know signed
	WrongPassphrase Kind = "wrong-passphrase" // the key file opens with another passphrase
	CannotDecrypt   Kind = "cannot-decrypt"   // well formed, but not for our keys, or damaged
	Refused         Kind = "refused"          // we will not do this: the caller asked for something wrong
)

// An Error is the only type of error of this package.
type Error struct {
	Kind   Kind
	Rule   string // the rule of spec/keys.md that was broken, such as "K-9"
	Detail string // what was expected, what came, what to do; never a secret
	Err    error  // the cause in a library, or nil; never holds a secret
}

// Error gives the rule and the sentence.
func (e *Error) Error() string {
	if e.Err != nil {
		return "seal: " + e.Rule + ": " + e.Detail + ": " + e.Err.Error()
	}
	return "seal: " + e.Rule + ": " + e.Detail
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

func fail(kind Kind, rule, format string, args ...any) *Error {
	return &Error{Kind: kind, Rule: rule, Detail: fmt.Sprintf(format, args...)}
}

func (e *Error) because(err error) *Error {
	e.Err = err
	return e
}
