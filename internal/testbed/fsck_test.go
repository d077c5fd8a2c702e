package testbed

import (
	"database/sql"
	"strings"
	"testing"

	"verbale/internal/docket"
	"verbale/internal/node"
	"verbale/internal/store"
)

// damaged opens a copy of x's data after statement, and gives what fsck or the opening itself says of it.
func damaged(t *testing.T, x *Party, statement string) (said []string) {
	t.Helper()
	dir := t.TempDir()
	x.Bed.must(x.Store.Backup(t.Context(), dir+"/verbale.db"))
	db, err := sql.Open("sqlite", dir+"/verbale.db")
	x.Bed.must(err)
	done, err := db.ExecContext(t.Context(), statement)
	x.Bed.must(err)
	if n, err := done.RowsAffected(); err != nil || n < 1 {
		t.Fatalf("the statement changed %d rows, %v", n, err)
	}
	x.Bed.must(db.Close())
	cfg := x.config()
	if cfg.Store, err = store.Open(t.Context(), dir, store.Options{}); err != nil {
		return []string{err.Error()}
	}
	defer func() { _ = cfg.Store.Close() }()
	n, err := node.Open(t.Context(), cfg)
	if err != nil {
		return []string{err.Error()}
	}
	defer n.Close()
	audit, err := n.Fsck(t.Context(), nil)
	x.Bed.must(err)
	for _, f := range audit.Findings {
		said = append(said, f.Where+": "+f.Wrong)
	}
	return said
}

// busy is a party on disk with some of everything: outboxes both ways, receipts, an idempotency key, replies, evidence, an erased content.
func busy(t *testing.T) *Party {
	bed := New(t)
	x, y := bed.PartyOnDisk("aurelia.example", store.Options{}), bed.PartyOnDisk("borea.example", store.Options{})
	bed.Link(x, y)
	evil := twin(t, y, copyStore(t, y))
	for _, key := range []string{"one", "two", ""} {
		_, err := x.Node.File(t.Context(), y.Name, x.Draft("mitigate"), key)
		bed.must(err)
		x.Push(y)
	}
	ref := x.Appeal(y, "clarify")
	x.Push(y)
	y.Reply(x, ref, "acknowledge", nil)
	y.Push(x)
	y.Reply(x, ref, "answer", map[string]string{"finality": "final", "outcome": "done", "text": "Done."})
	y.Push(x)
	_, err := evil.File(t.Context(), x.Name, y.Draft("clarify"), "")
	bed.must(err)
	if _, err := evil.Push(t.Context(), x.Name, nil); kindOf(err) != node.Stopped {
		t.Fatalf("no evidence was made: %v", err)
	}
	erase(t, x, y.Name+"/to/"+x.Name+"/1", 0)
	beat(t, x, y)
	return x
}

func erase(t *testing.T, p *Party, origin string, index int64) {
	t.Helper()
	p.Bed.must(p.Store.Update(t.Context(), func(tx *store.Tx) error {
		row, err := tx.Outbox(origin)
		if err != nil {
			return err
		}
		return tx.EraseContent(row.ID, index)
	}))
}

const (
	ownID    = `(SELECT id FROM outboxes WHERE origin = 'aurelia.example/to/borea.example/1')`
	mirrorID = `(SELECT id FROM outboxes WHERE origin = 'borea.example/to/aurelia.example/1')`
	ofOwn    = ` WHERE key = (` + ownID + ` << 40)`
	ofMirror = ` WHERE key = (` + mirrorID + ` << 40) + 1`
)

