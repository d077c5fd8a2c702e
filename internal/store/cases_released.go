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
