package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"verbale/internal/node"
)

func (a *app) fsckCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "fsck",
		Short: "check all that is stored against its signatures and digests",
		Long: `Checks the database, every leaf, content, tree, checkpoint, receipt and beat, and that the docket is what the records give. It changes nothing. When it finds something
wrong it says what to do, and the exit code is 7.

Example:
  verbale fsck`,
		Args: cobra.NoArgs,
		RunE: a.run(func(ctx context.Context, _ []string) error {
			return a.with(ctx, func(s *session) error {
				audit, err := s.Fsck(ctx, a.progress("checking"))
				if err != nil {
					return err
				}
				if err := a.print(audit, func(w io.Writer) { auditText(w, audit) }); err != nil || len(audit.Findings) == 0 {
					return err
				}
				return &finding{node.Damaged}
			})
		}),
	}
}

func auditText(w io.Writer, audit node.Audit) {
	fmt.Fprintf(w, "checked %d outboxes: %d entries (%d with erased content), %d checkpoints, %d receipts, %d beats, %d cases\n",
		audit.Outboxes, audit.Entries, audit.Erased, audit.Checkpoints, audit.Receipts, audit.Beats, audit.Cases)
	if len(audit.Findings) == 0 {
		fmt.Fprintln(w, "nothing is wrong")
		return
	}
	fmt.Fprintf(w, "%s wrong:\n", counted(int64(len(audit.Findings)), "thing is", "things are"))
	for _, f := range audit.Findings {
		fmt.Fprintf(w, "\n  %s\n    wrong  %s\n    do     %s\n", f.Where, f.Wrong, f.Remedy)
	}
}
