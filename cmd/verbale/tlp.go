package main

import (
	"os"
	"strings"

	"golang.org/x/term"
)

// tlpColours are those of FIRST TLP 2.0, as SGR codes on a black ground.
var tlpColours = map[string]string{
	"red": "38;2;255;43;43", "amber": "38;2;255;192;0", "amber+strict": "38;2;255;192;0", "green": "38;2;51;255;0", "clear": "38;2;255;255;255",
}

const colourEnd = "\x1b[0m"

func colourBegin(colour string) string { return "\x1b[40;" + colour + "m" }

// tlp shows a marking as its word, and on a terminal in its colour as well.
func (a *app) tlp(word string) string {
	if word == "" {
		return "not marked"
	}
	label := "TLP:" + strings.ToUpper(word)
	colour := tlpColours[word]
	if colour == "" || !a.colours() {
		return label
	}
	return colourBegin(colour) + label + colourEnd
}

func (a *app) colours() bool {
	f, ok := a.Stdout.(*os.File)
	return ok && a.Getenv("NO_COLOR") == "" && term.IsTerminal(int(f.Fd()))
}
