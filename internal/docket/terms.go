package docket

import (
	"encoding/json/jsontext"
	"encoding/json/v2"
	"slices"
	"strconv"
	"time"

	"verbale/record"
)

// Terms are the rules of a link while an arrangement is in force. The zero value is none: the default clocks, and no limits.
type Terms struct {
	Version  int64
	From     time.Time // in force from then
	Until    time.Time // until then; zero: open
	Bodies   []Body
	Channels []string
	Kinds    []KindRule
	Steps    []Step // of escalation, in their order
	Reminder Clock  // how long before a deadline; zero: a quarter of the time
	Counting string

	calendars map[string]calendar
	arrival   *Terms // those in force when an appeal was received, where they are others: see [TermsFor]
}

// A Body is an authority that is competent on a channel.
type Body struct {
	Authority string `json:"authority"`
	Channel   string `json:"channel"`
	Party     string `json:"party"`
}

// A KindRule is what an arrangement says of a kind of appeal.
type KindRule struct {
	Kind        string
	Urgency     string // empty: of any that no other rule names
	Acknowledge Clock
	Reply       Clock
	Quota       int64 // appeals that a side may send in a day; 0: as many as it likes
}

// A Step is one of an escalation.
type Step struct {
	After   Clock // from the deadline
	Level   string
	Contact string
}

// A Clock is a span: a number of units of time. The zero Clock is none.
type Clock struct {
	N    int
	Unit record.Unit
}

// ParseClock reads a span, "" as none. What is no span is none, too: the fields of a record have been checked.
func ParseClock(s string) Clock {
	if s == "" {
		return Clock{}
	}
	n, unit, err := record.ParseSpan(s)
	if err != nil {
		return Clock{}
	}
	return Clock{n, unit}
}

// String gives a span as it is written.
func (s Clock) String() string {
	if s.N == 0 {
		return ""
	}
	return strconv.Itoa(s.N) + string(s.Unit)
}

// TermsOf reads an arrangement, whose fields were checked: what holds once it is agreed to.
func TermsOf(f record.Fields) Terms {
	t := Terms{Version: f.Int("version"), From: later(f.Time("in_force_from"), f.Time("released_at")), Until: f.Time("until"), Channels: f.Texts("channels"),
		Reminder: ParseClock(f.Text("reminder")), Counting: f.Text("counting"), calendars: map[string]calendar{}}
	eachObject(f.List("bodies"), func(b Body) { t.Bodies = append(t.Bodies, b) })
	eachObject(f.List("kinds"), func(r struct {
		Kind        string `json:"kind"`
		Urgency     string `json:"urgency"`
		Acknowledge string `json:"acknowledge"`
		Reply       string `json:"reply"`
		Quota       int64  `json:"quota"`
	}) {
		t.Kinds = append(t.Kinds, KindRule{Kind: r.Kind, Urgency: r.Urgency, Acknowledge: ParseClock(r.Acknowledge), Reply: ParseClock(r.Reply), Quota: r.Quota})
	})
	eachObject(f.List("escalation"), func(s struct {
		After   string `json:"after"`
		Level   string `json:"level"`
		Contact string `json:"contact"`
	}) {
		t.Steps = append(t.Steps, Step{After: ParseClock(s.After), Level: s.Level, Contact: s.Contact})
	})
	t.readCalendars(f)
	return t
}

// eachObject decodes the elements of a list, without those that are of another shape.
func eachObject[T any](list []jsontext.Value, do func(T)) {
	for _, v := range list {
		var one T
		if json.Unmarshal(v, &one) == nil {
			do(one)
		}
	}
}

// rule gives what the terms say of a kind, and whether they have it. A rule for the very urgency goes first.
func (t Terms) rule(kind, urgency string) (KindRule, bool) {
	for _, want := range []string{urgency, ""} {
		for _, r := range t.Kinds {
			if r.Kind == kind && r.Urgency == want {
				return r, true
			}
		}
	}
	return KindRule{}, false
}

// Floor gives the least time for the acknowledgement and for the reply.
func (t Terms) Floor(kind, urgency string) (acknowledge, reply Clock) {
	if r, ok := t.rule(kind, urgency); ok {
		acknowledge, reply = r.Acknowledge, r.Reply
	}
	ack, rep := record.Clocks(kind)
	if acknowledge.N == 0 {
		acknowledge = Clock{int(ack / time.Minute), record.Minutes}
	}
	if reply.N == 0 {
		reply = Clock{int(rep / time.Minute), record.Minutes}
	}
	return acknowledge, reply
}

