package node

import (
	"context"
	"encoding/base64"
	"slices"
	"strings"
	"time"

	"verbale/internal/docket"
	"verbale/internal/store"
	"verbale/record"
	"verbale/seal"
	"verbale/verdict"
)

// entry is one stored record, read back.
type entry struct {
	record *record.Record
	stored []byte
}

func (n *Node) entryOf(tx *store.Tx, origin string, index int64) (entry, error) {
	row, err := tx.Outbox(origin)
	if err != nil {
		return entry{}, err
	}
	e, err := tx.Entry(row.ID, index)
	if err != nil {
		return entry{}, err
	}
	r, err := record.Parse(e.Leaf)
	if err != nil {
		return entry{}, fail(Damaged, err, "run verbale fsck", "entry %d of %s is damaged", index, origin)
	}
	return entry{record: r, stored: e.Content}, nil
}

// other is the party of two that is not this one.
func (n *Node) other(a, b string) string {
	if a == n.party {
		return b
	}
	return a
}

// Shown is one record with everything that this node may read of it.
type Shown struct {
	Ref        record.Ref    `json:"ref"`
	By         string        `json:"by"`
	Act        string        `json:"act"`
	Fields     record.Fields `json:"fields,omitempty"`
	Fault      string        `json:"fault,omitempty"` // why it cannot be read
	Unknown    bool          `json:"unknown,omitzero"`
	ReceivedAt time.Time     `json:"received_at,omitzero"`  // by the receipt's clock
	Held       int64         `json:"receipt_size,omitzero"` // size of the first receipted head that covers it
	LodgedAt   time.Time     `json:"lodged_at,omitzero"`    // by the relay's clock (L-1)
	LodgedWith string        `json:"lodged_with,omitempty"` // the relay
	Irregular  string        `json:"irregular,omitempty"`
}

// CaseDetail is a case with its records, in the order of the docket.
type CaseDetail struct {
	CaseLine
	Records []Shown `json:"records"`
	Hidden  int     `json:"hidden,omitzero"` // records that are there and not shown
}

// Case shows the case that the record (origin, index) belongs to. A record of the public register stands alone: its case is empty.
func (n *Node) Case(ctx context.Context, origin string, index int64) (CaseDetail, error) {
	return n.CaseSeen(ctx, Sight{}, origin, index)
}

// CaseSeen is Case for somebody who may not see everything. A case that is not seen is not found.
func (n *Node) CaseSeen(ctx context.Context, s Sight, origin string, index int64) (d CaseDetail, err error) {
	err = n.cfg.Store.View(ctx, func(tx *store.Tx) error {
		d, err = n.seen(tx, s, origin, index)
		return err
	})
	return d, err
}

// seen is the detail of a case as far as it may be seen.
func (n *Node) seen(tx *store.Tx, s Sight, origin string, index int64) (CaseDetail, error) {
	d, err := n.detail(tx, origin, index)
	if err != nil || s.Whole() {
		return d, err
	}
	if !s.Case(d.Link, d.View.Case) {
		return CaseDetail{}, fail(NotFound, nil, "list what there is: verbale appeal list", "there is no entry %d in %s", index, origin)
	}
	s.shows(&d)
	if !slices.ContainsFunc(d.Records, func(r Shown) bool { return r.Ref.Outbox == origin && r.Ref.Index == index }) {
		return CaseDetail{}, fail(NotFound, nil, "list what there is: verbale appeal list", "there is no entry %d in %s", index, origin)
	}
	return d, nil
}

func (n *Node) detail(tx *store.Tx, origin string, index int64) (CaseDetail, error) {
	o, err := seal.ParseOrigin(origin)
	if err != nil {
		return CaseDetail{}, err
	}
	e, err := n.entryOf(tx, origin, index)
	if err != nil {
		return CaseDetail{}, err
	}
	if o.Audience == seal.Public {
		d := CaseDetail{CaseLine: CaseLine{Link: seal.Public}}
		return d, d.add(n, tx, origin, index, "")
	}
	party := o.Audience
	if o.Author != n.party {
		party = o.Author
	}
	read := n.read(o, index, e.record, e.stored)
	row, found, err := tx.CaseRow(party, docket.Key(read))
	if err != nil {
		return CaseDetail{}, err
	}
	if !found {
		return CaseDetail{}, fail(NotFound, nil, "list what there is: verbale appeal list", "entry %d of %s belongs to no case", index, origin)
	}
	c := row.Case
	v, err := n.view(tx, c)
	if err != nil {
		return CaseDetail{}, err
	}
	d := CaseDetail{CaseLine: lineOf(row, v)}
	if c.Open != nil {
		if err := d.add(n, tx, c.Open.Outbox, c.Open.Index, ""); err != nil {
			return d, err
		}
	}
	for _, m := range c.Moves {
		if err := d.add(n, tx, m.Outbox, m.Index, m.Irregular); err != nil {
			return d, err
		}
	}
	return d, nil
}

