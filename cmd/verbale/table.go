package main

import (
	"io"
	"strings"
	"unicode/utf8"
)

// table is rows of cells in columns as wide as they need to be. Where they need more than a terminal has, each row goes on in a further,
// indented line, and the last column, which is free text, is cut. Only a cell that is wider than a terminal by itself breaks the measure:
// a reference that was cut could not be typed again.
type table struct {
	head []string
	rows [][]string
}

func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }

func (t *table) write(w io.Writer) {
	width := make([]int, len(t.head))
	all := append([][]string{t.head}, t.rows...)
	for _, row := range all {
		for i, cell := range row {
			width[i] = max(width[i], utf8.RuneCountInString(cell))
		}
	}
	lines := layout(width)
	for _, row := range all {
		var out strings.Builder
		for _, line := range lines {
			var text strings.Builder
			text.WriteString(strings.Repeat(" ", line.indent))
			for i := line.from; i < line.to; i++ {
				cell := shorten(row[i], max(width[i], 1))
				text.WriteString(cell)
				text.WriteString(strings.Repeat(" ", width[i]-utf8.RuneCountInString(cell)+columnGap))
			}
			if trimmed := strings.TrimRight(text.String(), " "); trimmed != "" || len(lines) == 1 {
				out.WriteString(trimmed + "\n")
			}
		}
		_, _ = io.WriteString(w, out.String())
	}
}

// tableLine is the columns from from up to to, without it, in one line of a row.
type tableLine struct{ from, to, indent int }

// layout fills lines with columns one after the other, and cuts the width of the last column to what is left.
func layout(width []int) []tableLine {
	lines := []tableLine{{}}
	used := 0 // of the line being filled
	last := len(width) - 1
	for i := range width {
		line := &lines[len(lines)-1]
		left := terminalWidth - used
		if i > line.from {
			left -= columnGap
		}
		if i == last && width[i] > left && left >= leastText {
			width[i] = left
		}
		if width[i] > left && i > line.from {
			lines = append(lines, tableLine{from: i, to: i, indent: rowIndent})
			line, used = &lines[len(lines)-1], rowIndent
			if i == last {
				width[i] = min(width[i], terminalWidth-used)
			}
		} else if i > line.from {
			used += columnGap
		}
		line.to = i + 1
		used += width[i]
	}
	return lines
}
