package store_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"verbale/internal/store"
)

// BenchmarkSearch is 20,000 records of 1 KB: what it costs to take in one, and to find a common and a rare word in either order.
func BenchmarkSearch(b *testing.B) {
	const count, batch = 20_000, 500
	x := openSearch(b, openDisk(b, b.TempDir(), store.Options{}))
	body := func(i int64) string {
		var s strings.Builder
		for n := range int64(140) {
			fmt.Fprintf(&s, "w%d ", (i*31+n*n*7)%5000)
		}
		return s.String() + fmt.Sprintf("common rare%d", i/100)
	}
	begin := time.Now()
	for i := int64(0); i < count; i += batch {
		texts := make([]store.Text, batch)
		for n := range int64(batch) {
			texts[n] = text(i+n, "login attempts against the ministry", body(i+n))
		}
		feed(b, x, texts...)
	}
	fed := time.Since(begin)
	for _, query := range []string{"common", "rare77 ", "w17 w42", "com"} {
		for name, order := range map[string]store.SearchOrder{"newest": store.SearchNewest, "best": store.SearchBest} {
			b.Run(query+"/"+name, func(b *testing.B) {
				for b.Loop() {
					if _, err := x.Find(b.Context(), query, store.SearchFilter{TLPs: []string{"green"}}, order, store.SearchCursor{}, 50); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(fed.Microseconds())/count, "µs/record-fed")
			})
		}
	}
}
