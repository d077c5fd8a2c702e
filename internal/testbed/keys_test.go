package testbed

import (
	"context"
	"strings"
	"testing"
	"time"

	"verbale/internal/exchange"
	"verbale/internal/node"
	"verbale/internal/store"
	"verbale/record"
	"verbale/seal"
)

// With keys past their time a node writes nothing and receipts nothing, and says so beforehand.
func TestOwnExpiredKeysSignNothing(t *testing.T) {
	bed := New(t)
	x := bed.Party("aurelia.example")
	bed.Later(60 * 24 * time.Hour)
	y := bed.Party("borea.example") // its keys last longer
	bed.Link(x, y)
	if s := linkStatus(t, x); s.Warning != "" {
		t.Errorf("long before: %s", s.Warning)
	}
	bed.Later(node.KeysValidFor - 60*24*time.Hour - node.KeysWarnBefore + time.Hour)
	for _, c := range []struct {
		at   *Party
		want string
	}{{x, "this node"}, {y, x.Name}} {
		if s := linkStatus(t, c.at); !strings.Contains(s.Warning, c.want) {
			t.Errorf("at %s, a month before: %q", c.at.Name, s.Warning)
		}
	}
	bed.Later(node.KeysWarnBefore)
	if _, err := x.Node.File(t.Context(), y.Name, x.Draft("mitigate"), ""); kindOf(err) != node.Stopped || !strings.Contains(err.Error(), "valid until") {
		t.Errorf("filed with expired keys: %v", err)
	}
	y.Appeal(x, "mitigate")
	if _, err := y.Node.Push(t.Context(), x.Name, nil); exchange.KindOf(err) != exchange.Internal {
		t.Errorf("receipted with expired keys: %v", err)
	}
	if s := linkStatus(t, y); s.Held != "" || s.Receipted != 0 || len(x.Cases(y)) != 0 {
		t.Errorf("%+v", s)
	}
}

// A profile that holds another party's key is not linked: its owner would be taken for that party, or that party for it.
func TestProfileWithSomebodysKeyIsRefused(t *testing.T) {
	bed, x, y := two(t)
	thief := stolen(t, y, "cinder.example", "tls")
	if _, err := x.Node.AddLink(t.Context(), thief); kindOf(err) != node.Conflict || !strings.Contains(err.Error(), y.Name) {
		t.Errorf("a stranger with a copied key: %v", err)
	}
	if _, err := x.Node.AddLink(t.Context(), stolen(t, x, "drab.example", "log_ed25519")); kindOf(err) != node.Conflict {
		t.Errorf("a stranger with our own key: %v", err)
	}
	_, err := x.Node.AddLink(t.Context(), bed.Party("cinder.example").Profile.File)
	bed.must(err)
}

// To confirm a link again changes nothing: what holds it still holds it.
func TestConfirmingAgainKeepsTheHold(t *testing.T) {
	bed, x, y := two(t)
	x.Appeal(y, "mitigate")
	bed.Faults = func(_, _ string, p exchange.Peer) exchange.Peer {
		return liar{Peer: p, push: func(*exchange.Batch) ([]byte, error) {
			return nil, exchange.Refuse(exchange.BadLeaf, "X-3", nil, "entry 0 is not a record")
		}}
	}
	_, _ = x.Node.Push(t.Context(), y.Name, nil)
	bed.must(x.Node.ConfirmLink(t.Context(), y.Name, y.Profile.Words))
	if s := linkStatus(t, x); s.Held == "" {
		t.Error("confirming the words released the link")
	}
}

// Reading and linking beside each other do not wait for each other, in a store that has one connection either.
func TestLinkingWhileReading(t *testing.T) {
	bed, x, y := two(t)
	ref := x.Appeal(y, "mitigate")
	files := []string{}
	for _, name := range []string{"a.example", "b.example", "c.example", "d.example"} {
		files = append(files, bed.Party(name).Profile.File)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	done := make(chan error)
	go func() {
		for range 50 {
			if _, err := x.Node.Links(ctx); err != nil {
				done <- err
				return
			}
			if _, err := x.Node.Prove(ctx, node.ProveRequest{Outbox: ref.Outbox, Index: ref.Index}); err != nil {
				done <- err
				return
			}
		}
		done <- nil
	}()
	for _, file := range files {
		if _, err := x.Node.AddLink(ctx, file); err != nil {
			t.Errorf("linking: %v", err)
		}
	}
	if err := <-done; err != nil {
		t.Errorf("reading: %v", err)
	}
}

func ping(t *testing.T, x, y *Party, n int) {
	t.Helper()
	f := record.Fields{}
	f.SetText("act", "ping")
	f.SetText("class", "test")
	f.SetText("nonce", "AAAAAAAAAAAAAAAAAAAAAA")
	for range n {
		if _, err := x.Node.File(t.Context(), y.Name, node.Complete(f, x.Bed.Now(), "node"), ""); err != nil {
			t.Fatal(err)
		}
	}
}

// A flood of pings is answered one after the other, whole, over the end of a node and a start.
func TestFloodOfPings(t *testing.T) {
	_, x, y := two(t)
	ping(t, x, y, 60)
	x.Push(y)
	y.Stop() // in the middle of it
	y.Restart()
	ping(t, x, y, 20)
	x.Push(y)
	ctx, cancel := context.WithCancel(t.Context())
	ran := make(chan struct{})
	go func() { _ = y.Node.Run(ctx); close(ran) }()
	open := func() (n int) {
		for _, c := range x.Cases(y) {
			if c.View.Must != "" {
				n++
			}
		}
		return n
	}
	deadline, stop := context.WithTimeout(t.Context(), 20*time.Second)
	defer stop()
	for open() > 0 && deadline.Err() == nil {
		if _, err := y.Node.Push(t.Context(), x.Name, nil); err != nil {
			t.Fatal(err)
		}
	}
	cancel()
	<-ran
	if n := open(); n != 0 {
		t.Errorf("%d pings were not answered", n)
	}
	for _, c := range x.Cases(y) {
		if n := len(c.View.Case.Moves); n != 1 {
			t.Errorf("%d answers to one ping", n)
		}
	}
}

// Found needs nothing but a store and keys.
func TestFoundWithDefaults(t *testing.T) {
	keys, err := seal.NewKeyring("aurelia.example", newLockedRand(t.Name()))
	if err != nil {
		t.Fatal(err)
	}
	s, err := store.OpenMemory(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	who := node.Identity{Title: "A", PartyKind: "csirt", Endpoint: "https://127.0.0.1:1", Language: "en"}
	if _, err := node.Found(t.Context(), node.Config{Store: s, Keys: keys}, who); err != nil {
		t.Fatal(err)
	}
	if p, err := node.Found(t.Context(), node.Config{Store: s, Keys: keys}, who); kindOf(err) != node.Conflict || p.File != "" {
		t.Errorf("founded twice: %v, and a signed profile of %d bytes left", err, len(p.File))
	}
}
