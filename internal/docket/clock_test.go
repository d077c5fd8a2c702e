package docket

import (
	"encoding/json/jsontext"
	"strings"
	"testing"
	"time"

	"verbale/record"
)

// agreedTerms is an arrangement of A and B: B works Monday to Friday until 16:00, but not on 15 July.
func agreedTerms(t *testing.T) Terms {
	t.Helper()
	f := record.Example(ActArrangement, "", morning)
	f.SetInt("version", 3)
	f.SetTime("in_force_from", morning.AddDate(0, 0, -1))
	delete(f, "until")
	f["kinds"] = jsontext.Value(`[{"acknowledge":"2h","kind":"mitigate","reply":"2wd"},{"acknowledge":"30m","kind":"mitigate","quota":2,"reply":"8h","urgency":"emergency"},` +
		`{"acknowledge":"1d","kind":"preserve"}]`)
	f["channels"] = jsontext.Value(`["technical"]`)
	f["calendars"] = jsontext.Value(`[{"closes":"16:00","days":"mon tue wed thu fri","opens":"08:00","party":"` + partyB + `"}]`)
	f["holidays"] = jsontext.Value(`[{"date":"2026-07-15","party":"` + partyB + `"},{"date":"2026-07-14","party":"` + partyA + `"}]`)
	f["escalation"] = jsontext.Value(`[{"after":"1d","contact":"director","level":"political"}]`)
	f.SetText("reminder", "3h")
	must(t, f.Check())
	return TermsOf(f)
}

// morning is Sunday 12 July 2026, 09:00.
func TestWorkingDays(t *testing.T) {
	terms := agreedTerms(t)
	at := func(day, hour, minute int) time.Time { return time.Date(2026, 7, day, hour, minute, 0, 0, time.UTC) }
	for _, c := range []struct {
		from  time.Time
		n     int
		party string
		want  time.Time
	}{
		{at(12, 9, 0), 1, partyB, at(13, 16, 0)},
		{at(12, 9, 0), 2, partyB, at(14, 16, 0)},
		{at(12, 9, 0), 3, partyB, at(16, 16, 0)}, // the 15th is a holiday
		{at(13, 0, 0), 1, partyB, at(14, 16, 0)},
		{at(13, 23, 59), 1, partyB, at(14, 16, 0)},
		{at(17, 12, 0), 1, partyB, at(20, 16, 0)}, // over a weekend
		{at(12, 9, 0), 2, partyA, at(15, 0, 0)},   // no calendar of A's: whole days, and no holidays
	} {
		if got := terms.add(c.from, Clock{c.n, record.WorkingDays}, c.party); !got.Equal(c.want) {
			t.Errorf("%d wd from %s for %s: %s, want %s", c.n, c.from, letter(c.party), got, c.want)
		}
	}
	if got := (Terms{}).add(at(12, 9, 0), ParseClock("2wd"), partyB); !got.Equal(at(15, 0, 0)) {
		t.Errorf("without an arrangement: %s", got)
	}
	for s, want := range map[string]time.Duration{"30m": 30 * time.Minute, "5h": 5 * time.Hour, "2d": 48 * time.Hour, "": 0, "x": 0} {
		if got := terms.add(morning, ParseClock(s), partyB).Sub(morning); got != want {
			t.Errorf("%q is %s", s, got)
		}
	}
}

// received gives a history's records receipts: the nth an hour after the one before; the first at morning.
func received(h *history) Marks {
	m := Marks{Received: morning, Moves: map[string]time.Time{}}
	for i, e := range h.entries {
		if _, copied := m.Moves[keyOf(e.Ref.Leaf)]; !copied {
			m.Moves[keyOf(e.Ref.Leaf)] = morning.Add(time.Duration(i) * time.Hour)
		}
	}
	return m
}

