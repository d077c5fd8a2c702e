package main

import (
	"context"
	"encoding/json/jsontext"
	"encoding/json/v2"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"verbale/internal/docket"
	"verbale/internal/node"
)

func (a *app) tallyCommand() *cobra.Command {
	var month string
	var o filing
	c := &cobra.Command{
		Use:   "tally PARTY",
		Short: "count a month of a link on the record; the peer's node answers",
		Long: `Counts a month of a link, by the receipts, and files the count. The peer's node holds it against its own books and answers by itself: it agrees,
or names the serial numbers on which the two differ. Each of them is settled by a receipt, or by there being none.

While serve runs, the tally of each month is filed by itself when the month is over. A month belongs to UTC; a record belongs to the month of its
receipt. A month that was counted before is filed again only when the count has changed.

Examples:
  verbale tally borea.example
  verbale tally borea.example --month 2026-06 --wait
  verbale tally show borea.example --month 2026-06`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: a.parties,
		RunE: a.run(func(ctx context.Context, args []string) error {
			return a.with(ctx, func(s *session) error {
				self, err := s.Self(ctx)
				if err != nil {
					return err
				}
				page, err := s.Tally(context.WithoutCancel(ctx), args[0], a.month(month))
				if err != nil {
					return err
				}
				if o.wait {
					if page, err = a.answeredTally(ctx, s, page, o.timeout); err != nil {
						return err
					}
				}
				return a.print(page, func(w io.Writer) { a.tallyText(w, self.Party, page, false) })
			})
		}),
	}
	a.monthFlag(c, &month)
	o.waitFlags(c, "wait until the peer's answer is here")
	c.AddCommand(a.tallyShowCommand())
	return c
}

// answeredTally waits for the answer to our tally.
func (a *app) answeredTally(ctx context.Context, s *session, p node.TallyPage, timeout time.Duration) (node.TallyPage, error) {
	err := a.await(ctx, s, p.Party, timeout, "answer", func() (bool, error) {
		if p.Ours.Answer != nil {
			return true, nil
		}
		c, err := s.Case(ctx, p.Ours.Ref.Outbox, p.Ours.Ref.Index)
		return c.Status == docket.Answered, err
	})
	if err != nil {
		return p, err
	}
	return s.TallyPage(ctx, p.Party, p.Period)
}

func (a *app) tallyShowCommand() *cobra.Command {
	var month string
	full := false
	c := &cobra.Command{
		Use:   "show PARTY",
		Short: "show a month as both sides counted it, and what settles it",
		Long: `Shows a month of a link side by side: what this side counts and what the peer does, what each said of the other's count, and for every serial number
on which they differ the receipt over it, or that there is none. It files nothing.

Example:
  verbale tally show borea.example --month 2026-06`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: a.parties,
		RunE: a.run(func(ctx context.Context, args []string) error {
			return a.with(ctx, func(s *session) error {
				self, err := s.Self(ctx)
				if err != nil {
					return err
				}
				page, err := s.TallyPage(ctx, args[0], a.month(month))
				if err != nil {
					return err
				}
				return a.print(page, func(w io.Writer) { a.tallyText(w, self.Party, page, full) })
			})
		}),
	}
	a.monthFlag(c, &month)
	c.Flags().BoolVar(&full, "full", false, "all differences, however many")
	return c
}

func (a *app) monthFlag(c *cobra.Command, month *string) {
	c.Flags().StringVar(month, "month", "", "the `MONTH`, as 2026-06; the last that is over, if left out")
}

// month is the month that is asked for.
func (a *app) month(asked string) string {
	if asked != "" {
		return asked
	}
	now := a.Now().UTC()
	return docket.Month(time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, time.UTC).Add(-time.Second))
}

