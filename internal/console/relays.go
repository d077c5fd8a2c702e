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

func (h *handler) relays(r *http.Request) (any, error) {
	out := Relays{Relays: []node.Relay{}, Lodgings: []node.Lodging{}}
	relays, err := h.n.Relays(r.Context())
	if err != nil {
		return nil, err
	}
	lodgings, err := h.n.Lodgings(r.Context())
	out.Relays, out.Lodgings = append(out.Relays, relays...), append(out.Lodgings, lodgings...)
	return out, err
}

func (h *handler) designate(r *http.Request) (any, error) {
	in, err := read[relayName](r, maxBody)
	if err != nil {
		return nil, err
	}
	return h.n.Designate(r.Context(), in.Party)
}

func (h *handler) endRelay(r *http.Request) (any, error) {
	return h.n.EndDesignation(r.Context(), r.PathValue("party"))
}

func (h *handler) lodge(r *http.Request) (any, error) {
	return h.n.Lodge(r.Context(), r.PathValue("party"))
}

func (h *handler) collect(r *http.Request) (any, error) {
	came, err := h.n.Collect(r.Context())
	return Collected{came}, err
}

func (h *handler) proveRelay(r *http.Request) (any, error) {
	raw, err := h.n.ProveRelay(r.Context(), r.PathValue("party"), r.URL.Query().Get("link"))
	return bundle(raw), err
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
