package docket

import (
	"encoding/binary"
	"runtime"
	"testing"
	"time"

	"verbale/record"
)

// aMillion gives the records of a link one after the other: cases of an appeal, its acknowledgement, an interim and a final answer. All that
// differs between two cases is where their records stand; what is read from is used again.
func aMillion(b *testing.B, records int, do func(Entry)) {
	b.Helper()
	h := read(b, "A:appeal(mitigate) B:ack B:answer(interim) B:answer(final)")
	var sizes [2]int64
	for n := range records {
		e := h.entries[n%4]
		side := min(n%4, 1)
		e.Ref.Index, e.Ref.Leaf = sizes[side], leafNumber(n)
		sizes[side]++
		if side == 1 {
			opening := n - n%4
			e.Opened.Fields.SetRef("in_reply_to", record.Ref{Outbox: toB, Index: int64(opening / 4), Leaf: leafNumber(opening)})
		}
		do(e)
	}
}

func leafNumber(n int) (leaf [32]byte) {
	binary.BigEndian.PutUint64(leaf[:], uint64(n)+1)
	return leaf
}

// BenchmarkFoldMillion folds a million records into a quarter of a million cases, all of them kept in memory.
func BenchmarkFoldMillion(b *testing.B) {
	const records = 1_000_000
	var before, after runtime.MemStats
	cases := map[string]Case{}
	for b.Loop() {
		clear(cases)
		runtime.GC()
		runtime.ReadMemStats(&before)
		aMillion(b, records, func(e Entry) {
			key := Key(e)
			cases[key] = Apply(cases[key], e)
		})
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/records, "ns/record")
	b.ReportMetric(float64(after.HeapAlloc-min(before.HeapAlloc, after.HeapAlloc))/float64(len(cases)), "B/case")
	if len(cases) != records/4 {
		b.Fatalf("%d cases", len(cases))
	}
}

// BenchmarkStatistics counts a hundred thousand cases: as they are, and with a basis that cuts the last answer off half of them.
func BenchmarkStatistics(b *testing.B) {
	const many = 100_000
	cases := map[string]Case{}
	aMillion(b, 4*many, func(e Entry) { cases[Key(e)] = Apply(cases[Key(e)], e) })
	list := make([]Case, 0, many)
	for _, c := range cases {
		list = append(list, c)
	}
	held := []Held{{Outbox: toB, From: partyA, To: partyB}, {Outbox: toA, From: partyB, To: partyA}}
	for i, most := range []int64{many, 3 * many} {
		for size := int64(8); size <= most; size += 8 {
			held[i].Receipts = append(held[i].Receipts, Receipt{size, morning.Add(time.Duration(size/int64(2*i+1)) * time.Minute)})
		}
	}
	late := morning.AddDate(10, 0, 0)
	for name, q := range map[string]Question{
		"whole": {AsOf: late},
		"half":  {AsOf: late, Basis: &Basis{Heads: []BasisHead{{Outbox: toB, Size: many}, {Outbox: toA, Size: 3 * many / 2}}}},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				s := NewStatistics(q, held, nil)
				for i := range list {
					s.Add(list[i], time.Time{})
				}
				if f := s.Figures(partyA, partyB); f.Totals[0].Received != many {
					b.Fatalf("%+v", f.Totals)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/many, "ns/case")
		})
	}
}
