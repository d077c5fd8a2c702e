package main

import (
	"fmt"
	"time"
)

const utc = "2006-01-02 15:04:05 UTC"

// when shows a time both ways: absolute in UTC, and from now.
func (a *app) when(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return t.UTC().Format(utc) + " (" + a.fromNow(t) + ")"
}

// fromNow shows a time as people say it.
func (a *app) fromNow(t time.Time) string {
	d := t.Sub(a.Now()).Round(time.Second)
	switch {
	case d == 0:
		return "now"
	case d < 0:
		return span(-d) + " ago"
	}
	return "in " + span(d)
}

// span is a duration in its two largest units.
func span(d time.Duration) string {
	days, hours, minutes, seconds := int(d/(24*time.Hour)), int(d/time.Hour)%24, int(d/time.Minute)%60, int(d/time.Second)%60
	switch {
	case days >= 60:
		return fmt.Sprintf("%d days", days)
	case days > 0:
		return fmt.Sprintf("%d d %d h", days, hours)
	case hours > 0:
		return fmt.Sprintf("%d h %d min", hours, minutes)
	case minutes > 0:
		return fmt.Sprintf("%d min %d s", minutes, seconds)
	}
	return fmt.Sprintf("%d s", seconds)
}

// deadline shows until when something is due, and says "late" when it is.
func (a *app) deadline(by time.Time, late bool) string {
	switch {
	case by.IsZero():
		return ""
	case late:
		return "LATE by " + span(a.Now().Sub(by).Round(time.Second)) + ", " + by.UTC().Format(utc)
	}
	return a.fromNow(by) + ", " + by.UTC().Format(utc)
}

// counted is a number with its word.
func counted(n int64, one, more string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, more)
}
