package node

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"verbale/internal/exchange"
	"verbale/internal/store"
	"verbale/seal"
	"verbale/verdict"
)

// The relay's side of spec/relay.md: for whom this node takes entries, and what it takes. What is asked of it stands in relay_desk.go.

// An admission is leave to lodge here: of an author, for an audience (L-3).
type admission struct{ audience, author string }

// loadLodgings reads who may lodge here. A node that is no relay any more reads it too: fsck needs the keys.
func (n *Node) loadLodgings(ctx context.Context) error {
	return n.cfg.Store.View(ctx, func(tx *store.Tx) error {
		rows, err := tx.Lodgings()
		if err != nil {
			return err
		}
		for _, row := range rows {
			p, err := verdict.OpenProfile(string(row.Profile))
			if err != nil || p.Party != row.Author || generationOf(p) != row.Generation {
				return fail(Damaged, err, "restore a backup of the data folder", "the stored profile of %s, who may lodge for %s, cannot be read", row.Author, row.Audience)
			}
			n.remember(row.Audience, p)
		}
		return nil
	})
}

// remember makes leave that is stored count.
func (n *Node) remember(audience string, p verdict.Profile) {
	n.mu.Lock()
	defer n.mu.Unlock()
	a := admission{audience, p.Party}
	grown := slices.DeleteFunc(slices.Clone(n.admitted[a]), func(g generation) bool { return g.number() == generationOf(p) })
	grown = append(grown, generation{profile: p})
	slices.SortFunc(grown, func(a, b generation) int { return a.number() - b.number() })
	n.admitted[a] = grown
}

// keys gives the key sets, the present one first.
func (gs generations) keys() (sets []seal.Keys) {
	for _, g := range slices.Backward(gs) {
		sets = append(sets, g.profile.Keys)
	}
	return sets
}

// lodgerWith names the author that calls with tlsKey and has leave from somebody.
func (n *Node) lodgerWith(tlsKey [32]byte) (party string, ok bool) {
	if !n.cfg.Relay {
		return "", false
	}
	for a, gs := range n.admitted {
		if [32]byte(gs.present().profile.Keys.TLS) == tlsKey {
			return a.author + " for " + a.audience, true // who named it is said: the name alone may be somebody's whom we know
		}
	}
	return "", false
}

// leaveOf gives what an audience has told this node of an author.
func (n *Node) leaveOf(audience, author string) generations {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.admitted[admission{audience, author}]
}

// leave finds who signs an outbox that somebody else is the audience of, and that audience (L-3, L-4).
func (n *Node) leave(o seal.Origin) (author generations, audience *link, err error) {
	if !n.cfg.Relay {
		return nil, nil, exchange.Refuse(exchange.NotYours, "L-4", nil, "this node is no relay")
	}
	author = n.leaveOf(o.Audience, o.Author)
	audience, err = n.linkTo(o.Audience)
	if author == nil || err != nil {
		return nil, nil, exchange.Refuse(exchange.NotYours, "L-3", err, "its audience has not told this relay to take entries of that outbox")
	}
	if _, ok := author.of(o.Generation); !ok {
		return nil, nil, exchange.Refuse(exchange.NotYours, "L-3", nil, "its audience has not told this relay the author's keys of that generation")
	}
	return author, audience, nil
}

// leaveFor is leave for an author that calls with tlsKey.
func (n *Node) leaveFor(o seal.Origin, tlsKey [32]byte) (author generations, audience *link, err error) {
	author, audience, err = n.leave(o)
	if err == nil && [32]byte(author.present().profile.Keys.TLS) != tlsKey {
		err = exchange.Refuse(exchange.NotYours, "L-4", nil, "you are not the author of that outbox, by what its audience has told this relay")
	}
	return author, audience, err
}

// admit gives leave to lodge to the party of a profile (L-3).
func (n *Node) admit(ctx context.Context, audience, file string) error {
	p, err := verdict.OpenProfile(strings.TrimSpace(file))
	if err != nil {
		return exchange.Refuse(exchange.Malformed, "L-3", err, "the body is no valid profile file")
	}
	n.linking.Lock()
	defer n.linking.Unlock()
	old, known := n.leaveOf(audience, p.Party).of(generationOf(p))
	switch {
	case p.Party == n.party || p.Party == audience:
		return exchange.Refuse(exchange.NotYours, "L-3", nil, "a relay takes entries of others than itself and you")
	case n.sharesWithOther(audience, p):
		return exchange.Refuse(exchange.NotYours, "L-3", nil, "the profile holds a key of this relay, of yours, or of another party that you have named")
	case known && old.profile.Fingerprint != p.Fingerprint:
		return exchange.Refuse(exchange.NotYours, "L-3", nil, "this relay has other keys of that author, of the same generation")
	case known && !releasedAt(p).After(releasedAt(old.profile)):
		return nil
	case !known && n.admittedFor(audience) >= MaxAdmitted:
		return exchange.Refuse(exchange.OverQuota, "L-9", nil, "this relay takes entries of at most %d authors for you; nothing was stored", MaxAdmitted)
	}
	row := store.Lodging{Audience: audience, Author: p.Party, Generation: generationOf(p), Profile: []byte(p.File)}
	if err := n.cfg.Store.Update(ctx, func(tx *store.Tx) error { return tx.PutLodging(row) }); err != nil {
		return err
	}
	n.remember(audience, p)
	n.cfg.Log.Info("admitted", "author", p.Party, "for", audience)
	return nil
}

