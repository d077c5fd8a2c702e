package testbed

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"verbale/internal/docket"
	"verbale/internal/node"
	"verbale/record"
)

// The scenarios of acts in full. Each ends with the same docket on both sides, which is what a rebuild gives, and with fsck.
func TestMoves(t *testing.T) {
	for name, lines := range map[string]string{
		"inadmissible": `
			x -> y preserve #1
			x push y
			y ack #1
			y incomplete #1 necessity custodian
			y push x
			x: #1 incomplete
			+10d
			x: #1 incomplete
			x supplement #1
			x push y
			y: #1 supplemented
			+10h
			y refuse #1 no-legal-basis
			y push x
			x: #1 refused
			x close #1 partial
			x push y
			y: #1 closed-partial
			y: irregular 0`,
		"inadmissible, and never completed": `
			x -> y preserve #1
			x push y
			y ack #1
			y incomplete #1 necessity
			y push x
			+30d
			x remind
			y remind
			x: #1 incomplete
			y: #1 incomplete
			x withdraw #1
			x push y
			y: #1 withdrawn`,
		"postponed over weeks": `
			x -> y preserve #1
			x push y
			y ack #1
			y accept #1
			y postpone #1 20d
			y push x
			x: #1 postponed
			+19d
			x: #1 postponed
			y progress #1 waiting-for-others
			y push x
			x: #1 executing
			+2d
			x: #1 executing late
			y interim #1
			y answer #1
			y push x
			x close #1
			x push y
			y: #1 closed-satisfied`,
		"conditions": `
			x -> y technical-help #1
			x push y
			y ack #1
			y accept #1 conditions
			y push x
			x: #1 accepted-with-conditions
			+30d
			y: #1 accepted-with-conditions
			x decline #1
			x push y
			y: #1 conditions-declined
			y accept #1 conditions
			y push x
			x agree #1
			x push y
			y: #1 conditions-agreed
			y answer #1
			y push x
			x: #1 answered`,
		"dispute": `
			x -> y mitigate #1
			x push y
			y answer #1
			y push x
			+1h
			x dispute #1
			x: #1 disputed
			x push y
			y: #1 disputed
			y remind
			+2d
			y: #1 disputed late
			y answer #1
			y push x
			x: #1 answered
			x close #1
			x push y
			y: #1 closed-satisfied`,
		"redirected to another party, and made anew": `
			x -> y mitigate #1
			x push y
			z -> x clarify #9
			y redirect #1 z
			y push x
			x: #1 redirected
			x close #1
			x push y
			x -> z mitigate #2
			x push z
			z answer #2
			z push x
			x: #2 answered`,
		"corrected, escalated, superseded": `
			x -> y mitigate #1
			x push y
			x correct #1
			x escalate #1 operational
			x escalate #1 political
			x push y
			y: #1 received
			x -> y mitigate #2
			x supersede #1 #2
			x push y
			y: #1 superseded
			y answer #1 !not-allowed
			y answer #2
			y push x
			x: #2 answered`,
		"an arrangement that is declined, and one that is withdrawn": `
			x arrange y #1
			x push y
			y decline #1
			y push x
			x: #1 declined
			x arrange y #2
			x push y
			x withdraw #2
			x push y
			y: #2 withdrawn
			y agree #2 !not-allowed`,
		"moves by the wrong side": `
			x -> y mitigate #1
			x push y
			x smuggle #1 acknowledge
			y smuggle #1 withdraw
			y smuggle #1 escalate
			x push y
			y push x
			x: #1 received
			y: #1 received
			x: irregular 1
			y: irregular 1`,
		"fields invented the second time": `
			x -> y preserve #1
			x push y
			y incomplete #1 necessity
			y push x
			x supplement #1
			x push y
			y incomplete #1 custodian !not-allowed
			y smuggle #1 incomplete custodian
			y push x
			x: #1 supplemented
			y: #1 supplemented
			x: irregular 1`,
		"a correction of what was withdrawn": `
			x -> y mitigate #1
			x push y
			x withdraw #1
			x correct #1 !not-allowed
			x smuggle #1 correct
			x smuggle #1 escalate
			x push y
			y: #1 withdrawn
			x: #1 withdrawn
			y: irregular 1`,
		"answers to nothing": `
			x -> y mitigate #1
			x push y
			x smuggle #1 close
			x smuggle #1 dispute
			x smuggle #1 supplement
			x smuggle #1 agree
			x push y
			y: #1 received
			y answer #1
			y smuggle #1 refuse
			y push x
			x: #1 answered
			y: #1 answered`,
		"a reply to a case of another link": `
			x -> z mitigate #1
			x push z
			x -> y mitigate #2
			x push y
			y stray #1 x
			y push x
			x: #1 received
			x: #2 received
			x: irregular 1
			y: irregular 1`,
	} {
		t.Run(name, func(t *testing.T) {
			h := Play(New(t), lines, Verb{Name: "stray", Args: "REF PARTY", Run: stray})
			settled(t, h)
		})
	}
}

