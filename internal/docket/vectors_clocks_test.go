package docket

import (
	"bytes"
	"encoding/base64"
	"encoding/json/jsontext"
	"encoding/json/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"verbale/record"
)

const clockVectorsFile = "../../spec/vectors/clocks.json"

const clocksDescription = "Clocks (spec/acts.md A-12 to A-20) of appeals on a link with arrangements, and what A-17 and A-18 have to say of a record. `cases`: `records` as in cases.json, here with the " +
	"channel; one without `received` was not received. The record `case` opens the case in question; `lodged` and `dated` are when a relay receipted it, and by when witnesses date it. `expect`, at the time `now`: as in " +
	"cases.json, and `terms`, the version of the arrangement in force when the appeal was released (A-18), until when the acknowledgement is due, whether who must act is late, whether the appeal has lapsed, and which rules " +
	"its `remarks` name (A-16, A-19). `spans` (A-15): the end of a span from a moment for a party, by the arrangement of the first case. `directories` and `proposals`: the fields of a record, " +
	"and how many rules of A-17 or A-18 it breaks (`agreed`: the highest version that was agreed to before it)."

type clockFile struct {
	Description string        `json:"description"`
	Cases       []clockVector `json:"cases"`
	Spans       []spanVector  `json:"spans"`
	Directories []checkVector `json:"directories"`
	Proposals   []checkVector `json:"proposals"`
}

type clockVector struct {
	Name    string         `json:"name"`
	Rule    string         `json:"rule"`
	Now     string         `json:"now"`
	Case    int            `json:"case"`
	Lodged  string         `json:"lodged,omitempty"`
	Dated   string         `json:"dated,omitempty"`
	Records []vectorRecord `json:"records"`
	Expect  clockExpect    `json:"expect"`
}

type clockExpect struct {
	vectorExpect
	Terms         int64    `json:"terms"`
	AcknowledgeBy string   `json:"acknowledge_by,omitempty"`
	Late          bool     `json:"late"`
	Lapsed        bool     `json:"lapsed"`
	Remarks       []string `json:"remarks"`
}

type spanVector struct {
	From  string `json:"from"`
	Span  string `json:"span"`
	Party string `json:"party"`
	End   string `json:"end"`
}

type checkVector struct {
	Name   string         `json:"name"`
	Agreed int64          `json:"agreed,omitempty"`
	Fields jsontext.Value `json:"fields"`
	Breaks int            `json:"breaks"`
}

// entry gives a record as the fold sees it.
func (r vectorRecord) entry(t *testing.T) Entry {
	t.Helper()
	leaf, err := base64.RawURLEncoding.DecodeString(r.Leaf)
	must(t, err)
	f, err := record.ParseDraft(r.Fields)
	must(t, err)
	return Entry{Author: r.By, Audience: r.To, Ref: record.Ref{Outbox: r.Outbox, Index: r.Index, Leaf: [32]byte(leaf)}, Opened: &record.Opened{Fields: f, Full: true}}
}

// outcome computes what an implementation has to say, from the file alone.
func (v clockVector) outcome(t *testing.T) clockExpect {
	t.Helper()
	var entries []Entry
	at := map[string]time.Time{}
	for _, r := range v.Records {
		e := r.entry(t)
		entries = append(entries, e)
		if _, copied := at[r.Leaf]; !copied {
			at[r.Leaf] = instant(r.Received)
		}
	}
	slices.Reverse(entries) // no order of reading matters
	cases := fold(entries)
	slices.Reverse(entries)
	agreed := heldAgreements(entries, cases, at)
	opening := entries[v.Case]
	c := cases[Key(opening)]
	m := Marks{Received: at[c.Key], Lodged: instant(v.Lodged), Dated: instant(v.Dated), Moves: at}
	terms := TermsFor(agreed, instant(c.Open.ReleasedAt), m)
	view := c.View(m, terms, instant(v.Now))
	x := clockExpect{vectorExpect: expectOfView(c, view), Terms: view.Terms, AcknowledgeBy: stamp(view.AcknowledgeBy), Late: view.Late, Lapsed: view.Lapsed, Remarks: []string{}}
	if q, has := terms.Quota(c.Open.Kind, c.Open.Urgency); has {
		if usedUp(entries, c.Open, q) >= q.Most {
			view.Remarks = append(view.Remarks, terms.Beyond(q))
		}
	}
	for _, r := range view.Remarks {
		rule, _ := splitRule(r)
		x.Remarks = append(x.Remarks, rule)
	}
	return x
}

