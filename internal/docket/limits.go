package docket

// Limits of this room, each with its reason.
const (
	// MaxTallies is how many months of a party's tallies the standing of a link knows: two years and those about to be filed. Older ones
	// are cases like any other.
	MaxTallies = 30
	// maxRows is how many rows of a tally a direction has before the rest is counted together: half of what a record takes, less one.
	maxRows = 249
)
