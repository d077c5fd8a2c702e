package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"verbale/verdict"
)

func (a *app) profileCommand() *cobra.Command {
	var out outputFile
	c := &cobra.Command{
		Use:   "profile",
		Short: "write this party's profile file, for its peers",
		Long: `Writes the profile file of this party: its name, endpoint, contacts and public keys, signed by itself. It holds no secret. The twelve words
that the peer has to hear from you go to standard error.

Examples:
  verbale profile -o aurelia.profile
  verbale profile --json

A later profile, for a new endpoint or a longer time: verbale profile renew`,
		Args: cobra.NoArgs, // what else stands there is a misspelt subcommand
		RunE: a.run(func(ctx context.Context, _ []string) error {
			return a.with(ctx, func(s *session) error {
				p, err := s.Self(ctx)
				if err != nil {
					return err
				}
				if err := out.write(a, []byte(p.Profile+"\n")); err != nil {
					return err
				}
				a.say("%s: %s", p.Party, verdict.WordGroups(p.Words))
				return a.print(p, func(w io.Writer) {
					if out.path == "" {
						fmt.Fprintln(w, p.Profile)
					}
				})
			})
		}),
	}
	out.flags(c)
	c.AddCommand(a.profileRenewCommand())
	return c
}
