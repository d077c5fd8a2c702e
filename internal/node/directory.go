package node

import (
	"context"
	"slices"
	"time"

	"verbale/internal/docket"
	"verbale/internal/store"
	"verbale/record"
	"verbale/seal"
)

// A DirectoryEntry is what a party says of its house by its entry in force, and what this node knows of it.
type DirectoryEntry struct {
	Party string `json:"party"`
	Title string `json:"title"` // by its profile
	// Status is by the entry: active, suspended or withdrawn; NoEntry where there is none: contacts are then those of the profile.
	Status     string        `json:"status"`
	Ref        *record.Ref   `json:"ref,omitempty"` // where the entry stands
	Entry      record.Fields `json:"entry,omitempty"`
	ReleasedAt time.Time     `json:"released_at,omitzero"`
	ReceivedAt time.Time     `json:"received_at,omitzero"`
	ReviewBy   time.Time     `json:"review_by,omitzero"`
	// Marks are the rules that the entry breaks. It is in force all the same.
	Marks    []string        `json:"marks"`
	Late     int64           `json:"late_seconds,omitzero"` // how much later it was released than its author allows itself
	Overdue  time.Time       `json:"overdue_since,omitzero"`
	Contacts []ContactStatus `json:"contacts"`
	Node     *PingStats      `json:"node,omitempty"` // how the party's node answers our pings: the last of them
	HeardAt  time.Time       `json:"heard_at,omitzero"`
}

// NoEntry is the status of a party that has written no entry of the directory.
const NoEntry = "none"

// ContactStatus is a contact point, and whether it can be reached.
type ContactStatus struct {
	docket.Contact
	// Now is whether somebody is there by its hours: There, Away, or "" where they are for people to read.
	Now   string     `json:"now,omitempty"`
	Pings *PingStats `json:"pings,omitempty"` // how it answers our checks: the last of them
}

// Whether a contact point is there.
const (
	There = "there"
	Away  = "away"
)

// Directory gives the entries of all parties that this one is linked with, by name.
func (n *Node) Directory(ctx context.Context) (list []DirectoryEntry, err error) {
	err = n.cfg.Store.View(ctx, func(tx *store.Tx) error {
		h := n.hoursAt(n.now())
		for _, l := range n.sortedLinks() {
			if !l.confirmed {
				continue
			}
			e, err := n.directoryEntry(tx, l, h)
			if err != nil {
				return err
			}
			list = append(list, e)
		}
		return nil
	})
	return list, err
}

// DirectoryOf gives the entry of one party.
func (n *Node) DirectoryOf(ctx context.Context, party string) (e DirectoryEntry, err error) {
	l, err := n.linkTo(party)
	if err != nil {
		return e, err
	}
	err = n.cfg.Store.View(ctx, func(tx *store.Tx) error {
		e, err = n.directoryEntry(tx, l, n.hoursAt(n.now()))
		return err
	})
	return e, err
}

func (n *Node) directoryEntry(tx *store.Tx, l *link, h hours) (DirectoryEntry, error) {
	party := l.profile.Party
	e := DirectoryEntry{Party: party, Title: l.profile.Title, Status: NoEntry, Marks: []string{}, Contacts: []ContactStatus{}}
	s, err := n.entryBy(tx, party, party)
	if err != nil {
		return e, err
	}
	contacts := profileContacts(l)
	switch {
	case s.Fields != nil:
		d := docket.DirectoryOf(s.Fields)
		e.Status, e.Ref, e.Entry, e.ReleasedAt, e.ReceivedAt, e.ReviewBy = d.Status, &s.Ref, s.Fields, d.ReleasedAt, s.ReceivedAt, d.ReviewBy
		e.Marks = append(e.Marks, docket.CheckEntry(s.Fields)...)
		e.Late, e.Overdue = int64(d.Late()/time.Second), d.Overdue(h.now)
		contacts = d.Contacts
	case s.Ref.Outbox != "":
		e.Ref, e.ReceivedAt = &s.Ref, s.ReceivedAt
		e.Marks = append(e.Marks, "its content is not kept here any more")
	}
	pings, err := n.lastPings(tx, party)
	if err != nil {
		return e, err
	}
	e.Node = pings[""]
	for _, c := range contacts {
		e.Contacts = append(e.Contacts, ContactStatus{Contact: c, Now: h.there(c), Pings: pings[c.Role]})
	}
	e.HeardAt, err = n.heardOf(tx, party)
	return e, err
}