func (a *app) tallyText(w io.Writer, self string, p node.TallyPage, full bool) {
	for _, before := range p.Earlier {
		a.tallyText(w, self, before, full)
		fmt.Fprintln(w)
	}
	fmt.Fprintf(w, "%s with %s, %s (UTC), by the receipts\n\n", self, p.Party, p.Period)
	a.tallyTable(w, p)
	fmt.Fprintln(w)
	a.filedLine(w, self, "our tally", p.Ours, "they")
	a.filedLine(w, self, "their tally", p.Theirs, "we")
	if p.Ours == nil {
		fmt.Fprintf(w, "             what stands above as ours is what the books say now:\n             verbale tally %s --month %s\n", p.Party, p.Period)
	}
	if len(p.Differences) == 0 {
		return
	}
	fmt.Fprintf(w, "\nthe sides differ on %s:\n", counted(int64(len(p.Differences)), "record", "records"))
	for i, d := range p.Differences {
		if i == shownAtMost && !full {
			fmt.Fprintf(w, "  … and %d more; all of them: --full\n", len(p.Differences)-i)
			break
		}
		a.settledLine(w, self, p.Party, d)
	}
}

// tallyTable shows the rows of both sides side by side.
func (a *app) tallyTable(w io.Writer, p node.TallyPage) {
	ours := p.Books
	if p.Ours != nil {
		ours = p.Ours.Tally
	}
	t := table{head: []string{"", "SENT: OURS", "THEIRS", "RECEIVED: OURS", "THEIRS"}}
	own, their := byName(ours.Rows, docket.DirSent, docket.DirReceived), theirRows(p)
	for _, name := range names(own, their) {
		t.add(append([]string{name}, cells(own, their, name)...)...)
	}
	sent, received := serials(ours.Sent), serials(ours.Received)
	theirSent, theirReceived := "–", "–"
	switch {
	case p.Theirs != nil:
		theirSent, theirReceived = serials(p.Theirs.Received), serials(p.Theirs.Sent)
	case p.Ours != nil && p.Ours.Answer != nil && p.Ours.Answer.Agrees: // an answer repeats no serial numbers
		theirSent, theirReceived = sent, received
	}
	t.add("serial numbers", sent, theirSent, received, theirReceived)
	t.write(w)
	if n := len(ours.Unreceipted); n > 0 {
		list := []string{}
		for _, serial := range ours.Unreceipted[:min(n, shownSerials)] {
			list = append(list, fmt.Sprintf("#%d", serial))
		}
		if n > shownSerials {
			list = append(list, "…")
		}
		fmt.Fprintf(w, "\nsent in the month, and without a receipt on %s: %d (%s)\n", ours.TakenAt.UTC().Format(utc), n, strings.Join(list, ", "))
	}
}

// counts are how many records of each sort there are, by what they are called: sent, and received.
type counts map[string][2]int64

// byName gives the rows by name; sent and received are the directions that count as such here.
func byName(rows []docket.Row, sent, received string) counts {
	out := counts{}
	for _, r := range rows {
		name := strings.TrimSpace(r.Act + " " + r.Kind)
		if r.Class != "substantive" {
			name += " (" + r.Class + ")"
		}
		both := out[name]
		switch r.Direction {
		case sent:
			both[0] += r.Count
		case received:
			both[1] += r.Count
		}
		out[name] = both
	}
	return out
}

// theirRows are the peer's counts as this side sees them: of its tally, else of its answer to ours. Nil: it has said nothing.
func theirRows(p node.TallyPage) counts {
	switch {
	case p.Theirs != nil:
		return byName(p.Theirs.Rows, docket.DirReceived, docket.DirSent)
	case p.Ours != nil && p.Ours.Answer != nil:
		return byName(p.Ours.Answer.Rows, docket.DirReceived, docket.DirSent)
	}
	return nil
}

