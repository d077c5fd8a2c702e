package main

import (
	"context"
	"os"
	"path/filepath"
	"time"

	"verbale/internal/docket"
	"verbale/internal/exchange"
	"verbale/internal/node"
	"verbale/internal/store"
	"verbale/record"
	"verbale/seal"
	"verbale/verdict"
)

// relayName is the relay of these stories.
const relayName = "corriere.example"

// lodgingTrio founds witnesses, two linked parties, and the relay that the second one designates.
func (st *stage) lodgingTrio() (a, b, r *live, err error) {
	if a, b, err = st.watchedPair(); err != nil {
		return nil, nil, nil, err
	}
	r, err = st.cast(casting{party: relayName, relay: true,
		who: node.Identity{Title: "Corriere, a relay", PartyKind: "relay", Language: "en", Contact: "operator"}})
	if err != nil {
		return nil, nil, nil, err
	}
	if err := linkLive(st.ctx, b, r); err != nil {
		return nil, nil, nil, err
	}
	if _, err := b.Designate(st.ctx, r.Party()); err != nil {
		return nil, nil, nil, err
	}
	st.tell(b.Party(), "designates %s as its relay, in its register, and tells the relay for whom it may take post", r.Party())
	if err := st.date(a, b); err != nil {
		return nil, nil, nil, err
	}
	return a, b, r, nil
}

// lodge lets the sender lodge what its peer has not receipted, as its loop does after the stated time.
func (st *stage) lodge(a, b *live) error {
	st.later(node.LodgeAfter)
	done, err := a.LodgeDue(st.ctx, b.Party())
	if err := expect(err == nil && done.Lodged > 0, "nothing was lodged: %+v, %v", done, err); err != nil {
		return err
	}
	st.tell(a.Party(), "no receipt for %s: lodged by itself with %s, whose receipt says that it holds %d record(s) for %s", node.LodgeAfter, done.Relay, done.Entries, b.Party())
	return nil
}

// silentReceiver is a party that polls its relay and takes nothing.
func silentReceiver() story {
	return story{name: "silent-receiver", what: "The addressee’s node is up, polls its own relay, and gives no receipt. What was lodged with the relay that it designated " +
		"was made available to it, provably and without its good will.", from: june9(), tell: tellSilent}
}

func tellSilent(st *stage) error {
	a, b, r, err := st.lodgingTrio()
	if err != nil {
		return err
	}
	b.between = func(to string, p exchange.Peer) exchange.Peer {
		if to == r.Party() {
			return notPulling{p}
		}
		return p
	}
	a.between = func(to string, p exchange.Peer) exchange.Peer {
		if to == b.Party() {
			return deaf{p}
		}
		return p
	}
	st.later(3 * 24 * time.Hour)
	ref, err := st.file(a, b, mitigate("Servers seen on 12 June"))
	if err != nil {
		return err
	}
	if err := all(st.unreachable(a, b), st.lodge(a, b), st.date(a), st.is(a, ref, docket.Lodged)); err != nil {
		return err
	}
	st.later(time.Hour)
	if _, err := b.Collect(st.ctx); err == nil {
		return expect(false, "%s collected", b.Party())
	}
	st.tell(b.Party(), "polls its relay, which signs that it holds one record for it; and takes nothing")
	st.later(10 * time.Minute)
	if _, err := a.Lodge(st.ctx, b.Party()); err != nil {
		return err
	}
	st.tell(a.Party(), "has from the relay what %s signed when it asked", b.Party())
	return st.lodgedProof(a, ref, "lodged.bundle", false)
}

// lodgedProof shows an outsider what was lodged.
func (st *stage) lodgedProof(a *live, ref record.Ref, file string, received bool) error {
	v, err := st.export(a, st.facts(ref), file)
	if err != nil {
		return err
	}
	f := recordOf(v, ref)
	if err := expect(f != nil && len(f.Lodged) == 1 && f.Lodged[0].Designated && f.NotAfter != nil && f.NotAfter.Vouched,
		"the record is not shown as lodged with the designated relay, and dated: %+v", f); err != nil {
		return err
	}
	if err := expect((f.Received != nil) == received, "received: %v", f.Received); err != nil {
		return err
	}
	if !received {
		st.conclude("the appeal was made available to borea.example by %s, through the relay that it designated itself; borea.example gave no receipt: neither “we received nothing” nor “nobody sent anything” stands alone",
			f.Lodged[0].At.UTC().Format("15:04 on 2 January"))
		return nil
	}
	st.conclude("the appeal was lodged on %s and received on %s: two dates, by two different signatures", f.Lodged[0].At.UTC().Format("2 January"), f.Received.At.UTC().Format("2 January"))
	return nil
}

// deaf is a peer that does not answer.
type deaf struct{ exchange.Peer }

func (deaf) Push(context.Context, *exchange.Batch) ([]byte, error) {
	return nil, context.DeadlineExceeded
}
func (deaf) Pull(context.Context, string, int64) (*exchange.Batch, error) {
	return nil, context.DeadlineExceeded
}