// When the reply is due: the records of a history are received an hour apart. A mitigate has 4 h to be acknowledged and 24 h for the reply.
func TestClocks(t *testing.T) {
	for _, c := range []struct {
		history string
		reply   time.Duration // after morning
		stopped string
	}{
		{"A:appeal(mitigate) B:ack", 24 * time.Hour, ""},
		{"A:appeal(mitigate) B:incomplete(law)", 0, ActIncomplete},
		{"A:appeal(mitigate) B:incomplete(law) A:supplement~2", 25 * time.Hour, ""},
		{"A:appeal(mitigate) B:incomplete(law) B:ack A:supplement~2", 26 * time.Hour, ""},
		{"A:appeal(mitigate) B:incomplete(law) B:ack B:progress A:supplement~2", 26 * time.Hour, ""}, // B went on
		{"A:appeal(mitigate) B:incomplete(law) A:supplement~2 B:incomplete(law)~3 B:ack A:supplement~4", 27 * time.Hour, ""},
		{"A:appeal(mitigate) B:incomplete(law) B:incomplete(law)", 0, ActIncomplete},
		{"A:appeal(mitigate) B:incomplete(law) A:withdraw A:supplement~2", 0, ActIncomplete}, // the supplement is irregular
		{"A:appeal(mitigate) B:accept(conditions)", 0, ActAccept},
		{"A:appeal(mitigate) B:accept(conditions) B:ack A:agree~2", 26 * time.Hour, ""},
		{"A:appeal(mitigate) B:accept(conditions) B:ack A:decline~2", 26 * time.Hour, ""},
		{"A:appeal(mitigate) B:accept(full)", 24 * time.Hour, ""},
		{"A:appeal(mitigate) B:postpone", 72 * time.Hour, ""},
		{"A:appeal(mitigate) B:incomplete(law) A:supplement~2 B:postpone", 72 * time.Hour, ""},
		{"A:appeal(mitigate) B:postpone B:incomplete(law) A:supplement~3", 73 * time.Hour, ""},
		{"A:appeal(mitigate) B:answer(final) A:dispute~2", 26 * time.Hour, ""}, // 24 h from the dispute
		{"A:appeal(mitigate) B:answer(final) A:dispute~2 B:progress~3", 26 * time.Hour, ""},
		{"A:appeal(mitigate) B:postpone B:answer(final) A:dispute~3", 72 * time.Hour, ""},                 // never sooner than it was due already
		{"A:appeal(mitigate)" + strings.Repeat(" A:ping", 24) + " B:incomplete(law)", 24 * time.Hour, ""}, // what is late stays late
		{"A:appeal(mitigate)" + strings.Repeat(" A:ping", 24) + " B:incomplete(law) A:supplement~26", 24 * time.Hour, ""},
		{"A:appeal(mitigate)" + strings.Repeat(" A:ping", 24) + " B:postpone", 24 * time.Hour, ""},
		{"A:appeal(mitigate)" + strings.Repeat(" A:ping", 23) + " B:postpone", 72 * time.Hour, ""},
		{"A:appeal(mitigate)" + strings.Repeat(" A:ping", 24) + " B:answer(final) A:dispute~26", 50 * time.Hour, ""},
		{"A:appeal(mitigate) B:incomplete(law) A:supplement~2 A:ping A:ping B:again@2", 25 * time.Hour, ""},
		{"A:appeal(notice) B:ack", 0, ""},
		{"A:appeal(notice) B:answer(final) A:dispute~2", 0, ""},
		{"A:appeal(takedown) B:incomplete(law)", 0, ""},
	} {
		h := read(t, c.history)
		v := fold(h.entries)[Key(h.entries[0])].View(received(h), Terms{}, morning)
		want := time.Time{}
		if c.reply > 0 {
			want = morning.Add(c.reply)
		}
		if !v.ReplyBy.Equal(want) || v.StoppedBy != c.stopped || (c.stopped == "") != v.StoppedSince.IsZero() {
			t.Errorf("%s: reply by %s, stopped by %q since %s; want %s, %q", c.history, v.ReplyBy, v.StoppedBy, v.StoppedSince, want, c.stopped)
		}
	}
}

