package main

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"verbale/internal/console"
	"verbale/internal/docket"
	"verbale/internal/node"
	"verbale/record"
)

func (a *app) pingCommand() *cobra.Command {
	var o filing
	c := &cobra.Command{
		Use:   "ping PARTY",
		Short: "test a link on the record: the peer's node acknowledges by itself",
		Long: `Files a ping, a record of the class "test" that the peer's node acknowledges by itself. With --wait the command ends when the acknowledgement is here.

Examples:
  verbale ping borea.example --wait
  verbale ping borea.example --wait --timeout 2m --json`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: a.parties,
		RunE: a.run(func(ctx context.Context, args []string) error {
			return a.with(ctx, func(s *session) error { return a.ping(ctx, s, args[0], o) })
		}),
	}
	o.waitFlags(c, "wait until the acknowledgement is here")
	return c
}

// pinged is `ping --wait --json`.
type pinged struct {
	Ref        string    `json:"ref"`
	Party      string    `json:"party"`
	ReceivedAt time.Time `json:"received_at,omitzero"`
	TookMS     int64     `json:"took_ms"` // from filing to the acknowledgement, by our clock
}

func (a *app) ping(ctx context.Context, s *session, party string, o filing) error {
	self, err := s.Self(ctx)
	if err != nil {
		return err
	}
	draft, err := a.pingDraft()
	if err != nil {
		return err
	}
	began := a.Now()
	ref, err := s.File(ctx, console.Draft{Party: party, Draft: draft.JSON()})
	if err != nil {
		return err
	}
	if !o.wait {
		return a.deliver(ctx, s, self.Party, party, ref, o)
	}
	p := pinged{Ref: shortRef(self.Party, ref.Ref.Outbox, ref.Ref.Index), Party: party}
	err = a.await(ctx, s, party, o.timeout, "acknowledgement", func() (bool, error) {
		c, err := s.Case(ctx, ref.Ref.Outbox, ref.Ref.Index)
		p.ReceivedAt = c.ReceivedAt
		return c.Status == docket.Acknowledged, err
	})
	if err != nil {
		return err
	}
	p.TookMS = a.Now().Sub(began).Milliseconds()
	return a.print(p, func(w io.Writer) {
		fmt.Fprintf(w, "%s: %s’s node received it and acknowledged it by itself; %d ms there and back\n", p.Ref, party, p.TookMS)
	})
}

func (a *app) pingDraft() (record.Fields, error) {
	var nonce [32]byte
	if _, err := io.ReadFull(a.Rand, nonce[:]); err != nil {
		return nil, err
	}
	f := record.Fields{}
	f.SetText("act", docket.ActPing)
	f.SetText("class", "test")
	f.SetText("nonce", base64.RawURLEncoding.EncodeToString(nonce[:]))
	return node.Complete(f, a.Now().UTC(), "duty officer"), nil
}
