package node

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Advice is one thing that is wrong on a link, and what to do about it.
type Advice struct {
	Wrong string `json:"wrong"`
	Do    string `json:"do"`
}

// A diagnosis looks for one fault in what a link's page says. The zero Advice: there is none.
type diagnosis struct {
	checks string // what was looked at, for when nothing is wrong
	find   func(l LinkStatus) Advice
}

// diagnoses lists all, the most urgent first: what proves bad faith, what stops us, what stops them, what is slow.
func diagnoses() []diagnosis {
	return []diagnosis{
		{"words compared", unconfirmed},
		{"no second history", twoHistories},
		{"outbox open", stoppedOutbox},
		{"outbox open", uncheckedOutbox},
		{"keys", newKeysWait},
		{"keys", keysEnding},
		{"pushes", heldPushes},
		{"pushes", leftOver},
		{"suspension", suspendedLink},
		{"suspension", suspendedTooLong},
		{"receipts", waiting},
		{"contact", noContact},
		{"clocks", clocksApart},
		{"our deadlines", weAreLate},
		{"their deadlines", theyAreLate},
		{"tallies", talliesDiffer},
		{"tallies", tallyUnanswered},
		{"pings", pingsMissed},
		{"datings", undated},
		{"keys", newKeysNotCompared},
	}
}

// Diagnose says what is wrong with a link and what to do, the most urgent first, and what was looked at. It goes by the page's own time, and
// by nothing that is not in it.
func Diagnose(l LinkStatus) (wrong []Advice, checked []string) {
	wrong = []Advice{}
	if !l.Confirmed {
		return append(wrong, unconfirmed(l)), []string{}
	}
	for _, d := range diagnoses() {
		if a := d.find(l); a.Wrong != "" {
			wrong = append(wrong, a)
		}
		if !slices.Contains(checked, d.checks) {
			checked = append(checked, d.checks)
		}
	}
	return wrong, checked
}

func unconfirmed(l LinkStatus) (a Advice) {
	if !l.Confirmed {
		a = Advice{"the words of their profile were not compared: nothing passes", "compare the twelve words over the phone, then: verbale link confirm " + l.Party}
	}
	return a
}

func twoHistories(l LinkStatus) (a Advice) {
	if l.Evidence > 0 {
		a = Advice{fmt.Sprintf("signed evidence against a side of this link is kept (%d)", l.Evidence), "verbale evidence list; tell your superiors before anything else"}
	}
	return a
}

func stoppedOutbox(l LinkStatus) (a Advice) {
	if l.Stopped != "" {
		a = Advice{"our outbox is stopped: " + l.Stopped, `file nothing more to this peer; see docs/operator.md, "an outbox is stopped"; if this is an old copy: verbale recover --from-peer ` + l.Party}
	}
	return a
}

func uncheckedOutbox(l LinkStatus) (a Advice) {
	if l.Unchecked != "" {
		a = Advice{l.Unchecked, "see that one of those who hold a copy can be reached; they are asked again by themselves"}
	}
	return a
}

func keysEnding(l LinkStatus) (a Advice) {
	what, do, found := strings.Cut(l.Warning, ": ")
	if found {
		a = Advice{what, do}
	}
	return a
}

func newKeysWait(l LinkStatus) (a Advice) {
	if l.KeyChange != nil && l.KeyChange.Waits {
		a = Advice{"they have new keys (" + l.KeyChange.Reason + "), by the word of their recovery key alone: nothing is sent before the words are compared",
			"compare the twelve new words over the phone, then: verbale link confirm " + l.Party}
	}
	return a
}

func newKeysNotCompared(l LinkStatus) (a Advice) {
	if c := l.KeyChange; c != nil && !c.Waits && !c.Compared {
		a = Advice{"they have new keys since " + day(c.EffectiveAt) + ", by their old ones; nobody here has compared the words",
			"at the next occasion compare the twelve new words, then: verbale link confirm " + l.Party}
	}
	return a
}

func leftOver(l LinkStatus) (a Advice) {
	if l.LeftOver != "" {
		a = Advice{"they will not take any more what was signed with old keys of ours: " + l.LeftOver, "file again what still matters: verbale appeal list --with " + l.Party + " --status sent"}
	}
	return a
}

func heldPushes(l LinkStatus) (a Advice) {
	if l.Held != "" {
		a = Advice{"they refused a push, and pushes are held: " + l.Held, "mend what the reason says, then: verbale link retry " + l.Party}
	}
	return a
}

func suspendedLink(l LinkStatus) (a Advice) {
	if l.Page == nil {
		return a
	}
	stranded := ""
	if n := l.Page.Stranded; n > 0 {
		stranded = fmt.Sprintf("; stranded: %d", n)
	}
	switch {
	case l.Suspended != nil && l.SuspendedBy != nil:
		a = Advice{"both sides have suspended the link, we since " + day(l.Suspended.Since) + ", they since " + day(l.SuspendedBy.Since) + stranded,
			"ours ends with: verbale link resume " + l.Party + "; theirs only they can end"}
	case l.Suspended != nil:
		a = Advice{"we have suspended the link since " + day(l.Suspended.Since) + stranded, "verbale link resume " + l.Party + " takes it up again"}
	case l.SuspendedBy != nil:
		a = Advice{"they have suspended the link since " + day(l.SuspendedBy.Since) + stranded, "go on filing: it waits here, and goes by itself after their resume"}
	}
	return a
}

