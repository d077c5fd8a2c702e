package node

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"verbale/internal/exchange"
	"verbale/internal/store"
	"verbale/outbox"
	"verbale/seal"
)

// Witnesses is who dates our register (spec/register.md §4), and how they are reached.
type Witnesses struct {
	Policy *seal.Policy // nil: nobody
	// Dial gives the way to one of them. Nil, here or of it: that one is not asked.
	Dial func(seal.PolicyWitness) exchange.Witness
}

// witness is one of them: an address, and the keys that the policy has of it.
type witness struct {
	name    string
	url     string
	keys    []seal.Cosigner
	way     exchange.Witness
	moved   chan struct{} // the register has grown
	calling sync.Mutex    // one call at a time

	mu   sync.Mutex
	last string // how the last call ended
	at   time.Time
}

// reached gives those that are asked. A witness that the policy has with two keys is asked once for both.
func (w Witnesses) reached() (all []*witness) {
	if w.Policy == nil || w.Dial == nil {
		return nil
	}
	for _, p := range w.Policy.Witnesses {
		if p.URL == "" {
			continue
		}
		at := slices.IndexFunc(all, func(known *witness) bool { return known.url == p.URL })
		if at >= 0 {
			all[at].keys = append(all[at].keys, p.Key)
		} else if way := w.Dial(p); way != nil {
			all = append(all, &witness{name: p.Key.Name(), url: p.URL, keys: []seal.Cosigner{p.Key}, way: way, moved: make(chan struct{}, 1)})
		}
	}
	return all
}

// checkPolicy refuses a policy by which this party would witness itself (K-5).
func (n *Node) checkPolicy() error {
	if n.cfg.Witnesses.Policy == nil {
		return nil
	}
	for _, w := range n.cfg.Witnesses.Policy.Witnesses {
		if err := n.cfg.Keys.Keys().CheckWitness(w.Key); err != nil {
			return fail(Invalid, err, "take it out of the policy", "the witness %s cannot be one: %v", w.Name, err)
		}
	}
	return nil
}

// Witness asks every witness once for its line over the newest checkpoint of our register, all at the same time, and returns when each
// has answered or failed.
func (n *Node) Witness(ctx context.Context) error {
	failed := make([]error, len(n.witnesses))
	var wg sync.WaitGroup
	for i, w := range n.witnesses {
		wg.Go(func() { failed[i] = n.ask(ctx, w) })
	}
	wg.Wait()
	return errors.Join(failed...)
}

// registerMoved tells the witnesses' loops that there is something to sign.
func (n *Node) registerMoved() {
	for _, w := range n.witnesses {
		select {
		case w.moved <- struct{}{}:
		default:
		}
	}
}

// keepWitnessed asks one witness whenever the register has grown, until ctx ends; after a failure with growing pauses (G-13).
func (n *Node) keepWitnessed(ctx context.Context, w *witness) {
	pause := witnessFirst
	for {
		moved, again := w.moved, (<-chan time.Time)(nil)
		if err := n.ask(ctx, w); err == nil {
			pause = witnessFirst
		} else if ctx.Err() == nil {
			n.cfg.Log.Warn("witness", "name", w.name, "error", err.Error(), "again_in", pause.String())
			moved, again = nil, time.After(pause)
			pause = min(2*pause, witnessMost)
		}
		select {
		case <-ctx.Done():
			return
		case <-moved:
		case <-again:
		}
	}
}

// ask asks for the newest checkpoint of our register, and of those of earlier generations, where a key change stands last.
func (n *Node) ask(ctx context.Context, w *witness) error {
	w.calling.Lock()
	defer w.calling.Unlock()
	ctx, cancel := context.WithTimeout(ctx, witnessTime)
	defer cancel()
	behind, err := n.uncosigned(ctx, w)
	if err != nil || len(behind) == 0 {
		return err
	}
	var failed []error
	for _, r := range behind {
		failed = append(failed, n.askFor(ctx, w, r))
	}
	err = errors.Join(failed...)
	w.note(n.now(), err)
	return err
}

// askFor makes one call, and a second one where the witness names another size to begin at.
func (n *Node) askFor(ctx context.Context, w *witness, r register) error {
	if r.row.Stopped != "" {
		return fail(Stopped, nil, "", "the register is stopped: %s", r.row.Stopped)
	}
	err := n.cosign(ctx, w, r)
	if e, ok := errors.AsType[*exchange.WitnessError](err); ok && e.Status == exchange.WitnessConflict {
		switch {
		case e.Size > r.row.Head.Size:
			return n.registerBehind(ctx, w, r.row.Origin, e.Size)
		case e.Size != r.cosigned && e.Size >= 0:
			r.cosigned = e.Size
			return n.cosign(ctx, w, r)
		}
	}
	return err
}

