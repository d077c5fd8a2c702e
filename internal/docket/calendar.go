package docket

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"verbale/record"
)

// calendar is when a party works.
type calendar struct {
	days     [7]bool // by time.Weekday
	closes   time.Duration
	holidays []time.Time // ascending, midnight UTC, those on days of work only
}

// weekdays is the calendar of a party that has agreed to none.
func weekdays() calendar {
	return calendar{days: [7]bool{time.Monday: true, time.Tuesday: true, time.Wednesday: true, time.Thursday: true, time.Friday: true}, closes: 24 * time.Hour}
}

func (t *Terms) readCalendars(f record.Fields) {
	eachObject(f.List("calendars"), func(c struct {
		Party  string `json:"party"`
		Days   string `json:"days"`
		Opens  string `json:"opens"`
		Closes string `json:"closes"`
	}) {
		cal := calendar{closes: ofDay(c.Closes)}
		for _, day := range strings.Fields(c.Days) {
			if at := slices.Index(strings.Fields("sun mon tue wed thu fri sat"), day); at >= 0 {
				cal.days[at] = true
			}
		}
		if _, twice := t.calendars[c.Party]; !twice && cal.days != [7]bool{} { // nobody could count the working days of a party that never works
			t.calendars[c.Party] = cal
		}
	})
	eachObject(f.List("holidays"), func(h struct {
		Party string `json:"party"`
		Date  string `json:"date"`
	}) {
		day, err := time.Parse(time.DateOnly, h.Date)
		if cal, ok := t.calendars[h.Party]; ok && err == nil && cal.days[day.Weekday()] {
			cal.holidays = append(cal.holidays, day)
			t.calendars[h.Party] = cal
		}
	})
	for party, cal := range t.calendars {
		slices.SortFunc(cal.holidays, time.Time.Compare)
		cal.holidays = slices.CompactFunc(cal.holidays, time.Time.Equal)
		t.calendars[party] = cal
	}
}

// ofDay reads hh:mm, up to 24:00.
func ofDay(s string) time.Duration {
	hours, minutes, _ := strings.Cut(s, ":")
	h, _ := strconv.Atoi(hours)
	m, _ := strconv.Atoi(minutes)
	return time.Duration(h)*time.Hour + time.Duration(m)*time.Minute
}

// workingDays gives the end of the nth working day after that of at. What it costs does not grow with n: a peer names n, and the holidays.
func (t Terms) workingDays(at time.Time, n int, party string) time.Time {
	cal, ok := t.calendars[party]
	if !ok {
		cal = weekdays()
	}
	day := time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, time.UTC)
	next, _ := slices.BinarySearchFunc(cal.holidays, day.AddDate(0, 0, 1), time.Time.Compare) // the first holiday after the day
	for n > 0 {
		day = cal.ahead(day, n)
		for n = 0; next < len(cal.holidays) && !cal.holidays[next].After(day); next++ {
			n++ // to be made up for
		}
	}
	return day.Add(cal.closes)
}

// ahead gives the nth day of work after a day, as if there were no holidays.
func (c calendar) ahead(day time.Time, n int) time.Time {
	inWeek := 0
	for _, works := range c.days {
		if works {
			inWeek++
		}
	}
	weeks := (n - 1) / inWeek
	day = day.AddDate(0, 0, 7*weeks)
	for n -= weeks * inWeek; n > 0; {
		day = day.AddDate(0, 0, 1)
		if c.days[day.Weekday()] {
			n--
		}
	}
	return day
}