// profileContacts are those of the profile, which says nothing of zones.
func profileContacts(l *link) []docket.Contact {
	if l.profile.Opened == nil {
		return nil
	}
	return docket.DirectoryOf(l.profile.Opened.Fields).Contacts
}

// lastPings counts the newest pings of ours to a party, by contact point.
func (n *Node) lastPings(tx *store.Tx, party string) (map[string]*PingStats, error) {
	rows, err := tx.CasesWhere(store.Filter{Link: party, Act: docket.ActPing, Opened: store.Ours}, store.Newest, store.Cursor{}, pingsLookedAt)
	if err != nil {
		return nil, err
	}
	counted := map[string]*pingCount{}
	for _, row := range rows {
		if err := n.countPing(tx, row.Case, counted); err != nil {
			return nil, err
		}
	}
	stats := map[string]*PingStats{}
	for contact, c := range counted {
		s := c.stats()
		stats[contact] = &s
	}
	return stats, nil
}

// heardOf is when a party was heard of last: its newest beat, or the newest records of its that we receipted.
func (n *Node) heardOf(tx *store.Tx, party string) (at time.Time, err error) {
	for _, generation := range []seal.Origin{n.outboxTo(party), n.mirrorOf(party)} {
		row, err := tx.Outbox(generation.String())
		if storeKind(err) == store.NotFound {
			continue
		}
		if err != nil {
			return at, err
		}
		if last, found, err := tx.LastBeat(row.ID, party); err != nil {
			return at, err
		} else if found && last.At.After(at) {
			at = last.At
		}
		if row.Origin.Author != party {
			continue
		}
		switch cp, err := tx.Checkpoint(row.ID, row.Receipted); {
		case err != nil && storeKind(err) != store.NotFound:
			return at, err
		case err == nil && cp.ReceiptTime.After(at):
			at = cp.ReceiptTime
		}
	}
	return at, nil
}

// hours reads the hours of contact points at one moment; zones are looked up once.
type hours struct {
	now   time.Time
	zones map[string]*time.Location
}

func (n *Node) hoursAt(now time.Time) hours { return hours{now, map[string]*time.Location{}} }

// there tells whether somebody is at a contact point; "" where its hours or its zone are for people to read.
func (h hours) there(c docket.Contact) string {
	parsed, ok := docket.ParseHours(c.Hours)
	if !ok {
		return ""
	}
	zone, known := h.zones[c.Zone]
	if !known {
		zone, _ = zoneNamed(c.Zone)
		h.zones[c.Zone] = zone
	}
	switch {
	case parsed.Always():
		return There
	case zone == nil:
		return ""
	case parsed.Open(h.now.In(zone)):
		return There
	}
	return Away
}

// zoneNamed finds an IANA zone. "Local" would be that of this machine.
func zoneNamed(name string) (*time.Location, error) {
	if name == "" || name == "Local" {
		return nil, fail(Invalid, nil, "", "%q is no time zone", name)
	}
	return time.LoadLocation(name)
}

// A Competence is who in a party's house receives a kind of appeal, by its entry of the directory.
type Competence struct {
	Party     string            `json:"party"`
	Kind      string            `json:"kind"`
	Status    string            `json:"status"` // of the entry
	Receivers []ReceiverContact `json:"receivers"`
	Bodies    []docket.Body     `json:"bodies"` // of the party, by the arrangement in force
	Hints     []string          `json:"hints"`  // what speaks against sending it as it is
}

