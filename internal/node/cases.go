package node

import (
	"context"
	"slices"
	"time"

	"verbale/internal/docket"
	"verbale/internal/store"
)

// CaseQuery selects cases. Zero members select everything.
type CaseQuery struct {
	Party     string        // only the link with this party
	Turn      string        // only cases in which this party must act
	Theirs    bool          // only cases in which somebody else must act
	Direction string        // only cases that this party opened, or the other: Sent or Received
	Act       string        // only cases opened by this act
	Except    string        // no cases opened by this act
	Is        docket.Status // only cases with this status
	Kind      string
	Class     string
	Channel   string
	Level     string
	// Appeals leaves out what is no appeal and can be none: tallies, notices of suspension, pings save those that check a contact point.
	Appeals   bool
	Stranded  bool // only stranded cases
	Late      bool // only where somebody must act and is late
	Lapsed    bool // only where the deadline of the reply has passed
	Irregular bool // only where a move breaks a rule, or what it refers to is not here
	ByDue     bool // the earliest due first, and only cases in which somebody must act; else the newest first
	// After and AfterDue are the page: ID and Due of the last case of the page before.
	After    int64
	AfterDue time.Time
	Limit    int   // at most MaxListed, which is also what 0 means
	Sight    Sight // what of it may be seen
}

// Directions of a case.
const (
	Sent     = "sent"
	Received = "received"
)

// CaseLine is a case in a list.
type CaseLine struct {
	ID   int64       `json:"id"`
	Link string      `json:"link"`
	View docket.View `json:"view"`
	// Due is where a list by due time has the case: never after View.By, and zero where the case is never late.
	Due   time.Time `json:"due,omitzero"`
	Stage string    `json:"stage,omitempty"` // of what was told of it while it stands as it does: one of docket's, "" for nothing yet
}

// Cases lists cases.
func (n *Node) Cases(ctx context.Context, q CaseQuery) (lines []CaseLine, err error) {
	if q.Limit <= 0 || q.Limit > MaxListed {
		q.Limit = MaxListed
	}
	err = n.cfg.Store.View(ctx, func(tx *store.Tx) error {
		lines, err = n.viewer(tx).list(q)
		return err
	})
	return lines, err
}

// list reads on until it has as many cases as are asked for. The store's columns know no receipts and no rules of the link, so that who is late is
// among what they give, and the view of each case says whether it is.
func (v *viewer) list(q CaseQuery) (lines []CaseLine, err error) {
	f := q.filter(v.n.party, v.now)
	if q.Stranded {
		if f.Links, err = v.suspended(f.Links); err != nil {
			return lines, err
		}
	}
	order := store.Newest
	if q.ByDue {
		order = store.ByDue
	}
	for at, most := (store.Cursor{ID: q.After, Due: q.AfterDue}), q.Limit; ; most = MaxListed {
		rows, err := v.tx.CasesWhere(f, order, at, most)
		if err != nil {
			return lines, err
		}
		for _, row := range rows {
			if at = row.Cursor(); !q.mayBe(row, v.now) {
				continue
			}
			view, err := v.view(row.Case)
			if err != nil {
				return lines, err
			}
			if !q.selects(view, v.n.party) {
				continue
			}
			if lines = append(lines, lineOf(row, view)); len(lines) == q.Limit {
				return lines, nil
			}
		}
		if len(rows) < most {
			return lines, nil
		}
	}
}

// suspended gives the parties, of these (nil: of all), on whose links a side has suspended: only there cases are stranded, and nobody reads the others.
func (v *viewer) suspended(of []string) ([]string, error) {
	on := []string{}
	for _, l := range v.n.sortedLinks() {
		party := l.profile.Party
		s, err := v.standing(party)
		if err != nil {
			return nil, err
		}
		_, ours := s.Suspended(v.n.party)
		_, theirs := s.Suspended(party)
		if (ours || theirs) && (of == nil || slices.Contains(of, party)) {
			on = append(on, party)
		}
	}
	return on, nil
}

func lineOf(row store.CaseRow, v docket.View) CaseLine {
	return CaseLine{ID: row.ID, Link: row.Link, View: v, Due: row.Due, Stage: docket.StageName(row.Stage)}
}

// filter is what the store can tell of q.
func (q CaseQuery) filter(own string, now time.Time) store.Filter {
	f := store.Filter{Link: q.Party, Act: q.Act, NotAct: q.Except, Kind: q.Kind, Class: q.Class, Channel: q.Channel, Level: q.Level,
		Appeals: q.Appeals, Irregular: q.Irregular, TLPs: q.Sight.below()}
	if f.Link == "" && len(q.Sight.Links) == 1 {
		f.Link = q.Sight.Links[0]
	}
	if len(q.Sight.Links) > 1 {
		f.Links = q.Sight.Links
	}
	switch {
	case q.Turn == own:
		f.Turns = []store.Side{store.Ours}
	case q.Turn != "" && (f.Link == "" || f.Link == q.Turn):
		f.Link, f.Turns = q.Turn, []store.Side{store.Theirs}
	case q.Theirs, q.Turn != "":
		f.Turns = []store.Side{store.Theirs}
	case q.Stranded, q.ByDue:
		f.Turns = []store.Side{store.Ours, store.Theirs}
	}
	switch q.Direction {
	case Sent:
		f.Opened = store.Ours
	case Received:
		f.Opened = store.Theirs
	}
	if q.Is != docket.Expired { // which is a matter of the clock
		f.Status = q.Is
	}
	switch {
	case q.Late:
		f.LateBefore = now
	case q.Lapsed && f.Turns == nil: // what waits for its author can have lapsed too, and its column says when the author is late
		f.Turns = []store.Side{store.Ours, store.Theirs}
	}
	return f
}

// mayBe tells what needs no view: whether a case is seen, and of the few that the store does not find by itself whether it can be one.
func (q CaseQuery) mayBe(row store.CaseRow, now time.Time) bool {
	if !q.Sight.Case(row.Link, row.Case) {
		return false
	}
	if q.Is != docket.Expired {
		return true
	}
	at := row.Case.Index().Expires
	return !at.IsZero() && !now.Before(at)
}

// selects tells whether a case is asked for; own is the party that asks.
func (q CaseQuery) selects(v docket.View, own string) bool {
	switch {
	case q.Stranded && !v.Stranded, q.Late && !v.Late, q.Lapsed && !v.Lapsed, q.ByDue && v.Turn == "":
		return false
	case q.Turn != "" && v.Turn != q.Turn, q.Theirs && (v.Turn == "" || v.Turn == own):
		return false
	}
	return q.Is == "" || v.Status == q.Is
}

// below lists the markings that are seen; nil: all.
func (s Sight) below() []string {
	at := slices.Index(marks(), s.TLP)
	if at < 0 || at == len(marks())-1 {
		return nil
	}
	return marks()[:at+1]
}
