package verdict

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// bullet writes a paragraph behind a mark.
func (p *page) bullet(mark, s string) { p.wrap(mark, strings.Repeat(" ", len(mark)), s) }

// say fills a sentence and writes it as a paragraph.
func (p *page) say(depth int, sentence string, pairs ...string) {
	margin := strings.Repeat(indent, depth)
	p.wrap(margin, margin, fill(sentence, pairs...))
}

// wrap breaks prose into lines of maxLineWidth columns. A name that is longer
// goes on after a reverse solidus, which no name has: else its end could pose
// as another name at the beginning of a line.
func (p *page) wrap(first, rest, prose string) {
	margin := first
	for _, l := range broken(strings.Join(strings.Fields(prose), " "), maxLineWidth-columns(first), `\`) {
		p.line(0, margin+l)
		margin = rest
	}
}

// quote writes what a party wrote, behind a name of our own or none: every
// line has a bar before it, also where we had to break it, so that nothing of
// it can be taken for a sentence of the verdict.
func (p *page) quote(depth int, name, text string) {
	before := strings.Repeat(indent, depth)
	bar := "| "
	if name != "" {
		bar = name + " | "
	}
	for l := range strings.SplitSeq(text, "\n") {
		for _, piece := range broken(visible(l), maxLineWidth-columns(before+bar), "") {
			p.quoted++
			p.line(0, before+bar+piece)
			bar = strings.Repeat(" ", columns(bar)-2) + "| "
		}
	}
}

// broken breaks a line at spaces, or anywhere if there is none, so that every
// piece fits into so many columns. Empty lines stay. Where it breaks anywhere,
// the mark stands at the end of the piece.
func broken(s string, width int, mark string) []string {
	width = max(width, maxBrief/2)
	var pieces []string
	for {
		used, space, cut := 0, 0, len(s)
		for i, ch := range s {
			if used += column(ch); used > width {
				cut = i
				break
			}
			if ch == ' ' {
				space = i
			}
		}
		if cut == len(s) {
			return append(pieces, s)
		}
		switch {
		case s[cut] == ' ':
			pieces, s = append(pieces, s[:cut]), s[cut+1:]
		case space > 0:
			pieces, s = append(pieces, s[:space]), s[space+1:]
		default:
			for range mark {
				_, last := utf8.DecodeLastRuneInString(s[:cut])
				cut -= last
			}
			pieces, s = append(pieces, s[:cut]+mark), s[cut:]
		}
	}
}

// columns is the width of s on a terminal, never less than it is.
func columns(s string) (n int) {
	for _, ch := range s {
		n += column(ch)
	}
	return n
}

func column(ch rune) int {
	if ch >= 0x1100 && (ch < 0x2000 || ch > 0x2BFF) {
		return 2 // may be wide
	}
	return 1
}

// visible shows characters that are invisible, or that could act on a
// terminal or turn the direction of writing, by their numbers. R-15 has kept
// out some of them.
func visible(s string) string {
	s = strings.ReplaceAll(s, "\t", "    ")
	if strings.IndexFunc(s, isHidden) < 0 {
		return s
	}
	var b strings.Builder
	for _, ch := range s {
		if isHidden(ch) {
			b.WriteString("<U+" + strings.ToUpper(pad4(strconv.FormatInt(int64(ch), 16))) + ">")
			continue
		}
		b.WriteRune(ch)
	}
	return b.String()
}

func pad4(hex string) string { return strings.Repeat("0", max(0, 4-len(hex))) + hex }

// isHidden names the characters by number, so that it does not depend on the
// version of Unicode. The joiners U+200C and U+200D stay: scripts need them.
func isHidden(ch rune) bool {
	switch {
	case ch < 0x20, 0x7F <= ch && ch <= 0x9F, ch == 0xAD, ch == 0x34F, ch == 0x61C, ch == 0x17B4, ch == 0x17B5, ch == 0x2800, ch == 0x115F, ch == 0x1160, ch == 0x3164,
		ch == 0x180E, ch == 0x200B, ch == 0x200E, ch == 0x200F, 0x2028 <= ch && ch <= 0x202E, 0x2060 <= ch && ch <= 0x206F,
		0xFE00 <= ch && ch <= 0xFE0F, ch == 0xFEFF, ch == 0xFFA0, 0xFFF0 <= ch && ch <= 0xFFFD,
		0x1BCA0 <= ch && ch <= 0x1BCA3, 0x1D173 <= ch && ch <= 0x1D17A, 0xE0000 <= ch:
		return true
	}
	return false
}
