package outbox

import (
	"encoding/binary"
	"fmt"
	"sync"
	"testing"
)

const million = 1 << 20

// big is a tree of 2^20 leaves, on its shelf.
var big = sync.OnceValue(func() shelf {
	s := shelf{}
	tree := OpenTree(0, s.read)
	for i := range int64(million) {
		if err := tree.Append(numbered(i)); err != nil {
			panic(err)
		}
	}
	s.save(tree)
	return s
})

func numbered(i int64) (h [32]byte) {
	binary.BigEndian.PutUint64(h[:], uint64(i))
	return h
}

func (s shelf) shared(id TileID) ([]byte, error) { return s[id], nil }

// BenchmarkAppend opens a tree of about 2^20 leaves, appends a batch and takes the root, as a commit does.
func BenchmarkAppend(b *testing.B) {
	for _, batch := range []int{1, 1000} {
		b.Run(fmt.Sprintf("batch=%d", batch), func(b *testing.B) {
			s, size := big(), int64(million-12345)
			b.ReportAllocs()
			for b.Loop() {
				tree := OpenTree(size, s.shared)
				for i := range batch {
					if err := tree.Append(numbered(int64(i))); err != nil {
						b.Fatal(err)
					}
				}
				if _, err := tree.Root(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*batch), "ns/leaf")
		})
	}
}

// BenchmarkAppendOnly is the price of a leaf in a tree that is already open.
func BenchmarkAppendOnly(b *testing.B) {
	tree := OpenTree(0, shelf{}.read)
	b.ReportAllocs()
	for b.Loop() {
		if tree.Size() == million {
			tree = OpenTree(0, shelf{}.read)
		}
		if err := tree.Append(numbered(tree.Size())); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRootAt(b *testing.B) {
	s := big()
	at := int64(0)
	for b.Loop() {
		at = (at + 7777777) % million
		if _, err := OpenTree(million, s.shared).RootAt(at); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkProveInclusion(b *testing.B) {
	s := big()
	at := int64(0)
	for b.Loop() {
		at = (at + 7777777) % million
		if _, err := OpenTree(million, s.shared).ProveInclusion(at, million); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCheckInclusion(b *testing.B) {
	tree := OpenTree(million, big().shared)
	proof, err := tree.ProveInclusion(77777, million)
	if err != nil {
		b.Fatal(err)
	}
	root, err := tree.Root()
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if err := CheckInclusion(proof, million, root, 77777, numbered(77777)); err != nil {
			b.Fatal(err)
		}
	}
}
