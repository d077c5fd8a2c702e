package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"verbale/internal/node"
)

const wordCount = 12 // K-16

func (a *app) linkConfirmCommand() *cobra.Command {
	var heard string
	c := &cobra.Command{
		Use:   "confirm PARTY",
		Short: "make a link work, with the twelve words that their officer reads",
		Long: `Asks for the twelve words of the peer's profile as you hear them, over the phone or another way that you trust, and makes the link work if they are
those of the profile that was imported. The words are not shown to you before: read your own (verbale profile) to the peer, and type theirs.

Examples:
  verbale link confirm borea.example
  verbale link confirm borea.example \
      --words "orphan beyond fix gain base tray body decline ignore comfort orbit multiply"`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: a.parties,
		RunE: a.run(func(ctx context.Context, args []string) error {
			return a.with(ctx, func(s *session) error { return a.confirmLink(ctx, s, args[0], heard) })
		}),
	}
	c.Flags().StringVar(&heard, "words", "", "the twelve `WORDS`, instead of being asked for them")
	return c
}

func (a *app) confirmLink(ctx context.Context, s *session, party, heard string) error {
	list, err := a.heard(ctx, party, heard)
	if err != nil {
		return err
	}
	l, err := s.ConfirmLink(ctx, party, list)
	if err != nil {
		return err
	}
	return a.print(l, func(w io.Writer) {
		fmt.Fprintf(w, "the words are those of the profile: the link with %s (%s) works from now on\n", l.Party, l.Title)
		fmt.Fprintf(w, "          it passes records once they have confirmed it as well\n")
	})
}

// heard gives the twelve words of a peer, which are asked for unless they are given.
func (a *app) heard(ctx context.Context, party, given string) ([]string, error) {
	if given == "" {
		var err error
		if given, err = a.question(ctx, "Type the twelve words that the officer of "+party+" reads to you: "); err != nil {
			return nil, err
		}
	}
	list := spoken(given)
	if len(list) != wordCount {
		return nil, problem(node.Invalid, "have them read again", "there are %d words and not %d; nothing was confirmed", len(list), wordCount)
	}
	return list, nil
}

// spoken takes words as people type them: in capitals, with commas, or in the groups that we print.
func spoken(line string) []string {
	return strings.Fields(strings.NewReplacer(",", " ", "/", " ", ".", " ").Replace(strings.ToLower(line)))
}
