package main

import (
	"os"
	"path/filepath"
	"time"

	"verbale/internal/docket"
	"verbale/internal/node"
	"verbale/record"
)

// lostInDelivery is the golden scenario in which both capitals are right.
func lostInDelivery() story {
	return story{name: "lost-in-delivery", what: "Two appeals are sent in June and never arrive, for the channel is down. “We sent them” is true, “none came” is true, " +
		"and the file shows where the fault lies.", from: june9(), tell: tellLost}
}

func tellLost(st *stage) error {
	a, b, err := st.watchedPair()
	if err != nil {
		return err
	}
	if _, err := st.file(a, b, mitigate("Servers seen in May")); err != nil {
		return err
	}
	if err := all(st.push(a, b), st.beat(a, b, 12, 5*time.Minute), st.date(a, b)); err != nil {
		return err
	}
	b.down()
	st.tell(b.Party(), "its node goes down, and nobody there notices")
	var refs []record.Ref
	for _, subject := range []string{"Servers seen on 12 June", "Servers seen on 18 June"} {
		st.later(5 * 24 * time.Hour)
		ref, err := st.file(a, b, mitigate(subject))
		if err != nil {
			return err
		}
		refs = append(refs, ref)
		if err := all(st.unreachable(a, b), st.date(a), st.is(a, ref, docket.Sent)); err != nil {
			return err
		}
	}
	st.later(20 * 24 * time.Hour)
	if err := b.up(st.ctx); err != nil {
		return err
	}
	lines, err := b.Cases(st.ctx, node.CaseQuery{Party: a.Party()})
	if err != nil {
		return err
	}
	if err := expect(len(lines) == 1, "%s holds %d cases", b.Party(), len(lines)); err != nil {
		return err
	}
	st.tell(b.Party(), "is up again on 9 July, and holds nothing since 9 June: “no appeals came in the last month” is true")
	return st.lostProof(a, b, refs)
}

// lostProof shows the sender's side to an outsider before anything is pushed.
func (st *stage) lostProof(a, b *live, refs []record.Ref) error {
	v, err := st.export(a, st.facts(refs[0]), "sent.bundle")
	if err != nil {
		return err
	}
	r := recordOf(v, refs[0])
	if err := expect(r != nil && r.Received == nil && r.NotAfter != nil && r.NotAfter.Vouched, "the first appeal is not dated without a receipt: %+v", r); err != nil {
		return err
	}
	if err := st.channel(a, b, "channel.bundle"); err != nil {
		return err
	}
	st.conclude("the appeal was written by 14 June, as two of three witnesses date it; no receipt for it is shown; the heartbeats end on 9 June: what was sent after that went into a channel that shows no life")
	return nil
}

// channel writes what the heartbeats show since the story began, and has it verified.
func (st *stage) channel(a, b *live, file string) error {
	raw, err := a.ProveChannel(st.ctx, node.ChannelRequest{Party: b.Party(), From: st.result.Steps[0].At, To: st.now()})
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(st.dir, file), raw, 0o600); err != nil {
		return err
	}
	v, err := st.verified(file)
	if err != nil {
		return err
	}
	for _, c := range v.Channel {
		if c.By == b.Party() && c.Outbox == a.Party()+"/to/"+b.Party()+"/1" {
			return expect(c.Last.Before(june9().Add(2*time.Hour)), "the last heartbeat of %s is of %s", c.By, c.Last)
		}
	}
	return expect(false, "the file shows no heartbeat of %s", b.Party())
}
