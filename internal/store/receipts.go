package store

import (
	"bytes"
	"database/sql"
	"time"

	"verbale/seal"
)

// Issued is a checkpoint of ours or of a peer, with the receipt for exactly that size if there is one.
type Issued struct {
	Size        int64
	Note        []byte
	Receipt     []byte // a note: the checkpoint with the audience's two lines; nil when there is none
	ReceiptTime time.Time
}

const issuedColumns = `SELECT key, note, receipt, receipt_at FROM checkpoint `

func scanIssued(scan func(...any) error) (Issued, error) {
	var i Issued
	var at sql.NullInt64
	err := scan(&i.Size, &i.Note, &i.Receipt, &at)
	i.Size &= 1<<keyBits - 1
	if at.Valid {
		i.ReceiptTime = fromMicros(at.Int64)
	}
	return i, wrap(err, "read a checkpoint")
}

// Checkpoint gives what was signed at exactly this size, or kind not-found.
func (tx *Tx) Checkpoint(id, size int64) (Issued, error) {
	return scanIssued(tx.row(issuedColumns+`WHERE key = $1`, id<<keyBits|size).Scan)
}

// LastCheckpointWithin gives the largest one with after < size <= atMost, or kind not-found.
func (tx *Tx) LastCheckpointWithin(id, after, atMost int64) (Issued, error) {
	return scanIssued(tx.row(issuedColumns+`WHERE key > $1 AND key <= $2 ORDER BY key DESC LIMIT 1`, id<<keyBits|after, id<<keyBits|atMost).Scan)
}

// FirstCheckpointAfter gives the smallest one with a size over after, or kind not-found.
func (tx *Tx) FirstCheckpointAfter(id, after int64) (Issued, error) {
	return scanIssued(tx.row(issuedColumns+`WHERE key > $1 AND key < $2 ORDER BY key LIMIT 1`, id<<keyBits|after, (id+1)<<keyBits).Scan)
}

// FirstReceipt gives the first receipt that covers the entry at index: the smallest receipted size above it. Kind not-found when
// it was not received yet.
func (tx *Tx) FirstReceipt(id, index int64) (Issued, error) {
	return scanIssued(tx.row(issuedColumns+`WHERE key > $1 AND key < $2 AND receipt_at IS NOT NULL ORDER BY key LIMIT 1`,
		id<<keyBits|index, (id+1)<<keyBits).Scan)
}

// SaveReceipt keeps a receipt for a checkpoint that we issued. The first one for a size stays; kind not-found when we issued none there.
func (tx *Tx) SaveReceipt(id int64, r seal.Receipt) error {
	at, err := tx.Checkpoint(id, r.Size)
	if err != nil {
		return err
	}
	if at.Receipt == nil {
		note := append(bytes.Clone(at.Note), r.Lines...)
		_, err := tx.exec("keep a receipt", `UPDATE checkpoint SET receipt = $1, receipt_at = $2 WHERE key = $3`, note, micros(r.Time), id<<keyBits|r.Size)
		if err != nil {
			return err
		}
	}
	_, err = tx.exec("move the receipt", `UPDATE outbox SET receipted = $1 WHERE id = $2 AND receipted < $1`, r.Size, id)
	return err
}
