package testbed

import (
	"strings"
	"testing"
	"time"

	"verbale/internal/docket"
	"verbale/internal/exchange"
	"verbale/internal/node"
	"verbale/internal/store"
	"verbale/record"
)

// Whatever row of a relay's, a sender's or an addressee's is taken away or changed, fsck names it.
func TestFsckOfRelays(t *testing.T) {
	b := New(t)
	x, y := b.PartyOnDisk("aurelia.example", store.Options{}), b.PartyOnDisk("borea.example", store.Options{})
	r := b.foundAs(&Party{Name: "relay.example", Dir: t.TempDir(), kind: "relay", tune: func(c *node.Config) { c.Relay = true }}, store.Options{})
	b.Link(x, y)
	b.Link(y, r)
	designate(t, y, r)
	follow(t, x, y)
	x.Appeal(y, "mitigate")
	lodge(t, x, y)
	b.Later(time.Hour)
	collect(t, y)
	x.Appeal(y, "clarify")
	lodge(t, x, y)
	const (
		id  = `(SELECT id FROM outboxes WHERE origin = 'aurelia.example/to/borea.example/1')`
		key = ` WHERE key = (` + id + ` << 40)`
	)
	for name, c := range map[string]struct {
		at              *Party
		statement, want string
	}{
		"relay: receipt deleted":         {r, `DELETE FROM cosignatures WHERE size = 2`, "our receipt over that head is missing"},
		"relay: receipt moved":           {r, `UPDATE cosignatures SET size = 7 WHERE size = 2`, "no checkpoint of that size"},
		"relay: receipt of another":      {r, `UPDATE cosignatures SET name = 'borea.example/receipt' WHERE size = 2`, "no relay of the audience"},
		"relay: receipt changed":         {r, `UPDATE cosignatures SET lines = zeroblob(9) WHERE size = 2`, "does not verify"},
		"relay: receipt dated back":      {r, `UPDATE cosignatures SET at = at - 1000000`, "not the one that it signs"},
		"relay: audience's receipt":      {r, `UPDATE checkpoints SET receipt = zeroblob(9) WHERE size = 1 AND receipt IS NOT NULL`, "receipt"},
		"relay: content erased":          {r, `DELETE FROM contents`, "nobody erased it"},
		"relay: content erased too soon": {r, `INSERT INTO meta (key, value) SELECT 'erased/' || ((` + id + ` << 40) + 1), ''`, "the audience has not receipted it"},
		"relay: leaf changed":            {r, `UPDATE leaves SET leaf = substr(leaf, 1, 99)` + key, "not a record"},
		"relay: leave of another":        {r, `UPDATE lodgings SET author = 'cinder.example'`, "stored profile of cinder.example"},
		"relay: leave damaged":           {r, `UPDATE lodgings SET profile = zeroblob(9)`, "stored profile of aurelia.example"},
		"relay: leave forgotten":         {r, `DELETE FROM lodgings`, "no link with its other party"},
		"relay: beat changed":            {r, `UPDATE beats SET at = at + 1 WHERE party = 'relay.example' AND outbox = ` + id, "does not verify"},
		"sender: receipt changed":        {x, `UPDATE cosignatures SET lines = zeroblob(9) WHERE size = 2`, "does not verify"},
		"sender: receipt of a stranger":  {x, `UPDATE cosignatures SET name = 'cinder.example/receipt'`, "no relay of the audience"},
		"addressee: receipt changed":     {y, `UPDATE cosignatures SET lines = zeroblob(9)`, "does not verify"},
		"addressee: answer changed":      {y, `UPDATE beats SET at = at + 1 WHERE party = 'relay.example' AND outbox = ` + id, "does not verify"},
	} {
		t.Run(name, func(t *testing.T) {
			if said := strings.Join(damaged(t, c.at, c.statement), "\n"); !strings.Contains(said, c.want) {
				t.Errorf("want it to name %q, it says %q", c.want, said)
			}
		})
	}
	for _, p := range []*Party{x, y, r} {
		if said := damaged(t, p, `UPDATE meta SET value = value`); len(said) != 0 {
			t.Errorf("%s without damage: %q", p.Name, said)
		}
	}
}

