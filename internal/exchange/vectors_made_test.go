package exchange

import (
	"bytes"
	"slices"
	"testing"
	"time"

	"verbale/outbox"
)

// vectorMaker collects cases about a log of three entries and two mirrors of it.
type vectorMaker struct {
	t     *testing.T
	log   *log
	file  vectorFile
	until time.Time
}

// madeVectors makes the whole file from fixed seeds.
func madeVectors(t *testing.T) vectorFile {
	l, two := scene(t, 3, 2)
	_, empty := scene(t, 0)
	v := newVectors(t, l, vectorText)
	v.file.Mirrors["empty"], v.file.Mirrors["two"] = vectorOf(empty), vectorOf(two)
	v.positions()
	v.forks()
	v.checkpoints()
	v.entries()
	v.forms()
	return v.file
}

func newVectors(t *testing.T, l *log, description string) *vectorMaker {
	return &vectorMaker{t: t, log: l, until: l.author().ValidUntil, file: vectorFile{Description: description, Author: aa,
		Keys: string(l.ring.Keys().JSON()), ValidUntil: l.author().ValidUntil, Mirrors: map[string]vectorMirror{}}}
}

func (v *vectorMaker) add(c vectorCase, batch []byte) {
	if c.Now.IsZero() {
		c.Now = morning
	}
	c.Batch = batch
	v.file.Cases = append(v.file.Cases, c)
}

func (v *vectorMaker) reject(name, mirror string, kind Kind, rule string, b *Batch) {
	v.t.Helper()
	c := vectorCase{Name: name, Rule: rule, Mirror: mirror, Expect: "reject", Error: kind}
	if kind == BehindOrAhead && mirror == "two" {
		c.Size = 2
	}
	v.add(c, encode(v.t, b))
}

func (v *vectorMaker) positions() {
	encoded := func(start, end int) []byte { return encode(v.t, v.log.batch(start, end)) }
	v.add(vectorCase{Name: "the first entry", Rule: "X-5", Mirror: "empty", Expect: "accept", Size: 1}, encoded(0, 1))
	v.add(vectorCase{Name: "one more entry", Rule: "X-5", Mirror: "two", Expect: "accept", Size: 3}, encoded(2, 3))
	v.add(vectorCase{Name: "on the last second of the keys", Rule: "X-3", Mirror: "empty", Now: v.until, BatchOf: "the first entry", Expect: "accept", Size: 1}, nil)
	v.add(vectorCase{Name: "a resend", Rule: "X-5", Mirror: "two", Expect: "resend", Size: 2}, encoded(0, 2))
	v.add(vectorCase{Name: "a resend of the last entry alone", Rule: "X-5", Mirror: "two", Expect: "resend", Size: 2}, encoded(1, 2))
	v.reject("stale, and no receipt was given at its end", "two", BehindOrAhead, "X-5", v.log.batch(0, 1))
	v.reject("it overlaps", "two", BehindOrAhead, "X-5", v.log.batch(1, 3))
	v.reject("a gap", "empty", BehindOrAhead, "X-5", v.log.batch(1, 2))
}

func (v *vectorMaker) forks() {
	c := vectorCase{Name: "two heads of one size", Rule: "O-6", Mirror: "two", Expect: "reject", Error: ForkFound}
	v.add(c, encode(v.t, v.log.branch(1, 2).write(1).batch(1, 2)))
	c.Name = "another head below the mirror's"
	path, err := v.log.tree.ProveConsistency(1, 2)
	must(v.t, err)
	c.Proof = hexes(append([][32]byte{v.log.head(1).Root}, path...))
	v.add(c, encode(v.t, v.log.branch(0, 2).write(1).batch(0, 1)))
	v.reject("another history before the new entry", "two", BadRoot, "X-7",
		&Batch{Start: 2, Entries: v.log.entries[2:], Note: newLog(v.t, v.log.ring, toBB, 2).write(2).add(v.log.entries[2]).note(3)})
}

