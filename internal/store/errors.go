package store

import (
	"database/sql"
	"errors"
	"fmt"
	"syscall"

	"modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"
)

// Kind is a closed list of what can go wrong in this room.
type Kind string

// The kinds of error.
const (
	Locked   Kind = "locked"    // another process has the data folder
	NotFound Kind = "not-found" // no such row
	Conflict Kind = "conflict"  // it exists already, or the head has moved
	Full     Kind = "full"      // the disk, or the database at its limit, is full
	Corrupt  Kind = "corrupt"   // the file is damaged or cut short
	Newer    Kind = "newer"     // the schema is of a later version of this program
	IO       Kind = "io"        // anything else that the database says
)

// An Error is the only type of error of this package, but for what the functions handed to Update and View return.
type Error struct {
	Kind  Kind
	Text  string // what happened and what to do
	cause error
}

// Error gives the sentence.
func (e *Error) Error() string { return e.Text }

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.cause }

func fail(kind Kind, cause error, format string, args ...any) error {
	return &Error{Kind: kind, Text: fmt.Sprintf(format, args...), cause: cause}
}

// wrap gives an error of the database its kind. doing says what was tried.
func wrap(err error, doing string) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*Error](err); ok {
		return err
	}
	if errors.Is(err, sql.ErrNoRows) {
		return fail(NotFound, err, "%s: there is none", doing)
	}
	switch codeOf(err) {
	case lib.SQLITE_FULL:
		return fail(Full, err, "%s: the disk is full; nothing was written; make room and try again", doing)
	case lib.SQLITE_CORRUPT, lib.SQLITE_NOTADB:
		return fail(Corrupt, err, "%s: the database file is damaged or cut short; do not delete it: restore a backup, then let the peers fill it up (docs/operator.md)", doing)
	case lib.SQLITE_CONSTRAINT:
		return fail(Conflict, err, "%s: it exists already", doing)
	}
	if errors.Is(err, syscall.ENOSPC) {
		return fail(Full, err, "%s: the disk is full; nothing was written; make room and try again", doing)
	}
	return fail(IO, err, "%s: %v", doing, err)
}

// codeOf is the primary result code of SQLite in err, or 0.
func codeOf(err error) int {
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		return e.Code() & 0xff
	}
	return 0
}
