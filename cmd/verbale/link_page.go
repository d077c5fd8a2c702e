package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"verbale/internal/node"
	"verbale/verdict"
)

// linkText shows the page of a link.
func (a *app) linkText(w io.Writer, l node.LinkStatus) {
	fmt.Fprintf(w, "%s (%s): %s\n", l.Party, l.Title, state(l))
	if l.Page != nil && l.Confirmed {
		fmt.Fprintln(w)
		flows(w, l)
		fmt.Fprintln(w)
		a.linkTimes(w, l)
	}
	a.linkPeer(w, l)
	fmt.Fprintln(w)
	if l.Page == nil {
		return
	}
	if len(l.Page.Wrong) == 0 {
		paragraph(w, "", fmt.Sprintf("nothing was found wrong on %s; looked at: %s", l.Page.At.UTC().Format(utc), strings.Join(l.Page.Checked, ", ")))
		return
	}
	fmt.Fprintln(w, "what is wrong, and what to do, the most urgent first:")
	for _, one := range l.Page.Wrong {
		paragraph(w, "- ", one.Wrong)
		paragraph(w, "  do: ", one.Do)
	}
}

// flows shows both directions side by side. What nobody knows has no row.
func flows(w io.Writer, l node.LinkStatus) {
	t := table{head: []string{"", "WE TO THEM", "THEY TO US"}}
	row := func(name string, ours, theirs int64) { t.add(name, fmt.Sprint(ours), fmt.Sprint(theirs)) }
	out, in := l.Page.Sent, l.Page.Received
	t.add("in the outbox", fmt.Sprint(l.Sent), "")
	if l.Relay != "" || l.Lodged > 0 {
		t.add("lodged", fmt.Sprint(l.Lodged), "")
	}
	row("received", l.Receipted, l.ReceivedOf)
	if out.Dated != nil && in.Dated != nil {
		row("dated by witnesses", *out.Dated, *in.Dated)
	}
	row("appeals", int64(out.Appeals), int64(in.Appeals))
	row("  acknowledged", int64(out.Acknowledged), int64(in.Acknowledged))
	row("  open", int64(out.Open), int64(in.Open))
	row("  late", int64(out.Late), int64(in.Late))
	t.write(w)
	if l.Page.Stranded > 0 {
		fmt.Fprintf(w, "stranded: %d, while the link is suspended\n", l.Page.Stranded)
	}
}

// linkTimes shows when what happened last.
func (a *app) linkTimes(w io.Writer, l node.LinkStatus) {
	p := l.Page
	if p.Oldest != nil {
		a.item(w, "oldest gap", fmt.Sprintf("%s, sent %s, not received", ownRef(p.Oldest.Outbox, p.Oldest.Index), a.when(p.Oldest.ReleasedAt)))
	}
	if !p.Sent.LastReceiptAt.IsZero() {
		a.item(w, "last receipt", "theirs, "+a.when(p.Sent.LastReceiptAt))
	}
	if !p.Received.LastReceiptAt.IsZero() {
		name := "last receipt"
		if !p.Sent.LastReceiptAt.IsZero() {
			name = ""
		}
		a.item(w, name, "ours, "+a.when(p.Received.LastReceiptAt))
	}
	if at, err := time.Parse(time.RFC3339, l.BeatAt); err == nil {
		a.item(w, "last beat", a.when(at)+", by their clock")
	}
	if !l.LastAt.IsZero() {
		a.item(w, "last attempt", a.when(l.LastAt)+": "+l.LastAttempt)
	}
	if p.Pings.Missed > 0 || !p.Pings.LastAt.IsZero() {
		text := "the last that was acknowledged: " + a.when(p.Pings.LastAt)
		if p.Pings.Missed > 0 {
			text += fmt.Sprintf("; missed: %d", p.Pings.Missed)
		}
		a.item(w, "pings", text)
	}
	a.suspensionText(w, l)
	if p.Tally != nil {
		a.item(w, "last tally", tallyState(p.Tally))
	}
}

func (a *app) suspensionText(w io.Writer, l node.LinkStatus) {
	reasons := l.Page.Reasons
	for _, side := range []struct {
		by string
		s  *node.Suspension
	}{{"by us", l.Suspended}, {"by them", l.SuspendedBy}} {
		if side.s == nil {
			continue
		}
		text := side.by + " since " + a.when(side.s.Since)
		if !side.s.Until.IsZero() {
			text += ", announced until " + a.when(side.s.Until)
		}
		if len(reasons) > 0 {
			first, _, _ := strings.Cut(reasons[0], "\n")
			text, reasons = text+": "+shorten(first, reasonInPage), reasons[1:]
		}
		a.item(w, "suspended", text)
	}
}

// tallyState says how the newest month stands.
func tallyState(t *node.LastTally) string {
	side := func(whose string, filed bool, others, said string) string {
		switch {
		case !filed:
			return whose + " is not on record"
		case said == "":
			return others + " have not answered " + whose
		case said == "agrees":
			return others + " agree with " + whose
		}
		return others + " differ from " + whose
	}
	return t.Period + ": " + side("ours", t.Ours, "they", t.TheySay) + ", " + side("theirs", t.Theirs, "we", t.WeSay)
}

// linkPeer shows who the other side is.
func (a *app) linkPeer(w io.Writer, l node.LinkStatus) {
	a.item(w, "keys", "valid until "+a.when(l.ValidUntil))
	if c := l.KeyChange; c != nil {
		text := fmt.Sprintf("generation %d since %s, by %s (%s)", c.Generation, a.when(c.EffectiveAt), strings.ReplaceAll(c.AuthorizedBy, "-", " "), c.Reason)
		if !c.Compared {
			text += "; the words are not compared yet"
		}
		a.item(w, "", text)
	}
	if l.Relay != "" {
		a.item(w, "relay", "theirs is "+l.Relay)
	}
	if l.Confirmed && (l.KeyChange == nil || l.KeyChange.Compared) { // before, they are to be heard and not read
		a.item(w, "words", verdict.WordGroups(l.Words))
	}
	if c := l.KeyChange; c != nil {
		compared := "the new words are compared"
		if !c.Compared {
			compared = "the new words are not compared since"
		}
		a.item(w, "keys changed", fmt.Sprintf("%s (%s); %s", a.when(c.EffectiveAt), c.Reason, compared))
		a.item(w, "  old words", verdict.WordGroups(c.OldWords))
	}
	a.item(w, "linked", a.when(l.LinkedAt))
	a.item(w, "endpoint", l.Endpoint)
}

// item is one line with a name, and further ones where it is long.
func (a *app) item(w io.Writer, name, text string) {
	paragraph(w, fmt.Sprintf("%-*s", itemName, name), text)
}

// paragraph writes a text in lines of a terminal's width: the first after a prefix, the others below it.
func paragraph(w io.Writer, prefix, text string) {
	indent := len([]rune(prefix))
	for i, line := range strings.Split(reflow(strings.TrimSpace(text), terminalWidth-indent), "\n") {
		if i > 0 {
			prefix = strings.Repeat(" ", indent)
		}
		fmt.Fprintln(w, strings.TrimRight(prefix+line, " "))
	}
}
