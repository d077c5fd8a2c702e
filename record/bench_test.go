package record

import (
	"fmt"
	"testing"
)

func BenchmarkParse(b *testing.B) {
	r, _ := build(b, testAppeal("clarify"), testOutbox, 1)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse(r.leaf); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkOpen(b *testing.B) {
	for _, n := range []int{0, 1, 100, 10_000} {
		f := testAppeal("mitigate")
		if n > 0 {
			f.SetObservables("targets", manyObservables(n)...)
		} else {
			f = testReply("answer")
		}
		r, content := build(b, f, testOutbox, 1)
		b.Run(fmt.Sprintf("fields=%d/targets=%d", len(f), n), func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(content)))
			for b.Loop() {
				if _, err := r.Open(content); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkCompose(b *testing.B) {
	f := testAppeal("mitigate")
	rand := seeded(1)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Compose(f, rand); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParsePresentation(b *testing.B) {
	r, content := build(b, testAppeal("mitigate"), testOutbox, 1)
	s, err := mustOpen(b, r, content).Present([]string{"act", "kind", "urgency", "targets[1]"})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ParsePresentation(s); err != nil {
			b.Fatal(err)
		}
	}
}

func manyObservables(n int) []Observable {
	list := make([]Observable, n)
	for i := range list {
		list[i] = Observable{Type: "ipv4", Value: fmt.Sprintf("203.%d.%d.7", i/256, i%256), Port: 443, SeenAt: testTime}
	}
	return list
}
