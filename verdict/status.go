package verdict

import (
	"slices"
	"time"
)

// A Status says where a case stands, as far as the bundle shows it. Receipt is not acknowledgement, acknowledgement is not acceptance, acceptance is not
// concurrence: no word stands for two of them. What was not shown may have moved the case on; a text says so.
type Status string

// The statuses. Sent, lodged and received are those of a record (see [State]).
const (
	StatusSent         Status = "sent"
	StatusLodged       Status = "lodged"
	StatusReceived     Status = "received"
	StatusAcknowledged Status = "acknowledged"
	StatusRedirected   Status = "redirected"
	StatusIncomplete   Status = "incomplete"
	StatusSupplemented Status = "supplemented"
	StatusAccepted     Status = "accepted"
	StatusConditional  Status = "accepted with conditions"
	StatusOnTerms      Status = "conditions agreed"
	StatusOffTerms     Status = "conditions declined"
	StatusPartly       Status = "partly accepted"
	StatusPostponed    Status = "postponed"
	StatusExecuting    Status = "executing"
	StatusInterim      Status = "interim answer"
	StatusAnswered     Status = "answered"
	StatusRefused      Status = "refused"
	StatusSatisfied    Status = "closed satisfied"
	StatusPartial      Status = "closed partial"
	StatusDisputed     Status = "disputed"
	StatusWithdrawn    Status = "withdrawn"
	StatusSuperseded   Status = "superseded"
	StatusAgreed       Status = "agreed"   // an arrangement, by both signatures
	StatusDeclined     Status = "declined" // an arrangement
)

// status is where the case stands by its regular moves; "" where the word that decides is not shown, or nobody knows what the record is. The moves of a
// side come by outbox and index; of the two sides nothing depends on the order.
func (f *CaseFinding) status() Status {
	if !slices.Contains([]string{"appeal", "ping", "tally", "arrangement"}, f.Act) {
		return ""
	}
	last, end := f.last()
	at := f.base()
	if last != nil {
		at = f.after(last)
	}
	if end == nil {
		switch f.gone() {
		case "withdraw":
			return StatusWithdrawn
		case "supersede":
			return StatusSuperseded
		}
		return at
	}
	if c := f.answerTo(end, "close"); c != nil {
		return map[string]Status{"satisfied": StatusSatisfied, "partial": StatusPartial}[c.Satisfaction]
	}
	if f.gone() == "" && f.answerTo(end, "dispute") != nil { // who gives the appeal up disputes nothing any more
		return StatusDisputed
	}
	return at
}

// base is where a case stands of which nobody has moved anything.
func (f *CaseFinding) base() Status {
	switch {
	case f.Received != nil:
		return StatusReceived
	case slices.ContainsFunc(f.Lodged, func(l LodgedFinding) bool { return l.Designated }):
		return StatusLodged
	}
	return StatusSent
}

// last gives the move of the addressee at which its side of the case stands, and the one by which the case has ended for it, if it has. The author who
// closes what it had disputed takes the dispute back.
func (f *CaseFinding) last() (last, end *MoveFinding) {
	for i := range f.Moves {
		m := &f.Moves[i]
		if m.Irregular != "" || m.By != f.To {
			continue
		}
		if m.Act != "acknowledge" || last == nil { // to acknowledge later takes nothing back
			last = m
		}
		if end = nil; f.ends(m) {
			end = m
		}
	}
	if end == nil {
		end = f.closed()
	}
	return last, end
}

// closed gives what the author has closed, nil where that is not shown.
func (f *CaseFinding) closed() *MoveFinding {
	for i := range f.Moves {
		if m := &f.Moves[i]; m.Irregular == "" && m.By == f.To && f.ends(m) && f.answerTo(m, "close") != nil {
			return m
		}
	}
	return nil
}

// gone is the act by which the author has given up the appeal, "" where it has not.
func (f *CaseFinding) gone() string {
	for _, m := range f.Moves {
		if m.Irregular == "" && m.By == f.From && (m.Act == "withdraw" || m.Act == "supersede") {
			return m.Act
		}
	}
	return ""
}

// answerTo gives the regular move of an act that names m as what it answers, nil if none is shown.
func (f *CaseFinding) answerTo(m *MoveFinding, act string) *MoveFinding {
	for i := range f.Moves {
		if a := &f.Moves[i]; a.Irregular == "" && a.Act == act && a.About != nil && *a.About == m.Place {
			return a
		}
	}
	return nil
}

// after is the status to which a move of the addressee leads.
func (f *CaseFinding) after(m *MoveFinding) Status {
	switch m.Act {
	case "incomplete":
		if f.answerTo(m, "supplement") != nil {
			return StatusSupplemented
		}
		return StatusIncomplete
	case "accept":
		return f.accepted(m)
	case "answer":
		return map[string]Status{"interim": StatusInterim, "final": StatusAnswered}[m.Finality]
	}
	return map[string]Status{"acknowledge": StatusAcknowledged, "redirect": StatusRedirected, "postpone": StatusPostponed, "progress": StatusExecuting,
		"refuse": StatusRefused, "agree": StatusAgreed, "decline": StatusDeclined, "tally-answer": StatusAnswered}[m.Act]
}

func (f *CaseFinding) accepted(m *MoveFinding) Status {
	switch m.Extent {
	case "full":
		return StatusAccepted
	case "partly":
		return StatusPartly
	case "conditions":
		switch {
		case f.answerTo(m, "agree") != nil:
			return StatusOnTerms
		case f.answerTo(m, "decline") != nil:
			return StatusOffTerms
		}
		return StatusConditional
	}
	return ""
}

// agreement gives the move by which the addressee of an arrangement agreed to it, nil if none is shown.
func (f *CaseFinding) agreement() *MoveFinding {
	if last, _ := f.last(); f.Act == "arrangement" && last != nil && last.Act == "agree" {
		return last
	}
	return nil
}

// inForce is since when an arrangement is in force by the words of both; zero if that is not shown, or it is not.
func (f *CaseFinding) inForce(from time.Time) time.Time {
	m := f.agreement()
	if m == nil || from.IsZero() || m.ReleasedAt.IsZero() || f.ReleasedAt.IsZero() {
		return time.Time{}
	}
	return slices.MaxFunc([]time.Time{from, f.ReleasedAt, m.ReleasedAt}, time.Time.Compare)
}
