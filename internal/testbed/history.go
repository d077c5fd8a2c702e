package testbed

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"verbale/internal/docket"
	"verbale/internal/exchange"
	"verbale/internal/node"
	"verbale/record"
)

// A History is a scenario in lines, told by whole nodes:
//
//	x -> y mitigate #1      x files an appeal to y, which the lines below call #1
//	x push y                x pushes; what y answers by itself is filed before the next line
//	y down                  y's node ends; y up: it is there again
//	+30d                    the clock moves, by a number of d, h, m or s
//	x push y !offline       it fails with this kind of error
//	y: #1 received          how #1 stands at y; with the marks late and stranded, where it has them, and no others
//	x: strands y 2          x counts two stranded appeals on its link with y
//	x: wrong y nothing      what is wrong on that link: the first word of each fault, or nothing
//	fsck                    nobody's database has a fault
//
// A party is a letter, found and linked with the others when it is first named. Lines that begin with # are comments. The verbs stand in
// [verbs]; a test may bring more.
type History struct {
	*Bed
	parties map[string]*Party
	refs    map[string]record.Ref
	verbs   map[string]Verb
}

// A Verb is what a party can do in a History, or, with a name that ends in a colon, what is said of it. Args names the kinds of its
// arguments: PARTY, REF (#1, filed before), NEW (#1, filed by it), MONTH, SPAN (7d), FIELD (of a record), WORD; one in brackets may be left out, and one that ends in … may
// come again.
type Verb struct {
	Name  string
	Args  string
	Run   func(s Scene) error
	Alone bool // it has no party
}

// A Scene is one line, being played.
type Scene struct {
	*History
	By   *Party
	Args []string
}

// step is one line, read.
type step struct {
	number int
	line   string
	by     string
	verb   string
	args   []string
	fails  string // the kind of error that it must end with
}

// Play plays the lines of text in the world b, and ends the test at the first that does not go as it says.
func Play(b *Bed, text string, more ...Verb) *History {
	b.t.Helper()
	h := &History{Bed: b, parties: map[string]*Party{}, refs: map[string]record.Ref{}, verbs: map[string]Verb{}}
	for _, v := range append(verbs(), more...) {
		h.verbs[v.Name] = v
	}
	h.Play(text)
	return h
}

// Play goes on with more lines.
func (h *History) Play(text string) {
	h.t.Helper()
	steps, err := h.read(text)
	h.must(err)
	for _, s := range steps {
		err := h.verbs[s.verb].Run(Scene{History: h, By: h.Party(s.by), Args: s.args})
		switch kind := kindName(err); {
		case s.fails == "" && err != nil:
			h.t.Fatalf("line %d: %s: %v", s.number, s.line, err)
		case s.fails != kind:
			h.t.Fatalf("line %d: %s: it ended with %q (%v)", s.number, s.line, kind, err)
		}
	}
}

// kindName is the kind of an error as `!kind` names it.
func kindName(err error) string {
	if err == nil {
		return ""
	}
	if k := exchange.KindOf(err); k != "" {
		return string(k)
	}
	return string(node.AsError(err).Kind)
}

// Party gives the party of a letter, found and linked with all others when it is first asked for. "" is nobody.
func (h *History) Party(letter string) *Party {
	h.t.Helper()
	if p := h.parties[letter]; p != nil || letter == "" {
		return p
	}
	p := h.Bed.Party(partyName(letter))
	for _, other := range slices.Sorted(maps.Keys(h.parties)) {
		h.Link(h.parties[other], p)
	}
	h.parties[letter] = p
	return p
}

// partyName is the name of the party of a letter.
func partyName(letter string) string {
	if name, ok := map[string]string{"x": "aurelia", "y": "borea", "z": "cinder"}[letter]; ok {
		return name + ".example"
	}
	return letter + ".example"
}

// Let has the lines call a party of the test's own by a letter. It is linked with nobody by this.
func (h *History) Let(letter string, p *Party) { h.parties[letter] = p }

// Ref is the reference that the lines call #1, and so on.
func (h *History) Ref(name string) record.Ref { return h.refs[name] }

// Party is the party that the argument names.
func (s Scene) Party(arg int) *Party { return s.History.Party(s.Args[arg]) }

// Ref is the record that the argument names.
func (s Scene) Ref(arg int) record.Ref { return s.refs[s.Args[arg]] }

// Arg is the argument, or "" where it was left out.
func (s Scene) Arg(arg int) string {
	if arg < len(s.Args) {
		return s.Args[arg]
	}
	return ""
}

// call gives the name of a record.
func (s Scene) call(arg int, ref record.Ref) { s.refs[s.Args[arg]] = ref }

