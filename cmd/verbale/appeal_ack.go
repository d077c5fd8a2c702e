package main

import (
	"github.com/spf13/cobra"

	"verbale/internal/docket"
)

func (a *app) appealAckCommand() *cobra.Command {
	return a.replyCommand(&cobra.Command{
		Use:   "ack REF",
		Short: "acknowledge an appeal: an officer has it; that is not agreement",
		Long: `Acknowledges an appeal of the peer's: an officer of ours has it. To acknowledge is not to accept, and to accept is not to agree (A-2).

Example:
  verbale appeal ack borea.example#3 --note "With the network team since 14:20."`,
	}, docket.ActAcknowledge, false)
}
