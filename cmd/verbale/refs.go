package main

import (
	"context"
	"encoding/base64"

	"verbale/internal/console"
	"verbale/internal/node"
	"verbale/record"
)

// resolve makes whole references of those that people wrote in a draft as in a list (to:borea.example#3): the leaf hash that belongs to them is asked
// of the node. So a draft names only records that are here.
func (a *app) resolve(ctx context.Context, s *session, self string, draft record.Fields) error {
	for _, spec := range record.Schema(draft.Text("act"), draft.Text("kind")) {
		text := draft.Text(spec.Name)
		if spec.Type != record.TypeRef || text == "" {
			continue
		}
		r, err := parseReference(text)
		if err != nil {
			return err
		}
		c, err := s.Case(ctx, r.origin(self), r.index)
		if err != nil {
			return problem(node.AsError(err).Kind, "list what there is: verbale appeal list", "--%s: %s: %v", flagName(spec.Name), text, err)
		}
		ref, ok := recordAt(c, r.origin(self), r.index)
		if !ok {
			return problem(node.NotFound, "", "--%s: %s is not here", flagName(spec.Name), text)
		}
		draft.SetRef(spec.Name, ref)
		if spec.Name == "redirected_from" && draft["first_made_at"] == nil {
			firstMade(draft, c)
		}
	}
	return nil
}

// firstMade gives an appeal that is made anew elsewhere the date of the first one: that is the one that counts.
func firstMade(draft record.Fields, c console.Case) {
	if len(c.Records) == 0 {
		return
	}
	first := c.Records[0].Fields
	at := first.Time("first_made_at")
	if at.IsZero() {
		at = first.Time("released_at")
	}
	if !at.IsZero() {
		draft.SetTime("first_made_at", at)
	}
}

// recordAt finds a record of a case by its place.
func recordAt(c console.Case, outbox string, index int64) (record.Ref, bool) {
	for _, r := range c.Records {
		if r.Ref.Outbox == outbox && r.Ref.Index == index {
			return r.Ref, true
		}
	}
	return record.Ref{}, false
}

// openingRef is the reference of the record that opened a case.
func openingRef(c console.Case) (record.Ref, error) {
	ref := record.Ref{Outbox: c.Outbox, Index: c.Index}
	leaf, err := base64.RawURLEncoding.DecodeString(c.Leaf)
	if err != nil || len(leaf) != len(ref.Leaf) || c.Outbox == "" {
		return ref, problem(node.NotAllowed, "", "the record that opened this case is not on this link: there is nothing to reply to")
	}
	copy(ref.Leaf[:], leaf)
	return ref, nil
}

// refText shows a reference as it can be typed; outside the links of this party, with the whole origin of its outbox.
func (a *app) refText(r record.Ref) string { return shortRef(a.self, r.Outbox, r.Index) }
