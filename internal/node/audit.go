package node

import (
	"fmt"

	"verbale/internal/exchange"
	"verbale/internal/store"
	"verbale/outbox"
	"verbale/verdict"
)

// Fsck over what stands beside the entries: heads, this party's profile, links, filings and evidence. What leaves no trace elsewhere
// it cannot miss: a filing, a piece of evidence or an unreceipted older checkpoint that is gone.

const restore = "restore a backup, then let the peers fill it up"

// head checks the row of the outbox against the tree that was grown from its leaves and the receipts over it.
func (w *outboxAudit) head(tx *store.Tx) error {
	where := w.row.Origin.String()
	root, err := w.tree.Root()
	if err != nil {
		return err
	}
	if w.tree.Size() == w.row.Head.Size && root != w.row.Head.Root {
		w.a.find(where, "the root of its head is not the one of its leaves", restore)
	}
	if w.row.Own != (w.row.Origin.Author == w.own) {
		w.a.find(where, "it is kept as an outbox of another author than its name says", restore)
	}
	if w.row.Receipted > 0 && w.row.Receipt == nil {
		w.a.find(where, fmt.Sprintf("there is no receipt of size %d, which is said to be the newest", w.row.Receipted), restore)
	}
	later, err := tx.FirstReceipt(w.row.ID, w.row.Receipted)
	if err == nil {
		w.a.find(where, fmt.Sprintf("the newest receipt is said to be of size %d, but there is one of size %d", w.row.Receipted, later.Size), restore)
	} else if storeKind(err) != store.NotFound {
		return err
	}
	return nil
}

// auditRest checks what belongs to no single outbox.
func (n *Node) auditRest(tx *store.Tx, rows []store.Outbox, a *Audit) error {
	for _, audit := range []func(*store.Tx, []store.Outbox, *Audit) error{n.auditProfile, n.auditKeys, n.auditLinks, auditFilings, n.auditEvidence, n.auditCosignatures, n.auditDatings, n.auditLodgings} {
		if err := audit(tx, rows, a); err != nil {
			return err
		}
	}
	return nil
}

func (n *Node) auditProfile(tx *store.Tx, _ []store.Outbox, a *Audit) error {
	file, found, err := tx.Meta(metaProfile)
	if err != nil {
		return err
	}
	if p, err := verdict.OpenProfile(file); !found || err != nil || p.Party != n.party || !p.Keys.Equal(n.cfg.Keys.Keys()) {
		a.find("profile", "the stored profile of this party is missing, damaged or of other keys", restore)
	}
	return nil
}

// auditLinks holds the stored links against their profiles, those that the node works with, and the outboxes.
func (n *Node) auditLinks(tx *store.Tx, rows []store.Outbox, a *Audit) error {
	links, err := tx.Links()
	if err != nil {
		return err
	}
	stored := map[string]bool{}
	for _, row := range links {
		stored[row.Party] = true
		where := "link " + row.Party
		p, err := verdict.OpenProfile(string(row.Profile))
		working := n.known(row.Party)
		switch {
		case err != nil || p.Party != row.Party:
			a.find(where, "its profile is damaged or another party's", restore)
		case working == nil || working.profile.Fingerprint != p.Fingerprint || working.confirmed != row.Confirmed:
			a.find(where, "it is not stored as this node knows it", restore)
		}
		_, err = tx.Outbox(n.outboxTo(row.Party).String())
		if err != nil && storeKind(err) != store.NotFound {
			return err
		}
		if row.Confirmed != (err == nil) {
			a.find(where, "the outbox to that party is missing, or the words were never compared", restore)
		}
	}
	for _, l := range n.sortedLinks() {
		if !stored[l.profile.Party] {
			a.find("link "+l.profile.Party, "it is not stored", restore)
		}
	}
	return nil
}

// auditFilings sees that every idempotency key names an entry of our own, and every entry one key at most.
func auditFilings(tx *store.Tx, rows []store.Outbox, a *Audit) error {
	sizes := map[string]int64{}
	for _, row := range rows {
		if row.Own {
			sizes[row.Origin.String()] = row.Head.Size
		}
	}
	var last string
	at := int64(-1)
	return tx.EachFiling(func(key, outbox string, index int64) error {
		switch {
		case index < 0 || index >= sizes[outbox]:
			a.find("filing "+key, "it names an entry that is not there", "file with another key")
		case outbox == last && index == at:
			a.find("filing "+key, "it names an entry that was filed under another key", "file with another key")
		}
		last, at = outbox, index
		return nil
	})
}

// auditEvidence sees that what was kept against others still holds.
func (n *Node) auditEvidence(tx *store.Tx, rows []store.Outbox, a *Audit) error {
	kept, err := tx.Evidence()
	if err != nil {
		return err
	}
	for _, e := range kept {
		if wrong := n.evidenceFault(rows, e); wrong != "" {
			a.find(fmt.Sprintf("evidence %d", e.ID), wrong, "take it from a backup")
		}
	}
	return nil
}

func (n *Node) evidenceFault(rows []store.Outbox, e store.Evidence) string {
	var row *store.Outbox
	for i := range rows {
		if rows[i].Origin.String() == e.Origin {
			row = &rows[i]
		}
	}
	if e.Kind == KeyFork || e.Kind == BadKeyChange {
		return changeFault(e)
	}
	if row == nil && e.Kind != string(exchange.BadRoot) && e.Kind != string(exchange.ExpiredKey) { // the first batch of an outbox may be the bad one
		return "it is about an outbox that is not here"
	}
	if row == nil {
		return ""
	}
	author, ok := n.author(row.Origin)
	if !ok {
		return "" // the outbox itself says that there is no link
	}
	if e.Kind == string(exchange.ForkFound) {
		if err := (outbox.Fork{A: e.A, B: e.B, Proof: e.Proof}).Check(author.Keys); err != nil {
			return "the fork that it shows does not hold: " + err.Error()
		}
		return ""
	}
	if e.Kind == OtherEnd { // the second is of the outbox that follows, or of this party's own
		e.B = nil
	}
	for _, note := range [][]byte{e.A, e.B} {
		if cp, err := author.Keys.OpenCheckpoint(note); len(note) > 0 && (err != nil || cp.Origin != e.Origin) {
			return "a head that it shows is not signed by the author"
		}
	}
	return ""
}

// changeFault is evidenceFault for changes of keys.
func changeFault(e store.Evidence) string {
	_, err := openKeyChange(string(e.A))
	if err == nil && e.Kind == KeyFork {
		_, err = openKeyChange(string(e.B))
	} else if err == nil {
		_, err = verdict.OpenProfile(string(e.B))
	}
	if err != nil {
		return "the change of keys that it shows cannot be read: " + err.Error()
	}
	return ""
}
