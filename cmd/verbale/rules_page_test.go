package main

import (
	"encoding/json/jsontext"
	"io"
	"strings"
	"testing"
	"time"

	"verbale/internal/console"
	"verbale/internal/docket"
	"verbale/internal/node"
	"verbale/record"
)

// longest is a text of many words, as long as a field takes.
func longest(n int) string { return strings.TrimSpace(strings.Repeat("authority ", n/10)) }

// Whatever a peer writes into an entry or a proposal, the pages fit a terminal of 80 columns, and end.
func TestPagesOfRulesFit(t *testing.T) {
	a := &app{Env: Env{Now: noon}}
	entry := a.exampleEntry(longest(200))
	for _, s := range record.Schema(docket.ActDirectory, "") {
		if s.Type == record.TypeText && s.List == 0 && s.Form == "" && s.Max >= 100 {
			entry.SetText(s.Name, longest(s.Max))
		}
	}
	entry.SetTexts("reservations", longest(1000), longest(900))
	entry.SetList("authorities", values(object(map[string]any{"name": longest(300), "function": "central-mla", "mandate": longest(500), "redirect_to": longest(290), "constituency": longest(300)}),
		object(map[string]any{"name": longest(290), "function": "judicial"})))
	entry.SetList("competences", values(object(map[string]any{"authority": longest(300), "direction": "both", "instrument": longest(300), "kind": "mitigate"})))
	entry.SetList("contacts", values(object(map[string]any{"authority": longest(300), "deputy_for": longest(100), "hours": longest(100), "zone": longest(50), "languages": longest(100),
		"mail": longest(200), "phone": longest(50), "role": longest(100), "verification": longest(300)})))
	d := docket.DirectoryOf(entry)
	pings := &node.PingStats{Sent: 100, Answered: 99, Missed: 1, Median: 12345, LastAt: noon()}
	ref := record.Ref{Outbox: "borea.example/to/aurelia.example/1", Index: 12345}
	house := node.DirectoryEntry{Party: "borea.example", Title: longest(200), Status: "active", Ref: &ref, Entry: entry, Marks: []string{"A-17: " + longest(400)}, Overdue: noon(),
		Contacts: []node.ContactStatus{{Contact: d.Contacts[0], Now: node.Away, Pings: pings}}, Node: pings, HeardAt: noon()}
	who := node.Competence{Party: "borea.example", Kind: "mitigate", Hints: []string{longest(300)}, Bodies: []docket.Body{{Authority: longest(300), Channel: "technical", Party: "borea.example"}},
		Receivers: []node.ReceiverContact{{Authority: d.Authorities[0], Instruments: []string{longest(300)}, Contacts: house.Contacts}}}
	own := node.OwnDirectory{Entry: entry, Overdue: noon(), Links: []node.OwnEntry{{Party: "borea.example", Ref: &ref, ReceivedAt: noon(), Apart: true}}}

	rules := a.exampleRules(console.Party{Party: "aurelia.example", Title: longest(200)}, node.LinkStatus{Party: "borea.example", Title: longest(200)}, 2)
	before := rules.Clone()
	rules.SetText("text", longest(8000))
	rules.SetText("counting_rule", longest(2000))
	rules["kinds"] = jsontext.Value(`[{"acknowledge":"9999wd","kind":"` + strings.Repeat("k", 40) + `","quota":1000000,"reply":"9999wd","urgency":"emergency"}]`)
	var holidays []jsontext.Value
	for i := range 1000 {
		holidays = append(holidays, object(map[string]any{"date": noon().AddDate(0, 0, i).Format(time.DateOnly), "party": "borea.example"}))
	}
	rules.SetList("holidays", holidays)
	rules.SetList("escalation", values(object(map[string]any{"after": "9999wd", "contact": longest(100), "level": "operational"})))
	shown := node.Arrangement{Ref: ref, By: "borea.example", Version: 2, Status: docket.Agreed, AgreedBy: "aurelia.example", Fields: rules, Until: noon(), Marks: []string{longest(300)}, Doubts: []string{longest(300)}}
	page := node.ArrangementPage{Party: "borea.example", At: noon(), Shown: &shown, Before: &node.Arrangement{Version: 1, Fields: before},
		Used: []node.QuotaUse{{Kind: strings.Repeat("k", 40), Urgencies: []string{"routine", "urgent"}, Most: 1000000, Sent: 1000000, Received: 1000000, Beyond: 1000000}}}

	for name, text := range map[string]func(w io.Writer){
		"house":       func(w io.Writer) { a.houseText(w, "aurelia.example", house) },
		"own":         func(w io.Writer) { a.ownText(w, "aurelia.example", own) },
		"who":         func(w io.Writer) { a.whoText(w, who) },
		"list":        func(w io.Writer) { a.houseTable(w, []node.DirectoryEntry{house}) },
		"review":      func(w io.Writer) { a.reviewText(w, a.review(own, []node.DirectoryEntry{house})) },
		"arrangement": func(w io.Writer) { a.arrangementText(w, "aurelia.example", page) },
		"proposals": func(w io.Writer) {
			a.arrangementTable(w, "aurelia.example", "borea.example", []node.Arrangement{shown})
		},
	} {
		var b strings.Builder
		fitted(text)(&b)
		for i, line := range strings.Split(b.String(), "\n") {
			if width(line) > terminalWidth {
				t.Errorf("%s, line %d has %d columns: %s", name, i+1, width(line), line)
			}
		}
		if n := strings.Count(b.String(), "\n"); n > 400 {
			t.Errorf("%s has %d lines", name, n)
		}
	}
}

// The drafts that the examples print are as they should be.
func TestExamplesOfRules(t *testing.T) {
	a := &app{Env: Env{Now: noon}}
	entry := node.Complete(a.exampleEntry("CSIRT Aurelia"), noon(), "duty officer")
	entry.SetText("act", docket.ActDirectory)
	if err := entry.Check(); err != nil || len(docket.CheckEntry(entry)) > 0 {
		t.Errorf("%v, %q", err, docket.CheckEntry(entry))
	}
	rules := node.Complete(a.exampleRules(console.Party{Party: "aurelia.example", Title: "CSIRT Aurelia"}, node.LinkStatus{Party: "borea.example", Title: "CSIRT Borea"}, 1), noon(), "duty officer")
	rules.SetText("act", docket.ActArrangement)
	terms := docket.TermsOf(rules)
	if err := rules.Check(); err != nil || len(docket.CheckArrangement(rules, 0, "aurelia.example", "borea.example")) > 0 || len(terms.Doubts(rules)) > 0 {
		t.Errorf("%v, %q", err, terms.Doubts(rules))
	}
	for _, kind := range record.Words("kind") { // the default clocks, in the words of a record
		ack, reply := terms.Floor(kind, "routine")
		wantAck, wantReply := docket.Terms{}.Floor(kind, "routine")
		at := noon()
		if !at.Add(spanOf(ack)).Equal(at.Add(spanOf(wantAck))) || !at.Add(spanOf(reply)).Equal(at.Add(spanOf(wantReply))) {
			t.Errorf("%s: %s and %s, want %s and %s", kind, ack, reply, wantAck, wantReply)
		}
	}
}

func spanOf(c docket.Clock) time.Duration {
	return time.Duration(c.N) * map[record.Unit]time.Duration{record.Minutes: time.Minute, record.Hours: time.Hour, record.Days: 24 * time.Hour}[c.Unit]
}
