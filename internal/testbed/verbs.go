package testbed

import (
	"context"
	"encoding/base64"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"verbale/internal/docket"
	"verbale/internal/node"
	"verbale/record"
)

// verbs lists what a [History] knows by itself.
func verbs() []Verb {
	return slices.Concat([]Verb{
		{Name: "+", Args: "CLOCK", Alone: true, Run: func(s Scene) error { s.Later(span(s.Args[0])); return nil }},
		{Name: "fsck", Alone: true, Run: fsckAll},
		{Name: "up", Run: func(s Scene) error { s.By.Restart(); return nil }},
		{Name: "rotate", Run: func(s Scene) error { s.By.Rotate(); return nil }},
		{Name: "down", Run: down},
		{Name: "->", Args: "PARTY WORD NEW", Run: fileLine},
		{Name: "ping", Args: "PARTY NEW", Run: pingLine},
		{Name: "push", Args: "PARTY", Run: pushLine},
		{Name: "pull", Args: "PARTY", Run: pullLine},
		{Name: "REF:", Args: "REF WORD…", Run: stands},
		{Name: "strands:", Args: "PARTY WORD", Run: strands},
		{Name: "wrong:", Args: "PARTY WORD…", Run: wrong},
	}, replies(), moves(), notices(), tallies(), rules())
}

// down ends a node. Whoever has spoken to it hangs up, too: a connection that is dead already fails the next call at any point of it.
func down(s Scene) error {
	s.By.Stop()
	for _, p := range s.parties {
		p.hangUp()
	}
	return nil
}

func fsckAll(s Scene) error {
	for _, letter := range slices.Sorted(maps.Keys(s.parties)) {
		audit, err := s.parties[letter].Node.Fsck(context.Background(), nil)
		if err != nil {
			return err
		}
		for _, f := range audit.Findings {
			return fmt.Errorf("at %s: %s: %s", letter, f.Where, f.Wrong)
		}
	}
	return nil
}

func fileLine(s Scene) error {
	filed, err := s.By.Node.File(s.t.Context(), s.Party(0).Name, s.By.Draft(s.Args[1]), "")
	s.call(2, filed.Ref)
	return err
}

func pingLine(s Scene) error {
	f := record.Fields{}
	f.SetText("act", docket.ActPing)
	f.SetText("class", "test")
	nonce := make([]byte, 16)
	if _, err := s.seed.Read(nonce); err != nil {
		return err
	}
	f.SetText("nonce", base64.RawURLEncoding.EncodeToString(nonce))
	filed, err := s.By.Node.File(s.t.Context(), s.Party(0).Name, node.Complete(f, s.Now(), "node"), "")
	s.call(1, filed.Ref)
	return err
}

func pushLine(s Scene) error {
	_, err := s.By.Node.Push(s.t.Context(), s.Party(0).Name, nil)
	s.settle()
	return err
}

func pullLine(s Scene) error {
	_, err := s.By.Node.Pull(s.t.Context(), s.Party(0).Name)
	s.settle()
	return err
}

// settle waits until everybody has filed what nodes answer by themselves.
func (s Scene) settle() {
	for _, p := range s.parties {
		p.Node.Settle()
	}
}

// replies are the verbs that reply to a record, each by the other party of its link.
func replies() []Verb {
	reply := func(act string, fields func(arg string) map[string]string) func(s Scene) error {
		return func(s Scene) error {
			return s.move(act, func(s Scene, f record.Fields) {
				delete(f, "consulted_on_conditions")
				for name, value := range fields(s.Arg(1)) {
					f.SetText(name, value)
				}
				if act == "refuse" {
					f.SetBool("consulted_on_conditions", false)
				}
			})
		}
	}
	none := func(string) map[string]string { return nil }
	answer := func(finality string) func(string) map[string]string {
		return func(string) map[string]string {
			return map[string]string{"finality": finality, "outcome": "done", "text": "Blocked."}
		}
	}
	return []Verb{
		{Name: "ack", Args: "REF", Run: reply("acknowledge", none)},
		{Name: "interim", Args: "REF", Run: reply("answer", answer("interim"))},
		{Name: "answer", Args: "REF", Run: reply("answer", answer("final"))},
		{Name: "refuse", Args: "REF WORD", Run: reply("refuse", func(code string) map[string]string {
			return map[string]string{"code": code, "reason": "Because."}
		})},
		{Name: "withdraw", Args: "REF", Run: reply("withdraw", func(string) map[string]string { return map[string]string{"reason": "settled"} })},
	}
}

