package node

import (
	"context"
	"encoding/base64"
	"errors"
	"slices"
	"time"

	"verbale/internal/docket"
	"verbale/internal/exchange"
	"verbale/internal/store"
	"verbale/record"
	"verbale/seal"
	"verbale/verdict"
)

// A Succession is what new keys of this party come with.
type Succession struct {
	Old         *seal.Keyring // the keys until now; nil where they are lost
	Reason      string        // seal.Rotation, by the old keys; seal.Loss or seal.Compromise, by the recovery key
	Recovery    seal.RecoveryKey
	EffectiveAt time.Time // zero: now
	Generation  int       // 0: the next one
	// NextRecovery is the recovery key of the new profile; zero: none, KeepRecovery: that of the old one.
	NextRecovery [32]byte
	KeepRecovery bool
}

// Succeed gives this party new keys, those of cfg, in one transaction (K-31): the register of the next generation with the profile and the
// change, the last entry of the old register where the old keys may still write it, and for each link a new outbox that begins with where
// the one before ends (K-35). No node may be open on the store. The key file of the new keys must be safe on disk before.
func Succeed(ctx context.Context, cfg Config, s Succession) (verdict.Profile, error) {
	n := newNode(cfg)
	old, err := n.predecessor(ctx, s.Old)
	if err != nil {
		return verdict.Profile{}, err
	}
	draft, err := n.nextProfile(old, s)
	if err != nil {
		return verdict.Profile{}, err
	}
	generation, err := nextGeneration(old, s.Generation)
	if err != nil {
		return verdict.Profile{}, err
	}
	first, err := n.sealed(seal.Origin{Author: n.party, Audience: seal.Public, Generation: generation}, nil, draft)
	if err != nil {
		return verdict.Profile{}, err
	}
	p, err := profileOf(first)
	if err != nil {
		return verdict.Profile{}, err
	}
	if err := checkRecovery(p); err != nil {
		return p, err
	}
	if err := n.comparedBefore(ctx, s.Old); err != nil {
		return p, err
	}
	h := &handover{n: n, old: old, next: p, first: first, oldKeys: s.Old}
	if err := h.authorize(s); err != nil {
		return p, err
	}
	return p, cfg.Store.Update(ctx, func(tx *store.Tx) error { return h.write(ctx, tx) })
}

// comparedBefore sees that the database is no old copy: new keys name the ends of the old outboxes, and must not name a wrong one.
// Of the register somebody must answer; it tells of any copy that is older than an hour. Of the outboxes those who can be reached are asked.
// Whoever has lost the old keys reaches nobody, and has to know it.
func (n *Node) comparedBefore(ctx context.Context, old *seal.Keyring) error {
	if n.cfg.NotRestored {
		return nil
	}
	if old == nil {
		return fail(Unchecked, nil, "only if you know that this data folder is no old copy, from a backup or a snapshot: --not-restored",
			"without the old keys none of the peers can be asked whether this database is the newest one")
	}
	cfg := n.cfg
	cfg.Keys = old
	before := newNode(cfg)
	before.own, before.links = n.own, n.links
	register := before.outboxTo(seal.Public)
	err := before.askHolders(ctx, register)
	if silent, ok := errors.AsType[*silence](err); ok {
		return silent.refusal(register, n.now())
	}
	if err = before.forgiven(ctx, register, err); err != nil {
		return err
	}
	for _, l := range before.sortedLinks() {
		if !l.confirmed {
			continue
		}
		o := before.outboxTo(l.profile.Party)
		err := before.askHolders(ctx, o)
		if silent, ok := errors.AsType[*silence](err); ok { // the register has told
			n.cfg.Log.Warn("an outbox could not be compared before the keys change", "party", l.profile.Party, "error", silent.Error())
			continue
		}
		if err := before.forgiven(ctx, o, err); err != nil {
			return err
		}
	}
	return nil
}

// forgiven passes over that an outbox is stopped because two histories of it were signed, of which the evidence is kept: nothing is ever
// signed into it again, and new keys are the way on.
func (n *Node) forgiven(ctx context.Context, o seal.Origin, err error) error {
	if err == nil || AsError(err).Kind != Stopped {
		return err
	}
	var forked bool
	if failed := n.cfg.Store.View(ctx, func(tx *store.Tx) (err error) {
		forked, err = twoHistoriesOf(tx, o)
		return err
	}); failed != nil || forked {
		return failed
	}
	return err
}

// twoHistoriesOf tells whether evidence is kept that two histories of an outbox were signed.
func twoHistoriesOf(tx *store.Tx, o seal.Origin) (bool, error) {
	kept, err := tx.Evidence()
	return slices.ContainsFunc(kept, func(e store.Evidence) bool {
		return e.Origin == o.String() && (e.Kind == string(exchange.ForkFound) || e.Kind == string(exchange.BadRoot))
	}), err
}

