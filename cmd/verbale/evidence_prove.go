package main

import (
	"context"
	"io"
	"strconv"

	"github.com/spf13/cobra"
)

// provedFork is `evidence prove --json`.
type provedFork struct {
	Number int64  `json:"number"`
	File   string `json:"file,omitempty"`
	Bytes  int    `json:"bytes"`
}

func (a *app) evidenceProveCommand() *cobra.Command {
	var out outputFile
	c := &cobra.Command{
		Use:   "prove NUMBER",
		Short: "make a bundle that shows to anybody that two histories were signed",
		Long:  "Makes a bundle of one fork: both signed heads, the proof that they cannot both be, and the profiles.\n\nExample:\n  verbale evidence prove 1 -o fork.bundle",
		Args:  cobra.ExactArgs(1),
		RunE: a.run(func(ctx context.Context, args []string) error {
			number, err := strconv.ParseInt(args[0], 10, 64)
			if err != nil {
				return usage("%q is no number of evidence", args[0])
			}
			return a.with(ctx, func(s *session) error {
				raw, err := s.ProveEvidence(ctx, number)
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
				return a.print(provedFork{number, out.path, len(raw)}, func(w io.Writer) { out.told(w, raw, v) })
			})
		}),
	}
	out.flags(c)
	return c
}
