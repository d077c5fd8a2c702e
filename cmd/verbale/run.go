package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/json/jsontext"
	"encoding/json/v2"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"verbale/internal/node"
)

// Env is everything of the world that the program uses, besides files and sockets.
type Env struct {
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Getenv         func(name string) string
	Now            func() time.Time
	Rand           io.Reader
}

// System is the world as it is.
func System() Env {
	return Env{Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Getenv: os.Getenv, Now: time.Now, Rand: rand.Reader}
}

// Run is the program: it runs args (without the program's name) until done or until ctx ends, and gives the exit code.
func Run(ctx context.Context, args []string, env Env) int {
	a := &app{Env: env, in: bufio.NewReader(env.Stdin)}
	root := a.root()
	root.SetArgs(args)
	root.SetIn(env.Stdin)
	root.SetOut(env.Stdout)
	root.SetErr(env.Stderr)
	c, err := root.ExecuteContextC(ctx)
	return a.finish(c, err)
}

// app is one run of the program.
type app struct {
	Env
	in      *bufio.Reader
	began   bool   // the command line was understood: what fails from here on is no usage error
	printed bool   // the one JSON document was printed
	self    string // this party, once the node was asked: references are shown as its people write them

	dir            string
	json           bool
	passphraseFile string
	notRestored    bool
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "verbale",
		Short: "appeals between authorities, on a record that neither can lie about",
		Long: `Verbale is the channel through which national CSIRTs and other authorities send each other appeals, answers and refusals on the record:
signed by whoever made them, receipted by the node that holds them, and provable to anybody with one file.

A first quarter of an hour:
  verbale init aurelia.example --title "CSIRT Aurelia" --endpoint https://node.aurelia.example:7443
  verbale serve                                     # leave it running
  verbale link add borea.profile                    # the peer's profile file
  verbale link confirm borea.example                # the words, by telephone
  verbale appeal send borea.example --kind clarify --draft draft.json
  verbale appeal list
  verbale prove to:borea.example#0 -o case.bundle
  verbale verify case.bundle

More: verbale help exit-codes, verbale help references, verbale help folder.`,
		SilenceErrors: true, SilenceUsage: true, Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	f := root.PersistentFlags()
	f.StringVar(&a.dir, "dir", "", "data `FOLDER` of the party (see: verbale help folder)")
	f.BoolVar(&a.json, "json", false, "print one JSON document instead of text")
	f.BoolVar(&a.notRestored, "not-restored", false, "sign without asking the peers first: you know that the data folder is no old copy")
	f.StringVar(&a.passphraseFile, "passphrase-file", "", "`FILE` whose first line is the passphrase of keys.age")
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usage("%v", err) })
	root.SetUsageTemplate(strings.ReplaceAll(root.UsageTemplate(), "FlagUsages ", fmt.Sprintf("FlagUsagesWrapped %d ", terminalWidth)))
	root.AddCommand(a.commands()...)
	reflowAll(root)
	return root
}

// commands lists every subcommand.
func (a *app) commands() []*cobra.Command {
	return append(topics(),
		a.initCommand(), a.profileCommand(), a.keysCommand(), a.serveCommand(),
		a.directoryCommand(), a.arrangementCommand(),
		a.deskCommand(), a.linkCommand(), a.appealCommand(), a.searchCommand(), a.pingCommand(), a.tallyCommand(), a.statsCommand(),
		a.proveCommand(), a.verifyCommand(), a.evidenceCommand(), a.registerCommand(), a.witnessCommand(), a.relayCommand(),
		a.eventsCommand(), a.tokenCommand(), a.fsckCommand(), a.rebuildCommand(), a.backupCommand(), a.recoverCommand(),
		a.demoCommand(), a.benchCommand(), a.versionCommand(),
	)
}

// run is a command's RunE: it marks that the command line was understood.
func (a *app) run(do func(ctx context.Context, args []string) error) func(*cobra.Command, []string) error {
	return func(c *cobra.Command, args []string) error {
		a.began = true
		return do(c.Context(), args)
	}
}

