package store_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"slices"
	"sync"
	"testing"

	"verbale/internal/exchange"
	"verbale/internal/store"
	"verbale/outbox"
	"verbale/seal"
)

func TestCreateOutbox(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		l := newLog(t, "a.example", "b.example")
		o := create(t, s, l)
		if !o.Own || o.Origin != l.origin || o.Head != (seal.Head{Origin: l.origin.String(), Root: sha256.Sum256(nil)}) ||
			o.Note != nil || o.Receipt != nil || o.Receipted != 0 || o.Stopped != "" {
			t.Errorf("a new outbox is %+v", o)
		}
		err := s.Update(t.Context(), func(tx *store.Tx) error {
			_, err := tx.CreateOutbox(l.origin, true)
			return err
		})
		want(t, store.Conflict, err)
		err = s.View(t.Context(), func(tx *store.Tx) error {
			_, err := tx.Outbox("a.example/to/b.example/2")
			return err
		})
		want(t, store.NotFound, err)
	})
}

func TestOutboxesByOrigin(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		update(t, s, func(tx *store.Tx) error {
			for _, audience := range []string{"d.example", "b.example", seal.Public, "c.example"} {
				if _, err := tx.CreateOutbox(seal.Origin{Author: "a.example", Audience: audience, Generation: 1}, audience != "c.example"); err != nil {
					return err
				}
			}
			return nil
		})
		view(t, s, func(tx *store.Tx) error {
			all, err := tx.Outboxes()
			var names []string
			for _, o := range all {
				names = append(names, o.Origin.Audience)
				if o.Own != (o.Origin.Audience != "c.example") {
					t.Errorf("%s: own is %v", o.Origin, o.Own)
				}
			}
			if !slices.Equal(names, []string{"b.example", "c.example", "d.example", "public"}) {
				t.Errorf("got %v", names)
			}
			return err
		})
	})
}

func TestAppend(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		l := newLog(t, "a.example", "b.example")
		id := create(t, s, l).ID
		var all []store.NewLeaf
		for _, count := range []int{1, 2, 255, 300, 1} {
			st := l.grow(count, 300)
			appendStep(t, s, id, st)
			all = append(all, st.leaves...)
			o := outboxOf(t, s, l)
			if o.Head != st.cp.Head || !bytes.Equal(o.Note, st.cp.Note) {
				t.Fatalf("after %d more the head is %+v, want %+v", count, o.Head, st.cp.Head)
			}
		}
		if !sameEntries(all, entriesOf(t, s, id)) {
			t.Error("the entries are not those that were appended")
		}
		view(t, s, func(tx *store.Tx) error {
			root, err := outbox.OpenTree(l.size, tx.Tiles(id)).Root()
			if root != l.last.Root {
				t.Error("the stored tree has another root")
			}
			return err
		})
	})
}

func TestEmptyCheckpoint(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		l := newLog(t, "a.example", seal.Public)
		id := create(t, s, l).ID
		st := l.grow(0, 0)
		appendStep(t, s, id, st)
		if o := outboxOf(t, s, l); !bytes.Equal(o.Note, st.cp.Note) || o.Receipt != nil {
			t.Errorf("the empty outbox has the checkpoint %q", o.Note)
		}
		err := s.Update(t.Context(), func(tx *store.Tx) error { return tx.Append(id, 0, nil, nil, st.cp) })
		want(t, store.Conflict, err)
		appendStep(t, s, id, l.grow(1, 10))
	})
}

func TestAppendRefusals(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		l, m := newLog(t, "a.example", "b.example"), newLog(t, "b.example", "a.example")
		id := create(t, s, l).ID
		stale := l.fork()
		first := l.grow(3, 50)
		appendStep(t, s, id, first)
		advance(t, s, m, m.grow(2, 50))
		mirror := outboxOf(t, s, m).ID
		next, other, onMirror := l.fork().grow(1, 50), stale.grow(2, 50), m.grow(1, 50)
		for _, c := range []struct {
			name string
			kind store.Kind
			id   int64
			step step
		}{
			{"the head has moved", store.Conflict, id, other},
			{"the same again", store.Conflict, id, first},
			{"ahead of the head", store.Conflict, id, step{base: 4, leaves: next.leaves, tiles: next.tiles, cp: atSize(next.cp, 5)}},
			{"no such outbox", store.NotFound, 99, next},
			{"a mirror", store.Refused, mirror, onMirror},
			{"a checkpoint of another outbox", store.Refused, id, step{base: 3, leaves: onMirror.leaves, tiles: onMirror.tiles, cp: atSize(onMirror.cp, 4)}},
			{"a checkpoint of another size", store.Refused, id, step{base: 3, leaves: next.leaves, tiles: next.tiles, cp: atSize(next.cp, 5)}},
			{"no checkpoint", store.Refused, id, step{base: 3, leaves: next.leaves, tiles: next.tiles}},
			{"no leaves", store.Refused, id, step{base: 3, cp: first.cp}},
			{"an empty leaf", store.Refused, id, step{base: 3, leaves: []store.NewLeaf{{}}, cp: next.cp}},
			{"a tile that cannot be", store.Refused, id, step{base: 3, leaves: next.leaves, cp: next.cp, tiles: map[outbox.TileID][]byte{{Level: 8}: make([]byte, 32)}}},
		} {
			err := s.Update(t.Context(), func(tx *store.Tx) error { return tx.Append(c.id, c.step.base, c.step.leaves, c.step.tiles, c.step.cp) })
			if store.KindOf(err) != c.kind {
				t.Errorf("%s: got %v, want kind %s", c.name, err, c.kind)
			}
		}
		if o := outboxOf(t, s, l); o.Head != first.cp.Head || len(entriesOf(t, s, id)) != 3 {
			t.Errorf("a refusal left its mark: %+v", o.Head)
		}
		appendStep(t, s, id, next)
	})
}

