package main

import (
	"github.com/spf13/cobra"

	"verbale/internal/docket"
)

func (a *app) appealAcceptCommand() *cobra.Command {
	return a.replyCommand(&cobra.Command{
		Use:   "accept REF",
		Short: "say that we will act: no clock changes; not that they are right",
		Long: `Says that we will act on an appeal of the peer's: in full, in part, or on conditions. To accept is not to concur: nothing is said of whether what they say is true (A-2), and it
is no answer. The reply clock goes on; with conditions it stands still, and it is their turn, until they agree or decline.

Examples:
  verbale appeal accept borea.example#3 --extent full --expected-by +2d
  verbale appeal accept borea.example#3 --extent conditions \
      --terms "Not to be used as evidence in court."
  verbale appeal accept borea.example#3 --extent partly \
      --terms "Only the first two addresses."`,
	}, docket.ActAccept, true)
}
