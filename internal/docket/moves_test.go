package docket

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"verbale/record"
)

// movesTable is what the moves of acts.md §3 come to.
var movesTable = []outcome{
	// Every status once, and who must do what in it.
	{"A:appeal(preserve) B:redirect", "redirected | B answer | -"},
	{"A:appeal(preserve) B:redirect(other)", "redirected | - | -"},
	{"A:appeal(preserve) B:incomplete(law+offence)", "incomplete | A supplement | -"},
	{"A:appeal(preserve) B:incomplete(law) A:supplement~2", "supplemented | B answer | -"},
	{"A:appeal(preserve) B:incomplete(law) B:progress", "executing | B answer | -"},
	{"A:appeal(preserve) B:accept(full)", "accepted | B answer | -"},
	{"A:appeal(preserve) B:accept(partly)", "partly accepted | B answer | -"},
	{"A:appeal(preserve) B:accept(conditions)", "accepted with conditions | A agree | -"},
	{"A:appeal(preserve) B:accept(conditions) A:agree~2", "conditions agreed | B answer | -"},
	{"A:appeal(preserve) B:accept(conditions) A:decline~2", "conditions declined | B answer | -"},
	{"A:appeal(preserve) B:accept(conditions) A:decline~2 B:accept(full)", "accepted | B answer | -"},
	{"A:appeal(suppress) B:postpone", "postponed | B answer | -"},
	{"A:appeal(suppress) B:ack B:accept(full) B:progress", "executing | B answer | -"},
	{"A:appeal(suppress) B:progress B:ack", "executing | B answer | -"},
	{"A:appeal(suppress) B:answer(final) A:close(satisfied)~2", "closed satisfied | - | -"},
	{"A:appeal(suppress) B:answer(final) A:close(partial)~2", "closed partial | - | -"},
	{"A:appeal(suppress) B:refuse(sovereignty) A:close(satisfied)~2", "closed satisfied | - | -"},
	{"A:appeal(suppress) B:answer(final) A:dispute~2", "disputed | B answer | -"},
	{"A:appeal(suppress) B:refuse(sovereignty) A:dispute~2", "disputed | B answer | -"},
	{"A:appeal(suppress) B:redirect(other) A:dispute~2", "disputed | B answer | -"},
	{"A:appeal(suppress) B:answer(final) A:dispute~2 B:progress~3", "executing | B answer | -"},
	{"A:appeal(suppress) B:answer(final) A:dispute~2 B:progress~3 B:answer(final)", "answered | - | -"},
	{"A:appeal(suppress) B:answer(final) A:dispute~2 B:answer(final)~3 A:close(satisfied)~4", "closed satisfied | - | -"},
	{"A:appeal(suppress) B:answer(final) A:dispute~2 B:refuse(no-data)~3 A:dispute~4", "disputed | B answer | -"},
	{"A:appeal(suppress) A:appeal(suppress) A:supersede~2", "superseded | - | -"},
	{"A:appeal(suppress) A:correct", "received | B acknowledge | -"},
	{"A:appeal(suppress) B:ack A:escalate(political)", "acknowledged | B answer | -"},
	// A dispute that its author gives up, with the appeal or by closing what it had disputed, is none any more.
	{"A:appeal(suppress) B:answer(final) A:dispute~2 A:withdraw", "answered | - | -"},
	{"A:appeal(suppress) B:answer(final) A:dispute~2 B:progress~3 A:withdraw", "withdrawn | - | -"},
	{"A:appeal(suppress) B:answer(final) A:dispute~2 A:close(partial)~2", "closed partial | - | -"},
	{"A:appeal(suppress) B:answer(final) A:dispute~2 B:progress~3 A:close(satisfied)~2", "closed satisfied | - | -"},
	{"A:appeal(suppress) B:answer(final) A:dispute~2 B:refuse(no-data)~3 A:close(satisfied)~2", "refused | - | -"},
	// A leaf written again neither takes back what was said about it nor says it once more.
	{"A:appeal(suppress) B:incomplete(law) A:supplement~2 B:again@2", "supplemented | B answer | 4:A-4"},
	{"A:appeal(suppress) B:answer(final) A:dispute~2 B:again@2", "disputed | B answer | 4:A-4"},
	{"A:appeal(suppress) B:incomplete(law) A:supplement~2 B:progress A:again@3 B:incomplete(law) A:supplement~2", "incomplete | A supplement | 5:A-4 7:A-8"},
	// By some kinds nothing is asked.
	{"A:appeal(notice)", "received | B acknowledge | -"},
	{"A:appeal(notice) B:ack", "acknowledged | - | -"},
	{"A:appeal(protected-objects) B:ack", "acknowledged | - | -"},
	{"A:appeal(notice) B:ack B:answer(final)", "answered | - | -"},
	{"A:appeal(notice) B:answer(final) A:dispute~2", "disputed | - | -"},
	// An arrangement.
	{"A:arrangement(1)", "received | B agree | -"},
	{"A:arrangement(1) B:ack", "acknowledged | B agree | -"},
	{"A:arrangement(1) B:agree", "agreed | - | -"},
	{"A:arrangement(1) B:decline", "declined | - | -"},
	{"A:arrangement(1) A:withdraw", "withdrawn | - | -"},
	{"A:arrangement(1) A:withdraw B:agree", "agreed | - | -"},
	{"A:arrangement(1) A:agree", "received | B agree | 2:A-1"},
	{"A:arrangement(1) B:agree B:decline", "agreed | - | 3:A-3"},
	{"A:arrangement(1) B:accept(full) B:answer(final) A:dispute~2", "received | B agree | 2:A-1 3:A-1 4:A-1"},
	{"A:arrangement(1) B:refuse(undecryptable)", "refused | - | -"},
	// The wrong side.
	{"A:appeal(suppress) A:accept(full) A:incomplete(law) A:redirect A:postpone A:progress", "received | B acknowledge | 2:A-1 3:A-1 4:A-1 5:A-1 6:A-1"},
	{"A:appeal(suppress) B:supplement~1 B:agree~1 B:close(satisfied)~1 B:dispute~1 B:correct B:supersede~1 B:escalate(political)", "received | B acknowledge | 2:A-1 3:A-1 4:A-1 5:A-1 6:A-1 7:A-1 8:A-1"},
	{"A:ping B:accept(full) B:incomplete(law) A:correct", "received | B acknowledge | 2:A-1 3:A-1 4:A-1"},
	// what answers what.
	{"A:appeal(suppress) A:supplement", "received | B acknowledge | 2:A-8"},
	{"A:appeal(suppress) B:ack A:supplement~2", "acknowledged | B answer | 3:A-8"},
	{"A:appeal(suppress) B:incomplete(law) A:supplement~2 A:supplement~2", "supplemented | B answer | 4:A-8"},
	{"A:appeal(suppress) B:accept(full) A:agree~2", "accepted | B answer | 3:A-8"},
	{"A:appeal(suppress) B:accept(conditions) A:agree~2 A:decline~2", "conditions agreed | B answer | 4:A-8"},
	{"A:appeal(suppress) B:accept(conditions) A:agree", "accepted with conditions | A agree | 3:A-8"},
	{"A:appeal(suppress) B:answer(interim) A:close(satisfied)~2 A:dispute~2", "interim answer | B answer | 3:A-8 4:A-8"},
	{"A:appeal(suppress) B:answer(final) A:dispute~2 A:dispute~2", "disputed | B answer | 4:A-8"},
	{"A:appeal(suppress) A:appeal(suppress) B:answer(final)@2 A:close(satisfied)@1~3", "received | B acknowledge | 4:A-8"},
	{"A:appeal(suppress) B:progress~1", "received | B acknowledge | 2:A-8"},
	{"A:appeal(suppress) B:answer(final) B:answer(final)~1", "answered | - | 3:A-8"},
	{"A:appeal(suppress) A:supersede~1", "received | B acknowledge | 2:A-8"},
	{"A:appeal(suppress) B:ack A:supersede~2", "acknowledged | B answer | 3:A-8"},
	{"A:appeal(suppress) A:supersede~0", "superseded | - | -"}, // whether it is there, its author knows
	// after the end.
	{"A:appeal(suppress) B:answer(final) B:progress", "answered | - | 3:A-3"},
	{"A:appeal(suppress) B:answer(final) A:dispute~2 B:answer(final)", "disputed | B answer | 4:A-3"},
	{"A:appeal(suppress) B:answer(final) A:dispute~2 B:answer(final)~3 B:answer(final)~3", "answered | - | 5:A-3"},
	{"A:appeal(suppress) B:redirect(other) B:progress", "redirected | - | 3:A-3"},
	{"A:appeal(suppress) A:withdraw A:correct A:escalate(political)", "withdrawn | - | 3:A-3 4:A-3"},
	{"A:appeal(suppress) B:answer(final) A:close(satisfied)~2 A:dispute~2", "closed satisfied | - | 4:A-3"},
	{"A:appeal(suppress) A:appeal(suppress) A:supersede~2 A:withdraw", "superseded | - | 4:A-3"},
	{"A:appeal(suppress) A:appeal(suppress) A:supersede~2 B:answer(final)", "answered | - | -"},
	// fields are not invented.
	{"A:appeal(preserve) B:incomplete(law) A:supplement~2 B:incomplete(law)", "incomplete | A supplement | -"},
	{"A:appeal(preserve) B:incomplete(law+offence) A:supplement~2 B:incomplete(offence)~3", "incomplete | A supplement | -"},
	{"A:appeal(preserve) B:incomplete(law) A:supplement~2 B:incomplete(offence)", "supplemented | B answer | 4:A-9"},
	// levels rise.
	{"A:appeal(suppress) A:escalate(operational) A:escalate(judicial)", "received | B acknowledge | -"},
	{"A:appeal(suppress) A:escalate(technical)", "received | B acknowledge | 2:A-11"},
	{"A:appeal(suppress) A:escalate(political) A:escalate(political) A:escalate(operational)", "received | B acknowledge | 3:A-11 4:A-11"},
	// What nobody here can read is judged only by whose move it is.
	{"A:unknown B:progress A:correct", "executing | - | -"},
	{"A:appeal(takedown) B:accept(conditions) A:agree~2 B:answer(final) A:close(satisfied)~4", "closed satisfied | - | -"},
	// Two that name each other's place wrongly do not hang.
	{"A:appeal(suppress) B:progress~3 A:supplement~2", "received | B acknowledge | 2:A-8 3:A-8"},
}

