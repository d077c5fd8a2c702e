package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"verbale/internal/node"
	"verbale/verdict"
)

func (a *app) verifyCommand() *cobra.Command {
	var trust []string
	c := &cobra.Command{
		Use:   "verify FILE...",
		Short: "say what a bundle proves; needs no network, no account, no data folder",
		Long: `Says what each file proves, on which keys that rests, and what is not proved. It reads the files and nothing else: no data folder, no network, no home folder.
One bad item sinks a file, and then nothing is concluded from it: the exit code is 3.

--trust names profile files whose twelve words you have compared yourself; the answer says for each conclusion whether it rests on such keys.

With --json and one file the document is the verdict; with several it is {"files": [{"file", "verdict" or "refuted"}]}.

Examples:
  verbale verify facts.bundle
  verbale verify facts.bundle --trust aurelia.profile --trust borea.profile
  verbale verify *.bundle --json`,
		Args: cobra.MinimumNArgs(1),
		RunE: a.run(func(_ context.Context, args []string) error { return a.verify(args, trust) }),
	}
	c.Flags().StringArrayVar(&trust, "trust", nil, "profile file that you vouch for; may be repeated")
	return c
}

// verified is one of several files in JSON.
type verified struct {
	File    string           `json:"file"`
	Verdict *verdict.Verdict `json:"verdict,omitempty"`
	Refuted string           `json:"refuted,omitempty"`
}

func (a *app) verify(files, profiles []string) error {
	trusted, err := vouched(profiles)
	if err != nil {
		return err
	}
	if len(files) == 1 {
		return a.verifyOne(files[0], trusted)
	}
	var all struct {
		Files []verified `json:"files"`
	}
	var bad error
	for _, file := range files {
		v, err := judgeFile(file, trusted)
		one := verified{File: file, Verdict: v}
		if err != nil {
			if node.AsError(err).Kind != kindRefuted {
				return err
			}
			one.Refuted = err.Error()
			bad = &finding{kindRefuted}
		}
		all.Files = append(all.Files, one)
	}
	if err := a.print(all, func(w io.Writer) {
		for _, one := range all.Files {
			fmt.Fprintf(w, "== %s\n\n", one.File)
			if one.Refuted != "" {
				fmt.Fprintf(w, "REFUTED: %s\n\n", one.Refuted)
				continue
			}
			fmt.Fprintln(w, one.Verdict.Text())
		}
	}); err != nil {
		return err
	}
	return bad
}

func (a *app) verifyOne(file string, trusted []verdict.Trust) error {
	v, err := judgeFile(file, trusted)
	if err != nil {
		return err
	}
	return a.print(v, func(w io.Writer) { _, _ = io.WriteString(w, v.Text()) })
}

// judgeFile reads one bundle and judges it.
func judgeFile(file string, trusted []verdict.Trust) (*verdict.Verdict, error) {
	raw, err := readFile(file, verdict.MaxBundle)
	if err != nil {
		return nil, err
	}
	b, err := verdict.Parse(raw)
	if err != nil {
		return nil, refuted(file, err)
	}
	v, err := verdict.Judge(b, trusted)
	return v, refuted(file, err)
}

// vouched reads the profiles that the person vouches for.
func vouched(files []string) (trusted []verdict.Trust, err error) {
	for _, file := range files {
		raw, err := readFile(file, maxProfile)
		if err != nil {
			return nil, err
		}
		p, err := verdict.OpenProfile(string(raw))
		if err != nil {
			return nil, problem(node.Invalid, "it is the file that `verbale profile` writes", "%s is not a valid profile: %v", file, err)
		}
		trusted = append(trusted, verdict.Trust{Party: p.Party, Fingerprint: p.Fingerprint})
	}
	return trusted, nil
}
