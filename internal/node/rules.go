package node

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"verbale/internal/docket"
	"verbale/internal/store"
	"verbale/record"
)

// keepsRules refuses a record of our own that would not keep the rules of the link: c is the case that it belongs to. What others send is received
// as it is.
func (w *groupWriter) keepsRules(party string, c docket.Case, e docket.Entry) error {
	f := e.Opened.Fields
	switch e.Opened.Act() {
	case docket.ActAppeal:
		agreed, err := w.agreedWith(party)
		if err != nil {
			return err
		}
		return w.fits(docket.TermsAt(agreed, f.Time("released_at")), e)
	case docket.ActDirectory:
		return refusedAs(docket.CheckEntry(f), "correct the entry, and publish it again")
	case docket.ActArrangement:
		agreed, err := w.agreedWith(party)
		if err != nil {
			return err
		}
		return refusedAs(docket.CheckArrangement(f, highest(agreed), e.Author, e.Audience), "correct the draft; what was agreed: verbale arrangement list "+party)
	case docket.ActAgree:
		return w.mayAgree(party, c)
	}
	return nil
}

// refusedAs makes a refusal of what breaks a rule; nil where nothing does.
func refusedAs(broken []string, hint string) error {
	if len(broken) == 0 {
		return nil
	}
	rule, _, _ := strings.Cut(broken[0], ": ")
	for i, b := range broken {
		broken[i] = strings.TrimPrefix(b, rule+": ")
	}
	return &docket.Refusal{Rule: rule, Reason: strings.Join(broken, "; "), Hint: hint}
}

// highest is the highest version that was agreed to.
func highest(agreed []docket.Terms) (version int64) {
	for _, t := range agreed {
		version = max(version, t.Version)
	}
	return version
}

// mayAgree refuses to agree to a proposal that breaks A-18: it can be proposed anew as it should be.
func (w *groupWriter) mayAgree(party string, c docket.Case) error {
	if c.Open == nil || c.Open.Act != docket.ActArrangement {
		return nil
	}
	agreed, err := w.agreedWith(party)
	if err != nil {
		return err
	}
	s, err := w.n.show(w.tx, c.Open.Outbox, c.Open.Index)
	if err != nil {
		return err
	}
	f := s.Fields.Clone()
	if until := f.Time("until"); !until.IsZero() && !until.After(w.n.now()) {
		f.SetTime("released_at", w.n.now()) // over since: to agree makes no sense any more
	}
	return refusedAs(docket.CheckArrangement(f, highest(agreed), c.Open.From, c.Open.To), "decline it, and have it proposed anew")
}

// agreedWith is that of the node, with what this group has agreed to.
func (w *groupWriter) agreedWith(party string) ([]docket.Terms, error) {
	if agreed, ok := w.agreed[party]; ok {
		return agreed, nil
	}
	agreed, err := w.n.agreedWith(w.tx, party)
	if err != nil {
		return nil, err
	}
	if w.agreed == nil {
		w.agreed = map[string][]docket.Terms{}
	}
	w.agreed[party] = agreed
	return agreed, nil
}

// ruled takes note of a record of ours that was added, for those after it in the group.
func (w *groupWriter) ruled(party string, e docket.Entry) {
	switch e.Opened.Act() {
	case docket.ActAgree:
		delete(w.agreed, party)
	case docket.ActAppeal:
		for key := range w.sent {
			if counts(key, e) {
				w.sent[key]++
			}
		}
	}
}

// fits is that of the node, counting for the whole group once.
func (w *groupWriter) fits(t docket.Terms, e docket.Entry) error {
	at := e.Opened.Fields.Time("released_at")
	return w.n.keeps(t, e, func(q docket.Quota) (int64, error) {
		key := quotaKey(e.Ref.Outbox, q, at)
		if sent, counted := w.sent[key]; counted {
			return sent, nil
		}
		sent, err := released(w.tx, e.Ref.Outbox, math.MaxInt64, q, at)
		if w.sent == nil {
			w.sent = map[string]int64{}
		}
		w.sent[key] = sent
		return sent, err
	})
}

// quotaKey names what counts for a quota on a day: outbox, kind, day, urgencies.
func quotaKey(outbox string, q docket.Quota, at time.Time) string {
	day, _ := docket.Day(at)
	return strings.Join(append([]string{outbox, q.Kind, day.Format(time.DateOnly)}, q.Urgencies...), " ")
}

