package console

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"verbale/internal/docket"
	"verbale/internal/node"
)

func (d *door) aboutArrangements() {
	const tag, one = "directory", pathLinks + "/{party}"
	answer(d, tag, operation{id: "list-arrangements", method: http.MethodGet, path: one + pathRules, summary: "Lists the arrangements of a link, the newest first"}, d.arrangements)
	answer(d, tag, operation{id: "show-arrangement", method: http.MethodGet, path: one + pathRule, summary: "Shows an arrangement of a link: the one in force, or another"}, d.arrangement)
	answer(d, tag, operation{id: "propose-arrangement", method: http.MethodPost, path: one + pathRules, summary: "Proposes an arrangement; the other side agrees or declines by a reply", most: maxDraftBody}, d.propose)
}

// timeOfLink is a link at a time.
type timeOfLink struct {
	Party string    `path:"party" doc:"name of a party"`
	At    time.Time `query:"at" doc:"as in RFC 3339: for when it is told what is in force; absent: now"`
}

func (h *handler) arrangements(ctx context.Context, in *timeOfLink) (Arrangements, error) {
	if err := seesLink(ctx, in.Party); err != nil {
		return Arrangements{}, err
	}
	list, err := h.n.Arrangements(ctx, in.Party, in.At)
	list = slices.DeleteFunc(list, func(a node.Arrangement) bool { return !sightOf(ctx).Mark(a.Fields.Text("tlp")) })
	for i := range list {
		list[i].Fields = nil // they are long; one that is shown has them
	}
	if list == nil {
		list = []node.Arrangement{}
	}
	return Arrangements{list}, err
}

// arrangementAsked names one arrangement of a link.
type arrangementAsked struct {
	Party   string    `path:"party" doc:"name of a party"`
	At      time.Time `query:"at" doc:"as in RFC 3339: the one in force then; absent: now"`
	Version int64     `query:"version" minimum:"0" doc:"the one of this version"`
	Outbox  string    `query:"outbox" doc:"with index: the one that stands there"`
	Index   int64     `query:"index" minimum:"0" doc:"place in the outbox"`
}

func (h *handler) arrangement(ctx context.Context, in *arrangementAsked) (node.ArrangementPage, error) {
	if err := seesLink(ctx, in.Party); err != nil {
		return node.ArrangementPage{}, err
	}
	page, err := h.n.Arrangement(ctx, node.ArrangementQuery{Party: in.Party, At: in.At, Version: in.Version, Outbox: in.Outbox, Index: in.Index})
	for _, a := range []*node.Arrangement{page.Shown, page.Before} {
		if err == nil && a != nil && a.Fields != nil {
			err = seesMark(ctx, a.Fields)
		}
	}
	if err != nil {
		return node.ArrangementPage{}, err
	}
	return page, nil
}

// proposalAsked is what a call takes that proposes an arrangement.
type proposalAsked struct {
	Party string `path:"party" doc:"name of a party"`
	Key   string `header:"Idempotency-Key" maxLength:"200" doc:"the same record is filed once, however often this is sent; in place of the member key"`
	Body  Proposal
}

func (h *handler) propose(ctx context.Context, in *proposalAsked) (node.Filed, error) {
	draft, err := parseDraft(ctx, in.Body.Draft)
	if err != nil {
		return node.Filed{}, err
	}
	if act := draft.Text("act"); act != "" && act != docket.ActArrangement {
		return node.Filed{}, invalid("", "the draft of this call has the act %s, or none", docket.ActArrangement)
	}
	draft.SetText("act", docket.ActArrangement)
	if err := seesLink(ctx, in.Party); err != nil {
		return node.Filed{}, err
	}
	checked := h.n.Complete(draft, "")
	if err := markSeen(ctx, checked); err != nil {
		return node.Filed{}, err
	}
	if checked["version"] == nil {
		checked.SetInt("version", 1) // node finds the number
	}
	if found := checked.Problems(); len(found) > 0 {
		return node.Filed{}, &badDraft{found}
	}
	key, err := keyOf(ctx, in.Key, in.Body.Key)
	if err != nil {
		return node.Filed{}, err
	}
	if key != "" && draft["version"] == nil {
		return node.Filed{}, invalid("name it in the draft", "with an idempotency key a proposal has its version")
	}
	return h.n.Propose(ctx, in.Party, draft, key)
}

// Arrangements lists the arrangements of a link, the newest first; a zero time is now.
func (c *Client) Arrangements(ctx context.Context, party string, at time.Time) ([]node.Arrangement, error) {
	v := url.Values{}
	if !at.IsZero() {
		v.Set("at", at.UTC().Format(time.RFC3339))
	}
	var out Arrangements
	err := c.call(ctx, http.MethodGet, linkPath(party, pathRules)+"?"+v.Encode(), nil, &out)
	return out.Arrangements, err
}

// Arrangement shows one arrangement of a link.
func (c *Client) Arrangement(ctx context.Context, q node.ArrangementQuery) (page node.ArrangementPage, err error) {
	v := url.Values{}
	if !q.At.IsZero() {
		v.Set("at", q.At.UTC().Format(time.RFC3339))
	}
	if q.Version != 0 {
		v.Set("version", strconv.FormatInt(q.Version, 10))
	}
	if q.Outbox != "" {
		v.Set("outbox", q.Outbox)
		v.Set("index", strconv.FormatInt(q.Index, 10))
	}
	return page, c.call(ctx, http.MethodGet, linkPath(q.Party, pathRule)+"?"+v.Encode(), nil, &page)
}

// Propose proposes an arrangement.
func (c *Client) Propose(ctx context.Context, party string, p Proposal) (f node.Filed, err error) {
	return f, c.call(ctx, http.MethodPost, linkPath(party, pathRules), p, &f)
}
