package main

import (
	"context"
	"errors"
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
	"verbale/seal"
)

// replying is what a replying command was told.
type replying struct {
	filing
	act    string
	asks   bool // shows the draft and asks before it is signed
	fields *fieldFlags
	attach []string
}

// replyCommand completes a command that files a reply.
func (a *app) replyCommand(c *cobra.Command, act string, asks bool) *cobra.Command {
	o := &replying{act: act, asks: asks}
	c.Args = cobra.ExactArgs(1)
	c.RunE = a.run(func(ctx context.Context, args []string) error {
		return a.withCase(ctx, args[0], func(s *session, self string, c console.Case) error { return a.replyTo(ctx, s, self, c, o) })
	})
	o.fields = newFieldFlags(c, act)
	if takes(act, "attachments") {
		c.Flags().StringArrayVar(&o.attach, "attach", nil, "`FILE` to go with it (may be repeated)")
	}
	if takes(act, "missing") {
		_ = c.RegisterFlagCompletionFunc("missing", a.fieldsOfCase)
	}
	o.flags(c)
	return c
}

// takes tells whether an act has a field.
func takes(act, field string) bool {
	return slices.ContainsFunc(record.Schema(act, ""), func(s record.FieldSpec) bool { return s.Name == field })
}

func (a *app) replyTo(ctx context.Context, s *session, self string, c console.Case, o *replying) error {
	draft, err := a.replyDraft(ctx, s, self, c, o)
	if err != nil {
		return err
	}
	if lower := below(draft.Text("tlp"), c.TLP); lower != "" {
		a.say("note: it is marked %s; the case is %s. That is allowed, and on your word.", lower, a.tlp(c.TLP))
	}
	if o.asks && !o.yes {
		a.say("To %s, about %s (%s), from %s:", c.With, lineRef(self, c.Line), subject(c.Line), self)
		if isAppeal(c.Line) {
			a.say("%s", moveMeans(node.Shown{Act: o.act, Fields: draft}))
		}
		a.say("")
		_ = told(a.Stderr, func(w io.Writer) { a.fieldsText(w, draft, false, "in_reply_to") })
		if err := a.confirm(ctx, fmt.Sprintf("\nIt will be signed by %s and cannot be taken back.", self)); err != nil {
			return err
		}
	}
	first := c.Records[0].Ref
	ref, err := s.Reply(context.WithoutCancel(ctx), console.Reply{Outbox: first.Outbox, Index: first.Index, Draft: draft.JSON(), Key: o.key})
	if err != nil {
		return hinted(err, lineRef(self, c.Line))
	}
	return a.deliver(ctx, s, self, c.With, ref, o.filing)
}

// hinted adds to a refusal of the docket what can be done about it, where it does not say so itself.
func hinted(err error, ref string) error {
	e := node.AsError(err)
	if e.Kind != node.NotAllowed || e.Hint != "" {
		return err
	}
	rule, _, _ := strings.Cut(e.Message, ":")
	hint := map[string]string{
		"A-1":  "which moves are whose: verbale appeal --help",
		"A-8":  "its records: verbale appeal show " + ref + "; --about names the one that this answers",
		"A-9":  "ask for what the first one named, or go on with what is there: accept, answer, refuse",
		"A-11": "the levels, from the lowest: " + strings.Join(record.Words("level"), ", "),
	}[rule]
	if hint == "" {
		hint = "where it stands: verbale appeal show " + ref
	}
	return problem(e.Kind, hint, "%s", e.Message)
}

