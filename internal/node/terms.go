package node

import (
	"slices"
	"sync"
	"time"

	"verbale/internal/docket"
	"verbale/internal/store"
)

// rules remembers the arrangements that were read. A case names its record by the leaf hash, so what is here is never out of date.
type rules struct {
	mu   sync.Mutex
	read map[string]docket.Terms // by key of the case
}

// termsAt gives the rules of the link with party that were in force at a time; the zero Terms where no arrangement was.
func (n *Node) termsAt(tx *store.Tx, party string, at time.Time) (docket.Terms, error) {
	agreed, err := n.agreedWith(tx, party)
	return docket.TermsAt(agreed, at), err
}

// signed is an arrangement that both sides have signed.
type signed struct {
	terms docket.Terms
	by    docket.Agreement
}

// agreedWith gives the arrangements that both sides of a link have signed, in the order in which they were agreed to.
func (n *Node) agreedWith(tx *store.Tx, party string) ([]docket.Terms, error) {
	list, err := n.signedBy(tx, party)
	terms := make([]docket.Terms, len(list))
	for i, s := range list {
		terms[i] = s.terms
	}
	return terms, err
}

// signedBy is agreedWith, with who agreed. The index of agreed cases finds them; of most links there are one or two.
func (n *Node) signedBy(tx *store.Tx, party string) (list []signed, err error) {
	rows, err := tx.CasesWhere(store.Filter{Link: party, Status: docket.Agreed}, store.Newest, store.Cursor{}, MaxListed)
	if err != nil {
		return nil, err
	}
	for _, row := range rows {
		by, ok, err := agreement(tx, row.Case)
		if err != nil {
			return nil, err
		}
		if !ok {
			continue
		}
		t, err := n.arrangement(tx, row.Case)
		if err != nil {
			return nil, err
		}
		list = append(list, signed{t.Agreed(by), by})
	}
	slices.SortFunc(list, func(a, b signed) int { return a.by.Compare(b.by) })
	return list, nil
}

// agreement gives how an arrangement came to be agreed to, with when the other side held that; false: it binds nobody.
func agreement(tx *store.Tx, c docket.Case) (docket.Agreement, bool, error) {
	a, ok := c.Agreement()
	if !ok {
		return a, false, nil
	}
	agreed, err := receivedAt(tx, a.Outbox, a.Index)
	if err != nil {
		return a, false, err
	}
	withdrawn := time.Time{}
	if w := a.Withdrawal; w != nil {
		if withdrawn, err = receivedAt(tx, w.Outbox, w.Index); err != nil {
			return a, false, err
		}
	}
	a, ok = a.Held(agreed, withdrawn)
	return a, ok, nil
}

// receivedAt is when an entry was first receipted by its audience; zero: it was not.
func receivedAt(tx *store.Tx, outbox string, index int64) (time.Time, error) {
	row, err := tx.Outbox(outbox)
	if err != nil {
		return time.Time{}, err
	}
	times, err := tx.ReceiptTimes(row.ID, []int64{index})
	return times[index], err
}

// arrangement reads what the record says that opened a case. One whose content is no longer kept says nothing, and is never in force here.
func (n *Node) arrangement(tx *store.Tx, c docket.Case) (docket.Terms, error) {
	n.rules.mu.Lock()
	t, known := n.rules.read[c.Key]
	n.rules.mu.Unlock()
	if known {
		return t, nil
	}
	s, err := n.show(tx, c.Open.Outbox, c.Open.Index)
	if err != nil {
		return docket.Terms{}, err
	}
	if s.Fields == nil {
		n.cfg.Log.Error("the content of an arrangement is not kept: its rules are not known here", "outbox", c.Open.Outbox, "index", c.Open.Index, "fault", s.Fault)
		return docket.Terms{}, nil
	}
	t = docket.TermsOf(s.Fields)
	n.rules.mu.Lock()
	defer n.rules.mu.Unlock()
	if n.rules.read == nil || len(n.rules.read) >= maxRules {
		n.rules.read = map[string]docket.Terms{}
	}
	n.rules.read[c.Key] = t
	return t, nil
}
