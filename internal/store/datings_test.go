package store_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"verbale/internal/store"
)

const (
	ours   = "a.example/to/public/1"
	later  = "a.example/to/public/2"
	theirs = "b.example/to/public/1"
)

// dated puts datings of an outbox; position p is taken p minutes after day.
func dated(t *testing.T, s *store.Store, id int64, register string, size, covered int64, positions ...int64) {
	t.Helper()
	update(t, s, func(tx *store.Tx) error {
		for _, p := range positions {
			d := store.Dating{Outbox: id, Size: size, Register: register, Position: p, TakenAt: day.Add(time.Duration(p) * time.Minute), Covered: covered}
			if register == theirs {
				d.Record, d.Note, d.Proof = []byte("record"), []byte("note"), [][32]byte{{1}, {2}}
			}
			if err := tx.PutDating(d); err != nil {
				return err
			}
		}
		return nil
	})
}

// positions lists what is kept: "size:position", with a ? behind a pending one.
func positions(t *testing.T, s *store.Store, register string) (got []string) {
	t.Helper()
	view(t, s, func(tx *store.Tx) error {
		return tx.EachDating(func(d store.Dating) error {
			if d.Register != register {
				return nil
			}
			at := fmt.Sprintf("%d:%d", d.Size, d.Position)
			if d.Covered == 0 {
				at += "?"
			}
			got = append(got, at)
			return nil
		})
	})
	return got
}

func wantPositions(t *testing.T, s *store.Store, register string, want ...string) {
	t.Helper()
	if got := positions(t, s, register); !slices.Equal(got, want) {
		t.Errorf("kept %q, want %q", got, want)
	}
}

// Of one head the first and the last datings stay, of pending ones one more; nothing is lost between two heads (G-11).
func TestDatingsAreThinned(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		_, id, _ := receipted(t, s)
		dated(t, s, id, ours, 3, 0, 1, 2, 3, 4, 5)
		wantPositions(t, s, ours, "3:1?", "3:4?", "3:5?")
		dated(t, s, id, ours, 7, 0, 6, 7)
		cover := func(size int64) {
			t.Helper()
			update(t, s, func(tx *store.Tx) error { _, err := tx.CoverDatings(ours, size); return err })
		}
		cover(5)
		wantPositions(t, s, ours, "3:1", "3:4", "3:5?", "7:6?", "7:7?")
		cover(8)
		wantPositions(t, s, ours, "3:1", "3:5", "7:6", "7:7")
		dated(t, s, id, ours, 7, 0, 8, 9, 10, 11)
		wantPositions(t, s, ours, "3:1", "3:5", "7:6", "7:7", "7:8?", "7:10?", "7:11?")
		cover(12)
		wantPositions(t, s, ours, "3:1", "3:5", "7:6", "7:11")
		cover(12)
		dated(t, s, id, theirs, 3, 20, 4, 2, 9, 6)
		wantPositions(t, s, theirs, "3:2", "3:9")
	})
}

func placed(d store.Dating, found bool) string {
	if !found {
		return ""
	}
	return fmt.Sprintf("%d:%d", d.Size, d.Position)
}

func TestDatingsAreFound(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		_, id, _ := receipted(t, s)
		dated(t, s, id, ours, 3, 5, 1, 4)
		dated(t, s, id, ours, 7, 9, 8)
		dated(t, s, id, ours, 8, 0, 9) // pending
		dated(t, s, id, theirs, 7, 9, 5)
		update(t, s, func(tx *store.Tx) error { // a register of a later generation, whose positions begin anew
			return tx.PutDating(store.Dating{Outbox: id, Size: 8, Register: later, Position: 1, TakenAt: day.Add(time.Hour), Covered: 2})
		})
		view(t, s, func(tx *store.Tx) error {
			for _, c := range []struct {
				index       int64
				party       string
				first, last string
			}{
				{0, "a.example", "3:1", ""}, {2, "a.example", "3:1", ""}, {3, "a.example", "7:8", "3:4"}, {6, "a.example", "7:8", "3:4"},
				{7, "a.example", "8:1", "7:8"}, {8, "a.example", "", "8:1"}, {0, "b.example", "7:5", ""}, {7, "b.example", "", "7:5"}, {0, "c.example", "", ""},
			} {
				d, found, err := tx.FirstDating(id, c.index, c.party)
				if got := placed(d, found); err != nil || got != c.first {
					t.Errorf("first over %d by %s: %q, %v; want %q", c.index, c.party, got, err, c.first)
				}
				d, found, err = tx.LastDating(id, c.index, c.party)
				if got := placed(d, found); err != nil || got != c.last {
					t.Errorf("last below %d by %s: %q, %v; want %q", c.index, c.party, got, err, c.last)
				}
			}
			var got []int64
			err := tx.DatingsFrom(id, 7, "a.example", func(d store.Dating) error { got = append(got, d.Size, d.Position); return nil })
			if err != nil || !slices.Equal(got, []int64{7, 8, 8, 1}) {
				t.Errorf("from 7: %v, %v", got, err)
			}
			if newest, err := tx.NewestDatedSize(id, "b.example"); newest != 7 || err != nil {
				t.Errorf("newest %d, %v", newest, err)
			}
			if newest, err := tx.NewestDatedSize(id, "c.example"); newest != 0 || err != nil {
				t.Errorf("newest of nobody %d, %v", newest, err)
			}
			for index, size := range map[int64]int64{0: 5, 4: 5, 5: 9, 8: 9, 9: 0} {
				if d, found, err := tx.FirstCovering(ours, index); err != nil || found != (size > 0) || d.Covered != size {
					t.Errorf("entry %d of the register is covered at %d, %v; want %d", index, d.Covered, err, size)
				}
			}
			pending, err := tx.PendingDatings(ours)
			if err != nil || len(pending) != 1 || pending[0].Position != 9 || pending[0].Record != nil {
				t.Errorf("pending %+v, %v", pending, err)
			}
			return tx.DatingsFrom(id, 0, "b.example", func(d store.Dating) error {
				if string(d.Record) != "record" || string(d.Note) != "note" || len(d.Proof) != 2 || d.Proof[1] != [32]byte{2} || !d.TakenAt.Equal(day.Add(5*time.Minute)) {
					t.Errorf("read back %+v", d)
				}
				return nil
			})
		})
		for _, d := range []store.Dating{
			{Outbox: id, Size: 0, Register: ours, Position: 1, TakenAt: day}, {Outbox: id, Size: 1, Position: 1, TakenAt: day},
			{Outbox: id, Size: 1, Register: ours, Position: -1, TakenAt: day}, {Outbox: id, Size: 1, Register: ours, Position: 1},
			{Outbox: id, Size: 1, Register: ours, Position: 4, TakenAt: day, Covered: 4},
		} {
			want(t, store.Refused, s.Update(t.Context(), func(tx *store.Tx) error { return tx.PutDating(d) }))
		}
	})
}
