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
	by   *party
	date *date // that witnesses give it, or nil
}

// A speech is all statements of one holder of keys on one outbox.
type speech struct {
	outbox string
	kin    *party
}

// statements collects them all.
func (j *judge) statements() map[speech][]said {
	all := make(map[speech][]said)
	add := func(h seal.Head, by *party, f StatementFinding, d *date) {
		f.Size, f.Root = h.Size, b64(h.Root)
		k := speech{h.Origin, by.kin}
		all[k] = append(all[k], said{f, by, d})
	}
	for _, s := range j.signed {
		for _, r := range s.receipts {
			var d *date
			if o := j.opened(s, r.by); o != nil {
				d = o.date
			}
			add(s.head, r.by, StatementFinding{Kind: SaidReceipt, Time: r.Time}, d)
		}
		for _, o := range j.openings[s] {
			if !o.taken.IsZero() {
				add(s.head, o.entry.author, StatementFinding{Kind: SaidHeads, Time: o.taken, Entry: &o.entry.place}, o.date)
			}
		}
	}
	for _, cp := range j.checkpoints {
		add(cp.Head, cp.author, StatementFinding{Kind: SaidCheckpoint, Time: cp.Time}, nil)
	}
	for _, b := range j.beats {
		add(b.Head, b.by, StatementFinding{Kind: SaidBeat, Time: b.Time}, nil)
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
		f := TakenBackFinding{Outbox: k.outbox, By: k.kin.Party, Role: roleOf(origin, k.kin.Party)}
		if larger, smaller, ok := shrunk(statements); ok {
			list = append(list, j.contradiction(f, Smaller, larger, smaller))
		}
		if a, b, ok := twoHeads(statements); ok {
			list = append(list, j.contradiction(f, TwoHeads, b, a))
		}
	}
	slices.SortFunc(list, func(a, b TakenBackFinding) int {
		return cmp.Or(cmp.Compare(a.Outbox, b.Outbox), cmp.Compare(a.By, b.By), cmp.Compare(a.How, b.How), a.Larger.compare(b.Larger), a.Smaller.compare(b.Smaller))
	})
	return list
}

// contradiction fills in the two statements, and what their keys are worth:
// whoever has stolen keys can contradict their owner.
func (j *judge) contradiction(f TakenBackFinding, how HowTakenBack, larger, smaller said) TakenBackFinding {
	f.How, f.Larger, f.Smaller, f.RestsOn = how, larger.StatementFinding, smaller.StatementFinding, bases(larger.by, smaller.by)
	for _, s := range []said{larger, smaller} {
		if old := j.standing(s.by, s.Time, s.date); old != nil && (f.OldKeys == nil || old.Standing == Revoked) {
			f.OldKeys = old
		}
	}
	return f
}

func (s said) compare(o said) int {
	return cmp.Or(s.StatementFinding.compare(o.StatementFinding), cmp.Compare(s.by.Generation, o.by.Generation))
}

// compare orders statements by time, then size.
func (f StatementFinding) compare(o StatementFinding) int {
	return cmp.Or(f.Time.Compare(o.Time), cmp.Compare(f.Size, o.Size), cmp.Compare(f.Root, o.Root), cmp.Compare(f.Kind, o.Kind), f.Entry.compare(o.Entry))
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
