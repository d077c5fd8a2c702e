package testbed

import (
	"testing"
	"time"

	"verbale/internal/exchange"
	"verbale/internal/node"
)

// BenchmarkLodgedAndDated is one appeal to a peer that is down: filed, lodged with its relay, and dated by two of three witnesses. What the
// sender waits before it lodges (node.LodgeAfter) is not counted.
func BenchmarkLodgedAndDated(b *testing.B) {
	bed := New(b)
	var w []*Witness
	for _, name := range []string{"sigma.witness.example", "tau.witness.example", "upsilon.witness.example"} {
		w = append(w, bed.Witness(name))
	}
	x, y, r := bed.Party("aurelia.example"), bed.Party("borea.example"), bed.Relay("relay.example", exchange.Load{Entries: 1 << 20})
	x.WitnessedBy(2, w...)
	bed.Link(x, y)
	bed.Link(y, r)
	_, err := y.Node.Designate(b.Context(), r.Name)
	bed.must(err)
	x.Follow(y)
	y.Stop()
	defer y.Restart()
	b.ResetTimer()
	for b.Loop() {
		bed.Later(time.Second)
		x.Appeal(y, "mitigate")
		if done, err := x.Node.Lodge(b.Context(), y.Name); err != nil || done.Lodged == 0 {
			b.Fatalf("%+v, %v", done, err)
		}
		x.Date()
	}
}

// BenchmarkProveDated is the bundle of one dated appeal.
func BenchmarkProveDated(b *testing.B) {
	bed := New(b)
	var w []*Witness
	for _, name := range []string{"sigma.witness.example", "tau.witness.example", "upsilon.witness.example"} {
		w = append(w, bed.Witness(name))
	}
	x, y := bed.Party("aurelia.example"), bed.Party("borea.example")
	x.WitnessedBy(2, w...)
	y.WitnessedBy(2, w...)
	bed.Link(x, y)
	ref := x.Appeal(y, "mitigate")
	x.Push(y)
	x.Date()
	y.Date()
	x.Follow(y)
	size := 0
	for b.Loop() {
		raw, err := x.Node.Prove(b.Context(), node.ProveRequest{Outbox: ref.Outbox, Index: ref.Index, Disclose: node.DefaultDisclosure()})
		bed.must(err)
		size = len(raw)
	}
	b.ReportMetric(float64(size), "bytes/bundle")
}
