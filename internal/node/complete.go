package node

import (
	"context"
	"time"

	"verbale/internal/docket"
	"verbale/internal/store"
	"verbale/record"
)

// Complete is the function Complete at this node's clock; releasedBy may be empty.
func (n *Node) Complete(f record.Fields, releasedBy string) record.Fields {
	return Complete(f, n.now(), someone(releasedBy))
}

func someone(releasedBy string) string {
	if releasedBy == "" {
		return "duty officer"
	}
	return releasedBy
}

// Complete fills in what an officer need not type: class, channel, times, language, marking, deadlines by the default clocks.
func Complete(f record.Fields, now time.Time, releasedBy string) record.Fields {
	return withDeadlines(enveloped(f, now, releasedBy), docket.Terms{}, "")
}

// enveloped is a copy of a draft with its envelope filled in.
func enveloped(f record.Fields, now time.Time, releasedBy string) record.Fields {
	f = f.Clone()
	defaults := map[string]string{"class": "substantive", "channel": "technical", "language": "en", "tlp": "amber", "released_by": releasedBy}
	for name, value := range defaults {
		if _, ok := f[name]; !ok {
			f.SetText(name, value)
		}
	}
	for _, name := range []string{"drafted_at", "released_at"} {
		if _, ok := f[name]; !ok {
			f.SetTime(name, now)
		}
	}
	if _, ok := f["urgency"]; !ok && f.Text("act") == docket.ActAppeal {
		f.SetText("urgency", "routine")
	}
	return f
}

// withDeadlines fills in the deadlines of an appeal to a party that its draft leaves out, by the rules of the link. Who says only by when a reply
// is needed, and that is sooner than the time to acknowledge, means both.
func withDeadlines(f record.Fields, t docket.Terms, to string) record.Fields {
	if f.Text("act") != docket.ActAppeal {
		return f
	}
	ack, reply := t.Deadlines(f.Text("kind"), f.Text("urgency"), to, f.Time("released_at"))
	asked, acknowledged := f["reply_by"] != nil, f["acknowledge_by"] != nil
	if at := f.Time("reply_by"); asked && !at.IsZero() && at.Before(ack) {
		ack = at
	}
	if at := f.Time("acknowledge_by"); acknowledged && at.After(reply) && !reply.IsZero() {
		reply = at
	}
	if !acknowledged && !ack.IsZero() {
		f.SetTime("acknowledge_by", ack)
	}
	if !asked && !reply.IsZero() {
		f.SetTime("reply_by", reply)
	}
	return f
}

// A Prepared is a draft as it would be filed now.
type Prepared struct {
	Draft record.Fields
	// Terms is the version of the arrangement that its deadlines are by; 0: the default clocks of the kind.
	Terms int64
	// Hints are what the sender may want to know first. None of them stops anything.
	Hints []string
}

// Prepare fills in what a draft to a linked party leaves out, with the deadlines of the arrangement in force, and refuses what File would refuse for
// the rules of the link. Filed as it is, the draft gets the very deadlines that it has now.
func (n *Node) Prepare(ctx context.Context, party string, draft record.Fields, releasedBy string) (p Prepared, err error) {
	if _, err := n.linkTo(party); err != nil {
		return p, err
	}
	err = n.cfg.Store.View(ctx, func(tx *store.Tx) error {
		p = Prepared{Draft: enveloped(draft, n.now(), someone(releasedBy))}
		terms, err := n.termsAt(tx, party, p.Draft.Time("released_at"))
		if err != nil {
			return err
		}
		p.Draft = withDeadlines(p.Draft, terms, party)
		if p.Draft.Text("act") != docket.ActAppeal {
			return nil
		}
		p.Terms = terms.Version
		e := docket.Entry{Author: n.party, Audience: party, Ref: record.Ref{Outbox: n.outboxTo(party).String()}, Opened: &record.Opened{Fields: p.Draft, Full: true}}
		if err := n.fits(tx, terms, e); err != nil {
			return err
		}
		p.Hints, err = n.hints(tx, party, p.Draft)
		p.Hints = append(p.Hints, shorter(p.Draft, terms, party)...)
		return err
	})
	return p, err
}

// shorter says which deadlines of an appeal leave less time than the rules give anyway.
func shorter(draft record.Fields, terms docket.Terms, party string) (hints []string) {
	acknowledge, reply := terms.Deadlines(draft.Text("kind"), draft.Text("urgency"), party, draft.Time("released_at"))
	for _, d := range []struct {
		field string
		rules time.Time
	}{{"acknowledge_by", acknowledge}, {"reply_by", reply}} {
		if by := draft.Time(d.field); !by.IsZero() && by.Before(d.rules) {
			hints = append(hints, d.field+" leaves less time than the rules: nobody is late before "+d.rules.UTC().Format(time.RFC3339)+" (A-14)")
		}
	}
	return hints
}

// CompleteFor is Complete with the deadlines of the arrangement that is in force with a party.
func (n *Node) CompleteFor(ctx context.Context, party string, draft record.Fields, releasedBy string) (record.Fields, error) {
	f := enveloped(draft, n.now(), someone(releasedBy))
	var terms docket.Terms
	err := n.cfg.Store.View(ctx, func(tx *store.Tx) (err error) {
		terms, err = n.termsAt(tx, party, f.Time("released_at"))
		return err
	})
	return withDeadlines(f, terms, party), err
}
