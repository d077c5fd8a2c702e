package docket

import (
	"encoding/json/jsontext"
	"strings"
	"testing"
	"time"

	"verbale/record"
)

// house is an entry of the directory that keeps every rule.
func house(t *testing.T) record.Fields {
	t.Helper()
	f := record.Example(ActDirectory, "", morning)
	f.SetText("status", "active")
	f.SetText("max_lag", "30d")
	f.SetTime("effective_at", morning.AddDate(0, 0, -20))
	f.SetTime("review_by", morning.AddDate(1, 0, 0))
	f["authorities"] = jsontext.Value(`[{"function":"technical","name":"CSIRT"},{"function":"judicial","name":"Court","redirect_to":"Ministry"},{"function":"central-mla","mandate":"decree 12","name":"Ministry"}]`)
	f["competences"] = jsontext.Value(`[{"authority":"CSIRT","direction":"both","kind":"mitigate"},{"authority":"CSIRT","direction":"both","instrument":"voluntary","kind":"mitigate"},` +
		`{"authority":"Court","direction":"receives","instrument":"ETS 185","kind":"preserve"},{"authority":"Ministry","direction":"sends","kind":"preserve"}]`)
	f["contacts"] = jsontext.Value(`[{"authority":"CSIRT","hours":"24/7","languages":"en","role":"duty","zone":"UTC"},{"deputy_for":"duty","hours":"mon-fri 08:00-16:00","languages":"en","role":"desk","zone":"Europe/Rome"},` +
		`{"authority":"Ministry","hours":"by appointment","languages":"en","role":"clerk","zone":"UTC"}]`)
	must(t, f.Check())
	return f
}

func TestCheckEntry(t *testing.T) {
	for _, c := range []struct {
		change func(record.Fields)
		want   string // what is said, in words that it contains
	}{
		{func(record.Fields) {}, ""},
		{func(f record.Fields) { f.SetTime("effective_at", morning.AddDate(0, 0, -30)) }, ""},
		{func(f record.Fields) { f.SetTime("effective_at", morning.AddDate(0, 0, -30).Add(-time.Second)) }, "released 1 minutes later than max_lag (30d)"},
		{func(f record.Fields) { f.SetTime("effective_at", morning.AddDate(0, 0, -100)) }, "released 70 days later"},
		{func(f record.Fields) { f.SetTime("effective_at", morning.AddDate(0, 0, 5)) }, ""},
		{func(f record.Fields) { f.SetText("max_lag", "5wd") }, "later than max_lag (5wd)"},
		{func(f record.Fields) { f.SetTime("review_by", morning.AddDate(0, 0, 366)) }, ""},
		{func(f record.Fields) { f.SetTime("review_by", morning.AddDate(0, 0, 366).Add(time.Second)) }, "more than 366 days"},
		{func(f record.Fields) {
			f["competences"] = jsontext.Value(`[{"authority":"Nobody","direction":"both","kind":"mitigate"}]`)
		}, "authority of competences[0] is not"},
		{func(f record.Fields) {
			f["contacts"] = jsontext.Value(`[{"authority":"Nobody","deputy_for":"chief","hours":"24/7","languages":"en","role":"duty","zone":"UTC"}]`)
		}, "authority of contacts[0] is not"},
		{func(f record.Fields) {
			f["contacts"] = jsontext.Value(`[{"deputy_for":"chief","hours":"24/7","languages":"en","role":"duty","zone":"UTC"}]`)
		}, "deputy_for of contacts[0] is"},
		{func(f record.Fields) {
			f["authorities"] = jsontext.Value(`[{"function":"technical","name":"CSIRT","redirect_to":"Elsewhere"},{"function":"judicial","name":"Court"},{"function":"judicial","name":"Ministry"}]`)
		}, "redirect_to of authorities[0] is not"},
	} {
		f := house(t)
		c.change(f)
		must(t, f.Check())
		got := strings.Join(CheckEntry(f), "; ")
		if (c.want == "") != (got == "") || !strings.Contains(got, c.want) {
			t.Errorf("%q, want %q", got, c.want)
		}
		if got != "" && !strings.HasPrefix(got, "A-17: ") {
			t.Errorf("%q names no rule", got)
		}
	}
	d := DirectoryOf(house(t))
	if at := d.Overdue(d.ReviewBy); !at.IsZero() {
		t.Errorf("overdue since %s on the very time", at)
	}
	if at := d.Overdue(d.ReviewBy.Add(time.Second)); !at.Equal(d.ReviewBy) {
		t.Errorf("overdue since %s", at)
	}
}

