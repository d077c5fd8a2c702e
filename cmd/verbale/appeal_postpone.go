package main

import (
	"github.com/spf13/cobra"

	"verbale/internal/docket"
)

func (a *app) appealPostponeCommand() *cobra.Command {
	return a.replyCommand(&cobra.Command{
		Use:   "postpone REF",
		Short: "put the answer off until a date; no refusal, still our turn",
		Long: `Puts the answer off, for one of two grounds, until a date. The reply is due then, where that is later than before; it stays our turn. It is neither a refusal nor an acceptance. Once the
deadline has passed it moves nothing: what is late stays late (A-14).

Example:
  verbale appeal postpone borea.example#3 --ground own-investigation --until +14d \
      --reason "An arrest is being prepared."`,
	}, docket.ActPostpone, true)
}
