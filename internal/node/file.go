package node

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"verbale/internal/docket"
	"verbale/internal/store"
	"verbale/outbox"
	"verbale/record"
	"verbale/seal"
)

// Filed is where a record stands now.
type Filed struct {
	Ref record.Ref `json:"ref"`
	// Again tells that this idempotency key had been filed before: Ref is the record of then.
	Again bool `json:"again"`
}

// filing is one record on its way to the writer.
type filing struct {
	ctx     context.Context
	key     string // idempotency key of our own staff, may be empty
	origin  seal.Origin
	record  *record.Record
	stored  []byte
	opened  *record.Opened
	link    *link                             // nil for the public register
	profile string                            // what becomes this party's profile file with the record; "" for all others
	beside  func(*store.Tx, record.Ref) error // what is stored in the same transaction; may be nil
	outcome chan outcome
}

type outcome struct {
	filed Filed
	err   error
}

// File puts a record on the link with party: composed, encrypted and signed here, then appended with others in one
// transaction. When it returns without error the record is durable; it is pushed by the loops. key, where it is not
// empty, makes filing idempotent: the same key gives the same record, and for another record or party a Conflict.
func (n *Node) File(ctx context.Context, party string, draft record.Fields, key string) (Filed, error) {
	l, err := n.linkTo(party)
	if err != nil {
		return Filed{}, err
	}
	if len(key) > MaxFilingKey {
		return Filed{}, fail(Invalid, nil, "use a shorter one", "an idempotency key has at most %d bytes, this one has %d", MaxFilingKey, len(key))
	}
	if err := n.expired(); err != nil {
		return Filed{}, err
	}
	if err := l.compared(); err != nil {
		return Filed{}, err
	}
	f, err := n.sealed(n.outboxTo(party), l, draft)
	if err != nil {
		return Filed{}, err
	}
	f.key = key
	return n.submit(ctx, f)
}

// sealed composes, encrypts and signs a draft. Nothing is stored yet.
func (n *Node) sealed(origin seal.Origin, l *link, draft record.Fields) (*filing, error) {
	c, err := record.Compose(draft, n.cfg.Rand)
	if err != nil {
		return nil, err
	}
	stored := c.Content()
	if l != nil {
		if stored, err = n.cfg.Keys.Encrypt(l.profile.Keys, stored); err != nil {
			return nil, err
		}
	}
	r, err := c.Sign(origin.String(), n.cfg.Keys.Keys().RecordKeyID(), record.DigestOf(stored), n.cfg.Keys.SignRecord)
	if err != nil {
		return nil, err
	}
	// Reading the content back would give these very fields (record's properties); it would cost a tenth of sealing.
	opened := &record.Opened{Record: r, Fields: draft, Full: true}
	return &filing{origin: origin, record: r, stored: stored, opened: opened, link: l, outcome: make(chan outcome, 1)}, nil
}

// submit hands a filing to the writer and waits for its outcome. Before the first one into an outbox, those who hold it are asked.
func (n *Node) submit(ctx context.Context, f *filing) (Filed, error) {
	f.ctx = ctx
	if err := n.compare(ctx, f.origin); err != nil {
		return Filed{}, err
	}
	closed := fail(Closed, nil, "start the node again", "the node is shutting down; nothing was filed")
	select {
	case <-n.closing:
		return Filed{}, closed
	default:
	}
	select {
	case n.filings <- f:
	case <-n.closing:
		return Filed{}, closed
	case <-ctx.Done():
		return Filed{}, ctx.Err()
	}
	select {
	case o := <-f.outcome:
		return o.filed, o.err
	case <-n.done:
		select {
		case o := <-f.outcome:
			return o.filed, o.err
		default:
			return Filed{}, closed
		}
	}
}

// write is the writer: it takes filings in groups and commits each group in one transaction.
func (n *Node) write() {
	defer close(n.done)
	busy := false // the last group held more than one: more callers are about to come
	for {
		select {
		case f := <-n.filings:
			group := n.gather(f, busy)
			busy = len(group) > 1
			n.commit(group)
		case <-n.closing:
			for {
				select {
				case f := <-n.filings:
					n.commit(n.gather(f, false))
				default:
					return
				}
			}
		}
	}
}

