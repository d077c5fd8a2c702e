package testbed

import (
	"context"
	"encoding/json/jsontext"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"verbale/internal/docket"
	"verbale/internal/node"
	"verbale/record"
)

// Entry is an entry of the directory, ready to publish: a desk at all hours that receives mitigate, and a court in hours that receives preserve.
func (p *Party) Entry() record.Fields {
	f := record.Fields{}
	for name, value := range map[string]string{"act": docket.ActDirectory, "title": p.Profile.Title, "nominated_by": "Ministry, note 12", "status": "active", "max_lag": "30d",
		"protection": "authorities"} {
		f.SetText(name, value)
	}
	f.SetTime("effective_at", p.Now())
	f.SetTime("review_by", p.Now().AddDate(1, 0, 0))
	f.SetTexts("languages", "en")
	f["authorities"] = jsontext.Value(`[{"function":"technical","name":"CSIRT"},{"function":"judicial","name":"Court"}]`)
	f["competences"] = jsontext.Value(`[{"authority":"CSIRT","direction":"both","instrument":"voluntary","kind":"mitigate"},{"authority":"Court","direction":"receives","kind":"preserve"}]`)
	f["contacts"] = jsontext.Value(`[{"authority":"CSIRT","hours":"24/7","languages":"en","role":"duty-officer","zone":"UTC"},` +
		`{"authority":"Court","hours":"mon-fri 08:00-16:00","languages":"en","role":"clerk","zone":"UTC"}]`)
	return f
}

// Proposal is an arrangement of a version for the link with to, ready to propose. Options change it: ack+2h, reply+2wd and quota+3 of mitigate,
// from+2d, until+3d, channel+leader (only there), only+clarify (no other kind), closed (every day of the week that to works is a holiday), stranger
// (of a party that is not of the link).
func (p *Party) Proposal(to *Party, version int64, options ...string) record.Fields {
	f := record.Fields{}
	for name, value := range map[string]string{"act": docket.ActArrangement, "retention": "365d", "releasability": "counts", "counting": "received", "counting_rule": "By receipt."} {
		f.SetText(name, value)
	}
	f.SetInt("version", version)
	f.SetTime("in_force_from", p.Now())
	f.SetTexts("channels", "technical")
	mitigate := map[string]string{"ack": "2h", "reply": "2wd", "quota": ""}
	bodies, kinds := []string{p.Name, to.Name}, []string{"mitigate", "clarify"}
	for _, option := range options {
		name, value, _ := strings.Cut(option, "+")
		switch name {
		case "from":
			f.SetTime("in_force_from", p.Now().Add(span("+"+value)))
		case "until":
			f.SetTime("until", p.Now().Add(span("+"+value)))
		case "channel":
			f.SetTexts("channels", value)
		case "only":
			kinds = []string{value}
		case "stranger":
			bodies = append(bodies, "elsewhere.example")
		case "closed":
			f["calendars"] = jsontext.Value(`[{"closes":"16:00","days":"mon","opens":"08:00","party":"` + to.Name + `"}]`)
			f.SetList("holidays", mondays(p.Now(), to.Name))
		default:
			mitigate[name] = value
		}
	}
	var list []jsontext.Value
	for _, kind := range kinds {
		rule := `{"acknowledge":"12h","kind":"` + kind + `","reply":"2d"}`
		if kind == "mitigate" {
			rule = `{"acknowledge":"` + mitigate["ack"] + `","kind":"mitigate","reply":"` + mitigate["reply"] + `"}`
			if mitigate["quota"] != "" {
				rule = strings.TrimSuffix(rule, "}") + `,"quota":` + mitigate["quota"] + `}`
			}
		}
		list = append(list, canonical(rule))
	}
	f.SetList("kinds", list)
	var all []jsontext.Value
	for _, party := range bodies {
		all = append(all, jsontext.Value(`{"authority":"CSIRT","channel":"`+f.Texts("channels")[0]+`","party":"`+party+`"}`))
	}
	f.SetList("bodies", all)
	return f
}

