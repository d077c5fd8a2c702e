package node

import (
	"time"

	"verbale/internal/exchange"
	"verbale/internal/store"
)

// Limits of this room, each with its reason.
const (
	// MaxGroupEntries is the most records that one transaction and one checkpoint take. Larger groups gain nothing measurable
	// and make the first of them wait.
	MaxGroupEntries = 512
	// MaxGroupBytes keeps any group within one batch of the exchange, whatever is in it.
	MaxGroupBytes = 16 << 20
	// MaxPushEntries and MaxPushBytes are what one push carries at the most when it could carry more: a receiver's transaction
	// stays short, and a sender holds a few megabytes whatever the backlog.
	MaxPushEntries = 1024
	MaxPushBytes   = 12 << 20
	// groupLinger is how long a group waits for more while many callers file. Measured with 64 callers: 4 ms make groups of 36 instead
	// of 7 and a sixth more records a second; 8 ms gain nothing more.
	groupLinger = 4 * time.Millisecond
	// filingQueue is how many records may wait for the writer: two groups, so that it never idles while callers seal.
	filingQueue = 2 * MaxGroupEntries

	// retryFirst and retryMost bound the pause after a failed push: quick enough that a restarted peer is reached at once, slow
	// enough that a dead one costs nothing.
	retryFirst = 200 * time.Millisecond
	retryMost  = time.Minute
	// pullEvery is how often a quiet link is asked for entries that the peer could not push.
	pullEvery = 5 * time.Minute
	// suspendedEvery is how often a link that the peer has suspended is asked for its resume. A resume is pushed as soon as it is
	// filed; this is for when no push arrives.
	suspendedEvery = time.Hour

	// compareTime bounds the asking for a head before the first signature: a call to a peer that answers takes a second, and whoever files waits.
	compareTime = 10 * time.Second
	// compareMore is what the others have after the first answer: whoever is up answers within it, and nobody waits for one that hangs.
	compareMore = 2 * time.Second

	// maxGenerations is how many registers of ours a peer is asked for when all but the keys is lost: as many as K-38 lets a key file remember.
	maxGenerations = 64

	// beatEvery is how often a link says that it is there. A gap is then known to some minutes, and 200 links cost one small call every second
	// or two.
	beatEvery = 5 * time.Minute
	// beatLeast is how long one beat speaks for its outbox: who asks or calls more often gets, or leaves, no more than one a minute.
	beatLeast = time.Minute
	// beatsWhole is how long all beats are kept: whoever looks into an outage of the weekend still sees every one.
	beatsWhole = 48 * time.Hour
	// thinnedTo is the gap that old beats are thinned to: 9,000 a year and party of an outbox, about a megabyte.
	thinnedTo = time.Hour
	// thinEvery is how many rounds of beats go by before old ones are thinned: an hour of them.
	thinEvery = 12
	// clockStep is how far a clock may be put back without what is signed being dated earlier: time servers step by seconds. One that was wrong
	// by more is put right at once.
	clockStep = time.Minute
	// SkewWarned is how far a peer's clock may be from ours before a link warns: more than a network and beatLeast explain.
	SkewWarned = 5 * time.Minute

	// HeadsEvery and HeadsAtLeast are how often the heads are written into the register (G-6): a minute is as exact as clocks of authorities
	// are compared, and an hour shows a register that nothing moves in to be alive.
	HeadsEvery   = time.Minute
	HeadsAtLeast = time.Hour
	// leastHeads and MaxHeads bound the list of an entry (G-5): 16 hide a party with one link among those with eight; acts.md has the other.
	leastHeads = 16
	MaxHeads   = 16384
	// manyHeads is the list that is written every minute. Twice as long a one is written half as often, so that what a register grows by
	// in a minute, and every peer mirrors, is bounded: some 15 KB.
	manyHeads = 64

	// headsLookback is how far the newest entry of heads is looked for: of a register in order it is the last, or nearly.
	headsLookback = 100
	// witnessTime bounds a call to a witness, the second try with it: it commits to a disk and answers with a few kilobytes.
	witnessTime = 45 * time.Second
	// witnessFirst and witnessMost bound the pause after a failed call: nobody waits for a witness, and a proof may come minutes later.
	witnessFirst = 2 * time.Second
	witnessMost  = 5 * time.Minute
	// linesOfLog is what the author of an outbox signs with: two keys (K-9).
	linesOfLog = 2
	// maxWitnessLines is what K-9 leaves in a note beside the two lines of the log.
	maxWitnessLines = 14

	// TallyAfter is how long after a month's end its tally is filed: receipts of the last minutes arrive within a round, and a restart or a
	// night's maintenance is over. What comes later still is named as unreceipted, and settled by the answer.
	TallyAfter = 6 * time.Hour
	// tallyEvery is how often a node looks whether a tally is due.
	tallyEvery = 10 * time.Minute
	// tallyBack is how many months are made up for after a long silence; older ones can be tallied by hand.
	tallyBack = 12

	// ReceiptWithin is how long a record may be without a receipt before the page of its link calls it a fault: pauses after failures are a
	// minute at most.
	ReceiptWithin = 5 * time.Minute
	// ContactWithin is how old the peer's last beat may be: three of them did not come.
	ContactWithin = 15 * time.Minute
	// PingWithin is how long an acknowledgement of a ping may take: nodes do it by themselves.
	PingWithin = 15 * time.Minute
	// CheckWithin is how long an acknowledgement by a contact point may take: one that is there at all hours answers within one.
	CheckWithin = time.Hour
	// AnswerWithin is how long an answer to a tally may take: nodes do it by themselves, at the end of a round.
	AnswerWithin = 24 * time.Hour
	// DatedWithin is how long records may be undated: heads are committed to every minute, and witnesses asked at once.
	DatedWithin = time.Hour

	// maxRelays is how many relays of a peer are tried: who names more would choose whom we call, one after the other, while it does not answer.
	maxRelays = 4
	// maxDesignations is how many entries about relays are remembered of a register, each with a profile of some 20 KB: four relays that have
	// changed their profiles fifteen times each.
	maxDesignations = 64

	// LodgeAfter is how long an entry waits for the peer's receipt before it is lodged with the peer's relay (L-5): a restart, or a network that
	// is away for a moment, needs no third party.
	LodgeAfter = 10 * time.Minute
	// lodgeEvery is how often the peer's relay is asked for receipts of the peer while all is lodged.
	lodgeEvery = 5 * time.Minute
	// lodgeFirst and lodgeMost bound the pause after a round with a relay that failed: a full quota or a relay that is down is no hurry, since
	// the peer itself is tried all the time.
	lodgeFirst = time.Minute
	lodgeMost  = time.Hour
	// collectEvery is how often our own relays are polled: what was lodged is here some minutes later.
	collectEvery = 5 * time.Minute
	// pollEnded is how long a relay is polled after its designation has ended (L-15).
	pollEnded = 7 * 24 * time.Hour
	// MaxLodgedEntries and MaxLodgedBytes are what a relay holds of one author for one audience: a month without the audience at 500 appeals a
	// day of 16 KiB. Two hundred authors with their quota full take 50 GB.
	MaxLodgedEntries = 16384
	MaxLodgedBytes   = 256 << 20
	// MaxAdmitted is how many authors (and generations of their keys) a relay takes entries of for one audience: two federations of 200 parties,
	// each of which has changed its keys once. A profile in memory is some 20 KB.
	MaxAdmitted = 800

	// KeysValidFor is how long a new party's keys sign. Renewal is one command; an expiry that is never reached protects nobody.
	KeysValidFor = 2 * 365 * 24 * time.Hour
	// KeysWarnBefore is how long before their expiry a link warns of keys: a month is enough to read new words over the phone with everybody.
	KeysWarnBefore = 30 * 24 * time.Hour
	// KeyOverlap is how long a replaced TLS key is still shown and accepted (K-37): peers that were off for a month still find their way.
	KeyOverlap = 30 * 24 * time.Hour
	// maxChanges is how many changes of keys a profile file may carry: as many as a key file holds retired keys.
	maxChanges = 64
	// maxRefiled is how many pings and faults of before are answered at a start: as many as one batch brings. The rest waits for the next start.
	maxRefiled = exchange.MaxBatchEntries
	// directoryEvery is how often it is looked whether every peer has the entry of the directory that it is to have: what could not be written when
	// it was published is written within minutes after what was in its way.
	directoryEvery = 10 * time.Minute
	// pingsLookedAt is how many of the newest pings to a party the directory counts: a day of hourly checks of four contact points.
	pingsLookedAt = 100
	// maxProposals is how many proposals of a link are looked at, beside as many that were agreed to: who proposes without end hides none of these.
	maxProposals = 200
	// maxRules is how many arrangements are kept as they were read: twenty versions of two hundred links. One read again costs a decryption.
	maxRules = 4096
	// remindBatch is how many cases one transaction reminds of: some 20 ms in which nothing else is written.
	remindBatch = 100
	// remindEvery is how often a node looks whether something is due of which it does not know when: the shortest clocks are of an hour.
	remindEvery = time.Minute
	// remindUnsettled is how often a case that was told of is looked at again whose deadline a late receipt can still move.
	remindUnsettled = time.Hour
	// MaxFound bounds one page of what a search finds.
	MaxFound = store.MaxSearchPage
	// feedPiece is how many entries the search takes in at a time: some 10 ms of one processor, and of nobody else's turn in the database.
	feedPiece = 64
	// searchPause lies between two pieces while the docket stands still, which it does after searchQuiet without a change. Under load the search
	// gets one piece in searchBusy, a five-hundredth of a processor, and is behind until the docket stands still.
	searchPause = 10 * time.Millisecond
	searchQuiet = 500 * time.Millisecond
	searchBusy  = 15 * time.Second
	// searchAgain is how often a search is fed of which nothing is known to be missing.
	searchAgain = time.Minute
	// searchSoon is how long somebody who searches waits for what came last.
	searchSoon = time.Second
	// MaxFirst is how many cases of each pile a start page shows: a screen of them.
	MaxFirst = 50
	// maxConfirmed is how many cases a count reads to know whether they are late: some 20 ms of a page that is asked for all the time.
	maxConfirmed = 300
	// MaxListed bounds one page of cases.
	MaxListed = 1000
	// MaxFilingKey bounds an idempotency key: a UUID or a file name fits.
	MaxFilingKey = 200
	// pieceEntries and pieceBytes are what fsck and rebuild hold of an outbox at a time: enough to keep every processor busy.
	pieceEntries = 256
	pieceBytes   = 8 << 20
	// lastSecond is the end of the year 9999, the last instant that figures can be of (RFC 3339): a peer may date a receipt then.
	lastSecond = 253402300799
	// maxFindings bounds the report of a badly damaged database: the first hundred say what to do.
	maxFindings = 100

	// TokenDays is how long a token is good for when nothing is said; maxTokenDays the longest: what is forgotten ends by itself.
	TokenDays, maxTokenDays = 90, 366
	// maxTokenName bounds the name of a token: it becomes released_by (R-18 allows 200 characters) and stands in lists.
	maxTokenName = 60
	// maxTokenLinks bounds what a token is limited to: a federation has 200 parties.
	maxTokenLinks = 200
	// tokenUseNoted is how old the note of a token's last use becomes before it is written anew: a write for each call would be a queue.
	tokenUseNoted = time.Minute
)
