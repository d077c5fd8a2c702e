package store_test

import (
	"testing"
	"time"

	"verbale/internal/store"
)

func TestBeats(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		l := newLog(t, "a.example", "b.example")
		id := create(t, s, l).ID
		other := create(t, s, newLog(t, "a.example", "c.example")).ID
		beat := func(party string, at time.Duration, size int64) store.Beat {
			return store.Beat{Party: party, At: day.Add(at), Size: size, Signature: [64]byte{byte(size), byte(at)}}
		}
		update(t, s, func(tx *store.Tx) error {
			for _, b := range []store.Beat{beat("a.example", time.Hour, 3), beat("a.example", 0, 1), beat("b.example", time.Minute, 2), beat("a.example", 2*time.Hour, 5)} {
				if err := tx.PutBeat(id, b); err != nil {
					return err
				}
			}
			if err := tx.PutBeat(other, beat("a.example", 9*time.Hour, 0)); err != nil {
				return err
			}
			for _, size := range []int64{4, 3, 2} { // in one second the one over most stays
				if err := tx.PutBeat(id, beat("a.example", time.Hour, size)); err != nil {
					return err
				}
			}
			for _, bad := range []store.Beat{{At: day}, {Party: "a.example"}, {Party: "a.example", At: day, Size: -1}} {
				want(t, store.Refused, tx.PutBeat(id, bad))
			}
			return nil
		})
		check := func(from, to time.Duration, sizes ...int64) {
			t.Helper()
			view(t, s, func(tx *store.Tx) error {
				all, err := tx.Beats(id, "a.example", day.Add(from), day.Add(to))
				if err != nil {
					return err
				}
				if len(all) != len(sizes) {
					t.Fatalf("%d beats, want %d", len(all), len(sizes))
				}
				for i, b := range all {
					if b.Size != sizes[i] || b.Signature[0] != byte(sizes[i]) || b.Party != "a.example" {
						t.Errorf("beat %d: %+v, want one over %d", i, b, sizes[i])
					}
				}
				return nil
			})
		}
		check(0, 9*time.Hour, 1, 4, 5)
		check(time.Second, 2*time.Hour, 4, 5)
		check(time.Second, 2*time.Hour-time.Second, 4)
		view(t, s, func(tx *store.Tx) error {
			last, found, err := tx.LastBeat(id, "a.example")
			if err != nil || !found || last != beat("a.example", 2*time.Hour, 5) {
				t.Errorf("%+v, %v, %v", last, found, err)
			}
			if _, found, err := tx.LastBeat(id, "c.example"); err != nil || found {
				t.Errorf("%v, %v", found, err)
			}
			var order []int64
			err = tx.EachBeat(id, func(b store.Beat) error {
				order = append(order, b.Size)
				return nil
			})
			if err != nil || len(order) != 4 || order[0] != 1 || order[3] != 2 {
				t.Errorf("%v, %v", order, err)
			}
			return nil
		})
		update(t, s, func(tx *store.Tx) error { return tx.DropBeats(id, "a.example", []time.Time{day, day.Add(time.Hour)}) })
		check(0, 9*time.Hour, 5)
		err := s.View(t.Context(), func(tx *store.Tx) error { return tx.PutBeat(id, beat("a.example", 0, 1)) })
		want(t, store.Refused, err)
	})
}
