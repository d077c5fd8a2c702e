package main

import "github.com/spf13/cobra"

func (a *app) tokenCommand() *cobra.Command {
	return group("token", "tokens, with which programs call the API over the network",
		`A token is a secret with which a program calls the API that "verbale serve --api" opens (docs/openapi.json shows it). It has scopes, a date on which it
ends, and may be limited to links and to a highest marking. The node keeps only its hash.`,
		a.tokenCreateCommand(), a.tokenListCommand(), a.tokenRevokeCommand())
}
