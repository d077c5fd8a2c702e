package testbed

import (
	"encoding/json/jsontext"
	"fmt"
	"testing"
	"time"

	"verbale/internal/docket"
	"verbale/internal/node"
	"verbale/record"
)

// How rules come to hold on a link, and what they refuse. Every history ends with both databases sound, and folded anew to the same bytes.
func TestRules(t *testing.T) {
	for _, c := range []struct{ name, lines string }{
		{"one signature moves nothing", `
			x propose y #1 1 quota+1
			x push y
			x: rules y 0
			y: rules x 0
			x -> y mitigate #2
			x -> y mitigate #3
			y -> x mitigate #4`},
		{"agreed", `
			x propose y #1 1
			x push y
			y: #1 received
			y agree #1
			y: rules x 1
			x: rules y 0
			y push x
			x: rules y 1
			x: #1 agreed
			y agree #1 !not-allowed
			y decline #1 !not-allowed
			x withdraw #1 !not-allowed`},
		{"declined", `
			x propose y #1 1
			x push y
			y decline #1
			y push x
			x: rules y 0
			x: #1 declined
			y agree #1 !not-allowed
			x propose y #2 1
			x push y
			y agree #2
			y: rules x 1`},
		{"withdrawn before it was agreed to", `
			x propose y #1 1
			x push y
			x withdraw #1
			x push y
			y agree #1 !not-allowed
			y: rules x 0`},
		{"a withdrawal that crosses the agreement", `
			x propose y #1 1
			x push y
			x withdraw #1
			y agree #1
			x push y
			y push x
			x: rules y 1
			y: rules x 1`},
		{"versions only rise", `
			x propose y #1 3
			x push y
			y agree #1
			y push x
			x propose y #2 3 !not-allowed
			y propose x #3 2 !not-allowed
			y propose x #4 4 quota+1
			y push x
			x agree #4
			x: rules y 4
			x push y
			y: rules x 4`},
		{"both propose the same version, and both agree", `
			x propose y #1 1 quota+1
			y propose x #2 1 quota+2
			x push y
			y push x
			x agree #2
			+1s
			y agree #1
			x push y
			y push x
			x: rules y 1
			x -> y mitigate #3
			x -> y mitigate #4 !not-allowed
			y -> x mitigate #5
			y -> x mitigate #6 !not-allowed`},
		{"a proposal that another has overtaken", `
			y propose x #1 1
			x propose y #2 5
			x push y
			y push x
			y agree #2
			y push x
			x agree #1 !not-allowed
			x decline #1
			x: rules y 5`},
		{"from, until", `
			x propose y #1 1 from+2d until+4d
			x push y
			y agree #1
			y push x
			x: rules y 0
			+2d
			x: rules y 1
			x -> y mitigate #2
			+2d
			x: rules y 0
			y: rules x 0
			x propose y #3 2 until+1h
			x push y
			+2h
			y agree #3 !not-allowed`},
		{"parties that are not of the link", `
			x propose y #1 1 stranger !not-allowed`},
		{"kinds and channels", `
			x propose y #1 1 only+clarify
			x push y
			y agree #1
			y push x
			x -> y mitigate #2 !not-allowed
			y -> x mitigate #3 !not-allowed
			x -> y clarify #4
			x propose y #5 2 channel+leader
			x push y
			y agree #5
			y push x
			x -> y clarify #6 !not-allowed`},
		{"the quota of a day", `
			x propose y #1 1 quota+2
			x push y
			y agree #1
			y push x
			x -> y mitigate #2
			x -> y mitigate #3
			x -> y mitigate #4 !not-allowed
			x -> y clarify #5
			y -> x mitigate #6
			x push y
			+9h
			x -> y mitigate #7 !not-allowed
			+1h
			x -> y mitigate #8
			x push y
			y: remarks #2 none
			y: remarks #8 none`},
		{"beyond the quota, of a side that did not know yet", `
			x propose y #1 1 quota+2
			x push y
			y agree #1
			+1m
			x -> y mitigate #2
			x -> y mitigate #3
			x -> y mitigate #4
			x -> y indicators #5
			x push y
			y: remarks #2 none
			y: remarks #3 none
			y: remarks #4 a-19
			y: remarks #5 a-19
			y ack #4
			y push x
			x: remarks #4 a-19
			x: remarks #5 a-19
			x: #4 acknowledged
			x -> y mitigate #6 !not-allowed`},
		{"appeals that were open when the rules changed", `
			x propose y #1 1
			x push y
			y agree #1
			y push x
			x -> y mitigate #2
			+1m
			y propose x #3 2 only+clarify
			y push x
			x agree #3
			x push y
			x: remarks #2 none
			y: remarks #2 none
			y ack #2
			y answer #2
			y push x
			x: #2 answered`},
		{"a link that is suspended", `
			x propose y #1 1
			x push y
			y suspend x
			y agree #1 !not-allowed
			y push x
			x propose y #2 2
			y resume x
			y agree #1
			y push x
			x: rules y 1
			x push y
			y agree #2
			y push x
			x: rules y 2`},
		{"all days are holidays", `
			x propose y #1 1 closed reply+9999wd
			x push y
			y agree #1
			y push x
			x -> y mitigate #2
			x push y
			y: #2 received`},
		{"the directory", `
			x: house y none
			y directory
			y push x
			x: house y active
			y directory
			y push x
			+366d
			x: house y active overdue
			y directory
			y push x
			x: house y active`},
	} {
		t.Run(c.name, func(t *testing.T) { ruled(t, Play(New(t), c.lines)) })
	}
}

