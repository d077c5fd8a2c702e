package main

import (
	"strconv"
	"strings"

	"verbale/record"
	"verbale/seal"
)

// reference is a record as people name it; see the help topic "references".
type reference struct {
	outbox string // full origin, "" when party and ours say it
	party  string
	ours   bool // in our outbox to the party
	index  int64

	generation int // of its author's keys; 1 where nothing is said
}

func parseReference(s string) (reference, error) {
	name, number, ok := strings.Cut(s, "#")
	index, err := strconv.ParseInt(number, 10, 64)
	if !ok || err != nil || index < 0 || index >= record.MaxIndex {
		return reference{}, badReference(s)
	}
	r := reference{index: index}
	if _, err := seal.ParseOrigin(name); err == nil {
		r.outbox = name
		return r, nil
	}
	name, r.ours = strings.CutPrefix(name, "to:")
	var digits string
	if r.party, digits, ok = strings.Cut(name, "/"); ok {
		if r.generation, err = strconv.Atoi(digits); err != nil || r.generation < 1 || strconv.Itoa(r.generation) != digits {
			return reference{}, badReference(s)
		}
	}
	if r.generation == 0 {
		r.generation = 1
	}
	if seal.CheckName(r.party) != nil {
		return reference{}, badReference(s)
	}
	return r, nil
}

func badReference(s string) error {
	e := usage("%q is no reference of a record: it is like borea.example#3 or to:borea.example#3", s)
	e.Hint = "see: verbale help references"
	return e
}

// origin is the outbox that the record stands in; self is this party.
func (r reference) origin(self string) string {
	switch {
	case r.outbox != "":
		return r.outbox
	case r.ours:
		return seal.Origin{Author: self, Audience: r.party, Generation: r.generation}.String()
	}
	return seal.Origin{Author: r.party, Audience: self, Generation: r.generation}.String()
}

// shortRef shows where a record stands, as this party's people name it.
func shortRef(self, outbox string, index int64) string {
	at := "#" + strconv.FormatInt(index, 10)
	o, err := seal.ParseOrigin(outbox)
	if err != nil || o.Audience == seal.Public {
		return outbox + at
	}
	party := ""
	switch self {
	case o.Author:
		party = "to:" + o.Audience
	case o.Audience:
		party = o.Author
	default:
		return outbox + at
	}
	if o.Generation != 1 {
		party += "/" + strconv.Itoa(o.Generation)
	}
	return party + at
}

// ownRef is shortRef for a record of this party's own.
func ownRef(outbox string, index int64) string {
	o, err := seal.ParseOrigin(outbox)
	if err != nil {
		return outbox
	}
	return shortRef(o.Author, outbox, index)
}
