package verdict

import (
	"encoding/json/jsontext"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"verbale/seal"
)

// Text gives the verdict in plain English, for a journalist or a court. What
// parties wrote stands behind bars and cannot be taken for our own words.
func (v *Verdict) Text() string { return v.written(english()) }

// TextIn is Text in one of the [Languages].
func (v *Verdict) TextIn(lang string) (string, error) {
	l := lexiconOf(lang)
	if l == nil {
		return "", fmt.Errorf("a verdict cannot be written in the language %q; known are: %s", lang, strings.Join(Languages(), ", "))
	}
	return v.written(l), nil
}

func (v *Verdict) written(l *lexicon) string {
	p := &page{l: l}
	p.line(0, p.l.title)
	p.gap()
	p.say(0, p.l.preface)
	p.gap()
	p.section(p.l.parties)
	for _, party := range v.Parties {
		p.party(party)
	}
	p.forks(v.Forks)
	p.cases(v.Cases)
	p.records(v.Records)
	p.listed(p.l.rest, p.l.restsOn(v.Parties))
	p.listed(p.l.notProvedTitle, p.l.notProvedBy(v))
	return p.b.String()
}

// A page is a text in the making.
type page struct {
	l *lexicon
	b strings.Builder
}

// indent is the step of indentation.
const indent = "   "

func (p *page) line(depth int, s string) {
	p.b.WriteString(strings.Repeat(indent, depth) + s + "\n")
}

func (p *page) gap() { p.b.WriteString("\n") }

func (p *page) section(title string) {
	p.line(0, title)
	p.gap()
}

func (p *page) listed(title string, sentences []string) {
	p.section(title)
	for _, s := range sentences {
		p.bullet("- ", s)
	}
	if title != p.l.notProvedTitle {
		p.gap()
	}
}

// bullet writes a paragraph behind a mark.
func (p *page) bullet(mark, s string) { p.wrap(mark, strings.Repeat(" ", len(mark)), s) }

// say fills a sentence and writes it as a paragraph.
func (p *page) say(depth int, sentence string, pairs ...string) {
	margin := strings.Repeat(indent, depth)
	p.wrap(margin, margin, fill(sentence, pairs...))
}

// wrap breaks prose into lines of maxLineWidth columns.
func (p *page) wrap(first, rest, prose string) {
	margin := first
	for _, l := range broken(strings.Join(strings.Fields(prose), " "), maxLineWidth-columns(first)) {
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
		for _, piece := range broken(visible(l), maxLineWidth-columns(before+bar)) {
			p.line(0, before+bar+piece)
			bar = strings.Repeat(" ", columns(bar)-2) + "| "
		}
	}
}

// broken breaks a line at spaces, or anywhere if there is none, so that every
// piece fits into so many columns. Empty lines stay.
func broken(s string, width int) []string {
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
			pieces, s = append(pieces, s[:cut]), s[cut:]
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
	case ch < 0x20, 0x7F <= ch && ch <= 0x9F, ch == 0xAD, ch == 0x61C, ch == 0x115F, ch == 0x1160, ch == 0x3164,
		ch == 0x180E, ch == 0x200B, ch == 0x200E, ch == 0x200F, 0x2028 <= ch && ch <= 0x202E, 0x2060 <= ch && ch <= 0x206F,
		ch == 0xFEFF, 0xFFF9 <= ch && ch <= 0xFFFD, 0xE0000 <= ch:
		return true
	}
	return false
}

func (p *page) party(f PartyFinding) {
	p.line(0, f.Party)
	p.say(1, p.l.callsItself)
	p.quote(2, "", f.Title)
	jurisdiction := ""
	if f.Jurisdiction != "" {
		jurisdiction = ", " + f.Jurisdiction
	}
	p.say(1, p.l.kind, "kind", p.l.word("party_kind", f.PartyKind), "jurisdiction", jurisdiction)
	p.say(1, p.l.keys, "words", grouped(f.Words))
	if f.Vouched {
		p.say(1, p.l.vouched)
	} else {
		p.say(1, p.l.notVouched, "party", f.Party)
	}
	p.say(1, p.l.validUntil, "time", at(f.KeysValidUntil))
	for _, other := range f.SharesKeysWith {
		p.say(1, p.l.shares, "party", f.Party, "other", other)
	}
	p.say(1, p.l.receiptsMean)
	p.quote(2, "", f.ReceiptStatement)
	p.gap()
}

func (p *page) records(list []RecordFinding) {
	p.section(p.l.records)
	if len(list) == 0 {
		p.say(0, p.l.noRecords)
	}
	for i, r := range list {
		p.record(i+1, r)
	}
}

