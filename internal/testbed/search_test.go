package testbed

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"verbale/internal/node"
	"verbale/internal/store"
	"verbale/record"
)

// matches lists what a party finds: "by act subject", and the hits of the snippets.
func matches(t *testing.T, p *Party, q node.SearchQuery) (lines, hits []string) {
	t.Helper()
	page, err := p.Node.Search(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range page.Found {
		lines = append(lines, strings.TrimSpace(strings.TrimSuffix(f.By, ".example")+" "+f.Act+" "+f.Subject))
		for _, piece := range f.Snippet {
			if piece.Hit {
				hits = append(hits, piece.Text)
			}
		}
	}
	return lines, hits
}

// Both sides find what either wrote, by words of any field, at once; only what may be seen; and after the file is gone, all of it again.
func TestSearch(t *testing.T) {
	b := New(t)
	x := b.PartyOnDisk("aurelia.example", store.Options{})
	h := Play(b, "")
	h.Let("x", x)
	y, z := b.Party("borea.example"), b.Party("cinder.example")
	h.Let("y", y)
	h.Let("z", z)
	b.Link(x, y)
	b.Link(x, z)
	f := x.Draft("mitigate")
	f.SetText("subject", "Überlastung des Ministeriums")
	f.SetText("tlp", "red")
	_, err := x.Node.File(t.Context(), y.Name, f, "")
	h.must(err)
	h.Play(`
		+1m
		z -> x clarify #2
		z push x
		x push y
		+1m
		y ping x #3
		y push x
		x ack #2`)
	for _, c := range []struct {
		q    node.SearchQuery
		p    *Party
		want string
	}{
		{node.SearchQuery{Words: "uberlast"}, x, "aurelia appeal Überlastung des Ministeriums"},
		{node.SearchQuery{Words: "uberlast"}, y, "aurelia appeal Überlastung des Ministeriums"},
		{node.SearchQuery{Words: "uberlast"}, z, ""},
		{node.SearchQuery{Words: "c2.example.net"}, y, "aurelia appeal Überlastung des Ministeriums"},
		{node.SearchQuery{Words: "happened"}, x, "cinder appeal Test appeal|aurelia appeal Überlastung des Ministeriums"},
		{node.SearchQuery{Words: "happened", Party: y.Name}, x, "aurelia appeal Überlastung des Ministeriums"},
		{node.SearchQuery{Words: "happened", Kind: "clarify"}, x, "cinder appeal Test appeal"},
		{node.SearchQuery{Words: "happened", Since: b.Now().Add(-90 * time.Second)}, x, "cinder appeal Test appeal"},
		{node.SearchQuery{Words: "happened", Sight: node.Sight{TLP: "amber"}}, x, "cinder appeal Test appeal"},
		{node.SearchQuery{Words: "happened", Sight: node.Sight{Links: []string{z.Name}}}, x, "cinder appeal Test appeal"},
		{node.SearchQuery{Words: "happened", Party: y.Name, Sight: node.Sight{Links: []string{z.Name}}}, x, ""},
		{node.SearchQuery{Words: "happened", Limit: 1}, x, "cinder appeal Test appeal"},
	} {
		if got, _ := matches(t, c.p, c.q); strings.Join(got, "|") != c.want {
			t.Errorf("%s looks for %+v and finds %q, want %q", c.p.Name, c.q, got, c.want)
		}
	}
	if _, hits := matches(t, x, node.SearchQuery{Words: "happened when"}); !slices.Contains(hits, "happened") {
		t.Errorf("hits: %q", hits)
	}
	x.Stop()
	for _, name := range []string{"search.db", "search.db-wal", "search.db-shm"} {
		if err := os.Remove(filepath.Join(x.Dir, name)); err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
	}
	x.Restart()
	if got, _ := matches(t, x, node.SearchQuery{Words: "happened"}); len(got) != 2 {
		t.Errorf("after the file is gone: %q", got)
	}
}

// The words are never in the backup, and a node that keeps none writes none.
func TestSearchLeavesNothing(t *testing.T) {
	b := New(t)
	x, y := b.PartyOnDisk("aurelia.example", store.Options{}), b.Party("borea.example")
	b.Link(x, y)
	f := x.Draft("mitigate")
	f.SetText("subject", "unmistakable")
	_, err := x.Node.File(t.Context(), y.Name, f, "")
	b.must(err)
	if got, _ := matches(t, x, node.SearchQuery{Words: "unmistakable"}); len(got) != 1 {
		t.Fatal(got)
	}
	path := filepath.Join(t.TempDir(), "backup.db")
	b.must(x.Node.Backup(t.Context(), path))
	x.Stop()
	x.tune = func(c *node.Config) { c.NoSearch = true }
	b.must(os.Remove(filepath.Join(x.Dir, "search.db")))
	x.Restart()
	if _, err := x.Node.Search(t.Context(), node.SearchQuery{Words: "unmistakable"}); err == nil || node.AsError(err).Kind != node.NotAllowed {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Join(x.Dir, "search.db")); !os.IsNotExist(err) {
		t.Error(err)
	}
	copied := filepath.Join(t.TempDir(), "verbale.db")
	b.must(os.Rename(path, copied))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	s, err := store.Open(ctx, filepath.Dir(copied), store.Options{})
	b.must(err)
	search := store.OpenSearch(s)
	hits, err := search.Find(ctx, "unmistakable", store.SearchFilter{}, store.SearchNewest, store.SearchCursor{}, 10)
	if err != nil || len(hits) != 0 {
		t.Errorf("%d hits, %v", len(hits), err)
	}
	b.must(search.Close())
	b.must(s.Close())
}

// BenchmarkSearchWhileReceipted is receipted records per second of 64 callers while both nodes run with all their loops: with a search that is fed
// beside, and without. In the end the search has everything.
func BenchmarkSearchWhileReceipted(b *testing.B) {
	for _, off := range []bool{true, false} {
		b.Run(fmt.Sprintf("search=%t", !off), func(b *testing.B) {
			bed := New(b)
			var p [2]*Party
			for i, name := range []string{"aurelia.example", "borea.example"} {
				p[i] = bed.foundAs(&Party{Name: name, Dir: b.TempDir(), kind: "csirt", tune: func(c *node.Config) { c.NoSearch = off }}, store.Options{})
			}
			x, y := p[0], p[1]
			bed.Link(x, y)
			ctx, cancel := context.WithCancel(b.Context())
			var loops sync.WaitGroup
			for _, p := range p {
				loops.Go(func() { _ = p.Node.Run(ctx) })
			}
			draft, used := filler(x), processor()
			b.ResetTimer()
			var left atomic.Int64
			left.Store(int64(b.N))
			var wg sync.WaitGroup
			for range 64 {
				wg.Go(func() {
					for left.Add(-1) >= 0 {
						if _, err := x.Node.File(b.Context(), y.Name, draft, ""); err != nil {
							b.Error(err)
							return
						}
					}
				})
			}
			wg.Wait()
			for receiptedOf(b, x, y) < int64(b.N) {
				if _, err := x.Node.Push(b.Context(), y.Name, nil); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "receipted/s")
			b.ReportMetric(float64((processor()-used).Microseconds())/float64(b.N), "cpu-µs/record")
			b.StopTimer()
			cancel()
			loops.Wait()
			if off {
				return
			}
			begin, fed := time.Now(), int64(0)
			for left, err := y.Node.FeedSearch(b.Context()); left > 0; left, err = y.Node.FeedSearch(b.Context()) {
				bed.must(err)
				fed = max(fed, left)
			}
			b.ReportMetric(float64(time.Since(begin).Microseconds())/float64(max(fed, 1)), "µs/record-fed")
		})
	}
}

// receiptedOf is how many entries of x to y are receipted.
func receiptedOf(b *testing.B, x, y *Party) (n int64) {
	b.Helper()
	x.Bed.must(x.Store.View(b.Context(), func(tx *store.Tx) error {
		row, err := tx.Outbox(x.Name + "/to/" + y.Name + "/1")
		n = row.Receipted
		return err
	}))
	return n
}

// processor is how much processor time this process has used, all of it.
func processor() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// What a peer sends is taken in by pieces that fit into memory, however long its records are.
func TestSearchOfLongRecords(t *testing.T) {
	_, x, y := two(t)
	f := y.Draft("clarify")
	f.SetAttachments("attachments", record.Attachment{Data: make([]byte, 3<<20), MediaType: "application/octet-stream", Name: "dump"})
	for range 5 { // of some 4 MB each
		_, err := y.Node.File(t.Context(), x.Name, f, "")
		y.Bed.must(err)
	}
	y.Push(x)
	for _, want := range []int64{4, 3, 2, 1, 0} {
		if left, err := x.Node.FeedSearch(t.Context()); err != nil || left != want {
			t.Fatalf("%d entries are left, want %d: %v", left, want, err)
		}
	}
	if got, _ := matches(t, x, node.SearchQuery{Words: "happened"}); len(got) != 5 {
		t.Error(got)
	}
}

// Words in what is not seen show in nothing: not in how long a page is, and not in whether another one follows.
func TestSearchTellsNothingOfWhatIsNotSeen(t *testing.T) {
	b, x, y := two(t)
	green := node.Sight{TLP: "green"}
	for i, tlp := range []string{"green", "amber", "green", "amber"} {
		f := x.Draft("clarify")
		f.SetText("tlp", tlp)
		filed, err := x.Node.File(t.Context(), y.Name, f, "")
		b.must(err)
		x.Push(y)
		b.Later(time.Minute)
		y.Reply(x, filed.Ref, "acknowledge", map[string]string{"tlp": "green", "note": "unmistakable"})
		if i == 0 {
			y.Reply(x, filed.Ref, "answer", map[string]string{"tlp": "green", "text": "unmistakable", "outcome": "done", "finality": "final"})
		}
	}
	y.Push(x)
	for _, best := range []bool{false, true} {
		var seen []int
		q := node.SearchQuery{Words: "unmistakable", Sight: green, Limit: 1, Best: best}
		for {
			page, err := x.Node.Search(t.Context(), q)
			b.must(err)
			if seen = append(seen, len(page.Found)); page.Next == nil {
				break
			}
			q.After = *page.Next
		}
		if !slices.Equal(seen, []int{1, 1, 1, 0}) {
			t.Errorf("best %v: pages of %v", best, seen)
		}
	}
}

// Who sends without end does not keep the others out of the search.
func TestSearchIsFedFairly(t *testing.T) {
	b := New(t)
	h := Play(b, `z -> x clarify #1`)
	x, y := h.Party("x"), h.Party("y")
	for range 100 {
		y.Appeal(x, "clarify")
	}
	y.Push(x)
	h.Play(`z push x`)
	for _, want := range []int64{100, 36, 0} { // the one of z, and then those of y
		if left, err := x.Node.FeedSearch(t.Context()); err != nil || left != want {
			t.Fatalf("%d entries are left, want %d: %v", left, want, err)
		}
	}
}
