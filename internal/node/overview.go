package node

import (
	"cmp"
	"context"
	"slices"
	"time"

	"verbale/internal/docket"
	"verbale/internal/store"
)

// Overview is the page with which staff begin: what waits for whom.
type Overview struct {
	At    time.Time `json:"at"` // when it was looked at, by this node's clock
	Party string    `json:"party"`
	// Change is the number of the newest change that is in it: the changes after that one are not.
	Change int64 `json:"change"`

	ToAcknowledge Pile `json:"to_acknowledge"`
	ToAnswer      Pile `json:"to_answer"`
	// ToSettle is what waits for our word on our own appeals, what is missing or on what conditions, and arrangements to agree to.
	ToSettle Pile `json:"to_supplement_or_agree"`
	Waiting  Pile `json:"waiting_for_others"`
	Disputed Pile `json:"in_dispute"` // of either side; they are in one of the piles above, too
	// Answered are our appeals that were answered, refused or redirected to another party, and that we have neither closed nor disputed: nobody has to act, and somebody should
	// read them. The newest first; no more than one page and one are counted.
	Answered  Pile `json:"answered_or_refused"`
	Irregular Pile `json:"irregular"` // a move breaks a rule, or what it refers to is not here; the newest first

	Links []Waits `json:"links"` // by party; only those on which somebody must act
}

// Pile is how many cases there are of a sort, and the first of them.
type Pile struct {
	Count int64      `json:"count"`
	Late  int64      `json:"late"`
	First []CaseLine `json:"first"` // by due time
}

// Waits is how many appeals of a link wait, by who opened them and who must act.
type Waits struct {
	With     string   `json:"with"`
	Sent     Waiters  `json:"sent"`
	Received Waiters  `json:"received"`
	Late     LateBoth `json:"late"`
}

// Waiters counts appeals in one direction.
type Waiters struct {
	Ours   int64 `json:"ours"` // we must act
	Theirs int64 `json:"theirs"`
}

// LateBoth counts appeals in which a side is late. Where a pile has more candidates than a page looks at, it is counted by the deadlines as they are
// signed: a late delivery may give more time.
type LateBoth struct {
	Ours   int64 `json:"ours"`
	Theirs int64 `json:"theirs"`
}

// pileOf are the statuses of a pile of ours, in the order in which they are asked for.
func pileOf(name string) []docket.Status {
	switch name {
	case "acknowledge":
		return []docket.Status{docket.Received, docket.Unknown}
	case "settle":
		return []docket.Status{docket.Incomplete, docket.Conditional}
	}
	return []docket.Status{docket.Acknowledged, docket.Redirected, docket.Supplemented, docket.Accepted, docket.OnTerms, docket.OffTerms, docket.Partly,
		docket.Postponed, docket.Executing, docket.Interim, docket.Disputed, docket.Unreadable}
}

// Overview gives the start page, with the first few cases of each pile, at most MaxFirst, of what may be seen. It reads an index of the cases in
// which somebody must act, and of these only the first.
func (n *Node) Overview(ctx context.Context, s Sight, first int) (o Overview, err error) {
	first = max(0, min(first, MaxFirst))
	err = n.cfg.Store.View(ctx, func(tx *store.Tx) error {
		v := n.viewer(tx)
		o = Overview{At: v.now, Party: n.party, Links: []Waits{}}
		if o.Change, err = tx.Changed(); err != nil {
			return err
		}
		p := piler{viewer: v, sight: s, first: first, base: CaseQuery{Sight: s, Appeals: true}.filter(n.party, v.now)}
		for _, fill := range []func(*Overview) error{p.count, p.ours, p.settle, p.theirs, p.disputed, p.answered, p.irregular, p.byLink} {
			if err := fill(&o); err != nil {
				return err
			}
		}
		return nil
	})
	return o, err
}

// piler makes the piles of one overview.
type piler struct {
	*viewer
	sight Sight
	first int
	base  store.Filter // what may be seen, of appeals
	links map[string]*Waits
}

