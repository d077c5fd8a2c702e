package testbed

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"verbale/internal/exchange"
	"verbale/internal/store"
)

// dating changes what a peer says dates the link.
type dating struct {
	exchange.Peer
	change func([]exchange.Anchor) []exchange.Anchor
	calls  *int
}

func (d dating) Dated(ctx context.Context, origin string, after int64) ([]exchange.Anchor, error) {
	if *d.calls++; *d.calls > 50 {
		panic("it is asked for ever")
	}
	list, err := d.Peer.Dated(ctx, origin, after)
	return d.change(list), err
}

// dealt is two parties with three entries of x to y, each receipted and dated by x.
func dealt(t *testing.T) (x, y *Party) {
	t.Helper()
	_, x, y, _ = watched(t)
	for range 3 {
		x.Appeal(y, "mitigate")
		x.Push(y)
		x.Bed.Later(time.Minute)
		x.Date()
	}
	return x, y
}

// What does not hold is refused, what came before it is kept, and the honest answer still works (G-16).
func TestDatingsThatDoNotHold(t *testing.T) {
	for name, c := range map[string]struct {
		change func([]exchange.Anchor) []exchange.Anchor
		kept   []int64
		want   exchange.Kind
	}{
		"the second is of another head": {func(l []exchange.Anchor) []exchange.Anchor { l[1].Size = 3; return l }, []int64{1}, exchange.BadContent},
		"the last is damaged":           {func(l []exchange.Anchor) []exchange.Anchor { l[2].Proof[0][0] ^= 1; return l }, []int64{1, 2}, exchange.BadRoot},
		"out of order":                  {func(l []exchange.Anchor) []exchange.Anchor { l[0], l[2] = l[2], l[0]; return l }, []int64{3}, exchange.Malformed},
		"without witnesses": {func(l []exchange.Anchor) []exchange.Anchor {
			l[0].Witnesses = l[0].Witnesses[:1]
			return l
		}, nil, exchange.Malformed},
		"of a head that is not here": {func(l []exchange.Anchor) []exchange.Anchor { l[2].Size = 9; return l }, []int64{1, 2}, ""},
		"the same for ever":          {func(l []exchange.Anchor) []exchange.Anchor { return slices.Repeat(l[:min(len(l), 1)], 8) }, []int64{1}, ""},
		"nothing":                    {func([]exchange.Anchor) []exchange.Anchor { return nil }, nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			x, y := dealt(t)
			calls := 0
			x.Bed.Faults = func(_, _ string, p exchange.Peer) exchange.Peer {
				return dating{p, func(l []exchange.Anchor) []exchange.Anchor {
					if len(l) == 0 || calls > 1 && c.want != "" {
						return l
					}
					return c.change(l)
				}, &calls}
			}
			if _, err := y.Node.Follow(t.Context(), x.Name); exchange.KindOf(err) != c.want {
				t.Errorf("%v, want %q", err, c.want)
			}
			if dated, _ := datings(t, y); !slices.Equal(dated[x.Name], c.kept) {
				t.Errorf("kept %v, want %v", dated[x.Name], c.kept)
			}
			x.Bed.Faults = nil
			y.Follow(x)
			if dated, _ := datings(t, y); dated[x.Name][len(dated[x.Name])-1] != 3 {
				t.Errorf("kept %v in the end", dated[x.Name])
			}
		})
	}
}

// A desk tells what dates the caller's link, and nobody else's.
func TestDatedIsForTheLink(t *testing.T) {
	x, y := dealt(t)
	z := x.Bed.Party("cinder.example")
	x.Bed.Link(x, z)
	x.Appeal(z, "mitigate")
	x.Date()
	desk, _ := deskOf(x.Node, y)
	theirs, ours := y.Name+"/to/"+x.Name+"/1", x.Name+"/to/"+y.Name+"/1"
	for origin, want := range map[string]exchange.Kind{ours: "", theirs: exchange.UnknownOutbox, x.Name + "/to/" + y.Name + "/7": exchange.UnknownOutbox,
		x.Name + "/to/" + z.Name + "/1": exchange.NotYours, z.Name + "/to/" + x.Name + "/1": exchange.NotYours, x.register().String(): exchange.NotYours,
		y.Name + "/to/" + z.Name + "/1": exchange.NotYours, "": exchange.NotYours} {
		list, err := desk.Dated(t.Context(), origin, 0)
		if exchange.KindOf(err) != want || len(list) > 0 && origin != ours {
			t.Errorf("%q: %d, %v; want %q", origin, len(list), err, want)
		}
	}
	for after, sizes := range map[int64][]int64{0: {1, 2, 3, 3}, 1: {1, 2, 3, 3}, 2: {2, 3, 3}, 3: {3}, 4: nil} {
		list, err := desk.Dated(t.Context(), ours, after)
		var got []int64
		for _, a := range list {
			got = append(got, a.Size)
			if strings.Contains(a.Record, z.Name) || len(a.Witnesses) != 3 {
				t.Errorf("of size %d: %d witnesses", a.Size, len(a.Witnesses))
			}
		}
		if err != nil || !slices.Equal(got, sizes) {
			t.Errorf("after %d: %v, %v; want %v", after, got, err, sizes)
		}
	}
	x.Appeal(y, "clarify") // not receipted: the caller does not have it
	x.Date()
	if list, err := desk.Dated(t.Context(), ours, 4); err != nil || len(list) != 0 {
		t.Errorf("of what is not receipted: %d, %v", len(list), err)
	}
}

// A busy link needs many calls; all of it comes.
func TestManyDatings(t *testing.T) {
	_, x, y, _ := watched(t)
	const heads = exchange.MaxDatings + 6
	for range heads {
		x.Appeal(y, "clarify")
		x.Push(y)
		x.Snapshot()
	}
	x.Bed.must(x.Node.Witness(t.Context()))
	y.Follow(x)
	if dated, _ := datings(t, y); len(dated[x.Name]) != heads {
		t.Errorf("%d datings came, want %d", len(dated[x.Name]), heads)
	}
	x.Bed.must(y.Store.View(t.Context(), func(tx *store.Tx) error {
		row, err := tx.Outbox(x.Name + "/to/" + y.Name + "/1")
		if size, err := tx.NewestDatedSize(row.ID, x.Name); size != heads || err != nil {
			t.Errorf("%d, %v", size, err)
		}
		return err
	}))
}
