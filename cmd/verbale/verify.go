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
	"verbale/seal"
	"verbale/verdict"
)

// An asked is what `verify` was asked for.
type asked struct {
	profiles     []string
	policy, lang string
}

func (a *app) verifyCommand() *cobra.Command {
	var o asked
	c := &cobra.Command{
		Use:   "verify FILE...",
		Short: "say what a bundle proves; no network, account or folder needed",
		Long: `Says what the file proves, on which keys that rests, and what is not proved. It reads the files and nothing else: no data folder, no network, no home folder.
One bad item sinks a file, and then nothing is concluded from it: the exit code is 3.

Several files are judged as one: two can prove together what neither does alone, as that a relay hid something. A file that does not hold by itself is named and left out; the exit code is then 3.

--trust names profile files whose twelve words you have compared yourself; the answer says for each conclusion whether it rests on such keys.

--policy names a file that says which witnesses you believe and how many are enough (spec/keys.md §11); the answer says of each date whether they are met.

--lang says in which language: en or it. Without it the language of $LC_ALL or $LANG is used if it is one of these, else English. JSON is the same in every language.

With --json and one file the document is the verdict (spec/bundle.md, B-20); with several it is {"files": [{"file", "refuted" if it was left out}], "verdict" or "refuted"}.

Examples:
  verbale verify facts.bundle
  verbale verify facts.bundle --trust aurelia.profile --trust borea.profile --policy witnesses.policy
  verbale verify facts.bundle --lang it
  verbale verify from-aurelia.bundle from-borea.bundle --json`,
		Args: cobra.MinimumNArgs(1),
		RunE: a.run(func(_ context.Context, args []string) error { return a.verify(args, o) }),
	}
	c.Flags().StringArrayVar(&o.profiles, "trust", nil, "profile `FILE` that you vouch for (may be repeated)")
	c.Flags().StringVar(&o.policy, "policy", "", "`FILE` that says which witnesses you believe")
	c.Flags().StringVar(&o.lang, "lang", "", "language of the text: "+strings.Join(verdict.Languages(), ", ")+" (default: that of $LC_ALL or $LANG, else en)")
	return c
}

func (a *app) verify(files []string, o asked) error {
	lang, err := a.language(o.lang)
	if err != nil {
		return err
	}
	trusted, err := vouched(o.profiles)
	if err != nil {
		return err
	}
	if trusted.Policy, err = believed(o.policy); err != nil {
		return err
	}
	if len(files) > 1 {
		return a.verifyTogether(files, trusted, lang)
	}
	b, err := readBundle(files[0])
	if err != nil {
		return err
	}
	v, err := verdict.Judge(b, trusted)
	if err != nil {
		return refuted(files[0], err)
	}
	text, err := v.TextIn(lang)
	if err != nil {
		return err
	}
	return a.print(v, func(w io.Writer) { _, _ = io.WriteString(w, text) })
}

// verified is one of several files in JSON.
type verified struct {
	File    string `json:"file"`
	Refuted string `json:"refuted,omitempty"`
}

// together is what several files prove.
type together struct {
	Files   []verified       `json:"files"`
	Verdict *verdict.Verdict `json:"verdict,omitempty"`
	Refuted string           `json:"refuted,omitempty"`
	text    string
}

// verifyTogether judges several files as one (B-19). Each must hold by itself, whoever is vouched for.
func (a *app) verifyTogether(files []string, trusted *verdict.Trust, lang string) error {
	var all together
	var good []*verdict.Bundle
	for _, file := range files {
		b, err := readBundle(file)
		if err == nil {
			_, err = verdict.Judge(b, nil)
			err = refuted(file, err)
		}
		one := verified{File: file}
		switch {
		case err == nil:
			good = append(good, b)
		case node.AsError(err).Kind == kindRefuted:
			one.Refuted = err.Error()
		default:
			return err
		}
		all.Files = append(all.Files, one)
	}
	if err := all.judge(good, trusted, lang); err != nil {
		return err
	}
	if err := a.print(all, all.write); err != nil {
		return err
	}
	if len(good) < len(files) || all.Refuted != "" {
		return &finding{kindRefuted}
	}
	return nil
}

// judge judges the files that hold by themselves, if there are any.
func (t *together) judge(good []*verdict.Bundle, trusted *verdict.Trust, lang string) error {
	if len(good) == 0 {
		return nil
	}
	v, err := verdict.Judge(verdict.Merge(good...), trusted)
	if err = refuted("the files together", err); err != nil {
		if node.AsError(err).Kind != kindRefuted {
			return err
		}
		t.Refuted = err.Error()
		return nil
	}
	t.Verdict = v
	t.text, err = v.TextIn(lang)
	return err
}

func (t *together) write(w io.Writer) {
	for _, one := range t.Files {
		fmt.Fprintf(w, "== %s\n", one.File)
		if one.Refuted != "" {
			fmt.Fprintf(w, "\nREFUTED: %s\n\n", one.Refuted)
		}
	}
	if t.Refuted != "" {
		fmt.Fprintf(w, "\nREFUTED: %s\n", t.Refuted)
	}
	if t.Verdict != nil {
		fmt.Fprintf(w, "\n%s", t.text)
	}
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

// readBundle reads the form of one bundle.
func readBundle(file string) (*verdict.Bundle, error) {
	raw, err := readFile(file, verdict.MaxBundle)
	if err != nil {
		return nil, err
	}
	b, err := verdict.Parse(raw)
	return b, refuted(file, err)
}

// believed reads the policy of witnesses, if one is named.
func believed(file string) (*seal.Policy, error) {
	if file == "" {
		return nil, nil
	}
	raw, err := readFile(file, maxPolicy)
	if err != nil {
		return nil, err
	}
	p, err := seal.ParsePolicy(raw)
	if err != nil {
		return nil, problem(node.Invalid, "it has lines log, witness, group and quorum (spec/keys.md §11)", "%s is not a valid policy: %v", file, err)
	}
	return p, nil
}

// vouched reads the profiles that the person vouches for.
func vouched(files []string) (*verdict.Trust, error) {
	trusted := &verdict.Trust{}
	for _, file := range files {
		raw, err := readFile(file, maxProfile)
		if err != nil {
			return nil, err
		}
		p, err := profileIn(raw)
		if err != nil {
			return nil, problem(node.Invalid, "it is the file that `verbale profile` writes", "%s is not a valid profile: %v", file, err)
		}
		trusted.Keys = append(trusted.Keys, verdict.VouchedKeys{Party: p.Party, Fingerprint: p.Fingerprint})
	}
	return trusted, nil
}
