package node

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"verbale/internal/docket"
	"verbale/internal/exchange"
	"verbale/internal/store"
	"verbale/outbox"
	"verbale/record"
	"verbale/seal"
)

// Finding is one thing that fsck found wrong.
type Finding struct {
	Where  string `json:"where"`
	Wrong  string `json:"wrong"`
	Remedy string `json:"remedy"`
}

// Audit is what fsck looked at and found.
type Audit struct {
	Outboxes    int       `json:"outboxes"`
	Entries     int64     `json:"entries"`
	Erased      int64     `json:"erased"`
	Checkpoints int64     `json:"checkpoints"`
	Receipts    int64     `json:"receipts"`
	Beats       int64     `json:"beats"`
	Cases       int64     `json:"cases"`
	Findings    []Finding `json:"findings"`
}

// Fsck checks everything that the store holds against the signatures and digests in it: database integrity, every leaf, content,
// tree, checkpoint and receipt, and that the docket is what the records give. It changes nothing.
func (n *Node) Fsck(ctx context.Context, progress Progress) (Audit, error) {
	var a Audit
	if err := n.cfg.Store.Integrity(ctx); err != nil {
		if k := storeKind(err); k != store.Corrupt && k != store.IO {
			return a, err
		}
		a.find("database", err.Error(), "restore a backup, then let the peers fill it up")
		return a, nil
	}
	err := n.cfg.Store.View(ctx, func(tx *store.Tx) error {
		rows, err := tx.Outboxes()
		if err != nil {
			return err
		}
		var done, total int64
		for _, row := range rows {
			total += row.Head.Size
		}
		for _, row := range rows {
			if err := n.auditOutbox(ctx, tx, row, &a, func() {
				if done++; progress != nil && done%1000 == 0 {
					progress(done, total)
				}
			}); err != nil {
				return err
			}
		}
		return n.auditRest(tx, rows, &a)
	})
	if err != nil {
		return a, err
	}
	differences, err := n.Rebuild(ctx, false, nil)
	if err != nil {
		return a, err
	}
	a.Cases = differences.Cases
	for _, key := range differences.Different {
		a.find("docket "+key, "the stored case, or what it is found by, is not what the records give", "verbale rebuild --write")
	}
	return a, nil
}

func (a *Audit) find(where, wrong, remedy string) {
	if len(a.Findings) < maxFindings {
		a.Findings = append(a.Findings, Finding{Where: where, Wrong: wrong, Remedy: remedy})
	}
}

// outboxAudit walks one outbox, holding every issued checkpoint against the tree as it grows.
type outboxAudit struct {
	a      *Audit
	own    string // this party
	row    store.Outbox
	author seal.Keys              // of the generation of the outbox
	givers map[string]generations // of receipts and beats over it: its author, its audience, and relays of the audience
	tree   *outbox.Tree
}

func (n *Node) auditOutbox(ctx context.Context, tx *store.Tx, row store.Outbox, a *Audit, step func()) error {
	a.Outboxes++
	author, givers, ok, err := n.signersOf(tx, row.Origin)
	if err != nil {
		return err
	}
	if !ok {
		a.find(row.Origin.String(), "there is no link with its other party, or its keys of that generation are not known", "import the party's profile: verbale link add FILE")
		return nil
	}
	w := &outboxAudit{a: a, own: n.party, row: row, author: author, givers: givers,
		tree: outbox.OpenTree(0, func(outbox.TileID) ([]byte, error) { return nil, nil })}
	next := int64(0)
	err = inPieces(tx, row, func(p piece) error {
		wrong := make([]string, len(p.entries))
		onAllCores(len(p.entries), func(i int) { wrong[i] = w.wrongWith(p.entries[i]) })
		for i, index := range p.indexes {
			if index != next {
				w.find(index, fmt.Sprintf("entries %d to %d are missing", next, index-1))
			}
			next = index + 1
			step()
			if err := w.entry(tx, index, p.entries[i], wrong[i]); err != nil {
				return err
			}
			if err := w.checkpoint(tx); err != nil {
				return err
			}
		}
		return ctx.Err()
	})
	if err != nil {
		return err
	}
	if next != row.Head.Size {
		w.find(next, fmt.Sprintf("the outbox ends at %d but its head says %d", next, row.Head.Size))
	}
	return errors.Join(w.head(tx), w.tiles(tx), w.beats(tx), w.lodged(tx))
}