// ReceiverContact is an authority that receives a kind of appeal, and whom to reach there.
type ReceiverContact struct {
	docket.Authority
	Instruments []string        `json:"instruments"`
	Contacts    []ContactStatus `json:"contacts"` // those who are there come first
}

// Competent tells who receives appeals of a kind in the house of a party.
func (n *Node) Competent(ctx context.Context, party, kind string) (c Competence, err error) {
	if _, err := n.linkTo(party); err != nil {
		return c, err
	}
	if !record.Known(docket.ActAppeal, kind) {
		return c, fail(Invalid, nil, "the kinds stand in spec/acts.md", "this node knows no such kind of appeal")
	}
	err = n.cfg.Store.View(ctx, func(tx *store.Tx) error {
		c, err = n.competent(tx, party, kind)
		return err
	})
	return c, err
}

func (n *Node) competent(tx *store.Tx, party, kind string) (Competence, error) {
	c := Competence{Party: party, Kind: kind, Status: NoEntry, Receivers: []ReceiverContact{}, Bodies: []docket.Body{}, Hints: []string{}}
	terms, err := n.termsAt(tx, party, n.now())
	if err != nil {
		return c, err
	}
	for _, b := range terms.Bodies {
		if b.Party == party {
			c.Bodies = append(c.Bodies, b)
		}
	}
	s, err := n.entryBy(tx, party, party)
	if err != nil || s.Fields == nil {
		c.Hints = n.notAccepted(c.Hints, party, kind)
		return c, err
	}
	d, h := docket.DirectoryOf(s.Fields), n.hoursAt(n.now())
	c.Status = d.Status
	there := false
	for _, r := range d.Receivers(kind) {
		one := ReceiverContact{Authority: r.Authority, Instruments: append([]string{}, r.Instruments...), Contacts: []ContactStatus{}}
		for _, contact := range r.Contacts {
			one.Contacts = append(one.Contacts, ContactStatus{Contact: contact, Now: h.there(contact)})
		}
		slices.SortStableFunc(one.Contacts, func(a, b ContactStatus) int { return rankOf(a.Now) - rankOf(b.Now) })
		there = there || len(one.Contacts) == 0 || one.Contacts[0].Now != Away
		c.Receivers = append(c.Receivers, one)
	}
	if d.Status != "active" {
		c.Hints = append(c.Hints, "the entry of "+party+" in the directory says that it is "+d.Status)
	}
	if since := d.Overdue(h.now); !since.IsZero() {
		c.Hints = append(c.Hints, "the entry of "+party+" in the directory should have been reviewed by "+since.UTC().Format(time.RFC3339))
	}
	switch {
	case len(c.Receivers) == 0:
		c.Hints = append(c.Hints, "the entry of "+party+" in the directory names nobody who receives appeals of the kind "+kind)
	case !there:
		c.Hints = append(c.Hints, "by its own hours, no contact point of "+party+" for appeals of the kind "+kind+" is there now")
	}
	return c, nil
}

func rankOf(now string) int { return slices.Index([]string{There, "", Away}, now) }

// notAccepted adds that the profile of a party without an entry does not list the kind.
func (n *Node) notAccepted(hints []string, party, kind string) []string {
	l := n.known(party)
	if l == nil || l.profile.Opened == nil || slices.Contains(l.profile.Opened.Fields.Texts("accepts"), kind) {
		return hints
	}
	return append(hints, "the profile of "+party+" does not list the kind "+kind+" among those that it accepts")
}

// hints are what who sends an appeal may want to know first.
func (n *Node) hints(tx *store.Tx, party string, draft record.Fields) ([]string, error) {
	c, err := n.competent(tx, party, draft.Text("kind"))
	return c.Hints, err
}
