package node

import (
	"context"
	"time"

	"verbale/internal/exchange"
	"verbale/internal/store"
	"verbale/seal"
)

// Beaten is what one round of beats with a peer brought.
type Beaten struct {
	Given int  `json:"given"` // beats of ours that the peer was handed
	Kept  int  `json:"kept"`  // of the peer's, that are kept now
	Pull  bool `json:"pull"`  // the peer has written more than we hold: the loop pulls it
	Ahead bool `json:"ahead"` // the peer has seen more of our outbox than we hold ourselves
}

// Beat makes one round of beats with a peer: ours are made and kept, then handed over, and those of the peer verified and kept.
func (n *Node) Beat(ctx context.Context, party string) (Beaten, error) {
	l, err := n.linkTo(party)
	if err != nil {
		return Beaten{}, err
	}
	peer, err := n.peer(l)
	if err != nil {
		return Beaten{}, err
	}
	if err := n.compare(ctx, n.outboxTo(party)); err != nil && AsError(err).Kind != Stopped {
		return Beaten{}, err
	}
	b, err := n.beatOnce(ctx, l, peer)
	if err == nil && b.Given == 1 && n.safe(n.mirrorOf(party)) {
		// After a start the first round tells whether the peer has written more than we hold. It has not, so we can say what we hold.
		b, err = n.beatOnce(ctx, l, peer)
	}
	n.note(l, err)
	if b.Ahead && err == nil {
		err = n.askAround(ctx, n.outboxTo(party))
	}
	return b, err
}

func (n *Node) beatOnce(ctx context.Context, l *link, peer exchange.Peer) (b Beaten, err error) {
	var ours [][]byte
	err = n.cfg.Store.Update(ctx, func(tx *store.Tx) error {
		ours, err = n.makeBeats(tx, l)
		return err
	})
	if err != nil || len(ours) == 0 {
		return b, err
	}
	theirs, err := peer.Beat(ctx, ours)
	if err != nil {
		return Beaten{Given: len(ours)}, l.unreached(err)
	}
	if len(theirs) > 0 {
		b, _, err = n.takeBeats(ctx, l, theirs, false)
	}
	b.Given = len(ours)
	return b, err
}

// Beat keeps the caller's beats and gives ours.
func (d Desk) Beat(ctx context.Context, notes [][]byte) ([][]byte, error) {
	l, err := d.n.linkTo(d.caller)
	if err != nil {
		return nil, exchange.Refuse(exchange.UnknownParty, "X-1", err, "this end has no link with you")
	}
	if len(notes) > 0 && d.asksRelay(notes[0]) { // a call is one or the other: no client of ours mixes them
		return d.beatLodged(ctx, l, notes)
	}
	_, ours, err := d.n.takeBeats(ctx, l, notes, true)
	if err != nil {
		return nil, problemOf(err)
	}
	return ours, nil
}

// takeBeats verifies beats of the peer and keeps them; with answer it makes ours in the same transaction. One that does not hold
// sinks them all.
func (n *Node) takeBeats(ctx context.Context, l *link, notes [][]byte, answer bool) (b Beaten, ours [][]byte, err error) {
	beats := make([]seal.Beat, len(notes))
	for i, note := range notes {
		if beats[i], err = l.generations.openBeat(l.profile.Party, note); err != nil {
			l.pullSoon() // the loop follows the register: there may be new keys
			return b, nil, exchange.Refuse(exchange.BadSignature, "K-23", err, "beat %d is not one of %s's receipt key", i, l.profile.Party)
		}
	}
	kept := map[string]bool{}
	var agreed []seal.Origin // the peer has nothing beyond what we hold
	err = n.cfg.Store.Update(ctx, func(tx *store.Tx) error {
		for _, beat := range beats {
			o, err := n.holdBeat(tx, l, beat, &b)
			if err != nil {
				return err
			}
			if o == nil {
				continue
			}
			agreed = append(agreed, *o)
			if !kept[beat.Origin] && !l.heardLately(beat.Origin, n.now()) {
				if err := putBeat(tx, beat); err != nil {
					return err
				}
				b.Kept++
				kept[beat.Origin] = true
			}
		}
		if answer {
			ours, err = n.makeBeats(tx, l)
		}
		return err
	})
	if err != nil {
		return Beaten{}, nil, err
	}
	l.heard(beats, kept, n.now())
	if b.Pull {
		l.pullSoon()
	}
	for _, o := range agreed {
		n.cleared(o)
	}
	if b.Ahead {
		n.cfg.Log.Warn("the peer says that it has seen more of our outbox than this node holds", "party", l.profile.Party)
		n.doubted(n.outboxTo(l.profile.Party))
		l.signal()
	}
	return b, ours, nil
}

