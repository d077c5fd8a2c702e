package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"verbale/internal/console"
	"verbale/internal/docket"
	"verbale/internal/node"
)

func (a *app) linkSuspendCommand() *cobra.Command {
	return a.noticeCommand(&cobra.Command{
		Use:   "suspend PARTY",
		Short: "suspend a link by a signed notice: nothing of theirs is taken",
		Long: `Files a notice that suspends the link, and pushes it. From then on this node takes nothing from the peer and sends it nothing but a later resume;
the peer's node keeps what its staff files. Nothing is dropped: what is open is stranded, keeps its clocks, and is listed by
"verbale appeal list --stranded". "verbale link resume" takes the link up again where it stood.

--until says how long it is meant to last. It ends nothing by itself.

Examples:
  verbale link suspend borea.example --reason "Content of the channel was published."
  verbale link suspend borea.example --reason @notice.txt --until 2026-09-01T00:00:00Z`,
	}, docket.ActSuspend, "nothing of theirs will be taken, and nothing of ours sent, until you resume it", (*console.Client).Suspend)
}

func (a *app) linkResumeCommand() *cobra.Command {
	return a.noticeCommand(&cobra.Command{
		Use:   "resume PARTY",
		Short: "take up a link that this side has suspended",
		Long: `Files the record that ends the suspension of a link by this side, and pushes it. What waited on both sides follows by index. A suspension by the
peer only the peer can end.

Pushes that are held because the peer refused one are another matter: see "verbale link retry".

Example:
  verbale link resume borea.example --reason "Settled by the talks of 1 July."`,
	}, docket.ActResume, "what waited on both sides will follow", (*console.Client).Resume)
}

type fileNotice func(c *console.Client, ctx context.Context, party string, n console.Notice) (node.Filed, error)

// noticeCommand completes a command that files a notice about a link.
func (a *app) noticeCommand(c *cobra.Command, act, consequence string, file fileNotice) *cobra.Command {
	var o filing
	c.Args, c.ValidArgsFunction = cobra.ExactArgs(1), a.parties
	fields := newFieldFlags(c, act)
	o.flags(c)
	c.RunE = a.run(func(ctx context.Context, args []string) error {
		return a.with(ctx, func(s *session) error {
			self, err := s.Self(ctx)
			if err != nil {
				return err
			}
			draft, err := fields.fields(a.Now().UTC())
			if err != nil {
				return err
			}
			shown := draft.Clone()
			shown.SetText("act", act)
			if act == docket.ActSuspend && shown["effective_at"] == nil {
				shown.SetTime("effective_at", a.Now())
			}
			shown = node.Complete(shown, a.Now().UTC(), "duty officer")
			if err := complete(shown); err != nil {
				return err
			}
			if !o.yes {
				a.say("To %s, from %s:\n", args[0], self.Party)
				_ = told(a.Stderr, func(w io.Writer) { a.fieldsText(w, shown, false) })
				if err := a.confirm(ctx, fmt.Sprintf("\nIt will be signed by %s and stay on the record: %s.", self.Party, consequence)); err != nil {
					return err
				}
			}
			ref, err := file(s.Client, context.WithoutCancel(ctx), args[0], console.Notice{Draft: draft.JSON(), Key: o.key})
			if err != nil {
				return err
			}
			return a.deliver(ctx, s, self.Party, args[0], ref, o)
		})
	})
	return c
}
