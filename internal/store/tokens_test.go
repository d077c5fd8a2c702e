package store_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"verbale/internal/store"
)

func TestTokens(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		at := time.Date(2021, 7, 9, 14, 0, 0, 0, time.UTC)
		first := store.Token{ID: 1, Name: "tickets", Hash: [32]byte{1}, Scopes: []string{"read"}, CreatedAt: at, ExpiresAt: at.Add(time.Hour)}
		second := store.Token{ID: 2, Name: "soc", Hash: [32]byte{2}, Scopes: []string{"read", "file"}, Links: []string{"b.example", "c.example"}, TLP: "amber",
			CreatedAt: at, ExpiresAt: at.Add(time.Hour)}
		update(t, s, func(tx *store.Tx) error { return errors.Join(tx.PutToken(first), tx.PutToken(second)) })
		want(t, store.Conflict, s.Update(t.Context(), func(tx *store.Tx) error {
			return tx.PutToken(store.Token{Name: "soc", Hash: [32]byte{3}, Scopes: []string{"read"}})
		}))
		want(t, store.Conflict, s.Update(t.Context(), func(tx *store.Tx) error {
			return tx.PutToken(store.Token{Name: "other", Hash: [32]byte{2}, Scopes: []string{"read"}})
		}))
		want(t, store.Refused, s.Update(t.Context(), func(tx *store.Tx) error { return tx.PutToken(store.Token{Name: "none", Hash: [32]byte{3}}) }))
		want(t, store.NotFound, s.Update(t.Context(), func(tx *store.Tx) error { return tx.RevokeToken("nobody", at) }))

		update(t, s, func(tx *store.Tx) error {
			return errors.Join(tx.UseToken(2, at.Add(time.Minute)), tx.RevokeToken("soc", at.Add(2*time.Minute)))
		})
		want(t, store.NotFound, s.Update(t.Context(), func(tx *store.Tx) error { return tx.RevokeToken("soc", at) }))
		second.UsedAt, second.RevokedAt = at.Add(time.Minute), at.Add(2*time.Minute)
		again := store.Token{ID: 3, Name: "soc", Hash: [32]byte{3}, Scopes: []string{"prove"}, CreatedAt: at, ExpiresAt: at}
		update(t, s, func(tx *store.Tx) error { return tx.PutToken(again) })
		view(t, s, func(tx *store.Tx) error {
			all, err := tx.Tokens()
			if diff := cmp.Diff([]store.Token{first, second, again}, all); diff != "" {
				t.Error(diff)
			}
			got, found, err2 := tx.Token([32]byte{2})
			if diff := cmp.Diff(second, got); !found || diff != "" {
				t.Error(found, diff)
			}
			_, found, err3 := tx.Token([32]byte{9})
			if found {
				t.Error("a token of nobody")
			}
			return errors.Join(err, err2, err3)
		})
	})
}
