package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"verbale/internal/console"
	"verbale/internal/node"
)

func (a *app) tokenListCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "list the tokens, also those that have ended",
		Long: `Lists each token with what it is for, what it sees, when it ends and about when it was used last. Secrets are nowhere kept.

Example:
  verbale token list`,
		Args: cobra.NoArgs,
		RunE: a.run(func(ctx context.Context, _ []string) error {
			return a.with(ctx, func(s *session) error {
				all, err := s.Tokens(ctx)
				if err != nil {
					return err
				}
				return a.print(console.Tokens{Tokens: all}, func(w io.Writer) { a.tokensText(w, all) })
			})
		}),
	}
}

func (a *app) tokensText(w io.Writer, all []node.Token) {
	if len(all) == 0 {
		fmt.Fprintln(w, "no tokens; to make one: verbale token create")
		return
	}
	for _, one := range all {
		used := "never used"
		if !one.UsedAt.IsZero() {
			used = "used last " + a.when(one.UsedAt)
		}
		fmt.Fprintf(w, "%s: %s\n  %s; %s\n", one.Name, a.tokenSight(one), a.tokenState(one), used)
	}
}

func (a *app) tokenState(t node.Token) string {
	switch {
	case !t.RevokedAt.IsZero():
		return "revoked " + a.when(t.RevokedAt)
	case !a.Now().Before(t.ExpiresAt):
		return "ended " + a.when(t.ExpiresAt)
	}
	return "good until " + a.when(t.ExpiresAt)
}

// tokenSight says what a token is for and what it sees.
func (a *app) tokenSight(t node.Token) string {
	var words []string
	for _, s := range t.Scopes {
		words = append(words, string(s))
	}
	out := strings.Join(words, ", ")
	if len(t.Links) > 0 {
		out += "; only " + strings.Join(t.Links, ", ")
	}
	if t.TLP != "" {
		out += "; up to TLP:" + strings.ToUpper(t.TLP)
	}
	return out
}
