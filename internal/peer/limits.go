package peer

import "time"

// What one connection may cost.
const (
	// headerTime is for the TLS handshake, and again for the header of each request. Both are a few kilobytes.
	headerTime = 10 * time.Second
	// idleTime keeps a link's connection open between two rounds of its loop; longer only holds a descriptor.
	idleTime = 2 * time.Minute
	// maxHeaderBytes: our longest header is a pull with its origin, under 1 KiB; net/http adds 4 KiB to it.
	maxHeaderBytes = 8 << 10
	// maxHeaders: our client sends seven; a proxy of an honest operator may add a few.
	maxHeaders = 32
	// maxConnections bounds descriptors and handshakes in progress (some 50 KiB each): 200 parties with four each, and room.
	maxConnections = 1024
	// pieceBytes is written at a time, so that the time allowed grows while a large content is under way.
	pieceBytes = 64 << 10
	// drainTime is for what is still on its way when a call was refused early: then the caller reads the
	// refusal instead of a reset connection.
	drainTime = 2 * time.Second
)

// How slow a body may be, in either direction.
const (
	// stallTime is the longest silence: a dozen lost packets in a row on a satellite line.
	stallTime = 20 * time.Second
	// graceTime is given to every body before minRate counts, so that small ones never fail for their rate.
	graceTime = 30 * time.Second
	// minRate in bytes per second: a 64 kbit/s line. The largest batch then takes a place for 68 minutes at most.
	minRate = 8 << 10
)

// How much work there may be at once.
const (
	// defaultConcurrent calls hold at most one batch each: 1 GiB when every one is of the largest size.
	defaultConcurrent = 32
	// maxPerParty keeps one party, slow or hostile, from taking every place: one push, one pull, and one of each again
	// while a lost connection is not yet known to be lost.
	maxPerParty = 4
	// deskTime is for verifying and storing the largest batch: about 4 seconds at the measured speed, and a slow disk.
	deskTime = time.Minute
	// stopTime is for calls under way when the server stops; what is not done by then is called off and comes again.
	stopTime = 10 * time.Second
	// retryAfter in seconds is what a busy server asks for: a place is free within seconds, or not for minutes.
	retryAfter = 5
)

// What the client waits for and takes.
const (
	// dialTime is for the TCP connection: longer than two lost SYNs.
	dialTime = 10 * time.Second
	// answerTime is for the first byte of an answer: deskTime, and as much again as a wait for the disk may take.
	answerTime = deskTime + 30*time.Second
	// continueTime is how long a large push waits for the other end to say that it wants the body.
	continueTime = 5 * time.Second
	// continueBytes: below it, asking first costs more than sending in vain.
	continueBytes = 64 << 10
	// keepTime is below idleTime, so that the client closes first and never writes into a closed connection.
	keepTime = 90 * time.Second
	// maxAnswerHeaderBytes is far above the five short headers that we send.
	maxAnswerHeaderBytes = 8 << 10
	// maxProblemBytes holds two of the largest notes (fork), twice their size when every byte is escaped.
	maxProblemBytes = 64 << 10
	// maxDetailBytes holds the longest sentence that we say (about 300 bytes) three times over.
	maxDetailBytes = 1024
	// maxRuleBytes holds "X-15" and its like.
	maxRuleBytes = 8
)

// pace is the slowest that a body may come or go. It lets a transfer take longer the further it is.
type pace struct {
	stall time.Duration // longest silence
	grace time.Duration // allowed in any case
	rate  int64         // bytes per second that must be reached on average after grace
}

func defaultPace() pace { return pace{stall: stallTime, grace: graceTime, rate: minRate} }

// left is how long the next piece may take, when n bytes have moved in the time since the start.
func (p pace) left(since time.Duration, n int64) time.Duration {
	budget := p.grace + time.Duration(n/p.rate)*time.Second - since
	return max(0, min(p.stall, budget))
}

// What a witness may cost, on either side. Bodies are a few kilobytes.
const (
	// witnessCallTime is for the whole of a call: connecting, asking, a commit to the disk, the answer.
	witnessCallTime = 30 * time.Second
	// witnessBodyTime is for a request to come in.
	witnessBodyTime = 15 * time.Second
	// witnessConcurrent: each call verifies two signatures and commits once, and commits come one after the other anyway.
	witnessConcurrent = 64
	// maxWitnessLines is what K-9 allows below a note.
	maxWitnessLines = 16
	// maxWitnessSaid is what is repeated of a witness's own words: a sentence.
	maxWitnessSaid = 200
)
