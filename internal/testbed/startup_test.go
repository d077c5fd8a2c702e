package testbed

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"verbale/internal/exchange"
	"verbale/internal/node"
	"verbale/internal/store"
	"verbale/seal"
)

// Restore puts another database under the party, as an operator does with a backup, and starts its node again.
func (p *Party) Restore(s *store.Store) {
	p.Bed.t.Helper()
	p.Stop()
	p.Bed.must(p.Store.Close())
	p.Store = s
	p.Restart()
}

// backupOf copies a party's database as a backup would; Restore closes it with the party.
func backupOf(t *testing.T, p *Party) *store.Store {
	t.Helper()
	dir := t.TempDir()
	p.Bed.must(p.Store.Backup(t.Context(), dir+"/verbale.db"))
	s, err := store.Open(t.Context(), dir, store.Options{})
	p.Bed.must(err)
	return s
}

// asker stands before a peer and sees who asks for heads.
type asker struct {
	exchange.Peer
	head func(ctx context.Context, origin string) ([]byte, error)
}

func (a asker) Head(ctx context.Context, origin string) ([]byte, error) { return a.head(ctx, origin) }

// cut lets no call of a party through.
func cut(party string) func(string, string, exchange.Peer) exchange.Peer {
	return func(from, _ string, p exchange.Peer) exchange.Peer {
		if from != party {
			return p
		}
		return severed{}
	}
}

// severed is a peer that cannot be reached.
type severed struct{}

var errNoRoute = errors.New("no route")

func (severed) Push(context.Context, *exchange.Batch) ([]byte, error) { return nil, errNoRoute }
func (severed) Pull(context.Context, string, int64) (*exchange.Batch, error) {
	return nil, errNoRoute
}
func (severed) Head(context.Context, string) ([]byte, error)     { return nil, errNoRoute }
func (severed) Return(context.Context, []byte) error             { return errNoRoute }
func (severed) Beat(context.Context, [][]byte) ([][]byte, error) { return nil, errNoRoute }
func (severed) Dated(context.Context, string, int64) ([]exchange.Anchor, error) {
	return nil, errNoRoute
}
func (severed) Admit(context.Context, string) error { return errNoRoute }

// headsOf gives the size of the outbox from one party to another, as p holds it.
func sizeAt(t *testing.T, p *Party, from, to string) (size int64) {
	t.Helper()
	p.Bed.must(p.Store.View(t.Context(), func(tx *store.Tx) error {
		row, err := tx.Outbox(seal.Origin{Author: from, Audience: to, Generation: 1}.String())
		size = row.Head.Size
		return err
	}))
	return size
}

// receiptsOver gives every receipt over an outbox that p holds, by size.
func receiptsOver(t *testing.T, p *Party, from, to string) map[int64]string {
	t.Helper()
	all := map[int64]string{}
	p.Bed.must(p.Store.View(t.Context(), func(tx *store.Tx) error {
		row, err := tx.Outbox(seal.Origin{Author: from, Audience: to, Generation: 1}.String())
		if err != nil {
			return err
		}
		for size := int64(1); size <= row.Head.Size; size++ {
			at, err := tx.Checkpoint(row.ID, size)
			if err == nil && at.Receipt != nil {
				all[size] = string(at.Receipt)
			}
		}
		return nil
	}))
	return all
}

