package main

import (
	"testing"

	"verbale/internal/console"
	"verbale/internal/docket"
	"verbale/internal/node"
	"verbale/record"
)

// What a move answers is the latest open move of the other side that fits.
func TestAnswered(t *testing.T) {
	opening := said(author, 0, 0, docket.ActAppeal, nil, nil)
	incomplete := said(addressee, 1, 1, docket.ActIncomplete, nil, nil)
	supplement := said(author, 1, 2, docket.ActSupplement, &incomplete.Ref, nil)
	again := said(addressee, 2, 3, docket.ActIncomplete, nil, nil)
	conditions := said(addressee, 3, 4, docket.ActAccept, nil, map[string]string{"extent": "conditions"})
	full := said(addressee, 4, 5, docket.ActAccept, nil, map[string]string{"extent": "full"})
	decline := said(author, 2, 6, docket.ActDecline, &conditions.Ref, nil)
	interim := said(addressee, 5, 7, docket.ActAnswer, nil, map[string]string{"finality": "interim"})
	final := said(addressee, 6, 8, docket.ActAnswer, nil, map[string]string{"finality": "final"})
	dispute := said(author, 3, 9, docket.ActDispute, &final.Ref, nil)
	goesOn := said(addressee, 7, 10, docket.ActProgress, &dispute.Ref, nil)
	refuse := said(addressee, 8, 11, docket.ActRefuse, nil, nil)
	inHouse := said(addressee, 9, 1, docket.ActRedirect, nil, nil)
	elsewhere := said(addressee, 9, 1, docket.ActRedirect, nil, map[string]string{"to_party": "cadia.example"})
	wrong := said(addressee, 6, 8, docket.ActAnswer, nil, map[string]string{"finality": "final"})
	wrong.Irregular = "A-3: its author had already ended the case"
	for _, c := range []struct {
		name, act, self string
		records         []node.Shown
		want            *node.Shown
	}{
		{"nothing is missing", docket.ActSupplement, author, nil, nil},
		{"what is missing", docket.ActSupplement, author, []node.Shown{incomplete}, &incomplete},
		{"it was sent", docket.ActSupplement, author, []node.Shown{incomplete, supplement}, nil},
		{"the second", docket.ActSupplement, author, []node.Shown{supplement, incomplete, again}, &again},
		{"still wanting", docket.ActIncomplete, addressee, []node.Shown{supplement, incomplete}, &supplement},
		{"the first", docket.ActIncomplete, addressee, nil, nil},
		{"conditions", docket.ActAgree, author, []node.Shown{conditions, full}, &conditions},
		{"no conditions", docket.ActAgree, author, []node.Shown{full}, nil},
		{"declined", docket.ActAgree, author, []node.Shown{decline, conditions}, nil},
		{"not ended", docket.ActClose, author, []node.Shown{interim, inHouse}, nil},
		{"the answer", docket.ActClose, author, []node.Shown{interim, final}, &final},
		{"the refusal", docket.ActDispute, author, []node.Shown{refuse}, &refuse},
		{"elsewhere", docket.ActClose, author, []node.Shown{elsewhere}, &elsewhere},
		{"disputed once", docket.ActDispute, author, []node.Shown{dispute, final}, nil},
		{"an irregular answer", docket.ActClose, author, []node.Shown{wrong}, nil},
		{"after a dispute", docket.ActAnswer, addressee, []node.Shown{dispute, final}, &dispute},
		{"after a dispute, asked back", docket.ActIncomplete, addressee, []node.Shown{dispute, final}, &dispute},
		{"the dispute was answered", docket.ActAnswer, addressee, []node.Shown{dispute, final, goesOn}, nil},
		{"the author's own dispute", docket.ActClose, author, []node.Shown{dispute, final, goesOn, refuse}, &refuse},
	} {
		got, found := answered(caseOf(console.Line{}, append([]node.Shown{opening}, c.records...)...), c.act, c.self)
		var want record.Ref
		if c.want != nil {
			want = c.want.Ref
		}
		if found != (c.want != nil) || got != want {
			t.Errorf("%s: %v %v, want %v", c.name, found, got, want)
		}
	}
}

// A reply is never marked lower than its case for want of thought, and says so where it is on purpose.
func TestMarkings(t *testing.T) {
	c := caseOf(console.Line{}, said(author, 0, 0, docket.ActAppeal, nil, nil))
	c.Class, c.Channel, c.TLP = "test", "diplomatic", "red"
	f := likeCase(record.Fields{}, c)
	if f.Text("class") != "test" || f.Text("channel") != "diplomatic" || f.Text("tlp") != "red" {
		t.Errorf("%v", f)
	}
	f.SetText("tlp", "green")
	if f = likeCase(f, c); f.Text("tlp") != "green" {
		t.Errorf("what was said is not kept: %v", f)
	}
	for _, m := range [][3]string{{"green", "red", "TLP:GREEN"}, {"red", "green", ""}, {"amber", "amber", ""}, {"amber", "amber+strict", "TLP:AMBER"}, {"amber", "", ""}} {
		if got := below(m[0], m[1]); got != m[2] {
			t.Errorf("%s below %s: %q, want %q", m[0], m[1], got, m[2])
		}
	}
	c.Class, c.Channel, c.TLP = "", "", "" // nobody here can read it
	if f := likeCase(record.Fields{}, c); len(f) != 0 {
		t.Errorf("%v", f)
	}
}
