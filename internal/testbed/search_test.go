package testbed

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"verbale/internal/node"
	"verbale/internal/store"
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