// An old backup signs nothing at all: the peer is asked first, and shows what was signed since.
func TestOldBackupSignsNothing(t *testing.T) {
	bed := New(t)
	x, y := bed.PartyOnDisk("aurelia.example", store.Options{}), bed.Party("borea.example")
	bed.Link(x, y)
	x.Appeal(y, "mitigate")
	x.Push(y)
	old := backupOf(t, x)
	for range 3 {
		x.Appeal(y, "mitigate")
		x.Push(y)
	}
	y.Appeal(x, "clarify")
	y.Push(x)
	x.Restore(old)
	_, err := x.Node.File(t.Context(), y.Name, x.Draft("clarify"), "")
	if kindOf(err) != node.Stopped || !strings.Contains(err.Error(), "holds 4 entries signed by this node, this database has 1") {
		t.Fatalf("%v, want the outbox stopped", err)
	}
	if _, err := x.Node.Beat(t.Context(), y.Name); err != nil {
		t.Fatal(err)
	}
	if all := beatsOf(t, y, x, x, y); len(all) != 0 {
		t.Errorf("it says that it has written no more than %d", all[0].Size)
	}
	if n := sizeAt(t, x, x.Name, y.Name); n != 1 {
		t.Errorf("it has signed: %d entries", n)
	}
	if kept, err := y.Node.Evidence(t.Context()); err != nil || len(kept) != 0 {
		t.Errorf("%d pieces of evidence, %v", len(kept), err)
	}
	if s := linkStatus(t, x); s.Stopped == "" || s.Unchecked != "" {
		t.Errorf("%+v", s)
	}
	// What is safe goes on: it receives, and the receipt of before comes back with the entry.
	if n, err := x.Node.Pull(t.Context(), y.Name); err != nil || n != 1 {
		t.Errorf("%d, %v", n, err)
	}
	if a, b := receiptsOver(t, x, y.Name, x.Name), receiptsOver(t, y, y.Name, x.Name); len(a) != 1 || a[1] != b[1] {
		t.Errorf("another receipt was given over what was receipted: %d, %d", len(a), len(b))
	}
}

// While nobody can be asked the outbox is read-only and says why; everything else goes on.
func TestNothingIsSignedWhileNobodyAnswers(t *testing.T) {
	bed, x, y := two(t)
	ref := x.Appeal(y, "mitigate")
	x.Push(y)
	x.Stop()
	x.Restart()
	bed.Faults = cut(x.Name)
	for range 2 {
		_, err := x.Node.File(t.Context(), y.Name, x.Draft("clarify"), "")
		if kindOf(err) != node.Unchecked || !strings.Contains(err.Error(), "since 2021-07-09T14:00:00Z: borea.example: could not be reached: no route") {
			t.Errorf("%v", err)
		}
		if e := node.AsError(err); !strings.Contains(e.Hint, "--not-restored") {
			t.Errorf("what to do: %q", e.Hint)
		}
		bed.Later(time.Hour)
	}
	if s := linkStatus(t, x); !strings.Contains(s.Unchecked, "borea.example") || s.Stopped != "" || s.Sent != 1 {
		t.Errorf("%+v", s)
	}
	if _, err := x.Node.Renew(t.Context(), ""); kindOf(err) != node.Unchecked {
		t.Errorf("the register was signed: %v", err)
	}
	if _, err := x.Node.Prove(t.Context(), node.ProveRequest{Outbox: ref.Outbox, Index: ref.Index}); err != nil {
		t.Errorf("prove: %v", err)
	}
	y.Appeal(x, "clarify")
	y.Push(x) // it receives, and receipts: the push begins where the mirror ends
	if n := len(receiptsOver(t, y, y.Name, x.Name)); n != 1 {
		t.Errorf("%d receipts", n)
	}
	bed.Faults = nil
	x.Appeal(y, "clarify")
	if s := linkStatus(t, x); s.Unchecked != "" || s.Sent != 2 {
		t.Errorf("%+v", s)
	}
}

// Whom we cannot reach may reach us: a pull of the audience, or a beat of its, says as much as its answer would.
func TestAudienceThatComesByItselfIsEnough(t *testing.T) {
	for name, come := range map[string]func(y, x *Party) error{
		"pull": func(y, x *Party) error { _, err := y.Node.Pull(t.Context(), x.Name); return err },
		"beat": func(y, x *Party) error { _, err := y.Node.Beat(t.Context(), x.Name); return err },
	} {
		t.Run(name, func(t *testing.T) {
			bed, x, y := two(t)
			x.Appeal(y, "mitigate")
			x.Push(y)
			ping(t, y, x, 1)
			x.Stop()
			x.Restart()
			bed.Faults = cut(x.Name)
			y.Push(x)
			x.Node.Settle()
			if n := sizeAt(t, x, x.Name, y.Name); n != 1 {
				t.Errorf("the ping was answered before anybody was asked: %d entries", n)
			}
			bed.must(come(y, x))
			x.Node.Settle()
			if n := sizeAt(t, x, x.Name, y.Name); n != 2 {
				t.Errorf("the ping is not answered: %d entries", n)
			}
			x.Appeal(y, "clarify")
		})
	}
}

