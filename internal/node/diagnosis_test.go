package node

import (
	"slices"
	"strings"
	"testing"
	"time"
)

var noon = time.Date(2021, 7, 9, 12, 0, 0, 0, time.UTC)

// sound is a link on which nothing is wrong, with everything known of it.
func sound() LinkStatus {
	dated := int64(4)
	return LinkStatus{Party: "borea.example", Confirmed: true, Sent: 4, Receipted: 4, ReceivedOf: 4, LastAttempt: "reached", LastAt: noon,
		BeatAt: noon.Add(-time.Minute).Format(time.RFC3339),
		Page: &LinkPage{At: noon, Sent: Flow{LastReceiptAt: noon.Add(-24 * time.Hour), Dated: &dated, Appeals: 2, Open: 1, Acknowledged: 2},
			Received: Flow{LastReceiptAt: noon.Add(-24 * time.Hour), Dated: &dated},
			Pings:    Pings{LastAt: noon}, Tally: &LastTally{Period: "2021-06", Ours: true, TheySay: "agrees", Theirs: true, WeSay: "agrees", ReceivedAt: noon.Add(-200 * time.Hour)}}}
}

func ago(d time.Duration) time.Time { return noon.Add(-d) }

// Each diagnosis: what makes it, what does not, and what it says. The first word names the function.
func TestDiagnoses(t *testing.T) {
	suspended := func(since, until time.Time) *Suspension { return &Suspension{Since: since, Until: until} }
	for name, c := range map[string]struct {
		find   func(LinkStatus) Advice
		change func(*LinkStatus)
		wrong  string // "" where nothing is to be found
		do     string
	}{
		"unconfirmed": {unconfirmed, func(l *LinkStatus) { l.Confirmed = false }, "were not compared", "verbale link confirm borea.example"},
		"evidence":    {twoHistories, func(l *LinkStatus) { l.Evidence = 2 }, "(2)", "verbale evidence list"},
		"stopped":     {stoppedOutbox, func(l *LinkStatus) { l.Stopped = "it is an old backup" }, "stopped: it is an old backup", "file nothing"},
		"unchecked":   {uncheckedOutbox, func(l *LinkStatus) { l.Unchecked = "nothing is signed before" }, "nothing is signed before", "asked again"},
		"our keys": {keysEnding, func(l *LinkStatus) {
			l.Warning = "this node's keys sign nothing new after 2021-08-01T00:00:00Z: before then, verbale profile renew"
		}, "nothing new after 2021-08-01T00:00:00Z", "before then, verbale profile renew"},
		"new keys wait":            {newKeysWait, func(l *LinkStatus) { l.KeyChange = &KeyChange{Reason: "loss", Waits: true} }, "(loss)", "verbale link confirm borea.example"},
		"new keys, not compared":   {newKeysNotCompared, func(l *LinkStatus) { l.KeyChange = &KeyChange{EffectiveAt: ago(time.Hour)} }, "since 2021-07-09 11:00 UTC", "verbale link confirm"},
		"new keys, compared":       {newKeysNotCompared, func(l *LinkStatus) { l.KeyChange = &KeyChange{Compared: true} }, "", ""},
		"new keys that wait, once": {newKeysNotCompared, func(l *LinkStatus) { l.KeyChange = &KeyChange{Waits: true} }, "", ""},
		"left over":                {leftOver, func(l *LinkStatus) { l.LeftOver = "these keys were given up" }, "given up", "--status sent"},
		"held":                     {heldPushes, func(l *LinkStatus) { l.Held = "bad-leaf" }, "held: bad-leaf", "verbale link retry borea.example"},

		"suspended by us":           {suspendedLink, func(l *LinkStatus) { l.Suspended = suspended(ago(time.Hour), time.Time{}) }, "we have suspended", "verbale link resume"},
		"suspended by them":         {suspendedLink, func(l *LinkStatus) { l.SuspendedBy, l.Page.Stranded = suspended(ago(time.Hour), time.Time{}), 3 }, "since 2021-07-09 11:00 UTC; stranded: 3", "go on filing"},
		"suspended by both":         {suspendedLink, func(l *LinkStatus) { l.Suspended, l.SuspendedBy = suspended(noon, noon), suspended(noon, noon) }, "both sides", "only they"},
		"our suspension is over":    {suspendedTooLong, func(l *LinkStatus) { l.Suspended = suspended(ago(48*time.Hour), ago(time.Hour)) }, "our suspension was announced until 2021-07-09 11:00", "resume"},
		"their suspension is over":  {suspendedTooLong, func(l *LinkStatus) { l.SuspendedBy = suspended(ago(48*time.Hour), ago(time.Hour)) }, "their suspension", "link retry"},
		"a suspension not over yet": {suspendedTooLong, func(l *LinkStatus) { l.Suspended = suspended(ago(48*time.Hour), noon.Add(time.Hour)) }, "", ""},
		"a suspension without end":  {suspendedTooLong, func(l *LinkStatus) { l.Suspended = suspended(ago(48*time.Hour), time.Time{}) }, "", ""},

		"waiting": {waiting, func(l *LinkStatus) { l.Sent = 6; l.Page.Oldest = &Waiting{ReleasedAt: ago(3 * time.Hour)} }, "2; the oldest was sent 3 h ago, not received", "telephone"},
		"waiting, lodged": {waiting, func(l *LinkStatus) {
			l.Sent, l.Lodged, l.Relay = 6, 5, "relay.example"
			l.Page.Oldest = &Waiting{ReleasedAt: ago(time.Hour)}
		}, "not received; lodged with relay.example: 1", "telephone"},
		"waiting, unreached": {waiting, func(l *LinkStatus) {
			l.Sent, l.LastAttempt = 5, "no route"
			l.Page.Oldest = &Waiting{ReleasedAt: ago(10 * time.Minute)}
		}, "10 min ago", "failed: no route"},
		"just sent": {waiting, func(l *LinkStatus) { l.Sent = 6; l.Page.Oldest = &Waiting{ReleasedAt: ago(time.Minute)} }, "", ""},
		"waiting while suspended": {waiting, func(l *LinkStatus) {
			l.SuspendedBy = suspended(noon, noon)
			l.Page.Oldest = &Waiting{ReleasedAt: ago(9 * time.Hour)}
		}, "", ""},
		"waiting while held":         {waiting, func(l *LinkStatus) { l.Held = "x"; l.Page.Oldest = &Waiting{ReleasedAt: ago(9 * time.Hour)} }, "", ""},
		"no contact":                 {noContact, func(l *LinkStatus) { l.BeatAt = ago(5 * time.Hour).Format(time.RFC3339) }, "for 5 h", "telephone"},
		"contact ten minutes ago":    {noContact, func(l *LinkStatus) { l.BeatAt = ago(10 * time.Minute).Format(time.RFC3339) }, "", ""},
		"no beat is known":           {noContact, func(l *LinkStatus) { l.BeatAt = "" }, "", ""},
		"clocks":                     {clocksApart, func(l *LinkStatus) { l.Clock = "their clock is 2 h ahead" }, "2 h ahead", "set the one"},
		"we are late":                {weAreLate, func(l *LinkStatus) { l.Page.Received.Late = 1 }, "1 appeal of theirs", "--turn ours"},
		"they are late":              {theyAreLate, func(l *LinkStatus) { l.Page.Sent.Late = 2 }, "2 appeals of ours", "--turn theirs"},
		"a month differs":            {talliesDiffer, func(l *LinkStatus) { l.Page.Differs = []string{"2021-05", "2021-06"} }, "2021-05, 2021-06", "tally show borea.example --month 2021-06"},
		"a tally is not answered":    {tallyUnanswered, func(l *LinkStatus) { l.Page.Tally.TheySay = "" }, "tally of 2021-06 8 d ago", "on record"},
		"a tally was just received":  {tallyUnanswered, func(l *LinkStatus) { l.Page.Tally.TheySay, l.Page.Tally.ReceivedAt = "", ago(time.Hour) }, "", ""},
		"a tally was not received":   {tallyUnanswered, func(l *LinkStatus) { l.Page.Tally.TheySay, l.Page.Tally.ReceivedAt = "", time.Time{} }, "", ""},
		"nothing was tallied":        {tallyUnanswered, func(l *LinkStatus) { l.Page.Tally = nil }, "", ""},
		"pings":                      {pingsMissed, func(l *LinkStatus) { l.Page.Pings = Pings{Missed: 2, Since: ago(3 * time.Hour)} }, "2, the oldest for 3 h", "telephone"},
		"pings while suspended":      {pingsMissed, func(l *LinkStatus) { l.Suspended = suspended(noon, noon); l.Page.Pings.Missed = 2 }, "", ""},
		"undated":                    {undated, func(l *LinkStatus) { l.Receipted = 5 }, "no witness dates", "pending"},
		"undated, theirs":            {undated, func(l *LinkStatus) { l.ReceivedOf = 5 }, "no witness dates", "pending"},
		"received and not dated yet": {undated, func(l *LinkStatus) { l.Receipted, l.Page.Sent.LastReceiptAt = 5, ago(time.Minute) }, "", ""},
		"nobody dates anything":      {undated, func(l *LinkStatus) { l.Receipted, l.Page.Sent.Dated = 5, nil }, "", ""},
	} {
		l := sound()
		if a := c.find(l); a.Wrong != "" {
			t.Errorf("%s: on a sound link it finds %q", name, a.Wrong)
		}
		c.change(&l)
		a := c.find(l)
		if (a.Wrong == "") != (c.wrong == "") || !strings.Contains(a.Wrong, c.wrong) || !strings.Contains(a.Do, c.do) {
			t.Errorf("%s: it says %q, do %q", name, a.Wrong, a.Do)
		}
		l.Page = nil // what is not known is absent, and no reason to fail
		_ = c.find(l)
	}
}

// All that is wrong is said, the most urgent first, and what was looked at each once.
func TestDiagnose(t *testing.T) {
	wrong, checked := Diagnose(sound())
	if len(wrong) != 0 || len(checked) != len(slices.Compact(slices.Sorted(slices.Values(checked)))) || len(checked) < 10 {
		t.Errorf("%v, looked at %q", wrong, checked)
	}
	l := sound()
	l.Page.Pings, l.Evidence, l.Page.Received.Late, l.Held = Pings{Missed: 1, Since: noon}, 1, 1, "bad-leaf"
	wrong, _ = Diagnose(l)
	var first []string
	for _, a := range wrong {
		first = append(first, strings.Fields(a.Wrong)[0])
		if a.Do == "" {
			t.Errorf("%q, and nothing to do", a.Wrong)
		}
	}
	if want := []string{"signed", "they", "1", "pings"}; !slices.Equal(first, want) {
		t.Errorf("%q, want %q", first, want)
	}
	l.Confirmed = false
	if wrong, _ = Diagnose(l); len(wrong) != 1 {
		t.Errorf("of a link that was not confirmed %d things are said", len(wrong))
	}
}