// count counts everything that waits.
func (p *piler) count(o *Overview) error {
	f := p.base
	f.Turns = []store.Side{store.Ours, store.Theirs}
	counts, err := p.tx.CountCases(f, p.now, store.GroupTurn, store.GroupLink, store.GroupOpened, store.GroupStatus)
	if err != nil {
		return err
	}
	p.links = map[string]*Waits{}
	for _, c := range counts {
		if !p.sight.Link(c.Link) {
			continue
		}
		w := p.links[c.Link]
		if w == nil {
			w = &Waits{With: c.Link}
			p.links[c.Link] = w
		}
		w.add(c)
		o.add(c)
	}
	return nil
}

// byLink gives the numbers by peer, once every pile has found out who is late.
func (p *piler) byLink(o *Overview) error {
	for _, w := range p.links {
		o.Links = append(o.Links, *w)
	}
	slices.SortFunc(o.Links, func(a, b Waits) int { return cmp.Compare(a.With, b.With) })
	return nil
}

// fillOnly fills a pile of cases that are in no other, and takes back what the numbers by peer say of those that are past the signed deadline and
// not late by the rules.
func (p *piler) fillOnly(pile *Pile, filters ...store.Filter) error {
	early, err := p.fill(pile, filters...)
	for _, row := range early {
		late := &p.links[row.Link].Late
		if row.Turn == store.Ours {
			late.Ours--
		} else {
			late.Theirs--
		}
	}
	return err
}

func (w *Waits) add(c store.CaseCount) {
	side := &w.Received
	if c.Opened == store.Ours {
		side = &w.Sent
	}
	if c.Turn == store.Ours {
		side.Ours, w.Late.Ours = side.Ours+c.N, w.Late.Ours+c.Late
	} else {
		side.Theirs, w.Late.Theirs = side.Theirs+c.N, w.Late.Theirs+c.Late
	}
}

func (o *Overview) add(c store.CaseCount) {
	if c.Status == docket.Disputed {
		o.Disputed.add(c)
	}
	switch {
	case c.Turn == store.Theirs:
		o.Waiting.add(c)
	case slices.Contains(pileOf("acknowledge"), c.Status):
		o.ToAcknowledge.add(c)
	case slices.Contains(pileOf("settle"), c.Status):
		o.ToSettle.add(c)
	default:
		o.ToAnswer.add(c)
	}
}

func (p *Pile) add(c store.CaseCount) { p.Count, p.Late = p.Count+c.N, p.Late+c.Late }

func (p *piler) ours(o *Overview) error {
	for name, pile := range map[string]*Pile{"acknowledge": &o.ToAcknowledge, "answer": &o.ToAnswer} {
		if err := p.fillOnly(pile, p.sorts(store.Ours, pileOf(name)...)...); err != nil {
			return err
		}
	}
	return nil
}

// settle adds the arrangements that wait for our word: they are no appeals.
func (p *piler) settle(o *Overview) error {
	proposed := p.base
	proposed.Appeals, proposed.Act, proposed.Turns = false, docket.ActArrangement, []store.Side{store.Ours}
	counts, err := p.tx.CountCases(proposed, p.now)
	if err != nil {
		return err
	}
	o.ToSettle.Count += counts[0].N
	return p.fillOnly(&o.ToSettle, append(p.sorts(store.Ours, pileOf("settle")...), proposed)...)
}

func (p *piler) theirs(o *Overview) error {
	return p.fillOnly(&o.Waiting, p.sorts(store.Theirs, "")...)
}

func (p *piler) disputed(o *Overview) error {
	_, err := p.fill(&o.Disputed, append(p.sorts(store.Ours, docket.Disputed), p.sorts(store.Theirs, docket.Disputed)...)...)
	return err
}

