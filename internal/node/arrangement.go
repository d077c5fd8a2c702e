package node

import (
	"context"
	"math"
	"slices"
	"time"

	"verbale/internal/docket"
	"verbale/internal/store"
	"verbale/record"
	"verbale/seal"
)

// An Arrangement is a proposal of rules for a link, and what came of it.
type Arrangement struct {
	Ref        record.Ref    `json:"ref"`
	By         string        `json:"by"`
	Version    int64         `json:"version"`
	Status     docket.Status `json:"status"`
	Turn       string        `json:"turn,omitempty"` // who must agree or decline
	ReleasedAt time.Time     `json:"released_at,omitzero"`
	AgreedBy   string        `json:"agreed_by,omitempty"`
	AgreedAt   time.Time     `json:"agreed_at,omitzero"`
	From       time.Time     `json:"in_force_from,omitzero"` // where it was agreed to, by both signatures; else as it is proposed
	Until      time.Time     `json:"until,omitzero"`
	InForce    bool          `json:"in_force"` // at the time that was asked for
	// Marks are the rules that the proposal breaks, Doubts what in it has no effect.
	Marks  []string      `json:"marks"`
	Doubts []string      `json:"doubts"`
	Fields record.Fields `json:"fields,omitempty"` // of one that is shown alone
}

// Arrangements lists the proposals on the link with party, the newest first; at is for which time it is told what is in force, zero for now.
func (n *Node) Arrangements(ctx context.Context, party string, at time.Time) (list []Arrangement, err error) {
	if _, err := n.linkTo(party); err != nil {
		return nil, err
	}
	err = n.cfg.Store.View(ctx, func(tx *store.Tx) error {
		p, err := n.proposals(tx, party, at)
		list = p.list
		return err
	})
	return list, err
}

// proposals are all arrangements of a link.
type proposals struct {
	list  []Arrangement // the newest first
	cases []docket.Case // of the same
}

func (n *Node) proposals(tx *store.Tx, party string, at time.Time) (p proposals, err error) {
	if at.IsZero() {
		at = n.now()
	}
	inForce, err := n.inForce(tx, party, at)
	if err != nil {
		return p, err
	}
	for _, f := range []store.Filter{{Link: party, Act: docket.ActArrangement}, {Link: party, Act: docket.ActArrangement, Status: docket.Agreed}} {
		rows, err := tx.CasesWhere(f, store.Newest, store.Cursor{}, maxProposals)
		if err != nil {
			return p, err
		}
		for _, row := range rows {
			if !slices.ContainsFunc(p.cases, func(c docket.Case) bool { return c.Key == row.Case.Key }) {
				p.cases = append(p.cases, row.Case)
			}
		}
	}
	look := n.viewer(tx)
	for _, c := range p.cases {
		v, err := look.view(c)
		if err != nil {
			return p, err
		}
		s, err := n.show(tx, c.Open.Outbox, c.Open.Index)
		if err != nil {
			return p, err
		}
		a := Arrangement{Ref: s.Ref, By: s.By, Version: c.Open.Version, Status: v.Status, Turn: v.Turn, Marks: []string{}, Doubts: []string{}, Fields: s.Fields,
			ReleasedAt: s.Fields.Time("released_at"), From: s.Fields.Time("in_force_from"), Until: s.Fields.Time("until"), InForce: c.Key == inForce}
		if s.Fields == nil {
			a.Marks = append(a.Marks, "its content is not kept here any more")
			p.list = append(p.list, a)
			continue
		}
		t := docket.TermsOf(s.Fields)
		by, ok, err := agreement(tx, c)
		if err != nil {
			return p, err
		}
		if ok {
			a.AgreedBy, a.AgreedAt, a.From = by.By, by.At, t.Agreed(by).From
		}
		a.Marks = append(a.Marks, docket.CheckArrangement(s.Fields, c.AgreedBefore(p.cases), c.Open.From, c.Open.To)...)
		a.Doubts = append(a.Doubts, t.Doubts(s.Fields)...)
		p.list = append(p.list, a)
	}
	return p, nil
}

// inForce gives the key of the case of the arrangement that is in force at a time; "" for none.
func (n *Node) inForce(tx *store.Tx, party string, at time.Time) (string, error) {
	agreed, err := n.signedBy(tx, party)
	if err != nil {
		return "", err
	}
	key, version := "", int64(0)
	for _, s := range agreed { // as docket.TermsAt chooses
		if s.terms.InForce(at) && s.terms.Version >= version {
			key, version = s.by.Key, s.terms.Version
		}
	}
	return key, nil
}

