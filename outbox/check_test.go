package outbox

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// twist gives variants of a proof, none of which is the proof.
func twist(proof [][32]byte) map[string][][32]byte {
	out := map[string][][32]byte{"one more": append(slices.Clone(proof), [32]byte{9}), "one before": append([][32]byte{{9}}, proof...)}
	for i := range proof {
		flipped := slices.Clone(proof)
		flipped[i][i%32] ^= 1 << (i % 8)
		out[fmt.Sprintf("bit of %d", i)] = flipped
		out[fmt.Sprintf("without %d", i)] = slices.Delete(slices.Clone(proof), i, i+1)
		if i > 0 {
			swapped := slices.Clone(proof)
			swapped[i], swapped[i-1] = swapped[i-1], swapped[i]
			out[fmt.Sprintf("%d and the one before swapped", i)] = swapped
			out[fmt.Sprintf("the first %d", i)] = proof[:i]
		}
	}
	return out
}

func flip(h [32]byte, bit int) [32]byte {
	h[bit/8] ^= 1 << (bit % 8)
	return h
}

// checkTwistedInclusion checks that nothing near a good proof passes. The size alone is no part of it: it gives the proof its
// shape, several sizes have the same shape, and the signature binds it to the root.
func checkTwistedInclusion(t testing.TB, d [][32]byte, at, bit int) {
	t.Helper()
	proof, size, root, index := naiveInclusion(at, d), int64(len(d)), naiveRoot(d), int64(at)
	for name, bad := range twist(proof) {
		if err := CheckInclusion(bad, size, root, index, d[at]); err == nil {
			t.Fatalf("entry %d of %d passed with %s", at, size, name)
		} else {
			refused(t, BadProof, err)
		}
	}
	refused(t, BadProof, CheckInclusion(proof, size, flip(root, bit), index, d[at]))
	refused(t, BadProof, CheckInclusion(proof, size, root, index, flip(d[at], bit)))
	for other := range d {
		if other != at {
			refused(t, BadProof, CheckInclusion(proof, size, root, int64(other), d[at]))
			refused(t, BadProof, CheckInclusion(proof, size, root, index, d[other]))
		}
	}
	for _, index := range []int64{-1, size, 1 << 62} {
		refused(t, BadProof, CheckInclusion(proof, size, root, index, d[at]))
	}
}

func checkTwistedConsistency(t testing.TB, d [][32]byte, from, bit int) {
	t.Helper()
	proof, to := naiveConsistency(from, d), int64(len(d))
	toRoot, fromRoot := naiveRoot(d), naiveRoot(d[:from])
	for name, bad := range twist(proof) {
		if err := CheckConsistency(bad, to, toRoot, int64(from), fromRoot); err == nil {
			t.Fatalf("%d to %d passed with %s", from, to, name)
		} else {
			refused(t, BadProof, err)
		}
	}
	if from > 0 { // from nothing, everything is reached
		refused(t, BadProof, CheckConsistency(proof, to, flip(toRoot, bit), int64(from), fromRoot))
	}
	refused(t, BadProof, CheckConsistency(proof, to, toRoot, int64(from), flip(fromRoot, bit)))
	for _, from := range []int64{-1, to + 1} {
		refused(t, BadProof, CheckConsistency(proof, to, toRoot, from, fromRoot))
	}
}

func TestTwisted(t *testing.T) {
	for size := 1; size <= 20; size++ {
		d := leavesOf(size)
		for at := range size {
			checkTwistedInclusion(t, d, at, 8*at+at%8)
			checkTwistedConsistency(t, d, at, 8*at+at%8)
		}
		checkTwistedConsistency(t, d, size, 0)
	}
}

func TestTwistedLarge(t *testing.T) {
	all := leavesOf(700)
	rapid.Check(t, func(r *rapid.T) {
		d := all[:rapid.IntRange(1, len(all)).Draw(r, "size")]
		at, bit := rapid.IntRange(0, len(d)-1).Draw(r, "at"), rapid.IntRange(0, 255).Draw(r, "bit")
		checkTwistedInclusion(t, d, at, bit)
		checkTwistedConsistency(t, d, at, bit)
	})
}

// TestHugeArguments: arguments of a stranger cost nothing and never panic.
func TestHugeArguments(t *testing.T) {
	long := make([][32]byte, MaxProof+1)
	refused(t, BadProof, CheckInclusion(long, MaxSize, [32]byte{}, 1, [32]byte{}))
	refused(t, BadProof, CheckConsistency(make([][32]byte, 2*MaxProof+1), 9, [32]byte{}, 1, [32]byte{}))
	rapid.Check(t, func(r *rapid.T) {
		n := rapid.OneOf(rapid.Int64(), rapid.Int64Range(-2, MaxSize+2), rapid.Int64Range(-1, 9))
		hash := rapid.Custom(func(r *rapid.T) [32]byte { return [32]byte{rapid.Byte().Draw(r, "byte")} })
		proof := rapid.SliceOfN(hash, 0, 90).Draw(r, "proof")
		a, b := n.Draw(r, "a"), n.Draw(r, "b")
		root, other := hash.Draw(r, "root"), hash.Draw(r, "other")
		if len(proof) > 0 || a != 1 { // a tree of one leaf is its leaf
			refused(t, BadProof, CheckInclusion(proof, a, root, b, other))
		}
		if a != b || root != other {
			refused(t, BadProof, CheckConsistency(proof, a, root, b, other))
		}
	})
}
