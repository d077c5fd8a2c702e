package store

import (
	"context"
	"database/sql"
	"embed"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/url"
	"os"

	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"
	codes "modernc.org/sqlite/lib"
)

// This file holds what only SQLite knows: names, pragmas, error codes, the header of the file.

//go:embed migrations/sqlite/*.sql
var migrations embed.FS

// Pragmas stand in the name, so that every connection of a pool gets them. The name holds nothing but a path that the
// operator chose and numbers: it runs as SQL.
func sqliteName(path string, pragmas ...string) string {
	q := url.Values{"_pragma": append([]string{
		fmt.Sprintf("busy_timeout(%d)", busyMilliseconds), "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)", "trusted_schema(0)",
	}, pragmas...)}
	u := url.URL{Scheme: "file", Path: path}
	return u.String() + "?mode=rw&_txlock=immediate&" + q.Encode()
}

func writerName(path string, o Options) string {
	cache := o.CacheKiB
	if cache <= 0 {
		cache = cacheKiB
	}
	pragmas := []string{
		fmt.Sprintf("cache_size(-%d)", cache),
		fmt.Sprintf("wal_autocheckpoint(%d)", checkpointPages),
		fmt.Sprintf("journal_size_limit(%d)", walBytes),
	}
	if o.MaxPages > 0 {
		pragmas = append(pragmas, fmt.Sprintf("max_page_count(%d)", o.MaxPages))
	}
	return sqliteName(path, pragmas...)
}

func readerName(path string) string {
	return sqliteName(path, "query_only(1)", fmt.Sprintf("cache_size(-%d)", readerCacheKiB))
}

// memoryName is a database that lives as long as its one connection.
const memoryName = "file::memory:?_txlock=immediate&_pragma=foreign_keys(1)&_pragma=trusted_schema(0)"

// kindOfSQLite tells the kind of an error by SQLite's own code.
func kindOfSQLite(err error) Kind {
	e, ok := errors.AsType[*sqlite.Error](err)
	if !ok {
		return IO
	}
	switch e.Code() {
	case codes.SQLITE_IOERR_SHORT_READ, codes.SQLITE_IOERR_CORRUPTFS:
		return Corrupt
	case codes.SQLITE_IOERR_SHMSIZE: // the -shm file could not grow: SQLite tells a full disk apart only where it writes
		return Full
	}
	switch e.Code() & 0xff {
	case codes.SQLITE_CORRUPT, codes.SQLITE_NOTADB:
		return Corrupt
	case codes.SQLITE_FULL:
		return Full
	case codes.SQLITE_BUSY, codes.SQLITE_LOCKED:
		return Busy
	case codes.SQLITE_CONSTRAINT:
		return Conflict
	}
	return IO
}

// misfit makes Corrupt of what SQLite calls a mistake in the SQL: the statements are right, so a name in the schema is damaged.
func misfit(err error) error {
	if e, ok := errors.AsType[*sqlite.Error](err); ok && e.Code() == codes.SQLITE_ERROR {
		return &Error{Kind: Corrupt, Detail: "the tables of the database are damaged, or another program's; " + rescue, Err: e}
	}
	return err
}

// A database file begins with 100 bytes; see "The Database Header" in SQLite's description of its format.
const (
	headerBytes   = 100
	headerMagic   = "SQLite format 3\x00"
	pageSizeAt    = 16
	changesAt     = 24
	pagesAt       = 28
	versionForAt  = 92
	wholePageSize = 65536 // written as 1

	walSuffix = "-wal"
	shmSuffix = "-shm"
)

// A shape is what the first bytes and the length of a database file say, before SQLite sees it.
type shape int

const (
	whole  shape = iota
	absent       // no such file
	short        // shorter than its own header says; in order only when a WAL holds the rest
	alien        // not the beginning of a database
)

func shapeOf(path string) (shape, error) {
	f, err := os.Open(path) // #nosec G304 -- the operator's own folder
	if errors.Is(err, fs.ErrNotExist) {
		return absent, nil
	}
	if err != nil {
		return absent, wrap(err, "opening %s", path)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return absent, wrap(err, "looking at %s", path)
	}
	var h [headerBytes]byte
	if _, err := io.ReadFull(f, h[:]); err != nil || string(h[:len(headerMagic)]) != headerMagic {
		return alien, nil
	}
	page := int64(binary.BigEndian.Uint16(h[pageSizeAt:]))
	if page == 1 {
		page = wholePageSize
	}
	pages := int64(binary.BigEndian.Uint32(h[pagesAt:]))
	counted := [4]byte(h[changesAt:]) == [4]byte(h[versionForAt:])
	if page == 0 || info.Size() < page || counted && info.Size() < pages*page {
		return short, nil
	}
	return whole, nil
}

// migrate brings the schema to this version's. It never goes back.
func migrate(ctx context.Context, db *sql.DB) error {
	files, err := fs.Sub(migrations, "migrations/sqlite")
	if err != nil {
		return wrap(err, "reading the migrations of the database")
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, db, files, goose.WithDisableGlobalRegistry(true), goose.WithSlog(slog.New(slog.DiscardHandler)))
	if err != nil {
		return wrap(err, "reading the migrations of the database")
	}
	now, want, err := p.GetVersions(ctx)
	if err != nil {
		return wrap(err, "reading the version of the database")
	}
	if now > want {
		return fail(Newer, "the database has version %d and this program knows versions up to %d; start the program that made it, or a later one", now, want)
	}
	if _, err := p.Up(ctx); err != nil {
		return wrap(err, "bringing the database from version %d to %d", now, want)
	}
	return nil
}

