package store

import "time"

const (
	// MaxOutboxes is what fits beside 40 bits of index in a row key of 63 bits; a federation of 200 parties needs 398 in a node.
	MaxOutboxes = 1<<23 - 1
	// MaxEntries is rule O-7.
	MaxEntries = 1 << 40
	// MaxTileLevel leaves 37 bits for the number of a tile: 2^40 entries need levels 0 to 4 and 32 bits.
	MaxTileLevel = 7
	// MaxCasesPage is how many cases one page of a list gets: each is a few KB to read and parse.
	MaxCasesPage = 1000
	// MaxEvidence is how many pieces of evidence are kept of one origin: 256 forks prove what one proves, and a hostile
	// author must not fill our disk with new ones.
	MaxEvidence = 256

	// MaxSearchQuery and MaxSearchWords are what a search takes: a long sentence. Each word is a walk through the index.
	MaxSearchQuery = 500
	MaxSearchWords = 16
	// MaxSearchPage is how many records one page of a search gets: each is a text to cut a snippet from.
	MaxSearchPage = 100
	// MaxSearchText is how much of a record can be found: the longest texts of an appeal together. What follows are lists of observables.
	MaxSearchText = 64 << 10
	// MaxSearchBatch is how many texts one transaction takes in: some MB of words that SQLite holds in memory until the commit.
	MaxSearchBatch = 1000

	// maxSecond is in the year 9999, the last that a record can name.
	maxSecond = 253402300799
	// minSearchPrefix is how many letters of a word find what begins with them: of one letter that would be everything.
	minSearchPrefix = 2
	// maxSearchers is how many searches run at once: as many as keep a small machine busy beside its proper work.
	maxSearchers = 2
	// maxWaitSearch is how long a search waits for its turn: staff sit before it.
	maxWaitSearch = 10 * time.Second
	// searchCacheKiB is the page cache of what feeds the search: the upper pages of its index and the words of one batch.
	searchCacheKiB = 16 << 10
	// fillBatch is how many cases one transaction fills the columns of: some MB of WAL, and a few thousand steps for a million cases.
	fillBatch = 500
	// maxReaders is how many snapshots are read at once: a few more than processors, because each also waits for the disk.
	maxReaders = 8
	// maxWait is how long a transaction waits for its turn. The longest one that is in order (a docket made anew) takes
	// some ten seconds; who waits longer is most likely waiting for itself.
	maxWait = time.Minute
	// maxWaitMemory is maxWait of a store in memory, where a View inside an Update always waits for itself.
	maxWaitMemory = 10 * time.Second

	// busyMilliseconds is how long SQLite waits for a lock of another connection. Ours wait for their turn before; what
	// is left are recovery after a crash and a backup tool that has the file open.
	busyMilliseconds = 5000
	// cacheKiB is the page cache of the writer: the tiles and the upper pages of every table of a large node.
	cacheKiB = 32 << 10
	// readerCacheKiB is the page cache of one reader: lists need little, and there are maxReaders of them.
	readerCacheKiB = 4 << 10
	// checkpointPages is when SQLite carries the WAL over: 16 MB keeps the pause at some 20 ms.
	checkpointPages = 4000
	// walBytes is what the WAL file is cut back to after a long reader had made it grow.
	walBytes = 64 << 20
)
