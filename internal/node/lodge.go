package node

import (
	"context"
	"errors"
	"slices"
	"time"

	"verbale/internal/exchange"
	"verbale/internal/store"
	"verbale/seal"
	"verbale/verdict"
)

// The sender's side of spec/relay.md: what the peer does not receipt is lodged with its relay, and what the relay knows of the peer's
// receipts is heard from it.

// Lodged is what one round with a peer's relay came to.
type Lodged struct {
	Relay     string `json:"relay,omitempty"` // "" when there was nothing to lodge
	Entries   int64  `json:"entries"`         // lodged by this round
	Lodged    int64  `json:"lodged"`          // entries of our outbox that the relay has receipted
	Receipted int64  `json:"receipted"`       // of those that the peer has, as far as is known now
}

// Lodge makes one round with the relay of a peer, whether it is time or not: it hears what the peer has receipted there, and lodges what it
// has not. Of several relays the one designated last is tried first, and another only where that one fails.
func (n *Node) Lodge(ctx context.Context, party string) (Lodged, error) {
	l, err := n.linkTo(party)
	if err != nil {
		return Lodged{}, err
	}
	if err := n.sendsTo(ctx, party); err != nil {
		return Lodged{}, err
	}
	if err := l.compared(); err != nil { // the relay is one that the new keys name
		return Lodged{}, err
	}
	relays, err := n.relaysOf(ctx, l)
	if err != nil {
		return Lodged{}, err
	}
	if len(relays) == 0 {
		return Lodged{}, fail(NotFound, nil, "what is filed stays filed; verbale serve goes on trying", "%s has designated no relay that can be used, as far as its register is known here", party)
	}
	l.lodging.Lock()
	defer l.lodging.Unlock()
	var errs []error
	for _, relay := range relays {
		done, err := n.lodgeWith(ctx, l, relay)
		if err == nil || ctx.Err() != nil {
			return done, err
		}
		errs = append(errs, err)
		if e, ok := errors.AsType[*Error](err); ok && e.Kind == Stopped {
			break // our own outbox: no relay can help
		}
	}
	return Lodged{}, errors.Join(errs...)
}

// LodgeDue is Lodge when it is time for it (L-5, L-14), and nothing otherwise. The loop of the link calls it.
func (n *Node) LodgeDue(ctx context.Context, party string) (Lodged, error) {
	l, err := n.linkTo(party)
	if err != nil {
		return Lodged{}, err
	}
	relays, err := n.relaysOf(ctx, l) // also when it is not time: so the register is read as it grows
	if err != nil || len(relays) == 0 {
		return Lodged{}, err
	}
	due, err := n.lodgeDue(ctx, l)
	if err != nil || !due {
		return Lodged{}, err
	}
	done, err := n.Lodge(ctx, party)
	l.lodged(err, n.cfg.Now())
	return done, err
}

// relayHolders are the relays of the peer, which know the head of an outbox of ours as far as it was lodged. One that holds no more than we
// do clears nothing: the peer itself may hold more.
func (n *Node) relayHolders(ctx context.Context, l *link, o seal.Origin) (all []holder) {
	relays, err := n.relaysOf(ctx, l)
	if err != nil || n.cfg.Dial == nil {
		return nil
	}
	for _, relay := range relays {
		all = append(all, holder{relay.Party, func(ctx context.Context) error {
			if err := n.askRelayAbout(ctx, relay, o); err != nil {
				return err
			}
			return fail(Unchecked, nil, "", "it holds no more, but only what was lodged with it")
		}})
	}
	return all
}

// askRelayAbout looks for what a relay holds of an outbox of ours, signed by us, beyond what we have, or of another history.
func (n *Node) askRelayAbout(ctx context.Context, relay verdict.Profile, o seal.Origin) error {
	row, err := n.outboxRow(ctx, o)
	if err != nil {
		return err
	}
	peer, err := n.cfg.Dial(relay)
	if err != nil {
		return err
	}
	note, err := peer.Head(ctx, o.String())
	if err != nil && exchange.KindOf(err) != exchange.UnknownOutbox {
		return err
	}
	if err := n.disowned(ctx, relay.Party, o.String(), note); err != nil {
		return err
	}
	b, err := peer.Pull(ctx, o.String(), row.Head.Size)
	if err != nil && exchange.KindOf(err) != exchange.UnknownOutbox || b == nil {
		return err
	}
	return n.disowned(ctx, relay.Party, o.String(), b.Note)
}

