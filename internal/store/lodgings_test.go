package store_test

import (
	"testing"
	"time"

	"verbale/internal/store"
	"verbale/seal"
)

// mirrored is a store of neither party that holds a log of a's to b, whose steps end at 2, 3 and 7.
func mirrored(t *testing.T, s *store.Store) (l *log, id int64, steps map[int64]step) {
	t.Helper()
	l, steps = newLog(t, "a.example", "b.example"), map[int64]step{}
	for _, count := range []int{2, 1, 4} {
		st := l.grow(count, 30)
		steps[l.size] = st
		update(t, s, func(tx *store.Tx) error { return tx.Advance(l.verify(l.before(st), st), seal.Receipt{}) })
	}
	return l, outboxOf(t, s, l).ID, steps
}

func TestLodgings(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		for _, l := range []store.Lodging{{"b", "x", 2, []byte("2")}, {"b", "x", 1, []byte("old")}, {"a", "x", 1, []byte("of a")}, {"b", "x", 1, []byte("1")}} {
			update(t, s, func(tx *store.Tx) error { return tx.PutLodging(l) })
		}
		for _, l := range []store.Lodging{{"", "x", 1, []byte("1")}, {"b", "", 1, []byte("1")}, {"b", "x", 0, []byte("1")}, {"b", "x", 1, nil}} {
			want(t, store.Refused, s.Update(t.Context(), func(tx *store.Tx) error { return tx.PutLodging(l) }))
		}
		view(t, s, func(tx *store.Tx) error {
			all, err := tx.Lodgings()
			got := ""
			for _, l := range all {
				got += l.Audience + l.Author + string(l.Profile) + " "
			}
			if got != "axof a bx1 bx2 " {
				t.Errorf("got %q", got)
			}
			return err
		})
	})
}

// A relay keeps the audience's receipts beside its own, and what it need not keep any more leaves a mark.
func TestRelayKeepsAndErases(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		l, id, steps := mirrored(t, s)
		b, r := newRing(t, "b.example"), newRing(t, "r.example")
		own := countersign(t, r, steps[3].cp, day)
		put := store.Cosignature{Size: 3, Name: seal.ReceiptName("r.example"), Lines: own.Lines, Time: own.Time}
		update(t, s, func(tx *store.Tx) error { return tx.PutCosignature(id, put) })
		want(t, store.Refused, s.Update(t.Context(), func(tx *store.Tx) error { return tx.SaveReturned(id, own) }))
		want(t, store.Refused, s.Update(t.Context(), func(tx *store.Tx) error { return tx.SaveReceipt(id, countersign(t, b, steps[3].cp, day)) }))
		update(t, s, func(tx *store.Tx) error {
			return tx.SaveReturned(id, countersign(t, b, steps[3].cp, day.Add(time.Hour)))
		})
		update(t, s, func(tx *store.Tx) error {
			return tx.SaveReturned(id, countersign(t, b, steps[3].cp, day.Add(2*time.Hour)))
		})
		view(t, s, func(tx *store.Tx) error {
			if o, err := tx.Outbox(l.origin.String()); err != nil || o.Receipted != 3 || o.Head.Size != 7 {
				t.Errorf("receipted %d of %d, %v", o.Receipted, o.Head.Size, err)
			}
			if at, err := tx.LastReceiptWithin(id, 0, 7); err != nil || at.Size != 3 || !at.ReceiptTime.Equal(day.Add(time.Hour)) {
				t.Errorf("receipt of %d at %s, %v: the first one stays", at.Size, at.ReceiptTime, err)
			}
			for index, want := range map[int64]bool{0: true, 2: true, 3: false} {
				c, found, err := tx.FirstLodged(id, index)
				if err != nil || found != want || found && c.Size != 3 {
					t.Errorf("lodged %d: %t at %d, %v", index, found, c.Size, err)
				}
			}
			return nil
		})
		before := held(t, s, id, 0, 7)
		update(t, s, func(tx *store.Tx) error { return tx.EraseContents(id, 0, 3) })
		update(t, s, func(tx *store.Tx) error { return tx.EraseContents(id, 0, 3) })
		if after := held(t, s, id, 0, 7); after[0] != 7 || before[1]-after[1] != 90 {
			t.Errorf("held %v, then %v; want 3 contents of 30 bytes less", before, after)
		}
		view(t, s, func(tx *store.Tx) error {
			for index := range int64(7) {
				e, err := tx.Entry(id, index)
				erased, err2 := tx.Erased(id, index)
				if err != nil || err2 != nil || (e.Content == nil) != (index < 3) || erased != (index < 3) {
					t.Errorf("entry %d: content %t, marked %t, %v, %v", index, e.Content != nil, erased, err, err2)
				}
			}
			return nil
		})
	})
}

func held(t *testing.T, s *store.Store, id, from, to int64) (got [2]int64) {
	t.Helper()
	view(t, s, func(tx *store.Tx) (err error) {
		got[0], got[1], err = tx.Held(id, from, to)
		return err
	})
	return got
}
