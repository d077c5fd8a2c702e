package verdict

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"verbale/seal"
)

// A lexicon is every sentence of a verdict in one language. In braces stand
// the names of what is put in. To translate a verdict, write another one in a
// file of its own and name it in languages; the tests say what is missing.
//
// Wording is the point of this room. "Wrote" is said of the holder of a key;
// "holds" of a node; "acknowledged" only of the signed act; "states" of what
// nobody but the author vouches for. Nothing is ever "delivered" or "OK".
type lexicon struct {
	title, preface, prefaceDated     string
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
	caseProposal, caseOther, cut     string
	caseNoTime, caseHeld             string
	caseNoReceipt, caseNoReply       string
	moves                            map[string]string // by act
	stands                           string            // in which stands one of statuses
	statuses                         map[Status]string
	standsHidden, redirectedAway     string
	bothSigned, inForce, inForceOpen string // of an arrangement
	inForceHidden, oneSigned         string
	bothWithdrawn                    string
	extentHidden                     string
	agreed, declined                 string // of an arrangement; of conditions they are moves
	moveTime, moveNoTime, moveHeld   string
	moveNotHeld, moveIrregular       string
	moveAbout, moveAboutNotHere      string
	irregular                        map[string]string // by what MoveFinding.Irregular says
	movesOrder, notShown             string
	fork                             map[HowForked]string
	forkHead, forkLeaf, forkMeaning  string
	twoFaces, vouchedNotHere         string
	keysVouched, keysNot, keysLinked string

	// Of relays, dates, clocks and beats (B-13 to B-16).
	state                        map[State]string
	designated, notDesignated    string
	receiptDated                 string
	pending                      string
	notAfter, notAfterPublic     string
	notBefore, notBeforeAhead    string
	backdated                    string
	dateVouched, dateNot         string
	caseLodged, caseDated        string
	caseBackdated, moveBackdated string
	moveOldKeys                  string
	clocksTitle                  string
	clock                        map[ClockStatement]string
	channelTitle, beats          string
	beatsMean, sizes             map[Role]string
	beatsClock                   string
	takenBackTitle, twoHeads     string
	takenBack                    map[Role]string
	statement                    map[StatementKind]string
	takenBackMeans               string
	witnessVouched, witnessNot   string

	// Of several keys of a party (B-17, B-18).
	generation, linked, apart           string
	restsLinked                         string
	changes, change, changeNotShown     string
	oldWords, newWords                  string
	keysHere, keysNotHere               string
	authorized, problem                 map[string]string
	saidByNew, notSaidByNew, rival      string
	compromise, hollow                  string
	changeDated, changePending          string
	followsNew                          map[string]string // by who authorized
	followsOld                          string
	oldKeys                             map[Standing]string
	thisRecord, thisReceipt, theseBeats string
	thisFinding                         string

	// What nobody may conclude (B-9): always; when nothing is dated; when
	// something is; and in the cases named.
	notProved                        []string
	notProvedUndated, notProvedDated []string
	notProvedNow                     string
	notProvedBeats, notProvedStolen  string
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

// classOf says how its author marked a record; a ping is a test by the rules,
// and heads are about no matter.
func (l *lexicon) classOf(act, class string) string {
	switch s := l.class[class]; {
	case s != "":
		return s
	case act == "ping", act == "heads":
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
	case c.Act == "arrangement":
		return l.caseProposal
	}
	return l.caseOther
}

// prefaceOf says by whose clocks the times are.
func (l *lexicon) prefaceOf(v *Verdict) string {
	if len(v.Witnesses) > 0 {
		return l.prefaceDated
	}
	return l.preface
}

// restsOn names all keys of the verdict.
func (l *lexicon) restsOn(v *Verdict) []string {
	var list []string
	for _, p := range v.Parties {
		sentence := l.keysNot
		switch {
		case p.Vouched:
			sentence = l.keysVouched
		case p.Linked:
			sentence = l.keysLinked
		}
		list = append(list, fill(sentence, "party", p.Party, "words", WordGroups(p.Words)))
	}
	for _, w := range v.Witnesses {
		sentence := l.witnessNot
		if w.Vouched {
			sentence = l.witnessVouched
		}
		list = append(list, fill(sentence, "key", visible(keyPrefix(w.Key))))
	}
	return list
}

// notProvedBy lists what nobody may conclude (B-9).
func (l *lexicon) notProvedBy(v *Verdict) []string {
	list := slices.Clone(l.notProved)
	if slices.ContainsFunc(v.Records, func(r RecordFinding) bool { return r.NotAfter != nil }) {
		list = append(list, l.notProvedDated...)
	} else {
		list = append(list, l.notProvedUndated...)
	}
	list = append(list, l.notProvedNow)
	if len(v.Channel) > 0 {
		list = append(list, l.notProvedBeats)
	}
	for i, c := range v.KeyChanges {
		stolen := func(c KeyChangeFinding) bool { return c.Authorized && c.Reason == seal.Compromise }
		if stolen(c) && !slices.ContainsFunc(v.KeyChanges[:i], func(o KeyChangeFinding) bool { return stolen(o) && o.Party == c.Party }) {
			list = append(list, fill(l.notProvedStolen, "party", c.Party))
		}
	}
	for i, p := range v.Parties {
		if !p.Vouched && !p.Linked && (i == 0 || v.Parties[i-1].Party != p.Party) {
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
