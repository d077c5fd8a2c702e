package docket

import (
	"bytes"
	"encoding/base64"
	"encoding/json/jsontext"
	"encoding/json/v2"
	"os"
	"strings"
	"testing"
	"time"

	"verbale/record"
)

const statisticsVectors = "../../spec/vectors/statistics.json"

// statisticsFile is spec/vectors/statistics.json.
type statisticsFile struct {
	Description string             `json:"description"`
	Cases       []statisticsVector `json:"cases"`
}

type statisticsVector struct {
	Name     string             `json:"name"`
	Rule     string             `json:"rule"`
	Expect   string             `json:"expect"`
	Records  []statisticsRecord `json:"records"`
	Receipts []vectorReceipts   `json:"receipts"`
	Question vectorQuestion     `json:"question"`
	Figures  jsontext.Value     `json:"figures"`
}

type statisticsRecord struct {
	Outbox string         `json:"outbox"`
	Index  int64          `json:"index"`
	Leaf   string         `json:"leaf"`
	Fields jsontext.Value `json:"fields"`
}

type vectorReceipts struct {
	Outbox   string          `json:"outbox"`
	Receipts []vectorReceipt `json:"receipts"`
}

type vectorReceipt struct {
	Size int64     `json:"size"`
	At   time.Time `json:"at"`
}

type vectorQuestion struct {
	AsOf    time.Time `json:"as_of"`
	From    time.Time `json:"from,omitzero"`
	To      time.Time `json:"to,omitzero"`
	Channel string    `json:"channel,omitempty"`
	Kind    string    `json:"kind,omitempty"`
	Class   string    `json:"class,omitempty"`
	Basis   *Basis    `json:"basis,omitempty"`
}

// entry gives a record as the fold sees it.
func (r statisticsRecord) entry(t *testing.T) Entry {
	t.Helper()
	leaf, err := base64.RawURLEncoding.DecodeString(r.Leaf)
	must(t, err)
	f, err := record.ParseDraft(r.Fields)
	must(t, err)
	author, rest, _ := strings.Cut(r.Outbox, "/to/")
	audience, _, _ := strings.Cut(rest, "/")
	return Entry{Author: author, Audience: audience, Ref: record.Ref{Outbox: r.Outbox, Index: r.Index, Leaf: [32]byte(leaf)},
		Opened: &record.Opened{Fields: f, Full: true}}
}

// figures computes what an implementation has to say.
func (v statisticsVector) figures(t *testing.T) []byte {
	t.Helper()
	h := &history{tb: t, lost: map[int]string{}, sizes: map[string]int64{}}
	for _, r := range v.Records {
		h.entries = append(h.entries, r.entry(t))
	}
	c := &copied{history: h, held: map[string]map[string]Held{}}
	for _, r := range v.Receipts {
		var list []Receipt
		for _, one := range r.Receipts {
			list = append(list, Receipt(one))
		}
		c.hold(partyA, r.Outbox, list)
	}
	return figureBytes(t, c.figures(partyA, Question(v.Question)))
}

// What any implementation says of a link by its records and receipts.
func TestStatisticsVectors(t *testing.T) {
	if *update {
		writeStatisticsVectors(t)
	}
	raw, err := os.ReadFile(statisticsVectors)
	must(t, err)
	var f statisticsFile
	must(t, json.Unmarshal(raw, &f))
	if len(f.Cases) < 10 {
		t.Fatalf("%d cases", len(f.Cases))
	}
	for _, v := range f.Cases {
		got := jsontext.Value(v.figures(t))
		must(t, got.Compact())
		figures := v.Figures.Clone()
		must(t, figures.Compact())
		if !bytes.Equal(got, figures) {
			t.Errorf("%s:\n%s, want\n%s", v.Name, got, figures)
		}
	}
}

