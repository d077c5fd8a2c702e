package verdict

import (
	"cmp"
	"slices"
	"strings"
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
	first := firstPlaces(records)
	var list []CaseFinding
	for _, c := range order {
		c.copied = first[leafOf(c.opening[0].Place)] < c.opening[0].Index
		if c.isCase() {
			list = append(list, c.finding())
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
	return len(c.replies) > 0 || !c.copied && slices.ContainsFunc(c.opening, func(r *RecordFinding) bool { return r.Act == "appeal" || r.Act == "ping" })
}

func (c *caseBuilder) finding() CaseFinding {
	first := c.opening[0]
	f := CaseFinding{Place: first.Place, From: first.Author, To: first.Audience, Received: first.Received, Lodged: first.Lodged,
		NotAfter: first.NotAfter, Backdated: first.Backdated, OldKeys: first.OldKeys}
	for _, r := range c.opening {
		f.Act, f.Kind, f.Class = cmp.Or(f.Act, r.Act), cmp.Or(f.Kind, r.Kind), cmp.Or(f.Class, r.Class)
		if r.Shown == Interpreted {
			f.Subject = cmp.Or(f.Subject, r.Fields.text("subject"))
			f.ReleasedAt = cmp.Or(f.ReleasedAt, r.ReleasedAt)
		}
	}
	f.Moves = c.moves()
	judgeMoves(f, c.copied)
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
			About: r.about, Extent: r.Fields.text("extent"), Ground: r.Fields.text("ground"), Until: r.until, Stage: r.Fields.text("stage"), ToParty: r.Fields.text("to_party"),
			Satisfaction: r.Fields.text("satisfaction"), Edition: r.Fields.text("edition"), Level: r.Fields.text("level")}
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
	a.About, a.Extent, a.Ground = cmp.Or(a.About, b.About), cmp.Or(a.Extent, b.Extent), cmp.Or(a.Ground, b.Ground)
	a.Until, a.Stage, a.ToParty = cmp.Or(a.Until, b.Until), cmp.Or(a.Stage, b.Stage), cmp.Or(a.ToParty, b.ToParty)
	a.Satisfaction, a.Edition, a.Level = cmp.Or(a.Satisfaction, b.Satisfaction), cmp.Or(a.Edition, b.Edition), cmp.Or(a.Level, b.Level)
	return a
}

// judgeMoves marks the replies that break, as far as the
// bundle shows; they come by outbox and index.
func judgeMoves(f CaseFinding, copied bool) {
	ended := make(map[string]bool)
	for i := range f.Moves {
		m := &f.Moves[i]
		if m.Irregular = f.broken(m, ended); m.Irregular == "" && copied {
			m.Irregular = ruleCopy
		}
		if m.Irregular == "" && m.ends() {
			ended[m.By] = true
		}
	}
}

// What a reply can break. These sentences stand in the JSON; a text says the
// same in its language.
const (
	rulePing      = "A-1: a ping is acknowledged or refused, and nothing else"
	ruleTally     = "A-1: a tally is answered by a tally-answer or refused, and nothing else is answered so"
	ruleNoAppeal  = "A-1: it refers to neither an appeal nor a ping"
	ruleProposal  = "A-1: an arrangement is acknowledged, agreed to, declined, refused or withdrawn, and nothing else"
	ruleWithdraw  = "A-1: only the author withdraws an appeal, in the same outbox"
	ruleAuthor    = "A-1: only the author of an appeal makes this move, in the same outbox"
	ruleAddressee = "A-1: only the addressee replies to an appeal, in the outbox to its author"
	ruleEnded     = "A-3: its author had already ended the case"
	ruleCopy      = "A-4: it names a leaf that its author had written before"
)

// broken names the rule that a reply breaks, or "".
func (f CaseFinding) broken(m *MoveFinding, ended map[string]bool) string {
	by, to := m.parties()
	byAuthor, byAddressee := by == f.From && to == f.To, by == f.To && to == f.From
	switch side := f.mover(m.Act); {
	case m.Act == "withdraw" && !byAuthor:
		return ruleWithdraw
	case side == movesOwn && !byAuthor:
		return ruleAuthor
	case side == movesTheirs && !byAddressee, !byAuthor && !byAddressee:
		return ruleAddressee
	case f.Act == "ping" && !f.takes(m.Act):
		return rulePing
	case f.Act == "arrangement" && !f.takes(m.Act):
		return ruleProposal
	case (f.Act == "tally" || m.Act == "tally-answer") && !f.takes(m.Act):
		return ruleTally
	case !f.takes(m.Act):
		return ruleNoAppeal
	case ended[m.By]:
		return ruleEnded
	}
	return ""
}

// takes tells whether a reply of this act may refer to the record. One whose act is not shown or not known may be an appeal: then only
// whose move it is can be judged.
func (f CaseFinding) takes(reply string) bool {
	switch f.Act {
	case "appeal":
		return reply != "tally-answer"
	case "ping":
		return reply == "acknowledge" || reply == "refuse"
	case "tally":
		return reply == "tally-answer" || reply == "refuse"
	case "arrangement":
		return reply == "agree" || reply == "decline" || reply == "acknowledge" || reply == "withdraw" || reply == "refuse"
	case "profile", "suspend", "resume", "continue", "directory", "heads", "designate", "key-change":
		return reply == "refuse"
	}
	return f.mover(f.Act) == 0 // a record that is itself a reply takes none
}

// A side is whose move an act is.
type side int

// The sides; 0 is no move, or one that depends on what the record is.
const (
	movesOwn    side = 1 + iota // the author of the record
	movesTheirs                 // its addressee
	movesEither
)

// mover tells whose move an act is in this case (the table of acts.md §3).
func (f CaseFinding) mover(act string) side {
	switch act {
	case "acknowledge", "redirect", "incomplete", "accept", "postpone", "progress", "answer", "refuse", "tally-answer":
		return movesTheirs
	case "supplement", "close", "dispute", "withdraw", "correct", "supersede", "escalate":
		return movesOwn
	case "agree", "decline":
		switch f.Act {
		case "appeal":
			return movesOwn
		case "arrangement":
			return movesTheirs
		}
		return movesEither // it is not shown whether this is an appeal or an arrangement
	}
	return 0
}

// parties are the author and the audience of the outbox of a reply.
func (m *MoveFinding) parties() (author, audience string) {
	author, rest, _ := strings.Cut(m.Outbox, "/to/")
	audience, _, _ = strings.Cut(rest, "/")
	return author, audience
}

// ends tells whether the reply ends the case for its author.
func (m *MoveFinding) ends() bool {
	switch m.Act {
	case "refuse", "withdraw", "tally-answer", "supersede", "close":
		return true
	case "answer":
		return m.Finality == "final"
	case "redirect":
		return m.ToParty != "" && m.ToParty != m.By
	}
	return false
}
