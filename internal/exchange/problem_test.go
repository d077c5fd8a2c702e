package exchange

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
)

// The list of kinds is closed and each has its place in it.
func TestKinds(t *testing.T) {
	kinds := Kinds()
	sorted := slices.Clone(kinds)
	slices.Sort(sorted)
	if len(kinds) != 17 || len(slices.Compact(sorted)) != len(kinds) {
		t.Errorf("%d kinds", len(kinds))
	}
}

// What stops a sender: faults of the batch or the link, never those of the moment.
func TestStops(t *testing.T) {
	moment := []Kind{UnknownParty, UnknownOutbox, BehindOrAhead, Suspended, OverQuota, Busy, Storage, Internal}
	for _, k := range Kinds() {
		if k.Stops() == slices.Contains(moment, k) {
			t.Errorf("%s: stops is %t", k, k.Stops())
		}
	}
}

// A Problem is found in whatever wraps it; what is none becomes an internal one that tells the peer nothing.
func TestAsProblem(t *testing.T) {
	p := Refuse(BadLeaf, "R-4", io.ErrUnexpectedEOF, "entry %d", 7)
	fork := &ForkError{Problem: Refuse(ForkFound, "O-6", nil, "two heads")}
	for _, c := range []struct {
		err  error
		kind Kind
		want string
	}{
		{p, BadLeaf, "bad-leaf (R-4): entry 7"},
		{fmt.Errorf("push: %w", p), BadLeaf, "bad-leaf (R-4): entry 7"},
		{fork, ForkFound, "fork (O-6): two heads"},
		{fmt.Errorf("push: %w", fork), ForkFound, "fork (O-6): two heads"},
		{io.EOF, "", "internal: this node could not do it; nothing was stored; its log says why"},
	} {
		if KindOf(c.err) != c.kind || AsProblem(c.err).Error() != c.want {
			t.Errorf("%v: kind %q, %q", c.err, KindOf(c.err), AsProblem(c.err))
		}
	}
	if !errors.Is(p, io.ErrUnexpectedEOF) || strings.Contains(p.Error(), "EOF") {
		t.Error("the cause is for errors.Is alone")
	}
}
