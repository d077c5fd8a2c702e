package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"verbale/internal/console"
	"verbale/internal/docket"
	"verbale/internal/node"
	"verbale/record"
)

func (a *app) arrangementCommand() *cobra.Command {
	return group("arrangement", "the rules of a link: kinds, clocks, quotas, calendars", `An arrangement says which kinds of appeal and which channels a link has, by when they are acknowledged and answered, how many a side may send in a day, and
what may be said in public. One side proposes it, and it holds once the other has agreed: one signature binds nobody. Of several the one with the highest version is in force.

Where none is in force, each kind has its default clocks and nothing is limited. Appeals that were released before keep the rules that they were released under.

Examples:
  verbale arrangement example borea.example > rules.json
  verbale arrangement propose borea.example --draft rules.json
  verbale arrangement show borea.example
  verbale arrangement agree borea.example#3`,
		a.arrangementExampleCommand(), a.arrangementProposeCommand(), a.arrangementShowCommand(), a.arrangementListCommand(),
		a.arrangementAgreeCommand(), a.arrangementDeclineCommand(), a.arrangementWithdrawCommand())
}

func (a *app) arrangementExampleCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "example PARTY",
		Short: "print a draft, to be edited",
		Long: `Prints a draft of the next version for the link with a party: every kind of appeal with its default clocks, and working days from Monday to Friday.

Example:
  verbale arrangement example borea.example > rules.json`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: a.parties,
		RunE: a.run(func(ctx context.Context, args []string) error {
			return a.with(ctx, func(s *session) error {
				self, err := s.Self(ctx)
				if err != nil {
					return err
				}
				l, err := s.Link(ctx, args[0])
				if err != nil {
					return err
				}
				version, err := nextVersion(ctx, s, args[0])
				if err != nil {
					return err
				}
				return a.printDraft(docket.ActArrangement, a.exampleRules(self, l, version))
			})
		}),
	}
}

// nextVersion is above all that were agreed to or proposed.
func nextVersion(ctx context.Context, s *session, party string) (int64, error) {
	list, err := s.Arrangements(ctx, party, time.Time{})
	version := int64(1)
	for _, p := range list {
		version = max(version, p.Version+1)
	}
	return version, err
}

func (a *app) exampleRules(self console.Party, l node.LinkStatus, version int64) record.Fields {
	f := record.Fields{}
	f.SetInt("version", version)
	f.SetTime("in_force_from", a.Now().UTC())
	for name, text := range map[string]string{"retention": "365d", "releasability": "counts", "counting": "received", "reminder": "2h",
		"counting_rule": "An appeal of the class substantive counts once the addressee’s node has receipted it, in the month of that receipt."} {
		f.SetText(name, text)
	}
	f.SetTexts("channels", "technical", "diplomatic")
	f.SetList("bodies", values(object(map[string]any{"authority": self.Title, "channel": "technical", "party": self.Party}),
		object(map[string]any{"authority": l.Title, "channel": "technical", "party": l.Party})))
	kinds := values()
	for _, kind := range record.Words("kind") {
		ack, reply := record.Clocks(kind)
		kinds = append(kinds, object(map[string]any{"kind": kind, "acknowledge": clockText(ack), "reply": clockText(reply)}))
	}
	f.SetList("kinds", kinds)
	calendars := values()
	for _, party := range []string{self.Party, l.Party} {
		calendars = append(calendars, object(map[string]any{"party": party, "days": "mon tue wed thu fri", "opens": "08:00", "closes": "16:00"}))
	}
	f.SetList("calendars", calendars)
	f.SetList("escalation", values(object(map[string]any{"after": "1d", "level": "operational", "contact": "head of section"}),
		object(map[string]any{"after": "3d", "level": "political", "contact": "director"})))
	return f
}

// clockText is a span as a record has it.
func clockText(d time.Duration) string {
	switch {
	case d == 0:
		return ""
	case d%(24*time.Hour) == 0:
		return fmt.Sprintf("%dd", d/(24*time.Hour))
	}
	return fmt.Sprintf("%dh", d/time.Hour)
}

