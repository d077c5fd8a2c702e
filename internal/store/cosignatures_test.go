package store_test

import (
	"testing"
	"time"

	"verbale/internal/store"
)

func TestCosignatures(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		_, id, _ := receipted(t, s) // checkpoints of sizes 2, 3, 7, 8, 12
		put := func(size int64, name, lines string, at time.Time) error {
			return s.Update(t.Context(), func(tx *store.Tx) error {
				return tx.PutCosignature(id, store.Cosignature{Size: size, Name: name, Lines: []byte(lines), Time: at})
			})
		}
		for _, c := range []struct {
			size int64
			name string
			kind store.Kind
		}{{3, "w1", ""}, {8, "w1", ""}, {8, "w2", ""}, {8, "w1", ""}, {4, "w1", store.NotFound}, {8, "", store.Refused}} {
			want(t, c.kind, put(c.size, c.name, "line "+c.name+"\n", day.Add(time.Duration(c.size)*time.Minute)))
		}
		if err := put(8, "w1", "another\n", day.Add(time.Hour)); err != nil {
			t.Error(err)
		}
		want(t, store.Refused, put(8, "w3", "", day))
		want(t, store.Refused, put(8, "w3", "line\n", time.Time{}))
		view(t, s, func(tx *store.Tx) error {
			at, err := tx.Cosignatures(id, 8)
			if err != nil || len(at) != 2 || at[0].Name != "w1" || string(at[0].Lines) != "line w1\n" || !at[0].Time.Equal(day.Add(8*time.Minute)) || at[1].Name != "w2" {
				t.Errorf("over 8: %+v, %v", at, err)
			}
			if none, err := tx.Cosignatures(id, 12); err != nil || len(none) != 0 {
				t.Errorf("over 12: %v, %v", none, err)
			}
			newest, found, err := tx.NewestCosignature(id, "w1")
			if err != nil || !found || newest.Size != 8 {
				t.Errorf("newest: %+v, %v", newest, err)
			}
			if _, found, err := tx.NewestCosignature(id, "w3"); found || err != nil {
				t.Errorf("of nobody: %v, %v", found, err)
			}
			for index, size := range map[int64]int64{0: 3, 2: 3, 3: 8, 7: 8, 8: 0} {
				first, found, err := tx.FirstCosignature(id, index, "w1")
				if err != nil || found != (size > 0) || first.Size != size {
					t.Errorf("first over %d: %d, %v", index, first.Size, err)
				}
			}
			count := 0
			err = tx.EachCosignature(id, func(store.Cosignature) error { count++; return nil })
			if count != 3 {
				t.Errorf("%d in all, want 3", count)
			}
			return err
		})
	})
}
