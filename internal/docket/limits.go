package docket

import (
	"time"

	"verbale/record"
)

// Limits of this room, each with its reason.
const (
	// MaxTallies is how many tallies of a party the standing of a link knows: two years of months, and those of months in which keys changed.
	// Older ones are cases like any other.
	MaxTallies = 30
	// ClockSkew is how far the clocks of two authorities may be apart without a remark: what a network and a time server explain.
	ClockSkew = 5 * time.Minute
	// MaxMoves is how many moves of one side a case takes, the first of them: folding and storing a case costs as much as it has moves,
	// and a side that writes without end would slow the other down. Officers write some tens.
	MaxMoves = 500
	// MaxReview is how far away the review of an entry of the directory may be: a year, and the day that some have more.
	MaxReview = 366 * 24 * time.Hour
	// maxBroken is how much is said of what is wrong with one record: who reads that much sends it back.
	maxBroken = 20
	// maxRows is how many rows of a tally a direction has before the rest is counted together: half of what a record takes, less one.
	maxRows = 249
	// maxUnread is how many records a basis lists as unread (S-3): as many as a list in a record has, a megabyte or two of figures file.
	maxUnread = record.MaxList
)
