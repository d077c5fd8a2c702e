package witness

import (
	"context"
	"crypto/sha256"
	"errors"
	"slices"
	"time"

	"verbale/internal/exchange"
	"verbale/internal/store"
	"verbale/outbox"
	"verbale/seal"
)

// A Witness cosigns checkpoints of the logs that its operator entered. It is safe for concurrent use.
type Witness struct {
	store *store.Store
	key   *seal.WitnessKey
	now   func() time.Time
}

var _ exchange.Witness = (*Witness)(nil)

// New makes the witness with this key over a store of its own.
func New(s *store.Store, key *seal.WitnessKey, now func() time.Time) *Witness {
	return &Witness{store: s, key: key, now: now}
}

// AddCheckpoint cosigns a checkpoint, or refuses (W-4, in the order of W-5).
func (w *Witness) AddCheckpoint(ctx context.Context, old int64, proof [][32]byte, note []byte) (lines []byte, err error) {
	h, err := headOf(note)
	if err != nil {
		return nil, err
	}
	if old < 0 || len(proof) > exchange.MaxWitnessProof {
		return nil, exchange.WitnessRefuse(exchange.WitnessMalformed, "the old size is negative, or there are more than %d hashes", exchange.MaxWitnessProof)
	}
	signed, err := w.logLines(ctx, h, note)
	if err != nil {
		return nil, err
	}
	if old > h.Size {
		return nil, exchange.WitnessRefuse(exchange.WitnessMalformed, "the old size %d is above the checkpoint's, %d", old, h.Size)
	}
	err = w.store.Update(ctx, func(tx *store.Tx) error {
		last, found, err := tx.Witnessed(h.Origin)
		if err != nil {
			return err
		}
		if err := follows(last, old, proof, h); err != nil {
			return err
		}
		now := w.now()
		if err := w.later(last, found, now); err != nil {
			return err
		}
		if lines, err = w.key.Cosign(h, now); err != nil {
			return err
		}
		kept := slices.Concat([]byte(h.Text()), []byte("\n"), signed, lines)
		return tx.PutWitnessed(old, store.Witnessed{Origin: h.Origin, Size: h.Size, Root: h.Root, Note: kept})
	})
	if err != nil {
		return nil, err
	}
	return lines, nil
}

// headOf reads the checkpoint's head. An origin that is none of ours by its form is an unknown log (W-10).
func headOf(note []byte) (seal.Head, error) {
	h, err := seal.HeadOf(note)
	if e, ok := errors.AsType[*seal.Error](err); ok && (e.Rule == "K-1" || e.Rule == "K-2") {
		return seal.Head{}, unknownLog()
	}
	if err != nil {
		return seal.Head{}, exchange.WitnessRefuse(exchange.WitnessMalformed, "the checkpoint: %s", err)
	}
	return h, nil
}

func unknownLog() error {
	return exchange.WitnessRefuse(exchange.WitnessUnknown, "this log is not known here; ask the operator of the witness to enter it")
}

// logLines gives the lines of the keys that are trusted for the log: at least one, and none that does not verify. It holds up no other
// call: whoever is no log of ours gets no further.
func (w *Witness) logLines(ctx context.Context, h seal.Head, note []byte) ([]byte, error) {
	var vkeys []string
	err := w.store.View(ctx, func(tx *store.Tx) (err error) {
		vkeys, err = tx.WitnessKeys(h.Origin)
		return err
	})
	if err != nil {
		return nil, err
	}
	if len(vkeys) == 0 {
		return nil, unknownLog()
	}
	good := map[string]bool{}
	for _, vkey := range vkeys {
		key, err := seal.ParseLogKey(vkey)
		if err != nil {
			return nil, err
		}
		_, line, err := key.OpenLine(note)
		switch kindOf(err) {
		case "":
			good[string(line)] = true
		case seal.UnknownKey: // this key has no line; another may
		case seal.BadSignature:
			return nil, exchange.WitnessRefuse(exchange.WitnessUntrusted, "the line of a key that is trusted for this log does not verify")
		default:
			return nil, exchange.WitnessRefuse(exchange.WitnessMalformed, "the checkpoint: %s", err)
		}
	}
	if len(good) == 0 {
		return nil, exchange.WitnessRefuse(exchange.WitnessUntrusted, "no line is by a key that is trusted for this log")
	}
	var lines []byte
	for _, line := range seal.LinesOf(note) { // in the order of the log
		if good[string(line)] {
			lines = append(lines, line...)
		}
	}
	return lines, nil
}

func kindOf(err error) seal.Kind {
	if e, ok := errors.AsType[*seal.Error](err); ok {
		return e.Kind
	}
	return ""
}

// follows tells whether h may follow what was cosigned last; nothing cosigned is size zero (W-4).
func follows(last store.Witnessed, old int64, proof [][32]byte, h seal.Head) error {
	inconsistent := func(why string) error { return exchange.WitnessRefuse(exchange.WitnessInconsistent, "%s", why) }
	switch {
	case old != last.Size:
		return &exchange.WitnessError{Status: exchange.WitnessConflict, Size: last.Size, Detail: "another size was cosigned last"}
	case h.Size == 0 && h.Root != sha256.Sum256(nil):
		return inconsistent("the root of an empty log is the hash of nothing")
	case (old == 0 || old == h.Size) && len(proof) > 0:
		return inconsistent("from size zero, or to the same size, there is nothing to prove; send no hashes")
	case old == 0:
		return nil
	case old == h.Size && h.Root != last.Root:
		return inconsistent("of this size another root was cosigned")
	case old == h.Size:
		return nil
	}
	if err := outbox.CheckConsistency(proof, h.Size, h.Root, old, last.Root); err != nil {
		return inconsistent("the proof does not lead from what was cosigned to this checkpoint")
	}
	return nil
}

// later refuses a clock that has gone back: a line would say that a larger head had not been seen at a time when it had (W-8).
func (w *Witness) later(last store.Witnessed, found bool, now time.Time) error {
	if !found {
		return nil
	}
	h, err := seal.HeadOf(last.Note)
	if err != nil {
		return err
	}
	for _, c := range w.key.Cosigners() {
		at, _, err := c.Open(last.Note, h)
		if kindOf(err) == seal.UnknownKey { // cosigned with an earlier key of this witness
			continue
		}
		if err != nil {
			return err
		}
		if now.Before(at) {
			return exchange.WitnessRefuse(exchange.WitnessFault, "the clock of this witness is behind the time of its last line, %s", at.Format(time.RFC3339))
		}
	}
	return nil
}

// Latest gives the checkpoint cosigned last of the log whose origin has this hash, nil if there is none (W-9).
func (w *Witness) Latest(ctx context.Context, originHash [32]byte) (note []byte, err error) {
	err = w.store.View(ctx, func(tx *store.Tx) error {
		logs, err := tx.WitnessLogs()
		if err != nil {
			return err
		}
		for _, l := range logs {
			if sha256.Sum256([]byte(l.Origin)) == originHash {
				last, _, err := tx.Witnessed(l.Origin)
				note = last.Note
				return err
			}
		}
		return nil
	})
	return note, err
}
