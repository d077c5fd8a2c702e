package node

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strings"
	"time"

	"verbale/internal/docket"
	"verbale/internal/exchange"
	"verbale/internal/store"
	"verbale/record"
	"verbale/seal"
)

// FileTallies files, on every link, the tallies of the months that are over and that this side has not tallied yet. Run does it from
// time to time. A link that we have suspended waits for its resume.
func (n *Node) FileTallies(ctx context.Context) error {
	var failed []error
	for _, l := range n.sortedLinks() {
		if !l.confirmed {
			continue
		}
		s, err := n.standing(ctx, l.profile.Party)
		if err == nil && !closed(s, n.party) {
			err = n.fileTallies(ctx, l)
		}
		failed = append(failed, err)
	}
	return errors.Join(failed...)
}

func (n *Node) fileTallies(ctx context.Context, l *link) error {
	l.tallying.Lock()
	defer l.tallying.Unlock()
	for _, period := range dueMonths(l.linkedAt, n.now()) {
		m, err := n.monthOf(ctx, l, period)
		if err != nil {
			return err
		}
		for _, p := range m.missing {
			if err := n.fileTally(ctx, l, period, p); err != nil {
				return err
			}
		}
	}
	return nil
}

// dueMonths gives the months since the link was made that are over since TallyAfter at least, the oldest first, and tallyBack of them at most.
func dueMonths(linkedAt, now time.Time) (periods []string) {
	first, _, _ := docket.MonthAt(docket.Month(linkedAt))
	last, _, _ := docket.MonthAt(docket.Month(now.Add(-TallyAfter)))
	if back := last.AddDate(0, -tallyBack, 0); back.After(first) {
		first = back
	}
	for at := first; at.Before(last); at = at.AddDate(0, 1, 0) {
		periods = append(periods, docket.Month(at))
	}
	return periods
}

