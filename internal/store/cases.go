package store

import (
	"database/sql"
	"math"

	"verbale/internal/docket"
)

// A CaseRow is a case as it is listed. ID orders cases by when this node first saw them; a docket made anew may number them otherwise.
type CaseRow struct {
	ID   int64
	Link string
	Case docket.Case
}

const (
	sqlCase        = `SELECT body FROM cases WHERE link = $1 AND key = $2`
	sqlCases       = `SELECT id, link, body FROM cases WHERE id < $1 ORDER BY id DESC LIMIT $2`
	sqlCasesOfLink = `SELECT id, link, body FROM cases WHERE link = $1 AND id < $2 ORDER BY id DESC LIMIT $3`
	sqlEachCase    = `SELECT link, key, body FROM cases ORDER BY link, key`
	sqlPutCase     = `INSERT INTO cases (link, key, body) VALUES ($1, $2, $3) ON CONFLICT (link, key) DO UPDATE SET body = excluded.body`
	sqlDeleteCases = `DELETE FROM cases`
)

// Case gives the case of this key on a link, and whether there is one.
func (tx *Tx) Case(link, key string) (docket.Case, bool, error) {
	var body []byte
	found, err := tx.one("reading a case", sqlCase, []any{link, key}, &body)
	if err != nil || !found {
		return docket.Case{}, false, err
	}
	c, err := parseCase(body)
	return c, err == nil, err
}

func parseCase(body []byte) (docket.Case, error) {
	c, err := docket.ParseCase(body)
	if err != nil {
		return c, &Error{Kind: Corrupt, Detail: "a case cannot be read; rebuild the docket from the outboxes", Err: err}
	}
	return c, nil
}

// PutCase stores a case, in place of the one with its key.
func (tx *Tx) PutCase(link string, c docket.Case) error {
	body, err := c.Marshal()
	if err != nil {
		return &Error{Kind: Refused, Detail: "the case cannot be written", Err: err}
	}
	_, err = tx.exec("storing a case", sqlPutCase, link, c.Key, body)
	return err
}

// Cases lists the cases of a link ("": of all), the newest first. after is the ID of the last one on the page before, 0 for the first
// page; limit is at most MaxCasesPage.
func (tx *Tx) Cases(link string, after int64, limit int) ([]CaseRow, error) {
	if after <= 0 {
		after = math.MaxInt64
	}
	limit = min(limit, MaxCasesPage)
	if limit <= 0 {
		return nil, nil
	}
	q, args := sqlCases, []any{after, limit}
	if link != "" {
		q, args = sqlCasesOfLink, []any{link, after, limit}
	}
	var list []CaseRow
	err := tx.each("listing cases", q, args, func(rows *sql.Rows) (err error) {
		var r CaseRow
		var body []byte
		if err := rows.Scan(&r.ID, &r.Link, &body); err != nil {
			return wrap(err, "listing cases")
		}
		r.Case, err = parseCase(body)
		list = append(list, r)
		return err
	})
	return list, err
}

// EachCase gives the stored form of every case, by link and key. fn must not store cases.
func (tx *Tx) EachCase(fn func(link, key string, stored []byte) error) error {
	return tx.each("reading all cases", sqlEachCase, nil, func(rows *sql.Rows) error {
		var link, key string
		var body []byte
		if err := rows.Scan(&link, &key, &body); err != nil {
			return wrap(err, "reading all cases")
		}
		return fn(link, key, body)
	})
}

// ReplaceCases makes the docket anew: it drops all cases and stores those that fn puts.
func (tx *Tx) ReplaceCases(fn func(put func(link string, c docket.Case) error) error) error {
	if _, err := tx.exec("dropping the docket", sqlDeleteCases); err != nil {
		return err
	}
	return fn(tx.PutCase)
}
