package console

import (
	"context"
	"net/http"
	"net/url"

	"verbale/internal/node"
)

// Tokens is the list of tokens, the oldest first.
type Tokens struct {
	Tokens []node.Token `json:"tokens"`
}

// NewToken is a token that was just made, with its secret, which is told nowhere else.
type NewToken struct {
	node.Token
	Secret string `json:"secret"`
}

func (d *door) aboutTokens() {
	const tag = "tokens"
	answer(d, tag, operation{id: "list-tokens", method: http.MethodGet, path: pathTokens, summary: "Lists the tokens"}, d.tokens)
	answer(d, tag, operation{id: "create-token", method: http.MethodPost, path: pathTokens, summary: "Makes a token, whose secret is told once"}, d.createToken)
	answer(d, tag, operation{id: "revoke-token", method: http.MethodPost, path: pathTokens + "/{name}" + pathRevoke, summary: "Ends a token at once"}, d.revokeToken)
}

func (h *handler) tokens(ctx context.Context, _ *nothing) (Tokens, error) {
	all, err := h.n.Tokens(ctx)
	return Tokens{all}, err
}

func (h *handler) createToken(ctx context.Context, in *bodyOf[node.TokenRequest]) (NewToken, error) {
	t, secret, err := h.n.CreateToken(ctx, in.Body)
	return NewToken{t, secret}, err
}

// tokenAsked names a token.
type tokenAsked struct {
	Name string `path:"name" doc:"name of a token that is in force"`
}

func (h *handler) revokeToken(ctx context.Context, in *tokenAsked) (Tokens, error) {
	if err := h.n.RevokeToken(ctx, in.Name); err != nil {
		return Tokens{}, err
	}
	return h.tokens(ctx, nil)
}

// Tokens lists the tokens, the oldest first.
func (c *Client) Tokens(ctx context.Context) ([]node.Token, error) {
	var t Tokens
	err := c.call(ctx, http.MethodGet, pathTokens, nil, &t)
	return t.Tokens, err
}

// CreateToken makes a token.
func (c *Client) CreateToken(ctx context.Context, q node.TokenRequest) (t NewToken, err error) {
	return t, c.call(ctx, http.MethodPost, pathTokens, q, &t)
}

// RevokeToken ends a token at once.
func (c *Client) RevokeToken(ctx context.Context, name string) error {
	var t Tokens
	return c.call(ctx, http.MethodPost, pathTokens+"/"+url.PathEscape(name)+pathRevoke, nil, &t)
}
