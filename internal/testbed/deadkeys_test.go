package testbed

import (
	"testing"
	"time"

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
