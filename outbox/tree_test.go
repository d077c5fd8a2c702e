package outbox

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestEmpty(t *testing.T) {
	tree := OpenTree(0, shelf{}.read)
	if root := must[[32]byte](t)(tree.Root()); root != sha256.Sum256(nil) { // O-7
		t.Fatalf("root of nothing: %x", root)
	}
	if len(tree.Changed()) != 0 || tree.Size() != 0 {
		t.Fatal("an empty tree has tiles or leaves")
	}
	if proof := must[[][32]byte](t)(tree.ProveConsistency(0, 0)); len(proof) != 0 {
		t.Fatalf("from nothing to nothing: %x", proof)
	}
}

// TestTileBoundaries is about the sizes where a tile fills, is full, or the next one begins, at both levels.
func TestTileBoundaries(t *testing.T) {
	d := leavesOf(65537 + 256)
	for _, size := range []int{255, 256, 257, 511, 512, 513, 65535, 65536, 65537, 65536 + 255, 65536 + 256, 65537 + 256} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			tree, s := grown(t, d[:size])
			root := naiveRoot(d[:size])
			if must[[32]byte](t)(tree.Root()) != root {
				t.Fatal("the root is not that of RFC 6962")
			}
			again := OpenTree(int64(size), s.read)
			if must[[32]byte](t)(again.Root()) != root {
				t.Fatal("the root from tiles differs")
			}
			checkTiles(t, s, d[:size])
			for _, at := range []int{0, 1, 254, 255, 256, size / 2, size - 2, size - 1} {
				if at < size {
					checkProofs(t, again, d[:size], at)
				}
			}
		})
	}
}

// checkTiles checks that the shelf holds the tiles of C2SP tlog-tiles for d, and no others.
func checkTiles(t *testing.T, s shelf, d [][32]byte) {
	t.Helper()
	count := 0
	row := d
	for level := 0; len(row) > 0; level++ {
		for n := 0; n*256 < len(row); n++ {
			var want []byte
			for _, h := range row[n*256 : min(len(row), n*256+256)] {
				want = append(want, h[:]...)
			}
			if !slices.Equal(s[TileID{level, int64(n)}], want) {
				t.Fatalf("tile %d/%d of the tree of %d is wrong", level, n, len(d))
			}
			count++
		}
		var above [][32]byte
		for n := 0; n*256+256 <= len(row); n++ {
			above = append(above, naiveRoot(row[n*256:n*256+256]))
		}
		row = above
	}
	if len(s) != count {
		t.Fatalf("%d tiles for %d leaves, want %d", len(s), len(d), count)
	}
}

// checkProofs checks the proof of leaf at, and that of the first at leaves, in the tree of d.
func checkProofs(t testing.TB, tree *Tree, d [][32]byte, at int) {
	t.Helper()
	size, root := int64(len(d)), naiveRoot(d)
	proof := must[[][32]byte](t)(tree.ProveInclusion(int64(at), size))
	if !slices.Equal(proof, naiveInclusion(at, d)) {
		t.Fatalf("inclusion of %d in %d: not the proof of RFC 9162", at, size)
	}
	if err := CheckInclusion(proof, size, root, int64(at), d[at]); err != nil {
		t.Fatal(err)
	}
	proof = must[[][32]byte](t)(tree.ProveConsistency(int64(at), size))
	if !slices.Equal(proof, naiveConsistency(at, d)) {
		t.Fatalf("consistency of %d with %d: not the proof of RFC 9162", at, size)
	}
	if err := CheckConsistency(proof, size, root, int64(at), naiveRoot(d[:at])); err != nil {
		t.Fatal(err)
	}
}

func TestAllPairs(t *testing.T) {
	const most = 67
	d := leavesOf(most)
	tree, s := grown(t, d)
	for _, from := range []*Tree{tree, OpenTree(most, s.read)} {
		for size := range most + 1 {
			if root := must[[32]byte](t)(from.RootAt(int64(size))); root != naiveRoot(d[:size]) {
				t.Fatalf("root at %d", size)
			}
			for at := range size {
				checkProofs(t, from, d[:size], at)
			}
		}
	}
}

