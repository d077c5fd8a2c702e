package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"verbale/internal/console"
	"verbale/internal/docket"
	"verbale/internal/node"
	"verbale/record"
)

func (a *app) directoryCommand() *cobra.Command {
	return group("directory", "who is competent for what, here and there, and how to reach them", `Each party says of its own house which authorities it has, what they send and receive, and how to reach them. It says so in an entry
of the directory: a signed record to each peer, which is not public. The last entry of a party is in force. An entry names by when it will be reviewed (within a year), and the longest that a change may wait for it.

Examples:
  verbale directory example > entry.json
  verbale directory publish --draft entry.json
  verbale directory show borea.example
  verbale directory who borea.example mitigate`,
		a.directoryExampleCommand(), a.directoryPublishCommand(), a.directoryShowCommand(), a.directoryListCommand(), a.directoryWhoCommand(), a.directoryReviewCommand())
}

func (a *app) directoryExampleCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "example",
		Short: "print a draft of our entry, to be edited",
		Long:  "Prints a draft with one authority that sends and receives every kind of appeal, and one contact point.\n\nExample:\n  verbale directory example > entry.json",
		Args:  cobra.NoArgs,
		RunE: a.run(func(ctx context.Context, _ []string) error {
			return a.with(ctx, func(s *session) error {
				self, err := s.Self(ctx)
				if err != nil {
					return err
				}
				return a.printDraft(docket.ActDirectory, a.exampleEntry(self.Title))
			})
		}),
	}
}

func (a *app) exampleEntry(title string) record.Fields {
	f, now := record.Fields{}, a.Now().UTC()
	for name, text := range map[string]string{"title": title, "nominated_by": "Example of an authority that nominates, and its note verbale.", "status": "active", "max_lag": "30d",
		"protection": "need-to-know"} {
		f.SetText(name, text)
	}
	f.SetTime("effective_at", now)
	f.SetTime("review_by", now.AddDate(1, 0, 0))
	f.SetTexts("languages", "en")
	f.SetTexts("instruments", "voluntary")
	f.SetList("authorities", values(object(map[string]any{"name": title, "function": "technical"})))
	competences := values()
	for _, kind := range record.Words("kind") {
		competences = append(competences, object(map[string]any{"authority": title, "direction": "both", "instrument": "voluntary", "kind": kind}))
	}
	f.SetList("competences", competences)
	f.SetList("contacts", values(object(map[string]any{"authority": title, "role": "duty-officer", "hours": "24/7", "zone": "UTC", "languages": "en", "phone": "+00 000 0000", "mail": "duty@example.org"})))
	return f
}

func (a *app) directoryPublishCommand() *cobra.Command {
	file, yes := "", false
	var to []string
	c := &cobra.Command{
		Use:   "publish",
		Short: "write our entry on our links",
		Long: `Shows our entry, and after a yes writes it on every link. Peers that are linked later get it by themselves. With --to it goes to these parties only, who then have
an entry of their own until the next one for all. The same entry once more writes nothing. A draft without effective_at holds from now on, one without review_by is to be reviewed in a year.

Example:
  verbale directory publish --draft entry.json`,
		Args: cobra.NoArgs,
		RunE: a.run(func(ctx context.Context, _ []string) error {
			draft, err := readDraft(file, docket.ActDirectory)
			if err != nil {
				return err
			}
			now := a.Now().UTC()
			for name, at := range map[string]time.Time{"effective_at": now, "review_by": now.AddDate(1, 0, 0)} {
				if draft[name] == nil {
					draft.SetTime(name, at)
				}
			}
			full := node.Complete(draft, now, "duty officer")
			if err := mistakes(file, full); err != nil {
				return err
			}
			return a.with(ctx, func(s *session) error { return a.publish(ctx, s, full, to, yes) })
		}),
	}
	f := c.Flags()
	f.StringVar(&file, "draft", "", "JSON `FILE` of the entry (see: verbale directory example)")
	f.StringArrayVar(&to, "to", nil, "only to this `PARTY` (may be repeated)")
	f.BoolVarP(&yes, "yes", "y", false, "publish without showing and asking")
	required(c, "draft")
	return c
}

func (a *app) publish(ctx context.Context, s *session, draft record.Fields, to []string, yes bool) error {
	self, err := s.Self(ctx)
	if err != nil {
		return err
	}
	a.warnOfExamples(draft)
	if !yes {
		whom := "all parties that we are linked with, now and later"
		if len(to) > 0 {
			whom = strings.Join(to, ", ")
		}
		a.say("To %s, from %s:\n", whom, self.Party)
		_ = told(a.Stderr, fitted(func(w io.Writer) { a.entryText(w, draft, nil) }))
		if err := a.confirm(ctx, fmt.Sprintf("\nIt will be signed by %s and cannot be taken back.", self.Party)); err != nil {
			return err
		}
	}
	links, err := s.PublishDirectory(context.WithoutCancel(ctx), console.Entry{Draft: draft.JSON(), Parties: to})
	if err != nil {
		return err
	}
	return a.print(console.EntryPublished{Links: links}, func(w io.Writer) {
		if len(links) == 0 {
			fmt.Fprintln(w, "there is no link yet: whoever is linked gets it by itself")
			return
		}
		for _, l := range links {
			switch {
			case l.Problem != "":
				fmt.Fprintln(w, hanging(fmt.Sprintf("%s: not yet: %s", l.Party, l.Problem), 0, rowIndent))
			case l.Again:
				fmt.Fprintf(w, "%s: it stands there already: %s\n", l.Party, shortRef(self.Party, l.Ref.Outbox, l.Ref.Index))
			default:
				fmt.Fprintf(w, "%s: filed: %s\n", l.Party, shortRef(self.Party, l.Ref.Outbox, l.Ref.Index))
			}
		}
		if s.local {
			fmt.Fprintln(w, "run `verbale serve`: it pushes what is pending and tries again by itself")
		}
	})
}

