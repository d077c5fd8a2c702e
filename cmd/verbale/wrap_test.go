package main

import (
	"strings"
	"testing"
)

func TestFit(t *testing.T) {
	long := strings.Repeat("word ", 30)
	for name, c := range map[string]struct{ in, want string }{
		"short":  {"  a line\n", "  a line\n"},
		"column": {"name      " + strings.Repeat("x", 60) + " yyyyyyyyyyyyyyyyyyyy\n", "name      " + strings.Repeat("x", 60) + "\n    yyyyyyyyyyyyyyyyyyyy\n"},
		"whole":  {"  " + strings.Repeat("x", 100) + "\n", "  " + strings.Repeat("x", 100) + "\n"},
		"prompt": {strings.Repeat("x", 78) + " Type yes: ", strings.Repeat("x", 78) + "\n    Type yes: "},
		"behind": {strings.Repeat("x", 100) + " next\n", strings.Repeat("x", 100) + "\n    next\n"},
		"colour": {colourBegin(tlpColours["red"]) + "TLP:RED" + colourEnd + strings.Repeat(" ", 2) + strings.Repeat("x", 60) + "\n",
			colourBegin(tlpColours["red"]) + "TLP:RED" + colourEnd + strings.Repeat(" ", 2) + strings.Repeat("x", 60) + "\n"},
	} {
		if got := fit(c.in); got != c.want {
			t.Errorf("%s:\ngot  %q\nwant %q", name, got, c.want)
		}
	}
	for line := range strings.Lines(fit("  " + long + "\n" + long + "\n\n" + long)) {
		if n := width(strings.TrimSuffix(line, "\n")); n > terminalWidth {
			t.Errorf("a line of %d columns: %q", n, line)
		}
	}
}

func TestHangingKeepsTheWords(t *testing.T) {
	text := "Servers of a ransomware attack, seen since Monday.\n\nThe second paragraph is a rather long one, and has to go on in a further line of the page."
	got := hanging(text, 0, 23)
	if strings.Join(strings.Fields(got), " ") != strings.Join(strings.Fields(text), " ") {
		t.Errorf("the words changed:\n%s", got)
	}
	if !strings.Contains(got, "\n\n"+strings.Repeat(" ", 23)+"The second") {
		t.Errorf("a paragraph does not begin in its column:\n%s", got)
	}
}
