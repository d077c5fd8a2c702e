package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"verbale/internal/console"
	"verbale/internal/docket"
	"verbale/internal/node"
	"verbale/record"
)

// sending is what `appeal send` was told.
type sending struct {
	filing
	kind   string
	fields *fieldFlags
	lists  []string
	skip   bool
	attach []string
}

func (a *app) appealSendCommand() *cobra.Command {
	var o sending
	kinds := record.Words("kind")
	c := &cobra.Command{
		Use:   "send PARTY",
		Short: "file an appeal and push it",
		Long: `Files an appeal to a linked party: it is shown, and after a yes signed, stored and pushed. There is a flag for each field of spec/acts.md; --draft reads fields
from a JSON file, and flags go over it. Times, language, class, channel and marking have defaults, which are shown.

What can be asked, and which flags a kind has: "verbale appeal kinds", or "verbale appeal send --kind KIND --help"; below are those of every appeal. A pasted list (--list FILE) has one value to a line, defanged or not, with " seen TIME" behind
it where the second matters; lines that begin with # are comments. A line that is not recognised, or is a private address, sinks the list and is named by its number.

Examples:
  verbale appeal send borea.example --kind mitigate \
      --subject "Servers of a ransomware attack" --summary @facts.txt \
      --requested-action "Block the addresses and keep their logs." \
      --competence "national CSIRT" --legal-basis voluntary \
      --urgency emergency --urgency-reason "it spreads" \
      --measure block --list addresses.txt --evidence "log lines" --harm outage
  verbale appeal kinds preserve --example > draft.json
  verbale appeal send borea.example --draft draft.json --key incident-17 --wait`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: a.parties,
		RunE:              a.run(func(ctx context.Context, args []string) error { return a.sendAppeal(ctx, args[0], o) }),
	}
	f := c.Flags()
	f.StringVar(&o.kind, "kind", "", "what is asked (needed; see: verbale appeal kinds)")
	offer(c, "kind", kinds)
	o.fields = newFieldFlags(c, docket.ActAppeal, kinds...)
	f.StringArrayVar(&o.lists, "list", nil, "`FILE` of pasted values, for targets, indicators, identifiers and their like (may be repeated)")
	f.BoolVar(&o.skip, "skip-unrecognised", false, "leave out lines of --list that are not recognised")
	f.StringArrayVar(&o.attach, "attach", nil, "`FILE` to go with the appeal (may be repeated)")
	o.flags(c)
	c.SetHelpFunc(func(c *cobra.Command, args []string) {
		hideOtherKinds(c, o.kind)
		c.Parent().HelpFunc()(c, args)
	})
	return c
}

// hideOtherKinds leaves out of the help what is for kinds other than this one: together they have a hundred flags. No kind: what every appeal has.
func hideOtherKinds(c *cobra.Command, kind string) {
	for _, k := range record.Words("kind") {
		for _, s := range record.Schema(docket.ActAppeal, k) {
			if f := c.Flags().Lookup(flagName(s.Name)); f != nil && !inEnvelope(s.Name) && !slices.Contains(kindsWith(s.Name), kind) {
				f.Hidden = true
			}
		}
	}
}

func (a *app) sendAppeal(ctx context.Context, party string, o sending) error {
	draft, err := a.appealDraft(o)
	if err != nil {
		return err
	}
	return a.with(ctx, func(s *session) error {
		self, err := s.Self(ctx)
		if err != nil {
			return err
		}
		a.self = self.Party
		if err := a.resolve(ctx, s, self.Party, draft); err != nil {
			return err
		}
		if err := complete(withClocks(draft, a.Now().UTC())); err != nil {
			return err
		}
		links, err := s.Links(ctx)
		if err != nil {
			return err
		}
		l, err := linkWith(links, party)
		if err != nil {
			return err
		}
		if !l.Confirmed {
			return problem(node.NotLinked, "compare the twelve words over the phone, then: verbale link confirm "+party, "the link with %s is not confirmed", party)
		}
		draft, err := a.prepared(ctx, s, party, draft, o.key)
		if err != nil {
			return err
		}
		a.warnOfExamples(draft)
		if !o.yes {
			a.say("To %s (%s), from %s:\n", party, l.Title, self.Party)
			_ = told(a.Stderr, func(w io.Writer) { a.fieldsText(w, draft, false) })
			if err := a.confirm(ctx, fmt.Sprintf("\nIt will be signed by %s, encrypted to %s, and cannot be taken back.", self.Party, party)); err != nil {
				return err
			}
		}
		ref, err := s.File(context.WithoutCancel(ctx), console.Draft{Party: party, Draft: draft.JSON(), Key: o.key})
		if err != nil {
			return err
		}
		return a.deliver(ctx, s, self.Party, party, ref, o.filing)
	})
}

