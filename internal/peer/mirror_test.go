package peer

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"verbale/internal/exchange"
	"verbale/outbox"
	"verbale/record"
	"verbale/seal"
)

// A writer is an author with one outbox, in memory.
type writer struct {
	ring    *seal.Keyring
	origin  seal.Origin
	entries []exchange.Entry
	tiles   map[outbox.TileID][]byte
	issued  map[int64]seal.Checkpoint
	random  *rand.ChaCha8
}

func newWriter(t *testing.T, ring *seal.Keyring, audience string) *writer {
	t.Helper()
	return &writer{
		ring: ring, origin: seal.Origin{Author: ring.Party(), Audience: audience, Generation: 1},
		tiles: map[outbox.TileID][]byte{}, issued: map[int64]seal.Checkpoint{}, random: rand.NewChaCha8([32]byte{5}),
	}
}

// write appends n pings and signs the head.
func (w *writer) write(t *testing.T, n int) {
	t.Helper()
	tree := outbox.OpenTree(int64(len(w.entries)), func(id outbox.TileID) ([]byte, error) { return w.tiles[id], nil })
	for range n {
		e := w.entry(t)
		w.entries = append(w.entries, e)
		if err := tree.Append(outbox.LeafHash(e.Leaf)); err != nil {
			t.Fatal(err)
		}
	}
	for id, tile := range tree.Changed() {
		w.tiles[id] = tile
	}
	root, err := tree.Root()
	if err != nil {
		t.Fatal(err)
	}
	cp, err := w.ring.SignHead(seal.Head{Origin: w.origin.String(), Size: tree.Size(), Root: root}, today())
	if err != nil {
		t.Fatal(err)
	}
	w.issued[tree.Size()] = cp
}

func (w *writer) entry(t *testing.T) exchange.Entry {
	t.Helper()
	f := record.Fields{}
	for name, value := range map[string]string{"act": "ping", "class": "test", "channel": "technical", "released_by": "duty officer", "language": "en", "tlp": "green", "nonce": "17"} {
		f.SetText(name, value)
	}
	f.SetTime("drafted_at", today())
	f.SetTime("released_at", today())
	c, err := record.Compose(f, w.random)
	if err != nil {
		t.Fatal(err)
	}
	r, err := c.Sign(w.origin.String(), w.ring.Keys().RecordKeyID(), record.DigestOf(c.Content()), w.ring.SignRecord)
	if err != nil {
		t.Fatal(err)
	}
	return exchange.Entry{Leaf: r.Bytes(), Content: c.Content()}
}

func (w *writer) batch(from, to int64) *exchange.Batch {
	return &exchange.Batch{Start: from, Entries: w.entries[from:to], Note: w.issued[to].Note}
}

// A mirror is the audience's desk for one author: it verifies, keeps and countersigns.
type mirror struct {
	mu       sync.Mutex
	ring     *seal.Keyring
	author   exchange.Author
	origin   seal.Origin
	head     seal.Head
	note     []byte
	newest   []byte
	receipts map[int64][]byte
	tiles    map[outbox.TileID][]byte
	entries  []exchange.Entry
}

func newMirror(ring *seal.Keyring, w *writer) *mirror {
	return &mirror{
		ring: ring, origin: w.origin, author: exchange.Author{Party: w.ring.Party(), Keys: w.ring.Keys()},
		head:     seal.Head{Origin: w.origin.String(), Root: sha256.Sum256(nil)},
		receipts: map[int64][]byte{}, tiles: map[outbox.TileID][]byte{},
	}
}

func (m *mirror) Push(_ context.Context, b *exchange.Batch) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	adv, again, err := exchange.Verify(exchange.Mirror{
		Origin: m.origin, Head: m.head, Note: m.note, Newest: m.newest,
		Tiles:     func(id outbox.TileID) ([]byte, error) { return m.tiles[id], nil },
		ReceiptAt: func(size int64) ([]byte, error) { return m.receipts[size], nil },
	}, m.author, b, today())
	switch {
	case err != nil:
		return nil, err
	case again != nil:
		return again.Receipt, nil
	}
	cp := adv.Checkpoint()
	receipt, err := m.ring.Countersign(cp, today())
	if err != nil {
		return nil, err
	}
	for id, tile := range adv.Tiles() {
		m.tiles[id] = tile
	}
	m.entries = append(m.entries, b.Entries...)
	m.head, m.note, m.newest = cp.Head, cp.Note, seal.Countersigned(cp, receipt)
	m.receipts[cp.Size] = m.newest
	return m.newest, nil
}

func (m *mirror) Pull(context.Context, string, int64) (*exchange.Batch, error) {
	return nil, exchange.Refuse(exchange.NotYours, "X-2", nil, "this outbox is not the caller's to read")
}

func (m *mirror) Beat(context.Context, [][]byte) ([][]byte, error) { return nil, nil }

func (m *mirror) Head(context.Context, string) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.newest == nil {
		return nil, exchange.Refuse(exchange.UnknownOutbox, "", nil, "nothing of that outbox is here")
	}
	return m.newest, nil
}

func (m *mirror) Dated(context.Context, string, int64) ([]exchange.Anchor, error) { return nil, nil }

func (m *mirror) Return(context.Context, []byte) error {
	return exchange.Refuse(exchange.NotYours, "X-10", nil, "this end is not the author")
}

func (m *mirror) Admit(context.Context, string) error {
	return exchange.Refuse(exchange.NotYours, "L-4", nil, "this end is no relay")
}

