package exchange

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json/v2"
	"errors"
	"slices"
	"time"

	"verbale/outbox"
	"verbale/record"
	"verbale/seal"
)

// An Anchor is a dating as it crosses the wire (spec/register.md G-8, G-15): an entry of the sender's register, opened for one head of
// an outbox of the link, under a checkpoint of the register with the lines of witnesses. It is a claim until Check has held it.
type Anchor struct {
	Index     int64 // of the entry
	Note      []byte
	Proof     [][32]byte
	Record    string // the entry as a presentation
	Size      int64  // of the head
	Witnesses []string
}

// anchorJSON is one dating of G-15; its members stand in the order of RFC 8785.
type anchorJSON struct {
	Index     *int64   `json:"index"`
	Note      string   `json:"note"`
	Proof     []string `json:"proof"`
	Record    string   `json:"record"`
	Size      int64    `json:"size"`
	Witnesses []string `json:"witnesses"`
}

type anchorsJSON struct {
	Datings []anchorJSON `json:"datings"`
}

// EncodeAnchors writes the document of G-15. It refuses what no reader would take.
func EncodeAnchors(list []Anchor) ([]byte, error) {
	if len(list) > MaxDatings {
		return nil, Refuse(TooLarge, "G-15", nil, "at most %d datings are sent at once, here are %d", MaxDatings, len(list))
	}
	doc := anchorsJSON{Datings: []anchorJSON{}}
	for i, a := range list {
		if err := a.check(); err != nil {
			return nil, Refuse(Malformed, "G-15", err, "dating %d cannot be sent", i)
		}
		j := anchorJSON{Index: &a.Index, Note: string(a.Note), Record: a.Record, Size: a.Size, Witnesses: a.Witnesses}
		for _, hash := range a.Proof {
			j.Proof = append(j.Proof, base64.StdEncoding.EncodeToString(hash[:]))
		}
		doc.Datings = append(doc.Datings, j)
	}
	b, err := json.Marshal(doc, json.Deterministic(true))
	if err == nil && len(b) > MaxDatingsBytes {
		err = Refuse(TooLarge, "G-15", nil, "datings have at most %d bytes together, these have %d: send fewer at a time", MaxDatingsBytes, len(b))
	}
	return b, err
}

// WireSize is about what the anchor takes in the document: at least as much.
func (a Anchor) WireSize() int {
	n := len(a.Note) + len(a.Record) + 64*len(a.Proof) + 256
	n += bytes.Count(a.Note, []byte("\n")) // two characters in JSON
	for _, vkey := range a.Witnesses {
		n += len(vkey) + 8
	}
	return n
}

// ReadAnchors reads the document of G-15. Nothing in it is verified.
func ReadAnchors(b []byte) ([]Anchor, error) {
	if len(b) > MaxDatingsBytes {
		return nil, Refuse(TooLarge, "G-15", nil, "datings have at most %d bytes together, these have %d", MaxDatingsBytes, len(b))
	}
	var doc anchorsJSON
	if err := json.Unmarshal(b, &doc, json.RejectUnknownMembers(true)); err != nil || doc.Datings == nil {
		return nil, Refuse(Malformed, "G-15", err, "the datings cannot be read: want one JSON object with the member datings and no other")
	}
	if len(doc.Datings) > MaxDatings {
		return nil, Refuse(TooLarge, "G-15", nil, "at most %d datings come at once, these are %d", MaxDatings, len(doc.Datings))
	}
	list := make([]Anchor, 0, len(doc.Datings))
	for i, j := range doc.Datings {
		a, err := j.anchor()
		if err != nil {
			return nil, Refuse(Malformed, "G-15", err, "dating %d is not of the form", i)
		}
		list = append(list, a)
	}
	return list, nil
}

func (j anchorJSON) anchor() (Anchor, error) {
	if j.Index == nil {
		return Anchor{}, errors.New("there is no index")
	}
	a := Anchor{Index: *j.Index, Note: []byte(j.Note), Record: j.Record, Size: j.Size, Witnesses: j.Witnesses}
	for _, s := range j.Proof {
		hash, err := base64.StdEncoding.Strict().DecodeString(s)
		if err != nil || len(hash) != sha256.Size || base64.StdEncoding.EncodeToString(hash) != s {
			return Anchor{}, errors.New("a hash is padded standard base64 of 32 bytes")
		}
		a.Proof = append(a.Proof, [32]byte(hash))
	}
	return a, a.check()
}

// check holds the anchor against the limits of G-15.
func (a Anchor) check() error {
	switch {
	case a.Index < 1 || a.Index >= outbox.MaxSize || a.Size < 1 || a.Size > outbox.MaxSize:
		return errors.New("the entry and the head are of an outbox, and entry 0 of a register is a profile")
	case len(a.Note) == 0 || len(a.Note) > maxDatingNote || a.Record == "":
		return errors.New("a note, of bounded length, and a record are mandatory")
	case len(a.Proof) == 0 || len(a.Proof) > maxDatingProof || len(a.Witnesses) == 0 || len(a.Witnesses) > maxDatingWitnesses:
		return errors.New("a proof and the keys of witnesses are mandatory, and bounded")
	}
	return nil
}

