package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"verbale/internal/peer"
	"verbale/seal"
	"verbale/verdict"
)

// linkKey is the verifier key of a log that is no register.
const linkKey = "aurelia.example/to/borea.example/1+2c289845+Ab4poHDRZJ+yyfpS+Ecd1erj+buGTAfLoIpnfINntp9T"

// addCheckpoint BUNDLE LINES asks the witness that the lines of a policy name for its cosignatures over the register's checkpoint in the
// bundle, as the author's node does, and says what comes of it.
func addCheckpoint(ts *testscript.TestScript, _ bool, args []string) {
	b, err := verdict.Parse([]byte(ts.ReadFile(args[0])))
	ts.Check(err)
	lines := ts.ReadFile(args[1])
	group := strings.Fields(lines[strings.LastIndex(lines, "group "):])[1]
	policy, err := seal.ParsePolicy([]byte(lines + "quorum " + group + "\n"))
	ts.Check(err)
	note := []byte(b.Checkpoints[0])
	h, err := seal.HeadOf(note)
	ts.Check(err)
	c, err := peer.NewWitnessClient(policy.Witnesses[0].URL)
	ts.Check(err)
	defer c.Close()
	got, err := c.AddCheckpoint(context.Background(), 0, nil, note)
	if err != nil {
		_, _ = fmt.Fprintln(ts.Stdout(), err)
		return
	}
	d, err := policy.Date(append(note, got...), h)
	ts.Check(err)
	var by []string
	for _, c := range d.By {
		by = append(by, c.Name)
	}
	if !d.Met {
		ts.Fatalf("the lines do not meet the policy: %+v", d)
	}
	_, _ = fmt.Fprintf(ts.Stdout(), "%s: cosigned from %s to %s, by %s\n", group, d.From, d.To, strings.Join(by, " "))
}
