package store_test

import (
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"verbale/internal/store"
)

func TestReopen(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a?b%41#c d") // nothing in a path may be taken for a setting
	l := newLog(t, "a.example", "b.example")
	s := openDisk(t, dir, store.Options{})
	id := create(t, s, l).ID
	st := l.grow(3, 100)
	appendStep(t, s, id, st)
	for range 2 {
		closeStore(t, s)
	}
	if got := listing(t, dir); got != "created lock verbale.db" {
		t.Errorf("a closed folder holds %s", got)
	}
	want(t, store.Refused, s.View(t.Context(), func(*store.Tx) error { return nil }))
	s = openDisk(t, dir, store.Options{CacheKiB: 1000})
	if !sameEntries(entriesOf(t, s, id), st.leaves) {
		t.Error("the entries are gone")
	}
}

func listing(t *testing.T, dir string) string {
	t.Helper()
	var names []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || path == dir {
			return err
		}
		info, err := d.Info()
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s may be read by others: %v", d.Name(), info.Mode())
		}
		names = append(names, d.Name())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(names, " ")
}

// A database that was there is never made anew.
func TestLostDatabase(t *testing.T) {
	for _, c := range []struct {
		name string
		lose func(dir string) error
		says string
	}{
		{"removed", func(dir string) error { return os.Remove(database(dir)) }, "is gone"},
		{"emptied", func(dir string) error { return os.Truncate(database(dir), 0) }, "is empty"},
		{"emptied, no marker", func(dir string) error {
			return errors.Join(os.Truncate(database(dir), 0), os.Remove(filepath.Join(dir, "created")))
		}, "is empty"},
		{"removed but for the WAL, no marker", func(dir string) error {
			return errors.Join(os.Rename(database(dir), database(dir)+"-wal"), os.Remove(filepath.Join(dir, "created")))
		}, "is gone"},
		{"another program's", func(dir string) error {
			return errors.Join(os.Remove(database(dir)), foreign(database(dir)))
		}, "another program's"},
		{"without a migration", func(dir string) error {
			return tamper(database(dir), `DELETE FROM goose_db_version WHERE version_id > 0`)
		}, "lost its tables"},
		{"a text", func(dir string) error {
			return os.WriteFile(database(dir), []byte(strings.Repeat("hello ", 99)), 0o600)
		}, "no database"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			closeStore(t, openDisk(t, dir, store.Options{}))
			if err := c.lose(dir); err != nil {
				t.Fatal(err)
			}
			before := listing(t, dir)
			for range 2 {
				_, err := store.Open(t.Context(), dir, store.Options{})
				want(t, store.Corrupt, err)
				if err == nil || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), "restore the newest backup") {
					t.Errorf("it says %v", err)
				}
			}
			if after := listing(t, dir); after != before {
				t.Errorf("the folder held %s, and now %s", before, after)
			}
		})
	}
}

func foreign(path string) error {
	return errors.Join(tamper(path, `CREATE TABLE notes (text TEXT)`), os.Chmod(path, 0o600))
}

// tamper runs one statement behind the store's back.
func tamper(path, statement string) error {
	db, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		return err
	}
	_, err = db.Exec(statement)
	return errors.Join(err, db.Close())
}

// A creation that was cut short leaves no half database behind.
func TestCreationCutShort(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"verbale.db.new", "verbale.db.new-wal", "verbale.db.new-shm"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	closeStore(t, openDisk(t, dir, store.Options{}))
	if got := listing(t, dir); got != "created lock verbale.db" {
		t.Errorf("the folder holds %s", got)
	}
	if err := os.Remove(filepath.Join(dir, "created")); err != nil {
		t.Fatal(err)
	}
	closeStore(t, openDisk(t, dir, store.Options{})) // the marker was not written yet
	if got := listing(t, dir); got != "created lock verbale.db" {
		t.Errorf("the folder holds %s", got)
	}
}

func TestNewerSchema(t *testing.T) {
	dir := t.TempDir()
	closeStore(t, openDisk(t, dir, store.Options{}))
	if err := tamper(database(dir), `INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, 1)`); err != nil {
		t.Fatal(err)
	}
	_, err := store.Open(t.Context(), dir, store.Options{})
	want(t, store.Newer, err)
}

