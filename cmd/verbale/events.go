package main

import (
	"context"
	"encoding/json/v2"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"verbale/internal/console"
	"verbale/internal/node"
)

func (a *app) eventsCommand() *cobra.Command {
	after, most := int64(-1), 0
	c := &cobra.Command{
		Use:   "events",
		Short: "tell of changes of cases as they happen, until Ctrl-C",
		Long: `Prints a line for each case that changes, as it is then: filed, received, moved by either side, or late. A case that changes twice at once may come once.

Each line begins with the number of the change. --after goes on behind a number, also after this command or the node was away: nothing is missed, and --after 0
tells of every case first. With --json each line is a JSON document of its own, with the members of a case in "appeal list --json" and "changed", the number.

It needs verbale serve: without it nothing happens.

Examples:
  verbale events
  verbale events --after 1200 --json`,
		Args: cobra.NoArgs,
		RunE: a.run(func(ctx context.Context, _ []string) error {
			return a.with(ctx, func(s *session) error {
				if s.local {
					return problem(node.NotAllowed, "start it: verbale serve", "verbale serve does not run here, so that nothing happens")
				}
				return a.tellEvents(ctx, s, after, most)
			})
		}),
	}
	c.Flags().Int64Var(&after, "after", after, "go on behind the change with this number; 0: all cases first (default: from now on)")
	c.Flags().IntVar(&most, "most", 0, "end after so many (default: never)")
	return c
}

// errEnough ends the listening when as many changes were told as were asked for.
var errEnough = errors.New("enough")

func (a *app) tellEvents(ctx context.Context, s *session, after int64, most int) error {
	self, err := s.Self(ctx)
	if err != nil {
		return err
	}
	told := 0
	err = s.Events(ctx, after, func(e console.Event) error {
		if err := a.tellEvent(self.Party, e); err != nil {
			return err
		}
		if told++; told == most {
			return errEnough
		}
		return nil
	})
	if errors.Is(err, errEnough) || errors.Is(err, context.Canceled) && ctx.Err() != nil { // Ctrl-C is how it ends
		return nil
	}
	return err
}

// eventLine is an event of `events --json`.
type eventLine struct {
	Ref string `json:"ref"`
	console.Event
}

func (a *app) tellEvent(self string, e console.Event) error {
	if a.json {
		a.printed = true
		raw, err := json.Marshal(eventLine{lineRef(self, e.Line), e}, json.Deterministic(true))
		if err != nil {
			return err
		}
		_, err = io.WriteString(a.Stdout, visible(string(raw))+"\n")
		return err
	}
	return told(a.Stdout, func(w io.Writer) {
		fmt.Fprintf(w, "%d  %s  %s  %s", e.Changed, lineRef(self, e.Line), e.Status, turn(self, e.Line))
		if e.Late {
			fmt.Fprint(w, "  LATE")
		}
		fmt.Fprintf(w, "  %s\n", subject(e.Line))
	})
}
