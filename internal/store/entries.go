package store

import (
	"database/sql"
	"errors"
	"strconv"

	"verbale/internal/exchange"
)

const (
	sqlInsertLeaf    = `INSERT INTO leaves (key, leaf) VALUES ($1, $2)`
	sqlInsertContent = `INSERT INTO contents (key, content) VALUES ($1, $2)`
	sqlEraseContent  = `DELETE FROM contents WHERE key = $1`
	sqlHasLeaf       = `SELECT 1 FROM leaves WHERE key = $1`

	sqlEntry   = `SELECT l.leaf, c.content FROM leaves l LEFT JOIN contents c ON c.key = l.key WHERE l.key = $1`
	sqlEntries = `SELECT l.key, l.leaf, c.content FROM leaves l LEFT JOIN contents c ON c.key = l.key
WHERE l.key >= $1 AND l.key < $2 ORDER BY l.key`
	sqlLeaves     = `SELECT key, leaf FROM leaves WHERE key >= $1 AND key < $2 ORDER BY key`
	sqlEntrySizes = `SELECT l.key, length(l.leaf), COALESCE(length(c.content), 0) FROM leaves l LEFT JOIN contents c ON c.key = l.key
WHERE l.key >= $1 AND l.key < $2 ORDER BY l.key`
)

func (tx *Tx) insertEntry(key int64, leaf, content []byte) error {
	if len(leaf) == 0 {
		return fail(Refused, "entry %d has no leaf", indexOf(key))
	}
	if _, err := tx.exec("storing a leaf", sqlInsertLeaf, key, leaf); err != nil {
		return err
	}
	if len(content) == 0 {
		return tx.SetMeta(erasedMark(key), "")
	}
	_, err := tx.exec("storing a content", sqlInsertContent, key, content)
	return err
}

// Entry gives one entry; its Content is nil where it was erased.
func (tx *Tx) Entry(id, index int64) (exchange.Entry, error) {
	var e exchange.Entry
	if index < 0 || index >= MaxEntries {
		return e, noEntry(id, index)
	}
	found, err := tx.one("reading an entry", sqlEntry, []any{leafKey(id, index)}, &e.Leaf, &e.Content)
	if err == nil && !found {
		return e, noEntry(id, index)
	}
	return e, err
}

func noEntry(id, index int64) error { return fail(NotFound, "outbox %d has no entry %d", id, index) }

// Entries calls fn for the entries from (included) to to (excluded), in order, as far as there are any.
// fn may read more in the same transaction, and must not change what is being read.
func (tx *Tx) Entries(id, from, to int64, fn func(index int64, e exchange.Entry) error) error {
	return tx.each("reading entries", sqlEntries, keyRange(id, from, to), func(rows *sql.Rows) error {
		var key int64
		var e exchange.Entry
		if err := rows.Scan(&key, &e.Leaf, &e.Content); err != nil {
			return wrap(err, "reading entries")
		}
		return fn(indexOf(key), e)
	})
}

// Leaves is Entries for the leaves alone: no content is read.
func (tx *Tx) Leaves(id, from, to int64, fn func(index int64, leaf []byte) error) error {
	return tx.each("reading leaves", sqlLeaves, keyRange(id, from, to), func(rows *sql.Rows) error {
		var key int64
		var leaf []byte
		if err := rows.Scan(&key, &leaf); err != nil {
			return wrap(err, "reading leaves")
		}
		return fn(indexOf(key), leaf)
	})
}

// EntrySizes is Entries for the lengths alone: no content is read. An erased content has the length 0.
func (tx *Tx) EntrySizes(id, from, to int64, fn func(index int64, leaf, content int) error) error {
	return tx.each("reading the sizes of entries", sqlEntrySizes, keyRange(id, from, to), func(rows *sql.Rows) error {
		var key int64
		var leaf, content int
		if err := rows.Scan(&key, &leaf, &content); err != nil {
			return wrap(err, "reading the sizes of entries")
		}
		return fn(indexOf(key), leaf, content)
	})
}

// keyRange is the row keys of entries, kept within those of the outbox.
func keyRange(id, from, to int64) []any {
	from, to = max(from, 0), min(to, MaxEntries)
	if from >= to {
		return []any{int64(0), int64(0)}
	}
	return []any{leafKey(id, from), leafKey(id, to-1) + 1}
}

// erasedMark is the key in meta of the mark that a content was erased, so that one that was lost is not taken for it.
func erasedMark(key int64) string { return "erased/" + strconv.FormatInt(key, 10) }

// Erased tells whether the content of this entry was erased, or never came because it had been.
func (tx *Tx) Erased(id, index int64) (bool, error) {
	_, erased, err := tx.Meta(erasedMark(leafKey(id, index)))
	return erased, err
}

// EraseContent deletes a content and overwrites it in the database; the leaf stays, and with it every proof. Erasing again is no error.
// Until the next checkpoint of the WAL and in backups the bytes still stand.
func (tx *Tx) EraseContent(id, index int64) error {
	key := leafKey(id, index)
	if index < 0 || index >= MaxEntries {
		return noEntry(id, index)
	}
	var one int
	found, err := tx.one("reading an entry", sqlHasLeaf, []any{key}, &one)
	if err != nil {
		return err
	}
	if !found {
		return noEntry(id, index)
	}
	if err := tx.SetMeta(erasedMark(key), ""); err != nil {
		return err
	}
	if err := tx.shred(true); err != nil {
		return err
	}
	_, err = tx.exec("erasing a content", sqlEraseContent, key)
	return errors.Join(err, tx.shred(false))
}
