package verdict

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A lexicon is every sentence of a verdict in one language. In braces stand
// the names of what is put in. To translate a verdict, write another one in a
// file of its own and name it in languages; the tests say what is missing.
//
// Wording is the point of this room. "Wrote" is said of the holder of a key;
// "holds" of a node; "acknowledged" only of the signed act; "states" of what
// nobody but the author vouches for. Nothing is ever "delivered" or "OK".
type lexicon struct {
	title, preface                   string
	parties, records, cases          string
	forks, rest, notProvedTitle      string
	noRecords                        string
	callsItself, kind, keys          string
	vouched, notVouched, validUntil  string
	shares, receiptsMean             string
	wrote                            map[string]string // by act
	wroteKind, wroteUndisclosed      string
	wroteUnknown, public             string
	entry, checkpoint                string
	authorExpired, releasedAt        string
	holds, holdsIs, receiverExpired  string
	notReceived                      map[NoReceipt]string
	repliesHere, repliesElsewhere    string
	repliesHidden                    string
	inForked                         string
	tlp                              map[string]string
	marked, notMarked                string
	class                            map[string]string // by word
	classHidden, kindHidden          string
	finalityHidden                   string
	nothingShown, allShown           string
	partShown, unknownShown          string
	undisclosedShown                 string
	listShown, listMore              string
	hidden                           string
	restsVouched, restsNot           string
	caseOpened, caseSubject          string
	caseAppeal, caseKind, casePing   string
	caseOther, cut                   string
	caseNoTime, caseHeld             string
	caseNoReceipt, caseNoReply       string
	moves                            map[string]string // by act
	moveTime, moveNoTime, moveHeld   string
	moveNotHeld, moveIrregular       string
	irregular                        map[string]string // by what MoveFinding.Irregular says
	movesOrder, notShown             string
	fork                             map[HowForked]string
	forkHead, forkLeaf, forkMeaning  string
	twoFaces, vouchedNotHere         string
	keysVouched, keysNot             string
	notProved                        []string
	notProvedUnvouched, notProvedTLP string

	// What the names of fields, and the words that fields can hold, mean in
	// this language. A gloss stands in parentheses behind what was signed,
	// never in place of it, and never behind a bar.
	fields map[string]string
	words  map[string]map[string]string // by field
}

// languages are those that a verdict can be written in.
var languages = []map[string]lexicon{wordsEN, wordsIT}

// Languages names the languages that [Verdict.TextIn] knows, in order.
func Languages() []string {
	var names []string
	for _, table := range languages {
		names = slices.AppendSeq(names, maps.Keys(table))
	}
	slices.Sort(names)
	return names
}

// lexiconOf returns the words of a language, nil if there are none.
func lexiconOf(lang string) *lexicon {
	for _, table := range languages {
		if l, ok := table[lang]; ok {
			return &l
		}
	}
	return nil
}

// english is the language of Text, and of the sentences in the JSON.
func english() *lexicon { return lexiconOf("en") }

// word shows a word of the protocol with its gloss.
func (l *lexicon) word(field, word string) string {
	if gloss := l.words[field][word]; gloss != "" {
		return word + " (" + gloss + ")"
	}
	return word
}

// name shows the name of a field with the gloss of it, and of its value if
// that is a word.
func (l *lexicon) name(field, value string) string {
	gloss := l.fields[field]
	if gloss == "" {
		return field
	}
	if meaning := l.words[field][value]; meaning != "" {
		gloss += ": " + meaning
	}
	return field + " (" + gloss + ")"
}

// rule says which rule a reply breaks.
func (l *lexicon) rule(irregular string) string {
	if s := l.irregular[irregular]; s != "" {
		return s
	}
	return irregular
}

// fill puts values into a sentence: pairs of a name and a value. What is put
// in is never looked at again.
func fill(sentence string, pairs ...string) string {
	var b strings.Builder
	for {
		before, rest, ok := strings.Cut(sentence, "{")
		b.WriteString(before)
		if !ok {
			return b.String()
		}
		name, after, _ := strings.Cut(rest, "}")
		for i := 0; i+1 < len(pairs); i += 2 {
			if pairs[i] == name {
				b.WriteString(pairs[i+1])
			}
		}
		sentence = after
	}
}

// classOf says how its author marked a record; a ping is a test by the rules.
func (l *lexicon) classOf(act, class string) string {
	switch s := l.class[class]; {
	case s != "":
		return s
	case act == "ping":
		return ""
	}
	return l.classHidden
}

// caseWhat says what opened a case.
func (l *lexicon) caseWhat(c CaseFinding) string {
	switch {
	case c.Act == "appeal" && c.Kind != "":
		return fill(l.caseKind, "kind", l.word("kind", c.Kind))
	case c.Act == "appeal":
		return l.caseAppeal
	case c.Act == "ping":
		return l.casePing
	}
	return l.caseOther
}

// restsOn names all keys of the verdict.
func (l *lexicon) restsOn(parties []PartyFinding) []string {
	var list []string
	for _, p := range parties {
		sentence := l.keysNot
		if p.Vouched {
			sentence = l.keysVouched
		}
		list = append(list, fill(sentence, "party", p.Party, "words", WordGroups(p.Words)))
	}
	return list
}

// notProvedBy lists what nobody may conclude (B-9).
func (l *lexicon) notProvedBy(v *Verdict) []string {
	list := append([]string(nil), l.notProved...)
	for _, p := range v.Parties {
		if !p.Vouched {
			list = append(list, fill(l.notProvedUnvouched, "party", p.Party))
		}
	}
	if tlp := strictest(v.Records); tlp != "" {
		list = append(list, fill(l.notProvedTLP, "tlp", strings.ToUpper(tlp)))
	}
	return list
}

// strictest returns the strictest marking shown that restricts anything.
func strictest(records []RecordFinding) string {
	order := []string{"", "green", "amber", "amber+strict", "red"}
	most := 0
	for _, r := range records {
		for i, tlp := range order {
			if r.TLP == tlp {
				most = max(most, i)
			}
		}
	}
	return order[most]
}

// WordGroups shows the twelve words of a fingerprint in groups of four, as they are read over the phone.
func WordGroups(words []string) string {
	var b strings.Builder
	for i, w := range words {
		switch {
		case i == 0:
		case i%4 == 0:
			b.WriteString(" / ")
		default:
			b.WriteString(" ")
		}
		b.WriteString(w)
	}
	return b.String()
}

// at writes a time: absolute, in UTC, for people.
func at(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }

func itoa[T int | int64](n T) string { return strconv.FormatInt(int64(n), 10) }
