package main

import (
	"time"

	"verbale/internal/docket"
	"verbale/internal/node"
	"verbale/verdict"
)

// backdated is the golden scenario of an appeal that is made up afterwards.
func backdated() story {
	return story{name: "backdated", what: "In July a party shows an appeal with a date in June. Its own register, which witnesses dated at the end of June, " +
		"has no room for it: the appeal is rejected by its author’s own signature.", from: june9(), tell: tellBackdated}
}

func tellBackdated(st *stage) error {
	a, b, err := st.watchedPair()
	if err != nil {
		return err
	}
	honest, err := st.file(a, b, mitigate("Servers seen on 9 June"))
	if err != nil {
		return err
	}
	if err := all(st.push(a, b), st.date(a, b)); err != nil {
		return err
	}
	st.later(21 * 24 * time.Hour)
	if err := st.date(a, b); err != nil {
		return err
	}
	st.later(9 * 24 * time.Hour)
	late := mitigate("Servers seen on 15 June")
	june15 := june9().Add(6 * 24 * time.Hour)
	late.SetTime("drafted_at", june15)
	late.SetTime("released_at", june15)
	late.SetTime("acknowledge_by", st.now().Add(4*time.Hour)) // with a deadline that is over already its own node would refuse it
	late.SetTime("reply_by", st.now().Add(24*time.Hour))
	made, err := a.File(st.ctx, b.Party(), node.Complete(late, st.now(), "duty officer"), "")
	if err != nil {
		return err
	}
	st.tell(a.Party(), "writes an appeal that says that it was released on 15 June")
	if err := all(st.push(a, b), st.date(a, b), st.is(b, made.Ref, docket.Received)); err != nil {
		return err
	}
	first, err := st.export(b, st.facts(honest), "honest.bundle")
	if err != nil {
		return err
	}
	second, err := st.export(b, st.facts(made.Ref), "backdated.bundle")
	if err != nil {
		return err
	}
	if err := expect(!anyBackdated(first) && anyBackdated(second), "the verdict does not tell the honest appeal from the backdated one"); err != nil {
		return err
	}
	st.conclude("the appeal of 9 June is as old as it says; the other one is backdated: at the end of June, as two of three witnesses date it, its author’s outbox had no entry at that place")
	return nil
}

func anyBackdated(v *verdict.Verdict) bool {
	for _, r := range v.Records {
		if r.Backdated {
			return true
		}
	}
	return false
}