// While the addressee has suspended the link, nothing is lodged and nothing taken; after the resume all of it goes its way.
func TestRelayAndSuspension(t *testing.T) {
	b, x, y, r := withRelay(t, exchange.Load{})
	x.Appeal(y, "mitigate")
	lodge(t, x, y)
	notice := record.Fields{}
	notice.SetText("reason", "closed for now")
	if _, err := y.Node.Suspend(t.Context(), x.Name, notice, ""); err != nil {
		t.Fatal(err)
	}
	if came := collect(t, y); came != 0 {
		t.Errorf("%d came while the link is suspended", came)
	}
	y.Push(x)
	x.Appeal(y, "clarify")
	b.Later(time.Hour)
	if done, err := x.Node.LodgeDue(t.Context(), y.Name); err != nil || done.Relay != "" {
		t.Errorf("lodged with the relay of who takes nothing: %+v, %v", done, err)
	}
	if _, err := x.Node.Lodge(t.Context(), y.Name); kindOf(err) != node.Refused {
		t.Errorf("by hand: %v", err)
	}
	if _, err := y.Node.Resume(t.Context(), x.Name, record.Fields{}, ""); err != nil {
		t.Fatal(err)
	}
	y.Push(x)
	b.Faults = apart(x, y)
	if done, err := x.Node.LodgeDue(t.Context(), y.Name); err != nil || done.Lodged != 2 {
		t.Errorf("after the resume: %+v, %v", done, err)
	}
	if came := collect(t, y); came != 2 {
		t.Errorf("%d came", came)
	}
	if row := outboxOf(t, r, x, y); row.Receipted != 2 {
		t.Errorf("%d receipted", row.Receipted)
	}
	sameDocketsAfter(t, x, y)
}

// New keys of everybody: what stands in the outbox of before and in the one of now is lodged, collected and receipted, once the addressee has
// told the relay of the sender's new keys, and the sender has read of the relay's.
func TestRelayAndNewKeys(t *testing.T) {
	b, x, y, r := withRelay(t, exchange.Load{})
	before := x.Appeal(y, "mitigate")
	lodge(t, x, y)
	b.Later(time.Hour)
	for _, p := range []*Party{x, y, r} {
		p.Rotate()
	}
	for _, pair := range [][2]*Party{{x, y}, {y, x}, {y, r}, {r, y}} {
		b.must(pair[0].follow(pair[1]))
	}
	collect(t, y) // names the relay anew in the new register, and the sender's new keys to the relay
	b.must(x.follow(y))
	if s := statusOf(t, x, y); s.Relay != r.Name {
		t.Errorf("relay %q", s.Relay)
	}
	after := x.Appeal(y, "clarify")
	b.Faults = apart(x, y)
	lodge(t, x, y)
	collect(t, y)
	lodge(t, x, y)
	for _, p := range [][2]*Party{{x, y}, {y, x}} {
		if got := status(t, p[0], p[1], after); got != docket.Received {
			t.Errorf("%s says of the appeal after: %s", p[0].Name, got)
		}
		if got := status(t, p[0], p[1], before); got != docket.Received && got != docket.Refused && got != docket.Unreadable {
			t.Errorf("%s says of the appeal before: %s", p[0].Name, got)
		}
	}
}

// Polls leave a trace, and old ones are thinned like all beats.
func TestPollsAreKept(t *testing.T) {
	b, x, y, r := withRelay(t, exchange.Load{})
	x.Appeal(y, "mitigate")
	lodge(t, x, y)
	for range 5 {
		collect(t, y)
		b.Later(5 * time.Minute)
	}
	for _, by := range []*Party{y, r} {
		if got := len(beatsOf(t, r, by, x, y)); got < 5 {
			t.Errorf("the relay keeps %d beats of %s", got, by.Name)
		}
	}
	if got := len(beatsOf(t, y, r, x, y)); got < 5 {
		t.Errorf("the addressee keeps %d answers", got)
	}
}
