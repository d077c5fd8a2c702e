package store

import (
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"slices"
	"time"
)

// Evidence is proof of misbehaviour, such as a fork: two signed notes that cannot both be, and the proof of it.
type Evidence struct {
	ID     int64
	Origin string
	Peer   string
	Kind   string
	At     time.Time // when it was first kept
	A, B   []byte
	Proof  [][32]byte
}

const (
	sqlEvidence       = `SELECT id, origin, peer, kind, at, first, second, proof FROM evidence ORDER BY id`
	sqlEvidenceCount  = `SELECT count(*) FROM evidence WHERE origin = $1`
	sqlInsertEvidence = `INSERT INTO evidence (digest, origin, peer, kind, at, first, second, proof) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (digest) DO NOTHING`
)

// PutEvidence keeps a piece of evidence. The same twice is kept once, with the first time; of one origin MaxEvidence pieces are
// kept, the first ones.
func (tx *Tx) PutEvidence(origin, peer, kind string, at time.Time, a, b []byte, proof [][32]byte) error {
	var kept int
	if _, err := tx.one("counting evidence", sqlEvidenceCount, []any{origin}, &kept); err != nil || kept >= MaxEvidence {
		return err
	}
	flat := make([]byte, 0, len(proof)*sha256.Size)
	for _, hash := range proof {
		flat = append(flat, hash[:]...)
	}
	digest := digestOf([]byte(origin), []byte(peer), []byte(kind), a, b, flat)
	_, err := tx.exec("storing evidence", sqlInsertEvidence, digest, origin, peer, kind, at.UnixMicro(), present(a), present(b), present(flat))
	return err
}

// digestOf is over the parts with their lengths.
func digestOf(parts ...[]byte) []byte {
	h := sha256.New()
	for _, p := range parts {
		h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(p))))
		h.Write(p)
	}
	return h.Sum(nil)
}

// present keeps an empty part from being stored as NULL.
func present(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

// Evidence gives all evidence, the oldest first.
func (tx *Tx) Evidence() ([]Evidence, error) {
	var all []Evidence
	err := tx.each("reading evidence", sqlEvidence, nil, func(rows *sql.Rows) error {
		var e Evidence
		var at int64
		var proof []byte
		if err := rows.Scan(&e.ID, &e.Origin, &e.Peer, &e.Kind, &at, &e.A, &e.B, &proof); err != nil {
			return wrap(err, "reading evidence")
		}
		if len(proof)%sha256.Size != 0 {
			return fail(Corrupt, "evidence %d is damaged; %s", e.ID, rescue)
		}
		e.At = instant(at)
		for hash := range slices.Chunk(proof, sha256.Size) {
			e.Proof = append(e.Proof, [32]byte(hash))
		}
		all = append(all, e)
		return nil
	})
	return all, err
}
