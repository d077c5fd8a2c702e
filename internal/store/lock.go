package store

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
)

// lockFile is the name of the lock within a data folder; it holds marker once the folder has had a database.
const (
	lockFile = "lock"
	marker   = "this folder has had a verbale database\n"
)

// lockFolder takes the folder for this process, until the file is closed.
func lockFolder(dir string) (*os.File, error) {
	path := filepath.Join(dir, lockFile)
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600) // #nosec G304 -- the operator's own data folder
	if err != nil {
		return nil, fail(IO, err, "open %s: %v: name a folder that exists and is yours", path, err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil { // #nosec G115 -- a file descriptor
		return nil, errors.Join(fail(Locked, err, "another process uses this data folder (%s is locked): stop it, or use its control socket", path), f.Close())
	}
	return f, nil
}

func isMarked(lock *os.File) (bool, error) {
	info, err := lock.Stat()
	if err != nil {
		return false, fail(IO, err, "read the lock file: %v", err)
	}
	return info.Size() > 0, nil
}

func mark(lock *os.File) error {
	if _, err := lock.WriteAt([]byte(marker), 0); err != nil {
		return wrap(err, "write the lock file")
	}
	return wrap(lock.Sync(), "write the lock file")
}
