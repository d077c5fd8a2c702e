package docket

import (
	"bytes"
	"encoding/base64"
	"encoding/json/jsontext"
	"encoding/json/v2"
	"flag"
	"math/rand/v2"
	"os"
	"slices"
	"testing"
	"time"

	"verbale/record"
)

var update = flag.Bool("update", false, "write spec/vectors/cases.json anew; read the difference before it is committed")

const casesDescription = "Cases (spec/acts.md A-1 to A-16, A-20, A-21). `records` are what both sides of a link wrote, each with its place, its author and its fields (the envelope is left out, but for act and released_at; " +
	"no fields: nobody can read it). The first record opens the case in question; `received` is when the addressee received it, by its receipt, and that of a record when it was received. `expect`, at the time `now`: the status, whose turn it is, what it must do " +
	"and until when, when the reply is due, whether its clock stands still, and which records are irregular by which rule, by leaf (of one that stands twice the second place). No arrangement is in force. Implementations MUST come to the same whatever the order in which they read the records."

type caseVectors struct {
	Description string       `json:"description"`
	Cases       []caseVector `json:"cases"`
}

type caseVector struct {
	Name     string         `json:"name"`
	Now      string         `json:"now"`
	Received string         `json:"received"`
	Records  []vectorRecord `json:"records"`
	Expect   vectorExpect   `json:"expect"`
}

type vectorRecord struct {
	By       string         `json:"by"`
	To       string         `json:"to"`
	Outbox   string         `json:"outbox"`
	Index    int64          `json:"index"`
	Leaf     string         `json:"leaf"`
	Received string         `json:"received,omitempty"`
	Fields   jsontext.Value `json:"fields,omitempty"`
}

type vectorExpect struct {
	Status    Status            `json:"status"`
	Turn      string            `json:"turn,omitempty"`
	Must      string            `json:"must,omitempty"`
	By        string            `json:"by,omitempty"`
	ReplyBy   string            `json:"reply_by,omitempty"`
	Stopped   string            `json:"stopped_by,omitempty"`
	Irregular map[string]string `json:"irregular,omitempty"` // rule by leaf
}

// vectorFields are those of the envelope that decide something, and all of the act.
func vectorFields(e Entry) jsontext.Value {
	if e.Opened == nil {
		return nil
	}
	f := e.Opened.Fields.Clone()
	for _, name := range []string{"class", "channel", "drafted_at", "released_by", "language", "tlp"} {
		delete(f, name)
	}
	return f.JSON()
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

func expectOf(c Case, m Marks, now time.Time) vectorExpect {
	return expectOfView(c, c.View(m, Terms{}, now))
}

func expectOfView(c Case, v View) vectorExpect {
	x := vectorExpect{Status: v.Status, Turn: v.Turn, Must: v.Must, By: stamp(v.By), ReplyBy: stamp(v.ReplyBy), Stopped: v.StoppedBy}
	for _, move := range c.Moves {
		if move.Irregular == "" {
			continue
		}
		if x.Irregular == nil {
			x.Irregular = map[string]string{}
		}
		x.Irregular[move.Leaf], _ = splitRule(move.Irregular)
	}
	return x
}

func caseVectorOf(t *testing.T, line string) caseVector {
	h := read(t, line)
	m := received(h)
	c := caseVector{Name: line, Now: stamp(morning), Received: stamp(m.Received), Expect: expectOf(fold(h.entries)[Key(h.entries[0])], m, morning)}
	for i, e := range h.entries {
		c.Records = append(c.Records, vectorRecord{By: e.Author, To: e.Audience, Outbox: e.Ref.Outbox, Index: e.Ref.Index, Leaf: keyOf(e.Ref.Leaf),
			Received: stamp(morning.Add(time.Duration(i) * time.Hour)), Fields: vectorFields(e)})
	}
	return c
}

// The table of histories is data for any implementation.
func TestCaseVectors(t *testing.T) {
	want := caseVectors{Description: casesDescription}
	for _, c := range slices.Concat(histories, movesTable) {
		want.Cases = append(want.Cases, caseVectorOf(t, c.history))
	}
	made, err := json.Marshal(want, json.Deterministic(true), jsontext.WithIndent(" "))
	must(t, err)
	made = append(made, '\n')
	const path = "../../spec/vectors/cases.json"
	if *update {
		must(t, os.WriteFile(path, made, 0o644)) // #nosec G306 -- it is published
	}
	stored, err := os.ReadFile(path)
	must(t, err)
	if !bytes.Equal(stored, made) {
		t.Errorf("%s is not what the histories make: run go test ./internal/docket -run TestCaseVectors -update, and read the difference", path)
	}
	var v caseVectors
	must(t, json.Unmarshal(stored, &v, json.RejectUnknownMembers(true)))
	for _, c := range v.Cases {
		c.check(t)
	}
}

// check folds what the file says, last record first.
func (c caseVector) check(t *testing.T) {
	t.Helper()
	received, err := time.Parse(time.RFC3339, c.Received)
	must(t, err)
	now, err := time.Parse(time.RFC3339, c.Now)
	must(t, err)
	m, cases, key := Marks{Received: received, Moves: map[string]time.Time{}}, map[string]Case{}, ""
	for i, r := range slices.Backward(c.Records) {
		e := Entry{Author: r.By, Audience: r.To, Ref: record.Ref{Outbox: r.Outbox, Index: r.Index}, Fault: FaultErased}
		leaf, err := base64.RawURLEncoding.DecodeString(r.Leaf)
		must(t, err)
		copy(e.Ref.Leaf[:], leaf)
		if r.Fields != nil {
			f, err := record.ParseDraft(r.Fields)
			must(t, err)
			e.Opened, e.Fault = &record.Opened{Fields: f, Full: true}, ""
			if !record.Known(f.Text("act"), f.Text("kind")) {
				_, e.Opened = (&history{tb: t, rand: rand.NewChaCha8([32]byte{8})}).compose(r.Outbox, f)
			}
		}
		m.Moves[r.Leaf], err = time.Parse(time.RFC3339, r.Received)
		must(t, err)
		cases[Key(e)] = Apply(cases[Key(e)], e)
		if i == 0 {
			key = Key(e)
		}
	}
	got, err := json.Marshal(expectOf(cases[key], m, now), json.Deterministic(true))
	must(t, err)
	want, err := json.Marshal(c.Expect, json.Deterministic(true))
	must(t, err)
	if !bytes.Equal(got, want) {
		t.Errorf("%s: %s, want %s", c.Name, got, want)
	}
}
