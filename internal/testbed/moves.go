package testbed

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json/jsontext"
	"fmt"
	"slices"
	"strconv"

	"verbale/internal/docket"
	"verbale/internal/node"
	"verbale/record"
)

// moves are the verbs of acts.md §3 beyond those of [replies], and the arrangement. A move that answers one of the other side names the last of
// the sort it answers; one of the addressee after a dispute names that dispute.
func moves() []Verb {
	move := func(act string, fill func(Scene, record.Fields)) func(Scene) error {
		return func(s Scene) error { return s.move(act, fill) }
	}
	word := func(field, otherwise string) func(Scene, record.Fields) {
		return func(s Scene, f record.Fields) {
			f.SetText(field, otherwise)
			if s.Arg(1) != "" {
				f.SetText(field, s.Arg(1))
			}
		}
	}
	return []Verb{
		{Name: "redirect", Args: "REF [PARTY]", Run: move(docket.ActRedirect, func(s Scene, f record.Fields) {
			if s.Arg(1) != "" {
				f.SetText("to_party", s.Party(1).Name)
			}
		})},
		{Name: "incomplete", Args: "REF FIELD…", Run: move(docket.ActIncomplete, func(s Scene, f record.Fields) { f.SetTexts("missing", s.Args[1:]...) })},
		{Name: "supplement", Args: "REF", Run: move(docket.ActSupplement, nil)},
		{Name: "accept", Args: "REF [WORD]", Run: move(docket.ActAccept, func(s Scene, f record.Fields) {
			word("extent", "full")(s, f)
			delete(f, "terms")
			if f.Text("extent") != "full" {
				f.SetText("terms", "Only within working hours.")
			}
		})},
		{Name: "agree", Args: "REF", Run: move(docket.ActAgree, nil)},
		{Name: "decline", Args: "REF", Run: move(docket.ActDecline, nil)},
		{Name: "postpone", Args: "REF SPAN", Run: move(docket.ActPostpone, func(s Scene, f record.Fields) { f.SetTime("until", s.By.Now().Add(span("+"+s.Args[1]))) })},
		{Name: "progress", Args: "REF [WORD]", Run: move(docket.ActProgress, word("stage", "under-way"))},
		{Name: "close", Args: "REF [WORD]", Run: move(docket.ActClose, word("satisfaction", "satisfied"))},
		{Name: "dispute", Args: "REF", Run: move(docket.ActDispute, nil)},
		{Name: "correct", Args: "REF", Run: move(docket.ActCorrect, nil)},
		{Name: "supersede", Args: "REF REF", Run: move(docket.ActSupersede, func(s Scene, f record.Fields) { f.SetRef("by", s.Ref(1)) })},
		{Name: "escalate", Args: "REF WORD", Run: move(docket.ActEscalate, word("level", "political"))},
		{Name: "arrange", Args: "PARTY NEW", Run: arrangeLine},
		{Name: "remind", Run: func(s Scene) error { _, err := s.By.Node.Remind(s.t.Context()); return err }},
		{Name: "smuggle", Args: "REF WORD [FIELD…]", Run: smuggleLine},
		{Name: "irregular:", Args: "WORD", Run: irregularLine},
		{Name: "stage:", Args: "REF WORD", Run: stageLine},
	}
}

// move files a move in the case of a record.
func (s Scene) move(act string, fill func(Scene, record.Fields)) error {
	ref := s.Ref(0)
	f := record.Example(act, "", s.By.Now())
	delete(f, "about")
	if fill != nil {
		fill(s, f)
	}
	if err := s.about(f, ref); err != nil {
		return err
	}
	_, err := s.By.Node.Reply(s.t.Context(), s.parties[s.peerOf(ref)].Name, ref.Outbox, ref.Index, f, "")
	return err
}

// answeredBy lists what an act of the author of an appeal answers.
func answeredBy(act string) []string {
	switch act {
	case docket.ActSupplement:
		return []string{docket.ActIncomplete}
	case docket.ActAgree, docket.ActDecline:
		return []string{docket.ActAccept}
	case docket.ActClose, docket.ActDispute:
		return []string{docket.ActAnswer, docket.ActRefuse, docket.ActRedirect}
	}
	return nil
}

