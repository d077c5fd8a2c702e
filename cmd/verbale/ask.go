package main

import (
	"context"
	"errors"
	"io"

	"verbale/internal/node"
)

// question asks for one line. The end of the input is no answer, and nor is Ctrl-C.
func (a *app) question(ctx context.Context, prompt string) (string, error) {
	_ = told(a.Stderr, func(w io.Writer) { _, _ = io.WriteString(w, prompt) })
	line, err := a.answered(ctx, func() (string, error) { return a.in.ReadString('\n') })
	if errors.Is(err, io.EOF) && line != "" {
		err = nil
	}
	if errors.Is(err, io.EOF) {
		a.say("")
		return "", problem(node.Invalid, "", "there was no answer; nothing was done")
	}
	return clean(line), err
}

// answered waits for read, or until ctx ends. Nothing calls a read from a terminal off: the program ends with it under way.
func (a *app) answered(ctx context.Context, read func() (string, error)) (string, error) {
	type answer struct {
		line string
		err  error
	}
	got := make(chan answer, 1)
	go func() {
		line, err := read()
		got <- answer{line, err}
	}()
	select {
	case g := <-got:
		return g.line, g.err
	case <-ctx.Done():
		a.say("")
		return "", problem(node.Closed, "", "stopped; nothing was done")
	}
}

// confirm asks for a yes. Anything else ends the command.
func (a *app) confirm(ctx context.Context, prompt string) error {
	line, err := a.question(ctx, prompt+" Type yes: ")
	if err != nil && ctx.Err() == nil {
		e := node.AsError(err)
		e.Hint = "without a person to ask, use --yes"
		return e
	}
	if err != nil {
		return err
	}
	if line != "yes" {
		return problem(node.Invalid, "", "not confirmed; nothing was filed")
	}
	return nil
}