// relayNamed is the relay of the peer that we would lodge with, "" when there is none.
func (n *Node) relayNamed(tx *store.Tx, l *link) (string, error) {
	register, err := registerOf(l)
	if err != nil {
		return "", err
	}
	d, _, err := n.readDesignations(tx, register)
	if relays := n.usable(l.profile.Party, d.List); len(relays) > 0 {
		return relays[0].Party, err
	}
	return "", err
}

// relaysOf gives the relays of the peer that can be used, by its register.
func (n *Node) relaysOf(ctx context.Context, l *link) ([]verdict.Profile, error) {
	register, err := registerOf(l)
	if err != nil {
		return nil, err
	}
	list, err := n.designationsOf(ctx, register)
	return n.usable(l.profile.Party, list), err
}

// lodgeDue tells whether a round with the relay is due: the oldest entry that the peer has not receipted has waited long enough, or the
// relay has to be told that the peer has more than was lodged. After a failure there are pauses; when all is lodged, the relay is asked for
// the peer's receipts from time to time.
func (n *Node) lodgeDue(ctx context.Context, l *link) (due bool, err error) {
	now := n.cfg.Now()
	l.mu.Lock()
	next, failing := l.lodgeAt, l.lodgePause > 0
	l.mu.Unlock()
	if failing && now.Before(next) {
		return false, nil
	}
	s, err := n.standing(ctx, l.profile.Party)
	if err != nil || closed(s, l.profile.Party) || l.generations.waits() { // what is written waits in our outbox (A-6, K-33)
		return false, err
	}
	err = n.cfg.Store.View(ctx, func(tx *store.Tx) error {
		rows, err := n.outboxesTo(tx, l.profile.Party)
		for _, row := range rows {
			if err != nil || due {
				return err
			}
			due, err = n.outboxDue(tx, row, now, !now.Before(next))
		}
		return err
	})
	return due, err
}

// outboxDue is lodgeDue for one outbox. again: it is time to ask for receipts of what is lodged.
func (n *Node) outboxDue(tx *store.Tx, row store.Outbox, now time.Time, again bool) (bool, error) {
	if row.Stopped != "" {
		return false, nil
	}
	last, _, err := tx.LastLodged(row.ID)
	if err != nil {
		return false, err
	}
	if row.Receipted == row.Head.Size {
		return toTell(tx, row, last.Size)
	}
	waiting, err := tx.FirstCheckpointAfter(row.ID, row.Receipted)
	if err != nil {
		return false, err
	}
	author, _ := n.author(row.Origin)
	cp, err := author.Keys.OpenCheckpoint(waiting.Note)
	if err != nil {
		return false, fail(Damaged, err, "run verbale fsck", "a checkpoint of %s cannot be read", row.Origin)
	}
	return !now.Before(cp.Time.Add(n.lodgeAfter())) && (last.Size < row.Head.Size || again), nil
}

func (n *Node) lodgeAfter() time.Duration {
	if n.cfg.LodgeAfter > 0 {
		return n.cfg.LodgeAfter
	}
	return LodgeAfter
}

// toTell tells whether a relay holds, up to its newest receipt, what the peer has by now receipted in other steps (L-14): it can be known
// there only when we push up to the peer's receipt.
func toTell(tx *store.Tx, row store.Outbox, lodged int64) (bool, error) {
	if lodged == 0 || lodged >= row.Receipted {
		return false, nil
	}
	at, err := tx.Checkpoint(row.ID, lodged)
	return at.Receipt == nil, err
}

// lodged remembers how a round with the relay ended: pauses grow while it fails.
func (l *link) lodged(err error, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case errors.Is(err, context.Canceled):
	case err == nil:
		l.lodgePause, l.lodgeAt = 0, now.Add(lodgeEvery)
	default:
		l.lodgePause = min(max(2*l.lodgePause, lodgeFirst), lodgeMost)
		l.lodgeAt = now.Add(l.lodgePause)
	}
}

// lodgeWith makes one round with one relay.
func (n *Node) lodgeWith(ctx context.Context, l *link, relay verdict.Profile) (Lodged, error) {
	if n.cfg.Dial == nil {
		return Lodged{}, fail(Offline, nil, "run `verbale serve`", "this node is not connected to anybody now")
	}
	peer, err := n.cfg.Dial(relay)
	if err != nil {
		return Lodged{}, err
	}
	var rows []store.Outbox
	err = n.cfg.Store.View(ctx, func(tx *store.Tx) error {
		rows, err = n.outboxesTo(tx, l.profile.Party)
		return err
	})
	if err != nil {
		return Lodged{}, err
	}
	keys, err := n.relayKeys(ctx, l.profile.Party, relay.Party)
	if err != nil {
		return Lodged{}, err
	}
	done := Lodged{Relay: relay.Party}
	var errs []error
	for _, row := range rows { // the present one first: its first entry says where the one before ends (K-35)
		if row.Head.Size == 0 || row.Stopped != "" && row.Origin.Generation != n.own.newest() {
			continue
		}
		errs = append(errs, (&lodging{n: n, l: l, relay: relay, keys: keys, peer: peer, origin: row.Origin}).round(ctx, &done))
		if ctx.Err() != nil {
			break
		}
	}
	return done, errors.Join(errs...)
}

