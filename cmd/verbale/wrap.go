package main

import (
	"strings"
	"unicode/utf8"
)

// fit breaks the lines of a page that are wider than a terminal, at spaces; what goes on in a further line is indented a little deeper than its
// beginning. A word without spaces stays whole: a reference or an address that was cut could not be typed again.
func fit(page string) string {
	var out strings.Builder
	for line := range strings.Lines(page) {
		text := strings.TrimSuffix(line, "\n")
		if width(text) <= terminalWidth {
			out.WriteString(line)
			continue
		}
		indent := len(text) - len(strings.TrimLeft(text, " "))
		out.WriteString(hanging(text[indent:], indent, indent+rowIndent) + line[len(text):])
	}
	return out.String()
}

// hanging is a text in lines that fit: the first is indented by first columns, the others by rest. Line feeds of the text stay.
func hanging(text string, first, rest int) string {
	var out strings.Builder
	for i, paragraph := range strings.Split(text, "\n") {
		indent := rest
		if i == 0 {
			indent = first
		} else {
			out.WriteByte('\n')
		}
		breakInto(&out, paragraph, indent, rest)
	}
	return out.String()
}

// breakInto writes one paragraph. Spaces within a line stay as they are: they may be a column.
func breakInto(out *strings.Builder, text string, indent, rest int) {
	for {
		room := terminalWidth - indent
		if width(text) <= room {
			break
		}
		at := lastSpace(text, room)
		if at < 0 {
			break
		}
		out.WriteString(strings.Repeat(" ", indent) + strings.TrimRight(text[:at], " ") + "\n")
		text, indent = strings.TrimLeft(text[at:], " "), rest
	}
	if text != "" {
		out.WriteString(strings.Repeat(" ", indent) + text)
	}
}

// lastSpace is the byte of the last space within the first room columns, else of the first space after them; -1 where there is none.
func lastSpace(text string, room int) int {
	last, columns := -1, 0
	for i, r := range text {
		if r == ' ' && i > 0 {
			if columns > room {
				if last < 0 {
					return i
				}
				return last
			}
			last = i
		}
		columns++
	}
	if columns <= room {
		return -1
	}
	return last
}

// width is how many columns a text takes, without the codes of our colours.
func width(text string) int {
	n := utf8.RuneCountInString(text)
	for i := range len(text) {
		n -= colourAt(text[i:])
	}
	return n
}
