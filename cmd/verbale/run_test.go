package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"verbale/internal/docket"
	"verbale/record"
	"verbale/verdict"
)

// noon is the clock of these tests.
var noon = func() time.Time { return time.Date(2021, 7, 9, 12, 0, 0, 0, time.UTC) }

// inside runs the program in this process, with nothing around it.
func inside(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = Run(t.Context(), args, Env{Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs, Getenv: func(string) string { return "" }, Now: noon, Rand: rand.Reader})
	return code, out.String(), errs.String()
}

// Every command says what it does, with an example; every flag is described; no line of help is wider than people read.
func TestManual(t *testing.T) {
	a := &app{Env: Env{Now: noon}}
	var visit func(c *cobra.Command)
	visit = func(c *cobra.Command) {
		for _, sub := range c.Commands() {
			visit(sub)
		}
		if c.Short == "" || c.Long == "" {
			t.Errorf("%s has no help", c.CommandPath())
		}
		if c.Runnable() && !c.HasSubCommands() && !strings.Contains(c.Long, "  verbale ") {
			t.Errorf("%s has no example", c.CommandPath())
		}
		if n := 3 + c.NamePadding() + len([]rune(c.Short)); c.HasParent() && n > terminalWidth {
			t.Errorf("%s: a line of %d characters in the list of commands: %s", c.CommandPath(), n, c.Short)
		}
		for line := range strings.Lines(c.Long) {
			if len([]rune(strings.TrimSuffix(line, "\n"))) > terminalWidth {
				t.Errorf("%s: a line of %d characters: %s", c.CommandPath(), len([]rune(line)), line)
			}
		}
		c.Flags().VisitAll(func(f *pflag.Flag) {
			if f.Usage == "" {
				t.Errorf("%s: --%s is not described", c.CommandPath(), f.Name)
			}
		})
	}
	visit(a.root())
}

// The help names every exit code, and no kind of error has two.
func TestExitCodes(t *testing.T) {
	_, out, _ := inside(t, "help", "exit-codes")
	out = strings.Join(strings.Fields(out), " ")
	seen := map[string]int{}
	for _, e := range exits {
		if want := fmt.Sprintf(" %d %s", e.code, e.meaning); !strings.Contains(out, want) {
			t.Errorf("the help does not say %q", want)
		}
		for _, k := range e.kinds {
			if before, ok := seen[string(k)]; ok {
				t.Errorf("%s has the codes %d and %d", k, before, e.code)
			}
			seen[string(k)] = e.code
		}
	}
}

func TestUsage(t *testing.T) {
	for _, args := range [][]string{{"bogus"}, {"appeal", "bogus"}, {"--bogus"}, {"verify"}, {"appeal", "show", "x"}, {"prove", "x#"},
		{"appeal", "send", "b.example", "--urgency"}, {"evidence", "prove", "one", "--dir", "x"}} {
		if code, out, errs := inside(t, args...); code != 2 || out != "" || !strings.HasPrefix(errs, "error: ") || !strings.Contains(errs, "\nhint: ") {
			t.Errorf("%q: %d %q %q", args, code, out, errs)
		}
	}
	if code, out, _ := inside(t); code != 0 || !strings.Contains(out, "appeal") {
		t.Error("verbale alone does not show the commands")
	}
	if code, out, _ := inside(t, "link"); code != 0 || !strings.Contains(out, "confirm") {
		t.Error("a group alone does not show its commands")
	}
}

// A context that ends is told, and is no success.
func TestStopped(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var errs bytes.Buffer
	env := System()
	env.Stdout, env.Stderr = &errs, &errs
	if code := Run(ctx, []string{"init", "a.example", "--dir", t.TempDir(), "--title", "x", "--endpoint", "https://127.0.0.1:1", "--no-passphrase"}, env); code != 1 {
		t.Errorf("%d: %s", code, errs.String())
	}
}

// prompted is a terminal's place: it tells when a question stands there.
type prompted struct {
	said     bytes.Buffer
	question string
	asked    func()
}

func (p *prompted) Write(b []byte) (int, error) {
	if bytes.Contains(b, []byte(p.question)) {
		p.asked()
	}
	return p.said.Write(b)
}

