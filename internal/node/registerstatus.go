package node

import (
	"context"
	"time"

	"verbale/internal/store"
	"verbale/seal"
)

// RegisterStatus is our register for people: how long it is, when the heads were written into it last, and who has dated how much of it.
type RegisterStatus struct {
	Outbox       string          `json:"outbox"`
	Size         int64           `json:"size"`
	Stopped      string          `json:"stopped,omitempty"` // why nothing is signed into it any more
	HeadsAt      time.Time       `json:"heads_at,omitzero"` // when the newest entry of heads was taken; zero where none is found
	HeadsIndex   int64           `json:"heads_index"`       // of that entry
	Policy       bool            `json:"policy"`            // somebody is to date it
	Pending      int             `json:"pending"`           // heads that no quorum has dated yet
	PendingSince time.Time       `json:"pending_since,omitzero"`
	Witnesses    []WitnessStatus `json:"witnesses"`
}

// WitnessStatus is one witness of the policy.
type WitnessStatus struct {
	Name        string    `json:"name"`
	Key         string    `json:"key"`
	URL         string    `json:"url,omitempty"`
	Size        int64     `json:"size"`         // the newest that it has cosigned
	At          time.Time `json:"at,omitzero"`  // when, by its clock
	LastAttempt string    `json:"last_attempt"` // how the last call ended
	LastAt      time.Time `json:"last_attempt_at,omitzero"`
}

// Register tells how our register stands.
func (n *Node) Register(ctx context.Context) (s RegisterStatus, err error) {
	s.Witnesses = []WitnessStatus{}
	err = n.cfg.Store.View(ctx, func(tx *store.Tx) error {
		row, err := tx.Outbox(n.outboxTo(seal.Public).String())
		if err != nil {
			return err
		}
		s.Outbox, s.Size, s.Stopped = row.Origin.String(), row.Head.Size, row.Stopped
		if err := n.newestHeads(tx, row, &s); err != nil {
			return err
		}
		pending, err := tx.PendingDatings(s.Outbox)
		if err != nil {
			return err
		}
		if s.Pending = len(pending); s.Pending > 0 {
			s.PendingSince = pending[0].TakenAt
		}
		return n.witnessStatus(tx, row, &s)
	})
	return s, err
}

// newestHeads looks for it from the end: what else is in a register comes seldom.
func (n *Node) newestHeads(tx *store.Tx, row store.Outbox, s *RegisterStatus) error {
	for index := row.Head.Size - 1; index >= max(0, row.Head.Size-headsLookback); index-- {
		e, err := n.entryOf(tx, s.Outbox, index)
		if err != nil {
			return err
		}
		if o := n.read(row.Origin, index, e.record, e.stored).Opened; o != nil && o.Act() == actHeads {
			s.HeadsAt, s.HeadsIndex = o.Fields.Time("taken_at"), index
			return nil
		}
	}
	return nil
}

func (n *Node) witnessStatus(tx *store.Tx, row store.Outbox, s *RegisterStatus) error {
	if s.Policy = n.cfg.Witnesses.Policy != nil; !s.Policy {
		return nil
	}
	for _, p := range n.cfg.Witnesses.Policy.Witnesses {
		newest, _, err := tx.NewestCosignature(row.ID, keyTag(p.Key))
		if err != nil {
			return err
		}
		w := WitnessStatus{Name: p.Name, Key: p.Key.String(), URL: p.URL, Size: newest.Size, At: newest.Time, LastAttempt: "not asked"}
		for _, asked := range n.witnesses {
			if asked.url == p.URL {
				asked.mu.Lock()
				if w.LastAt = asked.at; asked.last != "" {
					w.LastAttempt = asked.last
				}
				asked.mu.Unlock()
			}
		}
		s.Witnesses = append(s.Witnesses, w)
	}
	return nil
}

// ResumeRegister lets the register go on after an operator has seen that what stopped it was wrong.
func (n *Node) ResumeRegister(ctx context.Context) error {
	err := n.cfg.Store.Update(ctx, func(tx *store.Tx) error {
		row, err := tx.Outbox(n.outboxTo(seal.Public).String())
		if err != nil {
			return err
		}
		if row.Stopped == "" {
			return fail(NotAllowed, nil, "look at it: verbale register", "the register is not stopped")
		}
		return tx.ResumeOutbox(row.ID)
	})
	if err == nil {
		n.cfg.Log.Warn("the register goes on, by its operator's word")
		n.registerMoved()
	}
	return err
}
