package main

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"verbale/internal/console"
	"verbale/internal/node"
	"verbale/record"
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
	o.flags(c)
	return c
}

// takes tells whether an act has a field.
func takes(act, field string) bool {
	return slices.ContainsFunc(record.Schema(act, ""), func(s record.FieldSpec) bool { return s.Name == field })
}

func (a *app) replyTo(ctx context.Context, s *session, self string, c console.Case, o *replying) error {
	draft, err := a.replyDraft(c, o)
	if err != nil {
		return err
	}
	if o.asks && !o.yes {
		a.say("To %s, about %s (%s), from %s:\n", c.With, lineRef(self, c.Line), subject(c.Line), self)
		_ = told(a.Stderr, func(w io.Writer) { a.fieldsText(w, draft, false, "in_reply_to") })
		if err := a.confirm(ctx, fmt.Sprintf("\nIt will be signed by %s and cannot be taken back.", self)); err != nil {
			return err
		}
	}
	first := c.Records[0].Ref
	ref, err := s.Reply(context.WithoutCancel(ctx), console.Reply{Outbox: first.Outbox, Index: first.Index, Draft: draft.JSON(), Key: o.key})
	if err != nil {
		return err
	}
	return a.deliver(ctx, s, self, c.With, ref, o.filing)
}

// replyDraft makes the draft, complete where the case has a record to refer to.
func (a *app) replyDraft(c console.Case, o *replying) (record.Fields, error) {
	now := a.Now().UTC()
	draft, err := o.fields.fields(now)
	if err != nil {
		return nil, err
	}
	draft.SetText("act", o.act)
	if _, said := draft["class"]; !said && c.Class == "test" {
		draft.SetText("class", "test") // as what it replies to
	}
	ref := record.Ref{Outbox: c.Outbox, Index: c.Index}
	leaf, err := base64.RawURLEncoding.DecodeString(c.Leaf)
	if err != nil || len(leaf) != len(ref.Leaf) || c.Outbox == "" {
		return nil, problem(node.NotAllowed, "", "the record that opened this case is not on this link: there is nothing to reply to")
	}
	copy(ref.Leaf[:], leaf)
	draft.SetRef("in_reply_to", ref)
	files, err := attachments(o.attach)
	if err != nil {
		return nil, err
	}
	if len(files) > 0 {
		draft.SetAttachments("attachments", append(draft.Attachments("attachments"), files...)...)
	}
	draft = node.Complete(draft, now, "duty officer")
	return draft, complete(draft)
}
