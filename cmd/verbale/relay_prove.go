package main

import (
	"context"
	"io"

	"github.com/spf13/cobra"
)

// provedRelay is `relay prove --json`.
type provedRelay struct {
	Relay string `json:"relay"`
	Link  string `json:"link"`
	File  string `json:"file,omitempty"`
	Bytes int    `json:"bytes"`
}

func (a *app) relayProveCommand() *cobra.Command {
	var out outputFile
	c := &cobra.Command{
		Use:   "prove RELAY PEER",
		Short: "make a bundle of what a relay said about the outboxes of a link",
		Long: `Makes a bundle of all that a relay has signed about what you and a peer send each other: its receipts, and its answers when it was asked. A relay that
hid an entry has said, later, that it holds less than it had receipted: one side has the receipt, the other the answer. Judge both files together:

  verbale verify yours.bundle theirs.bundle

Example:
  verbale relay prove relay.example aurelia.example -o said.bundle`,
		Args:              cobra.ExactArgs(2),
		ValidArgsFunction: a.parties,
		RunE: a.run(func(ctx context.Context, args []string) error {
			return a.with(ctx, func(s *session) error {
				raw, err := s.ProveRelay(ctx, args[0], args[1])
				if err != nil {
					return err
				}
				v, err := judged(raw)
				if err != nil {
					return err
				}
				if err := out.write(a, raw); err != nil {
					return err
				}
				return a.print(provedRelay{args[0], args[1], out.path, len(raw)}, func(w io.Writer) { out.told(w, raw, v) })
			})
		}),
	}
	out.flags(c)
	return c
}
