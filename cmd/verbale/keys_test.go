package main

import (
	"bytes"
	"crypto/rand"
	"encoding/json/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"verbale/internal/node"
	"verbale/internal/store"
	"verbale/seal"
)

// program runs commands on one folder and gives what they said.
func program(t *testing.T, dir string, args ...string) (code int, out, errs string) {
	t.Helper()
	var o, e bytes.Buffer
	env := Env{Stdin: strings.NewReader(""), Stdout: &o, Stderr: &e, Getenv: func(string) string { return "" }, Now: time.Now, Rand: rand.Reader}
	code = Run(t.Context(), append(args, "--dir", dir), env)
	return code, o.String(), e.String()
}

// cutOff is a folder in which a change of keys was ended after some of its steps: the new key file written, the database changed.
func cutOff(t *testing.T, commit bool, reason string) (dir string, next *seal.Keyring) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "a")
	if code, _, errs := program(t, dir, "init", "aurelia.example", "--title", "A", "--endpoint", "https://127.0.0.1:1", "--no-passphrase"); code != 0 {
		t.Fatal(errs)
	}
	f := folder(dir)
	raw, err := os.ReadFile(f.path(plainKeys))
	must(t, err)
	old, err := seal.ParseKeyring(raw)
	must(t, err)
	next, err = old.Successor(1, rand.Reader)
	must(t, err)
	must(t, writeNew(f.path(newName(plainKeys)), next.Marshal()))
	if !commit {
		return dir, next
	}
	s, err := store.Open(t.Context(), dir, store.Options{})
	must(t, err)
	_, err = node.Succeed(t.Context(), node.Config{Store: s, Keys: next}, node.Succession{Old: old, Reason: reason, KeepRecovery: true})
	must(t, err)
	must(t, s.Close())
	return dir, next
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// What ends a change of keys between its steps is undone or finished by the next command, which says so; after it the party works.
func TestChangeOfKeysCutOff(t *testing.T) {
	for name, c := range map[string]struct {
		commit, renamed, oldGone bool
		says, generation         string
	}{
		"the new keys are written":         {says: "undone now", generation: "generation 1"},
		"the database has them":            {commit: true, says: "finished now", generation: "generation 2"},
		"the old file was moved away":      {commit: true, oldGone: true, says: "finished now", generation: "generation 2"},
		"the new file is in its place too": {commit: true, renamed: true, generation: "generation 2"},
	} {
		t.Run(name, func(t *testing.T) {
			dir, next := cutOff(t, c.commit, seal.Rotation)
			f := folder(dir)
			if c.oldGone {
				must(t, os.Rename(f.path(plainKeys), f.path(lostName(plainKeys, "aurelia.example/to/public/2"))))
			}
			if c.renamed {
				must(t, os.Rename(f.path(newName(plainKeys)), f.path(plainKeys)))
			}
			code, out, errs := program(t, dir, "keys", "status")
			if code != 0 || !strings.Contains(errs, c.says) || !strings.Contains(out, "keys of "+c.generation) || c.says == "" && errs != "" {
				t.Errorf("%d: %s%s", code, out, errs)
			}
			if _, err := os.Lstat(f.path(newName(plainKeys))); !os.IsNotExist(err) {
				t.Errorf("the file of new keys is still there: %v", err)
			}
			raw, err := os.ReadFile(f.path(plainKeys))
			must(t, err)
			if now := bytes.Equal(raw, next.Marshal()); now != c.commit {
				t.Errorf("the key file has the new keys: %v", now)
			}
			if code, out, errs := program(t, dir, "fsck"); code != 0 || errs != "" {
				t.Errorf("fsck: %d: %s%s", code, out, errs)
			}
			if code, out, errs := program(t, dir, "keys", "rotate"); code != 0 {
				t.Errorf("and once more: %d: %s%s", code, out, errs)
			}
		})
	}
}

// A file of new keys that nobody can open stops every command, and nothing is guessed.
func TestNewKeysThatCannotBeRead(t *testing.T) {
	dir, _ := cutOff(t, true, seal.Rotation)
	f := folder(dir)
	must(t, os.WriteFile(f.path(newName(plainKeys)), []byte("{}"), 0o600))
	if code, _, errs := program(t, dir, "keys", "status"); code == 0 || !strings.Contains(errs, newName(plainKeys)) {
		t.Errorf("%d: %s", code, errs)
	}
	if _, err := os.Lstat(f.path(plainKeys)); err != nil {
		t.Error(err)
	}
}

// New keys that were not wholly written, as when the disk is full, stop nothing: the database does not know them.
func TestNewKeysHalfWritten(t *testing.T) {
	dir, _ := cutOff(t, false, seal.Rotation)
	f := folder(dir)
	must(t, os.WriteFile(f.path(newName(plainKeys)), []byte(`{"content":`), 0o600))
	if code, out, errs := program(t, dir, "keys", "status"); code != 0 || !strings.Contains(errs, "undone now") || !strings.Contains(out, "keys of generation 1") {
		t.Errorf("%d: %s%s", code, out, errs)
	}
	if _, err := os.Lstat(f.path(newName(plainKeys))); !os.IsNotExist(err) {
		t.Errorf("the file of new keys is still there: %v", err)
	}
}

// A recovery that is ended after the database has it, over an old key file that was there all the same: that file opens what nothing else
// opens, and stays; and that the words of the new recovery key may never have been shown is said.
func TestRecoveryCutOff(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a")
	code, out, errs := program(t, dir, "init", "aurelia.example", "--title", "A", "--endpoint", "https://127.0.0.1:1", "--no-passphrase", "--json")
	var made founded
	if err := json.Unmarshal([]byte(out), &made, json.RejectUnknownMembers(false)); code != 0 || err != nil {
		t.Fatal(errs, err)
	}
	recovery, err := seal.RecoveryFromWords(made.Recovery)
	must(t, err)
	another, err := seal.NewRecoveryKey(rand.Reader)
	must(t, err)
	f := folder(dir)
	old, err := os.ReadFile(f.path(plainKeys))
	must(t, err)
	next, err := seal.NewKeyring("aurelia.example", rand.Reader)
	must(t, err)
	must(t, writeNew(f.path(newName(plainKeys)), next.Marshal()))
	s, err := store.Open(t.Context(), dir, store.Options{})
	must(t, err)
	_, err = node.Succeed(t.Context(), node.Config{Store: s, Keys: next, NotRestored: true},
		node.Succession{Reason: seal.Loss, Recovery: recovery, NextRecovery: another.Public()})
	must(t, err)
	must(t, s.Close())
	if code, _, errs := program(t, dir, "keys", "status"); code != 0 || !strings.Contains(errs, "finished now") || !strings.Contains(errs, "--new-recovery") {
		t.Errorf("%d: %s", code, errs)
	}
	kept, err := os.ReadFile(f.path(lostName(plainKeys, "aurelia.example/to/public/2")))
	if err != nil || !bytes.Equal(kept, old) {
		t.Errorf("the old key file: %v", err)
	}
}
