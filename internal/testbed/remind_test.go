package testbed

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"verbale/internal/docket"
	"verbale/internal/node"
	"verbale/record"
)

// staff collects what a node tells its staff: "stage record", in their order.
type staff struct {
	mu    sync.Mutex
	lines []string
	heard chan struct{} // told of every line, where somebody waits
}

// Handle, Enabled, WithAttrs and WithGroup make it a slog.Handler.
func (l *staff) Enabled(context.Context, slog.Level) bool { return true }
func (l *staff) WithAttrs([]slog.Attr) slog.Handler       { return l }
func (l *staff) WithGroup(string) slog.Handler            { return l }
func (l *staff) Handle(_ context.Context, r slog.Record) error {
	stage, about, level := "", "", ""
	r.Attrs(func(a slog.Attr) bool {
		switch a.Key {
		case "stage":
			stage = a.Value.String()
		case "record":
			about = a.Value.String()
		case "level":
			level = " " + a.Value.String()
		}
		return true
	})
	if stage != "" {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.lines = append(l.lines, stage+level+" "+about[strings.LastIndex(about, "/")+1:])
		select {
		case l.heard <- struct{}{}:
		default:
		}
	}
	return nil
}

// take gives what was told since it was asked last.
func (l *staff) take() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	all := strings.Join(l.lines, ", ")
	l.lines = nil
	return all
}

// mortal is a context that ends when it was asked so many times whether it has: a store asks before every statement and before the commit.
type mortal struct {
	context.Context
	left int
}

func (m *mortal) Err() error {
	if m.left--; m.left < 0 {
		return context.Canceled
	}
	return nil
}

// reminded is a world with an arrangement in force, and what is told at each side.
func reminded(t *testing.T) (h *History, toldX, toldY *staff) {
	b := New(t)
	toldX, toldY = &staff{}, &staff{}
	h = Play(b, "")
	for letter, to := range map[string]*staff{"x": toldX, "y": toldY} {
		b.Log = slog.New(to)
		h.Let(letter, b.Party(partyName(letter)))
	}
	b.Link(h.Party("x"), h.Party("y"))
	h.Play(`
		x arrange y #90
		x push y
		y agree #90
		y push x
		+1m`)
	return h, toldX, toldY
}

// A story of weeks: each stage is told once, when it is reached and not before, at both sides; what nobody waits for is not told.
func TestReminders(t *testing.T) {
	h, toldX, toldY := reminded(t)
	for _, c := range []struct{ lines, x, y string }{
		{"x -> y mitigate #1\nx push y\nx remind\ny remind", "", ""},
		{"+59m\nx remind\ny remind", "", ""},
		{"+1m\nx remind\ny remind\nx remind\ny: stage #1 soon", "soon 1#1", "soon 1#1"}, // 3 hours before the acknowledgement is due
		{"+3h\ny remind\ny: stage #1 due\nx: stage #1 soon", "", "due 1#1"},
		{"x remind\ny ack #1\ny push x\ny: stage #1 none\ny remind\nx remind", "due 1#1", ""},
		{"y accept #1\ny postpone #1 20d\ny push x\n+10d\nx remind\ny remind", "", ""}, // the reply is due in 20 days
		{"+10d\nx remind\ny remind\ny: #1 postponed", "due 1#1", "due 1#1"},
	} {
		h.Play(c.lines)
		if x, y := toldX.take(), toldY.take(); x != c.x || y != c.y {
			t.Fatalf("after %q: x is told %q, want %q; y %q, want %q", c.lines, x, c.x, y, c.y)
		}
	}
}

// An arrangement names whom to tell when nobody acts; nothing is lifted by itself. Lifted by its author, it is told of no further step that is past.
func TestEscalationIsToldAndNotSigned(t *testing.T) {
	h, toldX, toldY := reminded(t)
	h.Play(`
		x -> y mitigate #1
		x push y
		y ack #1
		y push x
		+3d
		x remind
		y remind
		x: #1 acknowledged late`)
	if x, y := toldX.take(), toldY.take(); x != "due 1#1, escalate operational 1#1" || y != x {
		t.Errorf("x is told %q, y %q", x, y)
	}
	h.Play(`
		x escalate #1 operational
		x push y
		x remind
		y remind
		x: stage #1 escalate`)
	if x, y := toldX.take(), toldY.take(); x+y != "" {
		t.Errorf("after the escalation x is told %q, y %q", x, y)
	}
	h.Play(`
		+2d
		x remind
		y answer #1
		y push x
		x remind
		x: stage #1 none`)
	if x := toldX.take(); x != "escalate political 1#1" {
		t.Errorf("x is told %q", x)
	}
	sameDockets(t, h.Party("x"), h.Party("y"))
}

// A node that runs looks by itself: at its start for what was due before it, and then again at every moment that it knows of.
func TestRunReminds(t *testing.T) {
	h, toldX, _ := reminded(t)
	h.Play(`
		x -> y mitigate #1
		x push y
		+2h`)
	toldX.heard = make(chan struct{}, 1)
	ctx, cancel := context.WithCancel(t.Context())
	ran := make(chan struct{})
	go func() { _ = h.Party("x").Node.Run(ctx); close(ran) }()
	select {
	case <-toldX.heard:
	case <-time.After(20 * time.Second):
	}
	cancel()
	<-ran
	if got := toldX.take(); got != "soon 1#1" {
		t.Errorf("x is told %q", got)
	}
}

