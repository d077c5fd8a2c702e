package store

import (
	"database/sql"
	"math"
	"strconv"
	"time"

	"verbale/internal/docket"
)

// A CaseRow is a case as it is listed. ID orders cases by when this node first saw them.
type CaseRow struct {
	ID      int64
	Link    string
	Case    docket.Case
	Opened  Side      // who opened it; Nobody where the opening is not here
	Turn    Side      // who must act
	Due     time.Time // when, at the earliest, who must act is late; zero: never
	Next    time.Time // when to look at it again; zero: nothing to remind of
	Stage   int       // how far its reminders are, as SetStage was told; 0 since turn, status or due time last changed
	Changed int64     // rises with every change, over all cases
}

// A Side is one of the two parties of a link.
type Side int

// The sides. The number is what the database holds.
const (
	Nobody Side = iota
	Ours        // this party
	Theirs      // the party of the link
)

const (
	sqlCase        = `SELECT body FROM cases WHERE link = $1 AND key = $2`
	sqlSelectCase  = `SELECT c.id, c.link, c.body, c.ours, c.turn, c.due_at, c.next_at, c.stage, c.changed FROM cases c`
	sqlCases       = sqlSelectCase + ` WHERE c.id < $1 ORDER BY c.id DESC LIMIT $2`
	sqlCasesOfLink = sqlSelectCase + ` WHERE c.link = $1 AND c.id < $2 ORDER BY c.id DESC LIMIT $3`
	sqlEachCase    = `SELECT link, key, body FROM cases ORDER BY link, key`
	sqlEachColumns = `SELECT link, key, body, outbox, position, ours, appeal, act, kind, class, channel, tlp, urgency, level, status, turn, released_at, due_at, irregular
FROM cases ORDER BY link, key`
	sqlNewestChange  = `SELECT COALESCE(max(changed), 0) FROM cases`
	sqlDropUnchanged = `DELETE FROM cases WHERE changed <= $1`

	// A case that is put again goes on where its reminders were, unless somebody else must act now, or for something else, or until another time.
	// Where anything is new in it, it is looked at again: a move can give more time than these columns know.
	sameTurn   = `cases.turn = excluded.turn AND cases.status = excluded.status AND cases.due_at = excluded.due_at`
	sqlPutCase = `INSERT INTO cases (link, key, body, outbox, position, ours, appeal, act, kind, class, channel, tlp, urgency, level, status, turn,
released_at, due_at, next_at, changed, irregular) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)
ON CONFLICT (link, key) DO UPDATE SET body = excluded.body, outbox = excluded.outbox, position = excluded.position, ours = excluded.ours,
appeal = excluded.appeal, act = excluded.act, kind = excluded.kind, class = excluded.class, channel = excluded.channel, tlp = excluded.tlp,
urgency = excluded.urgency, level = excluded.level, status = excluded.status, turn = excluded.turn, released_at = excluded.released_at,
due_at = excluded.due_at, changed = excluded.changed, irregular = excluded.irregular,
next_at = CASE WHEN cases.body = excluded.body AND ` + sameTurn + ` THEN cases.next_at ELSE excluded.next_at END,
stage = CASE WHEN ` + sameTurn + ` THEN cases.stage ELSE 0 END`
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

// CaseRow reads one case as a list has it.
func (tx *Tx) CaseRow(link, key string) (r CaseRow, found bool, err error) {
	list, err := tx.caseRows("reading a case", sqlSelectCase+` WHERE c.link = $1 AND c.key = $2`, []any{link, key})
	if err != nil || len(list) == 0 {
		return r, false, err
	}
	return list[0], true, nil
}

func parseCase(body []byte) (docket.Case, error) {
	c, err := docket.ParseCase(body)
	if err != nil {
		return c, &Error{Kind: Corrupt, Detail: "a case cannot be read; rebuild the docket from the outboxes", Err: err}
	}
	return c, nil
}

// PutCase stores a case, in place of the one with its key. Where it now waits for somebody else, for something else or until another time
// than before, its stage is 0. Where anything in it is new, its Next is when the first reminder can be (docket.Terms.Look).
func (tx *Tx) PutCase(link string, c docket.Case) error {
	return tx.PutCaseWith(link, c, docket.Terms{}.Look)
}

// PutCaseWith is PutCase with another Next: what first gives, zero for none. It is asked where somebody must act, or the case can expire.
func (tx *Tx) PutCaseWith(link string, c docket.Case, first func(docket.Index) time.Time) error {
	body, err := c.Marshal()
	if err != nil {
		return &Error{Kind: Refused, Detail: "the case cannot be written", Err: err}
	}
	return tx.putCase(link, c, body, first)
}

func (tx *Tx) putCase(link string, c docket.Case, body []byte, first func(docket.Index) time.Time) error {
	changed, err := tx.change()
	if err != nil {
		return err
	}
	i := c.Index()
	var next any
	if sideOf(i.Turn, link) != Nobody || !i.Expires.IsZero() {
		if at := first(i); !at.IsZero() {
			next = at.UnixMicro()
		}
	}
	k := columnsOf(link, c)
	_, err = tx.exec("storing a case", sqlPutCase, link, c.Key, body, k.outbox, k.position, k.ours, k.appeal, k.act, k.kind, k.class, k.channel, k.tlp, k.urgency,
		k.level, k.status, k.turn, k.releasedAt, k.dueAt, next, changed, k.irregular)
	return err
}

// columns are what stands beside the body of a case, and follows from it.
type columns struct {
	outbox                      string
	position                    int64
	ours                        Side
	appeal                      bool
	act, kind, class, channel   string
	tlp, urgency, level, status string
	turn                        Side
	releasedAt, dueAt           int64
	irregular                   bool
}

func columnsOf(link string, c docket.Case) columns {
	i := c.Index()
	return columns{i.Outbox, i.Position, sideOf(i.From, link), c.Appeals() || c.Check(), i.Act, i.Kind, i.Class, i.Channel, i.TLP, i.Urgency, i.Level,
		string(i.Status), sideOf(i.Turn, link), i.ReleasedAt.UnixMicro(), dueMicros(i.Due), i.Irregular}
}

// EachMisplaced gives the cases that are found by something else than what they say.
func (tx *Tx) EachMisplaced(fn func(link, key string)) error {
	const what = "comparing what cases are found by"
	return tx.each(what, sqlEachColumns, nil, func(rows *sql.Rows) error {
		var link, key string
		var body []byte
		var is columns
		if err := rows.Scan(&link, &key, &body, &is.outbox, &is.position, &is.ours, &is.appeal, &is.act, &is.kind, &is.class, &is.channel, &is.tlp, &is.urgency, &is.level,
			&is.status, &is.turn, &is.releasedAt, &is.dueAt, &is.irregular); err != nil {
			return wrap(err, "%s", what)
		}
		c, err := docket.ParseCase(body)
		if err != nil {
			return nil // which is said of the case itself
		}
		want := columnsOf(link, c)
		if is.status == string(docket.Expired) && !c.Index().Expires.IsZero() { // see Expire
			want.status, want.turn, want.dueAt = is.status, Nobody, never
		}
		if is != want {
			fn(link, key)
		}
		return nil
	})
}

// sideOf tells which side of a link party is; the link is named by the other party.
func sideOf(party, link string) Side {
	switch party {
	case "":
		return Nobody
	case link:
		return Theirs
	}
	return Ours
}

// never is the due_at of what is never late: it sorts last.
const never = math.MaxInt64

func dueMicros(t time.Time) int64 {
	if t.IsZero() {
		return never
	}
	return t.UnixMicro()
}

// metaChanged is the key in meta of a number below which all changes are that were ever made; the cases that had them may be gone.
const metaChanged = "cases/changed"

// change gives the number of one more change. They rise, with gaps.
func (tx *Tx) change() (int64, error) {
	if tx.changed == 0 {
		newest, err := tx.Changed()
		if err != nil {
			return 0, err
		}
		tx.changed = newest
	}
	tx.changed++
	return tx.changed, nil
}

// Changed gives the number of the newest change of a case, 0 when there was none.
func (tx *Tx) Changed() (newest int64, err error) {
	if _, err := tx.one("reading the newest change", sqlNewestChange, nil, &newest); err != nil {
		return 0, err
	}
	kept, found, err := tx.Meta(metaChanged)
	if err != nil || !found {
		return newest, err
	}
	floor, err := strconv.ParseInt(kept, 10, 64)
	if err != nil {
		return 0, &Error{Kind: Corrupt, Detail: "the number of the newest change cannot be read; " + rescue, Err: err}
	}
	return max(newest, floor), nil
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
	return tx.caseRows("listing cases", q, args)
}

// caseRows reads what begins with sqlSelectCase.
func (tx *Tx) caseRows(what, q string, args []any) (list []CaseRow, err error) {
	err = tx.each(what, q, args, func(rows *sql.Rows) error {
		r, err := readCase(what, rows)
		list = append(list, r)
		return err
	})
	return list, err
}

func readCase(what string, rows *sql.Rows) (r CaseRow, err error) {
	var body []byte
	var due int64
	var next sql.NullInt64
	if err := rows.Scan(&r.ID, &r.Link, &body, &r.Opened, &r.Turn, &due, &next, &r.Stage, &r.Changed); err != nil {
		return r, wrap(err, "%s", what)
	}
	if due != never {
		r.Due = instant(due)
	}
	if next.Valid {
		r.Next = instant(next.Int64)
	}
	r.Case, err = parseCase(body)
	return r, err
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

// ReplaceCases makes the docket anew: fn puts all cases, and what it has not put is dropped. A case that was there keeps its place and,
// under the rule of PutCase, where its reminders are.
func (tx *Tx) ReplaceCases(fn func(put func(link string, c docket.Case) error) error) error {
	before, err := tx.Changed()
	if err != nil {
		return err
	}
	if err := tx.SetMeta(metaChanged, strconv.FormatInt(before, 10)); err != nil { // where the newest change is of a case that is dropped
		return err
	}
	if err := fn(tx.PutCase); err != nil {
		return err
	}
	_, err = tx.exec("dropping what the docket no longer has", sqlDropUnchanged, before)
	return err
}
