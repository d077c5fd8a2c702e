package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"verbale/internal/console"
	"verbale/internal/node"
)

func (a *app) linkListCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "list the links",
		Long:  "Lists the links by party, with what was sent and received.\n\nExample:\n  verbale link list",
		Args:  cobra.NoArgs,
		RunE: a.run(func(ctx context.Context, _ []string) error {
			return a.with(ctx, func(s *session) error {
				links, err := s.Links(ctx)
				if err != nil {
					return err
				}
				return a.print(console.Links{Links: links}, func(w io.Writer) { a.linkTable(w, links) })
			})
		}),
	}
}

func (a *app) linkTable(w io.Writer, links []node.LinkStatus) {
	if len(links) == 0 {
		fmt.Fprintln(w, "no links; import a peer's profile: verbale link add FILE")
		return
	}
	t := table{head: []string{"PARTY", "STATE", "WE SENT", "THEY RECEIVED", "WE RECEIVED", "TITLE"}}
	for _, l := range links {
		t.add(l.Party, state(l), fmt.Sprint(l.Sent), fmt.Sprint(l.Receipted), fmt.Sprint(l.ReceivedOf), l.Title)
	}
	t.write(w)
	for _, l := range links {
		if c := l.KeyChange; c != nil && !c.Compared {
			var page strings.Builder
			changedText(&page, a, l)
			_, _ = io.WriteString(w, "\n"+fit(page.String()))
		}
	}
}
