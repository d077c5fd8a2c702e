package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"verbale/internal/docket"
	"verbale/internal/node"
	"verbale/record"
)

// asking is what `stats` was told.
type asking struct {
	from, to, asOf       string
	channel, kind, class string
	compare, basis       string
}

func (a *app) statsCommand() *cobra.Command {
	var o asking
	c := &cobra.Command{
		Use:   "stats [PARTY]",
		Short: "figures of a link that both sides compute alike",
		Long: `Counts the appeals of a link, or of all links: by who asked whom, class, channel and kind. Only what both sides hold each other's receipts for is counted,
so both get the same figures, each from its own copy. What has no receipt is known to its author only and stands apart, at the end.

Every appeal that was received stands in one group: answered in time, answered late, refused, silent … What is counted "beside" overlaps. Test and
service stand apart from what is substantive and are never added to it. The window takes an appeal by its receipt; --as-of shows the figures as they
were at an instant. What each figure counts stands in spec/statistics.md.

--json writes the figures file. The other side holds it against its own copy with --compare: equal, or the rows that differ. To see which records they are,
count the months: "verbale tally". Where the two have not the same receipts, --basis counts by what both have.

Times are like 2026-07-09T18:00:00Z or 2026-07-09, in UTC, or counted back from now, like -30d.

Examples:
  verbale stats borea.example
  verbale stats borea.example --from 2026-01-01 --to 2026-07-01
  verbale stats borea.example --json >ours.json
  verbale stats borea.example --compare theirs.json`,
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: a.parties,
		RunE:              a.run(func(ctx context.Context, args []string) error { return a.stats(ctx, strings.Join(args, ""), o) }),
	}
	f := c.Flags()
	f.StringVar(&o.from, "from", "", "only appeals received from this `TIME` on")
	f.StringVar(&o.to, "to", "", "only appeals received before this `TIME`")
	f.StringVar(&o.asOf, "as-of", "", "the figures as of this `TIME`; now, if left out")
	for name, at := range map[string]*string{"kind": &o.kind, "channel": &o.channel, "class": &o.class} {
		f.StringVar(at, name, "", "only appeals of this `"+strings.ToUpper(name)+"`")
		offer(c, name, record.Words(name))
	}
	f.StringVar(&o.compare, "compare", "", "hold the figures `FILE` of the party against our own copy")
	f.StringVar(&o.basis, "basis", "", "count as the figures `FILE` of the party does, by what both sides have")
	c.MarkFlagsMutuallyExclusive("compare", "basis")
	return c
}

// query is what is asked of the node.
func (o asking) query(now time.Time) (q node.StatisticsQuery, err error) {
	q.Channel, q.Kind, q.Class = o.channel, o.kind, o.class
	for _, t := range []struct {
		flag, text string
		into       *time.Time
	}{{"from", o.from, &q.From}, {"to", o.to, &q.To}, {"as-of", o.asOf, &q.AsOf}} {
		if t.text == "" {
			continue
		}
		day, err := time.Parse(time.DateOnly, t.text)
		if err != nil {
			day, err = timeBack(t.text, now)
		}
		if err != nil {
			return q, usage("--%s: %v", t.flag, err)
		}
		*t.into = day
	}
	for _, w := range []struct{ flag, word string }{{"channel", o.channel}, {"kind", o.kind}, {"class", o.class}} {
		if list := record.Words(w.flag); w.word != "" && !slices.Contains(list, w.word) {
			return q, usage("--%s: there is no %q; there are %s", w.flag, w.word, strings.Join(list, ", "))
		}
	}
	return q, nil
}

// allStats is what `stats --json` prints of all links.
type allStats struct {
	Files []node.Statistics `json:"files"`
}

func (a *app) stats(ctx context.Context, party string, o asking) error {
	q, err := o.query(a.Now())
	if err != nil {
		return err
	}
	file := o.compare + o.basis
	if file != "" {
		if q != (node.StatisticsQuery{}) || party == "" {
			return usage("with a figures file goes PARTY, whose file it is, and nothing else: the file says what is asked")
		}
		return a.heldAgainst(ctx, party, file, o.basis != "")
	}
	return a.with(ctx, func(s *session) error {
		if party != "" {
			found, err := s.Statistics(ctx, party, q)
			if err != nil {
				return err
			}
			return a.print(found, func(w io.Writer) { a.statsText(w, found) })
		}
		links, err := s.Links(ctx)
		if err != nil {
			return err
		}
		all := allStats{Files: []node.Statistics{}}
		for _, l := range links {
			if !l.Confirmed {
				continue
			}
			found, err := s.Statistics(ctx, l.Party, q)
			if err != nil {
				return err
			}
			all.Files = append(all.Files, found)
		}
		return a.print(all, func(w io.Writer) {
			for i, found := range all.Files {
				if i > 0 {
					fmt.Fprintln(w)
				}
				a.statsText(w, found)
			}
		})
	})
}

