package main

import "github.com/spf13/cobra"

func (a *app) evidenceCommand() *cobra.Command {
	return group("evidence", "what was kept of peers, or of us, that signed two histories", `When two signed heads of one outbox cannot both be true, both are kept.

  verbale evidence list
  verbale evidence prove 1 -o fork.bundle`,
		a.evidenceListCommand(), a.evidenceProveCommand())
}
