package store_test

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"testing"

	"verbale/internal/docket"
	"verbale/internal/store"
)

func caseOf(key, subject string) docket.Case {
	return docket.Case{Key: key, Open: &docket.Opening{Outbox: "a.example/to/b.example/1", From: "a.example", To: "b.example", Subject: subject},
		Moves: []docket.Move{{Outbox: "b.example/to/a.example/1", Index: 3, Leaf: "x", By: "b.example", Act: "acknowledge"}}}
}

func TestCase(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		for _, subject := range []string{"first", "second"} {
			c := caseOf("k", subject)
			update(t, s, func(tx *store.Tx) error { return tx.PutCase("b.example", c) })
			view(t, s, func(tx *store.Tx) error {
				got, found, err := tx.Case("b.example", "k")
				if !found || !reflect.DeepEqual(got, c) {
					t.Errorf("got %+v, %v", got, found)
				}
				_, found, err2 := tx.Case("c.example", "k")
				if found {
					t.Error("the case stands on another link")
				}
				return errors.Join(err, err2)
			})
		}
	})
}

func TestCasesPages(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		update(t, s, func(tx *store.Tx) error {
			for i := range 10 {
				if err := tx.PutCase([]string{"b.example", "c.example"}[i%2], caseOf(fmt.Sprint(i), "s")); err != nil {
					return err
				}
			}
			return tx.PutCase("b.example", caseOf("0", "changed")) // keeps its place
		})
		for _, c := range []struct {
			link  string
			limit int
			want  string
		}{
			{"", 3, "987|654|321|0|"}, {"b.example", 3, "864|20|"}, {"c.example", 5, "97531|"}, {"", 1 << 30, "9876543210|"}, {"d.example", 3, ""}, {"", 0, ""}, {"", -1, ""},
		} {
			got := ""
			view(t, s, func(tx *store.Tx) error {
				for after := int64(0); ; {
					rows, err := tx.Cases(c.link, after, c.limit)
					if err != nil || len(rows) == 0 {
						return err
					}
					for _, r := range rows {
						got += r.Case.Key
						after = r.ID
					}
					got += "|"
				}
			})
			if got != c.want {
				t.Errorf("%q by %d: got %s, want %s", c.link, c.limit, got, c.want)
			}
		}
	})
}

func TestReplaceCases(t *testing.T) {
	mine := errors.New("mine")
	onEach(t, func(t *testing.T, s *store.Store) {
		stored := func() (all []byte) {
			view(t, s, func(tx *store.Tx) error {
				return tx.EachCase(func(link, key string, body []byte) error {
					all = fmt.Appendf(all, "%s %s %s\n", link, key, body)
					return nil
				})
			})
			return all
		}
		put := func(put func(string, docket.Case) error) error {
			return errors.Join(put("c.example", caseOf("2", "s")), put("b.example", caseOf("2", "s")), put("b.example", caseOf("1", "s")))
		}
		update(t, s, func(tx *store.Tx) error {
			return errors.Join(put(tx.PutCase), tx.PutCase("z.example", caseOf("9", "old")))
		})
		before := stored()
		err := s.Update(t.Context(), func(tx *store.Tx) error {
			return tx.ReplaceCases(func(func(string, docket.Case) error) error { return mine })
		})
		if err != mine || !bytes.Equal(before, stored()) {
			t.Errorf("a rebuild that failed (%v) changed the docket", err)
		}
		update(t, s, func(tx *store.Tx) error { return tx.ReplaceCases(put) })
		first := stored()
		update(t, s, func(tx *store.Tx) error { return tx.ReplaceCases(put) })
		if !bytes.Equal(first, stored()) || bytes.Contains(first, []byte("z.example")) || bytes.Count(first, []byte("\n")) != 3 {
			t.Errorf("rebuilt: %s", first)
		}
	})
}
