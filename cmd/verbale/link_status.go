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
		Long: `Shows for one link or all, in each direction: what stands in the outbox, what was received by the receipt of the other side's machine, and what an
officer there acknowledged; the oldest record without a receipt, the last contact, the keys, suspensions, the last month that was tallied. It ends
with what is wrong and what to do, the most urgent first, or with what was looked at and found in order.

Example:
  verbale link status borea.example`,
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: a.parties,
		RunE: a.run(func(ctx context.Context, args []string) error {
			return a.with(ctx, func(s *session) error {
				if len(args) == 1 {
					l, err := s.Link(ctx, args[0])
					if err != nil {
						return err
					}
					return a.print(l, func(w io.Writer) { a.linkText(w, l) })
				}
				links, err := s.Links(ctx)
				if err != nil {
					return err
				}
				for i := range links {
					if links[i], err = s.Link(ctx, links[i].Party); err != nil {
						return err
					}
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
