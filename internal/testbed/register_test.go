package testbed

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"

	"verbale/internal/exchange"
	"verbale/internal/node"
	"verbale/internal/store"
	"verbale/record"
	"verbale/seal"
)

// registerOf reads the register of a party as somebody holds it.
func registerOf(t *testing.T, at, of *Party) (entries []exchange.Entry, row store.Outbox) {
	t.Helper()
	at.Bed.must(at.Store.View(t.Context(), func(tx *store.Tx) (err error) {
		if row, err = tx.Outbox(of.register().String()); err != nil {
			return err
		}
		return tx.Entries(row.ID, 0, row.Head.Size, func(_ int64, e exchange.Entry) error {
			entries = append(entries, e)
			return nil
		})
	}))
	return entries, row
}

// A sealed entry is read by its author alone. To the peer that mirrors the register it is sealed, and nothing is wrong with it.
func TestHeadsAreSealed(t *testing.T) {
	_, x, y := two(t)
	x.Appeal(y, "mitigate")
	x.Push(y)
	ref := x.Snapshot()
	if ref.Index != 1 || ref.Outbox != x.register().String() {
		t.Fatalf("%+v", ref)
	}
	d, err := x.Node.Case(t.Context(), ref.Outbox, ref.Index)
	if err != nil || d.Records[0].Act != "heads" || len(d.Records[0].Fields.Texts("heads")) != 16 {
		t.Errorf("its author reads %+v, %v", d, err)
	}
	if came := y.Follow(x); came != 2 {
		t.Errorf("%d entries of the register came, want 2", came)
	}
	if d, err = y.Node.Case(t.Context(), ref.Outbox, ref.Index); err != nil || d.Records[0].Fault != "sealed" || d.Records[0].Fields != nil {
		t.Errorf("the peer reads %+v, %v", d, err)
	}
	if d, err = y.Node.Case(t.Context(), ref.Outbox, 0); err != nil || d.Records[0].Act != "profile" {
		t.Errorf("of the profile the peer reads %+v, %v", d, err)
	}
	entries, row := registerOf(t, y, x)
	if row.Receipt != nil || row.Receipted != 0 || !record.Sealed(entries[1].Content) || record.Sealed(entries[0].Content) {
		t.Errorf("the mirror: receipted %d", row.Receipted)
	}
	if n := len(y.Cases(x)); n != 1 {
		t.Errorf("%d cases: the register is in no docket", n)
	}
	for _, p := range []*Party{x, y} {
		if r, err := p.Node.Rebuild(t.Context(), false, nil); err != nil || len(r.Different) != 0 {
			t.Errorf("rebuild: %+v, %v", r, err)
		}
	}
	if again := y.Follow(x); again != 0 {
		t.Errorf("%d entries came twice", again)
	}
}

// What stands in a snapshot is each head once, whoever wrote it (G-4).
func TestSnapshotHasEveryHead(t *testing.T) {
	b, x, y := two(t)
	z := b.Party("cinder.example")
	b.Link(x, z)
	x.Appeal(y, "mitigate")
	x.Appeal(y, "mitigate")
	x.Push(y)
	y.Appeal(x, "clarify")
	y.Push(x)
	ref := x.Snapshot()
	d, err := x.Node.Case(t.Context(), ref.Outbox, ref.Index)
	b.must(err)
	listed := d.Records[0].Fields.Texts("heads")
	want := 0
	b.must(x.Store.View(t.Context(), func(tx *store.Tx) error {
		rows, err := tx.Outboxes()
		for _, row := range rows {
			if row.Origin.Audience == seal.Public || row.Head.Size == 0 {
				continue
			}
			want++
			if digest := exchange.HeadDigest(row.Head); strings.Count(strings.Join(listed, " "), digest) != 1 {
				t.Errorf("the head of %s stands there %d times", row.Origin, strings.Count(strings.Join(listed, " "), digest))
			}
		}
		return err
	}))
	if want != 2 {
		t.Errorf("%d heads, want 2: to a party to which nothing was said there is none", want)
	}
	if taken := d.Records[0].Fields.Time("taken_at"); !taken.Equal(b.Now()) {
		t.Errorf("taken at %v", taken)
	}
}

// Nothing in a register tells who its party talks to, or with how many: with one link and with five it has the same shape.
func TestRegisterTellsNothing(t *testing.T) {
	b := New(t)
	one, many := b.Party("aurelia.example"), b.Party("borealis.example")
	names := []string{"cinder.example", "dunmore.example", "estrada.example", "fjordby.example", "gorizia.example"}
	for i, name := range names {
		p := b.Party(name)
		b.Link(many, p)
		many.Appeal(p, "mitigate")
		many.Push(p)
		p.Appeal(many, "clarify")
		p.Push(many)
		if i == 0 {
			b.Link(one, p)
		}
	}
	for range 3 {
		b.Later(time.Minute)
		one.Snapshot()
		many.Snapshot()
	}
	a, _ := registerOf(t, one, one)
	c, _ := registerOf(t, many, many)
	if len(a) != 4 || len(c) != 4 {
		t.Fatalf("%d and %d entries", len(a), len(c))
	}
	longer := len("borealis.example") - len("aurelia.example")
	for i := 1; i < len(a); i++ {
		if len(a[i].Content) != len(c[i].Content) {
			t.Errorf("entry %d: contents of %d and %d bytes", i, len(a[i].Content), len(c[i].Content))
		}
		if d := len(c[i].Leaf) - len(a[i].Leaf); d < 0 || d > 2*longer {
			t.Errorf("entry %d: leaves of %d and %d bytes", i, len(a[i].Leaf), len(c[i].Leaf))
		}
		for _, name := range append(names, "/to/") {
			leaf := decodedLeaf(t, c[i].Leaf)
			if bytes.Contains(c[i].Content, []byte(name)) || name != "/to/" && bytes.Contains(leaf, []byte(name)) ||
				name == "/to/" && bytes.Count(leaf, []byte(name)) != 1 { // its own outbox
				t.Errorf("entry %d tells of %s", i, name)
			}
		}
	}
	// No head stands there in a form that who knows the log could look for.
	b.must(many.Store.View(t.Context(), func(tx *store.Tx) error {
		rows, err := tx.Outboxes()
		for _, row := range rows {
			for i, e := range c[1:] {
				if digest := []byte(exchange.HeadDigest(row.Head)); bytes.Contains(e.Content, digest) || bytes.Contains(decodedLeaf(t, e.Leaf), digest) {
					t.Errorf("entry %d shows the head of %s", i+1, row.Origin)
				}
			}
		}
		return err
	}))
}

