package main

import (
	"context"
	"fmt"
	"io"
	"strconv"

	"github.com/spf13/cobra"

	"verbale/internal/console"
	"verbale/internal/node"
)

func (a *app) deskCommand() *cobra.Command {
	first := firstListed
	c := &cobra.Command{
		Use:   "desk",
		Short: "what waits for whom: the page to begin the day with",
		Long: `Shows what waits: what we have to acknowledge, to answer, to supplement or to agree to, what was answered, refused or redirected and we have not closed, what others owe us, what is in dispute, and what breaks a rule. Of each the number, how many are late, and the first by due time; then the numbers by peer.

Examples:
  verbale desk
  verbale desk --first 20
  verbale desk --json`,
		Args: cobra.NoArgs,
		RunE: a.run(func(ctx context.Context, _ []string) error {
			return a.with(ctx, func(s *session) error { return a.desk(ctx, s, first) })
		}),
	}
	c.Flags().IntVar(&first, "first", first, "at most so many of each")
	return c
}

// notClosed is the pile of what nobody has to act on, and somebody should read; not all of it is counted.
const notClosed = "answered, refused or redirected, not closed"

// aPile is a pile of the desk with its words.
type aPile struct {
	name string
	hint string // the command that lists all of it
	console.Pile
}

func (a *app) desk(ctx context.Context, s *session, first int) error {
	if first < 0 {
		return usage("--first is a number from 0")
	}
	d, err := s.Desk(ctx, first)
	if err != nil {
		return err
	}
	piles := []aPile{
		{"to acknowledge", "verbale appeal due", d.ToAcknowledge},
		{"to answer", "verbale appeal due", d.ToAnswer},
		{"to supplement or agree", "verbale appeal due", d.ToSettle},
		{notClosed, "verbale appeal list --direction sent --status answered (refused, redirected)", d.Answered},
		{"waiting for others", "verbale appeal list --turn theirs --by due", d.Waiting},
		{"in dispute", "verbale appeal list --status disputed", d.Disputed},
		{"irregular", "verbale appeal list --all --irregular", d.Irregular},
	}
	return a.print(d, func(w io.Writer) {
		for _, p := range piles {
			a.pileText(w, d.Party, p)
		}
		waitsText(w, d)
	})
}

func (a *app) pileText(w io.Writer, self string, p aPile) {
	if p.Count == 0 {
		fmt.Fprintf(w, "%s: nothing\n", p.name)
		return
	}
	head := fmt.Sprintf("%s: %d", p.name, p.Count)
	if p.Late > 0 {
		head += fmt.Sprintf(", of these %d late", p.Late)
	}
	if p.Pile.Count > node.MaxFirst && p.name == notClosed {
		head = fmt.Sprintf("%s: more than %d", p.name, node.MaxFirst)
	}
	fmt.Fprintln(w, head)
	var cases []listedCase
	for _, c := range p.First {
		cases = append(cases, listedCase{Ref: lineRef(self, c), Line: c})
	}
	if len(cases) > 0 {
		a.caseTable(w, self, cases)
	}
	if left := p.Count - int64(len(cases)); left > 0 && p.name == notClosed {
		fmt.Fprintf(w, "and more: %s\n", p.hint)
	} else if left > 0 {
		fmt.Fprintf(w, "and %d more: %s\n", left, p.hint)
	}
	fmt.Fprintln(w)
}

// waitsText gives the numbers by peer: of what was sent and of what was received, in how many it is our turn and theirs.
func waitsText(w io.Writer, d console.Desk) {
	if len(d.Links) == 0 {
		return
	}
	t := table{head: []string{"SENT: OURS", "THEIRS", "RECEIVED: OURS", "THEIRS", "LATE: OURS / THEIRS", "WITH"}}
	for _, l := range d.Links {
		n := func(i int64) string { return strconv.FormatInt(i, 10) }
		t.add(n(l.Sent.Ours), n(l.Sent.Theirs), n(l.Received.Ours), n(l.Received.Theirs), n(l.Late.Ours)+" / "+n(l.Late.Theirs), l.With)
	}
	fmt.Fprintln(w)
	t.write(w)
}
