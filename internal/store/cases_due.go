package store

import (
	"database/sql"
	"time"

	"verbale/internal/docket"
)

const (
	sqlDueCases     = sqlSelectCase + ` WHERE c.next_at <= $1 ORDER BY c.next_at, c.id LIMIT $2`
	sqlNextDue      = `SELECT min(next_at) FROM cases WHERE next_at IS NOT NULL`
	sqlChangedSince = sqlSelectCase + ` WHERE c.changed > $1 ORDER BY c.changed LIMIT $2`
	sqlExpire       = `UPDATE cases SET status = $1, turn = 0, due_at = $2, next_at = NULL, stage = 0, changed = $3 WHERE link = $4 AND key = $5`
	sqlSetNext      = `UPDATE cases SET next_at = $1 WHERE link = $2 AND key = $3`
	sqlTouchCase    = `UPDATE cases SET changed = $1 WHERE link = $2 AND key = $3`
	sqlSetStage     = `UPDATE cases SET stage = $1, next_at = $2, changed = $3 WHERE link = $4 AND key = $5`
)

// DueCases gives the cases whose Next is now or before, the earliest first; limit is at most MaxCasesPage. It finds the same ones again until
// SetStage or PutCase gives them another Next.
func (tx *Tx) DueCases(now time.Time, limit int) ([]CaseRow, error) {
	if limit <= 0 {
		return nil, nil
	}
	return tx.caseRows("looking for what is due", sqlDueCases, []any{now.UnixMicro(), min(limit, MaxCasesPage)})
}

// NextDue gives the earliest Next of all cases, and whether there is one.
func (tx *Tx) NextDue() (time.Time, bool, error) {
	var at sql.NullInt64
	if _, err := tx.one("looking for what is due next", sqlNextDue, nil, &at); err != nil || !at.Valid {
		return time.Time{}, false, err
	}
	return instant(at.Int64), true, nil
}

// SetStage keeps how far the reminders of a case are, and when to look at it again (zero: no more). It is a change of the case.
// Call it in the Update that read the case: in another one somebody else may have to act.
func (tx *Tx) SetStage(link, key string, stage int, next time.Time) error {
	changed, err := tx.change()
	if err != nil {
		return err
	}
	var at any
	if !next.IsZero() {
		at = next.UnixMicro()
	}
	n, err := tx.exec("storing how far the reminders are", sqlSetStage, stage, at, changed, link, key)
	return onCase(n, err, link, key)
}

// Expire lists a case from now on as expired, and as nobody's turn: the docket has no clock, so its caller tells when that is. It is a change
// of the case. Where the case is put again it stands as before, with a Next that has passed, and is to be expired again.
func (tx *Tx) Expire(link, key string) error {
	changed, err := tx.change()
	if err != nil {
		return err
	}
	n, err := tx.exec("storing that a case has expired", sqlExpire, string(docket.Expired), int64(never), changed, link, key)
	return onCase(n, err, link, key)
}

// onCase makes NotFound of a change that found no case.
func onCase(n int64, err error, link, key string) error {
	if err == nil && n == 0 {
		return fail(NotFound, "there is no case %s on the link with %s", key, link)
	}
	return err
}

// SetNext keeps when to look at a case again (zero: no more). It is no change of the case.
func (tx *Tx) SetNext(link, key string, next time.Time) error {
	var at any
	if !next.IsZero() {
		at = next.UnixMicro()
	}
	_, err := tx.exec("storing when to look again", sqlSetNext, at, link, key)
	return err
}

// TouchCase counts a change of the case of this key, if there is one: something that it is looked at with has changed, and it has not.
func (tx *Tx) TouchCase(link, key string) error {
	changed, err := tx.change()
	if err != nil {
		return err
	}
	_, err = tx.exec("counting a change of a case", sqlTouchCase, changed, link, key)
	return err
}

// ChangedSince gives the cases that changed after the change with this number, by their last change; limit is at most MaxCasesPage. A case that
// changed twice comes once, as it is now; one that a docket made anew no longer has does not come.
func (tx *Tx) ChangedSince(seq int64, limit int) ([]CaseRow, error) {
	if limit <= 0 {
		return nil, nil
	}
	return tx.caseRows("listing what has changed", sqlChangedSince, []any{seq, min(limit, MaxCasesPage)})
}