// What the first record of a history came to by its moves, as both sides see it once it is received.
func TestMoves(t *testing.T) { checkOutcomes(t, movesTable) }

// Every kind goes its whole way.
func TestEveryKind(t *testing.T) {
	for _, kind := range record.Words("kind") {
		for moves, want := range map[string]string{
			"": "received | B acknowledge | -",
			" B:ack B:accept(full) B:progress B:answer(interim) B:answer(final)": "answered | - | -",
			" B:refuse(no-data)": "refused | - | -",
			" A:withdraw":        "withdrawn | - | -",
			" B:redirect(other)": "redirected | - | -",
		} {
			h := read(t, "A:appeal("+kind+")"+moves)
			if got := h.outcome(fold(h.entries)[Key(h.entries[0])], morning); got != want {
				t.Errorf("%s%s: %q, want %q", kind, moves, got, want)
			}
		}
		h := read(t, "A:appeal("+kind+") B:ack")
		v := fold(h.entries)[Key(h.entries[0])].View(Marks{Received: morning}, Terms{}, morning)
		ack, reply := record.Clocks(kind)
		if !v.AcknowledgeBy.Equal(morning.Add(ack)) || record.Silent(kind) != v.ReplyBy.IsZero() || reply > 0 && !v.ReplyBy.Equal(morning.Add(reply)) {
			t.Errorf("%s: acknowledge by %s, reply by %s", kind, v.AcknowledgeBy, v.ReplyBy)
		}
	}
}

