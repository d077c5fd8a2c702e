package main

import (
	"context"
	"encoding/json/v2"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"verbale/internal/console"
	"verbale/internal/node"
	"verbale/internal/store"
	"verbale/record"
	"verbale/seal"
	"verbale/verdict"
)

// founding is what `init` was told.
type founding struct {
	who      node.Identity
	listen   string
	unlocked bool

	noRecovery bool
	words      []string // of the recovery key
}

func (a *app) initCommand() *cobra.Command {
	var o founding
	c := &cobra.Command{
		Use:   "init PARTY",
		Short: "make a new party: its keys, its data folder and its profile",
		Long: `Makes a new party in the data folder: its keys, an empty database, and its profile, the first record of its public register.

PARTY is the party's name: labels of a-z, 0-9 and -, joined by dots, as csirt.aurelia.example. Nothing ever resolves it.
--endpoint is what peers dial and stands in the profile; --listen is where serve waits, the endpoint's port on all addresses when left out.

A recovery key is made as well, of which only the public half is stored: its 24 words are shown once. They are for the day on which the keys are lost or
stolen ("verbale keys recover"). Without them, a party that has lost its keys has to begin anew under another name.

Examples:
  verbale init aurelia.example --title "CSIRT Aurelia" --endpoint https://node.aurelia.example:7443 \
      --jurisdiction XA --contact "duty officer" --phone "+000 555 0100"
  verbale init aurelia.example --dir a --title "CSIRT Aurelia" --endpoint https://127.0.0.1:7443 \
      --listen 127.0.0.1:7443 --no-passphrase`,
		Args: cobra.ExactArgs(1),
		RunE: a.run(func(ctx context.Context, args []string) error { return a.found(ctx, args[0], o) }),
	}
	f := c.Flags()
	f.StringVar(&o.who.Title, "title", "", "the authority's name for people (needed)")
	f.StringVar(&o.who.Endpoint, "endpoint", "", "https://host:port that peers dial (needed)")
	f.StringVar(&o.listen, "listen", "", "address:port where serve waits for peers")
	f.StringVar(&o.who.PartyKind, "kind", "csirt", "one of: "+strings.Join(record.Words("party_kind"), ", "))
	f.StringVar(&o.who.Jurisdiction, "jurisdiction", "", "ISO 3166-1 alpha-2, capitals")
	f.StringVar(&o.who.Language, "language", "en", "BCP 47 tag of the profile's texts")
	f.StringVar(&o.who.Contact, "contact", "", "role of the contact that is there at all hours, as \"duty officer\"")
	f.StringVar(&o.who.Mail, "mail", "", "its mail address")
	f.StringVar(&o.who.Phone, "phone", "", "its telephone")
	f.BoolVar(&o.noRecovery, "no-recovery", false, "make no recovery key: lost keys are then lost for good")
	f.BoolVar(&o.unlocked, "no-passphrase", false, "keep the keys unencrypted, readable by their owner only")
	required(c, "title", "endpoint")
	offer(c, "kind", record.Words("party_kind"))
	return c
}

// founded is what `init --json` prints.
type founded struct {
	console.Party
	Dir       string `json:"dir"`
	File      string `json:"profile_file"`
	Keys      string `json:"keys_file"`
	Encrypted bool   `json:"keys_encrypted"`
	Listen    string `json:"listen"`

	Recovery []string `json:"recovery_words,omitempty"`
}

func (a *app) found(ctx context.Context, party string, o founding) error {
	if (o.who.Mail != "" || o.who.Phone != "") && o.who.Contact == "" {
		return usage("--mail and --phone belong to a contact: say whose with --contact")
	}
	f, err := a.folder()
	if err != nil {
		return err
	}
	if err := f.vacant(); err != nil {
		return err
	}
	keys, err := seal.NewKeyring(party, a.Rand)
	if err != nil {
		return err
	}
	if !o.noRecovery {
		if o.words, o.who.Recovery, err = a.newRecovery(); err != nil {
			return err
		}
	}
	if err := a.rehearse(ctx, keys, o.who); err != nil {
		return err
	}
	if o.listen == "" {
		u, err := url.Parse(o.who.Endpoint)
		if err != nil {
			return err
		}
		o.listen = ":" + u.Port()
	}
	name, file, err := a.lock(ctx, keys, o.unlocked)
	if err != nil {
		return err
	}
	p, err := a.build(ctx, f, o, keys, name, file)
	if err != nil {
		return err
	}
	return a.welcome(f, p, name, o)
}

