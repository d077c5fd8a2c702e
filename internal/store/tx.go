package store

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

// A Tx is one transaction. It must not be used after the function that it was handed to has returned.
type Tx struct {
	ctx context.Context
	tx  *sql.Tx
}

// Update runs fn in the write transaction. What fn wrote is durable when Update returns nil, and not there at all otherwise.
func (s *Store) Update(ctx context.Context, fn func(*Tx) error) error { return run(ctx, s.writer, fn) }

// View runs fn on a consistent snapshot.
func (s *Store) View(ctx context.Context, fn func(*Tx) error) error { return run(ctx, s.reader, fn) }

func run(ctx context.Context, db *sql.DB, fn func(*Tx) error) (err error) {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return wrap(err, "begin a transaction")
	}
	defer func() {
		if err != nil {
			if back := tx.Rollback(); back != nil && !errors.Is(back, sql.ErrTxDone) {
				err = errors.Join(err, wrap(back, "undo a transaction"))
			}
		}
	}()
	if err := fn(&Tx{ctx: ctx, tx: tx}); err != nil {
		return err
	}
	return wrap(tx.Commit(), "commit")
}

func (tx *Tx) exec(doing, query string, args ...any) (int64, error) {
	res, err := tx.tx.ExecContext(tx.ctx, query, args...)
	if err != nil {
		return 0, wrap(err, doing)
	}
	n, err := res.RowsAffected()
	return n, wrap(err, doing)
}

func (tx *Tx) row(query string, args ...any) *sql.Row {
	return tx.tx.QueryRowContext(tx.ctx, query, args...)
}

// each runs a query and fn on every row. Rows are few: larger reads go in pieces.
func (tx *Tx) each(doing, query string, args []any, fn func(*sql.Rows) error) (err error) {
	rows, err := tx.tx.QueryContext(tx.ctx, query, args...)
	if err != nil {
		return wrap(err, doing)
	}
	defer func() {
		if e := rows.Close(); err == nil {
			err = wrap(e, doing)
		}
	}()
	for rows.Next() {
		if err := fn(rows); err != nil {
			return wrap(err, doing)
		}
	}
	return wrap(rows.Err(), doing)
}

func micros(t time.Time) int64 { return t.UnixMicro() }

func fromMicros(us int64) time.Time { return time.UnixMicro(us).UTC() }
