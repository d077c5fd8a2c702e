package console

import (
	"context"
	"net/http"
	"strings"
	"time"

	"verbale/internal/docket"
	"verbale/internal/node"
	"verbale/record"
	"verbale/verdict"
)

func (d *door) aboutLinks() {
	const tag, one = "links", pathLinks + "/{party}"
	answer(d, tag, operation{id: "show-self", method: http.MethodGet, path: pathSelf, summary: "Shows this party's own profile"}, d.self)
	answer(d, tag, operation{id: "renew-profile", method: http.MethodPost, path: pathRenew, summary: "Writes a later profile with the same keys"}, d.renew)
	answer(d, tag, operation{id: "show-keys", method: http.MethodGet, path: pathKeys, summary: "Tells which keys this party has and had"}, d.keys)
	answer(d, tag, operation{id: "list-links", method: http.MethodGet, path: pathLinks, summary: "Lists the links by party"}, d.links)
	answer(d, tag, operation{id: "add-link", method: http.MethodPost, path: pathLinks, summary: "Imports the profile file of a peer"}, d.addLink)
	answer(d, tag, operation{id: "show-link", method: http.MethodGet, path: one, summary: "Shows the page of a link"}, d.oneLink)
	answer(d, tag, operation{id: "confirm-link", method: http.MethodPost, path: one + pathConfirm, summary: "Makes a link work, by the words that an officer heard"}, d.confirm)
	answer(d, tag, operation{id: "retry-link", method: http.MethodPost, path: one + pathRetry, summary: "Clears what holds the pushes of a link, and asks the peer at once"}, d.retry)
	answer(d, tag, operation{id: "suspend-link", method: http.MethodPost, path: one + pathSuspend, summary: "Files the notice that suspends a link", most: maxDraftBody}, d.suspend)
	answer(d, tag, operation{id: "resume-link", method: http.MethodPost, path: one + pathResume, summary: "Files the record that ends a suspension of ours", most: maxDraftBody}, d.resume)
	answer(d, tag, operation{id: "tally", method: http.MethodPost, path: one + pathTally, summary: "Counts a month of a link and files the count"}, d.tally)
	answer(d, tag, operation{id: "show-tally", method: http.MethodGet, path: one + pathTally, summary: "Shows a month of a link as both sides counted it"}, d.tallyPage)
	answer(d, tag, operation{id: "show-pings", method: http.MethodGet, path: one + pathPings, summary: "Counts the pings of ours to a peer, by contact point"}, d.pings)
	answer(d, tag, operation{id: "show-channel", method: http.MethodGet, path: one + pathChannel, summary: "Counts the beats of a link from one time to another"}, d.channel)
	work(d, tag, operation{id: "exchange", method: http.MethodPost, path: one + pathExchange, summary: "Makes one round with a peer: push, then pull"}, d.exchange)
	work(d, tag, operation{id: "recover", method: http.MethodPost, path: one + pathRecover, summary: "Takes back from a peer what this database has lost"}, d.recover)
	work(d, tag, operation{id: "regain", method: http.MethodPost, path: pathRegain, summary: "Founds the data folder anew from the copy of a peer"}, d.regain)
}

func (h *handler) self(ctx context.Context, _ *nothing) (Party, error) {
	p, err := h.n.Profile(ctx)
	if err != nil {
		return Party{}, err
	}
	return h.own(ctx, p)
}

// own is this party's own profile with the changes that led to its keys.
func (h *handler) own(ctx context.Context, p verdict.Profile) (Party, error) {
	file, err := h.n.ProfileFile(ctx)
	out := PartyOf(p)
	_, out.Changes, _ = strings.Cut(file, "\n")
	return out, err
}

func (h *handler) keys(ctx context.Context, _ *nothing) (node.KeyStatus, error) {
	return h.n.KeyStatus(ctx)
}

func (h *handler) renew(ctx context.Context, in *bodyOf[Renewal]) (Party, error) {
	p, err := h.n.Renew(ctx, in.Body.Endpoint)
	if err != nil {
		return Party{}, err
	}
	return h.own(ctx, p)
}

func (h *handler) links(ctx context.Context, _ *nothing) (Links, error) {
	links, err := h.n.Links(ctx)
	seen := []node.LinkStatus{}
	for _, l := range links {
		if sightOf(ctx).Link(l.Party) {
			seen = append(seen, l)
		}
	}
	return Links{seen}, err
}

func (h *handler) addLink(ctx context.Context, in *bodyOf[Profile]) (Party, error) {
	p, err := h.n.AddLink(ctx, in.Body.Profile)
	return PartyOf(p), err
}