func decodedLeaf(t *testing.T, leaf []byte) []byte {
	t.Helper()
	r, err := record.Parse(leaf)
	if err != nil {
		t.Fatal(err)
	}
	var all []byte
	for _, part := range strings.Split(string(r.Bytes()), ".")[:2] {
		text, err := base64.RawURLEncoding.DecodeString(part)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, text...)
	}
	return all
}

// forked gives x's peer a register that parts from the one before: the one of an old copy of x, which then went on.
func forked(t *testing.T) (x, y *Party, old *node.Node) {
	t.Helper()
	b := New(t)
	x, y = b.PartyOnDisk("aurelia.example", store.Options{}), b.Party("borea.example")
	b.Link(x, y)
	copied := copyStore(t, x)
	x.Snapshot()
	x.Snapshot()
	y.Follow(x)
	return x, y, twin(t, x, copied)
}

// showing serves what another node says of its register in place of its own.
type showing struct {
	exchange.Peer
	other exchange.Peer
}

func (s showing) Pull(ctx context.Context, origin string, start int64) (*exchange.Batch, error) {
	return s.other.Pull(ctx, origin, start)
}

func (s showing) Head(ctx context.Context, origin string) ([]byte, error) {
	return s.other.Head(ctx, origin)
}

// A forked register is kept as evidence, whether the other one is shorter, as long, or longer (G-3).
func TestForkedRegister(t *testing.T) {
	for name, c := range map[string]struct {
		entries int
		want    exchange.Kind
	}{"shorter": {1, exchange.ForkFound}, "as long": {2, exchange.ForkFound}, "longer": {3, exchange.BadRoot}} {
		t.Run(name, func(t *testing.T) {
			x, y, old := forked(t)
			for range c.entries {
				if _, err := old.Snapshot(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			desk, _ := deskOf(old, y)
			y.Bed.Faults = func(_, _ string, p exchange.Peer) exchange.Peer { return showing{p, desk} }
			_, err := y.Node.Follow(t.Context(), x.Name)
			if exchange.KindOf(err) != c.want {
				t.Fatalf("%v, want %s", err, c.want)
			}
			kept, err := y.Node.Evidence(t.Context())
			if err != nil || len(kept) != 1 || kept[0].Kind != string(c.want) || kept[0].Origin != x.register().String() || kept[0].Peer != x.Name {
				t.Fatalf("%+v, %v", kept, err)
			}
			if c.want == exchange.ForkFound {
				raw, err := y.Node.ProveFork(t.Context(), kept[0].ID)
				if err != nil || len(raw) == 0 {
					t.Error(err)
				}
			}
			y.Bed.Faults = nil
			x.Snapshot() // the history that was mirrored goes on
			if came := y.Follow(x); came != 1 {
				t.Errorf("%d entries came, want 1", came)
			}
		})
	}
}

// A register that only went back is no fork; the mirror keeps what it has.
func TestRegisterThatWentBack(t *testing.T) {
	x, y, old := forked(t)
	desk, _ := deskOf(old, y)
	y.Bed.Faults = func(_, _ string, p exchange.Peer) exchange.Peer { return showing{p, desk} }
	if came := y.Follow(x); came != 0 {
		t.Errorf("%d entries came", came)
	}
	if kept, err := y.Node.Evidence(t.Context()); err != nil || len(kept) != 0 {
		t.Errorf("%+v, %v", kept, err)
	}
	if _, row := registerOf(t, y, x); row.Head.Size != 3 {
		t.Errorf("the mirror has %d entries", row.Head.Size)
	}
}

// A register that cannot be followed does not keep the link from going on.
func TestUnfollowedRegister(t *testing.T) {
	b, x, y := two(t)
	asked, pushed := make(chan struct{}, 16), make(chan struct{}, 16)
	b.Faults = func(_, _ string, p exchange.Peer) exchange.Peer { return noRegister{p, asked, pushed} }
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- x.Node.Run(ctx) }()
	<-asked
	x.Appeal(y, "mitigate")
	<-pushed
	stop()
	b.must(<-done)
	if n := len(y.Cases(x)); n != 1 {
		t.Errorf("%d cases", n)
	}
}

// noRegister has no answer to whoever asks for a register.
type noRegister struct {
	exchange.Peer
	asked, pushed chan struct{}
}

func (p noRegister) Pull(ctx context.Context, origin string, start int64) (*exchange.Batch, error) {
	if strings.Contains(origin, "/to/public/") {
		p.asked <- struct{}{}
		return nil, errors.New("no answer")
	}
	return p.Peer.Pull(ctx, origin, start)
}

func (p noRegister) Push(ctx context.Context, b *exchange.Batch) ([]byte, error) {
	receipt, err := p.Peer.Push(ctx, b)
	p.pushed <- struct{}{}
	return receipt, err
}
