package verdict

import (
	"cmp"
	"crypto/sha256"
	"slices"
	"strings"
	"time"

	"verbale/seal"
)

// A date is when witnesses cosigned a checkpoint of a register (B-13).
type date struct {
	register *signed
	from, to time.Time
	by       []CosignerFinding
	vouched  bool // the policy of the person verifying is met
}

// readDates dates the registers.
func (j *judge) readDates() error {
	for _, s := range j.signed {
		if len(s.lines) == 0 {
			continue
		}
		s.date = s.earliest()
		if j.trusted.Policy == nil {
			continue
		}
		d, err := s.datedBy(j.trusted.Policy)
		if err != nil {
			return fail(KindWitness, "policy", "B-11", "the policy cannot be held against the lines over size %d of %s", s.head.Size, s.head.Origin).because(err)
		}
		if d != nil {
			s.date = d
		}
	}
	return nil
}

// earliest is the date for whom no policy vouches: one witness is enough, and
// none is known.
func (s *signed) earliest() *date {
	d := &date{register: s}
	for _, l := range s.lines {
		d.by = append(d.by, CosignerFinding{Name: l.name, Time: l.at})
	}
	slices.SortFunc(d.by, func(a, b CosignerFinding) int { return cmp.Or(a.Time.Compare(b.Time), cmp.Compare(a.Name, b.Name)) })
	d.by = slices.Compact(d.by) // both keys of a witness at one time
	d.from, d.to = d.by[0].Time, d.by[0].Time
	return d
}

// datedBy is the date by a policy (K-22), nil if it is not met.
func (s *signed) datedBy(p *seal.Policy) (*date, error) {
	var lines []line
	for _, w := range p.Witnesses {
		if l, ok := s.lines[w.Key.String()]; ok {
			lines = append(lines, l)
		}
	}
	slices.SortFunc(lines, func(a, b line) int { return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.text, b.text)) })
	note := s.head.Text() + "\n"
	for _, l := range lines[:min(len(lines), maxNoteLines-logLines)] {
		note += l.text
	}
	if len(lines) == 0 {
		return nil, nil
	}
	got, err := p.Date([]byte(note), s.head)
	if err != nil || !got.Met || got.To.IsZero() {
		return nil, err
	}
	d := &date{register: s, from: got.From, to: got.To, vouched: true}
	for _, c := range got.By {
		d.by = append(d.by, CosignerFinding{Name: c.Name, Time: c.Time})
	}
	return d, nil
}

