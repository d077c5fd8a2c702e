package main

import (
	"github.com/spf13/cobra"

	"verbale/internal/docket"
)

func (a *app) appealIncompleteCommand() *cobra.Command {
	return a.replyCommand(&cobra.Command{
		Use:   "incomplete REF",
		Short: "name what is missing: their turn, and the reply clock stops",
		Long: `Names the fields that are missing or say too little. The reply clock stands still from their receipt of it until we have their supplement, and it is their turn. A
second one may not ask for what the first did not (A-9): name everything at once. It is no refusal.

--missing takes a field by its name or its flag, as "verbale appeal kinds KIND" lists them. Where a supplement came and is still wanting, it is named by itself.

Example:
  verbale appeal incomplete borea.example#3 --missing targets --missing harm \
      --text "Which of the addresses were seen after Monday?" --complete-by +2d`,
	}, docket.ActIncomplete, true)
}
