package docket

import (
	"encoding/json/jsontext"
	"fmt"
	"maps"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"verbale/record"
)

// A history is a line such as
//
//	A:appeal(mitigate) B:ack B:answer(interim) B:answer(final) A:withdraw@1
//
// It holds the records of a link in the order in which they were written, each by A or B into its own outbox:
//
//	appeal(kind), ping, profile       records that open a case
//	suspend, resume, tally(month), directory
//	                                  records about the link
//	unknown, appeal(takedown)         an act, and a kind of appeal, of a later version
//	unreadable(kind), erased(kind)    an appeal of that kind, or a ping, that the other side cannot read, or nobody any more
//	ack, answer(final|interim), refuse(code), withdraw, same, differ
//	                                  replies (the last two to a tally), to the first record, or with @n to the nth; @0 is nowhere
//	redirect, redirect(other), incomplete(field+field), supplement, accept(extent), agree, decline, postpone, progress,
//	close(word), dispute, correct, supersede, escalate(level)
//	                                  more of them; ~n names the nth record as what it answers, or as what takes the place
//	arrangement(version)              a proposal
//	again@n                           the leaf of the nth record once more
//
// A reply that ends in !index or !outbox names the right leaf at the wrong place; one that ends in !lost can be read by its author only.
type history struct {
	tb      testing.TB
	entries []Entry        // as their author reads them
	lost    map[int]string // the fault for who is not the author
	sizes   map[string]int64
	rand    *rand.ChaCha8
	about   *record.Ref // of the record that is being written
}

const (
	partyA = "cert.aa.example"
	partyB = "csirt.bb.example"
)

var (
	morning = time.Date(2026, 7, 12, 9, 0, 0, 0, time.UTC)
	token   = regexp.MustCompile(`^([AB]):([a-z]+)(?:\(([a-z0-9_+-]+)\))?(?:@(\d+))?(?:~(\d+))?(?:!(index|outbox|lost))?$`)
)

func name(letter string) string {
	return map[string]string{"A": partyA, "B": partyB}[letter]
}

func letter(party string) string {
	return map[string]string{partyA: "A", partyB: "B"}[party]
}

// read makes the records of a line. The same line gives the same records.
func read(tb testing.TB, line string) *history {
	tb.Helper()
	h := &history{tb: tb, lost: map[int]string{}, sizes: map[string]int64{}, rand: rand.NewChaCha8([32]byte{7})}
	for word := range strings.FieldsSeq(line) {
		m := token.FindStringSubmatch(word)
		if m == nil {
			tb.Fatalf("%q is no record of a history", word)
		}
		to := 1
		if m[4] != "" {
			to, _ = strconv.Atoi(m[4])
		}
		h.about = nil
		if m[5] != "" {
			n, _ := strconv.Atoi(m[5])
			about := h.place(n, "")
			h.about = &about
		}
		if m[6] == "lost" {
			h.lost[len(h.entries)] = FaultUndecryptable
		}
		h.write(m[1], m[2], m[3], h.place(to, m[6]), to)
	}
	return h
}

// place is the reference of the nth record, or a wrong one.
func (h *history) place(n int, wrong string) record.Ref {
	if n == 0 || n > len(h.entries) {
		return record.Ref{Outbox: partyA + "/to/" + partyB + "/1", Index: 1000, Leaf: [32]byte{9}}
	}
	ref := h.entries[n-1].Ref
	switch wrong {
	case "index":
		ref.Index++
	case "outbox":
		ref.Outbox = strings.TrimSuffix(ref.Outbox, "1") + "2"
	}
	return ref
}