func (w *outboxAudit) find(index int64, wrong string) {
	remedy := "restore a backup, or recover this outbox from the peer's copy"
	w.a.find(fmt.Sprintf("%s entry %d", w.row.Origin, index), wrong, remedy)
}

// wrongWith says what is wrong with a leaf or with the content that stands beside it; "" when nothing is.
func (w *outboxAudit) wrongWith(e exchange.Entry) string {
	r, err := record.Parse(e.Leaf)
	switch {
	case err != nil:
		return "the leaf is not a record: " + err.Error()
	case r.Outbox() != w.row.Origin.String():
		return "the leaf was written for another outbox"
	case r.KeyID() != w.author.RecordKeyID() || w.author.VerifyRecord(r.SigningInput(), r.Signature()) != nil:
		return "the leaf is not signed by the outbox's author"
	case e.Content != nil && record.DigestOf(e.Content) != r.Stored():
		return "the content is not the one that the leaf names"
	}
	return ""
}

// entry notes what is wrong with one entry, and lets the tree grow.
func (w *outboxAudit) entry(tx *store.Tx, index int64, e exchange.Entry, wrong string) error {
	w.a.Entries++
	if e.Content == nil && wrong == "" {
		erased, err := tx.Erased(w.row.ID, index)
		if err != nil {
			return err
		}
		if erased {
			w.a.Erased++
		} else {
			wrong = "the content is missing, and nobody erased it"
		}
	}
	if wrong != "" {
		w.find(index, wrong)
	}
	return w.tree.Append(outbox.LeafHash(e.Leaf))
}

// checkpoint checks what was signed at the size that the tree has reached, if anything was.
func (w *outboxAudit) checkpoint(tx *store.Tx) error {
	at, err := tx.Checkpoint(w.row.ID, w.tree.Size())
	if storeKind(err) == store.NotFound {
		if w.tree.Size() == w.row.Head.Size {
			w.find(w.row.Head.Size, "the newest head has no signed checkpoint")
		}
		return nil
	} else if err != nil {
		return err
	}
	w.a.Checkpoints++
	root, err := w.tree.Root()
	if err != nil {
		return err
	}
	cp, err := w.author.OpenCheckpoint(at.Note)
	if err != nil || cp.Root != root || cp.Size != at.Size || cp.Origin != w.row.Origin.String() {
		w.find(at.Size, "the signed checkpoint is not one of this tree")
		return nil
	}
	if at.Receipt == nil {
		if w.row.Origin.Audience == w.own {
			w.find(at.Size, "our receipt over that head is missing")
		}
		return nil
	}
	w.a.Receipts++
	r, err := w.givers[w.row.Origin.Audience].openReceipt(w.row.Origin.Audience, at.Receipt, cp.Head)
	switch {
	case err != nil:
		w.find(at.Size, "the receipt does not verify: "+err.Error())
	case !r.Time.Equal(at.ReceiptTime):
		w.find(at.Size, "the time kept beside the receipt is not the one that it signs")
	}
	return nil
}

// tiles compares the stored tiles with those of the tree that was grown from the leaves.
func (w *outboxAudit) tiles(tx *store.Tx) error {
	read := tx.Tiles(w.row.ID)
	for id, want := range w.tree.Changed() {
		got, err := read(id)
		if err != nil {
			return err
		}
		if !bytes.Equal(got, want) {
			w.a.find(fmt.Sprintf("%s tile %d/%d", w.row.Origin, id.Level, id.N), "the stored tile is not the tree's", "restore a backup, or recover this outbox from the peer's copy")
		}
	}
	return nil
}

