package node

import (
	"context"
	"slices"
	"time"

	"verbale/internal/exchange"
	"verbale/internal/store"
	"verbale/seal"
)

// What a relay is asked (L-4): by an author that has leave, through a LodgerDesk; by an audience that it is linked with, through the Desk.

// A LodgerDesk is this relay as an author sees it that has leave to lodge, and with whom there is no link.
type LodgerDesk struct {
	n      *Node
	tlsKey [32]byte
}

var _ exchange.Peer = LodgerDesk{}

// Push takes entries that the caller wrote to somebody who has admitted it.
func (d LodgerDesk) Push(ctx context.Context, b *exchange.Batch) ([]byte, error) {
	o, err := originOf(b.Note)
	if err != nil {
		return nil, err
	}
	receipt, err := d.n.takeLodged(ctx, o, d.tlsKey, b)
	if err != nil {
		return nil, problemOf(err)
	}
	return receipt, nil
}

// Head gives the newest receipt of the audience that is here, else our own (L-12); or the head of our register.
func (d LodgerDesk) Head(ctx context.Context, origin string) ([]byte, error) {
	if sameButGeneration(origin, d.n.outboxTo(seal.Public)) {
		return Desk{n: d.n}.Head(ctx, origin)
	}
	o, err := seal.ParseOrigin(origin)
	if err != nil {
		return nil, notLodged(err)
	}
	return d.n.headForAuthor(ctx, o, d.tlsKey)
}

// Beat keeps the caller's beats, and answers with ours and the newest of the audience (L-12).
func (d LodgerDesk) Beat(ctx context.Context, notes [][]byte) ([][]byte, error) {
	return d.n.beatsOfAuthor(ctx, d.tlsKey, notes)
}

// Pull gives back what the caller has lodged, as far as it is here, and our register.
func (d LodgerDesk) Pull(ctx context.Context, origin string, start int64) (*exchange.Batch, error) {
	if sameButGeneration(origin, d.n.outboxTo(seal.Public)) {
		return Desk{n: d.n}.Pull(ctx, origin, start)
	}
	o, err := seal.ParseOrigin(origin)
	if err != nil {
		return nil, notLodged(err)
	}
	return d.n.pullLodged(ctx, o, start, func() error { _, _, err := d.n.leaveFor(o, d.tlsKey); return err })
}

// Return takes nothing: only an audience receipts.
func (d LodgerDesk) Return(context.Context, []byte) error { return notLodged(nil) }

// Admit takes nothing: only an audience gives leave.
func (d LodgerDesk) Admit(context.Context, string) error { return notLodged(nil) }

// Dated gives nothing: a relay's register dates the outboxes of its own links.
func (d LodgerDesk) Dated(context.Context, string, int64) ([]exchange.Anchor, error) {
	return nil, notLodged(nil)
}

func notLodged(cause error) error {
	return exchange.Refuse(exchange.NotYours, "L-4", cause, "this node is your addressee's relay: it takes your entries to that party and says where they stand, and nothing else")
}

// originOf reads whose outbox a note is of, without believing it.
func originOf(note []byte) (seal.Origin, error) {
	head, err := headOf(note)
	if err != nil {
		return seal.Origin{}, exchange.Refuse(exchange.Malformed, "K-8", err, "the note is none of a checkpoint")
	}
	return seal.ParseOrigin(head.Origin)
}

// relayed tells whether an outbox is one that we may hold for others: we are neither its author nor its audience, nor is it public.
func (n *Node) relayed(o seal.Origin) bool {
	return o.Author != n.party && o.Audience != n.party && o.Audience != seal.Public
}

// relayedOf is relayed for the text of an origin, on a node that is a relay.
func (n *Node) relayedOf(origin string) (seal.Origin, bool) {
	o, err := seal.ParseOrigin(origin)
	return o, err == nil && n.cfg.Relay && n.relayed(o)
}

// Admit takes leave from the caller for another party to lodge here (L-3).
func (d Desk) Admit(ctx context.Context, profile string) error {
	if !d.n.cfg.Relay {
		return exchange.Refuse(exchange.NotYours, "L-4", nil, "this node is no relay")
	}
	if err := d.n.admit(ctx, d.caller, profile); err != nil {
		return problemOf(err)
	}
	return nil
}

