package main

import (
	"context"
	"encoding/json/jsontext"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"verbale/internal/docket"
	"verbale/internal/node"
	"verbale/record"
)

// kindFor says in one line what each kind of appeal is for.
var kindFor = map[string]string{
	"notice":             "tell them of an event; nothing is asked but that they have it",
	"clarify":            "ask what something was, before it is taken for something else",
	"indicators":         "hand over what was seen, to be looked for there",
	"technical-help":     "ask for people or skills for a time",
	"mitigate":           "ask to block, sinkhole, suspend or clean named targets",
	"preserve":           "ask to keep data before it is gone; the request for it follows",
	"preserve-extend":    "ask to keep preserved data longer",
	"preserve-release":   "tell that preserved data need not be kept any more",
	"traffic-path":       "ask which provider came before, from preserved data",
	"subscriber":         "ask who had an address or an account",
	"stored-data":        "ask for stored data, by a judicial order",
	"emergency-data":     "ask for data at once, where a life is at risk",
	"suppress":           "ask to identify, locate, detain or charge",
	"evidence-follow-up": "send for the evidence that an operation still owes",
	"freeze-assets":      "ask to stop money in a bank or on a chain",
	"hold-off":           "ask not to do something for a time",
	"notify-victims":     "ask to warn victims in their country",
	"vulnerability":      "tell of a vulnerability, under embargo",
	"protected-objects":  "name what must not be touched, by the digest of a list",
	"consult":            "ask for a call or a meeting",
}

// neededIf says when a conditional field has to be there.
var neededIf = map[string]string{
	"requested_action": "needed", "reply_by": "needed", "level": "needed",
	"urgency_reason": "needed unless routine", "first_made_at": "needed with --redirected-from",
	"suspects": "this or --infrastructure is needed", "infrastructure": "this or --suspects is needed",
	"sending_bank": ofBank, "sending_account": ofBank, "beneficiary": ofBank, "beneficiary_bank": ofBank, "beneficiary_account": ofBank, "swift_reference": ofBank,
	"chain": onChain, "address": onChain, "transactions": onChain,
}

const (
	ofBank  = "needed of a bank, and only there"
	onChain = "needed on a chain, and only there"
)

func (a *app) appealKindsCommand() *cobra.Command {
	example := false
	c := &cobra.Command{
		Use:   "kinds [KIND]",
		Short: "what can be asked: the kinds of appeal, and the fields of one",
		Long: `Without a kind: what each kind is for, its default clocks (to acknowledge, to answer), and the instrument that it is taken from. With one: its fields, each with its
flag, how much it holds, and the instrument that asks for it. Nobody claims conformance to an instrument. An arrangement in force sets other clocks.

--example prints a draft with every field that is needed, to be edited and given to "verbale appeal send --draft". What is left out (times, class, channel, marking,
deadlines) is filled in when it is sent. A reference in it may be written as in a list: to:borea.example#3.

Examples:
  verbale appeal kinds
  verbale appeal kinds preserve
  verbale appeal kinds preserve --example > draft.json`,
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: cobra.FixedCompletions(record.Words("kind"), cobra.ShellCompDirectiveNoFileComp),
		RunE: a.run(func(_ context.Context, args []string) error {
			switch {
			case len(args) == 0 && example:
				return usage("--example goes with a kind: verbale appeal kinds preserve --example")
			case len(args) == 0:
				return a.printKinds()
			case !record.Known(docket.ActAppeal, args[0]):
				return unknownKind(args[0])
			case example:
				return a.printExample(args[0])
			}
			return a.printKind(args[0])
		}),
	}
	c.Flags().BoolVar(&example, "example", false, "print a draft of this kind instead")
	return c
}

func unknownKind(kind string) error {
	e := usage("%q is no kind of appeal; the kinds are: %s", kind, strings.Join(record.Words("kind"), ", "))
	if kind == "" {
		e = usage("an appeal has a kind: --kind, or kind in the draft; the kinds are: %s", strings.Join(record.Words("kind"), ", "))
	}
	e.Hint = "what each is for: verbale appeal kinds"
	return e
}