// gather adds to first what else is waiting, within the limits of a group; while many callers file, it waits a little for more: each
// group costs two signatures and a synced commit, whatever its size. A lone caller never waits.
func (n *Node) gather(first *filing, linger bool) []*filing {
	group, bytes := []*filing{first}, len(first.stored)
	var enough <-chan time.Time
	if linger {
		timer := time.NewTimer(groupLinger)
		defer timer.Stop()
		enough = timer.C
	}
	for len(group) < MaxGroupEntries && bytes < MaxGroupBytes/2 {
		f := n.another(enough)
		if f == nil {
			break
		}
		group, bytes = append(group, f), bytes+len(f.stored)
	}
	return group
}

// another gives the next filing: one that is waiting, or one that comes before enough fires. Nil enough: only one that is waiting.
func (n *Node) another(enough <-chan time.Time) *filing {
	select {
	case f := <-n.filings:
		return f
	default:
	}
	if enough == nil {
		return nil
	}
	select {
	case f := <-n.filings:
		return f
	case <-enough:
		return nil
	}
}

// commit appends a group in one transaction and answers every filing of it after the commit.
func (n *Node) commit(group []*filing) {
	results := make([]outcome, len(group))
	err := n.cfg.Store.Update(context.Background(), func(tx *store.Tx) error {
		w := &groupWriter{n: n, tx: tx, outboxes: map[string]*growing{}, cases: map[string]docket.Case{}, cased: n.viewer(tx)}
		for i, f := range group {
			results[i] = outcome{}
			results[i].filed, results[i].err = w.add(f)
			if sinksGroup(results[i].err) {
				return results[i].err
			}
		}
		return w.flush()
	})
	for i, f := range group {
		if err != nil {
			results[i] = outcome{err: err}
		}
		f.outcome <- results[i]
		switch {
		case results[i].err != nil:
		case f.link != nil:
			n.signal(f.link.profile.Party)
		default:
			n.registerMoved()
		}
	}
}

// sinksGroup tells an error of the store or the tree, which ends the whole transaction, from a refusal of one filing.
func sinksGroup(err error) bool {
	if err == nil || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return false
	}
	var own *Error
	var refused *docket.Refusal
	return !errors.As(err, &own) && !errors.As(err, &refused)
}

// groupWriter is one group inside its transaction.
type groupWriter struct {
	n        *Node
	tx       *store.Tx
	outboxes map[string]*growing
	cases    map[string]docket.Case // by link and key
	filed    map[string]earlier     // idempotency keys of this very group
	standing map[string]docket.Standing
	agreed   map[string][]docket.Terms // by link: its arrangements
	sent     map[string]int64          // how much of a quota is used up, by counted.String
	cased    *viewer                   // stores the cases
}

// growing is an outbox that a group appends to.
type growing struct {
	row    store.Outbox
	tree   *outbox.Tree
	leaves []store.NewLeaf
}

// add checks one filing and adds it to its outbox. An error of the store ends the whole group; any other only this filing.
func (w *groupWriter) add(f *filing) (Filed, error) {
	if err := f.ctx.Err(); err != nil {
		return Filed{}, err
	}
	if done, found, err := w.before(f); err != nil || found {
		return done, err
	}
	if err := w.n.expired(); err != nil {
		return Filed{}, err
	}
	g, err := w.outbox(f.origin)
	if err != nil {
		return Filed{}, err
	}
	if g.row.Stopped != "" {
		return Filed{}, fail(Stopped, nil, "", "nothing is signed for this outbox any more: %s", g.row.Stopped)
	}
	if !w.n.safe(f.origin) { // submit has seen to it; here it cannot be gone around
		return Filed{}, fail(Unchecked, nil, "", "nothing is signed for this outbox before it was compared with what others hold")
	}
	ref := f.record.Ref(g.tree.Size())
	if err := w.fold(f, ref); err != nil {
		return Filed{}, err
	}
	if err := g.tree.Append(f.record.LeafHash()); err != nil {
		return Filed{}, err
	}
	g.leaves = append(g.leaves, store.NewLeaf{Leaf: f.record.Bytes(), Content: f.stored})
	if f.profile != "" {
		if err := w.tx.SetMeta(metaProfile, f.profile); err != nil {
			return Filed{}, err
		}
	}
	if f.beside != nil {
		if err := f.beside(w.tx, ref); err != nil {
			return Filed{}, err
		}
	}
	return w.remember(f, Filed{Ref: ref})
}

