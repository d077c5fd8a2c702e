package main

import (
	"github.com/spf13/cobra"

	"verbale/internal/node"
)

func (a *app) linkCommand() *cobra.Command {
	return group("link", "the parties that this one exchanges with", `A link is made on both sides: import the peer's profile file, compare the twelve words over a way that both trust, confirm.

  verbale link add borea.profile
  verbale link confirm borea.example`,
		a.linkAddCommand(), a.linkConfirmCommand(), a.linkListCommand(), a.linkStatusCommand(), a.linkChannelCommand(), a.linkRetryCommand(),
		a.linkSuspendCommand(), a.linkResumeCommand())
}

// state is a link in one word.
func state(l node.LinkStatus) string {
	switch {
	case !l.Confirmed:
		return "unconfirmed"
	case l.Stopped != "":
		return "stopped"
	case l.KeyChange != nil && l.KeyChange.Waits:
		return "new keys"
	case l.Suspended != nil && l.SuspendedBy != nil:
		return "suspended by both"
	case l.Suspended != nil:
		return "suspended"
	case l.SuspendedBy != nil:
		return "suspended by them"
	case l.Unchecked != "":
		return "unchecked"
	case l.Held != "":
		return "held"
	case l.Sent > l.Receipted:
		return "pending"
	}
	return "up to date"
}
