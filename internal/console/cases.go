package console

import (
	"encoding/json/jsontext"
	"net/http"
	"slices"

	"verbale/internal/docket"
	"verbale/internal/node"
	"verbale/record"
	"verbale/seal"
)

// file puts an appeal or a ping on a link. Replies have a call of their own, which makes the reference.
func (h *handler) file(r *http.Request) (any, error) {
	in, err := read[Draft](r, maxDraftBody)
	if err != nil {
		return nil, err
	}
	draft, err := parseDraft(in.Draft)
	if err != nil {
		return nil, err
	}
	if act := draft.Text("act"); act != docket.ActAppeal && act != docket.ActPing {
		return nil, invalid("to reply, use the call for replies", "a draft that opens a case has the act %s or %s", docket.ActAppeal, docket.ActPing)
	}
	draft = h.n.Complete(draft, "")
	if found := draft.Problems(); len(found) > 0 {
		return nil, &badDraft{found}
	}
	return h.n.File(r.Context(), in.Party, draft, in.Key)
}

func parseDraft(raw jsontext.Value) (record.Fields, error) {
	if raw == nil {
		return nil, invalid("", "there is no draft")
	}
	return record.ParseDraft(raw)
}

// reply files a reply to the case that a record belongs to: whichever of its records is named, the reference is to the one that opened it.
func (h *handler) reply(r *http.Request) (any, error) {
	in, err := read[Reply](r, maxDraftBody)
	if err != nil {
		return nil, err
	}
	draft, err := parseDraft(in.Draft)
	if err != nil {
		return nil, err
	}
	switch draft.Text("act") {
	case docket.ActAcknowledge, docket.ActAnswer, docket.ActRefuse, docket.ActWithdraw:
	default:
		return nil, invalid("to open a case, use the call for records", "a reply acknowledges, answers, refuses or withdraws")
	}
	d, err := h.caseOf(r, in.Outbox, in.Index)
	if err != nil {
		return nil, err
	}
	if o := d.View.Case.Open; o != nil {
		in.Outbox, in.Index = o.Outbox, o.Index
	}
	return h.n.Reply(r.Context(), d.Link, in.Outbox, in.Index, draft, in.Key)
}

func (h *handler) cases(r *http.Request) (any, error) {
	get := r.URL.Query().Get
	q := node.CaseQuery{Party: get("party"), Act: get("act"), Except: get("except"), Is: docket.Status(get("status"))}
	for name, into := range map[string]*bool{"appeals": &q.Appeals, "stranded": &q.Stranded} {
		switch get(name) {
		case "":
		case "yes":
			*into = true
		default:
			return nil, invalid("", "%s is yes, or absent", name)
		}
	}
	switch get("turn") {
	case "":
	case "ours":
		q.Turn = h.n.Party()
	case "theirs":
		q.Theirs = true
	default:
		return nil, invalid("", "turn is ours or theirs")
	}
	if q.Is != "" && !slices.Contains(docket.Statuses(), q.Is) {
		return nil, invalid("", "status is one of %q", docket.Statuses())
	}
	limit, err := number(r, "limit")
	if err != nil {
		return nil, err
	}
	if q.After, err = number(r, "after"); err != nil {
		return nil, err
	}
	q.Limit = int(min(limit, node.MaxListed))
	if q.Limit == 0 {
		q.Limit = node.MaxListed
	}
	return h.page(r, q)
}

// page reads one case more than asked for, to know whether there is another page.
func (h *handler) page(r *http.Request, q node.CaseQuery) (any, error) {
	most := q.Limit
	q.Limit = min(most+1, node.MaxListed)
	found, err := h.n.Cases(r.Context(), q)
	if err != nil {
		return nil, err
	}
	out := Cases{Cases: []Line{}}
	if len(found) > most || len(found) == node.MaxListed {
		found = found[:min(most, len(found))]
		out.Next = found[len(found)-1].ID
	}
	for _, c := range found {
		out.Cases = append(out.Cases, lineOf(c))
	}
	return out, nil
}

func (h *handler) oneCase(r *http.Request) (any, error) {
	index, err := number(r, "index")
	if err != nil {
		return nil, err
	}
	d, err := h.caseOf(r, r.URL.Query().Get("outbox"), index)
	if err != nil {
		return nil, err
	}
	return Case{Line: lineOf(d.CaseLine), Records: d.Records}, nil
}

func (h *handler) caseOf(r *http.Request, outbox string, index int64) (node.CaseDetail, error) {
	o, err := seal.ParseOrigin(outbox)
	if err != nil || o.Author != h.n.Party() && o.Audience != h.n.Party() {
		return node.CaseDetail{}, invalid("see: verbale help references", "outbox is the origin of an outbox that this party wrote, or that was written to it")
	}
	d, err := h.n.Case(r.Context(), outbox, index)
	if err != nil && node.AsError(err).Kind == node.NotFound {
		return d, &node.Error{Kind: node.NotFound, Message: "there is no such record", Hint: "list what there is: verbale appeal list"}
	}
	return d, err
}
