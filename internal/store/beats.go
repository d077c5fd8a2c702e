package store

import (
	"database/sql"
	"time"
)

// A Beat is a beat as it is kept: what it is over stands in the checkpoint of that size.
type Beat struct {
	Party     string // who signed
	At        time.Time
	Size      int64
	Signature [64]byte
}

const (
	// Of two in one second the one over more counts: it was made later.
	sqlPutBeat = `INSERT INTO beats (outbox, party, at, size, signature) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (outbox, party, at) DO UPDATE SET size = excluded.size, signature = excluded.signature WHERE excluded.size > beats.size`
	sqlDropBeat = `DELETE FROM beats WHERE outbox = $1 AND party = $2 AND at = $3`

	sqlSelectBeat = `SELECT party, at, size, signature FROM beats WHERE outbox = $1`
	sqlLastBeat   = sqlSelectBeat + ` AND party = $2 ORDER BY at DESC LIMIT 1`
	sqlBeats      = sqlSelectBeat + ` AND party = $2 AND at >= $3 AND at <= $4 ORDER BY at`
	sqlEachBeat   = sqlSelectBeat + ` ORDER BY party, at`
)

// PutBeat keeps a beat over an outbox. Who calls has verified or made it. The same again is no error.
func (tx *Tx) PutBeat(id int64, b Beat) error {
	if b.Party == "" || b.At.Unix() <= 0 || b.Size < 0 {
		return fail(Refused, "a beat has a party, a time after 1970 and a size")
	}
	_, err := tx.exec("storing a beat", sqlPutBeat, id, b.Party, b.At.Unix(), b.Size, b.Signature[:])
	return err
}

// LastBeat gives the beat of a party over an outbox that has the latest time, and whether there is one.
func (tx *Tx) LastBeat(id int64, party string) (Beat, bool, error) {
	var r beatRow
	found, err := tx.one("reading a beat", sqlLastBeat, []any{id, party}, r.cells()...)
	if err != nil || !found {
		return Beat{}, false, err
	}
	b, err := r.beat()
	return b, err == nil, err
}

// Beats gives the beats of a party over an outbox from one second to another, both included, by time.
func (tx *Tx) Beats(id int64, party string, from, to time.Time) (all []Beat, err error) {
	err = tx.eachBeat(sqlBeats, []any{id, party, from.Unix(), to.Unix()}, func(b Beat) error {
		all = append(all, b)
		return nil
	})
	return all, err
}

// EachBeat calls fn for every beat over an outbox, by party and time. fn must not store beats.
func (tx *Tx) EachBeat(id int64, fn func(Beat) error) error {
	return tx.eachBeat(sqlEachBeat, []any{id}, fn)
}

// DropBeats forgets beats of a party over an outbox.
func (tx *Tx) DropBeats(id int64, party string, at []time.Time) error {
	for _, t := range at {
		if _, err := tx.exec("dropping a beat", sqlDropBeat, id, party, t.Unix()); err != nil {
			return err
		}
	}
	return nil
}

func (tx *Tx) eachBeat(q string, args []any, fn func(Beat) error) error {
	return tx.each("reading beats", q, args, func(rows *sql.Rows) error {
		var r beatRow
		if err := rows.Scan(r.cells()...); err != nil {
			return wrap(err, "reading beats")
		}
		b, err := r.beat()
		if err != nil {
			return err
		}
		return fn(b)
	})
}

// beatRow is what sqlSelectBeat gives.
type beatRow struct {
	b         Beat
	at        int64
	signature []byte
}

func (r *beatRow) cells() []any { return []any{&r.b.Party, &r.at, &r.b.Size, &r.signature} }

func (r *beatRow) beat() (Beat, error) {
	if len(r.signature) != len(r.b.Signature) {
		return Beat{}, fail(Corrupt, "a beat of %s has no signature of 64 bytes; %s", r.b.Party, rescue)
	}
	r.b.At, r.b.Signature = time.Unix(r.at, 0).UTC(), [64]byte(r.signature)
	return r.b, nil
}
