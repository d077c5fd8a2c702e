package node

import (
	"context"
	"encoding/json/v2"
	"errors"
	"time"

	"verbale/internal/docket"
	"verbale/internal/store"
	"verbale/record"
)

// metaDirectory is the key in meta of the entry of the directory that every peer is to have; with a party's name behind it, of the one that this
// party is to have instead, "" for none. What stands there and not on a link is written there as soon as it can be.
const metaDirectory = "directory"

func metaDirectoryTo(party string) string { return metaDirectory + "/" + party }

// Published is what became of an entry of the directory on one link.
type Published struct {
	Party string      `json:"party"`
	Ref   *record.Ref `json:"ref,omitempty"`
	// Again tells that it stands there already.
	Again bool `json:"again"`
	// Problem is why it does not stand there yet. The node tries again by itself.
	Problem string `json:"problem,omitempty"`
}

// PublishDirectory writes an entry of the directory on the links with parties. Without any it is for everybody: it goes to each confirmed
// link, and to those that come later. Where the same entry stands, nothing is written.
func (n *Node) PublishDirectory(ctx context.Context, draft record.Fields, parties ...string) ([]Published, error) {
	draft = draft.Clone()
	draft.SetText("act", docket.ActDirectory)
	draft = n.Complete(draft, "")
	if err := draft.Check(); err != nil {
		return nil, err
	}
	if err := refusedAs(docket.CheckEntry(draft), "correct the draft"); err != nil {
		return nil, err
	}
	for _, party := range parties {
		if _, err := n.linkTo(party); err != nil {
			return nil, err
		}
	}
	n.publishing.Lock()
	defer n.publishing.Unlock()
	if err := n.cfg.Store.Update(ctx, func(tx *store.Tx) error { return n.want(tx, draft, parties) }); err != nil {
		return nil, err
	}
	if len(parties) == 0 {
		for _, l := range n.sortedLinks() {
			if l.confirmed {
				parties = append(parties, l.profile.Party)
			}
		}
	}
	out := []Published{}
	for _, party := range parties {
		p, err := n.publishTo(ctx, party)
		if ctx.Err() != nil {
			return out, ctx.Err()
		}
		if err != nil {
			p.Problem = AsError(err).Message
		}
		out = append(out, p)
	}
	return out, nil
}

// want keeps a draft as what parties, or all, are to have. The same once more changes nothing: it keeps the time of its release.
func (n *Node) want(tx *store.Tx, draft record.Fields, parties []string) error {
	keys := []string{metaDirectory}
	if len(parties) > 0 {
		keys = keys[:0]
	}
	for _, party := range parties {
		keys = append(keys, metaDirectoryTo(party))
	}
	for _, key := range keys {
		was, err := wantedUnder(tx, key)
		if err != nil {
			return err
		}
		if sameEntry(was, draft) {
			continue
		}
		if err := tx.SetMeta(key, string(draft.JSON())); err != nil {
			return err
		}
	}
	if len(parties) > 0 {
		return nil
	}
	for _, l := range n.sortedLinks() { // the newest is for everybody
		if _, found, err := tx.Meta(metaDirectoryTo(l.profile.Party)); err != nil {
			return err
		} else if found {
			if err := tx.SetMeta(metaDirectoryTo(l.profile.Party), ""); err != nil {
				return err
			}
		}
	}
	return nil
}

// wantedBy is the entry that a party is to have; nil: none.
func wantedBy(tx *store.Tx, party string) (record.Fields, error) {
	f, err := wantedUnder(tx, metaDirectoryTo(party))
	if err != nil || f != nil {
		return f, err
	}
	return wantedUnder(tx, metaDirectory)
}

func wantedUnder(tx *store.Tx, key string) (f record.Fields, err error) {
	kept, found, err := tx.Meta(key)
	if err != nil || !found || kept == "" {
		return nil, err
	}
	if err := json.Unmarshal([]byte(kept), &f); err != nil {
		return nil, fail(Damaged, err, "publish the entry again: verbale directory publish", "the entry of the directory that is to be published cannot be read")
	}
	return f, nil
}

// sameEntry tells whether two entries say the same of the house.
func sameEntry(a, b record.Fields) bool {
	if len(a) != len(b) {
		return false
	}
	for name, v := range a {
		if w, ok := b[name]; !ok || string(v) != string(w) && name != "drafted_at" && name != "released_at" {
			return false
		}
	}
	return true
}

// publishTo writes on a link the entry that its party is to have, unless it stands there. Who calls holds n.publishing.
func (n *Node) publishTo(ctx context.Context, party string) (Published, error) {
	p := Published{Party: party}
	var wanted record.Fields
	err := n.cfg.Store.View(ctx, func(tx *store.Tx) (err error) {
		if wanted, err = wantedBy(tx, party); err != nil || wanted == nil {
			return err
		}
		there, err := n.entryBy(tx, party, n.party)
		if err == nil && there.Ref.Outbox != "" && sameEntry(there.Fields, wanted) {
			p.Ref, p.Again = &there.Ref, true
		}
		return err
	})
	if err != nil || wanted == nil || p.Again {
		return p, err
	}
	filed, err := n.File(ctx, party, wanted, "")
	if err == nil {
		p.Ref = &filed.Ref
	}
	return p, err
}

