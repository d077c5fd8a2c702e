package verdict

import (
	"bytes"
	"cmp"
	"slices"
)

// forkOf says that the author of two checkpoints signed two logs. The order of
// the two does not matter.
func forkOf(how HowForked, a, b *checkpoint) ForkFinding {
	f := ForkFinding{Author: a.origin.Author, Outbox: a.Origin, How: how, A: a.forkHead(), B: b.forkHead(), RestsOn: bases(a.author)}
	if f.A.compare(f.B) > 0 {
		f.A, f.B = f.B, f.A
	}
	return f
}

func (cp *checkpoint) forkHead() ForkHead {
	return ForkHead{Size: cp.Size, Root: b64(cp.Root), Time: cp.Time}
}

func (h ForkHead) compare(o ForkHead) int {
	return cmp.Or(cmp.Compare(h.Size, o.Size), cmp.Compare(h.Root, o.Root), h.Time.Compare(o.Time), cmp.Compare(h.Leaf, o.Leaf))
}

// findForks adds the forks that the bundle shows without saying so: two heads
// of one size, or two records at one index. Then it sorts all of them.
func (j *judge) findForks() {
	sorted := slices.Clone(j.checkpoints)
	slices.SortFunc(sorted, func(a, b *checkpoint) int {
		return cmp.Or(cmp.Compare(a.Origin, b.Origin), cmp.Compare(a.Size, b.Size), bytes.Compare(a.Note, b.Note))
	})
	var first *checkpoint // of its origin and size
	for _, cp := range sorted {
		if first == nil || first.Origin != cp.Origin || first.Size != cp.Size {
			first = cp
		} else if first.Root != cp.Root {
			j.forks = append(j.forks, forkOf(ForkHeads, first, cp))
		}
	}
	var x *exhibit // the first of its place
	for _, y := range j.exhibits {
		if x == nil || x.cp.Origin != y.cp.Origin || x.index != y.index {
			x = y
		} else if x.leaf != y.leaf {
			j.forks = append(j.forks, forkOfRecords(x, y))
		}
	}
	j.sortForks()
}

func forkOfRecords(x, y *exhibit) ForkFinding {
	f := forkOf(ForkRecords, x.cp, y.cp)
	f.A, f.B = x.cp.forkHead(), y.cp.forkHead()
	f.A.Leaf, f.B.Leaf = b64u(x.leaf), b64u(y.leaf)
	if f.A.compare(f.B) > 0 {
		f.A, f.B = f.B, f.A
	}
	f.Index = &x.index
	return f
}

func (j *judge) sortForks() {
	compare := func(a, b ForkFinding) int {
		return cmp.Or(cmp.Compare(a.Outbox, b.Outbox), cmp.Compare(a.How, b.How), a.A.compare(b.A), a.B.compare(b.B), cmp.Compare(a.place(), b.place()))
	}
	slices.SortFunc(j.forks, compare)
	j.forks = slices.CompactFunc(j.forks, func(a, b ForkFinding) bool { return compare(a, b) == 0 })
}

// place is the index of two records, or -1.
func (f ForkFinding) place() int64 {
	if f.Index == nil {
		return -1
	}
	return *f.Index
}