func TestFolderCannotBeMade(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := store.Open(t.Context(), filepath.Join(file, "sub"), store.Options{})
	want(t, store.IO, err)
}

func TestLockedInOneProcess(t *testing.T) {
	dir := t.TempDir()
	s := openDisk(t, dir, store.Options{})
	_, err := store.Open(t.Context(), dir, store.Options{})
	want(t, store.Locked, err)
	for _, part := range []string{filepath.Join(dir, "lock"), fmt.Sprintf("(number %d)", os.Getpid()), "stop it"} {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("it says %v, without %q", err, part)
		}
	}
	closeStore(t, s)
	openDisk(t, dir, store.Options{})
}

// A database that fills up refuses whole transactions and stays sound.
func TestFull(t *testing.T) {
	dir := t.TempDir()
	closeStore(t, openDisk(t, dir, store.Options{}))
	s := openDisk(t, dir, store.Options{MaxPages: 300})
	l, m := newLog(t, "a.example", "b.example"), newLog(t, "c.example", "z.example")
	id := create(t, s, l).ID
	advance(t, s, m, m.grow(1, 100))
	stored := l.fork()
	for range 1000 {
		st := l.grow(7, 6000)
		err := s.Update(t.Context(), func(tx *store.Tx) error { return tx.Append(id, st.base, st.leaves, st.tiles, st.cp) })
		if err != nil {
			want(t, store.Full, err)
			break
		}
		stored = l.fork()
	}
	next := m.grow(300, 2000)
	err := s.Update(t.Context(), func(tx *store.Tx) error {
		return tx.Advance(m.verify(m.before(next), next), countersign(t, newRing(t, "z.example"), next.cp, day))
	})
	want(t, store.Full, err)
	o := outboxOf(t, s, l)
	if o.Head != stored.last.Head || o.Head.Size == 0 || outboxOf(t, s, m).Head.Size != 1 {
		t.Errorf("the head is at %d, the last success was at %d", o.Head.Size, stored.size)
	}
	if err := s.Integrity(t.Context()); err != nil {
		t.Error(err)
	}
	closeStore(t, s)
	s = openDisk(t, dir, store.Options{}) // room was made
	appendStep(t, s, id, stored.grow(7, 6000))
	if err := s.Integrity(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestBackup(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		l := newLog(t, "a.example", "b.example")
		id := create(t, s, l).ID
		st := l.grow(30, 1000)
		appendStep(t, s, id, st)
		dir := t.TempDir()
		backup := filepath.Join(dir, "it's a backup")
		if err := os.WriteFile(backup+".part", []byte("cut short"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := s.Backup(t.Context(), backup); err != nil {
			t.Fatal(err)
		}
		want(t, store.Refused, s.Backup(t.Context(), backup))
		appendStep(t, s, id, l.grow(1, 10))
		if got := listing(t, dir); got != "it's a backup" {
			t.Errorf("beside the backup: %s", got)
		}
		into := t.TempDir()
		if err := os.Rename(backup, database(into)); err != nil {
			t.Fatal(err)
		}
		restored := openDisk(t, into, store.Options{})
		if !sameEntries(entriesOf(t, restored, id), st.leaves) {
			t.Error("the backup holds something else")
		}
		if err := restored.Integrity(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func TestBackupIntoNowhere(t *testing.T) {
	s := openMemory(t)
	if err := s.Backup(t.Context(), filepath.Join(t.TempDir(), "none", "backup")); err == nil {
		t.Error("a backup was written to a folder that does not exist")
	}
	update(t, s, func(tx *store.Tx) error { return tx.SetMeta("a", "b") })
}

// What a backup is copied into is nobody else's from its first byte, and nobody else laid it there.
func TestBackupIsPrivateFromTheStart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "backup.part")
	if err := store.Reserve(path); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if err := store.Reserve(path); err == nil {
		t.Error("a file of somebody else's was taken")
	}
}
