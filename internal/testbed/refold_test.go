package testbed

import (
	"testing"

	"verbale/internal/docket"
	"verbale/internal/node"
	"verbale/internal/store"
)

// A node was behind: it kept and receipted what its program did not know. With a later program all of it is what it says, without anybody's doing.
func TestDocketOfAnOlderProgram(t *testing.T) {
	b := New(t)
	h := Play(b, `
		x propose y #1 1
		x directory
		x -> y mitigate #2
		x push y`)
	x, y := h.Party("x"), h.Party("y")
	if _, err := y.Node.Search(t.Context(), node.SearchQuery{Words: "happened"}); err != nil {
		t.Fatal(err)
	}
	y.Stop()
	b.must(y.Store.Update(t.Context(), func(tx *store.Tx) error {
		if err := tx.SetMeta("docket/fold", "of an older program"); err != nil {
			return err
		}
		if err := tx.PutStanding(x.Name, docket.Standing{}); err != nil {
			return err
		}
		return tx.ReplaceCases(func(put func(string, docket.Case) error) error {
			return put(x.Name, docket.Case{Key: "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"})
		})
	}))
	y.Restart()
	sameDockets(t, x, y)
	h.Play(`
		y: house x active
		y: #2 received
		y agree #1
		y: rules x 1
		y push x
		x: rules y 1`)
	if lines, _ := matches(t, y, node.SearchQuery{Words: "happened"}); len(lines) != 1 {
		t.Errorf("found: %q", lines)
	}
	if changed := newest(t, y); changed == 0 {
		t.Error("nothing has changed")
	}
	before := newest(t, y)
	y.Stop()
	y.Restart()
	if after := newest(t, y); after != before {
		t.Errorf("folded once more: change %d, then %d", before, after)
	}
}

func newest(t *testing.T, p *Party) int64 {
	t.Helper()
	changed, err := p.Node.NewestChange(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return changed
}
