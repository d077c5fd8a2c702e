package store_test

import (
	"database/sql"
	"slices"
	"strings"
	"testing"
	"time"

	"verbale/internal/docket"
	"verbale/internal/store"
)

// filters gives every combination that changes the way the database goes.
func filters() (all []store.Filter) {
	for _, link := range []string{"", "b.example"} {
		for _, turns := range [][]store.Side{nil, {store.Ours}, {store.Ours, store.Theirs}, {store.Nobody}} {
			for _, status := range []docket.Status{"", docket.Sent, docket.Lodged, docket.Received, docket.Answered} {
				for _, late := range []time.Time{{}, day} {
					for _, act := range []string{"", "appeal"} {
						all = append(all, store.Filter{Link: link, Turns: turns, Status: status, LateBefore: late, Act: act, Appeals: act != "", TLPs: []string{"red", "amber"}[:len(act)/3]})
					}
				}
			}
		}
	}
	return all
}

// No query about cases reads all of them, save a count of all. A list goes back through the numbers where nothing else is asked for.
func TestNoQueryScansTheCases(t *testing.T) {
	dir := t.TempDir()
	closeStore(t, openDisk(t, dir, store.Options{}))
	db, err := sql.Open("sqlite", "file:"+database(dir))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	check := func(want, q string, args []any) {
		t.Helper()
		plan := explain(t, db, q, args)
		// what was found already is read through
		if strings.Contains(strings.NewReplacer("SCAN f", "", "SCAN (subquery-1)", "").Replace(plan), "SCAN") || !strings.Contains(plan, want) {
			t.Errorf("want %q; the plan of\n%s\nis\n%s", want, q, plan)
		}
		if outOfOrder(q) || strings.Contains(q, "?") {
			t.Errorf("the parameters of %s", q)
		}
	}
	for _, f := range filters() {
		q, args := store.NewestQuery(f)
		want := "cases USING INTEGER PRIMARY KEY (rowid<?)"
		index, turnIs := "INDEX cases_open ", "turn=?"
		if f.Link != "" {
			index, turnIs = "INDEX cases_open_by_link ", "turn=? AND link=?"
		}
		switch open := !f.LateBefore.IsZero() || len(f.Turns) > 0 && f.Turns[0] != store.Nobody; {
		case open && !f.LateBefore.IsZero():
			want = index + "(" + turnIs + " AND due_at<?)"
		case open && f.Link != "":
			want = index + "(" + turnIs + ")"
		case open:
			want = "INDEX cases_open" // whichever of the two
		case f.Link != "" && (f.Status == docket.Sent || f.Status == docket.Lodged):
			want = "INDEX cases_by_link_status (link=? AND status=?)"
		case f.Status == docket.Sent || f.Status == docket.Lodged:
			want = "INDEX cases_by_status (status=?)"
		case f.Link != "" && f.Status != "":
			want = "INDEX cases_by_link_status (link=? AND status=? AND rowid<?)"
		case f.Link != "":
			want = "INDEX cases_by_link (link=? AND id<?)"
		case f.Status != "":
			want = "INDEX cases_by_status (status=? AND rowid<?)"
		}
		check(want, q, args)
		for _, turn := range []store.Side{store.Ours, store.Theirs} {
			q, args = store.ByDueQuery(f, turn)
			if f.Status != "" && f.Status != docket.Sent && f.Status != docket.Lodged && f.Link == "" && f.LateBefore.IsZero() {
				check("INDEX cases_piles (turn=? AND status=? AND due_at>?)", q, args)
				continue
			}
			check(index+"("+turnIs+" AND ", q, args)
		}
		if strings.Contains(want, "cases_open") {
			q, args = store.CountQuery(f, store.GroupLink, store.GroupTurn)
			check("INDEX cases_open", q, args)
		}
	}
	q, args := store.NewestQuery(store.Filter{Opened: store.Ours, Turns: []store.Side{store.Nobody}, Status: docket.Answered, Appeals: true})
	check("INDEX cases_answers (ours=? AND status=? AND rowid<?)", q, args)
	for q, want := range map[string]string{store.DueCasesQuery: "INDEX cases_next (next_at<?)", store.NextDueQuery: "INDEX cases_next",
		store.CountReleasedQuery: "COVERING INDEX cases_released (outbox=? AND kind=? AND released_at>? AND released_at<?)",
		store.NthReleasedQuery:   "COVERING INDEX cases_released (outbox=? AND kind=? AND released_at>? AND released_at<?)",
		store.ChangedSinceQuery:  "INDEX cases_changed (changed>?)", store.NewestChangeQuery: "INDEX cases_changed"} {
		check(want, q, slices.Repeat([]any{1}, strings.Count(q, "$")))
	}
}

func explain(t *testing.T, db *sql.DB, q string, args []any) (plan string) {
	t.Helper()
	rows, err := db.Query("EXPLAIN QUERY PLAN "+q, args...)
	if err != nil {
		t.Fatal(err, q)
	}
	defer rows.Close()
	for rows.Next() {
		var id, parent, unused int
		var detail string
		if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
			t.Fatal(err)
		}
		plan += detail + "\n"
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return plan
}
