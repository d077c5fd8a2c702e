package node

import (
	"context"
	"errors"
	"strings"
	"time"

	"verbale/internal/docket"
	"verbale/internal/exchange"
	"verbale/internal/store"
	"verbale/outbox"
	"verbale/record"
	"verbale/seal"
	"verbale/verdict"
)

// The kinds of evidence about changes of keys (K-32, K-35, K-36).
const (
	BadKeyChange = "bad-key-change" // a change that its authorization does not carry, and the profile it leads to
	KeyFork      = "key-fork"       // two changes from the same keys to different ones
	OtherEnd     = "other-end"      // a head of an old outbox that is not the end that the new keys name, and the new keys' head
)

// followKeys looks whether the peer has new keys: whether there is a register of the next generation, and what it says. It returns whether
// any were taken.
func (n *Node) followKeys(ctx context.Context, l *link, peer exchange.Peer) (taken bool, err error) {
	for range maxChanges {
		next := seal.Origin{Author: l.profile.Party, Audience: seal.Public, Generation: l.generations.newest() + 1}
		b, err := peer.Pull(ctx, next.String(), 0)
		if k := exchange.KindOf(err); k == exchange.UnknownOutbox || k == exchange.NotYours || b == nil && err == nil {
			return taken, nil
		}
		if err != nil {
			return taken, l.unreached(err)
		}
		step, err := stepOf(next, b)
		if err != nil {
			return taken, exchange.Refuse(exchange.Malformed, "K-31", err, "the register of the next generation of %s does not begin with a profile and a change of keys", l.profile.Party)
		}
		if l, err = n.takeRegister(ctx, l.profile.Party, next, step, b); err != nil {
			return taken, err
		}
		taken = true
	}
	return taken, nil
}

// stepOf reads the first two entries of a register.
func stepOf(o seal.Origin, b *exchange.Batch) (s keyStep, err error) {
	if b.Start != 0 || len(b.Entries) < 2 {
		return s, errors.New("it has fewer than two entries")
	}
	var files [2]string
	for i := range files {
		r, err := record.Parse(b.Entries[i].Leaf)
		if err != nil {
			return s, err
		}
		if r.Outbox() != o.String() {
			return s, errors.New("an entry was written for another outbox")
		}
		if files[i], err = fileOf(r, b.Entries[i].Content); err != nil {
			return s, err
		}
	}
	if s.profile, err = verdict.OpenProfile(files[0]); err != nil {
		return s, err
	}
	s.change, err = openKeyChange(files[1])
	return s, err
}

// takeRegister verifies the new register by the new keys, and takes both if the change allows it.
func (n *Node) takeRegister(ctx context.Context, party string, o seal.Origin, s keyStep, b *exchange.Batch) (*link, error) {
	author := exchange.Author{Party: party, Keys: s.profile.Keys, ValidUntil: s.profile.ValidUntil}
	none := func(outbox.TileID) ([]byte, error) { return nil, nil }
	adv, _, err := exchange.Verify(exchange.Mirror{Origin: o, Head: emptyHead(o), Tiles: none}, author, b, n.cfg.Now())
	if err != nil {
		return nil, err
	}
	n.linking.Lock()
	defer n.linking.Unlock()
	l, err := n.linkTo(party)
	if err != nil {
		return nil, err
	}
	if err := n.closedBy(ctx, l, s); err != nil {
		return l, err
	}
	next, err := n.successor(ctx, l, s)
	if err != nil {
		return l, err
	}
	err = n.saveLinkWith(ctx, next, func(tx *store.Tx) error {
		if _, err := tx.Outbox(o.String()); storeKind(err) != store.NotFound {
			return err // it is here already, by whichever way
		}
		return tx.Advance(adv, seal.Receipt{})
	})
	return next, err
}

// closedBy sees that the old register ends with the same change, where that must be so before a node takes one by itself (K-32).
func (n *Node) closedBy(ctx context.Context, l *link, s keyStep) error {
	old, ok := l.generations.before(generation{change: s.change})
	if !ok || !s.change.byItself(old.profile) {
		return nil
	}
	register := seal.Origin{Author: l.profile.Party, Audience: seal.Public, Generation: old.number()}
	last, head, err := n.lastChange(ctx, register)
	switch {
	case err != nil:
		return err
	case last == nil:
		return exchange.Refuse(exchange.Busy, "K-31", nil, "the old register of %s, as far as it is here, does not end with a change of keys", l.profile.Party)
	case !last.same(s.change):
		return n.keyFork(ctx, register, last, s.change)
	case s.change.previous != head:
		return exchange.Refuse(exchange.BadLeaf, "K-31", nil, "the change of keys of %s names another end of its old register than it has", l.profile.Party)
	}
	return nil
}

