package main

import (
	"encoding/json/jsontext"
	"encoding/json/v2"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"verbale/internal/docket"
	"verbale/internal/node"
	"verbale/record"
	"verbale/verdict"
)

// wholeCase is one appeal with everything that two authorities can say about it, under rules that both have signed.
func wholeCase() story {
	return story{name: "whole-case", what: "Two authorities agree on rules. A request to preserve data comes back as incomplete, is supplemented, accepted on conditions, answered, disputed, " +
		"answered anew and closed. Whose turn it was, and until when, both compute alike; and so do they their figures.", from: june9(), tell: tellWholeCase}
}

// A caseMove is one move of the story, and where the case stands after it.
type caseMove struct {
	by     *live
	after  time.Duration
	act    string
	about  int // the move of the other side that it answers, counted from 1; 0 is none
	fields map[string]string
	said   string
	leads  docket.Status
}

func tellWholeCase(st *stage) error {
	a, b, err := st.watchedPair()
	if err != nil {
		return err
	}
	arrangement, err := st.arrange(a, b)
	if err != nil {
		return err
	}
	st.later(24 * time.Hour)
	ref, err := st.file(a, b, preserveDraft(st.now()))
	if err != nil {
		return err
	}
	if err := all(st.push(a, b), st.due(b, ref)); err != nil {
		return err
	}
	if err := st.moves(a, b, ref, wholeCaseMoves(a, b)); err != nil {
		return err
	}
	if err := all(st.date(a, b), st.figures(a, b)); err != nil {
		return err
	}
	return st.wholeProof(a, arrangement, ref)
}

// arrange lets both sides sign the rules of their link: two of B's working days for a request to preserve.
func (st *stage) arrange(a, b *live) (record.Ref, error) {
	f := record.Example(docket.ActArrangement, "", st.now())
	for _, name := range []string{"until", "escalation", "holidays", "text"} {
		delete(f, name)
	}
	f.SetInt("version", 1)
	f.SetTime("in_force_from", st.now())
	f.SetTexts("channels", "technical", "judicial")
	f["bodies"] = jsontext.Value(fmt.Sprintf(`[{"authority":"CSIRT","channel":"technical","party":%q},{"authority":"Central authority","channel":"judicial","party":%q}]`, a.Party(), b.Party()))
	f["kinds"] = jsontext.Value(`[{"acknowledge":"4h","kind":"preserve","quota":20,"reply":"2wd"},{"acknowledge":"1h","kind":"emergency-data","reply":"8h"}]`)
	f["calendars"] = jsontext.Value(fmt.Sprintf(`[{"closes":"16:00","days":"mon tue wed thu fri","opens":"08:00","party":%q}]`, b.Party()))
	f.SetText("retention", "365d")
	f.SetText("counting", "admissible")
	f.SetText("counting_rule", "An appeal counts when it was received and is not incomplete.")
	filed, err := a.Propose(st.ctx, b.Party(), f, "")
	if err != nil {
		return record.Ref{}, err
	}
	st.tell(a.Party(), "proposed the rules of the link: kinds, clocks, calendar, quota, what counts in public. One signature binds nobody")
	if err := st.push(a, b); err != nil {
		return record.Ref{}, err
	}
	st.later(2 * time.Hour)
	agree := record.Fields{}
	agree.SetText("act", docket.ActAgree)
	if _, err := b.Reply(st.ctx, a.Party(), filed.Ref.Outbox, filed.Ref.Index, agree, ""); err != nil {
		return record.Ref{}, err
	}
	if err := all(st.push(b, a), st.is(a, filed.Ref, docket.Agreed)); err != nil {
		return record.Ref{}, err
	}
	st.tell("both", "have signed: version 1 is in force")
	return filed.Ref, nil
}

