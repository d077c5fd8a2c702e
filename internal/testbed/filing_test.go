package testbed

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"verbale/internal/node"
	"verbale/record"
)

func three(t *testing.T) (*Bed, *Party, *Party, *Party) {
	b := New(t)
	x, y, z := b.Party("aurelia.example"), b.Party("borea.example"), b.Party("cinder.example")
	b.Link(x, y)
	b.Link(x, z)
	return b, x, y, z
}

// A key names one record: the same again gives it back, at any later time; anything else under it is a conflict.
func TestFilingKeyOfAnotherRecordIsAConflict(t *testing.T) {
	b, x, y, z := three(t)
	file := func(to *Party, draft record.Fields) (node.Filed, error) {
		return x.Node.File(t.Context(), to.Name, draft, "case-7")
	}
	first, err := file(y, x.Draft("mitigate"))
	b.must(err)
	b.Later(3 * time.Hour) // Complete fills other times in
	if again, err := file(y, x.Draft("mitigate")); err != nil || !again.Again || again.Ref != first.Ref {
		t.Errorf("%+v, %v; want the record of then", again, err)
	}
	if _, err := file(z, x.Draft("mitigate")); kindOf(err) != node.Conflict {
		t.Errorf("for another party: %v", err)
	}
	if _, err := file(y, x.Draft("clarify")); kindOf(err) != node.Conflict {
		t.Errorf("for another kind: %v", err)
	}
	other := x.Draft("mitigate")
	other.SetText("summary", "Another matter.")
	if _, err := file(y, other); kindOf(err) != node.Conflict {
		t.Errorf("for another text: %v", err)
	}
	sooner := x.Draft("mitigate")
	sooner.SetTime("reply_by", sooner.Time("reply_by").Add(-time.Hour))
	if _, err := file(y, sooner); kindOf(err) != node.Conflict {
		t.Errorf("for another deadline: %v", err)
	}
	if n := len(x.Cases(y)) + len(x.Cases(z)); n != 1 {
		t.Errorf("%d records were filed", n)
	}
}

// The same within one group: of many callers with one key, one party's record is filed and nobody gets another's.
func TestFilingKeyWithinAGroup(t *testing.T) {
	_, x, y, z := three(t)
	refs := make([]string, 40)
	var wg sync.WaitGroup
	for i := range refs {
		to := y
		if i%2 == 1 {
			to = z
		}
		wg.Go(func() {
			switch filed, err := x.Node.File(context.Background(), to.Name, x.Draft("mitigate"), "one"); {
			case err == nil:
				refs[i] = fmt.Sprint(i%2, filed.Ref)
			case kindOf(err) != node.Conflict:
				t.Error(err)
			}
		})
	}
	wg.Wait()
	seen := map[string]bool{}
	for _, ref := range refs {
		if ref != "" {
			seen[ref] = true
		}
	}
	if len(seen) != 1 || len(x.Cases(y))+len(x.Cases(z)) != 1 {
		t.Errorf("%d different records under one key: %v", len(seen), seen)
	}
}

// The largest content that can be composed goes the whole way; one that is larger is refused before anything is signed.
func TestLargestContent(t *testing.T) {
	_, x, y := two(t)
	draft := x.Draft("clarify")
	attach := func(size int) record.Fields {
		f := draft.Clone()
		f.SetAttachments("attachments", record.Attachment{Data: make([]byte, size), MediaType: "application/octet-stream", Name: "dump"})
		return f
	}
	x.Appeal(y, "clarify")
	if _, err := x.Node.File(t.Context(), y.Name, attach(8_995_000), ""); err != nil {
		t.Fatal(err)
	}
	x.Appeal(y, "clarify")
	if _, err := x.Node.File(t.Context(), y.Name, attach(9_010_000), ""); kindOf(err) != node.Invalid {
		t.Errorf("too large: %v", err)
	}
	if n := x.Push(y); n != 3 {
		t.Errorf("%d receipted", n)
	}
	sameDockets(t, x, y)
}
