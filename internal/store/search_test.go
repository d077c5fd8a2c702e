package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"verbale/internal/store"
)

const origin = "a.example/to/b.example/1"

func openSearch(t testing.TB, s *store.Store) *store.Search {
	t.Helper()
	x := store.OpenSearch(s)
	t.Cleanup(func() {
		if err := x.Close(); err != nil {
			t.Error(err)
		}
	})
	return x
}

// onEachSearch runs a test in memory and on disk.
func onEachSearch(t *testing.T, test func(t *testing.T, x *store.Search)) {
	t.Helper()
	for _, e := range engines() {
		t.Run(e.name, func(t *testing.T) { test(t, openSearch(t, e.open(t))) })
	}
}

func text(index int64, subject, body string) store.Text {
	return store.Text{Index: index, Link: "b.example", Case: fmt.Sprint("case", index), Act: "appeal", Kind: "clarify", TLP: "green",
		At: day.Add(time.Duration(index) * time.Minute), Subject: subject, Body: body}
}

// feed adds texts in one piece, which begins at the index of the first.
func feed(t testing.TB, x *store.Search, texts ...store.Text) {
	t.Helper()
	if err := x.Add(t.Context(), origin, texts[0].Index, texts[len(texts)-1].Index+1, texts); err != nil {
		t.Fatal(err)
	}
}

// find gives the indexes that a query finds, the newest first.
func find(t testing.TB, x *store.Search, query string, f store.SearchFilter) (found []int64) {
	t.Helper()
	hits, err := x.Find(t.Context(), query, f, store.SearchNewest, store.SearchCursor{}, 100)
	if err != nil {
		t.Errorf("%q: %v", query, err)
	}
	for _, h := range hits {
		found = append(found, h.Index)
	}
	return found
}

func TestSearchLanguages(t *testing.T) {
	onEachSearch(t, func(t *testing.T, x *store.Search) {
		feed(t, x,
			text(0, "Richiesta di chiarimento", "Perché la città è stata colpita? Indirizzo 192.0.2.17, dominio ministero.example"),
			text(1, "Запрос о разъяснении", "Почему атакован город? Отчёт приложен. ЁЖИК"),
			text(2, "Ещё один", "Йод и\u0306од"),
			text(3, "Request", "Why was the city hit? STRASSE straße"))
		for query, want := range map[string][]int64{
			"citta": {0}, "CITTÀ": {0}, "Perche": {0}, "perché la città": {0}, "perche\u0301": {0}, "citta colpita": {0}, "citta city": nil,
			"запрос": {1}, "ГОРОД": {1}, "отчет": {1}, "ОТЧЁТ": {1}, "ежик": {1}, "еще": {2}, "йод": {2}, "иод": nil, "разъясн": {1}, "разъясн ": nil, "разъяснени прилож": nil,
			"192.0.2.17": {0}, "192.0.2": {0}, "2.17": {0}, "192.0.2.18": nil, "ministero.example": {0}, "STRASSE": {3}, "city": {3}, "CIT": {3, 0}, "cit": {3, 0}, "c": nil, "cit ": nil,
		} {
			if got := find(t, x, query, store.SearchFilter{}); !slices.Equal(got, want) {
				t.Errorf("%q finds %v, want %v", query, got, want)
			}
		}
	})
}

func TestSnippet(t *testing.T) {
	onEachSearch(t, func(t *testing.T, x *store.Search) {
		feed(t, x, text(0, "Отчёт <b>", "one \x02two\x03 \x00three <i>отчёт</i>"), text(1, "short", strings.Repeat("word ", 1000)+"needle"+strings.Repeat(" word", 1000)))
		for query, want := range map[string]string{"three": "one  two   \x02three\x03 <i>отчёт</i>", "отчет b": "\x02Отчёт\x03 <\x02b\x03>"} {
			hits, err := x.Find(t.Context(), query, store.SearchFilter{}, store.SearchBest, store.SearchCursor{}, 5)
			if err != nil || len(hits) != 1 || hits[0].Snippet != want {
				t.Errorf("%q: %+v, %v", query, hits, err)
			}
		}
		hits, err := x.Find(t.Context(), "needle", store.SearchFilter{}, store.SearchBest, store.SearchCursor{}, 5)
		if err != nil || len(hits) != 1 || !strings.Contains(hits[0].Snippet, "word \x02needle\x03 word") || len(hits[0].Snippet) > 200 {
			t.Errorf("%+v, %v", hits, err)
		}
		want := text(1, "short", "")
		if h := hits[0]; h.Outbox != origin || h.Text != want {
			t.Errorf("got %+v, want %+v", h.Text, want)
		}
	})
}