// preserveDraft asks for what article 29(2) names, and gives an offence that the addressee will not find enough.
func preserveDraft(now time.Time) record.Fields {
	f := appealDraft("preserve", "Logs of a relay server", "urgent", "Preserve the traffic data of the account behind this address.")
	f.SetText("summary", "Since 2 June 2021 three hospitals have been extorted. The ransom note was fetched from a server in your networks.")
	f.SetText("urgency_reason", "what the provider logged is deleted within days")
	f.SetText("incident", "2021-06-02/1")
	f.SetText("authority", "Prosecutor's office, cybercrime unit")
	f.SetText("offence", "Extortion.")
	f.SetTexts("data_classes", "subscriber", "traffic")
	f.SetObservables("identifiers", record.Observable{Type: "ipv4", Value: "192.0.2.17", Port: 49152, SeenAt: now.Add(-48 * time.Hour)})
	f.SetText("relation", "The ransom note was fetched from it.")
	f.SetText("custodian", "the hosting provider of 192.0.2.0/24")
	f.SetText("necessity", "Providers delete such data within days.")
	f.SetTime("full_request_by", now.AddDate(0, 0, 30))
	f.SetTime("preserve_until", now.AddDate(0, 0, 60))
	return f
}

func wholeCaseMoves(a, b *live) []caseMove {
	const hour, day = time.Hour, 24 * time.Hour
	return []caseMove{
		{b, hour, docket.ActAcknowledge, 0, nil, "acknowledged it: an officer has read it, and has agreed to nothing", docket.Acknowledged},
		{b, hour, docket.ActIncomplete, 0, map[string]string{"missing": "offence", "text": "Which law, which facts? Article 29(2)(b)."}, "called it incomplete, and named the field: its clock stands still", docket.Incomplete},
		{a, 5 * hour, docket.ActSupplement, 2, map[string]string{"text": "Section 253, extortion; three hospitals since 2 June."}, "supplemented what was missing: the clock goes on", docket.Supplemented},
		{b, hour, docket.ActAccept, 0, map[string]string{"extent": "conditions", "terms": "Use in this case only; no notice to the customer from you."}, "will act, on conditions", docket.Conditional},
		{a, 2 * hour, docket.ActAgree, 4, nil, "agreed to the conditions", docket.OnTerms},
		{b, day, docket.ActProgress, 0, map[string]string{"stage": "under-way", "text": "The provider has been served."}, "is at work", docket.Executing},
		{b, 6 * hour, docket.ActAnswer, 0, map[string]string{"finality": "final", "outcome": "partly-done", "text": "Subscriber data are preserved."}, "answered, finally as it says", docket.Answered},
		{a, 2 * day, docket.ActDispute, 7, map[string]string{"text": "Traffic data were asked for, and are not mentioned."}, "disputed the answer: it is the addressee's turn again", docket.Disputed},
		{b, day, docket.ActAnswer, 8, map[string]string{"finality": "final", "outcome": "done", "text": "Traffic data are preserved, too."}, "answered the dispute", docket.Answered},
		{a, hour, docket.ActClose, 9, map[string]string{"satisfaction": "satisfied"}, "closed the case, satisfied", docket.Satisfied},
	}
}

// moves plays the turns, each pushed at once, and checks after each that both sides see the same.
func (st *stage) moves(a, b *live, ref record.Ref, turns []caseMove) error {
	var refs []record.Ref
	for _, m := range turns {
		st.later(m.after)
		other := a
		if m.by == a {
			other = b
		}
		f := record.Fields{}
		f.SetText("act", m.act)
		for name, value := range m.fields {
			if name == "missing" {
				f.SetTexts(name, value)
				continue
			}
			f.SetText(name, value)
		}
		if m.about > 0 {
			f.SetRef("about", refs[m.about-1])
		}
		filed, err := m.by.Reply(st.ctx, other.Party(), ref.Outbox, ref.Index, f, "")
		if err != nil {
			return fmt.Errorf("%s: %w", m.act, err)
		}
		refs = append(refs, filed.Ref)
		st.tell(m.by.Party(), "%s", m.said)
		if _, err := m.by.Push(st.ctx, other.Party(), nil); err != nil {
			return err
		}
		if err := st.alike(a, b, ref, m.leads); err != nil {
			return err
		}
	}
	return nil
}

