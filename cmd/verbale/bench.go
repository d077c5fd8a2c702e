package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"verbale/internal/node"
	"verbale/record"
	"verbale/verdict"
)

// A measure is one line of the benchmark.
type measure struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
	Unit  string  `json:"unit"`
	Goal  string  `json:"goal,omitempty"`
}

// exchangeBench runs the benchmark of the exchange: two whole nodes on this machine, every receipt after a synced commit.
type exchangeBench struct {
	ctx      context.Context
	a, b     *live
	draft    record.Fields
	progress io.Writer
	records  int
	ceiling  float64 // records/s that the cryptography alone allows
	out      []measure
}

func (x *exchangeBench) add(name string, value float64, unit, goal string) {
	x.out = append(x.out, measure{name, value, unit, goal})
}

// benchExchange measures in dir and gives the lines. records is how many the longer parts send.
func benchExchange(ctx context.Context, dir string, records int, progress io.Writer) (out []measure, err error) {
	x := &exchangeBench{ctx: ctx, records: records, progress: progress}
	if x.a, err = startLive(ctx, casting{dir: filepath.Join(dir, "a"), party: "aurelia.example", who: node.Identity{Title: "Aurelia CSIRT", PartyKind: "csirt", Language: "en"}, now: time.Now}); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, x.a.close()) }()
	if x.b, err = startLive(ctx, casting{dir: filepath.Join(dir, "b"), party: "borea.example", who: node.Identity{Title: "Borea CSIRT", PartyKind: "csirt", Language: "en"}, now: time.Now}); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, x.b.close()) }()
	if err := linkLive(ctx, x.a, x.b); err != nil {
		return nil, err
	}
	x.draft = benchDraft(time.Now())
	for _, part := range []func() error{x.floor, x.single, func() error { return x.senders(64) }, func() error { return x.senders(512) }, x.backlog, x.bundle} {
		if err := part(); err != nil {
			return x.out, err
		}
	}
	return x.out, nil
}

// benchDraft is an appeal with about 4 KiB of content.
func benchDraft(now time.Time) record.Fields {
	f := record.Fields{}
	for name, value := range map[string]string{"act": "appeal", "kind": "mitigate", "subject": "Benchmark", "summary": strings.Repeat("What happened, at length. ", 60),
		"requested_action": "None: this is a measurement.", "competence": "none", "urgency": "routine", "measure": "block", "harm": "none", "class": "test"} {
		f.SetText(name, value)
	}
	f.SetTexts("legal_basis", "voluntary")
	f.SetTexts("evidence", "none")
	f.SetObservables("targets", record.Observable{Type: "domain", Value: "bench.example.net"})
	return node.Complete(f, now.UTC(), "benchmark")
}

// floor measures the cryptography that no record can do without: encrypt, sign, verify, decrypt; on one core, and on all at once,
// since the cores of a machine often share their arithmetic.
func (x *exchangeBench) floor() error {
	c, err := record.Compose(x.draft, rand.Reader)
	if err != nil {
		return err
	}
	plain := c.Content()
	each, err := x.floorOn(1, plain)
	if err != nil {
		return err
	}
	cores := runtime.GOMAXPROCS(0)
	shared, err := x.floorOn(cores, plain)
	if err != nil {
		return err
	}
	x.ceiling = float64(cores) / shared.Seconds()
	x.add("content of one record", float64(len(plain)), "bytes", "4 KiB")
	x.add("crypto floor, one core", float64(each.Nanoseconds())/1000, "us/record", "")
	x.add("crypto ceiling, all cores at once", x.ceiling, "records/s", "")
	return nil
}

// floorOn runs the floor on so many cores and gives the time that one record takes each of them.
func (x *exchangeBench) floorOn(cores int, plain []byte) (time.Duration, error) {
	const n = 2000
	failed := make([]error, cores)
	start := time.Now()
	var wg sync.WaitGroup
	for core := range cores {
		wg.Go(func() {
			for range n {
				if failed[core] = x.floorOnce(plain); failed[core] != nil {
					return
				}
			}
		})
	}
	wg.Wait()
	return time.Since(start) / n, errors.Join(failed...)
}

func (x *exchangeBench) floorOnce(plain []byte) error {
	stored, err := x.a.keys.Encrypt(x.b.keys.Keys(), plain)
	if err != nil {
		return err
	}
	input := stored[:1500] // as long as a leaf's signing input
	sig, err := x.a.keys.SignRecord(input)
	if err != nil {
		return err
	}
	if err := x.a.keys.Keys().VerifyRecord(input, sig); err != nil {
		return err
	}
	_, err = x.b.keys.Decrypt(stored)
	return err
}

// single sends one appeal at a time, from draft to stored receipt.
func (x *exchangeBench) single() error {
	const n = 500
	took := make([]time.Duration, 0, n)
	for range n {
		start := time.Now()
		if _, err := x.a.File(x.ctx, x.b.Party(), x.draft, ""); err != nil {
			return err
		}
		if _, err := x.a.Push(x.ctx, x.b.Party(), nil); err != nil {
			return err
		}
		took = append(took, time.Since(start))
	}
	p50, p99 := percentiles(took)
	x.add("single appeal, seal to stored receipt, p50", p50, "ms", "<= 3")
	x.add("single appeal, seal to stored receipt, p99", p99, "ms", "<= 10")
	return nil
}

func percentiles(took []time.Duration) (p50, p99 float64) {
	slices.Sort(took)
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	return ms(took[len(took)/2]), ms(took[len(took)*99/100])
}