func (a *app) directoryShowCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "show [PARTY]",
		Short: "show a party's entry, or our own and where it stands",
		Long: `Shows the entry of a party: which rules it breaks, whether its review is overdue, who can be reached now by their own hours, and how our pings
were answered lately. Without a party, our own entry and on which links it stands.

Example:
  verbale directory show borea.example`,
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: a.parties,
		RunE: a.run(func(ctx context.Context, args []string) error {
			return a.with(ctx, func(s *session) error {
				self, err := s.Self(ctx)
				if err != nil {
					return err
				}
				if len(args) == 0 {
					own, err := s.OwnDirectory(ctx)
					if err != nil {
						return err
					}
					return a.print(own, fitted(func(w io.Writer) { a.ownText(w, self.Party, own) }))
				}
				e, err := s.DirectoryOf(ctx, args[0])
				if err != nil {
					return err
				}
				return a.print(e, fitted(func(w io.Writer) { a.houseText(w, self.Party, e) }))
			})
		}),
	}
}

func (a *app) directoryListCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "list the entries of all parties",
		Long:  "Lists for each linked party how its entry stands, how many of its contact points are there now, and when we heard of it last.\n\nExample:\n  verbale directory list",
		Args:  cobra.NoArgs,
		RunE: a.run(func(ctx context.Context, _ []string) error {
			return a.with(ctx, func(s *session) error {
				list, err := s.Directory(ctx)
				if err != nil {
					return err
				}
				return a.print(console.Houses{Entries: list}, func(w io.Writer) { a.houseTable(w, list) })
			})
		}),
	}
}

func (a *app) directoryWhoCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "who PARTY KIND",
		Short: "tell who in a party's house receives a kind of appeal",
		Long: `Tells which authorities of a party receive a kind of appeal, by which instrument, and whom to reach there; those who are there now come first.

Example:
  verbale directory who borea.example mitigate`,
		Args:              cobra.ExactArgs(2),
		ValidArgsFunction: a.parties,
		RunE: a.run(func(ctx context.Context, args []string) error {
			return a.with(ctx, func(s *session) error {
				who, err := s.Competent(ctx, args[0], args[1])
				if err != nil {
					return err
				}
				return a.print(who, fitted(func(w io.Writer) { a.whoText(w, who) }))
			})
		}),
	}
}

func (a *app) directoryReviewCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "review",
		Short: "list what is overdue or late; exit code 9 if our own entry is",
		Long: `Lists the entries whose review is overdue, that came late or break another rule, and the parties that have none. Ends with exit code 9 where our own entry
is overdue, or does not stand on a link yet; else with 0.

Example:
  verbale directory review`,
		Args: cobra.NoArgs,
		RunE: a.run(func(ctx context.Context, _ []string) error {
			return a.with(ctx, func(s *session) error {
				own, err := s.OwnDirectory(ctx)
				if err != nil {
					return err
				}
				list, err := s.Directory(ctx)
				if err != nil {
					return err
				}
				r := a.review(own, list)
				if err := a.print(r, fitted(func(w io.Writer) { a.reviewText(w, r) })); err != nil {
					return err
				}
				if len(r.Ours) > 0 {
					return &finding{kindLate}
				}
				return nil
			})
		}),
	}
}

// reviewed is what `directory review` finds.
type reviewed struct {
	Ours   []string     `json:"ours"`
	Theirs []reviewedOf `json:"theirs"`
}

type reviewedOf struct {
	Party string   `json:"party"`
	Found []string `json:"found"`
}

func (a *app) review(own node.OwnDirectory, list []node.DirectoryEntry) reviewed {
	r := reviewed{Ours: []string{}, Theirs: []reviewedOf{}}
	if !own.Overdue.IsZero() {
		r.Ours = append(r.Ours, "our entry should have been reviewed by "+a.when(own.Overdue))
	}
	if own.Entry == nil && len(own.Links) > 0 {
		r.Ours = append(r.Ours, "we have published no entry")
	}
	for _, l := range own.Links {
		if l.Waiting {
			r.Ours = append(r.Ours, "our entry does not stand on the link with "+l.Party+" yet")
		}
		if l.Apart && !l.Overdue.IsZero() {
			r.Ours = append(r.Ours, "the entry that "+l.Party+" has of its own should have been reviewed by "+a.when(l.Overdue))
		}
	}
	for _, e := range list {
		found := append([]string{}, e.Marks...)
		if e.Ref == nil {
			found = append(found, "it has written no entry")
		}
		if e.Status == "suspended" || e.Status == "withdrawn" {
			found = append(found, "its entry says that it is "+e.Status)
		}
		if !e.Overdue.IsZero() {
			found = append(found, "its review is overdue since "+a.when(e.Overdue))
		}
		if len(found) > 0 {
			r.Theirs = append(r.Theirs, reviewedOf{e.Party, found})
		}
	}
	return r
}
