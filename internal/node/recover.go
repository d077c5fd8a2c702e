package node

import (
	"context"
	"slices"
	"time"

	"verbale/internal/exchange"
	"verbale/internal/store"
	"verbale/record"
	"verbale/seal"
	"verbale/verdict"
)

// A database that is older than what others hold gets back from them what it has lost: our own entries, each verified by our own
// signatures and readable by our own stanza, with the receipts of their audience. Nobody who gives them is trusted.

// Recovered is what came back.
type Recovered struct {
	Register int64 `json:"register"` // entries of our own register
	Sent     int64 `json:"sent"`     // of our outboxes to the party
	Received int64 `json:"received"` // of its outboxes to us
	Size     int64 `json:"size"`     // entries that our present outbox to the party has now

	Still []string `json:"still_stopped"` // outboxes that signed nothing more and still do not: the party holds no more of them either
}

// Recover takes back from a peer what this database has lost: our register, our outboxes to the peer, its to us. What stopped them is
// cleared where they are whole again. It changes nothing where this database has signed another history than the peer holds.
func (n *Node) Recover(ctx context.Context, party string, progress Progress) (r Recovered, err error) {
	r.Still = []string{}
	l, err := n.linkTo(party)
	if err != nil {
		return r, err
	}
	peer, err := n.peer(l)
	if err != nil {
		return r, err
	}
	if len(n.own) == 0 {
		return r, fail(Damaged, nil, "see: verbale recover --help", "this data folder has no profile: it is not one that has lost a part, but all")
	}
	if err := n.recoverOwn(ctx, l, peer, progress, &r); err != nil {
		return r, err
	}
	r.Received, err = n.Pull(ctx, party)
	return r, err
}

func (n *Node) recoverOwn(ctx context.Context, l *link, peer exchange.Peer, progress Progress, r *Recovered) error {
	l.pushing.Lock()
	defer l.pushing.Unlock()
	for _, g := range slices.Backward(n.own) {
		for _, of := range []struct {
			audience string
			came     *int64
		}{{seal.Public, &r.Register}, {l.profile.Party, &r.Sent}} {
			o := seal.Origin{Author: n.party, Audience: of.audience, Generation: g.number()}
			count, err := n.takeBack(ctx, l, peer, o, progress)
			if *of.came += count; err != nil {
				return err
			}
			row, err := n.outboxRow(ctx, o)
			if storeKind(err) == store.NotFound {
				continue
			} else if err != nil {
				return err
			}
			if row.Stopped != "" {
				r.Still = append(r.Still, o.String()+": "+row.Stopped)
			}
			if o == n.outboxTo(l.profile.Party) {
				r.Size = row.Head.Size
			}
		}
	}
	slices.Sort(r.Still)
	return nil
}

// takeBack brings an outbox of ours to where the peer holds it, and lets it go on.
func (n *Node) takeBack(ctx context.Context, l *link, peer exchange.Peer, o seal.Origin, progress Progress) (came int64, err error) {
	note, err := peer.Head(ctx, o.String())
	if exchange.KindOf(err) == exchange.UnknownOutbox {
		return 0, nil
	} else if err != nil {
		return 0, l.unreached(err)
	}
	author, _ := n.author(o)
	shown, err := author.Keys.OpenCheckpoint(note)
	if err != nil || shown.Origin != o.String() {
		return 0, exchange.Refuse(exchange.BadSignature, "X-19", err, "%s shows a head of %s without our signatures", l.profile.Party, o)
	}
	if err := n.oneHistory(ctx, o); err != nil {
		return 0, err
	}
	row, err := n.outboxRow(ctx, o)
	if err != nil && storeKind(err) != store.NotFound {
		return 0, err
	}
	first := row.Head.Size
	if shown.Size <= first {
		if err := n.disowned(ctx, l.profile.Party, o.String(), note); err != nil {
			return 0, err
		}
		return 0, n.goesOn(ctx, o)
	}
	for at := first; at < shown.Size; {
		next, err := n.takeBackOne(ctx, l, peer, o, at)
		if err != nil {
			return at - first, err
		}
		at = next
		if progress != nil {
			progress(min(at, shown.Size)-first, shown.Size-first)
		}
		came = at - first
	}
	n.cfg.Log.Info("taken back", "outbox", o.String(), "from", l.profile.Party, "entries", came)
	return came, n.goesOn(ctx, o)
}

