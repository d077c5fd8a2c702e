package store

import (
	"crypto/sha256"
	"database/sql"
	"slices"
	"time"

	"verbale/seal"
)

// A Dating says that an entry of a register commits to the head of an outbox (spec/register.md G-8). Of a register of our own, Record,
// Note and Proof are nil: the entry, its checkpoint and the witnesses' lines are here already.
type Dating struct {
	Outbox   int64
	Size     int64 // of the head
	Register string
	Position int64     // of the entry
	TakenAt  time.Time // as the entry says
	Covered  int64     // size of the register's checkpoint that has the quorum; 0 while there is none: pending
	Record   []byte    // the entry, opened for this head alone
	Note     []byte    // the register's checkpoint with witness lines
	Proof    [][32]byte
}

const (
	sqlInsertDating = `INSERT INTO datings (outbox, size, register, position, taken_at, covered, record, note, proof)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (outbox, register, position) DO NOTHING`
	sqlCoverDatings = `UPDATE datings SET covered = $1 WHERE register = $2 AND covered = 0 AND position < $1`

	sqlSelectDating    = `SELECT outbox, size, register, position, taken_at, covered, record, note, proof FROM datings`
	sqlPendingDatings  = sqlSelectDating + ` WHERE register = $1 AND covered = 0 ORDER BY position, outbox`
	sqlDatingsFrom     = sqlSelectDating + ` WHERE outbox = $1 AND size >= $2 AND register >= $3 AND register < $4 AND covered > 0 ORDER BY size, position`
	sqlFirstDating     = sqlSelectDating + ` WHERE outbox = $1 AND size > $2 AND register >= $3 AND register < $4 AND covered > 0 ORDER BY taken_at, position LIMIT 1`
	sqlLastDating      = sqlSelectDating + ` WHERE outbox = $1 AND size <= $2 AND register >= $3 AND register < $4 AND covered > 0 ORDER BY taken_at DESC, position DESC LIMIT 1`
	sqlFirstCovering   = sqlSelectDating + ` WHERE register = $1 AND covered > $2 ORDER BY covered LIMIT 1`
	sqlEachDating      = sqlSelectDating + ` ORDER BY register, position, outbox`
	sqlNewestDatedSize = `SELECT COALESCE(max(size), 0) FROM datings WHERE outbox = $1 AND register >= $2 AND register < $3 AND covered > 0`

	sqlThinDated = `DELETE FROM datings WHERE outbox = $1 AND size = $2 AND register = $3 AND covered > 0
AND position > (SELECT min(position) FROM datings WHERE outbox = $1 AND size = $2 AND register = $3 AND covered > 0)
AND position < (SELECT max(position) FROM datings WHERE outbox = $1 AND size = $2 AND register = $3 AND covered > 0)`
	sqlThinPending = `DELETE FROM datings WHERE outbox = $1 AND size = $2 AND register = $3 AND covered = 0
AND position > (SELECT min(position) FROM datings WHERE outbox = $1 AND size = $2 AND register = $3 AND covered = 0)
AND position < (SELECT position FROM datings WHERE outbox = $1 AND size = $2 AND register = $3 AND covered = 0 ORDER BY position DESC LIMIT 1 OFFSET 1)`
)

// PutDating keeps a dating. The same entry again changes nothing. Of one head in one register the first and the last that are dated stay,
// and of pending ones the first and the last two: one of them is with the witnesses while the next is made.
func (tx *Tx) PutDating(d Dating) error {
	if d.Size < 1 || d.Register == "" || d.Position < 0 || d.TakenAt.IsZero() || d.Covered != 0 && d.Covered <= d.Position {
		return fail(Refused, "a dating is of a head with entries, by an entry of a register below the size that covers it")
	}
	flat := make([]byte, 0, len(d.Proof)*sha256.Size)
	for _, hash := range d.Proof {
		flat = append(flat, hash[:]...)
	}
	var record, note, proof any
	if d.Record != nil {
		record, note, proof = d.Record, present(d.Note), flat
	}
	_, err := tx.exec("storing a dating", sqlInsertDating, d.Outbox, d.Size, d.Register, d.Position, d.TakenAt.UnixMicro(), d.Covered, record, note, proof)
	if err != nil {
		return err
	}
	return tx.thin(d)
}

