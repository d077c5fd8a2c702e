package docket

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"verbale/record"
)

// A Directory is what an entry says of its author's house. It is the author's own statement.
type Directory struct {
	Status      string
	ReleasedAt  time.Time
	EffectiveAt time.Time
	ReviewBy    time.Time
	MaxLag      Clock
	Authorities []Authority
	Competences []Competence
	Contacts    []Contact
}

// An Authority is one of the house.
type Authority struct {
	Name         string `json:"name"`
	Function     string `json:"function"`
	Constituency string `json:"constituency,omitempty"`
	Mandate      string `json:"mandate,omitempty"`
	RedirectTo   string `json:"redirect_to,omitempty"` // the authority of the house that acts in its place
}

// A Competence is a kind of appeal that an authority sends or receives, by an instrument.
type Competence struct {
	Authority  string `json:"authority"`
	Direction  string `json:"direction"`
	Instrument string `json:"instrument,omitempty"`
	Kind       string `json:"kind"`
}

// A Contact is a contact point.
type Contact struct {
	Role         string `json:"role"`
	Authority    string `json:"authority,omitempty"`
	DeputyFor    string `json:"deputy_for,omitempty"` // a role
	Hours        string `json:"hours"`
	Zone         string `json:"zone"`
	Languages    string `json:"languages"`
	Phone        string `json:"phone,omitempty"`
	Mail         string `json:"mail,omitempty"`
	Verification string `json:"verification,omitempty"`
}

// DirectoryOf reads an entry, whose fields were checked.
func DirectoryOf(f record.Fields) Directory {
	d := Directory{Status: f.Text("status"), ReleasedAt: f.Time("released_at"), EffectiveAt: f.Time("effective_at"), ReviewBy: f.Time("review_by"),
		MaxLag: ParseClock(f.Text("max_lag"))}
	eachObject(f.List("authorities"), func(a Authority) { d.Authorities = append(d.Authorities, a) })
	eachObject(f.List("competences"), func(c Competence) { d.Competences = append(d.Competences, c) })
	eachObject(f.List("contacts"), func(c Contact) { d.Contacts = append(d.Contacts, c) })
	return d
}

// Late is by how much the entry was released after the time that its author allows itself; 0: it was not.
func (d Directory) Late() time.Duration {
	return max(0, d.ReleasedAt.Sub(Terms{}.add(d.EffectiveAt, d.MaxLag, "")))
}

// Overdue gives since when the entry should have been reviewed; zero: it is not time yet.
func (d Directory) Overdue(now time.Time) time.Time {
	if now.After(d.ReviewBy) {
		return d.ReviewBy
	}
	return time.Time{}
}

// CheckEntry names what of A-17 an entry breaks, by places and never by values: it goes into problems. Of ours it is not sent, of theirs it is marked, and in force all the same.
func CheckEntry(f record.Fields) (broken []string) {
	d := DirectoryOf(f)
	add := func(format string, args ...any) {
		if text := "A-17: " + fmt.Sprintf(format, args...); len(broken) < maxBroken && !slices.Contains(broken, text) {
			broken = append(broken, text)
		}
	}
	named, roles := map[string]bool{"": true}, map[string]bool{"": true}
	for _, a := range d.Authorities {
		named[a.Name] = true
	}
	for _, c := range d.Contacts {
		roles[c.Role] = true
	}
	for i, a := range d.Authorities {
		if !named[a.RedirectTo] {
			add("redirect_to of authorities[%d] is not among authorities", i)
		}
	}
	for i, c := range d.Competences {
		if !named[c.Authority] {
			add("authority of competences[%d] is not among authorities", i)
		}
	}
	for i, c := range d.Contacts {
		if !named[c.Authority] {
			add("authority of contacts[%d] is not among authorities", i)
		}
		if !roles[c.DeputyFor] {
			add("deputy_for of contacts[%d] is the role of no contact", i)
		}
	}
	if late := d.Late(); late > 0 {
		add("it was released %s later than max_lag (%s) after effective_at allows", plain(late), d.MaxLag)
	}
	if d.ReviewBy.After(d.ReleasedAt.Add(MaxReview)) {
		add("review_by, %s, is more than 366 days after its release", d.ReviewBy.UTC().Format(time.RFC3339))
	}
	return broken
}

// plain is a duration for people: in days from two days on, else in hours, or in minutes.
func plain(d time.Duration) string {
	switch {
	case d >= 48*time.Hour:
		return fmt.Sprintf("%d days", d/(24*time.Hour))
	case d >= 2*time.Hour:
		return fmt.Sprintf("%d hours", d/time.Hour)
	}
	return fmt.Sprintf("%d minutes", (d+time.Minute-1)/time.Minute)
}

