package store_test

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"

	"verbale/internal/store"
)

func TestWitnessed(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		const origin = "aa.example/to/public/1"
		put := func(old, size int64, root byte) error {
			return s.Update(t.Context(), func(tx *store.Tx) error {
				return tx.PutWitnessed(old, store.Witnessed{Origin: origin, Size: size, Root: [32]byte{root}, Note: []byte{root}})
			})
		}
		has := func(size int64, root byte) {
			t.Helper()
			view(t, s, func(tx *store.Tx) error {
				w, found, err := tx.Witnessed(origin)
				if err == nil && (!found || w.Size != size || w.Root != [32]byte{root} || !bytes.Equal(w.Note, []byte{root}) || w.Origin != origin) {
					t.Errorf("got %+v, want size %d root %d", w, size, root)
				}
				return err
			})
		}
		view(t, s, func(tx *store.Tx) error {
			if _, found, err := tx.Witnessed(origin); found || err != nil {
				t.Errorf("nothing was cosigned: %v, %v", found, err)
			}
			return nil
		})
		want(t, store.Conflict, put(3, 5, 1))
		want(t, "", put(0, 0, 1))
		has(0, 1)
		want(t, "", put(0, 5, 2))
		has(5, 2)
		want(t, store.Conflict, put(0, 7, 3))
		want(t, store.Conflict, put(4, 7, 3))
		want(t, store.Conflict, put(6, 7, 3))
		want(t, store.Refused, put(5, 4, 3))
		has(5, 2)
		want(t, "", put(5, 5, 4)) // cosigned again
		want(t, "", put(5, 13, 5))
		has(13, 5)
		view(t, s, func(tx *store.Tx) error {
			_, found, err := tx.Witnessed("bb.example/to/public/1")
			if found {
				t.Error("another log was found")
			}
			return err
		})
	})
}

func TestWitnessKeys(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		update(t, s, func(tx *store.Tx) error {
			for _, k := range [][2]string{{"b", "b+2"}, {"a", "a+1"}, {"b", "b+1"}, {"b", "b+2"}} {
				if err := tx.PutWitnessKey(k[0], k[1]); err != nil {
					return err
				}
			}
			return nil
		})
		view(t, s, func(tx *store.Tx) error {
			logs, err := tx.WitnessLogs()
			if d := cmp.Diff([]store.WitnessedLog{{Origin: "a", Keys: []string{"a+1"}}, {Origin: "b", Keys: []string{"b+1", "b+2"}}}, logs); d != "" {
				t.Error(d)
			}
			if keys, err := tx.WitnessKeys("b"); err != nil || len(keys) != 2 || keys[0] != "b+1" {
				t.Errorf("got %v, %v", keys, err)
			}
			if keys, err := tx.WitnessKeys("c"); err != nil || keys != nil {
				t.Errorf("an unknown log: %v, %v", keys, err)
			}
			return err
		})
	})
}
