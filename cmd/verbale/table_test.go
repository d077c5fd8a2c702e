package main

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestTable(t *testing.T) {
	long := "Servers of a ransomware attack on the water works of Borea that goes on"
	for name, c := range map[string]struct {
		rows [][]string
		want string
	}{
		"narrow": {[][]string{{"b#1", "sent", "theirs: receive", "amber", "in 4 h", "C2 servers"}}, `
REF  STATUS  TURN             TLP    BY      SUBJECT
b#1  sent    theirs: receive  amber  in 4 h  C2 servers
`},
		"wide": {[][]string{
			{"to:borea.example#12", "received, stranded", "theirs: acknowledge", "amber", "LATE by 1 d 2 h, 2026-11-24 23:54:03 UTC", long},
			{"borea.example#2", "answered", "nobody", "red", "", "(suspend)"}}, `
REF                  STATUS              TURN                 TLP
    BY                                        SUBJECT
to:borea.example#12  received, stranded  theirs: acknowledge  amber
    LATE by 1 d 2 h, 2026-11-24 23:54:03 UTC  Servers of a ransomware attack on…
borea.example#2      answered            nobody               red
                                              (suspend)
`},
	} {
		var out strings.Builder
		tab := table{head: []string{"REF", "STATUS", "TURN", "TLP", "BY", "SUBJECT"}, rows: c.rows}
		tab.write(&out)
		if d := cmp.Diff(c.want, "\n"+out.String()); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
}

// Whatever is in it, a table fits the terminal unless a single cell does not, and loses nothing but the end of its last column.
func TestTableFits(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		columns := rapid.IntRange(1, 7).Draw(rt, "columns")
		row := rapid.SliceOfN(rapid.StringMatching(`[a-z]{0,70}`), columns, columns)
		tab := table{head: row.Draw(rt, "head"), rows: rapid.SliceOfN(row, 0, 4).Draw(rt, "rows")}
		var out strings.Builder
		tab.write(&out)
		for line := range strings.Lines(out.String()) {
			if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > terminalWidth {
				rt.Fatalf("%d columns:\n%s", n, out.String())
			}
		}
		for _, cells := range tab.rows {
			for _, cell := range cells[:columns-1] {
				if !strings.Contains(out.String(), cell) {
					rt.Fatalf("%q is lost:\n%s", cell, out.String())
				}
			}
		}
	})
}
