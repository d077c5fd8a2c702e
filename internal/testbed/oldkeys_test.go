package testbed

import (
	"strings"
	"testing"
	"time"

	"verbale/internal/docket"
	"verbale/internal/exchange"
	"verbale/internal/node"
	"verbale/internal/store"
	"verbale/seal"
)

// A second node goes on with the keys that a rotation has replaced: within the overlap it is still known by its TLS key, but what it signs is
// refused, by the date in it and, where that is set back, by the end that the new keys name. Its heads are kept.
func TestOldKeysGoOnSigning(t *testing.T) {
	b, x, y := two(t)
	b.must(y.follow(x))
	x.Appeal(y, "mitigate")
	x.Push(y)
	twin := thief(t, x)
	b.Later(time.Hour)
	x.Rotate()
	x.Push(y)
	b.must(y.follow(x))
	b.Later(time.Hour)
	twin.Appeal(y, "clarify")
	if _, err := twin.Node.Push(t.Context(), y.Name, nil); exchange.KindOf(err) != exchange.ExpiredKey || !strings.Contains(err.Error(), "K-35") {
		t.Errorf("beyond the named end: %v", err)
	}
	if s := linkStatus(t, twin); s.Held == "" {
		t.Error("the twin goes on pushing")
	}
	if got := evidenceOf(t, y); got[string(exchange.ExpiredKey)] != 1 {
		t.Errorf("evidence at y: %v", got)
	}
	if s := linkStatus(t, y); s.ReceivedOf != 2 {
		t.Errorf("y holds %d", s.ReceivedOf)
	}
	clean(t, x, y)
}

// The same while the new outbox has not come yet: then the date in the head decides.
func TestOldKeysByTheDate(t *testing.T) {
	b, x, y := two(t)
	b.must(y.follow(x))
	before := x.Appeal(y, "mitigate") // still to come
	twin := thief(t, x)
	b.Later(time.Hour)
	x.Rotate()
	b.must(y.follow(x))
	twin.Appeal(y, "clarify")
	b.Later(time.Hour)
	twin.Appeal(y, "clarify")
	if _, err := twin.Node.Push(t.Context(), y.Name, nil); exchange.KindOf(err) != exchange.ExpiredKey || !strings.Contains(err.Error(), "replaced at") {
		t.Errorf("dated after the change: %v", err)
	}
	x.Push(y)
	if got := status(t, x, y, before); got != docket.Received {
		t.Errorf("what was filed before: %s", got)
	}
	clean(t, x, y)
}

// A node that goes on with replaced keys gives no receipts with them that count.
func TestReceiptsByOldKeys(t *testing.T) {
	b, x, y := two(t)
	b.must(x.follow(y))
	twin := thief(t, y)
	b.Later(time.Hour)
	y.Rotate()
	b.must(x.follow(y))
	b.Later(time.Hour)
	ref := x.Appeal(y, "mitigate")
	if _, err := twin.Node.Pull(t.Context(), x.Name); exchange.KindOf(err) != exchange.ExpiredKey {
		t.Errorf("a receipt by old keys: %v", err)
	}
	if got := status(t, x, y, ref); got != docket.Sent {
		t.Errorf("at x: %s", got)
	}
	x.Push(y)
	if got := status(t, x, y, ref); got != docket.Received {
		t.Errorf("at x: %s", got)
	}
}

// Who cannot push is pulled from, over all generations; what is complete is not asked for again.
func TestPullOverARotation(t *testing.T) {
	b, x, y := two(t)
	first := x.Appeal(y, "mitigate")
	b.Later(time.Hour)
	x.Rotate()
	second := x.Appeal(y, "clarify")
	b.must(y.follow(x))
	var asked []string
	b.Faults = func(from, _ string, p exchange.Peer) exchange.Peer {
		return liar{Peer: p, pull: func(origin string, start int64) (*exchange.Batch, error) {
			asked = append(asked, origin)
			return p.Pull(t.Context(), origin, start)
		}}
	}
	if n, err := y.Node.Pull(t.Context(), x.Name); err != nil || n != 3 {
		t.Errorf("%d entries, %v", n, err)
	}
	if a, b := status(t, y, x, first), status(t, x, y, second); a != docket.Received || b != docket.Received {
		t.Errorf("%s, %s", a, b)
	}
	asked = nil
	if n, err := y.Node.Pull(t.Context(), x.Name); err != nil || n != 0 || len(asked) != 1 || asked[0] != second.Outbox {
		t.Errorf("again: %d, %v, asked for %v", n, err, asked)
	}
	sameDockets(t, x, y)
	clean(t, x, y)
}