func names(own, their counts) []string {
	all := map[string]bool{}
	for _, c := range []counts{own, their} {
		for name := range c {
			all[name] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// cells are the counts of one row of the table: sent by ours and theirs, received by ours and theirs.
func cells(own, their counts, name string) []string {
	out := []string{fmt.Sprint(own[name][0]), "–", fmt.Sprint(own[name][1]), "–"}
	if their != nil {
		out[1], out[3] = fmt.Sprint(their[name][0]), fmt.Sprint(their[name][1])
	}
	return out
}

// serials is a run of serial numbers.
func serials(s docket.Span) string {
	switch s.Next - s.From {
	case 0:
		return "none"
	case 1:
		return fmt.Sprintf("#%d", s.From)
	}
	return fmt.Sprintf("#%d–#%d", s.From, s.Next-1)
}

// filedLine says where a tally stands on the record, and what the other side said of it.
func (a *app) filedLine(w io.Writer, self, whose string, t *node.FiledTally, others string) {
	if t == nil {
		fmt.Fprintf(w, "%-12s none is on record\n", whose)
		return
	}
	fmt.Fprintf(w, "%-12s %s, taken %s\n", whose, shortRef(self, t.Ref.Outbox, t.Ref.Index), t.TakenAt.UTC().Format(utc))
	switch {
	case t.Answer == nil && t.ReceivedAt.IsZero():
		fmt.Fprintf(w, "%-12s not received yet\n", "")
	case t.Answer == nil:
		fmt.Fprintf(w, "%-12s received %s; %s have not answered\n", "", t.ReceivedAt.UTC().Format(utc), others)
	case t.Answer.Agrees:
		fmt.Fprintf(w, "%-12s %s agree: %s\n", "", others, shortRef(self, t.Answer.Ref.Outbox, t.Answer.Ref.Index))
	case len(t.Answer.Differences) == 0:
		fmt.Fprintf(w, "%-12s %s differ, and name no record: it does not add up (%s)\n", "", others, shortRef(self, t.Answer.Ref.Outbox, t.Answer.Ref.Index))
	default:
		fmt.Fprintf(w, "%-12s %s differ on %s: %s\n", "", others, counted(int64(len(t.Answer.Differences)), "record", "records"),
			shortRef(self, t.Answer.Ref.Outbox, t.Answer.Ref.Index))
	}
}

// settledLine says on what the sides differ, and what settles it.
func (a *app) settledLine(w io.Writer, self, party string, d node.Settled) {
	fmt.Fprintf(w, "  %s, %s by us\n", shortRef(self, d.Outbox, d.Serial), d.Direction)
	for _, said := range d.Said {
		who := "they say"
		if said.By != party {
			who = "we say"
		}
		text := stateWords(said.State)
		if said.Note != "" {
			text += " (" + said.Note + ")"
		}
		fmt.Fprintf(w, "      %-9s %s\n", who, text)
	}
	if d.ReceiptAt.IsZero() {
		fmt.Fprintf(w, "      settled   no receipt: not received\n")
		return
	}
	fmt.Fprintf(w, "      settled   receipt of %s, over #0–#%d\n", d.ReceiptAt.UTC().Format(utc), d.Receipt-1)
}

// stateWords says a state of a difference as people do.
func stateWords(state string) string {
	if words, ok := map[string]string{docket.NotReceived: "not received in the month", docket.NoReceipt: "there is no receipt for it on the other side",
		docket.OtherKind: "it counts in another row", docket.OtherPeriod: "it counts in another month"}[state]; ok {
		return words
	}
	return state
}

// tallyValue shows a row or a difference of a tally; "" where v is neither.
func tallyValue(v jsontext.Value) string {
	var r docket.Row
	if json.Unmarshal(v, &r, json.RejectUnknownMembers(true)) == nil && r.Act != "" {
		return fmt.Sprintf("%s: %d × %s (%s)", r.Direction, r.Count, strings.TrimSpace(r.Act+" "+r.Kind), r.Class)
	}
	var d docket.Difference
	if json.Unmarshal(v, &d, json.RejectUnknownMembers(true)) == nil && d.State != "" {
		return withNote(fmt.Sprintf("%s #%d: %s", d.Direction, d.Serial, stateWords(d.State)), d.Note)
	}
	return ""
}
