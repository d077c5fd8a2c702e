package docket

import "slices"

// EndedByAuthor lists the moves with which the author of an appeal ends it.
func EndedByAuthor() []string { return []string{ActWithdraw, ActSupersede, ActClose} }

// GaveUp tells whether the author of an appeal has ended it. It may have been answered all the same: the two had crossed, or a dispute was given up.
func (c Case) GaveUp() bool {
	return c.Open != nil && slices.ContainsFunc(c.Moves, func(m Move) bool {
		return m.Irregular == "" && m.By == c.Open.From && slices.Contains(EndedByAuthor(), m.Act)
	})
}
