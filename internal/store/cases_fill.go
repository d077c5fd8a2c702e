package store

import (
	"context"
	"database/sql"
	"strconv"
	"strings"

	"verbale/internal/docket"
)

// The columns of cases say what docket.Index says of their bodies. Where another version of it filled them, Open fills them anew: in
// pieces, each in a transaction of its own that remembers how far it came, so that a large docket needs no second copy of itself in the WAL
// and an Open that is cut short goes on where it was.

const sqlCasesToFill = `SELECT id, link, key, body FROM cases WHERE id > $1 ORDER BY id LIMIT $2`

// metaIndex is the key in meta of the version that filled the columns: "1", or "1 at 5000" while the cases up to that one are filled.
const metaIndex = "cases/index"

// fill brings the columns of cases to this version.
func (s *Store) fill(ctx context.Context) error {
	var state string
	err := s.View(ctx, func(tx *Tx) (err error) {
		state, _, err = tx.Meta(metaIndex)
		return err
	})
	for err == nil && state != docket.IndexVersion {
		err = s.Update(ctx, func(tx *Tx) (err error) {
			state, err = tx.fillSome(state)
			return err
		})
	}
	return err
}

// fillSome fills the next cases, and gives what it remembers of that in meta.
func (tx *Tx) fillSome(state string) (string, error) {
	after := int64(0)
	if version, at, under := strings.Cut(state, " at "); under && version == docket.IndexVersion {
		after, _ = strconv.ParseInt(at, 10, 64) // 0 begins anew
	}
	last, count := after, 0
	type row struct {
		link, key string
		body      []byte
	}
	var rows []row
	err := tx.each("reading cases", sqlCasesToFill, []any{after, fillBatch}, func(r *sql.Rows) error {
		var c row
		if err := r.Scan(&last, &c.link, &c.key, &c.body); err != nil {
			return wrap(err, "reading cases")
		}
		rows = append(rows, c)
		return nil
	})
	if err != nil {
		return "", err
	}
	for _, r := range rows {
		c, err := parseCase(r.body)
		if err != nil {
			c = docket.Case{} // `rebuild` makes it anew; until then it is found as what nobody knows
		}
		c.Key = r.key
		if err := tx.putCase(r.link, c, r.body, docket.Terms{}.Look); err != nil {
			return "", err
		}
		count++
	}
	state = docket.IndexVersion
	if count == fillBatch {
		state += " at " + strconv.FormatInt(last, 10)
	}
	return state, tx.SetMeta(metaIndex, state)
}
