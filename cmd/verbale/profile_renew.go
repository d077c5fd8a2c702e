package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"verbale/verdict"
)

func (a *app) profileRenewCommand() *cobra.Command {
	var endpoint string
	c := &cobra.Command{
		Use:   "renew",
		Short: "write a later profile with the same keys: new address, more time",
		Long: `Writes a later profile into the public register: the same keys and the same twelve words, valid for two years from now, and at another endpoint where
--endpoint names one. The profile file in the data folder becomes the new one. Give it to every peer: "verbale link add" takes it without comparing the
words anew, and until then the peer goes on with the old one. It has to be done before the keys expire.

Where serve listens stands in config.json, or in serve's --listen: a new endpoint does not change that.

Examples:
  verbale profile renew
  verbale profile renew --endpoint https://node2.aurelia.example:7443`,
		Args: cobra.NoArgs,
		RunE: a.run(func(ctx context.Context, _ []string) error { return a.renewProfile(ctx, endpoint) }),
	}
	c.Flags().StringVar(&endpoint, "endpoint", "", "https://host:port that peers dial from now on (default: as before)")
	return c
}

func (a *app) renewProfile(ctx context.Context, endpoint string) error {
	f, err := a.folder()
	if err != nil {
		return err
	}
	return a.with(ctx, func(s *session) error {
		p, err := s.Renew(ctx, endpoint)
		if err != nil {
			return err
		}
		file := outputFile{path: f.profile(p.Party), force: true}
		kept := file.write(a, []byte(p.File()))
		if kept != nil {
			a.say("warning: the profile is renewed, but its file could not be written; get it with: verbale profile -o FILE")
		}
		return errors.Join(kept, a.print(p, func(w io.Writer) {
			fmt.Fprintf(w, "%s (%s): endpoint %s, keys valid until %s\n", p.Party, p.Title, p.Endpoint, a.when(p.KeysValidUntil))
			fmt.Fprintf(w, "profile   %s\n          give this file to every peer; each imports it: verbale link add FILE\n", file.path)
			fmt.Fprintf(w, "words     %s\n          as before: nobody has to compare them anew\n", verdict.WordGroups(p.Words))
		}))
	})
}
