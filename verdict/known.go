package verdict

import (
	"bytes"
	"cmp"
	"slices"
	"strings"
	"time"

	"verbale/record"
	"verbale/seal"
)

// A known is one record with all that the bundle shows of it, under whatever
// checkpoints.
type known struct {
	place    Place
	origin   seal.Origin
	author   *party
	exhibits []*exhibit // by size of the checkpoint

	date      *date // not after (B-13); nil while it is pending
	notAfter  *DatingFinding
	notBefore *DatingFinding
	bound     time.Time // of notBefore
	boundBy   *date
	backdated bool

	received *ReceiptFinding
	lodged   []LodgedFinding
	holders  []*party // whose receipts these are
	oldKeys  *OldKeysFinding
}

// gather puts the exhibits of each record together, in the order of exhibits.
func (j *judge) gather() {
	for _, x := range j.exhibits {
		k := j.byPlace[x.at]
		if k == nil {
			k = &known{place: x.at, origin: x.cp.origin, author: x.cp.author}
			j.byPlace[x.at] = k
			j.known = append(j.known, k)
		}
		k.exhibits = append(k.exhibits, x)
	}
}

// act is the act, if any exhibit shows it and knows it.
func (k *known) act() string {
	for _, x := range k.exhibits {
		if howShown(x.opened) == Interpreted {
			return x.opened.Act()
		}
	}
	return ""
}

// time is the earliest value of a time that is shown, zero if none is.
func (k *known) time(name string) (first time.Time) {
	for _, x := range k.exhibits {
		if howShown(x.opened) != Interpreted {
			continue
		}
		if t := x.opened.Fields.Time(name); !t.IsZero() && (first.IsZero() || t.Before(first)) {
			first = t
		}
	}
	return first
}

// heads yields the heads under which the record stands, each once.
func (k *known) heads() (list []*signed) {
	for _, x := range k.exhibits {
		if !slices.Contains(list, x.cp.signed) {
			list = append(list, x.cp.signed)
		}
	}
	return list
}

// sortExhibits brings them into the order of B-5 and drops repetitions.
func (j *judge) sortExhibits() {
	compare := func(a, b *exhibit) int {
		return cmp.Or(cmp.Compare(a.at.Outbox, b.at.Outbox), cmp.Compare(a.index, b.index), bytes.Compare(a.leaf[:], b.leaf[:]), cmp.Compare(a.cp.Size, b.cp.Size),
			cmp.Compare(a.text, b.text), bytes.Compare(a.cp.Note, b.cp.Note))
	}
	slices.SortFunc(j.exhibits, compare)
	j.exhibits = slices.CompactFunc(j.exhibits, func(a, b *exhibit) bool { return compare(a, b) == 0 })
}

// isFinding reports whether an exhibit gives a finding of its own. One that
// shows nothing of a record says only where it stands, and that is gathered:
// it has one if no exhibit shows more, and the first of them has it.
func (x *exhibit) isFinding(k *known) bool {
	shows := func(x *exhibit) bool { return len(x.opened.Fields) > 0 }
	return shows(x) || x == k.exhibits[0] && !slices.ContainsFunc(k.exhibits, shows)
}

// records makes a finding of every exhibit that shows something, and of every
// record.
func (j *judge) records() []RecordFinding {
	forked := make(map[string]bool)
	for _, f := range j.forks {
		forked[f.Outbox] = true
	}
	faces := j.faces()
	var list []RecordFinding
	for _, x := range j.exhibits {
		k := j.byPlace[x.at]
		if !x.isFinding(k) {
			continue
		}
		r := x.finding(k)
		r.TwoFaces = faces.differing(x)
		r.InForkedOutbox = forked[x.cp.Origin]
		if r.RepliesTo != nil {
			r.RepliesTo.InBundle = j.byPlace[r.RepliesTo.Place] != nil
		}
		list = append(list, r)
	}
	return list
}