func (tx *Tx) thin(d Dating) error {
	q := sqlThinDated
	if d.Covered == 0 {
		q = sqlThinPending
	}
	_, err := tx.exec("dropping datings between others", q, d.Outbox, d.Size, d.Register)
	return err
}

// CoverDatings makes of the pending datings of a register those that its checkpoint of this size dates.
func (tx *Tx) CoverDatings(register string, size int64) (int64, error) {
	pending, err := tx.PendingDatings(register)
	if err != nil {
		return 0, err
	}
	n, err := tx.exec("dating", sqlCoverDatings, size, register)
	if err != nil {
		return n, err
	}
	for _, d := range pending {
		if d.Covered = size; d.Position < size {
			if err := tx.thin(d); err != nil {
				return n, err
			}
		}
	}
	return n, nil
}

// PendingDatings gives those of a register that no checkpoint with a quorum covers yet, by position.
func (tx *Tx) PendingDatings(register string) ([]Dating, error) {
	return tx.datings(sqlPendingDatings, register)
}

// DatingsFrom gives what registers of this party say of heads of an outbox with at least from entries, dated, by size and position.
// Fn may stop the walk with an error of its own.
func (tx *Tx) DatingsFrom(outbox, from int64, party string, fn func(Dating) error) error {
	low, high := registersOf(party)
	return tx.eachDating(sqlDatingsFrom, []any{outbox, from, low, high}, fn)
}

// FirstDating gives the earliest dated entry of a party's registers with a head of the outbox that covers the entry at index.
func (tx *Tx) FirstDating(outbox, index int64, party string) (Dating, bool, error) {
	low, high := registersOf(party)
	return tx.dating(sqlFirstDating, outbox, index, low, high)
}

// LastDating gives the latest dated entry of a party's registers with a head of the outbox of at most size entries.
func (tx *Tx) LastDating(outbox, size int64, party string) (Dating, bool, error) {
	low, high := registersOf(party)
	return tx.dating(sqlLastDating, outbox, size, low, high)
}

// FirstCovering gives the dating by the smallest checkpoint of a register that covers its entry at index. It dates that entry, too.
func (tx *Tx) FirstCovering(register string, index int64) (Dating, bool, error) {
	return tx.dating(sqlFirstCovering, register, index)
}

// NewestDatedSize gives the largest head of an outbox that registers of this party date, 0 when there is none.
func (tx *Tx) NewestDatedSize(outbox int64, party string) (size int64, err error) {
	low, high := registersOf(party)
	_, err = tx.one("reading datings", sqlNewestDatedSize, []any{outbox, low, high}, &size)
	return size, err
}

// EachDating gives all, by register, position and outbox.
func (tx *Tx) EachDating(fn func(Dating) error) error { return tx.eachDating(sqlEachDating, nil, fn) }

// registersOf bounds the origins of a party's registers of all generations: "/" comes before "0", and all digits.
func registersOf(party string) (low, high string) {
	base := seal.Origin{Author: party, Audience: seal.Public}.String() // ends with "/0"
	return base, base[:len(base)-1] + ":"
}

func (tx *Tx) dating(q string, args ...any) (Dating, bool, error) {
	all, err := tx.datings(q, args...)
	if err != nil || len(all) == 0 {
		return Dating{}, false, err
	}
	return all[0], true, nil
}

func (tx *Tx) datings(q string, args ...any) (all []Dating, err error) {
	err = tx.eachDating(q, args, func(d Dating) error {
		all = append(all, d)
		return nil
	})
	return all, err
}

func (tx *Tx) eachDating(q string, args []any, fn func(Dating) error) error {
	return tx.each("reading datings", q, args, func(rows *sql.Rows) error {
		var d Dating
		var at int64
		var proof []byte
		if err := rows.Scan(&d.Outbox, &d.Size, &d.Register, &d.Position, &at, &d.Covered, &d.Record, &d.Note, &proof); err != nil {
			return wrap(err, "reading datings")
		}
		if len(proof)%sha256.Size != 0 {
			return fail(Corrupt, "a dating of outbox %d is damaged; %s", d.Outbox, rescue)
		}
		d.TakenAt = instant(at)
		for hash := range slices.Chunk(proof, sha256.Size) {
			d.Proof = append(d.Proof, [32]byte(hash))
		}
		return fn(d)
	})
}
