package node

import (
	"cmp"
	"context"
	"slices"
	"time"

	"verbale/internal/docket"
	"verbale/internal/store"
)

// PingStats is how the pings of ours to one contact point of a peer were answered, as far as the docket knows. Times are by this node's clock.
type PingStats struct {
	Contact  string    `json:"contact"`        // the role of the contact point; "" is the node, which answers by itself
	Sent     int       `json:"sent"`           // pings
	Answered int       `json:"answered"`       // of these, acknowledged
	Missed   int       `json:"missed"`         // not acknowledged within Within, or later only
	Within   int64     `json:"within_seconds"` // the time that is allowed
	Median   int64     `json:"median_seconds"` // from the release of the ping to the receipt of its acknowledgement here; 0 when none was
	Worst    int64     `json:"worst_seconds"`
	LastAt   time.Time `json:"last_answered_at,omitzero"` // receipt of the newest acknowledgement
}

// PingStats counts the pings of ours on the link with party, for each contact point, the node first.
func (n *Node) PingStats(ctx context.Context, party string) ([]PingStats, error) {
	if _, err := n.linkTo(party); err != nil {
		return nil, err
	}
	byContact := map[string]*pingCount{}
	err := n.cfg.Store.View(ctx, func(tx *store.Tx) error {
		return eachPing(tx, party, func(c docket.Case) error { return n.countPing(tx, c, byContact) })
	})
	stats := []PingStats{}
	for _, c := range byContact {
		stats = append(stats, c.stats())
	}
	slices.SortFunc(stats, func(a, b PingStats) int { return cmp.Compare(a.Contact, b.Contact) })
	return stats, err
}

// eachPing gives the pings of ours on a link, the newest first.
func eachPing(tx *store.Tx, party string, fn func(docket.Case) error) error {
	for at := (store.Cursor{}); ; {
		rows, err := tx.CasesWhere(store.Filter{Link: party, Act: docket.ActPing, Opened: store.Ours}, store.Newest, at, MaxListed)
		if err != nil || len(rows) == 0 {
			return err
		}
		for _, row := range rows {
			if err := fn(row.Case); err != nil {
				return err
			}
			at = row.Cursor()
		}
	}
}

// pingCount collects what PingStats tells.
type pingCount struct {
	PingStats
	took []time.Duration
}

func (n *Node) countPing(tx *store.Tx, c docket.Case, byContact map[string]*pingCount) error {
	if c.Open == nil || c.Open.Act != docket.ActPing || c.Open.Unknown || c.Open.From != n.party {
		return nil
	}
	released, err := time.Parse(time.RFC3339, c.Open.ReleasedAt)
	if err != nil {
		return nil // record has checked its form
	}
	count := byContact[c.Open.Subject]
	if count == nil {
		count = &pingCount{PingStats: PingStats{Contact: c.Open.Subject, Within: int64(PingWithin / time.Second)}}
		if c.Check() {
			count.Within = int64(CheckWithin / time.Second)
		}
		byContact[c.Open.Subject] = count
	}
	at, err := answeredAt(tx, c)
	if err == nil {
		count.add(released, at, n.now())
	}
	return err
}

// answeredAt is when the first acknowledgement of a ping was received here; zero when none was.
func answeredAt(tx *store.Tx, c docket.Case) (time.Time, error) {
	for _, m := range c.Moves {
		if m.Act != docket.ActAcknowledge || m.Irregular != "" {
			continue
		}
		row, err := tx.Outbox(m.Outbox)
		if err != nil {
			return time.Time{}, err
		}
		at, err := tx.FirstReceipt(row.ID, m.Index)
		return at.ReceiptTime, err
	}
	return time.Time{}, nil
}

func (c *pingCount) add(released, answered, now time.Time) {
	c.Sent++
	within := time.Duration(c.Within) * time.Second
	if answered.IsZero() {
		if now.Sub(released) > within {
			c.Missed++
		}
		return
	}
	took := max(0, answered.Sub(released)) // a clock that was set meanwhile makes no answer come before its question
	c.Answered, c.took = c.Answered+1, append(c.took, took)
	if took > within {
		c.Missed++
	}
	if answered.After(c.LastAt) {
		c.LastAt = answered
	}
}

func (c *pingCount) stats() PingStats {
	if len(c.took) > 0 {
		slices.Sort(c.took)
		c.Median, c.Worst = int64(c.took[len(c.took)/2]/time.Second), int64(c.took[len(c.took)-1]/time.Second)
	}
	return c.PingStats
}
