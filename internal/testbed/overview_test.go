package testbed

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"verbale/internal/docket"
	"verbale/internal/node"
	"verbale/internal/store"
)

// crowded is a node with so many open cases over eight links, beside those that it really exchanged: copies of these with other keys, deadlines and
// moves. Its store is no store that fsck could pass, and is on disk.
func crowded(b *testing.B, open int) *node.Node {
	bed := New(b)
	x := bed.PartyOnDisk("aurelia.example", store.Options{})
	var lines []node.CaseLine
	for i := range 8 {
		y := bed.Party(fmt.Sprintf("peer%d.example", i))
		bed.Link(x, y)
		for range 8 {
			x.Appeal(y, "mitigate")
			y.Appeal(x, "clarify")
		}
		x.Push(y)
		y.Push(x)
		lines = append(lines, x.Cases(y)...)
	}
	dir := b.TempDir()
	bed.must(x.Store.Backup(b.Context(), filepath.Join(dir, "verbale.db")))
	bed.must(os.Chmod(dir, 0o700))
	s := bed.open(dir, store.Options{})
	b.Cleanup(func() { bed.must(s.Close()) })
	const batch = 1000
	for n := 0; n < open; n += batch {
		bed.must(s.Update(b.Context(), func(tx *store.Tx) error {
			for i := n; i < n+batch; i++ {
				l := lines[i%len(lines)]
				if err := tx.PutCase(l.Link, like(l.View.Case, i, bed.Now())); err != nil {
					return err
				}
			}
			return nil
		}))
	}
	c := x.config()
	c.Store = s
	copied, err := node.Open(b.Context(), c)
	bed.must(err)
	b.Cleanup(copied.Close)
	return copied
}

// like is a case as c is one, open, and at one of several statuses.
func like(c docket.Case, n int, now time.Time) docket.Case {
	o := *c.Open
	at := func(d time.Duration) string { return now.Add(d).Format(time.RFC3339) }
	o.AcknowledgeBy, o.ReplyBy = at(time.Duration(n%5000)*time.Minute+30*time.Hour), at(time.Duration(n%9000)*time.Minute+60*time.Hour)
	c = docket.Case{Key: fmt.Sprintf("%043d", n), Open: &o}
	for i, act := range [][]string{nil, {docket.ActAcknowledge}, {docket.ActAcknowledge, docket.ActAccept}, {docket.ActAcknowledge, docket.ActProgress}}[n%4] {
		m := docket.Move{Outbox: o.To + "/to/" + o.From + "/1", Index: int64(i), Leaf: fmt.Sprintf("m%042d", n+i), By: o.To, Act: act, ToOutbox: o.Outbox, ToIndex: o.Index, ReleasedAt: at(0)}
		if act == docket.ActAccept {
			m.Word = "full"
		}
		c.Moves = append(c.Moves, m)
	}
	return c
}

// BenchmarkOverview is the start page of a node with 100,000 open cases; of them none late, a hundred, or most.
func BenchmarkOverview(b *testing.B) {
	n := crowded(b, 100_000)
	b.Run("start-page", func(b *testing.B) {
		for b.Loop() {
			o, err := n.Overview(b.Context(), node.Sight{}, 20)
			if err != nil || o.ToAcknowledge.Count+o.ToAnswer.Count+o.Waiting.Count < 100_000 {
				b.Fatal(o.ToAcknowledge.Count, o.ToAnswer.Count, o.Waiting.Count, err)
			}
		}
	})
	for name, q := range map[string]node.CaseQuery{"our-turn-by-due": {Turn: n.Party(), ByDue: true, Limit: 50}, "newest": {Limit: 50}, "answered": {Is: docket.Answered, Limit: 50},
		"received-of-a-link": {Party: "peer3.example", Is: docket.Received, Limit: 50}} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := n.Cases(b.Context(), q); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("page-of-a-link", func(b *testing.B) {
		for b.Loop() {
			if _, err := n.Link(b.Context(), "peer3.example"); err != nil {
				b.Fatal(err)
			}
		}
	})
}