// A mirror from an old backup gets back, with its entries, the very receipts that were given over it, and signs no others.
func TestOldMirrorGetsItsReceiptsBack(t *testing.T) {
	for name, c := range map[string]struct{ more bool }{"by push": {true}, "by pull": {false}} {
		t.Run(name, func(t *testing.T) {
			bed := New(t)
			x, y := bed.Party("aurelia.example"), bed.PartyOnDisk("borea.example", store.Options{})
			bed.Link(x, y)
			x.Appeal(y, "mitigate")
			x.Push(y)
			old := backupOf(t, y)
			for i := range 4 {
				bed.Later(time.Minute)
				x.Appeal(y, "clarify")
				if i != 1 {
					x.Push(y)
				}
			}
			was := receiptsOver(t, y, x.Name, y.Name)
			y.Restore(old)
			bed.Later(time.Hour)
			size := int64(5)
			if c.more {
				x.Appeal(y, "mitigate")
				x.Push(y)
				size++
			} else if n, err := y.Node.Pull(t.Context(), x.Name); err != nil || n != 4 {
				t.Fatal(n, err)
			}
			now := receiptsOver(t, y, x.Name, y.Name)
			if c.more {
				delete(now, size)
			}
			if len(was) != 4 || len(now) != len(was) {
				t.Errorf("%d receipts were given, %d are here", len(was), len(now))
			}
			for size, r := range was {
				if now[size] != r {
					t.Errorf("the receipt over %d is another one", size)
				}
			}
			if got := beat(t, y, x); got.Given != 2 {
				t.Errorf("%+v", got)
			}
			sameDockets(t, x, y)
			for _, f := range findings(t, y) {
				t.Error(f)
			}
		})
	}
}

func findings(t *testing.T, p *Party) (all []string) {
	t.Helper()
	audit, err := p.Node.Fsck(t.Context(), nil)
	p.Bed.must(err)
	for _, f := range audit.Findings {
		all = append(all, f.Where+": "+f.Wrong)
	}
	return all
}

// Who has heard that it receipted more than it holds signs neither a receipt nor a beat over less, whatever comes.
func TestOldMirrorSignsNothingOverLess(t *testing.T) {
	bed := New(t)
	x, y := bed.Party("aurelia.example"), bed.PartyOnDisk("borea.example", store.Options{})
	bed.Link(x, y)
	x.Appeal(y, "mitigate")
	x.Push(y)
	old := backupOf(t, y)
	for range 3 {
		x.Appeal(y, "clarify")
		x.Push(y)
	}
	y.Restore(old)
	strip := func(b *exchange.Batch) { // a sender that does not bring our receipts
		b.Note = slices.Concat(b.Note[:bytes.Index(b.Note, []byte("\n\n"))+2], bytes.Join(seal.LinesOf(b.Note)[:2], nil))
	}
	bed.Faults = func(_, _ string, p exchange.Peer) exchange.Peer { return meddler{Peer: p, batch: strip} }
	x.Appeal(y, "mitigate")
	if _, err := x.Node.Push(t.Context(), y.Name, nil); exchange.KindOf(err) != exchange.Internal {
		t.Errorf("%v", err)
	}
	if n := sizeAt(t, y, x.Name, y.Name); n != 1 {
		t.Errorf("%d entries were taken", n)
	}
	if got, err := y.Node.Beat(t.Context(), x.Name); err != nil || got.Given != 1 {
		t.Errorf("%+v, %v", got, err)
	}
	spoil := func(b *exchange.Batch) {
		if len(seal.LinesOf(b.Note)) > 2 {
			swapLetter(b.Note, len(b.Note)-20)
		}
	}
	bed.Faults = func(_, _ string, p exchange.Peer) exchange.Peer { return meddler{Peer: p, batch: spoil} }
	if _, err := x.Node.Push(t.Context(), y.Name, nil); exchange.KindOf(err) != exchange.BadSignature {
		t.Errorf("%v", err)
	}
	bed.Faults = nil
	bed.must(x.Node.Retry(y.Name))
	x.Push(y)
	if n := sizeAt(t, y, x.Name, y.Name); n != 5 {
		t.Errorf("%d entries", n)
	}
	if s := linkStatus(t, x); s.Evidence == 0 {
		t.Error("that the peer went back is not kept")
	}
}

