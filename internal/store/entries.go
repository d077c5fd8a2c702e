package store

import (
	"database/sql"
	"errors"

	"verbale/internal/exchange"
)

func isNoRows(err error) bool { return errors.Is(err, sql.ErrNoRows) }

// addEntries writes n entries from index base on.
func (tx *Tx) addEntries(id, base int64, n int, at func(i int) (leaf, content []byte)) (err error) {
	const doing = "write an entry"
	leaves, err := tx.tx.PrepareContext(tx.ctx, `INSERT INTO leaf (key, leaf) VALUES ($1, $2)`)
	if err != nil {
		return wrap(err, doing)
	}
	defer func() { err = errors.Join(err, wrap(leaves.Close(), doing)) }()
	contents, err := tx.tx.PrepareContext(tx.ctx, `INSERT INTO content (key, data) VALUES ($1, $2)`)
	if err != nil {
		return wrap(err, doing)
	}
	defer func() { err = errors.Join(err, wrap(contents.Close(), doing)) }()
	for i := range n {
		key := id<<keyBits | (base + int64(i))
		leaf, content := at(i)
		if _, err := leaves.ExecContext(tx.ctx, key, leaf); err != nil {
			return wrap(err, doing)
		}
		if content == nil {
			continue
		}
		if _, err := contents.ExecContext(tx.ctx, key, content); err != nil {
			return wrap(err, doing)
		}
	}
	return nil
}

// Entry gives one entry; its content is nil where it was erased.
func (tx *Tx) Entry(id, index int64) (exchange.Entry, error) {
	var e exchange.Entry
	err := tx.row(`SELECT l.leaf, c.data FROM leaf l LEFT JOIN content c ON c.key = l.key WHERE l.key = $1`, id<<keyBits|index).Scan(&e.Leaf, &e.Content)
	return e, wrap(err, "read an entry")
}

// pieceBytes is how much Entries reads at a time, so that a long walk needs little memory.
const pieceBytes = 4 << 20

// Entries calls fn on the entries with from <= index < to, in order, reading them in pieces.
func (tx *Tx) Entries(id, from, to int64, fn func(index int64, e exchange.Entry) error) error {
	for from < to {
		end, err := tx.pieceEnd(id, from, to)
		if err != nil {
			return err
		}
		piece, err := tx.piece(id, from, end)
		if err != nil {
			return err
		}
		for _, p := range piece {
			if err := fn(p.index, p.Entry); err != nil {
				return err
			}
		}
		from = end
	}
	return nil
}

// pieceEnd says where a piece from index from must end to stay within pieceBytes; it holds at least one entry.
func (tx *Tx) pieceEnd(id, from, to int64) (int64, error) {
	const most = 256
	end, bytes := min(from+most, to), 0
	cut := end
	err := tx.EntrySizes(id, from, end, func(index int64, leaf, content int) error {
		if bytes += leaf + content; bytes > pieceBytes && index > from {
			cut = min(cut, index)
		}
		return nil
	})
	return cut, err
}

type indexed struct {
	index int64
	exchange.Entry
}

func (tx *Tx) piece(id, from, to int64) ([]indexed, error) {
	out := make([]indexed, 0, to-from)
	err := tx.each("read entries", `SELECT l.key, l.leaf, c.data FROM leaf l LEFT JOIN content c ON c.key = l.key
		WHERE l.key >= $1 AND l.key < $2 ORDER BY l.key`, []any{id<<keyBits | from, id<<keyBits | to}, func(r *sql.Rows) error {
		var e indexed
		if err := r.Scan(&e.index, &e.Leaf, &e.Content); err != nil {
			return err
		}
		e.index &= 1<<keyBits - 1
		out = append(out, e)
		return nil
	})
	return out, err
}

// EntrySizes calls fn with the lengths of the entries with from <= index < to, without reading them.
func (tx *Tx) EntrySizes(id, from, to int64, fn func(index int64, leaf, content int) error) error {
	return tx.each("measure entries", `SELECT l.key, length(l.leaf), coalesce(length(c.data), 0) FROM leaf l LEFT JOIN content c ON c.key = l.key
		WHERE l.key >= $1 AND l.key < $2 ORDER BY l.key`, []any{id<<keyBits | from, id<<keyBits | to}, func(r *sql.Rows) error {
		var key int64
		var leaf, content int
		if err := r.Scan(&key, &leaf, &content); err != nil {
			return err
		}
		return fn(key&(1<<keyBits-1), leaf, content)
	})
}
