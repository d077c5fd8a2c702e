package store

import (
	"bytes"
	"database/sql"
	"slices"
	"time"

	"verbale/seal"
)

// Issued is a checkpoint that was issued, and the receipt over it.
type Issued struct {
	Size        int64
	Note        []byte    // the checkpoint, log lines only
	Receipt     []byte    // the same with the receipt's lines; nil when there is none
	ReceiptTime time.Time // zero when there is none
}

const (
	sqlInsertCheckpoint = `INSERT INTO checkpoints (outbox, size, note, receipt, receipted_at) VALUES ($1, $2, $3, $4, $5)`
	sqlSaveReceipt      = `UPDATE checkpoints SET receipt = $1, receipted_at = $2 WHERE outbox = $3 AND size = $4 AND receipt IS NULL`

	sqlReplaceReceipt = `UPDATE checkpoints SET receipt = $1, receipted_at = $2 WHERE outbox = $3 AND size = $4`

	sqlSelectIssued     = `SELECT size, note, receipt, COALESCE(receipted_at, 0) FROM checkpoints WHERE outbox = $1`
	sqlCheckpoint       = sqlSelectIssued + ` AND size = $2`
	sqlCheckpointWithin = sqlSelectIssued + ` AND size > $2 AND size <= $3 ORDER BY size DESC LIMIT 1`
	sqlCheckpointAfter  = sqlSelectIssued + ` AND size > $2 ORDER BY size LIMIT 1`
	sqlFirstReceipt     = sqlSelectIssued + ` AND size > $2 AND receipted_at IS NOT NULL ORDER BY size LIMIT 1`
	sqlReceiptWithin    = sqlSelectIssued + ` AND size > $2 AND size <= $3 AND receipted_at IS NOT NULL ORDER BY size DESC LIMIT 1`
	sqlReceiptTime      = `SELECT size, receipted_at FROM checkpoints WHERE outbox = $1 AND size > $2 AND receipted_at IS NOT NULL ORDER BY size LIMIT 1`

	sqlEachReceipt = `SELECT size, receipted_at FROM checkpoints WHERE outbox = $1 AND receipted_at IS NOT NULL ORDER BY size`

	sqlReceiptSince  = `SELECT size FROM checkpoints WHERE outbox = $1 AND receipted_at >= $2 ORDER BY size LIMIT 1`
	sqlReceiptBefore = `SELECT COALESCE(max(size), 0) FROM checkpoints WHERE outbox = $1 AND size < $2 AND receipted_at IS NOT NULL`
)

func (tx *Tx) insertCheckpoint(id int64, cp seal.Checkpoint, receipt seal.Receipt) error {
	var lines, at any
	if len(receipt.Lines) > 0 {
		lines, at = receipt.Lines, receipt.Time.UnixMicro()
	}
	_, err := tx.exec("storing a checkpoint", sqlInsertCheckpoint, id, cp.Size, cp.Note, lines, at)
	return err
}

// SaveReceipt keeps the audience's receipt over a checkpoint of our own. The first one over a size stays; the same or another
// one after it changes nothing. NotFound: we never issued a checkpoint of that size. Refused: we issued another head at that
// size, or the outbox is a mirror, whose receipts come with Advance.
func (tx *Tx) SaveReceipt(id int64, r seal.Receipt) error {
	o, err := tx.outbox(sqlOutboxByID, id)
	if err != nil {
		return err
	}
	if !o.Own || len(r.Lines) == 0 {
		return fail(Refused, "a receipt is kept with an outbox of our own and has lines")
	}
	return tx.saveReceipt(id, r)
}

func (tx *Tx) saveReceipt(id int64, r seal.Receipt) error {
	issued, err := tx.Checkpoint(id, r.Size)
	if err != nil {
		return err
	}
	if !bytes.HasPrefix(issued.Note, []byte(r.Text()+"\n")) {
		return fail(Refused, "the receipt over size %d is not over the head that we issued there", r.Size)
	}
	if issued.Receipt != nil {
		return nil
	}
	if _, err := tx.exec("storing a receipt", sqlSaveReceipt, r.Lines, r.Time.UnixMicro(), id, r.Size); err != nil {
		return err
	}
	_, err = tx.exec("storing a receipt", sqlRaiseReceipted, r.Size, id)
	return err
}

