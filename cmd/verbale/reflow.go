package main

import (
	"strings"

	"github.com/spf13/cobra"
)

// reflowAll breaks the long help of c and its subcommands into lines that fit a terminal.
func reflowAll(c *cobra.Command) {
	c.Long = reflow(c.Long, helpWidth)
	for _, sub := range c.Commands() {
		reflowAll(sub)
	}
}

// reflow breaks paragraphs into lines of at most width characters. Lines that begin with a space stay as they are.
func reflow(text string, width int) string {
	var out strings.Builder
	at := 0 // characters on the line being written
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if line == "" || line[0] == ' ' {
			if at > 0 {
				out.WriteByte('\n')
			}
			out.WriteString(line + "\n")
			at = 0
			continue
		}
		for _, word := range strings.Fields(line) {
			n := len([]rune(word))
			switch {
			case at == 0:
			case at+1+n > width:
				out.WriteByte('\n')
				at = 0
			default:
				out.WriteByte(' ')
				at++
			}
			out.WriteString(word)
			at += n
		}
	}
	return strings.TrimSuffix(out.String(), "\n")
}
