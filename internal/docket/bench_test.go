package docket

import (
	"strings"
	"testing"
)

// BenchmarkApply is one more reply to a case that has many already.
func BenchmarkApply(b *testing.B) {
	for name, moves := range map[string]int{"moves=0": 0, "moves=3": 3, "moves=100": 100, "moves=500": MaxMoves - 1} {
		b.Run(name, func(b *testing.B) {
			h := read(b, "A:appeal(mitigate)"+strings.Repeat(" B:answer(interim)", moves+1))
			c := fold(h.entries[:moves+1])[Key(h.entries[0])]
			last := h.entries[moves+1]
			b.ReportAllocs()
			for b.Loop() {
				Apply(c, last)
			}
		})
	}
}
