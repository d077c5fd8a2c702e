package outbox

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
)

// How paths of C2SP tlog-tiles begin (O-4).
const (
	tilePrefix    = "tile/"
	entriesPrefix = "tile/entries/"
	partialMark   = ".p/"
)

// TilePath gives the path of the n-th tile of a level with width hashes (O-4). It is empty where no outbox has such a tile:
// a width is from 1 to 256, and all its leaves are below 2^40.
func TilePath(level int, n int64, width int) string {
	if !exists(level, n, width) {
		return ""
	}
	return tilePrefix + strconv.Itoa(level) + "/" + number(n) + partial(width)
}

// ParseTilePath reads what TilePath gives, and nothing else.
func ParseTilePath(path string) (id TileID, width int, err error) {
	rest, ok := strings.CutPrefix(path, tilePrefix)
	level, rest, ok2 := strings.Cut(rest, "/")
	if ok && ok2 && len(path) <= maxPath {
		id.Level, _ = strconv.Atoi(level)
		id.N, width = parseNumber(rest)
		if TilePath(id.Level, id.N, width) == path {
			return id, width, nil
		}
	}
	return TileID{}, 0, fail(Malformed, "O-4", "path %.80q: want tile/<level>/<number>, as in tile/0/x001/234.p/5", path)
}

// EntriesPath gives the path of the n-th bundle of width entries (O-4); it is empty where no outbox has such a bundle.
func EntriesPath(n int64, width int) string {
	if !exists(0, n, width) {
		return ""
	}
	return entriesPrefix + number(n) + partial(width)
}

// ParseEntriesPath reads what EntriesPath gives, and nothing else.
func ParseEntriesPath(path string) (n int64, width int, err error) {
	rest, ok := strings.CutPrefix(path, entriesPrefix)
	if ok && len(path) <= maxPath {
		n, width = parseNumber(rest)
		if EntriesPath(n, width) == path {
			return n, width, nil
		}
	}
	return 0, 0, fail(Malformed, "O-4", "path %.80q: want tile/entries/<number>, as in tile/entries/x001/234.p/5", path)
}

// exists says whether the largest outbox has a tile with so many hashes.
func exists(level int, n int64, width int) bool {
	if level < 0 || level > maxLevel || n < 0 || n >= MaxSize/tileWidth || width < 1 || width > tileWidth {
		return false
	}
	return n*tileWidth+int64(width) <= MaxSize>>(level*tileHeight)
}

// number gives n in groups of three digits, all but the last prefixed x.
func number(n int64) string {
	s := fmt.Sprintf("%03d", n%1000)
	for n /= 1000; n > 0; n /= 1000 {
		s = fmt.Sprintf("x%03d/%s", n%1000, s)
	}
	return s
}

// partial gives the end of the path of a tile that is not full.
func partial(width int) string {
	if width == tileWidth {
		return ""
	}
	return partialMark + strconv.Itoa(width)
}

// parseNumber reads number and width loosely: the caller compares the path that they make with the one it was given.
func parseNumber(s string) (n int64, width int) {
	s, w, found := strings.Cut(s, partialMark)
	width = tileWidth
	if found {
		width, _ = strconv.Atoi(w)
	}
	n, err := strconv.ParseInt(strings.NewReplacer("/", "", "x", "").Replace(s), 10, 64)
	if err != nil {
		return -1, width
	}
	return n, width
}

// FormatEntries gives the bundle of up to 256 entries: each with its length before it, big-endian in two bytes (O-4).
func FormatEntries(entries [][]byte) ([]byte, error) {
	if len(entries) < 1 || len(entries) > tileWidth {
		return nil, fail(Refused, "O-4", "a bundle has from 1 to %d entries; %d were given", tileWidth, len(entries))
	}
	var b []byte
	for i, e := range entries {
		if len(e) > MaxEntry {
			return nil, fail(Refused, "O-4", "an entry has at most %d bytes; number %d of the bundle has %d", MaxEntry, i, len(e))
		}
		b = binary.BigEndian.AppendUint16(b, uint16(len(e)))
		b = append(b, e...)
	}
	return b, nil
}

// ParseEntries reads a bundle. How many entries it must have, its path says; whether they are the right ones, their hashes.
func ParseEntries(b []byte) ([][]byte, error) {
	var entries [][]byte
	for len(b) > 0 {
		if len(entries) == tileWidth {
			return nil, fail(Malformed, "O-4", "a bundle has at most %d entries", tileWidth)
		}
		if len(b) < 2 {
			return nil, fail(Malformed, "O-4", "one byte is left after entry %d of the bundle", len(entries))
		}
		n := int(binary.BigEndian.Uint16(b))
		if len(b)-2 < n {
			return nil, fail(Malformed, "O-4", "entry %d of the bundle should have %d bytes, %d are left", len(entries), n, len(b)-2)
		}
		entries = append(entries, b[2:2+n:2+n])
		b = b[2+n:]
	}
	if len(entries) == 0 {
		return nil, fail(Malformed, "O-4", "the bundle is empty; empty bundles do not exist")
	}
	return entries, nil
}
