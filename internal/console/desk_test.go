package console

import (
	"strings"
	"testing"
	"time"

	"verbale/internal/docket"
	"verbale/internal/node"
	"verbale/record"
)

// What waits for whom is counted from either side, and only what the caller may see; what is found is shown with where it was found.
func TestDeskAndSearch(t *testing.T) {
	a, b, h := pair(t)
	c := InProcess(h)
	first := a.Appeal(b, "mitigate")
	a.Appeal(b, "clarify")
	a.Push(b)
	b.Appeal(a, "clarify")
	b.Push(a)
	b.Reply(a, first, "acknowledge", nil)
	b.Push(a)
	a.Bed.Later(30 * time.Hour)
	d, err := c.Desk(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	if d.ToAcknowledge.Count != 1 || d.ToAcknowledge.Late != 1 || len(d.ToAcknowledge.First) != 1 || d.Waiting.Count != 2 || d.Waiting.Late != 2 || len(d.Waiting.First) != 1 ||
		d.ToAnswer.Count+d.ToSettle.Count+d.Disputed.Count+d.Irregular.Count != 0 || d.Party != a.Name || d.Changed == 0 {
		t.Errorf("%+v", d)
	}
	if want := (node.Waits{With: b.Name, Sent: node.Waiters{Theirs: 2}, Received: node.Waiters{Ours: 1}, Late: node.LateBoth{Ours: 1, Theirs: 2}}); len(d.Links) != 1 || d.Links[0] != want {
		t.Errorf("%+v", d.Links)
	}
	m, err := c.Search(t.Context(), SearchQuery{Words: "c2.example.net", Limit: 1})
	if err != nil || len(m.Matches) != 1 || m.Matches[0].Kind != "mitigate" || m.Matches[0].By != a.Name || m.Behind != 0 {
		t.Errorf("%+v, %v", m, err)
	}
	seen := 0
	for q := (SearchQuery{Words: "test", Limit: 1}); ; seen++ {
		m, err := c.Search(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		if seen += len(m.Matches) - 1; m.Next == nil {
			break
		}
		q.After = *m.Next
	}
	if seen != 2 {
		t.Errorf("%d pages", seen)
	}
	if _, err := c.Search(t.Context(), SearchQuery{Words: "!"}); node.AsError(err).Kind != node.Invalid {
		t.Error(err)
	}
	n := networkOf(t, a)
	blind := n.token(node.TokenRequest{Scopes: []node.Scope{node.ScopeRead}, TLP: "green"})
	for path, want := range map[string]string{"/v1/desk": `"waiting_for_others":{"count":0`, "/v1/search?words=test": `"matches":[]`} {
		if w := n.ask(blind, "GET", path, ""); w.Code != 200 || !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
}

// What was redirected to another party is on the desk of its author; what was answered after its author had given it up is not.
func TestDeskRedirectedAndGivenUp(t *testing.T) {
	a, b, h := pair(t)
	c := InProcess(h)
	elsewhere, crossed := a.Appeal(b, "mitigate"), a.Appeal(b, "clarify")
	a.Push(b)
	b.Reply(a, elsewhere, "redirect", map[string]string{"to_authority": "CSIRT Cadia", "to_party": "cadia.example", "reason": "The provider is theirs."})
	b.Reply(a, crossed, "answer", map[string]string{"finality": "final", "outcome": "done", "text": "Done."})
	a.Reply(b, crossed, "withdraw", map[string]string{"reason": "Not needed any more."})
	b.Push(a)
	d, err := c.Desk(t.Context(), 5)
	if err != nil || d.Answered.Count != 1 || d.Answered.First[0].Status != docket.Redirected {
		t.Errorf("%+v, %v", d.Answered, err)
	}
	one, err := c.Case(t.Context(), crossed.Outbox, crossed.Index)
	if err != nil || one.Status != docket.Answered {
		t.Errorf("%+v, %v", one.Line, err)
	}
}

// An answer that came is on the desk until it is closed or disputed, and nobody is late there sooner than by the rules: what was delivered after its
// signed deadline is not.
func TestDeskAnswersAndLateDelivery(t *testing.T) {
	a, b, h := pair(t)
	c := InProcess(h)
	first := a.Appeal(b, "mitigate")
	a.Bed.Later(5 * time.Hour) // its signed deadline is four
	a.Push(b)
	a.Bed.Later(time.Hour)
	d, err := c.Desk(t.Context(), 5)
	if err != nil {
		t.Fatal(err)
	}
	if d.Waiting.Count != 1 || d.Waiting.Late != 0 || d.Links[0].Late != (node.LateBoth{}) || d.Answered.Count != 0 {
		t.Errorf("%+v", d)
	}
	answer := b.Reply(a, first, "answer", map[string]string{"finality": "final", "outcome": "done", "text": "Done."})
	b.Push(a)
	if d, err = c.Desk(t.Context(), 5); err != nil || d.Waiting.Count != 0 || d.Answered.Count != 1 || len(d.Answered.First) != 1 || d.Answered.First[0].Status != docket.Answered {
		t.Errorf("%+v, %v", d, err)
	}
	if one, err := c.Case(t.Context(), first.Outbox, first.Index); err != nil || one.ID == 0 || one.ID != d.Answered.First[0].ID {
		t.Errorf("the case and the list have other numbers: %+v, %v", one.Line, err)
	}
	f := record.Fields{}
	for name, value := range map[string]string{"act": docket.ActClose, "satisfaction": "satisfied"} {
		f.SetText(name, value)
	}
	f.SetRef("in_reply_to", first)
	f.SetRef("about", answer)
	if _, err := a.Node.File(t.Context(), b.Name, node.Complete(f, a.Bed.Now(), "test"), ""); err != nil {
		t.Fatal(err)
	}
	if d, err = c.Desk(t.Context(), 5); err != nil || d.Answered.Count != 0 {
		t.Errorf("%+v, %v", d, err)
	}
}

// A line says where the case goes on: at the appeal that takes its place, or with whom the addressee named.
func TestWhereACaseGoesOn(t *testing.T) {
	a, b, h := pair(t)
	c := InProcess(h)
	first, moved := a.Appeal(b, "mitigate"), a.Appeal(b, "clarify")
	second := a.Appeal(b, "mitigate")
	a.Push(b)
	f := record.Example("supersede", "", a.Now())
	f.SetRef("by", second)
	if _, err := a.Node.Reply(t.Context(), b.Name, first.Outbox, first.Index, f, ""); err != nil {
		t.Fatal(err)
	}
	b.Reply(a, moved, "redirect", map[string]string{"to_authority": "National CERT", "to_party": "cinder.example", "reason": "Not ours."})
	b.Push(a)
	for ref, want := range map[record.Ref][3]string{first: {second.Outbox, "", ""}, moved: {"", "National CERT", "cinder.example"}, second: {}} {
		got, err := c.Case(t.Context(), ref.Outbox, ref.Index)
		by := ""
		if got.SupersededBy != nil && got.SupersededBy.Index == second.Index {
			by = got.SupersededBy.Outbox
		}
		if err != nil || [3]string{by, got.RedirectedTo, got.RedirectedParty} != want {
			t.Errorf("%+v, %v", got.Line, err)
		}
	}
}