// headForAuthor is the newest checkpoint that the audience has receipted, with the lines of both; where there is none, the newest one with
// our receipt (L-12).
func (n *Node) headForAuthor(ctx context.Context, o seal.Origin, tlsKey [32]byte) (note []byte, err error) {
	if _, _, err := n.leaveFor(o, tlsKey); err != nil {
		return nil, err
	}
	err = n.cfg.Store.View(ctx, func(tx *store.Tx) error {
		row, err := tx.Outbox(o.String())
		if err != nil {
			return unknownOutbox(err)
		}
		size := row.Head.Size
		if row.Receipt != nil {
			size = row.Receipted
		}
		note, err = n.relayNote(tx, row, size)
		return err
	})
	if err != nil {
		return nil, problemOf(err)
	}
	return note, nil
}

// relayNote is the checkpoint of a size with all receipts over it that are here: the audience's, then ours.
func (n *Node) relayNote(tx *store.Tx, row store.Outbox, size int64) ([]byte, error) {
	if size == 0 {
		return nil, exchange.Refuse(exchange.UnknownOutbox, "", nil, "this relay holds no entry of that outbox")
	}
	at, err := tx.Checkpoint(row.ID, size)
	if err != nil {
		return nil, err
	}
	lines, err := n.ownLinesAt(tx, row, size)
	note := at.Note
	if at.Receipt != nil {
		note = at.Receipt
	}
	return append(note[:len(note):len(note)], lines...), err
}

// mayCollect tells whether we hold this outbox for the caller.
func (d Desk) mayCollect(o seal.Origin) error {
	if o.Audience != d.caller {
		return exchange.Refuse(exchange.NotYours, "L-4", nil, "you may ask a relay only for what was lodged for you")
	}
	if _, _, err := d.n.leave(o); err != nil {
		return err
	}
	return d.n.givesOut(d.caller, o.String())
}

// pullLodged serves entries that we hold for the caller (L-11), or what the caller has lodged.
func (d Desk) pullLodged(ctx context.Context, o seal.Origin, start int64) (*exchange.Batch, error) {
	if o.Author == d.caller {
		return LodgerDesk{n: d.n, tlsKey: d.tlsKey}.Pull(ctx, o.String(), start)
	}
	return d.n.pullLodged(ctx, o, start, func() error { return d.mayCollect(o) })
}

// pullLodged serves entries of an outbox that we hold for others, the last checkpoint of them with the receipts over it.
func (n *Node) pullLodged(ctx context.Context, o seal.Origin, start int64, may func() error) (b *exchange.Batch, err error) {
	if err := may(); err != nil {
		return nil, err
	}
	err = n.cfg.Store.View(ctx, func(tx *store.Tx) error {
		row, err := tx.Outbox(o.String())
		if err != nil {
			return unknownOutbox(err)
		}
		if start < 0 || start >= row.Head.Size {
			return nil
		}
		if b, err = nextBatch(tx, row, start); err != nil {
			return err
		}
		b.Note, err = n.relayNote(tx, row, start+int64(len(b.Entries)))
		return err
	})
	if err != nil {
		return nil, problemOf(err)
	}
	return b, nil
}

// headLodged gives the newest head of what we hold for the caller, our receipt over it dated anew (L-10); or of what the caller has lodged.
func (d Desk) headLodged(ctx context.Context, o seal.Origin) (note []byte, err error) {
	if o.Author == d.caller {
		return d.n.headForAuthor(ctx, o, d.tlsKey)
	}
	if err := d.mayCollect(o); err != nil {
		return nil, err
	}
	if err := d.n.expired(); err != nil {
		return nil, exchange.Refuse(exchange.Internal, "K-5", err, "this end's keys have expired and sign nothing; its operator must act")
	}
	err = d.n.cfg.Store.Update(ctx, func(tx *store.Tx) error {
		row, err := tx.Outbox(o.String())
		if err != nil {
			return unknownOutbox(err)
		}
		note, err = d.n.datedAnew(tx, row)
		return err
	})
	if err != nil {
		return nil, problemOf(err)
	}
	was := d.n.lastPoll(o)
	d.n.notePoll(o, was.size)
	return note, nil
}

