package verdict

import (
	"slices"
	"strings"
)

// shownRecords is what the bundle shows of records, by their places.
type shownRecords struct {
	opened map[Place]*caseBuilder
	// read are the entries of which it is shown what they are, and of replies to what.
	read map[entryAt]bool
}

// An entryAt is a place in an outbox.
type entryAt struct {
	outbox string
	index  int64
}

func (s *shownRecords) add(r *RecordFinding) {
	if r.Shown == Interpreted && (r.RepliesTo != nil || (&CaseFinding{}).mover(r.Act) == 0) {
		s.read[entryAt{r.Outbox, r.Index}] = true
	}
}

// isFirst tells whether the bundle shows that no entry of the outbox before this incomplete can be another one of its case, and that the elements of its
// list are all shown. There may be earlier outboxes where its generation is not the first.
func (s *shownRecords) isFirst(m *MoveFinding) bool {
	return m.allMissing && strings.HasSuffix(m.Outbox, "/1") && s.all(m.Outbox, 0, m.Index)
}

// between tells whether the bundle shows every entry between two moves of one side, so that none of them can have opened the case again. Of two outboxes
// it is not shown where the earlier one ends.
func (s *shownRecords) between(a, b *MoveFinding) bool {
	return a.Outbox == b.Outbox && s.all(a.Outbox, a.Index+1, b.Index)
}

// all tells whether all entries from one index up to another are read.
func (s *shownRecords) all(outbox string, from, to int64) bool {
	for i := from; i < to; i++ {
		if !s.read[entryAt{outbox, i}] {
			return false
		}
	}
	return true
}

// How a move names the one that it answers.
type namingHow int

const (
	namesHidden namingHow = iota // whether it names one, or what that is, is not shown
	namesNone                    // all of it is shown, and it names none
	namesWrong                   // what it names is shown, and nothing that it could answer
	namesMove
)

// A naming is what a move names as the one that it answers.
type naming struct {
	how  namingHow
	move *MoveFinding
}

// about finds the move that m answers, judged.
func (j *judging) about(m *MoveFinding) naming {
	switch {
	case m.About == nil && m.whole:
		return naming{how: namesNone}
	case m.About == nil || j.f.Act != "appeal" && j.f.Act != "arrangement":
		return naming{}
	}
	by, to := m.parties()
	if author, audience := partiesOf(m.About.Outbox); author != to || audience != by { // it is in no outbox of the other side
		return naming{how: namesWrong}
	}
	target := j.bundle.opened[*m.About]
	if target == nil {
		return naming{}
	}
	i, ok := j.at[*m.About]
	if !ok {
		return naming{how: target.elsewhere()}
	}
	other := &j.f.Moves[i]
	q := j.queues[other.By]
	for pos := slices.Index(q.moves, i); q.next <= pos; {
		if q.busy {
			return naming{} // the two name each other, which only a forger could bring about
		}
		j.step(q)
	}
	if other.Irregular != "" {
		return naming{how: namesWrong}
	}
	return naming{how: j.f.fits(m, other), move: other}
}

// elsewhere tells what it means to name this record as a move of a case to which the bundle does not show it to belong.
func (c *caseBuilder) elsewhere() namingHow {
	for _, r := range c.opening {
		if r.Shown != Interpreted {
			continue
		}
		if r.RepliesTo != nil || (&CaseFinding{}).mover(r.Act) == 0 {
			return namesWrong // it is a reply to something else, or none
		}
	}
	return namesHidden
}

// fits tells whether a move could answer another of the same case. Of the addressee's only one after a dispute has to name a certain move.
func (f *CaseFinding) fits(m, other *MoveFinding) namingHow {
	ok, shown := true, true
	switch m.Act {
	case "supplement":
		ok = other.Act == "incomplete"
	case "agree", "decline":
		ok, shown = other.Act == "accept" && other.Extent == "conditions", other.Act != "accept" || other.Extent != ""
	case "close", "dispute":
		ok = f.ends(other)
		shown = other.Act != "answer" && other.Act != "redirect" || other.Act == "answer" && other.Finality != "" ||
			other.Act == "redirect" && (other.ToParty != "" || other.whole)
	}
	switch {
	case !shown:
		return namesHidden
	case !ok:
		return namesWrong
	}
	return namesMove
}