// ruled ends a history: nothing is wrong with any database, and folding everything anew gives the same bytes.
func ruled(t *testing.T, h *History) {
	t.Helper()
	for _, letter := range []string{"x", "y"} {
		r, err := h.Party(letter).Node.Rebuild(t.Context(), false, nil)
		if err != nil || len(r.Different) != 0 {
			t.Errorf("rebuild at %s: %v, %v", letter, r.Different, err)
		}
	}
	h.Play("fsck")
}

// The clocks of the two sides are a day apart: both see the same rules at the same times of each clock, and none holds before it was proposed.
func TestRulesWithClocksADayApart(t *testing.T) {
	for _, ahead := range []time.Duration{-24 * time.Hour, 24 * time.Hour} {
		h := Play(New(t), "x propose y #1 1 quota+1\nx push y")
		x, y := h.Party("x"), h.Party("y")
		proposed := x.Now()
		y.SetClock(ahead)
		h.Play("y agree #1\ny push x")
		for _, after := range []time.Duration{-48 * time.Hour, -time.Hour, 0, 12 * time.Hour, 23 * time.Hour, 25 * time.Hour, 100 * time.Hour} {
			at := proposed.Add(after)
			want := !at.Before(proposed) && (ahead < 0 || !at.Before(proposed.Add(ahead)))
			for _, p := range []*Party{x, y} {
				page, err := p.Node.Arrangement(t.Context(), node.ArrangementQuery{Party: map[*Party]*Party{x: y, y: x}[p].Name, At: at})
				if err != nil || (page.Shown != nil) != want {
					t.Errorf("clock of the one who agreed %s ahead, %s after the proposal: in force at %s: %t, %v", ahead, after, p.Name, page.Shown != nil, err)
				}
			}
		}
	}
}

