package main

import (
	"context"
	"crypto/rand"
	"os"
	"path/filepath"

	"verbale/internal/node"
	"verbale/internal/peer"
	"verbale/internal/store"
	"verbale/seal"
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

// revoke gives the party new keys by its recovery words, because somebody else may have the old ones, and starts it again.
func (l *live) revoke(ctx context.Context) error {
	if l.stop != nil {
		l.down()
	}
	next, err := l.keys.Successor(1, rand.Reader)
	if err != nil {
		return err
	}
	old, now := l.keys, l.cast.now()
	l.keys = next
	if l.profile, err = node.Succeed(ctx, l.config(), node.Succession{Old: old, Reason: seal.Compromise, Recovery: l.words, KeepRecovery: true}); err != nil {
		return err
	}
	cert, err := peer.Certificate(next.TLSKey(), next.Party(), now.Add(-clockSkew), now.Add(node.KeysValidFor))
	if err != nil {
		return err
	}
	l.peers = newDialer(cert, l.cast.now)
	if err := os.WriteFile(filepath.Join(l.dir, plainKeys), next.Marshal(), 0o600); err != nil {
		return err
	}
	return l.up(ctx)
}
