package main

import (
	"context"
	"io"

	"github.com/spf13/cobra"
)

func (a *app) linkRetryCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "retry PARTY",
		Short: "try again at once, after a refused push or when the peer is back",
		Long: `When a peer refuses a push for its form, a signature or expired keys, pushes on that link are held: trying again would change nothing. When the
cause is mended, this lets them go on. It also has the peer asked at once for what it could not push, which is how the resume of a link that it suspended is noticed.

Example:
  verbale link retry borea.example`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: a.parties,
		RunE: a.run(func(ctx context.Context, args []string) error {
			return a.with(ctx, func(s *session) error {
				l, err := s.Retry(ctx, args[0])
				if err != nil {
					return err
				}
				if s.local {
					a.say("no serve runs: nothing is pushed until it does")
				}
				return a.print(l, func(w io.Writer) { a.linkText(w, l) })
			})
		}),
	}
}