// admittedFor counts the profiles that an audience has named.
func (n *Node) admittedFor(audience string) (count int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for a, gs := range n.admitted {
		if a.audience == audience {
			count += len(gs)
		}
	}
	return count
}

// sharesWithOther tells whether a profile has a signing key of a party of another name: of us, of the audience, or of another that it has named.
// Whom else we know is not looked at: the answer would tell who that is, and somebody's name for a stranger's keys would keep the stranger out.
func (n *Node) sharesWithOther(audience string, p verdict.Profile) bool {
	taken := map[string]string{}
	for _, key := range signingKeys(n.cfg.Keys.Keys()) {
		taken[key] = n.party
	}
	n.mu.Lock()
	known := map[string][]generations{}
	if l := n.links[audience]; l != nil {
		known[audience] = append(known[audience], l.generations)
	}
	for a, gs := range n.admitted {
		if a.audience == audience {
			known[a.author] = append(known[a.author], gs)
		}
	}
	n.mu.Unlock()
	for party, all := range known {
		for _, k := range slices.Concat(all...).keys() {
			for _, key := range signingKeys(k) {
				taken[key] = party
			}
		}
	}
	return slices.ContainsFunc(signingKeys(p.Keys), func(key string) bool { return taken[key] != "" && taken[key] != p.Party })
}

// takeLodged takes a batch of an outbox that we hold for its audience (L-5 to L-9). The answer is our receipt as a note; it must not leave
// before takeLodged has returned.
func (n *Node) takeLodged(ctx context.Context, o seal.Origin, tlsKey [32]byte, b *exchange.Batch) ([]byte, error) {
	author, audience, err := n.leaveFor(o, tlsKey)
	if err != nil {
		return nil, err
	}
	adv, again, err := n.verifyLodged(ctx, o, author, audience, b)
	if err != nil {
		return nil, n.keepEvidence(ctx, o.Author, o, err)
	}
	if again != nil {
		return again.Receipt, nil
	}
	if err := n.expired(); err != nil {
		return nil, exchange.Refuse(exchange.Internal, "K-5", err, "this end's keys have expired and sign no receipts; its operator must act")
	}
	var receipt seal.Receipt
	err = n.cfg.Store.Update(ctx, func(tx *store.Tx) (err error) {
		receipt, err = n.storeLodged(tx, adv)
		return err
	})
	if err != nil {
		return nil, err
	}
	n.cfg.Log.Info("lodged", "from", o.Author, "for", o.Audience, "entries", len(adv.Records()), "size", receipt.Size)
	return seal.Countersigned(adv.Checkpoint(), receipt), nil
}

// verifyLodged holds the batch against what we hold, by a relay's terms.
func (n *Node) verifyLodged(ctx context.Context, o seal.Origin, author generations, audience *link, b *exchange.Batch) (adv *exchange.Advance, again *exchange.Resend, err error) {
	g, _ := author.of(o.Generation)
	by := exchange.Author{Party: o.Author, Keys: g.profile.Keys, ValidUntil: g.profile.ValidUntil}
	err = n.cfg.Store.View(ctx, func(tx *store.Tx) error {
		row, err := tx.Outbox(o.String())
		if storeKind(err) == store.NotFound {
			row, err = store.Outbox{Origin: o, Head: emptyHead(o)}, nil
		}
		if err != nil {
			return err
		}
		held, err := heldFor(tx, row)
		if err != nil {
			return err
		}
		newest, err := n.ownReceiptAt(tx, row, row.Head.Size)
		if err != nil {
			return err
		}
		m := exchange.Mirror{Origin: o, Head: row.Head, Note: row.Note, Tiles: tx.Tiles(row.ID), Newest: newest,
			ReceiptAt: func(size int64) ([]byte, error) { return n.ownReceiptAt(tx, row, size) },
			Terms:     &exchange.Terms{Audience: o.Audience, Keys: audience.generations.receiptKeys(o.Audience, b.Note), Held: held, Quota: n.quota()}}
		adv, again, err = exchange.Verify(m, by, b, n.cfg.Now())
		return err
	})
	return adv, again, err
}

// heldFor counts what the audience has not receipted (L-9).
func heldFor(tx *store.Tx, row store.Outbox) (held exchange.Load, err error) {
	held.Entries, held.Bytes, err = tx.Held(row.ID, row.Receipted, row.Head.Size)
	return held, err
}

func (n *Node) quota() exchange.Load {
	q := n.cfg.Quota
	if q.Entries == 0 {
		q.Entries = MaxLodgedEntries
	}
	if q.Bytes == 0 {
		q.Bytes = MaxLodgedBytes
	}
	return q
}