// A lodging is one round with a relay of the peer at the other end of a link.
type lodging struct {
	n      *Node
	l      *link
	relay  verdict.Profile // by which it is dialled
	keys   generations     // all that it is known to have had: it may have given receipts by earlier ones
	peer   exchange.Peer
	origin seal.Origin // of our outbox to the peer
}

// round hears, lodges and asks, and adds what came of it.
func (r *lodging) round(ctx context.Context, done *Lodged) error {
	if err := r.hear(ctx); err != nil {
		return err
	}
	entries, err := r.push(ctx)
	done.Entries += entries
	if err != nil {
		return err
	}
	if err := r.ask(ctx); err != nil && ctx.Err() == nil { // what was to be lodged is lodged
		r.n.cfg.Log.Info("a relay does not say what it has seen", "relay", r.relay.Party, "error", err.Error())
	}
	row, err := r.n.outboxRow(ctx, r.origin)
	if err != nil {
		return err
	}
	held, err := r.position(ctx, row)
	done.Lodged, done.Receipted = done.Lodged+held, done.Receipted+row.Receipted
	if entries > 0 {
		r.n.cfg.Log.Info("lodged", "for", r.l.profile.Party, "with", r.relay.Party, "entries", entries, "size", held)
	}
	return err
}

// unreached makes the error of a call to the relay one for people.
func (r *lodging) unreached(err error) error {
	if err == nil || exchange.KindOf(err) != "" || errors.Is(err, context.Canceled) {
		return err
	}
	return fail(Offline, err, "what is filed stays filed; verbale serve tries again by itself", "%s, the relay of %s, could not be reached: %v", r.relay.Party, r.l.profile.Party, err)
}

// hear asks the relay for the peer's newest receipt, and keeps it as if the peer had given it (L-12).
func (r *lodging) hear(ctx context.Context) error {
	note, err := r.peer.Head(ctx, r.origin.String())
	if exchange.KindOf(err) == exchange.UnknownOutbox {
		return nil
	}
	if err != nil {
		return r.unreached(err)
	}
	if _, err := r.n.keepLodged(ctx, r.origin, r.relay.Party, r.keys, note); err != nil {
		return err
	}
	if !exchange.HasReceipt(note, r.l.profile.Party) {
		return nil
	}
	return r.n.keepReceipt(ctx, r.l, note)
}

// ask hands the relay our beat over the outbox, and keeps its own and the newest of the peer that it has (L-12).
func (r *lodging) ask(ctx context.Context) error {
	if r.n.expired() != nil {
		return nil
	}
	var ours seal.Beat
	may := false
	err := r.n.cfg.Store.Update(ctx, func(tx *store.Tx) error {
		row, err := tx.Outbox(r.origin.String())
		if err != nil {
			return err
		}
		if may = r.n.sayable(row); may {
			ours, err = r.n.beatOver(tx, row, r.n.clock)
		}
		return err
	})
	if err != nil || !may { // before it was compared nobody says how large it is
		return err
	}
	theirs, err := r.peer.Beat(ctx, [][]byte{ours.Note(r.n.cfg.Keys.Keys())})
	if err != nil {
		return r.unreached(err)
	}
	if len(theirs) > 2 { // its own, and the newest of the peer
		return exchange.Refuse(exchange.Malformed, "L-12", nil, "%s answered one beat with %d", r.relay.Party, len(theirs))
	}
	for _, note := range theirs {
		b, err := r.keys.openBeat(r.relay.Party, note)
		if err != nil {
			b, err = r.l.generations.openBeat(r.l.profile.Party, note)
		}
		if err != nil {
			return exchange.Refuse(exchange.BadSignature, "K-23", err, "%s answered with a beat that is neither its own nor of %s", r.relay.Party, r.l.profile.Party)
		}
		if err := r.n.keepAnswer(ctx, r.origin, b); err != nil {
			return err
		}
	}
	return nil
}

