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

func (h *handler) self(r *http.Request) (any, error) {
	p, err := h.n.Profile(r.Context())
	if err != nil {
		return nil, err
	}
	return h.own(r.Context(), p)
}

// own is this party's own profile with the changes that led to its keys.
func (h *handler) own(ctx context.Context, p verdict.Profile) (Party, error) {
	file, err := h.n.ProfileFile(ctx)
	out := PartyOf(p)
	_, out.Changes, _ = strings.Cut(file, "\n")
	return out, err
}

func (h *handler) keys(r *http.Request) (any, error) { return h.n.KeyStatus(r.Context()) }

func (h *handler) renew(r *http.Request) (any, error) {
	in, err := read[Renewal](r, maxBody)
	if err != nil {
		return nil, err
	}
	p, err := h.n.Renew(r.Context(), in.Endpoint)
	if err != nil {
		return nil, err
	}
	return h.own(r.Context(), p)
}

func (h *handler) links(r *http.Request) (any, error) {
	links, err := h.n.Links(r.Context())
	if links == nil {
		links = []node.LinkStatus{}
	}
	return Links{links}, err
}

func (h *handler) addLink(r *http.Request) (any, error) {
	in, err := read[Profile](r, maxBody)
	if err != nil {
		return nil, err
	}
	p, err := h.n.AddLink(r.Context(), in.Profile)
	return PartyOf(p), err
}

func (h *handler) confirm(r *http.Request) (any, error) {
	in, err := read[Words](r, maxBody)
	if err != nil {
		return nil, err
	}
	party := r.PathValue("party")
	if err := h.n.ConfirmLink(r.Context(), party, in.Words); err != nil {
		return nil, err
	}
	return h.link(r.Context(), party)
}

func (h *handler) retry(r *http.Request) (any, error) {
	party := r.PathValue("party")
	if err := h.n.Retry(party); err != nil {
		return nil, err
	}
	return h.link(r.Context(), party)
}

// suspend files the notice that suspends a link; resume the record that ends it.
func (h *handler) suspend(r *http.Request) (any, error) {
	return h.notice(r, docket.ActSuspend, h.n.Suspend)
}

func (h *handler) resume(r *http.Request) (any, error) {
	return h.notice(r, docket.ActResume, h.n.Resume)
}

// tally counts a month and files the count; tallyPage shows it.
func (h *handler) tally(r *http.Request) (any, error) {
	in, err := read[Month](r, maxBody)
	if err != nil {
		return nil, err
	}
	return h.n.Tally(r.Context(), r.PathValue("party"), in.Month)
}

func (h *handler) tallyPage(r *http.Request) (any, error) {
	return h.n.TallyPage(r.Context(), r.PathValue("party"), r.URL.Query().Get("month"))
}

type filesNotice func(ctx context.Context, party string, draft record.Fields, key string) (node.Filed, error)

func (h *handler) notice(r *http.Request, act string, file filesNotice) (any, error) {
	in, err := read[Notice](r, maxBody)
	if err != nil {
		return nil, err
	}
	draft, err := parseDraft(in.Draft)
	if err != nil {
		return nil, err
	}
	if named := draft.Text("act"); named != "" && named != act {
		return nil, invalid("", "the draft of this call has the act %s, or none", act)
	}
	return file(r.Context(), r.PathValue("party"), draft, in.Key)
}

func (h *handler) link(ctx context.Context, party string) (node.LinkStatus, error) {
	return h.n.Link(ctx, party)
}

func (h *handler) oneLink(r *http.Request) (any, error) {
	return h.link(r.Context(), r.PathValue("party"))
}

// exchange pushes what the peer has not receipted, then pulls what it could not push, and looks into its register.
func (h *handler) exchange(r *http.Request, step node.Progress) (any, error) {
	party := r.PathValue("party")
	var out Exchanged
	var err error
	if out.Receipted, err = h.n.Push(r.Context(), party, step); err != nil {
		return nil, err
	}
	if out.Received, err = h.n.Pull(r.Context(), party); err != nil {
		return nil, err
	}
	if _, err := h.n.Follow(r.Context(), party); err != nil && r.Context().Err() == nil { // the exchange does not wait for it
		h.log.Warn("the peer's register could not be followed", "party", party, "error", err.Error())
	}
	return out, nil
}

// recover takes back what an old copy lacks.
func (h *handler) recover(r *http.Request, step node.Progress) (any, error) {
	return h.n.Recover(r.Context(), r.PathValue("party"), step)
}

// regain founds a folder anew of which only the keys are left.
func (h *handler) regain(r *http.Request, step node.Progress) (any, error) {
	in, err := read[Regain](r, maxBody)
	if err != nil {
		return nil, err
	}
	p, err := h.n.Regain(r.Context(), in.Profile, in.Words, step)
	if err != nil {
		return nil, err
	}
	return PartyOf(p), nil
}

func (h *handler) pings(r *http.Request) (any, error) {
	stats, err := h.n.PingStats(r.Context(), r.PathValue("party"))
	return Pings{stats}, err
}

func (h *handler) channel(r *http.Request) (any, error) {
	var at [2]time.Time
	for i, name := range []string{"from", "to"} {
		var err error
		if at[i], err = time.Parse(time.RFC3339, r.URL.Query().Get(name)); err != nil {
			return nil, invalid("", "%s is a time as in RFC 3339", name)
		}
	}
	return h.n.Channel(r.Context(), r.PathValue("party"), at[0], at[1])
}

func (h *handler) proveChannel(r *http.Request) (any, error) {
	q, err := read[node.ChannelRequest](r, maxBody)
	if err != nil {
		return nil, err
	}
	q.Party = r.PathValue("party")
	raw, err := h.n.ProveChannel(r.Context(), q)
	return bundle(raw), err
}
