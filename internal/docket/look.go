package docket

import (
	"cmp"
	"time"

	"verbale/record"
)

// Look gives the moment before which nothing need be told of a case that was found by i, while nothing new comes: a bound for the first of its
// [View.Stages]. Zero: nothing is ever told.
func (t Terms) Look(i Index) time.Time {
	var at time.Time
	switch {
	case i.Turn == "":
		return i.Expires
	case i.Due.IsZero():
	case t.Reminder.N == 0:
		at = i.Due.Add(-max(0, i.Due.Sub(i.ReleasedAt)) / 4)
	case t.Reminder.Unit == record.WorkingDays: // how long they are is known only with the true due time
		at = i.ReleasedAt
	default:
		at = i.Due.Add(-t.add(i.Due, t.Reminder, i.Turn).Sub(i.Due))
	}
	if !i.Expires.IsZero() && (at.IsZero() || i.Expires.Before(at)) {
		return i.Expires
	}
	return at
}

// Begun is since when somebody must act for what it must do now: since the opening came, or since the last move that changed whose turn it is or
// what its clocks are.
func (v View) Begun() time.Time {
	if v.Case.Open == nil {
		return time.Time{}
	}
	begun := later(instant(v.Case.Open.ReleasedAt), v.start())
	for i := range v.Case.Moves {
		switch m := &v.Case.Moves[i]; {
		case m.Irregular != "" || m.Act == ActProgress || m.Act == ActCorrect || m.Act == ActEscalate:
		default:
			begun = later(begun, v.at(m))
		}
	}
	return begun
}

// Unsettled tells whether a receipt that is yet to come can give who must act more time.
func (v View) Unsettled() bool {
	if v.Case.Open == nil || v.Received.IsZero() {
		return true
	}
	return v.Case.Timed() && len(v.Moves) < len(v.Case.Moves)
}

// Number orders the stages: what was told is kept as one number. Every step of an escalation has its own, by its place among them.
func (s Stage) Number() int {
	switch s.Name {
	case StageSoon:
		return 1
	case StageDue:
		return 2
	case StageEscalate:
		return 2 + cmp.Or(s.Step, 1)
	}
	return stageExpired
}

// stageExpired is above the number of every step: an arrangement has ten at most.
const stageExpired = 100

// StageName is the name of the stage with a number; "" for none.
func StageName(number int) string {
	switch {
	case number <= 0:
		return ""
	case number == 1:
		return StageSoon
	case number == 2:
		return StageDue
	case number < stageExpired:
		return StageEscalate
	}
	return StageExpired
}
