package store

import (
	"context"
	"errors"
	"os"
)

const (
	sqlCountLeaves      = `SELECT count(*) FROM leaves WHERE key >= $1 AND key < $2`
	sqlNewestCheckpoint = `SELECT COALESCE(max(size), 0) FROM checkpoints WHERE outbox = $1`
)

// Integrity reads the whole database: SQLite's own checks, then that every outbox has as many leaves as its head says and the
// checkpoint of its head. A fault is Corrupt. Signatures and roots are checked elsewhere, by those who know them.
func (s *Store) Integrity(ctx context.Context) error {
	return s.View(ctx, func(tx *Tx) error {
		for _, check := range []string{"integrity_check", "foreign_key_check"} {
			if err := sound(ctx, tx.sql, check); err != nil {
				return err
			}
		}
		all, err := tx.Outboxes()
		if err != nil {
			return err
		}
		for _, o := range all {
			if err := tx.complete(o); err != nil {
				return err
			}
		}
		return nil
	})
}

// complete tells whether everything below the head of o is there.
func (tx *Tx) complete(o Outbox) error {
	var leaves, newest int64
	if _, err := tx.one("counting leaves", sqlCountLeaves, keyRange(o.ID, 0, MaxEntries), &leaves); err != nil {
		return err
	}
	if _, err := tx.one("reading checkpoints", sqlNewestCheckpoint, []any{o.ID}, &newest); err != nil {
		return err
	}
	if leaves != o.Head.Size || newest != o.Head.Size {
		return fail(Corrupt, "outbox %s has a head of size %d, %d leaves and a newest checkpoint of size %d; %s", o.Origin, o.Head.Size, leaves, newest, rescue)
	}
	return nil
}

// Backup writes a whole copy of the database to path, which must not exist. Writers go on meanwhile (in memory they wait).
// To restore it, put it into an empty folder as verbale.db. It is an old memory then: before anything is signed, the newest
// heads must come from the peers.
func (s *Store) Backup(ctx context.Context, path string) error {
	if _, err := os.Lstat(path); !errors.Is(err, os.ErrNotExist) {
		return fail(Refused, "%s exists or cannot be looked at; a backup is written to a new file", path)
	}
	if err := s.begin(); err != nil {
		return err
	}
	defer s.active.Done()
	part := path + ".part"
	if err := dropFile(part); err != nil { // of a backup that was cut short
		return err
	}
	if err := reserve(part); err != nil {
		return err
	}
	if err := s.copyTo(ctx, part); err != nil {
		return errors.Join(err, dropFile(part))
	}
	return finish(part, path)
}

// reserve makes an empty file that SQLite then fills: one that it made itself could be read by everybody until the copy is whole.
func reserve(path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, privateFile) // #nosec G304 -- the operator's own path
	if err != nil {
		return wrap(err, "making %s", path)
	}
	return wrap(f.Close(), "making %s", path)
}

// copyTo copies over a connection of its own, so that neither the writer nor a reader waits.
func (s *Store) copyTo(ctx context.Context, path string) error {
	if s.path == "" {
		if err := s.writer.enter(ctx, s.wait); err != nil {
			return err
		}
		defer s.writer.leave()
		return copyInto(ctx, s.writer.db, path)
	}
	p, err := connect(ctx, sqliteName(s.path), 1)
	if err != nil {
		return err
	}
	return errors.Join(copyInto(ctx, p.db, path), wrap(p.db.Close(), "closing the database"))
}
