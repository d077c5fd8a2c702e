package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"verbale/internal/console"
	"verbale/internal/node"
	"verbale/verdict"
)

// proving is what `prove` was told.
type proving struct {
	disclose []string
	only     bool
	undated  bool
	out      outputFile
}

func (a *app) proveCommand() *cobra.Command {
	var o proving
	c := &cobra.Command{
		Use:   "prove REF",
		Short: "make a file that proves a case, showing as much as you choose",
		Long: `Makes a bundle: the records of a case with the fields that you choose to show, their proofs, the receipts, both profiles, and what dates them. Whoever has it checks it with
"verbale verify", without a network or an account. Before it is written you are told what it shows and what stays closed; without -o nothing is written.

--disclose names fields ("kind", "targets", one element "targets[3]") to open in every record that has them; "*" opens all. When it is left out, these are:
` + strings.Join(node.DefaultDisclosure(), ", ") + `. Which record replies to which is always shown.

Examples:
  verbale prove to:borea.example#0 -o facts.bundle
  verbale prove to:borea.example#0 --disclose "kind,targets[2]" --only -o one-address.bundle
  verbale prove to:borea.example#0 --disclose "*" -o court.bundle`,
		Args: cobra.ExactArgs(1),
		RunE: a.run(func(ctx context.Context, args []string) error { return a.prove(ctx, args[0], o) }),
	}
	c.Flags().StringSliceVar(&o.disclose, "disclose", node.DefaultDisclosure(), "`FIELDS` to open, with commas between")
	c.Flags().BoolVar(&o.only, "only", false, "just this record, without the rest of its case")
	c.Flags().BoolVar(&o.undated, "undated", false, "leave out what dates the records: entries of registers, and lines of witnesses")
	o.out.flags(c)
	return c
}

// proved is `prove --json`.
type proved struct {
	File    string         `json:"file,omitempty"`
	Bytes   int            `json:"bytes"`
	Records []provedRecord `json:"records"`
	Dates   int            `json:"dates,omitzero"` // entries of registers, opened for heads of these outboxes
}

type provedRecord struct {
	Ref    string   `json:"ref"`
	Shown  []string `json:"shown"`
	Closed []string `json:"closed"`
}

func (a *app) prove(ctx context.Context, ref string, o proving) error {
	r, err := parseReference(ref)
	if err != nil {
		return err
	}
	return a.withCase(ctx, ref, func(s *session, self string, c console.Case) error {
		if err := haveFields(c, o.disclose); err != nil {
			return err
		}
		raw, err := s.Prove(ctx, node.ProveRequest{Outbox: r.origin(self), Index: r.index, Disclose: o.disclose, Only: o.only, Undated: o.undated})
		if err != nil {
			return err
		}
		v, err := judged(raw)
		if err != nil {
			return err
		}
		p := preview(self, c, v)
		p.Bytes, p.File = len(raw), o.out.path
		_ = told(a.Stderr, p.text)
		if err := o.out.write(a, raw); err != nil {
			return err
		}
		return a.print(p, func(w io.Writer) {
			switch o.out.path {
			case "-":
			case "":
				fmt.Fprintln(w, "nothing was written: name a file with -o")
			default:
				fmt.Fprintf(w, "%s is written (%d bytes); anybody checks it with: verbale verify %s\n", o.out.path, len(raw), o.out.path)
			}
		})
	})
}

// haveFields refuses names that no record of the case has: a misspelt field would silently stay closed.
func haveFields(c console.Case, names []string) error {
	there := map[string]bool{}
	for _, r := range c.Records {
		for name := range r.Fields {
			there[name] = true
		}
	}
	for _, name := range names {
		field, _, _ := strings.Cut(name, "[")
		if name != "*" && !there[field] && !slices.Contains(node.DefaultDisclosure(), name) {
			return usage("no record of this case has a field %q", field)
		}
	}
	return nil
}

// judged reads a bundle as an outsider does.
func judged(raw []byte) (*verdict.Verdict, error) {
	b, err := verdict.Parse(raw)
	if err != nil {
		return nil, err
	}
	return verdict.Judge(b, nil)
}

// preview says of each record in the bundle what is shown and what stays closed.
func preview(self string, c console.Case, v *verdict.Verdict) proved {
	p := proved{Records: []provedRecord{}}
	for _, r := range v.Records {
		if r.Act == "heads" {
			p.Dates++
			continue
		}
		one := provedRecord{Ref: shortRef(self, r.Outbox, r.Index), Shown: []string{}, Closed: []string{}}
		for _, f := range r.Fields {
			one.Shown = append(one.Shown, f.Name+part(r, f.Name))
		}
		for _, s := range c.Records {
			if s.Ref.Outbox != r.Outbox || s.Ref.Index != r.Index {
				continue
			}
			for _, name := range fieldOrder(s.Fields) {
				if !slices.ContainsFunc(r.Fields, func(f verdict.Field) bool { return f.Name == name }) {
					one.Closed = append(one.Closed, name)
				}
			}
		}
		p.Records = append(p.Records, one)
	}
	return p
}

// part says how much of a list is shown.
func part(r verdict.RecordFinding, name string) string {
	for _, l := range r.Lists {
		if l.Name == name {
			return fmt.Sprintf(" (%d of %d)", len(l.Shown), l.Total)
		}
	}
	return ""
}

func (p proved) text(w io.Writer) {
	fmt.Fprintln(w, "What the bundle shows, and cannot be taken back:")
	for _, r := range p.Records {
		fmt.Fprintf(w, "\n  %s\n    shown   %s\n    closed  %s\n", r.Ref, orNone(r.Shown), orNone(r.Closed))
	}
	if p.Dates > 0 {
		fmt.Fprintf(w, "\nDated by witnesses over %s, each shown for heads of these outboxes alone.\n", counted(int64(p.Dates), "entry of a register", "entries of registers"))
	}
	fmt.Fprintln(w, "\nIt also shows both profiles, the serial numbers, and how many entries each outbox had at each checkpoint.")
}

func orNone(list []string) string {
	if len(list) == 0 {
		return "nothing"
	}
	return strings.Join(list, ", ")
}

// refuted makes of what sank a bundle the error of a command that verifies.
func refuted(file string, err error) error {
	if _, ok := errors.AsType[*verdict.Error](err); !ok {
		return err
	}
	return problem(kindRefuted, "ask whoever gave it to you for the file as it was made: one changed byte is enough", "%s: nothing is concluded from this file: %v", file, err)
}
