package console

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json/jsontext"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"verbale/internal/docket"
	"verbale/internal/node"
	"verbale/record"
	"verbale/seal"
)

func (d *door) aboutCases() {
	const tag = "cases"
	answer(d, tag, operation{id: "file", method: http.MethodPost, path: pathRecords, summary: "Files an appeal or a ping", most: maxDraftBody}, d.file)
	answer(d, tag, operation{id: "prepare", method: http.MethodPost, path: pathPrepare, summary: "Completes a draft as it would be filed, with its deadlines, and files nothing", most: maxDraftBody}, d.prepare)
	answer(d, tag, operation{id: "reply", method: http.MethodPost, path: pathReplies, summary: "Files a reply to the case of a record", most: maxDraftBody}, d.reply)
	list(d, tag, operation{id: "list-cases", method: http.MethodGet, path: pathCases, summary: "Lists cases, the newest or the earliest due first"}, d.cases,
		func(in *casesAsked) *PageAsked { return &in.PageAsked }, Cases.from)
	answer(d, tag, operation{id: "show-case", method: http.MethodGet, path: pathCase, summary: "Shows the case of a record, with all its records"}, d.oneCase)
}

// openingActs are the acts that the call for records takes, replyActs those of the call for replies, noticeActs those that concern a link.
func openingActs() []string { return []string{docket.ActAppeal, docket.ActPing} }

func replyActs() []string { return slices.Concat(docket.MovesBy(false), docket.MovesBy(true)) }

func noticeActs() []string { return []string{docket.ActSuspend, docket.ActResume} }

// filing is a body that becomes a record.
type filing[T any] struct {
	Key  string `header:"Idempotency-Key" maxLength:"200" doc:"the same record is filed once, however often this is sent; in place of the member key"`
	Body T
}

// keyOf is the idempotency key of a call. Keys of different tokens are different: none finds out what another has filed.
func keyOf(ctx context.Context, header, member string) (string, error) {
	if header != "" && member != "" && header != member {
		return "", invalid("leave one of them out", "the header Idempotency-Key and the member key say different things")
	}
	key := cmp.Or(header, member)
	t, ok := callerOf(ctx)
	if !ok || key == "" || len(key) > node.MaxFilingKey {
		return key, nil
	}
	own := fmt.Sprintf("token %d: %s", t.ID, key)
	if len(own) > node.MaxFilingKey {
		own = fmt.Sprintf("token %d, sha256: %x", t.ID, sha256.Sum256([]byte(key)))
	}
	return own, nil
}

// file puts an appeal or a ping on a link. Replies have a call of their own, which makes the reference.
func (h *handler) file(ctx context.Context, in *filing[Draft]) (node.Filed, error) {
	draft, err := parseDraft(ctx, in.Body.Draft)
	if err != nil {
		return node.Filed{}, err
	}
	if !slices.Contains(openingActs(), draft.Text("act")) {
		return node.Filed{}, invalid("to reply, use the call for replies", "a draft that opens a case has a member act, which is one of %s", strings.Join(openingActs(), ", "))
	}
	if !sightOf(ctx).Link(in.Body.Party) {
		return node.Filed{}, forbidden("", "this token is not for this link")
	}
	if draft, err = h.n.CompleteFor(ctx, in.Body.Party, draft, ""); err != nil {
		return node.Filed{}, err
	}
	if err := markSeen(ctx, draft); err != nil {
		return node.Filed{}, err
	}
	if found := draft.Problems(); len(found) > 0 {
		return node.Filed{}, &badDraft{found}
	}
	key, err := keyOf(ctx, in.Key, in.Body.Key)
	if err != nil {
		return node.Filed{}, err
	}
	return h.n.File(ctx, in.Body.Party, draft, key)
}

