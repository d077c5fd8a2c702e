package store_test

import (
	"database/sql"
	"reflect"
	"strings"
	"testing"

	"verbale/internal/docket"
	"verbale/internal/store"
)

// all reads every case with its columns, save the number of its last change.
func all(t *testing.T, s *store.Store) (rows []store.CaseRow) {
	t.Helper()
	view(t, s, func(tx *store.Tx) (err error) {
		rows, err = tx.CasesWhere(store.Filter{}, store.Newest, store.Cursor{}, store.MaxCasesPage)
		return err
	})
	seen := map[int64]bool{}
	for i := range rows {
		if n := rows[i].Changed; n == 0 || seen[n] {
			t.Errorf("two cases with the change %d", n)
		}
		seen[rows[i].Changed], rows[i].Changed = true, 0
	}
	return rows
}

// before gives a closed folder with cases, and how they are listed.
func before(t *testing.T, count int) (dir string, rows []store.CaseRow) {
	t.Helper()
	dir = t.TempDir()
	s := openDisk(t, dir, store.Options{})
	update(t, s, func(tx *store.Tx) error {
		for n := range count {
			c := appeal(n, []string{"acknowledge", "answer"}[:n%3]...)
			if err := tx.PutCase(otherOf(c), c); err != nil {
				return err
			}
		}
		return nil
	})
	rows = all(t, s)
	closeStore(t, s)
	return dir, rows
}

// A database from before the columns is filled when it is opened, and lists the same.
func TestFillAfterMigration(t *testing.T) {
	dir, rows := before(t, 700)
	undo := []string{`DELETE FROM goose_db_version WHERE version_id >= 3`, `DROP TABLE tokens`, `DELETE FROM meta WHERE key LIKE 'cases/%'`}
	for _, index := range columns(t, dir, `SELECT name FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'cases' AND sql IS NOT NULL AND name <> 'cases_by_link'`) {
		undo = append(undo, `DROP INDEX `+index)
	}
	for _, column := range columns(t, dir, `SELECT name FROM pragma_table_info('cases') WHERE name NOT IN ('id', 'link', 'key', 'body')`) {
		undo = append(undo, `ALTER TABLE cases DROP COLUMN `+column)
	}
	if len(undo) < 20 {
		t.Fatalf("the migration is undone by %q", undo)
	}
	if err := tamper(database(dir), strings.Join(undo, ";\n")); err != nil {
		t.Fatal(err)
	}
	s := openDisk(t, dir, store.Options{})
	if got := all(t, s); !reflect.DeepEqual(got, rows) {
		t.Errorf("%d cases are listed otherwise than the %d before", len(got), len(rows))
	}
	if err := s.Integrity(t.Context()); err != nil {
		t.Error(err)
	}
}

// columns reads a list of names behind the store's back.
func columns(t *testing.T, dir, q string) (names []string) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+database(dir))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.Query(q)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		names = append(names, name)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return names
}

// A fill that was cut short goes on where it was; one of another version begins anew; one that is done is not done again.
func TestFillGoesOn(t *testing.T) {
	dir, rows := before(t, 700)
	for _, c := range []struct {
		state  string
		filled int // of the 700, when the columns of all of them are wrong before
	}{{"0", 700}, {"0 at 600", 700}, {docket.IndexVersion + " at 600", 100}, {docket.IndexVersion + " at x", 700}, {docket.IndexVersion, 0}} {
		if err := tamper(database(dir), `UPDATE cases SET act = 'wrong'; UPDATE meta SET value = '`+c.state+`' WHERE key = 'cases/index'`); err != nil {
			t.Fatal(err)
		}
		s := openDisk(t, dir, store.Options{})
		view(t, s, func(tx *store.Tx) error {
			n, err := tx.CountCases(store.Filter{Act: "appeal"}, day)
			if err != nil || n[0].N != int64(c.filled) {
				t.Errorf("%q: %v filled, %v, want %d", c.state, n, err, c.filled)
			}
			state, _, err := tx.Meta("cases/index")
			if state != docket.IndexVersion {
				t.Errorf("%q: then %q", c.state, state)
			}
			return err
		})
		if got := all(t, s); !reflect.DeepEqual(got, rows) {
			t.Errorf("%q: listed otherwise", c.state)
		}
		closeStore(t, s)
	}
}

// A case that cannot be read does not keep a store shut: the docket is made anew from the outboxes.
func TestFillUnreadable(t *testing.T) {
	dir, _ := before(t, 5)
	if err := tamper(database(dir), `UPDATE cases SET body = x'00' WHERE id = 3; UPDATE meta SET value = '0' WHERE key = 'cases/index'`); err != nil {
		t.Fatal(err)
	}
	s := openDisk(t, dir, store.Options{})
	view(t, s, func(tx *store.Tx) error {
		_, err := tx.CasesWhere(store.Filter{}, store.Newest, store.Cursor{}, 5)
		want(t, store.Corrupt, err)
		rows, err := tx.CasesWhere(store.Filter{Act: "appeal"}, store.Newest, store.Cursor{}, 5)
		if len(rows) != 4 {
			t.Errorf("%d cases can be read", len(rows))
		}
		return err
	})
}
