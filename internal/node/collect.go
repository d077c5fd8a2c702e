package node

import (
	"context"
	"encoding/base64"
	"errors"
	"slices"
	"strings"
	"time"

	"verbale/internal/exchange"
	"verbale/internal/store"
	"verbale/seal"
)

// The addressee's side of spec/relay.md: it polls its relays, and takes from them what others have lodged for it.

// Collect polls every relay of this party and takes what is new there (L-10, L-11). It returns how many entries came. One relay that fails
// does not keep it from the others.
func (n *Node) Collect(ctx context.Context) (int64, error) {
	relays, err := n.polledRelays(ctx)
	if err != nil {
		return 0, err
	}
	var came int64
	var errs []error
	for _, l := range relays {
		got, err := n.collectFrom(ctx, l)
		came += got
		errs = append(errs, err)
	}
	return came, errors.Join(errs...)
}

// polledRelays are the links with our relays, and for a week with those that were (L-15). Where the relay has another profile now than the
// one that our register names, or our register is a new one, it names the relay anew.
func (n *Node) polledRelays(ctx context.Context) (relays []*link, err error) {
	list, err := n.ownDesignations(ctx)
	if err != nil {
		return nil, err
	}
	for _, d := range list {
		l, err := n.linkTo(d.Party)
		switch {
		case err != nil:
			n.cfg.Log.Warn("a relay is no longer linked", "relay", d.Party)
			continue
		case d.Ended && n.now().After(d.At.Add(pollEnded)):
			continue
		case !d.Ended && (d.Profile != l.profile.File || d.Fingerprint != base64.RawURLEncoding.EncodeToString(l.profile.Fingerprint[:]) ||
			d.Register != n.outboxTo(seal.Public).String()):
			if _, err := n.designate(ctx, l); err != nil {
				return nil, err
			}
		}
		relays = append(relays, l)
	}
	return relays, nil
}

// collectFrom makes one round with a relay of ours: who may lodge, where it stands, what is new, and our receipts.
func (n *Node) collectFrom(ctx context.Context, relay *link) (came int64, err error) {
	peer, err := n.peer(relay)
	if err != nil {
		return 0, err
	}
	defer func() { n.note(relay, err) }()
	refused := n.admitAll(ctx, relay, peer) // who was refused cannot lodge; what the others have lodged is collected
	if exchange.KindOf(refused) == "" && refused != nil {
		return 0, refused
	}
	answers, err := n.askRelay(ctx, relay, peer)
	if err != nil {
		return 0, err
	}
	var errs []error
	for _, l := range n.sortedLinks() {
		if !relay.told(l.profile) {
			continue
		}
		for _, o := range n.mirrored(l) {
			b, answered := answers[o.String()]
			if !answered && o == n.mirrorOf(l.profile.Party) {
				errs = append(errs, exchange.Refuse(exchange.Malformed, "L-10", nil, "%s does not say what it holds of %s", relay.profile.Party, l.profile.Party))
			}
			if !answered {
				continue
			}
			got, err := n.collectOf(ctx, relay, peer, l, b)
			came += got
			errs = append(errs, err)
		}
	}
	return came, errors.Join(append(errs, refused)...)
}

// mirrored gives the outboxes of a peer to us, of every generation of its keys that is known.
func (n *Node) mirrored(l *link) (origins []seal.Origin) {
	for _, g := range l.generations {
		origins = append(origins, seal.Origin{Author: l.profile.Party, Audience: n.party, Generation: g.number()})
	}
	return origins
}

