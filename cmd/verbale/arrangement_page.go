package main

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"verbale/internal/docket"
	"verbale/internal/node"
	"verbale/record"
)

// arrangementText is the page of an arrangement.
func (a *app) arrangementText(w io.Writer, self string, page node.ArrangementPage) {
	if page.Shown == nil {
		fmt.Fprintln(w, hanging(fmt.Sprintf("with %s no arrangement is in force at %s: every kind has its default clocks (verbale appeal kinds), and nothing is limited", page.Party, page.At.UTC().Format(utc)), 0, 0))
		return
	}
	p := *page.Shown
	fmt.Fprintln(w, hanging(fmt.Sprintf("version %d of the arrangement with %s: %s", p.Version, page.Party, arrangementState(p)), 0, rowIndent))
	item(w, "proposed", "by "+p.By+", "+shortRef(self, p.Ref.Outbox, p.Ref.Index)+", "+a.when(p.ReleasedAt))
	if p.AgreedBy != "" {
		item(w, "agreed", "by "+p.AgreedBy+", "+a.when(p.AgreedAt))
	}
	a.rulesText(w, p, page.Before)
	usedText(w, page)
}

// usedText says how far the quotas of the day are used up.
func usedText(w io.Writer, page node.ArrangementPage) {
	if len(page.Used) == 0 {
		return
	}
	fmt.Fprintf(w, "\non %s (UTC):\n", page.At.UTC().Format("2006-01-02"))
	t := table{head: []string{"KIND", "URGENCY", "A DAY", "SENT", "RECEIVED", "BEYOND"}}
	for _, u := range page.Used {
		urgency := strings.Join(u.Urgencies, ", ")
		if len(u.Urgencies) == len(record.Words("urgency")) {
			urgency = "any"
		}
		t.add(u.Kind, urgency, strconv.FormatInt(u.Most, 10), strconv.FormatInt(u.Sent, 10), strconv.FormatInt(u.Received, 10), strconv.FormatInt(u.Beyond, 10))
	}
	t.write(w)
}

// arrangementState says whether an arrangement holds.
func arrangementState(p node.Arrangement) string {
	switch {
	case p.InForce:
		return "in force"
	case p.Status == docket.Agreed:
		return "agreed, not in force at that time"
	case p.Turn != "":
		return string(p.Status) + ", " + p.Turn + " must agree or decline"
	}
	return string(p.Status)
}

// rulesText shows what an arrangement says, and what it changes in the one before.
func (a *app) rulesText(w io.Writer, p node.Arrangement, before *node.Arrangement) {
	f := p.Fields
	until := ""
	if !p.Until.IsZero() {
		until = ", until " + a.when(p.Until)
	}
	item(w, "version", strconv.FormatInt(p.Version, 10)+", from "+a.when(p.From)+until)
	item(w, "channels", strings.Join(f.Texts("channels"), ", "))
	item(w, "retention", f.Text("retention"))
	item(w, "public", f.Text("releasability"))
	item(w, "counting", f.Text("counting")+": "+f.Text("counting_rule"))
	item(w, "reminder", f.Text("reminder"))
	item(w, "text", f.Text("text"))
	marked(w, "! ", p.Marks...)
	marked(w, "? ", p.Doubts...)
	fmt.Fprintln(w)
	ruleTable(w, docket.TermsOf(f))
	for _, list := range []struct {
		field string
		head  []string
		names []string
	}{
		{"bodies", []string{"PARTY", "CHANNEL", "AUTHORITY"}, []string{"party", "channel", "authority"}},
		{"calendars", []string{"CALENDAR OF", "DAYS", "OPENS", "CLOSES (UTC)"}, []string{"party", "days", "opens", "closes"}},
		{"escalation", []string{"LATE BY", "LEVEL", "TO"}, []string{"after", "level", "contact"}},
	} {
		t := table{head: list.head}
		for _, v := range f.List(list.field) {
			var cells []string
			for _, name := range list.names {
				cells = append(cells, asFields(v).Text(name))
			}
			t.add(cells...)
		}
		if len(t.rows) > 0 {
			fmt.Fprintln(w)
			t.write(w)
		}
	}
	holidayText(w, f)
	if before != nil {
		changesText(w, before.Version, before.Fields, f)
	}
}

func ruleTable(w io.Writer, terms docket.Terms) {
	t := table{head: []string{"KIND", "URGENCY", "ACKNOWLEDGE", "REPLY", "A DAY"}}
	for _, r := range terms.Kinds {
		quota, urgency := "–", r.Urgency
		if r.Quota > 0 {
			quota = strconv.FormatInt(r.Quota, 10)
		}
		if urgency == "" {
			urgency = "any"
		}
		_, reply := terms.Floor(r.Kind, r.Urgency)
		text := r.Reply.String()
		if text == "" && reply.N > 0 {
			text = "default"
		}
		t.add(r.Kind, urgency, r.Acknowledge.String(), cell(text), quota)
	}
	t.write(w)
}

