package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"verbale/internal/console"
	"verbale/internal/node"
	"verbale/seal"
)

// shown is `appeal show --json`.
type shown struct {
	Ref string `json:"ref"`
	console.Case
}

func (a *app) appealShowCommand() *cobra.Command {
	var full bool
	var saveTo string
	c := &cobra.Command{
		Use:   "show REF",
		Short: "show an appeal: its fields, who holds it since when, and each reply",
		Long: `Shows the case that a record belongs to: every field as it was signed (nothing is defanged or refanged), exact times, who holds each record since when and by
whose clock, and each reply with what it says. --save writes the attachments to files.

Examples:
  verbale appeal show borea.example#3
  verbale appeal show to:borea.example#0 --full
  verbale appeal show borea.example#3 --save attachments/`,
		Args: cobra.ExactArgs(1),
		RunE: a.run(func(ctx context.Context, args []string) error {
			return a.withCase(ctx, args[0], func(_ *session, self string, c console.Case) error {
				if saveTo != "" {
					if err := a.saveAttachments(saveTo, c); err != nil {
						return err
					}
				}
				return a.print(shown{lineRef(self, c.Line), c}, func(w io.Writer) { a.caseText(w, self, c, full) })
			})
		}),
	}
	c.Flags().BoolVar(&full, "full", false, "all elements of lists")
	c.Flags().StringVar(&saveTo, "save", "", "`FOLDER` to write the attachments to")
	return c
}

// withCase runs do with the case that a reference names.
func (a *app) withCase(ctx context.Context, ref string, do func(s *session, self string, c console.Case) error) error {
	r, err := parseReference(ref)
	if err != nil {
		return err
	}
	return a.with(ctx, func(s *session) error {
		self, err := s.Self(ctx)
		if err != nil {
			return err
		}
		c, err := s.Case(ctx, r.origin(self.Party), r.index)
		if err != nil {
			return err
		}
		return do(s, self.Party, c)
	})
}

func (a *app) caseText(w io.Writer, self string, c console.Case, full bool) {
	fmt.Fprintf(w, "%s  %s  %s\n", lineRef(self, c.Line), strings.TrimSpace(c.Kind+" "+c.Urgency), a.tlp(c.TLP))
	fmt.Fprintf(w, "%s\n\n", subject(c.Line))
	fmt.Fprintf(w, "status    %s\n", c.Status)
	if c.Turn != "" {
		fmt.Fprintf(w, "turn      %s\n", turn(self, c.Line))
	}
	if !c.By.IsZero() {
		fmt.Fprintf(w, "by        %s\n", a.deadline(c.By, c.Late))
	}
	for i, r := range c.Records {
		fmt.Fprintf(w, "\n%d. %s by %s, %s\n", i+1, orUnreadable(r), r.By, shortRef(self, r.Ref.Outbox, r.Ref.Index))
		a.recordText(w, r, full)
	}
}

func orUnreadable(r node.Shown) string {
	switch {
	case r.Fault != "":
		return "unreadable record (" + r.Fault + ")"
	case r.Unknown:
		return "record of a later version (" + r.Act + ")"
	}
	return r.Act
}

func (a *app) recordText(w io.Writer, r node.Shown, full bool) {
	if r.Irregular != "" {
		fmt.Fprintf(w, "  IRREGULAR, moves nothing: %s\n", r.Irregular)
	}
	audience := "the addressee"
	if o, err := seal.ParseOrigin(r.Ref.Outbox); err == nil {
		audience = o.Audience
	}
	if !r.LodgedAt.IsZero() {
		fmt.Fprintf(w, "  lodged with %s, a relay of %s, since %s, by its clock\n", r.LodgedWith, audience, a.when(r.LodgedAt))
	}
	if r.ReceivedAt.IsZero() {
		fmt.Fprintf(w, "  not received yet: no receipt of %s is here\n", audience)
	} else {
		fmt.Fprintf(w, "  held by %s since %s, by its own clock (receipt over %s)\n", audience, a.when(r.ReceivedAt), counted(r.Held, "entry", "entries"))
	}
	a.fieldsText(w, r.Fields, full, "act", "in_reply_to")
}

// saveAttachments writes the attachments of every record of a case. The names are the sender's: only their harmless part is used.
func (a *app) saveAttachments(dir string, c console.Case) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	for _, r := range c.Records {
		for i, file := range r.Fields.Attachments("attachments") {
			path := filepath.Join(dir, fmt.Sprintf("%d-%d-%s", r.Ref.Index, i, harmless(file.Name)))
			err := writeNew(path, file.Data)
			if errors.Is(err, fs.ErrExist) {
				return problem(node.Conflict, "use an empty folder", "%s exists", path)
			}
			if err != nil {
				return err
			}
			a.say("saved %s (%d bytes, not opened, not checked for anything)", path, len(file.Data))
		}
	}
	return nil
}

// harmless keeps of a file name what no shell and no folder listing can be fooled with.
func harmless(name string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9', r == '.', r == '-', r == '_':
			return r
		}
		return '_'
	}, name)
}
