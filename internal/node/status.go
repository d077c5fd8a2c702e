package node

import (
	"context"
	"time"

	"verbale/internal/docket"
	"verbale/internal/store"
)

// LinkPage is what the page of one link shows beyond its line in a list. What this node does not know is absent.
type LinkPage struct {
	At       time.Time  `json:"at"` // when it was looked at, by this node's clock
	Oldest   *Waiting   `json:"oldest_unreceipted,omitempty"`
	Sent     Flow       `json:"sent"`
	Received Flow       `json:"received"`
	Stranded int        `json:"stranded"` // open appeals while a side has suspended the link
	Reasons  []string   `json:"reasons"`  // of the notices in force, ours first
	Pings    Pings      `json:"pings"`
	Tally    *LastTally `json:"tally,omitempty"`
	Differs  []string   `json:"months_that_differ"`
	Wrong    []Advice   `json:"wrong"`   // the most urgent first
	Checked  []string   `json:"checked"` // what was looked at
}

// Waiting is the oldest entry of ours that the peer has not receipted.
type Waiting struct {
	Outbox     string    `json:"outbox"`
	Index      int64     `json:"index"`
	ReleasedAt time.Time `json:"released_at,omitzero"`
}

// Flow is one direction of a link, as the author of its outbox sees it.
type Flow struct {
	LastReceiptAt time.Time `json:"last_receipt_at,omitzero"` // of the newest receipt, by its clock
	Dated         *int64    `json:"dated,omitempty"`          // entries below the newest head that witnesses date; absent where nobody does
	Appeals       int       `json:"appeals"`
	Open          int       `json:"open"`         // of those, where somebody must act
	Late          int       `json:"late"`         // of those, past the deadline
	Acknowledged  int       `json:"acknowledged"` // of the appeals: an officer's signed reply of any kind, and nothing less
}

// Pings are those of ours; PingStats counts them apart for each contact point.
type Pings struct {
	Missed int       `json:"missed"`           // not acknowledged yet, after PingWithin, or CheckWithin for a contact point
	Since  time.Time `json:"since,omitzero"`   // release of the oldest of them
	LastAt time.Time `json:"last_at,omitzero"` // release of the newest that was acknowledged
}

// LastTally is the newest month that either side has tallied, and what the other side said of it: "agrees", "differs", or "" while it has
// not answered.
type LastTally struct {
	Period     string    `json:"period"`
	Ours       bool      `json:"ours"` // on record
	TheySay    string    `json:"they_say"`
	ReceivedAt time.Time `json:"received_at,omitzero"` // ours, by them
	Theirs     bool      `json:"theirs"`
	WeSay      string    `json:"we_say"`
}

// Link gives the page of the link with party.
func (n *Node) Link(ctx context.Context, party string) (LinkStatus, error) {
	links, err := n.Links(ctx)
	if err != nil {
		return LinkStatus{}, err
	}
	for _, s := range links {
		if s.Party != party {
			continue
		}
		if s.Page, err = n.linkPage(ctx, s); err != nil {
			return s, err
		}
		s.Page.Wrong, s.Page.Checked = Diagnose(s)
		return s, nil
	}
	return LinkStatus{}, notLinked()
}

func (n *Node) linkPage(ctx context.Context, s LinkStatus) (*LinkPage, error) {
	p := &LinkPage{At: n.now(), Reasons: []string{}, Differs: []string{}}
	err := n.cfg.Store.View(ctx, func(tx *store.Tx) error {
		ours, err := n.outboxesTo(tx, s.Party)
		if err != nil {
			return err
		}
		theirs, err := n.mirrorsOf(tx, s.Party)
		if err != nil {
			return err
		}
		for _, fill := range []func() error{
			func() error { return n.flow(tx, s.Party, ours, &p.Sent) },
			func() error { return n.flow(tx, s.Party, theirs, &p.Received) },
			func() error { return n.oldest(tx, ours, p) },
			func() error { return n.reasons(tx, s, p) },
			func() error { return n.countCases(tx, s, p) },
			func() error { return n.lastTally(tx, s.Party, p) },
		} {
			if err := fill(); err != nil {
				return err
			}
		}
		return nil
	})
	return p, err
}

// flow finds out about the receipts and the datings of one direction. The present outbox comes first.
func (n *Node) flow(tx *store.Tx, party string, rows []store.Outbox, f *Flow) error {
	var dated int64
	for _, row := range rows {
		at, err := tx.Checkpoint(row.ID, row.Receipted)
		if err != nil && storeKind(err) != store.NotFound {
			return err
		}
		if f.LastReceiptAt.IsZero() {
			f.LastReceiptAt = at.ReceiptTime
		}
		var most int64
		for _, register := range []string{n.party, party} {
			size, err := tx.NewestDatedSize(row.ID, register)
			if err != nil {
				return err
			}
			most = max(most, size)
		}
		dated += most
	}
	if dated > 0 || len(n.witnesses) > 0 {
		f.Dated = &dated
	}
	return nil
}

