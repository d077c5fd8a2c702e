package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"verbale/internal/node"
)

// designated is `relay designate --json` and `relay end --json`.
type designated struct {
	Relay string `json:"relay"`
	State string `json:"state"`
	Ref   string `json:"ref"` // of the entry in the register
}

func (a *app) relayDesignateCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "designate PARTY",
		Short: "name a linked party as a relay of this one",
		Long: `Tells the relay whose entries it may take for you (those of every party that you are linked with), and writes into your register that it is your
relay: everybody can read that. Peers learn it when they next look into your register, within minutes. Links that are made later are told to it
by themselves.

The link with it must be confirmed, and "verbale relay serve" run there.

Example:
  verbale relay designate relay.example`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: a.parties,
		RunE: a.run(func(ctx context.Context, args []string) error {
			return a.designation(ctx, args[0], "in-force", func(s *session) (node.Filed, error) { return s.Designate(ctx, args[0]) },
				"%s is a relay of yours from now on (entry %d of your register); your peers lodge with it when your node does not answer\n")
		}),
	}
}

func (a *app) relayEndCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "end PARTY",
		Short: "end the designation of a relay",
		Long: `Takes what was lodged there until now, and writes into your register that it is no relay of yours any more. For a week it is still asked: a peer may
not know yet.

Example:
  verbale relay end relay.example`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: a.parties,
		RunE: a.run(func(ctx context.Context, args []string) error {
			return a.designation(ctx, args[0], "ended", func(s *session) (node.Filed, error) { return s.EndRelay(ctx, args[0]) },
				"%s is no relay of yours any more (entry %d of your register)\n")
		}),
	}
}

func (a *app) designation(ctx context.Context, party, state string, file func(*session) (node.Filed, error), sentence string) error {
	return a.with(ctx, func(s *session) error {
		self, err := s.Self(ctx)
		if err != nil {
			return err
		}
		done, err := file(s)
		if err != nil {
			return err
		}
		out := designated{Relay: party, State: state, Ref: shortRef(self.Party, done.Ref.Outbox, done.Ref.Index)}
		return a.print(out, func(w io.Writer) { fmt.Fprintf(w, sentence, party, done.Ref.Index) })
	})
}
