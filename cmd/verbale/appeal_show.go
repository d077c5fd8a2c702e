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
		Short: "show an appeal: where it stands, and what both sides said",
		Long: `Shows the case that a record belongs to: where it stands, whose turn it is and until when; then what both sides said, in order, each record with who holds it since when and by
whose clock. Every field is shown as it was signed (nothing is defanged or refanged), corrections beside what they correct; of a move, what its envelope has in common with the
appeal is left out without --full. --save writes the attachments to files.

Where the rules give more time than the signed deadline (a late delivery, a clock that stood still), both are shown.

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
	c.Flags().BoolVar(&full, "full", false, "all elements of lists, and every field of the envelope")
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
		a.self = self.Party
		c, err := s.Case(ctx, r.origin(self.Party), r.index)
		if err != nil {
			return err
		}
		return do(s, self.Party, c)
	})
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
