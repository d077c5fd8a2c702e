package verdict

import (
	"cmp"
	"slices"
	"time"

	"verbale/seal"
)

// clocks names the clocks that the dates contradict by more than an hour (B-13).
func (j *judge) clocks() []ClockFinding {
	var list []ClockFinding
	late := func(f ClockFinding, d *date, by *party) {
		if d != nil && f.Says.After(d.to.Add(maxClockGap)) {
			f.Bound, f.Seconds, f.Vouched = d.to, int64(f.Says.Sub(d.to)/time.Second), d.vouched
			f.RestsOn = bases(by, d.register.author)
			list = append(list, f)
		}
	}
	for _, k := range j.known {
		f := ClockFinding{Party: k.origin.Author, Statement: ClockReleased, Says: k.time("released_at"), Outbox: k.place.Outbox, Index: &k.place.Index}
		if taken := k.time("taken_at"); k.act() == "heads" && !taken.IsZero() {
			f.Statement, f.Says = ClockTaken, taken
		}
		late(f, k.date, k.author)
	}
	for _, cp := range j.checkpoints {
		late(ClockFinding{Party: cp.origin.Author, Statement: ClockCheckpoint, Says: cp.Time, Outbox: cp.Origin, Size: cp.Size}, cp.signed.date, cp.author)
	}
	for _, s := range j.signed {
		for _, r := range s.receipts {
			if o := j.opened(s, r.by); o != nil {
				late(ClockFinding{Party: r.By, Statement: ClockReceipt, Says: r.Time, Outbox: s.head.Origin, Size: s.head.Size}, o.date, r.by)
			}
		}
	}
	list = append(list, j.earlyReceipts()...)
	compare := func(a, b ClockFinding) int {
		return cmp.Or(cmp.Compare(a.Outbox, b.Outbox), cmp.Compare(a.place(), b.place()), cmp.Compare(a.Size, b.Size), cmp.Compare(a.Statement, b.Statement),
			cmp.Compare(a.Party, b.Party), a.Says.Compare(b.Says), a.Bound.Compare(b.Bound))
	}
	slices.SortFunc(list, compare)
	return slices.CompactFunc(list, func(a, b ClockFinding) bool { return compare(a, b) == 0 })
}

func (f ClockFinding) place() int64 {
	if f.Index == nil {
		return -1
	}
	return *f.Index
}

// earlyReceipts names receipts that are older than their records can be, as
// the author of the records states. Of one receipt the record that is worst.
func (j *judge) earlyReceipts() []ClockFinding {
	type given struct {
		head seal.Head
		by   string
		at   int64
	}
	worst := make(map[given]ClockFinding)
	for _, k := range j.known {
		if k.boundBy == nil {
			continue
		}
		for _, s := range k.heads() {
			for _, r := range s.receipts {
				if !r.Time.Add(maxClockGap).Before(k.bound) {
					continue
				}
				at := given{s.head, r.By, r.Time.Unix()}
				if old, ok := worst[at]; !ok || old.Bound.Before(k.bound) {
					worst[at] = ClockFinding{
						Party: r.By, Statement: ClockEarly, Says: r.Time, Bound: k.bound, Seconds: int64(k.bound.Sub(r.Time) / time.Second), Vouched: k.boundBy.vouched,
						Outbox: k.place.Outbox, Index: &k.place.Index, Size: s.head.Size, RestsOn: bases(r.by, k.boundBy.register.author),
					}
				}
			}
		}
	}
	var list []ClockFinding
	for _, f := range worst {
		list = append(list, f)
	}
	return list
}
