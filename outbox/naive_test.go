package outbox

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"
)

// The tree as RFC 6962 §2.1 and RFC 9162 §2.1 define it, word for word, over all leaf hashes in memory. It knows neither tlog nor
// tiles: it is what the tests compare with.

func naiveRoot(d [][32]byte) [32]byte {
	switch len(d) {
	case 0:
		return sha256.Sum256(nil)
	case 1:
		return d[0]
	}
	k := split(len(d))
	l, r := naiveRoot(d[:k]), naiveRoot(d[k:])
	return sha256.Sum256(slices.Concat([]byte{1}, l[:], r[:]))
}

// split is the largest power of two smaller than n.
func split(n int) int {
	k := 1
	for k*2 < n {
		k *= 2
	}
	return k
}

func naiveInclusion(m int, d [][32]byte) [][32]byte {
	if len(d) == 1 {
		return nil
	}
	k := split(len(d))
	if m < k {
		return append(naiveInclusion(m, d[:k]), naiveRoot(d[k:]))
	}
	return append(naiveInclusion(m-k, d[k:]), naiveRoot(d[:k]))
}

func naiveConsistency(m int, d [][32]byte) [][32]byte {
	if m == 0 || m == len(d) {
		return nil
	}
	return naiveSubproof(m, d, true)
}

func naiveSubproof(m int, d [][32]byte, whole bool) [][32]byte {
	if m == len(d) {
		if whole {
			return nil
		}
		return [][32]byte{naiveRoot(d)}
	}
	k := split(len(d))
	if m <= k {
		return append(naiveSubproof(m, d[:k], whole), naiveRoot(d[k:]))
	}
	return append(naiveSubproof(m-k, d[k:], false), naiveRoot(d[:k]))
}

// leavesOf gives the hashes of leaves "entry 0", "entry 1" and so on.
func leavesOf(n int) [][32]byte {
	d := make([][32]byte, n)
	for i := range d {
		d[i] = LeafHash(fmt.Appendf(nil, "entry %d", i))
	}
	return d
}

// A shelf keeps tiles as a store does.
type shelf map[TileID][]byte

func (s shelf) read(id TileID) ([]byte, error) { return slices.Clone(s[id]), nil }

func (s shelf) save(tree *Tree) {
	for id, data := range tree.Changed() {
		s[id] = slices.Clone(data)
	}
}

// grown gives the tree of d, and a shelf with its tiles.
func grown(t testing.TB, d [][32]byte) (*Tree, shelf) {
	t.Helper()
	s := shelf{}
	tree := OpenTree(0, s.read)
	extend(t, tree, d)
	s.save(tree)
	return tree, s
}

func extend(t testing.TB, tree *Tree, d [][32]byte) {
	t.Helper()
	for _, h := range d {
		if err := tree.Append(h); err != nil {
			t.Fatal(err)
		}
	}
}

func equalShelves(a, b shelf) bool { return maps.EqualFunc(a, b, slices.Equal[[]byte]) }

func must[T any](t testing.TB) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// refused fails the test unless err is one of this package with this kind, complete.
func refused(t testing.TB, kind Kind, err error) {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("want an *Error of kind %s, got %T %v", kind, err, err)
	}
	if e.Kind != kind || e.Rule == "" || e.Text == "" {
		t.Fatalf("want kind %s, got %#v", kind, e)
	}
}