// lastChange gives the last entry of a register that we hold if that is a change of keys, and the register's head.
func (n *Node) lastChange(ctx context.Context, register seal.Origin) (c *keyChange, head record.Head, err error) {
	err = n.cfg.Store.View(ctx, func(tx *store.Tx) error {
		row, err := tx.Outbox(register.String())
		if storeKind(err) == store.NotFound || err == nil && row.Head.Size == 0 {
			return nil
		} else if err != nil {
			return err
		}
		head = record.Head{Origin: row.Head.Origin, Size: row.Head.Size, Root: row.Head.Root}
		e, err := n.entryOf(tx, register.String(), row.Head.Size-1)
		if err != nil || record.Sealed(e.stored) {
			return err
		}
		file, err := fileOf(e.record, e.stored)
		if err != nil {
			return nil // no content: no change
		}
		c, err = openKeyChange(file)
		if err != nil {
			c = nil // another act
		}
		return nil
	})
	return c, head, err
}

// successor is the link with the keys that a step leads to, or why they are not taken. Who calls holds n.linking.
func (n *Node) successor(ctx context.Context, l *link, s keyStep) (*link, error) {
	old, ok := l.generations.before(generation{change: s.change})
	if !ok {
		return nil, fail(Conflict, nil, "ask the peer for the file that `verbale profile` writes now: it has all changes of its keys",
			"this change of keys of %s leads from keys that are not known here", l.profile.Party)
	}
	register := seal.Origin{Author: l.profile.Party, Audience: seal.Public, Generation: old.number()}
	if err := s.change.check(old.profile, s.profile); err != nil {
		kept := n.keepChange(ctx, register, BadKeyChange, s.change.file, s.profile.File)
		return nil, errors.Join(fail(Conflict, err, "do not use the file; speak to the peer: somebody may be pretending to be it",
			"this change of keys of %s is not valid, and is kept as evidence: %v", l.profile.Party, err), kept)
	}
	if rival := rivalOf(l.generations, s.change); rival != nil {
		if err := n.keyFork(ctx, register, rival, s.change); !rival.yields(s.change) {
			return nil, err
		}
	}
	if rivalOf(l.generations, s.change) == nil && !l.generations.stands(old) {
		kept := n.keepChange(ctx, register, BadKeyChange, s.change.file, s.profile.File)
		return nil, errors.Join(fail(Conflict, nil, "do not use the file; speak to the peer: somebody else has keys that it has given up",
			"this change of keys of %s leads from keys that gave way to others by its recovery key, and is kept as evidence", l.profile.Party), kept)
	}
	if generationOf(s.profile) <= l.generations.newest() {
		return nil, fail(Conflict, nil, "the peer must make its keys again, for a later generation: verbale keys recover --generation N",
			"%s has used generation %d of its keys already, as far as is known here", l.profile.Party, generationOf(s.profile))
	}
	if other := n.sharesKey(s.profile, nil); other != "" {
		return nil, fail(Conflict, nil, "do not use the file; speak to both parties", "the new profile of %s holds a key of %s", l.profile.Party, other)
	}
	if err := checkRecovery(s.profile); err != nil {
		return nil, err
	}
	next := *l
	next.profile, next.wake = s.profile, make(chan struct{}, 1)
	next.generations = append(l.generations[:len(l.generations):len(l.generations)], generation{profile: s.profile, change: s.change, knownAt: n.now()})
	n.cfg.Log.Warn("keys changed", "party", l.profile.Party, "generation", generationOf(s.profile), "reason", s.change.Reason,
		"old_words", strings.Join(old.profile.Words, " "), "new_words", strings.Join(s.profile.Words, " "), "waits_for_words", next.generations.waits())
	return &next, nil
}

// rivalOf gives the change that is known already from the keys that c leads from, if any.
func rivalOf(gs generations, c *keyChange) *keyChange {
	for _, g := range gs {
		if g.change != nil && g.change.From == c.From && g.change.To != c.To {
			return g.change
		}
	}
	return nil
}

// yields tells whether a change that was known first gives way to another one (K-36).
func (c *keyChange) yields(to *keyChange) bool { return c.by == byOldKeys && to.by == byRecoveryKey }

// keyFork keeps two changes from the same keys, and says so.
func (n *Node) keyFork(ctx context.Context, register seal.Origin, first, second *keyChange) error {
	refusal := fail(Conflict, nil, "speak to the peer: somebody else has its keys, or it gave itself new ones twice",
		"%s has changed the same keys to others before: both changes are kept as evidence", register.Author)
	return errors.Join(refusal, n.keepChange(ctx, register, KeyFork, first.file, second.file))
}

func (n *Node) keepChange(ctx context.Context, register seal.Origin, kind, first, second string) error {
	n.cfg.Log.Error("evidence about keys", "party", register.Author, "kind", kind)
	return n.cfg.Store.Update(ctx, func(tx *store.Tx) error {
		return tx.PutEvidence(register.String(), register.Author, kind, n.now(), []byte(first), []byte(second), nil)
	})
}

// learn looks for new keys of the peer when something came that the known ones do not explain: a batch of a later generation, a receipt
// that does not verify. It returns the link as it is then, and whether it has new keys.
func (n *Node) learn(ctx context.Context, l *link) (*link, bool) {
	peer, err := n.peer(l)
	if err != nil {
		return l, false
	}
	before := l.generations.newest()
	if _, err := n.followWith(ctx, l, peer); err != nil && ctx.Err() == nil {
		n.cfg.Log.Warn("the peer's register could not be followed", "party", l.profile.Party, "error", err.Error())
	}
	if now := n.known(l.profile.Party); now != nil {
		l = now
	}
	return l, l.generations.newest() > before
}