// A Receiver is an authority that receives a kind of appeal, by the entry.
type Receiver struct {
	Authority
	Instruments []string  // by which it does; none: the entry names none
	Contacts    []Contact // its own, those of whoever acts in its place, then those of no authority
}

// Receivers gives the authorities that receive appeals of a kind, in the order of the entry.
func (d Directory) Receivers(kind string) (list []Receiver) {
	for _, a := range d.Authorities {
		r, receives := Receiver{Authority: a}, false
		for _, c := range d.Competences {
			if c.Authority != a.Name || c.Kind != kind || c.Direction == "sends" {
				continue
			}
			receives = true
			if c.Instrument != "" && !slices.Contains(r.Instruments, c.Instrument) {
				r.Instruments = append(r.Instruments, c.Instrument)
			}
		}
		if !receives {
			continue
		}
		for _, of := range []string{a.Name, a.RedirectTo, ""} {
			for _, c := range d.Contacts {
				if c.Authority == of && !slices.Contains(r.Contacts, c) {
					r.Contacts = append(r.Contacts, c)
				}
			}
		}
		list = append(list, r)
	}
	return list
}

// A DirectoryPlace is where the entry of a side stands that is in force. Its key as a case is Leaf.
type DirectoryPlace struct {
	By         string `json:"by"`
	Outbox     string `json:"outbox"`
	Index      int64  `json:"index"`
	Leaf       string `json:"leaf"` // b64u
	ReleasedAt string `json:"released_at,omitempty"`
}

// Released is when the entry left its author's house.
func (p DirectoryPlace) Released() time.Time { return instant(p.ReleasedAt) }

func (s Standing) entered(p DirectoryPlace) Standing {
	at, found := slices.BinarySearchFunc(s.Directories, p, func(a, b DirectoryPlace) int { return cmp.Compare(a.By, b.By) })
	s.Directories = slices.Clone(s.Directories)
	switch {
	case !found:
		s.Directories = slices.Insert(s.Directories, at, p)
	case order(s.Directories[at].Outbox, s.Directories[at].Index, p.Outbox, p.Index) < 0:
		s.Directories[at] = p
	}
	return s
}

// Directory gives where the entry of a party stands, if there is one.
func (s Standing) Directory(by string) (DirectoryPlace, bool) {
	for _, p := range s.Directories {
		if p.By == by {
			return p, true
		}
	}
	return DirectoryPlace{}, false
}

// Hours are when a contact point answers, in its own zone.
type Hours struct {
	always bool
	spans  []daySpan
}

// daySpan is a span of the clock on certain days; one that does not end after it begins ends on the next day.
type daySpan struct {
	days         [7]bool // by time.Weekday
	opens, until time.Duration
}

// ParseHours reads "24/7", or spans as "mon-fri 08:00-16:00", several of them with commas between. False: they are for people to read.
func ParseHours(text string) (Hours, bool) {
	text = strings.ToLower(strings.TrimSpace(text))
	if text == "24/7" {
		return Hours{always: true}, true
	}
	var h Hours
	for part := range strings.SplitSeq(text, ",") {
		words := strings.Fields(part)
		if len(words) < 2 {
			return Hours{}, false
		}
		last := len(words) - 1
		opens, until, ok := strings.Cut(words[last], "-")
		if !ok || !isHour(opens) || !isHour(until) {
			return Hours{}, false
		}
		s := daySpan{opens: ofDay(opens), until: ofDay(until)}
		for _, word := range words[:last] {
			if !s.add(word) {
				return Hours{}, false
			}
		}
		h.spans = append(h.spans, s)
	}
	return h, true
}

// add adds a day, or days as "mon-fri".
func (s *daySpan) add(word string) bool {
	names := []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}
	first, last, ranges := strings.Cut(word, "-")
	if !ranges {
		last = first
	}
	from, to := slices.Index(names, first), slices.Index(names, last)
	if from < 0 || to < 0 {
		return false
	}
	for day := from; ; day = (day + 1) % 7 {
		s.days[day] = true
		if day == to {
			return true
		}
	}
}

func isHour(s string) bool {
	if s == "24:00" {
		return true
	}
	_, err := time.Parse("15:04", s)
	return err == nil && len(s) == len("15:04")
}

// Open tells whether the contact point answers at a time, which is in its zone.
func (h Hours) Open(at time.Time) bool {
	if h.always {
		return true
	}
	hour, minute, second := at.Clock()
	clock := time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute + time.Duration(second)*time.Second
	today, yesterday := at.Weekday(), (at.Weekday()+6)%7
	for _, s := range h.spans {
		over := s.until <= s.opens // it ends on the next day
		switch {
		case s.days[today] && clock >= s.opens && (over || clock < s.until), over && s.days[yesterday] && clock < s.until:
			return true
		}
	}
	return false
}

// Always tells whether the contact point answers at all hours, whatever its zone is.
func (h Hours) Always() bool { return h.always }
