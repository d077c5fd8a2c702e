package node

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"verbale/internal/exchange"
	"verbale/internal/store"
	"verbale/record"
	"verbale/seal"
	"verbale/verdict"
)

// ProveRequest says what a bundle shows: the case that a record belongs to, and which fields of it.
type ProveRequest struct {
	Outbox string `json:"outbox"`
	Index  int64  `json:"index"`
	// Disclose names the fields to open in every record that has them ("kind", "targets", "targets[3]"); "*" opens all.
	// What links a reply to its appeal, and to the move that it answers (act, in_reply_to, about), is always opened. A name that no record has is an error, save those of
	// [DefaultDisclosure], which are asked for whatever the case.
	Disclose []string `json:"disclose"`
	// Only leaves the replies out: just the record named.
	Only bool `json:"only,omitzero"`
	// Undated leaves out what dates the records from outside: entries of registers with the lines of witnesses.
	Undated bool `json:"undated,omitzero"`
	// Sight is what may be seen by whoever asks: the other records are left out.
	Sight Sight `json:"-"`
}

// Prove makes the bundle for a case: its records with the chosen fields, their proofs, the receipts and both profiles.
func (n *Node) Prove(ctx context.Context, q ProveRequest) ([]byte, error) {
	var out []byte
	err := n.cfg.Store.View(ctx, func(tx *store.Tx) error {
		d, err := n.seen(tx, q.Sight, q.Outbox, q.Index)
		if err != nil {
			return err
		}
		b := &verdict.Bundle{}
		dates := &dater{n: n, tx: tx, b: b}
		missing := q.Disclose
		var shown []record.Ref
		for _, s := range d.Records {
			if q.Only && (s.Ref.Outbox != q.Outbox || s.Ref.Index != q.Index) {
				continue
			}
			opened, err := n.exhibit(dates, s.Ref, q)
			if err != nil {
				return err
			}
			shown = append(shown, s.Ref)
			missing = slices.DeleteFunc(slices.Clone(missing), func(name string) bool { return slices.Contains(opened, name) })
		}
		for _, name := range missing {
			if !slices.Contains(DefaultDisclosure(), name) {
				return fail(Invalid, nil, "name a field that one of its records has; elements of a list are counted from 0",
					"no record that can be shown here has %q", name)
			}
		}
		if err := dates.lodged(shown); err != nil {
			return err
		}
		if !q.Undated {
			if err := dates.all(shown); err != nil {
				return err
			}
		}
		if err := dates.keys(n.party, d.with(n.party)); err != nil {
			return err
		}
		out, err = dates.encode()
		return err
	})
	return out, err
}

// with names the other party whose keys a case rests on: of a register, its author.
func (d CaseDetail) with(own string) string {
	if d.Link == seal.Public && len(d.Records) > 0 && d.Records[0].By != own {
		return d.Records[0].By
	}
	return d.Link
}

// exhibit adds one record with its proof in the best checkpoint that there is: the first receipted one (of a register, the first dated one), else the newest.
// It gives the names that were opened.
func (n *Node) exhibit(d *dater, ref record.Ref, q ProveRequest) ([]string, error) {
	row, err := d.tx.Outbox(ref.Outbox)
	if err != nil {
		return nil, err
	}
	note, size, err := d.bestCheckpoint(row, ref.Index)
	if row.Origin.Audience == seal.Public && !q.Undated {
		note, size, err = d.registerCheckpoint(row, ref.Index)
	}
	if err != nil {
		return nil, err
	}
	shown, opened, err := n.present(d.tx, row.Origin, ref.Index, q.Disclose)
	if err != nil {
		return nil, err
	}
	return opened, d.exhibit(checkpointOf(d.b, note), row, size, ref.Index, shown)
}

// bestCheckpoint is the first that is receipted; else the first that is lodged, else the newest.
func (d *dater) bestCheckpoint(row store.Outbox, index int64) (note []byte, size int64, err error) {
	at, err := d.tx.FirstReceipt(row.ID, index)
	switch {
	case err == nil:
		size = at.Size
	case storeKind(err) != store.NotFound:
		return nil, 0, err
	default:
		c, found, err := d.tx.FirstLodged(row.ID, index)
		if err != nil {
			return nil, 0, err
		}
		if !found {
			return row.Note, row.Head.Size, nil
		}
		size = c.Size
	}
	note, by, err := d.n.relayLines(d.tx, row, size)
	for _, p := range by {
		d.profile(p)
	}
	return note, size, err
}

// present opens the chosen fields of a record, as far as it has them, and gives their names.
func (n *Node) present(tx *store.Tx, o seal.Origin, index int64, disclose []string) (shown string, names []string, err error) {
	e, err := n.entryOf(tx, o.String(), index)
	if err != nil {
		return "", nil, err
	}
	read := n.read(o, index, e.record, e.stored)
	if read.Opened == nil {
		return string(e.record.Bytes()) + "~", nil, nil
	}
	names = []string{"act"}
	for _, link := range []string{"in_reply_to", "about"} {
		if _, ok := read.Opened.Fields.Ref(link); ok {
			names = append(names, link)
		}
	}
	for _, name := range disclose {
		if !slices.Contains(names, name) && has(read.Opened, name) {
			names = append(names, name)
		}
	}
	shown, err = read.Opened.Present(names)
	return shown, names, err
}

// has tells whether there is a field ("targets"), or an element of one ("targets[3]"), of this name in a record.
func has(o *record.Opened, name string) bool {
	field, index, element := strings.Cut(strings.TrimSuffix(name, "]"), "[")
	if _, ok := o.Fields[field]; !ok || !element {
		return ok || name == "*"
	}
	at, err := strconv.Atoi(index)
	there, _ := o.Shown(field)
	return err == nil && slices.Contains(there, at)
}

// ProveFork makes the bundle that shows that the peer (or this party) signed two histories, from evidence that was kept.
func (n *Node) ProveFork(ctx context.Context, id int64) ([]byte, error) {
	kept, err := n.Evidence(ctx)
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(kept, func(e store.Evidence) bool { return e.ID == id })
	if at < 0 {
		return nil, fail(NotFound, nil, "list it: verbale evidence list", "there is no evidence with the number %d", id)
	}
	e := kept[at]
	if e.Kind != string(exchange.ForkFound) {
		hint := "keep both notes; ask the peer for its log"
		if e.Kind == KeyFork || e.Kind == BadKeyChange {
			hint = "show both records as they are: verbale evidence list --json"
		}
		return nil, fail(NotAllowed, nil, hint, "this evidence is of kind %s, which alone does not prove two histories", e.Kind)
	}
	b := &verdict.Bundle{Forks: []verdict.ForkExhibit{{A: string(e.A), B: string(e.B), Proof: e.Proof}}}
	var out []byte
	err = n.cfg.Store.View(ctx, func(tx *store.Tx) error {
		d := &dater{n: n, tx: tx, b: b}
		if err := d.keys(n.party, e.Peer); err != nil {
			return err
		}
		out, err = d.encode()
		return err
	})
	return out, err
}

// DefaultDisclosure names the fields that a spokesperson may open without showing any content: what `verbale prove` opens when nothing is named.
func DefaultDisclosure() []string {
	return []string{"kind", "class", "channel", "tlp", "urgency", "released_at", "acknowledge_by", "reply_by", "code", "finality", "outcome",
		"expires_at", "first_made_at", "level", "extent", "ground", "stage", "satisfaction", "edition",
		"effective_at", "until", "period", "agrees", "version", "in_force_from"}
}
