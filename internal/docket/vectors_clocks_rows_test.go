package docket

import (
	"encoding/json/jsontext"
	"time"

	"verbale/record"
)

// A clockRow is a history whose last appeal has the clocks in question (or the record of, from 1), and what a person says they are. See clockVectorOf.
type clockRow struct {
	name, rule, history string
	now                 time.Duration // after morning
	want                string        // see clockExpect.told
	change              func(n int, f record.Fields, r *vectorRecord)
	lodged, dated       time.Duration
	of                  int
}

// onRecord changes the fields of the nth record.
func onRecord(n int, change func(f record.Fields)) func(int, record.Fields, *vectorRecord) {
	return func(i int, f record.Fields, _ *vectorRecord) {
		if i == n {
			change(f)
		}
	}
}

func setText(n int, name, value string) func(int, record.Fields, *vectorRecord) {
	return onRecord(n, func(f record.Fields) { f.SetText(name, value) })
}

func setHours(n int, name string, hours float64) func(int, record.Fields, *vectorRecord) {
	return onRecord(n, func(f record.Fields) { f.SetTime(name, morning.Add(time.Duration(hours*float64(time.Hour)))) })
}

// receivedAfter has the nth record received so many hours after morning, or not at all.
func receivedAfter(n int, hours float64) func(int, record.Fields, *vectorRecord) {
	return func(i int, _ record.Fields, r *vectorRecord) {
		if i == n {
			r.Received = ""
			if hours >= 0 {
				r.Received = stamp(morning.Add(time.Duration(hours * float64(time.Hour))))
			}
		}
	}
}

func both(changes ...func(int, record.Fields, *vectorRecord)) func(int, record.Fields, *vectorRecord) {
	return func(n int, f record.Fields, r *vectorRecord) {
		for _, change := range changes {
			change(n, f, r)
		}
	}
}

