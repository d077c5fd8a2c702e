package main

import (
	"context"
	"errors"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"verbale/internal/node"
	"verbale/internal/store"
	"verbale/internal/witness"
	"verbale/seal"
)

// witnessKeyFile is the file of a witness's keys in its data folder (K-20).
const witnessKeyFile = "witness.key"

func (a *app) witnessCommand() *cobra.Command {
	return group("witness", "a witness of other parties' registers: it dates them", `A witness cosigns the registers of parties: that they grew, were never rewritten, and when. It sees origins, sizes and hashes; it sees no link and
no content. Parties name it in their policies. It has a data folder and keys of its own, and should be another machine's and another authority's
than the parties that it witnesses.

  verbale witness init witness.corvia.example/w1 --dir w
  verbale witness log add --dir w aurelia.profile
  verbale witness serve --dir w --listen 127.0.0.1:7380`,
		a.witnessInitCommand(), a.witnessKeyCommand(), a.witnessLogCommand(), a.witnessServeCommand())
}

// witnessKey reads the keys of the witness in the folder.
func (a *app) witnessKey() (folder, *seal.WitnessKey, error) {
	f, err := a.folder()
	if err != nil {
		return f, nil, err
	}
	path := f.path(witnessKeyFile)
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
		return f, nil, problem(node.NotFound, "make one with `verbale witness init`, or name its folder with --dir", "there is no witness in %s", f)
	}
	if err := private(path, othersRights); err != nil {
		return f, nil, err
	}
	raw, err := readFile(path, maxKeyFile)
	if err != nil {
		return f, nil, err
	}
	k, err := seal.ParseWitnessKey(raw)
	return f, k, damagedKeys(path, err)
}

// withWitness opens the witness's database for one command.
func (a *app) withWitness(ctx context.Context, do func(*seal.WitnessKey, *store.Store) error) error {
	f, k, err := a.witnessKey()
	if err != nil {
		return err
	}
	s, err := store.Open(ctx, string(f), store.Options{})
	if store.KindOf(err) == store.Locked {
		return problem(node.Locked, "stop `verbale witness serve` for as long as this command takes; parties try again by themselves", "%v", err)
	}
	if err != nil {
		return err
	}
	return errors.Join(do(k, s), s.Close())
}

// notALog turns the witness room's own refusal into one for people.
func notALog(err error) error {
	if e, ok := errors.AsType[*witness.LogError](err); ok {
		return problem(node.Invalid, "a profile file of the party names the right keys", "%s", e.Text)
	}
	return err
}
