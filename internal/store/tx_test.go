package store_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"verbale/internal/exchange"
	"verbale/internal/store"
)

// A View inside an Update: on disk it sees what was before; in memory it cannot have a turn, and says so.
func TestViewInsideUpdate(t *testing.T) {
	for _, e := range engines() {
		t.Run(e.name, func(t *testing.T) {
			s := e.open(t)
			s.SetWait(20 * time.Millisecond)
			update(t, s, func(tx *store.Tx) error {
				if err := tx.SetMeta("a", "b"); err != nil {
					return err
				}
				err := s.View(t.Context(), func(tx *store.Tx) error {
					if _, found, _ := tx.Meta("a"); found {
						t.Error("a View saw half an Update")
					}
					return nil
				})
				if e.name == "memory" {
					want(t, store.Busy, err)
					return nil
				}
				return err
			})
		})
	}
}

func TestUpdateInsideUpdate(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		s.SetWait(20 * time.Millisecond)
		update(t, s, func(*store.Tx) error {
			want(t, store.Busy, s.Update(t.Context(), func(*store.Tx) error { return nil }))
			return nil
		})
	})
}

func TestViewOnlyReads(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		l := newLog(t, "a.example", "b.example")
		id := create(t, s, l).ID
		st := l.grow(1, 10)
		view(t, s, func(tx *store.Tx) error {
			_, err := tx.CreateOutbox(newLog(t, "c.example", "b.example").origin, true)
			for _, err := range []error{
				err, tx.Append(id, 0, st.leaves, st.tiles, st.cp), tx.StopOutbox(id, "x"), tx.SetMeta("a", "b"), tx.PutCase("b", caseOf("k", "s")),
				tx.ReplaceCases(nil), tx.PutFiling("k", "o", 1), tx.PutEvidence("o", "p", "k", day, nil, nil, nil),
				tx.PutLink(store.Link{Party: "b.example", Profile: []byte("x")}),
			} {
				want(t, store.Refused, err)
			}
			return nil
		})
	})
}

// A View sees one moment, whatever is written meanwhile.
func TestSnapshot(t *testing.T) {
	s := openDisk(t, t.TempDir(), store.Options{})
	l := newLog(t, "a.example", "b.example")
	id := create(t, s, l).ID
	appendStep(t, s, id, l.grow(2, 10))
	view(t, s, func(tx *store.Tx) error {
		if _, err := tx.Outbox(l.origin.String()); err != nil { // the moment is that of the first look
			return err
		}
		appendStep(t, s, id, l.grow(3, 10))
		n := 0
		err := tx.Entries(id, 0, 99, func(int64, exchange.Entry) error { n++; return nil })
		if n != 2 {
			t.Errorf("the View sees %d entries", n)
		}
		return err
	})
	if o := outboxOf(t, s, l); o.Head.Size != 5 {
		t.Errorf("the next View sees %d", o.Head.Size)
	}
}

func TestContextEnds(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		for _, err := range []error{s.Update(ended, func(*store.Tx) error { return nil }), s.View(ended, func(*store.Tx) error { return nil })} {
			if !errors.Is(err, context.Canceled) {
				t.Errorf("got %v", err)
			}
		}
		ctx, cancel := context.WithCancel(t.Context())
		err := s.Update(ctx, func(tx *store.Tx) error {
			if err := tx.SetMeta("a", "b"); err != nil {
				return err
			}
			cancel()
			if err := tx.SetMeta("c", "d"); !errors.Is(err, context.Canceled) {
				t.Errorf("after the end: %v", err)
			}
			return nil // what was done before must not be stored either
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
		waits, cancel := context.WithCancel(t.Context())
		update(t, s, func(tx *store.Tx) error {
			if _, found, _ := tx.Meta("a"); found {
				t.Error("an Update was stored after the end of its context")
			}
			cancel()
			if err := s.Update(waits, func(*store.Tx) error { return nil }); !errors.Is(err, context.Canceled) {
				t.Errorf("while waiting: %v", err)
			}
			return nil
		})
	})
}

// Close waits for what is under way, and lets nothing begin after it.
func TestClose(t *testing.T) {
	for _, e := range engines() {
		t.Run(e.name, func(t *testing.T) {
			s := e.open(t)
			began, done := make(chan struct{}), make(chan error, 1)
			go func() {
				done <- s.Update(context.Background(), func(tx *store.Tx) error {
					close(began)
					for range 500 {
						if err := tx.SetMeta("a", "b"); err != nil {
							return err
						}
					}
					return nil
				})
			}()
			<-began
			closeStore(t, s)
			if err := <-done; err != nil {
				t.Error(err)
			}
			want(t, store.Refused, s.Integrity(t.Context()))
			want(t, store.Refused, s.Update(t.Context(), func(*store.Tx) error { return nil }))
			want(t, store.Refused, s.Backup(t.Context(), t.TempDir()+"/backup"))
		})
	}
}

// Readers and a writer at once, for the race detector and for the order of locks.
func TestReadersBesideWriter(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		l := newLog(t, "a.example", "b.example")
		id := create(t, s, l).ID
		steps := make([]step, 20)
		for i := range steps {
			steps[i] = l.grow(3, 100)
		}
		var wg sync.WaitGroup
		for range 12 {
			wg.Go(func() {
				for range 10 {
					view(t, s, func(tx *store.Tx) error {
						o, err := tx.Outbox(l.origin.String())
						if err != nil {
							return err
						}
						n := int64(0)
						err = tx.Entries(id, 0, store.MaxEntries, func(int64, exchange.Entry) error { n++; return nil })
						if n != o.Head.Size {
							t.Errorf("%d entries below a head of %d", n, o.Head.Size)
						}
						return err
					})
				}
			})
		}
		for _, st := range steps {
			appendStep(t, s, id, st)
		}
		wg.Wait()
	})
}
