package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"verbale/internal/node"
	"verbale/internal/store"
	"verbale/internal/witness"
	"verbale/seal"
)

func (a *app) witnessLogCommand() *cobra.Command {
	return group("log", "the registers that the witness cosigns", `A witness cosigns what its operator entered, and nothing else.

  verbale witness log add --dir w aurelia.profile
  verbale witness log list --dir w`,
		a.witnessLogAddCommand(), a.witnessLogListCommand())
}

func (a *app) witnessLogAddCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "add PROFILE-FILE|VKEY...",
		Short: "enter the register of a party",
		Long: `Enters the register of a party, by its profile file ("verbale profile"), which names both keys of the register; or by verifier keys
(name+id+key). A witness trusts what it is given here: get the file from the party itself. The words need not be compared, for a witness
says nothing about who a party is.

A party with new keys has a new register, of the next generation: enter that one too.

Examples:
  verbale witness log add --dir w aurelia.profile
  verbale witness log add --dir w 'aurelia.example/to/public/1+7f00e2a1+AX...'`,
		Args: cobra.MinimumNArgs(1),
		RunE: a.run(func(ctx context.Context, args []string) error {
			logs, err := logsOf(args)
			if err != nil {
				return err
			}
			return a.withWitness(ctx, func(_ *seal.WitnessKey, s *store.Store) error {
				var done witnessLogs
				for _, vkeys := range logs {
					origin, err := witness.AddLog(ctx, s, vkeys...)
					if err != nil {
						return notALog(err)
					}
					done.Logs = append(done.Logs, witnessedLog{Origin: origin, Keys: vkeys})
				}
				return a.print(done, func(w io.Writer) {
					for _, l := range done.Logs {
						fmt.Fprintf(w, "%s is entered, with %s\n", l.Origin, counted(int64(len(l.Keys)), "key", "keys"))
					}
				})
			})
		}),
	}
}

// logsOf reads each argument as a verifier key, else as a profile file.
func logsOf(args []string) (logs [][]string, err error) {
	for _, arg := range args {
		if _, err := seal.ParseLogKey(arg); err == nil {
			logs = append(logs, []string{arg})
			continue
		}
		raw, err := readFile(arg, maxProfile)
		if err != nil {
			return nil, problem(node.Invalid, "it is a profile file, or a verifier key like aurelia.example/to/public/1+7f00e2a1+AX...",
				"%.80q is no verifier key, and as a file it cannot be read: %v", arg, err)
		}
		p, err := profileIn(raw)
		if err != nil {
			return nil, problem(node.Invalid, "it is the file that `verbale profile` writes", "%s is not a valid profile: %v", arg, err)
		}
		o, err := seal.ParseOrigin(p.Opened.Record.Outbox())
		if err != nil {
			return nil, err
		}
		logs = append(logs, p.Keys.VerifierKeys(o))
	}
	return logs, nil
}

// witnessLogs is what the commands of `witness log` print with --json.
type witnessLogs struct {
	Logs []witnessedLog `json:"logs"`
}

type witnessedLog struct {
	Origin string   `json:"origin"`
	Keys   []string `json:"vkeys"`
	Size   int64    `json:"size"` // cosigned last
}

func (a *app) witnessLogListCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "list the registers that are entered, and how far they are cosigned",
		Long:  "Lists the registers that are entered, with the size that was cosigned last.\n\nExample:\n  verbale witness log list --dir w",
		Args:  cobra.NoArgs,
		RunE: a.run(func(ctx context.Context, _ []string) error {
			return a.withWitness(ctx, func(_ *seal.WitnessKey, s *store.Store) error {
				logs, last, err := witness.Logs(ctx, s)
				if err != nil {
					return err
				}
				shown := witnessLogs{Logs: []witnessedLog{}}
				for i, l := range logs {
					shown.Logs = append(shown.Logs, witnessedLog{l.Origin, l.Keys, last[i].Size})
				}
				return a.print(shown, func(w io.Writer) { witnessLogTable(w, shown.Logs) })
			})
		}),
	}
}

func witnessLogTable(w io.Writer, logs []witnessedLog) {
	if len(logs) == 0 {
		fmt.Fprintln(w, "no registers; enter one: verbale witness log add PROFILE-FILE")
		return
	}
	t := table{head: []string{"REGISTER", "KEYS", "COSIGNED"}}
	for _, l := range logs {
		t.add(l.Origin, fmt.Sprint(len(l.Keys)), fmt.Sprint(l.Size))
	}
	t.write(w)
}
