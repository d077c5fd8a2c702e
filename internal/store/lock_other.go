//go:build !unix

package store

import (
	"errors"
	"os"
)

// errHeld is never given here.
var errHeld = errors.New("held")

// flock keeps two nodes from one folder; where it is missing, a node does not start. Verifying needs no store.
func flock(*os.File) error {
	return errors.New("this system has no flock; run the node on Linux, macOS or a BSD")
}