// ArrangementQuery chooses one arrangement of a link: the record of this place; else the one of this version, agreed to if there is such; else the one
// that is in force at a time.
type ArrangementQuery struct {
	Party   string
	Outbox  string
	Index   int64
	Version int64
	At      time.Time // zero: now
}

// ArrangementPage is an arrangement, and the one that it follows: the highest version below it that was agreed to.
type ArrangementPage struct {
	Party  string       `json:"party"`
	At     time.Time    `json:"at"`
	Shown  *Arrangement `json:"shown,omitempty"` // absent: none is in force then
	Before *Arrangement `json:"before,omitempty"`
	// Used is how far the quotas of the one in force are used up on that day (UTC), where that is the one that is shown.
	Used []QuotaUse `json:"used"`
}

// QuotaUse is how far a quota is used up on a day.
type QuotaUse struct {
	Kind      string   `json:"kind"`
	Urgencies []string `json:"urgencies"` // that the rule is for
	Most      int64    `json:"most"`      // that a side may send
	Sent      int64    `json:"sent"`      // by this party
	Received  int64    `json:"received"`  // from the other
	Beyond    int64    `json:"beyond"`    // of these, beyond the quota; they are marked, and answered like any other
}

// used counts what of each quota is used up on the day of a time.
func (n *Node) used(tx *store.Tx, party string, t docket.Terms, at time.Time) ([]QuotaUse, error) {
	list := []QuotaUse{}
	for _, r := range t.Kinds {
		q, has := t.Quota(r.Kind, r.Urgency)
		if !has || slices.ContainsFunc(list, func(u QuotaUse) bool { return u.Kind == q.Kind && slices.Equal(u.Urgencies, q.Urgencies) }) {
			continue
		}
		u := QuotaUse{Kind: q.Kind, Urgencies: q.Urgencies, Most: q.Most}
		all := q
		all.Most = math.MaxInt64
		for origin, count := range map[seal.Origin]*int64{n.outboxTo(party): &u.Sent, n.mirrorOf(party): &u.Received} {
			var err error
			if *count, err = released(tx, origin.String(), math.MaxInt64, all, at); err != nil {
				return nil, err
			}
		}
		u.Beyond = max(0, u.Received-u.Most)
		list = append(list, u)
	}
	return list, nil
}

// Arrangement shows one arrangement.
func (n *Node) Arrangement(ctx context.Context, q ArrangementQuery) (page ArrangementPage, err error) {
	if _, err := n.linkTo(q.Party); err != nil {
		return page, err
	}
	if q.At.IsZero() {
		q.At = n.now()
	}
	page = ArrangementPage{Party: q.Party, At: q.At, Used: []QuotaUse{}}
	err = n.cfg.Store.View(ctx, func(tx *store.Tx) error {
		p, err := n.proposals(tx, q.Party, q.At)
		if err != nil {
			return err
		}
		at := slices.IndexFunc(p.list, q.wants)
		if better := slices.IndexFunc(p.list, func(a Arrangement) bool { return q.wants(a) && a.Status == docket.Agreed }); better >= 0 {
			at = better
		}
		if at < 0 {
			if q.Outbox == "" && q.Version == 0 {
				return nil
			}
			return fail(NotFound, nil, "list what there is: verbale arrangement list "+q.Party, "there is no such arrangement on the link with %s", q.Party)
		}
		page.Shown = &p.list[at]
		for i := range p.list {
			b := &p.list[i]
			if b.Status == docket.Agreed && b.Version < page.Shown.Version && (page.Before == nil || b.Version > page.Before.Version) {
				page.Before = b
			}
		}
		if !page.Shown.InForce {
			return nil
		}
		page.Used, err = n.used(tx, q.Party, docket.TermsOf(page.Shown.Fields), q.At)
		return err
	})
	return page, err
}

func (q ArrangementQuery) wants(a Arrangement) bool {
	switch {
	case q.Outbox != "":
		return a.Ref.Outbox == q.Outbox && a.Ref.Index == q.Index
	case q.Version != 0:
		return a.Version == q.Version
	}
	return a.InForce
}

// Propose files a proposal of rules for the link with party. Where it names no version, nor a key by which it
// could be filed again, it has the one above all that were agreed to or proposed.
func (n *Node) Propose(ctx context.Context, party string, draft record.Fields, key string) (Filed, error) {
	draft = draft.Clone()
	draft.SetText("act", docket.ActArrangement)
	if _, ok := draft["version"]; !ok && key == "" {
		list, err := n.Arrangements(ctx, party, time.Time{})
		if err != nil {
			return Filed{}, err
		}
		version := int64(1)
		for _, a := range list {
			version = max(version, a.Version+1)
		}
		draft.SetInt("version", version)
	}
	return n.File(ctx, party, n.Complete(draft, ""), key)
}
