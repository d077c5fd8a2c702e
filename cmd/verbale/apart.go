package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
)

// verifyApart has this program verify bundles, as one, in a process of its own: with an empty home, nothing in its environment and, where
// the system allows it, without any network. Policy names the file with the witnesses that are believed; it may be empty. It gives the
// verdict as JSON and whether the network was off.
func verifyApart(ctx context.Context, policy string, files ...string) (verdict []byte, networkOff bool, err error) {
	args := append([]string{"verify", "--json"}, files...)
	if policy != "" {
		args = append(args, "--policy", policy)
	}
	verdict, err = runApart(ctx, args, true)
	if err == nil {
		return verdict, true, nil
	}
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return nil, true, fmt.Errorf("the outsider's verification failed: %w: %s", err, exit.Stderr)
	}
	verdict, err = runApart(ctx, args, false)
	return verdict, false, err
}

// runApart runs this program apart.
func runApart(ctx context.Context, args []string, networkOff bool) ([]byte, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	home, err := os.MkdirTemp("", "verbale-outsider-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(home) //nolint:errcheck // an empty folder in the system's temporary one
	var out bytes.Buffer
	c := exec.CommandContext(ctx, self, args...) // #nosec G204 -- this very program
	c.Args[0] = "verbale"
	c.Env, c.Stdout = []string{"HOME=" + home, "PATH="}, &out
	if networkOff {
		if err := withoutNetwork(c); err != nil {
			return nil, err
		}
	}
	err = c.Run()
	return out.Bytes(), err
}
