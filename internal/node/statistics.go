package node

import (
	"bytes"
	"context"
	"encoding/json/jsontext"
	"encoding/json/v2"
	"time"

	"verbale/internal/docket"
	"verbale/internal/store"
)

// StatisticsQuery asks for the figures of a link. Zero members ask for everything, as of now.
type StatisticsQuery struct {
	From    time.Time     `json:"from,omitzero"`
	To      time.Time     `json:"to,omitzero"`
	AsOf    time.Time     `json:"as_of,omitzero"`
	Channel string        `json:"channel,omitempty"`
	Kind    string        `json:"kind,omitempty"`
	Class   string        `json:"class,omitempty"`
	Basis   *docket.Basis `json:"basis,omitempty"` // no more than this
}

// Statistics is a figures file (S-13).
type Statistics struct {
	By      string         `json:"by"`
	Figures docket.Figures `json:"figures"`
	Known   docket.Beyond  `json:"known_to_us_only"`
}

// Statistics computes the figures of the link with party (spec/statistics.md). It holds no transaction while it counts: what comes meanwhile is
// beyond the basis.
func (n *Node) Statistics(ctx context.Context, party string, q StatisticsQuery) (Statistics, error) {
	l, err := n.linkTo(party)
	if err != nil {
		return Statistics{}, err
	}
	for _, at := range []time.Time{q.From, q.To, q.AsOf} {
		if year := at.UTC().Year(); year < 0 || year > 9999 {
			return Statistics{}, fail(Invalid, nil, "give times of the years 0 to 9999 in UTC", "figures are not of times that no text can name")
		}
	}
	if !q.From.IsZero() && !q.To.IsZero() && !q.From.Before(q.To) {
		return Statistics{}, fail(Invalid, nil, "the end of a window comes after its beginning, and is not in it", "a window from %s to %s has nothing in it",
			q.From.UTC().Format(time.RFC3339), q.To.UTC().Format(time.RFC3339))
	}
	c := &counting{n: n, party: l.profile.Party, rows: map[string]store.Outbox{}}
	held, unread, err := c.ground(ctx)
	if err != nil {
		return Statistics{}, err
	}
	asked := docket.Question{AsOf: asOf(q.AsOf, n.now(), held), From: wholeSeconds(q.From), To: wholeSeconds(q.To),
		Channel: q.Channel, Kind: q.Kind, Class: q.Class, Basis: q.Basis}
	s := docket.NewStatistics(asked, held, unread)
	if err := c.arrange(ctx, s); err != nil {
		return Statistics{}, err
	}
	filter := store.Filter{Link: c.party, Act: docket.ActAppeal, Channel: q.Channel, Kind: q.Kind, Class: q.Class, Within: looked(s.Basis(), held)}
	err = c.each(ctx, filter, func(tx *store.Tx, k docket.Case) error {
		var lodged time.Time
		if row, ours := c.rows[k.Open.Outbox]; ours && !s.Holds(k) {
			first, _, err := tx.FirstLodged(row.ID, k.Open.Index)
			if err != nil {
				return err
			}
			lodged = first.Time
		}
		s.Add(k, lodged)
		return nil
	})
	return Statistics{By: n.party, Figures: s.Figures(n.party, c.party), Known: s.Beyond()}, err
}

// asOf is the instant that figures are of (S-5): the one that was asked for, else the end of this second, and of that of any receipt that is here.
func asOf(asked, now time.Time, held []docket.Held) time.Time {
	if !asked.IsZero() {
		return wholeSeconds(asked)
	}
	at := wholeSeconds(now).Add(time.Second)
	for _, h := range held {
		for _, r := range h.Receipts {
			if !r.At.Before(at) {
				at = wholeSeconds(r.At).Add(time.Second)
			}
		}
	}
	if last := time.Unix(lastSecond, 0).UTC(); at.After(last) {
		return last
	}
	return at
}

func wholeSeconds(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return t.UTC().Truncate(time.Second)
}

// looked gives where appeals stand that are counted: in the window, or beyond the basis.
func looked(b docket.Basis, held []docket.Held) []docket.Span {
	spans := []docket.Span{}
	for _, h := range held {
		beyond := docket.Span{Outbox: h.Outbox, Next: store.MaxEntries + 1}
		for _, head := range b.Heads {
			if head.Outbox == h.Outbox {
				beyond.From = head.Size
				spans = append(spans, docket.Span{Outbox: h.Outbox, From: head.From, Next: head.Next})
			}
		}
		spans = append(spans, beyond)
	}
	return spans
}

// counting reads what statistics are computed from.
type counting struct {
	n     *Node
	party string
	rows  map[string]store.Outbox // our outboxes to the party
}

