package node

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"

	"verbale/internal/store"
)

// A Scope is what a token is for.
type Scope string

// The scopes. None includes another.
const (
	ScopeRead  Scope = "read"  // look at cases, links and figures
	ScopeFile  Scope = "file"  // file what opens a case
	ScopeReply Scope = "reply" // file what moves one
	ScopeProve Scope = "prove" // make bundles
	ScopeAdmin Scope = "admin" // links, relays, the register, checks of the whole
)

// Scopes lists them all.
func Scopes() []Scope { return []Scope{ScopeRead, ScopeFile, ScopeReply, ScopeProve, ScopeAdmin} }

// A Token lets a program call the API over the network.
type Token struct {
	ID        int64     `json:"id"`
	Name      string    `json:"name"`
	Scopes    []Scope   `json:"scopes"`
	Links     []string  `json:"links"`         // only the links with these parties; none: all
	TLP       string    `json:"tlp,omitempty"` // only records marked so or below; absent: all
	CreatedAt time.Time `json:"created_at"`
	ExpiresAt time.Time `json:"expires_at"`
	UsedAt    time.Time `json:"used_at,omitzero"` // about when it was used last
	RevokedAt time.Time `json:"revoked_at,omitzero"`
}

// May tells whether the token has a scope.
func (t Token) May(s Scope) bool { return slices.Contains(t.Scopes, s) }

// Sight is what may be seen with the token.
func (t Token) Sight() Sight { return Sight{Links: t.Links, TLP: t.TLP} }

// A TokenRequest is what a new token is to be.
type TokenRequest struct {
	Name   string   `json:"name"`
	Scopes []Scope  `json:"scopes"`
	Links  []string `json:"links,omitempty"`
	TLP    string   `json:"tlp,omitempty"`
	Days   int      `json:"days,omitzero"` // how long it is good for; 0: TokenDays
}

// secretPrefix stands before the random part of a secret, so that whoever finds one knows what it is.
const secretPrefix = "verbale_"

