package main

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"verbale/internal/node"
)

// The whole page of a link on which much is wrong, in 80 columns.
func TestLinkText(t *testing.T) {
	now := time.Date(2021, 7, 9, 14, 0, 0, 0, time.UTC)
	dated := [2]int64{38, 17}
	l := node.LinkStatus{Party: "borea.example", Title: "CSIRT Borea", Confirmed: true, Words: strings.Fields("fox forest citizen total three obtain praise reopen rate detect language shrimp"),
		LinkedAt: now.Add(-40 * 24 * time.Hour), Endpoint: "https://node.borea.example:7443", ValidUntil: now.Add(700 * 24 * time.Hour),
		Sent: 41, Receipted: 38, ReceivedOf: 17, LastAttempt: "borea.example could not be reached: https://node.borea.example:7443 cannot be reached: no answer came in time",
		LastAt: now.Add(-time.Minute), BeatAt: now.Add(-3 * time.Hour).Format(time.RFC3339),
		Page: &node.LinkPage{At: now, Oldest: &node.Waiting{Outbox: "aurelia.example/to/borea.example/1", Index: 38, ReleasedAt: now.Add(-3 * time.Hour)},
			Sent:     node.Flow{LastReceiptAt: now.Add(-4 * time.Hour), Dated: &dated[0], Appeals: 12, Open: 4, Late: 1, Acknowledged: 8},
			Received: node.Flow{LastReceiptAt: now.Add(-5 * time.Hour), Dated: &dated[1], Appeals: 4, Open: 1, Acknowledged: 3},
			Pings:    node.Pings{Missed: 1, Since: now.Add(-time.Hour), LastAt: now.Add(-26 * time.Hour)},
			Tally:    &node.LastTally{Period: "2021-06", Ours: true, TheySay: "differs", Theirs: true, WeSay: "agrees"}, Differs: []string{"2021-06"}}}
	l.Page.Wrong, l.Page.Checked = node.Diagnose(l)
	a := &app{Env: Env{Now: func() time.Time { return now }}}
	var out strings.Builder
	a.linkText(&out, l)
	want := `borea.example (CSIRT Borea): pending

                    WE TO THEM  THEY TO US
in the outbox       41
received            38          17
dated by witnesses  38          17
appeals             12          4
  acknowledged      8           3
  open              4           1
  late              1           0

oldest gap    to:borea.example#38, sent 2021-07-09 11:00:00 UTC (3 h 0 min ago),
              not received
last receipt  theirs, 2021-07-09 10:00:00 UTC (4 h 0 min ago)
              ours, 2021-07-09 09:00:00 UTC (5 h 0 min ago)
last beat     2021-07-09 11:00:00 UTC (3 h 0 min ago), by their clock
last attempt  2021-07-09 13:59:00 UTC (1 min 0 s ago): borea.example could not
              be reached: https://node.borea.example:7443 cannot be reached: no
              answer came in time
pings         the last that was acknowledged: 2021-07-08 12:00:00 UTC (1 d 2 h
              ago); missed: 1
last tally    2021-06: they differ from ours, we agree with theirs
keys          valid until 2023-06-09 14:00:00 UTC (in 700 days)
words         fox forest citizen total / three obtain praise reopen / rate
              detect language shrimp
linked        2021-05-30 14:00:00 UTC (40 d 0 h ago)
endpoint      https://node.borea.example:7443

what is wrong, and what to do, the most urgent first:
- records of ours without a receipt: 3; the oldest was sent 3 h ago, not
  received
  do: see that verbale serve runs here, then telephone them; the last attempt
      failed: borea.example could not be reached:
      https://node.borea.example:7443 cannot be reached: no answer came in time
- nothing was heard of their node for 3 h
  do: see that verbale serve runs here; then telephone them, on a number that
      you already had
- 1 appeal of ours past the deadline: it is their turn
  do: verbale appeal list --with borea.example --turn theirs; telephone them
- the sides count differently: 2021-06
  do: verbale tally show borea.example --month 2021-06
- pings of ours that are not acknowledged: 1, the oldest for 60 min
  do: their node acknowledges pings by itself while it runs: telephone them
`
	if out.String() != want {
		t.Error(cmp.Diff(want, out.String()))
	}
	narrow(t, out.String())
}

// narrow fails where a line does not fit a terminal.
func narrow(t *testing.T, text string) {
	t.Helper()
	for line := range strings.Lines(text) {
		if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > terminalWidth {
			t.Errorf("%d columns: %s", n, line)
		}
	}
}

// When nothing is wrong, the page says what was looked at, and when.
func TestLinkTextWithoutFault(t *testing.T) {
	now := time.Date(2021, 7, 9, 14, 0, 0, 0, time.UTC)
	l := node.LinkStatus{Party: "borea.example", Title: "CSIRT Borea", Confirmed: true, Page: &node.LinkPage{At: now}}
	l.Page.Wrong, l.Page.Checked = node.Diagnose(l)
	a := &app{Env: Env{Now: func() time.Time { return now }}}
	var out strings.Builder
	a.linkText(&out, l)
	if got := out.String(); !strings.Contains(strings.Join(strings.Fields(got), " "), "nothing was found wrong on 2021-07-09 14:00:00 UTC; looked at: words") {
		t.Error(got)
	}
	for _, missing := range []string{"last beat", "dated", "oldest gap", "pings", "tally", "suspended"} {
		if strings.Contains(strings.SplitN(out.String(), "nothing was", 2)[0], missing) {
			t.Errorf("%q is shown and nothing is known of it", missing)
		}
	}
	narrow(t, out.String())
}