func TestSearchFilter(t *testing.T) {
	onEachSearch(t, func(t *testing.T, x *store.Search) {
		var texts []store.Text
		for i := range int64(12) {
			w := text(i, "word", "")
			w.Link, w.TLP = []string{"b.example", "c.example"}[i%2], []string{"clear", "green", "red"}[i%3]
			w.Kind, w.Act = []string{"clarify", ""}[i/6], []string{"appeal", "answer"}[i/6]
			texts = append(texts, w)
		}
		feed(t, x, texts...)
		for _, c := range []struct {
			f    store.SearchFilter
			want []int64
		}{
			{store.SearchFilter{Links: []string{"c.example"}}, []int64{11, 9, 7, 5, 3, 1}},
			{store.SearchFilter{Links: []string{"c.example", "d.example", "b.example"}, TLPs: []string{"red", "green"}}, []int64{11, 10, 8, 7, 5, 4, 2, 1}},
			{store.SearchFilter{Kinds: []string{"clarify"}, TLPs: []string{"red"}}, []int64{5, 2}},
			{store.SearchFilter{Acts: []string{"answer"}, Since: day.Add(9 * time.Minute)}, []int64{11, 10, 9}},
			{store.SearchFilter{Since: day.Add(time.Hour)}, nil},
			{store.SearchFilter{Since: day.AddDate(-3000, 0, 0), Links: []string{"d.example"}}, nil},
			{store.SearchFilter{Links: []string{}}, nil}, {store.SearchFilter{TLPs: []string{}}, nil}, {store.SearchFilter{Kinds: []string{}}, nil},
		} {
			if got := find(t, x, "word", c.f); !slices.Equal(got, c.want) {
				t.Errorf("%+v finds %v, want %v", c.f, got, c.want)
			}
		}
	})
}

// Pages of any length together are the whole list, in either order, and nothing comes twice.
func TestSearchPages(t *testing.T) {
	x := openSearch(t, openMemory(t))
	random := uint64(1)
	var texts []store.Text
	for i := range int64(60) {
		random = random*6364136223846793005 + 1442695040888963407
		w := text(i, "", strings.Repeat("alpha ", int(random>>60))+"alpha "+strings.Repeat("beta ", int(i%5)))
		w.At = day.Add(time.Duration(random>>62) * time.Second) // several of one second
		texts = append(texts, w)
	}
	feed(t, x, texts...)
	for _, order := range []store.SearchOrder{store.SearchNewest, store.SearchBest} {
		whole, err := x.Find(t.Context(), "alpha", store.SearchFilter{}, order, store.SearchCursor{}, 100)
		if err != nil || len(whole) != len(texts) {
			t.Fatalf("%d found, %v", len(whole), err)
		}
		for i, h := range whole[1:] {
			if before := whole[i]; order == store.SearchNewest && h.At.After(before.At) || order == store.SearchBest && h.Cursor.Rank < before.Cursor.Rank {
				t.Errorf("order %d: %+v after %+v", order, h.Cursor, before.Cursor)
			}
		}
		rapid.Check(t, func(rt *rapid.T) {
			var paged []store.Hit
			for after := (store.SearchCursor{}); ; {
				page, err := x.Find(t.Context(), "alpha", store.SearchFilter{}, order, after, rapid.IntRange(1, 30).Draw(rt, "limit"))
				if err != nil {
					rt.Fatal(err)
				}
				if len(page) == 0 {
					break
				}
				paged, after = append(paged, page...), page[len(page)-1].Cursor
			}
			if !slices.Equal(paged, whole) {
				rt.Errorf("order %d: %d paged, %d in all", order, len(paged), len(whole))
			}
		})
	}
}

