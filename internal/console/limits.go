package console

import (
	"time"

	"verbale/record"
)

// Limits of this room, each with its reason.
const (
	// maxBody bounds a request that carries no draft: a profile file is under 8 KiB, and 12 more for each of 64 changes of keys at the most;
	// twelve words and a file name are less.
	maxBody = 1 << 20
	// maxDraftBody is the largest draft that can become a record, and room for what stands around it.
	maxDraftBody = record.MaxDraft + maxBody
	// maxFigures bounds a figures file of a peer: 720 rows of 1.5 KiB, and 20,000 places of what it cannot read.
	maxFigures = 8 << 20
	// maxAnswer bounds what a client reads: a bundle is at most 32 MiB, a list of a thousand cases about 2 MiB.
	maxAnswer = 64 << 20
	// maxLine bounds one line of an answer to long work: the longest is a report with a hundred findings.
	maxLine = 1 << 20
	// maxHeader bounds the header of a request on the socket; ours are under 1 KiB.
	maxHeader = 8 << 10
	// headerTime is for the header of a request: it comes from this very machine.
	headerTime = 5 * time.Second
	// callsEachSecond and maxBurst are how often a token is used: a page of a dashboard makes twenty calls at once, a loop without a pause
	// thousands, and every one may read a thousand cases.
	callsEachSecond, maxBurst = 20, 100
	// maxAtOnceEach is how many calls of a token are under way at once, half as many as the store has readers: what one token asks for, and the
	// largest bodies that it can send, leave room for staff and for the exchange. maxTurnWait is how long further ones wait.
	maxAtOnceEach, maxTurnWait = 4, 10 * time.Second
	// idleTime is how long a connection to the API waits for its next call: programs that poll by the minute keep theirs.
	idleTime = 2 * time.Minute
	// maxListeners and maxListenersEach bound who is told of changes at once: each holds a goroutine, and asks the store at each change.
	maxListeners, maxListenersEach = 64, 8
	// toldEvery is how long changes are gathered before they are told: a node that files a thousand records a second must not ask its store for each
	// of them on behalf of each listener.
	toldEvery = 50 * time.Millisecond
	// eventsAtOnce is how many changes are read and written together: some 100 KiB.
	eventsAtOnce = 100
	// heartbeatEvery is how often a listener hears that nothing has happened: proxies end what is silent for a minute. slowReader is how long one
	// may take to read what is written to it, and listenAgain how long a client waits before it looks for a node that it has lost.
	heartbeatEvery, slowReader, listenAgain = 20 * time.Second, 10 * time.Second, time.Second
	// maxErrors bounds the mistakes that a refused draft is told about: nobody reads more at once.
	maxErrors = 50
)