// A draft without deadlines gets those of the arrangement, and both sides hold the appeal to them.
func TestDeadlinesOfTheArrangement(t *testing.T) {
	h := Play(New(t), "x propose y #1 1 ack+2h reply+2wd\nx push y\ny agree #1\ny push x") // Friday 14:00
	x, y := h.Party("x"), h.Party("y")
	bare := draft("mitigate")
	p, err := x.Node.Prepare(t.Context(), y.Name, bare, "")
	h.must(err)
	ack, reply := h.Now().Add(2*time.Hour), time.Date(2021, 7, 14, 0, 0, 0, 0, time.UTC)
	if p.Terms != 1 || !p.Draft.Time("acknowledge_by").Equal(ack) || !p.Draft.Time("reply_by").Equal(reply) {
		t.Errorf("version %d: %s and %s", p.Terms, p.Draft.Text("acknowledge_by"), p.Draft.Text("reply_by"))
	}
	filed, err := x.Node.File(t.Context(), y.Name, p.Draft, "once")
	h.must(err)
	h.Later(3 * 24 * time.Hour) // the same once more, on another day: its deadlines are others by themselves
	again, err := x.Node.CompleteFor(t.Context(), y.Name, bare, "")
	h.must(err)
	if f, err := x.Node.File(t.Context(), y.Name, again, "once"); err != nil || !f.Again {
		t.Errorf("%+v, %v", f, err)
	}
	other := again.Clone()
	other.SetTime("reply_by", reply.Add(100*time.Hour))
	if _, err := x.Node.File(t.Context(), y.Name, other, "once"); node.AsError(err).Kind != node.Conflict {
		t.Errorf("another deadline under the same key: %v", err)
	}
	x.Push(y)
	d, err := y.Node.Case(t.Context(), filed.Ref.Outbox, filed.Ref.Index)
	h.must(err)
	// received on Monday at 14:00: two hours, and the end of the second working day after it
	if v := d.View; v.Terms != 1 || !v.AcknowledgeBy.Equal(h.Now().Add(2*time.Hour)) || !v.ReplyBy.Equal(time.Date(2021, 7, 15, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("version %d, %s and %s", v.Terms, v.AcknowledgeBy, v.ReplyBy)
	}
	soon := draft("mitigate")
	soon.SetTime("reply_by", h.Now().Add(time.Hour))
	if p, err = x.Node.Prepare(t.Context(), y.Name, soon, ""); err != nil || !p.Draft.Time("acknowledge_by").Equal(h.Now().Add(time.Hour)) {
		t.Errorf("a reply within the hour: acknowledge by %s, %v", p.Draft.Text("acknowledge_by"), err)
	}
	late := draft("mitigate")
	late.SetTime("reply_by", h.Now().Add(-time.Hour))
	if _, err = x.Node.Prepare(t.Context(), y.Name, late, ""); node.AsError(err).Kind != node.NotAllowed {
		t.Errorf("a deadline that is over: %v", err)
	}
}

// Of many that file at once, no more pass than the quota of the day has left, and those that pass are not marked by the other side.
func TestQuotaOfMany(t *testing.T) {
	h := Play(New(t), "x propose y #1 1 quota+20\nx push y\ny agree #1\ny push x")
	x, y := h.Party("x"), h.Party("y")
	results := make(chan error, 64)
	for range cap(results) {
		go func() {
			_, err := x.Node.File(t.Context(), y.Name, x.Draft("mitigate"), "")
			results <- err
		}()
	}
	passed := 0
	for range cap(results) {
		switch err := <-results; {
		case err == nil:
			passed++
		case node.AsError(err).Kind != node.NotAllowed:
			t.Error(err)
		}
	}
	if passed != 20 {
		t.Errorf("%d passed", passed)
	}
	x.Push(y)
	page, err := y.Node.Arrangement(t.Context(), node.ArrangementQuery{Party: x.Name})
	if err != nil || len(page.Used) != 1 || page.Used[0].Received != 20 || page.Used[0].Sent != 0 || page.Used[0].Beyond != 0 {
		t.Errorf("%+v, %v", page.Used, err)
	}
	for _, l := range y.Cases(x) {
		if len(l.View.Remarks) > 0 {
			t.Errorf("%d: %v", l.View.Case.Open.Index, l.View.Remarks)
		}
	}
}

// An entry goes to everybody, also to who is linked later, and to a party that has one of its own until the next one for all.
func TestDirectoryReachesEverybody(t *testing.T) {
	h := Play(New(t), "x directory")
	x := h.Party("x")
	y := h.Party("y") // is linked now
	x.Node.Settle()
	h.Play("x push y\ny: house x active")
	before := x.Cases(y)
	h.Later(time.Hour)
	if p, err := x.Node.PublishDirectory(t.Context(), entryOf(t, x, y)); err != nil || len(p) != 1 || !p[0].Again {
		t.Errorf("the same once more: %+v, %v", p, err)
	}
	if n := len(x.Cases(y)); n != len(before) {
		t.Errorf("%d cases, before it was published once more %d", n, len(before))
	}
	own := entryOf(t, x, y)
	own.SetText("nominated_by", "Ministry, note 13")
	if _, err := x.Node.PublishDirectory(t.Context(), own, y.Name); err != nil {
		t.Fatal(err)
	}
	z := h.Party("z")
	x.Stop()
	x.Restart()
	if p, err := x.Node.PublishDirectory(t.Context(), entryOf(t, x, z)); err != nil || len(p) != 2 || p[0].Problem+p[1].Problem != "" {
		t.Fatalf("%+v, %v", p, err)
	}
	h.Play("x push y\nx push z\ny: house x active\nz: house x active")
	if by := entryOf(t, x, y).Text("nominated_by"); by != "Ministry, note 12" {
		t.Errorf("y has the entry of %s after a newer one for all", by)
	}
	h.Play("fsck")
}

// entryOf is x's entry in force on its link with y.
func entryOf(t *testing.T, x, y *Party) record.Fields {
	t.Helper()
	own, err := x.Node.OwnDirectory(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range own.Links {
		if l.Party == y.Name && l.Ref != nil {
			d, err := x.Node.Case(t.Context(), l.Ref.Outbox, l.Ref.Index)
			if err != nil {
				t.Fatal(err)
			}
			f := d.Records[0].Fields.Clone()
			delete(f, "drafted_at")
			delete(f, "released_at")
			return f
		}
	}
	t.Fatalf("%s has no entry of %s", y.Name, x.Name)
	return nil
}

// While we have suspended a link, an entry waits for the resume, also over a new start.
func TestDirectoryWaitsForTheResume(t *testing.T) {
	h := Play(New(t), "x suspend y")
	x, y := h.Party("x"), h.Party("y")
	p, err := x.Node.PublishDirectory(t.Context(), x.Entry())
	if err != nil || len(p) != 1 || p[0].Problem == "" {
		t.Fatalf("%+v, %v", p, err)
	}
	if own, err := x.Node.OwnDirectory(t.Context()); err != nil || !own.Links[0].Waiting {
		t.Errorf("%+v, %v", own, err)
	}
	x.Stop() // what waits is not forgotten
	x.Restart()
	h.Play("x resume y\nx push y\ny: house x active\nfsck")
	if own, err := x.Node.OwnDirectory(t.Context()); err != nil || own.Links[0].Waiting || own.Links[0].ReceivedAt.IsZero() {
		t.Errorf("%+v, %v", own, err)
	}
	bad := x.Entry()
	bad.SetTime("effective_at", x.Now().AddDate(0, 0, -31))
	if _, err := x.Node.PublishDirectory(t.Context(), bad, y.Name); node.AsError(err).Kind != node.NotAllowed {
		t.Errorf("a late entry of our own: %v", err)
	}
}

// Who receives a kind of appeal, and what is said to who sends one of another.
func TestCompetent(t *testing.T) {
	h := Play(New(t), "x push y\nx: house y none")
	x, y := h.Party("x"), h.Party("y")
	if got, err := x.Node.Competent(t.Context(), y.Name, "mitigate"); err != nil || got.Status != node.NoEntry || len(got.Receivers) != 0 {
		t.Errorf("without an entry: %+v, %v", got, err)
	}
	h.Play("y directory x\ny push x") // Friday 14:00
	for _, c := range []struct {
		kind, who, now string
		hints          int
	}{{"mitigate", "CSIRT", node.There, 0}, {"preserve", "Court", node.There, 0}, {"suppress", "", "", 1}} {
		got, err := x.Node.Competent(t.Context(), y.Name, c.kind)
		who, now := "", ""
		for _, r := range got.Receivers {
			who, now = r.Name, r.Contacts[0].Now
		}
		if err != nil || who != c.who || now != c.now || len(got.Hints) != c.hints {
			t.Errorf("%s: %q, %q, %q, %v", c.kind, who, now, got.Hints, err)
		}
	}
	h.Later(4 * time.Hour)
	if got, err := x.Node.Competent(t.Context(), y.Name, "preserve"); err != nil || got.Receivers[0].Contacts[0].Now != node.Away || len(got.Hints) != 1 {
		t.Errorf("after hours: %+v, %v", got, err)
	}
	p, err := x.Node.Prepare(t.Context(), y.Name, x.Draft("clarify"), "")
	if err != nil || len(p.Hints) != 1 {
		t.Errorf("%q, %v", p.Hints, err)
	}
	if _, err := x.Node.Competent(t.Context(), y.Name, "takedown"); node.AsError(err).Kind != node.Invalid {
		t.Error(err)
	}
}

// What rebuild folds of entries of both sides is what grew.
func TestDirectoryIsRebuilt(t *testing.T) {
	h := Play(New(t), "x directory\nx directory y\ny directory\nx push y\ny push x")
	h.Later(24 * time.Hour)
	h.Play("x directory\nx push y\nx: house y active\ny: house x active")
	ruled(t, h)
}

// fileUnasked writes a record into the outbox to a party that its node would not write, as a node of another maker might.
func fileUnasked(t *testing.T, p, to *Party, f record.Fields) record.Ref {
	t.Helper()
	return p.Smuggle(to, node.Complete(f, p.Now(), "a node of another maker"))
}

// What another maker's node sends against the rules is receipted, kept and marked. We agree to no such proposal; such an entry is in force.
func TestRulesOfAnotherMaker(t *testing.T) {
	h := Play(New(t), "x propose y #1 3\nx push y\ny agree #1\ny push x")
	x, y := h.Party("x"), h.Party("y")
	over := x.Proposal(y, 4)
	over.SetTime("in_force_from", x.Now().AddDate(0, 0, -9))
	over.SetTime("until", x.Now().Add(-time.Hour))
	for name, f := range map[string]record.Fields{"a party of no link": x.Proposal(y, 4, "stranger"), "a version that is not higher": x.Proposal(y, 3), "it is over": over} {
		ref := fileUnasked(t, x, y, f)
		x.Push(y)
		page, err := y.Node.Arrangement(t.Context(), node.ArrangementQuery{Party: x.Name, Outbox: ref.Outbox, Index: ref.Index})
		if err != nil || page.Shown.Status != docket.Received || len(page.Shown.Marks) != 1 {
			t.Errorf("%s: %+v, %v", name, page.Shown, err)
		}
		if _, err := y.TryReply(x, ref, docket.ActAgree, nil); node.AsError(err).Kind != node.NotAllowed {
			t.Errorf("%s: agreed to: %v", name, err)
		}
	}
	late := x.Entry()
	late.SetTime("effective_at", x.Now().AddDate(0, 0, -50))
	fileUnasked(t, x, y, late)
	x.Push(y)
	h.Play("y: house x active late\ny: rules x 3\nx: rules y 3")
	broken := x.Entry()
	broken["competences"] = jsontext.Value(`[{"authority":"Nobody","direction":"both","kind":"mitigate"}]`)
	fileUnasked(t, x, y, broken)
	x.Push(y)
	h.Play("y: house x active broken")
	f := x.Draft("indicators") // a kind that the arrangement does not have
	ref := fileUnasked(t, x, y, f)
	x.Push(y)
	d, err := y.Node.Case(t.Context(), ref.Outbox, ref.Index)
	if err != nil || len(d.View.Remarks) != 1 || d.View.Turn != y.Name {
		t.Errorf("%+v, %v", d.View, err)
	}
	ruled(t, h)
}

// BenchmarkFiledUnderRules is what an arrangement with a quota costs who files, 64 at once: five versions were agreed to, and a thousand appeals of
// the day stand already.
func BenchmarkFiledUnderRules(b *testing.B) {
	for _, versions := range []int64{0, 5} {
		b.Run(fmt.Sprintf("versions=%d", versions), func(b *testing.B) {
			x, y := benchPair(b)
			for v := int64(1); v <= versions; v++ {
				filed, err := x.Node.Propose(b.Context(), y.Name, x.Proposal(y, v, "quota+1000000"), "")
				if err != nil {
					b.Fatal(err)
				}
				x.Push(y)
				y.Reply(x, filed.Ref, docket.ActAgree, nil)
				y.Push(x)
			}
			for range 1000 {
				x.Appeal(y, "mitigate")
			}
			b.SetParallelism(32) // of two processors
			b.ResetTimer()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if _, err := x.Node.File(b.Context(), y.Name, x.Draft("mitigate"), ""); err != nil {
						b.Error(err)
					}
				}
			})
		})
	}
}