func atSize(cp seal.Checkpoint, size int64) seal.Checkpoint {
	cp.Size = size
	return cp
}

func TestStoppedOutbox(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		l := newLog(t, "a.example", "b.example")
		id := create(t, s, l).ID
		update(t, s, func(tx *store.Tx) error { return tx.StopOutbox(id, "behind") })
		if o := outboxOf(t, s, l); o.Stopped != "behind" {
			t.Errorf("stopped is %q", o.Stopped)
		}
		st := l.grow(1, 10)
		err := s.Update(t.Context(), func(tx *store.Tx) error { return tx.Append(id, st.base, st.leaves, st.tiles, st.cp) })
		want(t, store.Refused, err)
		update(t, s, func(tx *store.Tx) error { return tx.ResumeOutbox(id) })
		appendStep(t, s, id, st)
		want(t, store.NotFound, s.Update(t.Context(), func(tx *store.Tx) error { return tx.StopOutbox(99, "why") }))
		want(t, store.Refused, s.Update(t.Context(), func(tx *store.Tx) error { return tx.StopOutbox(id, "") }))
	})
}

// advance verifies a step against the mirror in s and stores it.
func advance(t testing.TB, s *store.Store, l *log, st step) seal.Receipt {
	t.Helper()
	receipt := countersign(t, newRing(t, "z.example"), st.cp, day)
	update(t, s, func(tx *store.Tx) error {
		m := l.before(st)
		if o, err := tx.Outbox(l.origin.String()); err == nil {
			m = exchange.Mirror{Origin: o.Origin, Head: o.Head, Note: o.Note, Tiles: tx.Tiles(o.ID), Newest: o.Receipt}
		}
		return tx.Advance(l.verify(m, st), receipt)
	})
	return receipt
}

func TestAdvance(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		l := newLog(t, "a.example", "z.example")
		var all []store.NewLeaf
		for _, count := range []int{1, 300, 2} {
			st := l.grow(count, 200)
			receipt := advance(t, s, l, st)
			all = append(all, st.leaves...)
			o := outboxOf(t, s, l)
			if o.Own || o.Head != st.cp.Head || o.Receipted != l.size || !bytes.Equal(o.Receipt, seal.Countersigned(st.cp, receipt)) {
				t.Fatalf("after %d more the mirror is %+v", count, o)
			}
		}
		if !sameEntries(all, entriesOf(t, s, outboxOf(t, s, l).ID)) {
			t.Error("the entries are not those that were pushed")
		}
	})
}

func TestAdvanceRefusals(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		l, own := newLog(t, "a.example", "z.example"), newLog(t, "c.example", "z.example")
		create(t, s, own)
		first := l.grow(2, 50)
		advance(t, s, l, first)
		late := l.verify(l.before(first), first)
		next := l.grow(1, 50)
		good, foreign := l.verify(l.before(next), next), own.grow(1, 50)
		ring := newRing(t, "z.example")
		for _, c := range []struct {
			name    string
			kind    store.Kind
			adv     *exchange.Advance
			receipt seal.Receipt
		}{
			{"no Advance", store.Refused, nil, seal.Receipt{}},
			{"an Advance that nobody verified", store.Refused, &exchange.Advance{}, countersign(t, ring, next.cp, day)},
			{"a receipt over another head", store.Refused, good, countersign(t, ring, first.cp, day)},
			{"the mirror has moved", store.Conflict, late, countersign(t, ring, first.cp, day)},
			{"an outbox of our own", store.Refused, own.verify(own.before(foreign), foreign), countersign(t, ring, foreign.cp, day)},
		} {
			err := s.Update(t.Context(), func(tx *store.Tx) error { return tx.Advance(c.adv, c.receipt) })
			if store.KindOf(err) != c.kind {
				t.Errorf("%s: got %v, want kind %s", c.name, err, c.kind)
			}
		}
		if o := outboxOf(t, s, l); o.Head != first.cp.Head || o.Receipted != 2 {
			t.Errorf("a refusal left its mark: %+v", o)
		}
		update(t, s, func(tx *store.Tx) error { return tx.Advance(good, countersign(t, ring, next.cp, day)) })
	})
}

