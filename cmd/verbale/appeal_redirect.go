package main

import (
	"github.com/spf13/cobra"

	"verbale/internal/docket"
)

func (a *app) appealRedirectCommand() *cobra.Command {
	return a.replyCommand(&cobra.Command{
		Use:   "redirect REF",
		Short: "name the right authority; to another party it ends the case",
		Long: `Tells who is competent instead. Within our own house (--to-authority alone) case, turn and clocks stay as they are: it is ours to see that it arrives. To another
party (--to-party) it ends the case for us; the author may make the appeal there anew, and its first date goes with it (A-12). It is no refusal: nothing is said of
what was asked.

Examples:
  verbale appeal redirect borea.example#3 --to-authority "regional CSIRT" \
      --reason "The addresses are in its constituency."
  verbale appeal redirect borea.example#3 --to-authority "CSIRT Cadia" \
      --to-party cadia.example --reason "The provider is theirs."`,
	}, docket.ActRedirect, true)
}
