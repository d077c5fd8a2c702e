package main

import (
	"bufio"
	"bytes"
	"fmt"
	"strings"

	"verbale/internal/node"
	"verbale/record"
)

// pasted is what was recognised in a list of observables.
type pasted struct {
	found   []record.Observable
	twice   int
	skipped []int // line numbers
}

// paste reads a list as people paste it: one observable to a line, defanged or not; empty lines and what
// stands behind a # are nothing. A line that is not recognised, or is a private address, sinks the list unless skip.
func paste(file string, raw []byte, skip bool) (pasted, error) {
	var p pasted
	seen := map[string]bool{}
	lines := bufio.NewScanner(bytes.NewReader(raw))
	lines.Buffer(nil, maxListLine)
	number := 0
	for lines.Scan() {
		number++
		line := clean(strings.TrimPrefix(lines.Text(), "\ufeff"))
		if at := strings.Index(line, " #"); at >= 0 { // a comment behind a value: no value has a space before a #
			line = strings.TrimSpace(line[:at])
		}
		if line == "" || line[0] == '#' {
			continue
		}
		o, ok := observed(line)
		key := string(o.JSON())
		switch {
		case !ok:
			p.skipped = append(p.skipped, number)
		case seen[key]:
			p.twice++
		default:
			seen[key] = true
			p.found = append(p.found, o)
		}
	}
	if lines.Err() != nil {
		return p, problem(node.Invalid, "", "%s: line %d is over the limit of %d bytes", file, number+1, maxListLine)
	}
	if len(p.skipped) > 0 && !skip {
		return p, problem(node.Invalid, "correct the lines, or leave them out with --skip-unrecognised; nothing was filed",
			"%s: not recognised, or a private address: %s", file, lineNumbers(p.skipped))
	}
	return p, nil
}

func lineNumbers(numbers []int) string {
	var b strings.Builder
	for i, n := range numbers[:min(len(numbers), maxRefusedLines)] {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "line %d", n)
	}
	if more := len(numbers) - maxRefusedLines; more > 0 {
		fmt.Fprintf(&b, " and %d more", more)
	}
	return b.String()
}

// said tells what was recognised.
func (p pasted) said(file string) string {
	s := fmt.Sprintf("%s: %s recognised", file, counted(int64(len(p.found)), "value", "values"))
	if p.twice > 0 {
		s += fmt.Sprintf(", %d repeated", p.twice)
	}
	if len(p.skipped) > 0 {
		s += "; left out: " + lineNumbers(p.skipped)
	}
	return s
}
