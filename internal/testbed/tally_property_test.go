package testbed

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"testing"
	"time"

	"verbale/internal/docket"
	"verbale/internal/exchange"
	"verbale/internal/store"
)

// serialsOf gives, by a party's own receipts and one serial number after the other, the month of each record of an outbox, and those of its
// own that were released in a month and have none. It is A-7 the long way round.
func serialsOf(t *testing.T, p *Party, origin, month string) (in map[int64]bool, open map[int64]bool) {
	t.Helper()
	in, open = map[int64]bool{}, map[int64]bool{}
	p.Bed.must(p.Store.View(t.Context(), func(tx *store.Tx) error {
		row, err := tx.Outbox(origin)
		if store.KindOf(err) == store.NotFound {
			return nil
		} else if err != nil {
			return err
		}
		var latest time.Time
		for serial := range row.Head.Size {
			at, err := tx.FirstReceipt(row.ID, serial)
			if store.KindOf(err) == store.NotFound {
				open[serial] = row.Own
				continue
			} else if err != nil {
				return err
			}
			if at.ReceiptTime.After(latest) {
				latest = at.ReceiptTime
			}
			in[serial] = docket.Month(latest) == month
		}
		return nil
	}))
	for serial := range open {
		open[serial] = open[serial] && releasedIn(t, p, origin, serial, month)
	}
	no := func(_ int64, yes bool) bool { return !yes }
	maps.DeleteFunc(in, no)
	maps.DeleteFunc(open, no)
	return in, open
}

func releasedIn(t *testing.T, p *Party, origin string, serial int64, month string) bool {
	t.Helper()
	d, err := p.Node.Case(t.Context(), origin, serial)
	p.Bed.must(err)
	for _, r := range d.Records {
		if r.Ref.Outbox == origin && r.Ref.Index == serial {
			return docket.Month(r.Fields.Time("released_at")) == month
		}
	}
	return false
}

// Two months of two nodes whose calls get lost by chance: whatever happened, they agree on a month exactly when their books are equal.
func TestAgreementIsEqualityOfNodes(t *testing.T) {
	agreed := map[bool]int{}
	for seed := range uint64(16) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 7))
			b := New(t)
			b.clock.Store(time.Date(2021, 5, 20, 0, 0, 0, 0, time.UTC).Unix())
			h := Play(b, "x ping y #1")
			b.Faults = func(_, _ string, p exchange.Peer) exchange.Peer { return flaky{p, b, r} }
			twoMonths(t, h, r)
			b.Faults = nil
			for _, month := range []string{"2021-06", "2021-05"} {
				agreed[agreeOn(t, h, month)]++
			}
		})
	}
	if agreed[true] == 0 || agreed[false] == 0 {
		t.Errorf("of all months %d agree and %d do not: too few to mean anything", agreed[true], agreed[false])
	}
}

// agreeOn has x tally a month, and holds what y says of it against the books of both.
func agreeOn(t *testing.T, h *History, month string) (equal bool) {
	t.Helper()
	x, y := h.Party("x"), h.Party("y")
	ours, theirs := x.Name+"/to/"+y.Name+"/1", y.Name+"/to/"+x.Name+"/1"
	sent, open := serialsOf(t, x, ours, month)
	received, _ := serialsOf(t, x, theirs, month)
	_, err := x.Node.Tally(t.Context(), y.Name, month)
	h.must(err)
	h.Play("x push y")
	sentThere, _ := serialsOf(t, y, ours, month) // the tally came after the month, and so did all that came with it
	receivedThere, _ := serialsOf(t, y, theirs, month)
	h.Play("y push x") // with the answer, and maybe for receipts that y had not when it answered
	page, err := x.Node.TallyPage(t.Context(), y.Name, month)
	h.must(err)
	equal = maps.Equal(sent, sentThere) && maps.Equal(received, receivedThere) && len(open) == 0
	if got := page.Ours.Answer.Agrees; got != equal {
		t.Errorf("%s: agrees %t, books equal %t\n%v %v\n%v %v\nopen %v\n%+v", month, got, equal, sent, sentThere, received, receivedThere, open, page.Ours.Answer.Differences)
	}
	return equal
}

// twoMonths lets two months pass.
func twoMonths(t *testing.T, h *History, r *rand.Rand) {
	t.Helper()
	pair := []*Party{h.Party("x"), h.Party("y")}
	for h.Now().Before(time.Date(2021, 7, 1, 0, 0, 0, 0, time.UTC)) {
		from, to := pair[0], pair[1]
		if r.IntN(2) == 0 {
			from, to = to, from
		}
		switch r.IntN(6) {
		case 0, 1:
			from.Appeal(to, "mitigate")
		case 2:
			_, _ = from.Node.Pull(t.Context(), to.Name)
		default:
			_, _ = from.Node.Push(t.Context(), to.Name, nil)
		}
		for _, p := range pair {
			p.Node.Settle()
		}
		h.Later(time.Duration(1+r.IntN(24)) * time.Hour)
	}
}

// flaky loses a call, or its reply, by chance.
type flaky struct {
	exchange.Peer
	b *Bed
	r *rand.Rand
}

// lost is likelier at the turn of a month, where it makes a difference.
func (f flaky) lost() bool {
	if day := f.b.Now().Day(); day > 28 || day < 3 {
		return f.r.IntN(8) > 0
	}
	return f.r.IntN(4) == 0
}

var errLost = errors.New("it was lost")

func (f flaky) Push(ctx context.Context, b *exchange.Batch) ([]byte, error) {
	if f.lost() {
		return nil, errLost
	}
	receipt, err := f.Peer.Push(ctx, b)
	if f.lost() {
		return nil, errLost
	}
	return receipt, err
}

func (f flaky) Return(ctx context.Context, receipt []byte) error {
	if f.lost() {
		return errLost
	}
	return f.Peer.Return(ctx, receipt)
}
