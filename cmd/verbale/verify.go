package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"verbale/internal/node"
	"verbale/verdict"
)

func (a *app) verifyCommand() *cobra.Command {
	var trust []string
	var lang string
	c := &cobra.Command{
		Use:   "verify FILE...",
		Short: "say what a bundle proves; needs no network, no account, no data folder",
		Long: `Says what each file proves, on which keys that rests, and what is not proved. It reads the files and nothing else: no data folder, no network, no home folder.
One bad item sinks a file, and then nothing is concluded from it: the exit code is 3.

--trust names profile files whose twelve words you have compared yourself; the answer says for each conclusion whether it rests on such keys.

--lang says in which language: en or it. Without it the language of $LC_ALL or $LANG is used if it is one of these, else English. JSON is the same in every language.

With --json and one file the document is the verdict; with several it is {"files": [{"file", "verdict" or "refuted"}]}.

Examples:
  verbale verify facts.bundle
  verbale verify facts.bundle --trust aurelia.profile --trust borea.profile
  verbale verify facts.bundle --lang it
  verbale verify *.bundle --json`,
		Args: cobra.MinimumNArgs(1),
		RunE: a.run(func(_ context.Context, args []string) error { return a.verify(args, trust, lang) }),
	}
	c.Flags().StringArrayVar(&trust, "trust", nil, "profile `FILE` that you vouch for (may be repeated)")
	c.Flags().StringVar(&lang, "lang", "", "language of the text: "+strings.Join(verdict.Languages(), ", ")+" (default: that of $LC_ALL or $LANG, else en)")
	return c
}

// verified is one of several files in JSON.
type verified struct {
	File    string           `json:"file"`
	Verdict *verdict.Verdict `json:"verdict,omitempty"`
	Refuted string           `json:"refuted,omitempty"`
	text    string
}

func (a *app) verify(files, profiles []string, lang string) error {
	lang, err := a.language(lang)
	if err != nil {
		return err
	}
	trusted, err := vouched(profiles)
	if err != nil {
		return err
	}
	if len(files) == 1 {
		return a.verifyOne(files[0], trusted, lang)
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
		} else if one.text, err = v.TextIn(lang); err != nil {
			return err
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
			fmt.Fprintln(w, one.text)
		}
	}); err != nil {
		return err
	}
	return bad
}

func (a *app) verifyOne(file string, trusted *verdict.Trust, lang string) error {
	v, err := judgeFile(file, trusted)
	if err != nil {
		return err
	}
	text, err := v.TextIn(lang)
	if err != nil {
		return err
	}
	return a.print(v, func(w io.Writer) { _, _ = io.WriteString(w, text) })
}

// language is the one asked for, else that of the environment, else English.
func (a *app) language(asked string) (string, error) {
	known := verdict.Languages()
	if asked != "" {
		if !slices.Contains(known, asked) {
			return "", usage("--lang %s: known are %s", asked, strings.Join(known, ", "))
		}
		return asked, nil
	}
	locale := cmp.Or(a.Getenv("LC_ALL"), a.Getenv("LANG"))
	for _, lang := range known {
		if strings.HasPrefix(locale, lang) {
			return lang, nil
		}
	}
	return "en", nil
}

// judgeFile reads one bundle and judges it.
func judgeFile(file string, trusted *verdict.Trust) (*verdict.Verdict, error) {
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
func vouched(files []string) (*verdict.Trust, error) {
	trusted := &verdict.Trust{}
	for _, file := range files {
		raw, err := readFile(file, maxProfile)
		if err != nil {
			return nil, err
		}
		p, err := verdict.OpenProfile(string(raw))
		if err != nil {
			return nil, problem(node.Invalid, "it is the file that `verbale profile` writes", "%s is not a valid profile: %v", file, err)
		}
		trusted.Keys = append(trusted.Keys, verdict.VouchedKeys{Party: p.Party, Fingerprint: p.Fingerprint})
	}
	return trusted, nil
}