// prepare completes a draft as file would, and files nothing.
func (h *handler) prepare(ctx context.Context, in *bodyOf[Draft]) (Prepared, error) {
	draft, err := parseDraft(ctx, in.Body.Draft)
	if err != nil {
		return Prepared{}, err
	}
	if !slices.Contains(openingActs(), draft.Text("act")) {
		return Prepared{}, invalid("", "a draft that opens a case has a member act, which is one of %s", strings.Join(openingActs(), ", "))
	}
	if err := seesLink(ctx, in.Body.Party); err != nil {
		return Prepared{}, err
	}
	p, err := h.n.Prepare(ctx, in.Body.Party, draft, "")
	if err != nil {
		return Prepared{}, err
	}
	if found := p.Draft.Problems(); len(found) > 0 {
		return Prepared{}, &badDraft{found}
	}
	hints := append([]string{}, p.Hints...)
	if sightOf(ctx).TLP != "" { // they are from the directory, whatever its entries are marked
		hints = hints[:0]
	}
	return Prepared{Draft: p.Draft.JSON(), Terms: p.Terms, Hints: hints}, nil
}

// markSeen refuses to file what the caller could not see itself.
func markSeen(ctx context.Context, draft record.Fields) error {
	if !sightOf(ctx).Mark(draft.Text("tlp")) {
		return forbidden("", "this token is for records up to a marking, and the draft is marked above it")
	}
	return nil
}

// parseDraft reads a draft. One that comes with a token names it: it released it, or it drafted it for whom the draft says to have released it.
func parseDraft(ctx context.Context, raw jsontext.Value) (record.Fields, error) {
	if raw == nil {
		return nil, invalid("", "there is no draft")
	}
	draft, err := record.ParseDraft(raw)
	t, ok := callerOf(ctx)
	if err != nil || !ok {
		return draft, err
	}
	for _, name := range []string{"released_by", "drafted_by"} {
		if _, there := draft[name]; !there {
			draft.SetText(name, t.Name)
		}
		if draft.Text(name) == t.Name {
			return draft, nil
		}
	}
	return nil, invalid("leave drafted_by out, or put the name of the token there", "what is filed with a token has its name as released_by or drafted_by")
}

// reply files a reply to the case that a record belongs to: whichever of its records is named, the reference is to the one that opened it.
func (h *handler) reply(ctx context.Context, in *filing[Reply]) (node.Filed, error) {
	draft, err := parseDraft(ctx, in.Body.Draft)
	if err != nil {
		return node.Filed{}, err
	}
	if !slices.Contains(replyActs(), draft.Text("act")) {
		return node.Filed{}, invalid("to open a case, use the call for records", "a reply has a member act, which is one of %s", strings.Join(replyActs(), ", "))
	}
	if err := markSeen(ctx, h.n.Complete(draft, "")); err != nil {
		return node.Filed{}, err
	}
	key, err := keyOf(ctx, in.Key, in.Body.Key)
	if err != nil {
		return node.Filed{}, err
	}
	outbox, index := in.Body.Outbox, in.Body.Index
	d, err := h.caseOf(ctx, outbox, index)
	if err != nil {
		return node.Filed{}, err
	}
	if o := d.View.Case.Open; o != nil {
		outbox, index = o.Outbox, o.Index
	}
	return h.n.Reply(ctx, d.Link, outbox, index, draft, key)
}

// casesAsked is what a list of cases is chosen by.
type casesAsked struct {
	Party     string `query:"party" doc:"only cases on the link with this party"`
	Turn      string `query:"turn" enum:"ours,theirs" doc:"only cases in which this side, or the other, must act"`
	Act       string `query:"act" doc:"only cases opened by this act"`
	Except    string `query:"except" doc:"no cases opened by this act"`
	Status    string `query:"status" doc:"only cases with this status"`
	Kind      string `query:"kind" doc:"only appeals of this kind"`
	Class     string `query:"class" doc:"only cases opened by a record of this class"`
	Channel   string `query:"channel" doc:"only cases on this channel"`
	Level     string `query:"level" doc:"only appeals of this level, or escalated to it"`
	Direction string `query:"direction" enum:"sent,received" doc:"only cases that this side opened, or the other"`
	Appeals   string `query:"appeals" enum:"yes" doc:"leaves out what is no appeal and can be none"`
	Stranded  string `query:"stranded" enum:"yes" doc:"only cases in which somebody must act while a side has suspended the link"`
	Late      string `query:"late" enum:"yes" doc:"only cases in which who must act is late"`
	Lapsed    string `query:"lapsed" enum:"yes" doc:"only appeals whose reply deadline has passed without a final answer"`
	Irregular string `query:"irregular" enum:"yes" doc:"only cases in which a move breaks a rule"`
	Order     string `query:"order" enum:"newest,due" doc:"newest: the newest first; due: the earliest due first, and only cases in which somebody must act"`
	AfterDue  string `query:"after_due" format:"date-time" doc:"next_due of the page before, in the order due; absent where it was"`
	PageAsked
}