// ground reads the receipts over the outboxes of the link, and what this side cannot read of them.
func (c *counting) ground(ctx context.Context) (held []docket.Held, unread []docket.Serial, err error) {
	err = c.n.cfg.Store.View(ctx, func(tx *store.Tx) error {
		ours, err := c.n.outboxesTo(tx, c.party)
		if err != nil {
			return err
		}
		theirs, err := c.n.mirrorsOf(tx, c.party)
		if err != nil {
			return err
		}
		for _, row := range ours {
			c.rows[row.Origin.String()] = row
		}
		for _, row := range append(ours, theirs...) {
			h := docket.Held{Outbox: row.Origin.String(), From: row.Origin.Author, To: row.Origin.Audience}
			err := tx.EachReceipt(row.ID, func(size int64, at time.Time) error {
				h.Receipts = append(h.Receipts, docket.Receipt{Size: size, At: at})
				return nil
			})
			if err != nil {
				return err
			}
			held = append(held, h)
		}
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	err = c.each(ctx, store.Filter{Link: c.party, Unread: true}, func(_ *store.Tx, k docket.Case) error {
		if at, is := k.UnreadAt(); is {
			unread = append(unread, at)
		}
		return nil
	})
	return held, unread, err
}

// arrange adds the arrangements in the basis.
func (c *counting) arrange(ctx context.Context, s *docket.Statistics) error {
	return c.each(ctx, store.Filter{Link: c.party, Status: docket.Agreed}, func(tx *store.Tx, k docket.Case) error {
		a, ok := s.Agreement(k)
		if !ok {
			return nil
		}
		t, err := c.n.arrangement(tx, k)
		if err == nil {
			s.Arrange(a, t)
		}
		return err
	})
}

// each reads cases page after page, each in a transaction of its own.
func (c *counting) each(ctx context.Context, f store.Filter, do func(*store.Tx, docket.Case) error) error {
	var at store.Cursor
	for {
		if c.n.left() {
			return fail(Closed, nil, "start the node again", "the node is shutting down; nothing was counted")
		}
		end := false
		err := c.n.cfg.Store.View(ctx, func(tx *store.Tx) error {
			rows, err := tx.CasesWhere(f, store.Newest, at, store.MaxCasesPage)
			if err != nil {
				return err
			}
			for _, row := range rows {
				if err := do(tx, row.Case); err != nil {
					return err
				}
				at = row.Cursor()
			}
			end = len(rows) < store.MaxCasesPage
			return nil
		})
		if err != nil || end {
			return err
		}
	}
}

// Comparison is what this side says of a figures file of the other side.
type Comparison struct {
	Party string `json:"party"`
	// Equal: both sides say the same, byte for byte.
	Equal bool `json:"equal"`
	// SameBasis: both have counted by the same basis. Where not, Ours is by the basis that both have, and the other side has to count again by it.
	SameBasis bool                   `json:"same_basis"`
	Ours      Statistics             `json:"ours"`
	Differ    []docket.RowDifference `json:"differ"`
	// Receipts are the outboxes over which the two have not counted by as many receipts: where one lacks some, the dates of records can differ (S-4).
	Receipts []ReceiptsDiffer `json:"receipts"`
}

// ReceiptsDiffer is by how many receipts over an outbox each side has counted.
type ReceiptsDiffer struct {
	Outbox string `json:"outbox"`
	Ours   int64  `json:"ours"`
	Theirs int64  `json:"theirs"`
}

// Compare computes the figures that a figures file of party has, by the basis that both sides have, and says where they differ.
func (n *Node) Compare(ctx context.Context, party string, file []byte) (Comparison, error) {
	c := Comparison{Party: party, Differ: []docket.RowDifference{}, Receipts: []ReceiptsDiffer{}}
	var theirs struct {
		By      string         `json:"by"`
		Figures jsontext.Value `json:"figures"`
		Known   docket.Beyond  `json:"known_to_us_only"`
	}
	var said docket.Figures
	err := json.Unmarshal(file, &theirs, json.RejectUnknownMembers(true))
	if err == nil {
		err = json.Unmarshal(theirs.Figures, &said, json.RejectUnknownMembers(true))
	}
	if err != nil {
		return c, fail(Invalid, err, "it is what verbale stats --json writes", "this is no figures file")
	}
	if link := [2]string{min(n.party, party), max(n.party, party)}; theirs.By != party || said.Link != link {
		return c, fail(Invalid, nil, "have them write one: verbale stats "+n.party+" --json", "this is not a figures file of %s about the link with us", party)
	}
	c.Ours, err = n.Statistics(ctx, party, StatisticsQuery{From: said.From, To: said.To, AsOf: said.AsOf, Channel: said.Channel, Kind: said.Kind, Class: said.Class,
		Basis: &said.Basis})
	if err != nil {
		return c, err
	}
	ours, err := c.Ours.Figures.Marshal()
	if err != nil {
		return c, err
	}
	if err := theirs.Figures.Compact(); err != nil {
		return c, err
	}
	c.SameBasis = c.Ours.Figures.Basis.Same(said.Basis)
	if c.Equal = bytes.Equal(ours, theirs.Figures); !c.Equal {
		c.Differ = append(c.Differ, c.Ours.Figures.Differ(said)...)
	}
	if c.SameBasis && !c.Equal {
		c.Receipts = append(c.Receipts, receiptsDiffer(c.Ours.Known.Receipts, theirs.Known.Receipts)...)
	}
	return c, nil
}

func receiptsDiffer(ours, theirs []docket.ReceiptCount) (list []ReceiptsDiffer) {
	for _, o := range ours {
		for _, t := range theirs {
			if o.Outbox == t.Outbox && o.Count != t.Count {
				list = append(list, ReceiptsDiffer{o.Outbox, o.Count, t.Count})
			}
		}
	}
	return list
}
