package main

import (
	"github.com/spf13/cobra"

	"verbale/internal/docket"
)

func (a *app) appealAgreeCommand() *cobra.Command {
	return a.replyCommand(&cobra.Command{
		Use:   "agree REF",
		Short: "agree to their conditions: their turn, and the clock goes on",
		Long: `Agrees to the conditions on which the peer accepts an appeal of ours. From its receipt the reply clock goes on, and it is their turn. It binds us to those conditions, and
to nothing else that they say. The conditions are those of their latest open acceptance; --about names another.

Example:
  verbale appeal agree to:borea.example#0`,
	}, docket.ActAgree, true)
}