// earlier is a record that was filed under an idempotency key.
type earlier struct {
	ref    record.Ref
	fields record.Fields // nil where they cannot be read any more
}

// before looks the idempotency key up. The key of another record is a Conflict: whoever asks would take the wrong record for theirs.
func (w *groupWriter) before(f *filing) (Filed, bool, error) {
	if f.key == "" {
		return Filed{}, false, nil
	}
	was, found := w.filed[f.key]
	if !found {
		var err error
		if was, found, err = w.stored(f.key); err != nil || !found {
			return Filed{}, false, err
		}
	}
	same := sameButGeneration(was.ref.Outbox, f.origin)
	if same && was.fields != nil {
		var err error
		if same, err = w.sameDraft(f.origin.Audience, was.fields, f.opened.Fields); err != nil {
			return Filed{}, false, err
		}
	}
	if !same {
		return Filed{}, false, fail(Conflict, nil, "use a new key for a new record", "under this idempotency key another record was filed, as entry %d of %s",
			was.ref.Index, was.ref.Outbox)
	}
	return Filed{Ref: was.ref, Again: true}, true, nil
}

// stored reads back what an earlier group filed under key.
func (w *groupWriter) stored(key string) (earlier, bool, error) {
	origin, index, found, err := w.tx.Filing(key)
	if err != nil || !found {
		return earlier{}, false, err
	}
	o, err := seal.ParseOrigin(origin)
	if err != nil {
		return earlier{}, false, fail(Damaged, err, "run verbale fsck", "what was filed under this idempotency key is damaged")
	}
	e, err := w.n.entryOf(w.tx, origin, index)
	if err != nil {
		return earlier{}, false, err
	}
	was := earlier{ref: e.record.Ref(index)}
	if opened := w.n.read(o, index, e.record, e.stored).Opened; opened != nil {
		was.fields = opened.Fields
	}
	return was, true, nil
}

func (w *groupWriter) remember(f *filing, done Filed) (Filed, error) {
	if f.key == "" {
		return done, nil
	}
	if w.filed == nil {
		w.filed = map[string]earlier{}
	}
	w.filed[f.key] = earlier{ref: done.Ref, fields: f.opened.Fields}
	return done, w.tx.PutFiling(f.key, done.Ref.Outbox, done.Ref.Index)
}

func (w *groupWriter) outbox(o seal.Origin) (*growing, error) {
	if g := w.outboxes[o.String()]; g != nil {
		return g, nil
	}
	row, err := w.tx.Outbox(o.String())
	if err != nil {
		return nil, err
	}
	g := &growing{row: row, tree: outbox.OpenTree(row.Head.Size, w.tx.Tiles(row.ID))}
	w.outboxes[o.String()] = g
	return g, nil
}

// fold lets the docket allow the record and adds it to its case. The register has no docket.
func (w *groupWriter) fold(f *filing, ref record.Ref) error {
	if f.link == nil {
		return nil
	}
	e := docket.Entry{Author: f.origin.Author, Audience: f.origin.Audience, Ref: ref, Opened: f.opened}
	party, key := f.origin.Audience, docket.Key(e)
	if err := w.stand(party, e); err != nil {
		return err
	}
	c, ok := w.cases[party+" "+key]
	if !ok {
		var err error
		if c, _, err = w.tx.Case(party, key); err != nil {
			return err
		}
	}
	if err := docket.Allow(c, e); err != nil {
		return err
	}
	if err := w.keepsRules(party, c, e); err != nil {
		return err
	}
	c = docket.Apply(c, e)
	w.cases[party+" "+key] = c
	if err := w.cased.put(party, c); err != nil {
		return err
	}
	w.ruled(party, e)
	return w.stood(party, e)
}

// flush signs one checkpoint per outbox and stores everything. The signatures leave only after the commit.
func (w *groupWriter) flush() error {
	for _, name := range slices.Sorted(maps.Keys(w.outboxes)) {
		g := w.outboxes[name]
		if len(g.leaves) == 0 {
			continue
		}
		root, err := g.tree.Root()
		if err != nil {
			return err
		}
		cp, err := w.n.cfg.Keys.SignHead(seal.Head{Origin: name, Size: g.tree.Size(), Root: root}, w.n.now())
		if err != nil {
			return err
		}
		if err := w.tx.Append(g.row.ID, g.row.Head.Size, g.leaves, g.tree.Changed(), cp); err != nil {
			return err
		}
	}
	return nil
}