// predecessor reads what this party has been so far. The node gets its links and generations, as Open would give them.
func (n *Node) predecessor(ctx context.Context, old *seal.Keyring) (p verdict.Profile, err error) {
	before := newNode(Config{Store: n.cfg.Store, Keys: n.cfg.Keys, Now: n.cfg.Now})
	if old != nil {
		before.cfg.Keys = old
	}
	err = n.cfg.Store.View(ctx, func(tx *store.Tx) error {
		if err := before.load(tx); err != nil {
			return err
		}
		if len(before.own) == 0 {
			return fail(Damaged, nil, "run verbale init in an empty folder", "this data folder has no profile")
		}
		p = before.own[len(before.own)-1].profile
		if old == nil || p.Keys.Equal(old.Keys()) {
			return nil
		}
		return before.wrongKeys(p)
	})
	n.own, n.links = before.own, before.links
	return p, err
}

// nextGeneration is the number of the new generation (K-31).
func nextGeneration(old verdict.Profile, asked int) (int, error) {
	now := generationOf(old)
	switch {
	case asked == 0:
		return now + 1, nil
	case asked <= now:
		return 0, fail(Invalid, nil, "leave it out, or name one that nobody has used", "the keys now are of generation %d: the next one is greater", now)
	}
	return asked, nil
}

// nextProfile is the old profile with the new keys.
func (n *Node) nextProfile(old verdict.Profile, s Succession) (record.Fields, error) {
	now := n.now()
	f := old.Opened.Fields.Clone()
	f.SetTime("drafted_at", now)
	f.SetTime("released_at", now)
	f.SetTime("keys_valid_until", now.Add(KeysValidFor))
	f["keys"] = n.cfg.Keys.Keys().JSON()
	switch {
	case s.KeepRecovery:
	case s.NextRecovery == [32]byte{}:
		delete(f, "recovery")
	default:
		f.SetText("recovery", base64.RawURLEncoding.EncodeToString(s.NextRecovery[:]))
	}
	if s.Reason == seal.Rotation && s.Old == nil {
		return nil, fail(Invalid, nil, "without them: verbale keys recover", "a rotation needs the old keys")
	}
	return f, nil
}

// handover is what one transaction writes.
type handover struct {
	n         *Node // with the new keys
	old, next verdict.Profile
	first     *filing // the new profile
	oldKeys   *seal.Keyring

	change        seal.KeyChange
	by            string
	authorization []byte
}

// authorize makes the authorization, and sees that those who read it will take it for one (K-32).
func (h *handover) authorize(s Succession) (err error) {
	at := s.EffectiveAt
	if at.IsZero() {
		at = h.n.now()
	}
	h.change = seal.KeyChange{Party: h.n.party, From: h.old.Fingerprint, To: h.next.Fingerprint, Reason: s.Reason, EffectiveAt: at.UTC().Truncate(time.Second)}
	if s.Reason == seal.Rotation {
		h.by = byOldKeys
		h.authorization, err = s.Old.Authorize(h.change)
		return err
	}
	key, err := recoveryOf(h.old)
	if err != nil {
		return fail(NotAllowed, err, "found a new party under a new name: verbale help init", "the profile of %s names no recovery key: nothing but its own keys can speak for it", h.n.party)
	}
	if s.Recovery.Public() != key {
		return fail(Invalid, nil, "look for the paper that `verbale init` had written, or the last `verbale keys` with new words",
			"these words are a recovery key, but not the one of %s", h.n.party)
	}
	h.by = byRecoveryKey
	h.authorization, err = s.Recovery.Authorize(h.change)
	return err
}

// write writes all of it.
func (h *handover) write(ctx context.Context, tx *store.Tx) error {
	closed, err := h.closeRegister(ctx, tx)
	if err != nil {
		return err
	}
	w := &groupWriter{n: h.n, tx: tx, outboxes: map[string]*growing{}, cases: map[string]docket.Case{}, cased: h.n.viewer(tx)}
	if _, err := tx.CreateOutbox(h.first.origin, true); err != nil {
		return err
	}
	h.n.born(h.first.origin)
	second, err := h.n.sealed(h.first.origin, nil, draftChange(h.change, h.by, h.authorization, closed, h.n.now()))
	if err != nil {
		return err
	}
	for _, f := range []*filing{h.first, second} {
		f.ctx = ctx
		if _, err := w.add(f); err != nil {
			return err
		}
	}
	for _, l := range h.n.sortedLinks() {
		if err := h.continueLink(ctx, w, l); err != nil {
			return err
		}
	}
	if err := w.flush(); err != nil {
		return err
	}
	return h.keep(tx, second)
}