// askRelay hands the relay our beats over the outboxes to us, and gives its own by origin (L-10).
func (n *Node) askRelay(ctx context.Context, relay *link, peer exchange.Peer) (map[string]seal.Beat, error) {
	ours, unsaid, err := n.pollBeats(ctx, relay)
	if err != nil {
		return nil, err
	}
	answers := map[string]seal.Beat{}
	for _, o := range unsaid {
		if answers[o.String()], err = n.askHead(ctx, relay, peer, o); err != nil {
			return nil, err
		}
	}
	for some := range slices.Chunk(ours, exchange.MaxBeats) {
		theirs, err := peer.Beat(ctx, some)
		if err != nil {
			return nil, relay.unreached(err)
		}
		for _, note := range theirs {
			b, err := relay.profile.Keys.OpenBeat(relay.profile.Party, note)
			if err != nil {
				return nil, exchange.Refuse(exchange.BadSignature, "K-23", err, "%s answered a poll with something else than beats of its own", relay.profile.Party)
			}
			if b.Time.After(relay.profile.ValidUntil) {
				return nil, exchange.Refuse(exchange.ExpiredKey, "L-8", nil, "%s answered a poll with keys that were valid until %s",
					relay.profile.Party, relay.profile.ValidUntil.UTC().Format(time.RFC3339))
			}
			answers[b.Origin] = b
		}
	}
	return answers, nil
}

// askHead asks the relay for the head of an outbox for whose copy here we may not speak yet. Without a signature: it holds nothing.
func (n *Node) askHead(ctx context.Context, relay *link, peer exchange.Peer, o seal.Origin) (seal.Beat, error) {
	note, err := peer.Head(ctx, o.String())
	if exchange.KindOf(err) == exchange.UnknownOutbox {
		return seal.Beat{Head: emptyHead(o)}, nil
	}
	if err != nil {
		return seal.Beat{}, relay.unreached(err)
	}
	author, _ := n.author(o)
	cp, err := author.Keys.OpenCheckpoint(note)
	if err != nil || cp.Origin != o.String() {
		return seal.Beat{}, exchange.Refuse(exchange.BadSignature, "L-10", err, "%s shows a head of %s without the signatures of its author", relay.profile.Party, o)
	}
	r, err := relay.profile.Keys.OpenReceipt(relay.profile.Party, note, cp.Head)
	if err != nil {
		return seal.Beat{}, exchange.Refuse(exchange.BadSignature, "L-10", err, "%s shows a head of %s without its own receipt", relay.profile.Party, o)
	}
	return r.Beat()
}

// pollBeats makes our beats over the outboxes to us that may be lodged with the relay. unsaid are those that we may say nothing of yet.
func (n *Node) pollBeats(ctx context.Context, relay *link) (notes [][]byte, unsaid []seal.Origin, err error) {
	if n.expired() != nil {
		return nil, nil, nil
	}
	links := slices.DeleteFunc(n.sortedLinks(), func(l *link) bool { return !relay.told(l.profile) })
	err = n.cfg.Store.Update(ctx, func(tx *store.Tx) error {
		notes, unsaid = nil, nil
		for _, l := range links {
			for _, o := range n.mirrored(l) {
				row, err := n.beatOutbox(tx, l, o)
				if err != nil && storeKind(err) != store.NotFound {
					return err
				}
				if err != nil || !n.sayable(row) { // of an earlier generation nothing was received yet, or it was not compared
					unsaid = append(unsaid, o)
					continue
				}
				beat, err := n.beatOver(tx, row, n.clock)
				if err != nil {
					return err
				}
				notes = append(notes, beat.Note(n.cfg.Keys.Keys()))
			}
		}
		return nil
	})
	return notes, unsaid, err
}

// collectOf takes what a relay holds of one peer, keeps what the relay has said, and returns our receipt.
func (n *Node) collectOf(ctx context.Context, relay *link, peer exchange.Peer, l *link, said seal.Beat) (came int64, err error) {
	origin, err := seal.ParseOrigin(said.Origin)
	if err != nil || said.By == "" { // it holds nothing, and did not sign that
		return 0, err
	}
	s, err := n.standing(ctx, l.profile.Party)
	if err != nil {
		return 0, err
	}
	if !closed(s, n.party) { // while we have suspended the link, we take nothing
		if came, err = n.pullFrom(ctx, relay, peer, l, origin, said.Size); err != nil {
			return came, err
		}
	}
	if err := n.keepAnswer(ctx, origin, said); err != nil {
		return came, err
	}
	if err := n.returnTo(ctx, relay, peer, origin, said.Size); err != nil {
		return came, err
	}
	if came > 0 {
		n.tellAuthor(ctx, l, origin)
	}
	return came, nil
}