// tallies files what is due from time to time, until ctx ends.
func (n *Node) tallies(ctx context.Context) {
	tick := time.NewTicker(tallyEvery)
	defer tick.Stop()
	for {
		if err := n.FileTallies(ctx); err != nil && ctx.Err() == nil {
			n.cfg.Log.Warn("tallies are not filed", "error", err.Error(), "again_in", tallyEvery.String())
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Tally counts a month of the link with party, files the count, and shows both sides of it. Where this side has filed the same count of that
// month before, nothing is filed.
func (n *Node) Tally(ctx context.Context, party, period string) (TallyPage, error) {
	l, err := n.linkTo(party)
	if err != nil {
		return TallyPage{}, err
	}
	_, next, ok := docket.MonthAt(period)
	switch {
	case !ok:
		return TallyPage{}, badMonth()
	case n.now().Before(next):
		return TallyPage{}, fail(NotAllowed, nil, "to see how it stands: verbale tally show "+party+" --month "+period,
			"%s is not over: it ends on %s", period, next.Format(time.DateTime)+" UTC")
	}
	l.tallying.Lock()
	defer l.tallying.Unlock()
	m, err := n.monthOf(ctx, l, period)
	if err != nil {
		return TallyPage{}, err
	}
	for _, p := range m.ours() {
		if err := n.fileTally(ctx, l, period, p); err != nil {
			return TallyPage{}, err
		}
	}
	return n.TallyPage(ctx, party, period)
}

// fileTally files what this side counts of a month of two outboxes, unless it has filed that very count.
func (n *Node) fileTally(ctx context.Context, l *link, period string, p pair) error {
	page, err := n.tallyPage(ctx, l, period, p)
	if err != nil || page.Ours != nil && page.Ours.SameCount(page.Books) {
		return err
	}
	draft, key := page.Books.Draft(), "tally/"+period+"/"+digestKey(p.sent.String(), p.received.String())
	if page.Ours != nil { // the count has changed since: a receipt came late
		key = ""
	}
	draft.SetText("class", "service")
	_, err = n.File(ctx, l.profile.Party, Complete(draft, n.now(), "node"), key)
	return err
}

// digestKey makes a short key of texts that may be long.
func digestKey(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, " ")))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

func badMonth() error {
	return fail(Invalid, nil, "write it as 2021-06", "this is no month")
}

// runs is a month of two outboxes before anything in it was read: which serial numbers belong to it, by the receipts that this side has and
// has given, and which of ours have none.
type runs struct {
	docket.Tally              // without rows
	ours, theirs store.Outbox // the zero row, but for its origin, where there is none
}

func (n *Node) runsOf(ctx context.Context, period string, p pair) (r runs, err error) {
	from, next, ok := docket.MonthAt(period)
	if !ok {
		return r, badMonth()
	}
	r.Period, r.TakenAt = period, n.now()
	err = n.cfg.Store.View(ctx, func(tx *store.Tx) (err error) {
		if r.ours, r.Sent, err = spanOf(tx, p.sent, from, next); err != nil {
			return err
		}
		r.theirs, r.Received, err = spanOf(tx, p.received, from, next)
		return err
	})
	if err == nil {
		r.Unreceipted, err = n.unreceipted(ctx, r.ours, from, next)
	}
	return r, err
}

// book counts a month of two outboxes. It holds no transaction while it counts. The last book of a link is kept while the runs are the same:
// a peer may file as many tallies of a busy month as it likes, and each is answered.
func (n *Node) book(ctx context.Context, l *link, r runs) (docket.Book, error) {
	l.mu.Lock()
	b := l.book
	l.mu.Unlock()
	if r.Rows = b.Rows; r.SameCount(b.Tally) {
		b.TakenAt, b.HeldSent, b.HeldReceived = r.TakenAt, r.ours.Receipted, r.theirs.Head.Size
		return b, nil
	}
	b, err := n.countBook(ctx, r)
	if err == nil {
		l.mu.Lock()
		l.book = b
		l.mu.Unlock()
	}
	return b, err
}

func (n *Node) countBook(ctx context.Context, r runs) (docket.Book, error) {
	sent, received := docket.NewCount(docket.DirSent), docket.NewCount(docket.DirReceived)
	err := errors.Join(n.eachRead(ctx, r.ours, r.Sent.From, r.Sent.Next, func(e docket.Entry) { sent.Add(e) }),
		n.eachRead(ctx, r.theirs, r.Received.From, r.Received.Next, func(e docket.Entry) { received.Add(e) }))
	if err != nil {
		return docket.Book{}, err
	}
	return docket.NewBook(r.Tally, sent, received, r.ours.Receipted, r.theirs.Head.Size), nil
}

// counted gives what a month of two outboxes amounts to. Where a tally of ours has the same runs, it is not counted again: nothing in them
// changes any more.
func (n *Node) counted(ctx context.Context, l *link, r runs, filed *FiledTally) (docket.Tally, error) {
	if filed != nil {
		if r.Rows = filed.Rows; r.SameCount(filed.Tally) {
			return filed.Tally, nil
		}
	}
	b, err := n.book(ctx, l, r)
	return b.Tally, err
}

// unreceipted gives the serial numbers of an outbox of ours that were released from from and before next and have no receipt.
func (n *Node) unreceipted(ctx context.Context, row store.Outbox, from, next time.Time) (serials []int64, err error) {
	err = n.eachRead(ctx, row, row.Receipted, row.Head.Size, func(e docket.Entry) {
		if e.Opened == nil || len(serials) == record.MaxList {
			return
		}
		if at := e.Opened.Fields.Time("released_at"); !at.Before(from) && at.Before(next) {
			serials = append(serials, e.Ref.Index)
		}
	})
	return serials, err
}

// spanOf gives an outbox, if it is here, and its run of serial numbers that were receipted from from and before next.
func spanOf(tx *store.Tx, o seal.Origin, from, next time.Time) (row store.Outbox, s docket.Span, err error) {
	s.Outbox = o.String()
	if row, err = tx.Outbox(s.Outbox); storeKind(err) == store.NotFound {
		return store.Outbox{Origin: o}, s, nil
	} else if err != nil {
		return row, s, err
	}
	if s.From, err = tx.ReceiptedBefore(row.ID, from); err != nil {
		return row, s, err
	}
	s.Next, err = tx.ReceiptedBefore(row.ID, next)
	return row, s, err
}

// eachRead reads entries of an outbox in order, in pieces, each in a transaction of its own: they do not change any more.
func (n *Node) eachRead(ctx context.Context, row store.Outbox, from, to int64, do func(docket.Entry)) error {
	for from < to {
		if n.left() {
			return fail(Closed, nil, "start the node again", "the node is shutting down; nothing was counted")
		}
		var records []*record.Record
		var stored [][]byte
		err := n.cfg.Store.View(ctx, func(tx *store.Tx) error {
			return tx.Entries(row.ID, from, min(to, from+pieceEntries), func(index int64, e exchange.Entry) error {
				r, err := record.Parse(e.Leaf)
				if err != nil || index != from+int64(len(records)) {
					return fail(Damaged, err, "run verbale fsck", "entry %d of %s is damaged", index, row.Origin)
				}
				records, stored = append(records, r), append(stored, e.Content)
				return nil
			})
		})
		if err != nil {
			return err
		}
		if len(records) == 0 {
			return fail(Damaged, nil, "run verbale fsck", "entry %d of %s is missing", from, row.Origin)
		}
		read := make([]docket.Entry, len(records))
		onAllCores(len(records), func(i int) { read[i] = n.read(row.Origin, from+int64(i), records[i], stored[i]) })
		for _, e := range read {
			do(e)
		}
		from += int64(len(records))
	}
	return nil
}

// answerTally files what our books say of a tally of the peer's. The key makes it happen once.
func (n *Node) answerTally(ctx context.Context, l *link, ref record.Ref) (Filed, error) {
	shown, err := n.shown(ctx, ref.Outbox, ref.Index)
	if err != nil {
		return Filed{}, err
	}
	theirs := docket.TallyOf(shown.Fields)
	r, err := n.runsOf(ctx, theirs.Period, n.namedBy(l, theirs))
	if err != nil {
		return Filed{}, err
	}
	book, err := n.book(ctx, l, r)
	if err != nil {
		return Filed{}, err
	}
	a := book.Answer(theirs)
	if err := n.noteReceipts(ctx, book, a.Differences); err != nil {
		return Filed{}, err
	}
	draft := a.Draft(ref)
	draft.SetText("class", "service")
	return n.File(ctx, l.profile.Party, Complete(draft, n.now(), "node"), "tally-answer/"+base64.RawURLEncoding.EncodeToString(ref.Leaf[:]))
}

func (n *Node) shown(ctx context.Context, origin string, index int64) (s Shown, err error) {
	err = n.cfg.Store.View(ctx, func(tx *store.Tx) error {
		s, err = n.show(tx, origin, index)
		return err
	})
	return s, err
}

// noteReceipts notes beside each difference the receipt over it, if there is one.
func (n *Node) noteReceipts(ctx context.Context, b docket.Book, list []docket.Difference) error {
	return n.cfg.Store.View(ctx, func(tx *store.Tx) error {
		for direction, origin := range map[string]string{docket.DirSent: b.Sent.Outbox, docket.DirReceived: b.Received.Outbox} {
			var serials []int64
			for _, d := range list {
				if d.Direction == direction {
					serials = append(serials, d.Serial)
				}
			}
			row, err := tx.Outbox(origin)
			if storeKind(err) == store.NotFound {
				continue
			} else if err != nil {
				return err
			}
			at, err := tx.ReceiptTimes(row.ID, serials)
			if err != nil {
				return err
			}
			for i := range list {
				if t, ok := at[list[i].Serial]; ok && list[i].Direction == direction {
					list[i].Note = "receipt of " + t.Format(time.RFC3339)
				}
			}
		}
		return nil
	})
}
