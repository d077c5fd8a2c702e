package store_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"verbale/internal/docket"
	"verbale/internal/store"
)

// rowOf reads a case of a link with its columns.
func rowOf(t *testing.T, s *store.Store, link, key string) (found store.CaseRow) {
	t.Helper()
	view(t, s, func(tx *store.Tx) error {
		rows, err := tx.Cases(link, 0, store.MaxCasesPage)
		for _, r := range rows {
			if r.Case.Key == key {
				found = r
			}
		}
		return err
	})
	if found.ID == 0 {
		t.Fatalf("there is no case %s on the link with %s", key, link)
	}
	return found
}

func put(t *testing.T, s *store.Store, c docket.Case) {
	t.Helper()
	update(t, s, func(tx *store.Tx) error { return tx.PutCase(otherOf(c), c) })
}

// The reminders of a case begin anew when somebody else must act, or for something else, and only then.
func TestStage(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		open := appeal(1)
		link, key := otherOf(open), open.Key
		ack, reply := day.Add(time.Second+4*time.Hour), day.Add(time.Second+24*time.Hour)
		lookAck, lookReply := day.Add(time.Second+3*time.Hour), day.Add(time.Second+18*time.Hour) // a quarter of the time before
		last := int64(0)
		check := func(turn store.Side, stage int, due, next time.Time) {
			t.Helper()
			r := rowOf(t, s, link, key)
			if r.Turn != turn || r.Stage != stage || !r.Due.Equal(due) || !r.Next.Equal(next) || r.Opened != store.Theirs {
				t.Errorf("got turn %d, stage %d, due %v, next %v; want %d, %d, %v, %v", r.Turn, r.Stage, r.Due, r.Next, turn, stage, due, next)
			}
			if r.Changed <= last {
				t.Errorf("change %d after %d", r.Changed, last)
			}
			last = r.Changed
		}
		put(t, s, open)
		check(store.Ours, 0, ack, lookAck)
		later := ack.Add(time.Hour)
		update(t, s, func(tx *store.Tx) error { return tx.SetStage(link, key, 2, later) })
		check(store.Ours, 2, ack, later)
		irregular := appeal(1, "acknowledge")
		irregular.Moves[0].Irregular = "A-1"
		put(t, s, open) // nothing is new
		check(store.Ours, 2, ack, later)
		put(t, s, irregular)
		check(store.Ours, 2, ack, lookAck)
		put(t, s, appeal(1, "acknowledge"))
		check(store.Ours, 0, reply, lookReply)
		update(t, s, func(tx *store.Tx) error { return tx.SetStage(link, key, 3, time.Time{}) })
		check(store.Ours, 3, reply, time.Time{})
		put(t, s, appeal(1, "acknowledge", "answer"))
		check(store.Nobody, 0, time.Time{}, time.Time{})
		soon := func(i docket.Index) time.Time { return i.Due.Add(-time.Hour) }
		update(t, s, func(tx *store.Tx) error { return tx.PutCaseWith(link, open, soon) })
		check(store.Ours, 0, ack, ack.Add(-time.Hour))
		update(t, s, func(tx *store.Tx) error {
			return tx.PutCaseWith(link, appeal(1, "acknowledge"), func(docket.Index) time.Time { return time.Time{} })
		})
		check(store.Ours, 0, reply, time.Time{})
		update(t, s, func(tx *store.Tx) error { return errors.Join(tx.TouchCase(link, key), tx.TouchCase(link, "none")) })
		check(store.Ours, 0, reply, time.Time{})
		want(t, store.NotFound, s.Update(t.Context(), func(tx *store.Tx) error { return tx.SetStage(link, "none", 1, day) }))
		view(t, s, func(tx *store.Tx) error {
			want(t, store.Refused, tx.SetStage(link, key, 1, day))
			return nil
		})
	})
}

