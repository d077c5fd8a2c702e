package docket

import (
	"slices"
	"strings"
)

// judge marks the irregular moves afresh, from the whole case: the answer cannot depend on the order of arrival. The moves of each side are
// judged in their order, and a move that names one of the other side after that one.
func (c *Case) judge() {
	if len(c.Moves) == 0 {
		return
	}
	c.Moves = slices.Clone(c.Moves)
	j := judging{c: c, ended: map[string]*Move{}, replied: map[*Move]string{}, by: map[string]*Move{}, judged: map[*Move]bool{}}
	var queues [2][]*Move
	for i := range c.Moves {
		m := &c.Moves[i]
		side := 0
		if c.Open != nil && m.By == c.Open.From {
			side = 1
		}
		if j.by[m.Leaf] != nil {
			m.Irregular = "A-4: its author had written this very leaf before"
			continue
		}
		queues[side] = append(queues[side], m)
		j.by[m.Leaf] = m
	}
	for len(queues[0])+len(queues[1]) > 0 {
		next := j.next(queues)
		m := queues[next][0]
		queues[next] = queues[next][1:]
		if m.Irregular = j.broken(m); m.Irregular == "" {
			j.made(m)
		}
		j.judged[m] = true
	}
}

// judging is what the moves judged so far amount to.
type judging struct {
	c       *Case
	by      map[string]*Move // the moves by their leaf, each where it stands first
	judged  map[*Move]bool
	ended   map[string]*Move // by party: the move by which it ended the case
	replied map[*Move]string // by what act a move was answered by the other side
	missing []string         // of the first incomplete
	asked   bool             // there was an incomplete
	level   int
}

// next chooses the side whose first move can be judged: what it names was judged, or is not here. Two sides that wait for each other name what
// neither can have known; then the author's move is judged as it is.
func (j *judging) next(queues [2][]*Move) int {
	for side, q := range queues {
		if len(q) == 0 {
			continue
		}
		if named := j.named(q[0]); named == nil || j.judged[named] || named.By == q[0].By {
			return side
		}
	}
	if len(queues[1]) > 0 {
		return 1
	}
	return 0
}

// broken names the rule that m breaks, or "".
func (j *judging) broken(m *Move) string {
	o := j.c.Open
	switch {
	case o == nil:
		return "A-1: it refers to no appeal or ping of this link"
	case m.ToOutbox != o.Outbox || m.ToIndex != o.Index:
		return "A-1: its reference names another place than the record has"
	case !o.may(m.By, m.Act):
		if m.Act == ActWithdraw {
			return "A-1: only the author withdraws an appeal"
		}
		if moverOf(m.Act) == author {
			return "A-1: only the author of an appeal makes this move"
		}
		return "A-1: only the addressee replies to an appeal"
	case !o.takes(m.Act):
		return "A-1: an appeal is answered or withdrawn, an appeal or a ping acknowledged, a tally answered by a tally-answer, an arrangement agreed to or declined; this record is none of them"
	}
	about, rule := j.about(m)
	if rule != "" {
		return rule
	}
	if end := j.ended[m.By]; end != nil && !(about != nil && about.Act == ActDispute && about.About.names(end)) {
		return "A-3: its author had already ended the case"
	}
	switch m.Act {
	case ActIncomplete:
		if j.asked && slices.ContainsFunc(m.Missing, func(field string) bool { return !slices.Contains(j.missing, field) }) {
			return "A-9: it asks for fields that the first incomplete did not name"
		}
	case ActSupersede:
		if m.Instead == nil || !sameLink(m.Instead.Outbox, m.Outbox) || m.Instead.Leaf == j.c.Key {
			return "A-8: what takes the place has to be another appeal in the outbox of the author"
		}
	case ActEscalate:
		if slices.Index(levels(), m.Word) <= max(j.level, slices.Index(levels(), o.Level)) {
			return "A-11: its level is not above that of the appeal and of every escalation before"
		}
	}
	return ""
}

// sameLink tells whether two outboxes are of one author for one audience, whatever the generation.
func sameLink(a, b string) bool {
	return a[:strings.LastIndexByte(a, '/')+1] == b[:strings.LastIndexByte(b, '/')+1]
}

// named gives the move that m names as what it answers, nil where there is none in the case.
func (j *judging) named(m *Move) *Move {
	if m.About == nil {
		return nil
	}
	if d := j.by[m.About.Leaf]; d != nil && m.About.names(d) {
		return d
	}
	return nil
}

// about finds the move that m answers, and holds it against A-8.
func (j *judging) about(m *Move) (*Move, string) {
	found := j.named(m)
	if found != nil && (!j.judged[found] || found.By == m.By || found.Irregular != "") {
		found = nil
	}
	needed, fits := "", true
	switch m.Act {
	case ActSupplement:
		needed, fits = "an incomplete", found != nil && found.Act == ActIncomplete && j.replied[found] == ""
	case ActAgree, ActDecline:
		if !j.c.Open.opaque() && j.c.Open.Act != ActArrangement {
			needed, fits = "an accept with conditions that nobody has agreed to or declined", found != nil && found.conditional() && j.replied[found] == ""
		}
	case ActClose:
		needed, fits = "what ended the case", found != nil && j.c.ends(found)
	case ActDispute:
		needed, fits = "what ended the case, and was not disputed", found != nil && j.c.ends(found) && j.replied[found] == ""
	}
	switch {
	case !fits:
		return nil, "A-8: it has to name " + needed
	case m.About != nil && found == nil:
		return nil, "A-8: what it names is no regular move of the other side in this case"
	}
	return found, ""
}

// made takes note of a regular move.
func (j *judging) made(m *Move) {
	about, _ := j.about(m)
	switch m.Act {
	case ActSupplement, ActAgree, ActDecline, ActDispute:
		j.replied[about] = m.Act
	case ActIncomplete:
		if !j.asked {
			j.asked, j.missing = true, m.Missing
		}
	case ActEscalate:
		j.level = slices.Index(levels(), m.Word)
	}
	delete(j.ended, m.By) // a dispute had opened it again
	if j.c.ends(m) {
		j.ended[m.By] = m
	}
}
