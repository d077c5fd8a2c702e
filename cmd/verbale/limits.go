package main

import "time"

// Limits of the command line, each with its reason.
const (
	// maxKeyFile is what is read of a key file before package seal looks at it: the whole is some 4 KiB.
	maxKeyFile = 64 << 10
	// maxConfig bounds config.json, which has a dozen members.
	maxConfig = 16 << 10
	// maxPolicyFile bounds the file of a policy before package seal looks at it (K-21 allows as much).
	maxPolicyFile = 256 << 10
	// maxProfile bounds a profile file: a leaf and the content of one record with few fields, and two more for each change of keys (K-39).
	maxProfile = 1 << 20
	// maxPolicy bounds a policy of witnesses (K-21).
	maxPolicy = 256 << 10
	// maxPassphrase bounds the file of a passphrase; a sentence is under 100 bytes.
	maxPassphrase = 4 << 10
	// minPassphrase is a floor, no advice: scrypt makes each guess cost a second, and eleven characters are still guessed.
	minPassphrase = 12
	// maxFigures bounds a figures file: 720 rows of some 2 KiB with their line breaks, and 20,000 places of what cannot be read.
	maxFigures = 8 << 20
	// maxTextFile bounds the file of one text; the longest text has 8,000 characters (acts.md).
	maxTextFile = 64 << 10
	// maxListFile bounds a pasted list: 20,000 lines of a long URL each.
	maxListFile = 8 << 20
	// maxDraftFile bounds a draft of the directory or of an arrangement: a thousand holidays and two hundred rules are some 100 KiB.
	maxDraftFile = 1 << 20
	// maxListLine bounds one line of it; what is longer is no observable (acts.md: 2,048 characters).
	maxListLine = 64 << 10
	// maxRefusedLines is how many unrecognised lines of a list are named before the rest is counted.
	maxRefusedLines = 20
	// shownAtMost is how many elements of a list `appeal show` prints without --full: a screen.
	shownAtMost = 40
	// shownSerials is how many serial numbers stand in one line.
	shownSerials = 8
	// firstListed is how many cases of each pile `desk` prints without --first: all piles on two screens.
	firstListed = 5
	// listedCases is how many cases `appeal list` prints without --limit.
	listedCases = 100

	// wordsInHelp is how many words of a closed list a flag's line names; longer lists stand in the text above.
	wordsInHelp = 8
	// terminalWidth is that of the narrowest terminal that lists and pages are made for.
	terminalWidth = 80
	// columnGap is between the columns of a table, rowIndent before the further lines of a row, and leastText the least of a text that is
	// worth showing beside other columns.
	columnGap, rowIndent, leastText = 2, 4, 24
	// itemName is the room for the name of a line on a page.
	itemName = 14
	// reasonInPage is how much of a notice's reason the page of a link shows.
	reasonInPage = 160
	// fieldColumn is where the account of a field begins on the page of a kind of appeal: behind the longest of the usual flags.
	fieldColumn = 24
	// headColumn is where a line of the head of a case's page begins, behind its name.
	headColumn = 12
	// valueColumn is where the value of a field begins on the page of a record.
	valueColumn = 21
	// helpWidth is the width of the help's paragraphs: a terminal of 80 columns, with a margin.
	helpWidth = 78

	// waitFor is how long --wait waits when --timeout says nothing: a peer that is up answers within a second.
	waitFor = 30 * time.Second
	// pollEvery is how often --wait asks the node on this machine.
	pollEvery = 50 * time.Millisecond
	// retryEvery is how often --wait tries a peer again when no serve does it.
	retryEvery = 500 * time.Millisecond
	// progressEvery is how often a log is told how far long work has come.
	progressEvery = 5 * time.Second
	// endWithin is what calls under way get when serve is told to stop.
	endWithin = 10 * time.Second
	// clockSkew is how far another machine's clock may be behind ours before our certificate is not valid there.
	clockSkew = 24 * time.Hour

	// maxSocketPath is what a Unix socket's address can hold, less one byte for its end (108 on Linux, 104 elsewhere).
	maxSocketPath = 103
	// peerCalls is how many calls of peers are answered at once: each holds at most one batch.
	peerCalls = 32
)
