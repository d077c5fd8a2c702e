package store

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

const (
	databaseFile = "verbale.db"
	searchFile   = "search.db"
	lockFile     = "lock"
	markerFile   = "created"
	newSuffix    = ".new"

	privateFile   = 0o600
	privateFolder = 0o700
)

// lock takes the folder for this process until the file is closed. The kernel lets go of it when the process ends,
// however it ends; the file itself stays and says nothing.
func lock(dir string) (*os.File, error) {
	path := filepath.Join(dir, lockFile)
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, privateFile) // #nosec G304 -- the operator's own folder
	if err != nil {
		return nil, wrap(err, "opening %s", path)
	}
	err = flock(f)
	switch {
	case errors.Is(err, errHeld):
		err = fail(Locked, "another process%s holds %s; stop it, or give this one a folder of its own (do not delete the file: that unlocks nothing)", holderOf(f), path)
	case err == nil:
		err = sign(f)
	}
	if err != nil {
		return nil, errors.Join(wrap(err, "locking %s", path), f.Close())
	}
	return f, nil
}

// sign leaves our number in the lock file, for the sentence that a second process gets.
func sign(f *os.File) error {
	if err := f.Truncate(0); err != nil {
		return err
	}
	_, err := f.WriteAt(fmt.Appendf(nil, "%d\n", os.Getpid()), 0)
	return err
}

func holderOf(f *os.File) string {
	b, err := io.ReadAll(io.LimitReader(f, 20))
	if number := strings.TrimSpace(string(b)); err == nil && number != "" {
		return " (number " + number + ")"
	}
	return ""
}

const markerText = "A database was made in this folder. If verbale.db is gone, restore a backup; do not delete this file:\n" +
	"a node that starts without its memory would sign its outboxes a second time.\n"

func hasMarker(dir string) (bool, error) {
	_, err := os.Stat(filepath.Join(dir, markerFile))
	if errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	return err == nil, wrap(err, "looking for %s", filepath.Join(dir, markerFile))
}

// mark puts the marker down, durably.
func mark(dir string) error {
	path := filepath.Join(dir, markerFile)
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, privateFile) // #nosec G304 -- the operator's own folder
	if err != nil {
		return wrap(err, "writing %s", path)
	}
	_, err = f.WriteString(markerText)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return wrap(err, "writing %s", path)
	}
	return syncFolder(dir)
}

// syncFolder makes the names in dir durable.
func syncFolder(dir string) error {
	d, err := os.Open(dir) // #nosec G304 -- the operator's own folder
	if err != nil {
		return wrap(err, "opening %s", dir)
	}
	return wrap(errors.Join(d.Sync(), d.Close()), "making the names in %s durable", dir)
}

// finish makes a whole new file durable, and only then gives it its name.
func finish(part, path string) error {
	f, err := os.OpenFile(part, os.O_RDWR, privateFile) // #nosec G304 -- the operator's own path
	if err != nil {
		return wrap(err, "opening %s", part)
	}
	if err := errors.Join(f.Chmod(privateFile), f.Sync(), f.Close()); err != nil {
		return wrap(err, "making %s durable", part)
	}
	if err := os.Rename(part, path); err != nil {
		return wrap(err, "naming %s", path)
	}
	return syncFolder(filepath.Dir(path))
}

func dropFile(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return wrap(err, "removing %s", path)
	}
	return nil
}