// Ctrl-C at a question ends the command, with nothing done.
func TestStoppedAtQuestion(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a")
	if code, _, errs := inside(t, "init", "a.example", "--dir", dir, "--title", "x", "--endpoint", "https://127.0.0.1:1", "--no-passphrase"); code != 0 {
		t.Fatal(errs)
	}
	ctx, cancel := context.WithCancel(t.Context())
	silent, end := io.Pipe()
	defer end.Close()
	errs := &prompted{question: "Type the twelve words", asked: cancel}
	env := Env{Stdin: silent, Stdout: io.Discard, Stderr: errs, Getenv: func(string) string { return "" }, Now: noon, Rand: rand.Reader}
	code := Run(ctx, []string{"link", "confirm", "--dir", dir, "b.example"}, env)
	if code != 1 || !strings.Contains(errs.said.String(), "stopped; nothing was done") {
		t.Errorf("%d: %s", code, errs.said.String())
	}
}

// A deadline counted from now is counted from the time of release, also when the clock turns in between: else the same command with the
// same --key would be another record.
func TestOneClock(t *testing.T) {
	a, ticks := &app{}, 0
	a.Now = func() time.Time {
		ticks++
		return noon().Add(time.Duration(ticks) * time.Second)
	}
	c := &cobra.Command{}
	o := sending{kind: "mitigate", fields: newFieldFlags(c, "appeal", "mitigate")}
	if err := c.Flags().Set("reply-by", "+2h"); err != nil {
		t.Fatal(err)
	}
	f, err := a.appealDraft(o)
	if err != nil {
		t.Fatal(err)
	}
	if d := f.Time("reply_by").Sub(f.Time("released_at")); d != 2*time.Hour {
		t.Errorf("%v after the release", d)
	}
}

// Shells are offered the words of closed lists.
func TestCompletion(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"appeal", "send", "--kind", ""}, "mitigate"},
		{[]string{"appeal", "send", "--urgency", ""}, "emergency"},
		{[]string{"appeal", "refuse", "--code", "sov"}, "sovereignty"},
		{[]string{"appeal", "list", "--turn", ""}, "theirs"},
		{[]string{"ev"}, "evidence"},
	} {
		_, out, _ := inside(t, append([]string{"__complete"}, c.args...)...)
		if !strings.Contains(out, c.want+"\n") && !strings.Contains(out, c.want+"\t") {
			t.Errorf("%q: %q", c.args, out)
		}
	}
}

