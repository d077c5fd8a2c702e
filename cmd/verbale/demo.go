package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"verbale/internal/node"
)

// demoing is what `demo` was told.
type demoing struct {
	story string
	list  bool
	batch bool
	out   string
	data  string
}

func (a *app) demoCommand() *cobra.Command {
	var o demoing
	c := &cobra.Command{
		Use:   "demo",
		Short: "stories told by whole nodes on this machine, and their proofs",
		Long: `Founds parties in a folder of their own, runs their nodes on free ports of this machine, and lets them tell a story: real records, real TLS, real
databases. An outsider then verifies the exported bundles in a process without any network. Nothing outside this machine is contacted.

It writes the bundles and story.json (what happened, sizes, receipts, verdicts) and exits with 0 only if the story held.
With --batch it tells people nothing but the result; the folder is then needed.

The values come from the public data sets in --data (default: $VERBALE_DATA, else ../shared/data) where they are there, else from a small fixture of the program.

Examples:
  verbale demo
  verbale demo --list
  verbale demo --story indicators-2021 --batch --out /tmp/story`,
		Args: cobra.NoArgs,
		RunE: a.run(func(ctx context.Context, _ []string) error { return a.demo(ctx, o) }),
	}
	c.Flags().StringVar(&o.story, "story", stories()[0].name, "which story; see --list")
	c.Flags().BoolVar(&o.list, "list", false, "list the stories")
	c.Flags().BoolVar(&o.batch, "batch", false, "print only the result")
	c.Flags().StringVar(&o.out, "out", "", "folder for the nodes, the bundles and story.json; must not exist (default: a temporary one, which stays)")
	c.Flags().StringVar(&o.data, "data", "", "folder with the public data sets")
	var names []string
	for _, s := range stories() {
		names = append(names, s.name)
	}
	offer(c, "story", names)
	return c
}

// storyLine is a story in the list.
type storyLine struct {
	Name string `json:"name"`
	What string `json:"what"`
}

func (a *app) demo(ctx context.Context, o demoing) error {
	if o.list {
		var all []storyLine
		for _, s := range stories() {
			all = append(all, storyLine{s.name, s.what})
		}
		return a.print(all, func(w io.Writer) {
			for _, s := range all {
				fmt.Fprintf(w, "%s\n    %s\n", s.Name, s.What)
			}
		})
	}
	for _, s := range stories() {
		if s.name == o.story {
			return a.tellStory(ctx, s, o)
		}
	}
	return usage("there is no story %q; see --list", o.story)
}

func (a *app) tellStory(ctx context.Context, s story, o demoing) error {
	dir, err := demoFolder(o)
	if err != nil {
		return err
	}
	say := a.Stdout
	if o.batch || a.json {
		say = io.Discard
	}
	fmt.Fprintf(say, "%s: %s\n\n", s.name, s.what)
	result, err := telling(ctx, s, dir, a.demoData(o), say)
	if err != nil {
		return problem(node.Internal, "what happened until then: "+filepath.Join(dir, "story.json"), "%v", err)
	}
	return a.print(result, func(w io.Writer) { toldText(w, result, dir) })
}

// toldText is the end of a story for people.
func toldText(w io.Writer, r storyResult, dir string) {
	fmt.Fprintf(w, "\nThe story held: all came out as it says, every database is whole, and the proof stands without a network.\n")
	for _, c := range r.Conclusions {
		fmt.Fprintf(w, "An outsider concludes: %s.\n", c)
	}
	fmt.Fprintf(w, "Everything is in %s:\n", dir)
	policy := ""
	if _, err := os.Stat(filepath.Join(dir, policyFile)); err == nil {
		policy = " --policy " + filepath.Join(dir, policyFile)
	}
	for _, b := range r.Bundles {
		var paths []string
		for name := range strings.FieldsSeq(b.File) {
			paths = append(paths, filepath.Join(dir, name))
		}
		fmt.Fprintf(w, "  %-20s %7d bytes   try: verbale verify %s%s\n", b.File, b.Bytes, strings.Join(paths, " "), policy)
	}
	fmt.Fprintf(w, "  %-20s                 what happened, for a program\n", "story.json")
	told := map[string]bool{}
	for _, l := range r.Links {
		if told[l.At] {
			continue
		}
		told[l.At] = true
		fmt.Fprintf(w, "  %-20s                 the folder of %s; try: verbale appeal list --dir %s\n", strings.TrimSuffix(l.At, ".example")+"/", l.At, filepath.Join(dir, strings.TrimSuffix(l.At, ".example")))
	}
}

func demoFolder(o demoing) (string, error) {
	if o.out == "" {
		if o.batch {
			return "", usage("--batch needs --out DIR")
		}
		return os.MkdirTemp("", "verbale-demo-")
	}
	dir, err := filepath.Abs(o.out)
	if err != nil {
		return "", err
	}
	if _, err := os.Stat(dir); err == nil {
		return "", problem(node.Conflict, "name a new folder, or remove it", "%s exists already", dir)
	}
	return dir, nil
}

func (a *app) demoData(o demoing) string {
	for _, dir := range []string{o.data, a.Getenv("VERBALE_DATA")} {
		if dir != "" {
			return dir
		}
	}
	return filepath.Join("..", "shared", "data")
}