// position is the size up to which the relay has receipted our outbox.
func (r *lodging) position(ctx context.Context, row store.Outbox) (size int64, err error) {
	err = r.n.cfg.Store.View(ctx, func(tx *store.Tx) error {
		c, _, err := tx.NewestCosignature(row.ID, seal.ReceiptName(r.relay.Party))
		size = c.Size
		return err
	})
	return size, err
}

// push lodges batch after batch, up to the newest head, or, where the peer has all, up to its receipt (L-14).
func (r *lodging) push(ctx context.Context) (entries int64, err error) {
	row, err := r.n.outboxRow(ctx, r.origin)
	if err != nil {
		return 0, err
	}
	from, err := r.position(ctx, row)
	if err != nil {
		return 0, err
	}
	end, err := r.goal(ctx, row, from)
	if err != nil {
		return 0, err
	}
	first, wentBack := from, false
	for from < end {
		if row.Stopped != "" {
			return entries, fail(Stopped, nil, "", "nothing is pushed from this outbox any more: %s", row.Stopped)
		}
		next, err := r.pushOne(ctx, row, from)
		if err != nil {
			return entries, err
		}
		if next < from && wentBack {
			return entries, exchange.Refuse(exchange.Malformed, "X-5", nil, "%s went back a second time, to %d entries: it loses what it receipts", r.relay.Party, next)
		}
		wentBack = wentBack || next < from
		from = next
		entries = max(from-first, 0)
	}
	return entries, nil
}

// goal is the size up to which this round lodges; what is not beyond from is nothing.
func (r *lodging) goal(ctx context.Context, row store.Outbox, from int64) (end int64, err error) {
	if row.Receipted < row.Head.Size {
		return row.Head.Size, nil
	}
	err = r.n.cfg.Store.View(ctx, func(tx *store.Tx) error {
		tell, err := toTell(tx, row, from)
		if tell {
			end = row.Receipted
		}
		return err
	})
	return end, err
}

// pushOne lodges one batch from index from, and gives the index to go on from: below it, the relay has receipted everything.
func (r *lodging) pushOne(ctx context.Context, row store.Outbox, from int64) (int64, error) {
	b, err := r.batch(ctx, row, from)
	if err != nil {
		return 0, err
	}
	receipt, err := r.peer.Push(ctx, b)
	if p, ok := errors.AsType[*exchange.Problem](err); ok && p.Kind == exchange.BehindOrAhead {
		return r.elsewhere(ctx, row, from, p)
	}
	if p, ok := errors.AsType[*exchange.Problem](err); ok && (p.Kind == exchange.ForkFound || p.Kind == exchange.BadRoot) {
		if stopped := r.n.disowned(ctx, r.relay.Party, r.origin.String(), p.Ours); stopped != nil {
			return 0, stopped
		}
	}
	if err != nil {
		return 0, r.unreached(err)
	}
	end := from + int64(len(b.Entries))
	if head, err := headOf(receipt); err != nil || head.Size != end || head.Origin != r.origin.String() {
		return 0, exchange.Refuse(exchange.Malformed, "X-10", err, "%s answered a batch up to %d with something else than a receipt for it", r.relay.Party, end)
	}
	kept, err := r.n.keepLodged(ctx, r.origin, r.relay.Party, r.keys, receipt)
	if err == nil && !kept {
		err = exchange.Refuse(exchange.Malformed, "L-7", nil, "%s answered a batch without a receipt of its own", r.relay.Party)
	}
	return end, err
}

// batch reads the next entries for the relay: those that the peer has receipted without their contents, up to a receipt of it (L-6).
func (r *lodging) batch(ctx context.Context, row store.Outbox, from int64) (b *exchange.Batch, err error) {
	err = r.n.cfg.Store.View(ctx, func(tx *store.Tx) error {
		at, err := tx.LastReceiptWithin(row.ID, from, from+MaxPushEntries)
		if storeKind(err) == store.NotFound {
			b, err = nextBatch(tx, row, from)
			return err
		} else if err != nil {
			return err
		}
		b = &exchange.Batch{Start: from, Note: at.Receipt}
		return tx.Leaves(row.ID, from, at.Size, func(_ int64, leaf []byte) error {
			b.Entries = append(b.Entries, exchange.Entry{Leaf: leaf})
			return nil
		})
	})
	return b, err
}

