package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"verbale/internal/console"
	"verbale/internal/node"
	"verbale/record"
)

func (a *app) tokenCreateCommand() *cobra.Command {
	var q node.TokenRequest
	var scopes []string
	c := &cobra.Command{
		Use:   "create NAME",
		Short: "make a token, and show its secret once",
		Long: `Makes a token and prints its secret, which is shown only now. What is filed with the token names it: as released_by, or
as drafted_by where the draft says that an officer released it.

Scopes, of which none includes another:
  read   look at cases, links and figures
  file   file appeals and pings
  reply  file what moves a case
  prove  make bundles
  admin  links, relays, the register, checks of the whole

A token that is limited with --link or --tlp sees only cases of these links whose first record is marked so or below, and of their records only those; calls
that know no such limits refuse it.

Examples:
  verbale token create ticket-system --scope read,file,reply
  verbale token create dashboard --scope read --link borea.example --tlp green --days 30`,
		Args: cobra.ExactArgs(1),
		RunE: a.run(func(ctx context.Context, args []string) error {
			q.Name = args[0]
			for _, s := range scopes {
				q.Scopes = append(q.Scopes, node.Scope(s))
			}
			return a.with(ctx, func(s *session) error {
				made, err := s.CreateToken(context.WithoutCancel(ctx), q)
				if err != nil {
					return err
				}
				return a.print(made, func(w io.Writer) { a.newTokenText(w, made) })
			})
		}),
	}
	c.Flags().StringSliceVar(&scopes, "scope", nil, "what it is for, with commas between: read, file, reply, prove, admin")
	c.Flags().StringArrayVar(&q.Links, "link", nil, "only the link with this `PARTY`; may be given again")
	c.Flags().StringVar(&q.TLP, "tlp", "", "only records with this marking or below")
	c.Flags().IntVar(&q.Days, "days", 0, fmt.Sprintf("how many days it is good for (default %d)", node.TokenDays))
	var words []string
	for _, s := range node.Scopes() {
		words = append(words, string(s))
	}
	offer(c, "scope", words)
	offer(c, "tlp", record.Words("tlp"))
	return c
}

func (a *app) newTokenText(w io.Writer, t console.NewToken) {
	fmt.Fprintf(w, "token %s: %s\n", t.Name, a.tokenSight(t.Token))
	fmt.Fprintf(w, "good until %s\n\n", a.when(t.ExpiresAt))
	fmt.Fprintf(w, "  %s\n\n", t.Secret)
	fmt.Fprintln(w, "It is shown only now. Send it as \"Authorization: Bearer\"; whoever has it can do what it is for.")
}