// mirrored starts a server with a mirror behind it, under the keys of two real parties.
func mirrored(t *testing.T) (*writer, *mirror, *Client) {
	t.Helper()
	ringOf := func(party string, seed byte) (*seal.Keyring, identity) {
		ring, err := seal.NewKeyring(party, rand.NewChaCha8([32]byte{seed}))
		if err != nil {
			t.Fatal(err)
		}
		cert, err := Certificate(ring.TLSKey(), party, today(), today().AddDate(1, 0, 0))
		if err != nil {
			t.Fatal(err)
		}
		return ring, identity{party: party, cert: cert}
	}
	author, caller := ringOf("jpcert.jp", 1)
	audience, here := ringOf("kisa.kr", 2)
	w := newWriter(t, author, "kisa.kr")
	m := newMirror(audience, w)
	r := start(t, func(r *rig) {
		r.here = here
		r.server.config.Find = func(key [32]byte) (string, exchange.Peer, bool) {
			return "jpcert.jp", m, bytes.Equal(key[:], caller.cert.Leaf.PublicKey.(ed25519.PublicKey))
		}
	})
	return w, m, r.clientOf(t, caller, [32]byte(here.cert.Leaf.PublicKey.(ed25519.PublicKey)))
}

// The table of X-5, over the wire, with real keys and real records.
func TestMirror(t *testing.T) {
	w, m, c := mirrored(t)
	if _, err := c.Head(t.Context(), w.origin.String()); exchange.KindOf(err) != exchange.UnknownOutbox {
		t.Errorf("Head of nothing = %v", err)
	}
	w.write(t, 3)
	first, err := c.Push(t.Context(), w.batch(0, 3))
	if err != nil {
		t.Fatal(err)
	}
	if r, err := m.ring.Keys().OpenReceipt("kisa.kr", first, w.issued[3].Head); err != nil || !r.Time.Equal(today()) {
		t.Errorf("the receipt: %v", err)
	}
	w.write(t, 2)
	second, err := c.Push(t.Context(), w.batch(3, 5))
	if err != nil || len(m.entries) != 5 {
		t.Fatalf("the second batch: %v", err)
	}
	if again, err := c.Push(t.Context(), w.batch(0, 3)); err != nil || !bytes.Equal(again, first) {
		t.Errorf("a resend gave %q, %v", again, err)
	}
	if head, err := c.Head(t.Context(), w.origin.String()); err != nil || !bytes.Equal(head, second) {
		t.Errorf("Head = %q, %v", head, err)
	}
	w.write(t, 1)
	w.write(t, 1)
	_, err = c.Push(t.Context(), w.batch(6, 7))
	if p, ok := errors.AsType[*exchange.Problem](err); !ok || p.Kind != exchange.BehindOrAhead || p.Size != 5 || !bytes.Equal(p.Receipt, second) {
		t.Errorf("a gap: %v", err)
	}
}

// What a receiver refuses comes back as what it is, and stores nothing.
func TestMirrorRefuses(t *testing.T) {
	w, m, c := mirrored(t)
	w.write(t, 3)
	if _, err := c.Push(t.Context(), w.batch(0, 3)); err != nil {
		t.Fatal(err)
	}
	w.write(t, 2)
	for kind, change := range map[exchange.Kind]func(*exchange.Batch){
		exchange.BadContent:   func(b *exchange.Batch) { b.Entries[0].Content = []byte("another") },
		exchange.BadLeaf:      func(b *exchange.Batch) { b.Entries[1].Leaf = []byte("no leaf") },
		exchange.BadRoot:      func(b *exchange.Batch) { b.Entries[0], b.Entries[1] = b.Entries[1], b.Entries[0] },
		exchange.BadSignature: func(b *exchange.Batch) { b.Note = bytes.Replace(b.Note, []byte("\n5\n"), []byte("\n4\n"), 1) },
		exchange.Malformed:    func(b *exchange.Batch) { b.Entries = b.Entries[:1] },
	} {
		b := w.batch(3, 5)
		b.Entries = append([]exchange.Entry{}, b.Entries...)
		change(b)
		if _, err := c.Push(t.Context(), b); exchange.KindOf(err) != kind {
			t.Errorf("want %s, got %v", kind, err)
		}
	}
	liar := newWriter(t, w.ring, "kisa.kr")
	liar.random = rand.NewChaCha8([32]byte{6})
	liar.write(t, 2)
	_, err := c.Push(t.Context(), liar.batch(0, 2))
	if p, ok := errors.AsType[*exchange.Problem](err); !ok || p.Kind != exchange.ForkFound ||
		!bytes.Equal(p.Ours, w.issued[3].Note) || !bytes.Equal(p.Theirs, liar.issued[2].Note) {
		t.Errorf("a fork: %v", err)
	}
	if len(m.entries) != 3 || m.head.Size != 3 {
		t.Errorf("something was stored: %d entries", len(m.entries))
	}
}

// A keyring's own key makes a certificate, which shows the key of the profile.
func TestCertificateOfKeyring(t *testing.T) {
	ring, err := seal.NewKeyring("kisa.kr", rand.NewChaCha8([32]byte{2}))
	if err != nil {
		t.Fatal(err)
	}
	cert, err := Certificate(ring.TLSKey(), "kisa.kr", today(), today().Add(time.Hour))
	if err != nil || !bytes.Equal(cert.Leaf.PublicKey.(ed25519.PublicKey), ring.Keys().TLS[:]) {
		t.Errorf("Certificate = %v", err)
	}
}