// vacant makes the folder, and refuses one in which somebody lives.
func (f folder) vacant() error {
	if err := os.MkdirAll(string(f), 0o700); err != nil {
		return err
	}
	names, err := os.ReadDir(string(f))
	if err != nil {
		return err
	}
	for _, n := range names {
		if n.Name() != "lost+found" {
			return problem(node.Conflict, "use an empty folder; if an `init` failed here, remove the folder first", "%s is not empty: it has %s", f, n.Name())
		}
	}
	return os.Chmod(string(f), 0o700) // #nosec G302 -- a folder
}

// rehearse founds the party in memory, so that whatever is wrong with the profile is found before anything is written.
func (a *app) rehearse(ctx context.Context, keys *seal.Keyring, who node.Identity) error {
	s, err := store.OpenMemory(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	_, err = node.Found(ctx, node.Config{Store: s, Keys: keys, Now: a.Now, Rand: a.Rand}, who)
	return err
}

// lock gives the key file's name and bytes.
func (a *app) lock(ctx context.Context, keys *seal.Keyring, unlocked bool) (name string, file []byte, err error) {
	if unlocked {
		return plainKeys, keys.Marshal(), nil
	}
	passphrase, err := a.newPassphrase(ctx)
	if err != nil {
		return "", nil, err
	}
	if len(passphrase) < minPassphrase {
		return "", nil, problem(node.Invalid, "six random words are good", "a passphrase has at least %d characters", minPassphrase)
	}
	file, err = keys.Lock(passphrase)
	return lockedKeys, file, err
}

func (a *app) newPassphrase(ctx context.Context) (string, error) {
	if file := a.passphrasePath(); file != "" {
		return a.readPassphrase(file)
	}
	first, err := a.ask(ctx, "New passphrase for the keys: ")
	if err != nil && ctx.Err() != nil {
		return "", err
	}
	if err != nil {
		e := node.AsError(err)
		e.Hint = "or --no-passphrase, if the disk itself is protected\n" + e.Hint
		return "", e
	}
	again, err := a.ask(ctx, "The same again: ")
	if err == nil && again != first {
		err = problem(node.Invalid, "", "the two differ")
	}
	return first, err
}

// build writes the folder. The keys are on disk before anything signed with them is.
func (a *app) build(ctx context.Context, f folder, o founding, keys *seal.Keyring, name string, file []byte) (p verdict.Profile, err error) {
	settings, err := json.Marshal(config{Listen: o.listen})
	if err != nil {
		return p, err
	}
	if err := writeNew(f.path(name), file); err != nil {
		return p, err
	}
	if err := writeNew(f.path(configFile), append(settings, '\n')); err != nil {
		return p, err
	}
	s, err := store.Open(ctx, string(f), store.Options{})
	if err != nil {
		return p, err
	}
	p, err = node.Found(ctx, node.Config{Store: s, Keys: keys, Now: a.Now, Rand: a.Rand}, o.who)
	if err = errors.Join(err, s.Close()); err != nil {
		return p, err
	}
	return p, writeNew(f.profile(p.Party), []byte(p.File+"\n"))
}

// profile is the path of the party's own profile file.
func (f folder) profile(party string) string { return f.path(party + ".profile") }

// writeNew writes a new file for its owner only, and syncs it.
func writeNew(path string, content []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

func (a *app) welcome(f folder, p verdict.Profile, keyFile string, o founding) error {
	done := founded{Party: console.PartyOf(p), Dir: string(f), File: f.profile(p.Party), Keys: f.path(keyFile), Encrypted: !o.unlocked, Listen: o.listen, Recovery: o.words}
	if o.unlocked {
		a.say("warning: the private keys are NOT encrypted. Whoever reads %s, or a backup of it, can sign as %s and read everything sent to it.", done.Keys, p.Party)
	}
	return a.print(done, func(w io.Writer) {
		fmt.Fprintf(w, "%s (%s) is made, in %s\n\n", p.Party, p.Title, f)
		fmt.Fprintf(w, "profile   %s\n          give this file to your peers, over any way\n", done.File)
		fmt.Fprintf(w, "words     %s\n          read these to them over a way that both trust\n", verdict.WordGroups(p.Words))
		fmt.Fprintf(w, "keys      %s (%s)\n          keep a copy apart from the backups of the database\n", done.Keys, atRest(!o.unlocked))
		fmt.Fprintf(w, "next      verbale serve --dir %s\n", f)
		recoveryText(w, o.words)
	})
}

func atRest(encrypted bool) string {
	if encrypted {
		return "encrypted with a passphrase"
	}
	return "NOT encrypted; readable by its owner only"
}
