package main

import (
	"os"
	"path/filepath"
	"time"

	"verbale/internal/exchange"
	"verbale/internal/node"
)

// equivocator is a party whose keys sign two histories.
func equivocator() story {
	return story{name: "equivocator", what: "One party’s keys sign two histories of one outbox, from two copies of its folder. The second one is refused, " +
		"both sides keep both signatures, and one file shows it to anybody.", from: june9(), tell: tellEquivocator}
}

func tellEquivocator(st *stage) error {
	a, b, err := st.watchedPair()
	if err != nil {
		return err
	}
	if _, err := st.file(a, b, mitigate("Servers seen on 9 June")); err != nil {
		return err
	}
	if err := st.push(a, b); err != nil {
		return err
	}
	backup := filepath.Join(st.dir, "aurelia-backup.db")
	if err := a.backup(st.ctx, backup); err != nil {
		return err
	}
	st.later(time.Hour)
	if _, err := st.file(a, b, mitigate("What one officer wrote")); err != nil {
		return err
	}
	if err := all(st.push(a, b), st.date(a, b)); err != nil {
		return err
	}
	a.down()
	twin, err := a.restore(st.ctx, backup, filepath.Join(st.dir, "aurelia-twin"), true)
	if err != nil {
		return err
	}
	st.nodes = append(st.nodes, twin)
	st.tell(a.Party(), "is started a second time, from a backup with the same keys; its operator says that it is no old copy")
	st.later(time.Hour)
	if _, err := st.file(twin, b, mitigate("What another officer wrote in its place")); err != nil {
		return err
	}
	_, err = twin.Push(st.ctx, b.Party(), nil)
	if err := expect(err != nil, "%s took the second history", b.Party()); err != nil {
		return err
	}
	st.tell(b.Party(), "refused it and keeps both signed heads: %s", node.AsError(err).Message)
	return st.forkShown(twin, b)
}

// forkShown looks at both sides' evidence, and shows that of the audience.
func (st *stage) forkShown(twin, b *live) error {
	for _, n := range []*live{b, twin} {
		kept, err := n.Evidence(st.ctx)
		if err != nil {
			return err
		}
		if err := expect(len(kept) == 1 && kept[0].Kind == string(exchange.ForkFound), "%s keeps %d pieces of evidence", n.Party(), len(kept)); err != nil {
			return err
		}
		st.tell(n.Party(), "has the evidence: two heads of one size, each with both signatures of its author")
	}
	kept, err := b.Evidence(st.ctx)
	if err != nil {
		return err
	}
	raw, err := b.ProveFork(st.ctx, kept[0].ID)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(st.dir, "fork.bundle"), raw, 0o600); err != nil {
		return err
	}
	v, err := st.verified("fork.bundle")
	if err != nil {
		return err
	}
	if err := expect(len(v.Forks) == 1 && v.Forks[0].Author == twin.Party(), "the verdict shows %d forks", len(v.Forks)); err != nil {
		return err
	}
	st.conclude("the keys of %s signed two histories of one outbox; which of them it means, nobody need decide", twin.Party())
	return nil
}
