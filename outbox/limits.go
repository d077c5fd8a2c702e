package outbox

// Limits of this room, each with its reason.
const (
	// MaxSize is rule O-7: a thousand entries a second for thirty years.
	MaxSize = 1 << 40
	// MaxProof is the height of the largest tree and some room: no inclusion proof is longer.
	MaxProof = 64
	// MaxProofFile bounds a tlog-proof file: a note of 16 KiB, 64 hashes, and `extra`.
	MaxProofFile = 64 << 10

	tileHeight = 8               // C2SP tlog-tiles
	tileWidth  = 1 << tileHeight // hashes in a full tile
)
