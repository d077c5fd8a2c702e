package testbed

import (
	"slices"
	"testing"
	"time"

	"verbale/internal/docket"
	"verbale/internal/exchange"
	"verbale/internal/node"
	"verbale/record"
	"verbale/verdict"
)

// beatFor lets time pass, with a round of beats every five minutes; what cannot be reached is tried again.
func beatFor(t *testing.T, x, y *Party, d time.Duration) {
	t.Helper()
	for range int(d / (5 * time.Minute)) {
		x.Bed.Later(5 * time.Minute)
		_, _ = x.Node.Beat(t.Context(), y.Name)
	}
}

// judgeChannel makes the bundle of a time, and gives what an outsider concludes.
func judgeChannel(t *testing.T, p, with *Party, from, to time.Time, gap time.Duration) *verdict.Verdict {
	t.Helper()
	raw, err := p.Node.ProveChannel(t.Context(), node.ChannelRequest{Party: with.Name, From: from, To: to, Gap: int64(gap / time.Second)})
	p.Bed.must(err)
	b, err := verdict.Parse(raw)
	p.Bed.must(err)
	v, err := verdict.Judge(b, nil)
	p.Bed.must(err)
	return v
}

// A day of outage shows in the beats, on both sides and to an outsider; the days around it show no gap, with the fewest beats that do.
func TestBeatsOverADayOfOutage(t *testing.T) {
	bed, x, y := two(t)
	x.Appeal(y, "mitigate")
	x.Push(y)
	begin := bed.Now()
	beatFor(t, x, y, 24*time.Hour)
	down := bed.Now()
	bed.Faults = func(_, _ string, _ exchange.Peer) exchange.Peer { return severed{} }
	beatFor(t, x, y, 24*time.Hour)
	bed.Faults = nil
	beatFor(t, x, y, 24*time.Hour)
	end := bed.Now()

	c, err := x.Node.Channel(t.Context(), y.Name, begin, end)
	bed.must(err)
	if len(c.Series) != 4 {
		t.Fatalf("%+v", c)
	}
	for _, s := range c.Series {
		outage, beats := int64((24*time.Hour+5*time.Minute)/time.Second), 2*24*12
		if s.By == x.Name { // its own beats it has made and kept, also those that nobody took
			outage, beats = 300, 3*24*12
		}
		if s.LongestGap != outage || s.Beats != beats {
			t.Errorf("%+v, want %d beats and a gap of %d s", s, beats, outage)
		}
		if s.By == y.Name && (!s.GapFrom.Equal(down) || !s.GapTo.Equal(down.Add(24*time.Hour+5*time.Minute))) {
			t.Errorf("the gap is from %s to %s", s.GapFrom, s.GapTo)
		}
	}

	v := judgeChannel(t, x, y, begin, end, time.Hour)
	for _, f := range v.Channel {
		want, count := int64((24*time.Hour+5*time.Minute)/time.Second), 50
		if f.By == x.Name {
			want, count = 3600, 73
		}
		if f.LongestGap != want || f.Count > count || len(f.Sizes) != 1 || len(f.RestsOn) == 0 {
			t.Errorf("%+v, want a gap of %d s and at most %d beats", f, want, count)
		}
		if f.Outbox == x.Name+"/to/"+y.Name+"/1" && f.Sizes[0].Size != 1 {
			t.Errorf("%+v", f)
		}
	}
	v = judgeChannel(t, x, y, begin, down, 2*time.Hour)
	if len(v.Channel) != 4 {
		t.Fatalf("%d series", len(v.Channel))
	}
	for _, f := range v.Channel {
		if f.LongestGap > 7200 && f.By == x.Name || f.Count > 14 || f.First.After(begin.Add(5*time.Minute)) || f.Last.Before(down) {
			t.Errorf("%+v", f)
		}
	}
	if len(v.TakenBack) != 0 {
		t.Errorf("%+v", v.TakenBack)
	}
	if _, err := x.Node.ProveChannel(t.Context(), node.ChannelRequest{Party: y.Name, From: end, To: begin}); kindOf(err) != node.Invalid {
		t.Errorf("%v", err)
	}
}

