package testbed

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"verbale/internal/exchange"
	"verbale/internal/node"
	"verbale/internal/store"
	"verbale/seal"
)

// watched is two linked parties whose registers two of three witnesses date.
func watched(t *testing.T) (b *Bed, x, y *Party, w [3]*Witness) {
	t.Helper()
	b = New(t)
	for i, name := range []string{"sigma.witness.example", "tau.witness.example", "upsilon.witness.example"} {
		w[i] = b.Witness(name)
	}
	x, y = b.PartyOnDisk("aurelia.example", store.Options{}), b.Party("borea.example")
	x.WitnessedBy(2, w[:]...)
	y.WitnessedBy(2, w[:]...)
	b.Link(x, y)
	return b, x, y, w
}

// datings lists what a party holds of its link's outboxes: by whose register, over which size, dated or pending.
func datings(t *testing.T, p *Party) (dated, pending map[string][]int64) {
	t.Helper()
	dated, pending = map[string][]int64{}, map[string][]int64{}
	p.Bed.must(p.Store.View(t.Context(), func(tx *store.Tx) error {
		return tx.EachDating(func(d store.Dating) error {
			o, err := seal.ParseOrigin(d.Register)
			if d.Covered > 0 {
				dated[o.Author] = append(dated[o.Author], d.Size)
			} else {
				pending[o.Author] = append(pending[o.Author], d.Size)
			}
			return err
		})
	}))
	return dated, pending
}

// Each side holds what dates the link by both registers, without the other's later good will (G-14, G-16).
func TestBothSidesHoldTheDates(t *testing.T) {
	_, x, y, _ := watched(t)
	x.Appeal(y, "mitigate")
	x.Push(y)
	x.Date()
	y.Date()
	x.Follow(y)
	y.Follow(x)
	for _, p := range []*Party{x, y} {
		dated, pending := datings(t, p)
		if len(dated) != 2 || len(dated[x.Name]) != 1 || len(dated[y.Name]) != 1 || dated[x.Name][0] != 1 || dated[y.Name][0] != 1 || len(pending) != 0 {
			t.Errorf("%s holds %v, pending %v", p.Name, dated, pending)
		}
	}
	x.Bed.Later(time.Minute)
	x.Date() // the same heads again: the last time at which nothing followed is worth fetching, too (G-11)
	y.Follow(x)
	if dated, _ := datings(t, y); len(dated[x.Name]) != 2 {
		t.Errorf("%v", dated)
	}
	x.Bed.Later(time.Minute)
	x.Date()
	y.Follow(x)
	if dated, _ := datings(t, y); len(dated[x.Name]) != 2 {
		t.Errorf("a third of the same head: %v", dated)
	}
}

// Two of three are enough; one that is down, and one that hangs, hold nothing up.
func TestTwoWitnessesOfThreeSuffice(t *testing.T) {
	_, x, y, w := watched(t)
	w[1].Stop()
	defer w[1].Restart()
	x.Appeal(y, "mitigate")
	x.Push(y)
	x.Snapshot()
	if err := x.Node.Witness(t.Context()); err == nil {
		t.Error("one witness is down, and nothing was said")
	}
	if dated, pending := datings(t, x); len(dated[x.Name]) != 1 || len(pending) != 0 {
		t.Errorf("dated %v, pending %v", dated, pending)
	}
	w[0].Stop()
	defer w[0].Restart()
	x.Snapshot()
	_ = x.Node.Witness(t.Context())
	if dated, pending := datings(t, x); len(dated[x.Name]) != 1 || len(pending[x.Name]) != 1 {
		t.Errorf("with one of three: dated %v, pending %v", dated, pending)
	}
}

func TestHangingWitnessDelaysNothing(t *testing.T) {
	b, x, y, w := watched(t)
	x.Snapshot() // and its register is compared with what the witnesses know
	w[2].Hang(true)
	ctx, give := context.WithCancel(t.Context())
	asked := make(chan error, 1)
	go func() { asked <- x.Node.Witness(ctx) }()
	ref := x.Appeal(y, "mitigate")
	x.Push(y)
	y.Reply(x, ref, "acknowledge", nil)
	y.Push(x)
	x.Snapshot()
	select {
	case err := <-asked:
		t.Fatalf("the witness that hangs answered: %v", err)
	default:
	}
	give()
	if err := <-asked; err == nil {
		t.Error("nothing was said of the witness that hangs")
	}
	w[2].Hang(false)
	b.must(x.Node.Witness(t.Context()))
	if _, pending := datings(t, x); len(pending) != 0 {
		t.Errorf("pending %v", pending)
	}
}

// A witness that lost sight of us, or of which we lost what it answered, is asked from where it stands.
func TestWitnessStandsElsewhere(t *testing.T) {
	b, x, y, w := watched(t)
	x.Appeal(y, "mitigate")
	x.Date()
	for _, where := range []string{"DELETE FROM cosignatures", "DELETE FROM cosignatures WHERE size > 2"} {
		x.Snapshot()
		n := reopened(t, x, where)
		if err := n.Witness(t.Context()); err != nil {
			t.Errorf("%s: %v", where, err)
		}
		x.Date() // the database that was copied is behind what the witnesses have now, but not its register
	}
	lost := w[0].Store // a witness that begins anew asks for the whole log
	defer func() { b.must(lost.Close()) }()
	w[0].Stop()
	w[0].Store = b.open("", store.Options{})
	w[0].Trust(x)
	w[0].Restart()
	x.Date()
}

