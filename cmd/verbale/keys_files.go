package main

import (
	"context"
	"crypto/tls"
	"errors"
	"io/fs"
	"os"
	"strings"
	"time"

	"verbale/internal/node"
	"verbale/internal/peer"
	"verbale/internal/store"
	"verbale/seal"
)

// While keys change, the new ones stand beside the present ones in a file of their own, which takes the place of the other once the database
// says that they are the keys. Whatever interrupts that, the next command finds out which of the two files is the right one.

const newPrefix = "keys-new"

// newName is the name of the file of new keys beside one of this name.
func newName(name string) string { return newPrefix + strings.TrimPrefix(name, "keys") }

// heldKeys are keys and how they are kept.
type heldKeys struct {
	*seal.Keyring
	path       string
	encrypted  bool
	passphrase string
}

// load reads a key file. The passphrase is asked for once.
func (a *app) load(ctx context.Context, path string, encrypted bool, passphrase *string) (k heldKeys, err error) {
	k = heldKeys{path: path, encrypted: encrypted}
	if err := private(path, othersRights); err != nil {
		return k, err
	}
	raw, err := readFile(path, maxKeyFile)
	if err != nil {
		return k, err
	}
	if !encrypted {
		k.Keyring, err = seal.ParseKeyring(raw)
		return k, damagedKeys(path, err)
	}
	if *passphrase == "" {
		if *passphrase, err = a.passphrase(ctx); err != nil {
			return k, err
		}
	}
	k.passphrase = *passphrase
	k.Keyring, err = seal.Unlock(raw, *passphrase)
	return k, damagedKeys(path, err)
}

// keys reads the private keys, after it has finished or undone a change of them that was interrupted.
func (a *app) keys(ctx context.Context, f folder, s *store.Store) (heldKeys, error) {
	var passphrase string
	if err := a.settleAloud(ctx, f, s, &passphrase); err != nil {
		return heldKeys{}, err
	}
	path, encrypted, err := f.keyFile()
	if err != nil {
		return heldKeys{}, err
	}
	return a.load(ctx, path, encrypted, &passphrase)
}

// settleAloud is settle that says what it did.
func (a *app) settleAloud(ctx context.Context, f folder, s *store.Store, passphrase *string) error {
	did, err := a.settle(ctx, f, s, passphrase)
	if did != "" {
		a.say("%s", did)
	}
	return err
}

// settle looks for a file of new keys. Those are the keys if the database says so; if not, nothing was signed with them yet. It gives what it
// did, "" where there was nothing to do.
func (a *app) settle(ctx context.Context, f folder, s *store.Store, passphrase *string) (did string, err error) {
	for _, name := range []string{plainKeys, lockedKeys} {
		path := f.path(newName(name))
		if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
			continue
		} else if err != nil {
			return did, err
		}
		past, err := node.PastOf(ctx, s)
		if err != nil {
			return did, err
		}
		if !a.present(ctx, f, past, passphrase) { // else the new file need not even be whole
			next, err := a.load(ctx, path, name == lockedKeys, passphrase)
			if err != nil {
				return did, err
			}
			if past.Profile.Keys.Equal(next.Keys()) {
				if did, err = f.finish(name, next, past); err != nil {
					return did, err
				}
				continue
			}
		}
		if err := errors.Join(os.Remove(path), f.sync()); err != nil {
			return did, err
		}
		did = "a change of keys was interrupted before it was done: it is undone now, nothing was signed with the new keys, and the keys are as before"
	}
	return did, nil
}

// present tells whether the key file in use has the keys that the database says: then a change was not done.
func (a *app) present(ctx context.Context, f folder, past node.Past, passphrase *string) bool {
	path, encrypted, err := f.keyFile()
	if err != nil {
		return false
	}
	keys, err := a.load(ctx, path, encrypted, passphrase)
	return err == nil && past.Profile.Keys.Equal(keys.Keys())
}

// finish ends a change that the database knows. It gives what is to be said.
func (f folder) finish(name string, next heldKeys, past node.Past) (did string, err error) {
	register := past.Profile.Opened.Record.Outbox()
	if len(next.Retired()) == 0 { // they do not come from the present file, which is kept
		if _, err := f.setAside(register); err != nil {
			return "", err
		}
	}
	if err := f.takeOver(name, register); err != nil {
		return "", err
	}
	did = "a change of keys was interrupted after it was done: it is finished now, and the new keys are in use"
	if past.OtherRecovery {
		did += "; they came with a new recovery key: if its 24 words were not shown then, nobody has them, and lost keys cannot be replaced: " +
			"make another one with verbale keys rotate --new-recovery"
	}
	return did, nil
}

// takeOver puts the new key file in the place of the present one. One that the new keys do not come from is kept beside them: what it opens
// nothing else opens. register is that of the new keys.
func (f folder) takeOver(name, register string) error {
	for _, old := range []string{plainKeys, lockedKeys} {
		if _, err := os.Lstat(f.path(old)); err != nil || old == name {
			continue
		}
		if err := os.Rename(f.path(old), f.path(lostName(old, register))); err != nil {
			return err
		}
	}
	return errors.Join(os.Rename(f.path(newName(name)), f.path(name)), f.sync())
}

// lostName is the name under which a key file is kept whose keys were replaced without it.
func lostName(name, register string) string {
	return "keys-before-" + register[strings.LastIndex(register, "/")+1:] + strings.TrimPrefix(name, "keys")
}

// sync makes the names in the folder durable.
func (f folder) sync() error {
	d, err := os.Open(string(f))
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// certificates makes the certificate of the keys, and those of replaced ones that may still be shown (K-37).
func certificates(keys *seal.Keyring, replaced map[int]time.Time, now time.Time) (present tls.Certificate, earlier []tls.Certificate, err error) {
	present, err = peer.Certificate(keys.TLSKey(), keys.Party(), now.Add(-clockSkew), now.Add(node.KeysValidFor))
	if err != nil {
		return present, nil, err
	}
	for generation, at := range replaced {
		until := at.Add(node.KeyOverlap)
		key, ok := keys.RetiredTLS(generation)
		if !ok || !until.After(now) {
			continue
		}
		cert, err := peer.Certificate(key, keys.Party(), now.Add(-clockSkew), until)
		if err != nil {
			return present, nil, err
		}
		earlier = append(earlier, cert)
	}
	return present, earlier, nil
}
