package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"
)

func (a *app) relayLodgeCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "lodge PARTY",
		Short: "lodge with a peer's relay now what the peer has not received",
		Long: `verbale serve does this by itself when the peer has not receipted an entry for ten minutes. By hand it is done at once. It also hears from the relay what
the peer has received there.

Example:
  verbale relay lodge borea.example`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: a.parties,
		RunE: a.run(func(ctx context.Context, args []string) error {
			return a.with(ctx, func(s *session) error {
				done, err := s.Lodge(ctx, args[0])
				if err != nil {
					return err
				}
				return a.print(done, func(w io.Writer) {
					fmt.Fprintf(w, "%s lodged now; %s holds %s for %s, which has received %d\n", counted(done.Entries, "entry", "entries"), done.Relay,
						counted(done.Lodged, "entry", "entries"), args[0], done.Receipted)
				})
			})
		}),
	}
}

func (a *app) relayCollectCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "collect",
		Short: "take from your relays now what was lodged there",
		Long: `verbale serve does this by itself every five minutes.

Example:
  verbale relay collect`,
		Args: cobra.NoArgs,
		RunE: a.run(func(ctx context.Context, _ []string) error {
			return a.with(ctx, func(s *session) error {
				done, err := s.Collect(ctx)
				if err != nil {
					return err
				}
				return a.print(done, func(w io.Writer) {
					fmt.Fprintf(w, "%s came from your relays\n", counted(done.Received, "entry", "entries"))
				})
			})
		}),
	}
}