var (
	letterForm = regexp.MustCompile(`^[a-z]$`)
	refForm    = regexp.MustCompile(`^#[1-9][0-9]*$`)
	wordForm   = regexp.MustCompile(`^[a-z0-9][a-z0-9+-]*$`)
	fieldForm  = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
	clockForm  = regexp.MustCompile(`^\+([1-9][0-9]{0,5})([dhms])$`)
)

// read reads all lines, and refuses the first that is none.
func (h *History) read(text string) ([]step, error) {
	var steps []step
	named := map[string]bool{}
	for name := range h.refs {
		named[name] = true
	}
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		s := step{number: i + 1, line: line}
		if err := h.readLine(&s, named); err != nil {
			return nil, fmt.Errorf("line %d: %s: %w", s.number, line, err)
		}
		steps = append(steps, s)
	}
	return steps, nil
}

func (h *History) readLine(s *step, named map[string]bool) error {
	words := strings.Fields(s.line)
	if last := words[len(words)-1]; len(words) > 1 && strings.HasPrefix(last, "!") {
		if s.fails = last[1:]; !wordForm.MatchString(s.fails) {
			return fmt.Errorf("%q is no kind of error", last)
		}
		words = words[:len(words)-1]
	}
	switch first := words[0]; {
	case clockForm.MatchString(first):
		s.verb, s.args = "+", append([]string{first}, words[1:]...)
	case len(words) == 1:
		s.verb = first
	case strings.HasSuffix(first, ":"):
		s.by, s.verb, s.args = strings.TrimSuffix(first, ":"), words[1]+":", words[2:]
		if refForm.MatchString(words[1]) {
			s.verb, s.args = "REF:", words[1:]
		}
	default:
		s.by, s.verb, s.args = first, words[1], words[2:]
	}
	if s.by != "" && !letterForm.MatchString(s.by) {
		return fmt.Errorf("%q is no party: a party is a letter", s.by)
	}
	v, known := h.verbs[s.verb]
	if !known {
		return fmt.Errorf("there is no %q; there are %s", s.verb, strings.Join(slices.Sorted(maps.Keys(h.verbs)), " "))
	}
	if v.Alone != (s.by == "") {
		return fmt.Errorf("%q is done by a party: %t", v.Name, !v.Alone)
	}
	if err := v.takes(s.args, named); err != nil {
		return fmt.Errorf("%s takes %q: %w", v.Name, v.Args, err)
	}
	return nil
}

// takes tells whether args are those of the verb. named are the records filed so far.
func (v Verb) takes(args []string, named map[string]bool) error {
	kinds := strings.Fields(v.Args)
	for i, at := 0, 0; i < len(args); i++ {
		if at == len(kinds) {
			return fmt.Errorf("%q is too much", args[i])
		}
		kind, again := strings.CutSuffix(strings.Trim(kinds[at], "[]"), "…")
		if err := fits(kind, args[i], named); err != nil {
			return err
		}
		if !again {
			at++
		}
	}
	if least := len(slices.DeleteFunc(kinds, func(k string) bool { return strings.HasPrefix(k, "[") })); len(args) < least {
		return fmt.Errorf("there are %d of at least %d", len(args), least)
	}
	return nil
}

func fits(kind, arg string, named map[string]bool) error {
	ok := false
	switch kind {
	case "PARTY":
		ok = letterForm.MatchString(arg)
	case "REF":
		if ok = refForm.MatchString(arg); ok && !named[arg] {
			return fmt.Errorf("%s was not filed before", arg)
		}
	case "NEW":
		if ok = refForm.MatchString(arg); ok && named[arg] {
			return fmt.Errorf("%s was filed before", arg)
		}
		named[arg] = true
	case "MONTH":
		_, _, ok = docket.MonthAt(arg)
	case "CLOCK":
		ok = clockForm.MatchString(arg)
	case "SPAN":
		ok = clockForm.MatchString("+" + arg)
	case "FIELD":
		ok = fieldForm.MatchString(arg)
	case "ANY":
		ok = refForm.MatchString(arg) && named[arg] || wordForm.MatchString(arg)
	default:
		ok = wordForm.MatchString(arg)
	}
	if !ok {
		return fmt.Errorf("%q is no %s", arg, kind)
	}
	return nil
}

// span is the time that a clock moves by.
func span(arg string) time.Duration {
	m := clockForm.FindStringSubmatch(arg)
	n, _ := strconv.Atoi(m[1])
	return time.Duration(n) * map[string]time.Duration{"d": 24 * time.Hour, "h": time.Hour, "m": time.Minute, "s": time.Second}[m[2]]
}

// differs is the error of a line that says how something stands.
func differs(want, got string) error {
	if want == got {
		return nil
	}
	return errors.New("it is: " + got)
}
