package outbox

// Limits of this room, each with its reason.
const (
	// MaxSize is rule O-7: a thousand entries a second for thirty years.
	MaxSize = 1 << 40
	// MaxProof is the height of the largest tree and some room: no inclusion proof is longer.
	MaxProof = 64
	// MaxEntry is what the u16 before an entry can say (O-4).
	MaxEntry = 1<<16 - 1
	// MaxProofFile bounds a tlog-proof file: the largest note (64 KiB, K-9), 64 hashes of 45 bytes, and the rest for `extra`.
	MaxProofFile = 128 << 10

	tileHeight = 8               // C2SP tlog-tiles
	tileWidth  = 1 << tileHeight // hashes in a full tile, entries in a full bundle
	maxLevel   = 5               // its one hash is the root of 2^40 leaves

	// The longest path is that of an entry bundle near 2^40: tile/entries/, four groups of four or five, .p/255.
	maxPath = 64
)
