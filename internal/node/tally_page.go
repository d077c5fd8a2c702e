package node

import (
	"cmp"
	"context"
	"slices"
	"time"

	"verbale/internal/docket"
	"verbale/internal/store"
	"verbale/record"
	"verbale/seal"
)

// TallyPage is a month of a link, as both sides counted it.
type TallyPage struct {
	Party  string       `json:"party"`
	Period string       `json:"period"`
	Books  docket.Tally `json:"books"`            // what this side counts now; the filed one where nothing has changed
	Ours   *FiledTally  `json:"ours,omitempty"`   // the last that this side filed
	Theirs *FiledTally  `json:"theirs,omitempty"` // the last of the peer's that is here
	// Differences are what either side named in its answer to the other's tally, each with what settles it.
	Differences []Settled `json:"differences"`
	// Earlier are the outboxes of keys before, where the month has records in them.
	Earlier []TallyPage `json:"earlier,omitempty"`
}

// FiledTally is a tally on record, and the answer of the other side, if it is here.
type FiledTally struct {
	docket.Tally
	Ref        record.Ref   `json:"ref"`
	ReleasedAt time.Time    `json:"released_at,omitzero"`
	ReceivedAt time.Time    `json:"received_at,omitzero"` // by the receipt's clock
	Answer     *FiledAnswer `json:"answer,omitempty"`
}

// FiledAnswer is a tally-answer on record.
type FiledAnswer struct {
	docket.Answer
	Ref        record.Ref `json:"ref"`
	ReleasedAt time.Time  `json:"released_at,omitzero"`
}

// Settled is a serial number on which the sides differ, and the first receipt over it, or none.
type Settled struct {
	Direction string    `json:"direction"` // as this side sees it
	Outbox    string    `json:"outbox"`
	Serial    int64     `json:"serial"`
	Said      []Said    `json:"said"`
	ReceiptAt time.Time `json:"receipt_at,omitzero"` // absent: there is no receipt
	Receipt   int64     `json:"receipt_size,omitzero"`
}

// Said is what a party says of a serial number.
type Said struct {
	By    string `json:"by"`
	State string `json:"state"`
	Note  string `json:"note,omitempty"`
}

// TallyPage shows a month of the link with party, as both sides counted it. It files nothing.
func (n *Node) TallyPage(ctx context.Context, party, period string) (TallyPage, error) {
	l, err := n.linkTo(party)
	if err != nil {
		return TallyPage{}, err
	}
	m, err := n.monthOf(ctx, l, period)
	if err != nil {
		return TallyPage{}, err
	}
	var pages []TallyPage
	for _, p := range m.all() {
		page, err := n.tallyPage(ctx, l, period, p)
		if err != nil {
			return TallyPage{}, err
		}
		pages = append(pages, page)
	}
	last := len(pages) - 1
	pages[last].Earlier = pages[:last]
	return pages[last], nil
}

// tallyPage shows a month of two outboxes of a link.
func (n *Node) tallyPage(ctx context.Context, l *link, period string, p pair) (TallyPage, error) {
	party := l.profile.Party
	page := TallyPage{Party: party, Period: period, Differences: []Settled{}}
	err := n.cfg.Store.View(ctx, func(tx *store.Tx) error {
		s, err := tx.Standing(party)
		if err != nil {
			return err
		}
		if page.Ours, err = n.filedTally(tx, party, s.Month(n.party, period), p.sent, p.received); err != nil {
			return err
		}
		page.Theirs, err = n.filedTally(tx, party, s.Month(party, period), p.received, p.sent)
		return err
	})
	if err != nil {
		return page, err
	}
	r, err := n.runsOf(ctx, period, p)
	if err != nil {
		return page, err
	}
	if page.Books, err = n.counted(ctx, l, r, page.Ours); err != nil {
		return page, err
	}
	return page, n.cfg.Store.View(ctx, func(tx *store.Tx) error { return page.settle(tx, n.party) })
}

// filedTally reads the tally of two outboxes, and its answer. Nil: there is none.
func (n *Node) filedTally(tx *store.Tx, party string, list []docket.TallyNotice, sent, received seal.Origin) (*FiledTally, error) {
	i := slices.IndexFunc(list, func(t docket.TallyNotice) bool { return t.Sent == sent.String() && t.Received == received.String() })
	if i < 0 {
		return nil, nil
	}
	shown, err := n.show(tx, list[i].Outbox, list[i].Index)
	if err != nil {
		return nil, err
	}
	t := &FiledTally{Tally: docket.TallyOf(shown.Fields), Ref: shown.Ref, ReleasedAt: shown.Fields.Time("released_at"), ReceivedAt: shown.ReceivedAt}
	c, _, err := tx.Case(party, list[i].Leaf)
	if err != nil {
		return nil, err
	}
	for _, m := range c.Moves {
		if m.Act != docket.ActTallyAnswer || m.Irregular != "" {
			continue
		}
		shown, err := n.show(tx, m.Outbox, m.Index)
		if err != nil {
			return nil, err
		}
		t.Answer = &FiledAnswer{Answer: docket.AnswerOf(shown.Fields), Ref: shown.Ref, ReleasedAt: shown.Fields.Time("released_at")}
	}
	return t, nil
}

// settle puts what both sides say side by side, and finds the receipts.
func (p *TallyPage) settle(tx *store.Tx, own string) error {
	if p.Ours != nil && p.Ours.Answer != nil {
		for _, d := range p.Ours.Answer.Differences {
			d.Direction = mirrored(d.Direction)
			p.say(d, p.Party)
		}
	}
	if p.Theirs != nil && p.Theirs.Answer != nil {
		for _, d := range p.Theirs.Answer.Differences {
			p.say(d, own)
		}
	}
	slices.SortStableFunc(p.Differences, func(a, b Settled) int {
		return cmp.Or(cmp.Compare(b.Direction, a.Direction), cmp.Compare(a.Serial, b.Serial))
	})
	for i := range p.Differences {
		d := &p.Differences[i]
		row, err := tx.Outbox(d.Outbox)
		if storeKind(err) == store.NotFound {
			continue
		} else if err != nil {
			return err
		}
		at, err := tx.FirstReceipt(row.ID, d.Serial)
		if storeKind(err) == store.NotFound {
			continue
		} else if err != nil {
			return err
		}
		d.ReceiptAt, d.Receipt = at.ReceiptTime, at.Size
	}
	return nil
}

// say adds what a party says of a serial number; d.Direction is this side's.
func (p *TallyPage) say(d docket.Difference, by string) {
	said := Said{By: by, State: d.State, Note: d.Note}
	for i := range p.Differences {
		if was := &p.Differences[i]; was.Direction == d.Direction && was.Serial == d.Serial {
			was.Said = append(was.Said, said)
			return
		}
	}
	origin := p.Books.Sent.Outbox
	if d.Direction == docket.DirReceived {
		origin = p.Books.Received.Outbox
	}
	p.Differences = append(p.Differences, Settled{Direction: d.Direction, Outbox: origin, Serial: d.Serial, Said: []Said{said}})
}

// mirrored is a direction as the other side sees it.
func mirrored(direction string) string {
	if direction == docket.DirSent {
		return docket.DirReceived
	}
	return docket.DirSent
}