func (a *app) arrangementProposeCommand() *cobra.Command {
	file := ""
	var o filing
	c := &cobra.Command{
		Use:   "propose PARTY",
		Short: "propose rules for a link",
		Long: `Shows a draft beside the version before, and after a yes files it. It moves nothing until the peer has agreed. A draft without a version gets the next one.

Example:
  verbale arrangement propose borea.example --draft rules.json`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: a.parties,
		RunE: a.run(func(ctx context.Context, args []string) error {
			draft, err := readDraft(file, docket.ActArrangement)
			if err != nil {
				return err
			}
			return a.with(ctx, func(s *session) error { return a.proposeRules(ctx, s, args[0], file, draft, o) })
		}),
	}
	c.Flags().StringVar(&file, "draft", "", "JSON `FILE` of the arrangement (see: verbale arrangement example)")
	o.flags(c)
	required(c, "draft")
	return c
}

func (a *app) proposeRules(ctx context.Context, s *session, party, file string, draft record.Fields, o filing) error {
	self, err := s.Self(ctx)
	if err != nil {
		return err
	}
	if draft["version"] == nil {
		version, err := nextVersion(ctx, s, party)
		if err != nil {
			return err
		}
		draft.SetInt("version", version)
	}
	full := node.Complete(draft, a.Now().UTC(), "duty officer")
	if err := mistakes(file, full); err != nil {
		return err
	}
	if !o.yes {
		page, err := s.Arrangement(ctx, node.ArrangementQuery{Party: party})
		if err != nil {
			return err
		}
		a.say("To %s, from %s:\n", party, self.Party)
		p := node.Arrangement{By: self.Party, Version: full.Int("version"), From: full.Time("in_force_from"), Until: full.Time("until"), Fields: full, Doubts: docket.TermsOf(full).Doubts(full)}
		_ = told(a.Stderr, fitted(func(w io.Writer) { a.rulesText(w, p, page.Shown) }))
		if err := a.confirm(ctx, fmt.Sprintf("\nIt will be signed by %s, and holds once %s has agreed.", self.Party, party)); err != nil {
			return err
		}
	}
	filed, err := s.Propose(context.WithoutCancel(ctx), party, console.Proposal{Draft: full.JSON(), Key: o.key})
	if err != nil {
		return err
	}
	return a.deliver(ctx, s, self.Party, party, filed, o)
}

func (a *app) arrangementShowCommand() *cobra.Command {
	at, version := "", int64(0)
	c := &cobra.Command{
		Use:   "show PARTY|REF",
		Short: "show the rules of a link, now or at a time",
		Long: `Shows the arrangement that is in force with a party: now, at a time, or the one of a version or of a reference, whether it holds or not. What it changes in the version before
stands at the end.

Examples:
  verbale arrangement show borea.example
  verbale arrangement show borea.example --at 2026-06-30T12:00:00Z
  verbale arrangement show borea.example --version 2
  verbale arrangement show borea.example#3`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: a.parties,
		RunE: a.run(func(ctx context.Context, args []string) error {
			return a.with(ctx, func(s *session) error {
				self, err := s.Self(ctx)
				if err != nil {
					return err
				}
				q, err := rulesAsked(self.Party, args[0], at, version)
				if err != nil {
					return err
				}
				page, err := s.Arrangement(ctx, q)
				if err != nil {
					return err
				}
				return a.print(page, fitted(func(w io.Writer) { a.arrangementText(w, self.Party, page) }))
			})
		}),
	}
	c.Flags().StringVar(&at, "at", "", "the one in force at this `TIME`, as 2026-06-30T12:00:00Z")
	c.Flags().Int64Var(&version, "version", 0, "the one of this version")
	c.MarkFlagsMutuallyExclusive("at", "version")
	return c
}

