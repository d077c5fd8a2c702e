package main

import (
	"context"
	"encoding/json/v2"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/term"

	"verbale/internal/node"
	"verbale/seal"
)

// Names in a data folder.
const (
	plainKeys  = "keys.json"
	lockedKeys = "keys.age"
	configFile = "config.json"
	socketFile = "control.sock"

	databaseFile = "verbale.db"
)

// folder is the path of a data folder.
type folder string

func (f folder) path(name string) string { return filepath.Join(string(f), name) }

// config is config.json.
type config struct {
	Listen        string `json:"listen"`
	API           string `json:"api,omitempty"`            // as --api
	APICert       string `json:"api_cert,omitempty"`       // as --api-cert, from the data folder if it is not absolute
	APIKey        string `json:"api_key,omitempty"`        // as --api-key, likewise
	WitnessPolicy string `json:"witness_policy,omitempty"` // path of a policy (K-21), from the data folder if it is not absolute
	NotRestored   bool   `json:"not_restored,omitzero"`    // as --not-restored, at every start
	NoSearch      bool   `json:"no_search,omitzero"`       // as serve --no-search, for every command
	LodgeAfter    string `json:"lodge_after,omitempty"`    // how long an entry waits for a receipt before it is lodged, such as "10m"
}

// folder says where the party's data is.
func (a *app) folder() (folder, error) {
	for _, c := range []struct{ base, below string }{{a.dir, ""}, {a.Getenv("VERBALE_DIR"), ""},
		{a.Getenv("XDG_DATA_HOME"), "verbale"}, {a.Getenv("HOME"), ".local/share/verbale"}} {
		if c.base == "" {
			continue
		}
		abs, err := filepath.Abs(filepath.Join(c.base, c.below))
		return folder(abs), err
	}
	return "", problem(kindUsage, "see: verbale help folder", "where is the data folder? Neither --dir nor VERBALE_DIR nor HOME is set")
}