var tokenName = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]*$`)

// CreateToken makes a token. The secret is given here and never again.
func (n *Node) CreateToken(ctx context.Context, q TokenRequest) (t Token, secret string, err error) {
	if err := n.checkToken(q); err != nil {
		return t, "", err
	}
	if q.Days == 0 {
		q.Days = TokenDays
	}
	var raw [32]byte
	if _, err := io.ReadFull(n.cfg.Rand, raw[:]); err != nil {
		return t, "", err
	}
	secret = secretPrefix + base64.RawURLEncoding.EncodeToString(raw[:])
	now := n.now()
	row := store.Token{Name: q.Name, Hash: sha256.Sum256([]byte(secret)), Links: q.Links, TLP: q.TLP, CreatedAt: now, ExpiresAt: now.AddDate(0, 0, q.Days)}
	for _, s := range Scopes() { // in this order, each once
		if slices.Contains(q.Scopes, s) {
			row.Scopes = append(row.Scopes, string(s))
		}
	}
	err = n.cfg.Store.Update(ctx, func(tx *store.Tx) error {
		if err := tx.PutToken(row); err != nil {
			return err
		}
		kept, _, err := tx.Token(row.Hash)
		t = tokenOf(kept)
		return err
	})
	if storeKind(err) == store.Conflict {
		return t, "", fail(Conflict, err, "choose another name, or first: verbale token revoke "+q.Name, "there is a token %s already", q.Name)
	}
	return t, secret, err
}

func (n *Node) checkToken(q TokenRequest) error {
	switch {
	case !tokenName.MatchString(q.Name) || len(q.Name) > maxTokenName:
		return fail(Invalid, nil, "for example: ticket-system", "the name of a token is 1 to %d of a-z 0-9 . _ and -, and begins with a letter or digit", maxTokenName)
	case len(q.Scopes) == 0:
		return fail(Invalid, nil, "for a program that asks and never files: --scope read", "a token has at least one scope of %s", strings.Trim(fmt.Sprint(Scopes()), "[]"))
	case q.TLP != "" && !slices.Contains(marks(), q.TLP):
		return fail(Invalid, nil, "", "the highest marking that a token sees is one of %q", marks())
	case q.Days < 0 || q.Days > maxTokenDays:
		return fail(Invalid, nil, "make a new one before it ends", "a token is good for 1 to %d days", maxTokenDays)
	case len(q.Links) > maxTokenLinks:
		return fail(Invalid, nil, "leave the links out to let it see all", "a token is limited to at most %d links", maxTokenLinks)
	}
	for _, s := range q.Scopes {
		if !slices.Contains(Scopes(), s) {
			return fail(Invalid, nil, "", "the scopes of a token are of %q", Scopes())
		}
	}
	for _, party := range q.Links {
		if _, err := n.linkTo(party); err != nil {
			return err
		}
	}
	return nil
}

func tokenOf(row store.Token) Token {
	t := Token{ID: row.ID, Name: row.Name, Links: row.Links, TLP: row.TLP, CreatedAt: row.CreatedAt, ExpiresAt: row.ExpiresAt, UsedAt: row.UsedAt, RevokedAt: row.RevokedAt}
	for _, s := range row.Scopes {
		t.Scopes = append(t.Scopes, Scope(s))
	}
	if t.Links == nil {
		t.Links = []string{}
	}
	return t
}

// Tokens lists all that were made, the oldest first.
func (n *Node) Tokens(ctx context.Context) (all []Token, err error) {
	all = []Token{}
	err = n.cfg.Store.View(ctx, func(tx *store.Tx) error {
		rows, err := tx.Tokens()
		for _, row := range rows {
			all = append(all, tokenOf(row))
		}
		return err
	})
	return all, err
}

// RevokeToken ends a token at once.
func (n *Node) RevokeToken(ctx context.Context, name string) error {
	err := n.cfg.Store.Update(ctx, func(tx *store.Tx) error { return tx.RevokeToken(name, n.now()) })
	if storeKind(err) == store.NotFound {
		return fail(NotFound, err, "list them: verbale token list", "there is no token of that name that is in force")
	}
	return err
}

// TokenBy gives the token of a secret. It is looked up by its hash: what a caller hands in is never compared with what is kept, and so no
// time tells how much of it was right.
func (n *Node) TokenBy(ctx context.Context, secret string) (t Token, err error) {
	refused := fail(Unauthorised, nil, "make one on the node's machine: verbale token create", "this call needs a token that is in force, as Authorization: Bearer")
	if !isSecret(secret) {
		return t, refused
	}
	hash := sha256.Sum256([]byte(secret))
	var row store.Token
	var found bool
	err = n.cfg.Store.View(ctx, func(tx *store.Tx) error {
		row, found, err = tx.Token(hash)
		return err
	})
	now := n.now()
	switch {
	case err != nil:
		return t, err
	case !found || subtle.ConstantTimeCompare(hash[:], row.Hash[:]) != 1 || !row.RevokedAt.IsZero() || !now.Before(row.ExpiresAt):
		return t, refused
	}
	if now.Sub(row.UsedAt) >= tokenUseNoted {
		if err := n.cfg.Store.Update(ctx, func(tx *store.Tx) error { return tx.UseToken(row.ID, now) }); err != nil {
			return t, err
		}
	}
	return tokenOf(row), nil
}

// isSecret tells whether a text has the form of a secret.
func isSecret(s string) bool {
	s, ok := strings.CutPrefix(s, secretPrefix)
	if !ok || len(s) != base64.RawURLEncoding.EncodedLen(32) {
		return false
	}
	_, err := base64.RawURLEncoding.Strict().DecodeString(s)
	return err == nil && !strings.ContainsAny(s, "\r\n") // which the decoder skips
}

// InForce tells whether a token may still be used: what it began does not go on for longer.
func (n *Node) InForce(ctx context.Context, t Token) (bool, error) {
	all, err := n.Tokens(ctx)
	if err != nil {
		return false, err
	}
	now := n.now()
	return slices.ContainsFunc(all, func(one Token) bool { return one.ID == t.ID && one.RevokedAt.IsZero() && now.Before(one.ExpiresAt) }), nil
}
