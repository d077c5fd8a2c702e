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
	contact, stats := "", false
	c := &cobra.Command{
		Use:   "ping PARTY",
		Short: "test a link on the record: node or contact point acknowledges",
		Long: `Files a ping, a record of the class "test" that the peer's node acknowledges by itself. With --contact it is a communication check: the node
leaves it to whoever is at that contact point, who acknowledges it as an appeal (verbale appeal ack). With --wait the command ends when the
acknowledgement is here.

--stats files nothing: it tells for the node and for each contact point how many pings of ours were sent, answered and missed (not acknowledged by a
node within ` + span(node.PingWithin) + `, by a contact point within ` + span(node.CheckWithin) + `), and how long it took from the release of the ping to the receipt of the acknowledgement.

Examples:
  verbale ping borea.example --wait
  verbale ping borea.example --wait --timeout 2m --json
  verbale ping borea.example --contact "duty officer"
  verbale ping borea.example --stats`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: a.parties,
		RunE: a.run(func(ctx context.Context, args []string) error {
			return a.with(ctx, func(s *session) error {
				if stats {
					return a.pingStats(ctx, s, args[0])
				}
				return a.ping(ctx, s, args[0], contact, o)
			})
		}),
	}
	o.waitFlags(c, "wait until the acknowledgement is here")
	c.Flags().StringVar(&contact, "contact", "", "the role of the contact point that is to answer, as its profile names it")
	c.Flags().BoolVar(&stats, "stats", false, "tell how the pings up to now were answered, and file none")
	c.MarkFlagsMutuallyExclusive("stats", "contact")
	c.MarkFlagsMutuallyExclusive("stats", "wait")
	return c
}

// pingStats tells how the pings up to now were answered.
func (a *app) pingStats(ctx context.Context, s *session, party string) error {
	stats, err := s.Pings(ctx, party)
	if err != nil {
		return err
	}
	return a.print(console.Pings{Pings: stats}, func(w io.Writer) {
		if len(stats) == 0 {
			fmt.Fprintf(w, "no pings were sent to %s: verbale ping %s\n", party, party)
			return
		}
		t := table{head: []string{"CONTACT", "SENT", "ANSWERED", "MISSED", "MEDIAN", "WORST", "LAST ANSWERED"}}
		for _, p := range stats {
			name, median, worst := p.Contact, "", ""
			if name == "" {
				name = "(node)"
			}
			if p.Answered > 0 {
				median, worst = took(p.Median), took(p.Worst)
			}
			t.add(name, fmt.Sprint(p.Sent), fmt.Sprint(p.Answered), fmt.Sprint(p.Missed), median, worst, a.when(p.LastAt))
		}
		t.write(w)
	})
}

// took is how long something took; records carry whole seconds.
func took(seconds int64) string {
	if seconds == 0 {
		return "under 1 s"
	}
	return span(time.Duration(seconds) * time.Second)
}

// pinged is `ping --wait --json`.
type pinged struct {
	Ref        string    `json:"ref"`
	Party      string    `json:"party"`
	ReceivedAt time.Time `json:"received_at,omitzero"`
	TookMS     int64     `json:"took_ms"` // from filing to the acknowledgement, by our clock
}

func (a *app) ping(ctx context.Context, s *session, party, contact string, o filing) error {
	self, err := s.Self(ctx)
	if err != nil {
		return err
	}
	draft, err := a.pingDraft(contact)
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
		// The acknowledgement may come before the receipt of the ping is stored here.
		return c.Status == docket.Acknowledged && !c.ReceivedAt.IsZero(), err
	})
	if err != nil {
		return err
	}
	p.TookMS = a.Now().Sub(began).Milliseconds()
	return a.print(p, func(w io.Writer) {
		if contact != "" {
			fmt.Fprintf(w, "%s: %s of %s acknowledged it; %s there and back\n", p.Ref, contact, party, took(p.TookMS/1000))
			return
		}
		fmt.Fprintf(w, "%s: %s’s node received it and acknowledged it by itself; %d ms there and back\n", p.Ref, party, p.TookMS)
	})
}

func (a *app) pingDraft(contact string) (record.Fields, error) {
	var nonce [32]byte
	if _, err := io.ReadFull(a.Rand, nonce[:]); err != nil {
		return nil, err
	}
	f := record.Fields{}
	f.SetText("act", docket.ActPing)
	f.SetText("class", "test")
	if contact != "" {
		f.SetText("contact", contact)
	}
	f.SetText("nonce", base64.RawURLEncoding.EncodeToString(nonce[:]))
	return node.Complete(f, a.Now().UTC(), "duty officer"), nil
}