// heldAgainst holds a figures file of a party against our own copy, or counts as it does.
func (a *app) heldAgainst(ctx context.Context, party, file string, only bool) error {
	raw, err := readFile(file, maxFigures)
	if err != nil {
		return err
	}
	return a.with(ctx, func(s *session) error {
		c, err := s.CompareStatistics(ctx, party, raw)
		if err != nil {
			return err
		}
		if only {
			return a.print(c.Ours, func(w io.Writer) { a.statsText(w, c.Ours) })
		}
		return a.print(c, func(w io.Writer) { a.comparisonText(w, c, file) })
	})
}

func (a *app) comparisonText(w io.Writer, c node.Comparison, file string) {
	switch {
	case c.Equal:
		fmt.Fprintf(w, "equal: %s says what our own copy says\n\n", file)
		a.statsText(w, c.Ours)
		return
	case !c.SameBasis:
		fmt.Fprintf(w, "not by the same basis: %s counts records\nfor which we have no receipt, or that one side cannot read. By what both have:\n", file)
		fmt.Fprintf(w, "  verbale stats %s --basis %s --json\n", c.Party, file)
		fmt.Fprintf(w, "gives a file that they hold against their copy:\n  verbale stats %s --compare …\n", c.Ours.By)
	case len(c.Differ) == 0:
		fmt.Fprintf(w, "they differ in no row, but in what is in the window by the receipts of each\nwhich records: verbale tally %s --month …\n", c.Party)
	default:
		fmt.Fprintf(w, "they differ in %s\nwhich records: verbale tally %s --month …\n", counted(int64(len(c.Differ)), "row", "rows"), c.Party)
	}
	for _, r := range c.Receipts {
		inLines(w, "", fmt.Sprintf("over %s we have %s, they have %d: who lacks one may date records later", r.Outbox, counted(r.Ours, "receipt", "receipts"), r.Theirs))
	}
	for _, d := range c.Differ {
		fmt.Fprintf(w, "\n%s to %s, %s\n", d.From, d.To, sortName(d.Class, d.Channel, d.Kind))
		inLines(w, "  ", "ours: "+figureWords(d.Ours, true))
		inLines(w, "  ", "theirs: "+figureWords(d.Theirs, true))
	}
}

// sortName names a row.
func sortName(class, channel, kind string) string {
	name := kind + " over the " + channel + " channel"
	if class != "substantive" {
		name += " (" + class + ")"
	}
	return name
}

// unbroken stands for a space at which no line is broken: that between a number and its name.
const unbroken = "\x00"

// figureWords are figures in words; zeros are left out unless they are asked for.
func figureWords(list []docket.Figure, zeros bool) string {
	var words []string
	for _, f := range list {
		if f.N == 0 && !zeros {
			continue
		}
		name, known := map[string]string{"conditions": "waiting for conditions", "incomplete": "waiting for a supplement", "disputed_once": "disputed at some time",
			"interim": "answered for the time being", "irregular": "with irregular moves", "p90": "nine of ten up to"}[f.Name]
		if !known {
			name = strings.ReplaceAll(f.Name, "_", " ")
		}
		switch f.Name {
		case "median", "p90", "longest":
			name += " " + span(time.Duration(f.N)*time.Second)
		default:
			name += fmt.Sprint(" ", f.N)
		}
		words = append(words, strings.ReplaceAll(name, " ", unbroken))
	}
	return strings.Join(words, ", ")
}