func (v *vectorMaker) checkpoints() {
	good := v.log.batch(0, 1)
	flipped := func(nth, from int) *Batch {
		b := clone(good)
		part := line(b.Note, nth)
		swapLetter(part, len(part)+from)
		return b
	}
	v.reject("a letter of the root", "empty", BadSignature, "K-9", flipped(2, -20))
	v.reject("a letter of the Ed25519 line", "empty", BadSignature, "K-9", flipped(4, -20))
	v.reject("a letter of the ML-DSA-44 line", "empty", BadSignature, "K-9", flipped(5, -20))
	one := clone(good)
	one.Note = bytes.TrimSuffix(one.Note, line(one.Note, 5))
	v.reject("the Ed25519 line alone", "empty", BadSignature, "K-9", one)
	next := toBB
	next.Generation = 2
	v.reject("another generation", "empty", NotYours, "X-2", newLog(v.t, v.log.ring, next, 4).write(1).batch(0, 1))
	v.add(vectorCase{Name: "a second after the keys", Rule: "X-3", Mirror: "empty", Now: v.until.Add(time.Second),
		BatchOf: "the first entry", Expect: "reject", Error: ExpiredKey}, nil)
	v.reject("the checkpoint is of another size than the end", "empty", Malformed, "X-5", &Batch{Start: 0, Entries: good.Entries, Note: v.log.note(2)})
}

// swapLetter changes one base64 letter into another.
func swapLetter(b []byte, at int) {
	if b[at] != 'A' {
		b[at] = 'A'
	} else {
		b[at] = 'B'
	}
}

func (v *vectorMaker) entries() {
	rings := keyrings(v.t)
	evil := func(name string, kind Kind, rule string, e Entry) {
		v.t.Helper()
		v.reject(name, "empty", kind, rule, newLog(v.t, v.log.ring, toBB, 5).add(e).batch(0, 1))
	}
	good := v.log.entries[0]
	header := clone(v.log.batch(0, 1)).Entries[0]
	swapLetter(header.Leaf, 5)
	evil("no record", BadLeaf, "X-3", header)
	evil("of another outbox", BadLeaf, "O-1", signedBy(v.t, v.log, aa+"/to/"+bb+"/2", v.log.ring, v.log.ring))
	evil("by another key", BadLeaf, "R-4", signedBy(v.t, v.log, toBB.String(), rings["later"], rings["later"]))
	evil("by another key under the right name", BadSignature, "R-4", signedBy(v.t, v.log, toBB.String(), v.log.ring, rings["later"]))
	evil("content missing", BadContent, "X-15", Entry{good.Leaf, nil})
	evil("content of another", BadContent, "R-5", Entry{good.Leaf, v.log.entries[1].Content})
	evil("content longer", BadContent, "R-5", Entry{good.Leaf, append(slices.Clone(good.Content), 0)})
	mixed := newLog(v.t, v.log.ring, toBB, 6).add(Entry{good.Leaf, []byte("c")}, header).batch(0, 2)
	v.reject("a bad content before a bad leaf: leaves first", "empty", BadLeaf, "X-3", mixed)
}

func (v *vectorMaker) forms() {
	form := func(name string, kind Kind, b []byte) {
		v.add(vectorCase{Name: name, Rule: "X-14", Mirror: "empty", Expect: "reject", Error: kind}, b)
	}
	x := []byte("x")
	tiny := func(start uint64) *rawBatch { return raw(start, 1).leaf(1, x).content(1, x) }
	good := tiny(0).note(1, x).Bytes()
	v.add(vectorCase{Name: "of the right form, with a checkpoint that is none", Rule: "K-9", Mirror: "empty", Expect: "reject", Error: BadSignature}, good)
	form("nothing", Malformed, []byte{})
	form("another version", Malformed, bytes.Replace(good, []byte("v1"), []byte("v2"), 1))
	form("cut in the header", Malformed, good[:20])
	form("cut in a leaf", Malformed, raw(0, 1).leaf(2, x).Bytes())
	form("cut before the note", Malformed, tiny(0).Bytes())
	form("cut in the note", Malformed, tiny(0).note(2, x).Bytes())
	form("a byte after the note", Malformed, append(slices.Clone(good), 0))
	form("no entries", Malformed, raw(0, 0).note(1, x).Bytes())
	form("an empty leaf", Malformed, raw(0, 1).leaf(0, nil).content(1, x).note(1, x).Bytes())
	form("an empty note", Malformed, tiny(0).note(0, nil).Bytes())
	form("4,097 entries", TooLarge, raw(0, MaxBatchEntries+1).Bytes())
	form("a leaf of 8,193 bytes", TooLarge, raw(0, 1).leaf(MaxLeafBytes+1, nil).Bytes())
	form("a content of 16,777,217 bytes", TooLarge, raw(0, 1).leaf(1, x).content(MaxContentBytes+1, nil).Bytes())
	form("a note of 16,385 bytes", TooLarge, tiny(0).note(MaxNoteBytes+1, nil).Bytes())
	form("beyond 2^40 entries", TooLarge, tiny(outbox.MaxSize).note(1, x).Bytes())
	form("the largest start", TooLarge, tiny(1<<64-1).note(1, x).Bytes())
}
