package testbed

import (
	"strings"
	"testing"
)

// Whatever is changed of what dates from outside, fsck names it.
func TestFsckOfDates(t *testing.T) {
	_, x, y, _ := watched(t)
	x.Appeal(y, "mitigate")
	x.Push(y)
	x.Date()
	y.Date()
	x.Follow(y)
	x.Appeal(y, "mitigate")
	x.Snapshot() // pending
	const (
		register = `(SELECT id FROM outboxes WHERE origin = 'aurelia.example/to/public/1')`
		ours     = ` WHERE register = 'aurelia.example/to/public/1'`
		theirs   = ` WHERE register = 'borea.example/to/public/1'`
	)
	for name, c := range map[string]struct{ statement, want string }{
		"line changed":             {`UPDATE cosignatures SET lines = CAST(replace(lines, 'A', 'B') AS BLOB)`, "line of"},
		"line of another":          {`UPDATE cosignatures SET lines = (SELECT max(lines) FROM cosignatures)`, "line of"},
		"line dated back":          {`UPDATE cosignatures SET at = at - 1000000`, "beside it"},
		"line moved":               {`UPDATE cosignatures SET size = 1`, "does not verify"},
		"line to nowhere":          {`UPDATE cosignatures SET size = 9`, "no checkpoint"},
		"lines deleted":            {`DELETE FROM cosignatures`, "no witness"},
		"witness forgotten":        {`DELETE FROM meta WHERE key LIKE 'witness/sigma%'`, "witness is missing"},
		"witness changed":          {`UPDATE meta SET value = (SELECT max(value) FROM meta WHERE key LIKE 'witness/%') WHERE key LIKE 'witness/sigma%'`, "another"},
		"of another size":          {`UPDATE datings SET size = 2` + ours + ` AND covered > 0`, "does not have that head"},
		"of no such size":          {`UPDATE datings SET size = 7` + ours, "that many entries"},
		"by another entry":         {`UPDATE datings SET position = 0` + ours + ` AND covered > 0`, "none of heads"},
		"by no entry":              {`UPDATE datings SET position = 9` + ours + ` AND covered = 0`, "none of heads"},
		"of another outbox":        {`UPDATE datings SET outbox = ` + register + ours, "neither side"},
		"taken at another time":    {`UPDATE datings SET taken_at = taken_at - 1000000` + ours, "another time"},
		"said to be dated":         {`UPDATE datings SET covered = 3` + ours + ` AND covered = 0`, "no witness"},
		"theirs, size":             {`UPDATE datings SET size = 2` + theirs, "does not hold"},
		"theirs, time":             {`UPDATE datings SET taken_at = taken_at - 1000000` + theirs, "beside it"},
		"theirs, covered":          {`UPDATE datings SET covered = covered + 1` + theirs, "beside it"},
		"theirs, position":         {`UPDATE datings SET position = 0` + theirs, "does not hold"},
		"theirs, note":             {`UPDATE datings SET note = CAST(replace(note, 'A', 'B') AS BLOB)` + theirs, "does not hold"},
		"theirs, proof":            {`UPDATE datings SET proof = zeroblob(length(proof))` + theirs, "does not hold"},
		"theirs, record":           {`UPDATE datings SET record = substr(record, 2)` + theirs, "does not hold"},
		"theirs, of another's":     {`UPDATE datings SET register = 'cinder.example/to/public/1'` + theirs, "neither side"},
		"by what is no register":   {`UPDATE datings SET register = 'aurelia.example/to/borea.example/1'` + ours, "no register"},
		"entry of the register":    {`UPDATE contents SET content = zeroblob(9) WHERE key = (` + register + ` << 40) + 1`, "content is not the one"},
		"our record, said to come": {`UPDATE datings SET record = x'00'` + ours, "does not hold"},
	} {
		t.Run(name, func(t *testing.T) {
			if said := strings.Join(damaged(t, x, c.statement), "\n"); said == "" || !strings.Contains(said, c.want) {
				t.Errorf("want it to name %q, it says %q", c.want, said)
			}
		})
	}
}
