package store

import (
	"database/sql"
	"errors"

	"verbale/seal"
)

// A Lodging is leave to lodge (L-3): this relay takes from author what it writes to audience.
type Lodging struct {
	Audience   string
	Author     string
	Generation int    // of the author's keys, and of the outbox that they sign
	Profile    []byte // the author's profile file of that generation
}

const (
	sqlLodgings   = `SELECT audience, author, generation, profile FROM lodgings ORDER BY audience, author, generation`
	sqlPutLodging = `INSERT INTO lodgings (audience, author, generation, profile) VALUES ($1, $2, $3, $4)
ON CONFLICT (audience, author, generation) DO UPDATE SET profile = excluded.profile`

	sqlFirstLodged = sqlSelectCosignature + ` AND size > $2 ORDER BY size, at, name LIMIT 1`
	sqlLastLodged  = sqlSelectCosignature + ` ORDER BY size DESC, at, name LIMIT 1`

	sqlHeld = `SELECT count(*), COALESCE(sum(length(l.leaf) + COALESCE(length(c.content), 0)), 0)
FROM leaves l LEFT JOIN contents c ON c.key = l.key WHERE l.key >= $1 AND l.key < $2`
	sqlMarkErased    = `INSERT INTO meta (key, value) SELECT 'erased/' || key, '' FROM contents WHERE key >= $1 AND key < $2 ON CONFLICT (key) DO NOTHING`
	sqlEraseContents = `DELETE FROM contents WHERE key >= $1 AND key < $2`
)

// PutLodging keeps leave to lodge, in place of that of these two parties and this generation.
func (tx *Tx) PutLodging(l Lodging) error {
	if l.Audience == "" || l.Author == "" || l.Generation < 1 || len(l.Profile) == 0 {
		return fail(Refused, "leave to lodge has two parties, a generation and a profile")
	}
	_, err := tx.exec("storing leave to lodge", sqlPutLodging, l.Audience, l.Author, l.Generation, l.Profile)
	return err
}

// Lodgings gives all, by audience, author and generation.
func (tx *Tx) Lodgings() (all []Lodging, err error) {
	err = tx.each("listing who may lodge", sqlLodgings, nil, func(rows *sql.Rows) error {
		var l Lodging
		if err := rows.Scan(&l.Audience, &l.Author, &l.Generation, &l.Profile); err != nil {
			return wrap(err, "listing who may lodge")
		}
		all = append(all, l)
		return nil
	})
	return all, err
}

// SaveReturned keeps the audience's receipt over a head that we hold for it as its relay. The first one over a size stays.
// NotFound: there is no checkpoint of that size here. Refused: the receipt is not the audience's, or the outbox is our own.
func (tx *Tx) SaveReturned(id int64, r seal.Receipt) error {
	o, err := tx.outbox(sqlOutboxByID, id)
	if err != nil {
		return err
	}
	if o.Own || r.By != o.Origin.Audience || len(r.Lines) == 0 {
		return fail(Refused, "a relay keeps the receipts of the audience of an outbox")
	}
	return tx.saveReceipt(id, r)
}

// FirstLodged gives the receipt of whichever relay over the smallest head of a link's outbox that covers the entry, and whether there is one.
func (tx *Tx) FirstLodged(id, index int64) (Cosignature, bool, error) {
	return tx.cosignature(sqlFirstLodged, id, index)
}

// LastLodged gives that over the largest head.
func (tx *Tx) LastLodged(id int64) (Cosignature, bool, error) {
	return tx.cosignature(sqlLastLodged, id)
}

// Held counts the entries from (included) to to (excluded) and the bytes of their leaves and contents.
func (tx *Tx) Held(id, from, to int64) (entries, bytes int64, err error) {
	_, err = tx.one("counting what is held", sqlHeld, keyRange(id, from, to), &entries, &bytes)
	return entries, bytes, err
}

// EraseContents is EraseContent for the entries from (included) to to (excluded).
func (tx *Tx) EraseContents(id, from, to int64) error {
	keys := keyRange(id, from, to)
	if _, err := tx.exec("marking contents as erased", sqlMarkErased, keys...); err != nil {
		return err
	}
	if err := tx.shred(true); err != nil {
		return err
	}
	_, err := tx.exec("erasing contents", sqlEraseContents, keys...)
	return errors.Join(err, tx.shred(false))
}
