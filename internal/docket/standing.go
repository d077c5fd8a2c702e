package docket

import (
	"cmp"
	"encoding/json/v2"
	"fmt"
	"slices"
	"time"
)

// A Standing is what the records of a link amount to beside its cases: who has suspended it, which months were tallied, and which
// entries of the directory are in force.
// Party names stand in it, and the order in which the two outboxes were read does not matter, as in a [Case].
type Standing struct {
	Notices []Notice      `json:"notices,omitempty"` // the last of each side, by party
	Tallies []TallyNotice `json:"tallies,omitempty"` // the last of each side, month and pair of outboxes, in that order
	// Directories are the last entry of each side, by party.
	Directories []DirectoryPlace `json:"directories,omitempty"`
}

// A Notice is a suspend or a resume.
type Notice struct {
	By          string `json:"by"`
	Act         string `json:"act"`
	Outbox      string `json:"outbox"`
	Index       int64  `json:"index"`
	Leaf        string `json:"leaf"` // b64u
	ReleasedAt  string `json:"released_at,omitempty"`
	EffectiveAt string `json:"effective_at,omitempty"` // suspend
	Until       string `json:"until,omitempty"`        // suspend; ends nothing
}

// A TallyNotice is where the tally of a month stands. Its key as a case is Leaf.
type TallyNotice struct {
	By       string `json:"by"`
	Period   string `json:"period"`
	Sent     string `json:"sent"`     // the outbox that it counts as sent
	Received string `json:"received"` // and as received
	Outbox   string `json:"outbox"`
	Index    int64  `json:"index"`
	Leaf     string `json:"leaf"` // b64u
}

// compareTallies orders what tallies are about.
func compareTallies(a, b TallyNotice) int {
	return cmp.Or(cmp.Compare(a.By, b.By), cmp.Compare(a.Period, b.Period), order(a.Sent, 0, b.Sent, 0), order(a.Received, 0, b.Received, 0))
}

// Moves tells whether e changes the standing of its link.
func (e Entry) Moves() bool {
	if e.Opened == nil || e.Opened.Unknown() {
		return false
	}
	switch e.Opened.Act() {
	case ActSuspend, ActResume, ActTally, ActDirectory:
		return true
	}
	return false
}

// Apply folds e into s. Folding it again changes nothing, and nor does any order.
func (s Standing) Apply(e Entry) Standing {
	if !e.Moves() {
		return s
	}
	f, leaf := e.Opened.Fields, keyOf(e.Ref.Leaf)
	switch e.Opened.Act() {
	case ActDirectory:
		return s.entered(DirectoryPlace{By: e.Author, Outbox: e.Ref.Outbox, Index: e.Ref.Index, Leaf: leaf, ReleasedAt: f.Text("released_at")})
	case ActTally:
		return s.tallied(TallyNotice{By: e.Author, Period: f.Text("period"), Sent: f.Text("sent_outbox"), Received: f.Text("received_outbox"), Outbox: e.Ref.Outbox, Index: e.Ref.Index, Leaf: leaf})
	}
	return s.noticed(Notice{By: e.Author, Act: e.Opened.Act(), Outbox: e.Ref.Outbox, Index: e.Ref.Index, Leaf: leaf,
		ReleasedAt: f.Text("released_at"), EffectiveAt: f.Text("effective_at"), Until: f.Text("until")})
}

// Keep adds to s what was, the stored standing, says of records whose content is erased since.
func (s Standing) Keep(was Standing, erased func(outbox string, index int64, leaf string) bool) Standing {
	for _, m := range was.Notices {
		if erased(m.Outbox, m.Index, m.Leaf) {
			s = s.noticed(m)
		}
	}
	for _, t := range was.Tallies {
		if erased(t.Outbox, t.Index, t.Leaf) {
			s = s.tallied(t)
		}
	}
	for _, p := range was.Directories {
		if erased(p.Outbox, p.Index, p.Leaf) {
			s = s.entered(p)
		}
	}
	return s
}

