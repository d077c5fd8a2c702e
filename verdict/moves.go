package verdict

import (
	"slices"
	"strings"

	"verbale/record"
)

// This file holds the replies of a case against acts.md §3, as far as the bundle shows them. A bundle may lack records, and fields of those that it has:
// what could be regular by something that is not shown is not called irregular.

// What a reply can break. These sentences stand in the JSON; a text says the same in its language.
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
	ruleAgain     = "A-4: its author had written this very leaf before"
	ruleNoAbout   = "A-8: it has to name the move of the other side that it answers, and names none"
	ruleAbout     = "A-8: what it names is no regular move of the other side in this case that it could answer"
	ruleTwice     = "A-8: its author had already answered the move that it names"
	ruleInstead   = "A-8: what takes the place has to be another record in the outbox of the author"
	ruleInvented  = "A-9: it names as missing what the first notice of its author did not name"
	ruleLevel     = "A-11: its level is not above that of the appeal and of every escalation before"
	ruleLength    = "A-21: it comes after the first 500 moves of its side, and a case takes no more"
)

// A side is whose move an act is.
type side int

// The sides. An act that is no move has none.
const (
	movesOwn    side = 1 + iota // the author of the record
	movesTheirs                 // its addressee
	movesEither                 // it is not shown whether this is an appeal or an arrangement
)

// mover tells whose move an act is in this case (the table of acts.md §3).
func (f *CaseFinding) mover(act string) side {
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
		return movesEither
	}
	return 0
}

// takes tells whether a reply of this act may refer to the record. One whose act is not shown or not known may be an appeal: then only
// whose move it is can be judged.
func (f *CaseFinding) takes(reply string) bool {
	switch f.Act {
	case "appeal":
		return reply != "tally-answer"
	case "ping":
		return reply == "acknowledge" || reply == "refuse"
	case "tally":
		return reply == "tally-answer" || reply == "refuse"
	case "arrangement":
		return slices.Contains([]string{"acknowledge", "agree", "decline", "refuse", "withdraw"}, reply)
	case "profile", "suspend", "resume", "continue", "directory", "heads", "designate", "key-change":
		return reply == "refuse"
	}
	return f.mover(f.Act) == 0 // what is itself a reply takes none
}

// knownAct tells whether it is shown what the record is, and known.
func (f *CaseFinding) knownAct() bool {
	return f.Act != "" && slices.Contains(record.Words("act"), f.Act)
}

// parties are the author and the audience of the outbox of a reply.
func (m *MoveFinding) parties() (author, audience string) { return partiesOf(m.Outbox) }

func partiesOf(outbox string) (author, audience string) {
	author, rest, _ := strings.Cut(outbox, "/to/")
	audience, _, _ = strings.Cut(rest, "/")
	return author, audience
}

// sameLink tells whether two outboxes are of one author for one audience, whatever the generation.
func sameLink(a, b string) bool {
	author, audience := partiesOf(a)
	author2, audience2 := partiesOf(b)
	return author == author2 && audience == audience2
}

// ends tells whether the reply ends the case for its author.
func (f *CaseFinding) ends(m *MoveFinding) bool {
	switch m.Act {
	case "refuse", "withdraw", "tally-answer", "supersede", "close":
		return true
	case "answer":
		return m.Finality == "final"
	case "redirect":
		return m.ToParty != "" && m.ToParty != m.By
	case "agree", "decline":
		return f.Act == "arrangement"
	}
	return false
}

// judging holds the replies of one case against the rules. The moves of a side come by outbox and index; one that names a move of the other side comes
// after that one, since the two outboxes have no common order.
type judging struct {
	f      *CaseFinding
	bundle *shownRecords
	copied bool
	level  string // of the appeal, and of the escalations so far
	queues map[string]*queue
	at     map[Place]int // the moves by their places
	first  *MoveFinding  // the first incomplete, if it is shown that it is the first
	asked  bool
}

// A queue is the moves of one side, and what they amount to so far.
type queue struct {
	moves    []int
	next     int
	busy     bool
	ended    *MoveFinding // by what it has ended the case, nil if it has not
	answered map[answering]bool
	reopened map[Place]bool // by which disputes
}

// An answering is a way to answer a move.
type answering struct {
	move Place
	how  string
}

// judgeMoves marks the replies that break a rule, as far as the bundle shows; they come by outbox and index.
func (f *CaseFinding) judgeMoves(bundle *shownRecords, level string, copied bool) {
	j := &judging{f: f, bundle: bundle, copied: copied, level: level, queues: make(map[string]*queue), at: make(map[Place]int)}
	var order []*queue
	stands := make(map[string]bool)
	for i := range f.Moves {
		m := &f.Moves[i]
		if stands[m.Outbox+m.Leaf] {
			m.Irregular = ruleAgain
			continue
		}
		stands[m.Outbox+m.Leaf] = true
		q := j.queues[m.By]
		if q == nil {
			q = &queue{answered: make(map[answering]bool), reopened: make(map[Place]bool)}
			j.queues[m.By] = q
			order = append(order, q)
		}
		q.moves, j.at[m.Place] = append(q.moves, i), i
	}
	for _, q := range order {
		for q.next < len(q.moves) {
			j.step(q)
		}
	}
}