func (d *CaseDetail) add(n *Node, tx *store.Tx, origin string, index int64, irregular string) error {
	s, err := n.show(tx, origin, index)
	s.Irregular = irregular
	d.Records = append(d.Records, s)
	return err
}

// show reads one record back, decrypting its content.
func (n *Node) show(tx *store.Tx, origin string, index int64) (Shown, error) {
	o, err := seal.ParseOrigin(origin)
	if err != nil {
		return Shown{}, err
	}
	row, err := tx.Outbox(origin)
	if err != nil {
		return Shown{}, err
	}
	e, err := n.entryOf(tx, origin, index)
	if err != nil {
		return Shown{}, err
	}
	read := n.read(o, index, e.record, e.stored)
	s := Shown{Ref: read.Ref, By: o.Author, Fault: read.Fault}
	if read.Opened != nil {
		s.Act, s.Fields, s.Unknown = read.Opened.Act(), read.Opened.Fields, read.Opened.Unknown()
	}
	at, err := tx.FirstReceipt(row.ID, index)
	if err != nil && storeKind(err) != store.NotFound {
		return s, err
	}
	s.ReceivedAt, s.Held = at.ReceiptTime, at.Size
	if o.Audience == seal.Public {
		return s, nil
	}
	lodged, found, err := tx.FirstLodged(row.ID, index)
	if found {
		s.LodgedAt, s.LodgedWith = lodged.Time, strings.TrimSuffix(lodged.Name, seal.ReceiptName(""))
	}
	return s, err
}

func refOf(c docket.Case) (record.Ref, error) {
	r := record.Ref{Outbox: c.Open.Outbox, Index: c.Open.Index}
	b, err := base64.RawURLEncoding.DecodeString(c.Key)
	if err != nil || len(b) != len(r.Leaf) {
		return r, fail(Damaged, err, "run verbale rebuild", "the docket has a case with a damaged key")
	}
	copy(r.Leaf[:], b)
	return r, nil
}

// Reply files an act that refers to the record (origin, index) on the link with party.
func (n *Node) Reply(ctx context.Context, party, origin string, index int64, draft record.Fields, key string) (Filed, error) {
	var ref record.Ref
	err := n.cfg.Store.View(ctx, func(tx *store.Tx) error {
		e, err := n.entryOf(tx, origin, index)
		if err != nil {
			return err
		}
		ref = e.record.Ref(index)
		return nil
	})
	if storeKind(err) == store.NotFound {
		return Filed{}, fail(NotFound, err, "list what there is: verbale appeal list", "there is no entry %d in %s", index, origin)
	} else if err != nil {
		return Filed{}, err
	}
	draft = draft.Clone()
	draft.SetRef("in_reply_to", ref)
	return n.File(ctx, party, n.Complete(draft, ""), key)
}

// Profile gives this party's own profile.
func (n *Node) Profile(ctx context.Context) (p verdict.Profile, err error) {
	err = n.cfg.Store.View(ctx, func(tx *store.Tx) error {
		file, found, err := tx.Meta(metaProfile)
		if err != nil {
			return err
		}
		if !found {
			return fail(Damaged, nil, "run verbale init in an empty folder", "this data folder has no profile")
		}
		p, err = verdict.OpenProfile(file)
		return err
	})
	return p, err
}

// Evidence lists what was kept of forks and of roots that do not fit.
func (n *Node) Evidence(ctx context.Context) (kept []store.Evidence, err error) {
	err = n.cfg.Store.View(ctx, func(tx *store.Tx) error {
		kept, err = tx.Evidence()
		return err
	})
	return kept, err
}

// Backup writes a whole copy of the database to path, which must not exist. The keys are not in it.
func (n *Node) Backup(ctx context.Context, path string) error { return n.cfg.Store.Backup(ctx, path) }
