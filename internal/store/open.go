package store

import (
	"context"
	"database/sql"
	"embed"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/pressly/goose/v3"
	_ "modernc.org/sqlite" // the SQL driver
)

//go:embed migrations/*.sql
var migrations embed.FS

// DatabaseFile is the name of the database within a data folder.
const DatabaseFile = "verbale.db"

// Options change how a store is opened. The zero value is right but for tests.
type Options struct {
	MaxPages int64 // most 4 KiB pages that the database may have; 0: no limit
}

// A Store is one database. It may be used from many goroutines.
type Store struct {
	writer *sql.DB // one connection
	reader *sql.DB // several, read-only; the same as writer for a store in memory
	lock   *os.File
}

// Open opens the store of a data folder and creates it in a new one. A second process gets kind locked.
func Open(ctx context.Context, dir string, o Options) (*Store, error) {
	lock, err := lockFolder(dir)
	if err != nil {
		return nil, err
	}
	s, err := openFile(ctx, filepath.Join(dir, DatabaseFile), lock, o)
	if err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	return s, nil
}

func openFile(ctx context.Context, path string, lock *os.File, o Options) (*Store, error) {
	existed, err := inspect(path, lock)
	if err != nil {
		return nil, err
	}
	s := &Store{lock: lock}
	if s.writer, err = connect(path, o, false); err != nil {
		return nil, err
	}
	s.writer.SetMaxOpenConns(1)
	if err := s.migrate(ctx); err != nil {
		return nil, errors.Join(err, s.writer.Close())
	}
	if !existed {
		if err := mark(lock); err != nil {
			return nil, errors.Join(err, s.writer.Close())
		}
	}
	if s.reader, err = connect(path, o, true); err != nil {
		return nil, errors.Join(err, s.writer.Close())
	}
	s.reader.SetMaxOpenConns(readers)
	return s, nil
}

// OpenMemory opens a real SQLite database in memory. It has one connection: View and Update take turns, and calling
// one inside the other waits for ever, as it would be wrong on disk.
func OpenMemory(ctx context.Context) (*Store, error) {
	db, err := connect(":memory:", Options{}, false)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	db.SetConnMaxLifetime(0)
	s := &Store{writer: db, reader: db}
	if err := s.migrate(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return s, nil
}

// connect prepares a pool; nothing is opened before the first use. The path never comes from outside.
func connect(path string, o Options, readOnly bool) (*sql.DB, error) {
	q := url.Values{"_txlock": {"immediate"}}
	pragma := func(format string, args ...any) { q.Add("_pragma", fmt.Sprintf(format, args...)) }
	pragma("busy_timeout(%d)", busyMillis)
	pragma("foreign_keys(1)")
	pragma("cache_size(-%d)", cacheKiB)
	if path != ":memory:" {
		pragma("journal_mode(WAL)")
		pragma("synchronous(FULL)")
		pragma("wal_autocheckpoint(%d)", walPages)
	}
	if o.MaxPages > 0 {
		pragma("max_page_count(%d)", o.MaxPages)
	}
	if readOnly {
		pragma("query_only(1)")
		q.Set("_txlock", "deferred")
	}
	db, err := sql.Open("sqlite", "file:"+strings.ReplaceAll(path, "?", "%3f")+"?"+q.Encode())
	return db, wrap(err, "open the database")
}

// inspect tells whether the database existed, and refuses one that is missing where there was one, or is cut short.
func inspect(path string, lock *os.File) (existed bool, err error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		marked, err := isMarked(lock)
		if err == nil && marked {
			err = fail(Corrupt, nil, "%s is missing, but this folder had a database: restore a backup of it; never start with an empty one, it would sign a second history", path)
		}
		return false, err
	} else if err != nil {
		return false, fail(IO, err, "open %s: %v", path, err)
	}
	return true, inspectLength(path, info.Size())
}

// inspectLength holds the file's length against the page count in its header. A write-ahead log may hold newer pages; then SQLite judges.
func inspectLength(path string, size int64) error {
	if wal, err := os.Stat(path + "-wal"); err == nil && wal.Size() > 0 {
		return nil
	}
	if size == 0 {
		return fail(Corrupt, nil, "%s is empty: restore a backup, then let the peers fill it up (docs/operator.md)", path)
	}
	f, err := os.Open(path) // #nosec G304 -- the operator's own data folder
	if err != nil {
		return fail(IO, err, "open %s: %v", path, err)
	}
	defer f.Close() //nolint:errcheck // only read
	var head [100]byte
	if _, err := f.ReadAt(head[:], 0); err != nil || string(head[:15]) != "SQLite format 3" {
		return fail(Corrupt, err, "%s is not a whole database: restore a backup, then let the peers fill it up (docs/operator.md)", path)
	}
	page := int64(binary.BigEndian.Uint16(head[16:18]))
	if page == 1 {
		page = 65536
	}
	if want := page * int64(binary.BigEndian.Uint32(head[28:32])); size < want {
		return fail(Corrupt, nil, "%s has %d bytes of %d: it is cut short; restore a backup, then let the peers fill it up (docs/operator.md)", path, size, want)
	}
	return nil
}

// migrate brings the schema up to date, and refuses one of a later version.
func (s *Store) migrate(ctx context.Context) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, s.writer, files, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return wrap(err, "prepare the schema")
	}
	at, err := p.GetDBVersion(ctx)
	if err != nil {
		return wrap(err, "read the schema's version")
	}
	sources := p.ListSources()
	if newest := sources[len(sources)-1].Version; at > newest {
		return fail(Newer, nil, "the database has schema %d, this program knows up to %d: run the newer verbale that wrote it", at, newest)
	}
	_, err = p.Up(ctx)
	return wrap(err, "update the schema")
}

// Close closes the database and gives the folder free.
func (s *Store) Close() error {
	errs := []error{s.writer.Close()}
	if s.reader != s.writer {
		errs = append(errs, s.reader.Close())
	}
	if s.lock != nil {
		errs = append(errs, s.lock.Close())
	}
	return wrap(errors.Join(errs...), "close the database")
}

// Integrity checks the database file itself: every page, index and foreign key.
func (s *Store) Integrity(ctx context.Context) error {
	var answer string
	if err := s.reader.QueryRowContext(ctx, "PRAGMA integrity_check(1)").Scan(&answer); err != nil {
		return wrap(err, "check the database")
	}
	if answer != "ok" {
		return fail(Corrupt, nil, "the database file is damaged (%s): restore a backup, then let the peers fill it up (docs/operator.md)", answer)
	}
	return nil
}

// Backup writes a consistent copy of the database to a new file while the node goes on.
func (s *Store) Backup(ctx context.Context, path string) error {
	if _, err := os.Stat(path); err == nil {
		return fail(Conflict, nil, "%s exists already: name a new file", path)
	}
	_, err := s.reader.ExecContext(ctx, "VACUUM INTO $1", path)
	return wrap(err, "write the backup "+path)
}