func (h *history) write(by, act, arg string, to record.Ref, n int) {
	h.tb.Helper()
	e := Entry{Author: name(by), Audience: partyB}
	if by == "B" {
		e.Audience = partyA
	}
	e.Ref = record.Ref{Outbox: e.Author + "/to/" + e.Audience + "/1", Index: h.sizes[by]}
	h.sizes[by]++
	if act == "again" {
		e.Opened, e.Ref.Leaf = h.entries[n-1].Opened, to.Leaf
		if fault := h.lost[n-1]; fault != "" {
			h.lost[len(h.entries)] = fault
		}
	} else {
		r, opened := h.compose(e.Ref.Outbox, h.fieldsOf(act, arg, to))
		e.Opened, e.Ref.Leaf = opened, r.LeafHash()
	}
	switch act {
	case "unreadable":
		h.lost[len(h.entries)] = "undecryptable"
	case "erased":
		e.Opened, e.Fault = nil, FaultErased
	}
	h.entries = append(h.entries, e)
}

// compose makes a record whose signature nobody here looks at.
func (h *history) compose(outbox string, f record.Fields) (*record.Record, *record.Opened) {
	h.tb.Helper()
	make := record.Compose
	if !record.Known(f.Text("act"), f.Text("kind")) {
		make = record.ComposeUnknown
	}
	c, err := make(f, h.rand)
	must(h.tb, err)
	r, err := c.Sign(outbox, strings.Repeat("A", 43), record.DigestOf(c.Content()), func([]byte) ([]byte, error) { return (&[64]byte{})[:], nil })
	must(h.tb, err)
	o, err := r.Open(c.Content())
	must(h.tb, err)
	return r, o
}

func must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

// as gives the entries as a party reads them.
func (h *history) as(party string) []Entry {
	out := make([]Entry, len(h.entries))
	for i, e := range h.entries {
		if fault := h.lost[i]; fault != "" && e.Author != party {
			e.Opened, e.Fault = nil, fault
		}
		out[i] = e
	}
	return out
}

// fold folds entries into cases by key.
func fold(entries []Entry) map[string]Case {
	cases := map[string]Case{}
	for _, e := range entries {
		cases[Key(e)] = Apply(cases[Key(e)], e)
	}
	return cases
}

// fieldsOf is a full draft of an act.
func (h *history) fieldsOf(act, arg string, to record.Ref) record.Fields {
	switch act {
	case "unreadable", "erased":
		if act = ActAppeal; arg == "ping" {
			act = ActPing
		}
	case "ack":
		act = ActAcknowledge
	case "same", "differ":
		act, arg = ActTallyAnswer, act
	}
	f := record.Fields{}
	for name, value := range map[string]string{"act": act, "class": "substantive", "channel": "technical", "released_by": "duty officer", "language": "en", "tlp": "amber"} {
		f.SetText(name, value)
	}
	f.SetTime("drafted_at", morning)
	f.SetTime("released_at", morning)
	switch act {
	case ActAppeal:
		appealFields(f, arg)
	case ActPing:
		f.SetText("class", "test")
		f.SetText("nonce", "b7Jm4Q")
	case "profile":
		profileFields(f)
	case ActSuspend:
		f.SetText("reason", "Content of the channel was published.")
		f.SetTime("effective_at", morning)
	case ActResume:
	case ActTally:
		maps.Copy(f, Tally{Period: arg, TakenAt: morning, Sent: Span{Outbox: partyA + "/to/" + partyB + "/1"}, Received: Span{Outbox: partyB + "/to/" + partyA + "/1"}}.Draft())
	case ActDirectory:
		f = record.Example(act, "", morning)
	case ActArrangement:
		f = record.Example(act, "", morning)
		version, _ := strconv.ParseInt(arg, 10, 64)
		f.SetInt("version", version)
	default:
		h.replyFields(f, act, arg, to)
	}
	return f
}

