package console

import (
	"encoding/json/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"verbale/internal/docket"
	"verbale/internal/node"
)

// The figures of both sides over their own doors: the same, and each says so of the other's file.
func TestStatistics(t *testing.T) {
	a, b, h := pair(t)
	c, other := InProcess(h), InProcess(fitting(t, newDoor(b.Node, quiet())))
	ref := a.Appeal(b, "mitigate")
	a.Push(b)
	b.Reply(a, ref, "acknowledge", nil)
	b.Push(a)

	ours, err := c.Statistics(t.Context(), b.Name, node.StatisticsQuery{})
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := other.Statistics(t.Context(), a.Name, node.StatisticsQuery{AsOf: ours.Figures.AsOf})
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(ours.Figures, theirs.Figures); d != "" || len(ours.Figures.Rows) != 1 || ours.Figures.Rows[0].AnyOf.Acknowledged != 1 {
		t.Errorf("%+v: %s", ours.Figures, d)
	}
	later := ours.Figures.AsOf.Add(time.Hour)
	for name, q := range map[string]node.StatisticsQuery{"a kind": {Kind: "clarify"}, "a class": {Class: "test"}, "a channel": {Channel: "leader"}, "a window": {From: later, To: later.Add(1)}} {
		if s, err := c.Statistics(t.Context(), b.Name, q); err != nil && name != "a window" || len(s.Figures.Rows) != 0 {
			t.Errorf("%s: %+v, %v", name, s.Figures.Rows, err)
		}
	}
	file, err := json.Marshal(theirs)
	if err != nil {
		t.Fatal(err)
	}
	said, err := c.CompareStatistics(t.Context(), b.Name, file)
	if err != nil || !said.Equal || !said.SameBasis {
		t.Errorf("%+v, %v", said, err)
	}
	theirs.Figures.Rows[0].OneOf = docket.Groups{Silent: 1}
	if file, err = json.Marshal(theirs); err != nil {
		t.Fatal(err)
	}
	if said, err = c.CompareStatistics(t.Context(), b.Name, file); err != nil || said.Equal || len(said.Differ) != 1 {
		t.Errorf("%+v, %v", said, err)
	}
	if _, err := c.CompareStatistics(t.Context(), b.Name, []byte(`{}`)); node.AsError(err).Kind != node.Invalid {
		t.Errorf("no figures: %v", err)
	}
	if _, err := c.Statistics(t.Context(), "nobody.example", node.StatisticsQuery{}); node.AsError(err).Kind != node.NotLinked {
		t.Errorf("no link: %v", err)
	}
}
