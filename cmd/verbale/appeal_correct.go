package main

import (
	"github.com/spf13/cobra"

	"verbale/internal/docket"
)

func (a *app) appealCorrectCommand() *cobra.Command {
	return a.replyCommand(&cobra.Command{
		Use:   "correct REF",
		Short: "correct an appeal of ours: both texts stand, no clock changes",
		Long: `Corrects an appeal of ours, or amends it. Nothing that was signed goes: both texts stand, and are shown one beside the other. No turn and no clock changes, also where the
correction is of a deadline; for other deadlines make a new appeal that takes its place (supersede).

Examples:
  verbale appeal correct to:borea.example#0 --edition correction \
      --text "A digit was wrong." --change targets="198.51.100.8, not .7"`,
	}, docket.ActCorrect, true)
}