// A case expires when its caller says so; until then it is listed as before, and is due when it expires.
func TestExpire(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		c := appeal(1)
		ack, expires := day.Add(time.Second+4*time.Hour), day.Add(time.Hour)
		c.Open.ExpiresAt = stamp(expires)
		link := otherOf(c)
		check := func(turn store.Side, due, next time.Time, expired, open int64) {
			t.Helper()
			if r := rowOf(t, s, link, c.Key); r.Turn != turn || !r.Due.Equal(due) || !r.Next.Equal(next) || r.Stage != 0 {
				t.Errorf("got turn %d, due %v, next %v; want %d, %v, %v", r.Turn, r.Due, r.Next, turn, due, next)
			}
			view(t, s, func(tx *store.Tx) error {
				a, err := tx.CountCases(store.Filter{Status: docket.Expired}, day)
				b, err2 := tx.CountCases(store.Filter{Turns: []store.Side{store.Ours}}, day)
				if err = errors.Join(err, err2); err == nil && (a[0].N != expired || b[0].N != open) {
					t.Errorf("%d expired and %d open", a[0].N, b[0].N)
				}
				return err
			})
		}
		for range 2 {
			put(t, s, c)
			check(store.Ours, ack, expires, 0, 1)
			before := rowOf(t, s, link, c.Key).Changed
			update(t, s, func(tx *store.Tx) error { return tx.Expire(link, c.Key) })
			check(store.Nobody, time.Time{}, time.Time{}, 1, 0)
			if rowOf(t, s, link, c.Key).Changed <= before {
				t.Error("an end is no change")
			}
		}
		done := appeal(1, "acknowledge", "answer")
		done.Open.ExpiresAt = c.Open.ExpiresAt
		put(t, s, done)
		check(store.Nobody, time.Time{}, time.Time{}, 0, 0)
		want(t, store.NotFound, s.Update(t.Context(), func(tx *store.Tx) error { return tx.Expire(link, "none") }))
	})
}

func TestDueCases(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		due := func(now time.Time, limit int) (keys string) {
			view(t, s, func(tx *store.Tx) error {
				rows, err := tx.DueCases(now, limit)
				for _, r := range rows {
					keys += strings.TrimLeft(r.Case.Key, "0") + " "
				}
				return err
			})
			return keys
		}
		next := func() (at time.Time, found bool) {
			view(t, s, func(tx *store.Tx) (err error) {
				at, found, err = tx.NextDue()
				return err
			})
			return at, found
		}
		if _, found := next(); found || due(day.AddDate(9, 0, 0), 5) != "" {
			t.Error("something is due in an empty docket")
		}
		for _, n := range []int{30, 10, 20, 40} {
			put(t, s, appeal(n))
		}
		put(t, s, appeal(5, "acknowledge", "answer"))
		at := day.Add(3*time.Hour + 20*time.Second)
		if got := due(at, 10) + "|" + due(at.Add(-time.Second), 10) + "|" + due(at.AddDate(1, 0, 0), 3) + "|" + due(at, 0); got != "10 20 |10 |10 20 30 |" {
			t.Error(got)
		}
		if got, found := next(); !found || !got.Equal(day.Add(3*time.Hour+10*time.Second)) {
			t.Error(got, found)
		}
		c := appeal(10)
		update(t, s, func(tx *store.Tx) error { return tx.SetStage(otherOf(c), c.Key, 1, at.Add(time.Hour)) })
		if got := due(at.AddDate(1, 0, 0), 10); got != "20 30 40 10 " {
			t.Error(got)
		}
	})
}

