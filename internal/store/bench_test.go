package store_test

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"testing"

	"verbale/internal/exchange"
	"verbale/internal/store"
	"verbale/outbox"
	"verbale/seal"
)

// BenchmarkAppend is the transaction alone: leaves of 1.1 KB, contents of 6 KB, tiles, a checkpoint of two signatures. The note is not signed
// anew for each size: the store does not look at it.
func BenchmarkAppend(b *testing.B) {
	for _, batch := range []int{1, 16, 256} {
		b.Run(fmt.Sprint(batch), func(b *testing.B) {
			s := openDisk(b, b.TempDir(), store.Options{})
			l := newLog(b, "a.example", "b.example")
			o := create(b, s, l)
			st := l.fork().grow(batch, 6000)
			size := int64(0)
			for b.Loop() {
				size = appendUnsigned(b, s, o, size, st)
			}
			b.ReportMetric(float64(size)/b.Elapsed().Seconds(), "leaves/s")
		})
	}
}

// appendUnsigned appends the leaves of a step once more, wherever the outbox is.
func appendUnsigned(b *testing.B, s *store.Store, o store.Outbox, size int64, st step) int64 {
	b.Helper()
	update(b, s, func(tx *store.Tx) error {
		tree := outbox.OpenTree(size, tx.Tiles(o.ID))
		for i := range st.leaves {
			if err := tree.Append(sha256.Sum256(binary.BigEndian.AppendUint64(nil, uint64(size)+uint64(i)))); err != nil {
				return err
			}
		}
		root, err := tree.Root()
		if err != nil {
			return err
		}
		cp := seal.Checkpoint{Head: seal.Head{Origin: o.Origin.String(), Size: tree.Size(), Root: root}, Note: st.cp.Note}
		return tx.Append(o.ID, size, st.leaves, tree.Changed(), cp)
	})
	return size + int64(len(st.leaves))
}

// warm gives a store whose WAL has been round once, as it has after the first minute of a node's life.
func warm(b *testing.B) *store.Store {
	b.Helper()
	s := openDisk(b, b.TempDir(), store.Options{})
	l := newLog(b, "w.example", "b.example")
	o, st, size := create(b, s, l), l.fork().grow(256, 6000), int64(0)
	for range 20 {
		size = appendUnsigned(b, s, o, size, st)
	}
	return s
}

// BenchmarkAdvance is the transaction alone, with steps that were verified before.
func BenchmarkAdvance(b *testing.B) {
	const batch, prepared = 256, 40
	l, ring := newLog(b, "a.example", "z.example"), newRing(b, "z.example")
	var steps [prepared]*exchange.Advance
	var receipts [prepared]seal.Receipt
	for i := range steps {
		st := l.grow(batch, 6000)
		steps[i] = l.verify(exchange.Mirror{Origin: l.origin, Head: seal.Head{Origin: l.origin.String(), Size: st.base}, Tiles: l.read}, st)
		receipts[i] = countersign(b, ring, st.cp, day)
	}
	b.Run(fmt.Sprint(batch), func(b *testing.B) {
		var s *store.Store
		n := 0
		for b.Loop() {
			if n%prepared == 0 {
				b.StopTimer()
				if s != nil {
					closeStore(b, s)
				}
				s = warm(b)
				b.StartTimer()
			}
			i := n % prepared
			if err := s.Update(b.Context(), func(tx *store.Tx) error { return tx.Advance(steps[i], receipts[i]) }); err != nil {
				b.Fatal(err)
			}
			n++
		}
		b.ReportMetric(float64(n*batch)/b.Elapsed().Seconds(), "leaves/s")
	})
}
