package node

import (
	"context"
	"time"

	"verbale/internal/docket"
	"verbale/internal/exchange"
	"verbale/internal/store"
	"verbale/record"
)

// Suspend files the notice that suspends the link with party: the fields reason and, where it is known, until. From then on nothing of
// the peer's is taken, and nothing but Resume can be filed.
func (n *Node) Suspend(ctx context.Context, party string, draft record.Fields, key string) (Filed, error) {
	draft = draft.Clone()
	draft.SetText("act", docket.ActSuspend)
	if _, ok := draft["effective_at"]; !ok {
		draft.SetTime("effective_at", n.now())
	}
	if until := draft.Time("until"); !until.IsZero() && !until.After(n.now()) {
		return Filed{}, fail(Invalid, nil, "name a time to come, or leave it out", "a suspension is announced until a time to come, not until %s", draft.Text("until"))
	}
	return n.File(ctx, party, n.Complete(draft, ""), key)
}

// Resume files the record that ends our suspension of the link with party. What waits on both sides goes on by itself.
func (n *Node) Resume(ctx context.Context, party string, draft record.Fields, key string) (Filed, error) {
	draft = draft.Clone()
	draft.SetText("act", docket.ActResume)
	filed, err := n.File(ctx, party, n.Complete(draft, ""), key)
	if err != nil {
		return filed, err
	}
	if err := n.Retry(party); err != nil {
		return filed, err
	}
	n.refileDuties(context.WithoutCancel(ctx)) // what arrived before the suspension and was not answered
	n.publishSoon(ctx)
	return filed, nil
}

// standing is what the records of the link with party amount to beside its cases.
func (n *Node) standing(ctx context.Context, party string) (s docket.Standing, err error) {
	err = n.cfg.Store.View(ctx, func(tx *store.Tx) error {
		s, err = tx.Standing(party)
		return err
	})
	return s, err
}

// A Suspension is a notice that is in force.
type Suspension struct {
	Since  time.Time `json:"since"`
	Until  time.Time `json:"until,omitzero"` // how long it is meant to last; it ends nothing
	Outbox string    `json:"outbox"`         // where the notice stands
	Index  int64     `json:"index"`
}

// suspensions gives the notices in force on the link with party: ours and theirs.
func (n *Node) suspensions(tx *store.Tx, party string) (ours, theirs *Suspension, err error) {
	s, err := tx.Standing(party)
	if err != nil {
		if storeKind(err) == store.NotFound { // fsck says that the link is not stored
			err = nil
		}
		return nil, nil, err
	}
	by := func(who string) *Suspension {
		m, ok := s.Suspended(who)
		if !ok {
			return nil
		}
		return &Suspension{Since: m.Since(), Until: m.Ends(), Outbox: m.Outbox, Index: m.Index}
	}
	return by(n.party), by(party), nil
}

// closed tells whether a party has suspended the link.
func closed(s docket.Standing, by string) bool {
	_, ok := s.Suspended(by)
	return ok
}

// takesFrom refuses what a peer sends while we have suspended the link.
func (n *Node) takesFrom(tx *store.Tx, party string) error {
	s, err := tx.Standing(party)
	if err != nil || !closed(s, n.party) {
		return err
	}
	return exchange.Refuse(exchange.Suspended, "X-22", nil, "this end has suspended the link and takes nothing; its notice stands in its outbox to you, and so will its resume")
}

// sendsTo refuses to send to a peer that has suspended the link. What is filed waits.
func (n *Node) sendsTo(ctx context.Context, party string) error {
	s, err := n.standing(ctx, party)
	if err != nil {
		return err
	}
	m, suspended := s.Suspended(party)
	if !suspended {
		return nil
	}
	return fail(Refused, nil, "it stays in the queue and goes by itself after their resume", "%s has suspended the link since %s, and takes nothing (X-22)", party, m.EffectiveAt)
}

// foldStanding folds entries into the stored standing of their link; almost never does one change it.
func foldStanding(tx *store.Tx, party string, entries []docket.Entry) error {
	var s docket.Standing
	moved := false
	for _, e := range entries {
		if !e.Moves() {
			continue
		}
		if !moved {
			var err error
			if s, err = tx.Standing(party); err != nil {
				return err
			}
		}
		s, moved = s.Apply(e), true
	}
	if !moved {
		return nil
	}
	return tx.PutStanding(party, s)
}

// stand refuses what may not be written on a link that we have suspended. The register is no link.
func (w *groupWriter) stand(party string, e docket.Entry) error {
	s, ok := w.standing[party]
	if !ok {
		var err error
		if s, err = w.tx.Standing(party); err != nil {
			return err
		}
		if w.standing == nil {
			w.standing = map[string]docket.Standing{}
		}
		w.standing[party] = s
	}
	return s.Allow(e)
}

// stood folds what was written into the standing of its link.
func (w *groupWriter) stood(party string, e docket.Entry) error {
	if !e.Moves() {
		return nil
	}
	w.standing[party] = w.standing[party].Apply(e)
	return w.tx.PutStanding(party, w.standing[party])
}

// pace tells how often the peer is asked for entries, and whether it has suspended the link: then rarely, to notice its resume.
func (n *Node) pace(ctx context.Context, l *link) (every time.Duration, suspended bool, err error) {
	s, err := n.standing(ctx, l.profile.Party)
	if closed(s, l.profile.Party) {
		return suspendedEvery, true, err
	}
	return pullEvery, false, err
}

// refusedAsSuspended lets the pushes of a link rest after a peer refused one because it has suspended the link. That is no fault.
func (n *Node) refusedAsSuspended(l *link) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.rest.IsZero() {
		n.cfg.Log.Info("the peer has suspended the link: what is filed waits", "party", l.profile.Party)
	}
	l.rest = n.cfg.Now().Add(suspendedEvery)
}

// heard ends the rest after entries of the peer have come: it speaks again, or its notice is here.
func (n *Node) heard(l *link, entries []docket.Entry) {
	l.mu.Lock()
	l.rest = time.Time{}
	l.mu.Unlock()
	for _, e := range entries {
		if e.Moves() && e.Opened.Act() == docket.ActResume {
			n.signal(l.profile.Party)
		}
	}
}
