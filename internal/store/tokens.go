package store

import (
	"database/sql"
	"strings"
	"time"
)

// A Token lets a program call the API. The secret itself is nowhere here, only its hash.
type Token struct {
	ID        int64
	Name      string
	Hash      [32]byte
	Scopes    []string
	Links     []string // the parties whose links it sees; none: all
	TLP       string   // the highest marking that it sees; "": all
	CreatedAt time.Time
	ExpiresAt time.Time
	UsedAt    time.Time // about when it was used last; zero: never
	RevokedAt time.Time // zero: it is not
}

const (
	tokenColumns   = `id, name, hash, scopes, links, tlp, created_at, expires_at, used_at, revoked_at` // #nosec G101 -- names of columns
	sqlToken       = `SELECT ` + tokenColumns + ` FROM tokens WHERE hash = $1`
	sqlTokens      = `SELECT ` + tokenColumns + ` FROM tokens ORDER BY id`
	sqlInsertToken = `INSERT INTO tokens (name, hash, scopes, links, tlp, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`
	sqlUseToken    = `UPDATE tokens SET used_at = $1 WHERE id = $2`                             // #nosec G101 -- a query
	sqlRevokeToken = `UPDATE tokens SET revoked_at = $1 WHERE name = $2 AND revoked_at IS NULL` // #nosec G101 -- a query
)

// PutToken keeps a new token. Conflict: another that is not revoked has the name.
func (tx *Tx) PutToken(t Token) error {
	if t.Name == "" || len(t.Scopes) == 0 {
		return fail(Refused, "a token has a name and a scope")
	}
	_, err := tx.exec("storing a token", sqlInsertToken, t.Name, t.Hash[:], strings.Join(t.Scopes, ","), strings.Join(t.Links, ","), t.TLP,
		t.CreatedAt.UnixMicro(), t.ExpiresAt.UnixMicro())
	return err
}

// Token gives the token with this hash, and whether there is one.
func (tx *Tx) Token(hash [32]byte) (Token, bool, error) {
	var found []Token
	err := tx.each("reading a token", sqlToken, []any{hash[:]}, func(rows *sql.Rows) error { return scanToken(rows, &found) })
	if err != nil || len(found) == 0 {
		return Token{}, false, err
	}
	return found[0], true, nil
}

// Tokens gives all, the oldest first.
func (tx *Tx) Tokens() (all []Token, err error) {
	return all, tx.each("reading the tokens", sqlTokens, nil, func(rows *sql.Rows) error { return scanToken(rows, &all) })
}

func scanToken(rows *sql.Rows, into *[]Token) error {
	var t Token
	var hash []byte
	var scopes, links string
	var created, expires int64
	var used, revoked sql.NullInt64
	if err := rows.Scan(&t.ID, &t.Name, &hash, &scopes, &links, &t.TLP, &created, &expires, &used, &revoked); err != nil {
		return wrap(err, "reading a token")
	}
	if copy(t.Hash[:], hash) != len(t.Hash) || len(hash) != len(t.Hash) {
		return fail(Corrupt, "a token has a damaged hash")
	}
	t.Scopes, t.CreatedAt, t.ExpiresAt = strings.Split(scopes, ","), instant(created), instant(expires)
	if links != "" {
		t.Links = strings.Split(links, ",")
	}
	if used.Valid {
		t.UsedAt = instant(used.Int64)
	}
	if revoked.Valid {
		t.RevokedAt = instant(revoked.Int64)
	}
	*into = append(*into, t)
	return nil
}

// UseToken notes when a token was used.
func (tx *Tx) UseToken(id int64, at time.Time) error {
	_, err := tx.exec("noting the use of a token", sqlUseToken, at.UnixMicro(), id)
	return err
}

// RevokeToken ends the token of this name. NotFound: there is none that is in force.
func (tx *Tx) RevokeToken(name string, at time.Time) error {
	changed, err := tx.exec("revoking a token", sqlRevokeToken, at.UnixMicro(), name)
	if err == nil && changed == 0 {
		err = fail(NotFound, "there is no token %q", name)
	}
	return err
}
