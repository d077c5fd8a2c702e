package exchange

import (
	"bytes"
	"testing"
)

// benched is a batch of 256 entries with contents of 6 KB, what a busy hour of a link is.
func benched(b *testing.B) (*log, *mirror, *Batch) {
	b.Helper()
	l, m := scene(b, 0)
	for range 256 {
		l.add(l.entry(6000))
	}
	return l, m, l.batch(0, 256)
}

// perEntry reports microseconds per entry.
func perEntry(b *testing.B, batch *Batch) {
	b.SetBytes(batch.Size())
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*len(batch.Entries)), "us/entry")
}

func BenchmarkReadBatch(b *testing.B) {
	_, _, batch := benched(b)
	data := encode(b, batch)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ReadBatch(bytes.NewReader(data)); err != nil {
			b.Fatal(err)
		}
	}
	perEntry(b, batch)
}

func BenchmarkVerify(b *testing.B) {
	l, m, batch := benched(b)
	author := l.author()
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := Verify(m.state(), author, batch, morning); err != nil {
			b.Fatal(err)
		}
	}
	perEntry(b, batch)
}
