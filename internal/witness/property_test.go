package witness_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"verbale/internal/store"
	"verbale/outbox"
	"verbale/seal"
)

// TestForkedLog: an author that keeps two logs under one name, alike up to some size, gets lines over one of them only, whatever it asks
// in whatever order; and what it gets never shrinks.
func TestForkedLog(t *testing.T) {
	const most = 24
	rapid.Check(t, func(rt *rapid.T) {
		alike := rapid.Int64Range(0, most).Draw(rt, "alike")
		a := newRegister(t, "cert.alice.example").to(alike)
		b := newRegister(t, "cert.alice.example").to(alike)
		a.to(most)
		for b.tree.Size() < most {
			if err := b.tree.Append(outbox.LeafHash([]byte("another entry"))); err != nil {
				rt.Fatal(err)
			}
		}
		s, err := store.OpenMemory(t.Context())
		if err != nil {
			rt.Fatal(err)
		}
		defer s.Close()
		w := newBenchOver(t, s, a)
		branches := []*register{a, b}
		var last int64
		var lastOf *register
		for range rapid.IntRange(1, 12).Draw(rt, "calls") {
			r := rapid.SampledFrom(branches).Draw(rt, "branch")
			old := last
			if rapid.Bool().Draw(rt, "forgets") {
				old = rapid.Int64Range(0, most).Draw(rt, "old")
			}
			size := rapid.Int64Range(old, most).Draw(rt, "size")
			proof := r.proof(old, size)
			if old == size {
				proof = nil
			}
			w.clock.move(time.Second)
			lines, err := w.AddCheckpoint(t.Context(), old, proof, r.note(size))
			same := lastOf == nil || lastOf == r || last <= alike
			if mustPass := old == last && same; (err == nil) != mustPass {
				rt.Fatalf("%d to %d after %d (alike to %d): %v", old, size, last, alike, err)
			}
			if err != nil {
				continue
			}
			w.cosigned(t, lines, r.head(size), w.clock.Now())
			if size > alike {
				lastOf = r
			}
			last = size
		}
	})
}

// FuzzAddCheckpoint: no bytes make the witness fail or speak, but a checkpoint of its log.
func FuzzAddCheckpoint(f *testing.F) {
	r := newRegister(f, "cert.alice.example").to(9)
	b := newBench(f, r)
	var heads []seal.Head
	for size := range r.tree.Size() + 1 {
		heads = append(heads, r.head(size))
	}
	f.Add(int64(0), r.note(5))
	f.Add(int64(5), r.note(9))
	f.Add(int64(-1), []byte("x"))
	f.Fuzz(func(t *testing.T, old int64, note []byte) {
		lines, err := b.AddCheckpoint(t.Context(), old, nil, note)
		if (err == nil) != (lines != nil) {
			t.Fatalf("%q, %v", lines, err)
		}
		if err != nil {
			return
		}
		if h, err := seal.HeadOf(note); err != nil || !slices.Contains(heads, h) {
			t.Fatalf("cosigned %.200q", note)
		}
	})
}
