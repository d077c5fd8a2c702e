package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"verbale/internal/console"
	"verbale/internal/docket"
)

// listing is what `appeal list` was told.
type listing struct {
	console.CaseQuery
	all   bool
	flags map[docket.Status]*bool // those that stand for a status
}

// statusFlags are the statuses that are asked for so often that they have a flag.
var statusFlags = []docket.Status{docket.Disputed, docket.Expired, docket.Incomplete, docket.Postponed}

func (a *app) appealListCommand() *cobra.Command {
	o := listing{CaseQuery: console.CaseQuery{Limit: listedCases}, flags: map[docket.Status]*bool{}}
	c := &cobra.Command{
		Use:   "list",
		Short: "list appeals: where each stands, whose turn it is, and until when",
		Long: `Lists appeals, the newest first: the status, who must do what, and by when (from now, and in UTC). What is late says LATE. Filters
add up: only what fits all of them is listed.

Examples:
  verbale appeal list --turn ours
  verbale appeal list --with borea.example --status acknowledged --json
  verbale appeal list --stranded`,
		Args: cobra.NoArgs,
		RunE: a.run(func(ctx context.Context, _ []string) error {
			q, err := o.query()
			if err != nil {
				return err
			}
			return a.with(ctx, func(s *session) error { return a.listAppeals(ctx, s, q) })
		}),
	}
	o.register(a, c)
	return c
}

func (o *listing) register(a *app, c *cobra.Command) {
	f := c.Flags()
	word := func(into *string, name, what string, words []string) {
		f.StringVar(into, name, *into, what)
		offer(c, name, words)
	}
	word(&o.Turn, "turn", "only where we must act (ours) or they must (theirs)", []string{"ours", "theirs"})
	f.StringVar(&o.Party, "with", "", "only the link with this party")
	f.StringVar(&o.Party, "party", "", "the same as --with")
	_ = f.MarkHidden("party")
	word(&o.Status, "status", "only this status, as acknowledged", statuses())
	for _, s := range statusFlags {
		o.flags[s] = f.Bool(string(s), false, "the same as --status "+string(s))
	}
	f.BoolVar(&o.Stranded, "stranded", false, "only where somebody must act and the link is suspended")
	f.BoolVar(&o.all, "all", false, "whatever opened a case: pings, tallies, notices about the link, too")
	f.IntVar(&o.Limit, "limit", o.Limit, "at most so many")
	f.Int64Var(&o.After, "after", 0, "go on after this number, which the page before ended with")
	f.SortFlags = false
	_ = c.RegisterFlagCompletionFunc("with", a.parties)
	_ = c.RegisterFlagCompletionFunc("party", a.parties)
}

// query is what is asked of the node. A word that is none would look like nothing to do.
func (o *listing) query() (console.CaseQuery, error) {
	q := o.CaseQuery
	for _, s := range statusFlags {
		if !*o.flags[s] {
			continue
		}
		if q.Status != "" && q.Status != string(s) {
			return q, usage("a case has one status: ask for %s or for %s", q.Status, s)
		}
		q.Status = string(s)
	}
	for _, f := range []struct {
		flag, value string
		words       []string
	}{{"status", q.Status, statuses()}, {"turn", q.Turn, []string{"ours", "theirs"}}} {
		if f.value != "" && !slices.Contains(f.words, f.value) {
			return q, usage("--%s is one of: %s", f.flag, strings.Join(f.words, ", "))
		}
	}
	q.Appeals = !o.all
	return q, nil
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
	out, self, err := a.pageOf(ctx, s, q)
	if err != nil {
		return err
	}
	return a.print(out, func(w io.Writer) {
		if len(out.Cases) == 0 {
			fmt.Fprintln(w, "no appeals, or none that fit")
			return
		}
		a.caseTable(w, self, out.Cases)
		if out.Next > 0 {
			fmt.Fprintf(w, "more: --after %d\n", out.Next)
		}
	})
}

// pageOf reads one page of cases.
func (a *app) pageOf(ctx context.Context, s *session, q console.CaseQuery) (listed, string, error) {
	out := listed{Cases: []listedCase{}}
	self, err := s.Self(ctx)
	if err != nil {
		return out, "", err
	}
	if q.Party != "" {
		links, err := s.Links(ctx)
		if err != nil {
			return out, "", err
		}
		if _, err := linkWith(links, q.Party); err != nil { // a misspelt name would look like nothing to do
			return out, "", err
		}
	}
	page, err := s.Cases(ctx, q)
	if err != nil {
		return out, "", err
	}
	out.Next = page.Next
	for _, c := range page.Cases {
		out.Cases = append(out.Cases, listedCase{Ref: lineRef(self.Party, c), Line: c})
	}
	return out, self.Party, nil
}

func (a *app) caseTable(w io.Writer, self string, cases []listedCase) {
	t := table{head: []string{"REF", "STATUS", "TURN", "TLP", "BY", "SUBJECT"}}
	for _, c := range cases {
		t.add(c.Ref, standing(c.Line), turn(self, c.Line), c.TLP, a.deadline(c.By, c.Late), subject(c.Line))
	}
	t.write(w)
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