// holidayText lists the holidays of each party.
func holidayText(w io.Writer, f record.Fields) {
	days := map[string][]string{}
	var parties []string
	for _, v := range f.List("holidays") {
		h := asFields(v)
		party := h.Text("party")
		if days[party] == nil {
			parties = append(parties, party)
		}
		days[party] = append(days[party], h.Text("date"))
	}
	for _, party := range parties {
		slices.Sort(days[party])
		fmt.Fprintln(w)
		fmt.Fprintf(w, "%s of %s:\n", counted(int64(len(days[party])), "holiday", "holidays"), party)
		shown, more := days[party], ""
		if len(shown) > shownAtMost {
			shown, more = shown[:shownAtMost], fmt.Sprintf(" and %d more", len(days[party])-shownAtMost)
		}
		fmt.Fprintln(w, hanging(strings.Join(shown, " ")+more, rowIndent, rowIndent))
	}
}

// changesText says what an arrangement changes in another.
func changesText(w io.Writer, version int64, before, after record.Fields) {
	var lines []string
	for _, s := range record.Schema(docket.ActArrangement, "") {
		if s.Name == "version" || inEnvelope(s.Name) {
			continue
		}
		if s.List > 0 {
			lines = append(lines, listChanges(s.Name, before, after)...)
			continue
		}
		if was, is := before.Text(s.Name), after.Text(s.Name); was != is {
			lines = append(lines, fmt.Sprintf("%s: %s, was %s", s.Name, cell(is), cell(was)))
		}
	}
	fmt.Fprintln(w)
	if len(lines) == 0 {
		fmt.Fprintf(w, "it changes nothing in version %d\n", version)
		return
	}
	fmt.Fprintf(w, "what it changes in version %d:\n", version)
	for i, line := range lines {
		if i == shownAtMost {
			fmt.Fprintf(w, "    and %d more\n", len(lines)-i)
			break
		}
		fmt.Fprintln(w, hanging(line, 2, rowIndent))
	}
}

// listChanges says which elements of a list came, and which went.
func listChanges(name string, before, after record.Fields) (lines []string) {
	elements := func(f record.Fields) (list []string) {
		for _, v := range f.List(name) {
			list = append(list, elementText(string(v), asFields(v)))
		}
		return list
	}
	was, is := elements(before), elements(after)
	for _, e := range was {
		if !slices.Contains(is, e) {
			lines = append(lines, "- "+name+": "+e)
		}
	}
	for _, e := range is {
		if !slices.Contains(was, e) {
			lines = append(lines, "+ "+name+": "+e)
		}
	}
	return lines
}

// elementText is an element of a list in words: its members in a fixed order, the name first.
func elementText(raw string, f record.Fields) string {
	if f == nil {
		return strings.Trim(raw, `"`)
	}
	var parts []string
	for _, name := range []string{"kind", "urgency", "acknowledge", "reply", "quota", "party", "channel", "authority", "days", "opens", "closes", "date", "after", "level", "contact"} {
		text := f.Text(name)
		if name == "quota" && f["quota"] != nil {
			text = strconv.FormatInt(f.Int("quota"), 10)
		}
		switch {
		case text == "":
		case name == "acknowledge" || name == "reply":
			parts = append(parts, name+" "+text)
		case name == "quota":
			parts = append(parts, text+" a day")
		default:
			parts = append(parts, text)
		}
	}
	return strings.Join(parts, ", ")
}

func (a *app) arrangementTable(w io.Writer, self, party string, list []node.Arrangement) {
	if len(list) == 0 {
		fmt.Fprintf(w, "nothing was proposed: verbale arrangement example %s\n", party)
		return
	}
	t := table{head: []string{"VERSION", "RECORD", "STATE", "FROM", "UNTIL"}}
	for _, p := range list {
		until := "–"
		if !p.Until.IsZero() {
			until = p.Until.UTC().Format("2006-01-02 15:04")
		}
		state := string(p.Status)
		if p.InForce {
			state = "in force"
		}
		if len(p.Marks) > 0 {
			state += " !"
		}
		t.add(strconv.FormatInt(p.Version, 10), shortRef(self, p.Ref.Outbox, p.Ref.Index), state, p.From.UTC().Format("2006-01-02 15:04"), until)
	}
	t.write(w)
}