// A thousand names that are not there are not said a thousand times.
func TestCheckEntryIsBounded(t *testing.T) {
	f := house(t)
	var list []jsontext.Value
	for i := range 1000 {
		list = append(list, jsontext.Value(`{"authority":"`+strings.Repeat("x", 1+i%250)+`","direction":"both","kind":"mitigate"}`))
	}
	f.SetList("competences", list)
	must(t, f.Check())
	if n := len(CheckEntry(f)); n != maxBroken {
		t.Errorf("%d things are said", n)
	}
}

func TestReceivers(t *testing.T) {
	d := DirectoryOf(house(t))
	for kind, want := range map[string]string{
		"mitigate": "CSIRT by voluntary: duty desk",
		"preserve": "Court by ETS 185 to Ministry: clerk desk",
		"suppress": "",
	} {
		got := ""
		for _, r := range d.Receivers(kind) {
			got += r.Name + " by " + strings.Join(r.Instruments, ",")
			if r.RedirectTo != "" {
				got += " to " + r.RedirectTo
			}
			got += ":"
			for _, c := range r.Contacts {
				got += " " + c.Role
			}
		}
		if got != want {
			t.Errorf("%s: %q, want %q", kind, got, want)
		}
	}
}

func TestHours(t *testing.T) {
	// morning is a Sunday, 09:00
	at := func(days, hour, minute int) time.Time {
		return time.Date(2026, 7, 12+days, hour, minute, 0, 0, time.FixedZone("there", 2*3600))
	}
	for _, c := range []struct {
		hours string
		at    time.Time
		open  bool
	}{
		{"24/7", at(0, 3, 0), true},
		{"mon-fri 08:00-16:00", at(0, 9, 0), false},
		{"mon-fri 08:00-16:00", at(1, 8, 0), true},
		{"mon-fri 08:00-16:00", at(1, 15, 59), true},
		{"mon-fri 08:00-16:00", at(1, 16, 0), false},
		{"Mon-Fri 08:00-16:00", at(5, 12, 0), true},
		{"mon-thu 08:00-17:00, fri 08:00-14:00", at(5, 15, 0), false},
		{"mon-thu 08:00-17:00, fri 08:00-14:00", at(4, 15, 0), true},
		{"sat sun 10:00-12:00", at(6, 11, 0), true},
		{"sat-mon 10:00-12:00", at(1, 11, 0), true},
		{"sat-mon 10:00-12:00", at(2, 11, 0), false},
		{"mon 22:00-06:00", at(1, 23, 0), true},
		{"mon 22:00-06:00", at(2, 5, 59), true},
		{"mon 22:00-06:00", at(2, 6, 0), false},
		{"mon 22:00-06:00", at(1, 5, 0), false},
		{"mon 00:00-24:00", at(1, 23, 59), true},
	} {
		h, ok := ParseHours(c.hours)
		if !ok || h.Open(c.at) != c.open {
			t.Errorf("%s at %s: read %t, open %t", c.hours, c.at.Format(time.RFC1123), ok, h.Open(c.at))
		}
	}
	for _, text := range []string{"", "by appointment", "mon-fri", "8-16", "mon-fri 8:00-16:00", "mon-fry 08:00-16:00", "mon-fri 08:00-25:00", "24/7, mon 08:00-09:00", "mon-fri 08:00-16:00,", "08:00-16:00"} {
		if _, ok := ParseHours(text); ok {
			t.Errorf("%q is read as hours", text)
		}
	}
}

// Whatever stands there as hours is read or not, and never ends the program.
func FuzzParseHours(f *testing.F) {
	for _, s := range []string{"24/7", "mon-fri 08:00-16:00", "sat-mon 22:00-06:00, tue 00:00-24:00", "-", "mon -"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if h, ok := ParseHours(s); ok {
			h.Open(morning)
		}
	})
}