func suspendedTooLong(l LinkStatus) (a Advice) {
	if l.Page == nil {
		return a
	}
	over := func(s *Suspension) bool { return s != nil && !s.Until.IsZero() && l.Page.At.After(s.Until) }
	switch {
	case over(l.Suspended):
		a = Advice{"our suspension was announced until " + day(l.Suspended.Until) + ", and still holds", "verbale link resume " + l.Party + ", or say on the record that it goes on: resume, and suspend anew"}
	case over(l.SuspendedBy):
		a = Advice{"their suspension was announced until " + day(l.SuspendedBy.Until) + ", and still holds", "telephone them, then: verbale link retry " + l.Party}
	}
	return a
}

func waiting(l LinkStatus) (a Advice) {
	if l.Page == nil || l.Page.Oldest == nil || l.SuspendedBy != nil || l.Held != "" || l.Stopped != "" {
		return a
	}
	since := l.Page.At.Sub(l.Page.Oldest.ReleasedAt)
	if since < ReceiptWithin {
		return a
	}
	a.Wrong = fmt.Sprintf("records of ours without a receipt: %d; the oldest was sent %s ago, not received", l.Sent-l.Receipted, roughly(since))
	if l.Lodged > l.Receipted {
		with := l.Relay
		if with == "" { // it is no longer designated, or its keys have expired
			with = "their relay of then"
		}
		a.Wrong += fmt.Sprintf("; lodged with %s: %d", with, min(l.Lodged, l.Sent)-l.Receipted)
	}
	a.Do = "see that verbale serve runs here, then telephone them"
	if l.LastAttempt != "" && l.LastAttempt != "reached" {
		a.Do += "; the last attempt failed: " + l.LastAttempt
	}
	return a
}

func noContact(l LinkStatus) (a Advice) {
	beat, err := time.Parse(time.RFC3339, l.BeatAt)
	if l.Page == nil || err != nil {
		return a
	}
	if since := l.Page.At.Sub(beat); since > ContactWithin {
		a = Advice{fmt.Sprintf("nothing was heard of their node for %s", roughly(since)), "see that verbale serve runs here; then telephone them, on a number that you already had"}
	}
	return a
}

func clocksApart(l LinkStatus) (a Advice) {
	if l.Clock != "" {
		a = Advice{l.Clock, "compare both clocks with the true time, and set the one that is wrong"}
	}
	return a
}

func weAreLate(l LinkStatus) (a Advice) {
	if l.Page != nil && l.Page.Received.Late > 0 {
		a = Advice{fmt.Sprintf("%s of theirs past the deadline: it is our turn", appeals(l.Page.Received.Late)), "verbale appeal list --with " + l.Party + " --turn ours"}
	}
	return a
}

func theyAreLate(l LinkStatus) (a Advice) {
	if l.Page != nil && l.Page.Sent.Late > 0 {
		a = Advice{fmt.Sprintf("%s of ours past the deadline: it is their turn", appeals(l.Page.Sent.Late)), "verbale appeal list --with " + l.Party + " --turn theirs; telephone them"}
	}
	return a
}

func talliesDiffer(l LinkStatus) (a Advice) {
	if l.Page == nil || len(l.Page.Differs) == 0 {
		return a
	}
	last := slices.Max(l.Page.Differs)
	return Advice{"the sides count differently: " + strings.Join(l.Page.Differs, ", "), "verbale tally show " + l.Party + " --month " + last}
}

func tallyUnanswered(l LinkStatus) (a Advice) {
	if l.Page == nil || l.Page.Tally == nil {
		return a
	}
	t := l.Page.Tally
	if t.Ours && t.TheySay == "" && !t.ReceivedAt.IsZero() && l.Page.At.Sub(t.ReceivedAt) > AnswerWithin {
		a = Advice{fmt.Sprintf("they received our tally of %s %s ago and have not answered it", t.Period, roughly(l.Page.At.Sub(t.ReceivedAt))),
			"telephone them: their node does it by itself; that they do not is on record"}
	}
	return a
}

func pingsMissed(l LinkStatus) (a Advice) {
	if l.Page == nil || l.Page.Pings.Missed == 0 || l.Suspended != nil || l.SuspendedBy != nil {
		return a
	}
	return Advice{fmt.Sprintf("pings of ours that are not acknowledged: %d, the oldest for %s", l.Page.Pings.Missed, roughly(l.Page.At.Sub(l.Page.Pings.Since))),
		"their node acknowledges pings by itself while it runs: telephone them"}
}

func undated(l LinkStatus) (a Advice) {
	if l.Page == nil {
		return a
	}
	missing := func(f Flow, receipted int64) bool {
		return f.Dated != nil && *f.Dated < receipted && l.Page.At.Sub(f.LastReceiptAt) > DatedWithin
	}
	if missing(l.Page.Sent, l.Receipted) || missing(l.Page.Received, l.ReceivedOf) {
		a = Advice{"no witness dates the newest records of this link yet", "nothing is lost, only the proof of the time is pending; see that the witnesses can be reached from here"}
	}
	return a
}

func appeals(n int) string {
	if n == 1 {
		return "1 appeal"
	}
	return fmt.Sprintf("%d appeals", n)
}

// day is a time as a sentence takes it.
func day(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }

// roughly is a duration in its largest unit.
func roughly(d time.Duration) string {
	switch {
	case d >= 48*time.Hour:
		return fmt.Sprintf("%d d", int(d/(24*time.Hour)))
	case d >= 2*time.Hour:
		return fmt.Sprintf("%d h", int(d/time.Hour))
	case d >= 2*time.Minute:
		return fmt.Sprintf("%d min", int(d/time.Minute))
	}
	return fmt.Sprintf("%d s", int(d/time.Second))
}
