package main

import (
	"fmt"
	"slices"

	"verbale/internal/console"
	"verbale/internal/docket"
	"verbale/internal/node"
	"verbale/record"
)

// hasAbout tells whether an act can name the move of the other side that it answers, and whether it has to.
func hasAbout(act string) (can, must bool) {
	for _, s := range record.Schema(act, "") {
		if s.Name == "about" {
			return true, s.Need == record.Mandatory
		}
	}
	return false, false
}

// setAbout fills in the move of the other side that a reply answers: the one that was named, or the latest open one that fits.
func (a *app) setAbout(draft record.Fields, c console.Case, self string) error {
	act := draft.Text("act")
	can, must := hasAbout(act)
	if !can || draft["about"] != nil && draft.Text("about") == "" {
		return nil // none, or a whole reference from a draft
	}
	if text := draft.Text("about"); text != "" {
		r, err := parseReference(text)
		if err != nil {
			return err
		}
		ref, ok := recordAt(c, r.origin(self), r.index)
		if !ok {
			return problem(node.Invalid, "its records: verbale appeal show "+lineRef(self, c.Line), "--about: %s is no record of the case %s", text, lineRef(self, c.Line))
		}
		draft.SetRef("about", ref)
		return nil
	}
	ref, found := answered(c, act, self)
	switch {
	case found:
		draft.SetRef("about", ref)
	case must || act == "agree" || act == "decline" && c.Act != docket.ActArrangement:
		if c.Act == docket.ActArrangement {
			return nil
		}
		return problem(node.NotAllowed, "where it stands: verbale appeal show "+lineRef(self, c.Line), "A-8: %s", nothingToAnswer(act, c))
	}
	return nil
}

// nothingToAnswer says what an act would have to answer and is not there.
func nothingToAnswer(act string, c console.Case) string {
	what := map[string]string{
		"supplement": "a supplement gives what an incomplete named as missing, and no incomplete is open",
		"agree":      "to agree is to the conditions of an accept, and none are open",
		"decline":    "to decline is to the conditions of an accept, and none are open",
		"close":      "what is closed is a case that the addressee ended: by a final answer, a refusal, or a redirection to another party. There is none yet; to take the appeal back, withdraw it",
		"dispute":    "what is disputed is a final answer, a refusal, or a redirection to another party, and there is none that was not disputed",
	}[act]
	return fmt.Sprintf("%s in this case with %s", what, c.With)
}

// answered finds the latest move of the other side that an act of ours answers.
func answered(c console.Case, act, self string) (record.Ref, bool) {
	if ref, found := latest(c, self, []string{docket.ActDispute}, isDispute); found && act != "agree" && act != "decline" && act != "supplement" {
		return ref, true // whatever the addressee says next answers the dispute
	}
	switch act {
	case "supplement":
		return latest(c, self, []string{act}, func(r node.Shown) bool { return r.Act == "incomplete" })
	case "agree", "decline":
		return latest(c, self, []string{"agree", "decline"}, func(r node.Shown) bool { return r.Act == "accept" && r.Fields.Text("extent") == "conditions" })
	case "close":
		return latest(c, self, []string{act}, endsCase)
	case "dispute":
		return latest(c, self, []string{act}, endsCase)
	case "incomplete":
		return latest(c, self, []string{act}, func(r node.Shown) bool { return r.Act == "supplement" })
	}
	return record.Ref{}, false
}

func isDispute(r node.Shown) bool { return r.Act == docket.ActDispute }

// endsCase tells whether a move ends the case for the addressee.
func endsCase(r node.Shown) bool {
	switch r.Act {
	case docket.ActAnswer:
		return r.Fields.Text("finality") == "final"
	case docket.ActRefuse:
		return true
	case "redirect":
		to := r.Fields.Text("to_party")
		return to != "" && to != r.By
	}
	return false
}

// latest is the last regular move of the other side that fits and that no move of ours by one of these acts has answered.
func latest(c console.Case, self string, by []string, fits func(node.Shown) bool) (last record.Ref, found bool) {
	done := map[record.Ref]bool{}
	for _, r := range c.Records {
		if ref, ok := r.Fields.Ref("about"); ok && r.By == self && r.Irregular == "" && (slices.Contains(by, r.Act) || slices.Contains(by, docket.ActDispute)) {
			done[ref] = true
		}
	}
	for i, r := range c.Records {
		if i > 0 && r.By != self && r.Irregular == "" && !done[r.Ref] && fits(r) {
			last, found = r.Ref, true
		}
	}
	return last, found
}
