package exchange

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"strconv"
)

// Witness is a witness as a log sees it (spec/witness.md). Errors are a *WitnessError where the witness answered, anything else
// where it could not be reached.
//
// Implementations: witness.Witness (ours, over a store), peer.WitnessClient (any, over HTTP).
type Witness interface {
	// AddCheckpoint hands over a checkpoint with the lines of its log alone, the size that the witness is thought to have cosigned
	// last, and the proof from there. The answer is the witness's lines, which nobody has verified; it has stored the checkpoint by
	// then. The same call may be made again: the lines then have a later time.
	AddCheckpoint(ctx context.Context, old int64, proof [][32]byte, note []byte) (lines []byte, err error)
}

// The statuses of a WitnessError (W-4).
const (
	WitnessMalformed    = 400 // not of the form of W-1, or the old size is above the size
	WitnessUntrusted    = 403 // no line by a key that the witness trusts for this log, or a wrong one
	WitnessUnknown      = 404 // the witness does not know this log
	WitnessConflict     = 409 // the witness has cosigned another size: Size
	WitnessInconsistent = 422 // the proof does not hold, or the root is another
	WitnessFault        = 500 // the witness failed, or gave an answer that is none
)

// A WitnessError is a refusal by a witness.
type WitnessError struct {
	Status int
	Size   int64  // of WitnessConflict
	Detail string // one sentence for people
}

// Error says what the witness has against it.
func (e *WitnessError) Error() string {
	return fmt.Sprintf("the witness says %d: %s", e.Status, e.Detail)
}

// Again tells whether the same call may succeed later: not the call is at fault but the witness, or the moment.
func (e *WitnessError) Again() bool { return e.Status == WitnessFault }

// WitnessRefuse makes a WitnessError.
func WitnessRefuse(status int, format string, args ...any) *WitnessError {
	return &WitnessError{Status: status, Detail: fmt.Sprintf(format, args...)}
}

// An AddCheckpoint is the body of a call to a witness (W-1).
type AddCheckpoint struct {
	Old   int64
	Proof [][32]byte
	Note  []byte
}

// Encode writes the body. It refuses what no witness would take.
func (a AddCheckpoint) Encode() ([]byte, error) {
	if a.Old < 0 || a.Old > maxWitnessSize || len(a.Proof) > MaxWitnessProof || len(a.Note) > MaxWitnessNoteBytes {
		return nil, WitnessRefuse(WitnessMalformed, "want an old size from 0 to 2^40, at most %d hashes and a checkpoint of at most %d bytes; got %d, %d and %d",
			MaxWitnessProof, MaxWitnessNoteBytes, a.Old, len(a.Proof), len(a.Note))
	}
	b := append(make([]byte, 0, MaxAddCheckpointBytes), witnessOld...)
	b = append(strconv.AppendInt(b, a.Old, 10), '\n')
	for _, hash := range a.Proof {
		b = append(base64.StdEncoding.AppendEncode(b, hash[:]), '\n')
	}
	return append(append(b, '\n'), a.Note...), nil
}

const witnessOld = "old "

// ReadAddCheckpoint reads the body. The checkpoint in it is not looked at.
func ReadAddCheckpoint(b []byte) (AddCheckpoint, error) {
	if len(b) > MaxAddCheckpointBytes {
		return AddCheckpoint{}, WitnessRefuse(WitnessMalformed, "the request has %d bytes, at most %d are allowed", len(b), MaxAddCheckpointBytes)
	}
	head, note, ok := bytes.Cut(b, []byte("\n\n"))
	lines := bytes.Split(head, []byte("\n"))
	if !ok || len(lines)-1 > MaxWitnessProof || len(note) > MaxWitnessNoteBytes {
		return AddCheckpoint{}, WitnessRefuse(WitnessMalformed, "want a line with the old size, at most %d lines with hashes, an empty line, and a checkpoint of at most %d bytes",
			MaxWitnessProof, MaxWitnessNoteBytes)
	}
	digits, ok := bytes.CutPrefix(lines[0], []byte(witnessOld))
	old, err := strconv.ParseInt(string(digits), 10, 64)
	if !ok || err != nil || old < 0 || old > maxWitnessSize || strconv.FormatInt(old, 10) != string(digits) {
		return AddCheckpoint{}, WitnessRefuse(WitnessMalformed, "the first line must be %q and the old size in decimal without leading zeros, at most 2^40", witnessOld)
	}
	a := AddCheckpoint{Old: old, Note: note}
	for i, line := range lines[1:] {
		hash, err := base64.StdEncoding.Strict().DecodeString(string(line))
		if err != nil || len(hash) != len([32]byte{}) || base64.StdEncoding.EncodeToString(hash) != string(line) {
			return AddCheckpoint{}, WitnessRefuse(WitnessMalformed, "hash %d must be padded standard base64 of 32 bytes", i)
		}
		a.Proof = append(a.Proof, [32]byte(hash))
	}
	return a, nil
}