// replyDraft makes the draft, complete where the case has a record to refer to.
func (a *app) replyDraft(ctx context.Context, s *session, self string, c console.Case, o *replying) (record.Fields, error) {
	now := a.Now().UTC()
	draft, err := o.fields.fields(now)
	if err != nil {
		return nil, err
	}
	draft.SetText("act", o.act)
	ref, err := openingRef(c)
	if err != nil {
		return nil, err
	}
	draft.SetRef("in_reply_to", ref)
	if err := a.setAbout(draft, c, self); err != nil {
		return nil, err
	}
	if err := a.resolve(ctx, s, self, draft); err != nil {
		return nil, err
	}
	files, err := attachments(o.attach)
	if err != nil {
		return nil, err
	}
	if len(files) > 0 {
		draft.SetAttachments("attachments", append(draft.Attachments("attachments"), files...)...)
	}
	if err := errors.Join(namesFields(draft, c), yetToCome(draft, now), elsewhereThan(draft, c)); err != nil {
		return nil, err
	}
	draft = node.Complete(likeCase(draft, c), now, "duty officer")
	return draft, complete(draft)
}

// likeCase gives a reply the class, the channel and the marking of its case, where it does not say others: a reply must not say less of how it has to be
// kept than what it answers, only because nobody thought of it.
func likeCase(draft record.Fields, c console.Case) record.Fields {
	for name, value := range map[string]string{"class": c.Class, "channel": c.Channel, "tlp": c.TLP} {
		if draft[name] == nil && slices.Contains(record.Words(name), value) {
			draft.SetText(name, value)
		}
	}
	return draft
}

// below gives the label of a marking that is lower than another, "" where it is not.
func below(tlp, than string) string {
	order := record.Words("tlp") // from the lowest
	at, limit := slices.Index(order, tlp), slices.Index(order, than)
	if at < 0 || at >= limit {
		return ""
	}
	return "TLP:" + strings.ToUpper(tlp)
}

// namesFields holds the names in missing and in changes against the fields that the appeal can have.
func namesFields(draft record.Fields, c console.Case) error {
	names := draft.Texts("missing")
	for _, change := range draft.List("changes") {
		names = append(names, asFields(change).Text("field"))
	}
	can := fieldNames(c)
	for _, name := range names {
		if len(can) > 0 && !slices.Contains(can, name) {
			return &node.Error{Kind: kindUsage, Message: fmt.Sprintf("%q is no field of an appeal of the kind %s", name, c.Kind),
				Hint: "its fields: verbale appeal kinds " + c.Kind}
		}
	}
	return nil
}

// yetToCome holds what a reply announces against the clock: a time that is over is a slip of the pen, and could not be taken back.
func yetToCome(draft record.Fields, now time.Time) error {
	for _, name := range []string{"until", "complete_by", "expected_by"} {
		if at := draft.Time(name); !at.IsZero() && !at.After(now) {
			return usage("--%s is over already, at %s: give a later time, as +2d", flagName(name), at.UTC().Format(utc))
		}
	}
	return nil
}

// elsewhereThan refuses a redirection to one of the two parties of a case: it would end the case and send the author nowhere.
func elsewhereThan(draft record.Fields, c console.Case) error {
	switch to := draft.Text("to_party"); {
	case to == "":
	case seal.CheckName(to) != nil:
		return usage("--to-party is a party name, as cadia.example, and %q is none", to)
	case to == c.To:
		return usage("--to-party is for another party; within our own house leave it out, and give --to-authority alone")
	case to == c.From:
		return usage("--to-party is %s, which asks us", to)
	}
	return nil
}

// fieldNames lists the fields that an appeal of the kind of a case can have; none where this version does not know the kind.
func fieldNames(c console.Case) (names []string) {
	for _, s := range record.Schema(docket.ActAppeal, c.Kind) {
		names = append(names, s.Name)
	}
	return names
}

// fieldsOfCase completes the names of fields by the case that is named on the command line, where serve runs.
func (a *app) fieldsOfCase(cmd *cobra.Command, args []string, _ string) (names []string, _ cobra.ShellCompDirective) {
	f, err := a.folder()
	if err != nil || len(args) == 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	if served, err := answers(cmd.Context(), f.path(socketFile)); err != nil || !served {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	_ = a.withCase(cmd.Context(), args[0], func(_ *session, _ string, c console.Case) error {
		names = fieldNames(c)
		return nil
	})
	return names, cobra.ShellCompDirectiveNoFileComp
}
