package store_test

import (
	"reflect"
	"testing"
	"time"

	"verbale/internal/docket"
	"verbale/internal/store"
)

func TestLinks(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		at := day.Add(123456 * time.Microsecond)
		b := store.Link{Party: "b.example", Profile: []byte("profile"), LinkedAt: at, State: "active"}
		c := store.Link{Party: "c.example", Profile: []byte("of c"), LinkedAt: at, Confirmed: true, State: "active"}
		for _, l := range []store.Link{c, {Party: "b.example", Profile: []byte("older"), LinkedAt: day}, b} {
			update(t, s, func(tx *store.Tx) error { return tx.PutLink(l) })
		}
		view(t, s, func(tx *store.Tx) error {
			got, err := tx.Link("b.example")
			if err != nil || !reflect.DeepEqual(got, b) {
				t.Errorf("got %+v, %v", got, err)
			}
			_, err = tx.Link("d.example")
			want(t, store.NotFound, err)
			all, err := tx.Links()
			if !reflect.DeepEqual(all, []store.Link{b, c}) {
				t.Errorf("got %+v", all)
			}
			return err
		})
		for _, l := range []store.Link{{Profile: []byte("x")}, {Party: "d.example"}} {
			want(t, store.Refused, s.Update(t.Context(), func(tx *store.Tx) error { return tx.PutLink(l) }))
		}
	})
}

// The standing of a link is stored apart from the link: a new profile does not touch it.
func TestStandings(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		link := store.Link{Party: "b.example", Profile: []byte("profile"), LinkedAt: day}
		suspended := docket.Standing{Notices: []docket.Notice{{By: "b.example", Act: docket.ActSuspend, Outbox: "b.example/to/a.example/1", Index: 4, Leaf: "x"}}}
		stands := func(want docket.Standing) {
			t.Helper()
			view(t, s, func(tx *store.Tx) error {
				got, err := tx.Standing("b.example")
				if !reflect.DeepEqual(got, want) {
					t.Errorf("got %+v, want %+v", got, want)
				}
				return err
			})
		}
		update(t, s, func(tx *store.Tx) error { return tx.PutLink(link) })
		stands(docket.Standing{})
		update(t, s, func(tx *store.Tx) error { return tx.PutStanding("b.example", suspended) })
		stands(suspended)
		link.Confirmed = true
		update(t, s, func(tx *store.Tx) error { return tx.PutLink(link) })
		stands(suspended)
		update(t, s, func(tx *store.Tx) error { return tx.PutStanding("b.example", docket.Standing{}) })
		stands(docket.Standing{})
		want(t, store.NotFound, s.Update(t.Context(), func(tx *store.Tx) error { return tx.PutStanding("c.example", suspended) }))
		want(t, store.NotFound, s.View(t.Context(), func(tx *store.Tx) error {
			_, err := tx.Standing("c.example")
			return err
		}))
	})
}

func TestFilings(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		const origin = "a.example/to/b.example/1"
		for range 2 {
			update(t, s, func(tx *store.Tx) error { return tx.PutFiling("key", origin, 7) })
		}
		want(t, store.Conflict, s.Update(t.Context(), func(tx *store.Tx) error { return tx.PutFiling("key", origin, 8) }))
		want(t, store.Conflict, s.Update(t.Context(), func(tx *store.Tx) error { return tx.PutFiling("key", "a.example/to/c.example/1", 7) }))
		view(t, s, func(tx *store.Tx) error {
			o, index, found, err := tx.Filing("key")
			if o != origin || index != 7 || !found {
				t.Errorf("got %s, %d, %v", o, index, found)
			}
			if _, _, found, _ := tx.Filing("none"); found {
				t.Error("found what was never filed")
			}
			return err
		})
	})
}

func TestMeta(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		for _, value := range []string{"one", "", "two"} {
			update(t, s, func(tx *store.Tx) error { return tx.SetMeta("k", value) })
			view(t, s, func(tx *store.Tx) error {
				got, found, err := tx.Meta("k")
				if got != value || !found {
					t.Errorf("got %q, %v", got, found)
				}
				return err
			})
		}
	})
}

func TestEvidence(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		e := store.Evidence{ID: 1, Origin: "o", Peer: "b.example", Kind: "fork", At: day, A: []byte("a"), B: []byte("b"), Proof: [][32]byte{{1}, {2}}}
		for i := range 3 {
			update(t, s, func(tx *store.Tx) error {
				return tx.PutEvidence(e.Origin, e.Peer, e.Kind, day.Add(time.Duration(i)*time.Hour), e.A, e.B, e.Proof)
			})
		}
		other := store.Evidence{ID: 2, Origin: "o", Peer: "b.example", Kind: "bad-root", At: day, B: []byte("b")}
		update(t, s, func(tx *store.Tx) error { return tx.PutEvidence("o", "b.example", "bad-root", day, nil, other.B, nil) })
		view(t, s, func(tx *store.Tx) error {
			all, err := tx.Evidence()
			if !reflect.DeepEqual(all, []store.Evidence{e, other}) {
				t.Errorf("got %+v", all)
			}
			return err
		})
	})
}

func TestEvidenceIsBounded(t *testing.T) {
	s := openMemory(t)
	update(t, s, func(tx *store.Tx) error {
		for i := range store.MaxEvidence + 9 {
			if err := tx.PutEvidence("o", "p", "fork", day, []byte{byte(i), byte(i >> 8)}, nil, nil); err != nil {
				return err
			}
		}
		all, err := tx.Evidence()
		if len(all) != store.MaxEvidence {
			t.Errorf("kept %d", len(all))
		}
		return err
	})
}

func TestProfiles(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		at := day.Add(123456 * time.Microsecond)
		first := store.Profile{Party: "b.example", Generation: 1, Profile: []byte("first"), KnownAt: at, Compared: true}
		second := store.Profile{Party: "b.example", Generation: 2, Profile: []byte("second"), Change: []byte("why"), KnownAt: at}
		own := store.Profile{Party: "a.example", Generation: 10, Profile: []byte("own"), KnownAt: at, Compared: true}
		for _, p := range []store.Profile{second, own, {Party: "b.example", Generation: 1, Profile: []byte("older"), KnownAt: day}, first} {
			update(t, s, func(tx *store.Tx) error { return tx.PutProfile(p) })
		}
		view(t, s, func(tx *store.Tx) error {
			all, err := tx.Profiles()
			if !reflect.DeepEqual(all, []store.Profile{own, first, second}) {
				t.Errorf("got %+v", all)
			}
			return err
		})
		for _, p := range []store.Profile{{Generation: 1, Profile: []byte("x")}, {Party: "b.example", Profile: []byte("x")}, {Party: "b.example", Generation: 3}} {
			want(t, store.Refused, s.Update(t.Context(), func(tx *store.Tx) error { return tx.PutProfile(p) }))
		}
	})
}
