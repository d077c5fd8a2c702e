package main

import (
	"github.com/spf13/cobra"

	"verbale/internal/docket"
)

func (a *app) appealSupplementCommand() *cobra.Command {
	return a.replyCommand(&cobra.Command{
		Use:   "supplement REF",
		Short: "send what was missing: their turn, and the clock goes on",
		Long: `Sends what an incomplete named as missing in an appeal of ours. From its receipt the reply clock goes on, and it is their turn. It is no new appeal: the first one stays as
it was signed, and what is added stands beside it. The incomplete that it answers is the latest open one; --about names another.

Example:
  verbale appeal supplement to:borea.example#0 \
      --text "Seen after Monday: the first two." \
      --change harm="Two hospitals without their systems." --attach log.csv`,
	}, docket.ActSupplement, true)
}
