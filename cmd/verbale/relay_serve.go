package main

import (
	"context"

	"github.com/spf13/cobra"

	"verbale/internal/node"
)

func (a *app) relayServeCommand() *cobra.Command {
	o := serving{relay: true}
	c := &cobra.Command{
		Use:   "serve",
		Short: "run the node, and take lodgings for linked parties",
		Long: `Runs the node as "verbale serve" does, and as a relay: linked parties that have designated this one tell it whose entries to take for them.
It holds these encrypted to the addressee, gives its receipt for them, and lets go of the contents when the addressee has receipted them.

Of each author for each addressee it holds a bounded number of entries, and of bytes, that the addressee has not receipted.

Its clock is what it vouches for: keep it right (NTP). When the clock goes back, it signs nothing until it has caught up.

Examples:
  verbale relay serve
  verbale relay serve --quota-entries 50000 --quota-bytes 1000000000`,
		Args: cobra.NoArgs,
		RunE: a.run(func(ctx context.Context, _ []string) error {
			if o.quota.Entries < 1 || o.quota.Bytes < 1 {
				return usage("a quota is at least 1")
			}
			return a.serve(ctx, o)
		}),
	}
	o.flags(c)
	c.Flags().Int64Var(&o.quota.Entries, "quota-entries", node.MaxLodgedEntries, "the most `ENTRIES` of an author for an addressee")
	c.Flags().Int64Var(&o.quota.Bytes, "quota-bytes", node.MaxLodgedBytes, "the most `BYTES` of them")
	return c
}