// oldest finds the oldest entry of ours without a receipt: outboxes of earlier keys come last.
func (n *Node) oldest(tx *store.Tx, ours []store.Outbox, p *LinkPage) error {
	for i := len(ours) - 1; i >= 0; i-- {
		row := ours[i]
		if row.Receipted >= row.Head.Size || row.Stopped != "" && i > 0 { // what is left over of old keys stands by itself
			continue
		}
		shown, err := n.show(tx, row.Origin.String(), row.Receipted)
		if err != nil {
			return err
		}
		p.Oldest = &Waiting{Outbox: row.Origin.String(), Index: row.Receipted, ReleasedAt: shown.Fields.Time("released_at")}
		return nil
	}
	return nil
}

// reasons reads the notices in force.
func (n *Node) reasons(tx *store.Tx, s LinkStatus, p *LinkPage) error {
	for _, m := range []*Suspension{s.Suspended, s.SuspendedBy} {
		if m == nil {
			continue
		}
		shown, err := n.show(tx, m.Outbox, m.Index)
		if err != nil {
			return err
		}
		p.Reasons = append(p.Reasons, shown.Fields.Text("reason"))
	}
	return nil
}

// countCases counts the cases of a link. Who is late is found among those that can be, and confirmed by the view of each.
func (n *Node) countCases(tx *store.Tx, s LinkStatus, p *LinkPage) error {
	counts, err := tx.CountCases(store.Filter{Link: s.Party, Appeals: true}, p.At, store.GroupOpened, store.GroupTurn, store.GroupStatus)
	if err != nil {
		return err
	}
	suspended := s.Suspended != nil || s.SuspendedBy != nil
	for _, c := range counts {
		p.countAppeals(c, suspended)
	}
	v := n.viewer(tx)
	for opened, flow := range map[store.Side]*Flow{store.Ours: &p.Sent, store.Theirs: &p.Received} {
		if flow.Late, err = v.late(store.Filter{Link: s.Party, Opened: opened, Appeals: true}, flow.Late); err != nil {
			return err
		}
	}
	return eachPing(tx, s.Party, func(c docket.Case) error {
		released, err := time.Parse(time.RFC3339, c.Open.ReleasedAt)
		if err == nil && !c.Check() {
			p.Pings.count(released, c.Index().Status == docket.Acknowledged, p.At.Add(-PingWithin))
		}
		return nil // record has checked the form of the time
	})
}

func (p *LinkPage) countAppeals(c store.CaseCount, suspended bool) {
	var flow *Flow
	switch c.Opened {
	case store.Ours:
		flow = &p.Sent
	case store.Theirs:
		flow = &p.Received
	default: // the opening is not here
		return
	}
	flow.Appeals += int(c.N)
	flow.Late += int(c.Late)
	if c.Turn != store.Nobody {
		flow.Open += int(c.N)
		if suspended {
			p.Stranded += int(c.N)
		}
	}
	switch c.Status {
	case docket.Received, docket.Withdrawn, docket.Superseded, docket.Unreadable, docket.Unknown:
	default:
		flow.Acknowledged += int(c.N)
	}
}

// late counts the cases among those that f selects in which somebody is late. atMost of them can be, by the columns; where they are more than
// maxConfirmed that is the answer: a case differs only while a late delivery gives it more time.
func (v *viewer) late(f store.Filter, atMost int) (late int, err error) {
	if f.LateBefore = v.now; atMost == 0 || atMost > maxConfirmed {
		return atMost, nil
	}
	rows, err := v.tx.CasesWhere(f, store.ByDue, store.Cursor{}, maxConfirmed)
	for _, row := range rows {
		view, err := v.view(row.Case)
		if err != nil {
			return late, err
		}
		if view.Late {
			late++
		}
	}
	return late, err
}

// count adds a ping of ours; one that was released before late is missed.
func (g *Pings) count(released time.Time, acknowledged bool, late time.Time) {
	switch {
	case acknowledged && released.After(g.LastAt):
		g.LastAt = released
	case !acknowledged && released.Before(late):
		g.Missed++
		if g.Since.IsZero() || released.Before(g.Since) {
			g.Since = released
		}
	}
}

// lastTally finds how the newest month stands that was tallied, and which months differ.
func (n *Node) lastTally(tx *store.Tx, party string, p *LinkPage) error {
	s, err := tx.Standing(party)
	if err != nil {
		if storeKind(err) == store.NotFound {
			err = nil
		}
		return err
	}
	for _, t := range s.Tallies { // by party, then by month
		c, _, err := tx.Case(party, t.Leaf)
		if err != nil {
			return err
		}
		v, err := n.view(tx, c)
		if err != nil {
			return err
		}
		said := outcomeOf(c)
		if said == docket.Differs && (len(p.Differs) == 0 || p.Differs[len(p.Differs)-1] != t.Period) {
			p.Differs = append(p.Differs, t.Period)
		}
		if p.Tally == nil || p.Tally.Period < t.Period {
			p.Tally = &LastTally{Period: t.Period}
		}
		if p.Tally.Period != t.Period {
			continue
		}
		if t.By == n.party {
			p.Tally.Ours, p.Tally.TheySay, p.Tally.ReceivedAt = true, said, v.Received
		} else {
			p.Tally.Theirs, p.Tally.WeSay = true, said
		}
	}
	return nil
}

// outcomeOf is what was said of a tally.
func outcomeOf(c docket.Case) string {
	for _, m := range c.Moves {
		if m.Act == docket.ActTallyAnswer && m.Irregular == "" {
			return m.Outcome
		}
	}
	return ""
}