func counts(key string, e docket.Entry) bool {
	parts := strings.Split(key, " ")
	day, _ := docket.Day(e.Opened.Fields.Time("released_at"))
	return parts[0] == e.Ref.Outbox && parts[1] == e.Opened.Kind() && parts[2] == day.Format(time.DateOnly) &&
		slices.Contains(parts[3:], e.Opened.Fields.Text("urgency"))
}

// fits tells whether an appeal of our own may be written into an outbox now, by the rules of the link.
func (n *Node) fits(tx *store.Tx, t docket.Terms, e docket.Entry) error {
	return n.keeps(t, e, func(q docket.Quota) (int64, error) {
		return released(tx, e.Ref.Outbox, math.MaxInt64, q, e.Opened.Fields.Time("released_at"))
	})
}

// keeps holds an appeal of our own against the clock and the rules; sent counts what is used up of a quota.
func (n *Node) keeps(t docket.Terms, e docket.Entry, sent func(docket.Quota) (int64, error)) error {
	if err := docket.Timely(e, n.now()); err != nil {
		return err
	}
	var used int64
	if q, has := t.Quota(e.Opened.Kind(), e.Opened.Fields.Text("urgency")); has {
		var err error
		if used, err = sent(q); err != nil {
			return err
		}
	}
	return t.Allow(e, used)
}

// released counts the appeals in an outbox that count for a quota, were released on the day of at, and stand before a place; not beyond the quota.
func released(tx *store.Tx, outbox string, before int64, q docket.Quota, at time.Time) (int64, error) {
	from, until := docket.Day(at)
	return tx.CountReleased(store.Released{Outbox: outbox, Before: before, Kind: q.Kind, Urgencies: q.Urgencies, From: from, Until: until}, q.Most)
}

// beyond remarks that an appeal is beyond the quota of its day; "" where it is not. The last place within the quota is found once for all
// appeals of a day.
func (v *viewer) beyond(o *docket.Opening, t docket.Terms) (string, error) {
	if o.Act != docket.ActAppeal || o.Unknown {
		return "", nil
	}
	q, has := t.Quota(o.Kind, o.Urgency)
	if !has || o.Index < q.Most { // there are not as many before it
		return "", nil
	}
	at, err := time.Parse(time.RFC3339, o.ReleasedAt)
	if err != nil { // record has checked its form
		return "", nil
	}
	key := quotaKey(o.Outbox, q, at) + " " + strconv.FormatInt(q.Most, 10)
	last, known := v.within[key]
	if !known {
		from, until := docket.Day(at)
		place, found, err := v.tx.NthReleased(store.Released{Outbox: o.Outbox, Kind: q.Kind, Urgencies: q.Urgencies, From: from, Until: until}, q.Most)
		if err != nil {
			return "", err
		}
		if last = math.MaxInt64; found {
			last = place
		}
		v.within[key] = last
	}
	if o.Index <= last {
		return "", nil
	}
	return t.Beyond(q), nil
}

// sameDraft tells whether two records may come from one draft to a party. Times that are filled in from the clock differ at every attempt: those of
// drafting and release may; a deadline may with the release that it is counted from, or where the rules of the link give both.
func (w *groupWriter) sameDraft(party string, a, b record.Fields) (bool, error) {
	if len(a) != len(b) {
		return false, nil
	}
	for name, v := range a {
		other, ok := b[name]
		switch {
		case !ok:
			return false, nil
		case name == "drafted_at", name == "released_at", string(v) == string(other):
		case name != "acknowledge_by" && name != "reply_by":
			return false, nil
		case a.Time(name).Sub(a.Time("released_at")) != b.Time(name).Sub(b.Time("released_at")):
			for _, f := range []record.Fields{a, b} {
				if given, err := w.givenBy(party, f, name); err != nil || !given {
					return false, err
				}
			}
		}
	}
	return true, nil
}

// givenBy tells whether a deadline is the one that the rules of the link give at the release.
func (w *groupWriter) givenBy(party string, f record.Fields, name string) (bool, error) {
	agreed, err := w.agreedWith(party)
	if err != nil {
		return false, err
	}
	bare := f.Clone()
	delete(bare, "acknowledge_by")
	delete(bare, "reply_by")
	bare = withDeadlines(bare, docket.TermsAt(agreed, f.Time("released_at")), party)
	return bare.Time(name).Equal(f.Time(name)), nil
}