// An old copy of the register is found by those who mirror it.
func TestOldRegisterSignsNothing(t *testing.T) {
	bed := New(t)
	x, y := bed.PartyOnDisk("aurelia.example", store.Options{}), bed.Party("borea.example")
	bed.Link(x, y)
	old := backupOf(t, x)
	bed.Later(time.Hour)
	if _, err := x.Node.Renew(t.Context(), ""); err != nil {
		t.Fatal(err)
	}
	if _, err := y.Node.Follow(t.Context(), x.Name); err != nil {
		t.Fatal(err)
	}
	x.Restore(old)
	bed.Later(time.Hour)
	if _, err := x.Node.Renew(t.Context(), ""); kindOf(err) != node.Stopped {
		t.Errorf("%v", err)
	}
	if _, err := x.Node.Snapshot(t.Context()); kindOf(err) != node.Stopped {
		t.Errorf("%v", err)
	}
}

// Of many who file at once one asks; and who files to another party does not wait.
func TestOneAsksForAll(t *testing.T) {
	bed := New(t)
	x, y, z := bed.Party("aurelia.example"), bed.Party("borea.example"), bed.Party("caldera.example")
	bed.Link(x, y)
	bed.Link(x, z)
	x.Stop()
	x.Restart()
	var asked atomic.Int64
	begun, release := make(chan struct{}), make(chan struct{})
	bed.Faults = func(from, to string, p exchange.Peer) exchange.Peer {
		if from != x.Name || to != y.Name {
			return p
		}
		return asker{p, func(ctx context.Context, origin string) ([]byte, error) {
			if asked.Add(1) == 1 {
				close(begun)
			}
			<-release
			return p.Head(ctx, origin)
		}}
	}
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if _, err := x.Node.File(t.Context(), y.Name, x.Draft("mitigate"), ""); err != nil {
				t.Error(err)
			}
		})
	}
	<-begun
	x.Appeal(z, "mitigate")
	close(release)
	wg.Wait()
	if n := asked.Load(); n != 1 {
		t.Errorf("asked %d times", n)
	}
	if n := sizeAt(t, x, x.Name, y.Name); n != 20 {
		t.Errorf("%d entries", n)
	}
}

// Who is called away while asking leaves it to the next; what was asked meanwhile is not lost.
func TestAskingIsTakenOver(t *testing.T) {
	bed, x, y := two(t)
	x.Stop()
	x.Restart()
	begun := make(chan struct{}, 2)
	var asked atomic.Int64
	bed.Faults = func(_, _ string, p exchange.Peer) exchange.Peer {
		return asker{p, func(ctx context.Context, origin string) ([]byte, error) {
			begun <- struct{}{}
			if asked.Add(1) == 1 {
				<-ctx.Done()
				return nil, ctx.Err()
			}
			return p.Head(ctx, origin)
		}}
	}
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() {
		if _, err := x.Node.File(ctx, y.Name, x.Draft("mitigate"), ""); !errors.Is(err, context.Canceled) {
			t.Errorf("%v", err)
		}
	})
	<-begun
	wg.Go(func() {
		if _, err := x.Node.File(t.Context(), y.Name, x.Draft("mitigate"), ""); err != nil {
			t.Error(err)
		}
	})
	cancel()
	wg.Wait()
	if n := sizeAt(t, x, x.Name, y.Name); n != 1 {
		t.Errorf("%d entries", n)
	}
}

// A peer that shows a head without our signatures says nothing; one that shows ours with another root stops the outbox.
func TestHeadsThatAreShown(t *testing.T) {
	bed, x, y := two(t)
	x.Appeal(y, "mitigate")
	x.Push(y)
	signed := func(by *seal.Keyring, size int64) []byte {
		cp, err := by.SignHead(seal.Head{Origin: by.Party() + "/to/borea.example/1", Size: size, Root: [32]byte{1}}, bed.Now())
		bed.must(err)
		return cp.Note
	}
	z := bed.Party("caldera.example")
	for _, c := range []struct {
		name string
		note []byte
		want node.Kind
	}{
		{"nothing", []byte("what?\n"), node.Unchecked},
		{"another's", signed(z.Keys, 9), node.Unchecked},
		{"the same size, another root", signed(x.Keys, 1), node.Stopped},
	} {
		x.Stop()
		x.Restart()
		bed.Faults = func(_, _ string, p exchange.Peer) exchange.Peer {
			return asker{p, func(context.Context, string) ([]byte, error) { return c.note, nil }}
		}
		if _, err := x.Node.File(t.Context(), y.Name, x.Draft("mitigate"), ""); kindOf(err) != c.want {
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		}
	}
	if kept, err := x.Node.Evidence(t.Context()); err != nil || len(kept) != 1 || kept[0].Kind != string(exchange.ForkFound) {
		t.Errorf("%+v, %v", kept, err)
	}
}

