package main

import (
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"verbale/internal/docket"
	"verbale/record"
)

func (a *app) appealRefuseCommand() *cobra.Command {
	var codes strings.Builder
	groups := record.RefusalCodes()
	for _, name := range slices.Sorted(maps.Keys(groups)) {
		list := reflow(strings.Join(groups[name], " "), helpWidth-len("    "))
		codes.WriteString("  " + name + "\n    " + indented(list, "    ") + "\n")
	}
	return a.replyCommand(&cobra.Command{
		Use:   "refuse REF",
		Short: "refuse an appeal, with a code and a reason",
		Long: `Refuses an appeal of the peer's, with a code and a reason. It ends the case for us (A-3). Whether conditions were consulted on before is part of the record:
--consulted-on-conditions, or it says that they were not.

The codes:
` + codes.String() + `
Example:
  verbale appeal refuse borea.example#3 --code not-competent \
      --reason "The addresses are not in our constituency." --appeal-to "ministry of justice"`,
	}, docket.ActRefuse, true)
}
