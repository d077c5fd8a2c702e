package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"verbale/internal/console"
	"verbale/internal/docket"
	"verbale/internal/node"
	"verbale/record"
	"verbale/seal"
)

// caseText writes the page of a case: where it stands, then what both sides said, in the order in which it was said.
func (a *app) caseText(w io.Writer, self string, c console.Case, full bool) {
	var b strings.Builder
	a.caseHead(&b, self, c)
	said := remarksByField(self, c)
	var opening record.Fields
	for i, r := range conversation(c.Records) {
		fmt.Fprintf(&b, "\n%d. %s by %s, %s\n", i+1, orUnreadable(r), r.By, shortRef(self, r.Ref.Outbox, r.Ref.Index))
		if means := moveMeans(r); means != "" && r.Irregular == "" && isAppeal(c.Line) {
			fmt.Fprintf(&b, "  %s\n", means)
		}
		without := []string{"act", "in_reply_to"}
		if i == 0 {
			opening = r.Fields
		} else if !full {
			without = append(without, asBefore(r.Fields, opening)...)
		}
		a.recordText(&b, r, full, said[r.Ref], without)
	}
	_, _ = io.WriteString(w, fit(b.String()))
}

// asBefore lists the fields of a move that say nothing new: those of the envelope that are as in the appeal.
func asBefore(f, opening record.Fields) (names []string) {
	for _, name := range []string{"class", "channel", "language", "tlp"} {
		if string(f[name]) == string(opening[name]) {
			names = append(names, name)
		}
	}
	if string(f["drafted_at"]) == string(f["released_at"]) {
		names = append(names, "drafted_at")
	}
	return names
}

// caseHead writes where a case stands.
func (a *app) caseHead(w io.Writer, self string, c console.Case) {
	what := strings.TrimSpace(c.Kind + " " + c.Urgency)
	if what == "" {
		what = c.Act
	}
	fmt.Fprintf(w, "%s  %s  %s\n", lineRef(self, c.Line), what, a.tlp(c.TLP))
	fmt.Fprintf(w, "%s\n\n", subject(c.Line))
	line := func(name, format string, args ...any) {
		fmt.Fprintln(w, hanging(fmt.Sprintf("%-*s", headColumn, name)+fmt.Sprintf(format, args...), 0, headColumn))
	}
	line("status", "%s", standing(c.Line))
	last := c.Status == docket.Answered || c.Status == docket.Refused
	if means := statusText(c.Line); last && gaveUp(c) {
		line("", "%s; %s takes no more part in it", means, c.From)
	} else if last {
		line("", "%s; %s may close it or dispute it", means, c.From)
	} else if means != "" {
		line("", "%s", means)
	}
	if c.Turn != "" {
		line("turn", "%s", turn(self, c.Line))
	}
	if do := next(self, c.Line); do != "" {
		line("do", "%s", do)
	}
	if c.From == self && last && !gaveUp(c) {
		line("may", "verbale appeal close %s, or dispute", lineRef(self, c.Line))
	}
	a.dueText(line, c.Line)
	if c.Stage == docket.StageEscalate && c.Late {
		line("escalate", "by the arrangement it is so late that it is lifted; to whom: verbale arrangement show %s", c.With)
		if c.From == self {
			line("", "verbale appeal escalate %s …", lineRef(self, c.Line))
		}
	}
	if c.Level != "" && c.Level != "technical" {
		line("level", "%s", c.Level)
	}
	if c.Class != "" && c.Class != "substantive" || c.Channel != "" && c.Channel != "technical" {
		line("class", "%s, channel %s", c.Class, c.Channel)
	}
	if c.FirstMadeAt != "" {
		line("first made", "%s, to somebody else who redirected it", c.FirstMadeAt)
	}
	a.elsewhere(line, self, c)
	for _, remark := range c.Remarks {
		line("remark", "%s", remark)
	}
}

