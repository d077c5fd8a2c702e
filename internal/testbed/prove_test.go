package testbed

import (
	"strings"
	"testing"

	"verbale/internal/node"
	"verbale/verdict"
)

func prove(t *testing.T, p *Party, outbox string, index int64, disclose ...string) (*verdict.Verdict, error) {
	t.Helper()
	raw, err := p.Node.Prove(t.Context(), node.ProveRequest{Outbox: outbox, Index: index, Disclose: disclose})
	if err != nil {
		return nil, err
	}
	bundle, err := verdict.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	v, err := verdict.Judge(bundle, nil)
	if err != nil {
		t.Fatal(err)
	}
	return v, nil
}

// A name that nothing in the case has is refused by name; one that some record has opens it there.
func TestProveNamesWhatIsNotThere(t *testing.T) {
	_, x, y := two(t)
	ref := x.Appeal(y, "mitigate")
	x.Push(y)
	y.Reply(x, ref, "refuse", map[string]string{"code": "no-data", "reason": "none"})
	y.Push(x)
	for _, name := range []string{"reason", "code", "targets[2]", "targets", "*"} {
		if _, err := prove(t, x, ref.Outbox, ref.Index, name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, name := range []string{"target", "targets[3]", "targets[999]", "targets[-1]", "targets[x]", "targets[", "kind[0]", "questions", "", "targets]"} {
		_, err := prove(t, x, ref.Outbox, ref.Index, "kind", name)
		if kindOf(err) != node.Invalid || !strings.Contains(err.Error(), `"`+name+`"`) {
			t.Errorf("%q: %v", name, err)
		}
	}
	if _, err := prove(t, x, ref.Outbox, ref.Index, node.DefaultDisclosure()...); err != nil {
		t.Errorf("what is asked for by default: %v", err)
	}
	_, err := x.Node.Prove(t.Context(), node.ProveRequest{Outbox: ref.Outbox, Index: ref.Index, Only: true, Disclose: []string{"reason"}})
	if kindOf(err) != node.Invalid {
		t.Errorf("a field of the reply, which is left out: %v", err)
	}
}

// What this node cannot read it can prove nevertheless: who wrote it, where, and its receipt.
func TestProveUnreadable(t *testing.T) {
	x, y := misaddressed(t)
	ref := x.Appeal(y, "mitigate")
	x.Push(y)
	y.Stop() // waits for the refusal that the node files by itself
	y.Restart()
	v, err := prove(t, y, ref.Outbox, ref.Index)
	if err != nil || len(v.Records) != 2 || v.Records[0].Received == nil || v.Records[1].Act != "refuse" {
		t.Errorf("%+v, %v", v, err)
	}
	if _, err := prove(t, y, ref.Outbox, ref.Index, "subject"); kindOf(err) != node.Invalid {
		t.Errorf("a field of what nobody here can read: %v", err)
	}
}

// A record of the public register is in no case; it is shown and proved alone.
func TestPublicRecordStandsAlone(t *testing.T) {
	x := New(t).Party("aurelia.example")
	origin := x.Name + "/to/public/1"
	d, err := x.Node.Case(t.Context(), origin, 0)
	if err != nil || len(d.Records) != 1 || d.Records[0].Act != "profile" {
		t.Fatalf("%+v, %v", d, err)
	}
	if v, err := prove(t, x, origin, 0, "title"); err != nil || len(v.Records) != 1 {
		t.Errorf("%+v, %v", v, err)
	}
	for _, c := range []struct {
		origin string
		index  int64
		want   node.Kind
	}{{origin, 1, node.NotFound}, {origin, -1, node.NotFound}, {x.Name + "/to/nobody.example/1", 0, node.NotFound}, {"no origin", 0, node.Invalid}} {
		if _, err := x.Node.Case(t.Context(), c.origin, c.index); kindOf(err) != c.want {
			t.Errorf("entry %d of %q: %v", c.index, c.origin, err)
		}
	}
}
