package verdict

import (
	"strconv"
	"strings"
	"time"
)

// A lexicon is every sentence of a verdict in one language. In braces stand
// the names of what is put in. To translate a verdict, write another one.
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
	movesOrder, notShown             string
	fork                             map[HowForked]string
	forkHead, forkLeaf, forkMeaning  string
	keysVouched, keysNot             string
	notProved                        []string
	notProvedUnvouched, notProvedTLP string
}

// lexicons are the languages that a verdict can be written in.
var lexicons = map[string]lexicon{"en": {
	title:   "VERDICT ON A BUNDLE",
	preface: "What the file proves, on which keys each sentence rests, and what it does not prove. All times are in UTC; each is by the clock of the party named with it, and nobody else has dated anything. What parties wrote stands behind bars ( | ), as it was signed.",

	parties:        "PARTIES",
	records:        "RECORDS",
	cases:          "CASES",
	forks:          "TWO HISTORIES",
	rest:           "THE KEYS THAT THIS RESTS ON",
	notProvedTitle: "NOT PROVED",
	noRecords:      "The file shows no record.",

	callsItself:  "It calls itself:",
	kind:         "Describes itself as: {kind}{jurisdiction}",
	keys:         "Fingerprint of its keys: {words}",
	vouched:      "The person verifying vouches for these keys.",
	notVouched:   "Nobody vouches for these keys: they came with the file only. Compare the twelve words with {party} over a channel that you trust. Until then, read “{party}” below as “whoever holds these keys”.",
	validUntil:   "By its own profile its keys sign nothing new after {time}.",
	shares:       "Warning: {party} and {other} have a signing key in common. Whoever holds it can speak for both.",
	receiptsMean: "What its receipts mean, in its own words:",

	wrote: map[string]string{
		"appeal":      "{author} wrote this: an appeal to {audience}.",
		"acknowledge": "{author} wrote this: an acknowledgement to {audience}. To acknowledge is not to accept, to agree or to act.",
		"answer":      "{author} wrote this: an answer to {audience}.",
		"refuse":      "{author} wrote this: a refusal to {audience}.",
		"withdraw":    "{author} wrote this: a withdrawal of an appeal, for {audience}.",
		"ping":        "{author} wrote this: a test of the channel to {audience}.",
		"profile":     "{author} wrote this: a profile of itself, for {audience}.",
	},
	wroteKind:        "{author} wrote this: an appeal to {audience}, of the kind “{kind}”.",
	wroteUndisclosed: "{author} wrote this: a record for {audience}. What sort of record it is, the file does not show.",
	wroteUnknown:     "{author} wrote this: a record for {audience} of a sort that this program does not know (act: {act}). It may come from a later version.",
	public:           "the public",

	entry:         "It is entry {index} (counted from 0) of the outbox {outbox}; its leaf hash is {leaf}.",
	checkpoint:    "{author} signed that outbox at a length of {size}, this entry among them, at {time} by {author}’s own clock. It cannot change, remove or insert one of them without signing two histories.",
	authorExpired: "That is after the date until which its own profile says that its keys are valid.",
	releasedAt:    "{author} states that it released this at {time}.",

	holds:           "{by}’s node holds these bytes, by {by}’s own clock since {time} at the latest.",
	holdsIs:         "A receipt is given by a machine: it is not an acknowledgement, and does not say that a person has read anything.",
	receiverExpired: "That is after the date until which {by}’s own profile says that its keys are valid.",
	notReceived: map[NoReceipt]string{
		NoReceiptLines: "The file has no receipt of {audience} for this. It does not show that {audience}’s node holds these bytes, nor that it does not.",
		NoReceiptKeys:  "Below the checkpoint stand lines that may be a receipt of {audience}, but the file has no profile of {audience} with the keys to check them. They prove nothing.",
		NoAudience:     "It stands in a public outbox: it is addressed to nobody in particular, so there is no receipt.",
	},

	repliesHere:      "It says that it replies to entry {index} of {outbox}, and that very record is in the file.",
	repliesElsewhere: "It says that it replies to entry {index} of {outbox} (leaf hash {leaf}); the file does not have that record, so nothing is concluded about it.",
	repliesHidden:    "To which record it replies is not shown.",
	inForked:         "Warning: {author} signed two histories of this outbox (see {forks}). This record stands in one of them; in the other there may be something else in its place.",

	tlp: map[string]string{
		"clear":        "may be shown to anybody",
		"green":        "for the community of the recipients",
		"amber":        "for those in the recipients’ organisations and their clients who need to know",
		"amber+strict": "for those in the recipients’ organisations who need to know",
		"red":          "for the individual recipients only",
	},
	marked:    "Its author marked it TLP {tlp}: {meaning}.",
	notMarked: "How its author marked it (TLP) is not shown.",

	nothingShown:     "Nothing of its content is shown.",
	allShown:         "Its whole content:",
	partShown:        "Shown of its content (whether there is more, and what, cannot be told from the file):",
	unknownShown:     "Shown of its content (what it means is not judged here):",
	undisclosedShown: "Shown of its content (what it means is not judged here, because the act, or the kind of an appeal, is not shown):",
	listShown:        "{name} (shown: {shown} of {total})",
	listMore:         "… and {more} more in this file",
	cut:              "… ({total} characters in all; the JSON form of this verdict has them)",
	hidden:           "Elements of lists that are not shown: {hidden}.",

	restsVouched: "Rests on the keys of {party} ({words}), for which the person verifying vouches.",
	restsNot:     "Rests on the keys of {party} ({words}), for which nobody vouches: they came with the file only.",

	caseOpened:    "{from} addressed {what} to {to}: entry {index} of {outbox}.",
	caseAppeal:    "an appeal",
	caseKind:      "an appeal of the kind “{kind}”",
	casePing:      "a test of the channel",
	caseOther:     "a record",
	caseSubject:   "Subject, in {from}’s words:",
	caseNoTime:    "When it was released is not shown.",
	caseHeld:      "{by}’s node holds it, by {by}’s own clock since {time} at the latest.",
	caseNoReceipt: "The file does not prove that {to}’s node holds it.",
	caseNoReply:   "The file has no reply to it. It does not show that there was none.",
	moves: map[string]string{
		"acknowledge": "{by} acknowledged it, which is not to accept it",
		"answer":      "{by} gave an answer ({finality}) and states the outcome: {outcome}",
		"refuse":      "{by} refused it, with the code: {code}",
		"withdraw":    "{by} withdrew it",
	},
	moveTime:      "released at {time} as {by} states",
	moveNoTime:    "when it was released is not shown",
	moveHeld:      "{receiver}’s node holds this reply, by {receiver}’s own clock since {time} at the latest",
	moveNotHeld:   "the file does not prove that the other node holds this reply",
	moveIrregular: "This reply breaks a rule and moves nothing: {rule}.",
	movesOrder:    "The replies follow in the order of the times that their authors state.",
	notShown:      "not shown",

	fork: map[HowForked]string{
		ForkEvidence: "{author} signed two histories of the outbox {outbox}. Both of these heads bear its valid signatures, and they cannot belong to one log:",
		ForkHeads:    "{author} signed two histories of the outbox {outbox}. Both of these heads bear its valid signatures, are of one size, and differ:",
		ForkRecords:  "{author} signed two histories of the outbox {outbox}. Under these two heads, both with its valid signatures, two different records stand at entry {index}:",
	},
	forkHead:    "length {size}, root {root}, signed at {time} by {author}’s own clock",
	forkLeaf:    ", with the record of leaf hash {leaf}",
	forkMeaning: "An honest, working author never does this. It shows that the keys of {author} signed both, not why: deceit, theft of keys, or a node restored from an old backup.",

	keysVouched: "{party}: {words} (the person verifying vouches for them)",
	keysNot:     "{party}: {words} (came with the file only; nobody vouches for them)",

	notProved: []string{
		"That a person read any of it. A signed acknowledgement is the statement of a party that somebody did, and no more.",
		"That it was not also said elsewhere, or that nothing else was said: a file shows what somebody chose to put into it.",
		"That its content is true.",
		"That anything was carried out, accepted or agreed.",
		"When anything was written, other than by the clocks of the parties named.",
		"That no party set back its own clock: no witness has dated any of this.",
	},
	notProvedUnvouched: "That the keys of {party} are those of the authority of that name: nobody vouches for them.",
	notProvedTLP:       "That whoever made this file was allowed to show it: some of it is marked TLP {tlp} by its author.",
}}

// english is the verdict in plain English.
func english() *lexicon {
	l := lexicons["en"]
	return &l
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

// caseWhat says what opened a case.
func (l *lexicon) caseWhat(c CaseFinding) string {
	switch {
	case c.Act == "appeal" && c.Kind != "":
		return fill(l.caseKind, "kind", c.Kind)
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
		list = append(list, fill(sentence, "party", p.Party, "words", grouped(p.Words)))
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

// grouped shows twelve words in groups of four, as they are read aloud.
func grouped(words []string) string {
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