// elsewhere goes on where the relay says it stands, if it shows its receipt for that.
func (r *lodging) elsewhere(ctx context.Context, row store.Outbox, from int64, p *exchange.Problem) (int64, error) {
	if p.Size > row.Head.Size {
		if err := r.n.disowned(ctx, r.relay.Party, r.origin.String(), p.Receipt); err != nil {
			return 0, err
		}
		return 0, exchange.Refuse(exchange.BadSignature, "X-6", nil, "%s claims to hold %d entries of ours but shows no signature of ours for that", r.relay.Party, p.Size)
	}
	before, err := r.position(ctx, row)
	if err != nil {
		return 0, err
	}
	if p.Receipt != nil {
		if _, err := r.n.keepLodged(ctx, r.origin, r.relay.Party, r.keys, p.Receipt); err != nil {
			return 0, err
		}
	}
	after, err := r.position(ctx, row)
	switch {
	case err != nil:
		return 0, err
	case p.Size == from || p.Size < 0:
		return 0, exchange.Refuse(exchange.Malformed, "X-5", nil, "%s refused a batch from %d and asks for one from %d", r.relay.Party, from, p.Size)
	case p.Size > after:
		return 0, exchange.Refuse(exchange.Malformed, "X-5", nil, "%s says that it holds %d entries but shows no receipt for them", r.relay.Party, p.Size)
	case p.Size < before:
		return p.Size, r.lost(ctx, row, p)
	}
	return p.Size, nil
}

// lost keeps what shows that the relay holds less than it receipted (L-17). It then gets again what it lost.
func (r *lodging) lost(ctx context.Context, row store.Outbox, p *exchange.Problem) error {
	n := r.n
	n.cfg.Log.Error("the relay holds less than it receipted", "relay", r.relay.Party, "outbox", row.Origin.String(), "holds", p.Size)
	return n.cfg.Store.Update(ctx, func(tx *store.Tx) error {
		c, found, err := tx.NewestCosignature(row.ID, seal.ReceiptName(r.relay.Party))
		if err != nil || !found {
			return err
		}
		at, err := tx.Checkpoint(row.ID, c.Size)
		if err != nil {
			return err
		}
		var shown []byte
		if p.Receipt != nil {
			known, err := tx.Checkpoint(row.ID, p.Size)
			if err != nil {
				return err
			}
			head, err := headOf(known.Note)
			if err != nil {
				return err
			}
			receipt, err := r.keys.openReceipt(r.relay.Party, p.Receipt, head)
			if err != nil {
				return err
			}
			shown = slices.Concat(known.Note, receipt.Lines)
		}
		return tx.PutEvidence(row.Origin.String(), r.relay.Party, UnReceived, n.now(), slices.Concat(at.Note, c.Lines), shown, nil)
	})
}

// keepLodged verifies the receipt of a relay in a note, if there is one, against the checkpoint of that size that is here, and keeps its
// lines. kept: there is one. A head of an outbox of ours that we signed and do not have stops the outbox.
func (n *Node) keepLodged(ctx context.Context, o seal.Origin, relay string, keys generations, note []byte) (kept bool, err error) {
	if !exchange.HasReceipt(note, relay) {
		return false, nil
	}
	head, err := headOf(note)
	if err != nil || head.Origin != o.String() {
		return false, exchange.Refuse(exchange.Malformed, "L-7", err, "%s gave something else than a receipt over the outbox asked for", relay)
	}
	known := false
	err = n.cfg.Store.Update(ctx, func(tx *store.Tx) error {
		row, err := tx.Outbox(head.Origin)
		if err != nil {
			return err
		}
		ours, err := signedHead(tx, row.ID, head.Size)
		if known = err == nil && ours == head; !known {
			return exchange.Refuse(exchange.BadSignature, "L-7", err, "%s gave a receipt over another head than any that is signed here", relay)
		}
		r, by, err := keys.openReceiptBy(relay, note, ours)
		if err != nil {
			return exchange.Refuse(exchange.BadSignature, "K-11", err, "the receipt does not bear the two valid signatures of %s", relay)
		}
		if until := by.profile.ValidUntil; r.Time.After(until) {
			return exchange.Refuse(exchange.ExpiredKey, "L-8", nil, "the receipt of %s is dated after its keys, which were valid until %s", relay, until.UTC().Format(time.RFC3339))
		}
		before, _, err := tx.LastLodged(row.ID)
		if err != nil {
			return err
		}
		if err := tx.PutCosignature(row.ID, store.Cosignature{Size: r.Size, Name: seal.ReceiptName(relay), Lines: r.Lines, Time: r.Time}); err != nil || o.Author != n.party {
			return err
		}
		return coveredCases(tx, o.Audience, row.ID, max(row.Receipted, before.Size), r.Size)
	})
	if err != nil && !known && o.Author == n.party {
		if stopped := n.disowned(ctx, relay, o.String(), note); stopped != nil {
			return false, stopped
		}
	}
	return err == nil, err
}
