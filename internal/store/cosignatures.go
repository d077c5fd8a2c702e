package store

import (
	"database/sql"
	"time"
)

// A Cosignature is what somebody other than author and audience signed over a checkpoint: a witness, or a relay with its receipt.
type Cosignature struct {
	Size  int64
	Name  string    // the cosigner's key name; a witness's with its key id behind it, as its verifier key begins
	Lines []byte    // each with its line feed
	Time  time.Time // as signed
}

const (
	sqlInsertCosignature = `INSERT INTO cosignatures (outbox, size, name, lines, at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (outbox, size, name) DO NOTHING`

	sqlSelectCosignature  = `SELECT size, name, lines, at FROM cosignatures WHERE outbox = $1`
	sqlCosignaturesAt     = sqlSelectCosignature + ` AND size = $2 ORDER BY name`
	sqlNewestCosignature  = sqlSelectCosignature + ` AND name = $2 ORDER BY size DESC LIMIT 1`
	sqlEachCosignature    = sqlSelectCosignature + ` ORDER BY size, name`
	sqlFirstCosignedAfter = sqlSelectCosignature + ` AND size > $2 AND name = $3 ORDER BY size LIMIT 1`
)

// PutCosignature keeps lines over a checkpoint that is here. The first of a cosigner over a size stays. NotFound: there is no checkpoint
// of that size.
func (tx *Tx) PutCosignature(id int64, c Cosignature) error {
	if c.Name == "" || len(c.Lines) == 0 || c.Time.IsZero() {
		return fail(Refused, "a cosignature has a name, lines and a time")
	}
	if _, err := tx.Checkpoint(id, c.Size); err != nil {
		return err
	}
	_, err := tx.exec("storing a cosignature", sqlInsertCosignature, id, c.Size, c.Name, c.Lines, c.Time.UnixMicro())
	return err
}

// Cosignatures gives those over the checkpoint of this size, by name.
func (tx *Tx) Cosignatures(id, size int64) ([]Cosignature, error) {
	var all []Cosignature
	err := tx.eachCosignature(sqlCosignaturesAt, []any{id, size}, func(c Cosignature) error {
		all = append(all, c)
		return nil
	})
	return all, err
}

// EachCosignature gives all over checkpoints of this outbox, by size and name.
func (tx *Tx) EachCosignature(id int64, fn func(Cosignature) error) error {
	return tx.eachCosignature(sqlEachCosignature, []any{id}, fn)
}

func (tx *Tx) eachCosignature(q string, args []any, fn func(Cosignature) error) error {
	return tx.each("reading cosignatures", q, args, func(rows *sql.Rows) error {
		var c Cosignature
		var at int64
		if err := rows.Scan(&c.Size, &c.Name, &c.Lines, &at); err != nil {
			return wrap(err, "reading cosignatures")
		}
		c.Time = instant(at)
		return fn(c)
	})
}

// NewestCosignature gives the one over the largest size by this cosigner, and whether there is one.
func (tx *Tx) NewestCosignature(id int64, name string) (Cosignature, bool, error) {
	return tx.cosignature(sqlNewestCosignature, id, name)
}

// FirstCosignature gives the smallest checkpoint that covers the entry and that this cosigner has signed, and whether there is one.
func (tx *Tx) FirstCosignature(id, index int64, name string) (Cosignature, bool, error) {
	return tx.cosignature(sqlFirstCosignedAfter, id, index, name)
}

func (tx *Tx) cosignature(q string, args ...any) (c Cosignature, found bool, err error) {
	var at int64
	found, err = tx.one("reading a cosignature", q, args, &c.Size, &c.Name, &c.Lines, &at)
	if found {
		c.Time = instant(at)
	}
	return c, found, err
}
