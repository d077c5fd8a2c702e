package store

// Limits of this room, each with its reason.
const (
	// keyBits is how many bits of a row key are the index within an outbox (O-7); the outbox's number stands above them.
	keyBits = 40
	// readers is how many read transactions run beside the writer: two per core of a small machine.
	readers = 4
	// busyMillis is how long SQLite waits for a lock that another connection holds; the writer is one, so only a backup makes it wait.
	busyMillis = 5000
	// walPages is how many 4 KiB pages the write-ahead log takes before it is folded back: 16 MiB, measured as the quickest.
	walPages = 4000
	// cacheKiB is the page cache of each connection: the right edge of every tree stays in it.
	cacheKiB = 8192
)