// TestBatches grows a tree as a store does: a few leaves, save the changed tiles, open it again from what was saved.
func TestBatches(t *testing.T) {
	all := leavesOf(2000)
	rapid.Check(t, func(r *rapid.T) {
		d := all[:rapid.OneOf(rapid.IntRange(0, 2000), rapid.SampledFrom([]int{255, 256, 257, 512, 1024})).Draw(r, "size")]
		_, whole := grown(t, d)
		s := shelf{}
		for size := 0; size < len(d); {
			n := min(len(d)-size, rapid.OneOf(rapid.IntRange(0, 20), rapid.IntRange(0, 600)).Draw(r, "batch"))
			tree := OpenTree(int64(size), s.read)
			extend(t, tree, d[size:size+n])
			s.save(tree)
			size += n
			if n > 0 && must[[32]byte](t)(tree.Root()) != naiveRoot(d[:size]) {
				r.Fatalf("root at %d after a batch of %d", size, n)
			}
		}
		if !equalShelves(s, whole) {
			r.Fatal("many batches leave other tiles than one")
		}
		if len(d) == 0 {
			return
		}
		tree := OpenTree(int64(len(d)), s.read)
		small := rapid.IntRange(0, len(d)).Draw(r, "smaller size")
		if must[[32]byte](t)(tree.RootAt(int64(small))) != naiveRoot(d[:small]) {
			r.Fatalf("root at %d of %d", small, len(d))
		}
		checkProofs(t, tree, d, rapid.IntRange(0, len(d)-1).Draw(r, "at"))
		at := rapid.IntRange(0, max(0, small-1)).Draw(r, "at of the smaller")
		if small > 0 {
			checkProofs(t, tree, d[:small], at)
		}
	})
}

// TestLongBatches crosses the second level with batches of odd sizes.
func TestLongBatches(t *testing.T) {
	d := leavesOf(65536 + 700)
	_, whole := grown(t, d)
	s := shelf{}
	for size, n := 0, 977; size < len(d); size += n {
		n = min(n, len(d)-size)
		tree := OpenTree(int64(size), s.read)
		extend(t, tree, d[size:size+n])
		s.save(tree)
	}
	if !equalShelves(s, whole) {
		t.Fatal("many batches leave other tiles than one")
	}
}

// TestOlderSize opens a tree at a size below that of the stored tiles, and grows it another way: what is stored above the size
// does not count.
func TestOlderSize(t *testing.T) {
	d := leavesOf(600)
	_, s := grown(t, d)
	other := slices.Concat(d[:250], leavesOf(900)[600:])
	tree := OpenTree(250, s.read)
	extend(t, tree, other[250:])
	s.save(tree)
	if must[[32]byte](t)(tree.Root()) != naiveRoot(other) {
		t.Fatal("leaves above the size were counted")
	}
	if must[[32]byte](t)(OpenTree(int64(len(other)), s.read).Root()) != naiveRoot(other) {
		t.Fatal("the changed tiles do not hold the tree")
	}
}

func TestChangedStaysAsItWas(t *testing.T) {
	d := leavesOf(300)
	tree, _ := grown(t, d[:200])
	before := tree.Changed()
	kept := shelf{}
	kept.save(tree)
	_ = append(before[TileID{0, 0}], "not ours"...)
	extend(t, tree, d[200:])
	if !equalShelves(before, kept) {
		t.Fatal("tiles given away have changed")
	}
	if must[[32]byte](t)(tree.Root()) != naiveRoot(d) {
		t.Fatal("a caller's append reached the tree")
	}
	stored := shelf{}
	stored.save(tree)
	was := shelf{}
	was.save(tree)
	extend(t, OpenTree(270, func(id TileID) ([]byte, error) { return stored[id], nil }), leavesOf(50))
	if !equalShelves(stored, was) {
		t.Fatal("Append wrote to what ReadTile gave")
	}
}

func TestRefusedArguments(t *testing.T) {
	tree, _ := grown(t, leavesOf(5))
	for _, size := range []int64{-1, 6, 1 << 62} {
		_, err := tree.RootAt(size)
		refused(t, Refused, err)
	}
	for _, c := range [][2]int64{{-1, 5}, {5, 5}, {0, 0}, {0, 6}, {3, 2}, {0, -1}} {
		_, err := tree.ProveInclusion(c[0], c[1])
		refused(t, Refused, err)
	}
	for _, c := range [][2]int64{{-1, 5}, {3, 2}, {0, 6}, {6, 6}} {
		_, err := tree.ProveConsistency(c[0], c[1])
		refused(t, Refused, err)
	}
	for _, size := range []int64{MaxSize, -1} { // O-7
		refused(t, Refused, OpenTree(size, shelf{}.read).Append([32]byte{}))
	}
}

// TestImpossibleSizes: a tree opened at a size beyond O-7 answers, and does not search for ever.
func TestImpossibleSizes(t *testing.T) {
	full := func(TileID) ([]byte, error) { return make([]byte, tileWidth*32), nil }
	for _, size := range []int64{-1 << 63, -1, MaxSize + 1, 1 << 62, 1<<62 + 1, 1<<63 - 1} {
		tree := OpenTree(size, full)
		_, err := tree.Root()
		refused(t, Refused, err)
		_, err = tree.RootAt(1)
		refused(t, Refused, err)
		_, err = tree.ProveInclusion(0, size)
		refused(t, Refused, err)
		_, err = tree.ProveConsistency(1, size)
		refused(t, Refused, err)
		refused(t, Refused, tree.Append([32]byte{}))
	}
}

