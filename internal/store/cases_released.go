package store

import "time"

// Released selects appeals of one outbox by when they were released.
type Released struct {
	Outbox      string
	Before      int64 // only those that stand before this place
	Kind        string
	Urgencies   []string // any of these; there are three
	From, Until time.Time
}

// sqlCountReleased stops at what is asked for: nobody needs to know how far a quota is exceeded.
const sqlCountReleased = `SELECT count(*) FROM (SELECT 1 FROM cases WHERE outbox = $1 AND act = 'appeal' AND kind = $2 AND released_at >= $3 AND released_at < $4
AND position < $5 AND urgency IN ($6, $7, $8) LIMIT $9)`

// CountReleased counts the appeals that r selects, in an index alone, and not further than most.
func (tx *Tx) CountReleased(r Released, most int64) (n int64, err error) {
	if len(r.Urgencies) == 0 {
		return 0, nil
	}
	urgency := func(i int) string { return r.Urgencies[min(i, len(r.Urgencies)-1)] }
	_, err = tx.one("counting appeals", sqlCountReleased, []any{r.Outbox, r.Kind, r.From.UnixMicro(), r.Until.UnixMicro(), r.Before,
		urgency(0), urgency(1), urgency(2), most}, &n)
	return n, err
}

const sqlNthReleased = `SELECT position FROM cases WHERE outbox = $1 AND act = 'appeal' AND kind = $2 AND released_at >= $3 AND released_at < $4
AND urgency IN ($5, $6, $7) ORDER BY position LIMIT 1 OFFSET $8`

// NthReleased gives the place of the nth appeal that r selects, in the order of the outbox; found tells whether there are as many. Before is not
// looked at.
func (tx *Tx) NthReleased(r Released, n int64) (position int64, found bool, err error) {
	if len(r.Urgencies) == 0 || n < 1 {
		return 0, false, nil
	}
	urgency := func(i int) string { return r.Urgencies[min(i, len(r.Urgencies)-1)] }
	found, err = tx.one("finding an appeal", sqlNthReleased, []any{r.Outbox, r.Kind, r.From.UnixMicro(), r.Until.UnixMicro(),
		urgency(0), urgency(1), urgency(2), n - 1}, &position)
	return position, found, err
}