// alike expects that both sides compute the same of a case: status, turn, and when it is due.
func (st *stage) alike(a, b *live, ref record.Ref, want docket.Status) error {
	ours, err := a.Case(st.ctx, ref.Outbox, ref.Index)
	if err != nil {
		return err
	}
	theirs, err := b.Case(st.ctx, ref.Outbox, ref.Index)
	if err != nil {
		return err
	}
	v, w := ours.View, theirs.View
	if err := expect(v.Status == want && w.Status == want && v.Turn == w.Turn && v.Must == w.Must && v.By.Equal(w.By), "the case is %s, %s must %s by %s to one side; %s, %s must %s by %s to the other; expected %s",
		v.Status, v.Turn, v.Must, v.By, w.Status, w.Turn, w.Must, w.By, want); err != nil {
		return err
	}
	next := "nobody owes anything"
	if v.Turn != "" {
		next = v.Turn + " must " + v.Must
		if !v.By.IsZero() {
			next += " by " + v.By.UTC().Format("Monday 2006-01-02 15:04") + " UTC"
		}
	}
	st.tell("both", "see it as: %s; %s", want, next)
	return nil
}

// due tells when the reply is due by the arrangement.
func (st *stage) due(by *live, ref record.Ref) error {
	d, err := by.Case(st.ctx, ref.Outbox, ref.Index)
	if err != nil {
		return err
	}
	v := d.View
	if err := expect(v.Terms == 1 && v.ReplyBy.Weekday() == time.Monday && v.ReplyBy.Hour() == 16, "by version %d the reply is due %s", v.Terms, v.ReplyBy); err != nil {
		return err
	}
	st.tell(by.Party(), "computes from its own receipt, by version 1 of the arrangement: acknowledge by %s, answer by %s UTC, the end of its second working day",
		v.AcknowledgeBy.UTC().Format("Mon 15:04"), v.ReplyBy.UTC().Format("Monday 2006-01-02 15:04"))
	return nil
}

// figures lets one side write its figures, and the other hold its own against them.
func (st *stage) figures(a, b *live) error {
	ours, err := a.Statistics(st.ctx, b.Party(), node.StatisticsQuery{})
	if err != nil {
		return err
	}
	raw, err := json.Marshal(ours, json.Deterministic(true), jsontext.WithIndent("  "))
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(st.dir, "figures.json"), append(raw, '\n'), 0o600); err != nil {
		return err
	}
	c, err := b.Compare(st.ctx, a.Party(), raw)
	if err != nil {
		return err
	}
	if err := expect(c.Equal && len(c.Differ) == 0, "the figures differ: %+v", c.Differ); err != nil {
		return err
	}
	st.tell("both", "compute the same figures from their own copies: figures.json")
	return nil
}

// wholeProof shows the rules and the case to an outsider: the words of the case, and none of its data.
func (st *stage) wholeProof(by *live, arrangement, ref record.Ref) error {
	if _, err := st.export(by, node.ProveRequest{Outbox: arrangement.Outbox, Index: arrangement.Index, Disclose: []string{"*"}}, "arrangement.bundle"); err != nil {
		return err
	}
	v, err := st.export(by, st.facts(ref), "case.bundle")
	if err != nil {
		return err
	}
	for _, c := range v.Cases {
		if c.Index != ref.Index || c.Outbox != ref.Outbox {
			continue
		}
		if err := expect(c.Status == verdict.Status(docket.Satisfied) && len(c.Moves) == 10, "an outsider sees the case as %q, with %d replies", c.Status, len(c.Moves)); err != nil {
			return err
		}
		for _, m := range c.Moves {
			if err := expect(m.Irregular == "", "an outsider finds a %s irregular: %s", m.Act, m.Irregular); err != nil {
				return err
			}
		}
		st.conclude("ten replies followed the appeal, each in its turn and each held by the other side; the case was answered, disputed, answered anew and closed; what was asked about whom is not shown")
		return nil
	}
	return expect(false, "the file shows no case")
}
