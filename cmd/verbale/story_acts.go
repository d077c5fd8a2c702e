package main

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"verbale/internal/docket"
	"verbale/internal/node"
	"verbale/record"
	"verbale/verdict"
)

// What parties do in stories, a line of the story each.

// june9 is the day from which one side, on 9 July 2021, counted the month in which no appeal came.
func june9() time.Time { return time.Date(2021, 6, 9, 8, 0, 0, 0, time.UTC) }

// targets are addresses of RFC 5737, for stories whose point is not the data.
func targets() []record.Observable {
	return []record.Observable{{Type: "ipv4", Value: "192.0.2.17", Port: 443}, {Type: "ipv4", Value: "198.51.100.4"}, {Type: "domain", Value: "c2.example.net"}}
}

// mitigate is the draft of an appeal to act against the targets.
func mitigate(subject string) record.Fields {
	f := appealDraft("mitigate", subject, "urgent", "Block the addresses at your providers, and preserve what they logged.")
	f.SetObservables("targets", targets()...)
	f.SetText("measure", "block")
	f.SetTexts("evidence", "connections from encrypted machines in the hours before")
	f.SetText("harm", "a hospital has gone back to paper")
	return f
}

// file files a draft and tells it.
func (st *stage) file(from, to *live, draft record.Fields) (record.Ref, error) {
	whole, err := from.CompleteFor(st.ctx, to.Party(), draft, "")
	if err != nil {
		return record.Ref{}, err
	}
	filed, err := from.File(st.ctx, to.Party(), whole, "")
	if err != nil {
		return record.Ref{}, err
	}
	st.tell(from.Party(), "appeal #%d, “%s”: sent, that is, signed into its outbox to %s", filed.Ref.Index, draft.Text("subject"), to.Party())
	return filed.Ref, nil
}

// watchedPair founds three witnesses and two linked parties whose registers they date.
func (st *stage) watchedPair() (a, b *live, err error) {
	if err := st.foundWitnesses(); err != nil {
		return nil, nil, err
	}
	return st.pair()
}

// unreachable tries to push and expects that nobody answers.
func (st *stage) unreachable(from, to *live) error {
	_, err := from.Push(st.ctx, to.Party(), nil)
	if err := expect(node.AsError(err).Kind == node.Offline, "%s was reached, or failed otherwise: %v", to.Party(), err); err != nil {
		return err
	}
	st.tell(from.Party(), "tried to push: %s cannot be reached", to.Party())
	return nil
}

// date lets every party that is up write its heads into its register, has the witnesses date them, and lets the others fetch the dates.
func (st *stage) date(of ...*live) error {
	for _, n := range of {
		if _, err := n.Snapshot(st.ctx); err != nil {
			return err
		}
		if err := n.Witness(st.ctx); err != nil {
			return err
		}
	}
	for _, n := range of {
		for _, other := range of {
			if n == other {
				continue
			}
			if _, err := n.Follow(st.ctx, other.Party()); err != nil {
				return err
			}
		}
		st.tell(n.Party(), "wrote the hashes of its heads into its register; witnesses have cosigned it: what it holds is dated")
	}
	return nil
}

// beat lets two parties exchange heartbeats, n times every pause.
func (st *stage) beat(a, b *live, n int, pause time.Duration) error {
	for range n {
		if _, err := a.Beat(st.ctx, b.Party()); err != nil {
			return err
		}
		st.later(pause)
	}
	st.tell("both", "exchanged %d heartbeats, one every %s: the channel is up", n, pause)
	return nil
}

// is expects the status of the case that ref opened, as a node sees it.
func (st *stage) is(by *live, ref record.Ref, want docket.Status) error {
	d, err := by.Case(st.ctx, ref.Outbox, ref.Index)
	if err != nil {
		return err
	}
	what := "appeal"
	if d.View.Case.Open != nil && d.View.Case.Open.Act == docket.ActArrangement {
		what = "proposal"
	}
	if err := expect(d.View.Status == want, "at %s %s #%d is %s, not %s", by.Party(), what, ref.Index, d.View.Status, want); err != nil {
		return err
	}
	st.tell(by.Party(), "sees %s #%d as: %s", what, ref.Index, want)
	return nil
}

// proves exports the facts of the case that ref opened, with more fields shown if there are any.
func (st *stage) facts(ref record.Ref, more ...string) node.ProveRequest {
	return node.ProveRequest{Outbox: ref.Outbox, Index: ref.Index, Disclose: slices.Concat(node.DefaultDisclosure(), more)}
}

// all joins what a story expects.
func all(errs ...error) error { return errors.Join(errs...) }

// conclude tells what the outsider concludes, in the story's words.
func (st *stage) conclude(format string, args ...any) {
	st.result.Conclusions = append(st.result.Conclusions, fmt.Sprintf(format, args...))
	st.tell("an outsider", "concludes: "+format, args...)
}

// recordOf finds a record in a verdict.
func recordOf(v *verdict.Verdict, ref record.Ref) *verdict.RecordFinding {
	for i, r := range v.Records {
		if r.Outbox == ref.Outbox && r.Index == ref.Index {
			return &v.Records[i]
		}
	}
	return nil
}
