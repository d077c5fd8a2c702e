package store

import "time"

// Queries are all prepared statements.
func Queries() []string { return append(reads(), writes()...) }

// SetWait makes s give up sooner on its turn.
func (s *Store) SetWait(d time.Duration) { s.wait = d }

// Reserve makes the file that a backup is copied into.
func Reserve(path string) error { return reserve(path) }
