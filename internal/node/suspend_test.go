package node

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"verbale/internal/exchange"
	"verbale/internal/store"
	"verbale/record"
	"verbale/seal"
	"verbale/verdict"
)

// couple is two nodes that reach each other's desk directly, and counts what each asks of the other.
type couple struct {
	t      *testing.T
	clock  atomic.Int64 // Unix seconds; both nodes answer some things by themselves, at any moment
	x, y   *Node
	pushes int
	pulls  int
}

func newCouple(t *testing.T) *couple {
	c := &couple{t: t}
	c.clock.Store(time.Date(2021, 7, 9, 14, 0, 0, 0, time.UTC).Unix())
	nodes := map[string]*Node{}
	src := steady()
	for _, party := range []string{"aurelia.example", "borea.example"} {
		keys, err := seal.NewKeyring(party, src)
		c.must(err)
		s, err := store.OpenMemory(t.Context())
		c.must(err)
		cfg := Config{Store: s, Keys: keys, Now: c.now,
			Dial: func(to verdict.Profile) (exchange.Peer, error) {
				_, desk, ok := nodes[to.Party].Desk([32]byte(keys.Keys().TLS))
				if !ok {
					t.Errorf("%s does not know %s", to.Party, party)
				}
				return counted{desk, c}, nil
			}}
		_, err = Found(t.Context(), cfg, Identity{Title: party, PartyKind: "csirt", Endpoint: "https://" + party + ":1", Language: "en"})
		c.must(err)
		n, err := Open(t.Context(), cfg)
		c.must(err)
		nodes[party] = n
		t.Cleanup(func() { n.Close(); _ = s.Close() })
	}
	c.x, c.y = nodes["aurelia.example"], nodes["borea.example"]
	for _, pair := range [][2]*Node{{c.x, c.y}, {c.y, c.x}} {
		p, err := pair[1].Profile(t.Context())
		c.must(err)
		_, err = pair[0].AddLink(t.Context(), p.File)
		c.must(err)
		c.must(pair[0].ConfirmLink(t.Context(), p.Party, p.Words))
	}
	return c
}

func (c *couple) now() time.Time { return time.Unix(c.clock.Load(), 0).UTC() }

func (c *couple) must(err error) {
	c.t.Helper()
	if err != nil {
		c.t.Fatal(err)
	}
}

// counted counts the calls to a desk.
type counted struct {
	exchange.Peer
	c *couple
}

func (k counted) Push(ctx context.Context, b *exchange.Batch) ([]byte, error) {
	k.c.pushes++
	return k.Peer.Push(ctx, b)
}

func (k counted) Pull(ctx context.Context, origin string, start int64) (*exchange.Batch, error) {
	if !strings.Contains(origin, "/to/public/") { // the registers go on
		k.c.pulls++
	}
	return k.Peer.Pull(ctx, origin, start)
}

// file has x file something to y.
func (c *couple) file() {
	c.t.Helper()
	f := record.Fields{}
	f.SetText("act", "ping")
	f.SetText("class", "test")
	f.SetText("nonce", "b7Jm4Q")
	_, err := c.x.File(c.t.Context(), c.y.party, c.x.Complete(f, ""), "")
	c.must(err)
}

// rounds has a node make a round now and then every five minutes, for so long.
func (c *couple) rounds(n *Node, d time.Duration) {
	c.t.Helper()
	pullAt := c.now().Add(pullEvery)
	l := n.sortedLinks()[0]
	for end := c.now().Add(d); !c.now().After(end); c.clock.Add(int64(5 * time.Minute / time.Second)) {
		c.must(n.round(c.t.Context(), l, &pullAt))
	}
}

// A day of a suspended link: no fault, no noise, and the resume is noticed although no push of it ever arrives.
func TestSuspendedLinkIsQuiet(t *testing.T) {
	c := newCouple(t)
	c.file()
	reason := record.Fields{}
	reason.SetText("reason", "published")
	_, err := c.y.Suspend(t.Context(), c.x.party, reason, "")
	c.must(err)

	c.rounds(c.x, 0) // refused once, and the notice is fetched in the same round
	if c.pushes != 1 || c.pulls != 2 {
		t.Errorf("%d pushes and %d pulls in the first round, want 1 and 2 (the notice, and nothing more)", c.pushes, c.pulls)
	}
	s := status(t, c.x)
	if s.SuspendedBy == nil || s.Held != "" || s.Receipted != 0 || s.Sent != 1 {
		t.Errorf("%+v", s)
	}
	c.file()
	c.pushes, c.pulls = 0, 0
	c.rounds(c.x, 24*time.Hour)
	if c.pushes != 0 || c.pulls > 25 {
		t.Errorf("%d pushes and %d pulls in a day, want none and one an hour", c.pushes, c.pulls)
	}
	c.rounds(c.y, 24*time.Hour) // whose notice is receipted: there is nothing to send, and it asks for nothing
	if c.pushes != 0 || c.pulls > 25 {
		t.Errorf("the side that suspended pushed %d times, and pulled", c.pushes)
	}

	_, err = c.y.Resume(t.Context(), c.x.party, record.Fields{}, "")
	c.must(err)
	c.rounds(c.x, 2*suspendedEvery)
	if s := status(t, c.x); s.SuspendedBy != nil || s.Receipted != 2 {
		t.Errorf("after the resume: %+v", s)
	}
}

// A peer that refuses and shows no notice is asked rarely, too. An operator can have it asked at once.
func TestRefusedWithoutNoticeIsQuiet(t *testing.T) {
	c := newCouple(t)
	reason := record.Fields{}
	reason.SetText("reason", "published")
	for _, pair := range [][2]*Node{{c.y, c.x}, {c.x, c.y}} { // both: neither asks for the other's notice
		_, err := pair[0].Suspend(t.Context(), pair[1].party, reason, "")
		c.must(err)
	}
	c.rounds(c.x, 24*time.Hour)
	if c.pushes > 25 || c.pulls != 0 {
		t.Errorf("%d pushes and %d pulls in a day, want one an hour and none", c.pushes, c.pulls)
	}
	if s := status(t, c.x); s.Held != "" || s.Suspended == nil {
		t.Errorf("%+v", s)
	}
	before := c.pushes
	c.must(c.x.Retry(c.y.party))
	c.rounds(c.x, 0)
	if c.pushes != before+1 {
		t.Errorf("%d pushes after a retry", c.pushes-before)
	}
}

func status(t *testing.T, n *Node) LinkStatus {
	t.Helper()
	links, err := n.Links(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return links[0]
}
