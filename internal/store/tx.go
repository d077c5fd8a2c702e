package store

import (
	"context"
	"database/sql"
	"errors"
)

// A Tx is one transaction. It is for one goroutine, and only until the function that was given it returns.
// Slices that it gives are the caller's own.
type Tx struct {
	ctx        context.Context
	sql        *sql.Tx
	pool       *pool
	statements map[string]*sql.Stmt // of pool, bound to sql
	write      bool
	ends       context.Context // breaks off the queries of each; never ends in a Store, whose queries are short
	changed    int64           // number of the last change of a case; 0 before the first of this transaction
}

// Update runs fn in the one write transaction. When it returns nil, what fn did is durable; otherwise nothing of it happened.
// An error of fn is given back as it is. Do not call Update or a network from within fn: all other writers wait.
// The end of ctx is seen between two calls of Tx and before the commit, never within.
func (s *Store) Update(ctx context.Context, fn func(*Tx) error) error {
	return s.run(ctx, s.writer, true, fn)
}

// View runs fn in a snapshot: it sees all of an Update or nothing of it, and the same for as long as it lasts.
// Do not hold one for long: the WAL grows meanwhile.
func (s *Store) View(ctx context.Context, fn func(*Tx) error) error {
	return s.run(ctx, s.reader, false, fn)
}

func (s *Store) run(ctx context.Context, p *pool, write bool, fn func(*Tx) error) error {
	if err := s.begin(); err != nil {
		return err
	}
	defer s.active.Done()
	if err := p.enter(ctx, s.wait); err != nil {
		return err
	}
	defer p.leave()
	// The driver starts a goroutine for each statement under a context that can end. Ours end between statements.
	stx, err := p.db.BeginTx(context.WithoutCancel(ctx), &sql.TxOptions{ReadOnly: !write})
	if err != nil {
		return wrap(err, "beginning a transaction")
	}
	defer stx.Rollback() // does nothing after a commit; ends the transaction when fn panics
	tx := &Tx{ctx: ctx, sql: stx, pool: p, statements: map[string]*sql.Stmt{}, write: write, ends: context.Background()}
	if err := fn(tx); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil || !write {
		return err
	}
	if err := stx.Commit(); err != nil {
		return wrap(err, "committing")
	}
	if tx.changed > 0 {
		s.announce()
	}
	return nil
}

// Changes gives a channel that is closed as soon as an Update that changed a case is durable. Ask for it first and then for [Tx.ChangedSince]: so
// nothing is missed.
func (s *Store) Changes() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.news == nil {
		s.news = make(chan struct{})
	}
	return s.news
}

func (s *Store) announce() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.news != nil {
		close(s.news)
		s.news = nil
	}
}

// statement is the prepared form of q within this transaction.
func (tx *Tx) statement(q string) (*sql.Stmt, error) {
	if err := tx.ctx.Err(); err != nil {
		return nil, err
	}
	if st := tx.statements[q]; st != nil {
		return st, nil
	}
	prepared := tx.pool.statements[q]
	if prepared == nil {
		return nil, fail(Refused, "View only reads; use Update")
	}
	st := tx.sql.StmtContext(context.Background(), prepared)
	tx.statements[q] = st
	return st, nil
}

// exec runs q, which changes something, and tells how many rows it changed.
func (tx *Tx) exec(what, q string, args ...any) (int64, error) {
	if !tx.write {
		return 0, fail(Refused, "%s: View only reads; use Update", what)
	}
	st, err := tx.statement(q) //nolint:sqlclosecheck // closed with the transaction
	if err != nil {
		return 0, err
	}
	r, err := st.ExecContext(context.Background(), args...)
	if err != nil {
		return 0, wrap(err, "%s", what)
	}
	n, err := r.RowsAffected()
	return n, wrap(err, "%s", what)
}

// one reads the only row that q gives, or tells that there is none.
func (tx *Tx) one(what, q string, args []any, into ...any) (found bool, err error) {
	st, err := tx.statement(q) //nolint:sqlclosecheck // closed with the transaction
	if err != nil {
		return false, err
	}
	err = st.QueryRowContext(context.Background(), args...).Scan(into...)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, wrap(err, "%s", what)
}

// each calls read for every row that q gives. It does not use the prepared statement, of which there is only one: read may ask
// for other rows meanwhile, with the same query too.
func (tx *Tx) each(what, q string, args []any, read func(*sql.Rows) error) error {
	if err := tx.ctx.Err(); err != nil {
		return err
	}
	rows, err := tx.sql.QueryContext(tx.ends, q, args...)
	if err != nil {
		return wrap(err, "%s", what)
	}
	defer rows.Close()
	for rows.Next() {
		if err := tx.ctx.Err(); err != nil {
			return err
		}
		if err := read(rows); err != nil {
			return err
		}
	}
	return wrap(rows.Err(), "%s", what)
}
