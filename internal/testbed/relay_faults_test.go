package testbed

import (
	"bytes"
	"context"
	"slices"
	"testing"
	"time"

	"verbale/internal/exchange"
	"verbale/internal/node"
	"verbale/internal/store"
	"verbale/outbox"
	"verbale/record"
	"verbale/seal"
	"verbale/verdict"
)

// hider is a relay that hides from its audience what was lodged beyond a size: it signs a smaller head, with its own keys.
type hider struct {
	exchange.Peer
	relay *Party
	head  seal.Head
	cp    []byte // the checkpoint over it
}

func (h hider) Head(context.Context, string) ([]byte, error) {
	r, err := h.relay.Keys.Countersign(seal.Checkpoint{Head: h.head, Note: h.cp}, h.relay.Now())
	return slices.Concat(h.cp, r.Lines), err
}

func (h hider) Beat(context.Context, [][]byte) ([][]byte, error) {
	b, err := h.relay.Keys.Beat(h.head, h.relay.Now())
	return [][]byte{b.Note(h.relay.Keys.Keys())}, err
}

// A relay that hides an entry is convicted by two files: the sender's shows its receipt, the addressee's what it answered later (L-16).
func TestLyingRelay(t *testing.T) {
	b, x, y, r := withRelay(t, exchange.Load{})
	x.Appeal(y, "mitigate")
	x.Push(y)
	collect(t, y)
	small := outboxOf(t, y, x, y)
	y.Stop()
	ref := x.Appeal(y, "clarify")
	lodge(t, x, y)
	receiptAt := b.Now()
	b.Later(time.Hour)
	y.Restart()
	b.Faults = func(from, to string, p exchange.Peer) exchange.Peer {
		if from == y.Name && to == r.Name {
			return hider{p, r, small.Head, small.Note}
		}
		return apart(x, y)(from, to, p)
	}
	if came := collect(t, y); came != 0 {
		t.Errorf("%d came", came)
	}
	said := beatsOf(t, y, r, x, y)
	if last := said[len(said)-1]; last.Size != 1 || !last.At.Equal(b.Now()) {
		t.Fatalf("the addressee keeps %+v", said)
	}
	lodgings := cosignaturesOf(t, x, x, y)
	if last := lodgings[len(lodgings)-1]; last.Size != 2 || !last.Time.Equal(receiptAt) || !last.Time.Before(said[len(said)-1].At) {
		t.Fatalf("the sender keeps %+v", lodgings)
	}
	sender, err := x.Node.Prove(t.Context(), node.ProveRequest{Outbox: ref.Outbox, Index: ref.Index, Disclose: []string{"kind"}})
	if err != nil {
		t.Fatal(err)
	}
	addressee, err := y.Node.ProveRelay(t.Context(), r.Name, x.Name)
	if err != nil {
		t.Fatal(err)
	}
	v := together(t, sender, addressee)
	if len(v.TakenBack) != 1 || v.TakenBack[0].By != r.Name || v.TakenBack[0].Role != verdict.Relay || v.TakenBack[0].Larger.Size != 2 || v.TakenBack[0].Smaller.Size != 1 {
		t.Errorf("the two files prove %+v", v.TakenBack)
	}
	b.Faults = nil
	if came := collect(t, y); came != 1 {
		t.Errorf("%d came when it stopped lying", came)
	}
	if got := status(t, y, x, ref); got == "" {
		t.Error("lost")
	}
	sameDocketsAfter(t, x, y)
}

