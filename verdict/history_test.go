package verdict

import (
	"encoding/json/jsontext"
	"encoding/json/v2"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"verbale/record"
)

// history is one case of spec/vectors/cases.json: what both sides of a link wrote, and what it amounts to.
type history struct {
	Name    string `json:"name"`
	Records []struct {
		By     string        `json:"by"`
		To     string        `json:"to"`
		Outbox string        `json:"outbox"`
		Index  int64         `json:"index"`
		Leaf   string        `json:"leaf"`
		Fields record.Fields `json:"fields"`
	} `json:"records"`
	Expect struct {
		Status    Status            `json:"status"`
		Irregular map[string]string `json:"irregular"`
	} `json:"expect"`
}

// histories reads the vectors, with values in the form that is signed.
func histories(t *testing.T) []history {
	t.Helper()
	var file struct {
		Cases []history `json:"cases"`
	}
	if err := json.Unmarshal(readVector(t, "cases.json"), &file); err != nil {
		t.Fatal(err)
	}
	for _, h := range file.Cases {
		for _, r := range h.Records {
			for name, value := range r.Fields {
				if err := value.Canonicalize(); err != nil {
					t.Fatal(err)
				}
				r.Fields[name] = value
			}
		}
	}
	return file.Cases
}

// A verifier that has the whole of a case in its bundle comes to the same as a node.
func TestWholeHistories(t *testing.T) {
	n := 0
	for _, h := range histories(t) {
		if h.beyond() {
			continue
		}
		t.Run(h.Name, func(t *testing.T) {
			w := newWorld(t)
			entries, place := h.write(w)
			v := w.judge(w.exchanged(entries...))
			c := slices.IndexFunc(v.Cases, func(c CaseFinding) bool { return c.Place == place[h.Records[0].Leaf] })
			if c < 0 {
				return // a record that is no case, and that nobody replied to
			}
			h.compare(t, v.Cases[c], place)
			n++
		})
	}
	if n < 130 {
		t.Errorf("only %d histories make a case", n)
	}
}

// beyond tells whether a history is none that a bundle can show: its first record is not there, or a move names one that nobody wrote before. A node
// has the whole of both outboxes, and knows that there is none.
func (h history) beyond() bool {
	written := map[string]bool{}
	for _, r := range h.Records {
		if ref, ok := r.Fields.Ref("about"); ok && !written[b64u(ref.Leaf)] {
			return true
		}
		written[r.Leaf] = true
	}
	return h.Expect.Status == "orphan"
}

// compare holds a case against what is expected. A reply that names another place than the record has belongs to no case of a bundle.
func (h history) compare(t *testing.T, c CaseFinding, place map[string]Place) {
	known := []string{"appeal", "ping", "tally", "arrangement"}
	if slices.Contains(known, c.Act) && h.Expect.Status != "unknown" && h.Expect.Status != "unreadable" && c.Status != h.Expect.Status {
		t.Errorf("it stands at %q, want %q", c.Status, h.Expect.Status)
	}
	want := map[Place]string{}
	for leaf, rule := range h.Expect.Irregular {
		want[place[leaf]] = rule
	}
	got := map[Place]string{}
	for _, m := range c.Moves {
		if h.again(m.Leaf, place) {
			continue // the expectation does not say which of the two places
		}
		if rule, _, _ := strings.Cut(m.Irregular, ":"); rule != want[m.Place] {
			t.Errorf("%s of index %d by %s breaks %q, want %q", m.Act, m.Index, m.By, m.Irregular, want[m.Place])
		}
		got[m.Place] = m.Act
	}
	for at, rule := range maps.All(want) {
		if got[at] == "" && rule != "A-1" && !h.again(at.Leaf, place) {
			t.Errorf("index %d of %s breaks %s, and is not in the case", at.Index, at.Outbox, rule)
		}
	}
}

// again tells whether the leaf stands at several places.
func (h history) again(leaf string, place map[string]Place) bool {
	n := 0
	for _, r := range h.Records {
		if place[r.Leaf].Leaf == leaf {
			n++
		}
	}
	return n > 1
}

