package main

import (
	"context"
	"io"

	"github.com/spf13/cobra"
)

func (a *app) linkResumeCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "resume PARTY",
		Short: "let pushes to a peer go on that were held after it refused one",
		Long: `When a peer refuses a push for its form, a signature or expired keys, pushes on that link are held: trying again would change nothing. When the
cause is mended, this lets them go on.

Example:
  verbale link resume borea.example`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: a.parties,
		RunE: a.run(func(ctx context.Context, args []string) error {
			return a.with(ctx, func(s *session) error {
				l, err := s.Resume(ctx, args[0])
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