// ownReceiptAt is the receipt that we gave over exactly this size as a relay, as a note, or nil.
func (n *Node) ownReceiptAt(tx *store.Tx, row store.Outbox, size int64) ([]byte, error) {
	lines, err := n.ownLinesAt(tx, row, size)
	if err != nil || lines == nil {
		return nil, err
	}
	at, err := tx.Checkpoint(row.ID, size)
	return slices.Concat(at.Note, lines), err
}

func (n *Node) ownLinesAt(tx *store.Tx, row store.Outbox, size int64) ([]byte, error) {
	all, err := tx.Cosignatures(row.ID, size)
	for _, c := range all {
		if c.Name == seal.ReceiptName(n.party) {
			return c.Lines, err
		}
	}
	return nil, err
}

// storeLodged stores a verified step, with the audience's receipt if it came, and our own over it.
func (n *Node) storeLodged(tx *store.Tx, adv *exchange.Advance) (seal.Receipt, error) {
	if err := tx.Advance(adv, seal.Receipt{}); err != nil {
		return seal.Receipt{}, err
	}
	row, err := tx.Outbox(adv.Origin().String())
	if err != nil {
		return seal.Receipt{}, err
	}
	if r := adv.Audience(); len(r.Lines) > 0 {
		if err := received(tx, row, r); err != nil {
			return r, err
		}
	}
	at, err := n.timeOver(tx, row)
	if err != nil {
		return seal.Receipt{}, err
	}
	receipt, err := n.cfg.Keys.Countersign(adv.Checkpoint(), at)
	if err != nil {
		return receipt, err
	}
	return receipt, tx.PutCosignature(row.ID, store.Cosignature{Size: receipt.Size, Name: seal.ReceiptName(n.party), Lines: receipt.Lines, Time: receipt.Time})
}

// received keeps the audience's receipt, and lets go of the contents that it has (L-13).
func received(tx *store.Tx, row store.Outbox, r seal.Receipt) error {
	if err := tx.SaveReturned(row.ID, r); err != nil {
		return err
	}
	return tx.EraseContents(row.ID, 0, r.Size)
}

// timeOver is the time at which we may sign something over an outbox that we hold for others: never before what we have signed (L-8).
func (n *Node) timeOver(tx *store.Tx, row store.Outbox) (time.Time, error) {
	now := n.now()
	receipt, _, err := tx.NewestCosignature(row.ID, seal.ReceiptName(n.party))
	if err != nil {
		return now, err
	}
	beat, _, err := tx.LastBeat(row.ID, n.party)
	if err != nil {
		return now, err
	}
	if now.Before(receipt.Time) || now.Before(beat.At) {
		n.cfg.Log.Error("the clock is behind what this relay has signed", "outbox", row.Origin.String(), "receipt", receipt.Time, "beat", beat.At)
		return now, exchange.Refuse(exchange.Busy, "L-8", nil, "the clock of this relay is behind what it has signed over that outbox; nothing was stored")
	}
	return now, nil
}

// A Lodging is what a relay holds of an author for an audience.
type Lodging struct {
	Author    string        `json:"author"`
	Audience  string        `json:"audience"`
	Size      int64         `json:"size"`      // entries of the newest head that is here
	Receipted int64         `json:"receipted"` // of those, receipted by the audience
	Held      exchange.Load `json:"held"`      // the others
	Quota     exchange.Load `json:"quota"`
	PolledAt  time.Time     `json:"polled_at,omitzero"` // when the audience asked last
	Polled    int64         `json:"polled"`             // what it said then to hold
}

// Lodgings says for each pair of parties that this relay serves what it holds, by audience and author: of the outbox of the present
// generation of the author's keys.
func (n *Node) Lodgings(ctx context.Context) (all []Lodging, err error) {
	n.mu.Lock()
	pairs := maps.Clone(n.admitted)
	n.mu.Unlock()
	order := slices.SortedFunc(maps.Keys(pairs), func(a, b admission) int {
		return strings.Compare(a.audience+" "+a.author, b.audience+" "+b.author)
	})
	err = n.cfg.Store.View(ctx, func(tx *store.Tx) error {
		all = nil
		for _, a := range order {
			o := seal.Origin{Author: a.author, Audience: a.audience, Generation: pairs[a].newest()}
			one, err := n.lodging(tx, o)
			if err != nil {
				return err
			}
			all = append(all, one)
		}
		return nil
	})
	return all, err
}

func (n *Node) lodging(tx *store.Tx, o seal.Origin) (Lodging, error) {
	out := Lodging{Author: o.Author, Audience: o.Audience, Quota: n.quota()}
	row, err := tx.Outbox(o.String())
	if storeKind(err) == store.NotFound {
		return out, nil
	} else if err != nil {
		return out, err
	}
	out.Size, out.Receipted = row.Head.Size, row.Receipted
	if out.Held, err = heldFor(tx, row); err != nil {
		return out, err
	}
	beat, _, err := tx.LastBeat(row.ID, o.Audience)
	out.PolledAt, out.Polled = beat.At, beat.Size
	if p := n.lastPoll(o); !p.at.IsZero() { // by our clock, and also where no beat could be kept
		out.PolledAt, out.Polled = p.at, p.size
	}
	return out, err
}