func (p *page) record(n int, r RecordFinding) {
	p.bullet(itoa(n)+". ", p.wrote(r))
	p.say(1, p.l.entry, "index", itoa(r.Index), "outbox", r.Outbox, "leaf", r.Leaf)
	p.say(1, p.l.checkpoint, "author", r.Author, "size", itoa(r.Checkpoint.Size), "time", at(r.Checkpoint.Time))
	if r.Checkpoint.KeysExpired {
		p.say(1, p.l.authorExpired)
	}
	if !r.ReleasedAt.IsZero() {
		p.say(1, p.l.releasedAt, "author", r.Author, "time", at(r.ReleasedAt))
	}
	p.received(r)
	p.repliesTo(r)
	if r.InForkedOutbox {
		p.say(1, p.l.inForked, "author", r.Author, "forks", p.l.forks)
	}
	p.marking(r)
	p.content(r)
	p.restsOn(r.RestsOn)
	p.gap()
}

func (p *page) wrote(r RecordFinding) string {
	audience := r.Audience
	if r.NotReceived == NoAudience {
		audience = p.l.public
	}
	sentence := p.l.wrote[r.Act]
	switch {
	case r.Shown == UnknownAct:
		sentence = p.l.wroteUnknown
	case sentence == "":
		sentence = p.l.wroteUndisclosed
	case r.Kind != "":
		sentence = p.l.wroteKind
	}
	act := r.Act
	if r.Kind != "" {
		act += " / " + r.Kind
	}
	return fill(sentence, "author", r.Author, "audience", audience, "kind", p.l.word("kind", r.Kind), "act", act)
}

func (p *page) received(r RecordFinding) {
	if r.Received == nil {
		p.say(1, p.l.notReceived[r.NotReceived], "audience", r.Audience)
		return
	}
	p.say(1, p.l.holds, "by", r.Received.By, "time", at(r.Received.At))
	p.say(1, p.l.holdsIs)
	if r.Received.KeysExpired {
		p.say(1, p.l.receiverExpired, "by", r.Received.By)
	}
}

func (p *page) repliesTo(r RecordFinding) {
	if r.RepliesTo == nil {
		if p.l.moves[r.Act] != "" {
			p.say(1, p.l.repliesHidden)
		}
		return
	}
	sentence := p.l.repliesElsewhere
	if r.RepliesTo.InBundle {
		sentence = p.l.repliesHere
	}
	p.say(1, sentence, "index", itoa(r.RepliesTo.Index), "outbox", r.RepliesTo.Outbox, "leaf", r.RepliesTo.Leaf)
}

func (p *page) marking(r RecordFinding) {
	if r.TLP == "" {
		p.say(1, p.l.notMarked)
		return
	}
	p.say(1, p.l.marked, "tlp", strings.ToUpper(r.TLP), "meaning", p.l.tlp[r.TLP])
}

// content shows the fields.
func (p *page) content(r RecordFinding) {
	switch {
	case len(r.Fields) == 0:
		p.say(1, p.l.nothingShown)
		return
	case r.Full:
		p.say(1, p.l.allShown)
	case r.Shown == UnknownAct:
		p.say(1, p.l.unknownShown)
	case r.Shown == UndisclosedAs:
		p.say(1, p.l.undisclosedShown)
	default:
		p.say(1, p.l.partShown)
	}
	for _, f := range r.Fields {
		if words := keyWords(r, f); words != "" {
			p.say(2, p.l.keys, "words", words)
			continue
		}
		p.field(r, f)
	}
	if r.Hidden > 0 {
		p.say(1, p.l.hidden, "hidden", itoa(r.Hidden))
	}
}

// keyWords gives the fingerprint words of the keys in a profile, which people
// can compare, in place of thousands of characters, which they cannot.
func keyWords(r RecordFinding, f Field) string {
	if r.Act != "profile" || r.Shown != Interpreted || f.Name != "keys" {
		return ""
	}
	keys, err := seal.ParseKeys(f.Value)
	if err != nil {
		return ""
	}
	return grouped(seal.Words(r.Author, keys))
}

// field shows a field behind its name. Where it is not known what the record
// is, nor is what its fields mean.
func (p *page) field(r RecordFinding, f Field) {
	name, lists := f.Name, r.Lists
	if r.Shown == Interpreted {
		name = p.l.name(f.Name, r.Fields.text(f.Name))
	}
	i := slices.IndexFunc(lists, func(l ListFinding) bool { return l.Name == f.Name })
	if i < 0 {
		p.value(name, f.Value)
		return
	}
	p.say(2, p.l.listShown, "name", name, "shown", itoa(len(lists[i].Shown)), "total", itoa(lists[i].Total))
	for n, v := range elements(f.Value) {
		if n == maxTextList {
			p.say(2, p.l.listMore, "more", itoa(len(lists[i].Shown)-n))
			break
		}
		p.value(f.Name+"["+itoa(lists[i].Shown[n])+"]", v)
	}
}