// closeRegister ends the old register with the change, where the old keys may still sign (K-31). It gives the last head of it.
func (h *handover) closeRegister(ctx context.Context, tx *store.Tx) (seal.Head, error) {
	register := seal.Origin{Author: h.n.party, Audience: seal.Public, Generation: generationOf(h.old)}
	row, err := tx.Outbox(register.String())
	if err != nil {
		return seal.Head{}, err
	}
	if h.by != byOldKeys || h.n.now().After(h.old.ValidUntil) || row.Stopped != "" {
		return row.Head, nil
	}
	before := newNode(Config{Store: h.n.cfg.Store, Keys: h.oldKeys, Now: h.n.cfg.Now, Rand: h.n.cfg.Rand})
	before.born(register) // see comparedBefore
	f, err := before.sealed(register, nil, draftChange(h.change, h.by, h.authorization, row.Head, h.n.now()))
	if err != nil {
		return seal.Head{}, err
	}
	f.ctx = ctx
	w := &groupWriter{n: before, tx: tx, outboxes: map[string]*growing{}}
	if _, err := w.add(f); err != nil {
		return seal.Head{}, err
	}
	if err := w.flush(); err != nil {
		return seal.Head{}, err
	}
	row, err = tx.Outbox(register.String())
	return row.Head, err
}

// continueLink begins the new outbox to a peer with where the old one ends (K-35). Where nothing was written yet there is nothing to say.
func (h *handover) continueLink(ctx context.Context, w *groupWriter, l *link) error {
	if !l.confirmed {
		return nil
	}
	o := seal.Origin{Author: h.n.party, Audience: l.profile.Party, Generation: h.first.origin.Generation}
	if _, err := w.tx.CreateOutbox(o, true); err != nil {
		return err
	}
	h.n.born(o)
	rows, err := h.n.outboxesTo(w.tx, l.profile.Party)
	if err != nil || len(rows) == 0 || rows[0].Head.Size == 0 {
		return err
	}
	forked, err := twoHistoriesOf(w.tx, rows[0].Origin)
	if err != nil {
		return err
	}
	if why := rows[0].Stopped; why != "" && !forked && h.change.Reason == seal.Rotation {
		return fail(Stopped, nil, "verbale recover --from-peer "+l.profile.Party+"; if somebody else has the keys: verbale keys recover --reason compromise",
			"the outbox to %s is stopped, and new keys would name a wrong end of it: %s", l.profile.Party, why)
	}
	f, err := h.n.sealed(o, l, draftContinue(rows[0].Head, h.n.now()))
	if err != nil {
		return err
	}
	f.ctx = ctx
	_, err = w.add(f)
	return err
}

func draftContinue(previous seal.Head, now time.Time) record.Fields {
	f := registerDraft(docket.ActContinue, now)
	f.SetText("tlp", "amber")
	f.SetHead("previous", record.Head{Origin: previous.Origin, Size: previous.Size, Root: previous.Root})
	return f
}

// keep stores which keys this party has now, and had.
func (h *handover) keep(tx *store.Tx, second *filing) error {
	file, err := fileOf(second.record, second.stored)
	if err != nil {
		return err
	}
	c, err := openKeyChange(file)
	if err != nil {
		return err
	}
	own := append(h.n.own[:len(h.n.own):len(h.n.own)], generation{profile: h.next, change: c, knownAt: h.n.now(), compared: true})
	if err := keepGenerations(tx, h.n.party, own); err != nil {
		return err
	}
	if h.change.Reason == seal.Compromise {
		if err := h.receiptAgain(tx); err != nil {
			return err
		}
	}
	return tx.SetMeta(metaProfile, h.next.File)
}

// receiptAgain gives the newest receipt over each mirror anew: of the old keys' nobody takes another one (K-34).
func (h *handover) receiptAgain(tx *store.Tx) error {
	rows, err := tx.Outboxes()
	if err != nil {
		return err
	}
	for _, row := range rows {
		if row.Own || row.Origin.Audience != h.n.party || row.Receipted == 0 {
			continue
		}
		at, err := tx.Checkpoint(row.ID, row.Receipted)
		if err != nil {
			return err
		}
		head, err := headOf(at.Note)
		if err != nil {
			return err
		}
		r, err := h.n.cfg.Keys.Countersign(seal.Checkpoint{Head: head, Note: at.Note}, h.n.now())
		if err != nil {
			return err
		}
		if err := tx.ReplaceReceipt(row.ID, r); err != nil {
			return err
		}
	}
	return nil
}

// ProfileFile gives this party's own profile with the changes that led to its keys (K-39).
func (n *Node) ProfileFile(ctx context.Context) (string, error) {
	p, err := n.Profile(ctx)
	if err != nil || len(n.own) == 0 {
		return p.File, err
	}
	return n.own.replaced(p, false).file(), nil
}

// file writes a profile file: the present profile, the change to its keys, the profile before, and so on.
func (gs generations) file() string {
	g := gs.present()
	lines := g.profile.File
	for old, ok := gs.before(g); ok; old, ok = gs.before(g) {
		lines += "\n" + g.change.file + "\n" + old.profile.File
		g = old
	}
	return lines
}
