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
}

func parseReference(s string) (reference, error) {
	name, number, ok := strings.Cut(s, "#")
	index, err := strconv.ParseInt(number, 10, 64)
	if !ok || err != nil || index < 0 || index >= record.MaxIndex {
		return reference{}, badReference(s)
	}
	r := reference{index: index}
	if strings.Contains(name, "/") {
		if _, err := seal.ParseOrigin(name); err != nil {
			return reference{}, badReference(s)
		}
		r.outbox = name
		return r, nil
	}
	r.party, r.ours = strings.CutPrefix(name, "to:")
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
		return seal.Origin{Author: self, Audience: r.party, Generation: 1}.String()
	}
	return seal.Origin{Author: r.party, Audience: self, Generation: 1}.String()
}

// shortRef shows where a record stands, as this party's people name it.
func shortRef(self, outbox string, index int64) string {
	at := "#" + strconv.FormatInt(index, 10)
	o, err := seal.ParseOrigin(outbox)
	switch {
	case err != nil || o.Generation != 1 || o.Audience == seal.Public:
		return outbox + at
	case o.Author == self:
		return "to:" + o.Audience + at
	case o.Audience == self:
		return o.Author + at
	}
	return outbox + at
}