// Deadlines gives those that an appeal released at at, to a party, is drafted with. A zero reply: the kind asks for none, or is not known.
func (t Terms) Deadlines(kind, urgency, to string, at time.Time) (acknowledge, reply time.Time) {
	ack, rep := t.Floor(kind, urgency)
	if ack.N > 0 {
		acknowledge = t.add(at, ack, to)
	}
	if rep.N > 0 && !record.Silent(kind) {
		reply = later(t.add(at, rep, to), acknowledge) // a week in hours may end before a day of work
	}
	return acknowledge, reply
}

// add gives the end of a span that begins at at, for what a party must do.
func (t Terms) add(at time.Time, s Clock, party string) time.Time {
	return capped(t.end(at.UTC(), s, party))
}

func (t Terms) end(at time.Time, s Clock, party string) time.Time {
	switch s.Unit {
	case record.Minutes:
		return at.Add(time.Duration(s.N) * time.Minute)
	case record.Hours:
		return at.Add(time.Duration(s.N) * time.Hour)
	case record.Days:
		return at.Add(time.Duration(s.N) * 24 * time.Hour)
	case record.WorkingDays:
		return t.workingDays(at, s.N, party)
	}
	return at
}

// InForce tells whether the terms hold at a time.
func (t Terms) InForce(at time.Time) bool {
	return t.Version > 0 && !at.Before(t.From) && (t.Until.IsZero() || at.Before(t.Until))
}

// TermsAt chooses among the arrangements of a link, in the order in which they were agreed to, that which is in force at a time.
func TermsAt(agreed []Terms, at time.Time) Terms {
	var found Terms
	for _, t := range agreed {
		if t.InForce(at) && t.Version >= found.Version {
			found = t
		}
	}
	return found
}

// TermsFor gives the terms of an appeal: those in force when it was released. So that nobody gains by the date that is written in it, the clocks are the
// longer ones where others were in force when it was received, or lodged, or dated; zero: it was not.
func TermsFor(agreed []Terms, released time.Time, m Marks) Terms {
	t := TermsAt(agreed, released)
	if start := m.start(); !start.IsZero() {
		if then := TermsAt(agreed, start); then.Version != t.Version || !then.From.Equal(t.From) || !then.Until.Equal(t.Until) {
			t.arrival = &then
		}
	}
	return t
}

// Stages of what is told of a case that waits.
const (
	StageSoon     = "soon"     // the deadline is near
	StageDue      = "due"      // it has passed
	StageEscalate = "escalate" // it has passed for so long that the arrangement lifts the appeal
	StageExpired  = "expired"  // nobody asks for it any more
)

// A Stage is a moment at which staff are told of a case.
type Stage struct {
	Name  string
	At    time.Time
	Level string // escalate: to which level, and to whom
	To    string
	Step  int // escalate: which step of the arrangement, from 1
}

// Stages lists the moments at which staff are told of the case while it stands as it does, in their order; begun is since when somebody must act.
func (v View) Stages(t Terms, begun time.Time) (list []Stage) {
	if v.Turn == "" || v.Case.Open == nil {
		return nil
	}
	if !v.By.IsZero() {
		soon := v.By.Add(-v.By.Sub(begun) / 4)
		if t.Reminder.N > 0 {
			soon = v.By.Add(-t.add(v.By, t.Reminder, v.Turn).Sub(v.By))
		}
		if soon.After(begun) && soon.Before(v.By) {
			list = append(list, Stage{Name: StageSoon, At: soon})
		}
		list = append(list, Stage{Name: StageDue, At: v.By})
		for i, s := range t.Steps {
			list = append(list, Stage{Name: StageEscalate, At: t.add(v.By, s.After, v.Turn), Level: s.Level, To: s.Contact, Step: i + 1})
		}
	}
	if at := instant(v.Case.Open.ExpiresAt); !at.IsZero() {
		list = append(list, Stage{Name: StageExpired, At: at})
	}
	slices.SortStableFunc(list, func(a, b Stage) int { return a.At.Compare(b.At) })
	return list
}
