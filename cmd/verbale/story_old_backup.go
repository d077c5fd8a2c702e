package main

import (
	"path/filepath"
	"time"

	"verbale/internal/docket"
	"verbale/internal/node"
)

// oldBackup is a node that was restored from yesterday.
func oldBackup() story {
	return story{name: "old-backup", what: "A node is restored from a backup that has forgotten a record. It signs nothing before it has asked how far it had come, " +
		"takes back from the peer what it lost, and goes on.", from: june9(), tell: tellOldBackup}
}

func tellOldBackup(st *stage) error {
	a, b, err := st.watchedPair()
	if err != nil {
		return err
	}
	if _, err := st.file(a, b, mitigate("Servers seen on 9 June")); err != nil {
		return err
	}
	if err := all(st.push(a, b), st.date(a, b)); err != nil {
		return err
	}
	backup := filepath.Join(st.dir, "aurelia-backup.db")
	if err := a.backup(st.ctx, backup); err != nil {
		return err
	}
	st.later(time.Hour)
	forgotten, err := st.file(a, b, mitigate("Written after the backup"))
	if err != nil {
		return err
	}
	if err := all(st.push(a, b), st.date(a, b)); err != nil {
		return err
	}
	a.down()
	st.later(24 * time.Hour)
	restored, err := a.restore(st.ctx, backup, filepath.Join(st.dir, "aurelia-restored"), false)
	if err != nil {
		return err
	}
	st.nodes = append(st.nodes, restored)
	st.tell(a.Party(), "loses its disk, and is restored from the backup of the day before")
	_, err = restored.File(st.ctx, b.Party(), node.Complete(mitigate("Written by a node that has forgotten"), st.now(), "duty officer"), "")
	if err := expect(node.AsError(err).Kind == node.Stopped, "it signed, or failed otherwise: %v", err); err != nil {
		return err
	}
	st.tell(a.Party(), "signs nothing: %s", node.AsError(err).Message)
	got, err := restored.Recover(st.ctx, b.Party(), nil)
	if err := expect(err == nil && got.Sent == 1, "recovered %+v: %v", got, err); err != nil {
		return err
	}
	st.tell(a.Party(), "takes back from %s what it lost: %d record(s) of its outbox and %d of its register, each with its own signatures", b.Party(), got.Sent, got.Register)
	next, err := st.file(restored, b, mitigate("Written after the recovery"))
	if err != nil {
		return err
	}
	if err := all(st.push(restored, b), st.is(restored, forgotten, docket.Received), st.is(b, next, docket.Received)); err != nil {
		return err
	}
	v, err := st.export(restored, st.facts(forgotten), "recovered.bundle")
	if err != nil {
		return err
	}
	r := recordOf(v, forgotten)
	if err := expect(r != nil && r.Received != nil && len(v.Forks) == 0, "the forgotten record is not proved whole: %+v", r); err != nil {
		return err
	}
	st.conclude("one history, and no second one: the record that the backup had forgotten stands at its place, with the receipt of then")
	return nil
}