func (s Standing) noticed(m Notice) Standing {
	at, found := slices.BinarySearchFunc(s.Notices, m, func(a, b Notice) int { return cmp.Compare(a.By, b.By) })
	s.Notices = slices.Clone(s.Notices)
	switch {
	case !found:
		s.Notices = slices.Insert(s.Notices, at, m)
	case order(s.Notices[at].Outbox, s.Notices[at].Index, m.Outbox, m.Index) < 0:
		s.Notices[at] = m
	}
	return s
}

func (s Standing) tallied(t TallyNotice) Standing {
	at, found := slices.BinarySearchFunc(s.Tallies, t, compareTallies)
	s.Tallies = slices.Clone(s.Tallies)
	switch {
	case !found:
		s.Tallies = slices.Insert(s.Tallies, at, t)
		s.forget(t.By)
	case order(s.Tallies[at].Outbox, s.Tallies[at].Index, t.Outbox, t.Index) < 0:
		s.Tallies[at] = t
	}
	return s
}

// forget drops the earliest tally of a party that has more of them than are kept. Which stay does not depend on the order of arrival.
func (s *Standing) forget(by string) {
	of := func(t TallyNotice) bool { return t.By == by }
	first := slices.IndexFunc(s.Tallies, of)
	if last := first + MaxTallies; last < len(s.Tallies) && of(s.Tallies[last]) {
		s.Tallies = slices.Delete(s.Tallies, first, first+1)
	}
}

// Suspended gives the notice by which a party has suspended the link, if it has.
func (s Standing) Suspended(by string) (Notice, bool) {
	for _, m := range s.Notices {
		if m.By == by && m.Act == ActSuspend {
			return m, true
		}
	}
	return Notice{}, false
}

// Since is when the author says that the suspension began.
func (m Notice) Since() time.Time { return instant(m.EffectiveAt) }

// Ends is when the author means it to end, zero where that is open.
func (m Notice) Ends() time.Time { return instant(m.Until) }

// Month gives where the tallies of a party for a month stand: one, or more of them where keys changed.
func (s Standing) Month(by, period string) (list []TallyNotice) {
	for _, t := range s.Tallies {
		if t.By == by && t.Period == period {
			list = append(list, t)
		}
	}
	return list
}

// Strands tells whether c, seen as v, is stranded: somebody must act, and one of the sides has suspended the link.
func (s Standing) Strands(v View) bool {
	o := v.Case.Open
	if v.Turn == "" || o == nil || !v.Case.Appeals() {
		return false
	}
	_, from := s.Suspended(o.From)
	_, to := s.Suspended(o.To)
	return from || to
}

// Allow tells whether e, an entry of our own, may be written now. What others send is received as it is.
func (s Standing) Allow(e Entry) error {
	if e.Opened == nil {
		return nil
	}
	m, suspended := s.Suspended(e.Author)
	switch act := e.Opened.Act(); {
	case suspended && act == ActSuspend:
		return &Refusal{Rule: "A-6", Reason: fmt.Sprintf("this side has suspended the link already, since %s", m.EffectiveAt)}
	case suspended && act != ActResume && act != ActContinue:
		return &Refusal{Rule: "A-6", Reason: fmt.Sprintf("this side has suspended the link since %s and sends nothing but its resume", m.EffectiveAt), Hint: "verbale link resume takes it up again"}
	case !suspended && act == ActResume:
		return &Refusal{Rule: "A-6", Reason: "this side has not suspended the link: there is nothing to resume"}
	}
	return nil
}

// Marshal is the stored form of a standing: the same standing gives the same bytes, and one of no record none.
func (s Standing) Marshal() ([]byte, error) {
	if len(s.Notices)+len(s.Tallies)+len(s.Directories) == 0 {
		return nil, nil
	}
	return json.Marshal(s, json.Deterministic(true))
}

// ParseStanding reads what Marshal wrote.
func ParseStanding(b []byte) (Standing, error) {
	var s Standing
	if len(b) == 0 {
		return s, nil
	}
	err := json.Unmarshal(b, &s, json.RejectUnknownMembers(true))
	return s, err
}
