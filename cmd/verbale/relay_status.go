package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"verbale/internal/console"
)

func (a *app) relayStatusCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "status",
		Short: "your relays and what they answered; what this node holds as one",
		Long: `For each relay that you have designated: since when, and what it said last to hold of each peer, by its own clock. For a node that is a relay: for each
author and addressee what is held that the addressee has not receipted, of how much it may be, and when the addressee asked last.

Example:
  verbale relay status`,
		Args: cobra.NoArgs,
		RunE: a.run(func(ctx context.Context, _ []string) error {
			return a.with(ctx, func(s *session) error {
				r, err := s.Relays(ctx)
				if err != nil {
					return err
				}
				return a.print(r, func(w io.Writer) { a.relaysText(w, r) })
			})
		}),
	}
}

func (a *app) relaysText(page io.Writer, r console.Relays) {
	var w strings.Builder
	a.relaysPage(&w, r)
	_, _ = io.WriteString(page, fit(w.String()))
}

func (a *app) relaysPage(w io.Writer, r console.Relays) {
	if len(r.Relays)+len(r.Lodgings) == 0 {
		fmt.Fprintln(w, "no relays; to have one: verbale relay designate PARTY\nwhich relay a peer has: verbale link status PARTY")
	}
	for _, one := range r.Relays {
		fmt.Fprintf(w, "%s: a relay of yours, %s since %s\n", one.Party, strings.ReplaceAll(one.State, "-", " "), a.when(one.Since))
		if one.Problem != "" {
			fmt.Fprintf(w, "  peers cannot use it: %s\n", one.Problem)
		}
		if len(one.Outboxes) == 0 {
			fmt.Fprintln(w, "  it has not answered yet")
		}
		for _, p := range one.Outboxes {
			fmt.Fprintf(w, "  of %s it held %s at %s, by its clock\n", p.Author, counted(p.Size, "entry", "entries"), a.when(p.At))
		}
	}
	if len(r.Lodgings) == 0 {
		return
	}
	t := table{head: []string{"AUTHOR", "ADDRESSEE", "HERE", "NOT RECEIPTED", "BYTES", "ASKED LAST"}}
	for _, l := range r.Lodgings {
		asked := "never"
		if !l.PolledAt.IsZero() {
			asked = a.when(l.PolledAt)
		}
		t.add(l.Author, l.Audience, fmt.Sprint(l.Size), fmt.Sprintf("%d of %d", l.Held.Entries, l.Quota.Entries), fmt.Sprintf("%d of %d", l.Held.Bytes, l.Quota.Bytes), asked)
	}
	t.write(w)
}
