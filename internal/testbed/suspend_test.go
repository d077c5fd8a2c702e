package testbed

import (
	"testing"

	"verbale/internal/exchange"
)

// One appeal is open and three wait when the peer suspends the link. Nothing is dropped, the clocks go on, and after the resume what
// waited follows by index.
func TestSuspendedAndResumed(t *testing.T) {
	h := Play(New(t), `
		x -> y mitigate #1
		x push y
		y ack #1
		y push x
		x: #1 acknowledged

		y suspend x
		y push x
		x: #1 acknowledged stranded
		y: #1 acknowledged stranded
		x -> y clarify #2
		x -> y mitigate #3
		x -> y indicators #4
		x push y !refused
		x: #2 sent stranded
		x: strands y 4
		x: wrong y they
		y: strands x 1
		y: wrong x we
		y answer #1 !not-allowed
		y -> x clarify #5 !not-allowed

		+2d
		x: #1 acknowledged late stranded
		x: #2 sent late stranded
		x: #4 sent late stranded
		fsck
		y down
		y up
		x down
		x up
		y -> x clarify #6 !not-allowed
		x push y !refused

		y resume x
		y push x
		x: #1 acknowledged late
		x: #2 sent late
		x push y
		x: #2 received
		x: #3 received
		+2d
		x: #2 received late
		y: #4 received late
		y answer #1
		y push x
		x: #1 answered
		x: strands y 0
		y: strands x 0
		fsck
	`)
	x, y := h.Party("x"), h.Party("y")
	sameDockets(t, x, y)
	for i, name := range []string{"#1", "#2", "#3", "#4"} {
		if ref := h.Ref(name); ref.Index != int64(i) {
			t.Errorf("%s stands at %d", name, ref.Index)
		}
	}
}

// A sender that has no notice yet is refused, asks at once for it, and is quiet from then on.
func TestRefusedWithoutTheNotice(t *testing.T) {
	Play(New(t), `
		x -> y mitigate #1
		y suspend x
		x push y !channel-suspended
		x: #1 sent
		x pull y
		x: #1 sent stranded
		x push y !refused
		y resume x
		x pull y
		x push y
		x: #1 received
		fsck
	`)
}

// Both sides suspend without knowing of the other. Each takes up its own half, in either order.
func TestBothSuspend(t *testing.T) {
	for name, lines := range map[string]string{
		"x first": `
			x resume y
			x push y !channel-suspended
			x pull y
			x: #1 sent stranded
			x push y !refused
			y resume x
			y push x
			x push y`,
		"y first": `
			y resume x
			y push x !channel-suspended
			y pull x
			x resume y
			x push y
			y push x`,
	} {
		t.Run(name, func(t *testing.T) {
			h := Play(New(t), `
				x -> y mitigate #1
				y -> x clarify #2
				x suspend y
				y suspend x
				x push y !channel-suspended
				y push x !channel-suspended
				x pull y
				y pull x
				x: #1 sent stranded
				y: #2 sent stranded
				x -> y clarify #3 !not-allowed
				x suspend y !not-allowed
			`)
			h.Play(lines)
			h.Play(`
				x: #1 received
				y: #1 received
				x: #2 received
				y: #2 received
				x resume y !not-allowed
				fsck`)
			sameDockets(t, h.Party("x"), h.Party("y"))
		})
	}
}

// What was under way when the link was suspended: a batch that is held already gets its receipt again, one that would add gets none.
func TestResendToASuspendedLink(t *testing.T) {
	b := New(t)
	lost := 0
	b.Faults = func(_, _ string, p exchange.Peer) exchange.Peer { return lossy{p, &lost} }
	h := Play(b, `
		x -> y mitigate #1
		x push y !offline
		y suspend x
		x push y
		x: #1 received`)
	b.Faults = nil
	h.Play(`
		x -> y clarify #2
		x push y !channel-suspended
		y: #1 received stranded
		fsck`)
}
