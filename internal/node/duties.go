package node

import (
	"context"
	"crypto/sha256"
	"encoding/base64"

	"verbale/internal/docket"
	"verbale/internal/store"
	"verbale/record"
)

// A node answers three things by itself, those of one batch one after the other: a ping it acknowledges (one that checks a contact point is
// for whoever is there), a tally it holds against its own books, and what it cannot read it refuses with the fault. Until they are answered, the next batch of that peer with one in it waits: who floods us waits for itself.

// A duty is a record that this node answers by itself.
type duty struct {
	ref   record.Ref
	code  string // of the refusal; "" is a ping, which is acknowledged, or a tally
	tally bool
}

func dutiesAmong(entries []docket.Entry) (all []duty) {
	for _, e := range entries {
		switch {
		case e.Opened == nil && faultCode(e.Fault) != "":
			all = append(all, duty{ref: e.Ref, code: faultCode(e.Fault)})
		case e.Opened != nil && !e.Opened.Unknown() && e.Opened.Act() == docket.ActPing && e.Opened.Fields.Text("contact") == "":
			all = append(all, duty{ref: e.Ref})
		case e.Opened != nil && !e.Opened.Unknown() && e.Opened.Act() == docket.ActTally:
			all = append(all, duty{ref: e.Ref, tally: true})
		}
	}
	return all
}

// faultCode is the code by which a fault of the docket is refused; "" where it is not.
func faultCode(fault string) string {
	switch fault {
	case docket.FaultUndecryptable:
		return "undecryptable"
	case docket.FaultMalformed:
		return "unknown-format"
	}
	return ""
}

// beginAnswers waits until the duties before are done. answer must follow.
func (n *Node) beginAnswers(ctx context.Context, l *link) error {
	select {
	case l.answering <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-n.leaving:
		return fail(Closed, nil, "start the node again", "the node is shutting down; nothing was stored")
	}
}

// answer does what is due, after beginAnswers. What the end of ctx or of this node cuts off is answered after the next start.
func (n *Node) answer(ctx context.Context, l *link, due []duty) {
	if !n.later(func() {
		defer func() { <-l.answering }()
		for i, d := range due {
			if ctx.Err() != nil || i > 0 && n.left() || !n.answerOne(ctx, l, d) {
				return
			}
		}
	}) {
		<-l.answering
	}
}

// answerOne answers one record; the key makes it happen once. False: the next one would fail as well.
func (n *Node) answerOne(ctx context.Context, l *link, d duty) bool {
	_, err := n.fileAnswer(ctx, l, d)
	if err == nil || AsError(err).Kind == NotAllowed {
		return true
	}
	n.cfg.Log.Warn("records that the node answers by itself are not answered", "party", l.profile.Party, "error", err.Error())
	return false
}

func (n *Node) fileAnswer(ctx context.Context, l *link, d duty) (Filed, error) {
	if d.tally {
		return n.answerTally(ctx, l, d.ref)
	}
	f, key := record.Fields{}, "ping/"
	f.SetText("act", docket.ActAcknowledge)
	f.SetText("class", "test")
	if d.code != "" {
		key = "fault/"
		f.SetText("act", docket.ActRefuse)
		f.SetText("class", "service")
		f.SetText("code", d.code)
		f.SetText("reason", "This node holds the bytes and cannot read them. Please send it again, encrypted to the key in our newest profile.")
		f.SetBool("consulted_on_conditions", false)
	}
	f.SetRef("in_reply_to", d.ref)
	ref := sha256.Sum256(d.ref.JSON()) // the reference itself may be longer than a key
	return n.File(ctx, l.profile.Party, Complete(f, n.now(), "node"), key+base64.RawURLEncoding.EncodeToString(ref[:]))
}

// Settle waits until what this node answers by itself is filed. For whoever drives a node by hand: nothing may arrive meanwhile.
func (n *Node) Settle() { n.replies.Wait() }

// refileDuties answers what was received just before this node stopped.
func (n *Node) refileDuties(ctx context.Context) {
	for _, l := range n.sortedLinks() {
		if l.confirmed {
			n.refileDutiesOf(ctx, l)
		}
	}
}

// refileDutiesOf is refileDuties for one link: also what could not be answered before the outbox was compared.
func (n *Node) refileDutiesOf(ctx context.Context, l *link) {
	due, err := n.dutiesOf(ctx, l.profile.Party)
	if err != nil && ctx.Err() == nil {
		n.cfg.Log.Warn("what this node answers by itself could not be read", "party", l.profile.Party, "error", err.Error())
	}
	if len(due) > 0 && n.beginAnswers(ctx, l) == nil {
		n.answer(ctx, l, due)
	}
}

// dutiesOf lists what this node still has to answer by itself on a link, the newest of each sort first, as far as one start takes it.
func (n *Node) dutiesOf(ctx context.Context, party string) (due []duty, err error) {
	ours := []store.Side{store.Ours}
	err = n.cfg.Store.View(ctx, func(tx *store.Tx) error {
		for _, f := range []store.Filter{{Act: docket.ActTally}, {Act: docket.ActPing}, {Status: docket.Unreadable}} {
			f.Link, f.Turns = party, ours
			if due, err = n.addDuties(tx, f, due); err != nil {
				return err
			}
		}
		return nil
	})
	return due, err
}

func (n *Node) addDuties(tx *store.Tx, f store.Filter, due []duty) ([]duty, error) {
	for at := (store.Cursor{}); len(due) < maxRefiled; {
		rows, err := tx.CasesWhere(f, store.Newest, at, MaxListed)
		if err != nil || len(rows) == 0 {
			return due, err
		}
		for _, row := range rows {
			d, is, err := n.dutyIn(row.Case)
			if err != nil {
				return due, err
			}
			if at = row.Cursor(); is && len(due) < maxRefiled {
				due = append(due, d)
			}
		}
	}
	return due, nil
}

func (n *Node) dutyIn(c docket.Case) (duty, bool, error) {
	if c.Open == nil || c.Open.To != n.party || c.Check() {
		return duty{}, false, nil
	}
	code, status := faultCode(c.Open.Fault), c.View(docket.Marks{Received: n.now()}, docket.Terms{}, n.now()).Status
	tally := c.Open.Act == docket.ActTally
	if (code == "" || status != docket.Unreadable) && (!tally && c.Open.Act != docket.ActPing || status != docket.Received) {
		return duty{}, false, nil
	}
	ref, err := refOf(c)
	return duty{ref, code, tally}, err == nil, err
}
