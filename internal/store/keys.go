package store

import (
	"cmp"
	"time"

	"verbale/outbox"
)

// Row keys: an outbox has 2^40 of them in each table, from its number shifted up.
const (
	indexBits = 40
	tileBits  = 37
)

func leafKey(id, index int64) int64 { return id<<indexBits | index }

// indexOf undoes leafKey.
func indexOf(key int64) int64 { return key & (MaxEntries - 1) }

func tileKey(id int64, t outbox.TileID) (int64, error) {
	level := int64(t.Level)
	if level < 0 || level > MaxTileLevel || t.N < 0 || t.N >= 1<<tileBits {
		return 0, fail(Refused, "there is no tile %d of level %d", t.N, t.Level)
	}
	return id<<indexBits | level<<tileBits | t.N, nil
}

func compareTiles(a, b outbox.TileID) int {
	return cmp.Or(cmp.Compare(a.Level, b.Level), cmp.Compare(a.N, b.N))
}

// instant undoes time.Time.UnixMicro.
func instant(micros int64) time.Time { return time.UnixMicro(micros).UTC() }