// about names in f the last regular move of the other side that it answers, where there is one.
func (s Scene) about(f record.Fields, ref record.Ref) error {
	d, err := s.By.Node.Case(context.Background(), ref.Outbox, ref.Index)
	if err != nil || d.View.Case.Open == nil {
		return err
	}
	acts := answeredBy(f.Text("act"))
	if s.By.Name == d.View.Case.Open.To {
		acts = nil
		if d.View.Status == docket.Disputed {
			acts = []string{docket.ActDispute}
		}
	}
	for _, m := range slices.Backward(d.View.Case.Moves) {
		if m.Irregular != "" || m.By == s.By.Name || !slices.Contains(acts, m.Act) {
			continue
		}
		r, err := refOf(m)
		f.SetRef("about", r)
		return err
	}
	return nil
}

// refOf is the whole reference of a move.
func refOf(m docket.Move) (record.Ref, error) {
	r := record.Ref{Outbox: m.Outbox, Index: m.Index}
	leaf, err := base64.RawURLEncoding.DecodeString(m.Leaf)
	if err != nil || len(leaf) != len(r.Leaf) {
		return r, fmt.Errorf("the leaf %q of a move", m.Leaf)
	}
	copy(r.Leaf[:], leaf)
	return r, nil
}

// Arrangement is the draft of the rules that the histories agree on: mitigate in 4 hours and 2 days, a reminder 3 hours before, and after a day
// and after three days the next level.
func (p *Party) Arrangement(with *Party, version int64) record.Fields {
	f := record.Example(docket.ActArrangement, "", p.Now())
	delete(f, "until")
	f.SetInt("version", version)
	f.SetTime("in_force_from", p.Now())
	f["bodies"] = jsontext.Value(fmt.Sprintf(`[{"authority":"Duty office","channel":"technical","party":%q},{"authority":"Duty office","channel":"technical","party":%q}]`, p.Name, with.Name))
	f["channels"] = jsontext.Value(`["technical","diplomatic"]`)
	f["kinds"] = jsontext.Value(`[{"acknowledge":"4h","kind":"mitigate","reply":"2d"},{"acknowledge":"12h","kind":"clarify","reply":"5wd"}]`)
	f["escalation"] = jsontext.Value(`[{"after":"1d","contact":"head of section","level":"operational"},{"after":"3d","contact":"director","level":"political"}]`)
	f.SetText("reminder", "3h")
	return node.Complete(f, p.Now(), "duty officer")
}

func arrangeLine(s Scene) error {
	version := int64(len(s.refs) + 1) // higher than that of any before
	filed, err := s.By.Node.File(s.t.Context(), s.Party(0).Name, s.By.Arrangement(s.Party(0), version), "")
	s.call(1, filed.Ref)
	return err
}

// stageLine says what was told of a case: none, or the name of the stage.
func stageLine(s Scene) error {
	ref := s.Ref(0)
	lines, err := s.By.Node.Cases(context.Background(), node.CaseQuery{})
	for _, l := range lines {
		if o := l.View.Case.Open; o != nil && o.Outbox == ref.Outbox && o.Index == ref.Index {
			return differs(s.Args[1], cmp.Or(l.Stage, "none"))
		}
	}
	return err
}

// smuggleLine writes a move that this node would refuse, into the case of a record on the link that the record stands on. FIELD are those that an
// incomplete names.
func smuggleLine(s Scene) error {
	ref := s.Ref(0)
	f := record.Example(s.Args[1], "", s.By.Now())
	if f == nil {
		return fmt.Errorf("there is no act %q", s.Args[1])
	}
	delete(f, "about")
	f.SetRef("in_reply_to", ref)
	if s.Args[1] == docket.ActIncomplete {
		f.SetTexts("missing", s.Args[2:]...)
	}
	if err := s.about(f, ref); err != nil {
		return err
	}
	if f.Check() != nil && f["about"] == nil {
		f.SetRef("about", ref) // which is no move
	}
	s.By.Smuggle(s.parties[s.peerOf(ref)], node.Complete(f, s.By.Now(), "duty officer"))
	return nil
}

// irregularLine says how many cases there are in which something breaks a rule.
func irregularLine(s Scene) error {
	lines, err := s.By.Node.Cases(context.Background(), node.CaseQuery{Irregular: true})
	if err != nil {
		return err
	}
	return differs(s.Args[0], strconv.Itoa(len(lines)))
}
