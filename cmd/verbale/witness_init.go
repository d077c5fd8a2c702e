package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"verbale/internal/store"
	"verbale/seal"
)

func (a *app) witnessInitCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "init NAME",
		Short: "make a new witness: its keys and its data folder",
		Long: `Makes a new witness in an empty data folder: two keys (Ed25519 and ML-DSA-44) in witness.key, not encrypted and readable by its owner only, and
an empty database. A witness signs by itself, day and night, so a passphrase would have to lie beside its keys.

NAME stands on every line that it signs; it is like a URL without the scheme.

Make no backup of the folder. A witness that has lost its database, or got an older one back, has forgotten what it cosigned: make a new one, with
a new name (spec/witness.md, W-14).

Example:
  verbale witness init witness.corvia.example/w1 --dir /var/lib/witness`,
		Args: cobra.ExactArgs(1),
		RunE: a.run(func(ctx context.Context, args []string) error { return a.foundWitness(ctx, args[0]) }),
	}
}

func (a *app) foundWitness(ctx context.Context, name string) error {
	k, err := seal.NewWitnessKey(name, a.Rand)
	if err != nil {
		return err
	}
	f, err := a.folder()
	if err != nil {
		return err
	}
	if err := f.vacant(); err != nil {
		return err
	}
	if err := writeNew(f.path(witnessKeyFile), k.Marshal()); err != nil {
		return err
	}
	s, err := store.Open(ctx, string(f), store.Options{})
	if err != nil {
		return err
	}
	if err := s.Close(); err != nil {
		return err
	}
	done := witnessKeysOf(k, "")
	done.Dir = string(f)
	return a.print(done, func(w io.Writer) {
		fmt.Fprintf(w, "the witness %s is made, in %s\n\n", k.Name(), f)
		fmt.Fprintf(w, "keys      %s (%s)\n          no backup is of use: a witness that forgot what it cosigned is made anew\n", f.path(witnessKeyFile), atRest(false))
		fmt.Fprintf(w, "next      verbale witness log add --dir %s PROFILE-FILE\n          verbale witness serve --dir %s\n", f, f)
		fmt.Fprintf(w, "          verbale witness key --dir %s        # what parties put into their policies\n", f)
	})
}