// group is a command that only holds others.
func group(use, short, long string, commands ...*cobra.Command) *cobra.Command {
	c := &cobra.Command{Use: use, Short: short, Long: long, Args: cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return c.Help()
			}
			return usage("%q is no subcommand of %s", args[0], c.CommandPath())
		}}
	c.AddCommand(commands...)
	return c
}

// print gives the result of a command: v as the one JSON document, or text for people.
func (a *app) print(v any, text func(w io.Writer)) error {
	if !a.json {
		return told(a.Stdout, text)
	}
	a.printed = true
	return writeJSON(a.Stdout, v)
}

func writeJSON(w io.Writer, v any) error {
	raw, err := json.Marshal(v, json.Deterministic(true), jsontext.WithIndent("  "))
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, visible(string(raw))+"\n")
	return err
}

// told writes what text writes, all at once and with nothing in it that a terminal would obey.
func told(w io.Writer, text func(w io.Writer)) error {
	var b strings.Builder
	text(&b)
	page := visible(b.String())
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		page = fit(page) // sentences too; programs that read get them as they are
	}
	_, err := io.WriteString(w, page)
	return err
}

// say tells people something that is not the result.
func (a *app) say(format string, args ...any) {
	_ = told(a.Stderr, func(w io.Writer) { fmt.Fprintf(w, format+"\n", args...) })
}

// failure is an error as a JSON document.
type failure struct {
	Error failed `json:"error"`
}

type failed struct {
	Kind    node.Kind `json:"kind"`
	Exit    int       `json:"exit"`
	Message string    `json:"message"`
	Hint    string    `json:"hint,omitempty"`
}

// finish tells what went wrong in command c and gives the exit code.
func (a *app) finish(c *cobra.Command, err error) int {
	if err == nil {
		return 0
	}
	if done, ok := errors.AsType[*finding](err); ok {
		return exitOf(done.kind)
	}
	e := a.explain(err)
	if e.Hint == anyHelp {
		e.Hint = "see: " + c.CommandPath() + " --help"
	}
	if !a.began && strings.Contains(e.Message, "arg(s)") { // what the library says of a wrong number of arguments
		e.Message = "expected: " + strings.TrimSuffix(c.UseLine(), " [flags]")
	}
	code := exitOf(e.Kind)
	if a.json && !a.printed {
		_ = writeJSON(a.Stdout, failure{failed{e.Kind, code, e.Message, e.Hint}})
	}
	a.say("error: %s", e.Message)
	for line := range strings.Lines(e.Hint) {
		a.say("hint: %s", strings.TrimSuffix(line, "\n"))
	}
	return code
}

// explain makes of any error one for people.
func (a *app) explain(err error) *node.Error {
	switch {
	case !a.began && !isNodeError(err):
		return usage("%v", err)
	case errors.Is(err, context.Canceled):
		return &node.Error{Kind: node.Closed, Message: "stopped before it was done"}
	case errors.Is(err, fs.ErrPermission) && !isNodeError(err):
		return &node.Error{Kind: node.Internal, Message: err.Error(), Hint: "run it as the user who owns the file or folder, or choose another place"}
	case isUnwritable(err):
		return &node.Error{Kind: node.Full, Message: err.Error(), Hint: "make room on the disk and do it again"}
	}
	return node.AsError(err)
}

func isNodeError(err error) bool {
	_, ok := errors.AsType[*node.Error](err)
	return ok
}

// finding ends a command that did its work and printed what it found, and the finding is not a good one.
type finding struct{ kind node.Kind }

func (f *finding) Error() string { return string(f.kind) }

// anyHelp stands for the help of the command that was run.
const anyHelp = "see: verbale help"

// usage is a mistake in the command line.
func usage(format string, args ...any) *node.Error {
	return &node.Error{Kind: kindUsage, Message: fmt.Sprintf(format, args...), Hint: anyHelp}
}

// problem is an error of the command itself.
func problem(kind node.Kind, hint, format string, args ...any) *node.Error {
	return &node.Error{Kind: kind, Message: fmt.Sprintf(format, args...), Hint: hint}
}
