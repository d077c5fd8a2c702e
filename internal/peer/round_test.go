package peer

import (
	"bytes"
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"

	"verbale/internal/exchange"
)

// Every call goes over, and comes back with what the desk said (spec/exchange.md §2).
func TestRoundTrip(t *testing.T) {
	r := start(t)
	c := r.client(t)
	b := batch(3, 6000)

	receipt, err := c.Push(t.Context(), b)
	if err != nil || string(receipt) != "receipt\n" {
		t.Fatalf("Push = %q, %v", receipt, err)
	}
	if len(r.desk.pushed) != 1 || !reflect.DeepEqual(r.desk.pushed[0], b) {
		t.Error("the desk was handed another batch than the one pushed")
	}

	const origin = "outbox:kisa.kr/jpcert.jp/1 &start=0"
	if got, err := c.Pull(t.Context(), origin, 0); got != nil || err != nil {
		t.Errorf("Pull of nothing = %v, %v", got, err)
	}
	r.desk.holds = b
	if got, err := c.Pull(t.Context(), origin, 7); err != nil || !reflect.DeepEqual(got, b) {
		t.Errorf("Pull = %v", err)
	}
	if got, err := c.Head(t.Context(), origin); err != nil || string(got) != "newest\n" {
		t.Errorf("Head = %q, %v", got, err)
	}
	for _, asked := range r.desk.asked {
		if asked != origin {
			t.Errorf("the desk was asked for %q", asked)
		}
	}
	if err := c.Return(t.Context(), receipt); err != nil || len(r.desk.returned) != 1 || !bytes.Equal(r.desk.returned[0], receipt) {
		t.Errorf("Return = %v, the desk got %q", err, r.desk.returned)
	}
	ours := [][]byte{[]byte("a beat\n"), bytes.Repeat([]byte("b"), exchange.MaxBeatBytes)}
	if got, err := c.Beat(t.Context(), ours); err != nil || got != nil || !reflect.DeepEqual(r.desk.beaten, ours) {
		t.Errorf("Beat = %q, %v, the desk got %q", got, err, r.desk.beaten)
	}
	r.desk.beats = ours[1:]
	if got, err := c.Beat(t.Context(), ours); err != nil || !reflect.DeepEqual(got, ours[1:]) {
		t.Errorf("Beat = %q, %v", got, err)
	}
	if err := c.Admit(t.Context(), "profile"); err != nil || len(r.desk.returned) != 2 || string(r.desk.returned[1]) != "profile" {
		t.Errorf("Admit = %v, the desk got %q", err, r.desk.returned)
	}
	if log := r.log.String(); strings.Count(log, "call answered") != 8 || strings.Contains(log, "outbox:") || !strings.Contains(log, "party=jpcert.jp") {
		t.Errorf("the log should name calls and party and no more:\n%s", log)
	}
}

// A pull may bring entries whose content was erased.
func TestPullErased(t *testing.T) {
	r := start(t)
	r.desk.holds = batch(2, 10)
	r.desk.holds.Entries[1].Content = nil
	got, err := r.client(t).Pull(t.Context(), "o", 0)
	if err != nil || got.Entries[0].Content == nil || got.Entries[1].Content != nil {
		t.Errorf("Pull = %+v, %v", got, err)
	}
}

// The largest batch goes over, both ways.
func TestLargestBatch(t *testing.T) {
	r := start(t)
	c := r.client(t)
	b := batch(2, exchange.MaxContentBytes)
	over := int(b.Size() - exchange.MaxBatchBytes)
	b.Entries[1].Content = b.Entries[1].Content[over:]
	if _, err := c.Push(t.Context(), b); err != nil {
		t.Error(err)
	}
	r.desk.holds = b
	if got, err := c.Pull(t.Context(), "o", 0); err != nil || got.Size() != exchange.MaxBatchBytes {
		t.Error(err)
	}
	b.Entries[1].Content = append(b.Entries[1].Content, 0)
	if _, err := c.Push(t.Context(), b); exchange.KindOf(err) != exchange.TooLarge {
		t.Errorf("one byte more: %v", err)
	}
	if n := r.desk.pushes(); n != 1 {
		t.Errorf("%d batches arrived", n)
	}
	if _, err := c.Pull(t.Context(), "o", 0); exchange.KindOf(err) != exchange.Internal {
		t.Errorf("a desk that gives too much: %v", err)
	}
}