// gaveUp tells whether the author of a case has ended it, so that it makes no more moves.
func gaveUp(c console.Case) bool {
	return slices.ContainsFunc(c.Records, func(r node.Shown) bool {
		return r.Irregular == "" && r.By == c.From && slices.Contains(docket.EndedByAuthor(), r.Act)
	})
}

// dueText writes until when, the signed deadline beside it where the rules give more time, and why the clock stands still where it does.
func (a *app) dueText(line func(name, format string, args ...any), c console.Line) {
	if !c.By.IsZero() {
		line("due", "%s", a.deadline(c.By, c.Late))
	}
	signed := map[string]string{docket.ActAcknowledge: c.AcknowledgeBy, "receive": c.AcknowledgeBy, docket.ActAnswer: c.ReplyBy}[c.Must]
	if at, err := time.Parse(time.RFC3339, signed); err == nil && !c.By.IsZero() && !at.Equal(c.By) {
		line("signed", "%s; by the rules it is due later (A-14)", at.UTC().Format(utc))
	}
	if c.Must == docket.ActAcknowledge && !c.ReplyDue.IsZero() {
		line("answer due", "%s", a.deadline(c.ReplyDue, a.Now().After(c.ReplyDue)))
	}
	if !c.StoppedSince.IsZero() {
		why := stoppedWhy[c.StoppedBy]
		if why == "" {
			why = c.StoppedBy
		}
		line("clock", "stands still since %s", a.when(c.StoppedSince))
		line("", "%s", why)
	}
	if c.Lapsed && c.Must == docket.ActAnswer {
		line("lapsed", "the reply deadline has passed without a final answer")
	}
	if at, err := time.Parse(time.RFC3339, c.ExpiresAt); err == nil {
		line("expires", "%s", a.when(at))
	}
}

// elsewhere names the appeals and authorities that a case refers to, as they can be typed.
func (a *app) elsewhere(line func(name, format string, args ...any), self string, c console.Case) {
	for i, r := range c.Records {
		if r.Irregular != "" {
			continue
		}
		for _, f := range []struct{ field, name, format string }{{"supersedes", "instead of", "%s"}, {"redirected_from", "made anew", "after %s, which was redirected"},
			{"by", "instead", "%s takes the place of this one"}, {"preserve", "preserve", "%s"}} {
			if ref, ok := r.Fields.Ref(f.field); ok && (i == 0 || r.Act == docket.ActSupersede) {
				line(f.name, f.format, shortRef(self, ref.Outbox, ref.Index))
			}
		}
		if r.Act == docket.ActRedirect {
			a.redirected(line, self, c.Line, r.Fields)
		}
	}
}

// redirected writes whom a redirection names, and what the author can do then.
func (a *app) redirected(line func(name, format string, args ...any), self string, l console.Line, f record.Fields) {
	to := f.Text("to_authority")
	if party := f.Text("to_party"); party != "" {
		to += ", " + party
	}
	line("go to", "%s", withNote(to, f.Text("to_contact")))
	if party := f.Text("to_party"); party != "" && l.From == self {
		line("", "verbale appeal send %s \\", party)
		line("", "  --redirected-from %s …", lineRef(self, l))
	}
}

// next is what this party's people can do when it is their turn.
func next(self string, c console.Line) string {
	if c.Turn != self {
		return ""
	}
	ref := lineRef(self, c)
	switch c.Must {
	case docket.ActAcknowledge:
		return "verbale appeal ack " + ref
	case docket.ActAnswer:
		return "verbale appeal answer " + ref + "; or accept, incomplete, postpone, progress, redirect, refuse"
	case docket.ActSupplement:
		return "verbale appeal supplement " + ref
	case docket.ActAgree:
		if c.Act == docket.ActArrangement {
			return "verbale arrangement agree " + ref + ", or decline"
		}
		return "verbale appeal agree " + ref + ", or decline"
	case docket.ActRefuse:
		return "verbale appeal refuse " + ref
	}
	return ""
}