// Nobody gains by the dates of the own hand: the clocks of an appeal are the longer ones of when it was released and of when it was received.
func TestTermsFor(t *testing.T) {
	h := read(t, "A:appeal(mitigate)")
	c := fold(h.entries)[Key(h.entries[0])]
	short, long := agreedTerms(t), Terms{Version: 2, Kinds: []KindRule{{Kind: "mitigate", Acknowledge: ParseClock("1d"), Reply: ParseClock("10d")}}}
	short.From, long.From = morning.Add(-time.Hour), morning.Add(time.Hour)
	short.Version, short.Until = 1, long.From
	received := Marks{Received: morning.Add(2 * time.Hour)}
	for name, x := range map[string]struct {
		agreed []Terms
		ack    time.Duration
		reply  time.Duration
	}{
		"none":                         {nil, 6 * time.Hour, 26 * time.Hour},
		"in force before it came":      {[]Terms{long}, 26 * time.Hour, 242 * time.Hour},
		"in force when it left only":   {[]Terms{short}, 6 * time.Hour, 55 * time.Hour},
		"a longer one in the meantime": {[]Terms{short, long}, 26 * time.Hour, 242 * time.Hour},
	} {
		v := c.View(received, TermsFor(x.agreed, morning, received), morning)
		if v.AcknowledgeBy.Sub(morning) != x.ack || v.ReplyBy.Sub(morning) != x.reply {
			t.Errorf("%s: %s and %s, want %s and %s", name, v.AcknowledgeBy.Sub(morning), v.ReplyBy.Sub(morning), x.ack, x.reply)
		}
	}
}

// A deadline is a time that a record could say, whatever was signed and agreed.
func TestNoDeadlineAfterTheLastYear(t *testing.T) {
	h := read(t, "A:appeal(mitigate) B:incomplete(law) A:supplement~2")
	last := time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)
	h.entries[0].Opened.Fields.SetTime("reply_by", last)
	v := fold(h.entries)[Key(h.entries[0])].View(received(h), Terms{}, morning)
	if !v.ReplyBy.Equal(last) {
		t.Errorf("the reply is due %s", v.ReplyBy)
	}
	steps := Terms{Steps: []Step{{After: ParseClock("9999d")}, {After: ParseClock("9999wd")}}}
	for _, s := range v.Stages(steps, morning) {
		if s.At.Year() > 9999 {
			t.Errorf("stage %+v", s)
		}
	}
}

// Clocks run from the receipt, else from what else is known, and nobody is late before the signed deadline.
func TestStart(t *testing.T) {
	h := read(t, "A:appeal(mitigate)") // signed: 4 h, 24 h
	c := fold(h.entries)[Key(h.entries[0])]
	late := morning.Add(10 * time.Hour)
	for name, x := range map[string]struct {
		m          Marks
		terms      Terms
		ack, reply time.Duration
	}{
		"nothing is known":       {Marks{}, Terms{}, 4 * time.Hour, 24 * time.Hour},
		"received late":          {Marks{Received: late}, Terms{}, 14 * time.Hour, 34 * time.Hour},
		"lodged":                 {Marks{Lodged: late}, Terms{}, 14 * time.Hour, 34 * time.Hour},
		"dated":                  {Marks{Dated: late}, Terms{}, 14 * time.Hour, 34 * time.Hour},
		"the receipt goes first": {Marks{Received: late, Lodged: morning, Dated: morning}, Terms{}, 14 * time.Hour, 34 * time.Hour},
		"received early":         {Marks{Received: morning.Add(-time.Hour)}, Terms{}, 4 * time.Hour, 24 * time.Hour},
		"by the arrangement":     {Marks{Received: late}, agreedTerms(t), 12 * time.Hour, 55 * time.Hour}, // Tuesday 16:00
	} {
		v := c.View(x.m, x.terms, morning)
		if !v.AcknowledgeBy.Equal(morning.Add(x.ack)) || !v.ReplyBy.Equal(morning.Add(x.reply)) || v.Terms != x.terms.Version {
			t.Errorf("%s: %s and %s, by version %d", name, v.AcknowledgeBy.Sub(morning), v.ReplyBy.Sub(morning), v.Terms)
		}
	}
	acked := read(t, "A:appeal(mitigate) B:ack")
	v := fold(acked.entries)[Key(acked.entries[0])].View(Marks{Received: morning}, Terms{}, morning.Add(25*time.Hour))
	if !v.Late || !v.Lapsed || v.Must != ActAnswer {
		t.Errorf("a day later: %+v", v)
	}
}

