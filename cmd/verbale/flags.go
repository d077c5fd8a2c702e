package main

import (
	"strings"

	"github.com/spf13/cobra"
)

// required marks flags that a command cannot do without.
func required(c *cobra.Command, names ...string) {
	for _, name := range names {
		_ = c.MarkFlagRequired(name) // it fails only for a flag that does not exist
	}
}

// offer offers the words of a closed list for a flag's value.
func offer(c *cobra.Command, flag string, list []string) {
	_ = c.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(list, cobra.ShellCompDirectiveNoFileComp))
}

// parties completes party names: those that this node is linked with, where serve runs (completion asks for no passphrase).
func (a *app) parties(c *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	f, err := a.folder()
	if err != nil || len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	if served, err := answers(c.Context(), f.path(socketFile)); err != nil || !served {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var names []string
	_ = a.with(c.Context(), func(s *session) error {
		links, err := s.Links(c.Context())
		for _, l := range links {
			names = append(names, l.Party)
		}
		return err
	})
	return names, cobra.ShellCompDirectiveNoFileComp
}

// clean is one line of a person's typing.
func clean(line string) string { return strings.TrimSpace(line) }
