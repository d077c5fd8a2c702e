package verdict

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/json/jsontext"
	"maps"
	"slices"
	"strconv"
	"strings"

	"verbale/record"
	"verbale/seal"
)

// Encode writes the bundle in the order of B-5, without duplicates: the same
// evidence gives the same bytes, in whatever order it was collected. It reads
// names and sizes to sort by, and checks nothing else. The bundle itself is
// not changed.
func (b *Bundle) Encode() ([]byte, error) {
	sorted, err := b.sorted()
	if err != nil {
		return nil, err
	}
	file, err := sorted.write()
	if err == nil && len(file) > MaxBundle {
		err = tooLarge(len(file))
	}
	if err != nil {
		return nil, err
	}
	return file, nil
}

// write writes the items as they come.
func (b *Bundle) write() ([]byte, error) {
	w := &writer{b: append([]byte(`{"verbale":`), quoted(Version)...)}
	list(w, "profiles", b.Profiles, w.text)
	list(w, "witnesses", b.Witnesses, w.text)
	list(w, "checkpoints", b.Checkpoints, w.text)
	list(w, "records", b.Records, w.exhibit)
	list(w, "forks", b.Forks, w.fork)
	list(w, "beats", b.Beats, w.beats)
	return append(w.b, '}'), w.bad
}

// sorted returns the bundle in the order of B-5.
func (b *Bundle) sorted() (*Bundle, error) {
	if err := b.check(); err != nil {
		return nil, err
	}
	profiles, err := sortedProfiles(b.Profiles)
	if err != nil {
		return nil, err
	}
	checkpoints, places, err := sortedCheckpoints(b.Checkpoints)
	if err != nil {
		return nil, err
	}
	out := &Bundle{Profiles: profiles}
	for _, c := range checkpoints {
		out.Checkpoints = append(out.Checkpoints, c.note)
	}
	if out.Witnesses, err = usedWitnesses(b.Witnesses, checkpoints); err != nil {
		return nil, err
	}
	if out.Records, err = sortedRecords(b.Records, checkpoints, places); err != nil {
		return nil, err
	}
	if out.Forks, err = sortedForks(b.Forks); err != nil {
		return nil, err
	}
	out.Beats, err = sortedBeats(b.Beats)
	return out, err
}

func sortedProfiles(files []string) ([]string, error) {
	type keyed struct {
		seal.Origin
		file string
	}
	list := make([]keyed, len(files))
	for i, file := range files {
		leaf, _, _ := strings.Cut(file, "~")
		r, err := record.Parse([]byte(leaf))
		if err != nil {
			return nil, fail(KindProfile, place("profiles", i), "B-2", "expected the full record of a profile").because(err)
		}
		origin, err := seal.ParseOrigin(r.Outbox())
		if err != nil {
			return nil, fail(KindProfile, place("profiles", i), "B-2", "expected the full record of a profile").because(err)
		}
		list[i] = keyed{origin, file}
	}
	slices.SortFunc(list, func(a, b keyed) int {
		return cmp.Or(cmp.Compare(a.Author, b.Author), cmp.Compare(a.Generation, b.Generation), cmp.Compare(a.file, b.file))
	})
	var out []string
	for _, k := range slices.Compact(list) {
		out = append(out, k.file)
	}
	return out, nil
}

// A headed is a note with what it is sorted by.
type headed struct {
	head seal.Head
	note string
}

func (h headed) compare(o headed) int {
	return cmp.Or(cmp.Compare(h.head.Origin, o.head.Origin), cmp.Compare(h.head.Size, o.head.Size), cmp.Compare(h.note, o.note))
}

func readHeaded(kind Kind, item, rule, note string) (headed, error) {
	head, err := headOf(note)
	if err != nil {
		return headed{}, fail(kind, item, rule, "expected a signed checkpoint").because(err)
	}
	return headed{head, note}, nil
}

func sortedRecords(records []Exhibit, checkpoints []headed, places []int) ([]Exhibit, error) {
	out := slices.Clone(records)
	for i := range out {
		at := out[i].Checkpoint
		if at < 0 || at >= len(places) {
			return nil, noCheckpoint(i, at, len(places))
		}
		out[i].Checkpoint = places[at]
	}
	compare := func(a, b Exhibit) int {
		return cmp.Or(
			cmp.Compare(checkpoints[a.Checkpoint].head.Origin, checkpoints[b.Checkpoint].head.Origin),
			cmp.Compare(a.Index, b.Index), cmp.Compare(a.Checkpoint, b.Checkpoint),
			cmp.Compare(a.Record, b.Record), compareProofs(a.Proof, b.Proof))
	}
	slices.SortFunc(out, compare)
	return slices.CompactFunc(out, func(a, b Exhibit) bool { return compare(a, b) == 0 }), nil
}

func noCheckpoint(i, at, have int) *Error {
	return fail(KindRecord, place("records", i)+".checkpoint", "B-4", "expected the number of one of the %d checkpoints, counted from 0, got %d", have, at)
}

func compareProofs(a, b [][32]byte) int {
	return slices.CompareFunc(a, b, func(x, y [32]byte) int { return slices.Compare(x[:], y[:]) })
}