// entryBy reads the entry of the directory by a side of the link with party that is in force; the zero Shown where there is none.
func (n *Node) entryBy(tx *store.Tx, party, by string) (Shown, error) {
	s, err := tx.Standing(party)
	if err != nil {
		if storeKind(err) == store.NotFound { // fsck says that the link is not stored
			err = nil
		}
		return Shown{}, err
	}
	at, found := s.Directory(by)
	if !found {
		return Shown{}, nil
	}
	return n.show(tx, at.Outbox, at.Index)
}

// publishWaiting writes on every confirmed link the entry of the directory that it is to have: links that came later, and what could not be
// written when it was published.
func (n *Node) publishWaiting(ctx context.Context) {
	n.publishing.Lock()
	defer n.publishing.Unlock()
	for _, l := range n.sortedLinks() {
		if !l.confirmed || ctx.Err() != nil {
			continue
		}
		_, err := n.publishTo(ctx, l.profile.Party)
		var refused *docket.Refusal
		if err != nil && ctx.Err() == nil && !errors.As(err, &refused) { // while we have suspended the link it waits for the resume
			n.cfg.Log.Warn("the entry of the directory is not published", "party", l.profile.Party, "error", err.Error(), "again_in", directoryEvery.String())
		}
	}
}

// publishSoon is publishWaiting beside what is going on.
func (n *Node) publishSoon(ctx context.Context) {
	n.later(func() { n.publishWaiting(context.WithoutCancel(ctx)) })
}

// directories publishes what waits from time to time, until ctx ends.
func (n *Node) directories(ctx context.Context) {
	tick := time.NewTicker(directoryEvery)
	defer tick.Stop()
	for {
		n.publishWaiting(ctx)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// OwnDirectory is this party's own entry of the directory, and where it stands.
type OwnDirectory struct {
	Entry    record.Fields `json:"entry,omitempty"` // what every peer is to have; absent: nothing was published
	Marks    []string      `json:"marks"`
	ReviewBy time.Time     `json:"review_by,omitzero"`
	Overdue  time.Time     `json:"overdue_since,omitzero"`
	Links    []OwnEntry    `json:"links"` // each confirmed link
}

// OwnEntry is what of this party's entries stands on one link.
type OwnEntry struct {
	Party      string      `json:"party"`
	Ref        *record.Ref `json:"ref,omitempty"` // absent: none
	ReleasedAt time.Time   `json:"released_at,omitzero"`
	ReceivedAt time.Time   `json:"received_at,omitzero"` // by the peer
	ReviewBy   time.Time   `json:"review_by,omitzero"`
	Overdue    time.Time   `json:"overdue_since,omitzero"`
	Apart      bool        `json:"apart"`   // the party has one of its own
	Waiting    bool        `json:"waiting"` // what it is to have does not stand there yet
}

// OwnDirectory shows what this party says of its own house, and to whom.
func (n *Node) OwnDirectory(ctx context.Context) (own OwnDirectory, err error) {
	own = OwnDirectory{Marks: []string{}, Links: []OwnEntry{}}
	err = n.cfg.Store.View(ctx, func(tx *store.Tx) error {
		if own.Entry, err = wantedUnder(tx, metaDirectory); err != nil {
			return err
		}
		if own.Entry != nil {
			d := docket.DirectoryOf(own.Entry)
			own.Marks = append(own.Marks, docket.CheckEntry(own.Entry)...)
			own.ReviewBy, own.Overdue = d.ReviewBy, d.Overdue(n.now())
		}
		for _, l := range n.sortedLinks() {
			if !l.confirmed {
				continue
			}
			o, err := n.ownEntry(tx, l.profile.Party)
			if err != nil {
				return err
			}
			own.Links = append(own.Links, o)
		}
		return nil
	})
	return own, err
}

func (n *Node) ownEntry(tx *store.Tx, party string) (OwnEntry, error) {
	o := OwnEntry{Party: party}
	apart, err := wantedUnder(tx, metaDirectoryTo(party))
	if err != nil {
		return o, err
	}
	wanted, err := wantedBy(tx, party)
	if err != nil {
		return o, err
	}
	s, err := n.entryBy(tx, party, n.party)
	if err != nil {
		return o, err
	}
	o.Apart, o.Waiting = apart != nil, wanted != nil && !sameEntry(s.Fields, wanted)
	if s.Ref.Outbox != "" {
		o.Ref, o.ReceivedAt = &s.Ref, s.ReceivedAt
		d := docket.DirectoryOf(s.Fields)
		o.ReleasedAt, o.ReviewBy, o.Overdue = d.ReleasedAt, d.ReviewBy, d.Overdue(n.now())
	}
	return o, nil
}