func TestTimes(t *testing.T) {
	a := &app{Env: Env{Now: noon}}
	for want, at := range map[string]time.Duration{
		"2021-07-09 12:00:00 UTC (now)": 0, "2021-07-09 11:59:01 UTC (59 s ago)": -59 * time.Second, "2021-07-09 12:01:01 UTC (in 1 min 1 s)": 61 * time.Second,
		"2021-07-09 16:30:00 UTC (in 4 h 30 min)": 270 * time.Minute, "2021-07-11 13:00:00 UTC (in 2 d 1 h)": 49 * time.Hour, "2023-07-09 12:00:00 UTC (in 730 days)": 730 * 24 * time.Hour,
	} {
		if got := a.when(noon().Add(at)); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if got, want := a.deadline(noon().Add(-time.Hour), true), "LATE by 1 h 0 min, 2021-07-09 11:00:00 UTC"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got := a.deadline(time.Time{}, false) + a.when(time.Time{}); got != "never" {
		t.Error(got)
	}
	for text, want := range map[string]string{"+4h": "2021-07-09T16:00:00Z", "+3d": "2021-07-12T12:00:00Z", "2021-07-10T00:00:00Z": "2021-07-10T00:00:00Z", "tomorrow": "", "+x": "", "+xd": ""} {
		got, err := parseTime(text, noon())
		if want == "" && err == nil || want != "" && got.Format(time.RFC3339) != want {
			t.Errorf("%q: %v %v", text, got, err)
		}
	}
}

func TestReferences(t *testing.T) {
	for text, want := range map[string]string{
		"b.example#3": "b.example/to/a.example/1#3", "to:b.example#0": "a.example/to/b.example/1#0", "x.example/to/y.example/2#7": "x.example/to/y.example/2#7",
		"b.example": "", "b.example#": "", "#3": "", "to:#3": "", "b.example#03x": "", "B.example#1": "", "b.example#1099511627776": "", "a/b#1": "",
		"b.example/2#3": "b.example/to/a.example/2#3", "to:b.example/12#0": "a.example/to/b.example/12#0", "b.example/1#3": "b.example/to/a.example/1#3",
		"b.example/0#3": "", "b.example/02#3": "", "b.example/#3": "", "b.example/-1#3": "", "b.example/1/2#3": "", "b.example/9999999999999999999#3": "",
	} {
		r, err := parseReference(text)
		if want == "" {
			if err == nil {
				t.Errorf("%q is a reference", text)
			}
			continue
		}
		if got := fmt.Sprintf("%s#%d", r.origin("a.example"), r.index); err != nil || got != want {
			t.Errorf("%q: %q %v", text, got, err)
		}
	}
	for _, text := range []string{"b.example#3", "to:b.example#0", "x.example/to/y.example/1#7", "b.example/2#1", "to:b.example/10#0", "x.example/to/y.example/2#7", "a.example/to/public/2#0"} {
		r, err := parseReference(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := shortRef("a.example", r.origin("a.example"), r.index); got != text {
			t.Errorf("%q comes back as %q", text, got)
		}
	}
}

// Every field of every act can be given by a flag, or is one that the command fills in.
func TestFlagsOfFields(t *testing.T) {
	a := &app{Env: Env{Now: noon}}
	root := a.root()
	acts := append(slices.Concat(docket.MovesBy(true), docket.MovesBy(false)), docket.ActAppeal)
	for _, act := range acts {
		command := act
		switch act {
		case docket.ActAppeal:
			command = "send"
		case docket.ActAcknowledge:
			command = "ack"
		}
		c, _, err := root.Find([]string{"appeal", command})
		if err != nil {
			t.Fatal(err)
		}
		if c.Name() != command {
			t.Fatalf("there is no command for %s", act)
		}
		kinds := []string{""}
		if act == "appeal" {
			kinds = record.Words("kind")
		}
		for _, kind := range kinds {
			for _, spec := range record.Schema(act, kind) {
				switch spec.Name {
				case "act", "in_reply_to", "drafted_at", "released_at":
				default:
					if c.Flags().Lookup(flagName(spec.Name)) == nil {
						t.Errorf("%s has no flag --%s", c.CommandPath(), flagName(spec.Name))
					}
					if fieldHelp[spec.Name] == "" && spec.Name != "kind" && spec.Name != "attachments" {
						t.Errorf("nothing says what %s is for", spec.Name)
					}
				}
			}
		}
	}
}

func TestPaste(t *testing.T) {
	p, err := paste("x", []byte("\ufeff# title\r\n198.51.100[.]7\r\n\n  hxxp://a[.]example/ \n198.51.100.7\n"), false)
	if err != nil || len(p.found) != 2 || p.twice != 1 || p.found[1].Value != "http://a.example/" {
		t.Errorf("%+v %v", p, err)
	}
	if got := p.said("x"); got != "x: 2 values recognised, 1 repeated" {
		t.Error(got)
	}
	_, err = paste("x", []byte(strings.Repeat("nonsense here\n", 30)), false)
	if err == nil || !strings.HasSuffix(err.Error(), "line 19, line 20 and 10 more") {
		t.Error(err)
	}
	if _, err = paste("x", bytes.Repeat([]byte("y"), maxListLine+1), true); err == nil {
		t.Error("an endless line passes")
	}
}

func TestHarmless(t *testing.T) {
	for name, want := range map[string]string{"list.txt": "list.txt", "../../etc/passwd": ".._.._etc_passwd", "a b;rm -rf $HOME": "a_b_rm_-rf__HOME", "\u202egpj.exe": "_gpj.exe"} {
		if got := harmless(name); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}

func TestWordsAsTyped(t *testing.T) {
	if got := strings.Join(spoken(" Orphan, beyond FIX gain / base.tray "), " "); got != "orphan beyond fix gain base tray" {
		t.Error(got)
	}
	if got := verdict.WordGroups(strings.Fields("a b c d e f g h i j k l")); got != "a b c d / e f g h / i j k l" {
		t.Error(got)
	}
}

func TestReflow(t *testing.T) {
	text := "one two three four five\nsix\n\n  kept   as it is, however long\n\nExamples:\n  verbale x\n"
	want := "one two\nthree four\nfive six\n\n  kept   as it is, however long\n\nExamples:\n  verbale x"
	if got := reflow(text, 10); got != want {
		t.Errorf("%q", got)
	}
}

func TestClocks(t *testing.T) {
	for given, want := range map[string][2]string{
		"":                     {"2021-07-09T16:00:00Z", "2021-07-10T12:00:00Z"},
		"2021-07-09T14:00:00Z": {"2021-07-09T14:00:00Z", "2021-07-09T14:00:00Z"},
		"2021-07-09T18:00:00Z": {"2021-07-09T16:00:00Z", "2021-07-09T18:00:00Z"},
	} {
		f := record.Fields{}
		f.SetText("act", "appeal")
		f.SetText("kind", "mitigate")
		f.SetText("reply_by", given)
		f = withClocks(f, noon())
		if got := [2]string{f.Text("acknowledge_by"), f.Text("reply_by")}; got != want {
			t.Errorf("%q: %v, want %v", given, got, want)
		}
	}
}
