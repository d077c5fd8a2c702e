package main

import (
	"github.com/spf13/cobra"

	"verbale/internal/docket"
)

func (a *app) appealEscalateCommand() *cobra.Command {
	return a.replyCommand(&cobra.Command{
		Use:   "escalate REF",
		Short: "raise an appeal of ours a level: no clock changes; no new appeal",
		Long: `Raises an appeal of ours to a level above that of before: technical, operational, political, judicial. No clock and no turn changes; what was owed is owed, and who is late is
late. It is no new appeal.

Example:
  verbale appeal escalate to:borea.example#0 --level political \
      --to-authority "Ministry of foreign affairs" --reason "No answer for a week."`,
	}, docket.ActEscalate, true)
}
