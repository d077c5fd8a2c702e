package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"verbale/internal/console"
	"verbale/internal/node"
)

func (a *app) linkStatusCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "status [PARTY]",
		Short: "how the links stand, what is wrong, and what to do",
		Long: `Shows for one link or all: what was sent and receipted, what was received, how the last attempt to reach the peer ended, why pushes are held
or the outbox is stopped, and what to do.

Example:
  verbale link status borea.example`,
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: a.parties,
		RunE: a.run(func(ctx context.Context, args []string) error {
			return a.with(ctx, func(s *session) error {
				links, err := s.Links(ctx)
				if err != nil {
					return err
				}
				if len(args) == 1 {
					l, err := linkWith(links, args[0])
					if err != nil {
						return err
					}
					return a.print(l, func(w io.Writer) { a.linkText(w, l) })
				}
				return a.print(console.Links{Links: links}, func(w io.Writer) {
					for i, l := range links {
						if i > 0 {
							fmt.Fprintln(w)
						}
						a.linkText(w, l)
					}
				})
			})
		}),
	}
}

// linkWith finds the link with a party.
func linkWith(links []node.LinkStatus, party string) (node.LinkStatus, error) {
	for _, l := range links {
		if l.Party == party {
			return l, nil
		}
	}
	return node.LinkStatus{}, problem(node.NotLinked, "import its profile file: verbale link add FILE", "there is no link with %s", party)
}
