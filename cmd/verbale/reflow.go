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

// reflow breaks paragraphs into lines of at most width characters. Lines that begin with a space are examples and columns: see inColumns.
func reflow(text string, width int) string {
	var out strings.Builder
	at := 0 // characters on the line being written
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if line == "" || line[0] == ' ' {
			if at > 0 {
				out.WriteByte('\n')
			}
			out.WriteString(inColumns(line) + "\n")
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

// inColumns breaks a line that fits no terminal: a command before a flag, as a shell takes it, and what stands in columns below its last one.
func inColumns(line string) string {
	if width(line) <= terminalWidth {
		return line
	}
	text := strings.TrimLeft(line, " ")
	if at := strings.LastIndex(line[:min(len(line), terminalWidth-len(` \`))], " -"); at > len(line)-len(text) && !strings.Contains(line, "  #") &&
		(strings.HasPrefix(text, "verbale ") || strings.HasPrefix(text, "-")) {
		return strings.TrimRight(line[:at], " ") + " \\\n" + inColumns("      "+strings.TrimLeft(line[at:], " "))
	}
	indent := len(line) - len(text)
	column := indent
	if at := strings.LastIndex(text[:min(len(text), terminalWidth/2)], "  "); at > 0 {
		column += len([]rune(text[:at])) + len("  ")
	}
	return hanging(text, indent, column)
}
