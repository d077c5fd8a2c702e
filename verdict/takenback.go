package verdict

import (
	"cmp"
	"slices"
	"time"

	"verbale/seal"
)

// A Role is what a party is to an outbox.
type Role string

// The roles.
const (
	Author   Role = "author"
	Audience Role = "audience"
	Relay    Role = "relay" // anybody else
)

func roleOf(o seal.Origin, party string) Role {
	switch party {
	case o.Author:
		return Author
	case o.Audience:
		return Audience
	}
	return Relay
}

// A said is a statement of a party on the size of an outbox (B-15).
type said struct {
	StatementFinding
	by *party
}

// A speech is all statements of one party on one outbox.
type speech struct{ outbox, by string }

// statements collects them all.
func (j *judge) statements() map[speech][]said {
	all := make(map[speech][]said)
	add := func(s *signed, by *party, kind StatementKind, at time.Time, entry *Place) {
		k := speech{s.head.Origin, by.Party}
		all[k] = append(all[k], said{StatementFinding{Kind: kind, Size: s.head.Size, Root: b64(s.head.Root), Time: at, Entry: entry}, by})
	}
	for _, s := range j.signed {
		for _, r := range s.receipts {
			add(s, r.by, SaidReceipt, r.Time, nil)
		}
		for _, o := range j.openings[s] {
			if !o.taken.IsZero() {
				add(s, o.entry.author, SaidHeads, o.taken, &o.entry.place)
			}
		}
	}
	for _, cp := range j.checkpoints {
		add(cp.signed, cp.author, SaidCheckpoint, cp.Time, nil)
	}
	for _, b := range j.beats {
		add(&signed{head: b.Head}, b.by, SaidBeat, b.Time, nil)
	}
	return all
}

// takenBack finds who said of an outbox that it was smaller than the same party
// had said before.
func (j *judge) takenBack() []TakenBackFinding {
	var list []TakenBackFinding
	for k, statements := range j.statements() {
		slices.SortFunc(statements, said.compare)
		origin, err := seal.ParseOrigin(k.outbox)
		if err != nil {
			continue
		}
		f := TakenBackFinding{Outbox: k.outbox, By: k.by, Role: roleOf(origin, k.by)}
		if larger, smaller, ok := shrunk(statements); ok {
			f.How, f.Larger, f.Smaller, f.RestsOn = Smaller, larger.StatementFinding, smaller.StatementFinding, bases(larger.by, smaller.by)
			list = append(list, f)
		}
		if a, b, ok := twoHeads(statements); ok {
			f.How, f.Larger, f.Smaller, f.RestsOn = TwoHeads, b.StatementFinding, a.StatementFinding, bases(b.by, a.by)
			list = append(list, f)
		}
	}
	slices.SortFunc(list, func(a, b TakenBackFinding) int {
		return cmp.Or(cmp.Compare(a.Outbox, b.Outbox), cmp.Compare(a.By, b.By), cmp.Compare(a.How, b.How))
	})
	return list
}

func (s said) compare(o said) int {
	return cmp.Or(s.Time.Compare(o.Time), cmp.Compare(s.Size, o.Size), cmp.Compare(s.Root, o.Root), cmp.Compare(s.Kind, o.Kind), s.Entry.compare(o.Entry),
		cmp.Compare(s.by.Generation, o.by.Generation))
}

// compare orders places, none first.
func (p *Place) compare(o *Place) int {
	if p == nil || o == nil {
		return compareBool(p != nil, o != nil)
	}
	return cmp.Or(cmp.Compare(p.Outbox, o.Outbox), cmp.Compare(p.Index, o.Index), cmp.Compare(p.Leaf, o.Leaf))
}

// shrunk finds the first statement, in the order of time, of a size below one
// that was stated for certain before it.
func shrunk(statements []said) (larger, smaller said, ok bool) {
	var firm []said // each larger than all before it
	for _, s := range statements {
		if s.Kind != SaidBeat && (len(firm) == 0 || s.Size > firm[len(firm)-1].Size) {
			firm = append(firm, s)
		}
		if s.Kind == SaidCheckpoint {
			continue
		}
		before := s.Time
		if s.Kind == SaidHeads {
			before = before.Add(-maxMoment) // it is written a moment after the heads were looked up
		}
		n, _ := slices.BinarySearchFunc(firm, before, func(f said, t time.Time) int {
			if f.Time.Before(t) {
				return -1
			}
			return 1
		})
		if n > 0 && firm[n-1].Size > s.Size {
			return firm[n-1], s, true
		}
	}
	return larger, smaller, false
}

// twoHeads finds two heads that one entry opens (G-7).
func twoHeads(statements []said) (a, b said, ok bool) {
	first := make(map[Place]said)
	for _, s := range statements {
		if s.Kind != SaidHeads {
			continue
		}
		if old, ok := first[*s.Entry]; ok {
			return old, s, true
		}
		first[*s.Entry] = s
	}
	return a, b, false
}
