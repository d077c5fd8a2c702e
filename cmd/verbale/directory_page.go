package main

import (
	"encoding/json/jsontext"
	"fmt"
	"io"
	"strings"

	"verbale/internal/docket"
	"verbale/internal/node"
	"verbale/record"
)

func values(list ...jsontext.Value) []jsontext.Value { return list }

// houseText is the page of a party's entry.
func (a *app) houseText(w io.Writer, self string, e node.DirectoryEntry) {
	fmt.Fprintln(w, hanging(fmt.Sprintf("%s (%s): %s", e.Party, e.Title, entryStatus(e)), 0, rowIndent))
	if e.Ref != nil {
		item(w, "record", shortRef(self, e.Ref.Outbox, e.Ref.Index)+", received "+a.when(e.ReceivedAt))
	}
	item(w, "heard of", a.when(e.HeardAt))
	if e.Node != nil {
		item(w, "its node", pingsText(a, e.Node))
	}
	marked(w, "! ", e.Marks...)
	if !e.Overdue.IsZero() {
		marked(w, "! ", "its review is overdue since "+a.when(e.Overdue))
	}
	fmt.Fprintln(w)
	a.entryText(w, e.Entry, e.Contacts)
}

func entryStatus(e node.DirectoryEntry) string {
	if e.Status == node.NoEntry {
		return "it has written no entry; the contacts are those of its profile"
	}
	return e.Status
}

// pingsText says how the last pings were answered.
func pingsText(a *app, p *node.PingStats) string {
	text := fmt.Sprintf("%d of the last %s answered, %d missed", p.Answered, counted(int64(p.Sent), "ping", "pings"), p.Missed)
	if p.Answered > 0 {
		text += fmt.Sprintf(", in %d s at the median, the last %s", p.Median, a.fromNow(p.LastAt))
	}
	return text
}

// entryText shows what an entry says. contacts are its contact points with what is known of them; nil: as the entry has them.
func (a *app) entryText(w io.Writer, f record.Fields, contacts []node.ContactStatus) {
	d := docket.DirectoryOf(f)
	if f != nil {
		item(w, "title", f.Text("title"))
		item(w, "nominated by", f.Text("nominated_by"))
		item(w, "effective", a.when(d.EffectiveAt)+"; a change waits "+f.Text("max_lag")+" at most")
		item(w, "review by", a.when(d.ReviewBy))
		item(w, "for", map[string]string{"need-to-know": "who needs to know it", "authorities": "authorities", "public": "everybody"}[f.Text("protection")])
		item(w, "languages", strings.Join(f.Texts("languages"), ", "))
		item(w, "instruments", strings.Join(f.Texts("instruments"), "; "))
		for _, r := range f.Texts("reservations") {
			item(w, "reservation", r)
		}
		fmt.Fprintln(w)
		authorityTable(w, d)
		fmt.Fprintln(w)
		competenceTable(w, d)
		fmt.Fprintln(w)
	}
	if contacts == nil {
		for _, c := range d.Contacts {
			contacts = append(contacts, node.ContactStatus{Contact: c})
		}
	}
	a.contactText(w, contacts)
}

func authorityTable(w io.Writer, d docket.Directory) {
	t := table{head: []string{"AUTHORITY", "FUNCTION", "MANDATE, AND WHO ACTS IN ITS PLACE"}}
	for _, x := range d.Authorities {
		more := x.Mandate
		if x.RedirectTo != "" {
			more = strings.TrimPrefix(more+"; write to "+x.RedirectTo, "; ")
		}
		if x.Constituency != "" {
			more = strings.TrimPrefix(more+"; for "+x.Constituency, "; ")
		}
		t.add(x.Name, x.Function, cell(more))
	}
	t.write(w)
}

// competenceTable has one row for all kinds that an authority deals with alike.
func competenceTable(w io.Writer, d docket.Directory) {
	type alike struct{ authority, direction, instrument string }
	kinds := map[alike][]string{}
	var order []alike
	for _, c := range d.Competences {
		key := alike{c.Authority, c.Direction, c.Instrument}
		if kinds[key] == nil {
			order = append(order, key)
		}
		kinds[key] = append(kinds[key], c.Kind)
	}
	for _, key := range order {
		by := ""
		if key.instrument != "" {
			by = ", by " + key.instrument
		}
		does := map[string]string{"sends": "sends", "receives": "receives", "both": "sends and receives"}[key.direction]
		fmt.Fprintln(w, hanging(fmt.Sprintf("%s %s%s:", key.authority, does, by), 0, rowIndent))
		fmt.Fprintln(w, hanging(strings.Join(kinds[key], " "), rowIndent, rowIndent))
	}
}