// datedAnew is the newest checkpoint of an outbox that we hold for others, with a receipt of ours of now. What it dates is kept as the beat
// that it is (K-23).
func (n *Node) datedAnew(tx *store.Tx, row store.Outbox) ([]byte, error) {
	if row.Head.Size == 0 {
		return nil, exchange.Refuse(exchange.UnknownOutbox, "", nil, "this relay holds no entry of that outbox")
	}
	g, _ := n.leaveOf(row.Origin.Audience, row.Origin.Author).of(row.Origin.Generation)
	cp, err := g.profile.Keys.OpenCheckpoint(row.Note)
	if err != nil {
		return nil, fail(Damaged, err, "run verbale fsck", "the newest checkpoint of %s cannot be read", row.Origin)
	}
	at, err := n.timeOver(tx, row)
	if err != nil {
		return nil, err
	}
	receipt, err := n.cfg.Keys.Countersign(cp, at)
	if err != nil {
		return nil, err
	}
	beat, err := receipt.Beat()
	if err != nil {
		return nil, err
	}
	note := row.Note
	if row.Receipted == row.Head.Size {
		note = row.Receipt
	}
	return slices.Concat(note, receipt.Lines), putBeat(tx, beat)
}

// returnLodged keeps the caller's receipt over what we hold for it, for the author to have (L-12), and lets go of the contents (L-13).
func (d Desk) returnLodged(ctx context.Context, l *link, o seal.Origin, note []byte) error {
	if err := d.mayCollect(o); err != nil {
		return err
	}
	err := d.n.cfg.Store.Update(ctx, func(tx *store.Tx) error {
		row, err := tx.Outbox(o.String())
		if err != nil {
			return unknownOutbox(err)
		}
		head, err := headOf(note)
		if err != nil {
			return err
		}
		known, err := signedHead(tx, row.ID, head.Size)
		if err != nil || known != head {
			return exchange.Refuse(exchange.BadSignature, "X-10", err, "this relay does not hold that head of the outbox")
		}
		r, err := l.generations.openReceipt(d.caller, note, known)
		if err != nil {
			return exchange.Refuse(exchange.BadSignature, "K-11", err, "the receipt does not bear your two valid signatures")
		}
		return received(tx, row, r)
	})
	if err != nil {
		return problemOf(err)
	}
	return nil
}

// asksRelay tells whether a note is over an outbox that we may hold for others.
func (d Desk) asksRelay(note []byte) bool {
	head, err := headOf(note)
	if err != nil {
		return false
	}
	_, ok := d.n.relayedOf(head.Origin)
	return ok
}

// beatLodged answers beats over outboxes that we hold for the caller, or that the caller has lodged here.
func (d Desk) beatLodged(ctx context.Context, l *link, notes [][]byte) ([][]byte, error) {
	o, err := originOf(notes[0])
	if err != nil {
		return nil, err
	}
	if o.Author == d.caller {
		return d.n.beatsOfAuthor(ctx, d.tlsKey, notes)
	}
	return d.n.polled(ctx, l, notes)
}

// A poll is an audience asking where an outbox stands.
type poll struct {
	at   time.Time
	size int64 // what it said to hold
}

func (n *Node) notePoll(o seal.Origin, size int64) {
	n.mu.Lock()
	n.polls[o.String()] = poll{n.now(), size}
	n.mu.Unlock()
	n.cfg.Log.Info("polled", "by", o.Audience, "outbox", o.String(), "holds", size)
}

func (n *Node) lastPoll(o seal.Origin) poll {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.polls[o.String()]
}

// polled answers a poll (L-10): it keeps the beats of the audience and gives ours over the same outboxes.
func (n *Node) polled(ctx context.Context, l *link, notes [][]byte) ([][]byte, error) {
	ours, beats, err := n.relayBeats(ctx, l.generations, l.profile.Party, notes, func(o seal.Origin) error {
		if o.Audience != l.profile.Party {
			return exchange.Refuse(exchange.NotYours, "L-4", nil, "you may ask a relay only for what was lodged for you")
		}
		_, _, err := n.leave(o)
		return err
	})
	if err != nil {
		return nil, problemOf(err)
	}
	for _, b := range beats {
		if o, err := seal.ParseOrigin(b.Origin); err == nil {
			n.notePoll(o, b.Size)
		}
	}
	return ours, nil
}

