package main

import (
	"github.com/spf13/cobra"

	"verbale/internal/docket"
)

func (a *app) appealCloseCommand() *cobra.Command {
	return a.replyCommand(&cobra.Command{
		Use:   "close REF",
		Short: "say whether the answer will do: nobody's turn any more",
		Long: `Closes an appeal of ours that the peer has ended, by a final answer, a refusal or a redirection to another party: whether we are satisfied, or in part. Nobody owes anything
any more. It does not say that what they wrote is true. Who is not satisfied disputes; who does not need an answer any more withdraws.

Example:
  verbale appeal close to:borea.example#0 --satisfaction satisfied`,
	}, docket.ActClose, true)
}
