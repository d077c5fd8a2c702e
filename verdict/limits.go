package verdict

import "time"

// Limits of this room, each with its reason (B-1).
const (
	// MaxBundle is what a reader holds in memory: two of the largest contents.
	MaxBundle = 33_554_432

	// MaxProfiles is the parties of one file: a case has two, a joint
	// operation some dozens.
	MaxProfiles = 64

	// MaxWitnesses is the keys of the witnesses of one file: each has two, and
	// a policy of more than a few is hard to meet.
	MaxWitnesses = 64

	// maxMoves is how many moves of a side a case takes.
	maxMoves = 500

	// MaxBeats is all beats of a file: both parties of a link over both
	// outboxes, one each minute for two weeks, or each five minutes for two
	// months. It takes seconds to verify them.
	MaxBeats = 100_000

	// MaxCheckpoints is a checkpoint an hour for a year, rounded up. What fits
	// into MaxBundle is fewer.
	MaxCheckpoints = 10_000

	// MaxRecords is far more than fits into MaxBundle with leaves of 1.3 KiB;
	// it bounds what a reader has to count.
	MaxRecords = 100_000

	// MaxForks is generous: one fork is enough.
	MaxForks = 100

	// maxIndex is the size of the largest outbox (O-7); an index is below it.
	maxIndex = 1 << 40

	// maxNoteLines is what a note has at most (K-9); seal refuses more.
	maxNoteLines = 16

	// maxClockGap is how far clocks may be apart before it is said (B-13): an
	// hour is a wrong time zone, not a slow clock.
	maxClockGap = time.Hour

	// maxMoment is how long an entry may take from its release, or a snapshot
	// from its time, until it is written (B-13, B-15): a slow disk, a queue.
	// Nobody is accused for less.
	maxMoment = 5 * time.Minute

	// maxBrief bounds what an error repeats of a value that it refuses.
	maxBrief = 40

	// maxTextList bounds the elements of one list that Text prints; JSON has
	// them all. A reader on paper wants the first page.
	maxTextList = 50

	// maxTextValue bounds the bytes of one value that Text prints: four for
	// each of the 8,000 characters of the longest text of a known act. An
	// attachment is longer; JSON has it.
	maxTextValue = 32_000

	// maxTextLines bounds the lines of parties that Text prints in all, beside
	// the first of each value: two thousand pages, which nobody reads on
	// paper. A bundle of nothing but line feeds would be a text of 600 MB.
	maxTextLines = 100_000

	// maxLineWidth is the width of prose in Text: fits every terminal and page.
	maxLineWidth = 80
)