// prepared completes a draft with the deadlines of the arrangement in force: the very ones that will be signed. With a key it may be of a record that was
// filed before, and then nothing is refused here: File knows.
func (a *app) prepared(ctx context.Context, s *session, party string, draft record.Fields, key string) (record.Fields, error) {
	p, err := s.Prepare(ctx, console.Draft{Party: party, Draft: draft.JSON()})
	if err != nil && key != "" && node.AsError(err).Kind == node.NotAllowed {
		return draft, nil
	}
	if err != nil {
		return nil, err
	}
	for _, h := range p.Hints {
		a.say("note: %s", h)
	}
	if p.Terms > 0 {
		a.say("note: its rules are those of version %d of the arrangement (verbale arrangement show %s)", p.Terms, party)
	}
	return record.ParseDraft(p.Draft)
}

// appealDraft makes the draft from flags and files, with what an officer need not type.
func (a *app) appealDraft(o sending) (record.Fields, error) {
	now := a.Now().UTC() // once: a deadline counted from it must come out the same when it is filed again with its key
	draft, err := o.fields.fields(now)
	if err != nil {
		return nil, err
	}
	if o.kind != "" {
		draft.SetText("kind", o.kind)
	}
	draft.SetText("act", docket.ActAppeal)
	if !record.Known(docket.ActAppeal, draft.Text("kind")) {
		return nil, unknownKind(draft.Text("kind"))
	}
	if err := a.addLists(draft, o); err != nil {
		return nil, err
	}
	files, err := attachments(o.attach)
	if err != nil {
		return nil, err
	}
	if len(files) > 0 {
		draft.SetAttachments("attachments", append(draft.Attachments("attachments"), files...)...)
	}
	for _, name := range []string{"drafted_at", "released_at"} {
		if draft[name] == nil {
			draft.SetTime(name, now)
		}
	}
	return draft, nil
}

// withClocks is a draft as it would be without an arrangement, to look for mistakes in.
func withClocks(draft record.Fields, now time.Time) record.Fields {
	return node.Complete(draft, now, "duty officer")
}

// listField is the field of a kind that takes a pasted list; "" where it has none.
func listField(kind string) string {
	for _, s := range record.Schema(docket.ActAppeal, kind) {
		if s.Type == record.TypeObservable {
			return s.Name
		}
	}
	return ""
}

// addLists adds the pasted lists to the field that takes observables.
func (a *app) addLists(draft record.Fields, o sending) error {
	field := listField(draft.Text("kind"))
	if len(o.lists) > 0 && field == "" {
		return usage("an appeal of the kind %s has no list of addresses: leave --list out", draft.Text("kind"))
	}
	for _, file := range o.lists {
		raw, err := readFile(file, maxListFile)
		if err != nil {
			return err
		}
		p, err := paste(file, raw, o.skip)
		if err != nil {
			return err
		}
		a.say("%s", p.said(file))
		draft.SetObservables(field, append(draft.Observables(field), p.found...)...)
	}
	return nil
}

// complete holds a draft against the rules, and names every mistake with its flag.
func complete(draft record.Fields) error {
	found := draft.Problems()
	if len(found) == 0 {
		return nil
	}
	var b strings.Builder
	fmt.Fprintf(&b, "the draft has %s; nothing was filed", counted(int64(len(found)), "mistake", "mistakes"))
	for _, p := range found {
		fmt.Fprintf(&b, "\n  --%s: %s: %s (%s)", flagName(fieldName(p.Field)), p.Field, p.Text, p.Rule)
		if d := donorOf(draft, fieldName(p.Field)); d != "" && !strings.Contains(p.Text, d) {
			fmt.Fprintf(&b, " after %s", d)
		}
	}
	hint := ""
	if kind := draft.Text("kind"); kind != "" {
		hint = "the fields of this kind: verbale appeal kinds " + kind
	}
	return problem(node.Invalid, hint, "%s", b.String())
}

// donorOf is the instrument that a field of a draft is taken from.
func donorOf(draft record.Fields, field string) string {
	for _, s := range record.Schema(draft.Text("act"), draft.Text("kind")) {
		if s.Name == field {
			return s.Donor
		}
	}
	return ""
}

// fieldName is the field of a place as "targets[3].value".
func fieldName(place string) string {
	if i := strings.IndexAny(place, "[."); i >= 0 {
		return place[:i]
	}
	return place
}
