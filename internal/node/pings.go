package node

import (
	"context"

	"verbale/internal/docket"
	"verbale/record"
)

// Pings are acknowledged by the node itself, those of one batch one after the other. Until they are, the next batch of that peer
// with a ping in it waits: who floods us waits for itself.

func pingsAmong(entries []docket.Entry) (refs []record.Ref) {
	for _, e := range entries {
		if e.Opened != nil && !e.Opened.Unknown() && e.Opened.Act() == docket.ActPing {
			refs = append(refs, e.Ref)
		}
	}
	return refs
}

// beginAnswers waits until the pings before are answered. answer must follow.
func (n *Node) beginAnswers(ctx context.Context, l *link) error {
	select {
	case l.answering <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-n.leaving:
		return fail(Closed, nil, "start the node again", "the node is shutting down; nothing was stored")
	}
}

// answer acknowledges pings, after beginAnswers. What the end of ctx or of this node cuts off is answered after the next start.
func (n *Node) answer(ctx context.Context, l *link, pings []record.Ref) {
	if !n.later(func() {
		defer func() { <-l.answering }()
		for i, ref := range pings {
			if ctx.Err() != nil || i > 0 && n.left() || !n.answerPing(ctx, l.profile.Party, ref) {
				return
			}
		}
	}) {
		<-l.answering
	}
}

// answerPing acknowledges one ping; the key makes it happen once. False: the next one would fail as well.
func (n *Node) answerPing(ctx context.Context, party string, ref record.Ref) bool {
	f := record.Fields{}
	f.SetText("act", docket.ActAcknowledge)
	f.SetText("class", "test")
	f.SetRef("in_reply_to", ref)
	_, err := n.File(ctx, party, Complete(f, n.now(), "node"), "ping/"+string(ref.JSON()))
	if err == nil || AsError(err).Kind == NotAllowed {
		return true
	}
	n.cfg.Log.Warn("pings not answered", "party", party, "error", err.Error())
	return false
}

// refilePings answers pings that were received just before this node stopped.
func (n *Node) refilePings(ctx context.Context) {
	waiting, found := map[string][]record.Ref{}, 0
	err := n.eachCase(ctx, func(party string, c docket.Case) error {
		if c.Open == nil || c.Open.Act != docket.ActPing || c.Open.To != n.party || found == maxRefiled ||
			c.View(n.now(), n.now()).Status != docket.Received {
			return nil
		}
		ref, err := refOf(c)
		if err == nil {
			waiting[party], found = append(waiting[party], ref), found+1
		}
		return err
	})
	if err != nil && ctx.Err() == nil {
		n.cfg.Log.Warn("pings of before could not be read", "error", err.Error())
	}
	for party, pings := range waiting {
		if l, err := n.linkTo(party); err == nil && n.beginAnswers(ctx, l) == nil {
			n.answer(ctx, l, pings)
		}
	}
}