// The feed gives every case once, as it is now, and goes on where it was, over a docket made anew as well.
func TestChangedSince(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		seen := int64(0)
		feed := func() (keys string) {
			view(t, s, func(tx *store.Tx) error {
				for {
					rows, err := tx.ChangedSince(seen, 2)
					if err != nil || len(rows) == 0 {
						return err
					}
					for _, r := range rows {
						if r.Changed <= seen {
							t.Errorf("change %d after %d", r.Changed, seen)
						}
						seen = r.Changed
						keys += fmt.Sprint(strings.TrimLeft(r.Case.Key, "0"), len(r.Case.Moves), " ")
					}
				}
			})
			return keys
		}
		newest := func() (n int64) {
			view(t, s, func(tx *store.Tx) (err error) {
				n, err = tx.Changed()
				return err
			})
			if n < seen {
				t.Errorf("the newest change is %d, and %d was seen", n, seen)
			}
			return n
		}
		if feed() != "" || newest() != 0 {
			t.Error("an empty docket has changed")
		}
		update(t, s, func(tx *store.Tx) error {
			for n := 1; n <= 5; n++ {
				if err := tx.PutCase("b.example", appeal(n)); err != nil {
					return err
				}
			}
			return tx.PutCase("b.example", appeal(2, "acknowledge"))
		})
		if got := feed(); got != "10 30 40 50 21 " || newest() != seen {
			t.Error(got)
		}
		update(t, s, func(tx *store.Tx) error { return tx.SetStage("b.example", appeal(3).Key, 1, day) })
		if got := feed(); got != "30 " {
			t.Error(got)
		}
		update(t, s, func(tx *store.Tx) error {
			return tx.ReplaceCases(func(put func(string, docket.Case) error) error { return put("b.example", appeal(4)) })
		})
		if got := feed(); got != "40 " {
			t.Error(got)
		}
		update(t, s, func(tx *store.Tx) error {
			return tx.ReplaceCases(func(func(string, docket.Case) error) error { return nil })
		})
		if got := feed(); got != "" || newest() < seen {
			t.Error(got)
		}
		put(t, s, appeal(9))
		if got := feed(); got != "90 " {
			t.Error(got)
		}
	})
}

// A docket made anew keeps the places of its cases and where their reminders are.
func TestReplaceKeepsReminders(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		a, b := appeal(1), appeal(2)
		put(t, s, a)
		put(t, s, b)
		at := day.Add(time.Hour)
		update(t, s, func(tx *store.Tx) error { return tx.SetStage(otherOf(a), a.Key, 2, at) })
		update(t, s, func(tx *store.Tx) error { return tx.SetStage(otherOf(b), b.Key, 2, at) })
		before := rowOf(t, s, otherOf(a), a.Key)
		update(t, s, func(tx *store.Tx) error {
			return tx.ReplaceCases(func(put func(string, docket.Case) error) error {
				b = appeal(2, "acknowledge")
				if err := put(otherOf(b), b); err != nil {
					return err
				}
				return put(otherOf(a), a)
			})
		})
		if r := rowOf(t, s, otherOf(a), a.Key); r.ID != before.ID || r.Stage != 2 || !r.Next.Equal(at) || r.Changed <= before.Changed {
			t.Errorf("got %+v, was %+v", r, before)
		}
		if r := rowOf(t, s, otherOf(b), b.Key); r.Stage != 0 || !r.Next.Equal(r.Due.Add(-6*time.Hour)) {
			t.Errorf("got %+v", r)
		}
	})
}

// Whoever waits for a change is woken by the commit of one, and by nothing else.
func TestChanges(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		news := s.Changes()
		woken := func() bool {
			select {
			case <-news:
				return true
			default:
				return false
			}
		}
		update(t, s, func(tx *store.Tx) error { return tx.SetMeta("a", "b") })
		failed := errors.New("failed")
		if err := s.Update(t.Context(), func(tx *store.Tx) error { return errors.Join(tx.PutCase("b.example", appeal(1)), failed) }); !errors.Is(err, failed) {
			t.Fatal(err)
		}
		if woken() {
			t.Error("woken by nothing")
		}
		put(t, s, appeal(1))
		if !woken() {
			t.Error("not woken")
		}
		if news = s.Changes(); woken() {
			t.Error("woken twice by one change")
		}
	})
}