// reopened is a second node of a party over a copy of its database, after a statement.
func reopened(t *testing.T, p *Party, statement string) *node.Node {
	t.Helper()
	dir := t.TempDir()
	p.Bed.must(p.Store.Backup(t.Context(), dir+"/verbale.db"))
	db, err := sql.Open("sqlite", dir+"/verbale.db")
	p.Bed.must(err)
	_, err = db.ExecContext(t.Context(), statement)
	p.Bed.must(errors.Join(err, db.Close()))
	s, err := store.Open(t.Context(), dir, store.Options{})
	p.Bed.must(err)
	t.Cleanup(func() { _ = s.Close() })
	return twin(t, p, s)
}

// A witness that has cosigned more than there is shows that this is an old backup: the register signs nothing more, the links go on (G-13).
func TestRegisterBehind(t *testing.T) {
	_, x, y, _ := watched(t)
	x.Appeal(y, "mitigate")
	x.Push(y)
	x.Date()
	old := twin(t, x, copyStore(t, x))
	x.Date()
	x.Date()
	_, err := old.Snapshot(t.Context())
	x.Bed.must(err)
	if err := old.Witness(t.Context()); kindOf(err) != node.Stopped || !strings.Contains(err.Error(), "old backup") {
		t.Errorf("%v", err)
	}
	if _, err := old.Snapshot(t.Context()); kindOf(err) != node.Stopped {
		t.Errorf("it still signs: %v", err)
	}
	if _, err := old.File(t.Context(), y.Name, x.Draft("clarify"), ""); err != nil {
		t.Errorf("the link is stopped, too: %v", err)
	}
	s, err := old.Register(t.Context())
	if err != nil || s.Stopped == "" || s.Size != 3 {
		t.Errorf("%+v, %v", s, err)
	}
	if err := old.ResumeRegister(t.Context()); err != nil {
		t.Error(err)
	}
	if _, err := old.Snapshot(t.Context()); err != nil {
		t.Error(err)
	}
}

// A register that parts from what the witnesses have seen gets no line.
func TestWitnessesSeeAFork(t *testing.T) {
	_, x, y, _ := watched(t)
	x.Appeal(y, "mitigate")
	old := twin(t, x, copyStore(t, x))
	x.Date()
	for range 2 {
		_, err := old.Snapshot(t.Context())
		x.Bed.must(err)
	}
	err := old.Witness(t.Context())
	if e, ok := errors.AsType[*exchange.WitnessError](err); !ok || e.Status != exchange.WitnessInconsistent {
		t.Errorf("%v", err)
	}
	s, err := old.Register(t.Context())
	if err != nil || s.Pending == 0 || s.Witnesses[0].Size != 0 || !strings.Contains(s.Witnesses[0].LastAttempt, "422") {
		t.Errorf("%+v, %v", s, err)
	}
}

// What is not a line of the key in the policy is not kept.
func TestWrongKeyOfAWitness(t *testing.T) {
	b, x, y, w := watched(t)
	changed := b.Witness(w[0].Name)
	x.WitnessedBy(1, changed)
	changed.Stop()
	changed.Key = w[0].Key // of the same name
	changed.Restart()
	x.Appeal(y, "mitigate")
	x.Snapshot()
	if err := x.Node.Witness(t.Context()); kindOf(err) != node.Refused {
		t.Errorf("%v", err)
	}
	s, err := x.Node.Register(t.Context())
	if err != nil || s.Pending != 1 || s.Witnesses[0].Size != 0 {
		t.Errorf("%+v, %v", s, err)
	}
}

// No party is its own witness (K-5).
func TestNoPartyWitnessesItself(t *testing.T) {
	x := New(t).Party("aurelia.example")
	cfg := x.config()
	key := append([]byte{4}, x.Keys.Keys().ReceiptEd25519...)
	policy, err := seal.ParsePolicy([]byte("witness w " + vkey("w.example", key) + " http://127.0.0.1:1\nquorum w\n"))
	x.Bed.must(err)
	cfg.Witnesses.Policy = policy
	if _, err := node.Open(t.Context(), cfg); kindOf(err) != node.Invalid {
		t.Errorf("%v", err)
	}
}

// vkey writes a verifier key of signed-note.
func vkey(name string, key []byte) string {
	id := sha256.Sum256(append([]byte(name+"\n"), key...))
	return fmt.Sprintf("%s+%x+%s", name, id[:4], base64.StdEncoding.EncodeToString(key))
}

// A running node writes its heads and has them dated by itself; a witness that hangs keeps neither the others nor the link from going on.
func TestRunningNodeIsDated(t *testing.T) {
	b, x, y, w := watched(t)
	x.Appeal(y, "mitigate")
	x.Push(y)
	x.Date()
	x.Appeal(y, "mitigate")
	b.Later(2 * time.Minute)
	w[2].Hang(true)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- x.Node.Run(ctx) }()
	for _, i := range []int{0, 1} {
		for size := int64(0); size < 3; {
			<-w[i].signed
			b.must(w[i].Store.View(t.Context(), func(tx *store.Tx) error {
				last, _, err := tx.Witnessed(x.register().String())
				size = last.Size
				return err
			}))
		}
	}
	stop()
	b.must(<-done)
}
