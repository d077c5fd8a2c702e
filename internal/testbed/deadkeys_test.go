package testbed

import (
	"strings"
	"testing"
	"time"

	"verbale/internal/exchange"
	"verbale/internal/node"
	"verbale/internal/store"
	"verbale/seal"
	"verbale/verdict"
)

// A thief whose keys the recovery key has overruled cannot lead the peer away by a further change from them: they sign nothing, that neither.
func TestNoWayBackFromOverruledKeys(t *testing.T) {
	b, x, y := two(t)
	b.must(y.follow(x))
	robber := thief(t, x)
	b.Later(time.Hour)
	robber.Rotate()
	_, err := y.Node.AddLink(t.Context(), robber.File()) // nobody knows better
	b.must(err)
	b.Later(time.Hour)
	b.must(x.Succeed(node.Succession{Reason: seal.Compromise, Recovery: x.Recovery, KeepRecovery: true, Generation: 3}))
	_, err = y.Node.AddLink(t.Context(), x.File())
	b.must(err)
	b.must(y.Node.ConfirmLink(t.Context(), x.Name, x.Profile.Words))
	b.Later(time.Hour)
	b.must(robber.Succeed(node.Succession{Old: robber.Keys, Reason: seal.Rotation, KeepRecovery: true, Generation: 4}))
	kept := evidenceOf(t, y)[node.BadKeyChange]
	if _, err := y.Node.AddLink(t.Context(), robber.File()); kindOf(err) != node.Conflict || evidenceOf(t, y)[node.BadKeyChange] != kept+1 {
		t.Errorf("a change from overruled keys: %v, %v", err, evidenceOf(t, y))
	}
	if s := linkStatus(t, y); s.KeyChange.Generation != 3 || !s.KeyChange.Compared {
		t.Errorf("the link was taken over: %+v", s.KeyChange)
	}
	y.Appeal(x, "clarify")
	y.Push(x)
	clean(t, x, y)
}

// A change that waits for its words goes on waiting when its keys are rotated before anybody has compared them: else a thief of the recovery
// words would need no words.
func TestRotationDoesNotReplaceTheWords(t *testing.T) {
	b, x, y := two(t)
	b.must(y.follow(x))
	robber := thief(t, x)
	b.Later(time.Hour)
	b.must(robber.Recover(seal.Loss))
	b.Later(time.Hour)
	robber.Rotate()
	_, err := y.Node.AddLink(t.Context(), robber.File())
	b.must(err)
	if c := linkStatus(t, y).KeyChange; c == nil || c.Generation != 3 || !c.Waits || c.Compared {
		t.Errorf("nothing waits: %+v", c)
	}
	if _, err := y.Node.File(t.Context(), x.Name, y.Draft("clarify"), ""); kindOf(err) != node.Stopped {
		t.Errorf("filed to keys that nobody has compared: %v", err)
	}
	if _, err := robber.Node.Pull(t.Context(), y.Name); exchange.KindOf(err) != exchange.Busy {
		t.Errorf("pulled by keys that nobody has compared: %v", err)
	}
	b.must(y.Node.ConfirmLink(t.Context(), x.Name, robber.Profile.Words))
	if c := linkStatus(t, y).KeyChange; c.Waits || !c.Compared {
		t.Errorf("after the words: %+v", c)
	}
	y.Appeal(robber, "clarify")
	b.Later(time.Hour)
	robber.Rotate() // and what follows keys that were compared waits for nothing
	_, err = y.Node.AddLink(t.Context(), robber.File())
	b.must(err)
	if c := linkStatus(t, y).KeyChange; c.Generation != 4 || c.Waits {
		t.Errorf("after the next rotation: %+v", c)
	}
}

// Nothing is lodged either while words are to be compared: the relay is one that the new keys name.
func TestNothingIsLodgedBeforeTheWords(t *testing.T) {
	b, x, y, r := withRelay(t, exchange.Load{})
	x.Appeal(y, "mitigate")
	b.Later(time.Hour)
	b.must(y.Recover(seal.Loss))
	_, err := r.Node.AddLink(t.Context(), y.File())
	b.must(err)
	b.must(r.Node.ConfirmLink(t.Context(), y.Name, y.Profile.Words))
	_, _ = y.Node.Collect(t.Context()) // it need not reach x: what it tells the relay is what counts
	_, err = x.Node.AddLink(t.Context(), y.File())
	b.must(err)
	follow(t, x, y)
	b.Later(time.Hour)
	if s := statusOf(t, x, y); s.Relay != r.Name || !s.KeyChange.Waits {
		t.Fatalf("the new register names no relay: %+v", s)
	}
	if done, err := x.Node.LodgeDue(t.Context(), y.Name); err != nil || done.Relay != "" || statusOf(t, x, y).Lodged != 0 {
		t.Errorf("by itself: %+v, %v", done, err)
	}
	if _, err := x.Node.Lodge(t.Context(), y.Name); kindOf(err) != node.Stopped {
		t.Errorf("by hand: %v", err)
	}
	b.must(x.Node.ConfirmLink(t.Context(), y.Name, y.Profile.Words))
	lodge(t, x, y)
}

// A profile that somebody forged does not keep the true one out: until words are compared, the last file counts.
func TestForgedProfileKeepsNobodyOut(t *testing.T) {
	b := New(t)
	x, y := b.Party("aurelia.example"), b.Party("borea.example")
	forged := newKeys(t, b, x.Name)
	fields := x.Profile.Opened.Fields.Clone()
	fields["keys"] = forged.Keys().JSON()
	p, err := verdict.OpenProfile(written(t, x, forged, fields))
	b.must(err)
	_, err = y.Node.AddLink(t.Context(), p.File)
	b.must(err)
	if err := y.Node.ConfirmLink(t.Context(), x.Name, x.Profile.Words); kindOf(err) != node.Invalid {
		t.Fatalf("the true words: %v", err)
	}
	x.Trusting = true
	x.Rotate() // so that the true file has more than a profile
	now, err := y.Node.AddLink(t.Context(), x.File())
	if err != nil || now.Fingerprint != x.Profile.Fingerprint {
		t.Fatalf("the true file: %v", err)
	}
	b.must(y.Node.ConfirmLink(t.Context(), x.Name, x.Profile.Words))
	if _, err := y.Node.AddLink(t.Context(), p.File); kindOf(err) != node.Conflict {
		t.Errorf("the forged one after that: %v", err)
	}
	b.Link(x, y)
	y.Appeal(x, "clarify")
	y.Push(x)
	clean(t, x, y)
}

// A copy of replaced keys founds no folder anew: what it signed would be held against its party.
func TestRegainWithReplacedKeys(t *testing.T) {
	b := New(t)
	x, y := b.PartyOnDisk("aurelia.example", store.Options{}), b.Party("borea.example")
	b.Link(x, y)
	b.must(y.follow(x))
	keys, cert := x.Keys, x.cert
	b.Later(time.Hour)
	x.Rotate()
	b.must(y.follow(x))
	x.Stop()
	whole, present, shown := x.Store, x.Keys, x.cert
	x.Store, x.Keys, x.cert = b.open(t.TempDir(), store.Options{}), keys, cert
	x.hangUp()
	empty := opened(t, x.config())
	if _, err := empty.Regain(t.Context(), y.Profile.File, y.Profile.Words, nil); kindOf(err) != node.Conflict || !strings.Contains(err.Error(), "replaced") {
		t.Errorf("%v", err)
	}
	empty.Close()
	b.must(x.Store.Close())
	x.Store, x.Keys, x.cert = whole, present, shown
	x.hangUp()
	x.Restart()
}
