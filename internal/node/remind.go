package node

import (
	"context"
	"fmt"
	"time"

	"verbale/internal/docket"
	"verbale/internal/store"
)

// Reminders: staff are told of a case when its deadline is near, when it has passed, at each step of the escalation that the arrangement of the
// link names, and when nobody asks for it any more. How far that is stands in the row of the case, and is written in the transaction that found it
// due, after it was told: a node that dies between tells it once more, and none is ever left out. Nothing is signed here.

// Remind tells what is due by now, and gives when there is something to look at next; zero: nothing that is known. Run does it all the time.
func (n *Node) Remind(ctx context.Context) (next time.Time, err error) {
	for {
		looked := 0
		err := n.cfg.Store.View(ctx, func(tx *store.Tx) error {
			next, _, err = tx.NextDue()
			return err
		})
		if err != nil || next.IsZero() || next.After(n.now()) {
			return next, err
		}
		err = n.cfg.Store.Update(ctx, func(tx *store.Tx) error {
			v := n.viewer(tx)
			rows, err := tx.DueCases(v.now, remindBatch)
			for _, row := range rows {
				if err := v.remind(row); err != nil {
					return err
				}
			}
			looked = len(rows)
			return err
		})
		if err != nil || looked == 0 {
			return next, err
		}
	}
}

// remindLoop reminds until ctx ends: at the moments that are known, and every remindEvery for what came meanwhile.
func (n *Node) remindLoop(ctx context.Context) {
	for {
		wait := remindEvery
		next, err := n.Remind(ctx)
		if err != nil && ctx.Err() == nil {
			n.cfg.Log.Warn("what is due could not be looked at", "error", err.Error(), "again_in", wait.String())
		}
		if err == nil && !next.IsZero() {
			wait = min(wait, max(time.Second, next.Sub(n.cfg.Now())))
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
	}
}

// remind looks at one case: what its true clocks say, what of that was not told yet, and when to look again.
func (v *viewer) remind(row store.CaseRow) error {
	view, err := v.view(row.Case)
	if err != nil {
		if !damaged(err) {
			return err
		}
		v.n.cfg.Log.Error("a case cannot be looked at; run verbale fsck", "party", row.Link, "case", row.Case.Key, "error", err.Error())
		return v.tx.SetNext(row.Link, row.Case.Key, v.now.Add(remindUnsettled))
	}
	if view.Status == docket.Expired {
		v.n.tell(view, row.Link, docket.Stage{Name: docket.StageExpired})
		return v.tx.Expire(row.Link, row.Case.Key)
	}
	if view.Turn == "" {
		return v.tx.SetNext(row.Link, row.Case.Key, time.Time{})
	}
	terms, err := v.termsFor(row.Case.Open, view.Marks)
	if err != nil {
		return err
	}
	reached, next := 0, time.Time{}
	stages := view.Stages(terms, view.Begun())
	for i, s := range stages {
		if s.At.After(v.now) {
			next = s.At
			break
		}
		reached = max(reached, s.Number())
		overtaken := s.Name == docket.StageSoon && i+1 < len(stages) && !stages[i+1].At.After(v.now) // nobody is told that what is late is near
		if s.Number() > row.Stage && !overtaken {
			v.n.tell(view, row.Link, s)
		}
	}
	if again := v.now.Add(remindUnsettled); reached > 0 && view.Unsettled() && (next.IsZero() || again.Before(next)) {
		next = again
	}
	if reached == row.Stage {
		return v.tx.SetNext(row.Link, row.Case.Key, next)
	}
	return v.tx.SetStage(row.Link, row.Case.Key, reached, next)
}

// damaged tells whether one case is at fault, and not the store.
func damaged(err error) bool {
	return AsError(err).Kind == Damaged || storeKind(err) == store.NotFound || storeKind(err) == store.Corrupt
}

// tell writes into the log what staff should know; whoever follows the changes sees the case with its new stage.
func (n *Node) tell(v docket.View, link string, s docket.Stage) {
	o := v.Case.Open
	about := []any{"stage", s.Name, "link", link, "record", fmt.Sprintf("%s#%d", o.Outbox, o.Index), "kind", o.Kind, "status", string(v.Status)}
	if s.Name != docket.StageExpired {
		about = append(about, "who", v.Turn, "must", v.Must, "by", v.By.Format(time.RFC3339))
	}
	what := map[string]string{docket.StageSoon: "a deadline is near", docket.StageDue: "a deadline has passed", docket.StageExpired: "an appeal has expired: nobody asks for it any more",
		docket.StageEscalate: "an appeal is to be lifted, by the arrangement of the link"}[s.Name]
	if s.Name == docket.StageEscalate {
		about = append(about, "level", s.Level, "contact", s.To)
		if o.From == n.party {
			about = append(about, "command", fmt.Sprintf("verbale appeal escalate %s#%d --level %s", o.Outbox, o.Index, s.Level))
		}
	}
	n.cfg.Log.Warn(what, about...)
}

// put stores a case, which is looked at again as early as any rules of its link want it: which of them hold is known with its receipt. Nothing is
// refused because they cannot be read.
func (v *viewer) put(party string, c docket.Case) error {
	return v.tx.PutCaseWith(party, c, func(i docket.Index) time.Time {
		at := docket.Terms{}.Look(i)
		agreed, err := v.agreed(party)
		if err != nil {
			v.n.cfg.Log.Error("the rules of a link cannot be read; run verbale fsck", "party", party, "error", err.Error())
		}
		for _, t := range agreed {
			if look := t.Look(i); look.Before(at) {
				at = look
			}
		}
		return at
	})
}
