package testbed

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"verbale/internal/exchange"
	"verbale/internal/node"
	"verbale/internal/store"
	"verbale/seal"
)

// beat makes one round of beats, and fails the test when that fails.
func beat(t *testing.T, x, y *Party) node.Beaten {
	t.Helper()
	b, err := x.Node.Beat(t.Context(), y.Name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// beatsOf gives the beats that p keeps, of a party over the outbox from one to another.
func beatsOf(t *testing.T, p *Party, by, from, to *Party) (all []store.Beat) {
	t.Helper()
	err := p.Store.View(t.Context(), func(tx *store.Tx) error {
		row, err := tx.Outbox(seal.Origin{Author: from.Name, Audience: to.Name, Generation: 1}.String())
		if err != nil {
			return err
		}
		all, err = tx.Beats(row.ID, by.Name, time.Unix(0, 0), p.Bed.Now().Add(1000*time.Hour))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// Two parties that have nothing to say to each other say so, and each keeps the other's word.
func TestBeatsOnAQuietLink(t *testing.T) {
	bed, x, y := two(t)
	if got := beat(t, x, y); got != (node.Beaten{Given: 2, Kept: 2}) {
		t.Errorf("%+v", got)
	}
	for _, p := range []*Party{x, y} {
		for _, by := range []*Party{x, y} {
			for _, pair := range [][2]*Party{{x, y}, {y, x}} {
				all := beatsOf(t, p, by, pair[0], pair[1])
				if len(all) != 1 || all[0].Size != 0 || !all[0].At.Equal(bed.Now()) {
					t.Errorf("%s keeps of %s over %s to %s: %+v", p.Name, by.Name, pair[0].Name, pair[1].Name, all)
				}
			}
		}
	}
	bed.Later(5 * time.Minute)
	beat(t, y, x)
	if s := linkStatus(t, x); s.BeatAt != bed.Now().Format(time.RFC3339) || s.Clock != "" || s.LastAttempt != "reached" {
		t.Errorf("%+v", s)
	}
}

// A beat over more than the other side holds makes it pull, and is kept only once both hold the same.
func TestBeatOverMoreThanWeHold(t *testing.T) {
	bed, x, y := two(t)
	x.Appeal(y, "mitigate")
	if got := beat(t, y, x); got != (node.Beaten{Given: 2, Kept: 1, Pull: true}) {
		t.Errorf("%+v", got)
	}
	if n, err := y.Node.Pull(t.Context(), x.Name); err != nil || n != 1 {
		t.Fatal(n, err)
	}
	bed.Later(time.Minute)
	if got := beat(t, y, x); got != (node.Beaten{Given: 2, Kept: 2}) {
		t.Errorf("%+v", got)
	}
	if all := beatsOf(t, y, x, x, y); len(all) != 1 || all[0].Size != 1 {
		t.Errorf("%+v", all)
	}
}

// The loops pull by themselves what a beat told of: the peer's pushes do not come through, and the next pull is minutes away.
func TestLoopPullsWhatABeatTellsOf(t *testing.T) {
	bed, x, y := two(t)
	returned := make(chan struct{}, 16)
	bed.Faults = func(from, _ string, p exchange.Peer) exchange.Peer {
		if from == x.Name {
			return liar{Peer: p, push: func(*exchange.Batch) ([]byte, error) { return nil, errors.New("no route") }}
		}
		return returning{p, returned}
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- y.Node.Run(ctx) }()
	x.Appeal(y, "mitigate")
	for len(y.Cases(x)) == 0 { // it may have come with the first pull, or not
		beat(t, x, y)
		<-returned
	}
	x.Appeal(y, "mitigate")
	beat(t, x, y)
	for len(y.Cases(x)) < 2 {
		<-returned
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// returning tells of every receipt that is returned after a pull.
type returning struct {
	exchange.Peer
	returned chan struct{}
}

func (r returning) Return(ctx context.Context, receipt []byte) error {
	err := r.Peer.Return(ctx, receipt)
	r.returned <- struct{}{}
	return err
}

// beater changes beats on their way.
type beater struct {
	exchange.Peer
	ours   func([][]byte) [][]byte
	theirs func([][]byte) [][]byte
}

func (b beater) Beat(ctx context.Context, notes [][]byte) ([][]byte, error) {
	if b.ours != nil {
		notes = b.ours(notes)
	}
	answer, err := b.Peer.Beat(ctx, notes)
	if err == nil && b.theirs != nil {
		answer = b.theirs(answer)
	}
	return answer, err
}

// No beat that does not hold is kept, on either side, nor any that came with it.
func TestBeatsThatDoNotHold(t *testing.T) {
	bed, x, y := two(t)
	z := bed.Party("caldera.example")
	x.Appeal(y, "mitigate")
	x.Push(y)
	signed := func(by *Party, h seal.Head) []byte {
		b, err := by.Keys.Beat(h, bed.Now())
		bed.must(err)
		return b.Note(by.Keys.Keys())
	}
	headOf := func(note []byte) seal.Head {
		text, _, _ := bytes.Cut(note, []byte("\n\n"))
		h, err := seal.ParseHead(string(text) + "\n")
		bed.must(err)
		return h
	}
	for name, lie := range map[string]func(by *Party, note []byte) []byte{
		"a line of somebody else": func(_ *Party, note []byte) []byte { return signed(z, headOf(note)) },
		"another root": func(by *Party, note []byte) []byte {
			h := headOf(note)
			h.Root[0] ^= 1
			return signed(by, h)
		},
		"an outbox of others": func(by *Party, note []byte) []byte {
			h := headOf(note)
			h.Origin = "caldera.example/to/" + by.Name + "/1"
			return signed(by, h)
		},
		"a broken signature": func(_ *Party, note []byte) []byte { swapLetter(note, len(note)-20); return note },
		"no signature":       func(_ *Party, note []byte) []byte { return note[:bytes.Index(note, []byte("\n\n"))+2] },
		"two lines":          func(_ *Party, note []byte) []byte { return append(note, note[bytes.Index(note, []byte("\n\n"))+2:]...) },
	} {
		last := func(by *Party) func([][]byte) [][]byte {
			return func(notes [][]byte) [][]byte {
				notes = slices.Clone(notes)
				notes[len(notes)-1] = lie(by, bytes.Clone(notes[len(notes)-1]))
				return notes
			}
		}
		bed.Faults = func(_, _ string, p exchange.Peer) exchange.Peer { return beater{Peer: p, ours: last(x)} }
		if _, err := x.Node.Beat(t.Context(), y.Name); !exchange.KindOf(err).Stops() {
			t.Errorf("%s, of the caller: %v", name, err)
		}
		bed.Faults = func(_, _ string, p exchange.Peer) exchange.Peer { return beater{Peer: p, theirs: last(y)} }
		if _, err := x.Node.Beat(t.Context(), y.Name); !exchange.KindOf(err).Stops() {
			t.Errorf("%s, of the other end: %v", name, err)
		}
		if all := beatsOf(t, x, y, x, y); len(all) != 0 {
			t.Errorf("%s: %d beats were kept", name, len(all))
		}
		bed.Later(time.Hour)
	}
	if s := linkStatus(t, x); s.Held != "" || s.Stopped != "" {
		t.Errorf("beats hold up records: %+v", s)
	}
}

// Who sends many beats, or calls often, makes us keep and sign one a minute.
func TestFloodOfBeats(t *testing.T) {
	bed, x, y := two(t)
	x.Appeal(y, "mitigate")
	x.Push(y)
	bed.Faults = func(_, _ string, p exchange.Peer) exchange.Peer {
		return beater{Peer: p, ours: func(notes [][]byte) [][]byte {
			h, _, _ := bytes.Cut(notes[0], []byte("\n\n"))
			head, err := seal.ParseHead(string(h) + "\n")
			bed.must(err)
			for i := range exchange.MaxBeats - len(notes) {
				b, err := x.Keys.Beat(head, bed.Now().Add(time.Duration(i)*time.Hour))
				bed.must(err)
				notes = append(notes, b.Note(x.Keys.Keys()))
			}
			return notes
		}}
	}
	for range 20 {
		beat(t, x, y)
		bed.Later(10 * time.Second)
	}
	for _, by := range []*Party{x, y} {
		if n := len(beatsOf(t, y, by, x, y)); n < 1 || n > 4+exchange.MaxBeats {
			t.Errorf("%d beats of %s are kept of 20 calls within 200 seconds", n, by.Name)
		}
	}
	if n := len(beatsOf(t, y, x, x, y)); n > 4 {
		t.Errorf("%d beats of the flooder are kept", n)
	}
}

// A clock that is a day ahead on one side shows on the other, and hides nothing once it is right again.
func TestClockWrongByADay(t *testing.T) {
	bed, x, y := two(t)
	beat(t, x, y)
	bed.Later(5 * time.Minute)
	y.SetClock(24 * time.Hour)
	beat(t, x, y)
	if s := linkStatus(t, x); !strings.Contains(s.Clock, "24h0m0s ahead of ours") {
		t.Errorf("x says of y's clock: %q", s.Clock)
	}
	if s := linkStatus(t, y); !strings.Contains(s.Clock, "24h0m0s behind ours") {
		t.Errorf("y says of x's clock: %q", s.Clock)
	}
	bed.Later(5 * time.Minute)
	y.SetClock(0)
	beat(t, x, y)
	if s := linkStatus(t, x); s.Clock != "" {
		t.Errorf("it is right again: %q", s.Clock)
	}
	if all := beatsOf(t, x, y, x, y); len(all) != 3 || all[2].At.Sub(all[1].At) < 23*time.Hour {
		t.Errorf("%+v", all)
	}
}