// oneHistory refuses to take back an outbox of which two histories were signed: none of them is the right one.
func (n *Node) oneHistory(ctx context.Context, o seal.Origin) error {
	kept, err := n.Evidence(ctx)
	if err != nil {
		return err
	}
	for _, e := range kept {
		if e.Origin == o.String() && (e.Kind == string(exchange.ForkFound) || e.Kind == string(exchange.BadRoot)) {
			return fail(Stopped, nil, afterTwoHistories, "two histories of %s are signed with the keys of this node, of which the evidence is kept (number %d): taking one back does not undo the other", o, e.ID)
		}
	}
	return nil
}

const afterTwoHistories = "tell the peer and your superiors: verbale evidence list\nto write to the peer again, begin anew with new keys: see docs/operator.md, \"an outbox is stopped\""

// takeBackOne pulls and stores one batch, and gives the size after it.
func (n *Node) takeBackOne(ctx context.Context, l *link, peer exchange.Peer, o seal.Origin, at int64) (int64, error) {
	b, err := peer.Pull(ctx, o.String(), at)
	if err != nil {
		return at, l.unreached(err)
	}
	if b == nil {
		return at, exchange.Refuse(exchange.Malformed, "X-19", nil, "%s showed a head of %s beyond %d entries, and has none beyond them", l.profile.Party, o, at)
	}
	adv, err := n.verifyOwn(ctx, l, o, b)
	if k := exchange.KindOf(err); k == exchange.BadRoot || k == exchange.ForkFound {
		if err := n.keepEvidence(ctx, l.profile.Party, o, err); exchange.KindOf(err) != k {
			return at, err
		}
		return at, fail(Stopped, err, afterTwoHistories, "%s holds another history of %s than this database, both signed with the keys of this node: something was signed here after the old copy was made; "+
			"nothing was taken over, and the evidence is kept", l.profile.Party, o)
	} else if err != nil {
		return at, err
	}
	if adv == nil {
		return at, exchange.Refuse(exchange.Malformed, "X-19", nil, "%s was asked for entries from %d and gave others", l.profile.Party, at)
	}
	return adv.Checkpoint().Size, n.storeOwn(ctx, l, adv)
}

// verifyOwn holds a batch of our own outbox against what we still hold of it, as if that were a mirror. The audience's receipt may come
// with it; whose keys expired meanwhile may take back what they signed.
func (n *Node) verifyOwn(ctx context.Context, l *link, o seal.Origin, b *exchange.Batch) (adv *exchange.Advance, err error) {
	author, ok := n.author(o)
	if !ok {
		return nil, exchange.Refuse(exchange.UnknownOutbox, "K-30", nil, "the keys of that generation are not known here")
	}
	author.ValidUntil = time.Time{}
	var terms *exchange.Terms
	if o.Audience != seal.Public {
		terms = &exchange.Terms{Audience: o.Audience, Keys: l.generations.receiptKeys(l.profile.Party, b.Note), Quota: exchange.Unbounded()}
	}
	err = n.cfg.Store.View(ctx, func(tx *store.Tx) error {
		row, err := tx.Outbox(o.String())
		if storeKind(err) == store.NotFound {
			row, err = store.Outbox{Origin: o, Head: emptyHead(o)}, nil
		}
		if err != nil {
			return err
		}
		m := exchange.Mirror{Origin: o, Head: row.Head, Note: row.Note, Tiles: tx.Tiles(row.ID), Terms: terms,
			ReceiptAt: func(int64) ([]byte, error) { return nil, nil }}
		adv, _, err = exchange.Verify(m, author, b, n.cfg.Now())
		return err
	})
	return adv, err
}

