package node

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// Which months are due: those that are over since TallyAfter, from that of the link on, and a year of them at most.
func TestDueMonths(t *testing.T) {
	at := func(s string) time.Time {
		t.Helper()
		when, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return when
	}
	for _, c := range []struct{ linked, now, want string }{
		{"2021-06-20T14:00:00Z", "2021-06-30T23:59:59Z", ""},
		{"2021-06-20T14:00:00Z", "2021-07-01T05:59:59Z", ""},
		{"2021-06-20T14:00:00Z", "2021-07-01T06:00:00Z", "2021-06"},
		{"2021-06-20T14:00:00Z", "2021-08-01T06:00:00Z", "2021-06 2021-07"},
		{"2021-07-01T00:00:00Z", "2021-07-31T00:00:00Z", ""},
		{"2021-12-31T23:59:59Z", "2022-02-10T00:00:00Z", "2021-12 2022-01"},
		{"2023-01-01T00:00:00Z", "2021-01-01T00:00:00Z", ""}, // a clock that went back
		{"2019-01-01T00:00:00Z", "2021-07-02T00:00:00Z", "2020-07 2020-08 2020-09 2020-10 2020-11 2020-12 2021-01 2021-02 2021-03 2021-04 2021-05 2021-06"},
	} {
		if got := dueMonths(at(c.linked), at(c.now)); !slices.Equal(got, strings.Fields(c.want)) {
			t.Errorf("linked %s, now %s: %q, want %q", c.linked, c.now, got, c.want)
		}
	}
}
