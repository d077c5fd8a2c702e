package main

import (
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"verbale/internal/node"
	"verbale/verdict"
)

func (a *app) linkCommand() *cobra.Command {
	return group("link", "the parties that this one exchanges with", `A link is made on both sides: import the peer's profile file, compare the twelve words over a way that both trust, confirm.

  verbale link add borea.profile
  verbale link confirm borea.example`,
		a.linkAddCommand(), a.linkConfirmCommand(), a.linkListCommand(), a.linkStatusCommand(), a.linkRetryCommand(),
		a.linkSuspendCommand(), a.linkResumeCommand())
}

// state is a link in one word.
func state(l node.LinkStatus) string {
	switch {
	case !l.Confirmed:
		return "unconfirmed"
	case l.Stopped != "":
		return "stopped"
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

// advice says what to do about a link, "" when there is nothing to do.
func advice(l node.LinkStatus) string {
	switch {
	case !l.Confirmed:
		return "compare the twelve words over the phone, then: verbale link confirm " + l.Party
	case l.Stopped != "":
		return "file nothing more to this peer; see docs/operator.md, \"an outbox is stopped\""
	case l.Suspended != nil:
		return "when it is to be taken up again: verbale link resume " + l.Party
	case l.SuspendedBy != nil:
		return "what you file waits here until they resume; their notice: verbale appeal show " + shortRef("", l.SuspendedBy.Outbox, l.SuspendedBy.Index)
	case l.Held != "":
		return "mend what the reason says, then: verbale link retry " + l.Party
	case l.Evidence > 0:
		return "evidence of two histories is kept: verbale evidence list"
	case l.Sent > l.Receipted:
		return "see that verbale serve runs: it pushes what is pending and tries again by itself; or telephone the peer"
	}
	return ""
}

func (a *app) linkText(w io.Writer, l node.LinkStatus) {
	fmt.Fprintf(w, "%s (%s): %s\n", l.Party, l.Title, state(l))
	fmt.Fprintf(w, "  endpoint   %s\n", l.Endpoint)
	if l.Confirmed { // before, they are to be heard and not read
		fmt.Fprintf(w, "  words      %s\n", verdict.WordGroups(l.Words))
	}
	fmt.Fprintf(w, "  keys       valid until %s\n", a.when(l.ValidUntil))
	fmt.Fprintf(w, "  linked     %s\n", a.when(l.LinkedAt))
	fmt.Fprintf(w, "  sent       %d of %d receipted\n", l.Receipted, l.Sent)
	fmt.Fprintf(w, "  received   %d\n", l.ReceivedOf)
	if !l.LastAt.IsZero() {
		fmt.Fprintf(w, "  last try   %s: %s\n", a.when(l.LastAt), l.LastAttempt)
	}
	if at, err := time.Parse(time.RFC3339, l.BeatAt); err == nil {
		fmt.Fprintf(w, "  last beat  %s, by its clock\n", a.when(at))
	}
	for _, line := range []struct{ name, text string }{{"held", l.Held}, {"stopped", l.Stopped}, {"unchecked", l.Unchecked}, {"clock", l.Clock}, {"warning", l.Warning}, {"do", advice(l)}} {
		if line.text != "" {
			fmt.Fprintf(w, "  %-10s %s\n", line.name, line.text)
		}
	}
	if l.Evidence > 0 {
		fmt.Fprintf(w, "  evidence   %d\n", l.Evidence)
	}
}
