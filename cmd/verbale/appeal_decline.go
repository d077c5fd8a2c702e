package main

import (
	"github.com/spf13/cobra"

	"verbale/internal/docket"
)

func (a *app) appealDeclineCommand() *cobra.Command {
	return a.replyCommand(&cobra.Command{
		Use:   "decline REF",
		Short: "decline their conditions: their turn, and the clock goes on",
		Long: `Declines the conditions on which the peer would accept an appeal of ours. From its receipt the reply clock goes on, and it is their turn: they may accept otherwise, answer
or refuse. The appeal stands; it is not withdrawn.

Example:
  verbale appeal decline to:borea.example#0 --reason "We need it in court."`,
	}, docket.ActDecline, true)
}
