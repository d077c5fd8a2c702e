package main

import (
	"encoding/json/v2"
	"strings"
	"testing"
)

// Nothing that a party wrote moves a cursor, hides or turns text; what people write in any language stays as it is.
func TestVisible(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"C2 servers\n\tzwei: Ünïcödé, 中文, می\u200cخواهم, 👩\u200d🚒", "C2 servers\n\tzwei: Ünïcödé, 中文, می\u200cخواهم, 👩\u200d🚒"},
		{"a\u009b31mb", `a\u009b31mb`},
		{"\x1b]0;owned\x07", `\u001b]0;owned\u0007`},
		{"\x1b[31mred", `\u001b[31mred`},
		{colourBegin(tlpColours["amber"]) + "TLP:AMBER" + colourEnd, colourBegin(tlpColours["amber"]) + "TLP:AMBER" + colourEnd},
		{"over\rwritten", `over\u000dwritten`},
		{"left\u200f\u061c\u202eright", `left\u200f\u061c\u202eright`},
		{"one\u2028line", `one\u2028line`},
		{"tag\U000e0041", `tag\udb40\udc41`},
		{"no\xffutf", "no\ufffdutf"},
	} {
		if got := visible(c.in); got != c.want {
			t.Errorf("%q is shown as %q, want %q", c.in, got, c.want)
		}
	}
}

// In JSON it stays the same value.
func TestVisibleJSON(t *testing.T) {
	in := []string{"a\u009b31mb", "tag\U000e0041", "left\u200fright"}
	var b strings.Builder
	if err := writeJSON(&b, in); err != nil {
		t.Fatal(err)
	}
	if strings.ContainsFunc(b.String(), hidden) {
		t.Errorf("%q", b.String())
	}
	var out []string
	if err := json.Unmarshal([]byte(b.String()), &out); err != nil || strings.Join(out, "|") != strings.Join(in, "|") {
		t.Errorf("%q, %v", out, err)
	}
}
