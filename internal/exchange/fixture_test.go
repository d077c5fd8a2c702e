package exchange

import (
	"bytes"
	"encoding/binary"
	"encoding/json/jsontext"
	"encoding/json/v2"
	"errors"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"testing"
	"time"

	"verbale/outbox"
	"verbale/record"
	"verbale/seal"
)

// The parties of the tests: aa writes to bb. Their keys stand in spec/vectors/bundle-keys.json and are nobody's.
const (
	aa = "cert.aa.example"
	bb = "csirt.bb.example"
	cc = "gov.cc.example"
)

const vectorsDir = "../../spec/vectors/"

var (
	morning = time.Date(2026, 7, 12, 9, 0, 0, 0, time.UTC)
	toBB    = seal.Origin{Author: aa, Audience: bb, Generation: 1}
)

// keyrings gives the rings of all parties by name; "later" is a second one of aa's.
func keyrings(tb testing.TB) map[string]*seal.Keyring {
	tb.Helper()
	b, err := os.ReadFile(vectorsDir + "bundle-keys.json")
	must(tb, err)
	var files []jsontext.Value
	must(tb, json.Unmarshal(b, &files))
	rings := map[string]*seal.Keyring{}
	for _, f := range files {
		ring, err := seal.ParseKeyring(f)
		must(tb, err)
		if rings[ring.Party()] != nil {
			rings["later"] = ring
			continue
		}
		rings[ring.Party()] = ring
	}
	return rings
}

// must ends the test on an error. Fatal is all that it asks of a test.
func must(tb interface{ Fatal(...any) }, err error) {
	if err != nil {
		tb.Fatal(err)
	}
}

// A log is an outbox in memory: what an honest author holds.
type log struct {
	tb      testing.TB
	ring    *seal.Keyring
	origin  seal.Origin
	tree    *outbox.Tree
	entries []Entry
	rand    *rand.ChaCha8
	notes   map[int][]byte // signed so far, by size
}

// newLog begins an outbox. The same seed gives the same leaves.
func newLog(tb testing.TB, ring *seal.Keyring, origin seal.Origin, seed byte) *log {
	return &log{tb: tb, ring: ring, origin: origin, tree: outbox.OpenTree(0, noTiles), rand: rand.NewChaCha8([32]byte{seed}),
		notes: map[int][]byte{}}
}

func noTiles(outbox.TileID) ([]byte, error) { return nil, nil }

// draft is a small record; receivers do not look into it when they verify.
func draft() record.Fields {
	f := record.Fields{}
	for name, value := range map[string]string{"act": "ping", "class": "test", "channel": "technical", "released_by": "duty officer",
		"language": "en", "tlp": "green", "nonce": "b7Jm4Q"} {
		f.SetText(name, value)
	}
	f.SetTime("drafted_at", morning)
	f.SetTime("released_at", morning)
	return f
}

// entry makes a signed leaf over a content of size arbitrary bytes.
func (l *log) entry(size int) Entry {
	l.tb.Helper()
	c, err := record.Compose(draft(), l.rand)
	must(l.tb, err)
	content := make([]byte, size)
	_, err = l.rand.Read(content)
	must(l.tb, err)
	r, err := c.Sign(l.origin.String(), l.ring.Keys().RecordKeyID(), record.DigestOf(content), l.ring.SignRecord)
	must(l.tb, err)
	return Entry{Leaf: r.Bytes(), Content: content}
}

// add appends entries as they are, good or bad.
func (l *log) add(entries ...Entry) *log {
	l.tb.Helper()
	for _, e := range entries {
		must(l.tb, l.tree.Append(outbox.LeafHash(e.Leaf)))
		l.entries = append(l.entries, e)
	}
	return l
}

// write appends n new entries.
func (l *log) write(n int) *log {
	l.tb.Helper()
	for range n {
		l.add(l.entry(40))
	}
	return l
}

// branch is the log of an author who goes on differently from size on.
func (l *log) branch(size int, seed byte) *log {
	l.tb.Helper()
	return newLog(l.tb, l.ring, l.origin, seed).add(l.entries[:size]...)
}

func (l *log) head(size int) seal.Head {
	l.tb.Helper()
	root, err := l.tree.RootAt(int64(size))
	must(l.tb, err)
	return seal.Head{Origin: l.origin.String(), Size: int64(size), Root: root}
}

// note signs the checkpoint over the first size entries, at a time that depends on the size alone.
func (l *log) note(size int) []byte {
	l.tb.Helper()
	if l.notes[size] == nil {
		cp, err := l.ring.SignHead(l.head(size), morning.Add(time.Duration(size)*time.Minute))
		must(l.tb, err)
		l.notes[size] = cp.Note
	}
	return bytes.Clone(l.notes[size])
}

// batch is the entries from start up to end.
func (l *log) batch(start, end int) *Batch {
	l.tb.Helper()
	return &Batch{Start: int64(start), Entries: slices.Clone(l.entries[start:end]), Note: l.note(end)}
}

