package main

import (
	"context"
	"os"
	"path/filepath"

	"verbale/internal/node"
	"verbale/internal/store"
)

// backup writes a copy of the database, as `verbale backup` does.
func (l *live) backup(ctx context.Context, path string) error { return l.Backup(ctx, path) }

// restore starts the party from a backup in another folder, with the same keys. NotRestored is what its operator says of that folder,
// rightly or not. It serves nobody: up does that.
func (l *live) restore(ctx context.Context, backup, dir string, notRestored bool) (*live, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	raw, err := os.ReadFile(backup) // #nosec G304 -- the story's own folder
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(dir, "verbale.db"), raw, 0o600); err != nil { // #nosec G703 -- the same
		return nil, err
	}
	twin := &live{dir: dir, keys: l.keys, profile: l.profile, cast: l.cast, peers: newDialer(l.peers.cert, l.cast.now)}
	twin.cast.notRestored = notRestored
	if twin.store, err = store.Open(ctx, dir, store.Options{}); err != nil {
		return nil, err
	}
	twin.Node, err = node.Open(ctx, twin.config())
	twin.stop = func() {}
	return twin, err
}
