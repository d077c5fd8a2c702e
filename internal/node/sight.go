package node

import (
	"slices"

	"verbale/internal/docket"
	"verbale/record"
)

// Sight is what somebody may see. The zero value sees everything: it is that of the party's own staff at the machine.
type Sight struct {
	Links []string // only the links with these parties; none: all
	TLP   string   // only records marked so or below; "": all
}

// Whole tells whether nothing is hidden.
func (s Sight) Whole() bool { return len(s.Links) == 0 && s.TLP == "" }

// Link tells whether the link with a party is seen.
func (s Sight) Link(party string) bool { return len(s.Links) == 0 || slices.Contains(s.Links, party) }

// Mark tells whether a record with this marking is seen. What is not known, or cannot be read, counts as the highest.
func (s Sight) Mark(tlp string) bool {
	if s.TLP == "" {
		return true
	}
	return rank(tlp) <= slices.Index(marks(), s.TLP)
}

// rank is where a marking stands among all, the lowest first.
func rank(tlp string) int {
	if i := slices.Index(marks(), tlp); i >= 0 {
		return i
	}
	return len(marks()) - 1
}

// marks are the markings from the lowest to the highest.
func marks() []string { return record.Words("tlp") }

// Case tells whether a case on the link with a party is seen: by the record that opened it. One whose opening is not here could be anything.
func (s Sight) Case(party string, c docket.Case) bool {
	return s.Link(party) && (c.Open == nil && s.TLP == "" || c.Open != nil && s.Mark(c.Open.TLP))
}

// shows leaves of a case what is seen of it, and counts what is not.
func (s Sight) shows(d *CaseDetail) {
	all := len(d.Records)
	d.Records = slices.DeleteFunc(d.Records, func(r Shown) bool { return !s.Mark(r.Fields.Text("tlp")) })
	d.Hidden = all - len(d.Records)
}
