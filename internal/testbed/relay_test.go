package testbed

import (
	"errors"
	"testing"
	"time"

	"verbale/internal/docket"
	"verbale/internal/exchange"
	"verbale/internal/node"
	"verbale/internal/store"
	"verbale/seal"
	"verbale/verdict"
)

// withRelay is X and Y, linked, and a relay that Y has designated and X knows of.
func withRelay(t *testing.T, quota exchange.Load) (b *Bed, x, y, r *Party) {
	t.Helper()
	b = New(t)
	x, y, r = b.Party("aurelia.example"), b.Party("borea.example"), b.Relay("relay.example", quota)
	b.Link(x, y)
	b.Link(y, r)
	designate(t, y, r)
	follow(t, x, y)
	return b, x, y, r
}

func designate(t *testing.T, y, r *Party) {
	t.Helper()
	if _, err := y.Node.Designate(t.Context(), r.Name); err != nil {
		t.Fatal(err)
	}
}

func follow(t *testing.T, x, y *Party) {
	t.Helper()
	if _, err := x.Node.Follow(t.Context(), y.Name); err != nil {
		t.Fatal(err)
	}
}

// lodge makes a round with the relay of y, which must work.
func lodge(t *testing.T, x, y *Party) node.Lodged {
	t.Helper()
	done, err := x.Node.Lodge(t.Context(), y.Name)
	if err != nil {
		t.Fatal(err)
	}
	return done
}

func collect(t *testing.T, y *Party) int64 {
	t.Helper()
	came, err := y.Node.Collect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return came
}