func TestRemarks(t *testing.T) {
	h := read(t, "A:appeal(mitigate)")
	c := fold(h.entries)[Key(h.entries[0])]
	for name, x := range map[string]struct {
		m     Marks
		terms Terms
		rules string
	}{
		"in time":                {Marks{Received: morning.Add(time.Hour)}, Terms{}, ""},
		"not received":           {Marks{}, Terms{}, ""},
		"a minute before":        {Marks{Received: morning.Add(-time.Minute)}, Terms{}, ""},
		"a day before":           {Marks{Received: morning.Add(-24 * time.Hour)}, Terms{}, "A-16 "},
		"after its deadline":     {Marks{Received: morning.Add(5 * time.Hour)}, Terms{}, "A-16 "},
		"received next week":     {Marks{Received: morning.AddDate(0, 0, 7)}, Terms{}, "A-16 "},
		"another channel":        {Marks{Received: morning}, Terms{Version: 1, Kinds: []KindRule{{Kind: "mitigate"}}, Channels: []string{"police"}}, "A-19 "},
		"another kind, and late": {Marks{Received: morning.Add(5 * time.Hour)}, Terms{Version: 1, Kinds: []KindRule{{Kind: "clarify"}}, Channels: []string{"technical"}}, "A-16 A-19 "},
		"as arranged":            {Marks{Received: morning}, agreedTerms(t), ""},
	} {
		rules := ""
		for _, r := range c.View(x.m, x.terms, morning.Add(10*time.Hour)).Remarks {
			rule, _ := splitRule(r)
			rules += rule + " "
		}
		if rules != x.rules {
			t.Errorf("%s: %q, want %q", name, rules, x.rules)
		}
	}
}

func TestTermsAllow(t *testing.T) {
	terms := agreedTerms(t)
	for _, c := range []struct {
		kind, urgency string
		sent          int64
		allowed       bool
	}{
		{"mitigate", "routine", 1000, true}, {"mitigate", "emergency", 1, true}, {"mitigate", "emergency", 2, false}, {"clarify", "routine", 0, false},
	} {
		f := record.Example(ActAppeal, c.kind, morning)
		f.SetText("urgency", c.urgency)
		f.SetText("channel", "technical")
		err := terms.Allow(Entry{Opened: &record.Opened{Fields: f, Full: true}}, c.sent)
		if (err == nil) != c.allowed {
			t.Errorf("%+v: %v", c, err)
		}
	}
	f := record.Example(ActAppeal, "mitigate", morning)
	f.SetText("channel", "leader")
	if terms.Allow(Entry{Opened: &record.Opened{Fields: f, Full: true}}, 0) == nil {
		t.Error("a channel that is not in the arrangement")
	}
	if (Terms{}).Allow(Entry{Opened: &record.Opened{Fields: f, Full: true}}, 1e6) != nil {
		t.Error("without an arrangement")
	}
}

func TestTermsInForce(t *testing.T) {
	day := func(n int) time.Time { return morning.AddDate(0, 0, n) }
	agreed := []Terms{{Version: 1, From: day(0)}, {Version: 3, From: day(10), Until: day(20)}, {Version: 2, From: day(5)}}
	for n, want := range map[int]int64{-1: 0, 0: 1, 4: 1, 5: 2, 9: 2, 10: 3, 19: 3, 20: 2, 99: 2} {
		if got := TermsAt(agreed, day(n)).Version; got != want {
			t.Errorf("day %d: version %d, want %d", n, got, want)
		}
	}
	f := record.Example(ActArrangement, "", morning)
	if got := TermsOf(f).Agreed(Agreement{At: day(9)}).From; !got.Equal(day(9)) {
		t.Errorf("agreed to later than it says, it is in force from %s", got)
	}
	f.SetTime("in_force_from", day(-9))
	if got := TermsOf(f).Agreed(Agreement{At: day(-9)}).From; !got.Equal(morning) {
		t.Errorf("proposed later than it is said to be agreed to, it is in force from %s", got)
	}
	for line, want := range map[string]bool{"A:arrangement(1)": false, "A:arrangement(1) B:agree": true, "A:arrangement(1) B:decline": false, "A:arrangement(1) A:withdraw": false,
		"A:arrangement(1) A:agree": false, "A:arrangement(1) A:withdraw B:agree": true, "A:appeal(mitigate) B:agree": false} {
		h := read(t, line)
		if _, got := fold(h.entries)[Key(h.entries[0])].Agreement(); got != want {
			t.Errorf("%s: agreed %t", line, got)
		}
	}
}

