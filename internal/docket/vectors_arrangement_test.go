package docket

import (
	"encoding/json/v2"
	"os"
	"slices"
	"testing"
	"time"

	"verbale/record"
)

// arrangementVectors is spec/vectors/arrangement.json.
type arrangementVectors struct {
	Comment string `json:"comment"`
	Spans   []struct {
		From     time.Time `json:"from"`
		Span     string    `json:"span"`
		Days     string    `json:"days"`
		Closes   string    `json:"closes"`
		Holidays []string  `json:"holidays"`
		Ends     time.Time `json:"ends"`
	} `json:"spans"`
	InForce []struct {
		Name         string        `json:"name"`
		Arrangements []vectorRules `json:"arrangements"`
		At           time.Time     `json:"at"`
		Version      int64         `json:"version"`
		Which        int           `json:"which"` // of several of one version
	} `json:"in_force"`
	Quotas []struct {
		Name  string `json:"name"`
		Rules []struct {
			Kind        string `json:"kind"`
			Acknowledge string `json:"acknowledge"`
			Urgency     string `json:"urgency"`
			Quota       int64  `json:"quota"`
		} `json:"rules"`
		Records [][2]string `json:"records"` // released_at, urgency
		Beyond  []int       `json:"beyond"`
	} `json:"quotas"`
}

type vectorRules struct {
	Version    int64     `json:"version"`
	From       time.Time `json:"in_force_from"`
	Until      time.Time `json:"until"`
	ReleasedAt time.Time `json:"released_at"`
	Agree      struct {
		ReleasedAt time.Time `json:"released_at"`
		Received   time.Time `json:"received"`
		Outbox     string    `json:"outbox"`
		Index      int64     `json:"index"`
	} `json:"agree"`
}

func (v vectorRules) agreement() Agreement {
	a, _ := Agreement{Version: v.Version, At: v.Agree.ReleasedAt, Outbox: v.Agree.Outbox, Index: v.Agree.Index}.Held(v.Agree.Received, time.Time{})
	return a
}

func (v vectorRules) terms() Terms {
	f := record.Fields{}
	f.SetInt("version", v.Version)
	f.SetTime("in_force_from", v.From)
	f.SetTime("released_at", v.ReleasedAt)
	if !v.Until.IsZero() {
		f.SetTime("until", v.Until)
	}
	return TermsOf(f).Agreed(v.agreement())
}

// What any implementation makes of arrangements: spans, which one is in force, what is beyond a quota.
func TestArrangementVectors(t *testing.T) {
	raw, err := os.ReadFile("../../spec/vectors/arrangement.json")
	must(t, err)
	var v arrangementVectors
	must(t, json.Unmarshal(raw, &v, json.RejectUnknownMembers(true)))
	if len(v.Spans) < 8 || len(v.InForce) < 10 || len(v.Quotas) < 3 {
		t.Fatalf("%d, %d and %d cases", len(v.Spans), len(v.InForce), len(v.Quotas))
	}
	for _, c := range v.Spans {
		var terms Terms
		if c.Days != "" {
			terms = TermsOf(calendarFields(t, c.Days, c.Closes, c.Holidays))
		}
		if got := terms.add(c.From, ParseClock(c.Span), partyB); !got.Equal(c.Ends) {
			t.Errorf("%s from %s ends at %s, want %s", c.Span, c.From, got, c.Ends)
		}
	}
	for _, c := range v.InForce {
		order := slices.Clone(c.Arrangements)
		slices.SortFunc(order, func(a, b vectorRules) int { return a.agreement().Compare(b.agreement()) })
		var agreed []Terms
		for _, a := range order {
			agreed = append(agreed, a.terms())
		}
		got := TermsAt(agreed, c.At)
		if got.Version != c.Version {
			t.Errorf("%s: version %d, want %d", c.Name, got.Version, c.Version)
		}
		same := func(a vectorRules) bool { return a.Version == c.Version }
		if len(c.Arrangements) > 1 && !slices.ContainsFunc(c.Arrangements, func(a vectorRules) bool { return !same(a) }) {
			if last := order[len(order)-1]; last.Agree != c.Arrangements[c.Which].Agree {
				t.Errorf("%s: the last agree is %+v, want %+v", c.Name, last.Agree, c.Arrangements[c.Which].Agree)
			}
		}
	}
	for _, c := range v.Quotas {
		terms := Terms{Version: 1}
		for _, r := range c.Rules {
			terms.Kinds = append(terms.Kinds, KindRule{Kind: r.Kind, Urgency: r.Urgency, Quota: r.Quota, Acknowledge: ParseClock(r.Acknowledge)})
		}
		beyond := []int{}
		for i, r := range c.Records {
			q, has := terms.Quota("mitigate", r[1])
			var before int64
			for _, other := range c.Records[:i] {
				if has && slices.Contains(q.Urgencies, other[1]) && other[0][:len(time.DateOnly)] == r[0][:len(time.DateOnly)] {
					before++
				}
			}
			if has && before >= q.Most {
				beyond = append(beyond, i)
			}
		}
		if !slices.Equal(beyond, c.Beyond) {
			t.Errorf("%s: beyond are %v, want %v", c.Name, beyond, c.Beyond)
		}
	}
}

// calendarFields is an arrangement with a calendar of B.
func calendarFields(t *testing.T, days, closes string, holidays []string) record.Fields {
	t.Helper()
	f := record.Fields{}
	raw, err := json.Marshal([]map[string]string{{"closes": closes, "days": days, "opens": "00:00", "party": partyB}}, json.Deterministic(true))
	must(t, err)
	f["calendars"] = raw
	list := []map[string]string{}
	for _, d := range holidays {
		list = append(list, map[string]string{"date": d, "party": partyB})
	}
	raw, err = json.Marshal(list, json.Deterministic(true))
	must(t, err)
	f["holidays"] = raw
	return f
}