func cosignaturesOf(t *testing.T, at, from, to *Party) (all []store.Cosignature) {
	t.Helper()
	row := outboxOf(t, at, from, to)
	err := at.Store.View(t.Context(), func(tx *store.Tx) error {
		return tx.EachCosignature(row.ID, func(c store.Cosignature) error { all = append(all, c); return nil })
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// A relay that answers a poll about a head that nobody signed, with somebody else's beat, or not at all, is not believed, and nothing of it is kept.
func TestRelayAnswersNonsense(t *testing.T) {
	b, x, y, r := withRelay(t, exchange.Load{})
	x.Appeal(y, "mitigate")
	x.Push(y)
	head := outboxOf(t, y, x, y).Head
	other := head
	other.Root[0] ^= 1
	ahead := head
	ahead.Size = 7
	for name, c := range map[string]struct {
		by   *Party
		head seal.Head
		want exchange.Kind
	}{
		"another root":       {r, other, exchange.BadSignature},
		"more than it gives": {r, ahead, exchange.Malformed},
		"by another":         {x, head, exchange.BadSignature},
		"of another outbox":  {r, seal.Head{Origin: r.Name + "/to/" + y.Name + "/1"}, exchange.Malformed},
	} {
		b.Faults = func(from, to string, p exchange.Peer) exchange.Peer {
			if from == y.Name && to == r.Name {
				return hider{p, c.by, c.head, nil}
			}
			return p
		}
		if came, err := y.Node.Collect(t.Context()); exchange.KindOf(err) != c.want || came != 0 {
			t.Errorf("%s: %d came, %v; want %s", name, came, err, c.want)
		}
		if kept := beatsOf(t, y, r, x, y); len(kept) != 0 {
			t.Errorf("%s: kept %+v", name, kept)
		}
	}
	b.Faults = nil
	collect(t, y)
}

// A relay that answers a batch with a receipt for another size, of another party, or with nothing of its own, has lodged nothing.
func TestRelayReceiptForSomethingElse(t *testing.T) {
	b, x, y, r := withRelay(t, exchange.Load{})
	y.Stop()
	x.Appeal(y, "mitigate")
	var old []byte
	at := func(change func([]byte) []byte) func(from, to string, p exchange.Peer) exchange.Peer {
		return func(from, to string, p exchange.Peer) exchange.Peer {
			if to != r.Name {
				return p
			}
			if old != nil {
				return liar{Peer: p, push: func(*exchange.Batch) ([]byte, error) { return change(nil), nil }}
			}
			return meddler{Peer: p, receipt: change}
		}
	}
	b.Faults = at(func(receipt []byte) []byte { old = bytes.Clone(receipt); return receipt })
	lodge(t, x, y)
	x.Appeal(y, "mitigate")
	note := noteAt(t, x, y, 2)
	byX, err := x.Keys.Countersign(openedBy(t, x, note), b.Now())
	if err != nil {
		t.Fatal(err)
	}
	late, err := r.Keys.Countersign(openedBy(t, x, note), r.Profile.ValidUntil.Add(time.Second))
	if err != nil {
		t.Fatal(err)
	}
	for name, answer := range map[string][]byte{"older": old, "of another party": slices.Concat(note, byX.Lines), "none": note, "garbage": []byte("\x00\n\n\n"),
		"half": note[:len(note)/2], "dated after its keys": slices.Concat(note, late.Lines)} {
		b.Faults = at(func([]byte) []byte { return answer })
		if done, err := x.Node.Lodge(t.Context(), y.Name); err == nil {
			t.Errorf("%s: %+v", name, done)
		}
		if s := statusOf(t, x, y); s.Lodged != 1 || s.Stopped != "" {
			t.Errorf("%s: %d lodged, stopped %q", name, s.Lodged, s.Stopped)
		}
	}
	b.Faults = nil
	lodge(t, x, y)
	y.Restart()
	collect(t, y)
	sameDocketsAfter(t, x, y)
}

func openedBy(t *testing.T, p *Party, note []byte) seal.Checkpoint {
	t.Helper()
	cp, err := p.Keys.Keys().OpenCheckpoint(note)
	if err != nil {
		t.Fatal(err)
	}
	return cp
}

// A relay that names sizes without end, or claims what it shows no receipt for, ends the round; nothing counts as lodged.
func TestRelayThatLiesAboutItsSize(t *testing.T) {
	for name, size := range map[string]func(call int, b *exchange.Batch) int64{
		"alternates":     func(call int, _ *exchange.Batch) int64 { return int64(2 - call%2) },
		"claims all":     func(int, *exchange.Batch) int64 { return 3 },
		"claims more":    func(int, *exchange.Batch) int64 { return 1 << 39 },
		"less than none": func(int, *exchange.Batch) int64 { return -1 },
		"what was sent":  func(_ int, b *exchange.Batch) int64 { return b.Start },
	} {
		t.Run(name, func(t *testing.T) {
			b, x, y, r := withRelay(t, exchange.Load{})
			for range 3 {
				x.Appeal(y, "mitigate")
			}
			calls := 0
			b.Faults = func(_, to string, p exchange.Peer) exchange.Peer {
				if to != r.Name {
					return p
				}
				return liar{Peer: p, push: func(b *exchange.Batch) ([]byte, error) {
					if calls++; calls > patience {
						return nil, errPatience
					}
					return nil, elsewhere(size(calls, b), nil)
				}}
			}
			if done, err := x.Node.Lodge(t.Context(), y.Name); err == nil || done.Lodged != 0 || calls > patience {
				t.Errorf("%+v, %v, %d calls", done, err, calls)
			}
			b.Faults = nil
			if s := statusOf(t, x, y); s.Stopped != "" || s.Lodged != 0 {
				t.Errorf("%+v", s)
			}
			lodge(t, x, y)
			x.Push(y)
			sameDockets(t, x, y)
		})
	}
}

// A relay that lost what it had receipted is filled up again, and its receipt is kept as evidence against its memory (L-17).
func TestRelayRestoredFromAnOldBackup(t *testing.T) {
	b := New(t)
	x, y := b.Party("aurelia.example"), b.Party("borea.example")
	r := b.foundAs(&Party{Name: "relay.example", Dir: t.TempDir(), kind: "relay", tune: func(c *node.Config) { c.Relay = true }}, store.Options{})
	b.Link(x, y)
	b.Link(y, r)
	designate(t, y, r)
	follow(t, x, y)
	x.Appeal(y, "mitigate")
	lodge(t, x, y)
	s := copyStore(t, r)
	x.Appeal(y, "mitigate")
	x.Appeal(y, "mitigate")
	lodge(t, x, y)
	old := twin(t, r, s)
	x.Appeal(y, "mitigate")
	_, desk, ok := old.Desk([32]byte(x.Keys.Keys().TLS))
	if !ok {
		t.Fatal("the restored relay does not know its author")
	}
	b.Faults = func(from, to string, p exchange.Peer) exchange.Peer {
		if from == x.Name && to == r.Name {
			return desk
		}
		return p
	}
	if done := lodge(t, x, y); done.Lodged != 4 {
		t.Errorf("%+v", done)
	}
	kept, err := x.Node.Evidence(t.Context())
	if err != nil || len(kept) != 1 || kept[0].Kind != node.UnReceived || kept[0].Peer != r.Name {
		t.Fatalf("%+v, %v", kept, err)
	}
	b.Faults = nil
	x.Push(y)
	sameDockets(t, x, y)
}

// Whoever restored an old backup is told so by the relay as well, and signs nothing more.
func TestRelayShowsAnOldBackup(t *testing.T) {
	b := New(t)
	x, y, r := b.PartyOnDisk("aurelia.example", store.Options{}), b.Party("borea.example"), b.Relay("relay.example", exchange.Load{})
	b.Link(x, y)
	b.Link(y, r)
	designate(t, y, r)
	follow(t, x, y)
	y.Stop()
	x.Appeal(y, "mitigate")
	s := copyStore(t, x)
	x.Appeal(y, "mitigate")
	lodge(t, x, y)
	old := twin(t, x, s)
	if _, err := old.Lodge(t.Context(), y.Name); kindOf(err) != node.Stopped {
		t.Errorf("the old backup lodges on: %v", err)
	}
	if _, err := old.File(t.Context(), y.Name, x.Draft("mitigate"), ""); kindOf(err) != node.Stopped {
		t.Errorf("it signs on: %v", err)
	}
	y.Restart()
	collect(t, y)
	sameDocketsAfter(t, x, y)
}

// An old backup says to a relay neither how large its outbox is, before the peer was asked, nor anything else that the newer one denied.
func TestOldBackupGivesNoBeatToARelay(t *testing.T) {
	b := New(t)
	x, y, r := b.PartyOnDisk("aurelia.example", store.Options{}), b.Party("borea.example"), b.Relay("relay.example", exchange.Load{})
	b.Link(x, y)
	b.Link(y, r)
	designate(t, y, r)
	follow(t, x, y)
	x.Appeal(y, "mitigate")
	s := backupOf(t, x)
	x.Appeal(y, "mitigate")
	x.Push(y) // the relay holds nothing, and cannot know
	y.Stop()
	x.Restore(s)
	lodge(t, x, y)
	for _, p := range []*Party{x, r} {
		if all := beatsOf(t, p, x, x, y); len(all) != 0 {
			t.Errorf("%s has a beat of the old backup over %d", p.Name, all[0].Size)
		}
	}
	y.Restart()
	if _, err := x.Node.File(t.Context(), y.Name, x.Draft("clarify"), ""); kindOf(err) != node.Stopped {
		t.Errorf("%v", err)
	}
	got, err := x.Node.Recover(t.Context(), y.Name, nil)
	if err != nil || got.Sent != 1 || len(got.Still) != 0 {
		t.Errorf("%+v, %v", got, err)
	}
	lodge(t, x, y)
	if all := beatsOf(t, r, x, x, y); len(all) != 1 || all[0].Size != 2 {
		t.Errorf("%+v", all)
	}
}

// An author that restarts on an old backup while its peer is down learns it from the relay before it signs anything. That a relay holds no
// more than it does clears nothing: the peer may.
func TestRelayStopsAnOldBackupInTime(t *testing.T) {
	b := New(t)
	x, y, r := b.PartyOnDisk("aurelia.example", store.Options{}), b.Party("borea.example"), b.Relay("relay.example", exchange.Load{})
	b.Link(x, y)
	b.Link(y, r)
	designate(t, y, r)
	follow(t, x, y)
	x.Appeal(y, "mitigate")
	s := copyStore(t, x)
	x.Appeal(y, "mitigate")
	x.Push(y)
	lodge(t, x, y) // nothing: the peer has all
	y.Stop()
	cfg := x.config() // not the operator's word that it is no old copy
	cfg.Store = s
	asOld := opened(t, cfg)
	if _, err := asOld.File(t.Context(), y.Name, x.Draft("mitigate"), ""); kindOf(err) != node.Unchecked {
		t.Errorf("the relay knows nothing, and the peer is silent: %v", err)
	}
	x.Appeal(y, "mitigate")
	lodge(t, x, y)
	if _, err := asOld.File(t.Context(), y.Name, x.Draft("mitigate"), ""); kindOf(err) != node.Stopped {
		t.Errorf("the relay holds what the old backup does not: %v", err)
	}
	y.Restart()
	collect(t, y)
	sameDocketsAfter(t, x, y)
}

// An addressee that lost what it had collected does not take it back from the relay without its contents: the author has them.
func TestAddresseeRestoredFromAnOldBackup(t *testing.T) {
	b := New(t)
	x, y, r := b.Party("aurelia.example"), b.PartyOnDisk("borea.example", store.Options{}), b.Relay("relay.example", exchange.Load{})
	b.Link(x, y)
	b.Link(y, r)
	designate(t, y, r)
	follow(t, x, y)
	b.Faults = apart(x, y)
	x.Appeal(y, "mitigate")
	s := backupOf(t, y)
	lodge(t, x, y)
	collect(t, y)
	receiptAt := b.Now()
	lodge(t, x, y)
	b.Later(time.Hour)
	y.Restore(s)
	if came, err := y.Node.Collect(t.Context()); exchange.KindOf(err) != exchange.BadContent || came != 0 {
		t.Errorf("%d came, %v", came, err)
	}
	b.Faults = nil
	if _, err := y.Node.Pull(t.Context(), x.Name); err != nil {
		t.Fatal(err)
	}
	if v := y.Cases(x)[0].View; !v.Received.Equal(receiptAt) {
		t.Errorf("received at %s, want the time of then, %s", v.Received, receiptAt)
	}
	collect(t, y)
	sameDocketsAfter(t, x, y)
}

// An author that signs two logs is found out by the relay, which keeps the evidence and serves its audience on.
func TestForkIsLodged(t *testing.T) {
	b := New(t)
	x, y, r := b.PartyOnDisk("aurelia.example", store.Options{}), b.Party("borea.example"), b.Relay("relay.example", exchange.Load{})
	b.Link(x, y)
	b.Link(y, r)
	designate(t, y, r)
	follow(t, x, y)
	y.Stop()
	s := copyStore(t, x)
	x.Appeal(y, "mitigate")
	lodge(t, x, y)
	old := twin(t, x, s)
	if _, err := old.File(t.Context(), y.Name, x.Draft("clarify"), ""); err != nil {
		t.Fatal(err)
	}
	_, desk, _ := old.Desk([32]byte(y.Keys.Keys().TLS))
	fork, err := desk.Pull(t.Context(), x.Name+"/to/"+y.Name+"/1", 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := deskAt(t, r, x).Push(t.Context(), fork); exchange.KindOf(err) != exchange.ForkFound {
		t.Errorf("two logs: %v", err)
	}
	if _, err := old.Lodge(t.Context(), y.Name); kindOf(err) != node.Stopped {
		t.Errorf("two logs: %v", err)
	}
	for _, n := range []*node.Node{r.Node, old} {
		kept, err := n.Evidence(t.Context())
		if err != nil || len(kept) != 1 || kept[0].Kind != string(exchange.ForkFound) {
			t.Errorf("%s keeps %+v, %v", n.Party(), kept, err)
		}
	}
	y.Restart()
	if came := collect(t, y); came != 1 {
		t.Errorf("%d came", came)
	}
}

// deskAt is what p is to whoever calls with that key.
func deskAt(t *testing.T, p *Party, caller *Party) exchange.Peer {
	t.Helper()
	_, desk, ok := p.Node.Desk([32]byte(caller.Keys.Keys().TLS))
	if !ok {
		t.Fatalf("%s does not know %s", p.Name, caller.Name)
	}
	return desk
}

// Who may do what at a relay (L-4): every call of everybody on every outbox, and what must come of it.
func TestWhoMayDoWhat(t *testing.T) {
	b, x, y, r := withRelay(t, exchange.Load{})
	z := b.Party("caelum.example") // linked with the relay and with X; Y has not admitted it
	b.Link(z, r)
	b.Link(x, z)
	x.Appeal(y, "mitigate")
	lodge(t, x, y)
	x.Appeal(z, "mitigate")
	lodged, foreign, public := x.Name+"/to/"+y.Name+"/1", x.Name+"/to/"+z.Name+"/1", r.Name+"/to/public/1"
	receipt, err := y.Keys.Countersign(openedBy(t, x, noteAt(t, x, y, 1)), b.Now())
	if err != nil {
		t.Fatal(err)
	}
	beat := func(p *Party, origin string) [][]byte {
		b, err := p.Keys.Beat(seal.Head{Origin: origin, Root: [32]byte{1}}, p.Now())
		if err != nil {
			t.Fatal(err)
		}
		return [][]byte{b.Note(p.Keys.Keys())}
	}
	ask := func(call func(exchange.Peer) error) map[string]exchange.Kind {
		got := map[string]exchange.Kind{}
		for name, p := range map[string]*Party{"x": x, "y": y, "z": z} {
			if err := call(deskAt(t, r, p)); err != nil {
				got[name] = exchange.KindOf(err)
			}
		}
		return got
	}
	const no = exchange.NotYours
	for name, c := range map[string]struct {
		call    func(exchange.Peer) error
		x, y, z exchange.Kind
	}{
		"pull what is lodged": {func(p exchange.Peer) error { _, err := p.Pull(t.Context(), lodged, 0); return err }, "", "", no},
		"head of it":          {func(p exchange.Peer) error { _, err := p.Head(t.Context(), lodged); return err }, "", "", no},
		"pull what is not":    {func(p exchange.Peer) error { _, err := p.Pull(t.Context(), foreign, 0); return err }, no, no, no},
		"head of that":        {func(p exchange.Peer) error { _, err := p.Head(t.Context(), foreign); return err }, no, no, no},
		"pull the register":   {func(p exchange.Peer) error { _, err := p.Pull(t.Context(), public, 0); return err }, "", "", ""},
		"head of it, too":     {func(p exchange.Peer) error { _, err := p.Head(t.Context(), public); return err }, "", "", ""},
		"pull nonsense":       {func(p exchange.Peer) error { _, err := p.Pull(t.Context(), "nonsense", 0); return err }, no, no, no},
		"head of nonsense":    {func(p exchange.Peer) error { _, err := p.Head(t.Context(), "nonsense"); return err }, no, no, no},
		"return a receipt": {func(p exchange.Peer) error {
			return p.Return(t.Context(), slices.Concat(noteAt(t, x, y, 1), receipt.Lines))
		},
			no, "", no},
		"dated":                {func(p exchange.Peer) error { _, err := p.Dated(t.Context(), lodged, 0); return err }, no, no, no},
		"push to another":      {func(p exchange.Peer) error { _, err := p.Push(t.Context(), batchOf(t, x, z)); return err }, no, no, no},
		"push what is lodged":  {func(p exchange.Peer) error { _, err := p.Push(t.Context(), batchOf(t, x, y)); return err }, "", no, no},
		"beat over nonsense":   {func(p exchange.Peer) error { _, err := p.Beat(t.Context(), beat(x, foreign)); return err }, no, exchange.BadSignature, exchange.BadSignature},
		"beat by another":      {func(p exchange.Peer) error { _, err := p.Beat(t.Context(), beat(z, lodged)); return err }, exchange.BadSignature, exchange.BadSignature, no},
		"beat on another root": {func(p exchange.Peer) error { _, err := p.Beat(t.Context(), beat(x, lodged)); return err }, exchange.BadSignature, exchange.BadSignature, exchange.BadSignature},
		"admit oneself":        {func(p exchange.Peer) error { return p.Admit(t.Context(), y.Profile.File) }, no, no, ""},
		"admit the relay":      {func(p exchange.Peer) error { return p.Admit(t.Context(), r.Profile.File) }, no, no, no},
		"admit nonsense":       {func(p exchange.Peer) error { return p.Admit(t.Context(), "nonsense") }, no, exchange.Malformed, exchange.Malformed},
	} {
		got := ask(c.call)
		if got["x"] != c.x || got["y"] != c.y || got["z"] != c.z {
			t.Errorf("%s: author %q, audience %q, another %q; want %q, %q, %q", name, got["x"], got["y"], got["z"], c.x, c.y, c.z)
		}
	}
}

// batchOf is all that p has written to another, in one batch.
func batchOf(t *testing.T, p, to *Party) *exchange.Batch {
	t.Helper()
	b, err := deskAt(t, p, to).Pull(t.Context(), p.Name+"/to/"+to.Name+"/1", 0)
	if err != nil || b == nil {
		t.Fatal(err)
	}
	return b
}

// A node that does not serve as a relay is none, whatever it held as one (L-4).
func TestPlainNodeIsNoRelay(t *testing.T) {
	_, x, y, r := withRelay(t, exchange.Load{})
	x.Appeal(y, "mitigate")
	lodge(t, x, y)
	r.Stop()
	r.tune = nil
	r.Restart()
	if _, _, ok := r.Node.Desk([32]byte(x.Keys.Keys().TLS)); ok {
		t.Error("the author still gets in")
	}
	desk := deskAt(t, r, y)
	if _, err := desk.Pull(t.Context(), x.Name+"/to/"+y.Name+"/1", 0); exchange.KindOf(err) != exchange.NotYours {
		t.Errorf("it still hands out: %v", err)
	}
	if err := desk.Admit(t.Context(), x.Profile.File); exchange.KindOf(err) != exchange.NotYours {
		t.Errorf("it still takes leave: %v", err)
	}
	if _, err := y.Node.Designate(t.Context(), r.Name); exchange.KindOf(err) != exchange.NotYours {
		t.Errorf("it is designated: %v", err)
	}
	if _, err := x.Node.Lodge(t.Context(), y.Name); err == nil {
		t.Error("it still takes entries")
	}
	x.Push(y)
	sameDockets(t, x, y)
}

// Somebody whom Y never named cannot be made to hold or to see anything by naming itself Y's, and keys of others are not admitted (L-3).
func TestAdmissionIsTheAudiences(t *testing.T) {
	b, x, y, r := withRelay(t, exchange.Load{})
	bad := New(t)
	for _, name := range []string{"a.example", "b.example", "c.example", "d.example"} { // its keys are those of this world, in order
		bad.Party(name)
	}
	fake := bad.Party(x.Name) // the same name, other keys
	if err := deskAt(t, r, y).Admit(t.Context(), fake.Profile.File); exchange.KindOf(err) != exchange.NotYours {
		t.Errorf("other keys of the same generation: %v", err)
	}
	z := b.Party("caelum.example")
	b.Link(z, r)
	if err := deskAt(t, r, z).Admit(t.Context(), fake.Profile.File); err != nil { // Z may believe it
		t.Fatal(err)
	}
	x.Appeal(y, "mitigate")
	if _, err := deskAt(t, r, fake).Push(t.Context(), batchOf(t, x, y)); exchange.KindOf(err) != exchange.NotYours {
		t.Errorf("X's own entries, pushed with keys that only Z believes in: %v", err)
	}
	if err := deskAt(t, r, y).Admit(t.Context(), twinOf(t, x)); exchange.KindOf(err) != exchange.NotYours {
		t.Errorf("another name with the keys of a party that Y has named: %v", err)
	}
	if err := deskAt(t, r, y).Admit(t.Context(), twinOf(t, y)); exchange.KindOf(err) != exchange.NotYours {
		t.Errorf("another name with the keys of Y: %v", err)
	}
	if _, err := deskAt(t, r, fake).Head(t.Context(), x.Name+"/to/"+y.Name+"/1"); exchange.KindOf(err) != exchange.NotYours {
		t.Errorf("it sees: %v", err)
	}
	lodge(t, x, y)
	collect(t, y)
	sameDocketsAfter(t, x, y)
}

// twinOf is the profile file of a party of another name with the keys of p.
func twinOf(t *testing.T, p *Party) string {
	t.Helper()
	f := p.Profile.Opened.Fields.Clone()
	f.SetText("party", "evil.example")
	c, err := record.Compose(f, p.Bed.seed)
	if err != nil {
		t.Fatal(err)
	}
	r, err := c.Sign("evil.example/to/public/1", p.Keys.Keys().RecordKeyID(), record.DigestOf(c.Content()), p.Keys.SignRecord)
	if err != nil {
		t.Fatal(err)
	}
	o, err := r.Open(c.Content())
	if err != nil {
		t.Fatal(err)
	}
	file, err := o.Present([]string{"*"})
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// A designation counts only in the register of its author, with the profile whose fingerprint it names; other ones are not used (L-2).
func TestDesignationsThatDoNotCount(t *testing.T) {
	for name, change := range map[string]func(f record.Fields, r, x, y *Party){
		"another fingerprint": func(f record.Fields, _, x, _ *Party) {
			f.SetText("fingerprint", fingerprintOf(x.Profile))
		},
		"the profile of another": func(f record.Fields, _, x, _ *Party) { f.SetText("profile_file", x.Profile.File) },
		"of another name":        func(f record.Fields, _, _, _ *Party) { f.SetText("party", "other.example") },
		"itself":                 func(f record.Fields, _, _, y *Party) { naming(f, y) },
		"the sender":             func(f record.Fields, _, x, _ *Party) { naming(f, x) },
		"no profile":             func(f record.Fields, _, _, _ *Party) { f.SetText("profile_file", "nonsense") },
	} {
		t.Run(name, func(t *testing.T) {
			b := New(t)
			x, y, r := b.Party("aurelia.example"), b.Party("borea.example"), b.Relay("relay.example", exchange.Load{})
			b.Link(x, y)
			f := designation(r, y)
			change(f, r, x, y)
			fileInRegister(t, y, f)
			follow(t, x, y)
			x.Appeal(y, "mitigate")
			if _, err := x.Node.Lodge(t.Context(), y.Name); kindOf(err) != node.NotFound {
				t.Errorf("lodged: %v", err)
			}
			if s := statusOf(t, x, y); s.Relay != "" {
				t.Errorf("relay %q", s.Relay)
			}
		})
	}
	t.Run("in another register", func(t *testing.T) {
		b := New(t)
		x, y, z, r := b.Party("aurelia.example"), b.Party("borea.example"), b.Party("caelum.example"), b.Relay("relay.example", exchange.Load{})
		b.Link(x, y)
		b.Link(x, z)
		b.Link(z, r)
		designate(t, z, r)
		follow(t, x, y)
		follow(t, x, z)
		x.Appeal(y, "mitigate")
		if _, err := x.Node.Lodge(t.Context(), y.Name); kindOf(err) != node.NotFound {
			t.Errorf("lodged with the relay of another: %v", err)
		}
		if s := statusOf(t, x, z); s.Relay != r.Name {
			t.Errorf("relay %q", s.Relay)
		}
	})
}

func fingerprintOf(p verdict.Profile) string {
	f := record.Fields{}
	f.SetHead("h", record.Head{Origin: "a/to/b/1", Root: p.Fingerprint})
	raw := string(f["h"])
	return raw[len(`{"origin":"a/to/b/1","root":"`) : len(`{"origin":"a/to/b/1","root":"`)+43]
}

// designation is the entry with which y designates r.
func designation(r, y *Party) record.Fields {
	f := record.Fields{}
	for name, value := range map[string]string{"act": "designate", "class": "service", "channel": "technical", "released_by": "operator", "language": "en", "tlp": "clear",
		"role": "relay", "state": "in-force"} {
		f.SetText(name, value)
	}
	f.SetTime("drafted_at", y.Now())
	f.SetTime("released_at", y.Now())
	naming(f, r)
	return f
}

func naming(f record.Fields, r *Party) {
	f.SetText("party", r.Name)
	f.SetText("fingerprint", fingerprintOf(r.Profile))
	f.SetText("profile_file", r.Profile.File)
}

// fileInRegister writes a record into the register of a party that its node would not write.
func fileInRegister(t *testing.T, p *Party, f record.Fields) {
	t.Helper()
	origin := p.Name + "/to/" + seal.Public + "/1"
	c, err := record.Compose(f, p.Bed.seed)
	if err != nil {
		t.Fatal(err)
	}
	r, err := c.Sign(origin, p.Keys.Keys().RecordKeyID(), record.DigestOf(c.Content()), p.Keys.SignRecord)
	if err != nil {
		t.Fatal(err)
	}
	err = p.Store.Update(t.Context(), func(tx *store.Tx) error {
		row, err := tx.Outbox(origin)
		if err != nil {
			return err
		}
		tree := outbox.OpenTree(row.Head.Size, tx.Tiles(row.ID))
		if err := tree.Append(r.LeafHash()); err != nil {
			return err
		}
		root, err := tree.Root()
		if err != nil {
			return err
		}
		cp, err := p.Keys.SignHead(seal.Head{Origin: origin, Size: tree.Size(), Root: root}, p.Now())
		if err != nil {
			return err
		}
		return tx.Append(row.ID, row.Head.Size, []store.NewLeaf{{Leaf: r.Bytes(), Content: c.Content()}}, tree.Changed(), cp)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A relay whose clock goes back signs nothing over an outbox until it has caught up (L-8): else an honest one could be convicted.
func TestRelayClockGoesBack(t *testing.T) {
	_, x, y, r := withRelay(t, exchange.Load{})
	y.Stop()
	x.Appeal(y, "mitigate")
	lodge(t, x, y)
	y.Restart()
	r.SetClock(-2 * time.Minute)
	if _, err := y.Node.Collect(t.Context()); exchange.KindOf(err) != exchange.Busy {
		t.Errorf("it answers a poll: %v", err)
	}
	x.Appeal(y, "mitigate")
	if _, err := x.Node.Lodge(t.Context(), y.Name); exchange.KindOf(err) != exchange.Busy {
		t.Errorf("it gives a receipt: %v", err)
	}
	r.SetClock(0)
	lodge(t, x, y)
	if came := collect(t, y); came != 2 {
		t.Errorf("%d came", came)
	}
	sameDocketsAfter(t, x, y)
}

// Every call can be made again, and a reply that was lost changes nothing: the same receipt, the same entries.
func TestReplayAtTheRelay(t *testing.T) {
	b, x, y, r := withRelay(t, exchange.Load{})
	y.Stop()
	x.Appeal(y, "mitigate")
	var first *exchange.Batch
	lost := 0
	b.Faults = func(from, to string, p exchange.Peer) exchange.Peer {
		if from != x.Name || to != r.Name {
			return p
		}
		return lossy{keeper{p, &first}, &lost}
	}
	if _, err := x.Node.Lodge(t.Context(), y.Name); err == nil {
		t.Fatal("the reply should have been lost")
	}
	b.Later(time.Hour)
	lodge(t, x, y)
	got := cosignaturesOf(t, x, x, y)
	if len(got) != 1 || !got[0].Time.Equal(b.Now().Add(-time.Hour)) {
		t.Errorf("%+v: want the receipt of the first time", got)
	}
	x.Appeal(y, "clarify")
	lodge(t, x, y)
	for range 2 { // whoever recorded it plays it again
		again, err := deskAt(t, r, x).Push(t.Context(), first)
		if err != nil || !bytes.Contains(again, got[0].Lines) {
			t.Errorf("%v", err)
		}
	}
	y.Restart()
	collect(t, y)
	for range 2 {
		if err := deskAt(t, r, y).Return(t.Context(), outboxOf(t, y, x, y).Receipt); err != nil {
			t.Error(err)
		}
		if err := deskAt(t, r, y).Admit(t.Context(), x.Profile.File); err != nil {
			t.Error(err)
		}
	}
	sameDocketsAfter(t, x, y)
}

// keeper keeps the first batch that goes by.
type keeper struct {
	exchange.Peer
	first **exchange.Batch
}

func (k keeper) Push(ctx context.Context, b *exchange.Batch) ([]byte, error) {
	if *k.first == nil {
		*k.first = b
	}
	return k.Peer.Push(ctx, b)
}
