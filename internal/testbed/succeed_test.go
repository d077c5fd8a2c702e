package testbed

import (
	"context"
	"slices"
	"testing"
	"time"

	"verbale/internal/docket"
	"verbale/internal/node"
	"verbale/internal/store"
	"verbale/record"
	"verbale/seal"
)

// A rotation with records in flight both ways: what was filed before it is received, once, and what is filed after it; cases go on over
// the change, and contents of before stay readable.
func TestRotation(t *testing.T) {
	b, x, y := two(t)
	before := x.Appeal(y, "mitigate")
	x.Push(y)
	y.Reply(x, before, "acknowledge", nil)
	inFlight := x.Appeal(y, "clarify") // not pushed
	old := x.Profile
	b.Later(time.Hour)
	x.Rotate()
	after := x.Appeal(y, "mitigate")
	if after.Outbox == before.Outbox || x.Profile.Fingerprint == old.Fingerprint {
		t.Fatalf("nothing changed: %s", after.Outbox)
	}
	x.Push(y)
	y.Push(x) // encrypted to the old content key
	y.Reply(x, inFlight, "answer", map[string]string{"finality": "final", "outcome": "done", "text": "done"})
	y.Reply(x, after, "acknowledge", nil)
	y.Push(x)
	for _, c := range []struct {
		ref  record.Ref
		want docket.Status
	}{{before, docket.Acknowledged}, {inFlight, docket.Answered}, {after, docket.Acknowledged}} {
		if at, there := status(t, x, y, c.ref), status(t, y, x, c.ref); at != c.want || there != c.want {
			t.Errorf("entry %d of %s: %s and %s, want %s", c.ref.Index, c.ref.Outbox, at, there, c.want)
		}
	}
	sameDockets(t, x, y)
	if s := linkStatus(t, y); s.Sent != s.Receipted || s.Held != "" || s.ReceivedOf != 4 {
		t.Errorf("at y: %+v", s)
	}
	if s := linkStatus(t, x); s.Sent != 4 || s.Receipted != 4 || s.Held != "" {
		t.Errorf("at x: %+v", s)
	}
}

// told fails the test unless a link's status shows the change of keys as it should.
func told(t *testing.T, at *Party, of *Party, old []string, compared, waits bool) {
	t.Helper()
	c := linkStatus(t, at).KeyChange
	if c == nil || !slices.Equal(c.OldWords, old) || !slices.Equal(c.NewWords, of.Profile.Words) || c.Compared != compared || c.Waits != waits {
		t.Errorf("at %s: %+v", at.Name, c)
	}
}

