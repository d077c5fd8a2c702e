package console

import (
	"context"
	"net/http"
	"net/url"

	"verbale/internal/docket"
	"verbale/internal/node"
	"verbale/record"
)

func (d *door) aboutDirectory() {
	const tag, one = "directory", pathLinks + "/{party}"
	answer(d, tag, operation{id: "list-directory", method: http.MethodGet, path: pathHouses, summary: "Lists the entries of all linked parties"}, d.houses)
	answer(d, tag, operation{id: "show-own-directory", method: http.MethodGet, path: pathHouses + pathOwn, summary: "Shows this party's own entry, and on which links it stands"}, d.ownHouse)
	answer(d, tag, operation{id: "publish-directory", method: http.MethodPost, path: pathHouses, summary: "Writes this party's entry on its links", most: maxDraftBody}, d.publish)
	answer(d, tag, operation{id: "show-directory", method: http.MethodGet, path: one + pathHouse, summary: "Shows the entry of a party, and who of its house can be reached"}, d.house)
	answer(d, tag, operation{id: "show-competence", method: http.MethodGet, path: one + pathWho, summary: "Tells who receives a kind of appeal in the house of a party"}, d.competent)
}

func (h *handler) houses(ctx context.Context, _ *nothing) (Houses, error) {
	list, err := h.n.Directory(ctx)
	if list == nil {
		list = []node.DirectoryEntry{}
	}
	return Houses{list}, err
}

func (h *handler) ownHouse(ctx context.Context, _ *nothing) (node.OwnDirectory, error) {
	return h.n.OwnDirectory(ctx)
}

func (h *handler) publish(ctx context.Context, in *bodyOf[Entry]) (EntryPublished, error) {
	draft, err := parseDraft(ctx, in.Body.Draft)
	if err != nil {
		return EntryPublished{}, err
	}
	if act := draft.Text("act"); act != "" && act != docket.ActDirectory {
		return EntryPublished{}, invalid("", "the draft of this call has the act %s, or none", docket.ActDirectory)
	}
	draft.SetText("act", docket.ActDirectory)
	if found := h.n.Complete(draft, "").Problems(); len(found) > 0 {
		return EntryPublished{}, &badDraft{found}
	}
	links, err := h.n.PublishDirectory(ctx, draft, in.Body.Parties...)
	if links == nil {
		links = []node.Published{}
	}
	return EntryPublished{links}, err
}

func (h *handler) house(ctx context.Context, in *ofParty) (node.DirectoryEntry, error) {
	if err := seesLink(ctx, in.Party); err != nil {
		return node.DirectoryEntry{}, err
	}
	e, err := h.n.DirectoryOf(ctx, in.Party)
	if err == nil && e.Entry != nil {
		err = seesMark(ctx, e.Entry)
	}
	if err != nil {
		return node.DirectoryEntry{}, err
	}
	return e, nil
}

// seesLink and seesMark refuse what the caller's token is not for.
func seesLink(ctx context.Context, party string) error {
	if !sightOf(ctx).Link(party) {
		return forbidden("", "this token is not for this link")
	}
	return nil
}

func seesMark(ctx context.Context, f record.Fields) error {
	if !sightOf(ctx).Mark(f.Text("tlp")) {
		return forbidden("", "this token is for records up to a marking, and the record is marked above it")
	}
	return nil
}

// kindAsked names a kind of appeal, and a party.
type kindAsked struct {
	Party string `path:"party" doc:"name of a party"`
	Kind  string `query:"kind" required:"true" doc:"a kind of appeal"`
}

func (h *handler) competent(ctx context.Context, in *kindAsked) (node.Competence, error) {
	if _, err := h.house(ctx, &ofParty{in.Party}); err != nil {
		return node.Competence{}, err
	}
	return h.n.Competent(ctx, in.Party, in.Kind)
}

// Directory lists the entries of all linked parties.
func (c *Client) Directory(ctx context.Context) ([]node.DirectoryEntry, error) {
	var out Houses
	err := c.call(ctx, http.MethodGet, pathHouses, nil, &out)
	return out.Entries, err
}

// DirectoryOf shows the entry of one party.
func (c *Client) DirectoryOf(ctx context.Context, party string) (e node.DirectoryEntry, err error) {
	return e, c.call(ctx, http.MethodGet, linkPath(party, pathHouse), nil, &e)
}

// OwnDirectory shows this party's own entry.
func (c *Client) OwnDirectory(ctx context.Context) (o node.OwnDirectory, err error) {
	return o, c.call(ctx, http.MethodGet, pathHouses+pathOwn, nil, &o)
}

// PublishDirectory writes an entry on the links with its parties, or on all.
func (c *Client) PublishDirectory(ctx context.Context, e Entry) ([]node.Published, error) {
	var out EntryPublished
	err := c.call(ctx, http.MethodPost, pathHouses, e, &out)
	return out.Links, err
}

// Competent tells who receives a kind of appeal in the house of a party.
func (c *Client) Competent(ctx context.Context, party, kind string) (who node.Competence, err error) {
	return who, c.call(ctx, http.MethodGet, linkPath(party, pathWho)+"?"+url.Values{"kind": {kind}}.Encode(), nil, &who)
}
