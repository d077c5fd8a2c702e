package docket

import (
	"encoding/json/jsontext"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"verbale/record"
)

func TestCheckArrangement(t *testing.T) {
	draft := func(change func(record.Fields)) record.Fields {
		f := record.Example(ActArrangement, "", morning)
		f.SetInt("version", 3)
		delete(f, "until")
		f["bodies"] = jsontext.Value(`[{"authority":"CSIRT","channel":"technical","party":"` + partyA + `"},{"authority":"CERT","channel":"technical","party":"` + partyB + `"}]`)
		change(f)
		must(t, f.Check())
		return f
	}
	for _, c := range []struct {
		agreed int64
		change func(record.Fields)
		want   string
	}{
		{0, func(record.Fields) {}, ""},
		{2, func(record.Fields) {}, ""},
		{3, func(record.Fields) {}, "version 3 is not higher than version 3"},
		{9, func(record.Fields) {}, "version 3 is not higher than version 9"},
		{0, func(f record.Fields) {
			f.SetTime("in_force_from", morning.AddDate(0, 0, -9))
			f.SetTime("until", morning)
		}, "is over already"},
		{0, func(f record.Fields) {
			f["bodies"] = jsontext.Value(`[{"authority":"CSIRT","channel":"technical","party":"csirt.cc.example"}]`)
		}, "party of bodies[0] is not"},
		{0, func(f record.Fields) {
			f["calendars"] = jsontext.Value(`[{"closes":"16:00","days":"mon","opens":"08:00","party":"csirt.cc.example"}]`)
		}, "party of calendars[0] is not"},
		{0, func(f record.Fields) {
			f["holidays"] = jsontext.Value(`[{"date":"2026-12-25","party":"csirt.cc.example"},{"date":"2026-12-26","party":"csirt.cc.example"}]`)
		}, "party of holidays[0] is not"},
	} {
		got := strings.Join(CheckArrangement(draft(c.change), c.agreed, partyA, partyB), "; ")
		if (c.want == "") != (got == "") || !strings.Contains(got, c.want) || strings.Count(got, "A-18: ") > 1 {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
	f := draft(func(f record.Fields) {
		f["kinds"] = jsontext.Value(`[{"acknowledge":"2h","kind":"mitigate"},{"acknowledge":"3h","kind":"mitigate"},{"acknowledge":"2h","kind":"mitigat"},{"acknowledge":"2h","kind":"notice","reply":"2d"},{"acknowledge":"367d","kind":"preserve","reply":"9999wd"},{"acknowledge":"366d","kind":"suppress"}]`)
		f["channels"] = jsontext.Value(`["judicial"]`)
		f["holidays"] = jsontext.Value(`[{"date":"2026-12-25","party":"` + partyA + `"},{"date":"2026-12-26","party":"` + partyA + `"}]`)
		f["escalation"] = jsontext.Value(`[{"after":"1h","contact":"a","level":"political"},{"after":"2h","contact":"b","level":"operational"}]`)
	})
	doubts := strings.Join(TermsOf(f).Doubts(f), "; ")
	for _, want := range []string{"mitigate twice", "mitigat, which is no kind", "notice nothing is asked", "CSIRT on the channel technical", "holidays of " + partyA, "goes down from political",
		"by 367d for a preserve nobody is late", "by 9999wd for a preserve", "nobody is late within a year, nor silent in any figure; by 9999wd"} {
		if strings.Count(doubts, want) != 1 {
			t.Errorf("%q is not in %q once", want, doubts)
		}
	}
	f = draft(func(record.Fields) {})
	if doubts := TermsOf(f).Doubts(f); len(doubts) != 0 {
		t.Errorf("%q of an arrangement that is as it should be", doubts)
	}
}

// Both sides find the same rules in force at any time, in whatever order they have read the two outboxes, and one signature moves nothing.
func TestBothSidesHaveTheSameRules(t *testing.T) {
	words := []string{"A:arrangement(1)", "B:arrangement(1)", "A:arrangement(2)", "B:arrangement(2)", "A:agree@%d", "B:agree@%d", "A:decline@%d", "B:decline@%d", "A:withdraw@%d", "B:withdraw@%d"}
	rapid.Check(t, func(rt *rapid.T) {
		var line []string
		for i := range rapid.IntRange(1, 10).Draw(rt, "records") {
			word := rapid.SampledFrom(words).Draw(rt, "word")
			if strings.Contains(word, "%d") {
				word = fmt.Sprintf(word, rapid.IntRange(1, i+1).Draw(rt, "of"))
			}
			line = append(line, word)
		}
		h := read(t, strings.Join(line, " "))
		shift := rapid.SliceOfN(rapid.IntRange(-48, 48), len(h.entries), len(h.entries)).Draw(rt, "hours")
		for i, e := range h.entries { // the clocks of the two sides may be a day apart, and more
			f := e.Opened.Fields.Clone()
			f.SetTime("released_at", morning.Add(time.Duration(shift[i])*time.Hour))
			h.entries[i].Opened = &record.Opened{Fields: f, Full: true}
		}
		at := morning.Add(time.Duration(rapid.IntRange(-72, 1000).Draw(rt, "at")) * time.Hour)
		one := rulesOf(h.entries, at)
		other := rulesOf(rapid.Permutation(h.entries).Draw(rt, "order"), at)
		if one.Version != other.Version || !one.From.Equal(other.From) {
			rt.Fatalf("%s: version %d from %s, and version %d from %s", strings.Join(line, " "), one.Version, one.From, other.Version, other.From)
		}
		signed := map[string]bool{}
		for _, e := range h.entries {
			if act := e.Opened.Act(); act == ActArrangement || act == ActAgree {
				signed[e.Author] = true
			}
		}
		if one.Version > 0 && len(signed) < 2 {
			rt.Fatalf("%s: version %d by one signature", strings.Join(line, " "), one.Version)
		}
	})
}

// rulesOf folds the records of a link and chooses as a node does.
func rulesOf(entries []Entry, at time.Time) Terms {
	type signed struct {
		by    Agreement
		terms Terms
	}
	var agreed []signed
	for key, c := range fold(entries) {
		by, ok := c.Agreement()
		if !ok {
			continue
		}
		for _, e := range entries {
			if keyOf(e.Ref.Leaf) == key {
				agreed = append(agreed, signed{by, TermsOf(e.Opened.Fields).Agreed(by)})
			}
		}
	}
	slices.SortFunc(agreed, func(a, b signed) int { return a.by.Compare(b.by) })
	var terms []Terms
	for _, a := range agreed {
		terms = append(terms, a.terms)
	}
	return TermsAt(terms, at)
}

// Working days are those that whoever counts them one by one comes to, and the longest span costs no more than a short one.
func TestWorkingDaysCountedOneByOne(t *testing.T) {
	names := strings.Fields("mon tue wed thu fri sat sun")
	rapid.Check(t, func(rt *rapid.T) {
		days := rapid.SliceOfNDistinct(rapid.SampledFrom(names), 1, 7, rapid.ID[string]).Draw(rt, "days")
		slices.SortFunc(days, func(a, b string) int { return slices.Index(names, a) - slices.Index(names, b) })
		var holidays []string
		off := map[string]bool{}
		for _, d := range rapid.SliceOfN(rapid.IntRange(0, 60), 0, 40).Draw(rt, "holidays") {
			date := morning.AddDate(0, 0, d).Format(time.DateOnly)
			holidays, off[date] = append(holidays, `{"date":"`+date+`","party":"`+partyB+`"}`), true
		}
		f := record.Example(ActArrangement, "", morning)
		f["calendars"] = jsontext.Value(`[{"closes":"16:00","days":"` + strings.Join(days, " ") + `","opens":"08:00","party":"` + partyB + `"}]`)
		f["holidays"] = jsontext.Value("[" + strings.Join(holidays, ",") + "]")
		n := rapid.IntRange(1, 80).Draw(rt, "n")
		day := time.Date(2026, 7, 12, 0, 0, 0, 0, time.UTC)
		for left := n; left > 0; {
			day = day.AddDate(0, 0, 1)
			if slices.Contains(days, strings.ToLower(day.Weekday().String()[:3])) && !off[day.Format(time.DateOnly)] {
				left--
			}
		}
		if got, want := TermsOf(f).add(morning, Clock{n, record.WorkingDays}, partyB), day.Add(16*time.Hour); !got.Equal(want) {
			rt.Fatalf("%d wd: %s, counted one by one %s", n, got, want)
		}
	})
}

// A peer that names every day a holiday, and the longest spans, has them kept, and computed at once.
func TestHostileCalendar(t *testing.T) {
	f := record.Example(ActArrangement, "", morning)
	f["calendars"] = jsontext.Value(`[{"closes":"16:00","days":"mon","opens":"08:00","party":"` + partyB + `"}]`)
	var holidays []jsontext.Value
	for i := range 1000 {
		holidays = append(holidays, jsontext.Value(`{"date":"`+morning.AddDate(0, 0, 1+7*i).Format(time.DateOnly)+`","party":"`+partyB+`"}`))
	}
	f.SetList("holidays", holidays)
	must(t, f.Check())
	terms, begun := TermsOf(f), time.Now()
	var end time.Time
	for range 1000 {
		end = terms.add(morning, Clock{9999, record.WorkingDays}, partyB)
	}
	if want := time.Date(2026, 7, 13, 16, 0, 0, 0, time.UTC).AddDate(0, 0, 7*(1000+9998)); !end.Equal(want) {
		t.Errorf("9999 wd end at %s, want %s", end, want)
	}
	if took := time.Since(begun); took > 5*time.Second {
		t.Errorf("a thousand times took %s", took)
	}
}

func TestQuota(t *testing.T) {
	terms := agreedTerms(t)
	if _, has := terms.Quota("preserve", "routine"); has {
		t.Error("a rule without a quota has one")
	}
	if _, has := (Terms{}).Quota("mitigate", "emergency"); has {
		t.Error("without an arrangement there is a quota")
	}
	q, has := terms.Quota("mitigate", "emergency")
	if !has || q.Most != 2 || !slices.Equal(q.Urgencies, []string{"emergency"}) {
		t.Errorf("%+v", q)
	}
	terms.Kinds[0].Quota = 5
	if q, _ = terms.Quota("mitigate", "urgent"); q.Most != 5 || !slices.Equal(q.Urgencies, []string{"routine", "urgent"}) {
		t.Errorf("%+v", q)
	}
	if !strings.HasPrefix(terms.Beyond(q), "A-19: version 3 of the arrangement allows 5 appeals") {
		t.Errorf("%q", terms.Beyond(q))
	}
	from, until := Day(time.Date(2026, 7, 12, 23, 30, 0, 0, time.FixedZone("there", 2*3600)))
	if !from.Equal(time.Date(2026, 7, 12, 0, 0, 0, 0, time.UTC)) || until.Sub(from) != 24*time.Hour {
		t.Errorf("%s to %s", from, until)
	}
}

// A deadline to reply is never before that to acknowledge, whatever the spans are.
func TestDeadlinesAreInOrder(t *testing.T) {
	f := record.Example(ActArrangement, "", morning)
	f["kinds"] = jsontext.Value(`[{"acknowledge":"3wd","kind":"mitigate","reply":"30h"},{"acknowledge":"90d","kind":"clarify"}]`)
	terms := TermsOf(f)
	for _, kind := range []string{"mitigate", "clarify", "preserve"} {
		if ack, reply := terms.Deadlines(kind, "routine", partyB, morning); reply.Before(ack) || !ack.After(morning) {
			t.Errorf("%s: acknowledge by %s, reply by %s", kind, ack, reply)
		}
	}
	if _, reply := terms.Deadlines("notice", "routine", partyB, morning); !reply.IsZero() {
		t.Error("by a notice nothing is asked")
	}
}