// An agreement binds from when the other side held it; not at all where the proposal had been taken back by then, and that was known.
func TestAgreementHeld(t *testing.T) {
	f := record.Example(ActArrangement, "", morning)
	f.SetTime("in_force_from", morning)
	hour := func(n int) time.Time { return morning.Add(time.Duration(n) * time.Hour) }
	for line, x := range map[string]struct {
		agreed, withdrawn, from time.Time
		binds                   bool
	}{
		"A:arrangement(1) B:agree":                      {hour(5), time.Time{}, hour(5), true},
		"A:arrangement(1)  B:agree":                     {time.Time{}, time.Time{}, morning, true}, // ours, on its way
		"A:arrangement(1) A:withdraw B:agree":           {hour(5), hour(4), hour(5), false},
		"A:arrangement(1) A:withdraw  B:agree":          {time.Time{}, hour(4), morning, false},
		"A:arrangement(1) B:agree A:withdraw":           {hour(5), hour(6), hour(5), true},
		"A:arrangement(1) B:agree  A:withdraw":          {hour(5), time.Time{}, hour(5), true},
		"A:arrangement(1) B:agree A:withdraw A:correct": {hour(5), hour(5), hour(5), true},
	} {
		h := read(t, line)
		a, _ := fold(h.entries)[Key(h.entries[0])].Agreement()
		if (a.Withdrawal != nil) != strings.Contains(line, "withdraw") {
			t.Errorf("%s: taken back by %+v", line, a.Withdrawal)
		}
		held, binds := a.Held(x.agreed, x.withdrawn)
		if from := TermsOf(f).Agreed(held).From; binds != x.binds || !from.Equal(x.from) {
			t.Errorf("%s: %t from %s, want %t from %s", line, binds, from, x.binds, x.from)
		}
	}
}

func TestStages(t *testing.T) {
	h := read(t, "A:appeal(mitigate)")
	c := fold(h.entries)[Key(h.entries[0])]
	for name, x := range map[string]struct {
		terms Terms
		want  map[string]time.Duration
	}{
		"without terms": {Terms{}, map[string]time.Duration{StageSoon: 3 * time.Hour, StageDue: 4 * time.Hour}},
		"with terms":    {agreedTerms(t), map[string]time.Duration{StageSoon: time.Hour, StageDue: 4 * time.Hour, StageEscalate: 28 * time.Hour}},
	} {
		stages := c.View(Marks{Received: morning}, x.terms, morning).Stages(x.terms, morning)
		if len(stages) != len(x.want) {
			t.Errorf("%s: %+v", name, stages)
		}
		for _, s := range stages {
			if s.At.Sub(morning) != x.want[s.Name] {
				t.Errorf("%s: %s after %s", name, s.Name, s.At.Sub(morning))
			}
		}
	}
	done := read(t, "A:appeal(mitigate) B:answer(final)")
	if s := fold(done.entries)[Key(done.entries[0])].View(Marks{Received: morning}, Terms{}, morning).Stages(Terms{}, morning); s != nil {
		t.Errorf("answered: %+v", s)
	}
}

// Deadlines that are over are not sent.
func TestTimely(t *testing.T) {
	f := record.Example(ActAppeal, "mitigate", morning)
	e := Entry{Opened: &record.Opened{Fields: f, Full: true}}
	if err := Timely(e, morning.Add(time.Hour)); err != nil {
		t.Error(err)
	}
	if Timely(e, morning.Add(4*time.Hour)) == nil || Timely(e, morning.Add(240*time.Hour)) == nil {
		t.Error("a deadline that is over is allowed")
	}
	if err := Timely(Entry{Opened: &record.Opened{Fields: record.Example(ActAcknowledge, "", morning), Full: true}}, morning.AddDate(1, 0, 0)); err != nil {
		t.Error(err)
	}
}
