package main

import (
	"context"
	"errors"
	"path/filepath"

	"github.com/spf13/cobra"

	"verbale/internal/node"
	"verbale/seal"
)

func (a *app) keysRotateCommand() *cobra.Command {
	var newWords bool
	c := &cobra.Command{
		Use:   "rotate",
		Short: "make new keys, said by the old ones",
		Long: `Makes new keys and says so with the old ones, in both registers. Do it from time to time, and before the keys expire. Peers take the new keys by
themselves, show both words, and go on; they compare the new words when their officers can. The old keys that sign are destroyed here; what they open stays
readable. For 30 days the node is known by its old TLS key as well.

Keys that have expired can be replaced too, but then peers send nothing before they have compared the new words.

The recovery key stays the same, unless --new-recovery makes another.

Stop serve before. At least one peer, or a witness, has to be reachable: it tells whether this folder is an old copy.

Example:
  verbale keys rotate`,
		Args: cobra.NoArgs,
		RunE: a.run(func(ctx context.Context, _ []string) error { return a.rotateKeys(ctx, newWords) }),
	}
	c.Flags().BoolVar(&newWords, "new-recovery", false, "make a new recovery key as well, and show its 24 words")
	return c
}

func (a *app) rotateKeys(ctx context.Context, newWords bool) error {
	f, err := a.folder()
	if err != nil {
		return err
	}
	if err := errors.Join(f.party(), a.idle(ctx, f)); err != nil {
		return err
	}
	h, err := a.hold(ctx, f)
	if err != nil {
		return err
	}
	return errors.Join(a.rotateHeld(ctx, f, h, newWords), h.close())
}

func (a *app) rotateHeld(ctx context.Context, f folder, h *held, newWords bool) error {
	c := &changing{held: h, name: filepath.Base(h.keys.path), replace: true,
		Succession: node.Succession{Old: h.keys.Keyring, Reason: seal.Rotation, KeepRecovery: !newWords}}
	var err error
	if newWords {
		if c.words, c.NextRecovery, err = a.newRecovery(); err != nil {
			return err
		}
	}
	if c.next, err = h.keys.Successor(h.generation, a.Rand); err != nil {
		return err
	}
	if c.file, err = h.keys.sealed(c.next); err != nil {
		return err
	}
	return a.change(ctx, f, c)
}

// sealed is the key file of other keys, kept as these are.
func (k heldKeys) sealed(next *seal.Keyring) ([]byte, error) {
	if !k.encrypted {
		return next.Marshal(), nil
	}
	return next.Lock(k.passphrase)
}