// No status is beyond what a history can reach.
func TestEveryStatus(t *testing.T) {
	reached := map[Status]bool{Sent: true, Lodged: true, Expired: true} // these are in TestSentAndLate and TestExpiry
	for _, line := range []string{"A:appeal(mitigate)", "B:ack", "B:redirect", "B:incomplete(law)", "B:incomplete(law) A:supplement~2", "B:accept(full)", "B:accept(conditions)",
		"B:accept(conditions) A:agree~2", "B:accept(conditions) A:decline~2", "B:accept(partly)", "B:postpone", "B:progress", "B:answer(interim)", "B:answer(final)",
		"B:refuse(no-data)", "B:answer(final) A:close(satisfied)~2", "B:answer(final) A:close(partial)~2", "B:answer(final) A:dispute~2", "A:withdraw", "A:appeal(mitigate) A:supersede~2"} {
		if line != "A:appeal(mitigate)" {
			line = "A:appeal(mitigate) " + line
		}
		h := read(t, line)
		reached[fold(h.entries)[Key(h.entries[0])].View(Marks{Received: morning}, Terms{}, morning).Status] = true
	}
	for _, line := range []string{"A:unreadable(mitigate)", "A:unknown", "A:ack@0", "A:arrangement(1) B:agree", "A:arrangement(1) B:decline"} {
		h := read(t, line)
		entries := h.as(partyB)
		reached[fold(entries)[Key(entries[0])].View(Marks{Received: morning}, Terms{}, morning).Status] = true
	}
	for _, s := range Statuses() {
		if !reached[s] {
			t.Errorf("no history reaches %q", s)
		}
	}
}

