package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"verbale/internal/node"
)

// Kinds of error that only the command line has.
const (
	kindUsage   node.Kind = "usage"   // the command line was not understood
	kindRefuted node.Kind = "refuted" // a bundle does not hold
	kindLate    node.Kind = "late"    // something that is our turn is late
)

// exits is the one table from kinds of error to exit codes.
var exits = []struct {
	code    int
	meaning string
	kinds   []node.Kind
}{
	{0, "done", nil},
	{1, "failed: the message says why", []node.Kind{node.Internal, node.Closed, node.Conflict}},
	{2, "usage: the command line, or what was handed in, is not as it has to be; nothing was done", []node.Kind{kindUsage, node.Invalid}},
	{3, "not proved: something in the bundle does not hold, so nothing in it counts (verify)", []node.Kind{kindRefuted}},
	{4, "not found, or not linked with that party", []node.Kind{node.NotFound, node.NotLinked}},
	{5, "refused: by the rules of the docket, by the peer, or because the outbox is stopped or not yet compared", []node.Kind{node.NotAllowed, node.Refused, node.Stopped, node.Unchecked, node.Unauthorised, node.Forbidden, node.TooMany}},
	{6, "locked: another process has the data folder", []node.Kind{node.Locked}},
	{7, "storage full or damaged: also what fsck and rebuild found wrong", []node.Kind{node.Full, node.Damaged}},
	{8, "peer not reached (in the time that --wait allows)", []node.Kind{node.Offline}},
	{9, "late: something that is our turn is over its time (appeal due, directory review)", []node.Kind{kindLate}},
}

func exitOf(kind node.Kind) int {
	for _, e := range exits {
		if slices.Contains(e.kinds, kind) {
			return e.code
		}
	}
	return 1
}

// isUnwritable tells a full disk from other failures of the operating system.
func isUnwritable(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}

func exitCodesTopic() *cobra.Command {
	var b strings.Builder
	fmt.Fprintln(&b, "What the program's exit codes mean:")
	fmt.Fprintln(&b)
	for _, e := range exits {
		fmt.Fprintf(&b, "  %d  %s\n", e.code, e.meaning)
	}
	b.WriteString("\nErrors go to standard error as \"error:\" and \"hint:\" lines; with --json the same stands on standard output\nas {\"error\": {\"kind\", \"exit\", \"message\", \"hint\"}}.")
	return &cobra.Command{Use: "exit-codes", Short: "what the exit codes mean", Long: b.String()}
}