// notPulling asks, and does not take.
type notPulling struct{ exchange.Peer }

func (notPulling) Pull(context.Context, string, int64) (*exchange.Batch, error) {
	return nil, context.DeadlineExceeded
}

// receiverReturns is a party that is away for a month.
func receiverReturns() story {
	return story{name: "receiver-returns", what: "The addressee is away for thirty days. What was sent meanwhile waits at its relay, unread by anybody; it collects, receipts, and " +
		"sent, lodged and received keep their three dates.", from: june9(), tell: tellReturns}
}

func tellReturns(st *stage) error {
	a, b, _, err := st.lodgingTrio()
	if err != nil {
		return err
	}
	b.down()
	st.tell(b.Party(), "its node goes down for thirty days")
	st.later(24 * time.Hour)
	ref, err := st.file(a, b, mitigate("Servers seen on 10 June"))
	if err != nil {
		return err
	}
	if err := all(st.unreachable(a, b), st.lodge(a, b), st.date(a), st.is(a, ref, docket.Lodged)); err != nil {
		return err
	}
	st.later(29 * 24 * time.Hour)
	if err := b.up(st.ctx); err != nil {
		return err
	}
	came, err := b.Collect(st.ctx)
	if err := expect(err == nil && came == 1, "%d collected: %v", came, err); err != nil {
		return err
	}
	st.tell(b.Party(), "is back, collects one record from its relay, reads it, and receipts it")
	st.later(time.Minute)
	if _, err := a.Lodge(st.ctx, b.Party()); err != nil {
		return err
	}
	if err := all(st.is(a, ref, docket.Received), st.is(b, ref, docket.Received), st.date(a, b)); err != nil {
		return err
	}
	return st.lodgedProof(a, ref, "returned.bundle", true)
}

// lyingRelay is a relay that hides an entry from its addressee.
func lyingRelay() story {
	return story{name: "lying-relay", what: "A relay gives the sender a receipt, and tells the addressee that there is nothing. Two files, one from each, convict it by its own two signatures.",
		from: june9(), tell: tellLyingRelay}
}

func tellLyingRelay(st *stage) error {
	a, b, r, err := st.lodgingTrio()
	if err != nil {
		return err
	}
	if _, err := st.file(a, b, mitigate("Servers seen on 9 June")); err != nil {
		return err
	}
	if err := st.push(a, b); err != nil {
		return err
	}
	b.down()
	st.later(24 * time.Hour)
	ref, err := st.file(a, b, mitigate("Servers seen on 10 June"))
	if err != nil {
		return err
	}
	if err := all(st.unreachable(a, b), st.lodge(a, b)); err != nil {
		return err
	}
	st.later(time.Hour)
	if err := b.up(st.ctx); err != nil {
		return err
	}
	return st.lie(a, b, r, ref)
}

// lie has the relay hide the second record, and shows what both sides hold of it.
func (st *stage) lie(a, b, r *live, ref record.Ref) error {
	var older store.Outbox
	err := b.store.View(st.ctx, func(tx *store.Tx) (err error) {
		older, err = tx.Outbox(ref.Outbox)
		return err
	})
	if err != nil {
		return err
	}
	b.between = func(to string, p exchange.Peer) exchange.Peer {
		if to == r.Party() {
			return hiding{p, r, older}
		}
		return p
	}
	came, err := b.Collect(st.ctx)
	if err := expect(err == nil && came == 0, "%d came: %v", came, err); err != nil {
		return err
	}
	st.tell(r.Party(), "tells %s, with its signature, that there is nothing beyond the first record", b.Party())
	if _, err := st.export(a, st.facts(ref), "sender.bundle"); err != nil {
		return err
	}
	said, err := b.ProveRelay(st.ctx, r.Party(), a.Party())
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(st.dir, "addressee.bundle"), said, 0o600); err != nil {
		return err
	}
	v, err := st.verified("sender.bundle", "addressee.bundle")
	if err != nil {
		return err
	}
	if err := expect(len(v.TakenBack) == 1 && v.TakenBack[0].By == r.Party() && v.TakenBack[0].How == verdict.Smaller, "the two files do not convict the relay: %+v", v.TakenBack); err != nil {
		return err
	}
	st.conclude("%s signed that it held two records, and later that the largest head it had seen has one: it hid an entry from the party that it serves", r.Party())
	return nil
}

// hiding is a relay that signs an older head, whichever way it is asked.
type hiding struct {
	exchange.Peer
	relay *live
	older store.Outbox
}

func (h hiding) Beat(context.Context, [][]byte) ([][]byte, error) {
	b, err := h.relay.keys.Beat(h.older.Head, h.relay.cast.now())
	return [][]byte{b.Note(h.relay.keys.Keys())}, err
}

func (h hiding) Head(context.Context, string) ([]byte, error) {
	cp := seal.Checkpoint{Head: h.older.Head, Note: h.older.Note}
	r, err := h.relay.keys.Countersign(cp, h.relay.cast.now())
	return seal.Countersigned(cp, r), err
}
