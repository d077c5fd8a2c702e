package verdict

import (
	"encoding/json/jsontext"
	"fmt"
	"slices"
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
	p.say(0, p.l.prefaceOf(v))
	p.gap()
	p.section(p.l.parties)
	for _, party := range v.Parties {
		p.party(party, v.several(party.Party))
	}
	p.keyChanges(v.KeyChanges)
	p.forks(v.Forks)
	p.takenBack(v.TakenBack)
	p.clocks(v.Clocks)
	p.cases(v.Cases)
	p.records(v.Records)
	p.channel(v.Channel)
	rest := p.l.restsOn(v)
	for _, party := range v.VouchedNotHere {
		rest = append(rest, fill(p.l.vouchedNotHere, "party", party))
	}
	p.listed(p.l.rest, rest)
	p.listed(p.l.notProvedTitle, p.l.notProvedBy(v))
	return p.b.String()
}

// A page is a text in the making.
type page struct {
	l      *lexicon
	b      strings.Builder
	quoted int // lines behind bars
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

// several reports whether a party has more than one set of keys here.
func (v *Verdict) several(party string) bool {
	n := 0
	for _, p := range v.Parties {
		if p.Party == party {
			n++
		}
	}
	return n > 1
}

func (p *page) party(f PartyFinding, several bool) {
	p.line(0, f.Party)
	if several || f.Generation > 1 {
		p.say(1, p.l.generation, "generation", itoa(f.Generation))
	}
	p.say(1, p.l.callsItself)
	p.quote(2, "", f.Title)
	jurisdiction := ""
	if f.Jurisdiction != "" {
		jurisdiction = ", " + f.Jurisdiction
	}
	p.say(1, p.l.kind, "kind", p.l.word("party_kind", f.PartyKind), "jurisdiction", jurisdiction)
	p.say(1, p.l.keys, "words", WordGroups(f.Words))
	switch {
	case f.Vouched:
		p.say(1, p.l.vouched)
	case f.Linked:
		p.say(1, p.l.linked, "changes", p.l.changes)
	default:
		p.say(1, p.l.notVouched, "party", f.Party)
	}
	if f.Apart {
		p.say(1, p.l.apart, "party", f.Party)
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
	p.meaning(r)
	p.say(1, p.l.entry, "index", itoa(r.Index), "outbox", r.Outbox, "leaf", r.Leaf)
	p.say(1, p.l.checkpoint, "author", r.Author, "size", itoa(r.Checkpoint.Size), "time", at(r.Checkpoint.Time))
	if r.Checkpoint.KeysExpired {
		p.say(1, p.l.authorExpired)
	}
	if !r.ReleasedAt.IsZero() {
		p.say(1, p.l.releasedAt, "author", r.Author, "time", at(r.ReleasedAt))
	}
	p.received(r)
	p.lodged(r)
	p.dated(r)
	p.standing(r.OldKeys, r.Author, p.l.thisRecord)
	p.repliesTo(r)
	for _, name := range r.TwoFaces {
		p.say(1, p.l.twoFaces, "author", r.Author, "name", name)
	}
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
	if r.State != "" {
		p.say(1, p.l.state[r.State], "author", r.Author, "audience", r.Audience)
	}
	if r.Received == nil {
		p.say(1, p.l.notReceived[r.NotReceived], "audience", r.Audience)
		return
	}
	p.say(1, p.l.holds, "by", r.Received.By, "time", at(r.Received.At))
	p.say(1, p.l.holdsIs)
	if r.Received.KeysExpired {
		p.say(1, p.l.receiverExpired, "by", r.Received.By)
	}
	p.receiptDated(r.Received)
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

// meaning says what decides how a record is to be read, and whether that is
// not shown: nobody may pass off a test as an appeal by leaving out its class.
func (p *page) meaning(r RecordFinding) {
	if r.Act == "appeal" && r.Kind == "" {
		p.say(1, p.l.kindHidden)
	}
	if r.Act == "answer" && r.Fields.text("finality") == "" {
		p.say(1, p.l.finalityHidden)
	}
	if r.Act == "accept" && r.Fields.text("extent") == "" {
		p.say(1, p.l.extentHidden)
	}
	if s := p.l.classOf(r.Act, r.Class); s != "" {
		p.say(1, s)
	}
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
	if r.Act != "profile" || r.Shown != Interpreted || f.Name != "keys" || r.Fields.text("party") != r.Author {
		return ""
	}
	keys, err := seal.ParseKeys(f.Value)
	if err != nil {
		return ""
	}
	return WordGroups(seal.Words(r.Author, keys))
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

// value shows a value, or the beginning of one that is very long, or that
// comes when very much is shown already.
func (p *page) value(name string, v jsontext.Value) {
	const depth = 2
	s, most := plain(v), maxTextValue
	if p.quoted > maxTextLines {
		most = maxBrief
	}
	if len(s) <= most {
		p.quote(depth, name, s)
		return
	}
	first := strings.ToValidUTF8(s[:most], "")
	if most == maxBrief {
		first, _, _ = strings.Cut(first, "\n")
	}
	p.quote(depth, name, first)
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
		switch {
		case b.Vouched:
			sentence = p.l.restsVouched
		case b.Linked:
			sentence = p.l.restsLinked
		}
		p.say(1, sentence, "party", b.Party, "words", WordGroups(strings.Fields(b.Words)))
	}
}