// compare puts the better of two dates first: vouched, then early.
func (d *date) compare(o *date) int {
	return cmp.Or(compareBool(o.vouched, d.vouched), d.to.Compare(o.to), d.from.Compare(o.from),
		cmp.Compare(d.register.head.Origin, o.register.head.Origin), cmp.Compare(d.register.head.Size, o.register.head.Size),
		slices.Compare(d.register.head.Root[:], o.register.head.Root[:]))
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// An opening is a head that an entry of a register is shown to have hashed.
type opening struct {
	entry *known
	taken time.Time // as the register's author states; zero if not shown
	date  *date     // of the entry; nil while it is pending
	of    *signed
}

// readOpenings finds the heads that are opened (B-13).
func (j *judge) readOpenings() {
	digests := make(map[string]*signed)
	for head, s := range j.signed {
		sum := sha256.Sum256([]byte(head.Text()))
		digests[b64u(sum)] = s
	}
	for _, k := range j.known {
		if k.origin.Audience == seal.Public {
			k.date = k.ownDate()
		}
		if k.origin.Audience != seal.Public || k.act() != "heads" {
			continue
		}
		seen := make(map[*signed]bool)
		for _, x := range k.exhibits {
			for _, digest := range x.opened.Fields.Texts("heads") {
				s := digests[digest]
				if x.opened.Act() != "heads" || s == nil || seen[s] {
					continue
				}
				seen[s] = true
				o := &opening{entry: k, taken: k.time("taken_at"), date: k.date, of: s}
				j.openings[s] = append(j.openings[s], o)
			}
		}
	}
}

// ownDate is the best date of a record in a register.
func (k *known) ownDate() (best *date) {
	for _, x := range k.exhibits {
		if d := x.cp.signed.date; d != nil && (best == nil || d.compare(best) < 0) {
			best = d
		}
	}
	return best
}

// compare puts the better of two dated openings first.
func (o *opening) compare(p *opening) int {
	return cmp.Or(o.date.compare(p.date), cmp.Compare(o.entry.place.Index, p.entry.place.Index), cmp.Compare(o.entry.place.Leaf, p.entry.place.Leaf),
		cmp.Compare(o.of.head.Size, p.of.head.Size), slices.Compare(o.of.head.Root[:], p.of.head.Root[:]))
}

// A holder is a head in the registers of a party, or of anybody.
type holder struct {
	head *signed
	kin  *party
}

// opened is the best dated opening of a head, in the registers of a party if
// one is given; nil if there is none.
func (j *judge) opened(s *signed, by *party) *opening {
	if j.best == nil {
		j.best = make(map[holder]*opening)
		for head, list := range j.openings {
			for _, o := range list {
				for _, kin := range []*party{nil, o.entry.author.kin} {
					at := holder{head, kin}
					if best := j.best[at]; o.date != nil && (best == nil || o.compare(best) < 0) {
						j.best[at] = o
					}
				}
			}
		}
	}
	if by != nil {
		by = by.kin
	}
	return j.best[holder{s, by}]
}

// dateRecords gives every record its not after and its not before.
func (j *judge) dateRecords() {
	bounds := j.bounds()
	for _, k := range j.known {
		if k.date != nil {
			k.notAfter = k.date.finding()
		} else if o := j.openedOver(k); o != nil {
			k.date, k.notAfter = o.date, o.finding()
		}
		if b := bounds[k.origin.String()].upTo(k.place.Index); b != nil {
			k.bound, k.boundBy = b.at, b.opening.date
			k.notBefore = b.opening.finding()
			k.notBefore.Bound = b.at
			released := k.time("released_at")
			k.backdated = !released.IsZero() && released.Add(maxMoment).Before(b.at)
		}
	}
}

// openedOver is the best dated opening of a head under which a record stands.
func (j *judge) openedOver(k *known) (best *opening) {
	for _, x := range k.exhibits {
		if o := j.opened(x.cp.signed, nil); o != nil && (best == nil || o.compare(best) < 0) {
			best = o
		}
	}
	return best
}

// A bound is until when, as its author states, an outbox had not more entries.
type bound struct {
	size    int64
	at      time.Time
	opening *opening
}

// boundList has one outbox's bounds by size, each the best up to its size.
type boundList []bound

// bounds collects what authors stated of their own outboxes.
func (j *judge) bounds() map[string]boundList {
	all := make(map[string]boundList)
	for s, list := range j.openings {
		for _, o := range list {
			if o.date == nil || o.taken.IsZero() || o.entry.author.kin != s.author.kin {
				continue
			}
			b := bound{s.head.Size, o.taken, o}
			if o.date.to.Before(b.at) {
				b.at = o.date.to // it existed by then, whatever clock its author had
			}
			all[s.head.Origin] = append(all[s.head.Origin], b)
		}
	}
	for _, list := range all {
		slices.SortFunc(list, func(a, b bound) int { return cmp.Or(cmp.Compare(a.size, b.size), a.compare(b)) })
		for i := 1; i < len(list); i++ {
			if size := list[i].size; list[i-1].compare(list[i]) < 0 {
				list[i] = list[i-1]
				list[i].size = size
			}
		}
	}
	return all
}

// compare puts the better bound first: vouched, then late.
func (b bound) compare(o bound) int {
	return cmp.Or(compareBool(o.opening.date.vouched, b.opening.date.vouched), o.at.Compare(b.at), b.opening.compare(o.opening))
}

// upTo is the best bound of at most so many entries.
func (l boundList) upTo(size int64) *bound {
	n, _ := slices.BinarySearchFunc(l, size, func(b bound, size int64) int {
		if b.size <= size {
			return -1
		}
		return 1
	})
	if n == 0 {
		return nil
	}
	return &l[n-1]
}

func (d *date) finding() *DatingFinding {
	return &DatingFinding{Register: d.register.head.Origin, Size: d.register.head.Size, From: d.from, To: d.to, By: d.by, Vouched: d.vouched}
}

func (o *opening) finding() *DatingFinding {
	f := o.date.finding()
	f.Entry, f.TakenAt = &o.entry.place, o.taken
	f.HeadSize, f.HeadRoot = o.of.head.Size, b64(o.of.head.Root)
	return f
}

// witnessFindings lists the keys by which lines stand in the bundle.
func (j *judge) witnessFindings() []WitnessFinding {
	var list []WitnessFinding
	used := make(map[string]bool)
	for _, s := range j.signed {
		for vkey := range s.lines {
			used[vkey] = true
		}
	}
	for vkey := range used {
		f := WitnessFinding{Key: vkey}
		f.Name, _, _ = strings.Cut(vkey, "+")
		if j.trusted.Policy != nil {
			f.Vouched = slices.ContainsFunc(j.trusted.Policy.Witnesses, func(w seal.PolicyWitness) bool { return w.Key.String() == vkey })
		}
		list = append(list, f)
	}
	slices.SortFunc(list, func(a, b WitnessFinding) int { return cmp.Compare(a.Key, b.Key) })
	return list
}
