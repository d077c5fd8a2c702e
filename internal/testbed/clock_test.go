package testbed

import (
	"testing"
	"time"

	"verbale/internal/node"
	"verbale/internal/store"
)

// A clock that is put back a few seconds dates no larger head before a smaller one that was stated already: that would convict (B-15).
func TestClockStepsBack(t *testing.T) {
	bed, x, y := two(t)
	x.Appeal(y, "mitigate")
	x.Push(y)
	bed.Later(time.Minute)
	beat(t, x, y)
	for _, p := range []*Party{x, y} {
		p.SetClock(-5 * time.Second)
	}
	x.Appeal(y, "clarify")
	x.Push(y)
	row := outboxOf(t, y, x, y)
	if at, said := openedBy(t, x, row.Note).Time, beatsOf(t, y, x, x, y); at.Before(said[len(said)-1].At) {
		t.Errorf("a checkpoint of 2 entries is dated %s, and a beat over 1 %s", at, said[len(said)-1].At)
	}
	r, err := y.Keys.Keys().OpenReceipt(y.Name, row.Receipt, row.Head)
	if err != nil {
		t.Fatal(err)
	}
	if said := beatsOf(t, y, y, x, y); r.Time.Before(said[len(said)-1].At) {
		t.Errorf("a receipt of 2 entries is dated %s, and a beat over 1 %s", r.Time, said[len(said)-1].At)
	}
}

// An entry heads is not dated before its heads stood there: until then a beat may say that one of them was smaller (B-15).
func TestSnapshotAcrossASecond(t *testing.T) {
	bed := New(t)
	x, y := bed.PartyOnDisk("aurelia.example", store.Options{}), bed.Party("borea.example")
	bed.Link(x, y)
	x.Appeal(y, "mitigate")
	x.Push(y)
	calls := 0
	x.tune = func(c *node.Config) {
		c.Now = func() time.Time {
			at := bed.Now()
			if calls--; calls == 0 { // what the snapshot is to be dated with has been read
				bed.Later(time.Minute)
				beat(t, x, y)
				x.Appeal(y, "clarify")
			}
			return at
		}
	}
	x.Stop()
	x.Restart()
	beat(t, x, y)
	x.Snapshot()
	calls = 2 // the first looks whether our keys have expired
	x.Snapshot()
	row := outboxOf(t, x, x, y)
	var dated []store.Dating
	err := x.Store.View(t.Context(), func(tx *store.Tx) (err error) {
		dated, err = tx.PendingDatings(x.register().String())
		return err
	})
	if err != nil || row.Head.Size != 2 || len(dated) == 0 {
		t.Fatalf("%+v, %+v, %v", row.Head, dated, err)
	}
	for _, d := range dated {
		for _, b := range beatsOf(t, x, x, x, y) {
			if d.Outbox == row.ID && b.Size < d.Size && b.At.After(d.TakenAt) {
				t.Errorf("the register says of %s that there were %d entries, and a beat of %s that there were %d", d.TakenAt, d.Size, b.At, b.Size)
			}
		}
	}
}
