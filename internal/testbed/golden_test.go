package testbed

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"verbale/internal/exchange"
	"verbale/internal/node"
	"verbale/internal/store"
	"verbale/seal"
	"verbale/verdict"
)

// The golden scenarios of a channel in which nobody need be trusted, in the notation of [History]. Each ends in fsck and in what an outsider
// concludes, who believes two of three witnesses: how a record is proved (sent, lodged, received), and, where it holds, dated, backdated,
// revoked (it rests on a revoked key), forked, clock (some clock is contradicted). Beside the verbs that every history has:
//
//	x lodge y          x lodges with y's relay what y has not receipted
//	y collect          y polls its relays, and takes what is there
//	x date             x writes its heads into its register, and asks the witnesses; whoever is up follows it
//	witnesses-down     nobody dates anything; witnesses-up: they are there again
//	y mute             y refuses what x pushes, and takes nothing from its relay
//	x backdate y #2    x files an appeal that says to be ten days old
//	x backup           a copy of x's database is kept; x restore: it is put back
//	x twin y #2        a second node with x's backup and keys files and pushes to y
//	x recover y        x takes back from y what it has lost
//	x revoke           x gives up its keys by the recovery key; y hears of it, and compares the words
//	y ahead 1          y's clock is a day ahead
//	x: judge #1 …      what an outsider concludes of #1 from x's file
type golden struct {
	*History
	w      []*Witness
	relay  *Party
	backup map[*Party]*store.Store
	muted  *Party
}

func newGolden(t *testing.T) *golden {
	g := &golden{backup: map[*Party]*store.Store{}}
	b := New(t)
	for _, name := range []string{"sigma.witness.example", "tau.witness.example", "upsilon.witness.example"} {
		g.w = append(g.w, b.Witness(name))
	}
	x, y := b.PartyOnDisk("aurelia.example", store.Options{}), b.Party("borea.example")
	g.relay = b.Relay("corriere.example", exchange.Load{})
	x.WitnessedBy(2, g.w...)
	y.WitnessedBy(2, g.w...)
	b.Link(x, y)
	b.Link(y, g.relay)
	designate(t, y, g.relay)
	x.Follow(y)
	b.Faults = g.fault
	g.History = Play(b, "", g.verbs(t)...)
	g.Let("x", x)
	g.Let("y", y)
	g.Let("r", g.relay)
	return g
}

// fault stands before every peer: a mute party answers nothing to others, and takes nothing from its relay.
func (g *golden) fault(from, to string, p exchange.Peer) exchange.Peer {
	switch {
	case g.muted != nil && to == g.muted.Name:
		return liar{Peer: p, push: func(*exchange.Batch) ([]byte, error) {
			return nil, exchange.Refuse(exchange.BadLeaf, "X-3", nil, "entry 1 is not a record")
		}}
	case g.muted != nil && from == g.muted.Name && to == g.relay.Name:
		return liar{Peer: p, pull: func(string, int64) (*exchange.Batch, error) { return nil, errors.New("not now") }}
	}
	return p
}

func (g *golden) verbs(t *testing.T) []Verb {
	return []Verb{
		{Name: "lodge", Args: "PARTY", Run: func(s Scene) error {
			_, err := s.By.Node.Lodge(t.Context(), s.Party(0).Name)
			return err
		}},
		{Name: "collect", Run: func(s Scene) error {
			_, err := s.By.Node.Collect(t.Context())
			s.settle()
			return err
		}},
		{Name: "date", Run: g.date},
		{Name: "witnesses-down", Alone: true, Run: g.witnesses((*Witness).Stop)},
		{Name: "witnesses-up", Alone: true, Run: g.witnesses((*Witness).Restart)},
		{Name: "mute", Run: func(s Scene) error { g.muted = s.By; return nil }},
		{Name: "backdate", Args: "PARTY NEW", Run: backdate},
		{Name: "backup", Run: func(s Scene) error { g.backup[s.By] = backupOf(t, s.By); return nil }},
		{Name: "restore", Run: func(s Scene) error { s.By.Restore(g.backup[s.By]); return nil }},
		{Name: "twin", Args: "PARTY NEW", Run: func(s Scene) error {
			twin := thief(t, s.By)
			filed, err := twin.Node.File(t.Context(), s.Party(0).Name, twin.Draft("clarify"), "")
			s.call(1, filed.Ref)
			if err != nil {
				return err
			}
			_, err = twin.Node.Push(t.Context(), s.Party(0).Name, nil)
			return err
		}},
		{Name: "recover", Args: "PARTY", Run: func(s Scene) error {
			_, err := s.By.Node.Recover(t.Context(), s.Party(0).Name, nil)
			return err
		}},
		{Name: "revoke", Run: g.revoke},
		{Name: "ahead", Args: "WORD", Run: func(s Scene) error { s.By.SetClock(span("+" + s.Args[0] + "d")); return nil }},
		{Name: "judge:", Args: "REF WORD…", Run: g.judge},
	}
}

// date dates a party's register; whoever is up fetches it.
func (g *golden) date(s Scene) error {
	if _, err := s.By.Node.Snapshot(s.t.Context()); err != nil {
		return err
	}
	if err := s.By.Node.Witness(s.t.Context()); err != nil {
		return err
	}
	for letter, p := range g.parties {
		if p != s.By && letter != "r" {
			_, _ = p.Node.Follow(s.t.Context(), s.By.Name) // one that is down or cut off has no date; the verdict will say so
		}
	}
	return nil
}

