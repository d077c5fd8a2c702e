package store

import (
	"database/sql"
	"time"
)

// A Link is a peer as it was linked.
type Link struct {
	Party     string
	Profile   []byte // the profile file, a full SD-JWT
	LinkedAt  time.Time
	Confirmed bool   // the fingerprint words were compared
	State     string // "active"
}

// PutLink writes a link.
func (tx *Tx) PutLink(l Link) error {
	_, err := tx.exec("write a link", `INSERT INTO link (party, profile, linked_at, confirmed, state) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (party) DO UPDATE SET profile = $2, linked_at = $3, confirmed = $4, state = $5`, l.Party, l.Profile, micros(l.LinkedAt), l.Confirmed, l.State)
	return err
}

// Links lists all, by party.
func (tx *Tx) Links() ([]Link, error) {
	var all []Link
	err := tx.each("list the links", `SELECT party, profile, linked_at, confirmed, state FROM link ORDER BY party`, nil, func(r *sql.Rows) error {
		var l Link
		var at int64
		err := r.Scan(&l.Party, &l.Profile, &at, &l.Confirmed, &l.State)
		l.LinkedAt = fromMicros(at)
		all = append(all, l)
		return err
	})
	return all, err
}

// Filing gives the record that was filed under an idempotency key.
func (tx *Tx) Filing(key string) (origin string, index int64, found bool, err error) {
	err = tx.row(`SELECT origin, entry FROM filing WHERE name = $1`, key).Scan(&origin, &index)
	if isNoRows(err) {
		return "", 0, false, nil
	}
	return origin, index, err == nil, wrap(err, "look a filing up")
}

// PutFiling remembers the record that was filed under an idempotency key; kind conflict when the key is taken.
func (tx *Tx) PutFiling(key, origin string, index int64) error {
	_, err := tx.exec("remember a filing", `INSERT INTO filing (name, origin, entry) VALUES ($1, $2, $3)`, key, origin, index)
	return err
}

// Meta gives a named value of the node itself.
func (tx *Tx) Meta(name string) (value string, found bool, err error) {
	err = tx.row(`SELECT value FROM meta WHERE name = $1`, name).Scan(&value)
	if isNoRows(err) {
		return "", false, nil
	}
	return value, err == nil, wrap(err, "read a setting")
}

// SetMeta writes a named value of the node itself.
func (tx *Tx) SetMeta(name, value string) error {
	_, err := tx.exec("write a setting", `INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = $2`, name, value)
	return err
}
