package main

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"verbale/internal/console"
	"verbale/internal/node"
)

func (a *app) searchCommand() *cobra.Command {
	q := console.SearchQuery{Limit: listedCases}
	since, after := "", ""
	c := &cobra.Command{
		Use:   "search WORDS",
		Short: "find records by their words, in all that was sent and received",
		Long: `Finds the records that have all the words, the newest first. Case and accents do not count, and what begins with the last word is found as well. Each is shown with its place, its date, who wrote it, and the words around what was found, which stand between *stars*.

The words of records are kept in search.db in the data folder, decrypted: never in a backup, and made anew when the file is deleted. Where nothing decrypted may lie on the disk: verbale serve --no-search, or "no_search": true in config.json, and delete search.db.

Examples:
  verbale search c2.example.net
  verbale search ministry outage --with borea.example --since 2021-06-01
  verbale search ransom --kind mitigate --best`,
		Args: cobra.MinimumNArgs(1),
		RunE: a.run(func(ctx context.Context, args []string) (err error) {
			q.Words = strings.Join(args, " ")
			if q.Since, err = parseSince(since); err != nil {
				return err
			}
			if q.After, err = parseFound(after); err != nil {
				return err
			}
			return a.with(ctx, func(s *session) error { return a.search(ctx, s, q) })
		}),
	}
	f := c.Flags()
	f.StringVar(&q.Party, "with", "", "only the link with this party")
	f.StringVar(&q.Kind, "kind", "", "only appeals of this kind")
	f.StringVar(&q.Act, "act", "", "only records of this act: appeal, answer, refuse, …")
	f.StringVar(&since, "since", "", "only what was released since this `TIME`, as 2021-07-09 or 2021-07-09T14:00:00Z")
	f.BoolVar(&q.Best, "best", false, "the best match first, instead of the newest")
	f.IntVar(&q.Limit, "limit", q.Limit, "at most so many")
	f.StringVar(&after, "after", "", "go on after `PLACE`, which the page before ended with")
	_ = c.RegisterFlagCompletionFunc("with", a.parties)
	return c
}

func parseSince(s string) (time.Time, error) {
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if at, err := time.Parse(layout, s); err == nil || s == "" {
			return at, nil
		}
	}
	return time.Time{}, usage("--since is a time as 2021-07-09 or 2021-07-09T14:00:00Z, and %q is none", s)
}

// foundText is where a page ends: the number of its last record, and its rank.
func foundText(p node.SearchPlace) string {
	return strconv.FormatInt(p.ID, 10) + "," + strconv.FormatFloat(p.Rank, 'g', -1, 64)
}

// parseFound reads what foundText gave.
func parseFound(s string) (p node.SearchPlace, err error) {
	if s == "" {
		return p, nil
	}
	id, rank, ok := strings.Cut(s, ",")
	if p.ID, err = strconv.ParseInt(id, 10, 64); err == nil && ok {
		p.Rank, err = strconv.ParseFloat(rank, 64)
	}
	if err != nil || !ok || p.ID < 1 {
		return p, usage("--after is what the page before ended with, and %q is no such place", s)
	}
	return p, nil
}

// foundPage is a page of `search --json`.
type foundPage struct {
	Matches []foundRecord `json:"matches"`
	Next    string        `json:"next,omitempty"` // the --after of the page that follows
	Behind  int64         `json:"behind"`         // records that are not in the search yet
}

type foundRecord struct {
	Ref string `json:"ref"`
	node.Match
}

func (a *app) search(ctx context.Context, s *session, q console.SearchQuery) error {
	self, err := s.Self(ctx)
	if err != nil {
		return err
	}
	if q.Party != "" {
		links, err := s.Links(ctx)
		if err != nil {
			return err
		}
		if _, err := linkWith(links, q.Party); err != nil { // a misspelt name would look like nothing found
			return err
		}
	}
	found, err := s.Search(ctx, q)
	if err != nil {
		return err
	}
	out := foundPage{Matches: []foundRecord{}, Behind: found.Behind}
	if found.Next != nil {
		out.Next = foundText(*found.Next)
	}
	for _, m := range found.Matches {
		out.Matches = append(out.Matches, foundRecord{shortRef(self.Party, m.Outbox, m.Index), m})
	}
	return a.print(out, func(w io.Writer) { foundLines(w, out) })
}

func foundLines(w io.Writer, out foundPage) {
	if len(out.Matches) == 0 {
		fmt.Fprintln(w, "nothing has all these words")
	}
	for _, m := range out.Matches {
		what := m.Act
		if m.Kind != "" {
			what = m.Kind
		}
		fmt.Fprintf(w, "%s  %s  %s\n", m.Ref, m.At.UTC().Format(utc), what)
		by := "  " + m.By
		if m.Subject != "" {
			by += ": " + oneLine(m.Subject)
		}
		fmt.Fprintln(w, shorten(by, terminalWidth))
		var text strings.Builder
		for _, p := range m.Snippet {
			if p.Hit {
				text.WriteString("*" + p.Text + "*")
			} else {
				text.WriteString(p.Text)
			}
		}
		for line := range strings.Lines(reflow(oneLine(text.String()), helpWidth-rowIndent)) {
			fmt.Fprintln(w, "    "+strings.TrimSuffix(line, "\n"))
		}
	}
	if out.Behind > 0 {
		fmt.Fprintf(w, "%s not in the search yet: try again in a moment\n", counted(out.Behind, "record is", "records are"))
	}
	if out.Next != "" {
		fmt.Fprintf(w, "more: --after %s\n", out.Next)
	}
}

// oneLine is a text without its line breaks.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
