package main

import (
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"verbale/internal/console"
	"verbale/internal/docket"
)

func (a *app) appealDueCommand() *cobra.Command {
	q := console.CaseQuery{Turn: "ours", Order: orderDue, Appeals: true, Limit: listedCases}
	after := ""
	c := &cobra.Command{
		Use:   "due",
		Short: "what is our turn, by when it is due: the list for the morning",
		Long: `Lists every appeal in which we must act, what is due earliest first; what has no deadline stands at the end, as do arrangements that wait for our word. For a watch that looks by itself:

  exit code 0   nothing is late
  exit code 9   at least one of them is late

Examples:
  verbale appeal due
  verbale appeal due > due.txt || mail -s late duty@aurelia.example < due.txt`,
		Args: cobra.NoArgs,
		RunE: a.run(func(ctx context.Context, _ []string) (err error) {
			if q.After, q.AfterDue, err = parsePlace(after); err != nil {
				return err
			}
			return a.with(ctx, func(s *session) error { return a.dueAppeals(ctx, s, q) })
		}),
	}
	f := c.Flags()
	f.StringVar(&q.Party, "with", "", "only the link with this party")
	f.IntVar(&q.Limit, "limit", q.Limit, "at most so many")
	f.StringVar(&after, "after", "", "go on after `PLACE`, which the page before ended with")
	_ = c.RegisterFlagCompletionFunc("with", a.parties)
	return c
}

func (a *app) dueAppeals(ctx context.Context, s *session, q console.CaseQuery) error {
	out, self, err := a.pageOf(ctx, s, q)
	if err != nil {
		return err
	}
	if out.Next == "" { // what has no deadline stands at the end
		rules, _, err := a.pageOf(ctx, s, console.CaseQuery{Party: q.Party, Turn: q.Turn, Act: docket.ActArrangement, Limit: listedCases})
		if err != nil {
			return err
		}
		out.Cases = append(out.Cases, rules.Cases...)
	}
	late := slices.ContainsFunc(out.Cases, func(c listedCase) bool { return c.Late })
	err = a.print(out, func(w io.Writer) {
		if len(out.Cases) == 0 {
			fmt.Fprintln(w, "nothing is our turn")
			return
		}
		a.caseTable(w, self, out.Cases)
		moreText(w, out)
	})
	if err == nil && late {
		return &finding{kindLate}
	}
	return err
}