// canonical gives an object with its members in order.
func canonical(object string) jsontext.Value {
	v := jsontext.Value(object)
	_ = v.Canonicalize() // what it cannot be made of is refused when it is filed
	return v
}

// mondays are the next thousand of them.
func mondays(from time.Time, party string) (list []jsontext.Value) {
	day := from
	for day.Weekday() != time.Monday {
		day = day.AddDate(0, 0, 1)
	}
	for i := range 1000 {
		list = append(list, jsontext.Value(`{"date":"`+day.AddDate(0, 0, 7*i).Format(time.DateOnly)+`","party":"`+party+`"}`))
	}
	return list
}

// rules are the verbs of:
//
//	x propose y #1 2 quota+3   x proposes version 2 of an arrangement, with options as Party.Proposal has them
//	x directory [y]            x publishes its entry, to everybody or to y
//	x: rules y 2               version 2 is in force now, as x sees it; 0: none
//	x: remarks #1 a-19         the rules that #1 does not keep; none: it keeps them
//	x: house y active late     the entry of y, as x sees it: its status, or none, and late, broken, overdue
func rules() []Verb {
	return []Verb{
		{Name: "propose", Args: "PARTY NEW WORD [WORD…]", Run: func(s Scene) error {
			version, err := strconv.ParseInt(s.Args[2], 10, 64)
			if err != nil {
				return err
			}
			filed, err := s.By.Node.Propose(s.t.Context(), s.Party(0).Name, s.By.Proposal(s.Party(0), version, s.Args[3:]...), "")
			s.call(1, filed.Ref)
			return err
		}},
		{Name: "directory", Args: "[PARTY]", Run: publishLine},
		{Name: "rules:", Args: "PARTY WORD", Run: func(s Scene) error {
			page, err := s.By.Node.Arrangement(context.Background(), node.ArrangementQuery{Party: s.Party(0).Name})
			if err != nil {
				return err
			}
			version := int64(0)
			if page.Shown != nil {
				version = page.Shown.Version
			}
			return differs(s.Args[1], strconv.FormatInt(version, 10))
		}},
		{Name: "remarks:", Args: "REF WORD…", Run: remarks},
		{Name: "house:", Args: "PARTY WORD…", Run: house},
	}
}

func publishLine(s Scene) error {
	var to []string
	if len(s.Args) > 0 {
		to = append(to, s.Party(0).Name)
	}
	published, err := s.By.Node.PublishDirectory(s.t.Context(), s.By.Entry(), to...)
	for _, p := range published {
		if p.Problem != "" {
			return fmt.Errorf("to %s: %s", p.Party, p.Problem)
		}
	}
	return err
}

// remarks says which rules a record does not keep.
func remarks(s Scene) error {
	d, err := s.By.Node.Case(context.Background(), s.Ref(0).Outbox, s.Ref(0).Index)
	if err != nil {
		return err
	}
	words := []string{}
	for _, r := range d.View.Remarks {
		rule, _, _ := strings.Cut(r, ":")
		words = append(words, strings.ToLower(rule))
	}
	if len(words) == 0 {
		words = []string{"none"}
	}
	slices.Sort(words)
	return differs(strings.Join(s.Args[1:], " "), strings.Join(words, " "))
}

// house says what the directory has of a party.
func house(s Scene) error {
	e, err := s.By.Node.DirectoryOf(context.Background(), s.Party(0).Name)
	if err != nil {
		return err
	}
	words := []string{e.Status}
	if e.Late > 0 {
		words = append(words, "late")
	}
	if len(e.Marks) > 0 && e.Late == 0 {
		words = append(words, "broken")
	}
	if !e.Overdue.IsZero() {
		words = append(words, "overdue")
	}
	return differs(strings.Join(s.Args[1:], " "), strings.Join(words, " "))
}
