package store_test

import (
	"context"
	"testing"

	"verbale/internal/store"
	"verbale/seal"
)

func TestSmoke(t *testing.T) {
	ctx := context.Background()
	for _, open := range []func() (*store.Store, error){
		func() (*store.Store, error) { return store.OpenMemory(ctx) },
		func() (*store.Store, error) { return store.Open(ctx, t.TempDir()+"/a?b%41#c", store.Options{}) },
	} {
		s, err := open()
		if err != nil {
			t.Fatal(err)
		}
		err = s.Update(ctx, func(tx *store.Tx) error {
			o, err := tx.CreateOutbox(seal.Origin{Author: "a.example", Audience: "b.example", Generation: 1}, true)
			t.Logf("%+v", o)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Integrity(ctx); err != nil {
			t.Fatal(err)
		}
		err = s.View(ctx, func(tx *store.Tx) error {
			return tx.SetMeta("a", "b")
		})
		if store.KindOf(err) != store.Refused {
			t.Fatal(err)
		}
		if err := s.Backup(ctx, t.TempDir()+"/backup"); err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
