package verdict

import (
	"cmp"
	"slices"
	"time"

	"verbale/seal"
)

// A State is how far a record has come, as far as the bundle proves. None of
// the words is used for another (B-14).
type State string

// The states.
const (
	Sent     State = "sent"     // it stands in the author's outbox
	Lodged   State = "lodged"   // a relay of the audience holds it
	Received State = "received" // the audience's node holds it
)

func (k *known) state() State {
	switch {
	case k.origin.Audience == seal.Public:
		return ""
	case k.received != nil:
		return Received
	case slices.ContainsFunc(k.lodged, func(l LodgedFinding) bool { return l.Designated }):
		return Lodged
	}
	return Sent
}

// notReceived is why no receipt is concluded, "" if there is one.
func (k *known) notReceived() NoReceipt {
	switch {
	case k.received != nil:
		return ""
	case k.origin.Audience == seal.Public:
		return NoAudience
	case slices.ContainsFunc(k.heads(), func(s *signed) bool { return s.unknown }):
		return NoReceiptKeys
	}
	return NoReceiptLines
}

// A designation is what an entry of a register says of a relay.
type designation struct {
	generation  int
	index       int64
	released    time.Time // zero if not shown
	inForce     bool
	fingerprint string
	by          *party
}

// A post is a party that has a relay, and the relay.
type post struct{ party, relay string }

// readDesignations collects the acts designate, those of one party about one
// relay in the order of its register.
func (j *judge) readDesignations() {
	for _, k := range j.known {
		if k.origin.Audience != seal.Public || k.act() != "designate" {
			continue
		}
		d, relay := designation{generation: k.origin.Generation, index: k.place.Index, released: k.time("released_at"), by: k.author}, ""
		for _, x := range k.exhibits {
			f := x.opened.Fields
			if howShown(x.opened) != Interpreted || f.Text("party") == "" {
				continue
			}
			relay = f.Text("party")
			d.inForce = d.inForce || f.Text("state") == "in-force" && f.Text("role") == "relay"
			d.fingerprint = cmp.Or(f.Text("fingerprint"), d.fingerprint)
		}
		at := post{k.origin.Author, relay}
		j.designations[at] = append(j.designations[at], d)
	}
	for _, list := range j.designations {
		slices.SortStableFunc(list, func(a, b designation) int {
			return cmp.Or(cmp.Compare(a.generation, b.generation), cmp.Compare(a.index, b.index))
		})
	}
}

// designated gives the keys by which the audience had named the relay that
// gave a receipt, or nil: what it said last before that counts. An entry whose
// time is not shown may always have been the last, and gives nothing.
func (j *judge) designated(audience string, r receipt) (by *party) {
	for _, d := range j.designations[post{audience, r.By}] {
		if d.released.After(r.Time) {
			continue
		}
		if by = nil; d.inForce && !d.released.IsZero() && d.fingerprint == b64u(r.by.Fingerprint) {
			by = d.by
		}
	}
	return by
}

// hold gives a record its receipt and its lodgings.
func (j *judge) hold(k *known) {
	best := make(map[string]receipt)
	rank := func(r receipt) (n int) {
		if k.origin.Audience != r.By && j.designated(k.origin.Audience, r) == nil {
			n++
		}
		if old := j.receiptKeys(r); old != nil && old.Standing != Stands {
			n++
		}
		return n
	}
	for _, s := range k.heads() {
		for _, r := range s.receipts {
			old, ok := best[r.By]
			if !ok || cmp.Or(cmp.Compare(rank(r), rank(old)), r.Time.Compare(old.Time), slices.Compare(r.Lines, old.Lines)) < 0 {
				best[r.By] = r
			}
		}
	}
	for _, r := range best {
		f := j.receiptFinding(r)
		if o := j.opened(j.signed[r.Head], r.by); o != nil {
			f.Dated = o.finding()
			k.holders = append(k.holders, o.date.register.author)
		}
		if k.holders = append(k.holders, r.by); r.By == k.origin.Audience {
			k.received = &f
			continue
		}
		by := j.designated(k.origin.Audience, r)
		if by != nil {
			k.holders = append(k.holders, by)
		}
		k.lodged = append(k.lodged, LodgedFinding{ReceiptFinding: f, Designated: by != nil})
	}
	slices.SortFunc(k.lodged, func(a, b LodgedFinding) int { return cmp.Compare(a.By, b.By) })
	slices.SortFunc(k.holders, func(a, b *party) int {
		return cmp.Or(cmp.Compare(a.Party, b.Party), cmp.Compare(a.Generation, b.Generation))
	})
}

func (j *judge) receiptFinding(r receipt) ReceiptFinding {
	return ReceiptFinding{
		By: r.By, At: r.Time, Statement: r.by.ReceiptStatement,
		KeysExpired: r.Time.After(r.by.ValidUntil), OldKeys: j.receiptKeys(r),
	}
}
