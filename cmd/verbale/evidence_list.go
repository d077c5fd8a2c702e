package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"verbale/internal/console"
)

func (a *app) evidenceListCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "list the evidence",
		Long: `Lists what was kept: a "fork" is proof by itself; a "bad-root" is a head that does not fit the entries that came with it, which may be a fault.

After a change of keys there may be more: a "key-fork" is two changes from the same keys to different ones, a "bad-key-change" one that nobody had
authorized, an "other-end" a head of an old outbox that is not the end which the new keys name, and an "expired-key" a head that somebody has signed with
keys that were given up. With --json both records, or heads, stand in the list as they came.

Example:
  verbale evidence list`,
		Args: cobra.NoArgs,
		RunE: a.run(func(ctx context.Context, _ []string) error {
			return a.with(ctx, func(s *session) error {
				kept, err := s.Evidence(ctx)
				if err != nil {
					return err
				}
				return a.print(console.Evidences{Evidence: kept}, func(w io.Writer) { a.evidenceTable(w, kept) })
			})
		}),
	}
}

func (a *app) evidenceTable(w io.Writer, kept []console.Evidence) {
	if len(kept) == 0 {
		fmt.Fprintln(w, "no evidence of two histories is kept")
		return
	}
	t := table{head: []string{"NUMBER", "KIND", "OUTBOX", "WITH", "KEPT"}}
	for _, e := range kept {
		t.add(fmt.Sprint(e.ID), e.Kind, e.Outbox, e.Peer, a.when(e.At))
	}
	t.write(w)
}
