package store_test

import (
	"bytes"
	"encoding/json/v2"
	"maps"
	"os"
	"slices"
	"testing"
	"time"

	"verbale/internal/docket"
	"verbale/internal/store"
	"verbale/seal"
)

// receipted is a store with checkpoints of sizes 2, 3, 7, 8, 12 and receipts at 3 and 8, an hour apart.
func receipted(t *testing.T, s *store.Store) (l *log, id int64, steps map[int64]step) {
	t.Helper()
	l = newLog(t, "a.example", "b.example")
	id = create(t, s, l).ID
	steps = map[int64]step{}
	for _, count := range []int{2, 1, 4, 1, 4} {
		st := l.grow(count, 30)
		appendStep(t, s, id, st)
		steps[l.size] = st
	}
	ring := newRing(t, "b.example")
	for _, size := range []int64{8, 3} { // the older one comes later
		r := countersign(t, ring, steps[size].cp, day.Add(time.Duration(size)*time.Hour))
		update(t, s, func(tx *store.Tx) error { return tx.SaveReceipt(id, r) })
	}
	return l, id, steps
}

func TestCheckpoints(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		_, id, steps := receipted(t, s)
		none := int64(-1)
		view(t, s, func(tx *store.Tx) error {
			for _, c := range []struct {
				name string
				got  func() (store.Issued, error)
				want int64
			}{
				{"checkpoint 2", func() (store.Issued, error) { return tx.Checkpoint(id, 2) }, 2},
				{"checkpoint 3", func() (store.Issued, error) { return tx.Checkpoint(id, 3) }, 3},
				{"checkpoint 4", func() (store.Issued, error) { return tx.Checkpoint(id, 4) }, none},
				{"of another", func() (store.Issued, error) { return tx.Checkpoint(id+1, 2) }, none},
				{"within 0, 12", func() (store.Issued, error) { return tx.LastCheckpointWithin(id, 0, 12) }, 12},
				{"within 0, 11", func() (store.Issued, error) { return tx.LastCheckpointWithin(id, 0, 11) }, 8},
				{"within 3, 7", func() (store.Issued, error) { return tx.LastCheckpointWithin(id, 3, 7) }, 7},
				{"within 3, 6", func() (store.Issued, error) { return tx.LastCheckpointWithin(id, 3, 6) }, none},
				{"within 12, 99", func() (store.Issued, error) { return tx.LastCheckpointWithin(id, 12, 99) }, none},
				{"after 0", func() (store.Issued, error) { return tx.FirstCheckpointAfter(id, 0) }, 2},
				{"after 3", func() (store.Issued, error) { return tx.FirstCheckpointAfter(id, 3) }, 7},
				{"after 12", func() (store.Issued, error) { return tx.FirstCheckpointAfter(id, 12) }, none},
				{"receipt of 0", func() (store.Issued, error) { return tx.FirstReceipt(id, 0) }, 3},
				{"receipt of 2", func() (store.Issued, error) { return tx.FirstReceipt(id, 2) }, 3},
				{"receipt of 3", func() (store.Issued, error) { return tx.FirstReceipt(id, 3) }, 8},
				{"receipt of 7", func() (store.Issued, error) { return tx.FirstReceipt(id, 7) }, 8},
				{"receipt of 8", func() (store.Issued, error) { return tx.FirstReceipt(id, 8) }, none},
			} {
				i, err := c.got()
				if c.want == none {
					want(t, store.NotFound, err)
					continue
				}
				if err != nil || i.Size != c.want || !bytes.Equal(i.Note, steps[c.want].cp.Note) {
					t.Errorf("%s: got size %d, %v; want %d", c.name, i.Size, err, c.want)
				}
				if has := c.want == 3 || c.want == 8; (i.Receipt != nil) != has || i.ReceiptTime.IsZero() == has ||
					has && (!bytes.HasPrefix(i.Receipt, i.Note) || !i.ReceiptTime.Equal(day.Add(time.Duration(c.want)*time.Hour))) {
					t.Errorf("%s: receipt at %v", c.name, i.ReceiptTime)
				}
			}
			return nil
		})
	})
}

func TestReceiptTimes(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		_, id, _ := receipted(t, s)
		three, eight := day.Add(3*time.Hour), day.Add(8*time.Hour)
		view(t, s, func(tx *store.Tx) error {
			got, err := tx.ReceiptTimes(id, []int64{9, 7, 0, 2, 3, 0, 11})
			if want := (map[int64]time.Time{0: three, 2: three, 3: eight, 7: eight}); !maps.EqualFunc(got, want, time.Time.Equal) {
				t.Errorf("got %v", got)
			}
			if none, err := tx.ReceiptTimes(id, nil); len(none) != 0 || err != nil {
				t.Errorf("of nothing: %v, %v", none, err)
			}
			return err
		})
	})
}

func TestEachReceipt(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		_, id, _ := receipted(t, s)
		view(t, s, func(tx *store.Tx) error {
			var sizes []int64
			err := tx.EachReceipt(id, func(size int64, at time.Time) error {
				if want := day.Add(time.Duration(size) * time.Hour); !at.Equal(want) {
					t.Errorf("the receipt over %d is of %s, want %s", size, at, want)
				}
				sizes = append(sizes, size)
				return nil
			})
			if !slices.Equal(sizes, []int64{3, 8}) {
				t.Errorf("receipts over %v", sizes)
			}
			return err
		})
	})
}

