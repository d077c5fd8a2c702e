package node

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"verbale/internal/exchange"
	"verbale/internal/store"
	"verbale/seal"
)

// An old copy of a database has forgotten what was signed after it was made. So nothing is signed for an outbox before the others who
// hold it were asked. What they said is remembered as long as this process lives: who restores a backup starts another one.

// copies is what this process knows of the outboxes that it found: its own, and the mirrors.
type copies struct {
	mu  sync.Mutex
	all map[string]*standing // by origin
}

// standing is what this process knows of one of them.
type standing struct {
	safe  bool          // it may be signed for
	asked bool          // others were asked, and one answered
	turn  chan struct{} // closed when the attempt under way ends
	since time.Time     // of the attempts that nobody has answered, when the first one ended
	last  error         // how the last attempt ended

	claimed int64 // of a mirror: the largest start of a push beyond it; its author has our receipt for that much
}

// of gives the standing of an outbox. Who calls holds the lock.
func (c *copies) of(o seal.Origin) *standing {
	s := c.all[o.String()]
	if s == nil {
		s = &standing{}
		c.all[o.String()] = s
	}
	return s
}

// cleared notes that an outbox may be signed for: somebody who would know has said so. What waited for that is done.
func (n *Node) cleared(o seal.Origin) {
	n.copies.mu.Lock()
	s := n.copies.of(o)
	was := s.safe
	s.safe, s.asked, s.last = true, true, nil
	n.copies.mu.Unlock()
	if was {
		return
	}
	if l := n.known(o.Author); l != nil {
		l.beatSoon()
	}
	if l := n.known(o.Audience); l != nil && l.confirmed && o.Author == n.party {
		l.beatSoon()
		n.later(func() { n.refileDutiesOf(context.Background(), l) })
	}
}

// born notes that this process has made an outbox itself. The others are asked all the same, when they can be reached: the link may have
// existed before the backup that this is.
func (n *Node) born(o seal.Origin) {
	n.copies.mu.Lock()
	defer n.copies.mu.Unlock()
	n.copies.of(o).safe = true
}

// doubted makes the loop ask once more.
func (n *Node) doubted(o seal.Origin) {
	n.copies.mu.Lock()
	defer n.copies.mu.Unlock()
	n.copies.of(o).asked = false
}

// claimed notes that the author of a mirror has pushed from beyond it.
func (n *Node) claimed(o seal.Origin, start int64) {
	n.copies.mu.Lock()
	defer n.copies.mu.Unlock()
	s := n.copies.of(o)
	s.claimed = max(s.claimed, start)
}

func (n *Node) claim(o seal.Origin) int64 {
	n.copies.mu.Lock()
	defer n.copies.mu.Unlock()
	return n.copies.of(o).claimed
}

// safe tells whether an outbox may be signed for.
func (n *Node) safe(o seal.Origin) bool {
	if n.cfg.NotRestored {
		return true
	}
	n.copies.mu.Lock()
	defer n.copies.mu.Unlock()
	return n.copies.of(o).safe
}

func (n *Node) asked(o seal.Origin) bool {
	n.copies.mu.Lock()
	defer n.copies.mu.Unlock()
	return n.copies.of(o).asked
}

// unsafe says why an outbox of our own cannot be signed for, where it was tried; "" otherwise.
func (n *Node) unsafe(o seal.Origin) string {
	n.copies.mu.Lock()
	defer n.copies.mu.Unlock()
	s := n.copies.of(o)
	if s.safe || n.cfg.NotRestored || s.last == nil || AsError(s.last).Kind != Unchecked {
		return ""
	}
	return s.last.Error()
}

// sayable tells whether this node may say how large an outbox is: one of its own that is safe and not stopped, or a mirror that is safe and
// not behind what was receipted.
func (n *Node) sayable(row store.Outbox) bool {
	return row.Stopped == "" && n.safe(row.Origin) && n.claim(row.Origin) <= row.Head.Size
}

// compare makes sure that an outbox of our own may be signed for, and asks around where that is not known yet.
func (n *Node) compare(ctx context.Context, o seal.Origin) error {
	if n.safe(o) {
		return nil
	}
	return n.askAround(ctx, o)
}

// askAround asks those who hold an outbox of ours for its head. Of many who want to know at once one asks, and the others wait for it.
func (n *Node) askAround(ctx context.Context, o seal.Origin) error {
	for {
		turn, mine := n.copies.begin(o)
		if mine {
			err := n.copies.end(o, n.now(), n.askHolders(ctx, o))
			if err == nil {
				n.cleared(o)
			}
			return err
		}
		select {
		case <-turn:
		case <-ctx.Done():
			return ctx.Err()
		}
		n.copies.mu.Lock()
		last := n.copies.of(o).last
		n.copies.mu.Unlock()
		if !errors.Is(last, context.Canceled) { // else who asked was called away, and it is our turn
			return last
		}
	}
}

func (c *copies) begin(o seal.Origin) (turn chan struct{}, mine bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.of(o)
	if s.turn != nil {
		return s.turn, false
	}
	s.turn = make(chan struct{})
	return s.turn, true
}

