package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"verbale/internal/node"
	"verbale/seal"
)

func (a *app) witnessKeyCommand() *cobra.Command {
	var url, name string
	c := &cobra.Command{
		Use:   "key",
		Short: "print the witness's public keys, as lines for a policy",
		Long: `Prints the lines that a party puts into its policy: the two public keys as two witnesses, and a group that is met when both have signed. The party
then names the group in its quorum, or in a larger group.

--url is the address that parties reach the witness at; without it the lines serve for verifying only.

Examples:
  verbale witness key --dir w --url http://witness.corvia.example:7380
  verbale witness key --dir w --as corvia --json`,
		Args: cobra.NoArgs,
		RunE: a.run(func(context.Context, []string) error {
			_, k, err := a.witnessKey()
			if err != nil {
				return err
			}
			text, err := policyLines(k, name, url)
			if err != nil {
				return err
			}
			shown := witnessKeysOf(k, text)
			return a.print(shown, func(w io.Writer) { _, _ = io.WriteString(w, text) })
		}),
	}
	c.Flags().StringVar(&url, "url", "", "`URL` that parties reach the witness at")
	c.Flags().StringVar(&name, "as", "", "name of the group in the policy (default: the witness's name)")
	return c
}

// witnessKeys is what `witness init` and `witness key` print with --json.
type witnessKeys struct {
	Name   string   `json:"name"`
	Dir    string   `json:"dir,omitempty"`
	Keys   []string `json:"vkeys"`
	Policy string   `json:"policy,omitempty"`
}

func witnessKeysOf(k *seal.WitnessKey, policy string) witnessKeys {
	shown := witnessKeys{Name: k.Name(), Policy: policy}
	for _, c := range k.Cosigners() {
		shown.Keys = append(shown.Keys, c.String())
	}
	return shown
}

// policyLines gives the lines of a policy for this witness, and makes sure that they can be read.
func policyLines(k *seal.WitnessKey, name, url string) (string, error) {
	if name == "" {
		name = k.Name()
	}
	keys := k.Cosigners()
	p := seal.Policy{
		Witnesses: []seal.PolicyWitness{{Name: name + ":ed25519", Key: keys[0], URL: url}, {Name: name + ":mldsa44", Key: keys[1], URL: url}},
		Groups:    []seal.PolicyGroup{{Name: name, Need: len(keys), Members: []string{name + ":ed25519", name + ":mldsa44"}}},
		Quorum:    name,
	}
	read, err := seal.ParsePolicy([]byte(p.String()))
	if err != nil || read.String() != p.String() {
		return "", problem(node.Invalid, "choose a name and a URL without spaces and number signs", "a policy cannot say this name, %q, or this URL, %q", name, url)
	}
	end := fmt.Sprintf("quorum %s\n", name)
	return p.String()[:len(p.String())-len(end)], nil
}
