package verdict

import (
	"maps"
	"slices"

	"verbale/record"
)

// parties lists the profiles by name.
func (j *judge) parties() []PartyFinding {
	shared := j.sharedKeys()
	var list []PartyFinding
	for _, name := range slices.Sorted(maps.Keys(j.profiles)) {
		p := j.profiles[name]
		list = append(list, PartyFinding{
			Party: p.Party, Title: p.Title, PartyKind: p.PartyKind, Jurisdiction: p.Jurisdiction,
			ReceiptStatement: p.ReceiptStatement, KeysValidUntil: p.ValidUntil, Fingerprint: b64u(p.Fingerprint),
			Words: p.Words, Vouched: p.vouched, SharesKeysWith: shared[name],
		})
	}
	return list
}

// sharedKeys finds parties that could speak for each other.
func (j *judge) sharedKeys() map[string][]string {
	holders := make(map[string][]string)
	for _, name := range slices.Sorted(maps.Keys(j.profiles)) {
		k := j.profiles[name].Keys
		for _, key := range [][]byte{k.Record, k.LogEd25519, k.LogMLDSA44, k.ReceiptEd25519, k.ReceiptMLDSA44} {
			holders[string(key)] = append(holders[string(key)], name)
		}
	}
	shared := make(map[string][]string)
	for _, names := range holders {
		for _, a := range names {
			for _, b := range names {
				if a != b {
					shared[a] = append(shared[a], b)
				}
			}
		}
	}
	for name, others := range shared {
		slices.Sort(others)
		shared[name] = slices.Compact(others)
	}
	return shared
}

// records makes a finding of every exhibit.
func (j *judge) records() []RecordFinding {
	here := make(map[Place]bool)
	for _, x := range j.exhibits {
		here[x.place()] = true
	}
	forked := make(map[string]bool)
	for _, f := range j.forks {
		forked[f.Outbox] = true
	}
	faces := j.faces()
	var list []RecordFinding
	for _, x := range j.exhibits {
		r := x.finding()
		r.TwoFaces = faces.differing(x)
		r.InForkedOutbox = forked[x.cp.Origin]
		if r.RepliesTo != nil {
			r.RepliesTo.InBundle = here[r.RepliesTo.Place]
		}
		list = append(list, r)
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
	for _, name := range slices.Sorted(maps.Keys(x.opened.Fields)) {
		if t[face{x.leaf, name}] == "" {
			names = append(names, name)
		}
	}
	return names
}

func (x *exhibit) place() Place {
	return Place{Outbox: x.cp.Origin, Index: x.index, Leaf: b64u(x.leaf)}
}

func (x *exhibit) finding() RecordFinding {
	o := x.opened
	r := RecordFinding{
		Place: x.place(), Author: x.cp.origin.Author, Audience: x.cp.origin.Audience,
		Act: o.Act(), Shown: howShown(o), Full: o.Full, Hidden: o.Hidden, Checkpoint: x.cp.finding(),
		Received: x.cp.received(), NotReceived: x.cp.notReceived,
	}
	r.Fields, r.Lists = fieldsOf(o)
	if r.Act == "appeal" {
		r.Kind = o.Kind()
	}
	if r.Shown == Interpreted {
		r.Class, r.TLP, r.ReleasedAt = o.Fields.Text("class"), o.Fields.Text("tlp"), o.Fields.Time("released_at")
		if ref, ok := o.Fields.Ref("in_reply_to"); ok {
			r.RepliesTo = &ReplyFinding{Place: Place{Outbox: ref.Outbox, Index: ref.Index, Leaf: b64u(ref.Leaf)}}
		}
	}
	r.RestsOn = bases(x.cp.author)
	if r.Received != nil {
		r.RestsOn = bases(x.cp.author, x.cp.audience)
	}
	return r
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
	fields = Fields{}
	for _, name := range slices.Sorted(maps.Keys(o.Fields)) {
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

func (cp *checkpoint) received() *ReceiptFinding {
	if cp.receipt == nil {
		return nil
	}
	return &ReceiptFinding{
		By: cp.receipt.By, At: cp.receipt.Time, Statement: cp.audience.ReceiptStatement,
		KeysExpired: cp.receipt.Time.After(cp.audience.ValidUntil),
	}
}