// beatsOfAuthor is polled for an author that asks for its own outboxes.
func (n *Node) beatsOfAuthor(ctx context.Context, tlsKey [32]byte, notes [][]byte) ([][]byte, error) {
	if len(notes) == 0 {
		return nil, nil
	}
	o, err := originOf(notes[0])
	if err != nil {
		return nil, err
	}
	author, _, err := n.leaveFor(o, tlsKey)
	if err != nil {
		return nil, err
	}
	ours, _, err := n.relayBeats(ctx, author, o.Author, notes, func(o seal.Origin) error {
		_, _, err := n.leaveFor(o, tlsKey)
		return err
	})
	if err != nil {
		return nil, problemOf(err)
	}
	return ours, nil
}

// relayBeats keeps beats of a party over outboxes that we hold for others, where they are over heads that we know, and answers each with ours.
// may refuses an outbox that is no business of the caller's.
func (n *Node) relayBeats(ctx context.Context, keys generations, party string, notes [][]byte, may func(seal.Origin) error) (ours [][]byte, beats []seal.Beat, err error) {
	if err := n.expired(); err != nil {
		return nil, nil, exchange.Refuse(exchange.Internal, "K-5", err, "this end's keys have expired and sign nothing; its operator must act")
	}
	for i, note := range notes {
		b, err := keys.openBeat(party, note)
		if err != nil {
			return nil, nil, exchange.Refuse(exchange.BadSignature, "K-23", err, "beat %d is not one of your receipt key", i)
		}
		beats = append(beats, b)
	}
	err = n.cfg.Store.Update(ctx, func(tx *store.Tx) error {
		ours = nil
		for _, b := range beats {
			o, err := seal.ParseOrigin(b.Origin)
			if err == nil {
				err = may(o)
			}
			if err != nil {
				return err
			}
			answer, err := n.relayBeat(tx, o, b)
			if err != nil {
				return err
			}
			ours = append(ours, answer...)
		}
		return nil
	})
	return ours[:min(len(ours), exchange.MaxBeats)], beats, err
}

// relayBeat keeps one beat, and gives ours over the newest head that we hold; to the author also the newest of the audience.
func (n *Node) relayBeat(tx *store.Tx, o seal.Origin, b seal.Beat) (notes [][]byte, err error) {
	row, err := tx.Outbox(o.String())
	if storeKind(err) == store.NotFound {
		row, err = tx.CreateOutbox(o, false)
	}
	if err != nil {
		return nil, err
	}
	if err := n.keepRelayed(tx, row, b); err != nil {
		return nil, err
	}
	own, err := n.beatOver(tx, row, n.timeOver)
	if err != nil {
		return nil, err
	}
	notes = [][]byte{own.Note(n.cfg.Keys.Keys())}
	if b.By != o.Author {
		return notes, nil
	}
	last, found, err := tx.LastBeat(row.ID, o.Audience)
	if err != nil || !found {
		return notes, err
	}
	head, err := headAt(tx, row, last.Size)
	if err != nil {
		return notes, err
	}
	theirs := seal.Beat{Head: head, By: last.Party, Time: last.At, Signature: last.Signature}
	for _, k := range n.generationsOf(o.Audience).keys() {
		if k.CheckBeat(theirs) == nil {
			notes = append(notes, theirs.Note(k))
			break
		}
	}
	return notes, nil
}

// keepRelayed keeps a beat that is over a head that we know, unless one of that party over as much was kept a moment before it by our clock:
// its own times, and sizes that go up and down, must not fill our disk.
func (n *Node) keepRelayed(tx *store.Tx, row store.Outbox, b seal.Beat) error {
	if b.Size > row.Head.Size {
		return nil
	}
	known, err := headAt(tx, row, b.Size)
	switch {
	case storeKind(err) == store.NotFound:
		return nil
	case err != nil:
		return err
	case known != b.Head:
		return exchange.Refuse(exchange.BadSignature, "X-16", nil, "the head of size %d that this relay holds is another one", b.Size)
	}
	if !n.keepsNow(row.Origin.String()+" "+b.By, b.Size) {
		return nil
	}
	return putBeat(tx, b)
}

// keepsNow tells whether a beat of a party over an outbox is to be kept, and remembers it.
func (n *Node) keepsNow(of string, size int64) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	last, now := n.beatsKept[of], n.now()
	if !last.at.IsZero() && within(last.at, now, beatLeast) && size <= last.size {
		return false
	}
	n.beatsKept[of] = poll{now, size}
	return true
}
