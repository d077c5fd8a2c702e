package console

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"verbale/internal/node"
)

func (d *door) aboutDesk() {
	const tag = "desk"
	answer(d, tag, operation{id: "show-desk", method: http.MethodGet, path: pathDesk, summary: "Tells what waits for whom, with the first cases of each pile"}, d.desk)
	list(d, tag, operation{id: "search", method: http.MethodGet, path: pathSearch, summary: "Finds records by their words"}, d.search,
		func(in *searchAsked) *PageAsked { return &in.PageAsked }, Matches.from)
}

// Desk is the page with which staff begin.
type Desk struct {
	At            time.Time    `json:"at"` // when it was looked at, by the node's clock
	Party         string       `json:"party"`
	Changed       int64        `json:"changed"` // events after this one are not in it
	ToAcknowledge Pile         `json:"to_acknowledge"`
	ToAnswer      Pile         `json:"to_answer"`
	ToSettle      Pile         `json:"to_supplement_or_agree"` // of our own appeals, and arrangements
	Waiting       Pile         `json:"waiting_for_others"`
	Disputed      Pile         `json:"in_dispute"`          // they are in one of the piles above, too
	Answered      Pile         `json:"answered_or_refused"` // our appeals with the last word of the other side, neither closed nor disputed; the newest first, at most 51 counted
	Irregular     Pile         `json:"irregular"`           // the newest first
	Links         []node.Waits `json:"links"`               // by party; only those on which somebody must act
}

// Pile is how many cases there are of a sort, how many of them are late, and the first by due time.
type Pile struct {
	Count int64  `json:"count"`
	Late  int64  `json:"late"`
	First []Line `json:"first"`
}

// deskAsked is how much of each pile is shown.
type deskAsked struct {
	First int64 `query:"first" minimum:"0" default:"10" doc:"cases shown of each pile; 50 at most"`
}

func (h *handler) desk(ctx context.Context, in *deskAsked) (Desk, error) {
	o, err := h.n.Overview(ctx, sightOf(ctx), int(min(in.First, node.MaxFirst)))
	if err != nil {
		return Desk{}, err
	}
	return Desk{At: o.At, Party: o.Party, Changed: o.Change, ToAcknowledge: pileOf(o.ToAcknowledge), ToAnswer: pileOf(o.ToAnswer), ToSettle: pileOf(o.ToSettle),
		Waiting: pileOf(o.Waiting), Disputed: pileOf(o.Disputed), Answered: pileOf(o.Answered), Irregular: pileOf(o.Irregular), Links: o.Links}, nil
}

func pileOf(p node.Pile) Pile {
	out := Pile{Count: p.Count, Late: p.Late, First: []Line{}}
	for _, c := range p.First {
		out.First = append(out.First, lineOf(c))
	}
	return out
}

// Matches is a page of what a search found. Next is where the page that follows begins; absent: there is none. Behind is how many records are not
// in the search yet.
type Matches struct {
	Matches []node.Match      `json:"matches"`
	Next    *node.SearchPlace `json:"next,omitempty"`
	Behind  int64             `json:"behind"`
}

// searchAsked is what is looked for.
type searchAsked struct {
	Words string  `query:"words" required:"true" doc:"all of these are in what is found; what the last is the beginning of is found, too"`
	Party string  `query:"party" doc:"only the link with this party"`
	Kind  string  `query:"kind" doc:"only appeals of this kind"`
	Act   string  `query:"act" doc:"only records of this act"`
	Since string  `query:"since" format:"date-time" doc:"only what was released then or later"`
	Order string  `query:"order" enum:"newest,best" doc:"newest: the newest first; best: the best match first"`
	Rank  float64 `query:"after_rank" doc:"rank of next of the page before, in the order best"`
	PageAsked
}

func (h *handler) search(ctx context.Context, in *searchAsked) (Matches, error) {
	q := node.SearchQuery{Words: in.Words, Party: in.Party, Kind: in.Kind, Act: in.Act, Best: in.Order == "best",
		After: node.SearchPlace{ID: in.After, Rank: in.Rank}, Limit: int(min(in.Limit, node.MaxFound)), Sight: sightOf(ctx)}
	if in.Since != "" {
		var err error
		if q.Since, err = time.Parse(time.RFC3339, in.Since); err != nil {
			return Matches{}, invalid("", "since is a time as 2026-07-09T14:00:00Z")
		}
	}
	if q.Limit == 0 {
		q.Limit = node.MaxFound
	}
	p, err := h.n.Search(ctx, q)
	if err != nil {
		return Matches{}, err
	}
	return Matches{Matches: p.Found, Next: p.Next, Behind: p.Behind}, nil
}

// from is where the page that follows begins; nil where none does.
func (m Matches) from() url.Values {
	if m.Next == nil {
		return nil
	}
	return url.Values{"after": {strconv.FormatInt(m.Next.ID, 10)}, "after_rank": {strconv.FormatFloat(m.Next.Rank, 'g', -1, 64)}}
}

// SearchQuery is what is looked for; members that are zero select everything.
type SearchQuery struct {
	Words string
	Party string
	Kind  string
	Act   string
	Since time.Time
	Best  bool
	After node.SearchPlace
	Limit int
}

// Desk gives the page with which staff begin, with so many cases of each pile.
func (c *Client) Desk(ctx context.Context, first int) (d Desk, err error) {
	return d, c.call(ctx, http.MethodGet, pathDesk+"?first="+strconv.Itoa(first), nil, &d)
}

// Search finds records by their words.
func (c *Client) Search(ctx context.Context, q SearchQuery) (m Matches, err error) {
	v := url.Values{"words": {q.Words}}
	set := func(name, value string) {
		if value != "" && value != "0" {
			v.Set(name, value)
		}
	}
	set("party", q.Party)
	set("kind", q.Kind)
	set("act", q.Act)
	set("limit", strconv.Itoa(q.Limit))
	set("after", strconv.FormatInt(q.After.ID, 10))
	set("after_rank", strconv.FormatFloat(q.After.Rank, 'g', -1, 64))
	if !q.Since.IsZero() {
		v.Set("since", q.Since.UTC().Format(time.RFC3339))
	}
	if q.Best {
		v.Set("order", "best")
	}
	return m, c.call(ctx, http.MethodGet, pathSearch+"?"+v.Encode(), nil, &m)
}
