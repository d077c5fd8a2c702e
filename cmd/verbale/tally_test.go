package main

import (
	"encoding/json/jsontext"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"verbale/internal/docket"
	"verbale/internal/node"
	"verbale/record"
)

func TestTallyValue(t *testing.T) {
	for value, want := range map[string]string{
		`{"act":"appeal","class":"substantive","count":3,"direction":"sent","kind":"mitigate"}`:               "sent: 3 × appeal mitigate (substantive)",
		`{"act":"ping","class":"test","count":1,"direction":"received"}`:                                      "received: 1 × ping (test)",
		`{"direction":"received","note":"receipt of 2021-07-01T06:00:00Z","serial":0,"state":"not-received"}`: "received #0: not received in the month – receipt of 2021-07-01T06:00:00Z",
		`{"state":"done","target":"192.0.2.7"}`:                                                               "",
		`7`:                                                                                                   "",
		`"text"`:                                                                                              "",
	} {
		if got := tallyValue(jsontext.Value(value)); got != want {
			t.Errorf("%s: %q, want %q", value, got, want)
		}
	}
}

// A month as people see it: side by side, in 80 columns, each difference with what settles it.
func TestTallyText(t *testing.T) {
	at := time.Date(2021, 7, 1, 6, 0, 0, 0, time.UTC)
	ab, ba := "aurelia.example/to/borea.example/1", "borea.example/to/aurelia.example/1"
	row := func(direction, act, kind, class string, n int64) docket.Row {
		return docket.Row{Direction: direction, Act: act, Kind: kind, Class: class, Count: n}
	}
	ours := docket.Tally{Period: "2021-06", TakenAt: at, Sent: docket.Span{Outbox: ab, From: 4, Next: 6}, Received: docket.Span{Outbox: ba, From: 1, Next: 2},
		Rows: []docket.Row{row("sent", "appeal", "mitigate", "substantive", 2), row("received", "acknowledge", "", "test", 1)}, Unreceipted: []int64{6, 7}}
	theirs := docket.Tally{Period: "2021-06", TakenAt: at, Sent: docket.Span{Outbox: ba, From: 1, Next: 2}, Received: docket.Span{Outbox: ab, From: 4, Next: 6},
		Rows: []docket.Row{row("sent", "acknowledge", "", "test", 1), row("received", "appeal", "mitigate", "substantive", 1), row("received", "unreadable", "", "unknown", 1)}}
	p := node.TallyPage{Party: "borea.example", Period: "2021-06", Books: ours,
		Ours: &node.FiledTally{Tally: ours, Ref: record.Ref{Outbox: ab, Index: 8}, ReceivedAt: at.Add(time.Minute), Answer: &node.FiledAnswer{
			Answer: docket.Answer{Differences: make([]docket.Difference, 3)}, Ref: record.Ref{Outbox: ba, Index: 5}}},
		Theirs: &node.FiledTally{Tally: theirs, Ref: record.Ref{Outbox: ba, Index: 4}, ReceivedAt: at},
		Differences: []node.Settled{
			{Direction: "sent", Outbox: ab, Serial: 5, Said: []node.Said{{By: "borea.example", State: docket.OtherKind, Note: "receipt of 2021-06-20T14:00:00Z"}},
				ReceiptAt: at.Add(-240 * time.Hour), Receipt: 6},
			{Direction: "sent", Outbox: ab, Serial: 6, Said: []node.Said{{By: "borea.example", State: docket.NotReceived}, {By: "aurelia.example", State: docket.NoReceipt}}},
		}}
	var out strings.Builder
	a := &app{}
	a.tallyText(&out, "aurelia.example", p, false)
	want := `aurelia.example with borea.example, 2021-06 (UTC), by the receipts

                      SENT: OURS  THEIRS  RECEIVED: OURS  THEIRS
acknowledge (test)    0           0       1               1
appeal mitigate       2           1       0               0
unreadable (unknown)  0           1       0               0
serial numbers        #4–#5       #4–#5   #1              #1

sent in the month, and without a receipt on 2021-07-01 06:00:00 UTC: 2 (#6, #7)

our tally    to:borea.example#8, taken 2021-07-01 06:00:00 UTC
             they differ on 3 records: borea.example#5
their tally  borea.example#4, taken 2021-07-01 06:00:00 UTC
             received 2021-07-01 06:00:00 UTC; we have not answered

the sides differ on 2 records:
  to:borea.example#5, sent by us
      they say  it counts in another row (receipt of 2021-06-20T14:00:00Z)
      settled   receipt of 2021-06-21 06:00:00 UTC, over #0–#5
  to:borea.example#6, sent by us
      they say  not received in the month
      we say    there is no receipt for it on the other side
      settled   no receipt: not received
`
	if out.String() != want {
		t.Errorf("%s\nwant\n%s", out.String(), want)
	}
	for line := range strings.Lines(out.String()) {
		if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > 80 {
			t.Errorf("%d columns: %s", n, line)
		}
	}
}