// answered reads no more than it needs: what was never closed may be many.
func (p *piler) answered(o *Overview) error {
	var rows []store.CaseRow
	for _, s := range []docket.Status{docket.Answered, docket.Refused, docket.Redirected} {
		f := p.base
		f.Opened, f.Status, f.Turns = store.Ours, s, []store.Side{store.Nobody}
		some, err := p.tx.CasesWhere(f, store.Newest, store.Cursor{}, MaxFirst+1)
		if err != nil {
			return err
		}
		for _, row := range some {
			if p.sight.Case(row.Link, row.Case) && !row.Case.GaveUp() {
				rows = append(rows, row)
			}
		}
	}
	slices.SortFunc(rows, func(a, b store.CaseRow) int { return cmp.Compare(b.ID, a.ID) })
	o.Answered = Pile{Count: int64(min(len(rows), MaxFirst+1)), First: []CaseLine{}}
	for _, row := range rows[:min(len(rows), p.first)] {
		if err := p.line(&o.Answered, row, func(docket.View) bool { return true }); err != nil {
			return err
		}
	}
	return nil
}

// irregular is of any case, open or not.
func (p *piler) irregular(o *Overview) error {
	f := p.base
	f.Appeals, f.Irregular = false, true
	counts, err := p.tx.CountCases(f, p.now)
	if err != nil {
		return err
	}
	rows, err := p.tx.CasesWhere(f, store.Newest, store.Cursor{}, p.first)
	if err != nil {
		return err
	}
	o.Irregular = Pile{Count: counts[0].N, First: []CaseLine{}}
	for _, row := range rows {
		if err := p.line(&o.Irregular, row, func(docket.View) bool { return true }); err != nil {
			return err
		}
	}
	return nil
}

// sorts are filters, one for each status: so each is read from where it begins.
func (p *piler) sorts(turn store.Side, statuses ...docket.Status) (filters []store.Filter) {
	for _, s := range statuses {
		f := p.base
		f.Turns, f.Status = []store.Side{turn}, s
		filters = append(filters, f)
	}
	return filters
}

// fill puts into a pile the first by due time of what the filters select, and counts those that are late, as far as there are few: by the view of
// each, which knows when it was received. early are then those that are past the signed deadline, and not late.
func (p *piler) fill(pile *Pile, filters ...store.Filter) (early []store.CaseRow, err error) {
	pile.First = []CaseLine{}
	if pile.Count == 0 {
		return nil, nil
	}
	var rows []store.CaseRow
	most := p.first
	if pile.Late <= maxConfirmed {
		most = max(most, int(pile.Late))
	}
	for _, f := range filters {
		some, err := p.tx.CasesWhere(f, store.ByDue, store.Cursor{}, most)
		if err != nil {
			return nil, err
		}
		rows = append(rows, some...)
	}
	slices.SortFunc(rows, func(a, b store.CaseRow) int { return a.Cursor().Compare(b.Cursor()) })
	late, looked := int64(0), int64(0)
	for _, row := range rows {
		if !p.sight.Case(row.Link, row.Case) {
			continue
		}
		candidate := !row.Due.IsZero() && row.Due.Before(p.now)
		if !candidate && len(pile.First) == p.first {
			break
		}
		err := p.line(pile, row, func(v docket.View) bool {
			if candidate {
				looked++
			}
			switch {
			case v.Late:
				late++
			case candidate:
				early = append(early, row)
			}
			return v.Turn != "" && len(pile.First) < p.first
		})
		if err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(pile.First, func(a, b CaseLine) int { return compareDue(a.View.By, b.View.By) })
	if looked < pile.Late {
		return nil, nil
	}
	pile.Late = late
	return early, nil
}

// compareDue orders deadlines: none is after all others.
func compareDue(a, b time.Time) int {
	switch {
	case a.IsZero() == b.IsZero():
		return a.Compare(b)
	case a.IsZero():
		return 1
	}
	return -1
}

// line adds a case to a pile, where it belongs there.
func (p *piler) line(pile *Pile, row store.CaseRow, belongs func(docket.View) bool) error {
	v, err := p.view(row.Case)
	if err == nil && belongs(v) {
		pile.First = append(pile.First, lineOf(row, v))
	}
	return err
}