// What was taken back stands as if it had never been lost, whatever the outbox was stopped for; and a mirror is not ours to take back.
func TestRecover(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		l, foreign := newLog(t, "a.example", "z.example"), newLog(t, "c.example", "z.example")
		ring := newRing(t, "z.example")
		o := create(t, s, l)
		first := l.grow(2, 50)
		appendStep(t, s, o.ID, first)
		update(t, s, func(tx *store.Tx) error { return tx.StopOutbox(o.ID, "an old backup") })
		next := l.grow(300, 50)
		receipt := countersign(t, ring, next.cp, day)
		adv := l.verify(l.before(next), next)
		update(t, s, func(tx *store.Tx) error { return tx.Recover(adv, receipt) })
		got := outboxOf(t, s, l)
		if !got.Own || got.Head != next.cp.Head || got.Receipted != 302 || !bytes.Equal(got.Receipt, seal.Countersigned(next.cp, receipt)) || got.Stopped == "" {
			t.Errorf("%+v", got)
		}
		if !sameEntries(append(first.leaves, next.leaves...), entriesOf(t, s, o.ID)) {
			t.Error("the entries are not those that were signed")
		}
		err := s.Update(t.Context(), func(tx *store.Tx) error { return tx.Recover(adv, receipt) })
		want(t, store.Conflict, err)
		theirs := foreign.grow(1, 10)
		advance(t, s, foreign, theirs)
		more := foreign.grow(1, 10)
		err = s.Update(t.Context(), func(tx *store.Tx) error {
			return tx.Recover(foreign.verify(foreign.before(more), more), seal.Receipt{})
		})
		want(t, store.Refused, err)
		lost := newLog(t, "a.example", seal.Public) // all of it is lost
		all := lost.grow(3, 10)
		update(t, s, func(tx *store.Tx) error { return tx.Recover(lost.verify(lost.before(all), all), seal.Receipt{}) })
		if got := outboxOf(t, s, lost); !got.Own || got.Head != all.cp.Head {
			t.Errorf("%+v", got)
		}
	})
}

func TestAdvanceOfUnknownMirrorFromTheMiddle(t *testing.T) {
	l := newLog(t, "a.example", "z.example")
	l.grow(5, 10)
	st := l.grow(1, 10)
	err := openMemory(t).Update(t.Context(), func(tx *store.Tx) error { return tx.Advance(l.verify(l.before(st), st), seal.Receipt{}) })
	want(t, store.NotFound, err)
}

func TestAdvanceWithoutReceipt(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		l := newLog(t, "a.example", seal.Public)
		st := l.grow(3, 30)
		update(t, s, func(tx *store.Tx) error { return tx.Advance(l.verify(l.before(st), st), seal.Receipt{}) })
		if o := outboxOf(t, s, l); o.Receipted != 0 || o.Receipt != nil || o.Head != st.cp.Head {
			t.Errorf("the mirror is %+v", o)
		}
	})
}

// Many writers race for one head; each base is won once.
func TestCompareAndSwap(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		l := newLog(t, "a.example", "b.example")
		id := create(t, s, l).ID
		rivals := make([]step, 8)
		for i := range rivals {
			rivals[i] = l.fork().grow(i+1, 20)
		}
		won := make([]bool, len(rivals))
		var wg sync.WaitGroup
		for i, st := range rivals {
			wg.Go(func() {
				err := s.Update(t.Context(), func(tx *store.Tx) error { return tx.Append(id, st.base, st.leaves, st.tiles, st.cp) })
				won[i] = err == nil
				if err != nil {
					want(t, store.Conflict, err)
				}
			})
		}
		wg.Wait()
		winner := slices.Index(won, true)
		if winner < 0 || slices.Contains(won[winner+1:], true) {
			t.Fatalf("won: %v", won)
		}
		if o := outboxOf(t, s, l); o.Head != rivals[winner].cp.Head {
			t.Errorf("the head is not the winner's")
		}
	})
}

func TestUpdateRollsBack(t *testing.T) {
	mine := errors.New("mine")
	onEach(t, func(t *testing.T, s *store.Store) {
		l := newLog(t, "a.example", "b.example")
		id := create(t, s, l).ID
		st := l.grow(5, 50)
		err := s.Update(t.Context(), func(tx *store.Tx) error {
			if err := tx.Append(id, st.base, st.leaves, st.tiles, st.cp); err != nil {
				return err
			}
			return mine
		})
		if err != mine {
			t.Errorf("got %v", err)
		}
		func() {
			defer func() {
				if recover() == nil {
					t.Error("the panic was swallowed")
				}
			}()
			_ = s.Update(t.Context(), func(tx *store.Tx) error {
				if err := tx.SetMeta("a", "b"); err != nil {
					return err
				}
				panic("ours")
			})
		}()
		view(t, s, func(tx *store.Tx) error {
			if _, found, _ := tx.Meta("a"); found {
				t.Error("half of an Update was stored")
			}
			return nil
		})
		if o := outboxOf(t, s, l); o.Head.Size != 0 || len(entriesOf(t, s, id)) != 0 {
			t.Error("half of an Update was stored")
		}
		appendStep(t, s, id, st)
	})
}