// pullFrom pulls from a relay what we do not hold of a peer's outbox, up to the size that it says to have.
func (n *Node) pullFrom(ctx context.Context, relay *link, peer exchange.Peer, l *link, origin seal.Origin, size int64) (came int64, err error) {
	for {
		row, err := n.outboxRow(ctx, origin)
		if err != nil && storeKind(err) != store.NotFound {
			return came, err
		}
		if row.Head.Size >= size {
			return came, nil
		}
		b, err := peer.Pull(ctx, origin.String(), row.Head.Size)
		if err != nil && exchange.KindOf(err) != exchange.UnknownOutbox {
			return came, relay.unreached(err)
		}
		if b == nil {
			return came, exchange.Refuse(exchange.Malformed, "L-10", nil, "%s says to hold %d entries of %s and gives none beyond %d", relay.profile.Party, size, origin, row.Head.Size)
		}
		if slices.ContainsFunc(b.Entries, func(e exchange.Entry) bool { return e.Content == nil }) {
			return came, exchange.Refuse(exchange.BadContent, "L-11", nil, "%s has erased what we had receipted, and we have lost it: %s has it", relay.profile.Party, origin.Author)
		}
		if _, err := n.ingest(ctx, l, b); err != nil {
			return came, err
		}
		if _, err := n.keepLodged(ctx, origin, relay.profile.Party, relay.generations, b.Note); err != nil {
			return came, err
		}
		after, err := n.outboxRow(ctx, origin)
		if err != nil {
			return came, err
		}
		if after.Head.Size == row.Head.Size {
			return came, exchange.Refuse(exchange.Malformed, "X-9", nil, "%s was asked for entries from %d and gave others", relay.profile.Party, row.Head.Size)
		}
		came += after.Head.Size - row.Head.Size
	}
}

// keepAnswer keeps what the relay has said, if it is over a head that we know: it convicts a relay that hides what it holds (L-16).
func (n *Node) keepAnswer(ctx context.Context, origin seal.Origin, said seal.Beat) error {
	if said.Origin != origin.String() {
		return exchange.Refuse(exchange.NotYours, "L-10", nil, "%s answered about another outbox than the one asked for", said.By)
	}
	return n.cfg.Store.Update(ctx, func(tx *store.Tx) error {
		row, err := tx.Outbox(origin.String())
		if err != nil || said.Size > row.Head.Size {
			return err
		}
		known, err := headAt(tx, row, said.Size)
		switch {
		case storeKind(err) == store.NotFound: // by another way it came in other steps
			return nil
		case err != nil:
			return err
		case known != said.Head:
			return exchange.Refuse(exchange.BadSignature, "X-16", nil, "%s shows another head of size %d of %s than the one that this node holds", said.By, said.Size, origin)
		}
		return putBeat(tx, said)
	})
}

// returnTo hands a relay our newest receipt over what it holds, once (L-11).
func (n *Node) returnTo(ctx context.Context, relay *link, peer exchange.Peer, origin seal.Origin, size int64) error {
	var receipt []byte
	var at int64
	err := n.cfg.Store.View(ctx, func(tx *store.Tx) error {
		row, err := tx.Outbox(origin.String())
		if err != nil {
			return err
		}
		last, err := tx.LastReceiptWithin(row.ID, 0, size)
		if storeKind(err) == store.NotFound {
			return nil
		}
		receipt, at = last.Receipt, last.Size
		return err
	})
	if err != nil || receipt == nil || relay.returned(origin, at) {
		return err
	}
	err = peer.Return(ctx, receipt)
	if exchange.KindOf(err) == exchange.BadSignature { // it came to us in other steps than to the relay: the author will tell it (L-14)
		n.cfg.Log.Info("a relay does not know a head that we have receipted", "relay", relay.profile.Party, "outbox", origin.String(), "size", at)
		err = nil
	}
	if err == nil {
		relay.didReturn(origin, at)
	}
	return relay.unreached(err)
}

