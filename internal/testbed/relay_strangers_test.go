package testbed

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"
	"time"

	"verbale/internal/exchange"
	"verbale/internal/store"
)

// Who calls a relay often, with beats of whatever time and size, makes it keep one a minute.
func TestFloodOfBeatsAtARelay(t *testing.T) {
	b, x, y, r := withRelay(t, exchange.Load{})
	y.Stop()
	x.Appeal(y, "mitigate")
	lodge(t, x, y)
	head := outboxOf(t, x, x, y).Head
	empty := outboxOf(t, r, x, y).Head
	empty.Size, empty.Root = 0, sha256.Sum256(nil)
	for call := range 20 {
		var notes [][]byte
		for i := range exchange.MaxBeats {
			h := head
			if i%2 == 1 {
				h = empty
			}
			one, err := x.Keys.Beat(h, b.Now().Add(time.Duration(call*exchange.MaxBeats+i)*time.Hour))
			if err != nil {
				t.Fatal(err)
			}
			notes = append(notes, one.Note(x.Keys.Keys()))
		}
		if _, err := deskAt(t, r, x).Beat(t.Context(), notes); err != nil {
			t.Fatal(err)
		}
		b.Later(10 * time.Second)
	}
	if n := len(beatsOf(t, r, x, x, y)); n < 1 || n > 10 {
		t.Errorf("%d beats of one author are kept of 20 calls within 200 seconds", n)
	}
	y.Restart()
}

// An audience can neither ask whom the relay knows, nor keep a stranger out by naming its keys under another name (L-3).
func TestAdmissionTellsNothingOfOthers(t *testing.T) {
	b, x, y, r := withRelay(t, exchange.Load{})
	z, w := b.Party("caelum.example"), b.Party("delos.example")
	b.Link(z, r)
	b.Link(w, y)
	if err := deskAt(t, r, z).Admit(t.Context(), twinOf(t, x)); err != nil {
		t.Errorf("the relay tells Z that it knows the keys of X: %v", err)
	}
	other := b.Party("extra.example")
	b.Link(other, r)
	if err := deskAt(t, r, other).Admit(t.Context(), twinOf(t, w)); err != nil {
		t.Fatal(err)
	}
	if err := deskAt(t, r, y).Admit(t.Context(), w.Profile.File); err != nil {
		t.Errorf("somebody's name for the keys of W keeps W out: %v", err)
	}
}

// A peer that names ever more relays makes us call few of them, and remember a bounded number.
func TestFloodOfDesignations(t *testing.T) {
	b := New(t)
	x, y := b.Party("aurelia.example"), b.Party("borea.example")
	b.Link(x, y)
	for i := range 80 {
		f := designation(x, y)
		naming(f, b.Relay(fmt.Sprintf("relay%d.example", i), exchange.Load{}))
		fileInRegister(t, y, f)
	}
	follow(t, x, y)
	called := map[string]bool{}
	b.Faults = func(_, to string, p exchange.Peer) exchange.Peer {
		called[to] = true
		return p
	}
	x.Appeal(y, "mitigate")
	if _, err := x.Node.Lodge(t.Context(), y.Name); err == nil {
		t.Error("lodged with a relay that does not know the addressee")
	}
	if delete(called, y.Name); len(called) > 4 || !called["relay79.example"] {
		t.Errorf("called are %d relays", len(called))
	}
	b.must(x.Store.View(t.Context(), func(tx *store.Tx) error {
		raw, _, err := tx.Meta("relays/" + y.register().String())
		if n := strings.Count(raw, `"fingerprint"`); n == 0 || n > 64 {
			t.Errorf("%d designations are remembered", n)
		}
		return err
	}))
}

// An audience that names keys of its own under the name of a party that the relay is linked with takes none of that party's places: calls are
// counted by name.
func TestLodgerIsCountedByItself(t *testing.T) {
	b, x, y, r := withRelay(t, exchange.Load{})
	z := b.Party("caelum.example")
	b.Link(z, r)
	bad := New(t)
	for _, name := range []string{"a.example", "b.example", "c.example", "d.example"} { // its keys are those of this world, in order
		bad.Party(name)
	}
	for _, named := range []*Party{x, y} {
		fake := bad.Party(named.Name)
		if err := deskAt(t, r, z).Admit(t.Context(), fake.Profile.File); err != nil {
			t.Fatal(err)
		}
		mine, _, _ := r.Node.Desk([32]byte(named.Keys.Keys().TLS))
		theirs, _, ok := r.Node.Desk([32]byte(fake.Keys.Keys().TLS))
		if !ok || mine == theirs {
			t.Errorf("both are counted as %q", theirs)
		}
	}
}

// A relay that answers one beat with many does not fill the sender's disk.
func TestFloodOfAnswers(t *testing.T) {
	b, x, y, r := withRelay(t, exchange.Load{})
	x.Appeal(y, "mitigate")
	head := outboxOf(t, x, x, y).Head
	b.Faults = func(_, to string, p exchange.Peer) exchange.Peer {
		if to != r.Name {
			return p
		}
		return beater{Peer: p, theirs: func([][]byte) (notes [][]byte) {
			for i := range exchange.MaxBeats {
				one, err := r.Keys.Beat(head, b.Now().Add(time.Duration(i)*time.Hour))
				b.must(err)
				notes = append(notes, one.Note(r.Keys.Keys()))
			}
			return notes
		}}
	}
	lodge(t, x, y)
	if n := len(beatsOf(t, x, r, x, y)); n > 2 {
		t.Errorf("%d beats of the relay are kept of one answer", n)
	}
}
