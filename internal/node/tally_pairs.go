package node

import (
	"context"
	"slices"
	"time"

	"verbale/internal/docket"
	"verbale/internal/store"
	"verbale/seal"
)

// A pair is what a tally of ours counts: an outbox to the peer, and one of the peer's to us. There are more of them where keys changed.
type pair struct{ sent, received seal.Origin }

// tallyMonth is which pairs were tallied of a month, and which are to be.
type tallyMonth struct {
	filed   []pair // by us
	heard   []pair // by the peer, as we see them
	missing []pair // outboxes that have records of the month and stand in no tally of ours; all there is, while nothing was filed
}

// ours gives what this side has tallied or should.
func (m tallyMonth) ours() []pair { return slices.Concat(m.filed, m.missing) }

// all gives every pair once: the present outboxes last.
func (m tallyMonth) all() []pair {
	var list []pair
	for _, p := range slices.Concat(m.heard, m.ours()) {
		if !slices.Contains(list, p) {
			list = append(list, p)
		}
	}
	slices.SortStableFunc(list, func(a, b pair) int {
		return a.sent.Generation + a.received.Generation - b.sent.Generation - b.received.Generation
	})
	return list
}

func (n *Node) monthOf(ctx context.Context, l *link, period string) (m tallyMonth, err error) {
	from, next, ok := docket.MonthAt(period)
	if !ok {
		return m, badMonth()
	}
	party := l.profile.Party
	var ours, theirs []monthly
	err = n.cfg.Store.View(ctx, func(tx *store.Tx) error {
		s, err := tx.Standing(party)
		if err != nil {
			return err
		}
		m.filed, m.heard = n.pairsOf(party, s.Month(n.party, period), false), n.pairsOf(party, s.Month(party, period), true)
		if ours, err = monthlies(tx, n.outboxesTo, party, from, next); err != nil {
			return err
		}
		theirs, err = monthlies(tx, n.mirrorsOf, party, from, next)
		return err
	})
	if err != nil {
		return m, err
	}
	if len(ours) < 2 && len(theirs) < 2 { // no keys have changed
		if len(m.filed) == 0 {
			m.missing = []pair{{n.outboxTo(party), n.mirrorOf(party)}}
		}
		return m, nil
	}
	return m, n.missingPairs(ctx, &m, party, ours, theirs, from, next)
}

// monthly is an outbox, and whether it has records that were receipted in the month.
type monthly struct {
	store.Outbox
	has bool
}

func monthlies(tx *store.Tx, list func(*store.Tx, string) ([]store.Outbox, error), party string, from, next time.Time) (all []monthly, err error) {
	rows, err := list(tx, party)
	if err != nil {
		return nil, err
	}
	for _, row := range rows {
		_, span, err := spanOf(tx, row.Origin, from, next)
		if err != nil {
			return nil, err
		}
		all = append(all, monthly{row, span.From < span.Next})
	}
	return all, nil
}

// missingPairs finds the outboxes that have records of the month and are in no tally of ours yet.
func (n *Node) missingPairs(ctx context.Context, m *tallyMonth, party string, ours, theirs []monthly, from, next time.Time) error {
	var sent, received []seal.Origin
	for _, row := range ours {
		if !row.has {
			open, err := n.unreceipted(ctx, row.Outbox, from, next)
			if err != nil {
				return err
			}
			row.has = len(open) > 0
		}
		if row.has && !slices.ContainsFunc(m.filed, func(p pair) bool { return p.sent == row.Origin }) {
			sent = append(sent, row.Origin)
		}
	}
	for _, row := range theirs {
		if row.has && !slices.ContainsFunc(m.filed, func(p pair) bool { return p.received == row.Origin }) {
			received = append(received, row.Origin)
		}
	}
	if len(m.filed)+len(sent)+len(received) == 0 {
		sent = []seal.Origin{n.outboxTo(party)}
	}
	for i := range max(len(sent), len(received)) {
		p := pair{n.outboxTo(party), n.mirrorOf(party)}
		if i < len(sent) {
			p.sent = sent[i]
		}
		if i < len(received) {
			p.received = received[i]
		}
		m.missing = append(m.missing, p)
	}
	return nil
}

// pairsOf gives what tallies count, as this side sees it. A peer may name anything: only outboxes of the link are looked at.
func (n *Node) pairsOf(party string, list []docket.TallyNotice, mirrored bool) (pairs []pair) {
	own, their := n.outboxTo(party), n.mirrorOf(party)
	for _, t := range list {
		if mirrored {
			t.Sent, t.Received = t.Received, t.Sent
		}
		if sameButGeneration(t.Sent, own) && sameButGeneration(t.Received, their) {
			sent, _ := seal.ParseOrigin(t.Sent) // it is one
			received, _ := seal.ParseOrigin(t.Received)
			pairs = append(pairs, pair{sent, received})
		}
	}
	return pairs
}

// namedBy gives our view of what a tally of the peer's counts: the outboxes that it names, where they are of this link.
func (n *Node) namedBy(l *link, theirs docket.Tally) pair {
	p := pair{n.outboxTo(l.profile.Party), n.mirrorOf(l.profile.Party)}
	if sameButGeneration(theirs.Received.Outbox, p.sent) {
		p.sent, _ = seal.ParseOrigin(theirs.Received.Outbox)
	}
	if sameButGeneration(theirs.Sent.Outbox, p.received) {
		p.received, _ = seal.ParseOrigin(theirs.Sent.Outbox)
	}
	return p
}
