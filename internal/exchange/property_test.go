package exchange

import (
	"bytes"
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"verbale/record"
	"verbale/seal"
)

// Whatever cuts, resends and disorder the network makes of it, the mirror follows X-5 and ends equal to the outbox: from the
// first entry on, and over the end of the first full tile.
func TestMirrorEndsEqual(t *testing.T) {
	for _, c := range []struct{ cuts, size int }{{0, 14}, {248, 264}} {
		l, begun := scene(t, c.size, slices.DeleteFunc([]int{c.cuts}, func(n int) bool { return n == 0 })...)
		rapid.Check(t, func(rt *rapid.T) {
			m := begun.clone()
			for range rapid.IntRange(0, 12).Draw(rt, "batches") {
				at := int(m.head.Size)
				start := rapid.OneOf(rapid.Just(min(at, c.size-1)), rapid.IntRange(c.cuts, c.size-1), rapid.IntRange(0, c.size-1)).Draw(rt, "start")
				end := rapid.OneOf(rapid.Just(max(at, start+1)), rapid.IntRange(start+1, c.size)).Draw(rt, "end")
				deliver(rt, l, m, start, end)
			}
			if at := int(m.head.Size); at < c.size {
				deliver(rt, l, m, at, c.size)
			}
			sameAs(rt, l, m)
		})
	}
}

func (m *mirror) clone() *mirror {
	c := *m
	c.tiles, c.receipts = maps.Clone(m.tiles), maps.Clone(m.receipts)
	c.leaves, c.contents = slices.Clone(m.leaves), slices.Clone(m.contents)
	return &c
}

// deliver hands a batch over and holds the answer against the table of X-5.
func deliver(t *rapid.T, l *log, m *mirror, start, end int) {
	size, receipt := m.head.Size, m.receipts[int64(end)]
	adv, again, err := Verify(m.state(), l.author(), l.batch(start, end), morning)
	switch {
	case int64(start) == size:
		must(t, err)
		m.store(t, adv)
	case int64(end) <= size && receipt != nil:
		must(t, err)
		if !bytes.Equal(again.Receipt, receipt) {
			t.Fatal("a resend gave another receipt")
		}
	case KindOf(err) != BehindOrAhead || AsProblem(err).Size != size:
		t.Fatalf("%d to %d at %d: %v", start, end, size, err)
	}
}

func sameAs(t *rapid.T, l *log, m *mirror) {
	if m.head != l.head(len(l.entries)) || len(m.leaves) != len(l.entries) {
		t.Fatalf("the mirror ends at %d entries with another head", len(m.leaves))
	}
	for i, e := range l.entries {
		if !bytes.Equal(m.leaves[i], e.Leaf) || !bytes.Equal(m.contents[i], e.Content) {
			t.Fatalf("entry %d is another", i)
		}
	}
	if d := cmp.Diff(l.tree.Changed(), m.tiles); d != "" {
		t.Fatal(d)
	}
}

// A batch that is changed once on its way never makes its author say something else: no advance, or the honest one.
func TestOneMutationNeverAdvancesOtherwise(t *testing.T) {
	l, m := scene(t, 9, 2, 4)
	honest, _, err := Verify(m.state(), l.author(), l.batch(4, 8), morning)
	must(t, err)
	rapid.Check(t, func(rt *rapid.T) {
		b := mutated(rt, t, l, l.batch(4, 8))
		if b == nil {
			return // no batch any more
		}
		adv, again, err := Verify(m.state(), l.author(), b, morning)
		switch {
		case err != nil && (adv != nil || again != nil):
			rt.Fatal("an answer beside an error")
		case adv != nil && !sameAdvance(adv, honest):
			rt.Fatalf("advanced to %d, otherwise than the author's log", adv.Checkpoint().Size)
		case again != nil && !bytes.Equal(again.Receipt, m.receipts[again.size(rt)]):
			rt.Fatal("a receipt that was never given")
		}
	})
}

// size is what the receipt says that it covers.
func (r *Resend) size(t *rapid.T) int64 {
	h, err := seal.ParseHead(string(bytes.Join(bytes.SplitAfterN(r.Receipt, []byte("\n"), 4)[:3], nil)))
	must(t, err)
	return h.Size
}

// sameAdvance tells whether two steps would store the same.
func sameAdvance(a, b *Advance) bool {
	leaf := func(r *record.Record) string { return string(r.Bytes()) }
	return a.Origin() == b.Origin() && a.Base() == b.Base() && cmp.Equal(a.Checkpoint(), b.Checkpoint()) &&
		slices.EqualFunc(a.Records(), b.Records(), func(x, y *record.Record) bool { return leaf(x) == leaf(y) }) &&
		cmp.Equal(a.Contents(), b.Contents()) && cmp.Equal(a.Tiles(), b.Tiles())
}

// mutated changes one thing, in the bytes or in what they mean.
func mutated(rt *rapid.T, t *testing.T, l *log, b *Batch) *Batch {
	if rapid.Bool().Draw(rt, "in the bytes") {
		b, err := ReadBatch(bytes.NewReader(mutatedBytes(rt, encode(t, b))))
		if err != nil {
			return nil
		}
		return b
	}
	b = clone(b)
	i, j := rapid.IntRange(0, len(b.Entries)-1).Draw(rt, "i"), rapid.IntRange(0, len(l.entries)-1).Draw(rt, "j")
	switch rapid.IntRange(0, 8).Draw(rt, "change") {
	case 0:
		b.Entries[i] = l.entries[j]
	case 1:
		b.Entries[i].Leaf = l.entries[j].Leaf
	case 2:
		b.Entries[i].Content = l.entries[j].Content
	case 3:
		b.Entries = slices.Delete(b.Entries, i, i+1)
	case 4:
		b.Entries = slices.Insert(b.Entries, i, l.entries[j])
	case 5:
		b.Entries[0], b.Entries[i] = b.Entries[i], b.Entries[0]
	case 6:
		b.Start = int64(j)
	case 7:
		b.Note = l.note(j + 1)
	case 8:
		*b = *l.batch(min(i, j), j+1) // another honest batch
		if b.Start == 4 {
			return nil
		}
	}
	return b
}

// mutatedBytes flips, takes out, puts in or cuts bytes at one place.
func mutatedBytes(rt *rapid.T, data []byte) []byte {
	at := rapid.IntRange(0, len(data)-1).Draw(rt, "at")
	switch rapid.IntRange(0, 3).Draw(rt, "bytes") {
	case 0:
		data[at] ^= 1 << rapid.IntRange(0, 7).Draw(rt, "bit")
	case 1:
		data = slices.Delete(data, at, min(at+rapid.IntRange(1, 40).Draw(rt, "n"), len(data)))
	case 2:
		data = slices.Insert(data, at, rapid.SliceOfN(rapid.Byte(), 1, 40).Draw(rt, "new")...)
	case 3:
		data = data[:at]
	}
	return data
}