func (g *golden) witnesses(do func(*Witness)) func(Scene) error {
	return func(Scene) error {
		for _, w := range g.w {
			do(w)
		}
		return nil
	}
}

func backdate(s Scene) error {
	f := s.By.Draft("clarify") // its deadlines are to come: with others it would be refused
	for _, name := range []string{"drafted_at", "released_at"} {
		f.SetTime(name, s.Now().Add(-10*24*time.Hour))
	}
	filed, err := s.By.Node.File(s.t.Context(), s.Party(0).Name, f, "")
	s.call(1, filed.Ref)
	return err
}

// revoke gives up a party's keys, and has its peer compare the new words.
func (g *golden) revoke(s Scene) error {
	if err := s.By.Recover(seal.Compromise); err != nil {
		return err
	}
	for _, w := range g.w {
		w.Trust(s.By)
	}
	for letter, p := range g.parties {
		if p == s.By || letter == "r" {
			continue
		}
		if _, err := p.Node.AddLink(context.Background(), s.By.File()); err != nil {
			return err
		}
		if err := p.Node.ConfirmLink(context.Background(), s.By.Name, s.By.Profile.Words); err != nil {
			return err
		}
	}
	return nil
}

// judge has an outsider judge the file of a party about a record.
func (g *golden) judge(s Scene) error {
	ref := s.Ref(0)
	raw, err := s.By.Node.Prove(context.Background(), node.ProveRequest{Outbox: ref.Outbox, Index: ref.Index, Disclose: node.DefaultDisclosure()})
	if err != nil {
		return err
	}
	b, err := verdict.Parse(raw)
	if err != nil {
		return err
	}
	v, err := verdict.Judge(b, &verdict.Trust{Policy: g.parties["x"].Policy})
	if err != nil {
		return err
	}
	return differs(strings.Join(s.Args[1:], " "), strings.Join(concluded(v, ref.Outbox, ref.Index), " "))
}

// concluded is what a verdict says of a record, in words of the notation.
func concluded(v *verdict.Verdict, outbox string, index int64) (words []string) {
	for _, r := range v.Records {
		if r.Outbox != outbox || r.Index != index {
			continue
		}
		words = append(words, string(r.State))
		for word, holds := range map[string]bool{
			"dated": r.NotAfter != nil && r.NotAfter.Vouched && !r.Backdated, "backdated": r.Backdated,
			"revoked": r.OldKeys != nil && r.OldKeys.Standing == verdict.Revoked, "forked": r.InForkedOutbox,
		} {
			if holds {
				words = append(words, word)
			}
		}
	}
	if len(v.Clocks) > 0 {
		words = append(words, "clock")
	}
	return words
}

func TestGolden(t *testing.T) {
	for name, lines := range map[string]string{
		"lost in delivery": `
			x -> y mitigate #1
			x push y
			x date
			y down
			+3d
			x -> y mitigate #2
			x push y !offline
			x date
			x: judge #2 sent dated
			+25d
			y up
			y: judge #1 received dated
			fsck`,
		"silent receiver": `
			x -> y mitigate #1
			y mute
			x push y !bad-leaf
			+1h
			x lodge y
			x: #1 lodged
			+1h
			y collect !offline
			x lodge y
			x date
			x: judge #1 lodged dated
			fsck`,
		"receiver back after thirty days": `
			y down
			x -> y mitigate #1
			x push y !offline
			x lodge y
			x date
			x: judge #1 lodged dated
			+30d
			y up
			y collect
			x lodge y
			x: #1 received
			y date
			+1d
			x: #1 received late
			x: judge #1 received dated
			y: judge #1 received dated
			fsck`,
		"equivocating sender": `
			x -> y mitigate #1
			x push y
			x twin y #9
			x -> y mitigate #2
			x push y !stopped
			y: judge #1 received
			fsck`,
		"backdated appeal": `
			x -> y mitigate #1
			x push y
			x date
			+20d
			x date
			+9d
			x backdate y #2
			x push y
			x date
			y: judge #1 received dated
			y: judge #2 received backdated
			fsck`,
		"old backup restored": `
			x -> y mitigate #1
			x push y
			x backup
			x -> y mitigate #2
			x push y
			+1d
			x restore
			x -> y mitigate #3 !stopped
			x recover y
			x -> y mitigate #4
			x push y
			x date
			x: judge #2 received dated
			fsck`,
		"witnesses down for a day": `
			witnesses-down
			x -> y mitigate #1
			x push y
			y ack #1
			y push x
			x: #1 acknowledged
			x: judge #1 received
			+1d
			witnesses-up
			x date
			x: judge #1 received dated
			fsck`,
		"revoked key": `
			x -> y mitigate #1
			x push y
			x date
			y date
			+1d
			x revoke
			x -> y mitigate #2
			x push y
			x date
			y date
			x: judge #1 received dated
			x: judge #2 received dated
			fsck`,
		"clock wrong by a day": `
			y ahead 1
			x -> y mitigate #1
			x push y
			+1m
			x date
			y date
			x: judge #1 received dated clock
			fsck`,
	} {
		t.Run(name, func(t *testing.T) { newGolden(t).Play(lines) })
	}
}