// note remembers how a call ended. One that was called off tells nothing of the witness.
func (w *witness) note(at time.Time, err error) {
	if errors.Is(err, context.Canceled) {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.at, w.last = at, "reached"
	if err != nil {
		w.last = err.Error()
	}
}

// register is one of ours, with the size of it that a witness has cosigned last, by what we hold.
type register struct {
	row      store.Outbox
	cosigned int64
}

// uncosigned gives our registers that have grown since the witness saw them, the present one first.
func (n *Node) uncosigned(ctx context.Context, w *witness) (behind []register, err error) {
	err = n.cfg.Store.View(ctx, func(tx *store.Tx) error {
		rows, err := n.outboxesTo(tx, seal.Public)
		if err != nil {
			return err
		}
		for _, row := range rows {
			cosigned := row.Head.Size
			for _, key := range w.keys {
				c, _, err := tx.NewestCosignature(row.ID, keyTag(key))
				if err != nil {
					return err
				}
				cosigned = min(cosigned, c.Size)
			}
			if cosigned < row.Head.Size {
				behind = append(behind, register{row, cosigned})
			}
		}
		return nil
	})
	return behind, err
}

// cosign hands over the newest checkpoint of a register, and keeps the line that it is given.
func (n *Node) cosign(ctx context.Context, w *witness, r register) error {
	row, old := r.row, r.cosigned
	var proof [][32]byte
	if old > 0 && old < row.Head.Size {
		err := n.cfg.Store.View(ctx, func(tx *store.Tx) (err error) {
			proof, err = outbox.OpenTree(row.Head.Size, tx.Tiles(row.ID)).ProveConsistency(old, row.Head.Size)
			return err
		})
		if err != nil {
			return err
		}
	}
	lines, err := w.way.AddCheckpoint(ctx, old, proof, row.Note)
	if err != nil {
		return err
	}
	// What came is kept even if whoever asked has gone meanwhile.
	return n.keepLines(context.WithoutCancel(ctx), w, row, slices.Concat(row.Note, lines))
}

// keepLines keeps those lines of a note over a checkpoint of our register that are by keys of the policy.
func (n *Node) keepLines(ctx context.Context, w *witness, row store.Outbox, note []byte) error {
	var missing error
	err := n.cfg.Store.Update(ctx, func(tx *store.Tx) error {
		for _, key := range w.keys {
			at, line, err := key.Open(note, row.Head)
			if err != nil {
				missing = fail(Refused, err, "see that the keys in the policy are the witness's", "the witness %s answered without a valid line of its key: %v", w.name, err)
				continue
			}
			c := store.Cosignature{Size: row.Head.Size, Name: keyTag(key), Lines: line, Time: at}
			if err := errors.Join(tx.PutCosignature(row.ID, c), keepWitness(tx, key)); err != nil {
				return err
			}
		}
		return n.settle(tx, row)
	})
	if err != nil {
		return err
	}
	return missing
}

// settle dates what is pending below a checkpoint of the register that has the quorum (G-10).
func (n *Node) settle(tx *store.Tx, register store.Outbox) error {
	if met, err := n.quorumAt(tx, register, register.Head.Size); err != nil || !met {
		return err
	}
	_, err := tx.CoverDatings(register.Origin.String(), register.Head.Size)
	return err
}

// registerBehind stops the register: a witness has seen more of it than is here (G-13).
func (n *Node) registerBehind(ctx context.Context, w *witness, origin seal.Origin, size int64) error {
	row, err := n.outboxRow(ctx, origin)
	if err != nil || size <= row.Head.Size { // it has grown meanwhile
		return err
	}
	return n.stopRegister(ctx, origin, fmt.Sprintf("the witness %s has cosigned %d entries of the register, this database has %d: it is an old backup, or the witness is wrong",
		w.name, size, row.Head.Size))
}

func (n *Node) stopRegister(ctx context.Context, origin seal.Origin, why string) error {
	err := n.cfg.Store.Update(ctx, func(tx *store.Tx) error {
		row, err := tx.Outbox(origin.String())
		if err != nil {
			return err
		}
		return tx.StopOutbox(row.ID, why)
	})
	if err != nil {
		return err
	}
	n.cfg.Log.Error("register stopped", "why", why)
	return fail(Stopped, nil, "take back what the peers hold of it: verbale recover --from-peer PARTY\nif it stays stopped: docs/operator.md, 'an outbox is stopped'; once you have seen that the witness is wrong: verbale register resume", "%s", why)
}
