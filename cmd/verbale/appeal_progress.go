package main

import (
	"github.com/spf13/cobra"

	"verbale/internal/docket"
)

func (a *app) appealProgressCommand() *cobra.Command {
	return a.replyCommand(&cobra.Command{
		Use:   "progress REF",
		Short: "tell how far it is; no clock changes, and it is no answer",
		Long: `Tells how far the work on an appeal of the peer's is. No clock changes, it stays our turn, and it is no answer. A warning (ETS 185 art. 29(6)) tells them what may go wrong
while there is still time.

Example:
  verbale appeal progress borea.example#3 --stage waiting-for-others \
      --text "One of two providers has answered." --warning preservation-insufficient`,
	}, docket.ActProgress, true)
}