// Rebuilt says how the docket recomputed from the outboxes differs from the stored one.
type Rebuilt struct {
	Cases     int64    `json:"cases"`
	Different []string `json:"different"` // link and key of cases that were different, missing or too many; links whose standing was
	Written   bool     `json:"written"`
}

// Rebuild folds every outbox afresh and compares with the stored docket byte for byte; with write it replaces the stored one.
func (n *Node) Rebuild(ctx context.Context, write bool, progress Progress) (Rebuilt, error) {
	var r Rebuilt
	run := n.cfg.Store.View
	if write {
		run = n.cfg.Store.Update
	}
	err := run(ctx, func(tx *store.Tx) error {
		fresh, err := n.foldEverything(ctx, tx, progress)
		if err != nil {
			return err
		}
		r.Cases = int64(len(fresh.cases))
		if err := errors.Join(compareCases(tx, fresh.cases, &r), compareStandings(tx, fresh.standings, &r)); err != nil || !write {
			return err
		}
		r.Written = true
		return fresh.store(tx)
	})
	return r, err
}

// folded is a docket made anew.
type folded struct {
	cases     map[caseKey]docket.Case
	standings map[string]docket.Standing
}

// store puts it in the place of the stored one.
func (f *folded) store(tx *store.Tx) error {
	links, err := tx.Links()
	if err != nil {
		return err
	}
	for _, l := range links {
		if err := tx.PutStanding(l.Party, f.standings[l.Party]); err != nil {
			return err
		}
	}
	return tx.ReplaceCases(func(put func(link string, c docket.Case) error) error {
		for k, c := range f.cases {
			if err := put(k.link, c); err != nil {
				return err
			}
		}
		return nil
	})
}

// caseKey names a case within the store.
type caseKey struct{ link, key string }

func (n *Node) foldEverything(ctx context.Context, tx *store.Tx, progress Progress) (*folded, error) {
	rows, err := tx.Outboxes()
	if err != nil {
		return nil, err
	}
	var done, total int64
	for _, row := range rows {
		total += row.Head.Size
	}
	fresh, erased := &folded{map[caseKey]docket.Case{}, map[string]docket.Standing{}}, map[place]docket.Entry{}
	for _, row := range rows {
		if row.Origin.Audience == seal.Public || n.relayed(row.Origin) {
			continue
		}
		link := row.Origin.Audience
		if !row.Own {
			link = row.Origin.Author
		}
		err := inPieces(tx, row, func(p piece) error {
			if done += int64(len(p.entries)); progress != nil {
				progress(done, total)
			}
			for _, read := range n.readAll(row.Origin, p) {
				if read.Fault == docket.FaultErased || read.Fault == docket.FaultUndecryptable && n.lost() {
					erased[place{link, read.Ref.Outbox, read.Ref.Index}] = read
					continue
				}
				k := caseKey{link, docket.Key(read)}
				fresh.cases[k] = docket.Apply(fresh.cases[k], read)
				if read.Moves() {
					fresh.standings[link] = fresh.standings[link].Apply(read)
				}
			}
			return ctx.Err()
		})
		if err != nil {
			return nil, err
		}
	}
	return fresh, errors.Join(keepErased(tx, fresh.cases, erased), keepErasedStandings(tx, fresh.standings, erased))
}

// lost tells whether earlier keys of ours are: what they opened cannot be read again, and the stored docket knows more of it.
func (n *Node) lost() bool {
	retired := n.cfg.Keys.Retired()
	return slices.ContainsFunc(n.own[:max(len(n.own)-1, 0)], func(g generation) bool { return !slices.Contains(retired, g.number()) })
}

