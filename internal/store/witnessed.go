package store

import (
	"cmp"
	"crypto/sha256"
	"database/sql"
)

// Witnessed is what a witness has cosigned last of one log.
type Witnessed struct {
	Origin string
	Size   int64
	Root   [32]byte
	Note   []byte // text, the log's lines, the witness's own
}

// A WitnessedLog is a log that a witness's operator entered: its origin and the verifier keys that are trusted for it.
type WitnessedLog struct {
	Origin string
	Keys   []string
}

const (
	sqlWitnessed    = `SELECT size, root, note FROM witnessed WHERE origin = $1`
	sqlPutWitnessed = `INSERT INTO witnessed (origin, size, root, note) VALUES ($1, $2, $3, $4)
ON CONFLICT (origin) DO UPDATE SET size = excluded.size, root = excluded.root, note = excluded.note
WHERE witnessed.size = $5 AND witnessed.size <= excluded.size`
	sqlWitnessKeys      = `SELECT vkey FROM witness_keys WHERE origin = $1 ORDER BY vkey`
	sqlWitnessLogs      = `SELECT origin, vkey FROM witness_keys ORDER BY origin, vkey`
	sqlInsertWitnessKey = `INSERT INTO witness_keys (origin, vkey) VALUES ($1, $2) ON CONFLICT (origin, vkey) DO NOTHING`
)

// Witnessed gives what was cosigned last of the log, and whether anything was.
func (tx *Tx) Witnessed(origin string) (w Witnessed, found bool, err error) {
	var root []byte
	w.Origin = origin
	found, err = tx.one("reading what was cosigned", sqlWitnessed, []any{origin}, &w.Size, &root, &w.Note)
	if err != nil || !found {
		return Witnessed{}, false, err
	}
	if len(root) != sha256.Size {
		return Witnessed{}, false, fail(Corrupt, "what was cosigned of %s is damaged; %s", origin, rescue)
	}
	w.Root = [32]byte(root)
	return w, true, nil
}

// PutWitnessed stores what is cosigned of a log, if old is the size that was cosigned before (0: or none); else it is a Conflict.
// It never goes back to a smaller size.
func (tx *Tx) PutWitnessed(old int64, w Witnessed) error {
	if w.Size < old {
		return fail(Refused, "size %d of %s cannot follow size %d", w.Size, w.Origin, old)
	}
	if old > 0 {
		if _, found, err := tx.Witnessed(w.Origin); err != nil || !found {
			return cmp.Or(err, error(fail(Conflict, "of %s nothing was cosigned", w.Origin)))
		}
	}
	n, err := tx.exec("storing what is cosigned", sqlPutWitnessed, w.Origin, w.Size, w.Root[:], w.Note, old)
	if err == nil && n != 1 {
		err = fail(Conflict, "of %s another size than %d was cosigned meanwhile", w.Origin, old)
	}
	return err
}

// WitnessKeys gives the verifier keys that are trusted for a log; none: the log is not known.
func (tx *Tx) WitnessKeys(origin string) (vkeys []string, err error) {
	err = tx.each("reading the keys of a log", sqlWitnessKeys, []any{origin}, func(rows *sql.Rows) error {
		var vkey string
		err := rows.Scan(&vkey)
		vkeys = append(vkeys, vkey)
		return wrap(err, "reading the keys of a log")
	})
	return vkeys, err
}

// PutWitnessKey makes a verifier key trusted for a log. The same again is no error.
func (tx *Tx) PutWitnessKey(origin, vkey string) error {
	_, err := tx.exec("storing a key of a log", sqlInsertWitnessKey, origin, vkey)
	return err
}

// WitnessLogs gives all logs that are known, by origin.
func (tx *Tx) WitnessLogs() (logs []WitnessedLog, err error) {
	err = tx.each("listing the logs", sqlWitnessLogs, nil, func(rows *sql.Rows) error {
		var origin, vkey string
		if err := rows.Scan(&origin, &vkey); err != nil {
			return wrap(err, "listing the logs")
		}
		if i := len(logs) - 1; i >= 0 && logs[i].Origin == origin {
			logs[i].Keys = append(logs[i].Keys, vkey)
			return nil
		}
		logs = append(logs, WitnessedLog{origin, []string{vkey}})
		return nil
	})
	return logs, err
}