// Whatever row is taken away or changed, fsck names it, or the node does not even open.
func TestFsckMissesNothing(t *testing.T) {
	x := busy(t)
	for name, c := range map[string]struct{ statement, want string }{
		"leaf deleted":              {`DELETE FROM leaves` + ofOwn, "leaves"},
		"leaf changed":              {`UPDATE leaves SET leaf = (SELECT leaf FROM leaves` + ofMirror + `)` + ofOwn, "another outbox"},
		"leaf cut":                  {`UPDATE leaves SET leaf = substr(leaf, 1, 100)` + ofMirror, "not a record"},
		"content deleted":           {`DELETE FROM contents` + ofOwn, "content is missing"},
		"content of mirror deleted": {`DELETE FROM contents` + ofMirror, "content is missing"},
		"content changed":           {`UPDATE contents SET content = zeroblob(9)` + ofOwn, "content is not the one"},
		"tile deleted":              {`DELETE FROM tiles` + ofOwn, "tile"},
		"tile changed":              {`UPDATE tiles SET hashes = zeroblob(length(hashes))` + ofOwn, "tile"},
		"checkpoint deleted":        {`DELETE FROM checkpoints WHERE outbox = ` + ownID + ` AND size = 4`, "checkpoint"},
		"checkpoint changed":        {`UPDATE checkpoints SET note = CAST(replace(note, '1', '2') AS BLOB) WHERE outbox = ` + ownID + ` AND size = 2`, "checkpoint"},
		"checkpoint moved":          {`UPDATE checkpoints SET size = 9 WHERE outbox = ` + ownID + ` AND size = 4`, "checkpoint"},
		"receipt deleted":           {`UPDATE checkpoints SET receipt = NULL, receipted_at = NULL WHERE outbox = ` + ownID + ` AND size = 4`, "receipt"},
		"our receipt deleted":       {`UPDATE checkpoints SET receipt = NULL, receipted_at = NULL WHERE outbox = ` + mirrorID + ` AND size = 1`, "receipt"},
		"receipt changed":           {`UPDATE checkpoints SET receipt = (SELECT receipt FROM checkpoints WHERE outbox = ` + ownID + ` AND size = 1) WHERE outbox = ` + ownID + ` AND size = 3`, "receipt"},
		"receipt dated back":        {`UPDATE checkpoints SET receipted_at = receipted_at - 1000000 WHERE outbox = ` + ownID + ` AND size = 3`, "time"},
		"head raised":               {`UPDATE outboxes SET size = 5 WHERE id = ` + ownID, "head"},
		"head lowered":              {`UPDATE outboxes SET size = 3 WHERE id = ` + ownID, "head"},
		"root changed":              {`UPDATE outboxes SET root = zeroblob(32) WHERE id = ` + mirrorID, "root"},
		"root cut":                  {`UPDATE outboxes SET root = zeroblob(3) WHERE id = ` + mirrorID, "damaged"},
		"own made foreign":          {`UPDATE outboxes SET own = 0 WHERE id = ` + ownID, "another author"},
		"receipted lowered":         {`UPDATE outboxes SET receipted = 1 WHERE id = ` + ownID, "newest receipt"},
		"receipted raised":          {`UPDATE outboxes SET receipted = 5 WHERE id = ` + ownID, "no receipt of size 5"},
		"outbox deleted":            {`DELETE FROM outboxes WHERE id = ` + ownID, ""},
		"outbox renamed":            {`UPDATE outboxes SET origin = 'aurelia.example/to/cinder.example/1' WHERE id = ` + ownID, "link"},
		"case deleted":              {`DELETE FROM cases WHERE id = 1`, "docket"},
		"case changed":              {`UPDATE cases SET body = CAST(replace(CAST(body AS TEXT), 'Test appeal', 'Best appeal') AS BLOB)`, "docket"},
		"case damaged":              {`UPDATE cases SET body = substr(body, 2) WHERE id = 1`, "docket"},
		"case moved":                {`UPDATE cases SET link = 'cinder.example' WHERE id = 1`, "docket"},
		"case found elsewhere":      {`UPDATE cases SET turn = 3 - turn WHERE turn > 0`, "docket"},
		"case marked lower":         {`UPDATE cases SET tlp = 'clear' WHERE id = 1`, "docket"},
		"case never due":            {`UPDATE cases SET due_at = 9223372036854775807 WHERE turn > 0`, "docket"},
		"case called expired":       {`UPDATE cases SET status = 'expired', turn = 0`, "docket"},
		"filing to nowhere":         {`UPDATE filings SET position = 7 WHERE key = 'one'`, "filing one"},
		"filing of another":         {`UPDATE filings SET position = 1 WHERE key = 'one'`, "filing"},
		"filing in a mirror":        {`UPDATE filings SET outbox = 'borea.example/to/aurelia.example/1' WHERE key = 'one'`, "filing one"},
		"link deleted":              {`DELETE FROM links`, "no link"},
		"link's profile changed":    {`UPDATE links SET profile = CAST(replace(CAST(profile AS TEXT), 'a', 'b') AS BLOB)`, "profile of borea.example"},
		"link renamed":              {`UPDATE links SET party = 'cinder.example'`, "another party's"},
		"link unconfirmed":          {`UPDATE links SET confirmed = 0`, "words"},
		"link in no state":          {`UPDATE links SET state = 'odd'`, "docket borea.example standing"},
		"profile deleted":           {`DELETE FROM meta WHERE key = 'profile'`, "profile"},
		"profile changed":           {`UPDATE meta SET value = (SELECT CAST(profile AS TEXT) FROM links) WHERE key = 'profile'`, "profile"},
		"evidence changed":          {`UPDATE evidence SET first = second`, "fork"},
		"evidence of another kind":  {`UPDATE evidence SET kind = 'bad-root', first = zeroblob(9)`, "not signed"},
		"evidence of elsewhere":     {`UPDATE evidence SET origin = 'aurelia.example/to/cinder.example/1'`, "not here"},
		"beat of another":           {`UPDATE beats SET party = 'cinder.example' WHERE party = 'borea.example' AND outbox = ` + ownID, "somebody who gives no beats"},
		"beat at another time":      {`UPDATE beats SET at = at + 1`, "beat of aurelia.example"},
		"beat over another size":    {`UPDATE beats SET size = 2 WHERE outbox = ` + ownID, "does not verify"},
		"beat over too much":        {`UPDATE beats SET size = 9 WHERE outbox = ` + mirrorID, "no checkpoint of size 9"},
		"beat cut":                  {`UPDATE beats SET signature = zeroblob(9)`, "64 bytes"},
		"erasure forgotten":         {`DELETE FROM meta WHERE key LIKE 'erased/%'`, "content is missing"},
	} {
		t.Run(name, func(t *testing.T) {
			said := strings.Join(damaged(t, x, c.statement), "\n")
			if said == "" || !strings.Contains(said, c.want) {
				t.Errorf("want it to name %q, it says %q", c.want, said)
			}
		})
	}
	if said := damaged(t, x, `UPDATE meta SET value = value`); len(said) != 0 {
		t.Errorf("without damage: %q", said)
	}
}

