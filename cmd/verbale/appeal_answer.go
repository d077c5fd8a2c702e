package main

import (
	"github.com/spf13/cobra"

	"verbale/internal/docket"
)

func (a *app) appealAnswerCommand() *cobra.Command {
	return a.replyCommand(&cobra.Command{
		Use:   "answer REF",
		Short: "answer an appeal, for the time being or for good",
		Long: `Answers an appeal of the peer's. An interim answer leaves the case open; a final one ends it for us (A-3).

Examples:
  verbale appeal answer borea.example#3 --finality interim --outcome information \
      --text "Two of three providers have answered."
  verbale appeal answer borea.example#3 --finality final --outcome partly-done --text @answer.txt \
      --result done:192.0.2.7 --result not-done:192.0.2.8`,
	}, docket.ActAnswer, true)
}
