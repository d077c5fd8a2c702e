package store_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"verbale/internal/docket"
	"verbale/internal/store"
)

// What is counted of a day is what somebody counts who reads every case, and not more than is asked for.
func TestCountReleased(t *testing.T) {
	urgencies := []string{"routine", "urgent", "emergency"}
	rapid.Check(t, func(rt *rapid.T) {
		s := openMemory(t)
		defer closeStore(t, s)
		var put []docket.Case
		for i := range rapid.IntRange(0, 30).Draw(rt, "cases") {
			link, c := drawCase(rt)
			if c.Open == nil {
				continue
			}
			c.Key, c.Open.Index = string(rune('a'+i)), int64(i)
			c.Open.Urgency = rapid.SampledFrom(urgencies).Draw(rt, "urgency")
			c.Open.ReleasedAt = day.Add(time.Duration(rapid.IntRange(-30, 30).Draw(rt, "hours")) * time.Hour).Format(time.RFC3339)
			update(t, s, func(tx *store.Tx) error { return tx.PutCase(link, c) })
			put = append(put, c)
		}
		from, until := docket.Day(day)
		r := store.Released{Outbox: "a.example/to/b.example/1", Before: rapid.Int64Range(0, 31).Draw(rt, "before"), Kind: "mitigate", From: from, Until: until,
			Urgencies: rapid.SliceOfNDistinct(rapid.SampledFrom(urgencies), 0, 3, rapid.ID[string]).Draw(rt, "urgencies")}
		most := rapid.Int64Range(0, 31).Draw(rt, "most")
		want := int64(0)
		var places []int64 // of those that count, wherever
		for _, c := range put {
			o := c.Open
			at, err := time.Parse(time.RFC3339, o.ReleasedAt)
			if err != nil {
				rt.Fatal(err)
			}
			if o.Act == "appeal" && o.Kind == r.Kind && o.Outbox == r.Outbox && !at.Before(from) && at.Before(until) && slices.Contains(r.Urgencies, o.Urgency) {
				places = append(places, o.Index)
				if o.Index < r.Before {
					want++
				}
			}
		}
		var got int64
		update(t, s, func(tx *store.Tx) (err error) {
			got, err = tx.CountReleased(r, most)
			return err
		})
		slices.Sort(places)
		update(t, s, func(tx *store.Tx) error {
			at, found, err := tx.NthReleased(r, most)
			if has := 1 <= most && most <= int64(len(places)); found != has || has && at != places[most-1] {
				rt.Errorf("the %dth of %v: %d, %t", most, places, at, found)
			}
			return err
		})
		if got != min(want, most) {
			rt.Fatalf("%d, want %d of at most %d", got, want, most)
		}
	})
}
