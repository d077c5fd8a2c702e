package store

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// A Search finds records by their words. It is a file of its own beside the database, which holds what was decrypted: it is in no backup, and
// nothing is lost with it. Where it is missing, damaged, of another version or ahead of the outboxes, it is dropped, and is empty until it is fed
// again. It is opened when it is first asked. Its methods may be called from many goroutines.
type Search struct {
	path string // "" in memory

	mu     sync.RWMutex // held for writing while the file is opened or dropped
	writer *pool
	reader *pool // the writer's in memory
	closed bool
}

// A Text is the words of one record.
type Text struct {
	Index   int64  // in its outbox
	Link    string // the other party
	Case    string // key of the case that it belongs to
	Act     string
	Kind    string
	TLP     string
	At      time.Time // released at
	Subject string
	Body    string // cut after MaxSearchText bytes
}

// The statements of search.db. Like all of ours they use $1, $2 in the order of first use.
const (
	searchFeed       = `SELECT id, next FROM feeds WHERE origin = $1`
	searchFeeds      = `SELECT origin, next FROM feeds ORDER BY origin`
	searchNewFeed    = `INSERT INTO feeds (origin, next) VALUES ($1, 0) ON CONFLICT (origin) DO NOTHING`
	searchMoveFeed   = `UPDATE feeds SET next = $1 WHERE id = $2`
	searchLastAt     = `SELECT COALESCE(max(id), -1) FROM docs WHERE id >= $1 AND id < $2`
	searchInsert     = `INSERT INTO docs (id, feed, position, link, key, act, kind, tlp, subject, body) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`
	searchInsertText = `INSERT INTO texts (rowid, subject, body) VALUES ($1, $2, $3)`
	searchDoc        = `SELECT d.id, d.subject, d.body FROM docs d JOIN feeds f ON f.id = d.feed WHERE f.origin = $1 AND d.position = $2`
	searchDrop       = `DELETE FROM docs WHERE id = $1`
	searchDropText   = `INSERT INTO texts (texts, rowid, subject, body) VALUES ('delete', $1, $2, $3)`
)

func searchReads() []string { return []string{searchFeeds} }

func searchWrites() []string {
	return []string{searchFeed, searchNewFeed, searchMoveFeed, searchLastAt, searchInsert, searchInsertText, searchDoc, searchDrop, searchDropText}
}

// The number of a text holds its time, so that the newest come first by number alone: seconds above, a count within the second below.
const secondBits = 20

// OpenSearch gives the search of s, which must stay open as long. It touches no file yet.
func OpenSearch(s *Store) *Search {
	if s.path == "" {
		return &Search{}
	}
	return &Search{path: filepath.Join(filepath.Dir(s.path), searchFile)}
}

// Close lets go of the file. A second Close does nothing.
func (x *Search) Close() error {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.closed = true
	return x.shut()
}

// shut closes the connections, with x.mu held.
func (x *Search) shut() error {
	var errs []error
	if x.reader != nil && x.reader != x.writer {
		errs = append(errs, x.reader.db.Close())
	}
	if x.writer != nil {
		errs = append(errs, x.writer.db.Close())
	}
	x.reader, x.writer = nil, nil
	return wrap(errors.Join(errs...), "closing the search")
}

// Next gives, for each of these outboxes, the index that the next Add begins at. Where more was taken in than an outbox now has, or of one that
// is not among them, the outboxes are older than the search: it is dropped.
func (x *Search) Next(ctx context.Context, outboxes []Outbox) (map[string]int64, error) {
	sizes, next := map[string]int64{}, map[string]int64{}
	for _, o := range outboxes {
		sizes[o.Origin.String()], next[o.Origin.String()] = o.Head.Size, 0
	}
	ahead := false
	err := x.run(ctx, false, func(tx *Tx) error {
		return tx.each("reading how far the search is", searchFeeds, nil, func(rows *sql.Rows) error {
			var origin string
			var at int64
			if err := rows.Scan(&origin, &at); err != nil {
				return wrap(err, "reading how far the search is")
			}
			size, known := sizes[origin]
			ahead = ahead || at > 0 && (!known || at > size)
			if known {
				next[origin] = at
			}
			return nil
		})
	})
	if err != nil || !ahead {
		return next, err
	}
	for origin := range next {
		next[origin] = 0
	}
	return next, x.Reset()
}