// write signs the records of a history anew, with references to the new leaves, and tells where each stands first.
func (h history) write(w *world) ([]*entry, map[string]Place) {
	var entries []*entry
	place, opened := map[string]Place{}, map[string]*entry{}
	for _, r := range h.Records {
		box := w.box(r.By, r.To)
		if first := opened[r.Leaf]; first != nil { // its author wrote the leaf again
			w.check(box.tree.Append(first.opened.Record.LeafHash()))
			entries = append(entries, &entry{box: box, index: box.tree.Size() - 1, opened: first.opened})
			continue
		}
		f := r.Fields.Clone()
		if len(f) == 0 {
			f = pingFields(morning)
		}
		for name, value := range envelope(f.Text("act"), f.Time("released_at")) {
			if f[name] == nil {
				f[name] = value
			}
		}
		if f.Text("act") == "ping" {
			f.SetText("class", "test")
		}
		anew(f, place)
		e := w.write(r.By, r.To, f)
		e.hidden = len(r.Fields) == 0
		entries, opened[r.Leaf] = append(entries, e), e
		place[r.Leaf] = Place{Outbox: box.origin.String(), Index: e.index, Leaf: b64u(e.opened.Record.LeafHash())}
	}
	return entries, place
}

// anew puts the new leaves into references.
func anew(f record.Fields, place map[string]Place) {
	for name, value := range f {
		for old, at := range place {
			value = jsontext.Value(strings.ReplaceAll(string(value), old, at.Leaf))
		}
		f[name] = value
	}
}

// What a bundle leaves out makes nothing irregular that is not: with any one record missing, or any one field hidden that decides, no other move is marked
// than in the whole history.
func TestPartsOfHistories(t *testing.T) {
	for _, h := range histories(t) {
		if h.beyond() || len(h.Records) < 3 {
			continue
		}
		w := newWorld(t)
		entries, place := h.write(w)
		bundle := w.exchanged(entries...)
		for i, e := range entries {
			without := *bundle
			without.Records = slices.Delete(slices.Clone(bundle.Records), i, i+1)
			h.noMore(t, w.judge(&without), place, "without record "+itoa(i+1))
			if e.hidden {
				continue
			}
			for _, field := range []string{"about", "extent", "finality", "to_party", "missing", "level", "by", "in_reply_to"} {
				if e.opened.Fields[field] == nil {
					continue
				}
				less := *bundle
				less.Records = slices.Clone(bundle.Records)
				var names []string
				for _, name := range e.opened.Names() {
					if name != field && !strings.HasPrefix(name, field+"[") {
						names = append(names, name)
					}
				}
				x := less.Records[i]
				less.Records[i] = w.exhibit(e, x.Checkpoint, e.box.tree.Size(), names...)
				h.noMore(t, w.judge(&less), place, "without "+field+" of record "+itoa(i+1))
			}
		}
	}
}

// The same with whatever is left out.
func TestAnyPartsOfHistories(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, h := range histories(t) {
		if h.beyond() || len(h.Records) < 3 {
			continue
		}
		w := newWorld(t)
		entries, place := h.write(w)
		whole := w.exchanged(entries...)
		for range 8 {
			less, how := *whole, "without"
			less.Records = nil
			for i, e := range entries {
				x := whole.Records[i]
				if rng.IntN(5) == 0 {
					how += " record " + itoa(i+1)
					continue
				}
				if !e.hidden && rng.IntN(2) == 0 {
					names := slices.DeleteFunc(e.opened.Names(), func(string) bool { return rng.IntN(6) == 0 })
					if shown, err := e.opened.Present(names); err == nil { // an element cannot be shown without its list
						x.Record = shown
						how += " parts of " + itoa(i+1)
					}
				}
				less.Records = append(less.Records, x)
			}
			if len(less.Records) > 0 {
				h.noMore(t, w.judge(&less), place, how)
			}
		}
	}
}

// noMore looks for moves that are called irregular and are not.
func (h history) noMore(t *testing.T, v *Verdict, place map[string]Place, how string) {
	t.Helper()
	want := map[Place]bool{}
	for leaf := range h.Expect.Irregular {
		want[place[leaf]] = true
	}
	for _, c := range v.Cases {
		for _, m := range c.Moves {
			if m.Irregular != "" && !want[m.Place] && !h.again(m.Leaf, place) && c.Place == place[h.Records[0].Leaf] {
				t.Errorf("%s, %s: %s of index %d by %s is called irregular: %s", h.Name, how, m.Act, m.Index, m.By, m.Irregular)
			}
		}
	}
}
