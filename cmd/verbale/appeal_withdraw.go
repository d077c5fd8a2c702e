package main

import (
	"github.com/spf13/cobra"

	"verbale/internal/docket"
)

func (a *app) appealWithdrawCommand() *cobra.Command {
	return a.replyCommand(&cobra.Command{
		Use:   "withdraw REF",
		Short: "withdraw an appeal of ours",
		Long: `Withdraws an appeal that this party wrote. It stays on the record; an answer that crosses the withdrawal stands.

Example:
  verbale appeal withdraw to:borea.example#0 --reason "The addresses were taken down by their provider."`,
	}, docket.ActWithdraw, true)
}
