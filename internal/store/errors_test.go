package store_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"verbale/internal/store"
)

func TestKinds(t *testing.T) {
	kinds := store.Kinds()
	if len(slices.Compact(slices.Sorted(slices.Values(kinds)))) != 10 {
		t.Errorf("the kinds are %v", kinds)
	}
	err := fmt.Errorf("outside: %w", &store.Error{Kind: store.Full, Detail: "x", Err: fs.ErrExist})
	if store.KindOf(err) != store.Full || !errors.Is(err, fs.ErrExist) || store.KindOf(fs.ErrExist) != "" || store.KindOf(nil) != "" {
		t.Error("an error lost its kind or its cause")
	}
}

// A row that was meddled with is Corrupt for whoever reads it, and the others can still be read.
func TestMeddledRows(t *testing.T) {
	for _, c := range []struct {
		statement string
		read      func(tx *store.Tx) error
	}{
		{`UPDATE cases SET body = x'6e6f'`, func(tx *store.Tx) error { _, _, err := tx.Case("b.example", "k"); return err }},
		{`UPDATE cases SET body = x'7b7d7b'`, func(tx *store.Tx) error { _, err := tx.Cases("", 0, 9); return err }},
		{`UPDATE outboxes SET root = x'00'`, func(tx *store.Tx) error { _, err := tx.Outboxes(); return err }},
		{`UPDATE outboxes SET origin = 'nobody' WHERE id = 1`, func(tx *store.Tx) error { _, err := tx.Outbox("nobody"); return err }},
		{`UPDATE evidence SET proof = x'00'`, func(tx *store.Tx) error { _, err := tx.Evidence(); return err }},
	} {
		dir := t.TempDir()
		s := openDisk(t, dir, store.Options{})
		fill(t, s, 1)
		closeStore(t, s)
		if err := tamper(database(dir), c.statement); err != nil {
			t.Fatal(err)
		}
		err := openDisk(t, dir, store.Options{}).View(t.Context(), c.read)
		if store.KindOf(err) != store.Corrupt {
			t.Errorf("%s: got %v", c.statement, err)
		}
	}
}

// A folder that cannot be written gives IO, not a new kind of confusion.
func TestFolderWithoutRights(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "lock"), 0o700); err != nil { // where the lock file should be
		t.Fatal(err)
	}
	_, err := store.Open(t.Context(), dir, store.Options{})
	want(t, store.IO, err)
}
