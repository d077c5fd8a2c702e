package node

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"verbale/internal/store"
	"verbale/seal"
	"verbale/verdict"
)

func gaps(at []time.Time) (all []time.Duration) {
	for i := 1; i < len(at); i++ {
		all = append(all, at[i].Sub(at[i-1]))
	}
	return all
}

// thinned drops from ascending times those that are needless.
func thinned(at []time.Time, until time.Time, most time.Duration) []time.Time {
	gone := needless(at, until, most)
	return slices.DeleteFunc(slices.Clone(at), func(t time.Time) bool { return slices.Contains(gone, t) })
}

// Whatever is thinned: both ends and all that is young stay, no gap becomes longer than an hour that was not, no outage
// becomes shorter or longer, any two gaps together are more than an hour, and thinning again drops nothing.
func TestNeedless(t *testing.T) {
	start := time.Date(2026, 7, 12, 9, 0, 0, 0, time.UTC)
	rapid.Check(t, func(t *rapid.T) {
		at := []time.Time{start}
		for range rapid.IntRange(0, 200).Draw(t, "beats") {
			at = append(at, at[len(at)-1].Add(time.Duration(rapid.SampledFrom([]int{1, 60, 299, 300, 301, 1800, 3600, 3601, 90000}).Draw(t, "gap"))*time.Second))
		}
		until := start.Add(time.Duration(rapid.IntRange(-1, 400).Draw(t, "until")) * time.Hour)
		kept := thinned(at, until, time.Hour)
		if kept[0] != at[0] || kept[len(kept)-1] != at[len(at)-1] {
			t.Fatalf("an end is gone")
		}
		var young []time.Time
		for _, b := range at {
			if !b.Before(until) {
				young = append(young, b)
			}
		}
		if len(young) > 0 && !slices.Equal(young, kept[len(kept)-len(young):]) {
			t.Fatalf("of those that are young one is gone")
		}
		outages := func(all []time.Time) (long []time.Duration) {
			return slices.DeleteFunc(gaps(all), func(d time.Duration) bool { return d <= time.Hour })
		}
		if !slices.Equal(outages(at), outages(kept)) {
			t.Fatalf("outages were %v and are %v", outages(at), outages(kept))
		}
		old := slices.DeleteFunc(slices.Clone(kept), func(t time.Time) bool { return !t.Before(until) })
		for i := 2; i < len(old); i++ {
			if old[i].Sub(old[i-2]) <= time.Hour {
				t.Fatalf("more than is needed: %v", old[i-2:i+1])
			}
		}
		if again := thinned(kept, until, time.Hour); !slices.Equal(again, kept) {
			t.Fatalf("thinning again drops %d", len(kept)-len(again))
		}
	})
}

// A week of beats every five minutes becomes two days of them and one an hour before.
func TestThinBeats(t *testing.T) {
	now := time.Date(2026, 7, 12, 9, 0, 0, 0, time.UTC)
	s, err := store.OpenMemory(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ring, err := seal.NewKeyring("a.example", steady())
	if err != nil {
		t.Fatal(err)
	}
	n := newNode(Config{Store: s, Keys: ring, Now: func() time.Time { return now }})
	l := &link{profile: verdict.Profile{Party: "b.example"}}
	err = s.Update(t.Context(), func(tx *store.Tx) error {
		row, err := tx.CreateOutbox(n.outboxTo("b.example"), true)
		if err != nil {
			return err
		}
		for i := range 7 * 288 {
			for _, party := range []string{"a.example", "b.example"} {
				if err := tx.PutBeat(row.ID, store.Beat{Party: party, At: now.Add(-time.Duration(i) * beatEvery)}); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := n.thinBeats(t.Context(), l); err != nil {
			t.Fatal(err)
		}
		count := map[string]int{}
		err = s.View(t.Context(), func(tx *store.Tx) error {
			return tx.EachBeat(1, func(b store.Beat) error { count[b.Party]++; return nil })
		})
		if want := 2*288 + 5*24 + 1; err != nil || count["a.example"] != want || count["b.example"] != want {
			t.Errorf("%v, %v; want %d of each", count, err, want)
		}
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// A relay that hid an entry for half an hour, once, is still convicted after its beats were thinned: its last word over less stays (L-16).
func TestThinnedBeatsStillConvict(t *testing.T) {
	now := time.Date(2026, 7, 12, 9, 0, 0, 0, time.UTC)
	s, err := store.OpenMemory(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ring, err := seal.NewKeyring("a.example", steady())
	if err != nil {
		t.Fatal(err)
	}
	n := newNode(Config{Store: s, Keys: ring, Now: func() time.Time { return now }})
	l := &link{profile: verdict.Profile{Party: "b.example"}}
	lie := now.Add(-5*24*time.Hour - 25*time.Minute)
	err = s.Update(t.Context(), func(tx *store.Tx) error {
		row, err := tx.CreateOutbox(n.mirrorOf("b.example"), false)
		for i := 7 * 288; i >= 0 && err == nil; i-- {
			b := store.Beat{Party: "r.example", At: now.Add(-time.Duration(i) * beatEvery), Size: 1}
			if b.At.After(lie) {
				b.Size = 2
			}
			err = tx.PutBeat(row.ID, b)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := n.thinBeats(t.Context(), l); err != nil {
		t.Fatal(err)
	}
	var last time.Time
	count := 0
	err = s.View(t.Context(), func(tx *store.Tx) error {
		return tx.EachBeat(1, func(b store.Beat) error {
			if count++; b.Size == 1 {
				last = b.At
			}
			return nil
		})
	})
	if err != nil || !last.Equal(lie) || count > 800 {
		t.Errorf("%v; of %d beats the last over less is of %s, want %s", err, count, last, lie)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}