func (c *copies) end(o seal.Origin, at time.Time, err error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.of(o)
	close(s.turn)
	s.turn = nil
	var silence *silence
	switch {
	case err == nil: // see cleared
	case errors.As(err, &silence):
		if s.since.IsZero() {
			s.since = at
		}
		err = silence.refusal(o, s.since)
	case AsError(err).Kind == Stopped:
		s.asked = true
	}
	s.last = err
	return err
}

// A silence is that nobody who holds an outbox could be asked: why, for each of them.
type silence struct{ each []string }

func (s *silence) Error() string { return strings.Join(s.each, "; ") }

func (s *silence) refusal(o seal.Origin, since time.Time) *Error {
	what := "the outbox to " + o.Audience
	if o.Audience == seal.Public {
		what = "the register"
	}
	return fail(Unchecked, s, "read, receive and prove as before; see that one of them can be reached, and it is asked again by itself\n"+
		"only if you know that this data folder is no old copy, from a backup or a snapshot: --not-restored",
		"nothing is signed for %s before its newest head was compared with what others hold, and none of them has answered since %s: %s",
		what, since.Format(time.RFC3339), s.Error())
}

// A holder is somebody who knows the head of an outbox of ours. ask gives nil when what it holds is of our log, and not larger.
type holder struct {
	name string
	ask  func(ctx context.Context) error
}

// holders are those who can be asked for an outbox of ours.
func (n *Node) holders(ctx context.Context, o seal.Origin) (all []holder) {
	for _, l := range n.sortedLinks() {
		if l.confirmed && (o.Audience == l.profile.Party || o.Audience == seal.Public) {
			all = append(all, holder{l.profile.Party, func(ctx context.Context) error { return n.askPeer(ctx, l, o) }})
		}
		if l.confirmed && o.Audience == l.profile.Party {
			all = append(all, n.relayHolders(ctx, l, o)...)
		}
	}
	if o.Audience == seal.Public {
		for _, w := range n.witnesses {
			all = append(all, holder{w.name, func(ctx context.Context) error { return n.askWitness(ctx, w, o) }})
		}
	}
	return all
}

// askHolders asks all at the same time. One answer is enough, and then the others have a little time left; one that contradicts stops the
// outbox. A register that nobody mirrors or witnesses has nobody who could know better.
func (n *Node) askHolders(ctx context.Context, o seal.Origin) error {
	within, cancel := context.WithTimeout(ctx, compareTime)
	defer cancel()
	all := n.holders(ctx, o)
	answers := make([]error, len(all))
	var wg sync.WaitGroup
	for i, h := range all {
		wg.Go(func() {
			if answers[i] = h.ask(within); answers[i] == nil {
				time.AfterFunc(compareMore, cancel)
			}
		})
	}
	wg.Wait()
	var mute silence
	for i, err := range answers {
		switch {
		case err == nil:
		case ctx.Err() != nil:
			return ctx.Err()
		case AsError(err).Kind == Stopped:
			return err
		default:
			mute.each = append(mute.each, all[i].name+": "+strings.TrimPrefix(err.Error(), all[i].name+" "))
		}
	}
	if len(mute.each) == len(all) && len(all) > 0 {
		return &mute
	}
	n.cfg.Log.Info("compared with what others hold", "outbox", o.String(), "asked", len(all), "silent", len(mute.each))
	return nil
}

// askPeer asks the other end of a link.
func (n *Node) askPeer(ctx context.Context, l *link, o seal.Origin) error {
	peer, err := n.peer(l)
	if err != nil {
		return err
	}
	note, err := peer.Head(ctx, o.String())
	if exchange.KindOf(err) == exchange.UnknownOutbox {
		return nil // it holds nothing of it
	}
	if err != nil {
		return l.unreached(err)
	}
	own, _ := n.author(o)
	if cp, err := own.Keys.OpenCheckpoint(note); err != nil || cp.Origin != o.String() {
		return exchange.Refuse(exchange.BadSignature, "X-18", err, "it shows a head without our signatures")
	}
	return n.disowned(ctx, l.profile.Party, o.String(), note)
}

// askWitness shows a witness the head that it should know: it says when it knows a larger one.
func (n *Node) askWitness(ctx context.Context, w *witness, o seal.Origin) error {
	w.calling.Lock()
	defer w.calling.Unlock()
	row, err := n.outboxRow(ctx, o)
	if err != nil {
		return err
	}
	_, err = w.way.AddCheckpoint(ctx, row.Head.Size, nil, row.Note)
	e, ok := errors.AsType[*exchange.WitnessError](err)
	switch {
	case err == nil:
		return nil
	case ok && e.Status == exchange.WitnessConflict && e.Size > row.Head.Size:
		return n.registerBehind(ctx, w, o, e.Size)
	case ok && e.Status == exchange.WitnessConflict:
		return nil // it has seen less, and is shown the rest by its own loop
	case ok && e.Status == exchange.WitnessInconsistent:
		return n.stopRegister(ctx, o, fmt.Sprintf("the witness %s has cosigned another register of %d entries with this node's keys: an old backup was used, the keys are in two places, or the witness is wrong",
			w.name, row.Head.Size))
	}
	return err
}
