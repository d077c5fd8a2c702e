package exchange

import (
	"bytes"
	"errors"
	"io"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"verbale/outbox"
)

// small draws a batch of the right form; it need not verify.
func small(t *rapid.T) *Batch {
	b := &Batch{Start: rapid.Int64Range(0, outbox.MaxSize-100).Draw(t, "start"), Note: rapid.SliceOfN(rapid.Byte(), 1, 300).Draw(t, "note")}
	for range rapid.IntRange(1, 20).Draw(t, "entries") {
		e := Entry{Leaf: rapid.SliceOfN(rapid.Byte(), 1, 100).Draw(t, "leaf")}
		if rapid.IntRange(0, 5).Draw(t, "erased") > 0 {
			e.Content = rapid.SliceOfN(rapid.Byte(), 1, 200).Draw(t, "content")
		}
		b.Entries = append(b.Entries, e)
	}
	return b
}

// What is written is read back, it takes Size bytes, and one byte more or less is refused.
func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := small(t)
		var w bytes.Buffer
		must(t, b.Encode(&w))
		if int64(w.Len()) != b.Size() {
			t.Errorf("Size says %d, Encode wrote %d", b.Size(), w.Len())
		}
		got, err := ReadBatch(bytes.NewReader(w.Bytes()))
		must(t, err)
		if d := cmp.Diff(b, got); d != "" {
			t.Error(d)
		}
		if _, err := ReadBatch(bytes.NewReader(append(w.Bytes(), 0))); KindOf(err) != Malformed {
			t.Errorf("a byte after the batch: %v", err)
		}
		cut := rapid.IntRange(0, w.Len()-1).Draw(t, "cut")
		if got, err := ReadBatch(bytes.NewReader(w.Bytes()[:cut])); KindOf(err) != Malformed || got != nil {
			t.Errorf("cut at %d: %v", cut, err)
		}
	})
}

// Whatever is read is printed as it was.
func FuzzReadBatch(f *testing.F) {
	l, _ := scene(f, 3)
	good := encode(f, l.batch(0, 3))
	f.Add(good)
	f.Add(good[:len(good)-1])
	f.Add(append(slices.Clone(good), 0))
	f.Add(raw(0, 1).leaf(1, []byte("x")).content(0, nil).note(1, []byte("n")).Bytes())
	f.Add(raw(outbox.MaxSize-1, 1).leaf(8192, zeros(8192)).content(1<<24, nil).Bytes())
	f.Add(raw(0, MaxBatchEntries).leaf(0xffff, nil).Bytes())
	f.Fuzz(func(t *testing.T, data []byte) {
		b, err := ReadBatch(bytes.NewReader(data))
		if err != nil {
			if k := KindOf(err); b != nil || k != Malformed && k != TooLarge {
				t.Fatalf("batch %t with %v", b != nil, err)
			}
			return
		}
		if got := encode(t, b); !bytes.Equal(got, data) {
			t.Fatalf("%x was read and printed as %x", data, got)
		}
	})
}

// Every limit of §3, on both sides of its edge, for who reads and for who writes.
func TestLimits(t *testing.T) {
	one := func(leaf, content, note int) *Batch {
		return &Batch{Entries: []Entry{{Leaf: zeros(leaf), Content: zeros(content)}}, Note: zeros(note)}
	}
	many := func(n int) *Batch {
		return &Batch{Entries: slices.Repeat([]Entry{{Leaf: []byte("l"), Content: []byte("c")}}, n), Note: []byte("n")}
	}
	from := func(start int64, b *Batch) *Batch { b.Start = start; return b }
	// total fills a batch of three entries to a size.
	total := func(size int) *Batch {
		b := &Batch{Note: []byte("n")}
		for range 3 {
			b.Entries = append(b.Entries, Entry{Leaf: []byte("l"), Content: zeros(MaxContentBytes / 2)})
		}
		b.Entries[2].Content = zeros(MaxContentBytes/2 + size - int(b.Size()))
		return b
	}
	for _, c := range []struct {
		name string
		b    *Batch
		want Kind // "" is accepted
	}{
		{"the smallest", one(1, 1, 1), ""},
		{"no entries", many(0), Malformed},
		{"4,096 entries", many(MaxBatchEntries), ""},
		{"4,097 entries", many(MaxBatchEntries + 1), TooLarge},
		{"no leaf", one(0, 1, 1), Malformed},
		{"leaf of 8,192", one(MaxLeafBytes, 1, 1), ""},
		{"leaf of 8,193", one(MaxLeafBytes+1, 1, 1), TooLarge},
		{"content of 16 MiB", one(1, MaxContentBytes, 1), ""},
		{"content of 16 MiB and one byte", one(1, MaxContentBytes+1, 1), TooLarge},
		{"no note", one(1, 1, 0), Malformed},
		{"note of 16,384", one(1, 1, MaxNoteBytes), ""},
		{"note of 16,385", one(1, 1, MaxNoteBytes+1), TooLarge},
		{"32 MiB", total(MaxBatchBytes), ""},
		{"32 MiB and one byte", total(MaxBatchBytes + 1), TooLarge},
		{"the last entry of the largest outbox", from(outbox.MaxSize-1, many(1)), ""},
		{"beyond the largest outbox", from(outbox.MaxSize-1, many(2)), TooLarge},
		{"start of 2^40", from(outbox.MaxSize, many(1)), TooLarge},
		{"largest start", from(1<<63-1, many(1)), TooLarge},
		{"negative start", from(-1, many(1)), TooLarge},
	} {
		t.Run(c.name, func(t *testing.T) {
			checkKind(t, "written", c.b.Encode(io.Discard), c.want)
			_, err := ReadBatch(bytes.NewReader(encodeAnyway(c.b)))
			checkKind(t, "read", err, c.want)
			if c.want != "" {
				_, _, err := Verify(Mirror{}, Author{}, c.b, morning)
				checkKind(t, "verified", err, c.want)
			}
		})
	}
}

