package docket

import (
	"cmp"
	"time"

	"verbale/record"
)

// Marks say when records of a case reached others; a zero time: they did not, as far as is known here.
type Marks struct {
	Lodged   time.Time // of the first receipt of a relay that covers the opening, by the relay's clock
	Received time.Time // of the first receipt of the addressee that covers it, by its clock
	Dated    time.Time // by which witnesses date it; needed only where both others are zero
	// Moves gives the first receipt over each move by the key of its leaf: only where [Case.Timed] asks for it.
	Moves map[string]time.Time
}

// A View is a case at a moment: what was computed from it, for a page or a line.
type View struct {
	Case   Case
	Status Status
	Marks
	Turn     string    // the party that must act, "" when nobody must
	Must     string    // what it must do: "receive", or an act
	By       time.Time // until when
	Late     bool
	Lapsed   bool // the reply deadline has passed without a final answer
	Stranded bool // somebody must act, and the link is suspended: see [Standing.Strands]

	AcknowledgeBy time.Time // when the acknowledgement is due, and the reply; zero: never, or the clock stands still
	ReplyBy       time.Time
	StoppedSince  time.Time // the reply clock stands still since then, by StoppedBy; zero: it runs
	StoppedBy     string    // the act that stopped it
	Level         string    // the highest to which the appeal was lifted
	Terms         int64     // version of the arrangement that its clocks are by; 0: the default clocks
	// Remarks name the rules that the opening does not keep: it is answered like any other.
	Remarks []string
}

// View computes where c stands at now. t are the rules that were in force when the appeal was released; zero Terms are none.
func (c Case) View(m Marks, t Terms, now time.Time) View {
	v := View{Case: c, Status: c.status(m.status()), Marks: m, Terms: t.Version}
	if c.Open == nil {
		return v
	}
	v.clocks(t)
	v.Level = c.level()
	v.owed()
	v.expire(now)
	v.Late = !v.By.IsZero() && now.After(v.By)
	v.Lapsed = v.Turn != "" && v.Status != Disputed && c.Open.Act == ActAppeal && !v.ReplyBy.IsZero() && now.After(v.ReplyBy)
	v.remark(t, now)
	return v
}

// status is where a record stands before anybody has replied to it.
func (m Marks) status() Status {
	switch {
	case !m.Received.IsZero():
		return Received
	case !m.Lodged.IsZero():
		return Lodged
	}
	return Sent
}

// expire ends what is owed in an appeal for which nobody asks any more.
func (v *View) expire(now time.Time) {
	if at := instant(v.Case.Open.ExpiresAt); v.Turn != "" && !at.IsZero() && !now.Before(at) {
		v.Status, v.Turn, v.Must, v.By = Expired, "", "", time.Time{}
	}
}

// open tells whether the case has not ended.
func (v *View) open() bool {
	switch v.Status {
	case Answered, Refused, Satisfied, Partial, Withdrawn, Superseded, Agreed, Declined, Orphan:
		return false
	case Redirected:
		_, end := v.Case.last()
		return end == nil
	}
	return true
}

// owed tells who must do what, and until when.
func (v *View) owed() {
	o := v.Case.Open
	v.Turn = o.To
	switch at := v.Status; {
	case at == Unreadable && o.Fault != FaultErased:
		v.Must = ActRefuse
	case at == Sent, at == Lodged:
		v.Must, v.By = "receive", v.AcknowledgeBy
	case o.Act == ActTally && at == Received:
		v.Must = ActTallyAnswer
	case o.Act == ActArrangement && (at == Received || at == Acknowledged):
		v.Must = ActAgree
	case (o.Act == ActAppeal || o.Act == ActPing) && (at == Received || at == Unknown):
		v.Must, v.By = ActAcknowledge, v.AcknowledgeBy
	case o.Act != ActAppeal || !v.open():
		v.Turn = ""
	case at == Incomplete:
		last, _ := v.Case.last()
		v.Turn, v.Must, v.By = o.From, ActSupplement, instant(last.Until)
	case at == Conditional:
		v.Turn, v.Must = o.From, ActAgree
	case o.silent():
		v.Turn = ""
	default:
		v.Must, v.By = ActAnswer, v.ReplyBy
	}
}

// silent tells whether nothing is asked but an acknowledgement.
func (o *Opening) silent() bool { return record.Silent(o.Kind) }

// level is the highest of the appeal and of the escalations.
func (c Case) level() string {
	if c.Open.Act != ActAppeal || c.Open.Unknown {
		return ""
	}
	level := cmp.Or(c.Open.Level, levels()[0])
	for _, m := range c.Moves {
		if m.Act == ActEscalate && m.Irregular == "" { // each is above those before it
			level = m.Word
		}
	}
	return level
}

// remark notes what the opening does not keep.
func (v *View) remark(t Terms, now time.Time) {
	o := v.Case.Open
	if o.Act != ActAppeal || o.Unknown {
		return
	}
	at := v.Received.UTC().Format(time.RFC3339)
	switch {
	case v.Received.IsZero():
	case v.Received.After(now.Add(ClockSkew)):
		v.Remarks = append(v.Remarks, "A-16: its receipt says "+at+", which is yet to come: the clock of "+o.To+" is wrong, or ours")
	case instant(o.ReleasedAt).After(v.Received.Add(ClockSkew)):
		v.Remarks = append(v.Remarks, "A-16: it says that it was released at "+o.ReleasedAt+", and was received at "+at+": one of the two clocks is wrong")
	case v.Received.After(instant(o.AcknowledgeBy)):
		v.Remarks = append(v.Remarks, "A-16: it asks for an acknowledgement by "+o.AcknowledgeBy+", and was received at "+at)
	}
	if rule := t.breaks(o.Kind, o.Channel); rule != "" {
		v.Remarks = append(v.Remarks, rule)
	}
}
