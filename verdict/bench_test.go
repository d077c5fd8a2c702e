package verdict

import (
	"testing"
	"time"
)

// A dispute bundle: an appeal, its acknowledgement, its answer, two profiles.
// The target is 10 ms.
func BenchmarkJudge(b *testing.B) {
	w := newWorld(b)
	file := w.encode(w.dispute())
	b.ReportAllocs()
	b.SetBytes(int64(len(file)))
	for b.Loop() {
		bundle, err := Parse(file)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := Judge(bundle, nil); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParse(b *testing.B) {
	w := newWorld(b)
	file := w.encode(w.dispute())
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse(file); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkText(b *testing.B) {
	w := newWorld(b)
	v := w.judge(w.dispute())
	b.ReportAllocs()
	for b.Loop() {
		_ = v.Text()
	}
}

// Where the bytes of a dispute bundle are. The target is 16 KiB beside the
// contents and profiles.
func TestSize(t *testing.T) {
	w := newWorld(t)
	b := w.dispute()
	file := w.encode(b)
	notes, leaves, contents, profiles := 0, 0, 0, 0
	for _, n := range b.Checkpoints {
		notes += len(n)
	}
	for _, p := range b.Profiles {
		profiles += len(p)
	}
	for _, e := range b.Records {
		for i := range e.Record {
			if e.Record[i] == '~' {
				leaves += i
				contents += len(e.Record) - i
				break
			}
		}
	}
	rest := len(file) - notes - leaves - contents - profiles
	t.Logf("%d bytes: %d profiles, %d checkpoints with receipts, %d leaves, %d contents, %d JSON and proofs", len(file), profiles, notes, leaves, contents, rest)
	if notes > 14<<10 || notes+leaves+rest > 20<<10 {
		t.Error("larger than expected")
	}
}

// All the beats that a file can have. They are verified by all processors.
func BenchmarkBeats(b *testing.B) {
	w := newWorld(b)
	f := w.newFile(aa, bb)
	cp := w.head(w.write(aa, bb, pingFields(morning)).box, morning)
	for i := range MaxBeats {
		f.beat(bb, cp.Head, morning.Add(time.Duration(i)*time.Second))
	}
	b.ReportMetric(float64(len(w.encode(&f.b)))/1e6, "MB")
	for b.Loop() {
		w.judge(&f.b)
	}
}

// A bundle with everything that this version knows.
func BenchmarkTimeline(b *testing.B) {
	w := newWorld(b)
	file := w.encode(w.timeline())
	for b.Loop() {
		bundle, err := Parse(file)
		w.check(err)
		w.judge(bundle)
	}
}