// hasSchema refuses a database in which no migration of ours ever ran. It asks for all that goose asks for (the row of version 0 tells
// goose that its table is there), because goose tries again for seconds where that cannot be read.
func hasSchema(ctx context.Context, db *sql.DB) error {
	var first, last int64
	err := db.QueryRowContext(ctx, `SELECT COALESCE(min(version_id), 1), COALESCE(max(version_id), 0) FROM goose_db_version
WHERE id > 0 AND is_applied AND datetime(tstamp) IS NOT NULL`).Scan(&first, &last)
	if err == nil && (first != 0 || last == 0) {
		return fail(Corrupt, "the database has lost its tables; %s", rescue)
	}
	return misfit(wrap(err, "reading the schema of the database"))
}

// sound runs one of SQLite's own checks: integrity_check, quick_check or foreign_key_check.
func sound(ctx context.Context, db *sql.Tx, check string) error {
	rows, err := db.QueryContext(ctx, `PRAGMA `+check)
	if err != nil {
		return wrap(err, "checking the database (%s)", check)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return wrap(err, "checking the database (%s)", check)
	}
	values, cells := make([]any, len(columns)), make([]sql.NullString, len(columns))
	for i := range cells {
		values[i] = &cells[i]
	}
	for rows.Next() {
		if err := rows.Scan(values...); err != nil {
			return wrap(err, "checking the database (%s)", check)
		}
		if cells[0].String != "ok" {
			return fail(Corrupt, "%s of the database says %q; %s", check, cells[0].String, rescue)
		}
	}
	return wrap(rows.Err(), "checking the database (%s)", check)
}

// copyInto writes a whole copy of the database that db is connected to. It reads a snapshot: the writer goes on.
func copyInto(ctx context.Context, db *sql.DB, path string) error {
	_, err := db.ExecContext(ctx, `VACUUM INTO $1`, path)
	return wrap(err, "writing a copy of the database to %s", path)
}

// shred makes the deletions that follow in this transaction overwrite what they delete.
func (tx *Tx) shred(on bool) error {
	value := "OFF"
	if on {
		value = "ON"
	}
	_, err := tx.sql.ExecContext(context.Background(), `PRAGMA secure_delete = `+value)
	return wrap(err, "preparing to erase")
}

func searchWriterName(path string) string {
	return sqliteName(path, "secure_delete(1)", fmt.Sprintf("cache_size(-%d)", searchCacheKiB), fmt.Sprintf("wal_autocheckpoint(%d)", checkpointPages), fmt.Sprintf("journal_size_limit(%d)", walBytes),
		"synchronous(NORMAL)") // the last one counts: a search that loses its newest texts in a power cut is fed again
}

// searchVersion is of the tables below. A search of another version is dropped.
const searchVersion = 1

// What is found is shown from docs as it was written; texts holds its words folded, by the same numbers.
const searchTables = `
CREATE TABLE feeds (
  id     INTEGER PRIMARY KEY,
  origin TEXT    NOT NULL UNIQUE,
  next   INTEGER NOT NULL
) STRICT;
CREATE TABLE docs (
  id       INTEGER PRIMARY KEY, -- second << 20 | count
  feed     INTEGER NOT NULL REFERENCES feeds (id),
  position INTEGER NOT NULL,
  link     TEXT    NOT NULL,
  key      TEXT    NOT NULL,
  act      TEXT    NOT NULL,
  kind     TEXT    NOT NULL,
  tlp      TEXT    NOT NULL,
  subject  TEXT    NOT NULL,
  body     TEXT    NOT NULL,
  UNIQUE (feed, position)
) STRICT;
CREATE VIRTUAL TABLE texts USING fts5 (subject, body, content = 'docs', content_rowid = 'id', tokenize = 'unicode61 remove_diacritics 2');
INSERT INTO texts (texts, rank) VALUES ('rank', 'bm25(5.0, 1.0)');
INSERT INTO texts (texts, rank) VALUES ('secure-delete', 1);
`

// searchSchema makes the tables in an empty file, and refuses those of another version as Corrupt.
func searchSchema(ctx context.Context, db *sql.DB) error {
	var version, tables int
	err := db.QueryRowContext(ctx, `SELECT user_version, (SELECT count(*) FROM sqlite_schema) FROM pragma_user_version`).Scan(&version, &tables)
	switch {
	case err != nil:
		return wrap(err, "reading the search")
	case version == searchVersion && tables > 0:
		return nil
	case version != 0 || tables > 0:
		return fail(Corrupt, "the search has version %d, and this program makes %d", version, searchVersion)
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return wrap(err, "making the search")
	}
	defer tx.Rollback()
	if _, err := tx.ExecContext(ctx, searchTables+fmt.Sprintf(`PRAGMA user_version = %d`, searchVersion)); err != nil {
		return wrap(err, "making the search")
	}
	return wrap(tx.Commit(), "making the search")
}

// emptyWAL carries the WAL over into the file and cuts it to nothing, if nobody reads.
func emptyWAL(ctx context.Context, db *sql.DB) error {
	_, err := db.ExecContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`)
	return wrap(err, "emptying the WAL")
}