// clockRows: morning is Sunday 12 July 2026, 09:00. B works Monday to Friday until 16:00, but not on the 15th.
func clockRows() []clockRow {
	const agreed = "A:arrangement(3) B:agree A:appeal(mitigate)" // the appeal is released at 10:50 and received at 11:00
	hour := time.Hour
	return []clockRow{
		{name: "by the calendar of the addressee", rule: "A-15", history: agreed, now: 3 * hour, want: "received, 12T13:00, 14T16:00"},
		{name: "its holiday is left out", rule: "A-15", history: agreed, now: 63 * hour, want: "received, 15T01:00, 17T16:00, A-16", change: receivedAfter(3, 62)},
		{name: "over a weekend", rule: "A-15", history: agreed, now: 123 * hour, want: "received, 17T13:00, 21T16:00, A-16", change: receivedAfter(3, 122)},
		{name: "the other side has no calendar, and its holiday does not count", rule: "A-15", history: "A:arrangement(3) B:agree B:appeal(mitigate)", now: 3 * hour, want: "received, 12T13:00, 15T00:00"},
		{name: "the first calendar of a party holds", rule: "A-15", history: agreed, now: 3 * hour, want: "received, 12T13:00, 15T12:00", change: onRecord(1, func(f record.Fields) {
			f["calendars"] = jsontext.Value(`[{"closes":"12:00","days":"mon wed","opens":"08:00","party":"` + partyB + `"},{"closes":"16:00","days":"mon tue","opens":"08:00","party":"` + partyB + `"}]`)
			delete(f, "holidays")
		})},
		{name: "a rule for the urgency goes before one without", rule: "A-14", history: agreed, now: 3 * hour, want: "received, 12T12:00, 12T19:00", change: setText(3, "urgency", "emergency")},
		{name: "a rule that says nothing of the reply: the default clock of the kind", rule: "A-14", history: "A:arrangement(3) B:agree A:appeal(preserve)", now: 3 * hour, want: "received, 13T11:00, 13T11:00"},
		{name: "a kind that is not in the arrangement: its default clocks, and a remark", rule: "A-19", history: "A:arrangement(3) B:agree A:appeal(clarify)", now: 3 * hour, want: "received, 12T23:00, 14T11:00, A-19"},
		{name: "a channel that is not in the arrangement", rule: "A-19", history: agreed, now: 3 * hour, want: "received, 12T13:00, 14T16:00, A-19", change: setText(3, "channel", "police")},
		{name: "a notice: nothing is due after the acknowledgement", rule: "A-14", history: "A:arrangement(3) B:agree A:appeal(notice)", now: 3 * hour, want: "received, 13T16:00, -"},
		{name: "of two rules alike the first holds", rule: "A-14", history: agreed, now: 3 * hour, want: "received, 12T14:00, 12T15:00", change: onRecord(1, func(f record.Fields) {
			f["kinds"] = jsontext.Value(`[{"acknowledge":"3h","kind":"mitigate","reply":"4h"},{"acknowledge":"9h","kind":"mitigate","reply":"9h"}]`)
		})},
		{name: "the signed deadlines are later", rule: "A-14", history: agreed, now: 3 * hour, want: "received, 13T09:00, 22T09:00", change: both(setHours(3, "acknowledge_by", 24), setHours(3, "reply_by", 240))},
		{name: "a late delivery costs the addressee nothing, and is remarked on", rule: "A-16", history: agreed, now: 10 * hour, want: "received, 12T21:00, 14T16:00, A-16", change: receivedAfter(3, 10)},
		{name: "released five minutes after it was received", rule: "A-16", history: agreed, now: 3 * hour, want: "received, 12T13:00, 14T16:00", change: setHours(3, "released_at", 2+5.0/60)},
		{name: "released a second more than that", rule: "A-16", history: agreed, now: 3 * hour, want: "received, 12T13:00, 14T16:00, A-16", change: setHours(3, "released_at", 2+301.0/3600)},
		{name: "a receipt that bears a time to come", rule: "A-16", history: agreed, now: 3 * hour, want: "received, 12T14:05, 14T16:00, A-16", change: receivedAfter(3, 3+301.0/3600)},
		{name: "not received, lodged", rule: "A-14", history: agreed, now: 20 * hour, want: "lodged, 13T04:00, 16T16:00, late", change: receivedAfter(3, -1), lodged: 17 * hour, dated: 3 * hour},
		{name: "not received, and dated by witnesses", rule: "A-14", history: agreed, now: 20 * hour, want: "sent, 13T10:00, 16T00:00", change: both(receivedAfter(3, -1), onRecord(1, func(f record.Fields) { delete(f, "calendars"); delete(f, "holidays") })), dated: 23 * hour},
		{name: "nothing is known of it but that it was sent", rule: "A-14", history: agreed, now: 3 * hour, want: "sent, 12T12:00, 12T13:00", change: receivedAfter(3, -1)},
		{name: "without an arrangement", rule: "A-14", history: "A:appeal(mitigate)", now: 3 * hour, want: "received, 12T13:00, 13T09:00"},
		{name: "a proposal binds nobody", rule: "A-18", history: "A:arrangement(3) A:appeal(mitigate)", now: 3 * hour, want: "received, 12T14:00, 13T10:00"},
		{name: "in force when it was received only: the longer clocks", rule: "A-14", history: agreed, now: 3 * hour, want: "received, 12T15:00, 14T16:00", change: setHours(3, "released_at", -2)},
		{name: "in force when it was released only: the longer clocks", rule: "A-14", history: agreed, now: 3 * hour, want: "received, 12T15:00, 14T16:00", change: setHours(1, "until", 2)},
		{name: "no longer in force when it was released", rule: "A-18", history: agreed, now: 3 * hour, want: "received, 12T15:00, 13T11:00", change: setHours(1, "until", 1.5)},
		{name: "an agree with an old date, received later", rule: "A-18", history: "A:arrangement(3) A:appeal(mitigate) B:agree", now: 3 * hour, want: "received, 12T14:00, 13T10:00",
			change: both(setHours(3, "released_at", -1), setHours(1, "released_at", -3))},
		{name: "an agree of which no receipt is known here", rule: "A-18", history: agreed, now: 3 * hour, want: "received, 12T13:00, 14T16:00", change: receivedAfter(2, -1)},
		{name: "a proposal that was known to be withdrawn before the agree came", rule: "A-18", history: "A:arrangement(3) A:withdraw B:agree A:appeal(mitigate)", now: 4 * hour, want: "received, 12T16:00, 13T12:00"},
		{name: "a withdrawal that came after the agree", rule: "A-18", history: "A:arrangement(3) B:agree A:withdraw A:appeal(mitigate)", now: 4 * hour, want: "received, 12T14:00, 14T16:00"},
		{name: "of two arrangements the higher version", rule: "A-18", history: "A:arrangement(3) B:agree B:arrangement(2) A:agree@3 A:appeal(mitigate)", now: 5 * hour, want: "received, 12T15:00, 14T16:00",
			change: onRecord(3, func(f record.Fields) {
				f["kinds"] = jsontext.Value(`[{"acknowledge":"9h","kind":"mitigate","reply":"9h"}]`)
			})},
		{name: "of one version the one agreed to last, by what the agree says", rule: "A-18", history: "A:arrangement(3) B:arrangement(3) A:agree@2 B:agree A:appeal(mitigate)", now: 5 * hour, want: "received, 12T22:00, 12T22:00",
			change: both(setHours(3, "released_at", 3), onRecord(2, func(f record.Fields) {
				f["kinds"] = jsontext.Value(`[{"acknowledge":"9h","kind":"mitigate","reply":"9h"}]`)
			}))},
		{name: "the same second: the one whose agree has the later place", rule: "A-18", history: "A:arrangement(3) B:arrangement(3) A:agree@2 B:agree A:appeal(mitigate)", now: 5 * hour, want: "received, 12T15:00, 14T16:00",
			change: both(setHours(3, "released_at", 3), setHours(4, "released_at", 3), onRecord(2, func(f record.Fields) {
				f["kinds"] = jsontext.Value(`[{"acknowledge":"9h","kind":"mitigate","reply":"9h"}]`)
			}))},
		{name: "incomplete: the clock stands still", rule: "A-9", history: agreed + " B:incomplete(law)@3", now: 200 * hour, want: "incomplete, 12T13:00, -, stopped by incomplete"},
		{name: "supplemented: what it stood still is added, in hours of the clock", rule: "A-9", history: agreed + " B:incomplete(law)@3 A:supplement@3~4", now: 5 * hour, want: "supplemented, 12T13:00, 14T17:00"},
		{name: "conditions declined", rule: "A-10", history: agreed + " B:accept(conditions)@3 B:ack@3 A:decline@3~4", now: 5 * hour, want: "conditions declined, 12T13:00, 14T18:00"},
		{name: "the addressee goes on before the supplement comes", rule: "A-9", history: agreed + " B:incomplete(law)@3 B:progress@3 A:supplement@3~4", now: 5 * hour, want: "executing, 12T13:00, 14T17:00"},
		{name: "incomplete after it was due: what is late stays late", rule: "A-14", history: agreed + " B:incomplete(law)@3", now: 80 * hour, want: "incomplete, 12T13:00, 14T16:00, lapsed", change: receivedAfter(4, 70)},
		{name: "postponed", rule: "A-14", history: agreed + " B:postpone@3", now: 80 * hour, want: "postponed, 12T13:00, 17T09:00", change: setHours(4, "until", 120)},
		{name: "postponed to an earlier time", rule: "A-14", history: agreed + " B:postpone@3", now: 5 * hour, want: "postponed, 12T13:00, 14T16:00", change: setHours(4, "until", 24)},
		{name: "postponed a second after it was due", rule: "A-14", history: agreed + " B:postpone@3", now: 80 * hour, want: "postponed, 12T13:00, 14T16:00, late, lapsed",
			change: both(setHours(4, "until", 120), receivedAfter(4, 55+1.0/3600))},
		{name: "postponed in the second in which it was due", rule: "A-14", history: agreed + " B:postpone@3", now: 80 * hour, want: "postponed, 12T13:00, 17T09:00", change: both(setHours(4, "until", 120), receivedAfter(4, 55))},
		{name: "postponed, then found incomplete: in the order of the moves", rule: "A-14", history: agreed + " B:postpone@3 B:incomplete(law)@3 A:supplement@3~5", now: 6 * hour, want: "supplemented, 12T13:00, 17T10:00", change: setHours(4, "until", 120)},
		{name: "disputed: the floor anew, by the calendar", rule: "A-14", history: agreed + " B:answer(final)@3 A:dispute@3~4", now: 60 * hour, want: "disputed, 12T13:00, 17T16:00", change: receivedAfter(5, 48)},
		{name: "disputed: not before the deadline that stood", rule: "A-14", history: agreed + " B:answer(final)@3 A:dispute@3~4", now: 60 * hour, want: "disputed, 12T13:00, 22T09:00", change: setHours(3, "reply_by", 240)},
		{name: "redirected within the party while the clock stood still", rule: "A-12", history: agreed + " B:incomplete(law)@3 B:redirect@3", now: 6 * hour, want: "redirected, 12T13:00, 14T17:00"},
		{name: "in the second in which it is due nobody is late", rule: "A-13", history: agreed + " B:ack@3", now: 55 * hour, want: "acknowledged, 12T13:00, 14T16:00"},
		{name: "a second later", rule: "A-13", history: agreed + " B:ack@3", now: 55*hour + time.Second, want: "acknowledged, 12T13:00, 14T16:00, late, lapsed"},
		{name: "it expires, and nobody owes anything", rule: "A-13", history: agreed + " B:ack@3", now: 70 * hour, want: "expired, 12T13:00, 14T16:00", change: setHours(3, "expires_at", 70)},
		{name: "a notice that was acknowledged does not expire", rule: "A-13", history: "A:arrangement(3) B:agree A:appeal(notice) B:ack@3", now: 70 * hour, want: "acknowledged, 13T16:00, -", change: setHours(3, "expires_at", 70)},
		{name: "the second of a quota of two", rule: "A-19", history: agreed + " A:appeal(mitigate) A:appeal(mitigate)", now: 6 * hour, of: 4, want: "received, 12T13:00, 12T20:00, late", change: emergencies},
		{name: "the third of a quota of two", rule: "A-19", history: agreed + " A:appeal(mitigate) A:appeal(mitigate)", now: 6 * hour, want: "received, 12T14:00, 12T21:00, late, A-19", change: emergencies},
		{name: "the third, released on the next day", rule: "A-19", history: agreed + " A:appeal(mitigate) A:appeal(mitigate)", now: 16 * hour, want: "received, 13T00:30, 13T08:00, late",
			change: both(emergencies, setHours(5, "released_at", 15), setHours(5, "acknowledge_by", 15.5), setHours(5, "reply_by", 16), receivedAfter(5, 15))},
		{name: "no deadline is after the year 9999", rule: "A-14", history: agreed + " B:incomplete(law)@3 A:supplement@3~4", now: 6 * hour, want: "supplemented, 12T13:00, 9999-12-31T23:59:59Z",
			change: onRecord(3, func(f record.Fields) { f.SetTime("reply_by", time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)) })},
	}
}

