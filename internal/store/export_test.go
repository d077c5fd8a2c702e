package store

import "time"

// Queries are all prepared statements.
func Queries() []string { return append(reads(), writes()...) }

// SetWait makes s give up sooner on its turn.
func (s *Store) SetWait(d time.Duration) { s.wait = d }

// Reserve makes the file that a backup is copied into.
func Reserve(path string) error { return reserve(path) }

// NewestQuery, ByDueQuery and CountQuery are the SQL of a Filter.
func NewestQuery(f Filter) (string, []any)             { return f.newest(Cursor{}, 50) }
func ByDueQuery(f Filter, turn Side) (string, []any)   { return f.byDue(turn, Cursor{}, 50) }
func CountQuery(f Filter, by ...Group) (string, []any) { return f.count(time.Time{}, by) }

// The queries that must never read all cases.
const (
	CountReleasedQuery = sqlCountReleased
	NthReleasedQuery   = sqlNthReleased
	DueCasesQuery      = sqlDueCases
	NextDueQuery       = sqlNextDue
	ChangedSinceQuery  = sqlChangedSince
	NewestChangeQuery  = sqlNewestChange
)

// MatchOf is the full-text expression of what somebody typed.
func MatchOf(query string) (string, error) { return matchOf(query) }

// SearchQueries are the prepared statements of a search.
func SearchQueries() []string { return append(searchReads(), searchWrites()...) }

// SearchQuery is the SQL of a SearchFilter.
func SearchQuery(f SearchFilter, order SearchOrder, after SearchCursor) (string, []any) {
	return f.query(`"a"`, order, after, 9)
}
