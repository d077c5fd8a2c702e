package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"verbale/internal/node"
	"verbale/internal/peer"
	"verbale/seal"
)

func (a *app) registerCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "register",
		Short: "this party's public register, and the witnesses that date it",
		Long: `Shows the register: how long it is, when the heads of all links were written into it last, and how much of it each witness has cosigned. While serve
runs, the heads are written every minute in which something moved, blinded, and the witnesses are asked at once; nothing waits for them. What they
have dated is in every bundle.

Who the witnesses are, and how many are enough, stands in a policy file (C2SP tlog-policy) that config.json names:

  {"listen": "0.0.0.0:7443", "witness_policy": "witnesses.policy"}

  witness corvia witness.corvia.example/w1+7d2f5a9e+BGb… http://witness.corvia.example:7380
  witness dunmore …
  witness estrada …
  group enough 2 corvia dunmore estrada
  quorum enough

"verbale witness key" prints the lines of a witness of ours; it needs this party's profile file (verbale witness log add).

Example:
  verbale register`,
		Args: cobra.NoArgs,
		RunE: a.registerRun((*session).register),
	}
	c.AddCommand(
		&cobra.Command{Use: "date", Short: "write the heads into the register now, and ask the witnesses",
			Long: `Does now what serve does every minute, for whoever will not wait, or runs no serve.

Example:
  verbale register date`, Args: cobra.NoArgs, RunE: a.registerRun((*session).dateRegister)},
		&cobra.Command{Use: "resume", Short: "let a stopped register go on: the witness was wrong",
			Long: `A register is stopped when a witness says that it has cosigned more of it than this database has: then this is an old backup, and going on would sign a
second history. Only if the other witnesses, and the peers that mirror the register, have seen no more of it is the witness wrong: take it out of the
policy first.

Example:
  verbale register resume`, Args: cobra.NoArgs, RunE: a.registerRun((*session).resumeRegister)},
	)
	return c
}

func (s *session) register(ctx context.Context) (node.RegisterStatus, error) { return s.Register(ctx) }

func (s *session) dateRegister(ctx context.Context) (node.RegisterStatus, error) {
	return s.DateRegister(ctx)
}

func (s *session) resumeRegister(ctx context.Context) (node.RegisterStatus, error) {
	return s.ResumeRegister(ctx)
}

// registerRun runs one of them and shows how the register stands then.
func (a *app) registerRun(do func(*session, context.Context) (node.RegisterStatus, error)) func(*cobra.Command, []string) error {
	return a.run(func(ctx context.Context, _ []string) error {
		return a.with(ctx, func(s *session) error {
			status, err := do(s, ctx)
			if err != nil {
				return err
			}
			return a.print(status, func(w io.Writer) { a.registerText(w, status) })
		})
	})
}

func (a *app) registerText(w io.Writer, s node.RegisterStatus) {
	fmt.Fprintf(w, "%s: %s\n", s.Outbox, counted(s.Size, "entry", "entries"))
	if s.Stopped != "" {
		paragraph(w, "  stopped    ", s.Stopped)
		paragraph(w, "  do         ", "take back what the peers hold of it: verbale recover --from-peer PARTY; if it stays stopped: docs/operator.md, \"an outbox is stopped\"")
	}
	if s.HeadsAt.IsZero() {
		fmt.Fprintln(w, "  heads      never written; serve does it every minute in which something moved")
	} else {
		fmt.Fprintf(w, "  heads      entry %d, %s\n", s.HeadsIndex, a.when(s.HeadsAt))
	}
	switch {
	case !s.Policy:
		fmt.Fprintln(w, "  witnesses  none: nothing is dated from outside; see: verbale register --help")
		return
	case s.Pending > 0:
		fmt.Fprintf(w, "  pending    %s, the oldest of %s\n", counted(int64(s.Pending), "head", "heads"), a.when(s.PendingSince))
	default:
		fmt.Fprintln(w, "  pending    nothing")
	}
	for _, v := range s.Witnesses {
		text := v.Name + ": nothing cosigned yet"
		if v.Size > 0 {
			text = fmt.Sprintf("%s: %d cosigned, %s", v.Name, v.Size, a.when(v.At))
		}
		if v.LastAttempt != "reached" && !v.LastAt.IsZero() {
			text += fmt.Sprintf("; last try %s: %s", a.when(v.LastAt), strings.ReplaceAll(v.LastAttempt, "\n", "; "))
		}
		paragraph(w, "  witness    ", text)
	}
}

// policy reads the policy that config.json names; nil where it names none, or there is no config.json.
func (f folder) policy() (*seal.Policy, error) {
	c, err := f.config()
	if errors.Is(err, fs.ErrNotExist) || err == nil && c.WitnessPolicy == "" {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	path := c.WitnessPolicy
	if !filepath.IsAbs(path) {
		path = f.path(path)
	}
	raw, err := readFile(path, maxPolicyFile)
	if err != nil {
		return nil, problem(node.NotFound, "config.json names it as witness_policy", "the policy of the witnesses cannot be read: %v", err)
	}
	p, err := seal.ParsePolicy(raw)
	if err != nil {
		return nil, problem(node.Invalid, "see: verbale register --help", "%s is no policy: %v", path, err)
	}
	for _, w := range p.Witnesses {
		if w.URL == "" {
			continue // it is asked by somebody else
		}
		if _, err := peer.NewWitnessClient(w.URL); err != nil {
			return nil, problem(node.Invalid, "", "the witness %s in %s: %v", w.Name, path, err)
		}
	}
	return p, nil
}