// peerOf is the letter of the other party of the link that a record stands on.
func (s Scene) peerOf(ref record.Ref) string {
	for letter, p := range s.parties {
		if p != s.By && strings.Contains("/"+ref.Outbox+"/", "/"+p.Name+"/") {
			return letter
		}
	}
	return ""
}

// notices are the verbs by which a link is suspended and taken up again.
func notices() []Verb {
	return []Verb{
		{Name: "suspend", Args: "PARTY", Run: func(s Scene) error {
			f := record.Fields{}
			f.SetText("reason", "Content of the channel was published.")
			_, err := s.By.Node.Suspend(s.t.Context(), s.Party(0).Name, f, "")
			return err
		}},
		{Name: "resume", Args: "PARTY", Run: func(s Scene) error {
			_, err := s.By.Node.Resume(s.t.Context(), s.Party(0).Name, record.Fields{}, "")
			s.settle()
			return err
		}},
	}
}

// strands says how many appeals are stranded on a link.
func strands(s Scene) error {
	l, err := s.By.Node.Link(context.Background(), s.Party(0).Name)
	if err != nil {
		return err
	}
	return differs(s.Args[1], strconv.Itoa(l.Page.Stranded))
}

// wrong says how much is wrong on a link: the first word of each fault, or nothing.
func wrong(s Scene) error {
	l, err := s.By.Node.Link(context.Background(), s.Party(0).Name)
	if err != nil {
		return err
	}
	words := []string{"nothing"}
	for i, a := range l.Page.Wrong {
		first, _, _ := strings.Cut(a.Wrong, " ")
		words = append(words[:i], first)
	}
	return differs(strings.Join(s.Args[1:], " "), strings.Join(words, " "))
}

// stands says how a record stands: its status, and the marks late and stranded.
func stands(s Scene) error {
	ref := s.Ref(0)
	lines, err := s.By.Node.Cases(context.Background(), node.CaseQuery{})
	if err != nil {
		return err
	}
	for _, l := range lines {
		o := l.View.Case.Open
		if o == nil || o.Outbox != ref.Outbox || o.Index != ref.Index {
			continue
		}
		words := []string{strings.ReplaceAll(string(l.View.Status), " ", "-")}
		if l.View.Late {
			words = append(words, "late")
		}
		if l.View.Stranded {
			words = append(words, "stranded")
		}
		return differs(strings.Join(s.Args[1:], " "), strings.Join(words, " "))
	}
	return fmt.Errorf("it has no case of %s", s.Args[0])
}

// tallies are the verbs of A-7. How a month stands is what the other side said of our tally of it, or we of theirs: none (no tally), open (no
// answer), agrees, or differs; then every serial number on which the sides differ, what is said of it, and whether there is a receipt.
func tallies() []Verb {
	month := func(filed func(node.TallyPage) *node.FiledTally) func(s Scene) error {
		return func(s Scene) error {
			p, err := s.By.Node.TallyPage(context.Background(), s.Party(0).Name, s.Args[1])
			if err != nil {
				return err
			}
			return differs(strings.Join(s.Args[2:], " "), strings.Join(append([]string{answered(filed(p))}, s.differences(p)...), " "))
		}
	}
	return []Verb{
		{Name: "tally", Args: "PARTY MONTH", Run: func(s Scene) error {
			_, err := s.By.Node.Tally(s.t.Context(), s.Party(0).Name, s.Args[1])
			return err
		}},
		{Name: "tallies", Run: func(s Scene) error { return s.By.Node.FileTallies(s.t.Context()) }},
		{Name: "tally:", Args: "PARTY MONTH WORD [ANY…]", Run: month(func(p node.TallyPage) *node.FiledTally { return p.Ours })},
		{Name: "theirs:", Args: "PARTY MONTH WORD [ANY…]", Run: month(func(p node.TallyPage) *node.FiledTally { return p.Theirs })},
	}
}

func answered(t *node.FiledTally) string {
	switch {
	case t == nil:
		return "none"
	case t.Answer == nil:
		return "open"
	case t.Answer.Agrees:
		return docket.Agrees
	}
	return docket.Differs
}

// differences says on what the sides differ, in words of the notation.
func (s Scene) differences(p node.TallyPage) (words []string) {
	for _, d := range p.Differences {
		name := fmt.Sprintf("%s-%d", d.Direction, d.Serial)
		for called, ref := range s.refs {
			if ref.Outbox == d.Outbox && ref.Index == d.Serial {
				name = called
			}
		}
		words = append(words, name)
		for _, said := range d.Said {
			words = append(words, said.State)
		}
		if d.ReceiptAt.IsZero() {
			words = append(words, "unreceipted")
		} else {
			words = append(words, "receipted")
		}
	}
	return words
}