// TestLargest stands at the largest sizes, over tiles of one and the same hash.
func TestLargest(t *testing.T) {
	full := func(TileID) ([]byte, error) { return make([]byte, tileWidth*32), nil }
	tree := OpenTree(MaxSize-1, full)
	if err := tree.Append([32]byte{1}); err != nil {
		t.Fatal(err)
	}
	if n := len(tree.Changed()); n != maxLevel+1 {
		t.Fatalf("the last leaf completes a hash of each level; %d tiles changed", n)
	}
	refused(t, Refused, tree.Append([32]byte{2}))
	proof := must[[][32]byte](t)(tree.ProveInclusion(MaxSize-1, MaxSize))
	if len(proof) != 40 {
		t.Fatalf("the longest proof has %d hashes", len(proof))
	}
	if err := CheckInclusion(proof, MaxSize, must[[32]byte](t)(tree.Root()), MaxSize-1, [32]byte{1}); err != nil {
		t.Fatal(err)
	}
	for id := range tree.Changed() {
		if TilePath(id.Level, id.N, tileWidth) == "" && id.Level < maxLevel {
			t.Fatalf("tile %v has no path", id)
		}
	}
}

// TestDamage takes something away from each tile in turn. Each answer is right or says that the tree is damaged.
func TestDamage(t *testing.T) {
	d := leavesOf(256*3 + 5)
	_, whole := grown(t, d)
	for id, data := range whole {
		for name, damaged := range map[string][]byte{
			"gone": nil, "no hash": {}, "last hash gone": data[:len(data)-32], "last byte gone": data[:len(data)-1],
			"one byte": data[:1], "one byte more": append(slices.Clone(data), 0), "too long": make([]byte, 257*32),
		} {
			t.Run(fmt.Sprintf("%v/%s", id, name), func(t *testing.T) {
				s := shelf{}
				for k, v := range whole {
					s[k] = v
				}
				s[id] = damaged
				met := askAll(t, d, s)
				if met == 0 {
					t.Fatal("nobody noticed")
				}
			})
		}
	}
}

// askAll asks a damaged tree everything. It counts the errors and checks the answers.
func askAll(t *testing.T, d [][32]byte, s shelf) (damaged int) {
	t.Helper()
	size := len(d)
	judge := func(err error, right func() bool) {
		t.Helper()
		if err != nil {
			refused(t, Damaged, err)
			damaged++
		} else if !right() {
			t.Fatal("a wrong answer from a damaged tree")
		}
	}
	for at := 0; at <= size; at += 51 {
		root, err := OpenTree(int64(size), s.read).RootAt(int64(at))
		judge(err, func() bool { return root == naiveRoot(d[:at]) })
		proof, err := OpenTree(int64(size), s.read).ProveConsistency(int64(at), int64(size))
		judge(err, func() bool { return slices.Equal(proof, naiveConsistency(at, d)) })
		if at < size {
			proof, err := OpenTree(int64(size), s.read).ProveInclusion(int64(at), int64(size))
			judge(err, func() bool { return slices.Equal(proof, naiveInclusion(at, d)) })
		}
	}
	tree := OpenTree(int64(size), s.read)
	extra := LeafHash([]byte("one more"))
	err := tree.Append(extra)
	judge(err, func() bool {
		root, err := tree.Root()
		return err == nil && root == naiveRoot(append(slices.Clone(d), extra))
	})
	if err != nil && (tree.Size() != int64(size) || len(tree.Changed()) != 0) {
		t.Fatal("a failed Append left something behind")
	}
	return damaged
}

func TestReadErrorPasses(t *testing.T) {
	broken := errors.New("the disk is on fire")
	read := func(TileID) ([]byte, error) { return nil, broken }
	tree := OpenTree(300, read)
	_, err1 := tree.Root()
	_, err2 := tree.ProveInclusion(7, 300)
	_, err3 := tree.ProveConsistency(7, 300)
	for i, err := range []error{err1, err2, err3, tree.Append([32]byte{})} {
		if !errors.Is(err, broken) {
			t.Fatalf("call %d: got %v", i, err)
		}
	}
}

// TestAppendAfterFailure: the disk comes back, and the tree goes on as if nothing had been.
func TestAppendAfterFailure(t *testing.T) {
	d := leavesOf(512)
	_, s := grown(t, d[:511])
	down := true
	tree := OpenTree(511, func(id TileID) ([]byte, error) {
		if down && id.Level == 1 {
			return nil, errors.New("down")
		}
		return s.read(id)
	})
	if tree.Append(d[511]) == nil {
		t.Fatal("the level above was not needed")
	}
	if len(tree.Changed()) != 0 {
		t.Fatal("half a leaf was added")
	}
	down = false
	extend(t, tree, d[511:])
	if must[[32]byte](t)(tree.Root()) != naiveRoot(d) {
		t.Fatal("the tree is another after the failure")
	}
}
