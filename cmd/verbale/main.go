// Command verbale is a party's node and its officers' tool.
//
//	verbale init aurelia.example --title "CSIRT Aurelia" --endpoint https://node.aurelia.example:7443
//	verbale serve
//	verbale link add borea.profile
//	verbale appeal send borea.example --kind mitigate …
//	verbale prove to:borea.example#0 -o case.bundle
//	verbale verify case.bundle
//
// One data folder holds one party. `verbale serve` runs its node; every other command calls the node's JSON API, over the control
// socket while serve runs, else in this very process (session.go). `verbale verify` needs neither folder nor network.
//
// There is one file per subcommand, and Run (run.go) is the whole program with its surroundings handed in.
package main

import (
	"context"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	_ "time/tzdata" // the hours of contact points are in their zones, whatever this machine has
)

// gcPercent lets the heap grow to four times what is live between collections: contents are short-lived, and a node that is
// loaded spends a tenth of its time less in the collector. GOGC in the environment overrides it.
const gcPercent = 300

func main() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	code := Run(ctx, os.Args[1:], System())
	stop()
	os.Exit(code)
}
