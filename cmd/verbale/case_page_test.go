package main

import (
	"encoding/base64"
	"encoding/json/jsontext"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"verbale/internal/console"
	"verbale/internal/docket"
	"verbale/internal/node"
	"verbale/record"
)

const (
	author    = "aurelia.example"
	addressee = "borea.example"
)

// said makes one record of a case: hours after noon, by the author (index 0, 1, …) or the addressee, about another record or nothing.
func said(by string, index int64, hours int, act string, about *record.Ref, fields map[string]string) node.Shown {
	f := record.Fields{}
	for name, text := range fields {
		f.SetText(name, text)
	}
	at := noon().Add(time.Duration(hours) * time.Hour)
	f.SetText("act", act)
	f.SetTime("released_at", at)
	if about != nil {
		f.SetRef("about", *about)
	}
	to := map[string]string{author: addressee, addressee: author}[by]
	return node.Shown{Ref: record.Ref{Outbox: by + "/to/" + to + "/1", Index: index, Leaf: [32]byte{byte(index), byte(len(by))}}, By: by, Act: act, Fields: f, ReceivedAt: at, Held: index + 1}
}

func caseOf(l console.Line, records ...node.Shown) console.Case {
	first := records[0].Ref
	l.With, l.From, l.To, l.Act, l.Kind, l.Class, l.Channel, l.TLP = addressee, author, addressee, docket.ActAppeal, "clarify", "substantive", "technical", "amber"
	l.Outbox, l.Index, l.Leaf, l.Subject = first.Outbox, first.Index, base64.RawURLEncoding.EncodeToString(first.Leaf[:]), "A scan of dams"
	return console.Case{Line: l, Records: records}
}

// The page of a case with everything that can stand beside something else, in 80 columns.
func TestCaseText(t *testing.T) {
	opening := said(author, 0, 0, docket.ActAppeal, nil, map[string]string{"kind": "clarify", "subject": "A scan of dams", "concern": "dams"})
	incomplete := said(addressee, 1, 2, docket.ActIncomplete, nil, map[string]string{"text": "Which dams?"})
	incomplete.Fields.SetTexts("missing", "concern", "questions")
	correct := said(author, 1, 1, docket.ActCorrect, nil, map[string]string{"edition": "correction", "text": "Three."})
	correct.Fields.SetList("changes", []jsontext.Value{record.Fields{"field": jsontext.Value(`"subject"`), "text": jsontext.Value(`"A scan of three dams, of which one is in the north and two are in the south"`)}.JSON()})
	wrong := said(author, 2, 3, docket.ActClose, nil, map[string]string{"satisfaction": "satisfied"})
	wrong.Irregular = "A-8: it has to name what ended the case"
	wrong.ReceivedAt = time.Time{}
	c := caseOf(console.Line{Status: docket.Incomplete, Turn: author, Must: docket.ActSupplement, StoppedSince: noon().Add(2 * time.Hour), StoppedBy: docket.ActIncomplete,
		Level: "political", Remarks: []string{"A-16: it asks for an acknowledgement by 2021-07-09T11:00:00Z, and was received at 2021-07-09T12:00:00Z"}}, opening, correct, wrong, incomplete)
	a := &app{Env: Env{Now: func() time.Time { return noon().Add(4 * time.Hour) }, Getenv: func(string) string { return "" }}, self: author}
	var out strings.Builder
	a.caseText(&out, author, c, false)
	want := `to:borea.example#0  clarify  TLP:AMBER
A scan of dams

status      incomplete
            borea.example asks for what is missing; the reply clock stands still
turn        ours: supplement
do          verbale appeal supplement to:borea.example#0
clock       stands still since 2021-07-09 14:00:00 UTC (2 h 0 min ago)
            incomplete: it waits for the supplement
level       political
remark      A-16: it asks for an acknowledgement by 2021-07-09T11:00:00Z, and
            was received at 2021-07-09T12:00:00Z

1. appeal by aurelia.example, to:borea.example#0
  held by borea.example since 2021-07-09 12:00:00 UTC (4 h 0 min ago), by its
      own clock (receipt over 1 entry)
  released_at        2021-07-09 12:00:00 UTC (4 h 0 min ago)
  kind               clarify
  subject            A scan of dams
                     → corrected by to:borea.example#1: A scan of three dams, of
                       which one is in the north and two are in the south
  concern            dams
                     → missing, says borea.example#1
  questions
                     → missing, says borea.example#1

2. correct by aurelia.example, to:borea.example#1
  both texts stand; no clock changes
  held by borea.example since 2021-07-09 13:00:00 UTC (3 h 0 min ago), by its
      own clock (receipt over 2 entries)
  released_at        2021-07-09 13:00:00 UTC (3 h 0 min ago)
  edition            correction
  text               Three.
  changes (1)
    0. subject: A scan of three dams, of which one is in the north and two are
       in the south

3. incomplete by borea.example, borea.example#1
  the reply clock stands still until what is missing is there
  held by aurelia.example since 2021-07-09 14:00:00 UTC (2 h 0 min ago), by its
      own clock (receipt over 2 entries)
  released_at        2021-07-09 14:00:00 UTC (2 h 0 min ago)
  missing (2)
    0. concern
    1. questions
  text               Which dams?

4. close by aurelia.example, to:borea.example#2
  IRREGULAR, moves nothing: A-8: it has to name what ended the case
  not received yet: no receipt of borea.example is here
  released_at        2021-07-09 15:00:00 UTC (1 h 0 min ago)
  satisfaction       satisfied
`
	if d := cmp.Diff(want, out.String()); d != "" {
		t.Errorf("-want +got\n%s", d)
	}
}

// What answers another record stands after it, whatever the clocks of the two sides say.
func TestConversation(t *testing.T) {
	opening := said(author, 0, 0, docket.ActAppeal, nil, nil)
	accept := said(addressee, 0, 30, docket.ActAccept, nil, nil) // its clock is a day ahead
	agree := said(author, 1, 1, docket.ActAgree, &accept.Ref, nil)
	answer := said(addressee, 1, 31, docket.ActAnswer, nil, nil)
	withdraw := said(author, 2, 2, docket.ActWithdraw, nil, nil)
	var got []string
	for _, r := range conversation([]node.Shown{opening, agree, withdraw, accept, answer}) {
		got = append(got, r.Act)
	}
	if d := cmp.Diff([]string{"appeal", "accept", "agree", "withdraw", "answer"}, got); d != "" {
		t.Errorf("-want +got\n%s", d)
	}
	loop := said(author, 3, 3, docket.ActClose, &answer.Ref, nil)
	other := said(addressee, 4, 3, docket.ActProgress, &loop.Ref, nil)
	if n := len(conversation([]node.Shown{opening, loop, other})); n != 3 {
		t.Errorf("%d records, want 3", n)
	}
}

// Every status has a sentence, and every kind says what it is for.
func TestWordsOfCases(t *testing.T) {
	for _, s := range docket.Statuses() {
		if statusMeans[s] == "" {
			t.Errorf("nothing says what %s means", s)
		}
	}
	for _, kind := range record.Words("kind") {
		if kindFor[kind] == "" {
			t.Errorf("nothing says what %s is for", kind)
		}
	}
}
