package testbed

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"verbale/record"
)

// reader is a History that only reads.
func reader(more ...Verb) *History {
	h := &History{refs: map[string]record.Ref{}, verbs: map[string]Verb{}}
	for _, v := range append(verbs(), more...) {
		h.verbs[v.Name] = v
	}
	return h
}

// What the notation says of lines that are none: where, what was expected, what came.
func TestHistoryRefusesWhatItCannotRead(t *testing.T) {
	for line, want := range map[string]string{
		"x pusch y":                         `line 1: x pusch y: there is no "pusch"; there are `,
		"x push":                            `push takes "PARTY": there are 0 of at least 1`,
		"x push y z":                        `push takes "PARTY": "z" is too much`,
		"x push yy":                         `"yy" is no PARTY`,
		"xx push y":                         `"xx" is no party: a party is a letter`,
		"x -> y mitigate":                   `there are 2 of at least 3`,
		"x -> y mitigate 1":                 `"1" is no NEW`,
		"x -> y mitigate #0":                `"#0" is no NEW`,
		"x ack #1":                          `#1 was not filed before`,
		"x -> y mitigate #1\nx ping y #1":   `line 2: x ping y #1: ping takes "PARTY NEW": #1 was filed before`,
		"\n\n  y: #1 received":              `line 3: y: #1 received: REF: takes "REF WORD…": #1 was not filed before`,
		"x -> y mitigate #1\nx: #1":         `there are 1 of at least 2`,
		"x: everything":                     `there is no "everything:"`,
		"+5":                                `there is no "+5"`,
		"+5w":                               `there is no "+5w"`,
		"+0d":                               `there is no "+0d"`,
		"+1d +1d":                           `"+1d" is too much`,
		"fsck now":                          `"fsck" is no party`,
		"x push y !":                        `"!" is no kind of error`,
		"x push y !Off":                     `"!Off" is no kind of error`,
		"down":                              `"down" is done by a party: true`,
		"x fsck":                            `"fsck" is done by a party: false`,
		"x":                                 `there is no "x"`,
		"x -> y mitigate #1\nx refuse #1":   `there are 1 of at least 2`,
		"x -> y mitigate #1 # the first":    `"#" is too much`,
		"x -> y mitigate #1\ny refuse #1 +": `"+" is no WORD`,
		"x tally y 2021-6":                  `"2021-6" is no MONTH`,
		"x: tally y 2021-06 differs #1 no":  `"#1" is no ANY`,
	} {
		_, err := reader().read(line)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", line, err, want)
		}
	}
}

// What it reads, and in which parts.
func TestHistoryReads(t *testing.T) {
	own := Verb{Name: "beat", Args: "PARTY [WORD]"}
	steps, err := reader(own).read(`
		# a comment
		x -> y mitigate #1
		+36h
		x push y !channel-suspended
		y: #1 received late stranded
		x beat y
		x beat y twice
		fsck
		y down
	`)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"3 x -> y,mitigate,#1 ", "4  + +36h ", "5 x push y channel-suspended", "6 y REF: #1,received,late,stranded ",
		"7 x beat y ", "8 x beat y,twice ", "9  fsck  ", "10 y down  ",
	}
	var got []string
	for _, s := range steps {
		got = append(got, strings.Join([]string{strconv.Itoa(s.number), s.by, s.verb, strings.Join(s.args, ","), s.fails}, " "))
	}
	if !slices.Equal(got, want) {
		t.Errorf("%q\nwant %q", got, want)
	}
}

// The verbs that a History has by itself can all be read from their own list of arguments, and each has something to do.
func TestHistoryVerbs(t *testing.T) {
	example := map[string]string{"PARTY": "y", "REF": "#1", "NEW": "#2", "MONTH": "2021-06", "WORD": "received", "CLOCK": "+1d", "SPAN": "7d", "FIELD": "reply_by", "ANY": "#1"}
	for _, v := range verbs() {
		if v.Run == nil {
			t.Errorf("%s does nothing", v.Name)
		}
		var args []string
		for kind := range strings.FieldsSeq(v.Args) {
			arg := example[strings.Trim(kind, "[]…")]
			if arg == "" {
				t.Errorf("%s: there is no kind of argument %q", v.Name, kind)
			}
			args = append(args, arg)
		}
		if err := v.takes(args, map[string]bool{"#1": true}); err != nil {
			t.Errorf("%s %s: %v", v.Name, args, err)
		}
	}
}

func FuzzHistory(f *testing.F) {
	for _, s := range []string{"", "x -> y mitigate #1\ny ack #1\n+3d\nfsck", "x: #1 received", "x push y !offline", "# x", "+9h"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		steps, err := reader().read(text)
		if err != nil {
			return
		}
		var lines []string
		for _, s := range steps {
			lines = append(lines, s.line)
		}
		again, err := reader().read(strings.Join(lines, "\n"))
		if err != nil || len(again) != len(steps) {
			t.Errorf("%q was read, %q was not: %v", text, lines, err)
		}
	})
}