// Reset drops everything: the search is empty and every outbox begins anew.
func (x *Search) Reset() error {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.drop()
}

// Add takes in the entries of an outbox from (included) to to (excluded); texts are those of them that have words, the others are passed over.
// Conflict: the search is not at from; ask Next.
func (x *Search) Add(ctx context.Context, origin string, from, to int64, texts []Text) error {
	if from < 0 || to < from || len(texts) > MaxSearchBatch {
		return fail(Refused, "the search takes at most %d texts at once, of entries in ascending order", MaxSearchBatch)
	}
	for _, t := range texts {
		if t.Index < from || t.Index >= to {
			return fail(Refused, "entry %d is not between %d and %d", t.Index, from, to)
		}
	}
	texts = slices.Clone(texts)
	slices.SortStableFunc(texts, func(a, b Text) int { return a.At.Compare(b.At) }) // ascending numbers are taken in more quickly
	return x.run(ctx, true, func(tx *Tx) error {
		var feed, next int64
		if _, err := tx.exec("adding an outbox to the search", searchNewFeed, origin); err != nil {
			return err
		}
		if _, err := tx.one("reading how far the search is", searchFeed, []any{origin}, &feed, &next); err != nil {
			return err
		}
		if next != from {
			return fail(Conflict, "the search has %s up to %d, not %d", origin, next, from)
		}
		for _, t := range texts {
			if err := tx.addText(feed, t); err != nil {
				return err
			}
		}
		_, err := tx.exec("moving the search on", searchMoveFeed, to, feed)
		return err
	})
}

func (tx *Tx) addText(feed int64, t Text) error {
	id, err := tx.textNumber(t.At)
	if err != nil {
		return err
	}
	subject, body := plain(t.Subject), plain(t.Body)
	if _, err := tx.exec("adding to the search", searchInsert, id, feed, t.Index, t.Link, t.Case, t.Act, t.Kind, t.TLP, subject, body); err != nil {
		return err
	}
	_, err = tx.exec("adding to the search", searchInsertText, id, folded(subject), folded(body))
	return err
}

// textNumber gives a free number of the second of at, or of the next one that has one.
func (tx *Tx) textNumber(at time.Time) (int64, error) {
	for second := min(max(at.Unix(), 1), maxSecond); ; second++ {
		first, end := second<<secondBits, (second+1)<<secondBits
		var last int64
		if _, err := tx.one("numbering a text", searchLastAt, []any{first, end}, &last); err != nil {
			return 0, err
		}
		if last+1 < end {
			return max(first, last+1), nil
		}
	}
}

// plain is a text as it is kept: of valid letters, cut, and without the marks of snippets.
func plain(s string) string {
	if len(s) > MaxSearchText {
		s = s[:MaxSearchText] // a letter that is half then is no valid one
	}
	return searchPlain.Replace(strings.ToValidUTF8(s, " "))
}

var (
	searchPlain = strings.NewReplacer(MarkStart, " ", MarkEnd, " ", "\x00", " ")
	// searchFolds is what the tokenizer does not know: Russian is written with and without the dots, and й in one sign or in two.
	searchFolds = strings.NewReplacer("ё", "е", "Ё", "Е", "и\u0306", "й", "И\u0306", "Й")
)

// folded is a text as its words are found.
func folded(s string) string { return searchFolds.Replace(s) }

// Drop takes an entry out of the search, and its words out of the file. Call it before its content is erased: then what is erased is
// never found. An entry that is not in it is no error.
func (x *Search) Drop(ctx context.Context, origin string, index int64) error {
	err := x.run(ctx, true, func(tx *Tx) error {
		var id int64
		var subject, body string
		found, err := tx.one("reading the search", searchDoc, []any{origin, index}, &id, &subject, &body)
		if err != nil || !found {
			return err
		}
		if _, err := tx.exec("taking out of the search", searchDropText, id, folded(subject), folded(body)); err != nil {
			return err
		}
		_, err = tx.exec("taking out of the search", searchDrop, id)
		return err
	})
	if err != nil {
		return err
	}
	return x.settle(ctx)
}

// run runs fn in a transaction on search.db, opening it first. Where the file turns out damaged it is dropped, and fn runs on an empty one.
func (x *Search) run(ctx context.Context, write bool, fn func(*Tx) error) error {
	for dropped := false; ; {
		used, err := x.attempt(ctx, write, fn)
		switch {
		case used == nil && err == nil: // not open yet, or dropped by somebody else meanwhile
			err = x.open(ctx)
		case KindOf(err) == Corrupt && !dropped:
			dropped = true
			err = x.dropUsed(used)
		default:
			return err
		}
		if err != nil {
			return err
		}
	}
}

