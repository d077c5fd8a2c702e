package store

import (
	"database/sql"
	"time"

	"verbale/internal/docket"
)

// A Link is a party that we exchange with.
type Link struct {
	Party     string
	Profile   []byte // its profile file, whole
	LinkedAt  time.Time
	Confirmed bool   // the words of the fingerprint were compared
	State     string // its standing as it is stored, see [Tx.Standing]; PutLink does not change it
}

// active is the state of a link whose standing no record has changed.
const active = "active"

const (
	sqlLink    = `SELECT party, profile, linked_at, confirmed, state FROM links WHERE party = $1`
	sqlLinks   = `SELECT party, profile, linked_at, confirmed, state FROM links ORDER BY party`
	sqlPutLink = `INSERT INTO links (party, profile, linked_at, confirmed, state) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (party) DO UPDATE SET profile = excluded.profile, linked_at = excluded.linked_at, confirmed = excluded.confirmed`
	sqlState    = `SELECT state FROM links WHERE party = $1`
	sqlPutState = `UPDATE links SET state = $1 WHERE party = $2`

	sqlFiling       = `SELECT outbox, position FROM filings WHERE key = $1`
	sqlInsertFiling = `INSERT INTO filings (key, outbox, position) VALUES ($1, $2, $3) ON CONFLICT (key) DO NOTHING`
	sqlFilings      = `SELECT key, outbox, position FROM filings ORDER BY outbox, position`

	sqlMeta    = `SELECT value FROM meta WHERE key = $1`
	sqlPutMeta = `INSERT INTO meta (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value`
)

// PutLink stores a link, in place of the one with this party.
func (tx *Tx) PutLink(l Link) error {
	if l.Party == "" || len(l.Profile) == 0 {
		return fail(Refused, "a link has a party and a profile")
	}
	_, err := tx.exec("storing a link", sqlPutLink, l.Party, l.Profile, l.LinkedAt.UnixMicro(), l.Confirmed, active)
	return err
}

// Standing gives what the records of a link amount to beside its cases. It is a fold, kept to be quick: `rebuild` makes it anew.
func (tx *Tx) Standing(party string) (docket.Standing, error) {
	var state string
	found, err := tx.one("reading a link", sqlState, []any{party}, &state)
	switch {
	case err != nil:
		return docket.Standing{}, err
	case !found:
		return docket.Standing{}, fail(NotFound, "there is no link with %s", party)
	case state == active:
		return docket.Standing{}, nil
	}
	s, err := docket.ParseStanding([]byte(state))
	if err != nil {
		return s, &Error{Kind: Corrupt, Detail: "the standing of a link cannot be read; rebuild the docket from the outboxes", Err: err}
	}
	return s, nil
}

// PutStanding stores the standing of a link, in place of the one before.
func (tx *Tx) PutStanding(party string, s docket.Standing) error {
	state, err := StateOf(s)
	if err != nil {
		return err
	}
	n, err := tx.exec("storing a link", sqlPutState, state, party)
	if err == nil && n == 0 {
		return fail(NotFound, "there is no link with %s", party)
	}
	return err
}

// StateOf is a standing as it is stored in Link.State.
func StateOf(s docket.Standing) (string, error) {
	b, err := s.Marshal()
	if err != nil {
		return "", &Error{Kind: Refused, Detail: "the standing cannot be written", Err: err}
	}
	if b == nil {
		return active, nil
	}
	return string(b), nil
}

// Link gives the link with a party.
func (tx *Tx) Link(party string) (Link, error) {
	var l Link
	var at int64
	found, err := tx.one("reading a link", sqlLink, []any{party}, &l.Party, &l.Profile, &at, &l.Confirmed, &l.State)
	if err != nil {
		return Link{}, err
	}
	if !found {
		return Link{}, fail(NotFound, "there is no link with %s", party)
	}
	l.LinkedAt = instant(at)
	return l, nil
}

// Links gives all links, by party.
func (tx *Tx) Links() ([]Link, error) {
	var all []Link
	err := tx.each("listing the links", sqlLinks, nil, func(rows *sql.Rows) error {
		var l Link
		var at int64
		if err := rows.Scan(&l.Party, &l.Profile, &at, &l.Confirmed, &l.State); err != nil {
			return wrap(err, "listing the links")
		}
		l.LinkedAt = instant(at)
		all = append(all, l)
		return nil
	})
	return all, err
}

// Filing tells where the record that our staff filed under this key stands, if one was.
func (tx *Tx) Filing(key string) (outbox string, index int64, found bool, err error) {
	found, err = tx.one("reading a filing", sqlFiling, []any{key}, &outbox, &index)
	return outbox, index, found, err
}

// EachFiling gives every filing, by where its record stands.
func (tx *Tx) EachFiling(fn func(key, outbox string, index int64) error) error {
	return tx.each("reading the filings", sqlFilings, nil, func(rows *sql.Rows) error {
		var key, outbox string
		var index int64
		if err := rows.Scan(&key, &outbox, &index); err != nil {
			return wrap(err, "reading the filings")
		}
		return fn(key, outbox, index)
	})
}

// PutFiling remembers where the record filed under key stands. The same again is no error; another place is a Conflict.
func (tx *Tx) PutFiling(key, outbox string, index int64) error {
	n, err := tx.exec("storing a filing", sqlInsertFiling, key, outbox, index)
	if err != nil || n == 1 {
		return err
	}
	was, at, _, err := tx.Filing(key)
	if err == nil && (was != outbox || at != index) {
		return fail(Conflict, "under that key another record was filed, as entry %d of %s", at, was)
	}
	return err
}

// Meta gives a value that the node keeps under key, and whether there is one.
func (tx *Tx) Meta(key string) (value string, found bool, err error) {
	found, err = tx.one("reading a value", sqlMeta, []any{key}, &value)
	return value, found, err
}

// SetMeta keeps a value under key, in place of the one before.
func (tx *Tx) SetMeta(key, value string) error {
	_, err := tx.exec("storing a value", sqlPutMeta, key, value)
	return err
}
