package testbed

import (
	"testing"

	"verbale/internal/docket"
	"verbale/internal/exchange"
	"verbale/internal/node"
)

// Whoever listens hears that an appeal is lodged and that it is received, each once: the docket has neither, but a list shows them.
func TestReceiptsAreChanges(t *testing.T) {
	_, x, y, _ := withRelay(t, exchange.Load{})
	after := int64(0)
	heard := func(want ...docket.Status) {
		t.Helper()
		found, upto, err := x.Node.ChangesSince(t.Context(), node.Sight{}, after, 100)
		if err != nil {
			t.Fatal(err)
		}
		after = upto
		if len(found) != len(want) {
			t.Fatalf("%+v, want %q", found, want)
		}
		for i, c := range found {
			if c.Case.View.Status != want[i] {
				t.Errorf("%s, want %s", c.Case.View.Status, want[i])
			}
		}
	}
	x.Appeal(y, "clarify")
	x.Appeal(y, "mitigate")
	heard(docket.Sent, docket.Sent)
	lodge(t, x, y)
	heard(docket.Lodged, docket.Lodged)
	lodge(t, x, y)
	heard()
	x.Appeal(y, "clarify")
	heard(docket.Sent)
	lodge(t, x, y)
	heard(docket.Lodged)
	x.Push(y)
	heard(docket.Received, docket.Received, docket.Received)
	x.Push(y)
	lodge(t, x, y)
	heard()
}
