package store

import (
	"database/sql"
	"time"
)

// Evidence is what was kept of two histories of one outbox.
type Evidence struct {
	ID     int64
	Origin string
	Peer   string
	Kind   string // the exchange's kind of problem: fork or bad-root
	At     time.Time
	A, B   []byte     // signed notes, A not larger than B where Kind is fork
	Proof  [][32]byte // of outbox.Fork
}

// PutEvidence keeps evidence; the same evidence again is the same row.
func (tx *Tx) PutEvidence(origin, peer, kind string, at time.Time, a, b []byte, proof [][32]byte) error {
	joined := make([]byte, 0, 32*len(proof))
	for _, h := range proof {
		joined = append(joined, h[:]...)
	}
	if b == nil {
		b = []byte{}
	}
	_, err := tx.exec("keep evidence", `INSERT INTO evidence (origin, peer, kind, found_at, a, b, proof) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (origin, a, b) DO NOTHING`, origin, peer, kind, micros(at), a, b, joined)
	return err
}

// Evidence lists all, the oldest first.
func (tx *Tx) Evidence() ([]Evidence, error) {
	var all []Evidence
	err := tx.each("list the evidence", `SELECT id, origin, peer, kind, found_at, a, b, proof FROM evidence ORDER BY id`, nil, func(r *sql.Rows) error {
		var e Evidence
		var at int64
		var joined []byte
		if err := r.Scan(&e.ID, &e.Origin, &e.Peer, &e.Kind, &at, &e.A, &e.B, &joined); err != nil {
			return err
		}
		e.At = fromMicros(at)
		for ; len(joined) >= 32; joined = joined[32:] {
			e.Proof = append(e.Proof, [32]byte(joined))
		}
		all = append(all, e)
		return nil
	})
	return all, err
}