func (l *log) author() Author {
	return Author{Party: l.ring.Party(), Keys: l.ring.Keys(), ValidUntil: morning.AddDate(1, 0, 0)}
}

// A mirror is what an honest receiver keeps, advanced by Advance alone.
type mirror struct {
	ring     *seal.Keyring
	origin   seal.Origin
	head     seal.Head
	note     []byte
	tiles    map[outbox.TileID][]byte
	leaves   [][]byte
	contents [][]byte
	receipts map[int64][]byte
	newest   []byte
}

func newMirror(tb testing.TB, ring *seal.Keyring, origin seal.Origin) *mirror {
	tb.Helper()
	root, err := outbox.OpenTree(0, noTiles).Root()
	must(tb, err)
	return &mirror{ring: ring, origin: origin, head: seal.Head{Origin: origin.String(), Root: root},
		tiles: map[outbox.TileID][]byte{}, receipts: map[int64][]byte{}}
}

func (m *mirror) state() Mirror {
	return Mirror{Origin: m.origin, Head: m.head, Note: m.note, Newest: m.newest,
		Tiles:     func(id outbox.TileID) ([]byte, error) { return m.tiles[id], nil },
		ReceiptAt: func(size int64) ([]byte, error) { return m.receipts[size], nil }}
}

// store keeps a verified step, and gives the receipt for it.
func (m *mirror) store(tb interface{ Fatal(...any) }, adv *Advance) []byte {
	if adv.Base() != m.head.Size || adv.Origin() != m.origin {
		tb.Fatal("a step of another mirror")
	}
	maps.Copy(m.tiles, adv.Tiles())
	for i, r := range adv.Records() {
		m.leaves, m.contents = append(m.leaves, r.Bytes()), append(m.contents, adv.Contents()[i])
	}
	cp := adv.Checkpoint()
	r, err := m.ring.Countersign(cp, cp.Time.Add(time.Second))
	must(tb, err)
	m.head, m.note, m.newest = cp.Head, cp.Note, seal.Countersigned(cp, r)
	m.receipts[cp.Size] = m.newest
	return m.newest
}

// take verifies a batch and stores what must be an advance.
func (m *mirror) take(tb testing.TB, author Author, b *Batch) []byte {
	tb.Helper()
	adv, again, err := Verify(m.state(), author, b, morning)
	if adv == nil || again != nil || err != nil {
		tb.Fatalf("advance %t, resend %t, %v: want an advance", adv != nil, again != nil, err)
	}
	return m.store(tb, adv)
}

// scene is a log of aa's to bb with n entries, and bb's mirror of it, which took the cuts one after another.
func scene(tb testing.TB, n int, cuts ...int) (*log, *mirror) {
	tb.Helper()
	rings := keyrings(tb)
	l, m := newLog(tb, rings[aa], toBB, 1).write(n), newMirror(tb, rings[bb], toBB)
	start := 0
	for _, end := range cuts {
		m.take(tb, l.author(), l.batch(start, end))
		start = end
	}
	return l, m
}

// wantRefusal checks that err is a Problem of this kind and rule, and that nothing came with it.
func wantRefusal(tb testing.TB, adv *Advance, again *Resend, err error, kind Kind, rule string) *Problem {
	tb.Helper()
	if adv != nil || again != nil {
		tb.Errorf("advance %t, resend %t beside an error", adv != nil, again != nil)
	}
	p, ok := errors.AsType[*Problem](err)
	if !ok || p.Kind != kind || p.Rule != rule {
		tb.Fatalf("got %v, want %s of rule %s", err, kind, rule)
	}
	return p
}

func encode(tb testing.TB, b *Batch) []byte {
	tb.Helper()
	var buf bytes.Buffer
	must(tb, b.Encode(&buf))
	return buf.Bytes()
}

// clone copies a batch to be meddled with.
func clone(b *Batch) *Batch {
	c := &Batch{Start: b.Start, Note: bytes.Clone(b.Note)}
	for _, e := range b.Entries {
		c.Entries = append(c.Entries, Entry{Leaf: bytes.Clone(e.Leaf), Content: bytes.Clone(e.Content)})
	}
	return c
}

// rawBatch is a batch written by hand: any start, count and lengths.
type rawBatch struct{ bytes.Buffer }

func raw(start uint64, count uint32) *rawBatch {
	var w rawBatch
	w.WriteString(magic)
	w.Write(binary.BigEndian.AppendUint64(nil, start))
	w.Write(binary.BigEndian.AppendUint32(nil, count))
	return &w
}

func (w *rawBatch) leaf(claimed uint16, b []byte) *rawBatch {
	w.Write(binary.BigEndian.AppendUint16(nil, claimed))
	w.Write(b)
	return w
}

func (w *rawBatch) content(claimed uint32, b []byte) *rawBatch {
	w.Write(binary.BigEndian.AppendUint32(nil, claimed))
	w.Write(b)
	return w
}

// note has the form of a leaf.
func (w *rawBatch) note(claimed uint16, b []byte) *rawBatch { return w.leaf(claimed, b) }

func zeros(n int) []byte { return make([]byte, n) }
