package main

import (
	"context"
	"fmt"
	"io"
	"runtime"

	"github.com/spf13/cobra"

	"verbale/verdict"
)

// version is the program's; the formats have versions of their own.
const version = "0.1.0-dev"

type versions struct {
	Version string `json:"version"`
	Go      string `json:"go"`
	Bundle  string `json:"bundle"`
}

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "the program's version and the formats that it writes",
		Long:  "Prints the program's version, the Go release that built it, and the version of bundles that it writes.\n\nExample:\n  verbale version --json",
		Args:  cobra.NoArgs,
		RunE: a.run(func(context.Context, []string) error {
			v := versions{Version: version, Go: runtime.Version(), Bundle: verdict.Version}
			return a.print(v, func(w io.Writer) { fmt.Fprintf(w, "verbale %s (%s), writes %s\n", v.Version, v.Go, v.Bundle) })
		}),
	}
}
