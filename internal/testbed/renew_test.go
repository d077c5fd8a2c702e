package testbed

import (
	"context"
	"testing"
	"time"

	"verbale/internal/exchange"
	"verbale/internal/node"
)

// A profile is renewed with the same keys: the words stay compared, and the link goes on at the new endpoint past the old keys_valid_until.
func TestProfileRenewed(t *testing.T) {
	bed, x, y := two(t)
	old := y.Profile
	bed.Later(node.KeysValidFor - node.KeysWarnBefore + time.Hour)
	if linkStatus(t, x).Warning == "" {
		t.Error("a month before nothing warns")
	}
	y.Stop()
	ln := bed.listen("127.0.0.1:0")
	y.start(ln)
	p, err := y.Node.Renew(t.Context(), "https://"+ln.Addr().String())
	bed.must(err)
	if p.Endpoint == old.Endpoint || p.Fingerprint != old.Fingerprint || !p.ValidUntil.Equal(bed.Now().Add(node.KeysValidFor)) || p.Title != old.Title {
		t.Errorf("renewed: %+v", p)
	}
	if now, err := y.Node.Profile(t.Context()); err != nil || now.File != p.File {
		t.Errorf("the profile that is given to peers is not the renewed one: %v", err)
	}
	got, err := x.Node.AddLink(t.Context(), p.File)
	bed.must(err)
	s := linkStatus(t, x)
	if got.File != p.File || !s.Confirmed || s.Endpoint != p.Endpoint || !s.ValidUntil.Equal(p.ValidUntil) {
		t.Errorf("imported: %+v", s)
	}
	got, err = x.Node.AddLink(t.Context(), old.File) // an earlier one takes nobody's place
	if bed.must(err); got.File != p.File || linkStatus(t, x).Endpoint != p.Endpoint {
		t.Error("the older profile came back")
	}
	if p, err = x.Node.Renew(t.Context(), ""); err != nil || p.Endpoint != x.Endpoint {
		t.Errorf("the time alone: %s, %v", p.Endpoint, err)
	}
	_, err = y.Node.AddLink(t.Context(), p.File)
	bed.must(err)
	bed.Later(2 * node.KeysWarnBefore)
	y.Endpoint = "https://" + ln.Addr().String()
	x.Appeal(y, "mitigate")
	x.Push(y)
	y.Stop()
	y.Restart()
	y.Appeal(x, "clarify")
	y.Push(x)
}

// What holds a link holds it under a new profile as well, and its loop begins anew.
func TestRenewedProfileKeepsTheHold(t *testing.T) {
	bed, x, y := two(t)
	x.Appeal(y, "mitigate")
	bed.Faults = func(_, _ string, p exchange.Peer) exchange.Peer {
		return liar{Peer: p, push: func(*exchange.Batch) ([]byte, error) {
			return nil, exchange.Refuse(exchange.BadLeaf, "X-3", nil, "entry 0 is not a record")
		}}
	}
	_, _ = x.Node.Push(t.Context(), y.Name, nil)
	bed.Faults = nil
	bed.Later(time.Hour)
	p, err := y.Node.Renew(t.Context(), "")
	bed.must(err)
	_, err = x.Node.AddLink(t.Context(), p.File)
	bed.must(err)
	if linkStatus(t, x).Held == "" {
		t.Fatal("a new profile released the link")
	}
	bed.must(x.Node.Retry(y.Name))
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	ran := make(chan struct{})
	go func() { _ = x.Node.Run(ctx); close(ran) }()
	for linkStatus(t, x).Receipted == 0 && ctx.Err() == nil {
	}
	cancel()
	<-ran
	if linkStatus(t, x).Receipted != 1 {
		t.Error("the loop of the renewed link pushes nothing")
	}
}

// Nothing is renewed that peers would not take: by a clock that went back, or with keys past their time.
func TestNotRenewed(t *testing.T) {
	bed, x, y := two(t)
	if _, err := y.Node.Renew(t.Context(), ""); kindOf(err) != node.Conflict {
		t.Errorf("in the second of the first profile: %v", err)
	}
	bed.Later(time.Second)
	if _, err := y.Node.Renew(t.Context(), "http://nowhere"); kindOf(err) != node.Invalid {
		t.Errorf("a bad endpoint: %v", err)
	}
	first := y.Profile.File
	bed.Later(node.KeysValidFor - time.Hour)
	p, err := y.Node.Renew(t.Context(), "")
	bed.must(err)
	bed.Later(node.KeysValidFor - time.Hour)
	late, err := y.Node.Renew(t.Context(), "")
	bed.must(err)
	if _, err := x.Node.AddLink(t.Context(), late.File); kindOf(err) != node.Conflict {
		t.Errorf("released after the keys that x knows had expired: %v", err)
	}
	_, err = x.Node.AddLink(t.Context(), p.File)
	bed.must(err)
	_, err = x.Node.AddLink(t.Context(), late.File)
	bed.must(err)
	bed.Later(node.KeysValidFor + time.Hour)
	if _, err := y.Node.Renew(t.Context(), ""); kindOf(err) != node.Stopped {
		t.Errorf("after the keys had expired: %v", err)
	}
	if p, err := x.Node.AddLink(t.Context(), first); err != nil || p.File != late.File {
		t.Errorf("the first profile: %v", err)
	}
}

// Who has missed that the old keys were renewed, and then that they were replaced, learns both from one file, and what was on its way arrives.
func TestRenewedThenRotated(t *testing.T) {
	b, x, y := two(t)
	z := b.Party("cinder.example")
	b.Link(x, z)
	b.Later(node.KeysValidFor - 24*time.Hour)
	_, err := x.Node.Renew(t.Context(), "")
	b.must(err)
	p, err := y.Node.Renew(t.Context(), "")
	b.must(err)
	_, err = x.Node.AddLink(t.Context(), p.File)
	b.must(err)
	b.Later(48 * time.Hour)
	x.Appeal(y, "mitigate") // y refuses it until it knows that the keys are good for longer
	b.Later(time.Hour)
	x.Trusting = true
	x.Rotate()
	_, err = y.Node.AddLink(t.Context(), x.File())
	b.must(err)
	if s := linkStatus(t, y); s.KeyChange == nil || s.KeyChange.Waits {
		t.Errorf("a rotation in time waits for words: %+v", s.KeyChange)
	}
	x.Push(y)
	links, err := x.Node.Links(t.Context())
	b.must(err)
	if s := links[0]; s.Party != y.Name || s.LeftOver != "" || s.Sent != s.Receipted {
		t.Errorf("lost on the way: %+v", s)
	}
	clean(t, x, y)
}
