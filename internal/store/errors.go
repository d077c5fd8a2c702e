package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"syscall"
)

// A Kind says what sort of thing went wrong. The list is closed.
type Kind string

const (
	Locked   Kind = "locked"    // another process has this folder
	NotFound Kind = "not-found" // there is no such row
	Conflict Kind = "conflict"  // the head has moved, or the row exists with other contents
	Full     Kind = "full"      // the disk or the database is full; nothing was stored
	Corrupt  Kind = "corrupt"   // the database is truncated, damaged or gone
	Newer    Kind = "newer"     // a later version of the program made this database
	Busy     Kind = "busy"      // no turn came in time; nothing was stored
	Refused  Kind = "refused"   // the caller asked for what the store never does: a mistake in the program
	Query    Kind = "query"     // what somebody searches for holds no word, or too many
	IO       Kind = "io"        // the operating system failed; nothing was stored
)

// Kinds lists every kind once.
func Kinds() []Kind {
	return []Kind{Locked, NotFound, Conflict, Full, Corrupt, Newer, Busy, Refused, Query, IO}
}

// An Error is the only type of error of this package, save that the end of a context is given back as it is.
type Error struct {
	Kind   Kind
	Detail string // what was wanted, what is the matter, what to do
	Err    error  // the cause, or nil
}

// Error gives kind, sentence and cause.
func (e *Error) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("store: %s: %s: %v", e.Kind, e.Detail, e.Err)
	}
	return fmt.Sprintf("store: %s: %s", e.Kind, e.Detail)
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// KindOf is the kind of the Error in err, or "" when there is none.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return ""
}

func fail(kind Kind, format string, args ...any) *Error {
	return &Error{Kind: kind, Detail: fmt.Sprintf(format, args...)}
}

// wrap gives err a kind and says what was being done. An Error passes through, and so does the end of a context.
func wrap(err error, format string, args ...any) error {
	if err == nil || KindOf(err) != "" || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	kind := kindOfCause(err)
	if errors.Is(err, fs.ErrPermission) {
		return &Error{Kind: kind, Detail: fmt.Sprintf(format, args...) + ": the user that runs this has no right to do it", Err: err}
	}
	return &Error{Kind: kind, Detail: fmt.Sprintf(format, args...) + advice(kind), Err: err}
}

func kindOfCause(err error) Kind {
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return NotFound
	case errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT):
		return Full
	}
	return kindOfSQLite(err)
}

// advice says what to do; it follows the sentence that says what was being done.
func advice(kind Kind) string {
	switch kind {
	case Full:
		return ": the disk is full and nothing was stored; make room, then try again"
	case Corrupt:
		return ": the database is truncated or damaged; " + rescue
	case Busy:
		return ": the database is in use; nothing was stored; try again, and close other programs that have the file open"
	case IO:
		return ": the system failed and nothing was stored; look at the disk and its log before going on"
	}
	return ""
}

// rescue is what to do when a database is lost.
const rescue = "keep the files as they are, and restore the newest backup into an empty folder (docs/operator.md)"
