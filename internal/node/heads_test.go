package node

import (
	"encoding/base64"
	"fmt"
	"slices"
	"testing"
	"time"

	"verbale/internal/exchange"
	"verbale/seal"
)

// headsOf makes so many heads, each of another outbox, all of this size.
func headsOf(count int, size int64) (list []committed) {
	for i := range count {
		o := seal.Origin{Author: "aurelia.example", Audience: fmt.Sprintf("p%d.example", i), Generation: 1}
		list = append(list, committed{int64(i), seal.Head{Origin: o.String(), Size: size}})
	}
	return list
}

// An entry is written every minute in which something moved, seldomer when there is much to write, and every hour in any case (G-6).
func TestHeadsAreDue(t *testing.T) {
	start := time.Date(2021, 7, 9, 14, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		count int
		after time.Duration
		moved bool
		due   bool
	}{
		{1, 0, true, false}, {1, 20 * time.Second, true, false}, {1, 59 * time.Second, true, true}, {1, time.Minute, true, true}, {1, time.Minute, false, false},
		{1, 59 * time.Minute, false, false}, {1, time.Hour, false, true}, {0, time.Hour, false, true}, {0, 59 * time.Minute, false, false},
		{64, time.Minute, true, true}, {65, time.Minute, true, false}, {65, 2 * time.Minute, true, true}, {400, 7 * time.Minute, true, false},
		{400, 8 * time.Minute, true, true}, {1, -time.Minute, false, true}, // a clock that went back
	} {
		s := snapshots{at: start, heads: headsOf(c.count, 1)}
		now := headsOf(c.count, 1)
		if c.moved {
			now[0].head.Size = 2
		}
		if got := s.due(now, start.Add(c.after)); got != c.due {
			t.Errorf("%d heads after %v, moved %v: %v", c.count, c.after, c.moved, got)
		}
	}
	if s := (&snapshots{}); !s.due(nil, start) {
		t.Error("after a start nothing is due")
	}
	if s := (&snapshots{at: start, heads: headsOf(1, 1)}); !s.due(headsOf(2, 1), start.Add(time.Minute)) {
		t.Error("a new outbox is no move")
	}
}

// The list has every head once, is filled up to a power of two, and never stands in the order of the outboxes (G-5).
func TestHeadsDraft(t *testing.T) {
	for count, want := range map[int]int{0: 16, 1: 16, 16: 16, 17: 32, 398: 512, MaxHeads: MaxHeads} {
		heads := headsOf(count, 3)
		f, err := headsDraft(heads, time.Date(2021, 7, 9, 14, 0, 0, 0, time.UTC), steady())
		if err != nil {
			t.Fatal(err)
		}
		if err := f.Check(); err != nil {
			t.Fatalf("%d: %v", count, err)
		}
		list := f.Texts("heads")
		if len(list) != want || len(slices.Compact(slices.Sorted(slices.Values(list)))) != want {
			t.Errorf("%d heads make a list of %d, want %d different ones", count, len(list), want)
		}
		at := map[string]int{}
		for i, digest := range list {
			if raw, err := base64.RawURLEncoding.Strict().DecodeString(digest); err != nil || len(raw) != 32 {
				t.Errorf("%q: %v", digest, err)
			}
			at[digest] = i
		}
		inOrder := count > 8
		for i, c := range heads {
			place, found := at[exchange.HeadDigest(c.head)]
			if !found {
				t.Errorf("head %d of %d is missing", i, count)
			}
			inOrder = inOrder && place == i
		}
		if inOrder {
			t.Errorf("%d heads stand in their order", count)
		}
	}
	if _, err := headsDraft(nil, time.Now(), broken{}); err == nil {
		t.Error("randomness that fails was used")
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, fmt.Errorf("no randomness") }