// storeOwn stores a verified step of our own outbox, folds it into the docket, and takes a later profile of ours from the register.
func (n *Node) storeOwn(ctx context.Context, l *link, adv *exchange.Advance) error {
	entries := n.open(l, adv)
	return n.cfg.Store.Update(ctx, func(tx *store.Tx) error {
		if err := tx.Recover(adv, adv.Audience()); err != nil {
			return err
		}
		if adv.Origin().Audience != seal.Public {
			return n.foldAll(tx, l.profile.Party, entries)
		}
		for _, e := range entries {
			if e.Opened == nil || e.Opened.Act() != "profile" {
				continue
			}
			if err := n.takeProfile(tx, e.Opened); err != nil {
				return err
			}
		}
		return nil
	})
}

// takeProfile makes a profile that stands in our register ours, if it is later than the one that we have.
func (n *Node) takeProfile(tx *store.Tx, o *record.Opened) error {
	file, err := o.Present([]string{"*"})
	if err != nil {
		return err
	}
	p, err := verdict.OpenProfile(file)
	if err != nil || !p.Keys.Equal(n.cfg.Keys.Keys()) {
		return nil // of other keys than those at hand: it does not say how these are reached
	}
	if old, found, err := tx.Meta(metaProfile); err != nil {
		return err
	} else if was, err := verdict.OpenProfile(old); found && err == nil && !releasedAt(p).After(releasedAt(was)) {
		return nil
	}
	if err := tx.SetMeta(metaProfile, p.File); err != nil {
		return err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.expires = p.ValidUntil
	return nil
}

// goesOn lets an outbox that is whole again be signed for, once the others who hold it have been asked. A register of which a witness knows
// more stays stopped, and its row says so: what was written to the peers comes back all the same.
func (n *Node) goesOn(ctx context.Context, o seal.Origin) error {
	err := n.cfg.Store.Update(ctx, func(tx *store.Tx) error {
		row, err := tx.Outbox(o.String())
		if err != nil || row.Stopped == "" {
			return err
		}
		n.cfg.Log.Warn("outbox goes on", "outbox", o.String(), "was stopped because", row.Stopped)
		return tx.ResumeOutbox(row.ID)
	})
	if err != nil {
		return err
	}
	if err = n.askAround(ctx, o); err != nil && o.Audience == seal.Public && AsError(err).Kind == Stopped {
		return nil
	}
	return err
}

// Regain founds a data folder anew of which only the keys are left: the register of this party comes from the copy of a peer, whose profile
// file this is and whose officer has said the words; and the link with it is made again. What was written to the peer and by it comes
// then, by Recover. Nothing else may be under way in this node.
func (n *Node) Regain(ctx context.Context, file string, words []string, progress Progress) (own verdict.Profile, err error) {
	if len(n.own) > 0 {
		return own, fail(Conflict, nil, "verbale recover --from-peer PARTY takes back what an old copy lacks", "this data folder is not lost: it has a profile")
	}
	k, err := openKeyFile(file)
	if err != nil {
		return own, fail(Invalid, err, "ask the peer for the file that `verbale profile` writes", "this is not a valid profile: %v", err)
	}
	from := k.newest
	if from.Party == n.party {
		return own, fail(Invalid, nil, "use the file of a party that you were linked with", "this is this node's own profile")
	}
	if !slices.Equal(words, from.Words) {
		return own, fail(Invalid, nil, "do not use the file; ask the peer for its profile again over another way", "the words differ from those of the profile of %s", from.Party)
	}
	l := newLink(from, nil, true, n.now())
	peer, err := n.peer(l)
	if err != nil {
		return own, err
	}
	if n.own, err = n.findRegisters(ctx, l, peer); err != nil {
		return own, err
	}
	if err := n.regainRegisters(ctx, l, peer, progress); err != nil {
		n.own = nil
		return own, err
	}
	if _, err := n.AddLink(ctx, file); err != nil {
		return own, err
	}
	if err := n.ConfirmLink(ctx, from.Party, words); err != nil {
		return own, err
	}
	return n.Profile(ctx)
}

// regainRegisters takes back the registers of all generations of our keys, the present one last: with it the folder has its profile.
func (n *Node) regainRegisters(ctx context.Context, l *link, peer exchange.Peer, progress Progress) error {
	err := n.cfg.Store.Update(ctx, func(tx *store.Tx) error { return keepGenerations(tx, n.party, n.own) })
	if err != nil {
		return err
	}
	for _, g := range n.own {
		if _, err := n.takeBack(ctx, l, peer, seal.Origin{Author: n.party, Audience: seal.Public, Generation: g.number()}, progress); err != nil {
			return err
		}
	}
	return nil
}

// findRegisters finds the register that is signed with our keys among those that the peer holds of this party, and those of earlier keys
// that our own changes of keys lead from.
func (n *Node) findRegisters(ctx context.Context, l *link, peer exchange.Peer) (generations, error) {
	byPrint := map[[32]byte]generation{}
	var chain generations
	for number := 1; number <= maxGenerations; number++ {
		o := seal.Origin{Author: n.party, Audience: seal.Public, Generation: number}
		b, err := peer.Pull(ctx, o.String(), 0)
		if k := exchange.KindOf(err); k == exchange.UnknownOutbox || k == exchange.NotYours || err == nil && b == nil {
			continue
		} else if err != nil {
			return nil, l.unreached(err)
		}
		g, ok := n.generationIn(o, b)
		if !ok {
			continue
		}
		byPrint[g.profile.Fingerprint] = g
		if _, err := n.cfg.Keys.Keys().OpenCheckpoint(b.Note); err == nil && g.profile.Keys.Equal(n.cfg.Keys.Keys()) {
			chain = generations{g}
		}
	}
	if chain == nil {
		return nil, fail(NotFound, nil, "ask another peer, or restore a backup: the peer's node keeps your register once it has followed the link for some minutes",
			"%s holds no register of %s that is signed with these keys", l.profile.Party, n.party)
	}
	for _, next := range byPrint {
		if next.change != nil && next.change.check(chain[0].profile, next.profile) == nil {
			return nil, fail(Conflict, nil, "use the key file of after that change; without it: verbale help keys recover",
				"these keys of %s were replaced at %s and sign nothing any more: %s holds the register of generation %d", n.party,
				next.change.EffectiveAt.Format(time.RFC3339), l.profile.Party, next.number())
		}
	}
	for g := chain[0]; g.change != nil; g = chain[0] {
		old, ok := byPrint[g.change.From]
		if !ok || g.change.check(old.profile, g.profile) != nil {
			break
		}
		chain = append(generations{old}, chain...)
	}
	return chain, nil
}

// generationIn reads the keys that a register of ours begins with, and the change that led to them, where there is one.
func (n *Node) generationIn(o seal.Origin, b *exchange.Batch) (g generation, ok bool) {
	if b.Start != 0 || len(b.Entries) == 0 {
		return g, false
	}
	r, err := record.Parse(b.Entries[0].Leaf)
	if err != nil {
		return g, false
	}
	file, err := fileOf(r, b.Entries[0].Content)
	if err != nil {
		return g, false
	}
	p, err := verdict.OpenProfile(file)
	if err != nil || p.Party != n.party || generationOf(p) != o.Generation {
		return g, false
	}
	g = generation{profile: p, knownAt: n.now(), compared: true}
	if step, err := stepOf(o, b); err == nil {
		g.change = step.change
	}
	return g, true
}
