package verdict

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"verbale/seal"
)

// A pile is all that stands below one text with the same lines of the log, in
// whatever notes it came.
type pile struct {
	head   seal.Head
	origin seal.Origin
	log    string
	stands map[stand]bool
	notes  []string // in normal form, in byte order
}

// sortedCheckpoints brings what stands below each signed head into the fewest
// notes (B-5), and sorts them. It also returns where each checkpoint has gone.
// A note that breaks B-10 stays as it is.
func sortedCheckpoints(notes []string) (sorted []headed, places []int, err error) {
	piles := make(map[string]*pile)
	logs := make([]string, len(notes))
	for i, note := range notes {
		h, err := readHeaded(KindCheckpoint, place("checkpoints", i), "B-3", note)
		if err != nil {
			return nil, nil, err
		}
		p := pileOf(h)
		logs[i] = p.log
		if old := piles[p.log]; old != nil {
			maps.Copy(old.stands, p.stands)
			continue
		}
		piles[p.log] = p
	}
	for _, p := range piles {
		p.stack()
		for _, note := range p.notes {
			sorted = append(sorted, headed{p.head, note})
		}
	}
	slices.SortFunc(sorted, headed.compare)
	places = make([]int, len(notes))
	for i, log := range logs {
		p := piles[log]
		places[i], _ = slices.BinarySearchFunc(sorted, headed{p.head, p.notes[0]}, headed.compare)
	}
	return sorted, places, nil
}

func pileOf(h headed) *pile {
	p := &pile{head: h.head, log: h.note, stands: make(map[stand]bool)}
	origin, err := seal.ParseOrigin(h.head.Origin)
	if err != nil {
		return p
	}
	c, err := cutNote(h.note, origin)
	if err != nil {
		return p
	}
	p.origin, p.log = origin, c.log
	for _, s := range c.below {
		p.stands[s] = true
	}
	return p
}

// stack writes the notes: each stand goes into the first that has room.
func (p *pile) stack() {
	order := slices.SortedFunc(maps.Keys(p.stands), func(a, b stand) int {
		if p.origin.Audience == seal.Public {
			return cmp.Compare(a.lines, b.lines)
		}
		first := compareBool(b.key == p.origin.Audience, a.key == p.origin.Audience)
		return cmp.Or(first, cmp.Compare(a.key, b.key), cmp.Compare(a.lines, b.lines))
	})
	type open struct {
		text  string
		lines int
		keys  map[string]bool
	}
	list := []*open{{text: p.log, lines: logLines, keys: map[string]bool{}}}
	for _, s := range order {
		n := strings.Count(s.lines, "\n")
		i := slices.IndexFunc(list, func(o *open) bool { return !o.keys[s.key] && o.lines+n <= maxNoteLines })
		if i < 0 {
			i = len(list)
			list = append(list, &open{text: p.log, lines: logLines, keys: map[string]bool{}})
		}
		o := list[i]
		o.text, o.lines, o.keys[s.key] = o.text+s.lines, o.lines+n, true
	}
	for _, o := range list {
		p.notes = append(p.notes, o.text)
	}
	slices.Sort(p.notes)
}

// usedWitnesses drops the keys by which nothing stands in the bundle.
func usedWitnesses(vkeys []string, checkpoints []headed) (used []string, err error) {
	there := make(map[string]bool)
	for _, h := range checkpoints {
		for _, line := range seal.LinesOf([]byte(h.note)) {
			there[keyOf(line)] = true
		}
	}
	for i, vkey := range vkeys {
		if _, err := seal.ParseCosigner(vkey); err != nil {
			return nil, fail(KindWitness, place("witnesses", i), "B-11", "expected the verifier key of a witness").because(err)
		}
		if there[keyPrefix(vkey)] {
			used = append(used, vkey)
		}
	}
	slices.Sort(used)
	return slices.Compact(used), nil
}
