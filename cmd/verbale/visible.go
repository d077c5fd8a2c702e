package main

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// Joiners belong to the writing of several languages; they move nothing.
const (
	zeroWidthNonJoiner = '\u200c'
	zeroWidthJoiner    = '\u200d'
)

// visible is text as it may go to a terminal. Parties write it, and records may hold what terminals obey or hide: control characters of
// U+0080–U+009F, marks that turn the direction of writing, line separators. Each is shown as \u and four digits, which in JSON means the same.
// Only line feeds, tabs and our own colours pass.
func visible(text string) string {
	if strings.IndexFunc(text, hidden) < 0 && utf8.ValidString(text) {
		return text
	}
	var b strings.Builder
	for len(text) > 0 {
		if n := colourAt(text); n > 0 {
			b.WriteString(text[:n])
			text = text[n:]
			continue
		}
		r, n := utf8.DecodeRuneInString(text)
		switch {
		case r == utf8.RuneError && n == 1:
			b.WriteRune(utf8.RuneError)
		case hidden(r):
			for _, unit := range utf16.Encode([]rune{r}) {
				fmt.Fprintf(&b, `\u%04x`, unit)
			}
		default:
			b.WriteString(text[:n])
		}
		text = text[n:]
	}
	return b.String()
}

func hidden(r rune) bool {
	switch r {
	case '\n', '\t', zeroWidthNonJoiner, zeroWidthJoiner:
		return false
	}
	return !unicode.IsGraphic(r)
}

// colourAt is the length of the colour code of ours that text begins with, 0 when there is none.
func colourAt(text string) int {
	if text[0] != '\x1b' {
		return 0
	}
	if strings.HasPrefix(text, colourEnd) {
		return len(colourEnd)
	}
	for _, colour := range tlpColours {
		if code := colourBegin(colour); strings.HasPrefix(text, code) {
			return len(code)
		}
	}
	return 0
}