func (x *exhibit) finding(k *known) RecordFinding {
	o := x.opened
	r := RecordFinding{
		Place: x.at, Author: x.cp.origin.Author, Audience: x.cp.origin.Audience,
		Act: o.Act(), Shown: howShown(o), Full: o.Full, Hidden: o.Hidden, Checkpoint: x.cp.finding(),
		State: k.state(), Received: k.received, NotReceived: k.notReceived(), Lodged: k.lodged,
		NotAfter: k.notAfter, NotBefore: k.notBefore, Backdated: k.backdated, OldKeys: k.oldKeys,
	}
	r.Fields, r.Lists = fieldsOf(o)
	if r.Act == "appeal" {
		r.Kind = o.Kind()
	}
	if r.Shown == Interpreted {
		r.Class, r.TLP, r.ReleasedAt = o.Fields.Text("class"), o.Fields.Text("tlp"), o.Fields.Time("released_at")
		if ref, ok := o.Fields.Ref("in_reply_to"); ok {
			r.RepliesTo = &ReplyFinding{Place: placeOf(ref)}
			r.whole = x.isWhole()
		}
		r.about, r.by = placeIn(o.Fields, "about"), placeIn(o.Fields, "by")
		r.until, r.from = o.Fields.Time("until"), o.Fields.Time("in_force_from")
	}
	r.RestsOn = bases(k.restsOn()...)
	return r
}

// placeIn is the reference in a field, nil if it is not shown.
func placeIn(f record.Fields, name string) *Place {
	ref, ok := f.Ref(name)
	if !ok {
		return nil
	}
	at := placeOf(ref)
	return &at
}

// isWhole tells whether nothing of the record is left out: then the decoys in its leaf are those of what is shown.
func (x *exhibit) isWhole() bool {
	if x.opened.Full {
		return true
	}
	_, content, _ := strings.Cut(x.text, "~")
	_, err := x.opened.Record.Open([]byte(content))
	return err == nil
}

func placeOf(ref record.Ref) Place {
	return Place{Outbox: ref.Outbox, Index: ref.Index, Leaf: b64u(ref.Leaf)}
}

// restsOn is whose keys the conclusions of a record rest on.
func (k *known) restsOn() []*party {
	list := append([]*party{k.author}, k.holders...)
	for _, d := range []*date{k.date, k.boundBy} {
		if d != nil {
			list = append(list, d.register.author)
		}
	}
	return list
}

// A face is a field of a leaf.
type face struct {
	leaf [32]byte
	name string
}

// faceTable has the disclosure of each field that is shown, "" where two
// different ones are.
type faceTable map[face]string

func (j *judge) faces() faceTable {
	seen := make(faceTable)
	for _, x := range j.exhibits {
		for name := range x.opened.Fields {
			f, d := face{x.leaf, name}, x.opened.Disclosure(name)
			if old, ok := seen[f]; ok && old != d {
				d = ""
			}
			seen[f] = d
		}
	}
	return seen
}

func (t faceTable) differing(x *exhibit) (names []string) {
	for name := range x.opened.Fields {
		if t[face{x.leaf, name}] == "" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// howShown says whether the fields have been held against a schema.
func howShown(o *record.Opened) Shown {
	switch {
	case !o.Unknown():
		return Interpreted
	case o.Act() == "" || o.Act() == "appeal" && o.Kind() == "":
		return UndisclosedAs
	}
	return UnknownAct
}

func fieldsOf(o *record.Opened) (fields Fields, lists []ListFinding) {
	var names []string
	for name := range o.Fields {
		names = append(names, name)
	}
	slices.Sort(names)
	fields = Fields{}
	for _, name := range names {
		fields = append(fields, Field{Name: name, Value: o.Fields[name]})
		if shown, total := o.Shown(name); total > 0 {
			lists = append(lists, ListFinding{Name: name, Shown: shown, Total: total})
		}
	}
	return fields, lists
}

func (cp *checkpoint) finding() CheckpointFinding {
	return CheckpointFinding{
		Size: cp.Size, Root: b64(cp.Root), Time: cp.Time,
		KeysExpired: cp.Time.After(cp.author.ValidUntil),
	}
}