// step judges the next move of a side.
func (j *judging) step(q *queue) {
	m := &j.f.Moves[q.moves[q.next]]
	q.busy = true
	m.Irregular = j.broken(m, q)
	q.busy = false
	q.next++
	if m.Irregular != "" {
		return
	}
	if q.ended = nil; j.f.ends(m) {
		q.ended = m
	}
	if m.About != nil {
		q.answered[answering{*m.About, answers(m.Act)}] = true
		q.reopened[*m.About] = true
	}
	switch m.Act {
	case "incomplete":
		if !j.asked && j.bundle.isFirst(m) {
			j.first = m
		}
		j.asked = true
	case "escalate":
		if m.Level != "" {
			j.level = m.Level
		}
	}
}

// answers groups the acts of which a move takes one: agreed to or declined, once.
func answers(act string) string {
	if act == "decline" {
		return "agree"
	}
	return act
}

// broken names the rule that a move breaks, or "".
func (j *judging) broken(m *MoveFinding, q *queue) string {
	if rule := j.f.misplaced(m); rule != "" {
		return rule
	}
	switch {
	case j.copied:
		return ruleCopy
	case q.next >= maxMoves:
		return ruleLength
	}
	named := j.about(m)
	if rule := j.brokenAbout(m, q, named); rule != "" {
		return rule
	}
	if q.ended != nil && !j.mayReopen(m, q, named) {
		return ruleEnded
	}
	switch m.Act {
	case "incomplete":
		if j.first != nil && slices.ContainsFunc(m.missing, func(name string) bool { return !slices.Contains(j.first.missing, name) }) {
			return ruleInvented
		}
	case "supersede":
		if m.Instead != nil && (m.Instead.Leaf == j.f.Leaf || !sameLink(m.Instead.Outbox, m.Outbox)) {
			return ruleInstead
		}
	case "escalate":
		levels := record.Words("level")
		if m.Level != "" && slices.Index(levels, m.Level) <= max(0, slices.Index(levels, j.level)) { // an appeal without a level has the lowest
			return ruleLevel
		}
	}
	return ""
}

// misplaced names the rule that a move breaks by whose it is, or by what it refers to, or "".
func (f *CaseFinding) misplaced(m *MoveFinding) string {
	by, to := m.parties()
	byAuthor, byAddressee := by == f.From && to == f.To, by == f.To && to == f.From
	switch side := f.mover(m.Act); {
	case m.Act == "withdraw" && !byAuthor:
		return ruleWithdraw
	case side == movesOwn && !byAuthor:
		return ruleAuthor
	case side == movesTheirs && !byAddressee, !byAuthor && !byAddressee:
		return ruleAddressee
	case f.takes(m.Act):
		return ""
	case f.Act == "ping":
		return rulePing
	case f.Act == "arrangement":
		return ruleProposal
	case f.Act == "tally", m.Act == "tally-answer":
		return ruleTally
	}
	return ruleNoAppeal
}

// brokenAbout holds what a move names against A-8.
func (j *judging) brokenAbout(m *MoveFinding, q *queue, named naming) string {
	once := m.Act == "supplement" || m.Act == "agree" || m.Act == "decline" || m.Act == "dispute"
	switch {
	case named.how == namesWrong:
		return ruleAbout
	case named.how == namesNone && (m.Act == "agree" || m.Act == "decline") && j.f.Act == "appeal": // of the others the field is mandatory
		return ruleNoAbout
	case m.About != nil && once && q.answered[answering{*m.About, answers(m.Act)}]:
		return ruleTwice
	}
	return ""
}

// mayReopen tells whether a move may come after its author had ended the case: the first one of the addressee after a dispute of what ended it may, which
// names that dispute, and so may those after that one. Where it is not shown what a move names, or what stands before it, it may.
func (j *judging) mayReopen(m *MoveFinding, q *queue, named naming) bool {
	switch {
	case j.f.Act != "appeal" && j.f.knownAct(), j.f.mover(m.Act) != movesTheirs:
		return false // only an appeal is disputed, and only its addressee goes on
	case !j.bundle.between(q.ended, m):
		return true
	case m.Act == "acknowledge", m.Act == "redirect", m.Act == "tally-answer": // these name nothing
		return false
	}
	switch named.how {
	case namesNone:
		return false
	case namesMove:
		disputed := named.move.About
		return named.move.Act == "dispute" && !q.reopened[*m.About] && (disputed == nil || *disputed == q.ended.Place)
	}
	return true
}