// statsText prints figures so that both sides print the same, and after them what is known here only.
func (a *app) statsText(w io.Writer, s node.Statistics) {
	f := s.Figures
	inLines(w, "", fmt.Sprintf("%s and %s, %s, as of %s", f.Link[0], f.Link[1], windowWords(f.From, f.To), f.AsOf.UTC().Format(utc)))
	for _, h := range f.Basis.Heads {
		fmt.Fprintf(w, "  %s: %s, of %d with a receipt\n", h.Outbox, serials(docket.Span{From: h.From, Next: h.Next}), h.Size)
	}
	for _, u := range f.Unread {
		inLines(w, "  ", fmt.Sprintf("%s to %s: %s that one side cannot read, counted nowhere", u.From, u.To, counted(u.Count, "record", "records")))
	}
	if len(f.Counting) > 0 && !slices.Equal(f.Counting, []string{"received"}) {
		fmt.Fprintf(w, "  in public counts what is %s, by the arrangement\n", strings.Join(f.Counting, ", before or after that what is "))
	}
	if len(f.Totals) == 0 {
		fmt.Fprintln(w, "\nno appeals")
	}
	for _, substantive := range []bool{true, false} {
		for _, t := range f.Totals {
			if (t.Class == "substantive") == substantive {
				totalText(w, t, f.Rows)
			}
		}
	}
	a.knownText(w, s)
}

func windowWords(from, to time.Time) string {
	day := func(t time.Time) string {
		if t.Equal(t.Truncate(24 * time.Hour)) {
			return t.UTC().Format(time.DateOnly)
		}
		return t.UTC().Format(utc)
	}
	switch {
	case from.IsZero() && to.IsZero():
		return "all appeals"
	case from.IsZero():
		return "received before " + day(to)
	case to.IsZero():
		return "received from " + day(from) + " on"
	}
	return "received from " + day(from) + " and before " + day(to)
}

// totalText prints a directed pair and class, and its rows.
func totalText(w io.Writer, t docket.StatRow, rows []docket.StatRow) {
	class := ""
	if t.Class != "substantive" {
		class = " (" + t.Class + ")"
	}
	head := fmt.Sprintf("%s to %s%s: %d received", t.From, t.To, class, t.Received)
	if t.Public != t.Received {
		head += fmt.Sprintf(", of these %d count in public", t.Public)
	}
	fmt.Fprintln(w)
	inLines(w, "", head)
	figureLines(w, t, "  ")
	var own []docket.StatRow
	for _, r := range rows {
		if r.From == t.From && r.To == t.To && r.Class == t.Class {
			own = append(own, r)
		}
	}
	for _, r := range own {
		fmt.Fprintf(w, "  %s, %s channel: %d received\n", r.Kind, r.Channel, r.Received)
		if len(own) > 1 {
			figureLines(w, r, "    ")
		}
	}
}

// figureLines prints what is not 0 of a row.
func figureLines(w io.Writer, r docket.StatRow, indent string) {
	inLines(w, indent, figureWords(r.OneOf.List(), false))
	if beside := figureWords(r.AnyOf.List(), false); beside != "" {
		inLines(w, indent, "beside: "+beside)
	}
	if t := r.AnswerTime; t.Count > 0 {
		inLines(w, indent, "answers took "+figureWords([]docket.Figure{{Name: "median", N: t.Median}, {Name: "p90", N: t.P90}, {Name: "longest", N: t.Longest}}, true))
	}
}

// inLines prints a text in lines that fit a terminal.
func inLines(w io.Writer, indent, text string) {
	for line := range strings.Lines(reflow(text, terminalWidth-len(indent))) {
		fmt.Fprintln(w, indent+strings.ReplaceAll(strings.TrimSuffix(line, "\n"), unbroken, " "))
	}
}

// knownText prints what stands beyond the basis.
func (a *app) knownText(w io.Writer, s node.Statistics) {
	if len(s.Known.Appeals)+len(s.Known.Moves) == 0 {
		return
	}
	fmt.Fprintf(w, "\nknown to us only, %s, and in no figure above:\n", s.By)
	for _, r := range s.Known.Appeals {
		lodged := ""
		if r.Lodged > 0 {
			lodged = fmt.Sprintf(", lodged with a relay %d", r.Lodged)
		}
		inLines(w, "  ", fmt.Sprintf("%s to %s, %s: sent %d%s", r.From, r.To, sortName(r.Class, r.Channel, r.Kind), r.Sent, lodged))
	}
	for _, m := range s.Known.Moves {
		inLines(w, "  ", fmt.Sprintf("replies of %s to what is counted: %s %d", m.By, m.Act, m.Count))
	}
}