// clean fails the test if fsck finds anything.
func clean(t *testing.T, parties ...*Party) {
	t.Helper()
	for _, p := range parties {
		audit, err := p.Node.Fsck(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range audit.Findings {
			t.Errorf("%s: fsck: %s: %s", p.Name, f.Where, f.Wrong)
		}
	}
}

// evidenceOf counts what a party has kept, by kind.
func evidenceOf(t *testing.T, p *Party) map[string]int {
	t.Helper()
	kept, err := p.Node.Evidence(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	for _, e := range kept {
		count[e.Kind]++
	}
	return count
}

// follow looks into a peer's register.
func (p *Party) follow(of *Party) error {
	_, err := p.Node.Follow(p.Bed.t.Context(), of.Name)
	return err
}

// A rotation is taken by itself from the register, shown with both words until an officer has compared the new ones, and survives a start.
func TestRotationIsShownUntilCompared(t *testing.T) {
	b, x, y := two(t)
	b.must(y.follow(x))
	old := x.Profile
	b.Later(time.Hour)
	x.Rotate()
	b.must(y.follow(x))
	told(t, y, x, old.Words, false, false)
	y.Stop()
	y.Restart()
	told(t, y, x, old.Words, false, false)
	y.Appeal(x, "mitigate") // works meanwhile
	y.Push(x)
	if err := y.Node.ConfirmLink(t.Context(), x.Name, old.Words); kindOf(err) != node.Invalid {
		t.Errorf("the old words: %v", err)
	}
	b.must(y.Node.ConfirmLink(t.Context(), x.Name, x.Profile.Words))
	told(t, y, x, old.Words, true, false)
	y.Stop()
	y.Restart()
	told(t, y, x, old.Words, true, false)
	if _, err := y.Node.AddLink(t.Context(), old.File); kindOf(err) != node.Conflict {
		t.Errorf("the old profile again: %v", err)
	}
	clean(t, x, y)
}

// Both sides get new keys at once, each with something on its way to the other, and neither knows of the other's.
func TestBothRotateAtOnce(t *testing.T) {
	b, x, y := two(t)
	for range 2 { // and once more, over two generations
		toY, toX := x.Appeal(y, "mitigate"), y.Appeal(x, "clarify")
		b.Later(time.Hour)
		x.Rotate()
		y.Rotate()
		x.Push(y)
		y.Push(x)
		x.Push(y)
		if at, there := status(t, x, y, toY), status(t, y, x, toY); at != docket.Received || there != docket.Received {
			t.Errorf("to y: %s and %s", at, there)
		}
		if at, there := status(t, x, y, toX), status(t, y, x, toX); at != docket.Received || there != docket.Received {
			t.Errorf("to x: %s and %s", at, there)
		}
		sameDockets(t, x, y)
		clean(t, x, y)
	}
	for _, p := range []*Party{x, y} {
		if s := linkStatus(t, p); s.Sent != s.Receipted || s.Held != "" || s.Evidence != 0 || s.KeyChange == nil || s.KeyChange.Generation != 3 {
			t.Errorf("at %s: %+v", p.Name, s)
		}
	}
}

// Several changes are taken one after the other: from the register by itself, and from a file in one step.
func TestChangesOneAfterTheOther(t *testing.T) {
	b, x, y := two(t)
	z := b.Party("cinder.example")
	b.Link(x, z)
	b.must(y.follow(x))
	b.Faults = cut(z.Name)
	for range 3 {
		b.Later(time.Hour)
		x.Rotate()
	}
	words := x.Profile.Words
	b.must(y.follow(x))
	p, err := z.Node.AddLink(t.Context(), x.File())
	b.must(err)
	if !slices.Equal(p.Words, words) {
		t.Errorf("from the file: %v", p.Words)
	}
	b.Faults = nil
	for _, at := range []*Party{y, z} {
		if c := linkStatus(t, at).KeyChange; c == nil || c.Generation != 4 || c.Waits || !slices.Equal(c.NewWords, words) {
			t.Errorf("at %s: %+v", at.Name, c)
		}
		at.Appeal(x, "clarify")
		at.Push(x)
		b.must(at.follow(x))
	}
	if _, err := z.Node.AddLink(t.Context(), x.File()); err != nil {
		t.Errorf("the same file again: %v", err)
	}
	if _, err := z.Node.AddLink(t.Context(), x.Profile.File); err != nil {
		t.Errorf("its first line alone, which says nothing new: %v", err)
	}
	clean(t, x, y, z)
}

// What is filed under a key before the keys changed is found under it afterwards: it is neither lost nor filed twice.
func TestFilingOverARotation(t *testing.T) {
	b, x, y := two(t)
	draft := x.Draft("mitigate")
	first, err := x.Node.File(t.Context(), y.Name, draft, "key")
	b.must(err)
	b.Later(time.Hour)
	x.Rotate()
	again, err := x.Node.File(t.Context(), y.Name, draft, "key")
	b.must(err)
	if !again.Again || again.Ref != first.Ref {
		t.Errorf("filed again as entry %d of %s", again.Ref.Index, again.Ref.Outbox)
	}
	if _, err := x.Node.File(t.Context(), y.Name, x.Draft("clarify"), "key"); kindOf(err) != node.Conflict {
		t.Errorf("another record under the key: %v", err)
	}
	x.Push(y)
	if cases := y.Cases(x); len(cases) != 2 { // the appeal, and that the outbox is continued
		t.Errorf("%d cases at y", len(cases))
	}
	clean(t, x, y)
}

// A rotation that fails changes nothing: the party goes on with its old keys.
func TestRotationThatFails(t *testing.T) {
	b, x, y := two(t)
	x.Appeal(y, "mitigate")
	for name, s := range map[string]node.Succession{
		"wrong old keys":           {Old: y.Keys, Reason: seal.Rotation},
		"a generation of before":   {Old: x.Keys, Reason: seal.Rotation, Generation: 1},
		"recovery by another's":    {Old: x.Keys, Reason: seal.Compromise, Recovery: y.Recovery},
		"a weak recovery key":      {Old: x.Keys, Reason: seal.Rotation, NextRecovery: [32]byte{1}},
		"a reason without its key": {Reason: seal.Rotation},
	} {
		if err := x.Succeed(s); err == nil {
			t.Errorf("%s: it went through", name)
		}
	}
	b.Faults = cut(x.Name)
	if err := x.Succeed(node.Succession{Old: x.Keys, Reason: seal.Rotation}); kindOf(err) != node.Unchecked {
		t.Errorf("while nobody can say whether this is an old copy: %v", err)
	}
	b.Faults = nil
	x.Push(y)
	clean(t, x, y)
	if o := outboxesAt(t, x); len(o) != 2 {
		t.Errorf("outboxes %v", o)
	}
}

func outboxesAt(t *testing.T, p *Party) (names []string) {
	t.Helper()
	p.Bed.must(p.Store.View(t.Context(), func(tx *store.Tx) error {
		rows, err := tx.Outboxes()
		for _, row := range rows {
			names = append(names, row.Origin.String())
		}
		return err
	}))
	return names
}

// Two histories of an outbox were signed, by an old copy: nothing is ever signed into it again, and new keys are the way on.
func TestNewKeysAfterTwoHistories(t *testing.T) {
	b, x, y := two(t)
	x.Appeal(y, "mitigate")
	x.Push(y)
	old := backupOf(t, x)
	x.Appeal(y, "clarify")
	x.Push(y)
	x.Trusting = true // its operator says that it is no old copy
	x.Restore(old)
	x.Appeal(y, "indicators")
	if _, err := x.Node.Push(t.Context(), y.Name, nil); err == nil {
		t.Fatal("two histories went through")
	}
	x.Trusting = false
	if s := linkStatus(t, x); s.Stopped == "" || s.Evidence == 0 {
		t.Fatalf("%+v", s)
	}
	b.Later(time.Hour)
	x.Rotate()
	after := x.Appeal(y, "mitigate")
	x.Push(y)
	y.Reply(x, after, "acknowledge", nil)
	y.Push(x)
	if got := status(t, x, y, after); got != docket.Acknowledged {
		t.Errorf("after the rotation: %s", got)
	}
	if got := evidenceOf(t, y); got[node.OtherEnd] != 1 {
		t.Errorf("at y: %v", got)
	}
	clean(t, x, y)
}

// running runs the loops of a party's node until the function that it gives is called.
func running(t *testing.T, p *Party) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ran := make(chan struct{})
	go func() { _ = p.Node.Run(ctx); close(ran) }()
	return func() { cancel(); <-ran }
}

// With the loops of both nodes running nobody has to do anything: the rotation is found, what was filed before it and after it arrives once,
// both ways, and the new keys are shown.
func TestRotationWhileLoopsRun(t *testing.T) {
	b, x, y := two(t)
	stopY := running(t, y)
	defer func() { stopY() }()
	stopX := running(t, x)
	x.Appeal(y, "mitigate")
	y.Appeal(x, "clarify")
	b.Later(time.Minute)
	stopX()
	x.Rotate()
	x.Appeal(y, "clarify")
	stopX = running(t, x)
	y.Appeal(x, "mitigate")
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	done := func() bool {
		atX, atY := linkStatus(t, x), linkStatus(t, y)
		return atX.Sent == 3 && atX.Receipted == 3 && atX.ReceivedOf == 2 && atY.Receipted == 2 && atY.ReceivedOf == 3 && atY.KeyChange != nil
	}
	for !done() && ctx.Err() == nil {
	}
	stopX()
	if !done() {
		t.Errorf("at x: %+v\nat y: %+v", linkStatus(t, x), linkStatus(t, y))
	}
	if s := linkStatus(t, y); s.Held != "" || s.Evidence != 0 {
		t.Errorf("at y: %+v", s)
	}
	sameDockets(t, x, y)
}