// Of a register that no peer can be asked for, its witnesses know; one that hangs is not waited for, and one that contradicts is heard.
func TestWitnessesKnowTheRegister(t *testing.T) {
	bed, x, y, w := watched(t)
	x.Appeal(y, "mitigate")
	x.Push(y)
	x.Date()
	old := backupOf(t, x)
	x.Stop()
	x.Restart()
	bed.Faults = cut(x.Name)
	w[2].Hang(true)
	x.Snapshot()
	w[2].Hang(false)
	bed.must(x.Node.Witness(t.Context()))
	x.Restore(old)
	for _, down := range w[:2] {
		down.Stop()
	}
	if _, err := x.Node.Snapshot(t.Context()); kindOf(err) != node.Stopped || !strings.Contains(err.Error(), w[2].Name) {
		t.Errorf("%v", err)
	}
	for _, down := range w[:2] {
		down.Restart()
	}
	bed.Faults = nil
	x.Appeal(y, "clarify") // the link is as it was
	x.Push(y)
	// The peer has not followed the register: it cannot bring it back, and that is said.
	if got, err := x.Node.Recover(t.Context(), y.Name, nil); err != nil || len(got.Still) != 1 || !strings.Contains(got.Still[0], "/to/public/1: the witness ") {
		t.Errorf("%+v, %v", got, err)
	}
}

// Witnesses that are all silent say nothing, as peers do.
func TestSilentWitnesses(t *testing.T) {
	bed, x, _, w := watched(t)
	for _, down := range w {
		down.Stop()
		defer down.Restart()
	}
	bed.Faults = cut(x.Name)
	if _, err := x.Node.Snapshot(t.Context()); kindOf(err) != node.Unchecked || strings.Count(err.Error(), "witness.example: ") != 3 {
		t.Errorf("%v", err)
	}
}

// A witness has seen more of the register than the peer: the register stays stopped and that is said, but what was written to the peer comes back.
func TestRecoverWithTheRegisterBehind(t *testing.T) {
	bed, x, y, _ := watched(t)
	x.Appeal(y, "mitigate")
	x.Push(y)
	old := backupOf(t, x)
	x.Date()
	bed.must(y.follow(x))
	x.Appeal(y, "clarify")
	x.Push(y)
	x.Date() // the peer does not follow any more
	x.Restore(old)
	got, err := x.Node.Recover(t.Context(), y.Name, nil)
	if err != nil || got.Register == 0 || got.Sent != 1 || len(got.Still) != 1 || !strings.Contains(got.Still[0], "/to/public/1: the witness ") {
		t.Fatalf("%+v, %v", got, err)
	}
	x.Appeal(y, "mitigate")
	x.Push(y)
	if s := linkStatus(t, x); s.Stopped != "" || s.Receipted != 3 {
		t.Errorf("%+v", s)
	}
	if _, err := x.Node.Snapshot(t.Context()); kindOf(err) != node.Stopped {
		t.Errorf("the register goes on: %v", err)
	}

	// The same where only the keys are left.
	x.Stop()
	bed.must(x.Store.Close())
	x.Store = bed.open(t.TempDir(), store.Options{})
	empty := opened(t, x.config())
	_, err = empty.Regain(t.Context(), y.File(), y.Profile.Words, nil)
	bed.must(err)
	empty.Close()
	x.Restart()
	if got, err := x.Node.Recover(t.Context(), y.Name, nil); err != nil || got.Sent != 3 || len(got.Still) != 1 {
		t.Errorf("%+v, %v", got, err)
	}
}