// kindInfo is a kind in `appeal kinds --json`.
type kindInfo struct {
	Kind        string      `json:"kind"`
	For         string      `json:"for"`
	Acknowledge string      `json:"acknowledge"`     // the default clocks, as spans of an arrangement
	Reply       string      `json:"reply,omitempty"` // absent where nothing is asked
	Donor       string      `json:"donor"`
	Fields      []fieldInfo `json:"fields,omitempty"`
}

// fieldInfo is a field of a kind.
type fieldInfo struct {
	Name  string      `json:"name"`
	Flag  string      `json:"flag"`
	Type  record.Type `json:"type"`
	Need  record.Need `json:"need"`
	If    string      `json:"if,omitempty"` // of a conditional field
	Max   int         `json:"max,omitzero"`
	List  int         `json:"list,omitzero"`
	Words []string    `json:"words,omitempty"`
	Donor string      `json:"donor,omitempty"`
}

func infoOf(kind string) kindInfo {
	acknowledge, reply := record.Clocks(kind)
	k := kindInfo{Kind: kind, For: kindFor[kind], Acknowledge: clockOf(acknowledge), Donor: record.Donor(kind)}
	if !record.Silent(kind) {
		k.Reply = clockOf(reply)
	}
	return k
}

// clockOf is a clock as a span of acts.md.
func clockOf(d time.Duration) string {
	if d%(24*time.Hour) == 0 && d > 24*time.Hour {
		return fmt.Sprintf("%dd", d/(24*time.Hour))
	}
	return fmt.Sprintf("%dh", d/time.Hour)
}

func (a *app) printKinds() error {
	var list []kindInfo
	for _, kind := range record.Words("kind") {
		list = append(list, infoOf(kind))
	}
	return a.print(struct {
		Kinds []kindInfo `json:"kinds"`
	}{list}, func(w io.Writer) {
		writeKinds(w, list)
	})
}

// writeKinds writes two lines for each kind: a table of one line each would not fit a terminal.
func writeKinds(w io.Writer, list []kindInfo) {
	line := func(kind, ack, answer, donor string) {
		fmt.Fprintf(w, "%-19s %-5s %-7s %s\n", kind, ack, answer, donor)
	}
	line("KIND", "ACK", "ANSWER", "TAKEN FROM")
	for _, k := range list {
		line(k.Kind, k.Acknowledge, noneIf(k.Reply), k.Donor)
		fmt.Fprintf(w, "    %s\n", k.For)
	}
	fmt.Fprintln(w, "\nthe fields of one: verbale appeal kinds KIND")
}

