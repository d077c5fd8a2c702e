package verdict

import (
	"cmp"
	"slices"
	"time"
)

// cases puts appeals and pings, and whatever else somebody replied to, beside
// the replies that the bundle holds. A reply joins by the whole reference:
// outbox, index and leaf (record.md §1).
func (j *judge) cases(records []RecordFinding) []CaseFinding {
	opened := make(map[Place]*caseBuilder)
	var order []*caseBuilder
	for i := range records {
		r := &records[i]
		c := opened[r.Place]
		if c == nil {
			c = &caseBuilder{}
			opened[r.Place] = c
			order = append(order, c)
		}
		c.opening = append(c.opening, r)
	}
	for i := range records {
		r := &records[i]
		if r.RepliesTo == nil {
			continue
		}
		if c := opened[r.RepliesTo.Place]; c != nil {
			c.replies = append(c.replies, r)
		}
	}
	first, bundle := firstPlaces(records), &shownRecords{opened: opened, read: make(map[entryAt]bool)}
	for i := range records {
		bundle.add(&records[i])
	}
	var list []CaseFinding
	for _, c := range order {
		c.copied = first[leafOf(c.opening[0].Place)] < c.opening[0].Index
		if c.isCase() {
			list = append(list, c.finding(bundle))
		}
	}
	return list
}

// A writtenLeaf is a leaf in an outbox, wherever it stands there.
type writtenLeaf struct{ outbox, leaf string }

func leafOf(p Place) writtenLeaf { return writtenLeaf{p.Outbox, p.Leaf} }

// firstPlaces gives the first index at which each leaf stands, as far as the bundle shows it.
func firstPlaces(records []RecordFinding) map[writtenLeaf]int64 {
	first := make(map[writtenLeaf]int64)
	for _, r := range records {
		if at, ok := first[leafOf(r.Place)]; !ok || r.Index < at {
			first[leafOf(r.Place)] = r.Index
		}
	}
	return first
}

// A caseBuilder holds the exhibits of one record (it can be shown several
// times, with other fields) and the replies to it.
type caseBuilder struct {
	opening []*RecordFinding
	replies []*RecordFinding
	copied  bool // its leaf stands earlier in the outbox: it opens nothing
}

func (c *caseBuilder) isCase() bool {
	return len(c.replies) > 0 || !c.copied && slices.ContainsFunc(c.opening, func(r *RecordFinding) bool { return r.Act == "appeal" || r.Act == "ping" || r.Act == "arrangement" })
}

func (c *caseBuilder) finding(bundle *shownRecords) CaseFinding {
	first := c.opening[0]
	f := CaseFinding{Place: first.Place, From: first.Author, To: first.Audience, Received: first.Received, Lodged: first.Lodged,
		NotAfter: first.NotAfter, Backdated: first.Backdated, OldKeys: first.OldKeys}
	level, from := "", time.Time{}
	for _, r := range c.opening {
		f.Act, f.Kind, f.Class = cmp.Or(f.Act, r.Act), cmp.Or(f.Kind, r.Kind), cmp.Or(f.Class, r.Class)
		if r.Shown == Interpreted {
			f.Subject = cmp.Or(f.Subject, r.Fields.text("subject"))
			f.ReleasedAt = cmp.Or(f.ReleasedAt, r.ReleasedAt)
			level, from, f.Until = cmp.Or(level, r.Fields.text("level")), cmp.Or(from, r.from), cmp.Or(f.Until, r.until)
		}
	}
	f.Moves = c.moves()
	f.judgeMoves(bundle, level, c.copied)
	f.Status = f.status()
	if f.InForceFrom = f.inForce(from); f.InForceFrom.IsZero() {
		f.Until = time.Time{}
	}
	for _, r := range slices.Concat(c.opening, c.replies) {
		for _, b := range r.RestsOn {
			if !slices.Contains(f.RestsOn, b) {
				f.RestsOn = append(f.RestsOn, b)
			}
		}
	}
	slices.SortFunc(f.RestsOn, func(a, b Basis) int { return cmp.Or(cmp.Compare(a.Party, b.Party), cmp.Compare(a.Words, b.Words)) })
	slices.SortStableFunc(f.Moves, func(a, b MoveFinding) int { return a.ReleasedAt.Compare(b.ReleasedAt) })
	return f
}

// moves makes one move of each reply, by outbox and index.
func (c *caseBuilder) moves() []MoveFinding {
	slices.SortStableFunc(c.replies, func(a, b *RecordFinding) int {
		// The shorter of two origins of a link is of the earlier generation.
		return cmp.Or(cmp.Compare(len(a.Outbox), len(b.Outbox)), cmp.Compare(a.Outbox, b.Outbox), cmp.Compare(a.Index, b.Index))
	})
	var list []MoveFinding
	for _, r := range c.replies {
		m := MoveFinding{Place: r.Place, By: r.Author, Act: r.Act, Class: r.Class, ReleasedAt: r.ReleasedAt, Received: r.Received, Backdated: r.Backdated, OldKeys: r.OldKeys,
			Finality: r.Fields.text("finality"), Outcome: r.Fields.text("outcome"), Code: r.Fields.text("code"),
			About: r.about, Instead: r.by, Extent: r.Fields.text("extent"), Ground: r.Fields.text("ground"), Until: r.until, Stage: r.Fields.text("stage"), ToParty: r.Fields.text("to_party"),
			Satisfaction: r.Fields.text("satisfaction"), Edition: r.Fields.text("edition"), Level: r.Fields.text("level"), whole: r.whole}
		m.missing, m.allMissing = r.texts("missing")
		if last := len(list) - 1; last >= 0 && list[last].Place == m.Place {
			list[last] = merged(list[last], m)
			continue
		}
		list = append(list, m)
	}
	return list
}

// merged joins two exhibits of one reply.
func merged(a, b MoveFinding) MoveFinding {
	a.Class = cmp.Or(a.Class, b.Class)
	a.ReleasedAt, a.Finality = cmp.Or(a.ReleasedAt, b.ReleasedAt), cmp.Or(a.Finality, b.Finality)
	a.Outcome, a.Code = cmp.Or(a.Outcome, b.Outcome), cmp.Or(a.Code, b.Code)
	a.whole = a.whole || b.whole
	if !a.allMissing {
		a.missing, a.allMissing = b.missing, b.allMissing
	}
	a.Instead = cmp.Or(a.Instead, b.Instead)
	a.About, a.Extent, a.Ground = cmp.Or(a.About, b.About), cmp.Or(a.Extent, b.Extent), cmp.Or(a.Ground, b.Ground)
	a.Until, a.Stage, a.ToParty = cmp.Or(a.Until, b.Until), cmp.Or(a.Stage, b.Stage), cmp.Or(a.ToParty, b.ToParty)
	a.Satisfaction, a.Edition, a.Level = cmp.Or(a.Satisfaction, b.Satisfaction), cmp.Or(a.Edition, b.Edition), cmp.Or(a.Level, b.Level)
	return a
}