// The size of an outbox that stood still is shown unchanged, and its growth by the beat that saw it first.
func TestChannelShowsSizes(t *testing.T) {
	bed, x, y := two(t)
	begin := bed.Now()
	beatFor(t, x, y, time.Hour)
	x.Appeal(y, "mitigate")
	x.Push(y)
	grown := bed.Now()
	beatFor(t, x, y, time.Hour)
	v := judgeChannel(t, y, x, begin, bed.Now(), 5*time.Minute)
	found := 0
	for _, f := range v.Channel {
		if f.Outbox != x.Name+"/to/"+y.Name+"/1" {
			continue
		}
		found++
		if len(f.Sizes) != 2 || f.Sizes[0].Size != 0 || !f.Sizes[0].To.Equal(grown) || f.Sizes[1].Size != 1 || !f.Sizes[1].From.Equal(grown.Add(5*time.Minute)) {
			t.Errorf("%+v", f)
		}
	}
	if found != 2 {
		t.Errorf("%d series", found)
	}
}

// check files a ping to a contact point, or to the node where there is none.
func check(t *testing.T, x, y *Party, contact string) record.Ref {
	t.Helper()
	f := record.Fields{}
	f.SetText("act", docket.ActPing)
	f.SetText("class", "test")
	f.SetText("nonce", "AAAAAAAAAAAAAAAAAAAAAA")
	if contact != "" {
		f.SetText("contact", contact)
	}
	filed, err := x.Node.File(t.Context(), y.Name, node.Complete(f, x.Now(), "duty officer"), "")
	x.Bed.must(err)
	return filed.Ref
}

// A communication check is answered by people: the node leaves it alone, and it is counted for its contact point.
func TestCommunicationChecks(t *testing.T) {
	bed, x, y := two(t)
	round := func(p, q *Party) { p.Push(q); q.Node.Settle(); q.Push(p) }
	check(t, x, y, "")
	duty := check(t, x, y, "duty officer")
	round(x, y)
	if n := sizeAt(t, y, y.Name, x.Name); n != 1 {
		t.Errorf("%d records were filed by the node", n)
	}
	waits := func() (n int) {
		lines, err := y.Node.Cases(t.Context(), node.CaseQuery{Turn: y.Name, Appeals: true})
		bed.must(err)
		return len(lines)
	}
	if n := waits(); n != 1 {
		t.Errorf("%d cases wait for people", n)
	}
	y.Stop()
	y.Restart()
	bed.Later(20 * time.Minute)
	y.Node.Settle()
	y.Reply(x, duty, "acknowledge", map[string]string{"class": "test"})
	y.Push(x)
	if n := waits(); n != 0 {
		t.Errorf("%d cases wait for people", n)
	}
	for range 2 {
		check(t, x, y, "watch office")
	}
	late := check(t, x, y, "duty officer")
	round(x, y)
	bed.Later(2 * time.Hour)
	y.Reply(x, late, "acknowledge", nil)
	y.Push(x)
	check(t, x, y, "duty officer")
	check(t, x, y, "")
	x.Push(y)
	got, err := x.Node.PingStats(t.Context(), y.Name)
	bed.must(err)
	want := []node.PingStats{
		{Contact: "", Sent: 2, Answered: 1, Within: 900, Median: 0, Worst: 0},
		{Contact: "duty officer", Sent: 3, Answered: 2, Missed: 1, Within: 3600, Median: 7200, Worst: 7200},
		{Contact: "watch office", Sent: 2, Missed: 2, Within: 3600},
	}
	for i := range got {
		if got[i].Answered > 0 == got[i].LastAt.IsZero() {
			t.Errorf("%+v", got[i])
		}
		got[i].LastAt = time.Time{}
	}
	if !slices.Equal(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
	y.Node.Settle()
	y.Push(x)
	sameDockets(t, x, y)
	if _, err := x.Node.PingStats(t.Context(), "nobody.example"); kindOf(err) != node.NotLinked {
		t.Errorf("%v", err)
	}
}