func (h *handler) cases(ctx context.Context, in *casesAsked) (Cases, error) {
	q := node.CaseQuery{Party: in.Party, Act: in.Act, Except: in.Except, Is: docket.Status(in.Status), Kind: in.Kind, Class: in.Class, Channel: in.Channel, Level: in.Level,
		Direction: in.Direction, Appeals: in.Appeals == "yes", Stranded: in.Stranded == "yes", Late: in.Late == "yes", Lapsed: in.Lapsed == "yes",
		Irregular: in.Irregular == "yes", ByDue: in.Order == "due", After: in.After, Limit: int(min(in.Limit, node.MaxListed))}
	if in.AfterDue != "" {
		var err error
		if q.AfterDue, err = time.Parse(time.RFC3339Nano, in.AfterDue); err != nil {
			return Cases{}, invalid("", "after_due is next_due of the page before")
		}
	}
	switch in.Turn {
	case "ours":
		q.Turn = h.n.Party()
	case "theirs":
		q.Theirs = true
	}
	q.Sight = sightOf(ctx)
	if q.Is != "" && !slices.Contains(docket.Statuses(), q.Is) {
		return Cases{}, invalid("", "status is one of %q", docket.Statuses())
	}
	if q.Limit == 0 {
		q.Limit = node.MaxListed
	}
	return h.page(ctx, q)
}

// from is where the page that follows begins; nil where none does.
func (c Cases) from() url.Values {
	if c.Next == 0 {
		return nil
	}
	v := url.Values{"after": {strconv.FormatInt(c.Next, 10)}, "after_due": nil}
	if !c.NextDue.IsZero() {
		v.Set("after_due", c.NextDue.Format(time.RFC3339Nano))
	}
	return v
}

// page reads one case more than asked for, to know whether there is another page.
func (h *handler) page(ctx context.Context, q node.CaseQuery) (Cases, error) {
	most := q.Limit
	q.Limit = min(most+1, node.MaxListed)
	found, err := h.n.Cases(ctx, q)
	if err != nil {
		return Cases{}, err
	}
	out := Cases{Cases: []Line{}}
	if len(found) > most || len(found) == node.MaxListed {
		found = found[:min(most, len(found))]
		last := found[len(found)-1]
		out.Next = last.ID
		if q.ByDue {
			out.NextDue = last.Due
		}
	}
	for _, c := range found {
		out.Cases = append(out.Cases, lineOf(c))
	}
	return out, nil
}

// recordAsked names a record.
type recordAsked struct {
	Outbox string `query:"outbox" required:"true" doc:"origin of the outbox"`
	Index  int64  `query:"index" minimum:"0" doc:"place in it"`
}

func (h *handler) oneCase(ctx context.Context, in *recordAsked) (Case, error) {
	d, err := h.caseOf(ctx, in.Outbox, in.Index)
	if err != nil {
		return Case{}, err
	}
	return Case{Line: lineOf(d.CaseLine), Records: d.Records, Hidden: d.Hidden}, nil
}

func (h *handler) caseOf(ctx context.Context, outbox string, index int64) (node.CaseDetail, error) {
	o, err := seal.ParseOrigin(outbox)
	if err != nil || o.Author != h.n.Party() && o.Audience != h.n.Party() {
		return node.CaseDetail{}, invalid("see: verbale help references", "outbox is the origin of an outbox that this party wrote, or that was written to it")
	}
	d, err := h.n.CaseSeen(ctx, sightOf(ctx), outbox, index)
	if err != nil && node.AsError(err).Kind == node.NotFound {
		return d, &node.Error{Kind: node.NotFound, Message: "there is no such record", Hint: "list what there is: verbale appeal list"}
	}
	return d, err
}
