package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"verbale/internal/console"
	"verbale/internal/node"
	"verbale/seal"
	"verbale/verdict"
)

func (a *app) keysCommand() *cobra.Command {
	return group("keys", "this party's keys: new ones, and when they are lost or stolen", `New keys begin a new generation: a new register and a new outbox to every peer, which says where the one before ends. What the old keys have signed
stays where it is, is shown and proved as before, and is sent on until the peers hold it; they sign nothing new. The twelve words change.

  verbale keys status
  verbale keys rotate                  # with the old keys
  verbale keys recover --reason loss   # with the 24 words of the recovery key

After a rotation peers take the new keys by themselves, and compare the words later; after a recovery they compare the words first. The keys change while no serve runs.`,
		a.keysStatusCommand(), a.keysRotateCommand(), a.keysRecoverCommand())
}

// succeeded is what a change of keys prints with --json.
type succeeded struct {
	console.Party
	Generation int      `json:"generation"`
	Reason     string   `json:"reason"`
	OldWords   []string `json:"old_words"`
	File       string   `json:"profile_file"`
	Keys       string   `json:"keys_file"`
	Kept       string   `json:"old_keys_file,omitempty"` // the key file of before, where the new keys do not come from it
	Recovery   []string `json:"recovery_words,omitempty"`
}

// newRecovery makes a recovery key.
func (a *app) newRecovery() (words []string, public [32]byte, err error) {
	r, err := seal.NewRecoveryKey(a.Rand)
	if err != nil {
		return nil, public, err
	}
	return r.Words(), r.Public(), nil
}

// changing is one change of keys.
type changing struct {
	held    *held
	next    *seal.Keyring
	name    string // of the key file
	file    []byte // its content
	words   []string
	replace bool // the new keys come from the old file, which goes
	node.Succession
}

// change gives the party new keys: first they are on the disk, then the database knows them, then they take the place of the old ones. What
// ends it between is settled by the next command (settle).
func (a *app) change(ctx context.Context, f folder, c *changing) error {
	past, err := node.PastOf(ctx, c.held.store)
	if err != nil {
		return err
	}
	path := f.path(newName(c.name))
	if err := errors.Join(writeNew(path, c.file), f.sync()); err != nil {
		return err
	}
	p, err := node.Succeed(ctx, c.held.config(a, c.next), c.Succession)
	if err != nil {
		_, undone := a.settle(ctx, f, c.held.store, &c.held.keys.passphrase)
		return errors.Join(err, undone)
	}
	register := p.Opened.Record.Outbox()
	done := succeeded{Reason: c.Reason, OldWords: past.Profile.Words, Keys: f.path(c.name), Recovery: c.words}
	if !c.replace {
		if done.Kept, err = f.setAside(register); err != nil {
			return err
		}
	}
	if err := f.takeOver(c.name, register); err != nil {
		return err
	}
	now, err := node.PastOf(ctx, c.held.store)
	if err != nil {
		return err
	}
	done.Party, done.File = console.PartyOf(p), f.profile(p.Party)
	_, done.Changes, _ = cutLine(now.File)
	o, err := seal.ParseOrigin(register)
	done.Generation = o.Generation
	kept := (&outputFile{path: done.File, force: true}).write(a, []byte(done.Party.File()))
	return errors.Join(err, kept, a.print(done, func(w io.Writer) { succeededText(w, done) }))
}

// succeededText says what there is to do.
func succeededText(w io.Writer, d succeeded) {
	fmt.Fprintf(w, "%s (%s) has new keys, of generation %d\n", d.Party.Party, d.Title, d.Generation)
	fmt.Fprintf(w, "old words %s\n", verdict.WordGroups(d.OldWords))
	fmt.Fprintf(w, "new words %s\n", verdict.WordGroups(d.Words))
	fmt.Fprintf(w, "profile   %s\n", d.File)
	fmt.Fprintf(w, "keys      %s\n          copy it to where you keep it apart, and destroy the copies of the old one\n", d.Keys)
	if d.Kept != "" {
		fmt.Fprintf(w, "          %s is the one of before: it opens what nothing else opens; keep it, or destroy it\n", d.Kept)
	}
	fmt.Fprintf(w, "next      verbale serve, and a new backup: one from before the change cannot be used with these keys\n")
	if d.Reason == seal.Rotation {
		fmt.Fprintf(w, "          peers take the new keys by themselves while serve runs; give the file to those that do not reach this node\n")
		fmt.Fprintf(w, "          then read the new words to each of them: until they have compared them, they are shown as not compared\n")
	} else {
		fmt.Fprintf(w, "          give the file to every peer, over any way, and read the new words to each over a way that both trust:\n")
		fmt.Fprintf(w, "          they send nothing before they have compared them\n")
	}
	fmt.Fprintf(w, "          every witness enters the new register: verbale witness log add %s\n", d.File)
	recoveryText(w, d.Recovery)
}

// recoveryText shows the words of a recovery key, once.
func recoveryText(w io.Writer, words []string) {
	if len(words) == 0 {
		return
	}
	fmt.Fprintf(w, "\nrecovery key: write these 24 words down now, on paper, and lock them away from this machine. They are shown once, and stored nowhere.\n")
	fmt.Fprintf(w, "Whoever has them can say which keys are this party's, when its own are lost or stolen: verbale keys recover.\n\n")
	for i := 0; i < len(words); i += 6 {
		fmt.Fprintf(w, "   ")
		for j, word := range words[i:min(i+6, len(words))] {
			fmt.Fprintf(w, " %2d %-9s", i+j+1, word)
		}
		fmt.Fprintln(w)
	}
}

// idle refuses to go on while serve runs.
func (a *app) idle(ctx context.Context, f folder) error {
	served, err := answers(ctx, f.path(socketFile))
	if err != nil || !served {
		return err
	}
	return problem(node.Locked, "stop verbale serve, do this again, then start it again: peers wait meanwhile, and nothing is lost", "verbale serve runs on %s, and keys change while it does not", f)
}

// config wires a node with other keys than those at hand; peers are reached by the ones at hand.
func (h *held) config(a *app, keys *seal.Keyring) node.Config {
	return node.Config{Store: h.store, Keys: keys, Now: a.Now, Rand: a.Rand, Dial: h.peers.dial,
		Witnesses: node.Witnesses{Policy: h.policy, Dial: h.peers.witness}, NotRestored: h.sure, LodgeAfter: h.lodgeAfter, NoSearch: h.noSearch}
}

// noCertificate is shown by a node that has lost its keys: it reaches nobody.
func noCertificate() tls.Certificate { return tls.Certificate{} }
