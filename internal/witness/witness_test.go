package witness_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"verbale/internal/exchange"
	"verbale/internal/peer"
	"verbale/internal/store"
	"verbale/internal/witness"
	"verbale/outbox"
	"verbale/seal"
)

var day = time.Date(2026, 7, 12, 9, 0, 0, 0, time.UTC)

// A register is a log as its author holds it.
type register struct {
	t      testing.TB
	ring   *seal.Keyring
	origin seal.Origin
	tree   *outbox.Tree
	tiles  map[outbox.TileID][]byte
}

func newRegister(t testing.TB, party string) *register {
	t.Helper()
	r := &register{t: t, ring: newRing(t, party), origin: seal.Origin{Author: party, Audience: seal.Public, Generation: 1}, tiles: map[outbox.TileID][]byte{}}
	r.tree = outbox.OpenTree(0, func(id outbox.TileID) ([]byte, error) { return r.tiles[id], nil })
	return r
}

func newRing(t testing.TB, party string) *seal.Keyring {
	t.Helper()
	ring, err := seal.NewKeyring(party, rand.NewChaCha8(sha256.Sum256([]byte(party))))
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

// to grows the register to size.
func (r *register) to(size int64) *register {
	r.t.Helper()
	for r.tree.Size() < size {
		if err := r.tree.Append(outbox.LeafHash(fmt.Appendf(nil, "entry %d", r.tree.Size()))); err != nil {
			r.t.Fatal(err)
		}
	}
	return r
}

// head is the true head of a size.
func (r *register) head(size int64) seal.Head {
	r.t.Helper()
	root, err := r.tree.RootAt(size)
	if err != nil {
		r.t.Fatal(err)
	}
	return seal.Head{Origin: r.origin.String(), Size: size, Root: root}
}

// sign signs any head as the author does.
func (r *register) sign(h seal.Head) []byte {
	r.t.Helper()
	cp, err := r.ring.SignHead(h, day)
	if err != nil {
		r.t.Fatal(err)
	}
	return cp.Note
}

func (r *register) note(size int64) []byte { return r.sign(r.head(size)) }

func (r *register) proof(from, to int64) [][32]byte {
	r.t.Helper()
	if from == 0 {
		return nil
	}
	p, err := r.tree.ProveConsistency(from, to)
	if err != nil {
		r.t.Fatal(err)
	}
	return p
}

func newKey(t testing.TB) *seal.WitnessKey {
	t.Helper()
	k, err := seal.NewWitnessKey("witness.example/w1", rand.NewChaCha8([32]byte{1}))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func openStore(t testing.TB) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), t.TempDir(), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// A clock is moved by hand.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// A bench is a witness that knows one register, and a way to call it.
type bench struct {
	exchange.Witness
	key   *seal.WitnessKey
	store *store.Store
	clock *clock
	ours  *witness.Witness
}

func newBench(t testing.TB, logs ...*register) *bench {
	t.Helper()
	return newBenchOver(t, openStore(t), logs...)
}

func newBenchOver(t testing.TB, s *store.Store, logs ...*register) *bench {
	t.Helper()
	b := &bench{key: newKey(t), store: s, clock: &clock{now: day}}
	for _, r := range logs {
		if _, err := witness.AddLog(t.Context(), b.store, r.ring.Keys().VerifierKeys(r.origin)...); err != nil {
			t.Fatal(err)
		}
	}
	b.ours = witness.New(b.store, b.key, b.clock.Now)
	b.Witness = b.ours
	return b
}

// overHTTP puts the wire between.
func (b *bench) overHTTP(t testing.TB) (prefix string) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() {
		done <- peer.NewWitnessServer(peer.WitnessServerConfig{Witness: b.ours, Latest: b.ours.Latest}).Serve(ctx, ln)
	}()
	prefix = "http://" + ln.Addr().String()
	c, err := peer.NewWitnessClient(prefix)
	if err != nil {
		t.Fatal(err)
	}
	b.Witness = c
	t.Cleanup(func() {
		c.Close()
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return prefix
}

// cosigned checks that lines are the witness's over h, at this time.
func (b *bench) cosigned(t testing.TB, lines []byte, h seal.Head, at time.Time) {
	t.Helper()
	note := slices.Concat([]byte(h.Text()), []byte("\n"), lines)
	for i, c := range b.key.Cosigners() {
		got, line, err := c.Open(note, h)
		if err != nil || !got.Equal(at) || !bytes.Equal(line, seal.LinesOf(note)[i]) {
			t.Fatalf("line %d: %v at %v", i, err, got)
		}
	}
	if len(seal.LinesOf(note)) != 2 {
		t.Fatalf("%d lines", len(seal.LinesOf(note)))
	}
}

// A row is one call and what must come of it. Rows follow each other on one witness.
type row struct {
	name  string
	old   int64
	proof [][32]byte
	note  []byte
	want  int // 200 or the status of the refusal
	size  int64
}

// rows are the cases of tlog-witness, each status in each way that leads to it (W-4).
func rows(t testing.TB, r *register) []row {
	r.to(40)
	other := newRegister(t, "other.example").to(9)
	impostor := &register{t: t, ring: impostorOf(t, r), origin: r.origin, tree: r.tree, tiles: r.tiles}
	wrong := func(size int64) seal.Head { h := r.head(size); h.Root[0] ^= 1; return h }
	text := string(r.note(5))
	lines := seal.LinesOf(r.note(5))
	broken := strings.Replace(text, string(lines[0]), flip(string(lines[0])), 1)
	unknown := strings.ReplaceAll(text, r.origin.String(), "t1.example/a")
	link := r.head(5)
	link.Origin = r.origin.Author + "/to/other.example/1"
	badProof := slices.Clone(r.proof(5, 13))
	badProof[0][0] ^= 1
	return []row{
		{"no checkpoint", 0, nil, []byte("hello\n"), 400, 0},
		{"no lines", 0, nil, []byte(r.head(5).Text()), 400, 0},
		{"extension line", 0, nil, []byte(r.head(5).Text() + "more\n\n" + string(lines[0])), 400, 0},
		{"unknown origin", 0, nil, other.note(5), 404, 0},
		{"unknown origin of another form", 0, nil, []byte(unknown), 404, 0},
		{"a link of a known party", 0, nil, r.sign(link), 404, 0},
		{"wrong signature of a trusted key", 0, nil, []byte(broken), 403, 0},
		{"only untrusted signatures", 0, nil, impostor.note(5), 403, 0},
		{"old above size", 9, r.proof(5, 9), r.note(5), 400, 0},
		{"old 3, nothing stored", 3, r.proof(3, 5), r.note(5), 409, 0},
		{"old 0 with a proof", 0, r.proof(3, 5), r.note(5), 422, 0},
		{"size 0, wrong root", 0, nil, r.sign(wrong(0)), 422, 0},
		{"size 0 with a proof", 0, r.proof(3, 5), r.note(0), 422, 0},
		{"size 0", 0, nil, r.note(0), 200, 0},
		{"size 0 again", 0, nil, r.note(0), 200, 0},
		{"0 to 5", 0, nil, r.note(5), 200, 5},
		{"stale old", 0, nil, r.note(13), 409, 5},
		{"stale old, the same size", 0, nil, r.note(5), 409, 5},
		{"old in between", 7, r.proof(7, 13), r.note(13), 409, 5},
		{"bad proof", 5, badProof, r.note(13), 422, 5},
		{"proof missing", 5, nil, r.note(13), 422, 5},
		{"proof from elsewhere", 5, r.proof(6, 13), r.note(13), 422, 5},
		{"proof too long", 5, append(r.proof(5, 13), [32]byte{}), r.note(13), 422, 5},
		{"wrong root", 5, r.proof(5, 13), r.sign(wrong(13)), 422, 5},
		{"64 hashes", 5, make([][32]byte, 64), r.note(13), 400, 5},
		{"5 to 13", 5, r.proof(5, 13), r.note(13), 200, 13},
		{"13 to 13", 13, nil, r.note(13), 200, 13},
		{"13 to 13, another root", 13, nil, r.sign(wrong(13)), 422, 13},
		{"13 to 13 with a proof", 13, r.proof(5, 13), r.note(13), 422, 13},
		{"back to 5", 5, nil, r.note(5), 409, 13},
		{"old 13 to 5", 13, nil, r.note(5), 400, 13},
		{"one log line is enough", 13, r.proof(13, 14), []byte(r.head(14).Text() + "\n" + string(seal.LinesOf(r.note(14))[0])), 200, 14},
		{"the other one too", 14, r.proof(14, 15), []byte(r.head(15).Text() + "\n" + string(seal.LinesOf(r.note(15))[1])), 200, 15},
		{"with a stranger's line", 15, r.proof(15, 40), append(r.note(40), "— witness.example/x AAAAAAAA\n"...), 200, 40},
		{"a log line twice", 40, nil, append(r.note(40), seal.LinesOf(r.note(40))[0]...), 400, 40},
	}
}

// impostorOf has other keys under the same name.
func impostorOf(t testing.TB, r *register) *seal.Keyring {
	t.Helper()
	ring, err := seal.NewKeyring(r.origin.Author, rand.NewChaCha8([32]byte{9}))
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

// flip changes one bit in the middle of a signature line.
func flip(line string) string {
	b := []byte(line)
	if i := len(b) - 20; b[i] == 'A' {
		b[i] = 'B'
	} else {
		b[i] = 'A'
	}
	return string(b)
}

// TestRows runs the rows on a witness in this process, and on one behind HTTP: both must answer alike, and move alike.
func TestRows(t *testing.T) {
	for _, wire := range []bool{false, true} {
		r := newRegister(t, "cert.alice.example")
		b := newBench(t, r)
		if wire {
			b.overHTTP(t)
		}
		for _, c := range rows(t, r) {
			t.Run(fmt.Sprintf("%s/http %v", c.name, wire), func(t *testing.T) {
				b.clock.move(time.Second)
				lines, err := b.AddCheckpoint(t.Context(), c.old, c.proof, c.note)
				if c.want == 200 {
					if err != nil {
						t.Fatal(err)
					}
					b.cosigned(t, lines, r.head(c.size), b.clock.Now())
				} else if e, ok := errors.AsType[*exchange.WitnessError](err); !ok || e.Status != c.want || c.want == 409 && e.Size != c.size {
					t.Fatalf("got %q, %v; want %d", lines, err, c.want)
				}
				_, last, err := witness.Logs(t.Context(), b.store)
				if err != nil || last[0].Size != c.size {
					t.Fatalf("cosigned last is %d, %v; want %d", last[0].Size, err, c.size)
				}
			})
		}
	}
}

// What monitors get is the checkpoint, the trusted lines and ours (W-9).
func TestLatest(t *testing.T) {
	r := newRegister(t, "cert.alice.example").to(9)
	b := newBench(t, r)
	prefix := b.overHTTP(t)
	hash := sha256.Sum256([]byte(r.origin.String()))
	get := func() (int, string) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, prefix+"/"+hex.EncodeToString(hash[:])+"/checkpoint", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Close = true
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		body, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res.StatusCode, string(body)
	}
	if status, _ := get(); status != 404 {
		t.Fatalf("before anything is cosigned: %d", status)
	}
	lines, err := b.AddCheckpoint(t.Context(), 0, nil, append(r.note(9), "— witness.example/x AAAAAAAA\n"...))
	if err != nil {
		t.Fatal(err)
	}
	status, note := get()
	if want := string(r.note(9)) + string(lines); status != 200 || note != want {
		t.Fatalf("got %d %.200q, want %.200q", status, note, want)
	}
	if _, err := r.ring.Keys().OpenCheckpoint([]byte(note)); err != nil {
		t.Fatal(err)
	}
}

// A clock that goes back makes no line: it would deny what was seen (W-8).
func TestClock(t *testing.T) {
	r := newRegister(t, "cert.alice.example").to(9)
	b := newBench(t, r)
	if _, err := b.AddCheckpoint(t.Context(), 0, nil, r.note(5)); err != nil {
		t.Fatal(err)
	}
	b.clock.move(-time.Second)
	_, err := b.AddCheckpoint(t.Context(), 5, r.proof(5, 9), r.note(9))
	if e, ok := errors.AsType[*exchange.WitnessError](err); !ok || !e.Again() {
		t.Fatalf("got %v", err)
	}
	b.clock.move(time.Second)
	lines, err := b.AddCheckpoint(t.Context(), 5, r.proof(5, 9), r.note(9))
	if err != nil {
		t.Fatal(err)
	}
	b.cosigned(t, lines, r.head(9), day)
	b.clock.move(-200 * 365 * 24 * time.Hour) // no time that a line can say
	if _, err := b.AddCheckpoint(t.Context(), 9, nil, r.note(9)); err == nil {
		t.Fatal("a line without a time")
	}
}

// TestRace is the race of tlog-witness: of many calls at once from one size, one is cosigned, and no call rolls another back.
func TestRace(t *testing.T) {
	r := newRegister(t, "cert.alice.example").to(40)
	b := newBench(t, r)
	if _, err := b.AddCheckpoint(t.Context(), 0, nil, r.note(5)); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	var mu sync.Mutex
	cosigned := map[int64]bool{}
	for size := int64(6); size <= 40; size++ {
		note, proof := r.note(size), r.proof(5, size)
		all.Go(func() {
			_, err := b.AddCheckpoint(t.Context(), 5, proof, note)
			mu.Lock()
			defer mu.Unlock()
			if e, ok := errors.AsType[*exchange.WitnessError](err); err == nil {
				cosigned[size] = true
			} else if !ok || e.Status != exchange.WitnessConflict {
				t.Errorf("size %d: %v", size, err)
			}
		})
	}
	all.Wait()
	_, last, err := witness.Logs(t.Context(), b.store)
	if err != nil || len(cosigned) != 1 || !cosigned[last[0].Size] {
		t.Fatalf("cosigned %v, stored %d, %v", cosigned, last[0].Size, err)
	}
}

// What was cosigned is still known after a restart, and a call that was called off has stored nothing.
func TestRestart(t *testing.T) {
	r := newRegister(t, "cert.alice.example").to(9)
	dir := t.TempDir()
	open := func() *store.Store {
		s, err := store.Open(t.Context(), dir, store.Options{})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	s := open()
	if _, err := witness.AddLog(t.Context(), s, r.ring.Keys().VerifierKeys(r.origin)...); err != nil {
		t.Fatal(err)
	}
	w := witness.New(s, newKey(t), func() time.Time { return day })
	if _, err := w.AddCheckpoint(t.Context(), 0, nil, r.note(5)); err != nil {
		t.Fatal(err)
	}
	off, cancel := context.WithCancel(t.Context())
	cancel()
	if lines, err := w.AddCheckpoint(off, 5, r.proof(5, 9), r.note(9)); err == nil || lines != nil {
		t.Fatalf("called off: %q, %v", lines, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if lines, err := w.AddCheckpoint(t.Context(), 5, r.proof(5, 9), r.note(9)); err == nil || lines != nil {
		t.Fatalf("without a store: %q, %v", lines, err)
	}
	s = open()
	defer s.Close()
	w = witness.New(s, newKey(t), func() time.Time { return day })
	_, err := w.AddCheckpoint(t.Context(), 0, nil, r.note(9))
	if e, ok := errors.AsType[*exchange.WitnessError](err); !ok || e.Status != exchange.WitnessConflict || e.Size != 5 {
		t.Fatalf("got %v", err)
	}
}

func TestAddLog(t *testing.T) {
	a, other := newRegister(t, "cert.alice.example"), newRegister(t, "cert.bob.example")
	keys := a.ring.Keys().VerifierKeys(a.origin)
	link := a.ring.Keys().VerifierKeys(seal.Origin{Author: a.origin.Author, Audience: "cert.bob.example", Generation: 1})
	wrong := impostorOf(t, a).Keys().VerifierKeys(a.origin)
	s := openStore(t)
	for _, c := range []struct {
		name  string
		vkeys []string
		ok    bool
	}{
		{"none", nil, false},
		{"no key", []string{"hello"}, false},
		{"a witness's key", []string{newKey(t).Cosigners()[0].String()}, false},
		{"of a link", link, false},
		{"of two registers", []string{keys[0], other.ring.Keys().VerifierKeys(other.origin)[1]}, false},
		{"two of one type", []string{keys[0], wrong[0]}, false},
		{"one", keys[:1], true},
		{"both", keys, true},
		{"both again", keys, true},
		{"another for the same register", wrong[:1], false},
		{"another, of the other type", wrong[1:], false},
	} {
		origin, err := witness.AddLog(t.Context(), s, c.vkeys...)
		if (err == nil) != c.ok || c.ok && origin != a.origin.String() {
			t.Errorf("%s: %q, %v", c.name, origin, err)
		}
		if _, ok := errors.AsType[*witness.LogError](err); err != nil && !ok {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	logs, last, err := witness.Logs(t.Context(), s)
	if err != nil || len(logs) != 1 || len(logs[0].Keys) != 2 || last[0].Size != 0 || last[0].Origin != a.origin.String() {
		t.Fatalf("got %v, %v, %v", logs, last, err)
	}
}

// TestKeyChanged: a witness whose key file was replaced goes on from what it cosigned with the old one.
func TestKeyChanged(t *testing.T) {
	r := newRegister(t, "cert.alice.example").to(9)
	b := newBench(t, r)
	if _, err := b.AddCheckpoint(t.Context(), 0, nil, r.note(5)); err != nil {
		t.Fatal(err)
	}
	key, err := seal.NewWitnessKey("witness.example/w1", rand.NewChaCha8([32]byte{2}))
	if err != nil {
		t.Fatal(err)
	}
	b.key, b.Witness = key, witness.New(b.store, key, b.clock.Now)
	lines, err := b.AddCheckpoint(t.Context(), 5, r.proof(5, 9), r.note(9))
	if err != nil {
		t.Fatal(err)
	}
	b.cosigned(t, lines, r.head(9), day)
}
