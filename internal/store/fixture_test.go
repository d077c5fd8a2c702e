package store_test

import (
	"context"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"verbale/internal/exchange"
	"verbale/internal/store"
	"verbale/outbox"
	"verbale/record"
	"verbale/seal"
)

var day = time.Date(2026, 7, 12, 9, 0, 0, 0, time.UTC)

// A log is an outbox as its author holds it, without a store: real keys, real records, a real tree.
type log struct {
	t        testing.TB
	ring     *seal.Keyring
	origin   seal.Origin
	composed *record.Composed
	random   *rand.ChaCha8
	size     int64
	tiles    map[outbox.TileID][]byte
	last     seal.Checkpoint
}

// A step is a run of entries that a log has grown by.
type step struct {
	base   int64
	leaves []store.NewLeaf
	tiles  map[outbox.TileID][]byte
	cp     seal.Checkpoint
}

func newRing(t testing.TB, party string) *seal.Keyring {
	t.Helper()
	var seed [32]byte
	copy(seed[:], party)
	ring, err := seal.NewKeyring(party, rand.NewChaCha8(seed))
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

func newLog(t testing.TB, author, audience string) *log {
	t.Helper()
	l := &log{t: t, ring: newRing(t, author), origin: seal.Origin{Author: author, Audience: audience, Generation: 1},
		random: rand.NewChaCha8([32]byte{7}), tiles: map[outbox.TileID][]byte{}}
	f := record.Fields{}
	for name, text := range map[string]string{"act": "ping", "class": "test", "channel": "technical", "released_by": "duty officer",
		"language": "en", "tlp": "green", "nonce": "17"} {
		f.SetText(name, text)
	}
	f.SetTime("drafted_at", day)
	f.SetTime("released_at", day)
	var err error
	if l.composed, err = record.Compose(f, l.random); err != nil {
		t.Fatal(err)
	}
	return l
}

func (l *log) read(id outbox.TileID) ([]byte, error) { return l.tiles[id], nil }

// fork gives a log that has grown alike so far.
func (l *log) fork() *log {
	c := *l
	c.tiles = maps.Clone(l.tiles)
	return &c
}

// grow adds count entries with contents of so many bytes.
func (l *log) grow(count, content int) step {
	l.t.Helper()
	s := step{base: l.size}
	tree := outbox.OpenTree(l.size, l.read)
	for range count {
		stored := l.composed.Content() // as R-5 wants it in public
		if l.origin.Audience != seal.Public {
			stored = make([]byte, content)
			_, _ = l.random.Read(stored)
		}
		r, err := l.composed.Sign(l.origin.String(), l.ring.Keys().RecordKeyID(), record.DigestOf(stored), l.ring.SignRecord)
		if err != nil {
			l.t.Fatal(err)
		}
		s.leaves = append(s.leaves, store.NewLeaf{Leaf: r.Bytes(), Content: stored})
		if err := tree.Append(r.LeafHash()); err != nil {
			l.t.Fatal(err)
		}
	}
	root, err := tree.Root()
	if err != nil {
		l.t.Fatal(err)
	}
	s.cp, err = l.ring.SignHead(seal.Head{Origin: l.origin.String(), Size: tree.Size(), Root: root}, day.Add(time.Duration(tree.Size())*time.Second))
	if err != nil {
		l.t.Fatal(err)
	}
	s.tiles = tree.Changed()
	maps.Copy(l.tiles, s.tiles)
	l.size, l.last = tree.Size(), s.cp
	return s
}

func (s step) batch() *exchange.Batch {
	b := &exchange.Batch{Start: s.base, Note: s.cp.Note}
	for _, l := range s.leaves {
		b.Entries = append(b.Entries, exchange.Entry(l))
	}
	return b
}

// verify holds a step against a mirror of the log.
func (l *log) verify(m exchange.Mirror, s step) *exchange.Advance {
	l.t.Helper()
	adv, resend, err := exchange.Verify(m, exchange.Author{Party: l.origin.Author, Keys: l.ring.Keys()}, s.batch(), day)
	if err != nil || resend != nil {
		l.t.Fatalf("Verify: %v, %v", resend, err)
	}
	return adv
}

// before is the mirror that holds all of the log below the step.
func (l *log) before(s step) exchange.Mirror {
	return exchange.Mirror{Origin: l.origin, Head: seal.Head{Origin: l.origin.String(), Size: s.base, Root: l.rootAt(s.base)}, Tiles: l.read}
}

func (l *log) rootAt(size int64) [32]byte {
	l.t.Helper()
	root, err := outbox.OpenTree(l.size, l.read).RootAt(size)
	if err != nil {
		l.t.Fatal(err)
	}
	return root
}

// countersign is the receipt of the audience over a step.
func countersign(t testing.TB, ring *seal.Keyring, cp seal.Checkpoint, at time.Time) seal.Receipt {
	t.Helper()
	r, err := ring.Countersign(cp, at)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// An engine is a way to open a store.
type engine struct {
	name string
	open func(t testing.TB) *store.Store
}

func engines() []engine {
	return []engine{{"memory", openMemory}, {"disk", func(t testing.TB) *store.Store { return openDisk(t, t.TempDir(), store.Options{}) }}}
}

// onEach runs a test on a fresh store in memory and on one on disk; both must be sound afterwards.
func onEach(t *testing.T, test func(t *testing.T, s *store.Store)) {
	t.Helper()
	for _, e := range engines() {
		t.Run(e.name, func(t *testing.T) {
			s := e.open(t)
			test(t, s)
			if err := s.Integrity(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}

func openMemory(t testing.TB) *store.Store {
	t.Helper()
	s, err := store.OpenMemory(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closeStore(t, s) })
	return s
}

func openDisk(t testing.TB, dir string, o store.Options) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), dir, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closeStore(t, s) })
	return s
}

func closeStore(t testing.TB, s *store.Store) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func update(t testing.TB, s *store.Store, fn func(tx *store.Tx) error) {
	t.Helper()
	if err := s.Update(context.Background(), fn); err != nil {
		t.Fatal(err)
	}
}

func view(t testing.TB, s *store.Store, fn func(tx *store.Tx) error) {
	t.Helper()
	if err := s.View(context.Background(), fn); err != nil {
		t.Fatal(err)
	}
}

// want fails unless err has this kind.
func want(t testing.TB, kind store.Kind, err error) {
	t.Helper()
	if got := store.KindOf(err); got != kind {
		t.Errorf("got kind %q (%v), want %q", got, err, kind)
	}
}

// create makes the outbox of l as its author's.
func create(t testing.TB, s *store.Store, l *log) (o store.Outbox) {
	t.Helper()
	update(t, s, func(tx *store.Tx) (err error) {
		o, err = tx.CreateOutbox(l.origin, true)
		return err
	})
	return o
}

func appendStep(t testing.TB, s *store.Store, id int64, st step) {
	t.Helper()
	update(t, s, func(tx *store.Tx) error { return tx.Append(id, st.base, st.leaves, st.tiles, st.cp) })
}

// outboxOf reads the state of the log in s.
func outboxOf(t testing.TB, s *store.Store, l *log) (o store.Outbox) {
	t.Helper()
	view(t, s, func(tx *store.Tx) (err error) {
		o, err = tx.Outbox(l.origin.String())
		return err
	})
	return o
}

// entriesOf reads all entries of an outbox.
func entriesOf(t testing.TB, s *store.Store, id int64) (leaves []store.NewLeaf) {
	t.Helper()
	view(t, s, func(tx *store.Tx) error {
		return tx.Entries(id, 0, store.MaxEntries, func(index int64, e exchange.Entry) error {
			if index != int64(len(leaves)) {
				t.Errorf("entry %d came where %d was next", index, len(leaves))
			}
			leaves = append(leaves, store.NewLeaf(e))
			return nil
		})
	})
	return leaves
}

func sameEntries(a, b []store.NewLeaf) bool {
	return slices.EqualFunc(a, b, func(a, b store.NewLeaf) bool {
		return slices.Equal(a.Leaf, b.Leaf) && slices.Equal(a.Content, b.Content)
	})
}

func database(dir string) string { return filepath.Join(dir, "verbale.db") }