// oneLink shows a link. Its page has texts of notices: who does not see all marks gets the link as it stands in lists.
func (h *handler) oneLink(ctx context.Context, in *ofParty) (node.LinkStatus, error) {
	s := sightOf(ctx)
	if !s.Link(in.Party) {
		return node.LinkStatus{}, &node.Error{Kind: node.NotLinked, Message: "there is no such link"}
	}
	l, err := h.n.Link(ctx, in.Party)
	if s.TLP != "" {
		l.Page = nil
	}
	return l, err
}

func (h *handler) confirm(ctx context.Context, in *partyAnd[Words]) (node.LinkStatus, error) {
	if err := h.n.ConfirmLink(ctx, in.Party, in.Body.Words); err != nil {
		return node.LinkStatus{}, err
	}
	return h.n.Link(ctx, in.Party)
}

func (h *handler) retry(ctx context.Context, in *ofParty) (node.LinkStatus, error) {
	if err := h.n.Retry(in.Party); err != nil {
		return node.LinkStatus{}, err
	}
	return h.n.Link(ctx, in.Party)
}

// noticeAsked is what a call takes that files a notice about a link.
type noticeAsked struct {
	Party string `path:"party" doc:"name of a party"`
	Key   string `header:"Idempotency-Key" maxLength:"200" doc:"the same record is filed once, however often this is sent; in place of the member key"`
	Body  Notice
}

// suspend files the notice that suspends a link; resume the record that ends it.
func (h *handler) suspend(ctx context.Context, in *noticeAsked) (node.Filed, error) {
	return notice(ctx, in, docket.ActSuspend, h.n.Suspend)
}

func (h *handler) resume(ctx context.Context, in *noticeAsked) (node.Filed, error) {
	return notice(ctx, in, docket.ActResume, h.n.Resume)
}

type filesNotice func(ctx context.Context, party string, draft record.Fields, key string) (node.Filed, error)

func notice(ctx context.Context, in *noticeAsked, act string, file filesNotice) (node.Filed, error) {
	draft, err := parseDraft(ctx, in.Body.Draft)
	if err != nil {
		return node.Filed{}, err
	}
	if named := draft.Text("act"); named != "" && named != act {
		return node.Filed{}, invalid("", "the draft of this call has the act %s, or none", act)
	}
	key, err := keyOf(ctx, in.Key, in.Body.Key)
	if err != nil {
		return node.Filed{}, err
	}
	return file(ctx, in.Party, draft, key)
}

// tally counts a month and files the count; tallyPage shows it.
func (h *handler) tally(ctx context.Context, in *partyAnd[Month]) (node.TallyPage, error) {
	return h.n.Tally(ctx, in.Party, in.Body.Month)
}

// monthAsked names a month of a link.
type monthAsked struct {
	Party string `path:"party" doc:"name of a party"`
	Month string `query:"month" required:"true" doc:"as 2026-06"`
}

func (h *handler) tallyPage(ctx context.Context, in *monthAsked) (node.TallyPage, error) {
	return h.n.TallyPage(ctx, in.Party, in.Month)
}

func (h *handler) pings(ctx context.Context, in *ofParty) (Pings, error) {
	stats, err := h.n.PingStats(ctx, in.Party)
	return Pings{stats}, err
}

// timeAsked is a stretch of time of a link.
type timeAsked struct {
	Party string    `path:"party" doc:"name of a party"`
	From  time.Time `query:"from" required:"true" doc:"as in RFC 3339"`
	To    time.Time `query:"to" required:"true" doc:"as in RFC 3339"`
}

func (h *handler) channel(ctx context.Context, in *timeAsked) (node.Channel, error) {
	return h.n.Channel(ctx, in.Party, in.From, in.To)
}

// exchange pushes what the peer has not receipted, then pulls what it could not push, and looks into its register.
func (h *handler) exchange(ctx context.Context, in *ofParty, step node.Progress) (Exchanged, error) {
	var out Exchanged
	var err error
	if out.Receipted, err = h.n.Push(ctx, in.Party, step); err != nil {
		return out, err
	}
	if out.Received, err = h.n.Pull(ctx, in.Party); err != nil {
		return out, err
	}
	if _, err := h.n.Follow(ctx, in.Party); err != nil && ctx.Err() == nil { // the exchange does not wait for it
		h.log.Warn("the peer's register could not be followed", "party", in.Party, "error", err.Error())
	}
	return out, nil
}

// recover takes back what an old copy lacks.
func (h *handler) recover(ctx context.Context, in *ofParty, step node.Progress) (node.Recovered, error) {
	return h.n.Recover(ctx, in.Party, step)
}

// regain founds a folder anew of which only the keys are left.
func (h *handler) regain(ctx context.Context, in *bodyOf[Regain], step node.Progress) (Party, error) {
	p, err := h.n.Regain(ctx, in.Body.Profile, in.Body.Words, step)
	if err != nil {
		return Party{}, err
	}
	return PartyOf(p), nil
}