// Every kind crosses the wire and comes back equal, by every call.
func TestEveryKindCrosses(t *testing.T) {
	r := start(t)
	c := r.client(t)
	calls := map[string]func() error{
		"push":    func() error { _, err := c.Push(t.Context(), batch(1, 10)); return err },
		"pull":    func() error { _, err := c.Pull(t.Context(), "o", 0); return err },
		"head":    func() error { _, err := c.Head(t.Context(), "o"); return err },
		"receipt": func() error { return c.Return(t.Context(), []byte("r")) },
		"beat":    func() error { _, err := c.Beat(t.Context(), [][]byte{[]byte("b")}); return err },
		"admit":   func() error { return c.Admit(t.Context(), "p") },
	}
	for _, kind := range exchange.Kinds() {
		p := problemOf(kind)
		r.desk.fault = p
		for name, call := range calls {
			got, ok := errors.AsType[*exchange.Problem](call())
			if !ok || differs(got, p) {
				t.Errorf("%s by %s came back as %+v, want %+v", kind, name, got, p)
			}
		}
	}
}

// problemOf makes a problem with every member that its kind may have.
func problemOf(kind exchange.Kind) *exchange.Problem {
	p := &exchange.Problem{Kind: kind, Rule: "X-5", Detail: `two words, "quoted" – and 12 entries`}
	switch table[kind].has {
	case position:
		p.Size, p.Receipt = 1<<53+1, []byte("a note\n\n— name sig+/=\n")
	case evidence:
		p.Ours, p.Theirs = []byte("ours\n"), []byte("theirs\n")
	}
	return p
}

// What went wrong here is for our log, not for the peer.
func TestCausesStay(t *testing.T) {
	r := start(t)
	for _, fault := range []error{
		errors.New("secret: the disk at /var"),
		exchange.Refuse(exchange.Storage, "", errors.New("secret: the disk at /var"), "the storage of this node failed"),
	} {
		r.desk.fault = fault
		_, err := r.client(t).Head(t.Context(), "o")
		if err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("the peer was told %v", err)
		}
	}
	if got := strings.Count(r.log.String(), "secret"); got != 2 {
		t.Errorf("the log names the cause %d times:\n%s", got, r.log)
	}
}

// A desk that panics has failed; the server has not.
func TestPanic(t *testing.T) {
	r := start(t)
	c := r.client(t)
	for _, with := range []any{"the secret content", errors.New("the secret content"), nil} {
		r.desk.during = func(context.Context) {
			if with == nil {
				_ = r.desk.asked[len(r.desk.pushed)]
			}
			panic(with)
		}
		if _, err := c.Push(t.Context(), batch(1, 10)); exchange.KindOf(err) != exchange.Internal {
			t.Errorf("Push = %v", err)
		}
	}
	r.desk.during = nil
	if _, err := c.Push(t.Context(), batch(1, 10)); err != nil {
		t.Errorf("after panics: %v", err)
	}
	log := r.log.String()
	if strings.Contains(log, "secret") || !strings.Contains(log, "index out of range") || !strings.Contains(log, "round_test.go") {
		t.Errorf("the log should say where, and what only of runtime errors:\n%s", log)
	}
}

// A desk that breaks its word makes an answer of kind internal, not a half of one.
func TestDeskBreaksItsWord(t *testing.T) {
	r := start(t, func(r *rig) { r.desk.receipt, r.desk.newest = nil, bytes.Repeat([]byte("x"), exchange.MaxNoteBytes+1) })
	c := r.client(t)
	if _, err := c.Push(t.Context(), batch(1, 10)); exchange.KindOf(err) != exchange.Internal {
		t.Errorf("no receipt and no error: %v", err)
	}
	if _, err := c.Head(t.Context(), "o"); exchange.KindOf(err) != exchange.Internal {
		t.Errorf("a note over the limit: %v", err)
	}
	r.desk.fault = &exchange.Problem{Kind: "novel", Detail: "secret"}
	if _, err := c.Head(t.Context(), "o"); exchange.KindOf(err) != exchange.Internal || strings.Contains(err.Error(), "secret") {
		t.Errorf("a kind without a row: %v", err)
	}
}

func BenchmarkPush(b *testing.B) {
	r := start(b)
	c := r.client(b)
	r.desk.during = func(context.Context) { r.desk.pushed = nil }
	load := batch(256, 6<<10)
	b.SetBytes(load.Size())
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.Push(b.Context(), load); err != nil {
			b.Fatal(err)
		}
	}
}

// Beats that no reader would take leave neither end.
func TestBeatsWithinLimits(t *testing.T) {
	r := start(t)
	c := r.client(t)
	long, many := [][]byte{make([]byte, exchange.MaxBeatBytes+1)}, make([][]byte, exchange.MaxBeats+1)
	for i := range many {
		many[i] = []byte("b")
	}
	for name, kind := range map[string]exchange.Kind{"long": exchange.TooLarge, "many": exchange.TooLarge, "none": exchange.Malformed} {
		notes := map[string][][]byte{"long": long, "many": many}[name]
		if _, err := c.Beat(t.Context(), notes); exchange.KindOf(err) != kind {
			t.Errorf("%s: %v", name, err)
		}
		r.desk.beats = notes
		if _, err := c.Beat(t.Context(), many[:1]); (exchange.KindOf(err) != exchange.Internal) != (name == "none") {
			t.Errorf("the desk gave %s: %v", name, err)
		}
	}
}
