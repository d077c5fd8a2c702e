package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"verbale/internal/console"
	"verbale/internal/docket"
	"verbale/record"
)

// listing is what `appeal list` was told.
type listing struct {
	console.CaseQuery
	all   bool
	after string
	flags map[docket.Status]*bool // those that stand for a status
}

// statusFlags are the statuses that are asked for so often that they have a flag.
var statusFlags = []docket.Status{docket.Disputed, docket.Expired, docket.Incomplete, docket.Postponed}

func (a *app) appealListCommand() *cobra.Command {
	o := listing{CaseQuery: console.CaseQuery{Limit: listedCases, Order: orderNewest}, flags: map[docket.Status]*bool{}}
	c := &cobra.Command{
		Use:   "list",
		Short: "list appeals: where each stands, whose turn it is, and until when",
		Long: `Lists appeals, the newest first or by when they are due: the status, who must do what, and by when (from now, and in UTC). What is late says LATE. Filters
add up: only what fits all of them is listed.

Examples:
  verbale appeal list --turn ours --by due
  verbale appeal list --with borea.example --status acknowledged --json
  verbale appeal list --late --kind preserve --direction sent
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

const (
	orderNewest = "newest"
	orderDue    = "due"
)

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
	word(&o.Direction, "direction", "only what we sent, or what we received: sent, received", []string{"sent", "received"})
	word(&o.Status, "status", "only this status, as acknowledged", statuses())
	word(&o.Kind, "kind", "only this kind (see: verbale appeal kinds)", record.Words("kind"))
	word(&o.Class, "class", "only this class: "+strings.Join(record.Words("class"), ", "), record.Words("class"))
	word(&o.Level, "level", "only this level: "+strings.Join(record.Words("level"), ", "), record.Words("level"))
	word(&o.Channel, "channel", "only this channel: "+strings.Join(record.Words("channel"), ", "), record.Words("channel"))
	f.BoolVar(&o.Late, "late", false, "only where who must act is late")
	f.BoolVar(&o.Lapsed, "lapsed", false, "only where the reply deadline has passed without a final answer")
	f.BoolVar(&o.Irregular, "irregular", false, "only where a move breaks a rule")
	for _, s := range statusFlags {
		o.flags[s] = f.Bool(string(s), false, "the same as --status "+string(s))
	}
	f.BoolVar(&o.Stranded, "stranded", false, "only where somebody must act and the link is suspended")
	f.BoolVar(&o.all, "all", false, "whatever opened a case: pings, tallies, notices about the link, too")
	word(&o.Order, "by", "newest first, or what is due earliest first (only where somebody must act): newest, due", []string{orderNewest, orderDue})
	f.IntVar(&o.Limit, "limit", o.Limit, "at most so many")
	f.StringVar(&o.after, "after", "", "go on after `PLACE`, which the page before ended with")
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
	}{{"direction", q.Direction, []string{"sent", "received"}}, {"turn", q.Turn, []string{"ours", "theirs"}}, {"status", q.Status, statuses()}, {"kind", q.Kind, record.Words("kind")}, {"class", q.Class, record.Words("class")},
		{"channel", q.Channel, record.Words("channel")}, {"level", q.Level, record.Words("level")}, {"by", q.Order, []string{orderNewest, orderDue}}} {
		if f.value != "" && !slices.Contains(f.words, f.value) {
			return q, usage("--%s is one of: %s", f.flag, strings.Join(f.words, ", "))
		}
	}
	q.Appeals = !o.all
	var err error
	q.After, q.AfterDue, err = parsePlace(o.after)
	return q, err
}

// placeText is where a page ends: the number of its last case, and in the order of due times that time.
func placeText(number int64, due time.Time) string {
	if due.IsZero() {
		return strconv.FormatInt(number, 10)
	}
	return strconv.FormatInt(number, 10) + "," + due.UTC().Format(time.RFC3339Nano)
}

// parsePlace reads what placeText gave.
func parsePlace(s string) (number int64, due time.Time, err error) {
	if s == "" {
		return 0, due, nil
	}
	digits, at, timed := strings.Cut(s, ",")
	number, err = strconv.ParseInt(digits, 10, 64)
	if err == nil && timed {
		due, err = time.Parse(time.RFC3339Nano, at)
	}
	if err != nil || number < 1 {
		return 0, due, usage("--after is what the page before ended with, and %q is no such place", s)
	}
	return number, due, nil
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
	Next  string       `json:"next,omitempty"` // the --after of the page that follows
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
		moreText(w, out)
	})
}

func moreText(w io.Writer, out listed) {
	if out.Next != "" {
		fmt.Fprintf(w, "more: --after %s\n", out.Next)
	}
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
	if page.Next > 0 {
		out.Next = placeText(page.Next, page.NextDue)
	}
	for _, c := range page.Cases {
		out.Cases = append(out.Cases, listedCase{Ref: lineRef(self.Party, c), Line: c})
	}
	if q.Order == orderDue { // the node lists by a lower bound of the due time
		slices.SortStableFunc(out.Cases, func(a, b listedCase) int { return compareDue(a.By, b.By) })
	}
	return out, self.Party, nil
}

// compareDue orders deadlines: none is after all others.
func compareDue(a, b time.Time) int {
	switch {
	case a.IsZero() == b.IsZero():
		return a.Compare(b)
	case a.IsZero():
		return 1
	}
	return -1
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