// heldAgreements gives the arrangements that bind, in the order in which they were agreed to.
func heldAgreements(entries []Entry, cases map[string]Case, at map[string]time.Time) (terms []Terms) {
	var list []Agreement
	read := map[string]Terms{}
	received := func(outbox string, index int64) time.Time {
		for _, e := range entries {
			if e.Ref.Outbox == outbox && e.Ref.Index == index {
				return at[keyOf(e.Ref.Leaf)]
			}
		}
		return time.Time{}
	}
	for _, e := range entries {
		a, ok := cases[keyOf(e.Ref.Leaf)].Agreement()
		if !ok {
			continue
		}
		withdrawn := time.Time{}
		if w := a.Withdrawal; w != nil {
			withdrawn = received(w.Outbox, w.Index)
		}
		if a, ok = a.Held(received(a.Outbox, a.Index), withdrawn); ok {
			list = append(list, a)
			read[a.Key] = TermsOf(e.Opened.Fields).Agreed(a)
		}
	}
	slices.SortFunc(list, Agreement.Compare)
	for _, a := range list {
		terms = append(terms, read[a.Key])
	}
	return terms
}

// usedUp counts what stands before an appeal for a quota of its day.
func usedUp(entries []Entry, o *Opening, q Quota) (n int64) {
	from, until := Day(instant(o.ReleasedAt))
	for _, e := range entries {
		f := e.Opened.Fields
		at := f.Time("released_at")
		if e.Opened.Act() == ActAppeal && e.Ref.Outbox == o.Outbox && e.Ref.Index < o.Index && f.Text("kind") == q.Kind && slices.Contains(q.Urgencies, f.Text("urgency")) &&
			!at.Before(from) && at.Before(until) {
			n++
		}
	}
	return n
}

// clockVectorOf makes the vector of a row: the nth record is released ten minutes before it is received, the first at morning.
func clockVectorOf(t *testing.T, row clockRow) clockVector {
	t.Helper()
	h := read(t, row.history)
	v := clockVector{Name: row.name, Rule: row.rule, Now: stamp(morning.Add(row.now))}
	sent := map[[32]byte]bool{}
	for i, e := range h.entries {
		received := morning.Add(time.Duration(i) * time.Hour)
		f := e.Opened.Fields
		if !sent[e.Ref.Leaf] { // that of a copy is the same
			f.SetTime("released_at", received.Add(-10*time.Minute))
			switch e.Opened.Act() {
			case ActAppeal:
				f.SetTime("acknowledge_by", received.Add(time.Hour))
				if !record.Silent(f.Text("kind")) {
					f.SetTime("reply_by", received.Add(2*time.Hour))
				}
			case ActArrangement:
				arrangeClocks(f)
			}
		}
		sent[e.Ref.Leaf] = true
		r := vectorRecord{By: e.Author, To: e.Audience, Outbox: e.Ref.Outbox, Index: e.Ref.Index, Leaf: keyOf(e.Ref.Leaf), Received: stamp(received)}
		if e.Opened.Act() == ActAppeal {
			v.Case = i
		}
		if row.change != nil {
			row.change(i+1, f, &r)
		}
		v.Records = append(v.Records, r)
	}
	for i, e := range h.entries {
		f := e.Opened.Fields.Clone()
		for _, name := range []string{"class", "drafted_at", "released_by", "language", "tlp"} {
			delete(f, name)
		}
		v.Records[i].Fields = f.JSON()
	}
	if row.of > 0 {
		v.Case = row.of - 1
	}
	if row.lodged > 0 {
		v.Lodged = stamp(morning.Add(row.lodged))
	}
	if row.dated > 0 {
		v.Dated = stamp(morning.Add(row.dated))
	}
	v.Expect = v.outcome(t)
	return v
}

// arrangeClocks sets what the arrangements of the vectors agree on.
func arrangeClocks(f record.Fields) {
	f.SetTime("in_force_from", morning.AddDate(0, 0, -1))
	delete(f, "until")
	f["kinds"] = jsontext.Value(`[{"acknowledge":"2h","kind":"mitigate","reply":"2wd"},{"acknowledge":"30m","kind":"mitigate","quota":2,"reply":"8h","urgency":"emergency"},` +
		`{"acknowledge":"1d","kind":"preserve"},{"acknowledge":"1wd","kind":"notice"}]`)
	f["channels"] = jsontext.Value(`["technical"]`)
	f["calendars"] = jsontext.Value(`[{"closes":"16:00","days":"mon tue wed thu fri","opens":"08:00","party":"` + partyB + `"}]`)
	f["holidays"] = jsontext.Value(`[{"date":"2026-07-15","party":"` + partyB + `"},{"date":"2026-07-14","party":"` + partyA + `"}]`)
}