// holdBeat holds a beat of the peer against the head that we know ourselves, and gives the outbox where it is that one.
func (n *Node) holdBeat(tx *store.Tx, l *link, b seal.Beat, found *Beaten) (*seal.Origin, error) {
	o, err := seal.ParseOrigin(b.Origin)
	own := o.Author == n.party && o.Audience == l.profile.Party
	if err != nil || !own && (o.Author != l.profile.Party || o.Audience != n.party) {
		return nil, exchange.Refuse(exchange.NotYours, "X-16", err, "a beat is over an outbox of this link")
	}
	row, err := n.beatOutbox(tx, l, o)
	if err != nil {
		if storeKind(err) == store.NotFound {
			return nil, nil // of another generation, which we do not have or not yet
		}
		return nil, err
	}
	if b.Size > row.Head.Size {
		found.Pull, found.Ahead = found.Pull || !own, found.Ahead || own
		return nil, nil
	}
	known, err := headAt(tx, row, b.Size)
	switch {
	case storeKind(err) == store.NotFound:
		return nil, nil
	case err != nil:
		return nil, err
	case known != b.Head:
		n.cfg.Log.Error("a beat over another head than the known one", "from", b.By, "outbox", b.Origin, "size", b.Size)
		return nil, exchange.Refuse(exchange.BadSignature, "X-16", nil, "the head of size %d that this end knows is another one", b.Size)
	}
	return &o, nil
}

func putBeat(tx *store.Tx, b seal.Beat) error {
	row, err := tx.Outbox(b.Origin)
	if err != nil {
		return err
	}
	return tx.PutBeat(row.ID, store.Beat{Party: b.By, At: b.Time, Size: b.Size, Signature: b.Signature})
}

// beatOutbox gives the row of an outbox of this link, and makes the one of the peer's outbox to us where nothing was received yet.
func (n *Node) beatOutbox(tx *store.Tx, l *link, o seal.Origin) (store.Outbox, error) {
	row, err := tx.Outbox(o.String())
	if storeKind(err) == store.NotFound && o == n.mirrorOf(l.profile.Party) {
		return tx.CreateOutbox(o, false)
	}
	return row, err
}

// headAt is the head of size in a log that we hold. NotFound: no checkpoint of that size stands here.
func headAt(tx *store.Tx, row store.Outbox, size int64) (seal.Head, error) {
	switch size {
	case row.Head.Size:
		return row.Head, nil
	case 0:
		return emptyHead(row.Origin), nil
	}
	at, err := tx.Checkpoint(row.ID, size)
	if err != nil {
		return seal.Head{}, err
	}
	return headOf(at.Note)
}

// makeBeats gives our beats over both outboxes of a link, as notes. They stand in this transaction, in which no head can move, and
// may leave only after it. One that is younger than beatLeast and over the same head is given again.
func (n *Node) makeBeats(tx *store.Tx, l *link) (notes [][]byte, err error) {
	if n.expired() != nil {
		return nil, nil
	}
	for _, o := range []seal.Origin{n.outboxTo(l.profile.Party), n.mirrorOf(l.profile.Party)} {
		row, err := n.beatOutbox(tx, l, o)
		if err != nil {
			return nil, err
		}
		if !n.sayable(row) {
			continue
		}
		beat, err := n.beatOver(tx, row, n.clock)
		if err != nil {
			return nil, err
		}
		notes = append(notes, beat.Note(n.cfg.Keys.Keys()))
	}
	return notes, nil
}

// clock is the time at which we sign something over an outbox of a link.
func (n *Node) clock(*store.Tx, store.Outbox) (time.Time, error) { return n.now(), nil }

// beatOver gives our beat over the head of an outbox: the last one while it is young, else a new one, which is stored.
func (n *Node) beatOver(tx *store.Tx, row store.Outbox, timeOver func(*store.Tx, store.Outbox) (time.Time, error)) (seal.Beat, error) {
	last, found, err := tx.LastBeat(row.ID, n.party)
	if err != nil {
		return seal.Beat{}, err
	}
	young := seal.Beat{Head: row.Head, By: n.party, Time: last.At, Signature: last.Signature}
	if found && last.Size == row.Head.Size && within(last.At, n.now(), beatLeast) && n.cfg.Keys.Keys().CheckBeat(young) == nil { // else it is by keys of before
		return young, nil
	}
	now, err := timeOver(tx, row)
	if err != nil {
		return seal.Beat{}, err
	}
	beat, err := n.cfg.Keys.Beat(row.Head, now)
	if err != nil {
		return seal.Beat{}, err
	}
	return beat, putBeat(tx, beat)
}