func TestAddKeepsCount(t *testing.T) {
	onEachSearch(t, func(t *testing.T, x *store.Search) {
		l := newLog(t, "a.example", "b.example")
		boxes := func(size int64) []store.Outbox {
			o := store.Outbox{Origin: l.origin}
			o.Head.Size = size
			return []store.Outbox{o}
		}
		next := func(size int64) int64 {
			t.Helper()
			n, err := x.Next(t.Context(), boxes(size))
			if err != nil || len(n) != 1 {
				t.Fatal(n, err)
			}
			return n[l.origin.String()]
		}
		if n := next(10); n != 0 {
			t.Error(n)
		}
		add := func(from, to int64, texts ...store.Text) error {
			return x.Add(t.Context(), l.origin.String(), from, to, texts)
		}
		if err := errors.Join(add(0, 3, text(1, "one", "")), add(3, 5)); err != nil || next(10) != 5 {
			t.Error(err)
		}
		for _, err := range []error{add(3, 6, text(4, "again", "")), add(6, 7)} {
			want(t, store.Conflict, err)
		}
		for _, err := range []error{add(5, 6, text(6, "outside", "")), add(5, 6, text(4, "outside", "")), add(5, 4), add(-1, 0), add(5, 5000, make([]store.Text, store.MaxSearchBatch+1)...)} {
			want(t, store.Refused, err)
		}
		if got := find(t, x, "again", store.SearchFilter{}); got != nil || next(5) != 5 {
			t.Error("what was refused is found")
		}
		if n := next(4); n != 0 || find(t, x, "one", store.SearchFilter{}) != nil { // the outbox is older than the search
			t.Error("the search is ahead of the outbox and stays")
		}
		if err := add(0, 3, text(1, "one", "")); err != nil || next(3) != 3 {
			t.Error(err)
		}
		if n, err := x.Next(t.Context(), nil); err != nil || len(n) != 0 || find(t, x, "one", store.SearchFilter{}) != nil { // the outbox is gone
			t.Error("the outbox is gone and its texts stay", n, err)
		}
	})
}

// A second holds any number of texts, and times that no record should have do no harm.
func TestSearchTimes(t *testing.T) {
	x := openSearch(t, openMemory(t))
	var texts []store.Text
	for i, at := range []time.Time{{}, time.Unix(-5, 0), time.Unix(0, 0), day, day, day.AddDate(20000, 0, 0)} {
		w := text(int64(i), "word", "")
		w.At = at
		texts = append(texts, w)
	}
	feed(t, x, texts...)
	if got := find(t, x, "word", store.SearchFilter{}); !slices.Equal(got, []int64{5, 4, 3, 2, 1, 0}) {
		t.Error(got)
	}
}

func TestDropText(t *testing.T) {
	dir := t.TempDir()
	s := openDisk(t, dir, store.Options{})
	x := openSearch(t, s)
	secret := text(1, "Отчёт", "xylophonesecret and more")
	feed(t, x, text(0, "kept", "xylophone"), secret, text(2, "kept", "xylophone"))
	for _, index := range []int64{1, 1, 7} {
		if err := x.Drop(t.Context(), origin, index); err != nil {
			t.Fatal(err)
		}
	}
	if err := x.Drop(t.Context(), "nobody/to/nobody/1", 0); err != nil {
		t.Error(err)
	}
	if got := find(t, x, "отчет", store.SearchFilter{}); got != nil {
		t.Error("what was dropped is found", got)
	}
	if got := find(t, x, "xylo", store.SearchFilter{}); !slices.Equal(got, []int64{2, 0}) {
		t.Error(got)
	}
	for _, name := range []string{"search.db", "search.db-wal"} { // terms share beginnings in the index: look for the end
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		for _, word := range []string{"secret", "Отчёт", "отчет"} {
			if bytes.Contains(b, []byte(word)) {
				t.Errorf("%s still holds %s", name, word)
			}
		}
	}
}

