package console

import (
	"context"
	"net/http"
	"net/url"

	"verbale/internal/node"
)

// Relays is how this party's relays stand, and what it holds as one itself.
type Relays struct {
	Relays   []node.Relay   `json:"relays"`   // that this party has designated
	Lodgings []node.Lodging `json:"lodgings"` // that this node holds for others
}

// Collected is how many entries came from this party's relays.
type Collected struct {
	Received int64 `json:"received"`
}

// relayName is the body of "designate a relay".
type relayName struct {
	Party string `json:"party"`
}

func (d *door) aboutRelays() {
	const tag, one = "relays", pathRelays + "/{party}"
	answer(d, tag, operation{id: "list-relays", method: http.MethodGet, path: pathRelays, summary: "Tells of this party's relays, and of what it holds as one"}, d.relays)
	answer(d, tag, operation{id: "designate-relay", method: http.MethodPost, path: pathRelays, summary: "Names a linked party as a relay of this one"}, d.designate)
	answer(d, tag, operation{id: "collect", method: http.MethodPost, path: pathRelays + pathCollect, summary: "Makes one round with this party's relays"}, d.collect)
	answer(d, tag, operation{id: "end-relay", method: http.MethodPost, path: one + pathEnd, summary: "Ends a designation"}, d.endRelay)
	fetch(d, tag, operation{id: "prove-relay", method: http.MethodGet, path: one + "/bundle", summary: "Makes the bundle of what a relay has said of the outboxes of a link"}, d.proveRelay)
	answer(d, tag, operation{id: "lodge", method: http.MethodPost, path: pathLinks + "/{party}" + pathLodge, summary: "Makes one round with the relay of a peer"}, d.lodge)
}

func (h *handler) relays(ctx context.Context, _ *nothing) (Relays, error) {
	out := Relays{Relays: []node.Relay{}, Lodgings: []node.Lodging{}}
	relays, err := h.n.Relays(ctx)
	if err != nil {
		return out, err
	}
	lodgings, err := h.n.Lodgings(ctx)
	out.Relays, out.Lodgings = append(out.Relays, relays...), append(out.Lodgings, lodgings...)
	return out, err
}

func (h *handler) designate(ctx context.Context, in *bodyOf[relayName]) (node.Filed, error) {
	return h.n.Designate(ctx, in.Body.Party)
}

func (h *handler) endRelay(ctx context.Context, in *ofParty) (node.Filed, error) {
	return h.n.EndDesignation(ctx, in.Party)
}

func (h *handler) lodge(ctx context.Context, in *ofParty) (node.Lodged, error) {
	return h.n.Lodge(ctx, in.Party)
}

func (h *handler) collect(ctx context.Context, _ *nothing) (Collected, error) {
	came, err := h.n.Collect(ctx)
	return Collected{came}, err
}

// relayAsked names a relay, and the link that it was used for.
type relayAsked struct {
	Party string `path:"party" doc:"name of the relay"`
	Link  string `query:"link" required:"true" doc:"name of the party whose outboxes are shown"`
}

func (h *handler) proveRelay(ctx context.Context, in *relayAsked) ([]byte, error) {
	return h.n.ProveRelay(ctx, in.Party, in.Link)
}

// Relays tells of this party's relays, and of what it holds as one.
func (c *Client) Relays(ctx context.Context) (out Relays, err error) {
	return out, c.call(ctx, http.MethodGet, pathRelays, nil, &out)
}

// Designate names a linked party as a relay of this one.
func (c *Client) Designate(ctx context.Context, party string) (f node.Filed, err error) {
	return f, c.call(ctx, http.MethodPost, pathRelays, relayName{party}, &f)
}

// EndRelay ends a designation.
func (c *Client) EndRelay(ctx context.Context, party string) (f node.Filed, err error) {
	return f, c.call(ctx, http.MethodPost, relayPath(party, pathEnd), nil, &f)
}

// Lodge makes one round with the relay of a peer.
func (c *Client) Lodge(ctx context.Context, party string) (l node.Lodged, err error) {
	return l, c.call(ctx, http.MethodPost, linkPath(party, pathLodge), nil, &l)
}

// Collect makes one round with this party's relays.
func (c *Client) Collect(ctx context.Context) (out Collected, err error) {
	return out, c.call(ctx, http.MethodPost, pathRelays+pathCollect, nil, &out)
}

// ProveRelay makes the bundle of what a relay has said of the outboxes of a link.
func (c *Client) ProveRelay(ctx context.Context, relay, party string) ([]byte, error) {
	var raw bundle
	err := c.call(ctx, http.MethodGet, relayPath(relay, "/bundle")+"?"+url.Values{"link": {party}}.Encode(), nil, &raw)
	return raw, err
}

func relayPath(party, call string) string { return pathRelays + "/" + url.PathEscape(party) + call }