func TestSaveReceipt(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		l, id, steps := receipted(t, s)
		o := outboxOf(t, s, l)
		if o.Receipted != 8 || !bytes.HasPrefix(o.Receipt, steps[8].cp.Note) || len(o.Receipt) <= len(steps[8].cp.Note) {
			t.Errorf("after receipts at 8 and 3 the newest is at %d", o.Receipted)
		}
		ring, mirrored := newRing(t, "b.example"), newLog(t, "c.example", "z.example")
		advance(t, s, mirrored, mirrored.grow(1, 10))
		rival := newLog(t, "a.example", "b.example").fork()
		rival.grow(1, 99)
		for _, c := range []struct {
			name string
			kind store.Kind
			id   int64
			r    seal.Receipt
		}{
			{"the same again", "", id, countersign(t, ring, steps[3].cp, day.Add(3*time.Hour))},
			{"later, over the same", "", id, countersign(t, ring, steps[3].cp, day.Add(99*time.Hour))},
			{"a size that was never issued", store.NotFound, id, seal.Receipt{Head: seal.Head{Origin: l.origin.String(), Size: 5}, Lines: []byte("x")}},
			{"another head of that size", store.Refused, id, countersign(t, ring, rival.grow(1, 10).cp, day)},
			{"no lines", store.Refused, id, seal.Receipt{Head: steps[2].cp.Head}},
			{"a mirror", store.Refused, outboxOf(t, s, mirrored).ID, countersign(t, ring, mirrored.last, day)},
			{"no such outbox", store.NotFound, 99, countersign(t, ring, steps[3].cp, day)},
		} {
			if err := s.Update(t.Context(), func(tx *store.Tx) error { return tx.SaveReceipt(c.id, c.r) }); store.KindOf(err) != c.kind {
				t.Errorf("%s: got %v, want kind %q", c.name, err, c.kind)
			}
		}
		view(t, s, func(tx *store.Tx) error {
			i, err := tx.Checkpoint(id, 3)
			if !i.ReceiptTime.Equal(day.Add(3 * time.Hour)) {
				t.Errorf("the first receipt was replaced: %v", i.ReceiptTime)
			}
			return err
		})
	})
}

// Months are runs: what was receipted before a time ends at the first receipt of that time or later, whatever the clock showed after.
func TestReceiptedBefore(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		_, id, steps := receipted(t, s) // 3 at 3:00, 8 at 8:00
		before := func(hour int, want int64) {
			t.Helper()
			view(t, s, func(tx *store.Tx) error {
				got, err := tx.ReceiptedBefore(id, day.Add(time.Duration(hour)*time.Hour))
				if got != want {
					t.Errorf("before %d:00 %d were receipted, want %d", hour, got, want)
				}
				return err
			})
		}
		for hour, want := range map[int]int64{0: 0, 3: 0, 4: 3, 8: 3, 9: 8, 99: 8} {
			before(hour, want)
		}
		early := countersign(t, newRing(t, "b.example"), steps[12].cp, day.Add(2*time.Hour))
		update(t, s, func(tx *store.Tx) error { return tx.SaveReceipt(id, early) })
		for hour, want := range map[int]int64{2: 0, 3: 0, 4: 3, 8: 3, 9: 12, 99: 12} {
			before(hour, want)
		}
		view(t, s, func(tx *store.Tx) error {
			got, err := tx.ReceiptedBefore(id+1, day.Add(99*time.Hour))
			if got != 0 {
				t.Errorf("%d entries of another outbox", got)
			}
			return err
		})
	})
}

// The runs of spec/vectors/tally.json.
func TestRunVectors(t *testing.T) {
	raw, err := os.ReadFile("../../spec/vectors/tally.json")
	if err != nil {
		t.Fatal(err)
	}
	var v struct {
		Runs []struct {
			Name     string `json:"name"`
			Receipts []struct {
				Size int       `json:"size"`
				At   time.Time `json:"at"`
			} `json:"receipts"`
			Month string `json:"month"`
			From  int64  `json:"from"`
			Next  int64  `json:"next"`
		} `json:"runs"`
	}
	if err := json.Unmarshal(raw, &v); err != nil || len(v.Runs) == 0 {
		t.Fatal(len(v.Runs), err)
	}
	for _, c := range v.Runs {
		t.Run(c.Name, func(t *testing.T) {
			s := openMemory(t)
			l := newLog(t, "a.example", "b.example")
			id, ring, size := create(t, s, l).ID, newRing(t, "b.example"), 0
			for _, r := range c.Receipts {
				st := l.grow(r.Size-size, 30)
				appendStep(t, s, id, st)
				size = r.Size
				update(t, s, func(tx *store.Tx) error { return tx.SaveReceipt(id, countersign(t, ring, st.cp, r.At)) })
			}
			from, next, _ := docket.MonthAt(c.Month)
			view(t, s, func(tx *store.Tx) error {
				got, err := tx.ReceiptedBefore(id, from)
				if got != c.From {
					t.Errorf("from %d, want %d", got, c.From)
				}
				if got, _ := tx.ReceiptedBefore(id, next); got != c.Next {
					t.Errorf("next %d, want %d", got, c.Next)
				}
				return err
			})
		})
	}
}