// writeStatisticsVectors makes vectors of histories in which the nth record is received n-1 hours after the first, or as many times apart.
func writeStatisticsVectors(t *testing.T) {
	t.Helper()
	hours := func(n int) time.Time { return morning.Add(time.Duration(n) * time.Hour) }
	f := statisticsFile{Description: "Statistics (spec/statistics.md). `records` of one link, as their authors wrote them: the place, the leaf hash, the fields of the content (of the envelope those that decide something). " +
		"`receipts` over each of the two outboxes, the smallest first. `question`: what is asked; with `basis`, by no more than that, and without what one of the sides cannot read (its `unread`). " +
		"`figures`: the member of that name of the figures file, whichever side computes it. `expect` is accept: every input here has its figures."}
	for _, c := range []struct {
		name, rule, history string
		question            vectorQuestion
		apart               time.Duration                     // zero: an hour
		change              func(n int, fields record.Fields) // of the nth record
	}{
		{"nothing was exchanged", "S-1", "", vectorQuestion{AsOf: hours(1)}, 0, nil},
		{"one of each end, and what waits", "S-7", "A:appeal(mitigate) B:ack B:answer(final) A:appeal(mitigate) B:refuse(no-data)@4 A:appeal(mitigate) B:redirect(other)@6 A:appeal(mitigate) A:withdraw@8 A:appeal(mitigate) B:progress@10 A:appeal(mitigate)",
			vectorQuestion{AsOf: hours(60)}, 0, nil},
		{"the same, two hours after the last", "S-5", "A:appeal(mitigate) B:ack B:answer(final) A:appeal(mitigate) B:refuse(no-data)@4 A:appeal(mitigate) B:redirect(other)@6 A:appeal(mitigate) A:withdraw@8 A:appeal(mitigate) B:progress@10 A:appeal(mitigate)",
			vectorQuestion{AsOf: hours(13)}, 0, nil},
		{"as of an instant at which the answer had not come", "S-5", "A:appeal(mitigate) B:ack B:answer(final)", vectorQuestion{AsOf: hours(2)}, 0, nil},
		{"a window", "S-6", "A:appeal(mitigate) A:appeal(mitigate) A:appeal(mitigate) B:answer(final)@2 B:answer(final)@3", vectorQuestion{AsOf: hours(60), From: hours(1), To: hours(2)}, 0, nil},
		{"both directions, and a filter", "S-1", "A:appeal(mitigate) B:appeal(preserve) A:appeal(notice) B:appeal(mitigate) A:answer(final)@4 B:ack@3", vectorQuestion{AsOf: hours(60), Kind: "mitigate"}, 0, nil},
		{"stopped clocks, postponed, disputed", "S-8", "A:appeal(mitigate) B:incomplete(law) A:appeal(mitigate) B:accept(conditions)@3 A:appeal(mitigate) B:postpone@5 A:appeal(mitigate) B:answer(final)@7 A:dispute@7~8 A:appeal(mitigate) B:incomplete(law)@10 A:supplement@10~11",
			vectorQuestion{AsOf: hours(40)}, 0, nil},
		{"a notice asks for nothing", "S-7", "A:appeal(notice) A:appeal(notice) B:ack@2", vectorQuestion{AsOf: hours(100)}, 0, nil},
		{"what one side cannot read is unread to both, and moves nothing", "S-3", "A:appeal(mitigate) A:appeal(mitigate) A:withdraw@1 B:ack@2",
			vectorQuestion{AsOf: hours(60), Basis: &Basis{Heads: []BasisHead{{Outbox: toB, Size: 3}, {Outbox: toA, Size: 1}}, Unread: []Serial{{toB, 1}, {toB, 2}}}}, 0, nil},
		{"the basis of the other side is smaller", "S-4", "A:appeal(mitigate) B:ack B:answer(final) A:appeal(mitigate)",
			vectorQuestion{AsOf: hours(60), Basis: &Basis{Heads: []BasisHead{{Outbox: toB, Size: 1}, {Outbox: toA, Size: 1}}, Unread: []Serial{}}}, 0, nil},
		{"irregular moves move nothing", "S-8", "A:appeal(mitigate) A:answer(final) B:withdraw B:answer(final) B:refuse(no-data)", vectorQuestion{AsOf: hours(60)}, 0, nil},
		{"an arrangement that counts what was acknowledged, and by other clocks", "S-11", "A:arrangement(1) B:agree A:appeal(mitigate) B:ack@3 A:appeal(mitigate) B:answer(final)@5", vectorQuestion{AsOf: hours(300)}, 0, releasedInTurn},
		{"an agreement that came after the appeals, whatever date it bears", "S-2", "A:arrangement(1) A:appeal(mitigate) B:ack@2 B:agree", vectorQuestion{AsOf: hours(300)}, 0, nil},
		{"a proposal that had been taken back before it was agreed to", "S-2", "A:arrangement(1) A:withdraw B:agree A:appeal(mitigate)", vectorQuestion{AsOf: hours(300)}, 0, releasedInTurn},
		{"an appeal that bears a date before the arrangement was in force", "S-7", "A:arrangement(1) B:agree A:appeal(mitigate) A:appeal(mitigate)", vectorQuestion{AsOf: hours(72)}, 0,
			func(n int, f record.Fields) {
				if n < 4 {
					releasedInTurn(n, f)
				}
			}},
		{"what is late stays late: found incomplete, conditions and postponed after it was due", "S-8",
			"A:appeal(mitigate) A:appeal(mitigate) A:appeal(mitigate) B:incomplete(law) B:accept(conditions)@2 B:postpone@3", vectorQuestion{AsOf: hours(60)}, 10 * time.Hour, nil},
		{"a dispute that was given up, and one that was closed", "S-7", "A:appeal(mitigate) B:answer(final) A:dispute~2 A:withdraw A:appeal(mitigate) B:answer(final)@5 A:dispute@5~6 B:progress@5~7 A:close(partial)@5~6",
			vectorQuestion{AsOf: hours(72)}, 0, nil},
		{"a leaf that was written again", "S-8", "A:appeal(mitigate) B:incomplete(law) A:supplement~2 B:again@2", vectorQuestion{AsOf: hours(12)}, 0, nil},
		{"what expired: a notice that was acknowledged did not", "S-7", "A:appeal(notice) A:appeal(mitigate) B:ack", vectorQuestion{AsOf: hours(72)}, 0,
			func(n int, f record.Fields) {
				if n < 3 {
					f.SetTime("expires_at", hours(26))
				}
			}},
		{"an arrangement that nobody agreed to", "S-2", "A:arrangement(1) A:appeal(mitigate) A:appeal(mitigate) B:ack@3", vectorQuestion{AsOf: hours(300)}, 0, nil},
		{"answer times", "S-10", "A:appeal(mitigate) B:answer(final) A:appeal(mitigate) A:ping A:ping B:answer(final)@3 A:appeal(mitigate) A:ping A:ping A:ping A:ping A:ping A:ping A:ping A:ping B:answer(final)@7",
			vectorQuestion{AsOf: hours(60)}, 0, nil},
	} {
		v := statisticsVector{Name: c.name, Rule: c.rule, Expect: "accept", Records: []statisticsRecord{}, Question: c.question}
		h := read(t, c.history)
		for i, e := range h.entries {
			fields := e.Opened.Fields.Clone()
			for _, name := range []string{"drafted_at", "released_by", "language", "tlp"} { // of the envelope, what decides nothing
				delete(fields, name)
			}
			if e.Opened.Act() == ActArrangement {
				arrangeVector(fields)
			}
			if c.change != nil {
				c.change(i+1, fields)
			}
			v.Records = append(v.Records, statisticsRecord{e.Ref.Outbox, e.Ref.Index, keyOf(e.Ref.Leaf), fields.JSON()})
		}
		for _, outbox := range []string{toB, toA} {
			r := vectorReceipts{Outbox: outbox, Receipts: []vectorReceipt{}}
			for _, one := range everybody(h).held[partyA][outbox].Receipts {
				if c.apart > 0 {
					one.At = morning.Add(one.At.Sub(morning) / time.Hour * c.apart)
				}
				r.Receipts = append(r.Receipts, vectorReceipt(one))
			}
			v.Receipts = append(v.Receipts, r)
		}
		v.Figures = v.figures(t)
		f.Cases = append(f.Cases, v)
	}
	out, err := json.Marshal(f, json.Deterministic(true), jsontext.WithIndent(" "))
	must(t, err)
	must(t, os.WriteFile(statisticsVectors, append(out, '\n'), 0o644))
}

// releasedInTurn has the nth record released shortly before it is received.
func releasedInTurn(n int, f record.Fields) {
	f.SetTime("released_at", morning.Add(time.Duration(n-1)*time.Hour-10*time.Minute))
}

// arrangeVector makes of an example the arrangement of the vectors.
func arrangeVector(f record.Fields) {
	f.SetTime("in_force_from", morning)
	delete(f, "until")
	f["kinds"] = jsontext.Value(`[{"acknowledge":"1d","kind":"mitigate","reply":"10d"}]`)
	f.SetText("counting", "acknowledged")
}
