package node

import (
	"time"

	"verbale/internal/docket"
	"verbale/internal/store"
)

// A viewer computes the views of cases within one transaction: it adds what the docket does not hold, receipts and the rules of the link. What
// many cases share it reads once.
type viewer struct {
	n            *Node
	tx           *store.Tx
	now          time.Time
	outboxes     map[string]viewed
	standings    map[string]docket.Standing
	arrangements map[string][]docket.Terms // by party
	dates        map[dated]time.Time
	within       map[string]int64 // the last place within a quota, by quotaKey and how many it allows
}

// viewed is an outbox, and how many of its entries lie with a relay.
type viewed struct {
	store.Outbox
	lodged int64
}

// dated is a checkpoint of a register that has the lines of witnesses.
type dated struct {
	register string
	covered  int64
}

func (n *Node) viewer(tx *store.Tx) *viewer {
	return &viewer{n: n, tx: tx, now: n.now(), outboxes: map[string]viewed{}, standings: map[string]docket.Standing{},
		arrangements: map[string][]docket.Terms{}, dates: map[dated]time.Time{}, within: map[string]int64{}}
}

// view computes where a single case stands.
func (n *Node) view(tx *store.Tx, c docket.Case) (docket.View, error) { return n.viewer(tx).view(c) }

// view computes where a case stands now.
func (v *viewer) view(c docket.Case) (docket.View, error) {
	if c.Open == nil {
		return c.View(docket.Marks{}, docket.Terms{}, v.now), nil
	}
	m, err := v.marks(c)
	if err != nil {
		return docket.View{}, err
	}
	terms, err := v.termsFor(c.Open, m)
	if err != nil {
		return docket.View{}, err
	}
	view := c.View(m, terms, v.now)
	if remark, err := v.beyond(c.Open, terms); err != nil {
		return view, err
	} else if remark != "" {
		view.Remarks = append(view.Remarks, remark)
	}
	if view.Turn == "" {
		return view, nil
	}
	s, err := v.standing(v.n.other(c.Open.From, c.Open.To))
	view.Stranded = s.Strands(view)
	return view, err
}

// termsFor are the rules by which an appeal is looked at that reached others by its marks.
func (v *viewer) termsFor(o *docket.Opening, m docket.Marks) (docket.Terms, error) {
	released, err := time.Parse(time.RFC3339, o.ReleasedAt)
	if err != nil { // what cannot be read says no time
		return docket.Terms{}, nil
	}
	agreed, err := v.agreed(v.n.other(o.From, o.To))
	return docket.TermsFor(agreed, released, m), err
}

// agreed are the arrangements of a link that both sides have signed.
func (v *viewer) agreed(party string) (agreed []docket.Terms, err error) {
	agreed, ok := v.arrangements[party]
	if ok {
		return agreed, nil
	}
	if agreed, err = v.n.agreedWith(v.tx, party); err == nil {
		v.arrangements[party] = agreed
	}
	return agreed, err
}

// standing is that of a link; the zero one where the link is not stored, which fsck says.
func (v *viewer) standing(party string) (docket.Standing, error) {
	s, ok := v.standings[party]
	if ok {
		return s, nil
	}
	s, err := v.tx.Standing(party)
	if err != nil && storeKind(err) != store.NotFound {
		return s, err
	}
	v.standings[party] = s
	return s, nil
}

func (v *viewer) outbox(origin string) (viewed, error) {
	o, ok := v.outboxes[origin]
	if ok {
		return o, nil
	}
	var err error
	if o.Outbox, err = v.tx.Outbox(origin); err != nil {
		return o, err
	}
	last, _, err := v.tx.LastLodged(o.ID)
	o.lodged = last.Size
	v.outboxes[origin] = o
	return o, err
}

// marks finds when the opening was received, lodged and dated, and when the moves were received, where that matters.
func (v *viewer) marks(c docket.Case) (m docket.Marks, err error) {
	o, err := v.outbox(c.Open.Outbox)
	if err != nil {
		return m, err
	}
	index := c.Open.Index
	if m.Received, err = v.received(o, index); err != nil {
		return m, err
	}
	if index < o.lodged {
		lodged, _, err := v.tx.FirstLodged(o.ID, index)
		if err != nil {
			return m, err
		}
		m.Lodged = lodged.Time
	}
	if m.Received.IsZero() && m.Lodged.IsZero() {
		if m.Dated, err = v.dated(o.Outbox, index); err != nil {
			return m, err
		}
	}
	if !c.Timed() {
		return m, nil
	}
	m.Moves = map[string]time.Time{}
	for _, move := range c.Moves {
		o, err := v.outbox(move.Outbox)
		if err != nil {
			return m, err
		}
		at, err := v.received(o, move.Index)
		if err != nil {
			return m, err
		}
		if _, copied := m.Moves[move.Leaf]; !at.IsZero() && !copied { // where it stands first
			m.Moves[move.Leaf] = at
		}
	}
	return m, nil
}

// received is when the entry was first receipted by the audience; zero: it was not.
func (v *viewer) received(o viewed, index int64) (time.Time, error) {
	if index >= o.Receipted {
		return time.Time{}, nil
	}
	times, err := v.tx.ReceiptTimes(o.ID, []int64{index})
	return times[index], err
}

// dated is by when witnesses of our policy date an entry, in the register of either side; zero: they do not.
func (v *viewer) dated(o store.Outbox, index int64) (first time.Time, err error) {
	if v.n.cfg.Witnesses.Policy == nil {
		return first, nil
	}
	for _, party := range []string{o.Origin.Author, o.Origin.Audience} {
		d, found, err := v.tx.FirstDating(o.ID, index, party)
		if err != nil {
			return first, err
		}
		if !found {
			continue
		}
		at, err := v.witnessed(d)
		if err != nil {
			return first, err
		}
		if first.IsZero() || !at.IsZero() && at.Before(first) {
			first = at
		}
	}
	return first, nil
}

// witnessed is when the quorum of our policy had cosigned the checkpoint that a dating is under; zero: it is none of our witnesses.
func (v *viewer) witnessed(d store.Dating) (time.Time, error) {
	key := dated{d.Register, d.Covered}
	if at, ok := v.dates[key]; ok {
		return at, nil
	}
	note := d.Note
	if d.Record == nil { // of our own register
		register, err := v.tx.Outbox(d.Register)
		if err != nil {
			return time.Time{}, err
		}
		if note, err = witnessedNote(v.tx, register.ID, d.Covered); err != nil {
			return time.Time{}, err
		}
	}
	head, err := headOf(note)
	if err != nil {
		return time.Time{}, err
	}
	found, err := v.n.cfg.Witnesses.Policy.Date(note, head)
	if err != nil || !found.Met {
		found.To = time.Time{} // a line that does not verify dates nothing; fsck says so
	}
	v.dates[key] = found.To
	return found.To, nil
}
