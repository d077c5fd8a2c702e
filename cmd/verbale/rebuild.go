package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"verbale/internal/node"
)

func (a *app) rebuildCommand() *cobra.Command {
	var write bool
	c := &cobra.Command{
		Use:   "rebuild",
		Short: "recompute the docket and compare; --write replaces a different one",
		Long: `Folds every outbox afresh and compares the result with the stored docket byte for byte. Without --write nothing changes, and a difference gives the exit code 7.

Examples:
  verbale rebuild
  verbale rebuild --write`,
		Args: cobra.NoArgs,
		RunE: a.run(func(ctx context.Context, _ []string) error {
			return a.with(ctx, func(s *session) error {
				r, err := s.Rebuild(ctx, write, a.progress("folding"))
				if err != nil {
					return err
				}
				if err := a.print(r, func(w io.Writer) { rebuiltText(w, r) }); err != nil || len(r.Different) == 0 || r.Written {
					return err
				}
				return &finding{node.Damaged}
			})
		}),
	}
	c.Flags().BoolVar(&write, "write", false, "replace the stored docket")
	return c
}

func rebuiltText(w io.Writer, r node.Rebuilt) {
	fmt.Fprintf(w, "%d cases folded; %d were different\n", r.Cases, len(r.Different))
	for _, key := range r.Different {
		fmt.Fprintf(w, "  %s\n", key)
	}
	switch {
	case r.Written:
		fmt.Fprintln(w, "the stored docket was replaced")
	case len(r.Different) > 0:
		fmt.Fprintln(w, "nothing was changed; to replace it: verbale rebuild --write")
	}
}
