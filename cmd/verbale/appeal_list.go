package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"verbale/internal/console"
	"verbale/internal/docket"
)

func (a *app) appealListCommand() *cobra.Command {
	q := console.CaseQuery{Limit: listedCases}
	all := false
	c := &cobra.Command{
		Use:   "list",
		Short: "list appeals: where each stands, whose turn it is, and until when",
		Long: `Lists appeals, the newest first: the status, who must do what, and by when (from now, and in UTC). What is late says LATE.

Examples:
  verbale appeal list --turn ours
  verbale appeal list --party borea.example --status acknowledged --json
  verbale appeal list --stranded`,
		Args: cobra.NoArgs,
		RunE: a.run(func(ctx context.Context, _ []string) error {
			q.Appeals = !all
			return a.with(ctx, func(s *session) error { return a.listAppeals(ctx, s, q) })
		}),
	}
	f := c.Flags()
	f.StringVar(&q.Turn, "turn", "", "only where we must act (ours) or they must (theirs)")
	f.StringVar(&q.Party, "party", "", "only the link with this party")
	f.StringVar(&q.Status, "status", "", "only this status: "+strings.Join(statuses(), ", "))
	f.IntVar(&q.Limit, "limit", q.Limit, "at most so many")
	f.Int64Var(&q.After, "after", 0, "go on after this number, which the page before ended with")
	f.BoolVar(&q.Stranded, "stranded", false, "only where somebody must act and the link is suspended")
	f.BoolVar(&all, "all", false, "whatever opened a case: pings, tallies, notices about the link, too")
	offer(c, "status", statuses())
	offer(c, "turn", []string{"ours", "theirs"})
	_ = c.RegisterFlagCompletionFunc("party", a.parties)
	return c
}

func statuses() (words []string) {
	for _, s := range docket.Statuses() {
		words = append(words, string(s))
	}
	return words
}

// listed is a page of `appeal list --json`.
type listed struct {
	Cases []listedCase `json:"cases"`
	Next  int64        `json:"next,omitzero"`
}

type listedCase struct {
	Ref string `json:"ref"`
	console.Line
}

func (a *app) listAppeals(ctx context.Context, s *session, q console.CaseQuery) error {
	self, err := s.Self(ctx)
	if err != nil {
		return err
	}
	if q.Party != "" {
		links, err := s.Links(ctx)
		if err != nil {
			return err
		}
		if _, err := linkWith(links, q.Party); err != nil { // a misspelt name would look like nothing to do
			return err
		}
	}
	page, err := s.Cases(ctx, q)
	if err != nil {
		return err
	}
	out := listed{Cases: []listedCase{}, Next: page.Next}
	for _, c := range page.Cases {
		out.Cases = append(out.Cases, listedCase{Ref: lineRef(self.Party, c), Line: c})
	}
	return a.print(out, func(w io.Writer) {
		if len(out.Cases) == 0 {
			fmt.Fprintln(w, "no appeals, or none that fit")
			return
		}
		t := table{head: []string{"REF", "STATUS", "TURN", "TLP", "BY", "SUBJECT"}}
		for _, c := range out.Cases {
			t.add(c.Ref, standing(c.Line), turn(self.Party, c.Line), c.TLP, a.deadline(c.By, c.Late), subject(c.Line))
		}
		t.write(w)
		if out.Next > 0 {
			fmt.Fprintf(w, "more: --after %d\n", out.Next)
		}
	})
}

func lineRef(self string, c console.Line) string {
	if c.Outbox == "" {
		return "?"
	}
	return shortRef(self, c.Outbox, c.Index)
}

// turn says who must do what, in one cell.
func turn(self string, c console.Line) string {
	switch c.Turn {
	case "":
		return "nobody"
	case self:
		return "ours: " + c.Must
	}
	return "theirs: " + c.Must
}

// standing is the status, and the mark of a case that is stranded.
func standing(c console.Line) string {
	if c.Stranded {
		return string(c.Status) + ", stranded"
	}
	return string(c.Status)
}

func subject(c console.Line) string {
	switch {
	case c.Fault != "":
		return "(unreadable: " + c.Fault + ")"
	case c.Subject == "":
		return "(" + c.Act + ")"
	case c.Act == docket.ActTally:
		return "(tally of " + c.Subject + ")"
	}
	return c.Subject
}

// shorten cuts a text to at most most characters.
func shorten(s string, most int) string {
	r := []rune(s)
	if len(r) <= most {
		return s
	}
	return string(r[:most-1]) + "…"
}