// party makes sure that there is one.
func (f folder) party() error {
	for _, name := range []string{plainKeys, lockedKeys, newName(plainKeys), newName(lockedKeys)} {
		if _, err := os.Lstat(f.path(name)); err == nil {
			return nil
		} else if !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return problem(node.NotFound, "make one with `verbale init`, or name its folder with --dir", "there is no party in %s", f)
}

func (f folder) config() (c config, err error) {
	raw, err := readFile(f.path(configFile), maxConfig)
	if err != nil {
		return c, err
	}
	if err := json.Unmarshal(raw, &c, json.RejectUnknownMembers(true)); err != nil {
		return c, problem(node.Invalid, `it is like {"listen": "0.0.0.0:7443"}`, "%s cannot be read: %v", f.path(configFile), err)
	}
	return c, nil
}

// noSearch is what config.json says of it. A folder need not have one for commands without serve.
func (f folder) noSearch() (bool, error) {
	c, err := f.config()
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return c.NoSearch, err
}

// lodgeAfter is what config.json says of it, 0 when it says nothing. A folder need not have one for commands without serve.
func (f folder) lodgeAfter() (time.Duration, error) {
	c, err := f.config()
	if errors.Is(err, fs.ErrNotExist) || err == nil && c.LodgeAfter == "" {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	d, err := time.ParseDuration(c.LodgeAfter)
	if err != nil || d <= 0 {
		return 0, problem(node.Invalid, `it is like "10m"`, "lodge_after in %s is no time to wait", f.path(configFile))
	}
	return d, nil
}

// keyFile finds the party's key file and tells whether it is encrypted.
func (f folder) keyFile() (path string, encrypted bool, err error) {
	plain, locked := f.path(plainKeys), f.path(lockedKeys)
	_, noPlain := os.Lstat(plain)
	_, noLocked := os.Lstat(locked)
	switch {
	case noPlain == nil && noLocked == nil:
		return "", false, problem(node.Conflict, "keep the one that opens and move the other away", "%s has both %s and %s", f, plainKeys, lockedKeys)
	case noLocked == nil:
		return locked, true, nil
	}
	return plain, false, noPlain
}

func damagedKeys(path string, err error) error {
	e, ok := errors.AsType[*seal.Error](err)
	if !ok || e.Kind == seal.WrongPassphrase {
		return err
	}
	return problem(node.Damaged, "restore it from where you keep it apart", "%s cannot be used: %s: %s", path, e.Rule, e.Detail)
}

// The rights that nobody else may have to a secret. In systemd's folder of credentials, which only the service may enter, those of the group
// are the mask of an access list that names the service's user.
const (
	othersRights     = 0o077
	credentialRights = 0o007
)

// private refuses a secret that others may read (K-17). What is no regular file (a pipe) has no others.
func private(path string, forbidden fs.FileMode) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if info.Mode().IsRegular() && info.Mode().Perm()&forbidden != 0 {
		return problem(node.Invalid, "take the rights away: chmod 600 "+path+"\nif others could read it, treat what is in it as known to them",
			"%s is readable by others (mode %04o); a secret is readable by its owner only (K-17)", path, info.Mode().Perm())
	}
	return nil
}

// passphrase gets the passphrase of an existing key file.
func (a *app) passphrase(ctx context.Context) (string, error) {
	file := a.passphrasePath()
	if file != "" {
		return a.readPassphrase(file)
	}
	return a.ask(ctx, "Passphrase of the keys: ")
}

// passphrasePath is the file with the passphrase, "" when there is none.
func (a *app) passphrasePath() string {
	if a.passphraseFile != "" {
		return a.passphraseFile
	}
	if file := a.Getenv("VERBALE_PASSPHRASE_FILE"); file != "" {
		return file
	}
	if dir := a.Getenv("CREDENTIALS_DIRECTORY"); dir != "" {
		file := filepath.Join(dir, "verbale-passphrase")
		if _, err := os.Stat(file); err == nil {
			return file
		}
	}
	return ""
}

func (a *app) readPassphrase(file string) (string, error) {
	var forbidden fs.FileMode = othersRights
	if dir := a.Getenv("CREDENTIALS_DIRECTORY"); dir != "" && filepath.Dir(file) == filepath.Clean(dir) {
		forbidden = credentialRights
	}
	if err := private(file, forbidden); err != nil {
		return "", err
	}
	raw, err := readFile(file, maxPassphrase)
	if err != nil {
		return "", err
	}
	line, _, _ := strings.Cut(string(raw), "\n")
	line = strings.TrimSuffix(line, "\r")
	if line == "" {
		return "", problem(node.Invalid, "", "the first line of %s is empty", file)
	}
	return line, nil
}

// ask reads a secret from the terminal, which shows again what is typed however that ends.
func (a *app) ask(ctx context.Context, prompt string) (string, error) {
	f, ok := a.Stdin.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return "", problem(kindUsage, "see: verbale help folder", "a passphrase is needed, and there is no terminal to ask for it: use --passphrase-file FILE")
	}
	was, err := term.GetState(int(f.Fd()))
	if err != nil {
		return "", err
	}
	_, _ = io.WriteString(a.Stderr, prompt)
	line, err := a.answered(ctx, func() (string, error) {
		secret, err := term.ReadPassword(int(f.Fd()))
		return string(secret), err
	})
	if ctx.Err() != nil {
		return "", errors.Join(err, term.Restore(int(f.Fd()), was))
	}
	_, _ = io.WriteString(a.Stderr, "\n")
	return line, err
}

// readFile reads a file of at most most bytes; "-" is not special here.
func readFile(path string, most int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, most+1))
	if err != nil {
		return nil, err
	}
	if int64(len(raw)) > most {
		return nil, problem(node.Invalid, "", "%s is over the limit of %d bytes", path, most)
	}
	return raw, nil
}