// value shows a value, or the beginning of one that is very long.
func (p *page) value(name string, v jsontext.Value) {
	const depth = 2
	s := plain(v)
	if len(s) <= maxTextValue {
		p.quote(depth, name, s)
		return
	}
	p.quote(depth, name, strings.ToValidUTF8(s[:maxTextValue], ""))
	p.say(depth, p.l.cut, "total", itoa(utf8.RuneCountInString(s)))
}

// plain shows a value for people: a text as it is, an object member by
// member, anything else as JSON.
func plain(v jsontext.Value) string {
	switch v.Kind() {
	case '"':
		b, err := jsontext.AppendUnquote(nil, v)
		if err == nil {
			return string(b)
		}
	case '{':
		var lines []string
		for name, value := range members(v) {
			if value.Kind() == '{' || value.Kind() == '[' {
				lines = append(lines, name+": "+string(value))
				continue
			}
			lines = append(lines, name+": "+strings.ReplaceAll(plain(value), "\n", " "))
		}
		return strings.Join(lines, "\n")
	}
	return string(v)
}

func (p *page) restsOn(list []Basis) {
	for _, b := range list {
		sentence := p.l.restsNot
		if b.Vouched {
			sentence = p.l.restsVouched
		}
		p.say(1, sentence, "party", b.Party, "words", grouped(strings.Fields(b.Words)))
	}
}

func (p *page) forks(list []ForkFinding) {
	if len(list) == 0 {
		return
	}
	p.section(p.l.forks)
	for i, f := range list {
		p.bullet(itoa(i+1)+". ", fill(p.l.fork[f.How], "author", f.Author, "outbox", f.Outbox, "index", itoa(f.place())))
		for _, h := range []ForkHead{f.A, f.B} {
			sentence := p.l.forkHead
			if h.Leaf != "" {
				sentence += p.l.forkLeaf
			}
			p.bullet("   - ", fill(sentence+".", "size", itoa(h.Size), "root", h.Root, "time", at(h.Time), "author", f.Author, "leaf", h.Leaf))
		}
		p.say(1, p.l.forkMeaning, "author", f.Author)
		p.restsOn(f.RestsOn)
		p.gap()
	}
}

func (p *page) cases(list []CaseFinding) {
	if len(list) == 0 {
		return
	}
	p.section(p.l.cases)
	for i, c := range list {
		p.oneCase(i+1, c)
	}
}

func (p *page) oneCase(n int, c CaseFinding) {
	what := p.l.caseWhat(c)
	p.bullet(itoa(n)+". ", fill(p.l.caseOpened, "from", c.From, "to", c.To, "what", what, "index", itoa(c.Index), "outbox", c.Outbox))
	if c.Subject != "" {
		p.say(1, p.l.caseSubject, "from", c.From)
		p.quote(2, "", c.Subject)
	}
	p.caseTimes(c)
	if len(c.Moves) == 0 {
		p.say(1, p.l.caseNoReply)
	} else if len(c.Moves) > 1 {
		p.say(1, p.l.movesOrder)
	}
	for _, m := range c.Moves {
		p.move(m)
	}
	p.restsOn(c.RestsOn)
	p.gap()
}

func (p *page) caseTimes(c CaseFinding) {
	if c.ReleasedAt.IsZero() {
		p.say(1, p.l.caseNoTime)
	} else {
		p.say(1, p.l.releasedAt, "author", c.From, "time", at(c.ReleasedAt))
	}
	if c.Received != nil {
		p.say(1, p.l.caseHeld, "by", c.Received.By, "time", at(c.Received.At))
	} else {
		p.say(1, p.l.caseNoReceipt, "to", c.To)
	}
}

func (p *page) move(m MoveFinding) {
	shown := func(field, word string) string {
		if word == "" {
			return p.l.notShown
		}
		return p.l.word(field, word)
	}
	_, receiver := m.parties()
	s := fill(p.l.moves[m.Act], "by", m.By,
		"finality", shown("finality", m.Finality), "outcome", shown("outcome", m.Outcome), "code", shown("code", m.Code)) +
		"; " + p.moveTime(m) + "; "
	if m.Received != nil {
		s += fill(p.l.moveHeld, "receiver", m.Received.By, "time", at(m.Received.At))
	} else {
		s += fill(p.l.moveNotHeld, "receiver", receiver)
	}
	s += "."
	if m.Irregular != "" {
		s += " " + fill(p.l.moveIrregular, "rule", p.l.rule(m.Irregular))
	}
	p.bullet("   - ", s)
}

func (p *page) moveTime(m MoveFinding) string {
	if m.ReleasedAt.IsZero() {
		return p.l.moveNoTime
	}
	return fill(p.l.moveTime, "time", at(m.ReleasedAt), "by", m.By)
}