// Dated is an anchor that was verified. Only Check fills one.
type Dated struct {
	Head     seal.Head // what is dated
	Register seal.Head // the checkpoint that dates it
	Index    int64     // of the entry in the register
	TakenAt  time.Time // as the entry says, by its author's clock
	Note     []byte    // the register's checkpoint: log lines, then the witnesses' in the order of Lines
	Lines    []WitnessLine
}

// A WitnessLine is one cosignature that dates.
type WitnessLine struct {
	Key  seal.Cosigner
	Time time.Time
	Line []byte // with its line feed
}

// HeadDigest is how a head stands in a register (G-4).
func HeadDigest(h seal.Head) string {
	sum := sha256.Sum256([]byte(h.Text()))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// Check holds the anchor against the register of by and a head that the caller knows (G-16). No line counts that is by a key of one of
// the parties.
func (a Anchor) Check(by Author, head seal.Head, parties ...seal.Keys) (Dated, error) {
	if err := a.check(); err != nil {
		return Dated{}, Refuse(Malformed, "G-15", err, "the dating is not of the form")
	}
	cp, err := by.Keys.OpenCheckpoint(a.Note)
	if err != nil {
		return Dated{}, Refuse(BadSignature, "K-9", err, "the checkpoint of the register does not bear the two valid signatures of %s's log keys", by.Party)
	}
	if o, err := seal.ParseOrigin(cp.Origin); err != nil || o.Author != by.Party || o.Audience != seal.Public {
		return Dated{}, Refuse(NotYours, "G-16", err, "the checkpoint is not of a register of %s", by.Party)
	}
	d := Dated{Head: head, Register: cp.Head, Index: a.Index, Note: cp.Note}
	if d.TakenAt, err = a.opened(by, cp.Head, head); err != nil {
		return Dated{}, err
	}
	if d.Lines, err = a.witnessed(cp.Head, append(slices.Clone(parties), by.Keys)); err != nil {
		return Dated{}, err
	}
	for _, line := range d.Lines {
		d.Note = append(d.Note, line.Line...)
	}
	return d, nil
}

// shownOfHeads is act, heads and taken_at (G-8).
const shownOfHeads = 3

// opened verifies the entry: who signed it, where it stands, and that it says nothing but this head.
func (a Anchor) opened(by Author, register, head seal.Head) (taken time.Time, err error) {
	o, err := record.ParsePresentation(a.Record)
	if err != nil {
		return taken, Refuse(BadLeaf, "G-16", err, "the entry cannot be read")
	}
	r := o.Record
	if r.Outbox() != register.Origin || r.KeyID() != by.Keys.RecordKeyID() {
		return taken, Refuse(BadLeaf, "R-4", nil, "the entry is of another outbox, or by another key, than the register of %s", by.Party)
	}
	if err := by.Keys.VerifyRecord(r.SigningInput(), r.Signature()); err != nil {
		return taken, Refuse(BadSignature, "R-4", err, "the signature of the entry is not valid")
	}
	if err := outbox.CheckInclusion(a.Proof, register.Size, register.Root, a.Index, r.LeafHash()); err != nil {
		return taken, Refuse(BadRoot, "G-16", err, "the proof does not show the entry at its index under the checkpoint")
	}
	shown, _ := o.Shown("heads")
	texts := o.Fields.Texts("heads")
	if o.Unknown() || o.Act() != "heads" || len(o.Fields) != shownOfHeads || len(shown) != 1 || len(texts) != 1 {
		return taken, Refuse(BadContent, "G-8", nil, "the entry must show act, taken_at, the list of heads and one head of it, and nothing else")
	}
	if taken = o.Fields.Time("taken_at"); taken.IsZero() {
		return taken, Refuse(BadContent, "G-8", nil, "the entry does not show when it was taken")
	}
	if texts[0] != HeadDigest(head) {
		return taken, Refuse(BadContent, "G-16", nil, "the head that the entry shows is not the one of that size that this end holds")
	}
	return taken, nil
}

// witnessed verifies every line below the log's two.
func (a Anchor) witnessed(register seal.Head, parties []seal.Keys) (lines []WitnessLine, err error) {
	if n := len(seal.LinesOf(a.Note)); n != logLines+len(a.Witnesses) {
		return nil, Refuse(Malformed, "G-16", nil, "the checkpoint has %d lines; the keys of %d witnesses came with it, and the log has %d", n, len(a.Witnesses), logLines)
	}
	seen := map[string]bool{}
	for _, vkey := range a.Witnesses {
		key, err := seal.ParseCosigner(vkey)
		if err != nil || seen[vkey] {
			return nil, Refuse(Malformed, "K-18", err, "the key of a witness cannot be read, or came twice")
		}
		seen[vkey] = true
		for _, k := range parties {
			if err := k.CheckWitness(key); err != nil {
				return nil, Refuse(BadSignature, "K-5", err, "a key of the link's own parties is no witness")
			}
		}
		at, line, err := key.Open(a.Note, register)
		if err != nil {
			return nil, Refuse(BadSignature, "K-19", err, "the line of the witness %s is missing or not valid", key.Name())
		}
		lines = append(lines, WitnessLine{key, at, line})
	}
	return lines, nil
}
