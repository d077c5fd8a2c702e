package store

import (
	"database/sql"
	"time"
)

// A Profile is what a party said of itself in one generation of its keys (spec/keys.md K-30): this party, or one that we are linked with.
type Profile struct {
	Party      string
	Generation int
	Profile    []byte // the profile file, whole
	Change     []byte // the key-change record that led to these keys, whole; nil for the first that are known here
	KnownAt    time.Time
	Compared   bool // the words of these keys were compared
}

const (
	sqlProfiles   = `SELECT party, generation, profile, change, known_at, compared FROM profiles ORDER BY party, generation`
	sqlPutProfile = `INSERT INTO profiles (party, generation, profile, change, known_at, compared) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (party, generation) DO UPDATE SET profile = excluded.profile, change = excluded.change, known_at = excluded.known_at, compared = excluded.compared`
)

// PutProfile keeps the profile of a generation, in place of the one before.
func (tx *Tx) PutProfile(p Profile) error {
	if p.Party == "" || p.Generation < 1 || len(p.Profile) == 0 {
		return fail(Refused, "a profile has a party, and a generation from 1")
	}
	var change any
	if len(p.Change) > 0 {
		change = p.Change
	}
	_, err := tx.exec("storing a profile", sqlPutProfile, p.Party, p.Generation, p.Profile, change, p.KnownAt.UnixMicro(), p.Compared)
	return err
}

// Profiles gives all, by party and generation.
func (tx *Tx) Profiles() ([]Profile, error) {
	var all []Profile
	err := tx.each("reading the profiles", sqlProfiles, nil, func(rows *sql.Rows) error {
		var p Profile
		var at int64
		if err := rows.Scan(&p.Party, &p.Generation, &p.Profile, &p.Change, &at, &p.Compared); err != nil {
			return wrap(err, "reading the profiles")
		}
		p.KnownAt = instant(at)
		all = append(all, p)
		return nil
	})
	return all, err
}
