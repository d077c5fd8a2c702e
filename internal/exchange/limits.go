package exchange

// Limits of spec/exchange.md §3, each with its reason.
const (
	// MaxBatchBytes is two of the largest contents: one entry of the largest size always fits, and a receiver needs
	// a bounded piece of memory per link.
	MaxBatchBytes = 32 << 20
	// MaxBatchEntries keeps one transaction of the receiver short (about half a second at the measured speed).
	MaxBatchEntries = 4096
	// MaxLeafBytes is rule R-1.
	MaxLeafBytes = 8192
	// MaxContentBytes is rule R-3.
	MaxContentBytes = 16 << 20
	// MaxNoteBytes holds a checkpoint with its four lines (about 7 KB) twice over.
	MaxNoteBytes = 16384
	// MaxWitnessProof is the most hashes of a consistency proof (C2SP tlog-witness): a tree has no more levels.
	MaxWitnessProof = 63
	// MaxWitnessNoteBytes is what K-9 allows for a note.
	MaxWitnessNoteBytes = 64 << 10
	// MaxAddCheckpointBytes is a line with a size, 63 hashes of 45 bytes, and a note.
	MaxAddCheckpointBytes = 4<<10 + MaxWitnessNoteBytes
	// maxWitnessSize is the size of the largest outbox (O-7, K-8).
	maxWitnessSize = 1 << 40
	// MaxBeats is one call's beats: two for the link, and room for a relay that speaks for thirty of them at once.
	MaxBeats = 64
	// MaxBeatBytes holds the longest head (512 bytes) and one Ed25519 line of the longest name (220).
	MaxBeatBytes = 1024
	// MaxBeatsBody is MaxBeats of the largest, each with its number.
	MaxBeatsBody = MaxBeats * (MaxBeatBytes + 5)
	// MaxProfileBytes is what a designation can hold of a relay's profile file (acts.md §6), and so of any.
	MaxProfileBytes = 60000
	// step is what is read at once before a longer content has begun to come: most contents are shorter (about 6 KB).
	step = 64 << 10
	// headerBytes is magic, start and count.
	headerBytes = 17 + 8 + 4

	// MaxDatings and MaxDatingsBytes bound the answer of `dated` (G-15): a busy hour, and three of the largest entries.
	MaxDatings      = 64
	MaxDatingsBytes = 4 << 20
	// maxDatingNote is what K-9 allows for a note, maxDatingWitnesses the lines that it leaves beside the log's two.
	maxDatingNote      = 64 << 10
	maxDatingWitnesses = 14
	logLines           = 2
	// maxDatingProof is more than the levels of the largest outbox (O-7).
	maxDatingProof = 64
)