// contactText lists contact points with how they can be reached.
func (a *app) contactText(w io.Writer, contacts []node.ContactStatus) {
	if len(contacts) == 0 {
		fmt.Fprintln(w, "no contact point is named")
	}
	for _, c := range contacts {
		head := c.Role
		if c.Authority != "" {
			head += " of " + c.Authority
		}
		if c.DeputyFor != "" {
			head += ", deputy for " + c.DeputyFor
		}
		if now := map[string]string{node.There: "there now", node.Away: "not there now"}[c.Now]; now != "" {
			head += ": " + now
		}
		fmt.Fprintln(w, hanging(head, 0, rowIndent))
		for _, part := range []string{strings.TrimSpace(c.Hours + " " + c.Zone), c.Languages, c.Phone, c.Mail} {
			if part != "" {
				fmt.Fprintln(w, hanging(part, rowIndent, rowIndent))
			}
		}
		if c.Verification != "" {
			fmt.Fprintln(w, hanging("to be sure that it is they: "+c.Verification, rowIndent, rowIndent))
		}
		if c.Pings != nil {
			fmt.Fprintln(w, hanging("checks: "+pingsText(a, c.Pings), rowIndent, rowIndent))
		}
	}
}

// ownText is the page of our own entry.
func (a *app) ownText(w io.Writer, self string, own node.OwnDirectory) {
	if own.Entry == nil {
		fmt.Fprintf(w, "%s has published no entry for all: verbale directory publish\n", self)
	} else {
		fmt.Fprintf(w, "%s: our entry, for all\n", self)
		if !own.Overdue.IsZero() {
			marked(w, "! ", "our review is overdue since "+a.when(own.Overdue))
		}
		fmt.Fprintln(w)
		a.entryText(w, own.Entry, nil)
	}
	if len(own.Links) == 0 {
		return
	}
	fmt.Fprintln(w)
	t := table{head: []string{"PARTY", "RECORD", "RECEIVED", "STATE"}}
	for _, l := range own.Links {
		ref, state := "–", "stands"
		if l.Ref != nil {
			ref = shortRef(self, l.Ref.Outbox, l.Ref.Index)
		}
		switch {
		case l.Waiting:
			state = "waits"
		case l.Ref == nil:
			state = "none"
		case l.Apart:
			state = "one of its own"
		}
		t.add(l.Party, ref, a.when(l.ReceivedAt), state)
	}
	t.write(w)
}

func (a *app) houseTable(w io.Writer, list []node.DirectoryEntry) {
	if len(list) == 0 {
		fmt.Fprintln(w, "no links; import a peer's profile: verbale link add FILE")
		return
	}
	t := table{head: []string{"PARTY", "ENTRY", "THERE NOW", "HEARD OF", "REVIEW BY"}}
	for _, e := range list {
		there, known := 0, 0
		for _, c := range e.Contacts {
			if c.Now == node.There {
				there++
			}
			if c.Now != "" {
				known++
			}
		}
		state := e.Status
		if len(e.Marks) > 0 || !e.Overdue.IsZero() {
			state += " !"
		}
		now := "not known"
		if known > 0 {
			now = fmt.Sprintf("%d of %d", there, len(e.Contacts))
		}
		heard, review := "never", "–"
		if !e.HeardAt.IsZero() {
			heard = a.fromNow(e.HeardAt)
		}
		if !e.ReviewBy.IsZero() {
			review = e.ReviewBy.UTC().Format("2006-01-02")
		}
		t.add(e.Party, state, now, heard, review)
	}
	t.write(w)
}

func (a *app) whoText(w io.Writer, who node.Competence) {
	if who.Status == node.NoEntry {
		fmt.Fprintln(w, hanging(who.Party+" has written no entry of the directory: who receives "+who.Kind+" there is not known; how to reach them: verbale directory show "+who.Party, 0, rowIndent))
	}
	for _, r := range who.Receivers {
		text := fmt.Sprintf("%s (%s) receives %s", r.Name, r.Function, who.Kind)
		if len(r.Instruments) > 0 {
			text += " by " + strings.Join(r.Instruments, ", ")
		}
		if r.Mandate != "" {
			text += "; " + r.Mandate
		}
		if r.RedirectTo != "" {
			text += "; " + r.RedirectTo + " acts in its place"
		}
		fmt.Fprintln(w, hanging(text, 0, rowIndent))
		a.contactText(w, r.Contacts)
		fmt.Fprintln(w)
	}
	for _, b := range who.Bodies {
		fmt.Fprintln(w, hanging(fmt.Sprintf("by the arrangement, %s is competent on the channel %s", b.Authority, b.Channel), 0, rowIndent))
	}
	marked(w, "! ", who.Hints...)
}

func (a *app) reviewText(w io.Writer, r reviewed) {
	if len(r.Ours)+len(r.Theirs) == 0 {
		fmt.Fprintln(w, "nothing is overdue or late")
		return
	}
	marked(w, "ours: ", r.Ours...)
	for _, t := range r.Theirs {
		marked(w, t.Party+": ", t.Found...)
	}
}
