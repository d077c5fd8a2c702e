package main

import (
	"github.com/spf13/cobra"

	"verbale/internal/docket"
)

func (a *app) appealSupersedeCommand() *cobra.Command {
	return a.replyCommand(&cobra.Command{
		Use:   "supersede REF",
		Short: "put another appeal of ours in its place: this case ends",
		Long: `Ends an appeal of ours because another takes its place. Send that one first, with --supersedes, and name it by --by. Nobody owes anything in the first any more; the clocks
of the second are its own. Unlike a withdrawal it says that we still ask.

Example:
  verbale appeal send borea.example --draft better.json --supersedes to:borea.example#0
  verbale appeal supersede to:borea.example#0 --by to:borea.example#4 \
      --reason "More addresses."`,
	}, docket.ActSupersede, true)
}
