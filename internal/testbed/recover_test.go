package testbed

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"verbale/internal/exchange"
	"verbale/internal/node"
	"verbale/internal/store"
	"verbale/verdict"
)

// docketOf is the docket of p as bytes: what each case holds, how it stands, and since when by the receipts.
func docketOf(t *testing.T, p *Party, with *Party) string {
	t.Helper()
	var lines []string
	for _, l := range p.Cases(with) {
		stored, err := l.View.Case.Marshal()
		p.Bed.must(err)
		lines = append(lines, fmt.Sprintf("%s %s %v", stored, l.View.Status, l.View.Received))
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// history is an exchange of some days: appeals in batches of several sizes, replies both ways, a renewal, pings.
func history(t *testing.T, x, y *Party) {
	t.Helper()
	for i := range 5 {
		x.Bed.Later(time.Hour)
		ref := x.Appeal(y, []string{"mitigate", "clarify", "indicators"}[i%3])
		for range i % 3 {
			x.Appeal(y, "clarify")
		}
		x.Push(y)
		y.Reply(x, ref, "acknowledge", nil)
		y.Push(x)
		if i%2 == 0 {
			y.Reply(x, ref, "answer", map[string]string{"finality": "final", "outcome": "done", "text": "Done."})
			back := y.Appeal(x, "clarify")
			y.Push(x)
			x.Reply(y, back, "acknowledge", nil)
		}
		ping(t, y, x, 1)
		y.Push(x)
		x.Node.Settle()
		x.Push(y)
	}
	_, err := x.Node.Renew(t.Context(), "")
	x.Bed.must(err)
	_, err = y.Node.Follow(t.Context(), x.Name)
	x.Bed.must(err)
}

// memory is all that a party holds of a link.
type memory struct {
	docket         string
	sent, received map[int64]string // receipts, by size
	profile        string
}

func memoryOf(t *testing.T, p, with *Party) memory {
	t.Helper()
	own, err := p.Node.Profile(t.Context())
	p.Bed.must(err)
	return memory{docketOf(t, p, with), receiptsOver(t, p, p.Name, with.Name), receiptsOver(t, p, with.Name, p.Name), own.File}
}

func (m memory) compare(t *testing.T, now memory) {
	t.Helper()
	if now.docket != m.docket {
		t.Errorf("the docket was\n%s\nand is\n%s", m.docket, now.docket)
	}
	if len(m.sent) == 0 || !maps.Equal(now.sent, m.sent) {
		t.Errorf("the peer had given %d receipts, %d came back", len(m.sent), len(now.sent))
	}
	if len(m.received) == 0 || !maps.Equal(now.received, m.received) {
		t.Errorf("%d receipts were given, %d came back", len(m.received), len(now.received))
	}
	if now.profile != m.profile {
		t.Error("the profile is another one")
	}
}

// What an old backup has forgotten comes back from the peer, byte for byte; then it signs on.
func TestRecoverFromThePeer(t *testing.T) {
	bed := New(t)
	x, y := bed.PartyOnDisk("aurelia.example", store.Options{}), bed.Party("borea.example")
	bed.Link(x, y)
	x.Appeal(y, "mitigate")
	x.Push(y)
	old := backupOf(t, x)
	history(t, x, y)
	before := memoryOf(t, x, y)
	x.Restore(old)
	if _, err := x.Node.File(t.Context(), y.Name, x.Draft("clarify"), ""); kindOf(err) != node.Stopped {
		t.Fatal(err)
	}
	var steps []string
	got, err := x.Node.Recover(t.Context(), y.Name, func(done, total int64) { steps = append(steps, fmt.Sprint(done, "/", total)) })
	bed.must(err)
	if got.Register != 1 || got.Sent < 10 || got.Received < 10 || got.Size != got.Sent+1 || len(steps) < 3 {
		t.Errorf("%+v in %v", got, steps)
	}
	before.compare(t, memoryOf(t, x, y))
	for _, f := range findings(t, x) {
		t.Error(f)
	}
	if s := linkStatus(t, x); s.Stopped != "" || s.Receipted != s.Sent {
		t.Errorf("%+v", s)
	}
	ref := x.Appeal(y, "mitigate")
	x.Push(y)
	raw, err := x.Node.Prove(t.Context(), node.ProveRequest{Outbox: ref.Outbox, Index: ref.Index, Disclose: []string{"*"}})
	bed.must(err)
	bundle, err := verdict.Parse(raw)
	bed.must(err)
	if v, err := verdict.Judge(bundle, nil); err != nil || len(v.Records) != 1 || v.Records[0].Received == nil || len(v.Forks) != 0 || len(v.TakenBack) != 0 {
		t.Errorf("%+v, %v", v, err)
	}
	if again, err := x.Node.Recover(t.Context(), y.Name, nil); err != nil || again.Sent+again.Register+again.Received != 0 || len(again.Still) != 0 {
		t.Errorf("once more: %+v, %v", again, err)
	}
	sameDockets(t, x, y)
}

// From nothing but the keys and the peer's profile all comes back that the peer holds.
func TestRecoverFromNothing(t *testing.T) {
	bed := New(t)
	x, y := bed.PartyOnDisk("aurelia.example", store.Options{}), bed.Party("borea.example")
	bed.Link(x, y)
	history(t, x, y)
	before := memoryOf(t, x, y)
	x.Stop()
	bed.must(x.Store.Close())
	x.Store = bed.open(t.TempDir(), store.Options{})
	empty := opened(t, x.config())
	for name, c := range map[string]struct {
		file  string
		words []string
	}{"own": {x.Profile.File, x.Profile.Words}, "words": {y.Profile.File, x.Profile.Words}, "file": {"what?", y.Profile.Words}} {
		if _, err := empty.Regain(t.Context(), c.file, c.words, nil); kindOf(err) != node.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := empty.Recover(t.Context(), y.Name, nil); err == nil {
		t.Error("recovered without a link")
	}
	p, err := empty.Regain(t.Context(), y.Profile.File, y.Profile.Words, nil)
	bed.must(err)
	if p.File != before.profile {
		t.Error("another profile was taken")
	}
	empty.Close()
	x.Restart()
	got, err := x.Node.Recover(t.Context(), y.Name, nil)
	bed.must(err)
	if got.Register != 0 || got.Sent == 0 || got.Received == 0 {
		t.Errorf("%+v", got)
	}
	before.compare(t, memoryOf(t, x, y))
	if _, err := x.Node.Regain(t.Context(), y.Profile.File, y.Profile.Words, nil); kindOf(err) != node.Conflict {
		t.Errorf("once more: %v", err)
	}
	x.Appeal(y, "clarify")
	x.Push(y)
	sameDockets(t, x, y)
}

// What was written with earlier keys comes back as well: our own changes of keys say which they were.
func TestRecoverFromNothingAfterNewKeys(t *testing.T) {
	bed := New(t)
	x, y := bed.PartyOnDisk("aurelia.example", store.Options{}), bed.Party("borea.example")
	bed.Link(x, y)
	history(t, x, y)
	for range 2 {
		bed.Later(time.Hour)
		x.Rotate()
		x.Appeal(y, "mitigate")
		x.Push(y)
		bed.must(y.follow(x))
		ping(t, y, x, 1)
		y.Push(x)
		x.Node.Settle()
		x.Push(y)
	}
	before := docketOf(t, x, y)
	was := linkStatus(t, x)
	x.Stop()
	bed.must(x.Store.Close())
	x.Store = bed.open(t.TempDir(), store.Options{})
	empty := opened(t, x.config())
	_, err := empty.Regain(t.Context(), y.File(), y.Profile.Words, nil)
	bed.must(err)
	empty.Close()
	x.Restart()
	got, err := x.Node.Recover(t.Context(), y.Name, nil)
	bed.must(err)
	if len(got.Still) != 0 || got.Sent == 0 || got.Received == 0 {
		t.Errorf("%+v", got)
	}
	if now := docketOf(t, x, y); now != before {
		t.Errorf("the docket was\n%s\nand is\n%s", before, now)
	}
	if s := linkStatus(t, x); s.Sent != was.Sent || s.Receipted != was.Receipted || s.ReceivedOf != was.ReceivedOf || s.Stopped != "" {
		t.Errorf("%+v, was %+v", s, was)
	}
	clean(t, x)
	x.Appeal(y, "clarify")
	x.Push(y)
	sameDockets(t, x, y)
}

// A peer that never followed our register cannot bring it back, and says so; nothing is made of half a folder.
func TestRegainFromWhoHoldsNothing(t *testing.T) {
	bed := New(t)
	x, y := bed.PartyOnDisk("aurelia.example", store.Options{}), bed.Party("borea.example")
	bed.Link(x, y)
	x.Appeal(y, "mitigate")
	x.Push(y)
	whole := x.Store
	x.Stop()
	x.Store = bed.open(t.TempDir(), store.Options{})
	empty := opened(t, x.config())
	if _, err := empty.Regain(t.Context(), y.Profile.File, y.Profile.Words, nil); kindOf(err) != node.NotFound {
		t.Errorf("%v", err)
	}
	empty.Close()
	bed.must(x.Store.Close())
	x.Store = whole
	x.Restart()
}

// Where both histories were signed nothing is taken over: the evidence is kept, and neither file is made the right one.
func TestRecoverRefusesTwoHistories(t *testing.T) {
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
	insist := twin(t, x, old)
	_, err := insist.File(t.Context(), y.Name, x.Draft("clarify"), "")
	bed.must(err)
	insist.Close()
	x.Restore(old)
	for range 2 {
		if _, err := x.Node.Recover(t.Context(), y.Name, nil); kindOf(err) != node.Stopped || !strings.Contains(err.Error(), "histor") {
			t.Errorf("%v", err)
		}
	}
	if n := sizeAt(t, x, x.Name, y.Name); n != 2 {
		t.Errorf("%d entries", n)
	}
	if kept, err := x.Node.Evidence(t.Context()); err != nil || len(kept) == 0 {
		t.Errorf("%d pieces of evidence, %v", len(kept), err)
	}
	if _, err := x.Node.File(t.Context(), y.Name, x.Draft("clarify"), ""); kindOf(err) != node.Stopped {
		t.Errorf("it signs on: %v", err)
	}
}

// A peer that gives something else than what we have signed gives nothing.
func TestRecoverTrustsOnlyOurSignatures(t *testing.T) {
	for name, meddle := range map[string]func(*exchange.Batch){
		"content":           func(b *exchange.Batch) { flip(b.Entries[0].Content, 300) },
		"leaf":              func(b *exchange.Batch) { swapLetter(b.Entries[0].Leaf, len(b.Entries[0].Leaf)-10) },
		"checkpoint":        func(b *exchange.Batch) { swapLetter(b.Note, 150) },
		"its own receipt":   func(b *exchange.Batch) { swapLetter(b.Note, len(b.Note)-20) },
		"one entry less":    func(b *exchange.Batch) { b.Entries = b.Entries[1:] },
		"contents left out": func(b *exchange.Batch) { b.Entries[0].Content = nil; b.Note = b.Note[:len(b.Note)-3500] },
	} {
		t.Run(name, func(t *testing.T) {
			bed := New(t)
			x, y := bed.PartyOnDisk("aurelia.example", store.Options{}), bed.Party("borea.example")
			bed.Link(x, y)
			old := backupOf(t, x)
			for range 3 {
				x.Appeal(y, "mitigate")
			}
			x.Push(y)
			x.Restore(old)
			bed.Faults = func(_, _ string, p exchange.Peer) exchange.Peer {
				return liar{Peer: p, pull: func(origin string, start int64) (*exchange.Batch, error) {
					b, err := p.Pull(t.Context(), origin, start)
					if err == nil && b != nil {
						meddle(b)
					}
					return b, err
				}}
			}
			if _, err := x.Node.Recover(t.Context(), y.Name, nil); !exchange.KindOf(err).Stops() {
				t.Errorf("%v", err)
			}
			if n := sizeAt(t, x, x.Name, y.Name); n != 0 {
				t.Errorf("%d entries were taken", n)
			}
			bed.Faults = nil
			if got, err := x.Node.Recover(t.Context(), y.Name, nil); err != nil || got.Sent != 3 {
				t.Errorf("%+v, %v", got, err)
			}
		})
	}
}

// What the peer has erased comes back without its content, and an interrupted recovery goes on where it was.
func TestRecoverErasedAndInterrupted(t *testing.T) {
	bed := New(t)
	x, y := bed.PartyOnDisk("aurelia.example", store.Options{}), bed.Party("borea.example")
	bed.Link(x, y)
	old := backupOf(t, x)
	for range 4 {
		x.Appeal(y, "mitigate")
		x.Push(y)
	}
	erase(t, y, x.Name+"/to/"+y.Name+"/1", 2)
	x.Restore(old)
	calls := 0
	bed.Faults = func(_, _ string, p exchange.Peer) exchange.Peer {
		return liar{Peer: p, pull: func(origin string, start int64) (*exchange.Batch, error) {
			if calls++; calls == 3 {
				return nil, errNoRoute
			}
			return p.Pull(t.Context(), origin, start)
		}}
	}
	if got, err := x.Node.Recover(t.Context(), y.Name, nil); kindOf(err) != node.Offline || got.Sent != 2 {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := x.Node.File(t.Context(), y.Name, x.Draft("clarify"), ""); kindOf(err) != node.Stopped {
		t.Errorf("half of it is back, and it signs: %v", err)
	}
	if got, err := x.Node.Recover(t.Context(), y.Name, nil); err != nil || got.Sent != 2 || got.Size != 4 {
		t.Errorf("%+v, %v", got, err)
	}
	audit, err := x.Node.Fsck(t.Context(), nil)
	if err != nil || audit.Erased != 1 || len(audit.Findings) != 0 {
		t.Errorf("%+v, %v", audit, err)
	}
	x.Appeal(y, "clarify")
	x.Push(y)
}
