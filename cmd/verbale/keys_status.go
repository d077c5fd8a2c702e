package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"verbale/internal/node"
	"verbale/verdict"
)

func (a *app) keysStatusCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "status",
		Short: "this party's keys, and what is still on its way under old ones",
		Long: `Lists the generations of this party's keys, the present one first: their words, until when they are valid or when they were replaced and why, whether what
was encrypted to them can still be read, and what they have signed that a peer has not receipted yet.

Example:
  verbale keys status`,
		Args: cobra.NoArgs,
		RunE: a.run(func(ctx context.Context, _ []string) error {
			return a.with(ctx, func(s *session) error {
				status, err := s.Keys(ctx)
				if err != nil {
					return err
				}
				return a.print(status, func(w io.Writer) { a.keysText(w, status) })
			})
		}),
	}
}

func (a *app) keysText(w io.Writer, s node.KeyStatus) {
	fmt.Fprintf(w, "%s: keys of generation %d\n", s.Party, s.Generation)
	if !s.Recovery {
		a.item(w, "recovery", "there is no recovery key: if these keys are lost, nobody can say which ones follow. Make one: verbale keys rotate --new-recovery")
	}
	for _, g := range s.Generations {
		fmt.Fprintf(w, "\ngeneration %d (%s)\n", g.Generation, g.Register)
		a.item(w, "words", verdict.WordGroups(g.Words))
		switch {
		case g.ReplacedAt.IsZero():
			a.item(w, "valid", fmt.Sprintf("from %s until %s", a.when(g.From), a.when(g.ValidUntil)))
		default:
			a.item(w, "replaced", fmt.Sprintf("%s: %s, said by %s", a.when(g.ReplacedAt), g.Reason, g.AuthorizedBy))
		}
		if !g.TLSUntil.IsZero() && g.TLSUntil.After(a.Now()) {
			a.item(w, "TLS", "peers may still know this node by these keys, until "+a.when(g.TLSUntil))
		}
		if !g.Readable {
			a.item(w, "contents", "what was encrypted to these keys cannot be read again: the keys are lost")
		}
		for _, l := range g.Unreceipted {
			text := fmt.Sprintf("to %s: %s not receipted yet", l.Party, counted(l.Entries, "entry", "entries"))
			if l.Stopped != "" {
				text = "to " + l.Party + ": " + l.Stopped
			}
			a.item(w, "on its way", text)
		}
	}
}

// changedText says that a peer's keys have changed and are not compared yet. False: there is nothing to say.
func changedText(w io.Writer, a *app, l node.LinkStatus) bool {
	c := l.KeyChange
	if c == nil || c.Compared {
		return false
	}
	fmt.Fprintf(w, "%s (%s) has new keys since %s (%s)\n", l.Party, l.Title, a.when(c.EffectiveAt), c.Reason)
	fmt.Fprintf(w, "old words %s\n", verdict.WordGroups(c.OldWords))
	fmt.Fprintf(w, "new words %s\n", verdict.WordGroups(c.NewWords))
	if c.Waits {
		fmt.Fprintf(w, "          nothing is sent to them before the new words are compared\n")
	} else {
		fmt.Fprintf(w, "          the link works; the new words are not compared yet\n")
	}
	fmt.Fprintf(w, "next      telephone them, on a number that you already had, and have them read the new words: verbale link confirm %s\n", l.Party)
	return true
}