// The file is nobody else's, survives a restart, and is in no backup.
func TestSearchFile(t *testing.T) {
	dir := t.TempDir()
	s := openDisk(t, dir, store.Options{})
	x := openSearch(t, s)
	if got := listing(t, dir); strings.Contains(got, "search") {
		t.Errorf("before anybody searched: %s", got)
	}
	feed(t, x, text(0, "xylophone", ""))
	if got := listing(t, dir); !strings.Contains(got, "search.db ") {
		t.Errorf("the folder holds %s", got)
	}
	backup := filepath.Join(t.TempDir(), "backup")
	if err := s.Backup(t.Context(), backup); err != nil {
		t.Fatal(err)
	}
	if got := listing(t, filepath.Dir(backup)); got != "backup" || bytes.Contains(readFile(t, backup), []byte("xylophone")) {
		t.Errorf("the search is in the backup: %s", got)
	}
	for range 2 {
		if err := x.Close(); err != nil {
			t.Error(err)
		}
	}
	_, err := x.Find(t.Context(), "xylophone", store.SearchFilter{}, store.SearchNewest, store.SearchCursor{}, 1)
	want(t, store.Refused, err)
	if got := find(t, openSearch(t, s), "xylophone", store.SearchFilter{}); !slices.Equal(got, []int64{0}) {
		t.Errorf("after a restart: %v", got)
	}
}

// Whatever became of the file, the search opens, and can be fed anew. The database is not touched.
func TestDamagedSearch(t *testing.T) {
	dir := t.TempDir()
	s := openDisk(t, dir, store.Options{})
	path := filepath.Join(dir, "search.db")
	l := newLog(t, "a.example", "b.example")
	o := store.Outbox{Origin: l.origin}
	o.Head.Size = 150
	var texts []store.Text
	for i := range int64(150) {
		texts = append(texts, text(i, fmt.Sprint("word", i), strings.Repeat(fmt.Sprint("text", i%17, " "), 30)))
	}
	fed := 0
	all := func(x *store.Search) {
		t.Helper()
		for range 2 { // what is damaged may show only when it is read
			next, err := x.Next(t.Context(), []store.Outbox{o})
			if err != nil {
				t.Fatal(err)
			}
			if n := next[l.origin.String()]; n == 0 {
				fed++
				if err := x.Add(t.Context(), l.origin.String(), 0, 150, texts); err != nil {
					t.Fatal(err)
				}
			} else if n != 150 {
				t.Fatalf("the search is at %d", n)
			}
			for _, query := range []string{"word7", "text3", "text"} {
				if _, err := x.Find(t.Context(), query, store.SearchFilter{}, store.SearchBest, store.SearchCursor{}, 100); err != nil {
					t.Errorf("%q: %v", query, err)
				}
			}
		}
	}
	x := store.OpenSearch(s)
	all(x)
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	whole := readFile(t, path)
	for name, file := range damages(whole) {
		if err := errors.Join(os.WriteFile(path, file, 0o600), os.RemoveAll(path+"-wal"), os.RemoveAll(path+"-shm")); err != nil {
			t.Fatal(err)
		}
		x := store.OpenSearch(s)
		all(x)
		if err := x.Close(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := errors.Join(os.Remove(path), os.WriteFile(path+"-wal", []byte("left over"), 0o600)); err != nil {
		t.Fatal(err)
	}
	x = openSearch(t, s)
	all(x)
	if fed < 5 {
		t.Errorf("damage was found %d times only", fed)
	}
	if err := s.Integrity(t.Context()); err != nil {
		t.Error(err)
	}
}

// Who searches while others feed, drop and reset finds what is there, and no error.
func TestSearchByMany(t *testing.T) {
	onEachSearch(t, func(t *testing.T, x *store.Search) {
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				for range 20 {
					find(t, x, "word", store.SearchFilter{})
				}
			})
		}
		all.Go(func() {
			at := int64(0)
			for i := range 20 {
				if i%7 == 6 {
					if err := x.Reset(); err != nil {
						t.Error(err)
					}
					at = 0
				}
				if err := x.Add(t.Context(), origin, at, at+1, []store.Text{text(at, "word", "more words")}); err != nil {
					t.Error(err)
				}
				if err := x.Drop(t.Context(), origin, at/2); err != nil {
					t.Error(err)
				}
				at++
			}
		})
		all.Wait()
	})
}

