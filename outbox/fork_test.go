package outbox

import (
	"errors"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"verbale/seal"
)

// otherLeaves gives n leaves, of which the first common are those of leavesOf.
func otherLeaves(n, common int) [][32]byte {
	d := leavesOf(n)
	for i := common; i < n; i++ {
		d[i] = LeafHash([]byte{byte(i), byte(i >> 8), 'x'})
	}
	return d
}

// forkOf gives the evidence that a and b are two logs; a is the shorter.
func forkOf(t testing.TB, a, b [][32]byte) Fork {
	t.Helper()
	f := Fork{A: signed(t, aliceToBob, a).Note, B: signed(t, aliceToBob, b).Note}
	if len(a) != len(b) {
		f.Proof = append([][32]byte{naiveRoot(b[:len(a)])}, naiveConsistency(len(a), b)...)
	}
	return f
}

func TestFork(t *testing.T) {
	keys := alice(t).Keys()
	rapid.Check(t, func(r *rapid.T) {
		m := rapid.IntRange(1, 300).Draw(r, "smaller size")
		n := rapid.OneOf(rapid.Just(m), rapid.IntRange(m, 700)).Draw(r, "larger size")
		common := rapid.IntRange(0, m-1).Draw(r, "common")
		f := forkOf(t, leavesOf(m), otherLeaves(n, common))
		if err := f.Check(keys); err != nil {
			r.Fatalf("a fork after %d at %d and %d: %v", common, m, n, err)
		}
		for name, bad := range map[string]Fork{
			"no proof": {f.A, f.B, nil}, "turned round": {f.B, f.A, f.Proof}, "A twice": {f.A, f.A, f.Proof}, "B twice": {f.B, f.B, f.Proof},
			"more proof": {f.A, f.B, append(slices.Clone(f.Proof), [32]byte{1})},
		} {
			if m == n && (name == "no proof" || name == "turned round") {
				continue // neither is first, and there is no proof
			}
			if bad.Check(keys) == nil {
				r.Fatalf("%d and %d: passed with %s", m, n, name)
			}
		}
		honest := forkOf(t, leavesOf(m), leavesOf(n))
		refused(t, BadProof, honest.Check(keys))
	})
}

// TestForkTwisted: no other proof makes an honest author a forger, and none but the right one convicts.
func TestForkTwisted(t *testing.T) {
	keys := alice(t).Keys()
	for _, f := range []Fork{forkOf(t, leavesOf(5), otherLeaves(11, 3)), forkOf(t, leavesOf(5), leavesOf(11)), forkOf(t, leavesOf(4), leavesOf(8))} {
		for name, proof := range twist(f.Proof) {
			f.Proof = proof
			if err := f.Check(keys); err == nil {
				t.Errorf("passed with %s", name)
			} else {
				refused(t, BadProof, err)
			}
		}
	}
}

// TestForkOfNothing: a signed empty log whose root is not that of nothing (O-7) belongs to no log.
func TestForkOfNothing(t *testing.T) {
	keys, empty := alice(t).Keys(), naiveRoot(nil)
	odd := signedRoot(t, aliceToBob, 0, [32]byte{7}).Note
	b := signed(t, aliceToBob, leavesOf(3)).Note
	if err := (Fork{odd, b, [][32]byte{empty}}).Check(keys); err != nil {
		t.Fatal(err)
	}
	if err := (Fork{odd, signed(t, aliceToBob, nil).Note, nil}).Check(keys); err != nil {
		t.Fatal(err)
	}
	refused(t, BadProof, Fork{odd, b, [][32]byte{{7}}}.Check(keys))
	refused(t, BadProof, Fork{odd, b, [][32]byte{{8}}}.Check(keys))
	refused(t, BadProof, Fork{signed(t, aliceToBob, nil).Note, b, [][32]byte{empty}}.Check(keys))
}

func TestForkSignatures(t *testing.T) {
	keys := alice(t).Keys()
	f := forkOf(t, leavesOf(4), otherLeaves(4, 2))
	// The clocks differ, and a receipt stands below one: still the same two heads.
	head := seal.Head{Origin: aliceToBob, Size: 4, Root: naiveRoot(leavesOf(4))}
	later := must[seal.Checkpoint](t)(alice(t).SignHead(head, testNow.Add(time.Hour)))
	receipt := must[seal.Receipt](t)(bob(t).Countersign(later, testNow.Add(2*time.Hour)))
	if err := (Fork{seal.Countersigned(later, receipt), f.B, nil}).Check(keys); err != nil {
		t.Fatal(err)
	}
	refused(t, BadProof, Fork{f.A, later.Note, nil}.Check(keys)) // the same head at two times
	refused(t, BadProof, Fork{f.A, signed(t, otherOrigin, otherLeaves(4, 2)).Note, nil}.Check(keys))
	for name, bad := range map[string]Fork{
		"nobody's keys":  {},
		"A not signed":   {[]byte(head.Text() + "\n"), f.B, nil},
		"B damaged":      {f.A, f.B[:len(f.B)-9], nil},
		"B other's text": {f.A, append([]byte(head.Text()), f.B[len(head.Text()):]...), nil},
	} {
		var e *seal.Error
		if err := bad.Check(keys); !errors.As(err, &e) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	var e *seal.Error
	if err := f.Check(bob(t).Keys()); !errors.As(err, &e) || e.Kind != seal.UnknownKey {
		t.Errorf("with the keys of somebody else: %v", err)
	}
}
