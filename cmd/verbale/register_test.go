package main

import (
	"os"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// policy DIR LINES makes a policy of what `witness key` printed, and names it in the config.json of a party's folder.
func policy(ts *testscript.TestScript, _ bool, args []string) {
	lines := ts.ReadFile(args[1])
	group := strings.Fields(lines[strings.LastIndex(lines, "group "):])[1]
	ts.Check(os.WriteFile(ts.MkAbs(args[0]+"/witnesses.policy"), []byte(lines+"quorum "+group+"\n"), 0o600))
	c := strings.Replace(ts.ReadFile(args[0]+"/config.json"), "{", `{"witness_policy":"witnesses.policy",`, 1)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]+"/config.json"), []byte(c), 0o600))
}