// senders files from n callers at once while the link pushes; a filing's time is from draft to durable.
func (x *exchangeBench) senders(n int) error {
	took := make([]time.Duration, x.records)
	var next atomic.Int64
	var failed atomic.Pointer[error]
	start := time.Now()
	var wg sync.WaitGroup
	for range n {
		wg.Go(func() {
			for i := next.Add(1) - 1; i < int64(x.records) && failed.Load() == nil; i = next.Add(1) - 1 {
				began := time.Now()
				if _, err := x.a.File(x.ctx, x.b.Party(), x.draft, ""); err != nil {
					failed.Store(&err)
				}
				took[i] = time.Since(began)
			}
		})
	}
	var sent int64
	for sent < int64(x.records) && failed.Load() == nil {
		m, err := x.a.Push(x.ctx, x.b.Party(), nil)
		if err != nil {
			return err
		}
		sent += m
	}
	wg.Wait()
	if err := failed.Load(); err != nil {
		return *err
	}
	rate := float64(x.records) / time.Since(start).Seconds()
	p50, p99 := percentiles(took)
	goal := map[int]string{64: ">= 3,000", 512: ">= 5,000"}[n]
	x.add(fmt.Sprintf("%d senders, receipted", n), rate, "records/s", goal)
	x.add(fmt.Sprintf("%d senders, of the crypto ceiling", n), 100*rate/x.ceiling, "%", map[int]string{512: ">= 70"}[n])
	x.add(fmt.Sprintf("%d senders, draft to durable, p50", n), p50, "ms", "")
	x.add(fmt.Sprintf("%d senders, draft to durable, p99", n), p99, "ms", map[int]string{64: "<= 50"}[n])
	return nil
}

// backlog files while nothing is pushed, then catches up.
func (x *exchangeBench) backlog() error {
	var wg sync.WaitGroup
	var failed atomic.Pointer[error]
	for range 64 {
		wg.Go(func() {
			for range x.records / 64 {
				if _, err := x.a.File(x.ctx, x.b.Party(), x.draft, ""); err != nil {
					failed.Store(&err)
					return
				}
			}
		})
	}
	wg.Wait()
	if err := failed.Load(); err != nil {
		return *err
	}
	start := time.Now()
	n, err := x.a.Push(x.ctx, x.b.Party(), func(done, total int64) { fmt.Fprintf(x.progress, "\rcatching up: %d of %d ", done, total) })
	fmt.Fprintln(x.progress)
	if err != nil {
		return err
	}
	took := time.Since(start)
	x.add(fmt.Sprintf("catch-up of %d records", n), took.Seconds(), "s", "")
	x.add("catch-up, per 100,000 records", took.Seconds()*100000/float64(n), "s", "<= 60")
	x.add("memory of both nodes, most from the system", float64(systemMemory())/(1<<20), "MiB", "<= 256 each")
	return nil
}

func systemMemory() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.Sys
}

// bundle makes the file that settles a dispute and measures its verification.
func (x *exchangeBench) bundle() error {
	filed, err := x.a.File(x.ctx, x.b.Party(), x.draft, "")
	if err != nil {
		return err
	}
	if _, err := x.a.Push(x.ctx, x.b.Party(), nil); err != nil {
		return err
	}
	raw, err := x.a.Prove(x.ctx, node.ProveRequest{Outbox: filed.Ref.Outbox, Index: filed.Ref.Index, Disclose: node.DefaultDisclosure()})
	if err != nil {
		return err
	}
	const n = 50
	start := time.Now()
	for range n {
		b, err := verdict.Parse(raw)
		if err != nil {
			return err
		}
		if _, err := verdict.Judge(b, nil); err != nil {
			return err
		}
	}
	x.add("bundle of one appeal with both profiles", float64(len(raw)), "bytes", "")
	x.add("verification of it", float64(time.Since(start).Microseconds())/1000/n, "ms", "<= 10")
	return nil
}

// benching is what `bench exchange` was told.
type benching struct {
	records int
	dir     string
}

func (a *app) benchCommand() *cobra.Command {
	var o benching
	c := &cobra.Command{
		Use:   "exchange",
		Short: "how many records two nodes on this machine exchange",
		Long: `Founds two parties in a temporary folder, runs both nodes on this machine over mutual TLS, and measures: the cryptography that no record can do without
(the floor), one appeal at a time, many callers at once, the catch-up of a backlog, and a bundle. Each figure stands beside its goal; compare with the floor of the same
run, since machines differ and are shared.

Examples:
  verbale bench exchange
  verbale bench exchange --records 100000 --json`,
		Args: cobra.NoArgs,
		RunE: a.run(func(ctx context.Context, _ []string) error { return a.bench(ctx, o) }),
	}
	c.Flags().IntVar(&o.records, "records", 10000, "how many records the longer parts send")
	c.Flags().StringVar(&o.dir, "in", "", "folder on the disk to measure (default: the system's temporary one)")
	return group("bench", "measure this machine", "Measures what Verbale does on this machine.", c)
}

// benchReport is what bench prints as JSON.
type benchReport struct {
	Cores    int       `json:"cores"`
	Records  int       `json:"records"`
	Measures []measure `json:"measures"`
}

func (a *app) bench(ctx context.Context, o benching) error {
	if o.records < 64 {
		return usage("--records is at least 64")
	}
	dir, err := os.MkdirTemp(o.dir, "verbale-bench-")
	if err != nil {
		return err
	}
	out, err := benchExchange(ctx, dir, o.records, a.Stderr)
	if err := errors.Join(err, os.RemoveAll(dir)); err != nil {
		return err
	}
	return a.print(benchReport{runtime.GOMAXPROCS(0), o.records, out}, func(w io.Writer) {
		t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
		fmt.Fprintln(t, "measure\tvalue\tunit\tgoal")
		for _, m := range out {
			fmt.Fprintf(t, "%s\t%.1f\t%s\t%s\n", m.Name, m.Value, m.Unit, m.Goal)
		}
		_ = t.Flush()
	})
}
