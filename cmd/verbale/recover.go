package main

import (
	"context"
	"encoding/json/v2"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"

	"github.com/spf13/cobra"

	"verbale/internal/console"
	"verbale/internal/node"
	"verbale/verdict"
)

// recovering is what `recover` was told.
type recovering struct {
	from   string
	words  string
	listen string
	alone  bool // the party had no witnesses
}

func (a *app) recoverCommand() *cobra.Command {
	var o recovering
	c := &cobra.Command{
		Use:   "recover",
		Short: "take back from a peer what an old backup lacks, or all of it",
		Long: `The peers hold what this party wrote to them, signed by it and readable to it, and their receipts. When the database is older than that, its outbox is
stopped. This takes the rest back from the peer named: the register, the outbox to that peer, and what the peer wrote. Every entry is verified by this
party's own signatures; the peer is not trusted. Where two histories were signed it takes nothing over and says so.

When everything but the key file is lost, put the key file (keys.json or keys.age) into an empty folder, and name the peer's profile file: the party's own
register comes from the peer's copy, then the link is made again with the twelve words, heard from the peer's officer, then the rest comes. Do it for every
peer that you were linked with. If the party has witnesses, put config.json and the policy file there as well, before: they know how long the register was,
and a peer's copy of it may be a few minutes short. If it had none, say so with --no-witnesses.

Examples:
  verbale recover --from-peer borea.example
  verbale recover --from-peer borea.profile --dir /var/lib/verbale-new`,
		Args: cobra.NoArgs,
		RunE: a.run(func(ctx context.Context, _ []string) error { return a.recover(ctx, o) }),
	}
	c.Flags().StringVar(&o.from, "from-peer", "", "`PARTY` that this one is linked with, or the profile FILE of one (needed)")
	c.Flags().StringVar(&o.words, "words", "", "the peer's twelve `WORDS`, instead of being asked for them")
	c.Flags().StringVar(&o.listen, "listen", "", "address:port where serve waits for peers, for a folder without config.json")
	c.Flags().BoolVar(&o.alone, "no-witnesses", false, "this party had no witnesses: nobody but its peers knows how long its register was")
	required(c, "from-peer")
	return c
}

// recovered is what `recover --json` prints.
type recovered struct {
	Party    string `json:"party"`
	Regained bool   `json:"regained"` // the folder had nothing but the keys
	node.Recovered
}

func (a *app) recover(ctx context.Context, o recovering) error {
	f, err := a.folder()
	if err != nil {
		return err
	}
	peer, file, err := peerNamed(o.from)
	if err != nil {
		return err
	}
	done := recovered{Party: peer.Party}
	return a.with(ctx, func(s *session) error {
		if file != "" {
			if done.Regained, err = a.relink(ctx, s, f, peer, file, o); err != nil {
				return err
			}
		}
		if done.Recovered, err = s.Recover(ctx, peer.Party, a.progress("taking back")); err != nil {
			return err
		}
		return a.print(done, func(w io.Writer) { recoveredText(w, done, f) })
	})
}

// peerNamed tells a party's name from its profile file.
func peerNamed(from string) (p verdict.Profile, file string, err error) {
	raw, err := readFile(from, maxProfile)
	if errors.Is(err, fs.ErrNotExist) {
		return verdict.Profile{Party: from}, "", nil
	}
	if err != nil {
		return p, "", err
	}
	p, err = profileIn(raw)
	return p, clean(string(raw)), err
}

// relink makes the link of a profile file work again where it does not, and founds the folder anew where it has nothing but keys.
func (a *app) relink(ctx context.Context, s *session, f folder, peer verdict.Profile, file string, o recovering) (regained bool, err error) {
	_, lost := s.Self(ctx)
	if lost != nil && (node.AsError(lost).Kind != node.Damaged || !s.local) {
		return false, lost
	}
	if lost == nil {
		if _, err := s.AddLink(ctx, file); err != nil {
			return false, err
		}
		if links, err := s.Links(ctx); err != nil {
			return false, err
		} else if l, err := linkWith(links, peer.Party); err != nil || l.Confirmed {
			return false, err
		}
	}
	if lost != nil {
		if err := f.witnessed(o.alone); err != nil {
			return false, err
		}
	}
	words, err := a.heard(ctx, peer.Party, o.words)
	if err != nil {
		return false, err
	}
	if lost == nil {
		_, err := s.ConfirmLink(ctx, peer.Party, words)
		return false, err
	}
	own, err := s.Regain(ctx, file, words, a.progress("taking back the register"))
	if err != nil {
		return false, err
	}
	return true, f.refurnish(own, o.listen)
}

// witnessed refuses to found a folder anew from a peer's copy alone: that may be minutes short, and a register that goes on from there is a
// second history of it.
func (f folder) witnessed(alone bool) error {
	c, err := f.config()
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if c.WitnessPolicy != "" || alone {
		return nil
	}
	return problem(node.Unchecked, "put config.json with witness_policy, and the policy file, into the folder; only if this party never had witnesses: --no-witnesses",
		"the peer's copy of this party's register may be a few minutes old, and no witnesses are named here that would know")
}

// refurnish writes what stands in a folder beside the keys and the database, where it is not there.
func (f folder) refurnish(own console.Party, listen string) error {
	if listen == "" {
		u, err := url.Parse(own.Endpoint)
		if err != nil {
			return err
		}
		listen = ":" + u.Port()
	}
	settings, err := json.Marshal(config{Listen: listen})
	if err != nil {
		return err
	}
	for _, file := range []struct {
		path    string
		content []byte
	}{{f.path(configFile), append(settings, '\n')}, {f.profile(own.Party), []byte(own.File())}} {
		if err := writeNew(file.path, file.content); err != nil && !errors.Is(err, os.ErrExist) {
			return err
		}
	}
	return nil
}

func recoveredText(w io.Writer, done recovered, f folder) {
	if done.Regained {
		fmt.Fprintf(w, "%s is founded anew from the copy of %s\n", f, done.Party)
	}
	fmt.Fprintf(w, "taken back from %s: %s of the register, %s that it was sent, %s that it wrote\n", done.Party,
		counted(done.Register, "entry", "entries"), counted(done.Sent, "entry", "entries"), counted(done.Received, "entry", "entries"))
	fmt.Fprintf(w, "the outbox to %s has %s\n", done.Party, counted(done.Size, "entry", "entries"))
	for _, still := range done.Still {
		paragraph(w, "", fmt.Sprintf("still stopped, of which %s holds no more either: %s", done.Party, still))
	}
	if policy, err := f.policy(); done.Regained && policy == nil && err == nil {
		paragraph(w, "witnesses ", "none is configured here. If this party had witnesses, put the policy file back and name it in config.json before anything is signed here: "+
			"they know how long the register was, and a shorter one that goes on is a second history")
	}
	fmt.Fprintf(w, "next      verbale fsck, and the same for every other peer: verbale recover --from-peer ...\n")
}
