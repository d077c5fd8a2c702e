package store

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// Options are what an operator or a test may set.
type Options struct {
	MaxPages int64 // pages of 4 KiB that the database may have; 0: as the disk allows
	CacheKiB int   // page cache of the writer; 0: 32 MiB
}

// A Store is the database of one node. Its methods may be called from many goroutines.
type Store struct {
	path   string // "" in memory
	lock   *os.File
	writer *pool
	reader *pool // the writer's in memory
	wait   time.Duration

	mu     sync.Mutex
	news   chan struct{} // closed when cases change; nil while nobody waits
	closed bool
	active sync.WaitGroup // transactions under way
}

// A pool is connections of one sort, the statements prepared on them, and a place in the queue for each connection.
type pool struct {
	db         *sql.DB
	statements map[string]*sql.Stmt
	places     chan struct{}
}

// Open opens the database in dir, or makes it where none ever was. It holds dir/lock until Close.
// It refuses with Locked, Corrupt, Newer, Full or IO, and then has changed nothing that was there.
func Open(ctx context.Context, dir string, o Options) (*Store, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, wrap(err, "finding the folder")
	}
	if err := os.MkdirAll(dir, privateFolder); err != nil {
		return nil, wrap(err, "making the folder %s", dir)
	}
	held, err := lock(dir)
	if err != nil {
		return nil, err
	}
	s := &Store{path: filepath.Join(dir, databaseFile), lock: held, wait: maxWait}
	if err := s.open(ctx, dir, o); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *Store) open(ctx context.Context, dir string, o Options) error {
	marked, err := hasMarker(dir)
	if err != nil {
		return err
	}
	doubt, err := s.inspect(ctx, marked)
	if err != nil {
		return err
	}
	if s.writer, err = connect(ctx, writerName(s.path, o), 1); err != nil {
		return err
	}
	if err := s.examine(ctx, doubt); err != nil {
		return err
	}
	if err := s.ready(ctx); err != nil || marked {
		return err
	}
	return mark(dir)
}

// inspect looks at the file before SQLite does, which would take an empty one for a new database. doubt: a check of the whole must follow.
func (s *Store) inspect(ctx context.Context, marked bool) (doubt bool, err error) {
	is, err := shapeOf(s.path)
	if err != nil {
		return false, err
	}
	switch {
	case is == absent && !marked && !s.hasWAL():
		return false, s.create(ctx)
	case is == absent:
		return false, fail(Corrupt, "%s is gone, though a database was made in this folder; no new one is made in its place; %s", s.path, rescue)
	case is == alien:
		return false, fail(Corrupt, "%s is empty, damaged at its beginning, or no database; %s", s.path, rescue)
	case is == short && !s.hasWAL():
		return false, fail(Corrupt, "%s is shorter than it says itself: its end was cut off; %s", s.path, rescue)
	}
	return is == short, nil
}

// hasWAL tells whether an earlier process left work behind that the file does not hold yet.
func (s *Store) hasWAL() bool {
	info, err := os.Stat(s.path + walSuffix)
	return err == nil && info.Size() > 0
}

// create makes an empty database under another name and moves it into place whole, so that a file with the right name is
// never a beginning.
func (s *Store) create(ctx context.Context) error {
	path := s.path + newSuffix
	for _, left := range []string{path, path + walSuffix, path + shmSuffix} {
		if err := dropFile(left); err != nil {
			return err
		}
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, privateFile) // #nosec G304 -- the operator's own folder
	if err != nil {
		return wrap(err, "making %s", path)
	}
	if err := f.Close(); err != nil {
		return wrap(err, "making %s", path)
	}
	p, err := connect(ctx, writerName(path, Options{}), 1)
	if err != nil {
		return err
	}
	if err := errors.Join(migrate(ctx, p.db), p.db.Close()); err != nil {
		return wrap(err, "making %s", path)
	}
	return finish(path, s.path)
}

// examine refuses a database without our tables, and one in doubt that does not hold together.
func (s *Store) examine(ctx context.Context, doubt bool) error {
	if err := hasSchema(ctx, s.writer.db); err != nil {
		return err
	}
	if !doubt {
		return nil
	}
	tx, err := s.writer.db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return wrap(err, "checking %s", s.path)
	}
	return errors.Join(sound(ctx, tx, "quick_check"), wrap(tx.Rollback(), "checking %s", s.path))
}

// ready brings the schema up to date, prepares the statements and fills what a migration left empty. Its tables were made here: when they do
// not fit, they are damaged.
func (s *Store) ready(ctx context.Context) error {
	if err := s.prepare(ctx); err != nil {
		return misfit(err)
	}
	return s.fill(ctx)
}

func (s *Store) prepare(ctx context.Context) (err error) {
	if err := migrate(ctx, s.writer.db); err != nil {
		return err
	}
	if err := s.writer.prepare(ctx, append(reads(), writes()...)); err != nil {
		return err
	}
	if s.path == "" {
		s.reader = s.writer
		return nil
	}
	if s.reader, err = connect(ctx, readerName(s.path), maxReaders); err != nil {
		return err
	}
	return s.reader.prepare(ctx, reads())
}

// OpenMemory makes a database in memory, for tests: real SQLite on one connection. A View waits there for the Update under way, and so
// a View (or an Update) inside an Update waits for itself: after ten seconds it fails with Busy. On disk a View never waits.
func OpenMemory(ctx context.Context) (*Store, error) {
	w, err := connect(ctx, memoryName, 1)
	s := &Store{writer: w, wait: maxWaitMemory}
	if err == nil {
		err = s.ready(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// Close waits for the transactions under way, writes the WAL into the database and lets go of the folder.
// A second Close does nothing.
func (s *Store) Close() error {
	s.mu.Lock()
	was := s.closed
	s.closed = true
	s.mu.Unlock()
	if was {
		return nil
	}
	s.active.Wait()
	var errs []error
	if s.reader != nil && s.reader != s.writer {
		errs = append(errs, s.reader.db.Close())
	}
	if s.writer != nil {
		errs = append(errs, s.writer.db.Close())
	}
	if s.lock != nil {
		errs = append(errs, s.lock.Close())
	}
	return wrap(errors.Join(errs...), "closing the database")
}

// begin counts a transaction in, unless the store is closed.
func (s *Store) begin() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return fail(Refused, "the store is closed")
	}
	s.active.Add(1)
	return nil
}

func connect(ctx context.Context, name string, connections int) (*pool, error) {
	db, err := sql.Open("sqlite", name)
	if err != nil {
		return nil, wrap(err, "opening the database")
	}
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	if err := db.PingContext(ctx); err != nil {
		return nil, errors.Join(wrap(err, "opening the database"), db.Close())
	}
	return &pool{db: db, places: make(chan struct{}, connections)}, nil
}

func (p *pool) prepare(ctx context.Context, queries []string) error {
	p.statements = make(map[string]*sql.Stmt, len(queries))
	for _, q := range queries {
		st, err := p.db.PrepareContext(ctx, q) //nolint:sqlclosecheck // closed with the database
		if err != nil {
			return wrap(err, "preparing %q", q)
		}
		p.statements[q] = st
	}
	return nil
}

// enter takes a place, or gives up with Busy after wait.
func (p *pool) enter(ctx context.Context, wait time.Duration) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case p.places <- struct{}{}:
		return nil
	default:
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case p.places <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return fail(Busy, "no turn came within %v; nothing was done; if this happens again, look for a transaction that is opened inside another", wait)
	}
}

func (p *pool) leave() { <-p.places }
