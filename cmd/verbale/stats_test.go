package main

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"verbale/internal/docket"
	"verbale/internal/node"
)

// Figures as people see them: in 80 columns, what is substantive first, and what only one side knows at the end.
func TestStatsText(t *testing.T) {
	day := func(n int) time.Time { return time.Date(2021, 7, n, 0, 0, 0, 0, time.UTC) }
	full := docket.StatRow{From: "aurelia.example", To: "borea.example", Class: "substantive", Received: 16, Public: 12,
		OneOf: docket.Groups{AnsweredInTime: 1, AnsweredLate: 1, Refused: 1, Redirected: 1, Disputed: 1, Withdrawn: 1, Superseded: 1, Expired: 1, Noted: 1,
			Incomplete: 1, Conditions: 1, Silent: 1, Overdue: 1, Unacknowledged: 1, Postponed: 1, Pending: 1},
		AnyOf:      docket.Overlaps{Acknowledged: 9, AcknowledgedLate: 2, FoundIncomplete: 3, Accepted: 4, Interim: 1, Escalated: 1, DisputedOnce: 1, Closed: 1, Inadmissible: 2, Late: 3, Lapsed: 2, Irregular: 1},
		AnswerTime: docket.AnswerTime{Count: 2, Median: 3600, P90: 7260, Longest: 7260}}
	one, two, test := full, full, full
	one.Channel, one.Kind, two.Channel, two.Kind, test.Class = "technical", "mitigate", "judicial", "evidence-follow-up", "test"
	s := node.Statistics{By: "aurelia.example", Figures: docket.Figures{Link: [2]string{"aurelia.example", "borea.example"}, AsOf: day(9), From: day(1), To: day(8),
		Basis:    docket.Basis{Heads: []docket.BasisHead{{Outbox: "aurelia.example/to/borea.example/1", Size: 40, From: 4, Next: 20}}},
		Counting: []string{"acknowledged"}, Totals: []docket.StatRow{test, full}, Rows: []docket.StatRow{one, two},
		Unread: []docket.UnreadCount{{From: "borea.example", To: "aurelia.example", Count: 2}}},
		Known: docket.Beyond{Appeals: []docket.BeyondRow{{From: "aurelia.example", To: "borea.example", Class: "service", Channel: "technical", Kind: "mitigate", Sent: 3, Lodged: 2}},
			Moves: []docket.BeyondMoves{{By: "borea.example", Act: "answer", Count: 1}}}}
	var out strings.Builder
	(&app{}).statsText(&out, s)
	for _, want := range []string{
		"aurelia.example and borea.example, received from 2021-07-01 and before\n2021-07-08, as of 2021-07-09 00:00:00 UTC\n",
		"  aurelia.example/to/borea.example/1: #4–#19, of 40 with a receipt\n",
		"  borea.example to aurelia.example: 2 records that one side cannot read, counted\n  nowhere\n",
		"  in public counts what is acknowledged, by the arrangement\n",
		"\naurelia.example to borea.example: 16 received, of these 12 count in public\n",
		"  answered in time 1, answered late 1, refused 1, redirected 1, disputed 1,\n",
		"  answers took median 1 h 0 min, nine of ten up to 2 h 1 min, longest 2 h 1 min\n",
		"  evidence-follow-up, judicial channel: 16 received\n    answered in time 1,",
		"\naurelia.example to borea.example (test): 16 received, of these 12 count in\npublic\n", "\n  waiting for conditions 1, silent 1, overdue 1, unacknowledged 1, postponed 1,\n",
		"\nknown to us only, aurelia.example, and in no figure above:\n",
		"mitigate over the technical channel\n  (service): sent 3, lodged with a relay 2\n",
		"  replies of borea.example to what is counted: answer 1\n",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not in\n%s", want, out.String())
		}
	}
	if strings.Index(out.String(), "(test)") < strings.Index(out.String(), "evidence-follow-up") {
		t.Error("the exercises come before what is substantive")
	}
	for line := range strings.Lines(out.String()) {
		if utf8.RuneCountInString(line) > terminalWidth+1 {
			t.Errorf("too wide: %s", line)
		}
	}
}

// What is said of the peer's file, where it is not equal.
func TestComparisonText(t *testing.T) {
	for name, c := range map[string]struct {
		said node.Comparison
		want string
	}{
		"another basis": {node.Comparison{Party: "borea.example", Ours: node.Statistics{By: "aurelia.example"}}, "  verbale stats borea.example --basis theirs.json --json\n"},
		"another run":   {node.Comparison{Party: "borea.example", SameBasis: true}, "which records: verbale tally borea.example --month …\n"},
		"receipts": {node.Comparison{Party: "borea.example", SameBasis: true, Receipts: []node.ReceiptsDiffer{{Outbox: "a/to/b/1", Ours: 1, Theirs: 2}}},
			"over a/to/b/1 we have 1 receipt, they have 2: who lacks one may date records\nlater\n"},
		"a row": {node.Comparison{Party: "borea.example", SameBasis: true, Differ: []docket.RowDifference{{From: "a", To: "b", Class: "test", Channel: "leader", Kind: "consult",
			Ours: []docket.Figure{{Name: "silent", N: 0}}, Theirs: []docket.Figure{{Name: "silent", N: 3}}}}},
			"they differ in 1 row\nwhich records: verbale tally borea.example --month …\n\na to b, consult over the leader channel (test)\n  ours: silent 0\n  theirs: silent 3\n"},
	} {
		var out strings.Builder
		(&app{}).comparisonText(&out, c.said, "theirs.json")
		if !strings.Contains(out.String(), c.want) {
			t.Errorf("%s:\n%s, want\n%s", name, out.String(), c.want)
		}
	}
	for _, c := range []struct {
		from, to time.Time
		want     string
	}{{want: "all appeals"}, {from: time.Unix(0, 0), want: "received from 1970-01-01 on"}, {to: time.Unix(1, 0), want: "received before 1970-01-01 00:00:01 UTC"}} {
		if got := windowWords(c.from, c.to); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}