// attempt runs fn once, and tells on which connections: nil when there are none.
func (x *Search) attempt(ctx context.Context, write bool, fn func(*Tx) error) (*pool, error) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	if x.writer == nil {
		return nil, nil
	}
	p := x.reader
	if write {
		p = x.writer
	}
	if err := p.enter(ctx, maxWaitSearch); err != nil {
		return x.writer, err
	}
	defer p.leave()
	stx, err := p.db.BeginTx(ctx, &sql.TxOptions{ReadOnly: !write})
	if err != nil {
		return x.writer, wrap(err, "beginning to search")
	}
	defer stx.Rollback()
	err = fn(&Tx{ctx: ctx, sql: stx, pool: p, statements: map[string]*sql.Stmt{}, write: write, ends: ctx})
	switch {
	case ctx.Err() != nil:
		return x.writer, ctx.Err() // it may have broken off a statement
	case err != nil || !write:
		return x.writer, err
	}
	return x.writer, wrap(stx.Commit(), "committing to the search")
}

// open opens the file, or makes it. One that cannot be used is dropped.
func (x *Search) open(ctx context.Context) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	switch {
	case x.closed:
		return fail(Refused, "the search is closed")
	case x.writer != nil:
		return nil
	}
	err := x.connect(ctx)
	if KindOf(err) != Corrupt {
		return err
	}
	if err := x.drop(); err != nil {
		return err
	}
	return x.connect(ctx)
}

func (x *Search) connect(ctx context.Context) (err error) {
	defer func() {
		if err != nil {
			err = errors.Join(err, x.shut())
		}
	}()
	if x.path == "" {
		x.writer, err = connect(ctx, memoryName, 1)
	} else {
		if err := x.reserve(); err != nil {
			return err
		}
		x.writer, err = connect(ctx, searchWriterName(x.path), 1)
	}
	if err != nil {
		return err
	}
	if err := searchSchema(ctx, x.writer.db); err != nil {
		return misfit(err)
	}
	x.reader = x.writer
	if err := x.writer.prepare(ctx, slices.Concat(searchReads(), searchWrites())); err != nil || x.path == "" {
		return misfit(err)
	}
	if x.reader, err = connect(ctx, readerName(x.path), maxSearchers); err != nil {
		return err
	}
	return misfit(x.reader.prepare(ctx, searchReads()))
}

// reserve makes sure that the file is there, nobody else's, and the beginning of a database or of nothing.
func (x *Search) reserve() error {
	is, err := shapeOf(x.path)
	if err != nil {
		return err
	}
	info, err := os.Stat(x.path)
	switch {
	case is == absent:
		for _, left := range []string{walSuffix, shmSuffix} {
			if err := dropFile(x.path + left); err != nil {
				return err
			}
		}
		return reserve(x.path)
	case err != nil:
		return wrap(err, "looking at %s", x.path)
	case is == alien && info.Size() > 0:
		return fail(Corrupt, "%s is no database", x.path)
	}
	return wrap(os.Chmod(x.path, privateFile), "closing %s to others", x.path)
}

// dropUsed drops the file, unless somebody else has done so since.
func (x *Search) dropUsed(used *pool) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.writer != used {
		return nil
	}
	return x.drop()
}

// drop removes the file, with x.mu held. What is closed here may fail: it goes.
func (x *Search) drop() error {
	_ = x.shut()
	if x.path == "" {
		return nil
	}
	var errs []error
	for _, suffix := range []string{walSuffix, shmSuffix, ""} {
		errs = append(errs, dropFile(x.path+suffix))
	}
	return errors.Join(errs...)
}

// settle carries the WAL over and empties it, so that no page of before stays in it. Who reads meanwhile puts it off until the next time.
func (x *Search) settle(ctx context.Context) error {
	x.mu.RLock()
	defer x.mu.RUnlock()
	if x.writer == nil || x.path == "" {
		return nil
	}
	if err := x.writer.enter(ctx, maxWaitSearch); err != nil {
		return err
	}
	defer x.writer.leave()
	return emptyWAL(ctx, x.writer.db)
}