// What was erased cannot be folded again; rebuild keeps what the docket knows of it, and writes the same bytes.
func TestRebuildKeepsWhatIsKnownOfErased(t *testing.T) {
	_, x, y := two(t)
	ref := x.Appeal(y, "mitigate")
	x.Push(y)
	y.Reply(x, ref, "acknowledge", nil)
	last := y.Reply(x, ref, "answer", map[string]string{"finality": "final", "outcome": "done", "text": "Done."})
	y.Push(x)
	before := x.Cases(y)
	erase(t, x, last.Outbox, last.Index)
	erase(t, x, ref.Outbox, ref.Index)
	for _, write := range []bool{false, true, false} {
		r, err := x.Node.Rebuild(t.Context(), write, nil)
		if err != nil || len(r.Different) != 0 || r.Cases != 1 {
			t.Errorf("write %v: %+v, %v", write, r, err)
		}
	}
	if after := x.Cases(y); len(after) != 1 || after[0].View.Status != before[0].View.Status {
		t.Errorf("%+v", after)
	}
	sameDockets(t, x, y)
}

// Of what is erased and in no docket, rebuild knows that it was there.
func TestRebuildOfAnErasedRecordFromNothing(t *testing.T) {
	_, x, y := two(t)
	ref := x.Appeal(y, "mitigate")
	erase(t, x, ref.Outbox, ref.Index)
	x.Bed.must(x.Store.Update(t.Context(), func(tx *store.Tx) error {
		return tx.ReplaceCases(func(func(string, docket.Case) error) error { return nil })
	}))
	if r, err := x.Node.Rebuild(t.Context(), true, nil); err != nil || len(r.Different) != 1 {
		t.Errorf("%+v, %v", r, err)
	}
	if c := x.Cases(y); len(c) != 1 || c[0].View.Case.Open == nil || c[0].View.Case.Open.Fault != "erased" {
		t.Errorf("%+v", c)
	}
}