// ReplaceReceipt keeps a receipt of ours over a mirror in place of the one at its size: after the keys of that one were given up.
func (tx *Tx) ReplaceReceipt(id int64, r seal.Receipt) error {
	o, err := tx.outbox(sqlOutboxByID, id)
	if err != nil {
		return err
	}
	issued, err := tx.Checkpoint(id, r.Size)
	if err != nil {
		return err
	}
	if o.Own || len(r.Lines) == 0 || issued.Receipt == nil || !bytes.HasPrefix(issued.Note, []byte(r.Text()+"\n")) {
		return fail(Refused, "a receipt takes the place of one over the same head of a mirror")
	}
	_, err = tx.exec("storing a receipt", sqlReplaceReceipt, r.Lines, r.Time.UnixMicro(), id, r.Size)
	return err
}

// LastReceiptWithin gives the largest receipted checkpoint with after < size <= atMost.
func (tx *Tx) LastReceiptWithin(id, after, atMost int64) (Issued, error) {
	return tx.issued(sqlReceiptWithin, "a receipt within these sizes", id, after, atMost)
}

// Checkpoint gives the checkpoint of exactly this size.
func (tx *Tx) Checkpoint(id, size int64) (Issued, error) {
	return tx.issued(sqlCheckpoint, "a checkpoint of that size", id, size)
}

// LastCheckpointWithin gives the largest checkpoint with after < size <= atMost.
func (tx *Tx) LastCheckpointWithin(id, after, atMost int64) (Issued, error) {
	return tx.issued(sqlCheckpointWithin, "a checkpoint within these sizes", id, after, atMost)
}

// FirstCheckpointAfter gives the smallest checkpoint with a size over after.
func (tx *Tx) FirstCheckpointAfter(id, after int64) (Issued, error) {
	return tx.issued(sqlCheckpointAfter, "a checkpoint after that size", id, after)
}

// FirstReceipt gives the smallest receipted checkpoint that covers the entry. NotFound: it is not receipted yet.
func (tx *Tx) FirstReceipt(id, index int64) (Issued, error) {
	return tx.issued(sqlFirstReceipt, "a receipt over that entry", id, index)
}

func (tx *Tx) issued(q, what string, args ...any) (Issued, error) {
	var i Issued
	var lines []byte
	var at int64
	found, err := tx.one("reading "+what, q, args, &i.Size, &i.Note, &lines, &at)
	if err != nil {
		return Issued{}, err
	}
	if !found {
		return Issued{}, fail(NotFound, "outbox %d does not have %s", args[0], what)
	}
	if lines != nil {
		i.Receipt, i.ReceiptTime = slices.Concat(i.Note, lines), instant(at)
	}
	return i, nil
}

// ReceiptTimes gives, for each of these entries that is receipted, the time of FirstReceipt.
func (tx *Tx) ReceiptTimes(id int64, indexes []int64) (map[int64]time.Time, error) {
	times := make(map[int64]time.Time, len(indexes))
	var covered, at int64 // the receipt found last, and its time
	for _, index := range slices.Sorted(slices.Values(indexes)) {
		if index >= covered {
			found, err := tx.one("reading a receipt", sqlReceiptTime, []any{id, index}, &covered, &at)
			if err != nil || !found {
				return times, err // what comes later in the outbox has no receipt either
			}
		}
		times[index] = instant(at)
	}
	return times, nil
}

// EachReceipt gives the size and the time of every receipt over an outbox, the smallest first.
func (tx *Tx) EachReceipt(id int64, fn func(size int64, at time.Time) error) error {
	return tx.each("reading receipts", sqlEachReceipt, []any{id}, func(rows *sql.Rows) error {
		var size, at int64
		if err := rows.Scan(&size, &at); err != nil {
			return wrap(err, "reading receipts")
		}
		return fn(size, instant(at))
	})
}

// ReceiptedBefore gives how many entries of an outbox were receipted before t: all up to the first receipt, by size, that is of t or later.
// A clock that went back does not move what came before it.
func (tx *Tx) ReceiptedBefore(id int64, t time.Time) (int64, error) {
	var since, before int64
	found, err := tx.one("reading receipts", sqlReceiptSince, []any{id, t.UnixMicro()}, &since)
	if err != nil {
		return 0, err
	}
	if !found {
		since = MaxEntries + 1
	}
	_, err = tx.one("reading receipts", sqlReceiptBefore, []any{id, since}, &before)
	return before, err
}
