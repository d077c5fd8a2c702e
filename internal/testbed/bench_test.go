package testbed

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"verbale/internal/exchange"
	"verbale/internal/store"
	"verbale/record"
)

// filler makes contents of about 4 KiB: an appeal with a long summary.
func filler(p *Party) record.Fields {
	f := p.Draft("mitigate")
	f.SetText("summary", strings.Repeat("What happened, at length. ", 90))
	return f
}

func benchPair(b *testing.B) (*Party, *Party) {
	bed := New(b)
	x, y := bed.PartyOnDisk("aurelia.example", store.Options{}), bed.PartyOnDisk("borea.example", store.Options{})
	bed.Link(x, y)
	return x, y
}

// pushUntil pushes whenever something is pending until total entries are receipted.
func pushUntil(x, y *Party, total int64) error {
	for done := int64(0); done < total; {
		n, err := x.Node.Push(x.Bed.t.Context(), y.Name, nil)
		if err != nil {
			return err
		}
		done += n
	}
	return nil
}

// BenchmarkReceipted is receipted records per second with so many callers filing at once, pushes running beside them.
func BenchmarkReceipted(b *testing.B) {
	for _, senders := range []int{1, 64, 512} {
		b.Run(fmt.Sprintf("senders=%d", senders), func(b *testing.B) {
			x, y := benchPair(b)
			draft := filler(x)
			b.ResetTimer()
			var left atomic.Int64
			left.Store(int64(b.N))
			var wg sync.WaitGroup
			for range senders {
				wg.Go(func() {
					for left.Add(-1) >= 0 {
						if _, err := x.Node.File(b.Context(), y.Name, draft, ""); err != nil {
							b.Error(err)
							return
						}
					}
				})
			}
			if err := pushUntil(x, y, int64(b.N)); err != nil {
				b.Error(err)
			}
			wg.Wait()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "receipted/s")
		})
	}
}

// BenchmarkSingle is one appeal from draft to stored receipt.
func BenchmarkSingle(b *testing.B) {
	x, y := benchPair(b)
	draft := filler(x)
	var took []time.Duration
	for b.Loop() {
		start := time.Now()
		if _, err := x.Node.File(b.Context(), y.Name, draft, ""); err != nil {
			b.Fatal(err)
		}
		x.Push(y)
		took = append(took, time.Since(start))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
}

// BenchmarkLodge is one appeal from draft to the stored receipt of the peer's relay, while the peer is down.
func BenchmarkLodge(b *testing.B) {
	x, y := benchPair(b)
	r := x.Bed.Relay("relay.example", exchange.Unbounded())
	x.Bed.Link(y, r)
	_, err := y.Node.Designate(b.Context(), r.Name)
	x.Bed.must(err)
	x.Follow(y)
	draft := filler(x)
	var took []time.Duration
	for b.Loop() {
		start := time.Now()
		if _, err := x.Node.File(b.Context(), y.Name, draft, ""); err != nil {
			b.Fatal(err)
		}
		if done, err := x.Node.Lodge(b.Context(), y.Name); err != nil || done.Entries != 1 {
			b.Fatal(done, err)
		}
		took = append(took, time.Since(start))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
}

// BenchmarkFloor is the cryptography that no record can do without: sign, encrypt, verify, decrypt.
func BenchmarkFloor(b *testing.B) {
	x, y := benchPair(b)
	c, err := record.Compose(filler(x), x.Bed.seed)
	if err != nil {
		b.Fatal(err)
	}
	content, to := c.Content(), y.Keys.Keys()
	for b.Loop() {
		stored, err := x.Keys.Encrypt(to, content)
		if err != nil {
			b.Fatal(err)
		}
		sig, err := x.Keys.SignRecord(stored[:1000])
		if err != nil {
			b.Fatal(err)
		}
		if err := x.Keys.Keys().VerifyRecord(stored[:1000], sig); err != nil {
			b.Fatal(err)
		}
		if _, err := y.Keys.Decrypt(stored); err != nil {
			b.Fatal(err)
		}
	}
}
