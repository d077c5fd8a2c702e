package store

import (
	"database/sql"

	"verbale/internal/docket"
)

// CaseRow is a case of a link, with the number that lists page by.
type CaseRow struct {
	ID   int64
	Link string
	Case docket.Case
}

// Case gives the case of a link under its key.
func (tx *Tx) Case(link, key string) (docket.Case, bool, error) {
	var data []byte
	err := tx.row(`SELECT data FROM docket WHERE link = $1 AND name = $2`, link, key).Scan(&data)
	if isNoRows(err) {
		return docket.Case{}, false, nil
	}
	if err != nil {
		return docket.Case{}, false, wrap(err, "read a case")
	}
	c, err := parseCase(data)
	return c, err == nil, err
}

func parseCase(data []byte) (docket.Case, error) {
	c, err := docket.ParseCase(data)
	if err != nil {
		return c, fail(Corrupt, err, "a case in the docket cannot be read: run verbale rebuild --write")
	}
	return c, nil
}

// PutCase writes a case.
func (tx *Tx) PutCase(link string, c docket.Case) error {
	data, err := c.Marshal()
	if err != nil {
		return err
	}
	_, err = tx.exec("write a case", `INSERT INTO docket (link, name, data) VALUES ($1, $2, $3) ON CONFLICT (link, name) DO UPDATE SET data = $3`, link, c.Key, data)
	return err
}

// Cases lists cases of a link ("" for all), the newest first, from below the row with the number after (0 for the newest).
func (tx *Tx) Cases(link string, after int64, limit int) ([]CaseRow, error) {
	var rows []CaseRow
	err := tx.each("list cases", `SELECT id, link, data FROM docket WHERE ($1 = '' OR link = $1) AND ($2 = 0 OR id < $2) ORDER BY id DESC LIMIT $3`,
		[]any{link, after, limit}, func(r *sql.Rows) error {
			var row CaseRow
			var data []byte
			if err := r.Scan(&row.ID, &row.Link, &data); err != nil {
				return err
			}
			var err error
			row.Case, err = parseCase(data)
			rows = append(rows, row)
			return err
		})
	return rows, err
}

// EachCase calls fn with every case as it is stored, in pieces, so that fn may use the transaction.
func (tx *Tx) EachCase(fn func(link, key string, stored []byte) error) error {
	type row struct {
		id        int64
		link, key string
		data      []byte
	}
	for after := int64(0); ; {
		var rows []row
		err := tx.each("read the docket", `SELECT id, link, name, data FROM docket WHERE id > $1 ORDER BY id LIMIT 1000`, []any{after}, func(r *sql.Rows) error {
			var c row
			err := r.Scan(&c.id, &c.link, &c.key, &c.data)
			rows = append(rows, c)
			return err
		})
		if err != nil || len(rows) == 0 {
			return err
		}
		for _, c := range rows {
			if err := fn(c.link, c.key, c.data); err != nil {
				return err
			}
			after = c.id
		}
	}
}

// ReplaceCases empties the docket and lets fn put it again.
func (tx *Tx) ReplaceCases(fn func(put func(link string, c docket.Case) error) error) error {
	if _, err := tx.exec("empty the docket", `DELETE FROM docket`); err != nil {
		return err
	}
	return fn(tx.PutCase)
}