func appealFields(f record.Fields, kind string) {
	switch kind {
	case "mitigate", "indicators", "clarify":
	default:
		maps.Copy(f, record.Example(ActAppeal, kind, morning))
		if record.Known(ActAppeal, kind) {
			return
		}
	}
	for name, value := range map[string]string{"kind": kind, "subject": "Beacons", "summary": "What happened.", "requested_action": "Please act.",
		"competence": "national CSIRT", "urgency": "routine"} {
		f.SetText(name, value)
	}
	f.SetTexts("legal_basis", "voluntary")
	f.SetTime("acknowledge_by", morning.Add(4*time.Hour))
	f.SetTime("reply_by", morning.Add(24*time.Hour))
	hosts := record.Observable{Type: "domain", Value: "c2.example.net"}
	switch kind {
	case "mitigate":
		f.SetObservables("targets", hosts)
		f.SetText("measure", "block")
		f.SetTexts("evidence", "a log line")
		f.SetText("harm", "an outage")
	case "indicators":
		f.SetObservables("indicators", hosts)
		f.SetText("context", "seen in an attack")
		f.SetText("permitted_actions", "none")
	case "clarify":
		f.SetTexts("questions", "Was this yours?")
		f.SetText("concern", "a scan of dams")
		f.SetText("misperception", "it looks like preparation")
	}
}

func profileFields(f record.Fields) {
	for name, value := range map[string]string{"party": partyA, "title": "CERT AA", "party_kind": "csirt", "endpoint": "https://node.aa.example:8443", "receipt_statement": "We hold it."} {
		f.SetText(name, value)
	}
	f["keys"] = jsontext.Value(`{"record":"BBBB"}`)
	f.SetTime("keys_valid_until", morning.AddDate(1, 0, 0))
	f.SetTexts("accepts", "clarify")
}

// replyFields also serves acts that nobody knows: they refer to a record as if they were replies.
func (h *history) replyFields(f record.Fields, act, arg string, to record.Ref) {
	if moverOf(act) != nobody && act != ActTallyAnswer {
		maps.Copy(f, record.Example(act, "", morning))
		delete(f, "about")
	}
	f.SetRef("in_reply_to", to)
	switch act {
	case ActAnswer:
		f.SetText("finality", arg)
		f.SetText("outcome", "done")
		f.SetText("text", "Blocked.")
	case ActRefuse:
		f.SetText("code", arg)
		f.SetText("reason", "Because.")
		f.SetBool("consulted_on_conditions", false)
	case ActWithdraw:
		f.SetText("reason", "overtaken by events")
	case ActTallyAnswer:
		f.SetBool("agrees", arg == "same")
	case ActRedirect:
		f.SetText("to_party", arg)
	case ActIncomplete:
		f.SetTexts("missing", strings.Split(arg, "+")...)
	case ActAccept:
		f.SetText("terms", "On conditions.")
		f.SetText("extent", arg)
	case ActPostpone:
		f.SetTime("until", morning.Add(72*time.Hour))
	case ActClose, ActEscalate:
		f.SetText(map[string]string{ActClose: "satisfaction", ActEscalate: "level"}[act], arg)
	}
	takes := func(s record.FieldSpec) bool { return s.Name == "about" }
	at := slices.IndexFunc(record.Schema(act, ""), takes)
	switch {
	case act == ActSupersede && h.about != nil:
		f.SetRef("by", *h.about)
	case at >= 0 && h.about != nil:
		f.SetRef("about", *h.about)
	case at >= 0 && record.Schema(act, "")[at].Need == record.Mandatory:
		f.SetRef("about", h.place(0, ""))
	}
	f.SetTime("released_at", morning)
}

// outcome says what a case came to in one line: status | who must what | which records are irregular by which rule.
func (h *history) outcome(c Case, receivedAt time.Time) string {
	v := c.View(Marks{Received: receivedAt}, Terms{}, morning.Add(-time.Minute))
	turn := "-"
	if v.Turn != "" {
		turn = letter(v.Turn) + " " + v.Must
	}
	var irregular []string
	for i, e := range h.entries {
		for _, m := range c.Moves {
			if m.Irregular != "" && m.Outbox == e.Ref.Outbox && m.Index == e.Ref.Index {
				rule, _ := splitRule(m.Irregular)
				irregular = append(irregular, fmt.Sprintf("%d:%s", i+1, rule))
			}
		}
	}
	if irregular == nil {
		irregular = []string{"-"}
	}
	return fmt.Sprintf("%s | %s | %s", v.Status, turn, strings.Join(irregular, " "))
}
