package main

import (
	"errors"
	"io"

	"verbale/internal/node"
)

// question asks for one line. The end of the input is no answer.
func (a *app) question(prompt string) (string, error) {
	_, _ = io.WriteString(a.Stderr, prompt)
	line, err := a.in.ReadString('\n')
	if errors.Is(err, io.EOF) && line != "" {
		err = nil
	}
	if errors.Is(err, io.EOF) {
		a.say("")
		return "", problem(node.Invalid, "", "there was no answer; nothing was done")
	}
	return clean(line), err
}

// confirm asks for a yes. Anything else ends the command.
func (a *app) confirm(prompt string) error {
	line, err := a.question(prompt + " Type yes: ")
	if err != nil {
		e := node.AsError(err)
		e.Hint = "without a person to ask, use --yes"
		return e
	}
	if line != "yes" {
		return problem(node.Invalid, "", "not confirmed; nothing was filed")
	}
	return nil
}