// A search that takes too long is broken off.
func TestSearchEnds(t *testing.T) {
	x := openSearch(t, openMemory(t))
	feed(t, x, text(0, "word", ""))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := x.Find(ctx, "word", store.SearchFilter{}, store.SearchBest, store.SearchCursor{}, 1); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if got := find(t, x, "word", store.SearchFilter{}); len(got) != 1 {
		t.Error(got)
	}
}

func damages(whole []byte) map[string][]byte {
	files := map[string][]byte{"none": whole, "empty": nil, "a text": []byte(strings.Repeat("hello ", 999)), "one byte": {7},
		"half": whole[:len(whole)/2], "a page": whole[:4096], "version": slices.Concat(whole[:60], []byte{0, 0, 0, 99}, whole[64:])}
	for page := 0; page < len(whole)/4096; page += 1 + len(whole)/4096/15 {
		file := slices.Clone(whole)
		for i := range 2000 {
			file[page*4096+1000+i] ^= byte(i*7 + 1)
		}
		files[fmt.Sprint("in page ", page)] = file
	}
	return files
}

func TestQueryWords(t *testing.T) {
	for query, want := range map[string]string{
		"one":           `"one"*`,
		"one two ":      `"one" "two"`,
		"a OR b":        `"a" "OR" "b"`,
		`say "hello"`:   `"say" "hello"`,
		`a"b`:           `"a" "b"`,
		"x NEAR/2 y-z":  `"x" "NEAR/2" "y-z"*`,
		"subject:a ^b*": `"subject:a" "^b*"*`,
		"- one -":       `"one"`,
		"one\x00two":    `"one" "two"*`,
		"ёлка":          `"елка"*`,
		"\xff\xfeone\n": `"one"`,
		"":              "", " ": "", "\"\"": "", "- *": "", "\x00": "",
		strings.Repeat("a ", store.MaxSearchWords+1):                   "",
		strings.Repeat("a", store.MaxSearchQuery+1):                    "",
		strings.TrimSpace(strings.Repeat("ab ", store.MaxSearchWords)): strings.TrimSpace(strings.Repeat(`"ab" `, store.MaxSearchWords)) + "*",
	} {
		got, err := store.MatchOf(query)
		if want == "" {
			if store.KindOf(err) != store.Query {
				t.Errorf("%q: %q, %v", query, got, err)
			}
		} else if got != want || err != nil {
			t.Errorf("%q: %s, %v; want %s", query, got, err, want)
		}
	}
}

// Nothing that can be typed is taken for an operator, or breaks the search.
func FuzzFind(f *testing.F) {
	for _, query := range []string{"one", `"`, `a" OR "b`, "NEAR(a b)", "subject:x", "*", "^a", "a AND NOT b", "{a b}: c", "a\x00b", "(", "ё", "\xff", "𝟙", "\u0301", "ꟊ", "a+b", "-a"} {
		f.Add(query)
	}
	s, err := store.OpenMemory(context.Background())
	if err != nil {
		f.Fatal(err)
	}
	x := store.OpenSearch(s)
	if err := x.Add(context.Background(), origin, 0, 1, []store.Text{text(0, "one", "two three")}); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, query string) {
		for _, order := range []store.SearchOrder{store.SearchNewest, store.SearchBest} {
			_, err := x.Find(t.Context(), query, store.SearchFilter{}, order, store.SearchCursor{}, 3)
			if err != nil && store.KindOf(err) != store.Query {
				t.Errorf("%q: %v", query, err)
			}
		}
		if hits, err := x.Find(t.Context(), "three", store.SearchFilter{}, store.SearchBest, store.SearchCursor{}, 3); err != nil || len(hits) != 1 {
			t.Errorf("after %q: %v, %v", query, hits, err)
		}
	})
}

func TestSearchStatements(t *testing.T) {
	queries := store.SearchQueries()
	for _, order := range []store.SearchOrder{store.SearchNewest, store.SearchBest} {
		for _, after := range []store.SearchCursor{{}, {ID: 1, Rank: -1}} {
			q, _ := store.SearchQuery(store.SearchFilter{Links: []string{"a", "b"}, TLPs: []string{"c"}, Kinds: []string{"d"}, Since: day}, order, after)
			queries = append(queries, q)
		}
	}
	for _, q := range queries {
		if outOfOrder(q) || strings.Contains(q, "?") {
			t.Error(q)
		}
	}
}
