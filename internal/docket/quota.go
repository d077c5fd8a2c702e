package docket

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"verbale/record"
)

// breaks names what of A-19 an appeal of this kind on this channel breaks, or "".
func (t Terms) breaks(kind, channel string) string {
	if t.Version == 0 {
		return ""
	}
	version := "version " + strconv.FormatInt(t.Version, 10) + " of the arrangement"
	switch {
	case !slices.ContainsFunc(t.Kinds, func(r KindRule) bool { return r.Kind == kind }):
		return "A-19: " + version + " does not have appeals of the kind " + kind
	case !slices.Contains(t.Channels, channel):
		return "A-19: " + version + " does not have the channel " + channel
	}
	return ""
}

// A Quota is how many appeals a rule lets a side send in a day (UTC, by released_at), and which count.
type Quota struct {
	Most      int64
	Kind      string
	Urgencies []string // those that the rule is for
}

// Quota gives that of the rule for a kind and urgency, and whether there is one.
func (t Terms) Quota(kind, urgency string) (Quota, bool) {
	r, ok := t.rule(kind, urgency)
	if !ok || r.Quota == 0 {
		return Quota{}, false
	}
	q := Quota{Most: r.Quota, Kind: kind, Urgencies: []string{r.Urgency}}
	if r.Urgency == "" {
		q.Urgencies = slices.DeleteFunc(record.Words("urgency"), func(u string) bool {
			named, _ := t.rule(kind, u)
			return named.Urgency != ""
		})
	}
	return q, true
}

// Day gives the day (UTC) that a time is in: from midnight to midnight.
func Day(at time.Time) (from, until time.Time) {
	at = at.UTC()
	from = time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, time.UTC)
	return from, from.AddDate(0, 0, 1)
}

// Allow tells whether e, an appeal of our own, may be written while the terms are in force; sent is how many that count for the same quota stand
// before it in its outbox, released on the same day. What others send is received as it is.
func (t Terms) Allow(e Entry, sent int64) error {
	if e.Opened == nil || e.Opened.Act() != ActAppeal {
		return nil
	}
	kind, urgency := e.Opened.Kind(), e.Opened.Fields.Text("urgency")
	if rule := t.breaks(kind, e.Opened.Fields.Text("channel")); rule != "" {
		rule, reason := splitRule(rule)
		return &Refusal{Rule: rule, Reason: reason, Hint: "what was agreed: verbale arrangement show " + e.Audience}
	}
	if q, ok := t.Quota(kind, urgency); ok && sent >= q.Most {
		return &Refusal{Rule: "A-19", Reason: fmt.Sprintf("version %d of the arrangement allows %s of the kind %s a day, and the day is used up", t.Version, appeals(q.Most), kind),
			Hint: "the next day begins at 00:00 UTC; what was agreed: verbale arrangement show " + e.Audience}
	}
	return nil
}

// Beyond says that an appeal of the other side is beyond the quota of its day.
func (t Terms) Beyond(q Quota) string {
	return fmt.Sprintf("A-19: version %d of the arrangement allows %s of the kind %s a day, and before it stand as many of its day", t.Version, appeals(q.Most), q.Kind)
}

func appeals(n int64) string {
	if n == 1 {
		return "1 appeal"
	}
	return strconv.FormatInt(n, 10) + " appeals"
}