// readAll reads the records of a piece, as far as they are records: fsck names the others, they are in no case.
func (n *Node) readAll(o seal.Origin, p piece) []docket.Entry {
	out := make([]docket.Entry, len(p.entries))
	isRecord := make([]bool, len(p.entries))
	onAllCores(len(p.entries), func(i int) {
		if r, err := record.Parse(p.entries[i].Leaf); err == nil {
			out[i], isRecord[i] = n.read(o, p.indexes[i], r, p.entries[i].Content), true
		}
	})
	kept := out[:0]
	for i, e := range out {
		if isRecord[i] {
			kept = append(kept, e)
		}
	}
	return kept
}

// place is where a record stands on a link.
type place struct {
	link, outbox string
	index        int64
}

// keepErased takes what is known of erased records from the stored docket. Those of which it knows nothing open a case that says so.
func keepErased(tx *store.Tx, fresh map[caseKey]docket.Case, erased map[place]docket.Entry) error {
	if len(erased) == 0 {
		return nil
	}
	known := map[place]bool{}
	err := tx.EachCase(func(link, _ string, stored []byte) error {
		was, err := docket.ParseCase(stored)
		if err != nil {
			return nil // it is replaced
		}
		k := caseKey{link, was.Key}
		c := docket.Keep(fresh[k], was, func(outbox string, index int64, leaf string) bool {
			at := place{link, outbox, index}
			e, ok := erased[at]
			ok = ok && docket.Key(e) == leaf
			known[at] = known[at] || ok
			return ok
		})
		if c.Open != nil || len(c.Moves) > 0 {
			fresh[k] = c
		}
		return nil
	})
	for at, e := range erased {
		if k := (caseKey{at.link, docket.Key(e)}); !known[at] {
			fresh[k] = docket.Apply(fresh[k], e)
		}
	}
	return err
}

// keepErasedStandings takes what is known of erased records from the stored standings.
func keepErasedStandings(tx *store.Tx, fresh map[string]docket.Standing, erased map[place]docket.Entry) error {
	if len(erased) == 0 {
		return nil
	}
	links, err := tx.Links()
	for _, l := range links {
		was, err := tx.Standing(l.Party)
		if err != nil {
			continue // it is replaced
		}
		fresh[l.Party] = fresh[l.Party].Keep(was, func(outbox string, index int64, leaf string) bool {
			e, ok := erased[place{l.Party, outbox, index}]
			return ok && docket.Key(e) == leaf
		})
	}
	return err
}

func compareStandings(tx *store.Tx, fresh map[string]docket.Standing, r *Rebuilt) error {
	links, err := tx.Links()
	for _, l := range links {
		want, err := store.StateOf(fresh[l.Party])
		if err != nil {
			return err
		}
		if l.State != want {
			r.Different = append(r.Different, l.Party+" standing")
		}
	}
	return err
}

func compareCases(tx *store.Tx, fresh map[caseKey]docket.Case, r *Rebuilt) error {
	seen := 0
	err := tx.EachCase(func(link, key string, stored []byte) error {
		c, ok := fresh[caseKey{link, key}]
		if !ok {
			r.Different = append(r.Different, link+" "+key)
			return nil
		}
		seen++
		want, err := c.Marshal()
		if err == nil && !bytes.Equal(want, stored) {
			r.Different = append(r.Different, link+" "+key)
		}
		return err
	})
	named := map[string]bool{}
	for _, name := range r.Different {
		named[name] = true
	}
	err = errors.Join(err, tx.EachMisplaced(func(link, key string) {
		if name := link + " " + key; !named[name] {
			r.Different = append(r.Different, name)
		}
	}))
	if err != nil || seen == len(fresh) {
		return err
	}
	for k := range fresh {
		if _, found, err := tx.Case(k.link, k.key); err != nil {
			return err
		} else if !found {
			r.Different = append(r.Different, k.link+" "+k.key)
		}
	}
	return nil
}