// An appeal that has expired asks nobody for anything, until somebody answers it.
func TestExpiry(t *testing.T) {
	h := &history{tb: t}
	f := h.fieldsOf(ActAppeal, "mitigate", record.Ref{})
	f.SetTime("expires_at", morning.Add(48*time.Hour))
	e := Entry{Author: partyA, Audience: partyB, Ref: record.Ref{Outbox: partyA + "/to/" + partyB + "/1"}, Opened: &record.Opened{Fields: f, Full: true}}
	c := Apply(Case{}, e)
	for after, want := range map[time.Duration]Status{47 * time.Hour: Received, 48 * time.Hour: Expired, 100 * time.Hour: Expired} {
		v := c.View(Marks{Received: morning}, Terms{}, morning.Add(after))
		if v.Status != want || (v.Turn == "") != (want == Expired) {
			t.Errorf("%s later: %s, %s must %s", after, v.Status, v.Turn, v.Must)
		}
	}
	if v := c.View(Marks{}, Terms{}, morning.Add(100*time.Hour)); v.Status != Expired {
		t.Errorf("not received: %s", v.Status)
	}
	if i := c.Index(); !i.Expires.Equal(morning.Add(48*time.Hour)) || i.Turn != partyB || !i.Due.Equal(morning.Add(4*time.Hour)) {
		t.Errorf("found by %+v", i)
	}
}

// A side that writes without end fills its own share of a case, and neither the other's nor the order of arrival counts.
func TestMaxMoves(t *testing.T) {
	line := "A:appeal(mitigate) B:ack" + strings.Repeat(" B:progress", MaxMoves+3) + " A:withdraw"
	h := read(t, line)
	want := fold(h.entries)[Key(h.entries[0])]
	if len(want.Moves) != MaxMoves+1 || !slices.ContainsFunc(want.Moves, func(m Move) bool { return m.Act == ActWithdraw }) {
		t.Errorf("%d moves", len(want.Moves))
	}
	slices.Reverse(h.entries)
	if d := cmp.Diff(want, fold(h.entries)[want.Key]); d != "" {
		t.Error(d)
	}
	slices.Reverse(h.entries)
	open := fold(h.entries[:len(h.entries)-1])[want.Key]
	if err := Allow(open, h.entries[len(h.entries)-2]); err == nil || err.(*Refusal).Rule != "A-21" { //nolint:errorlint // it is one
		t.Errorf("one more is refused by %v", err)
	}
}
