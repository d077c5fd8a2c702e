package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
)

func (a *app) linkAddCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "add FILE",
		Short: "import a peer's profile file; nothing passes until confirmed",
		Long: `Imports the profile file that the peer wrote with "verbale profile". The link does nothing until "verbale link confirm".

A later profile of the same keys ("verbale profile renew") takes the place of the one before, and the link stays confirmed. An earlier one changes nothing.
One of new keys is taken with the changes of keys that the file has. A rotation works at once, and is marked until "link confirm" has the new words; after
a loss or a compromise, or of keys that had expired, nothing is sent before that.

Example:
  verbale link add borea.profile`,
		Args: cobra.ExactArgs(1),
		RunE: a.run(func(ctx context.Context, args []string) error {
			raw, err := readFile(args[0], maxProfile)
			if err != nil {
				return err
			}
			return a.with(ctx, func(s *session) error {
				p, err := s.AddLink(ctx, string(raw))
				if err != nil {
					return err
				}
				links, err := s.Links(ctx)
				if err != nil {
					return err
				}
				l, err := linkWith(links, p.Party)
				if err != nil {
					return err
				}
				return a.print(p, func(w io.Writer) {
					if first, _, _ := strings.Cut(string(raw), "\n"); p.Profile != clean(first) {
						fmt.Fprintf(w, "the file is not newer than the profile of %s that is here already: nothing was changed\n", p.Party)
					}
					if changedText(w, a, l) {
						return
					}
					if l.Confirmed {
						fmt.Fprintf(w, "%s (%s): the link is confirmed and goes on; endpoint %s, keys valid until %s\n", p.Party, p.Title, p.Endpoint, a.when(p.KeysValidUntil))
						return
					}
					fmt.Fprintf(w, "%s (%s) is imported; the link does nothing yet\n", p.Party, p.Title)
					fmt.Fprintf(w, "next      telephone them, have them read their twelve words to you, and type what you hear:\n")
					fmt.Fprintf(w, "          verbale link confirm %s\n", p.Party)
				})
			})
		}),
	}
}
