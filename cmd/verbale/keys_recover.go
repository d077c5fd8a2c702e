package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"verbale/internal/node"
	"verbale/seal"
)

// recoveringKeys is what `keys recover` was told.
type recoveringKeys struct {
	reason       string
	wordsFile    string
	effectiveAt  string
	generation   int
	lost         bool
	unlocked     bool
	noRecovery   bool
	keepRecovery bool
}

func (a *app) keysRecoverCommand() *cobra.Command {
	var o recoveringKeys
	c := &cobra.Command{
		Use:   "recover",
		Short: "make new keys, by the recovery key: the old are lost or stolen",
		Long: `Makes new keys and says so with the recovery key, whose 24 words "verbale init" has shown. It needs the database of this folder; the old keys too, if
they are still there, because they open what was sent to them.

--reason loss: nobody has the old keys. --reason compromise: somebody else has them, or may have. Peers then refuse whatever is signed with them from now
on; what they have receipted stays, and what this node had signed before is still taken. --effective-at says since when; to outsiders, what no witness had
dated before that rests on keys that were not this party's alone.

Peers take nothing by themselves here. Give each of them the profile file and read the new words to it: they send nothing before they have compared them.

A new recovery key is made, because the words of the old one were typed into this machine.

Examples:
  verbale keys recover --reason loss --old-keys-lost --not-restored
  verbale keys recover --reason compromise --effective-at 2026-07-01T00:00:00Z --words-file /media/usb/words`,
		Args: cobra.NoArgs,
		RunE: a.run(func(ctx context.Context, _ []string) error { return a.recoverKeys(ctx, o) }),
	}
	f := c.Flags()
	f.StringVar(&o.reason, "reason", "", "loss or compromise (needed)")
	f.StringVar(&o.wordsFile, "words-file", "", "`FILE` with the 24 words, instead of being asked for them")
	f.StringVar(&o.effectiveAt, "effective-at", "", "`TIME` since when the old keys are not to be relied on (default: now)")
	f.IntVar(&o.generation, "generation", 0, "`NUMBER` of the new generation, where somebody with the old keys has used the next one")
	f.BoolVar(&o.lost, "old-keys-lost", false, "go on without the old key file: it is gone, or nobody can open it")
	f.BoolVar(&o.unlocked, "no-passphrase", false, "without the old key file: keep the new keys unencrypted, readable by their owner only")
	f.BoolVar(&o.keepRecovery, "keep-recovery", false, "keep the recovery key instead of making a new one")
	f.BoolVar(&o.noRecovery, "no-recovery", false, "go without a recovery key from now on")
	required(c, "reason")
	offer(c, "reason", []string{seal.Loss, seal.Compromise})
	return c
}

func (a *app) recoverKeys(ctx context.Context, o recoveringKeys) error {
	s, err := a.successionOf(o)
	if err != nil {
		return err
	}
	f, err := a.folder()
	if err != nil {
		return err
	}
	if _, err := os.Stat(f.path(databaseFile)); errors.Is(err, fs.ErrNotExist) {
		return problem(node.NotFound, "restore a backup of the database first, or name its folder with --dir", "there is no database in %s", f)
	}
	if err := errors.Join(f.present(o.lost), a.idle(ctx, f)); err != nil {
		return err
	}
	if s.Recovery, err = a.recoveryKey(ctx, o.wordsFile); err != nil {
		return err
	}
	hold := a.hold
	if o.lost {
		hold = a.holdWithoutKeys
	}
	h, err := hold(ctx, f)
	if err != nil {
		return err
	}
	return errors.Join(a.recoverHeld(ctx, f, h, s, o), h.close())
}

// present sees that the old key file is there, if it is to be used.
func (f folder) present(lost bool) error {
	if err := f.party(); lost || err == nil {
		return nil
	}
	return problem(node.NotFound, "put it back, or go on without it: --old-keys-lost", "there is no key file in %s", f)
}

func (a *app) successionOf(o recoveringKeys) (s node.Succession, err error) {
	if o.reason != seal.Loss && o.reason != seal.Compromise {
		return s, usage("--reason is loss or compromise")
	}
	if o.keepRecovery && o.noRecovery {
		return s, usage("--keep-recovery and --no-recovery contradict each other")
	}
	s = node.Succession{Reason: o.reason, Generation: o.generation, KeepRecovery: o.keepRecovery}
	if o.effectiveAt == "" {
		return s, nil
	}
	s.EffectiveAt, err = time.Parse(time.RFC3339, o.effectiveAt)
	if err == nil && s.EffectiveAt.After(a.Now()) {
		return s, usage("--effective-at is in the future: the old keys are given up now, or since a time that has been")
	}
	if err != nil {
		return s, usage("--effective-at is a time like 2026-07-01T00:00:00Z")
	}
	return s, nil
}

// recoveryKey reads the 24 words.
func (a *app) recoveryKey(ctx context.Context, file string) (seal.RecoveryKey, error) {
	var text string
	if file != "" {
		if err := private(file, othersRights); err != nil {
			return seal.RecoveryKey{}, err
		}
		raw, err := readFile(file, maxPassphrase)
		if err != nil {
			return seal.RecoveryKey{}, err
		}
		text = string(raw)
	} else {
		var err error
		if text, err = a.question(ctx, "The 24 words of the recovery key, in one line: "); err != nil {
			return seal.RecoveryKey{}, err
		}
	}
	r, err := seal.RecoveryFromWords(spoken(text))
	if err != nil {
		return r, problem(node.Invalid, "see how it is written on the paper; nothing was done", "%v", err)
	}
	return r, nil
}

func (a *app) recoverHeld(ctx context.Context, f folder, h *held, s node.Succession, o recoveringKeys) error {
	c := &changing{held: h, Succession: s}
	var err error
	if !o.keepRecovery && !o.noRecovery {
		if c.words, c.NextRecovery, err = a.newRecovery(); err != nil {
			return err
		}
	}
	if h.keys.Keyring != nil {
		c.Old, c.replace, c.name = h.keys.Keyring, true, filepath.Base(h.keys.path)
		if c.next, err = h.keys.Successor(h.generation, a.Rand); err != nil {
			return err
		}
		c.file, err = h.keys.sealed(c.next)
	} else {
		if c.next, err = seal.NewKeyring(h.party, a.Rand); err != nil {
			return err
		}
		c.name, c.file, err = a.lock(ctx, c.next, o.unlocked)
	}
	if err != nil {
		return err
	}
	return a.change(ctx, f, c)
}

// setAside keeps a key file that the new keys do not come from, and gives its path; "" where there is none.
func (f folder) setAside(register string) (kept string, err error) {
	for _, name := range []string{plainKeys, lockedKeys} {
		if _, err := os.Lstat(f.path(name)); errors.Is(err, fs.ErrNotExist) {
			continue
		}
		kept = f.path(lostName(name, register))
		if err := os.Rename(f.path(name), kept); err != nil {
			return "", err
		}
	}
	return kept, nil
}

// cutLine parts the first line from the others.
func cutLine(s string) (first, rest string, found bool) { return strings.Cut(s, "\n") }