// statusOf finds one of several links.
func statusOf(t *testing.T, p, with *Party) node.LinkStatus {
	t.Helper()
	links, err := p.Node.Links(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range links {
		if l.Party == with.Name {
			return l
		}
	}
	t.Fatalf("%s has no link with %s", p.Name, with.Name)
	return node.LinkStatus{}
}

// outboxOf reads what p holds of an outbox.
func outboxOf(t *testing.T, p *Party, from, to *Party) (row store.Outbox) {
	t.Helper()
	err := p.Store.View(t.Context(), func(tx *store.Tx) (err error) {
		row, err = tx.Outbox(from.Name + "/to/" + to.Name + "/1")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return row
}

// contents counts the contents that p holds of an outbox.
func contents(t *testing.T, p *Party, from, to *Party) (n int) {
	t.Helper()
	row := outboxOf(t, p, from, to)
	err := p.Store.View(t.Context(), func(tx *store.Tx) error {
		return tx.Entries(row.ID, 0, row.Head.Size, func(_ int64, e exchange.Entry) error {
			if e.Content != nil {
				n++
			}
			return nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// Sent, lodged and received are three states with three dates, and the last comes also when the addressee never reaches the sender.
func TestLostInDelivery(t *testing.T) {
	b, x, y, r := withRelay(t, exchange.Load{})
	y.Stop()
	ref := x.Appeal(y, "mitigate")
	if _, err := x.Node.Push(t.Context(), y.Name, nil); node.AsError(err).Kind != node.Offline {
		t.Fatalf("the push: %v", err)
	}
	b.Later(9 * time.Minute)
	if done, err := x.Node.LodgeDue(t.Context(), y.Name); err != nil || done.Relay != "" {
		t.Errorf("before its time: %+v, %v", done, err)
	}
	b.Later(time.Minute)
	done, err := x.Node.LodgeDue(t.Context(), y.Name)
	if err != nil || done != (node.Lodged{Relay: r.Name, Entries: 1, Lodged: 1}) {
		t.Fatalf("%+v, %v", done, err)
	}
	lodgedAt := b.Now()
	v := x.Cases(y)[0].View
	if v.Status != docket.Lodged || !v.Lodged.Equal(lodgedAt) || !v.Received.IsZero() || v.Turn != y.Name || v.Must != "receive" {
		t.Errorf("%+v", v)
	}
	if s := statusOf(t, x, y); s.Sent != 1 || s.Lodged != 1 || s.Receipted != 0 || s.Relay != r.Name {
		t.Errorf("%+v", s)
	}
	d, err := x.Node.Case(t.Context(), ref.Outbox, ref.Index)
	if err != nil || d.Records[0].LodgedWith != r.Name || !d.Records[0].LodgedAt.Equal(lodgedAt) || !d.Records[0].ReceivedAt.IsZero() {
		t.Errorf("%+v, %v", d.Records, err)
	}
	_, verdictNow := proves(t, x, ref)
	isLodged(t, verdictNow, ref, r, lodgedAt, verdict.Lodged) // that Y has received none is true, and no excuse

	b.Later(30 * 24 * time.Hour)
	y.Restart()
	b.Faults = apart(x, y) // and the two never reach each other
	if came := collect(t, y); came != 1 {
		t.Errorf("%d came", came)
	}
	receivedAt := b.Now()
	if got := status(t, y, x, ref); got != docket.Received {
		t.Errorf("the addressee says %s", got)
	}
	lodge(t, x, y)
	v = x.Cases(y)[0].View
	if v.Status != docket.Received || !v.Lodged.Equal(lodgedAt) || !v.Received.Equal(receivedAt) {
		t.Errorf("%s, lodged %s, received %s", v.Status, v.Lodged, v.Received)
	}
	sameDockets(t, x, y)
	for _, p := range []*Party{x, y} {
		_, v := proves(t, p, ref)
		isLodged(t, v, ref, r, lodgedAt, verdict.Received)
	}
	if n := contents(t, r, x, y); n != 0 {
		t.Errorf("the relay keeps %d contents that the addressee has", n)
	}
	if came := collect(t, y); came != 0 {
		t.Errorf("%d came twice", came)
	}
}

// apart is a world in which two parties cannot reach each other.
func apart(x, y *Party) func(from, to string, p exchange.Peer) exchange.Peer {
	return func(from, to string, p exchange.Peer) exchange.Peer {
		if from == x.Name && to == y.Name || from == y.Name && to == x.Name {
			return severed{}
		}
		return p
	}
}

// A peer that is up and polls its relay, but gives no receipts, is shown to have asked: by its own signature.
func TestSilentReceiver(t *testing.T) {
	b, x, y, r := withRelay(t, exchange.Load{})
	x.Appeal(y, "mitigate")
	x.Push(y)
	b.Faults = func(from, to string, p exchange.Peer) exchange.Peer {
		if from == x.Name && to == y.Name {
			return liar{Peer: p, push: func(*exchange.Batch) ([]byte, error) {
				return nil, exchange.Refuse(exchange.BadLeaf, "X-3", nil, "entry 1 is not a record")
			}}
		}
		if from == y.Name && to == r.Name {
			return liar{Peer: p, pull: func(string, int64) (*exchange.Batch, error) { return nil, errors.New("I would rather not know") }}
		}
		return p
	}
	ref := x.Appeal(y, "clarify")
	if _, err := x.Node.Push(t.Context(), y.Name, nil); exchange.KindOf(err) != exchange.BadLeaf {
		t.Fatal(err)
	}
	b.Later(node.LodgeAfter)
	if done, err := x.Node.LodgeDue(t.Context(), y.Name); err != nil || done.Lodged != 2 || done.Receipted != 1 {
		t.Fatalf("a link that is held lodges all the same: %+v, %v", done, err)
	}
	lodgedAt := b.Now()
	b.Later(time.Hour)
	polledAt := b.Now()
	if _, err := y.Node.Collect(t.Context()); err == nil {
		t.Error("the addressee does not pull")
	}
	lodge(t, x, y)
	if got := status(t, x, y, ref); got != docket.Lodged {
		t.Errorf("status %s", got)
	}
	all, err := r.Node.Lodgings(t.Context())
	if err != nil || len(all) != 1 || !all[0].PolledAt.Equal(polledAt) || all[0].Polled != 1 || all[0].Held.Entries != 1 || all[0].Size != 2 {
		t.Errorf("%+v, %v", all, err)
	}
	_, v := proves(t, x, ref)
	isLodged(t, v, ref, r, lodgedAt, verdict.Lodged)
	if c := saidBy(t, v, ref, y); !c.Last.Equal(polledAt) || c.Sizes[len(c.Sizes)-1].Size != 1 {
		t.Errorf("by its own signature it was there at %s and held 1: %+v", polledAt, c)
	}
	beats := beatsOf(t, x, y, x, y)
	if len(beats) == 0 || !beats[len(beats)-1].At.Equal(polledAt) || beats[len(beats)-1].Size != 1 {
		t.Errorf("the sender cannot show that its peer asked at %s: %+v", polledAt, beats)
	}
	if beats := beatsOf(t, x, r, x, y); len(beats) == 0 || beats[len(beats)-1].Size != 2 {
		t.Errorf("nor what the relay said: %+v", beats)
	}
}

// What was receipted before a relay was named is lodged without contents; what came after, with them.
func TestRelayNamedLate(t *testing.T) {
	b := New(t)
	x, y, r := b.Party("aurelia.example"), b.Party("borea.example"), b.Relay("relay.example", exchange.Load{Entries: 2})
	b.Link(x, y)
	for range 3 {
		for range 4 {
			x.Appeal(y, "mitigate")
		}
		x.Push(y)
	}
	b.Link(y, r)
	designate(t, y, r)
	follow(t, x, y)
	y.Stop()
	for range 2 {
		x.Appeal(y, "mitigate")
	}
	if done := lodge(t, x, y); done.Entries != 14 || done.Receipted != 12 {
		t.Errorf("%+v", done)
	}
	if n := contents(t, r, x, y); n != 2 {
		t.Errorf("the relay has %d contents, want those of the two that are not receipted", n)
	}
	if row := outboxOf(t, r, x, y); row.Receipted != 12 || row.Head.Size != 14 {
		t.Errorf("%d receipted of %d", row.Receipted, row.Head.Size)
	}
	y.Restart()
	if came := collect(t, y); came != 2 {
		t.Errorf("%d came", came)
	}
	sameDocketsAfter(t, x, y)
}

// sameDocketsAfter lets the sender hear from the relay first.
func sameDocketsAfter(t *testing.T, x, y *Party) {
	t.Helper()
	lodge(t, x, y)
	sameDockets(t, x, y)
}

// Where the peer has received past what was lodged, the sender tells the relay once, and its quota is free again (L-14).
func TestRelayIsToldOfReceiptsElsewhere(t *testing.T) {
	b, x, y, r := withRelay(t, exchange.Load{Entries: 3})
	y.Stop()
	x.Appeal(y, "mitigate")
	x.Appeal(y, "mitigate")
	lodge(t, x, y)
	y.Restart()
	x.Appeal(y, "mitigate")
	x.Push(y) // all three in one step
	if came := collect(t, y); came != 0 {
		t.Errorf("%d came from the relay as well", came)
	}
	if n := contents(t, r, x, y); n != 2 {
		t.Fatalf("the relay has %d contents", n)
	}
	done, err := x.Node.LodgeDue(t.Context(), y.Name)
	if err != nil || done.Entries != 1 || done.Lodged != 3 {
		t.Errorf("telling: %+v, %v", done, err)
	}
	if n := contents(t, r, x, y); n != 0 {
		t.Errorf("the relay has %d contents", n)
	}
	for range 3 {
		b.Later(time.Hour)
		x.Appeal(y, "mitigate")
		x.Push(y)
		if done, err := x.Node.LodgeDue(t.Context(), y.Name); err != nil || done.Relay != "" {
			t.Errorf("it is told once: %+v, %v", done, err)
		}
	}
}

// A full quota refuses the whole batch and says why; nothing is lost, and when the addressee has collected there is room again.
func TestFullQuota(t *testing.T) {
	b, x, y, r := withRelay(t, exchange.Load{Entries: 2})
	y.Stop()
	for range 3 {
		x.Appeal(y, "mitigate")
		if _, err := x.Node.Lodge(t.Context(), y.Name); err != nil && exchange.KindOf(err) != exchange.OverQuota {
			t.Fatal(err)
		}
	}
	s := statusOf(t, x, y)
	if s.Sent != 3 || s.Lodged != 2 || s.Held != "" || s.Stopped != "" {
		t.Errorf("%+v", s)
	}
	b.Later(node.LodgeAfter)
	for range 3 { // pauses grow; the relay is not asked meanwhile
		if _, err := x.Node.LodgeDue(t.Context(), y.Name); exchange.KindOf(err) != exchange.OverQuota {
			t.Fatal(err)
		}
		if done, err := x.Node.LodgeDue(t.Context(), y.Name); err != nil || done.Relay != "" {
			t.Errorf("without a pause: %+v, %v", done, err)
		}
		b.Later(5 * time.Minute)
	}
	if row := outboxOf(t, r, x, y); row.Head.Size != 2 {
		t.Errorf("the relay holds %d", row.Head.Size)
	}
	y.Restart()
	b.Faults = apart(x, y)
	if came := collect(t, y); came != 2 {
		t.Errorf("%d came", came)
	}
	if done := lodge(t, x, y); done.Lodged != 3 || done.Receipted != 2 {
		t.Errorf("%+v", done)
	}
	if came := collect(t, y); came != 1 {
		t.Errorf("%d came", came)
	}
	sameDocketsAfter(t, x, y)
}

// What the peer and its relay both give is there once; a receipt reaches the relay whichever gave it.
func TestBothWays(t *testing.T) {
	_, x, y, r := withRelay(t, exchange.Load{})
	ref := x.Appeal(y, "mitigate")
	lodge(t, x, y)
	x.Push(y)
	if came := collect(t, y); came != 0 {
		t.Errorf("%d came twice", came)
	}
	if row := outboxOf(t, r, x, y); row.Receipted != 1 {
		t.Error("the relay was not told of the receipt")
	}
	if got := len(y.Cases(x)); got != 1 || status(t, y, x, ref) != docket.Received {
		t.Errorf("%d cases", got)
	}
	sameDockets(t, x, y)
}

// When a designation ends, nothing more is lodged there, and what was is collected first; the relay is polled for a week.
func TestEndOfADesignation(t *testing.T) {
	b, x, y, r := withRelay(t, exchange.Load{})
	x.Appeal(y, "mitigate")
	lodge(t, x, y)
	if _, err := y.Node.EndDesignation(t.Context(), r.Name); err != nil {
		t.Fatal(err)
	}
	if len(y.Cases(x)) != 1 {
		t.Error("what was lodged was not collected before the end")
	}
	x.Appeal(y, "clarify")
	lodge(t, x, y) // the sender does not know yet
	b.Later(6 * 24 * time.Hour)
	if came := collect(t, y); came != 1 {
		t.Errorf("%d came after the end", came)
	}
	follow(t, x, y)
	x.Appeal(y, "clarify")
	if _, err := x.Node.Lodge(t.Context(), y.Name); kindOf(err) != node.NotFound {
		t.Errorf("lodged after the end: %v", err)
	}
	if s := statusOf(t, x, y); s.Relay != "" || s.Lodged != 2 || s.Sent != 3 {
		t.Errorf("%+v", s)
	}
	b.Later(2 * 24 * time.Hour)
	b.Faults = func(from, to string, p exchange.Peer) exchange.Peer {
		if from == y.Name && to == r.Name {
			return severed{}
		}
		return p
	}
	if _, err := y.Node.Collect(t.Context()); err != nil {
		t.Errorf("polled after a week: %v", err)
	}
	if _, err := y.Node.EndDesignation(t.Context(), r.Name); kindOf(err) != node.NotFound {
		t.Errorf("ended twice: %v", err)
	}
}

// A relay that renews its profile is designated anew by itself, so that senders find it where it is.
func TestRelayRenews(t *testing.T) {
	b, x, y, r := withRelay(t, exchange.Load{})
	b.Later(time.Hour)
	p, err := r.Node.Renew(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := y.Node.AddLink(t.Context(), p.File); err != nil {
		t.Fatal(err)
	}
	collect(t, y)
	before := outboxOfRegister(t, y)
	collect(t, y)
	if after := outboxOfRegister(t, y); after != before {
		t.Error("designated again without a reason")
	}
	follow(t, x, y)
	x.Appeal(y, "mitigate")
	if done := lodge(t, x, y); done.Relay != r.Name {
		t.Errorf("%+v", done)
	}
	all, err := y.Node.Relays(t.Context())
	if err != nil || len(all) != 1 || all[0].Problem != "" || all[0].State != "in-force" {
		t.Errorf("%+v, %v", all, err)
	}
}

func outboxOfRegister(t *testing.T, p *Party) (size int64) {
	t.Helper()
	err := p.Store.View(t.Context(), func(tx *store.Tx) error {
		row, err := tx.Outbox(p.Name + "/to/" + seal.Public + "/1")
		size = row.Head.Size
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return size
}

// A relay restarts with all that it held and all whom it served.
func TestRelayRestarts(t *testing.T) {
	_, x, y, r := withRelay(t, exchange.Load{})
	y.Stop()
	x.Appeal(y, "mitigate")
	lodge(t, x, y)
	r.Stop()
	x.Appeal(y, "mitigate")
	if _, err := x.Node.Lodge(t.Context(), y.Name); kindOf(err) != node.Offline {
		t.Errorf("the relay is down: %v", err)
	}
	r.Restart()
	if done := lodge(t, x, y); done.Entries != 1 || done.Lodged != 2 {
		t.Errorf("%+v", done)
	}
	y.Restart()
	if came := collect(t, y); came != 2 {
		t.Errorf("%d came", came)
	}
	sameDocketsAfter(t, x, y)
}

// A reply on the way back is lodged with the sender's own relay, if it has one.
func TestBothHaveRelays(t *testing.T) {
	b, x, y, r := withRelay(t, exchange.Load{})
	b.Link(x, r)
	designate(t, x, r)
	follow(t, y, x)
	b.Faults = apart(x, y)
	ref := x.Appeal(y, "mitigate")
	lodge(t, x, y)
	collect(t, y)
	y.Reply(x, ref, "acknowledge", nil)
	if done := lodge(t, y, x); done.Entries != 1 {
		t.Errorf("%+v", done)
	}
	collect(t, x)
	lodge(t, x, y)
	lodge(t, y, x)
	if got := status(t, x, y, ref); got != docket.Acknowledged {
		t.Errorf("status %s", got)
	}
	sameDockets(t, x, y)
}