func sortedForks(forks []ForkExhibit) ([]ForkExhibit, error) {
	type keyed struct {
		a, b  headed
		proof [][32]byte
	}
	list := make([]keyed, len(forks))
	for i, f := range forks {
		item := place("forks", i)
		a, err := readHeaded(KindFork, item+".a", "O-6", f.A)
		if err != nil {
			return nil, err
		}
		b, err := readHeaded(KindFork, item+".b", "O-6", f.B)
		if err != nil {
			return nil, err
		}
		if a.head.Size == b.head.Size && a.compare(b) > 0 {
			a, b = b, a // of one size: either is the first, so let the bytes say
		}
		list[i] = keyed{a, b, f.Proof}
	}
	compare := func(x, y keyed) int {
		return cmp.Or(x.a.compare(y.a), x.b.compare(y.b), compareProofs(x.proof, y.proof))
	}
	slices.SortFunc(list, compare)
	list = slices.CompactFunc(list, func(x, y keyed) bool { return compare(x, y) == 0 })
	var out []ForkExhibit
	for _, k := range list {
		out = append(out, ForkExhibit{A: k.a.note, B: k.b.note, Proof: k.proof})
	}
	return out, nil
}

// sortedBeats puts all beats of one party over one head together.
func sortedBeats(list []BeatExhibit) ([]BeatExhibit, error) {
	type keyed struct {
		head seal.Head
		by   string
	}
	pulses := make(map[keyed][]Pulse)
	for i, x := range list {
		head, err := seal.ParseHead(x.Head)
		if err != nil {
			return nil, badBeat(place("beats", i)+".head", "expected the three lines of a head").because(err)
		}
		if len(x.Beats) == 0 {
			return nil, badBeat(place("beats", i), "there is no beat in it; leave it out")
		}
		k := keyed{head, x.By}
		pulses[k] = append(pulses[k], x.Beats...)
	}
	compare := func(a, b keyed) int {
		return cmp.Or(cmp.Compare(a.head.Origin, b.head.Origin), cmp.Compare(a.by, b.by), cmp.Compare(a.head.Size, b.head.Size), bytes.Compare(a.head.Root[:], b.head.Root[:]))
	}
	var out []BeatExhibit
	for _, k := range slices.SortedFunc(maps.Keys(pulses), compare) {
		slices.SortFunc(pulses[k], Pulse.compare)
		out = append(out, BeatExhibit{By: k.by, Head: k.head.Text(), Beats: slices.CompactFunc(pulses[k], func(a, b Pulse) bool { return a.compare(b) == 0 })})
	}
	return out, nil
}

func (p Pulse) compare(o Pulse) int {
	return cmp.Or(cmp.Compare(p.Time.Unix(), o.Time.Unix()), bytes.Compare(p.Signature[:], o.Signature[:]))
}

func badBeat(item, format string, args ...any) *Error {
	return fail(KindBeat, item, "B-12", format, args...)
}

// A writer appends JSON without white space, members in the order of the
// specification, texts escaped as in RFC 8785.
type writer struct {
	b   []byte
	bad error // what could not be written
}

func quoted(s string) []byte {
	b, err := jsontext.AppendQuote(nil, s)
	if err != nil {
		return nil
	}
	return b
}

func (w *writer) text(s string) {
	q := quoted(s)
	if q == nil {
		w.bad = fail(KindForm, "bundle", "B-1", "expected texts in UTF-8, got %s", brief(s))
	}
	w.b = append(w.b, q...)
}

func (w *writer) raw(s string) { w.b = append(w.b, s...) }

func list[T any](w *writer, name string, elements []T, write func(T)) {
	if len(elements) == 0 {
		return
	}
	w.raw(`,"` + name + `":`)
	for i, e := range elements {
		w.raw(string("[,"[min(i, 1)]))
		write(e)
	}
	w.raw("]")
}

func (w *writer) hash(h [32]byte) { w.raw(`"` + base64.StdEncoding.EncodeToString(h[:]) + `"`) }

func (w *writer) exhibit(e Exhibit) {
	w.raw(`{"checkpoint":` + strconv.Itoa(e.Checkpoint) + `,"index":` + strconv.FormatInt(e.Index, 10))
	list(w, "proof", e.Proof, w.hash)
	w.raw(`,"record":`)
	w.text(e.Record)
	w.raw("}")
}

func (w *writer) beats(x BeatExhibit) {
	w.raw(`{"by":`)
	w.text(x.By)
	w.raw(`,"head":`)
	w.text(x.Head)
	list(w, "beats", x.Beats, w.pulse)
	w.raw("}")
}

func (w *writer) pulse(p Pulse) {
	w.raw(`["` + p.Time.UTC().Format(pulseTime) + `","` + base64.StdEncoding.EncodeToString(p.Signature[:]) + `"]`)
}

func (w *writer) fork(f ForkExhibit) {
	w.raw(`{"a":`)
	w.text(f.A)
	w.raw(`,"b":`)
	w.text(f.B)
	list(w, "proof", f.Proof, w.hash)
	w.raw("}")
}
