package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"
)

// ended is what revoking prints.
type ended struct {
	Revoked string `json:"revoked"`
}

func (a *app) tokenRevokeCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "revoke NAME",
		Short: "end a token at once",
		Long: `Ends a token: the next call with it is refused. Its name is free for another.

A database that is restored from a backup has the tokens of then: revoke those again that were revoked since.

Example:
  verbale token revoke ticket-system`,
		Args: cobra.ExactArgs(1),
		RunE: a.run(func(ctx context.Context, args []string) error {
			return a.with(ctx, func(s *session) error {
				if err := s.RevokeToken(context.WithoutCancel(ctx), args[0]); err != nil {
					return err
				}
				return a.print(ended{args[0]}, func(w io.Writer) { fmt.Fprintf(w, "token %s is revoked\n", args[0]) })
			})
		}),
	}
}
