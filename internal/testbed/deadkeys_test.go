package testbed

import (
	"testing"
	"time"

	"verbale/internal/exchange"
	"verbale/internal/node"
	"verbale/seal"
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