// emergencies has all appeals in an emergency.
func emergencies(_ int, f record.Fields, _ *vectorRecord) {
	if f.Text("act") == ActAppeal {
		f.SetText("urgency", "emergency")
		f.SetText("urgency_reason", "It spreads.")
	}
}

type checkRow struct {
	name   string
	agreed int64
	change func(record.Fields)
}

func directoryRows() []checkRow {
	return []checkRow{
		{"as it should be", 0, func(record.Fields) {}},
		{"released in the last second that max_lag allows", 0, func(f record.Fields) { f.SetTime("effective_at", morning.AddDate(0, 0, -30)) }},
		{"a second later", 0, func(f record.Fields) { f.SetTime("effective_at", morning.AddDate(0, 0, -30).Add(-time.Second)) }},
		{"working days are Monday to Friday, whole days", 0, func(f record.Fields) {
			f.SetText("max_lag", "5wd")
			f.SetTime("effective_at", morning.AddDate(0, 0, -9)) // Friday the 3rd: until Friday the 10th, 24:00
		}},
		{"review_by after 366 days", 0, func(f record.Fields) { f.SetTime("review_by", morning.AddDate(0, 0, 366)) }},
		{"a second later than 366 days", 0, func(f record.Fields) { f.SetTime("review_by", morning.AddDate(0, 0, 366).Add(time.Second)) }},
		{"a competence of nobody", 0, func(f record.Fields) {
			f["competences"] = jsontext.Value(`[{"authority":"Nobody","direction":"both","kind":"mitigate"}]`)
		}},
		{"a contact of nobody, who is the deputy of nobody", 0, func(f record.Fields) {
			f["contacts"] = jsontext.Value(`[{"authority":"Nobody","deputy_for":"chief","hours":"24/7","languages":"en","role":"duty","zone":"UTC"}]`)
		}},
		{"redirect_to nobody", 0, func(f record.Fields) {
			f["authorities"] = jsontext.Value(`[{"function":"technical","name":"CSIRT","redirect_to":"Elsewhere"},{"function":"judicial","name":"Court"},{"function":"judicial","name":"Ministry"}]`)
		}},
	}
}

func proposalRows() []checkRow {
	return []checkRow{
		{"the first", 0, func(record.Fields) {}},
		{"a higher version", 2, func(record.Fields) {}},
		{"the same version", 3, func(record.Fields) {}},
		{"a lower version", 4, func(record.Fields) {}},
		{"over when it was released", 2, func(f record.Fields) {
			f.SetTime("in_force_from", morning.AddDate(0, 0, -9))
			f.SetTime("until", morning)
		}},
		{"a party that is not of the link", 2, func(f record.Fields) {
			f["holidays"] = jsontext.Value(`[{"date":"2026-07-15","party":"police.cc.example"}]`)
		}},
		{"all of it", 3, func(f record.Fields) {
			f.SetTime("in_force_from", morning.AddDate(0, 0, -9))
			f.SetTime("until", morning)
			f["bodies"] = jsontext.Value(`[{"authority":"CSIRT","channel":"technical","party":"police.cc.example"}]`)
			f["calendars"] = jsontext.Value(`[{"closes":"16:00","days":"mon","opens":"08:00","party":"police.cc.example"}]`)
			f["holidays"] = jsontext.Value(`[{"date":"2026-07-15","party":"police.cc.example"}]`)
		}},
	}
}
