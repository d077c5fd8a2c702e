package main

import (
	"github.com/spf13/cobra"

	"verbale/internal/docket"
)

func (a *app) appealDisputeCommand() *cobra.Command {
	return a.replyCommand(&cobra.Command{
		Use:   "dispute REF",
		Short: "dispute their answer: their turn, and the reply clock runs anew",
		Long: `Disputes what ended an appeal of ours: a final answer, a refusal, or a redirection to another party. The case is open again: from its receipt the reply clock of the kind runs
anew, and it is their turn. Their answer stands on the record beside it. One answer is disputed once.

Example:
  verbale appeal dispute to:borea.example#0 --text "198.51.100.7 still answers."`,
	}, docket.ActDispute, true)
}
