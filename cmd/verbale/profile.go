package main

import (
	"context"
	"fmt"
	"io"
	"strings"

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

After a change of keys the file has more lines, which say how the new keys came about: peers need all of them.

A later profile, for a new endpoint or a longer time: verbale profile renew`,
		Args: cobra.NoArgs, // what else stands there is a misspelt subcommand
		RunE: a.run(func(ctx context.Context, _ []string) error {
			return a.with(ctx, func(s *session) error {
				p, err := s.Self(ctx)
				if err != nil {
					return err
				}
				if err := out.write(a, []byte(p.File())); err != nil {
					return err
				}
				a.say("%s: %s", p.Party, verdict.WordGroups(p.Words))
				return a.print(p, func(w io.Writer) {
					if out.path == "" {
						fmt.Fprint(w, p.File())
					}
				})
			})
		}),
	}
	out.flags(c)
	c.AddCommand(a.profileRenewCommand())
	return c
}

// profileIn reads the first line of a profile file: the profile itself. The others say how its keys came about (K-39).
func profileIn(raw []byte) (verdict.Profile, error) {
	first, _, _ := strings.Cut(string(raw), "\n")
	return verdict.OpenProfile(strings.TrimSuffix(first, "\r"))
}