// receipts refuses a receipt by replaced keys of the peer that these could not give any more (K-34).
func (l *link) receipts(by generation, r seal.Receipt) error {
	if l.generations.gives(by, r.Time) {
		return nil
	}
	return exchange.Refuse(exchange.ExpiredKey, "K-34", nil, "this receipt of %s is by keys that it has replaced", l.profile.Party)
}

// admits refuses what replaced keys may not sign any more (K-34). It is asked of what is new: verified, and not held yet.
func (n *Node) admits(tx *store.Tx, o seal.Origin, cp seal.Checkpoint) error {
	gs := n.generationsOf(o.Author)
	if o.Generation == gs.newest() {
		return nil
	}
	refuse := func(rule, format string, args ...any) error {
		p := exchange.Refuse(exchange.ExpiredKey, rule, nil, format, args...)
		p.Theirs = cp.Note
		return p
	}
	next, ok := gs.after(o.Generation)
	if !ok {
		return refuse("K-36", "these keys of %s gave way to others by its recovery key, and sign nothing", o.Author)
	}
	end, known, err := n.namedEnd(tx, o, next)
	if err != nil {
		return err
	}
	old, _ := gs.before(next)
	limit := next.change.EffectiveAt
	if until := old.profile.ValidUntil; until.Before(limit) {
		limit = until
	}
	switch {
	case known && cp.Size == end.Size && cp.Root == end.Root:
		return nil
	case known && cp.Size >= end.Size:
		return refuse("K-35", "the new keys of %s name another end of this outbox, of %d entries", o.Author, end.Size)
	case next.givenUp():
		return refuse("K-34", "these keys of %s were given up as compromised: what they signed is taken up to the end that the new keys name, in one batch, and once that is known here", o.Author)
	case cp.Time.After(limit):
		return refuse("K-34", "these keys of %s were replaced at %s and sign nothing new", o.Author, limit.UTC().Format(time.RFC3339))
	}
	return nil
}

// namedEnd gives the head at which an outbox ends, by the generation that follows: the first entry of the next outbox to the same audience,
// or of a register the change itself. False: it is not known here.
func (n *Node) namedEnd(tx *store.Tx, o seal.Origin, next generation) (record.Head, bool, error) {
	if o.Audience == seal.Public {
		return next.change.previous, true, nil
	}
	after := o
	after.Generation = next.number()
	e, err := n.entryOf(tx, after.String(), 0)
	if storeKind(err) == store.NotFound {
		return record.Head{}, false, nil
	} else if err != nil {
		return record.Head{}, false, err
	}
	opened := n.read(after, 0, e.record, e.stored).Opened
	if opened == nil || opened.Unknown() || opened.Act() != docket.ActContinue {
		return record.Head{}, false, nil
	}
	end, ok := opened.Fields.Head("previous")
	return end, ok && end.Origin == o.String(), nil
}

// complete tells whether a mirror of an earlier generation has all that its author says to have written.
func (n *Node) complete(tx *store.Tx, o seal.Origin) (bool, error) {
	next, ok := n.generationsOf(o.Author).after(o.Generation)
	if !ok {
		return o.Generation != n.generationsOf(o.Author).newest(), nil // of keys that count no more nothing is asked
	}
	end, known, err := n.namedEnd(tx, o, next)
	if err != nil || !known {
		return false, err
	}
	row, err := tx.Outbox(o.String())
	if storeKind(err) == store.NotFound {
		return false, nil
	}
	return row.Head.Size >= end.Size, err
}

// compareEnd holds the end that the first entry of a new outbox names against the old outbox as it is held (K-35). What contradicts it is
// kept: somebody else signed with the old keys, or its author denies what it wrote.
func (n *Node) compareEnd(tx *store.Tx, adv *exchange.Advance) error {
	o := adv.Origin()
	if adv.Base() != 0 || o.Audience == seal.Public {
		return nil
	}
	gs := n.generationsOf(o.Author)
	g, ok := gs.of(o.Generation)
	if !ok {
		return nil
	}
	old, ok := gs.before(g)
	if !ok {
		return nil
	}
	before := seal.Origin{Author: o.Author, Audience: o.Audience, Generation: old.number()}
	row, err := tx.Outbox(before.String())
	if storeKind(err) == store.NotFound {
		return nil
	} else if err != nil {
		return err
	}
	end, known, err := n.namedEnd(tx, before, g)
	if err != nil || !known || row.Head.Size < end.Size {
		return err
	}
	if row.Head.Size == end.Size && row.Head.Root == end.Root {
		return nil
	}
	n.cfg.Log.Error("evidence about keys", "party", o.Author, "kind", OtherEnd, "held", row.Head.Size, "named", end.Size)
	return tx.PutEvidence(before.String(), o.Author, OtherEnd, n.now(), row.Note, adv.Checkpoint().Note, nil)
}