// What expires is told once and waits for nobody: in the columns as in the view.
func TestExpiry(t *testing.T) {
	h, toldX, _ := reminded(t)
	x, y := h.Party("x"), h.Party("y")
	f := x.Draft("mitigate")
	f.SetTime("expires_at", x.Now().Add(60*time.Hour))
	filed, err := x.Node.File(t.Context(), y.Name, f, "")
	h.must(err)
	h.Play(`
		x push y
		+50h
		x remind
		+10h
		x remind
		x remind`)
	if got := toldX.take(); got != "due 1#1, escalate operational 1#1, expired 1#1" {
		t.Errorf("x is told %q", got)
	}
	for name, q := range map[string]node.CaseQuery{"expired": {Is: docket.Expired}, "all": {Kind: "mitigate"}} {
		lines, err := x.Node.Cases(t.Context(), q)
		if err != nil || len(lines) != 1 || lines[0].View.Case.Open.Index != filed.Ref.Index || lines[0].View.Turn != "" || lines[0].Stage != "" {
			t.Errorf("%s: %+v, %v", name, lines, err)
		}
	}
	if lines, err := x.Node.Cases(t.Context(), node.CaseQuery{ByDue: true}); err != nil || len(lines) != 0 {
		t.Errorf("%+v, %v", lines, err)
	}
	// An answer that comes all the same is folded as ever.
	y.Reply(x, filed.Ref, "answer", map[string]string{"finality": "final", "outcome": "done", "text": "Blocked."})
	y.Push(x)
	if got := status(t, x, y, filed.Ref); got != docket.Answered {
		t.Error(got)
	}
}

// A node is told of its rules after the appeal came: they hold for what is released from then on.
func TestArrangementThatComesLate(t *testing.T) {
	b := New(t)
	toldX := &staff{}
	b.Log = slog.New(toldX)
	h := Play(b, `
		x arrange y #90
		x push y
		y agree #90
		+1m
		x -> y clarify #1
		x push y`)
	toldX.take()
	h.Play(`
		+13h
		x remind`)
	if got := toldX.take(); got != "due 1#1" { // by the default clocks as by the arrangement: 12 hours
		t.Errorf("x is told %q", got)
	}
	h.Play(`
		+36h
		y push x
		x remind
		x: stage #1 due`)
	if got := toldX.take(); got != "" { // its rules, with their escalation, hold from now on
		t.Errorf("when the agreement is here, x is told %q", got)
	}
	h.Play(`
		+1s
		x -> y clarify #2
		x push y
		+49h
		x remind
		x: stage #2 escalate`)
	if got := toldX.take(); got != "due 1#2, escalate operational 1#2" {
		t.Errorf("of an appeal under the arrangement x is told %q", got)
	}
}

// The node is killed between any two steps, at any moment of a story of many cases, and begins again on what it had stored. Every stage of every case is
// told at least once, only what was cut off is told again, and in the end the rows say how far each is.
func TestRemindersMissNothingWhenKilled(t *testing.T) {
	h, toldX, _ := reminded(t)
	x, y := h.Party("x"), h.Party("y")
	refs := map[string]record.Ref{}
	for i := range 20 {
		f := x.Draft("mitigate")
		f.SetTime("acknowledge_by", x.Now().Add(time.Duration(5+i)*time.Hour))
		f.SetTime("reply_by", x.Now().Add(time.Duration(48+i)*time.Hour))
		filed, err := x.Node.File(t.Context(), y.Name, f, "")
		h.must(err)
		refs[fmt.Sprintf("1#%d", filed.Ref.Index)] = filed.Ref
	}
	x.Push(y)
	r := rand.New(rand.NewPCG(7, 9))
	count := map[string]int{}
	killed := 0
	for hour := 0; hour < 6*24; hour++ {
		h.Later(time.Hour)
		for {
			_, err := x.Node.Remind(&mortal{t.Context(), r.IntN(30)})
			if err == nil {
				break
			}
			if !errors.Is(err, context.Canceled) {
				t.Fatal(err)
			}
			killed++
			if killed%16 == 0 {
				x.Stop()
				x.Bed.Log = slog.New(toldX)
				x.Restart()
			}
		}
		for _, line := range strings.Split(toldX.take(), ", ") {
			count[line]++
		}
	}
	if killed < 50 {
		t.Fatalf("it was killed %d times only", killed)
	}
	for name := range refs {
		for _, stage := range []string{"soon ", "due ", "escalate operational ", "escalate political "} {
			if count[stage+name] == 0 {
				t.Errorf("%s%s was never told", stage, name)
			}
		}
	}
	for _, l := range x.Cases(y) {
		if l.View.Case.Open.Act == "appeal" && l.Stage != docket.StageEscalate {
			t.Errorf("entry %d is at %q", l.View.Case.Open.Index, l.Stage)
		}
	}
}