// What any implementation says of the clocks of a link with arrangements.
func TestClockVectors(t *testing.T) {
	f := clockFile{Description: clocksDescription}
	for _, row := range clockRows() {
		f.Cases = append(f.Cases, clockVectorOf(t, row))
	}
	rules := record.Example(ActArrangement, "", morning)
	arrangeClocks(rules)
	for _, s := range [][2]string{{"09:00:00 12", "1wd"}, {"09:00:00 12", "2wd"}, {"09:00:00 12", "3wd"}, {"23:59:59 13", "1wd"}, {"00:00:00 14", "1wd"}, {"16:00:01 17", "1wd"}, {"12:00:00 17", "9999wd"},
		{"09:00:00 12", "30m"}, {"09:00:00 12", "5h"}, {"09:00:00 12", "2d"}, {"09:00:00 12", "9999d"}} {
		for _, party := range []string{partyB, partyA} {
			from, err := time.Parse("15:04:05 2 2006-01", s[0]+" 2026-07")
			must(t, err)
			f.Spans = append(f.Spans, spanVector{From: stamp(from), Span: s[1], Party: party, End: stamp(TermsOf(rules).add(from, ParseClock(s[1]), party))})
		}
	}
	for _, c := range directoryRows() {
		d := house(t)
		c.change(d)
		must(t, d.Check())
		f.Directories = append(f.Directories, checkVector{Name: c.name, Fields: d.JSON(), Breaks: len(CheckEntry(d))})
	}
	for _, c := range proposalRows() {
		d := record.Example(ActArrangement, "", morning)
		arrangeClocks(d)
		d["bodies"] = jsontext.Value(`[{"authority":"CSIRT","channel":"technical","party":"` + partyA + `"}]`)
		d.SetInt("version", 3)
		c.change(d)
		must(t, d.Check())
		f.Proposals = append(f.Proposals, checkVector{Name: c.name, Agreed: c.agreed, Fields: d.JSON(), Breaks: len(CheckArrangement(d, c.agreed, partyA, partyB))})
	}
	made, err := json.Marshal(f, json.Deterministic(true), jsontext.WithIndent(" "))
	must(t, err)
	made = append(made, '\n')
	if *update {
		must(t, os.WriteFile(clockVectorsFile, made, 0o644)) // #nosec G306 -- it is published
	}
	stored, err := os.ReadFile(clockVectorsFile)
	must(t, err)
	if !bytes.Equal(stored, made) {
		t.Errorf("%s is not what the rows make: run go test ./internal/docket -run TestClockVectors -update, and read the difference", clockVectorsFile)
	}
	var v clockFile
	must(t, json.Unmarshal(stored, &v, json.RejectUnknownMembers(true)))
	for i, c := range v.Cases {
		got, err := json.Marshal(c.outcome(t), json.Deterministic(true))
		must(t, err)
		want, err := json.Marshal(c.Expect, json.Deterministic(true))
		must(t, err)
		if !bytes.Equal(got, want) {
			t.Errorf("%s: %s, want %s", c.Name, got, want)
		}
		if told := clockRows()[i].want; told != c.Expect.told() {
			t.Errorf("%s: %s, want %s", c.Name, c.Expect.told(), told)
		}
	}
}

// told is what a vector expects, in a line that a person has written: version, acknowledgement and reply, what stops the clock, remarks.
func (x clockExpect) told() string {
	day := func(s string) string { // day of the month and hour
		if s == "" {
			return "-"
		}
		if !strings.HasPrefix(s, "2026-07-") {
			return s
		}
		return s[len("2026-07-"):len("2026-07-02T15:04")]
	}
	words := []string{string(x.Status), day(x.AcknowledgeBy), day(x.ReplyBy)}
	if x.Stopped != "" {
		words = append(words, "stopped by "+x.Stopped)
	}
	if x.Late {
		words = append(words, "late")
	}
	if x.Lapsed {
		words = append(words, "lapsed")
	}
	return strings.Join(append(words, x.Remarks...), ", ")
}