// rulesAsked is which arrangement is asked for: arg is a party, or the reference of a proposal.
func rulesAsked(self, arg, at string, version int64) (q node.ArrangementQuery, err error) {
	q = node.ArrangementQuery{Party: arg, Version: version}
	if r, err := parseReference(arg); err == nil {
		q.Party, q.Outbox, q.Index = r.party, r.origin(self), r.index
		if q.Party == "" {
			return q, usage("name it as borea.example#3 or to:borea.example#3")
		}
	}
	if at != "" {
		if q.At, err = time.Parse(time.RFC3339, at); err != nil {
			return q, usage("--at is a time as 2026-06-30T12:00:00Z, and %q is none", at)
		}
	}
	return q, nil
}

func (a *app) arrangementListCommand() *cobra.Command {
	return &cobra.Command{
		Use:               "list PARTY",
		Short:             "list the proposals on a link, and which one is in force",
		Long:              "Lists the arrangements that were proposed on a link, the newest first.\n\nExample:\n  verbale arrangement list borea.example",
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: a.parties,
		RunE: a.run(func(ctx context.Context, args []string) error {
			return a.with(ctx, func(s *session) error {
				self, err := s.Self(ctx)
				if err != nil {
					return err
				}
				list, err := s.Arrangements(ctx, args[0], time.Time{})
				if err != nil {
					return err
				}
				return a.print(console.Arrangements{Arrangements: list}, func(w io.Writer) { a.arrangementTable(w, self.Party, args[0], list) })
			})
		}),
	}
}

func (a *app) arrangementAgreeCommand() *cobra.Command {
	var o filing
	c := &cobra.Command{
		Use:   "agree REF",
		Short: "agree to the rules that a peer proposes: they hold then",
		Long: `Shows a proposal beside the version before, and after a yes agrees to it. From then on it is an arrangement of both sides.

Example:
  verbale arrangement agree borea.example#3`,
		Args: cobra.ExactArgs(1),
		RunE: a.run(func(ctx context.Context, args []string) error {
			return a.withCase(ctx, args[0], func(s *session, self string, c console.Case) error { return a.agree(ctx, s, self, c, o) })
		}),
	}
	o.flags(c)
	return c
}

func (a *app) agree(ctx context.Context, s *session, self string, c console.Case, o filing) error {
	if c.Act != docket.ActArrangement {
		return problem(node.Invalid, "to agree to the conditions of an accept: verbale appeal agree", "%s is no arrangement", lineRef(self, c.Line))
	}
	if !o.yes {
		page, err := s.Arrangement(ctx, node.ArrangementQuery{Party: c.With, Outbox: c.Outbox, Index: c.Index})
		if err != nil {
			return err
		}
		_ = told(a.Stderr, fitted(func(w io.Writer) { a.arrangementText(w, self, page) }))
		if err := a.confirm(ctx, fmt.Sprintf("\n%s agrees to it. That will be signed and cannot be taken back; a later version can take its place.", self)); err != nil {
			return err
		}
	}
	draft := record.Fields{}
	draft.SetText("act", docket.ActAgree)
	filed, err := s.Reply(context.WithoutCancel(ctx), console.Reply{Outbox: c.Outbox, Index: c.Index, Draft: likeCase(draft, c).JSON(), Key: o.key})
	if err != nil {
		return err
	}
	return a.deliver(ctx, s, self, c.With, filed, o)
}

func (a *app) arrangementDeclineCommand() *cobra.Command {
	return a.replyCommand(&cobra.Command{
		Use:   "decline REF",
		Short: "decline the rules that a peer proposes",
		Long: `Declines a proposal, with the reason. What is in force stays so.

Example:
  verbale arrangement decline borea.example#3 --reason "Two working days are too few for stored data."`,
	}, docket.ActDecline, true)
}

func (a *app) arrangementWithdrawCommand() *cobra.Command {
	return a.replyCommand(&cobra.Command{
		Use:   "withdraw REF",
		Short: "withdraw a proposal of ours that nobody has agreed to",
		Long: `Withdraws a proposal. An agreement that crosses the withdrawal stands.

Example:
  verbale arrangement withdraw to:borea.example#3 --reason "A new version follows."`,
	}, docket.ActWithdraw, true)
}
