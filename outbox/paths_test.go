package outbox

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestPathsPrintParse(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		level := rapid.IntRange(0, maxLevel-1).Draw(r, "level")
		n := rapid.OneOf(rapid.Int64Range(0, 2000), rapid.Int64Range(0, MaxSize>>(8*level+8)-1)).Draw(r, "n") % (MaxSize >> (8*level + 8))
		width := rapid.IntRange(1, tileWidth).Draw(r, "width")
		path := TilePath(level, n, width)
		id, w, err := ParseTilePath(path)
		if err != nil || id != (TileID{level, n}) || w != width {
			r.Fatalf("%q: got %v, %d, %v", path, id, w, err)
		}
		if level > 0 {
			return
		}
		path = EntriesPath(n, width)
		m, w, err := ParseEntriesPath(path)
		if err != nil || m != n || w != width {
			r.Fatalf("%q: got %d, %d, %v", path, m, w, err)
		}
		if len(path) > maxPath {
			r.Fatalf("%q is longer than the longest path", path)
		}
	})
}

// TestNoSuchTile: what cannot be in an outbox has no path (O-7).
func TestNoSuchTile(t *testing.T) {
	for _, c := range []struct {
		level int
		n     int64
		width int
	}{
		{-1, 0, 1}, {maxLevel + 1, 0, 1}, {64, 0, 1}, {0, -1, 1}, {0, 0, 0}, {0, 0, -1}, {0, 0, 257},
		{0, MaxSize / 256, 1}, {0, 1 << 62, 1}, {1, MaxSize >> 16, 1}, {4, 1, 1}, {5, 0, 2}, {5, 1, 1},
	} {
		if path := TilePath(c.level, c.n, c.width); path != "" {
			t.Errorf("%v has the path %q", c, path)
		}
		if path := EntriesPath(c.n, c.width); path != "" && (c.level == 0 || c.n < 0 || c.n >= MaxSize/256) {
			t.Errorf("entries %v have the path %q", c, path)
		}
	}
	if TilePath(0, MaxSize/256-1, 256) == "" || TilePath(4, 0, 256) == "" || TilePath(5, 0, 1) == "" {
		t.Error("the last tiles of the largest outbox have no path")
	}
}

func TestEntriesPrintParse(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		entries := rapid.SliceOfN(rapid.SliceOfN(rapid.Byte(), 0, 300), 1, tileWidth).Draw(r, "entries")
		b := must[[]byte](t)(FormatEntries(entries))
		got := must[[][]byte](t)(ParseEntries(b))
		if !slices.EqualFunc(got, entries, bytes.Equal) {
			r.Fatal("print and parse is not identity")
		}
		if cut := rapid.IntRange(0, len(b)-1).Draw(r, "cut"); cut > 0 {
			short, err := ParseEntries(b[:cut])
			if err == nil && !slices.EqualFunc(short, entries[:len(short)], bytes.Equal) {
				r.Fatal("a short bundle gives other entries")
			}
		}
	})
}

func TestEntriesRefused(t *testing.T) {
	_, err := FormatEntries(nil)
	refused(t, Refused, err)
	_, err = FormatEntries(make([][]byte, tileWidth+1))
	refused(t, Refused, err)
	_, err = FormatEntries([][]byte{{}, make([]byte, MaxEntry+1)})
	refused(t, Refused, err)
	b := must[[]byte](t)(FormatEntries([][]byte{make([]byte, MaxEntry)}))
	if len(must[[][]byte](t)(ParseEntries(b))[0]) != MaxEntry {
		t.Fatal("the longest entry was cut")
	}
	for _, b := range []string{"", "\x00", "\x00\x01", "\x00\x02a", "\xff\xff", "\x00\x01ab", strings.Repeat("\x00\x00", 257)} {
		_, err := ParseEntries([]byte(b))
		refused(t, Malformed, err)
	}
}

// TestEntriesDoNotOverlap: who appends to an entry does not write over the next one.
func TestEntriesDoNotOverlap(t *testing.T) {
	b := must[[]byte](t)(FormatEntries([][]byte{[]byte("one"), []byte("two")}))
	got := must[[][]byte](t)(ParseEntries(b))
	_ = append(got[0], "XXXXX"...)
	if string(got[1]) != "two" {
		t.Fatalf("the second entry is now %q", got[1])
	}
}

func FuzzParseTilePath(f *testing.F) {
	for _, s := range []string{"tile/0/000", "tile/1/x001/234.p/5", "tile/5/000.p/1", "tile/entries/x001/x234/067", "tile/entries/000.p/255", "tile/00/000", "tile/0/x000/001"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if id, width, err := ParseTilePath(s); err == nil {
			if TilePath(id.Level, id.N, width) != s {
				t.Fatalf("%q is written %q", s, TilePath(id.Level, id.N, width))
			}
		} else {
			refused(t, Malformed, err)
		}
		if n, width, err := ParseEntriesPath(s); err == nil {
			if EntriesPath(n, width) != s {
				t.Fatalf("%q is written %q", s, EntriesPath(n, width))
			}
		} else {
			refused(t, Malformed, err)
		}
	})
}

func FuzzParseEntries(f *testing.F) {
	for _, s := range []string{"", "\x00\x00", "\x00\x03one\x00\x03two", "\x00\x02a", "\xff\xff"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		entries, err := ParseEntries(b)
		if err != nil {
			refused(t, Malformed, err)
			return
		}
		if again := must[[]byte](t)(FormatEntries(entries)); !bytes.Equal(again, b) {
			t.Fatalf("%x is written %x", b, again)
		}
	})
}