func noneIf(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

func (a *app) printKind(kind string) error {
	k := infoOf(kind)
	own, common := kindFields(kind)
	k.Fields = slices.Concat(own, common)
	return a.print(k, func(w io.Writer) {
		page := func(format string, args ...any) { _, _ = io.WriteString(w, fit(fmt.Sprintf(format, args...))) }
		page("%s: %s\n", k.Kind, k.For)
		page("taken from %s; no conformance is claimed\n", k.Donor)
		if k.Reply == "" {
			page("to acknowledge within %s of its receipt; nothing else is asked\n", k.Acknowledge)
		} else {
			page("to acknowledge within %s of its receipt, to answer within %s, where no arrangement sets others\n", k.Acknowledge, k.Reply)
		}
		page("\nFields of this kind:\n\n")
		writeFields(w, own)
		page("\nFields of every appeal:\n\n")
		writeFields(w, common)
		page("\na draft to edit: verbale appeal kinds %s --example\n", kind)
	})
}

// kindFields gives what an officer may fill in: the fields of the kind, and those of every appeal.
func kindFields(kind string) (own, common []fieldInfo) {
	for _, s := range record.Schema(docket.ActAppeal, kind) {
		if s.Name != "attachments" && slices.Contains(notFlags, s.Name) || record.Silent(kind) && s.Name == "reply_by" {
			continue
		}
		f := fieldInfo{Name: s.Name, Flag: "--" + flagName(s.Name), Type: s.Type, Need: s.Need, Max: s.Max, List: s.List, Words: s.Words, Donor: s.Donor}
		f.Need, f.If = needOf(s, kind)
		if inEnvelope(s.Name) {
			common = append(common, f)
		} else {
			own = append(own, f)
		}
	}
	return own, common
}

// needOf is the need of a field in this kind: some conditions always hold, others never.
func needOf(s record.FieldSpec, kind string) (record.Need, string) {
	switch {
	case s.Name == "level" && kind == "consult", s.Need == record.Conditional && neededIf[s.Name] == "needed" && !record.Silent(kind):
		return record.Mandatory, ""
	case s.Need == record.Conditional && neededIf[s.Name] == "needed":
		return record.Optional, ""
	case s.Need == record.Conditional:
		return s.Need, neededIf[s.Name]
	}
	return s.Need, ""
}

func writeFields(w io.Writer, list []fieldInfo) {
	for _, need := range []record.Need{record.Mandatory, record.Conditional, record.Optional} {
		for _, f := range list {
			if f.Need == need {
				_, _ = io.WriteString(w, hanging(fmt.Sprintf("  %-*s %s", fieldColumn-3, f.Flag, f.says()), 0, fieldColumn)+"\n")
			}
		}
	}
}

// says tells whether a field has to be there, what it holds, and who asks for it.
func (f fieldInfo) says() string {
	said := "may be given"
	switch {
	case f.If != "":
		said = f.If
	case f.Need == record.Mandatory && (f.Name == "reply_by" || hasDefault(f.Name)):
		said = "filled in unless given"
	case f.Need == record.Mandatory:
		said = "needed"
	}
	if f.List > 0 {
		said += fmt.Sprintf(", up to %d times", f.List)
	}
	said += ": " + f.holds()
	if what := fieldHelp[f.Name]; what != "" && (f.If == "" || !strings.Contains(what, f.If)) {
		said += "; " + what
	}
	if f.Donor != "" {
		said += " (after " + f.Donor + ")"
	}
	return said
}

// holds tells what a value is.
func (f fieldInfo) holds() string {
	switch f.Type {
	case record.TypeText:
		return fmt.Sprintf("one line of %d characters at most", f.Max)
	case record.TypeLong:
		return fmt.Sprintf("a text of %d characters at most", f.Max)
	case record.TypeTime:
		return "a time"
	case record.TypeWord:
		return strings.Join(f.Words, ", ")
	case record.TypeBool:
		return "yes or no"
	case record.TypeInt:
		return fmt.Sprintf("a number up to %d", f.Max)
	case record.TypeRef:
		return "a record, as to:borea.example#3"
	case record.TypeObservable:
		return "an address, domain, URL, hash, AS or CVE number"
	case record.TypeAttachment:
		return "a file"
	}
	return string(f.Type)
}

// exampleRef stands in an example where the officer names a record.
const exampleRef = "to:borea.example#0"

func (a *app) printExample(kind string) error {
	now := a.Now().UTC().Truncate(time.Second)
	f := record.Example(docket.ActAppeal, kind, now)
	given := record.Fields{}
	given.SetText("act", docket.ActAppeal)
	given.SetText("kind", kind)
	filled := node.Complete(given, now, "x")
	for name := range f {
		if name != "act" && name != "kind" && name != "urgency" && name != "urgency_reason" && filled[name] != nil {
			delete(f, name) // it would be stale when it is sent
		}
	}
	var b strings.Builder
	for _, s := range record.Schema(docket.ActAppeal, kind) {
		if f[s.Name] == nil {
			continue
		}
		if s.Type == record.TypeRef {
			f.SetText(s.Name, exampleRef)
		}
		value := f[s.Name].Clone()
		if err := value.Indent(jsontext.WithIndentPrefix("  "), jsontext.WithIndent("  ")); err != nil {
			return err
		}
		if b.Len() > 0 {
			b.WriteString(",\n")
		}
		fmt.Fprintf(&b, "  %q: %s", s.Name, value)
	}
	a.printed = true
	_, err := io.WriteString(a.Stdout, visible("{\n"+b.String()+"\n}\n"))
	return err
}
