package store_test

import (
	"bytes"
	"errors"
	"os"
	"slices"
	"testing"

	"verbale/internal/exchange"
	"verbale/internal/store"
)

func TestEntry(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		l, other := newLog(t, "a.example", "b.example"), newLog(t, "a.example", "c.example")
		id, next := create(t, s, l).ID, create(t, s, other).ID
		st := l.grow(10, 70)
		appendStep(t, s, id, st)
		appendStep(t, s, next, other.grow(1, 70))
		view(t, s, func(tx *store.Tx) error {
			e, err := tx.Entry(id, 4)
			if !sameEntries([]store.NewLeaf{store.NewLeaf(e)}, st.leaves[4:5]) {
				t.Error("entry 4 is another one")
			}
			for _, index := range []int64{-1, 10, store.MaxEntries, store.MaxEntries + 1, -store.MaxEntries} {
				_, err := tx.Entry(id, index)
				want(t, store.NotFound, err)
			}
			return err
		})
	})
}

func TestEntriesRange(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		l, other := newLog(t, "a.example", "b.example"), newLog(t, "a.example", "c.example")
		id, next := create(t, s, l).ID, create(t, s, other).ID
		appendStep(t, s, id, l.grow(10, 70))
		appendStep(t, s, next, other.grow(3, 70))
		for _, c := range []struct{ from, to, first, count int64 }{
			{0, 10, 0, 10}, {3, 5, 3, 2}, {-7, 2, 0, 2}, {8, 99, 8, 2}, {0, 1 << 62, 0, 10}, {5, 5, 0, 0}, {6, 5, 0, 0}, {10, 20, 0, 0}, {1 << 41, 1 << 42, 0, 0},
		} {
			var seen, sizes []int64
			view(t, s, func(tx *store.Tx) error {
				err := tx.Entries(id, c.from, c.to, func(index int64, e exchange.Entry) error {
					seen = append(seen, index)
					// The same question may be asked again while it is being answered.
					return tx.Entries(id, index, index+1, func(again int64, f exchange.Entry) error {
						if again != index || !bytes.Equal(e.Leaf, f.Leaf) {
							t.Errorf("entry %d read again is %d", index, again)
						}
						return nil
					})
				})
				return errors.Join(err, tx.EntrySizes(id, c.from, c.to, func(index int64, leaf, content int) error {
					if content != 70 || leaf < 500 {
						t.Errorf("entry %d has sizes %d and %d", index, leaf, content)
					}
					sizes = append(sizes, index)
					return nil
				}))
			})
			var wanted []int64
			for i := range c.count {
				wanted = append(wanted, c.first+i)
			}
			if !slices.Equal(seen, wanted) || !slices.Equal(sizes, wanted) {
				t.Errorf("from %d to %d: got %v and %v", c.from, c.to, seen, sizes)
			}
		}
	})
}

func TestEntriesStop(t *testing.T) {
	mine := errors.New("enough")
	onEach(t, func(t *testing.T, s *store.Store) {
		l := newLog(t, "a.example", "b.example")
		id := create(t, s, l).ID
		appendStep(t, s, id, l.grow(5, 10))
		n := 0
		err := s.View(t.Context(), func(tx *store.Tx) error {
			return tx.Entries(id, 0, 5, func(int64, exchange.Entry) error {
				if n++; n == 2 {
					return mine
				}
				return nil
			})
		})
		if err != mine || n != 2 {
			t.Errorf("got %v after %d", err, n)
		}
	})
}

func TestEraseContent(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		l := newLog(t, "a.example", "b.example")
		id := create(t, s, l).ID
		st := l.grow(3, 5000)
		appendStep(t, s, id, st)
		for range 2 {
			update(t, s, func(tx *store.Tx) error { return tx.EraseContent(id, 1) })
		}
		for _, index := range []int64{-1, 3} {
			want(t, store.NotFound, s.Update(t.Context(), func(tx *store.Tx) error { return tx.EraseContent(id, index) }))
		}
		st.leaves[1].Content = nil
		if !sameEntries(entriesOf(t, s, id), st.leaves) {
			t.Error("more or less than one content is gone")
		}
		view(t, s, func(tx *store.Tx) error {
			e, err := tx.Entry(id, 1)
			for index, want := range []bool{false, true, false} {
				if erased, err := tx.Erased(id, int64(index)); err != nil || erased != want {
					t.Errorf("entry %d: erased %v, %v", index, erased, err)
				}
			}
			if e.Content != nil || !bytes.Equal(e.Leaf, st.leaves[1].Leaf) {
				t.Error("the entry is not its leaf alone")
			}
			return errors.Join(err, tx.EntrySizes(id, 1, 2, func(_ int64, _, content int) error {
				if content != 0 {
					t.Errorf("the erased content has %d bytes", content)
				}
				return nil
			}))
		})
	})
}

// What was erased stands nowhere in the file.
func TestErasedIsGone(t *testing.T) {
	dir := t.TempDir()
	s := openDisk(t, dir, store.Options{})
	l := newLog(t, "a.example", "b.example")
	id := create(t, s, l).ID
	st := l.grow(3, 9000)
	appendStep(t, s, id, st)
	update(t, s, func(tx *store.Tx) error { return tx.EraseContent(id, 1) })
	closeStore(t, s)
	file, err := os.ReadFile(database(dir))
	if err != nil {
		t.Fatal(err)
	}
	erased, kept := st.leaves[1].Content, st.leaves[2].Content
	if !bytes.Contains(file, kept[:64]) {
		t.Error("the content that stays is not in the file: this test looks in the wrong place")
	}
	for at := 0; at+64 <= len(erased); at += 64 {
		if bytes.Contains(file, erased[at:at+64]) {
			t.Fatalf("bytes %d to %d of the erased content are still in the file", at, at+64)
		}
	}
}