// conversation puts the records of a case in the order in which they were said: each outbox in its own, the two beside each other by the times of
// release, and what names another record after that one.
func conversation(records []node.Shown) []node.Shown {
	var queues [2][]node.Shown
	for i, r := range records {
		side := 0
		if i > 0 && r.By != records[0].By {
			side = 1
		}
		queues[side] = append(queues[side], r)
	}
	waits := func(side int) bool {
		about, ok := queues[side][0].Fields.Ref("about")
		return ok && slices.ContainsFunc(queues[1-side], func(r node.Shown) bool { return r.Ref == about })
	}
	var list []node.Shown
	for len(queues[0])+len(queues[1]) > 0 {
		side := 0
		switch {
		case len(queues[0]) == 0:
			side = 1
		case len(queues[1]) == 0:
		case len(list) == 0: // the opening
		case waits(0):
			side = 1
		case !waits(1) && saidAt(queues[1][0]).Before(saidAt(queues[0][0])):
			side = 1
		}
		list = append(list, queues[side][0])
		queues[side] = queues[side][1:]
	}
	return list
}

func saidAt(r node.Shown) time.Time {
	if at := r.Fields.Time("released_at"); !at.IsZero() {
		return at
	}
	return r.ReceivedAt
}

// remarksByField gathers what later records say of the fields of the first: each stands beside the text that it is about.
func remarksByField(self string, c console.Case) map[record.Ref]map[string][]string {
	if len(c.Records) == 0 {
		return nil
	}
	by := map[string][]string{}
	verb := map[string]string{docket.ActCorrect: "corrected", docket.ActSupplement: "supplemented"}
	for _, r := range c.Records[1:] {
		if r.Irregular != "" {
			continue
		}
		for _, change := range r.Fields.List("changes") { // of a correct or a supplement
			f := asFields(change)
			by[f.Text("field")] = append(by[f.Text("field")], fmt.Sprintf("%s by %s: %s", verb[r.Act], shortRef(self, r.Ref.Outbox, r.Ref.Index), f.Text("text")))
		}
		for _, missing := range r.Fields.Texts("missing") {
			by[missing] = append(by[missing], "missing, says "+shortRef(self, r.Ref.Outbox, r.Ref.Index))
		}
	}
	return map[record.Ref]map[string][]string{c.Records[0].Ref: by}
}

func orUnreadable(r node.Shown) string {
	switch {
	case r.Fault != "":
		return "unreadable record (" + r.Fault + ")"
	case r.Unknown:
		return "record of a later version (" + r.Act + ")"
	}
	return r.Act
}

func (a *app) recordText(w io.Writer, r node.Shown, full bool, said map[string][]string, without []string) {
	if r.Irregular != "" {
		fmt.Fprintf(w, "  IRREGULAR, moves nothing: %s\n", r.Irregular)
	}
	audience := "the addressee"
	if o, err := seal.ParseOrigin(r.Ref.Outbox); err == nil {
		audience = o.Audience
	}
	if !r.LodgedAt.IsZero() {
		fmt.Fprintf(w, "  lodged with %s, a relay of %s, since %s, by its clock\n", r.LodgedWith, audience, a.when(r.LodgedAt))
	}
	if r.ReceivedAt.IsZero() {
		fmt.Fprintf(w, "  not received yet: no receipt of %s is here\n", audience)
	} else {
		fmt.Fprintf(w, "  held by %s since %s, by its own clock (receipt over %s)\n", audience, a.when(r.ReceivedAt), counted(r.Held, "entry", "entries"))
	}
	for _, name := range fieldOrder(r.Fields) {
		if !slices.Contains(without, name) {
			a.fieldText(w, name, r.Fields, full)
			beside(w, said[name])
		}
	}
	for _, name := range slices.Sorted(maps.Keys(said)) {
		if r.Fields[name] == nil {
			fmt.Fprintf(w, "  %s\n", name)
			beside(w, said[name])
		}
	}
}

// beside writes what later records say of a field.
func beside(w io.Writer, said []string) {
	for _, s := range said {
		fmt.Fprintln(w, hanging("→ "+s, valueColumn, valueColumn+len("  ")))
	}
}