// returned tells whether the relay at the other end of l has our receipt of that size.
func (l *link) returned(o seal.Origin, size int64) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.handed[o.String()] == size
}

func (l *link) didReturn(o seal.Origin, size int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.handed == nil {
		l.handed = map[string]int64{}
	}
	l.handed[o.String()] = size
}

// tellAuthor returns our newest receipt to the author of what a relay gave us, if it can be reached (L-11). Where it cannot, its own loop
// hears of it from the relay.
func (n *Node) tellAuthor(ctx context.Context, l *link, origin seal.Origin) {
	row, err := n.outboxRow(ctx, origin)
	if err == nil && row.Receipt != nil {
		var peer exchange.Peer
		if peer, err = n.peer(l); err == nil {
			err = peer.Return(ctx, row.Receipt)
		}
	}
	if err != nil && ctx.Err() == nil {
		n.cfg.Log.Info("the author could not be told of what its addressee's relay had", "party", l.profile.Party, "error", err.Error())
	}
}

// collectLoop polls our relays until ctx ends.
func (n *Node) collectLoop(ctx context.Context) {
	tick := time.NewTicker(collectEvery)
	defer tick.Stop()
	for {
		if came, err := n.Collect(ctx); err != nil && ctx.Err() == nil {
			n.cfg.Log.Warn("relays", "collected", came, "error", err.Error())
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// A Relay is one of this party's relays, or one that was.
type Relay struct {
	Party    string    `json:"party"`
	State    string    `json:"state"`             // in-force or ended
	Since    time.Time `json:"since"`             // of this state
	Outboxes []Polled  `json:"outboxes"`          // by author
	Problem  string    `json:"problem,omitempty"` // why it cannot be used
}

// Polled is what a relay said last of one outbox to us.
type Polled struct {
	Author string    `json:"author"`
	At     time.Time `json:"at"`   // by the relay's clock
	Size   int64     `json:"size"` // entries that it said to hold
}

// Relays says of each relay that this party has designated when it answered last, and what.
func (n *Node) Relays(ctx context.Context) (all []Relay, err error) {
	list, err := n.ownDesignations(ctx)
	if err != nil {
		return nil, err
	}
	err = n.cfg.Store.View(ctx, func(tx *store.Tx) error {
		all = nil
		for _, d := range list {
			r := Relay{Party: d.Party, State: inForce, Since: d.At, Outboxes: []Polled{}}
			if d.Ended {
				r.State = ended
			} else if _, err := d.profile(n.now()); err != nil {
				r.Problem = err.Error()
			}
			if r.Outboxes, err = n.answersOf(tx, d.Party); err != nil {
				return err
			}
			all = append(all, r)
		}
		return nil
	})
	slices.SortFunc(all, func(a, b Relay) int { return strings.Compare(a.Party, b.Party) })
	return all, err
}

// answersOf gives the last answer of a relay about each outbox to us that it has answered about.
func (n *Node) answersOf(tx *store.Tx, relay string) (all []Polled, err error) {
	for _, l := range n.sortedLinks() {
		row, err := tx.Outbox(n.mirrorOf(l.profile.Party).String())
		if storeKind(err) == store.NotFound {
			continue
		} else if err != nil {
			return nil, err
		}
		b, found, err := tx.LastBeat(row.ID, relay)
		if err != nil {
			return nil, err
		}
		if found && l.profile.Party != relay {
			all = append(all, Polled{Author: l.profile.Party, At: b.At, Size: b.Size})
		}
	}
	return all, nil
}
