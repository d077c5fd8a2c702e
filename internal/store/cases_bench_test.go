package store_test

import (
	"fmt"
	"testing"
	"time"

	"verbale/internal/docket"
	"verbale/internal/store"
)

// appeal is a case as a node has them: every third of ours, with clocks, acknowledged, or answered.
func appeal(n int, acts ...string) docket.Case {
	us, them := "a.example", fmt.Sprintf("b%d.example", n%19)
	from, to := them, us
	if n%3 == 0 {
		from, to = us, them
	}
	at := day.Add(time.Duration(n) * time.Second)
	o := &docket.Opening{Outbox: from + "/to/" + to + "/1", Index: int64(n), From: from, To: to, Act: "appeal", Kind: []string{"clarify", "mitigate", "indicators"}[n%7%3],
		Class: []string{"substantive", "test"}[n%5/4], Channel: []string{"technical", "diplomatic"}[n%11/8], TLP: []string{"clear", "green", "amber"}[n%3],
		Urgency: "routine", Subject: "login attempts against the ministry", ReleasedAt: stamp(at), AcknowledgeBy: stamp(at.Add(4 * time.Hour)), ReplyBy: stamp(at.Add(24 * time.Hour))}
	c := docket.Case{Key: fmt.Sprintf("%043d", n), Open: o}
	for i, act := range acts {
		m := docket.Move{Outbox: to + "/to/" + from + "/1", Index: int64(n + i), Leaf: fmt.Sprintf("m%042d", n+i), By: to, Act: act, ToOutbox: o.Outbox, ToIndex: o.Index, ReleasedAt: stamp(at)}
		if act == "answer" {
			m.Finality, m.Outcome = "final", "done"
		}
		c.Moves = append(c.Moves, m)
	}
	return c
}

// otherOf is the link of an appeal.
func otherOf(c docket.Case) string {
	if c.Open.From == "a.example" {
		return c.Open.To
	}
	return c.Open.From
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// BenchmarkPutCase is what the docket costs of a record: batches of 256 appeals, then their acknowledgements, then their answers.
func BenchmarkPutCase(b *testing.B) {
	const batch = 256
	s := openDisk(b, b.TempDir(), store.Options{})
	n, records := 0, 0
	for b.Loop() {
		for _, acts := range [][]string{nil, {"acknowledge"}, {"acknowledge", "answer"}} {
			update(b, s, func(tx *store.Tx) error {
				for i := range batch {
					c := appeal(n+i, acts...)
					if err := tx.PutCase(otherOf(c), c); err != nil {
						return err
					}
				}
				return nil
			})
			records += batch
		}
		n += batch
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(records), "µs/record")
}

// docket100k gives a store with 100,000 open cases and as many closed ones.
func docket100k(b *testing.B) *store.Store {
	b.Helper()
	s := openDisk(b, b.TempDir(), store.Options{})
	const batch = 1000
	for n := 0; n < 200_000; n += batch {
		update(b, s, func(tx *store.Tx) error {
			for i := n; i < n+batch; i++ {
				c := appeal(i, [][]string{nil, {"acknowledge", "answer"}, {"acknowledge"}, {"acknowledge", "answer"}}[i%4]...)
				if err := tx.PutCase(otherOf(c), c); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return s
}

// BenchmarkLists is what a page asks for, with 100,000 open cases and as many closed ones.
func BenchmarkLists(b *testing.B) {
	s := docket100k(b)
	now := day.Add(20 * time.Hour)
	ours := store.Filter{Turns: []store.Side{store.Ours}}
	list := func(f store.Filter, order store.Order) func(tx *store.Tx) error {
		return func(tx *store.Tx) error {
			rows, err := tx.CasesWhere(f, order, store.Cursor{}, 50)
			if err == nil && len(rows) != 50 {
				return fmt.Errorf("%d lines", len(rows))
			}
			return err
		}
	}
	count := func(f store.Filter, by ...store.Group) func(tx *store.Tx) error {
		return func(tx *store.Tx) error {
			_, err := tx.CountCases(f, now, by...)
			return err
		}
	}
	open := store.Filter{Turns: []store.Side{store.Ours, store.Theirs}}
	for _, c := range []struct {
		name string
		run  []func(tx *store.Tx) error
	}{
		{"start page", []func(tx *store.Tx) error{list(ours, store.ByDue), count(open, store.GroupTurn)}},
		{"start page by link", []func(tx *store.Tx) error{list(ours, store.ByDue), count(open, store.GroupTurn, store.GroupLink)}},
		{"newest", []func(tx *store.Tx) error{list(store.Filter{}, store.Newest)}},
		{"newest of a link", []func(tx *store.Tx) error{list(store.Filter{Link: "b7.example"}, store.Newest)}},
		{"newest, our turn", []func(tx *store.Tx) error{list(ours, store.Newest)}},
		{"by due, our turn", []func(tx *store.Tx) error{list(ours, store.ByDue)}},
		{"by due, our turn on a link", []func(tx *store.Tx) error{list(store.Filter{Link: "b7.example", Turns: ours.Turns}, store.ByDue)}},
		{"answered", []func(tx *store.Tx) error{list(store.Filter{Status: "answered"}, store.Newest)}},
		{"count of a link", []func(tx *store.Tx) error{count(store.Filter{Link: "b7.example"}, store.GroupOpened, store.GroupTurn, store.GroupStatus)}},
	} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				view(b, s, func(tx *store.Tx) error {
					for _, run := range c.run {
						if err := run(tx); err != nil {
							return err
						}
					}
					return nil
				})
			}
		})
	}
}