// within tells whether now is not before at and less than d after it.
func within(at, now time.Time, d time.Duration) bool {
	age := now.Sub(at)
	return age >= 0 && age < d
}

// heardLately tells whether a beat over this outbox was kept a moment ago: a peer must not fill our disk with them.
func (l *link) heardLately(origin string, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	at, ok := l.beats[origin]
	return ok && within(at, now, beatLeast)
}

// heard remembers what came: when a beat over each outbox was kept, and how far the peer's clock is from ours.
func (l *link) heard(beats []seal.Beat, kept map[string]bool, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.beats == nil {
		l.beats = map[string]time.Time{}
	}
	for _, b := range beats {
		l.skew, l.heardAt = b.Time.Sub(now), now
		if kept[b.Origin] {
			l.beats[b.Origin] = now
		}
	}
}

// beatLoop says every beatEvery that we are there, and hears the same; it thins what is old. It runs beside the loop of the link, so that
// neither delays the other.
func (n *Node) beatLoop(ctx context.Context, l *link) {
	tick := time.NewTicker(beatEvery)
	defer tick.Stop()
	for round := 0; ; round++ {
		_, err := n.Beat(ctx, l.profile.Party)
		if err == nil && round%thinEvery == 0 {
			err = n.thinBeats(ctx, l)
		}
		if err != nil && ctx.Err() == nil {
			n.cfg.Log.Warn("beat", "party", l.profile.Party, "error", err.Error())
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-l.beatNow:
		}
	}
}

// beatSoon has the loop make a round of beats now.
func (l *link) beatSoon() {
	select {
	case l.beatNow <- struct{}{}:
	default:
	}
}

// thinBeats forgets old beats of a link that show nothing more than those beside them.
func (n *Node) thinBeats(ctx context.Context, l *link) error {
	until := n.now().Add(-beatsWhole)
	return n.cfg.Store.Update(ctx, func(tx *store.Tx) error {
		rows, err := tx.Outboxes()
		if err != nil {
			return err
		}
		for _, row := range rows {
			if !n.ofLink(row.Origin, l) && !(n.relayed(row.Origin) && row.Origin.Audience == l.profile.Party) {
				continue
			}
			if err := thinOutbox(tx, row, until); err != nil {
				return err
			}
		}
		return nil
	})
}

// thinOutbox thins the beats of each party over an outbox. Of a relay the first and the last over each size stay: the last over less than it
// had receipted may be all that convicts it (L-16).
func thinOutbox(tx *store.Tx, row store.Outbox, until time.Time) error {
	type run struct {
		party string
		at    []time.Time
	}
	var runs []run
	var last store.Beat
	err := tx.EachBeat(row.ID, func(b store.Beat) error {
		relay := b.Party != row.Origin.Author && b.Party != row.Origin.Audience
		if len(runs) == 0 || b.Party != last.Party || relay && b.Size != last.Size {
			runs = append(runs, run{party: b.Party})
		}
		r := &runs[len(runs)-1]
		r.at, last = append(r.at, b.At), b
		return nil
	})
	if err != nil {
		return err
	}
	for _, r := range runs {
		if err := tx.DropBeats(row.ID, r.party, needless(r.at, until, thinnedTo)); err != nil {
			return err
		}
	}
	return nil
}

// ofLink tells whether an outbox is one of the two of a link, of whatever generation.
func (n *Node) ofLink(o seal.Origin, l *link) bool {
	return o.Author == n.party && o.Audience == l.profile.Party || o.Author == l.profile.Party && o.Audience == n.party
}

// needless picks from ascending times those before until that may go: the first and the last stay, and no gap between two that stay is
// longer than most that was not so before.
func needless(at []time.Time, until time.Time, most time.Duration) (gone []time.Time) {
	if len(at) == 0 {
		return nil
	}
	last := at[0]
	for i := 1; i+1 < len(at) && at[i].Before(until); i++ {
		if at[i+1].Sub(last) > most {
			last = at[i]
			continue
		}
		gone = append(gone, at[i])
	}
	return gone
}
