package docket

import "verbale/record"

// Acts that open a case, and acts that move one.
const (
	ActAppeal      = "appeal"
	ActPing        = "ping"
	ActTally       = "tally"
	ActArrangement = "arrangement"
	ActDirectory   = "directory"

	ActAcknowledge = "acknowledge"
	ActRedirect    = "redirect"
	ActIncomplete  = "incomplete"
	ActSupplement  = "supplement"
	ActAccept      = "accept"
	ActAgree       = "agree"
	ActDecline     = "decline"
	ActPostpone    = "postpone"
	ActProgress    = "progress"
	ActAnswer      = "answer"
	ActRefuse      = "refuse"
	ActClose       = "close"
	ActDispute     = "dispute"
	ActWithdraw    = "withdraw"
	ActCorrect     = "correct"
	ActSupersede   = "supersede"
	ActEscalate    = "escalate"
	ActTallyAnswer = "tally-answer"
)

// Acts of a link. Each opens a case that nobody moves.
const (
	ActSuspend  = "suspend"
	ActResume   = "resume"
	ActContinue = "continue"
)

// A mover is the side that makes a move in the case of an appeal.
type mover int

const (
	nobody    mover = iota // the act is no move
	addressee              // to whom the record is that opened the case
	author                 // who wrote it
)

// moverOf tells who makes a move in the case of an appeal (acts.md §3).
func moverOf(act string) mover {
	switch act {
	case ActAcknowledge, ActRedirect, ActIncomplete, ActAccept, ActPostpone, ActProgress, ActAnswer, ActRefuse, ActTallyAnswer:
		return addressee
	case ActSupplement, ActAgree, ActDecline, ActClose, ActDispute, ActWithdraw, ActCorrect, ActSupersede, ActEscalate:
		return author
	}
	return nobody
}

// MovesBy lists the acts by which the author of an appeal, or its addressee, moves its case, in the order in which they usually come.
func MovesBy(theAuthor bool) []string {
	if theAuthor {
		return []string{ActSupplement, ActAgree, ActDecline, ActCorrect, ActEscalate, ActClose, ActDispute, ActSupersede, ActWithdraw}
	}
	return []string{ActAcknowledge, ActRedirect, ActIncomplete, ActAccept, ActPostpone, ActProgress, ActAnswer, ActRefuse}
}

// may tells whether by may make the move in a case that o opened.
func (o *Opening) may(by, act string) bool {
	side := moverOf(act)
	if act == ActAgree || act == ActDecline {
		switch {
		case o.opaque():
			return true
		case o.Act == ActArrangement:
			side = addressee
		}
	}
	return side == addressee && by == o.To || side == author && by == o.From
}

// takes tells whether act may refer to the record. Anything may be refused: who could not read it did not know what it was.
func (o *Opening) takes(act string) bool {
	switch {
	case o.opaque(), act == ActRefuse:
		return true
	case o.Act == ActAppeal:
		return act != ActTallyAnswer
	case o.Act == ActPing:
		return act == ActAcknowledge
	case o.Act == ActTally:
		return act == ActTallyAnswer
	case o.Act == ActArrangement:
		return act == ActAcknowledge || act == ActAgree || act == ActDecline || act == ActWithdraw
	}
	return false
}

// ends tells whether the move ends the case for its author.
func (c *Case) ends(m *Move) bool {
	switch m.Act {
	case ActRefuse, ActWithdraw, ActSupersede, ActClose, ActTallyAnswer:
		return true
	case ActAnswer:
		return m.Finality == "final"
	case ActRedirect:
		return m.Party != "" && m.Party != m.By
	case ActAgree, ActDecline:
		return c.Open != nil && c.Open.Act == ActArrangement
	}
	return false
}

// conditional tells whether m is an acceptance that waits for the author's word.
func (m *Move) conditional() bool { return m.Act == ActAccept && m.Word == "conditions" }

// levels are those of an appeal, from the lowest (acts.md §2).
func levels() []string { return record.Words("level") }