// What is found incomplete after it was due has lapsed all the same, and is listed so, whosever turn it is.
func TestLapsedAndThenIncomplete(t *testing.T) {
	h := Play(june(t), `
		x -> y mitigate #1
		x push y
		y ack #1
		y push x
		+40h
		y incomplete #1 harm
		y push x
		x: #1 incomplete`)
	for _, side := range []string{"x", "y"} {
		for _, q := range []node.CaseQuery{{Lapsed: true}, {Lapsed: true, Turn: h.Party("x").Name}, {Lapsed: true, Turn: h.Party("y").Name}} {
			lines, err := h.Party(side).Node.Cases(t.Context(), q)
			if want := q.Turn != h.Party("y").Name; err != nil || (len(lines) == 1) != want {
				t.Errorf("%s: %+v: %d cases, %v", side, q, len(lines), err)
			}
		}
	}
}

// stray replies on the link with a party to a record that stands on another.
func stray(s Scene) error {
	f := record.Example(docket.ActAcknowledge, "", s.By.Now())
	f.SetRef("in_reply_to", s.Ref(0))
	s.By.Smuggle(s.Party(1), node.Complete(f, s.By.Now(), "duty officer"))
	return nil
}

// settled tells whether the dockets of all sides are equal and as a rebuild gives them.
func settled(t *testing.T, h *History) {
	t.Helper()
	x := h.Party("x")
	for letter, p := range h.parties {
		built, err := p.Node.Rebuild(t.Context(), false, nil)
		if err != nil || len(built.Different) > 0 {
			t.Errorf("%s: a rebuild differs: %+v, %v", letter, built, err)
		}
		if p != x {
			sameDockets(t, x, p)
		}
	}
	h.Play("fsck")
}

// A clock that is a day off: the appeal is marked, and answered like any other; nobody is late for it.
func TestClocksADayApart(t *testing.T) {
	for name, ahead := range map[string]time.Duration{"the sender's ahead": 24 * time.Hour, "the receiver's ahead": -24 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			h := Play(New(t), "")
			x, y := h.Party("x"), h.Party("y")
			if ahead > 0 {
				x.SetClock(ahead)
			} else {
				y.SetClock(-ahead)
			}
			h.Play(`
				x -> y mitigate #1
				x push y
				y: #1 received
				x: #1 received`)
			l := y.Cases(x)[0]
			if len(l.View.Remarks) != 1 || !strings.HasPrefix(l.View.Remarks[0], "A-16") || l.View.Late {
				t.Errorf("%+v", l.View)
			}
			h.Play(`
				y answer #1
				y push x
				x: #1 answered`)
			settled(t, h)
		})
	}
}

// Two nodes of another make write whatever comes to their mind: any act by any side, about anything. All of it is received and kept, no docket is
// corrupted, and both sides come to the same.
func TestAnythingGoesIsFoldedAlike(t *testing.T) {
	acts := append(docket.MovesBy(true), docket.MovesBy(false)...)
	for seed := range uint64(12) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 44))
			h := Play(New(t), "")
			parties := []*Party{h.Party("x"), h.Party("y")}
			h.Link(parties[0], parties[1])
			var all []record.Ref // in either outbox
			for range 40 {
				by := r.IntN(2)
				p, to := parties[by], parties[1-by]
				if len(all) < 2 || r.IntN(8) == 0 {
					all = append(all, p.Appeal(to, []string{"mitigate", "clarify", "indicators"}[r.IntN(3)]))
					continue
				}
				f := record.Example(acts[r.IntN(len(acts))], "", p.Now())
				f.SetRef("in_reply_to", all[r.IntN(min(len(all), 6))])
				delete(f, "about")
				if act := f.Text("act"); r.IntN(3) > 0 && act != docket.ActAcknowledge && act != docket.ActRedirect && act != docket.ActWithdraw && act != docket.ActCorrect &&
					act != docket.ActEscalate && act != docket.ActSupersede || f.Check() != nil {
					f.SetRef("about", all[r.IntN(len(all))])
				}
				all = append(all, p.Smuggle(to, node.Complete(f, p.Now(), "duty officer")))
				h.Later(time.Duration(r.IntN(4)) * time.Hour)
				if r.IntN(3) == 0 {
					p.Push(to)
				}
			}
			parties[0].Push(parties[1])
			parties[1].Push(parties[0])
			h.Later(100 * 24 * time.Hour)
			for _, p := range parties {
				if _, err := p.Node.Remind(t.Context()); err != nil {
					t.Fatal(err)
				}
				if _, err := p.Node.Overview(t.Context(), node.Sight{}, 50); err != nil {
					t.Fatal(err)
				}
			}
			settled(t, h)
		})
	}
}