// A register of new keys that the old register knows nothing of, or that it contradicts, is not taken.
func TestRegisterOfNewKeysAlone(t *testing.T) {
	b, x, y := two(t)
	b.must(y.follow(x))
	robber := thief(t, x)
	b.Later(time.Hour)
	robber.Rotate()
	divert := func(from, to string, p exchange.Peer) exchange.Peer {
		if from != y.Name || to != x.Name {
			return p
		}
		_, other, _ := robber.Node.Desk([32]byte(y.Keys.Keys().TLS))
		return liar{Peer: p, pull: func(origin string, start int64) (*exchange.Batch, error) {
			if strings.HasSuffix(origin, "/to/public/2") {
				return other.Pull(t.Context(), origin, start)
			}
			return p.Pull(t.Context(), origin, start)
		}}
	}
	b.Faults = divert
	if err := y.follow(x); exchange.KindOf(err) != exchange.Busy {
		t.Errorf("the old register does not end: %v", err)
	}
	b.Faults = nil
	x.Rotate()
	b.Faults = divert
	if err := y.follow(x); kindOf(err) != node.Conflict || evidenceOf(t, y)[node.KeyFork] != 1 {
		t.Errorf("the old register ends with another change: %v, %v", err, evidenceOf(t, y))
	}
	if c := linkStatus(t, y).KeyChange; c != nil {
		t.Errorf("taken all the same: %+v", c)
	}
	b.Faults = nil
	b.must(y.follow(x))
	if c := linkStatus(t, y).KeyChange; c == nil {
		t.Error("the true one is not taken")
	}
	clean(t, x, y)
}

// What a peer gives as its next register must begin with a profile and a change.
func TestRegisterThatBeginsOtherwise(t *testing.T) {
	b, x, y := two(t)
	b.must(y.follow(x))
	b.Later(time.Hour)
	x.Rotate()
	for name, spoil := range map[string]func(*exchange.Batch){
		"no change":      func(c *exchange.Batch) { c.Entries = c.Entries[:1] },
		"twice":          func(c *exchange.Batch) { c.Entries[1] = c.Entries[0] },
		"the other way":  func(c *exchange.Batch) { c.Entries[0], c.Entries[1] = c.Entries[1], c.Entries[0] },
		"no content":     func(c *exchange.Batch) { c.Entries[1].Content = nil },
		"not a record":   func(c *exchange.Batch) { c.Entries[0].Leaf = []byte("x") },
		"another head":   func(c *exchange.Batch) { c.Note = []byte("x") },
		"begins further": func(c *exchange.Batch) { c.Start = 1 },
	} {
		b.Faults = func(from, _ string, p exchange.Peer) exchange.Peer {
			return liar{Peer: p, pull: func(origin string, start int64) (*exchange.Batch, error) {
				c, err := p.Pull(t.Context(), origin, start)
				if err == nil && strings.HasSuffix(origin, "/public/2") {
					spoil(c)
				}
				return c, err
			}}
		}
		if err := y.follow(x); err == nil {
			t.Errorf("%s: it was taken", name)
		}
	}
	if c := linkStatus(t, y).KeyChange; c != nil {
		t.Errorf("%+v", c)
	}
}

// Callers with a key that was given up get nothing at all.
func TestBarred(t *testing.T) {
	b, x, y := two(t)
	x.Appeal(y, "mitigate")
	x.Push(y)
	old := [32]byte(x.Keys.Keys().TLS)
	known := x.Profile
	b.Later(time.Hour)
	b.must(x.Recover(seal.Compromise))
	_, err := y.Node.AddLink(t.Context(), x.File())
	b.must(err)
	party, desk, ok := y.Node.Desk(old)
	if party != x.Name || !ok {
		t.Fatal("nobody remembers the key")
	}
	ctx, origin := t.Context(), known.Party+"/to/"+y.Name+"/1"
	for name, call := range map[string]func() error{
		"push":  func() error { _, err := desk.Push(ctx, &exchange.Batch{Note: []byte("x")}); return err },
		"pull":  func() error { _, err := desk.Pull(ctx, origin, 0); return err },
		"head":  func() error { _, err := desk.Head(ctx, origin); return err },
		"give":  func() error { return desk.Return(ctx, []byte("x")) },
		"beat":  func() error { _, err := desk.Beat(ctx, nil); return err },
		"dated": func() error { _, err := desk.Dated(ctx, origin, 0); return err },
		"admit": func() error { return desk.Admit(ctx, known.File) },
	} {
		if err := call(); exchange.KindOf(err) != exchange.ExpiredKey {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got := evidenceOf(t, y); len(got) != 0 {
		t.Errorf("evidence of nothing: %v", got)
	}
}

// Fsck finds what does not fit of the keys that are kept.
func TestFsckFindsDamagedKeys(t *testing.T) {
	for name, c := range map[string]struct {
		damage func(p store.Profile) store.Profile
		finds  string
	}{
		"no change":      {func(p store.Profile) store.Profile { p.Change = nil; return p }, "not stored as this node knows"},
		"another change": {func(p store.Profile) store.Profile { p.Change = p.Profile; return p }, "cannot be read"},
		"compared":       {func(p store.Profile) store.Profile { p.Compared = !p.Compared; return p }, "not stored as this node knows"},
	} {
		t.Run(name, func(t *testing.T) {
			b, x, y := two(t)
			b.must(y.follow(x))
			b.Later(time.Hour)
			x.Rotate()
			b.must(y.follow(x))
			var row store.Profile
			b.must(y.Store.Update(t.Context(), func(tx *store.Tx) error {
				all, err := tx.Profiles()
				if err != nil {
					return err
				}
				row = all[len(all)-1]
				return tx.PutProfile(c.damage(row))
			}))
			audit, err := y.Node.Fsck(t.Context(), nil)
			b.must(err)
			if len(audit.Findings) == 0 || !strings.Contains(audit.Findings[0].Wrong, c.finds) {
				t.Errorf("%+v", audit.Findings)
			}
			b.must(y.Store.Update(t.Context(), func(tx *store.Tx) error { return tx.PutProfile(row) }))
		})
	}
}