func checkKind(t *testing.T, how string, err error, want Kind) {
	t.Helper()
	if KindOf(err) != want || (err == nil) != (want == "") {
		t.Errorf("%s: %v, want %q", how, err, want)
	}
}

// encodeAnyway writes what Encode refuses to.
func encodeAnyway(b *Batch) []byte {
	w := raw(uint64(b.Start), uint32(len(b.Entries)))
	for _, e := range b.Entries {
		w.leaf(uint16(len(e.Leaf)), e.Leaf).content(uint32(len(e.Content)), e.Content)
	}
	return w.note(uint16(len(b.Note)), b.Note).Bytes()
}

// claimer gives some bytes and then fails.
type claimer struct {
	io.Reader
	err error
}

func (c claimer) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	if errors.Is(err, io.EOF) {
		err = c.err
	}
	return n, err
}

// A length costs its sender the bytes: who claims much and sends little makes us allocate little.
func TestClaimsCostNothing(t *testing.T) {
	const room = 2 * step // one step ahead of what came, and the small things
	for name, sent := range map[string][]byte{
		"count":        raw(0, MaxBatchEntries).Bytes(),
		"leaf":         raw(0, 1).leaf(MaxLeafBytes, nil).Bytes(),
		"leaf, huge":   raw(0, 1).leaf(0xffff, nil).Bytes(),
		"content":      raw(0, 1).leaf(1, zeros(1)).content(MaxContentBytes, nil).Bytes(),
		"content, 4G":  raw(0, 1).leaf(1, zeros(1)).content(0xffffffff, nil).Bytes(),
		"some content": raw(0, 1).leaf(1, zeros(1)).content(MaxContentBytes, zeros(1<<20)).Bytes(),
		"note":         raw(0, 1).leaf(1, zeros(1)).content(1, zeros(1)).note(MaxNoteBytes, nil).Bytes(),
		"note, huge":   raw(0, 1).leaf(1, zeros(1)).content(1, zeros(1)).note(0xffff, nil).Bytes(),
	} {
		t.Run(name, func(t *testing.T) {
			r := bytes.NewReader(sent)
			spent := allocated(func() {
				if b, err := ReadBatch(r); err == nil || b != nil {
					t.Errorf("%v was read", b)
				}
			})
			// Buffers double, so all of them together are at most four times what came.
			if most := uint64(4*len(sent) + room); spent > most {
				t.Errorf("%d bytes came and %d were allocated, want at most %d", len(sent), spent, most)
			}
		})
	}
}

func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// A batch that has no end is left at the limit, with little more than the limit ever in memory.
func TestEndlessBatch(t *testing.T) {
	entry := new(rawBatch).leaf(1, zeros(1)).content(1<<20, zeros(1<<20)).Bytes()
	sent := &counter{r: io.MultiReader(bytes.NewReader(raw(0, MaxBatchEntries).Bytes()), &cycle{data: entry})}
	spent := allocated(func() {
		_, err := ReadBatch(sent)
		checkKind(t, "read", err, TooLarge)
	})
	if spent > 3*MaxBatchBytes || sent.n > MaxBatchBytes {
		t.Errorf("%d bytes were read and %d allocated", sent.n, spent)
	}
}

// cycle gives data again and again.
type cycle struct {
	data []byte
	at   int
}

func (c *cycle) Read(p []byte) (int, error) {
	n := copy(p, c.data[c.at:])
	c.at = (c.at + n) % len(c.data)
	return n, nil
}

type counter struct {
	r io.Reader
	n int
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += n
	return n, err
}

// What the reader below says is not lost: the edges tell a slow body from a wrong one by it.
func TestReaderErrorIsTheCause(t *testing.T) {
	l, _ := scene(t, 1)
	good := encode(t, l.batch(0, 1))
	broken := errors.New("the line went dead")
	for _, n := range []int{0, 10, 20, 40, len(good) - 1, len(good)} {
		_, err := ReadBatch(claimer{bytes.NewReader(good[:n]), broken})
		if !errors.Is(err, broken) {
			t.Errorf("after %d of %d bytes: %v", n, len(good), err)
		}
		if strings.Contains(err.Error(), "follow") {
			t.Errorf("after %d of %d bytes it blames what never came: %v", n, len(good), err)
		}
	}
}

// A writer that fails is reported, wherever it fails.
func TestEncodeToBrokenWriter(t *testing.T) {
	l, _ := scene(t, 2)
	b := l.batch(0, 2)
	for room := range int(b.Size()) {
		if err := b.Encode(&narrow{room}); !errors.Is(err, io.ErrShortWrite) {
			t.Fatalf("room for %d of %d bytes: %v", room, b.Size(), err)
		}
	}
}

type narrow struct{ room int }

func (n *narrow) Write(p []byte) (int, error) {
	if n.room -= len(p); n.room < 0 {
		return 0, io.ErrShortWrite
	}
	return len(p), nil
}

// No two batches are spelled alike and no batch in two ways: every bit that is flipped gives another batch or none.
func TestEveryBitCounts(t *testing.T) {
	b := &Batch{Start: 7, Entries: []Entry{{Leaf: []byte("leaf"), Content: []byte("content")}, {Leaf: []byte("l")}}, Note: []byte("note")}
	good := encode(t, b)
	for bit := range 8 * len(good) {
		bad := bytes.Clone(good)
		bad[bit/8] ^= 1 << (bit % 8)
		if got, err := ReadBatch(bytes.NewReader(bad)); err == nil && cmp.Equal(got, b) {
			t.Errorf("bit %d does not count", bit)
		}
	}
}
