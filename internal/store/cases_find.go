package store

import (
	"cmp"
	"database/sql"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"verbale/internal/docket"
)

// A Filter selects cases. Zero members select everything; a list that is empty and not nil selects nothing.
type Filter struct {
	Link    string
	Links   []string // any of these
	Turns   []Side   // who must act: any of these
	Opened  Side
	Act     string
	NotAct  string
	Kind    string
	Class   string
	Channel string
	Level   string
	TLPs    []string // any of these
	// Status is that of the case as it is: of what nobody has replied to yet, the receipts tell sent, lodged and received apart.
	Status docket.Status
	// Appeals leaves out what is no appeal and can be none, save the checks of contact points.
	Appeals   bool
	Irregular bool // only where a move breaks a rule, or what the moves refer to is not here
	// LateBefore selects where somebody must act and Due is before it.
	LateBefore time.Time
	Within     []docket.Span // only cases that were opened in one of these runs
	pile       bool          // the list is of one status by due time, of which there is an index
	Unread     bool          // only cases whose opening is here and cannot be read, or is not known: they have no class
}

// An Order is how cases are listed.
type Order int

// The orders.
const (
	Newest Order = iota // by ID, the highest first
	ByDue               // by Due and ID, the earliest first; only cases in which somebody must act
)

// A Cursor is where a list goes on: behind the case with this ID, and in the order ByDue with this Due. The zero Cursor is the beginning.
type Cursor struct {
	ID  int64
	Due time.Time
}

// Cursor is where a list goes on behind r.
func (r CaseRow) Cursor() Cursor { return Cursor{r.ID, r.Due} }

// CasesWhere lists cases; limit is at most MaxCasesPage. What it reads grows with the number of cases in which somebody must act, where f asks
// for those or the order is ByDue; with the number of those of a link or a status, where f asks for one; else it reads back from the newest case
// until the page is full.
func (tx *Tx) CasesWhere(f Filter, order Order, after Cursor, limit int) ([]CaseRow, error) {
	limit = min(limit, MaxCasesPage)
	if limit <= 0 || f.nothing() {
		return nil, nil
	}
	f = f.oneLink()
	if order == Newest {
		q, args := f.newest(after, limit)
		return tx.caseRows("listing cases", q, args)
	}
	var list []CaseRow
	for _, turn := range f.open() {
		q, args := f.byDue(turn, after, limit)
		rows, err := tx.caseRows("listing cases", q, args)
		if err != nil {
			return nil, err
		}
		list = append(list, rows...)
	}
	slices.SortFunc(list, func(a, b CaseRow) int { return a.Cursor().Compare(b.Cursor()) })
	return list[:min(limit, len(list))], nil
}

// Compare orders places in a list by due time.
func (a Cursor) Compare(b Cursor) int {
	if d := cmp.Compare(dueMicros(a.Due), dueMicros(b.Due)); d != 0 {
		return d
	}
	return cmp.Compare(a.ID, b.ID)
}

// open gives the sides that f asks for, of those that can have to act.
func (f Filter) open() (turns []Side) {
	for _, t := range []Side{Ours, Theirs} {
		if len(f.Turns) == 0 || slices.Contains(f.Turns, t) {
			turns = append(turns, t)
		}
	}
	return turns
}

// nothing tells whether f selects nothing at all.
func (f Filter) nothing() bool {
	return f.Links != nil && len(f.Links) == 0 || f.Turns != nil && len(f.Turns) == 0 || f.TLPs != nil && len(f.TLPs) == 0 || f.Within != nil && len(f.Within) == 0
}

// oneLink is f, told so that the database looks up a link where it is the only one.
func (f Filter) oneLink() Filter {
	if f.Link == "" && len(f.Links) == 1 {
		f.Link, f.Links = f.Links[0], nil
	}
	return f
}

// onlyOpen tells whether f selects only cases in which somebody must act.
func (f Filter) onlyOpen() bool {
	return !f.LateBefore.IsZero() || len(f.Turns) > 0 && !slices.Contains(f.Turns, Nobody)
}

// A Group is a column that cases are counted by.
type Group string

// The groups.
const (
	GroupLink    Group = "link"
	GroupOpened  Group = "ours"
	GroupTurn    Group = "turn"
	GroupStatus  Group = "status" // once received: sent and lodged count as received
	GroupAct     Group = "act"
	GroupKind    Group = "kind"
	GroupClass   Group = "class"
	GroupChannel Group = "channel"
)

// A CaseCount is how many cases there are of a sort. Members that were not asked for are zero.
type CaseCount struct {
	Link, Act, Kind, Class, Channel string
	Opened, Turn                    Side
	Status                          docket.Status
	N                               int64
	Late                            int64 // of these, where somebody must act and Due is before now
}

// CountCases counts the cases that f selects, by these groups and in their order. No groups: one count, also where it is 0.
func (tx *Tx) CountCases(f Filter, now time.Time, by ...Group) ([]CaseCount, error) {
	if f.nothing() {
		return slices.Repeat([]CaseCount{{}}, max(0, 1-len(by))), nil
	}
	q, args := f.oneLink().count(now, by)
	var list []CaseCount
	err := tx.each("counting cases", q, args, func(rows *sql.Rows) error {
		var c CaseCount
		if err := rows.Scan(c.cells(by)...); err != nil {
			return wrap(err, "counting cases")
		}
		list = append(list, c)
		return nil
	})
	return list, err
}

func (c *CaseCount) cells(by []Group) []any {
	of := map[Group]any{GroupLink: &c.Link, GroupOpened: &c.Opened, GroupTurn: &c.Turn, GroupStatus: &c.Status, GroupAct: &c.Act,
		GroupKind: &c.Kind, GroupClass: &c.Class, GroupChannel: &c.Channel}
	cells := []any{&c.N, &c.Late}
	for _, g := range by {
		cells = append(cells, of[g])
	}
	return cells
}

// A condition is a WHERE that grows, with its arguments in the order of use.
type condition struct {
	sql  strings.Builder
	args []any
}

// and adds a term; each $ in it stands for the next of args.
func (c *condition) and(term string, args ...any) {
	if c.sql.Len() == 0 {
		c.sql.WriteString(" WHERE ")
	} else {
		c.sql.WriteString(" AND ")
	}
	c.write(term, args...)
}

func (c *condition) write(text string, args ...any) {
	for _, a := range args {
		before, behind, _ := strings.Cut(text, "$")
		c.args = append(c.args, a)
		c.sql.WriteString(before + "$" + strconv.Itoa(len(c.args)))
		text = behind
	}
	c.sql.WriteString(text)
}

// The lists find the numbers of the cases first, as far as can be in an index alone, and read the bodies of one page.
const (
	sqlSelectFound = sqlSelectCase + ` JOIN (SELECT id AS found FROM cases`
	sqlSelectCount = `SELECT count(*), count(CASE WHEN due_at < $1 THEN 1 END)` // what is nobody's turn has no due time
)

func (f Filter) newest(after Cursor, limit int) (string, []any) {
	if after.ID <= 0 {
		after.ID = math.MaxInt64
	}
	var c condition
	id := "id"
	if f.onlyOpen() || f.Irregular || f.Status == docket.Sent || f.Status == docket.Lodged {
		id = "+id" // the plus keeps the database from going back through all cases for the few that are open, irregular or under way
	}
	c.and(id+" < $", after.ID)
	f.terms(&c)
	c.write(" ORDER BY "+id+" DESC LIMIT $", limit)
	return sqlSelectFound + c.sql.String() + `) AS f ON c.id = f.found ORDER BY c.id DESC`, c.args
}

func (f Filter) byDue(turn Side, after Cursor, limit int) (string, []any) {
	var c condition
	f.Turns = []Side{turn}
	if f.pile = f.Status != "" && f.Status != docket.Sent && f.Status != docket.Lodged && f.Link == "" && f.LateBefore.IsZero(); f.pile {
		c.and("turn > 0") // as the index says it that has every status by due time
	}
	if due := int64(math.MinInt64); after.ID <= 0 {
		c.and("(due_at, id) > ($, $)", due, 0)
	} else {
		c.and("(due_at, id) > ($, $)", dueMicros(after.Due), after.ID)
	}
	f.terms(&c)
	c.write(" ORDER BY due_at, id LIMIT $", limit)
	return sqlSelectFound + c.sql.String() + `) AS f ON c.id = f.found ORDER BY c.due_at, c.id`, c.args
}

func (f Filter) count(now time.Time, by []Group) (string, []any) {
	c := condition{args: []any{now.UnixMicro()}}
	columns := ""
	for _, g := range by {
		columns += ", " + string(g)
	}
	if f.onlyOpen() && slices.Contains(by, GroupStatus) {
		c.and("turn > 0") // as the index says it that has all that is counted by
	}
	f.terms(&c)
	q := sqlSelectCount + columns + ` FROM cases` + c.sql.String()
	if len(by) > 0 {
		q += ` GROUP BY ` + columns[2:] + ` ORDER BY ` + columns[2:]
	}
	return q, c.args
}

// terms adds what f asks for.
func (f Filter) terms(c *condition) {
	if f.onlyOpen() {
		c.and("turn <> 0") // as the index says it
	}
	switch turns := f.Turns; {
	case len(turns) > 0:
		oneOf(c, "turn", turns)
	case !f.LateBefore.IsZero():
		oneOf(c, "turn", []Side{Ours, Theirs})
	}
	if !f.LateBefore.IsZero() {
		c.and("due_at < $", f.LateBefore.UnixMicro())
	}
	if f.Link != "" {
		c.and("link = $", f.Link)
	}
	if len(f.Links) > 0 {
		oneOf(c, "link || ''", f.Links) // as a rule many, of which the newest cases are soon found
	}
	if f.Opened != Nobody {
		c.and("ours = $", f.Opened)
	}
	for _, equal := range []struct{ column, value string }{{"act", f.Act}, {"kind", f.Kind}, {"class", f.Class}, {"channel", f.Channel}, {"level", f.Level}} {
		if equal.value != "" {
			c.and(equal.column+" = $", equal.value)
		}
	}
	if f.NotAct != "" {
		c.and("act <> $", f.NotAct)
	}
	if len(f.TLPs) > 0 {
		oneOf(c, "tlp", f.TLPs)
	}
	if f.Act != "" && f.Act != docket.ActAppeal {
		c.and("act <> 'appeal'") // as the index says it
	}
	if f.Irregular {
		c.and("irregular <> 0")
	}
	if f.Appeals {
		c.and("appeal = 1")
	}
	if f.Unread {
		c.and("class = '' AND outbox <> ''")
	}
	f.within(c)
	f.status(c)
}

// within asks for the runs of serial numbers.
func (f Filter) within(c *condition) {
	for i, s := range f.Within {
		run := "outbox = $ AND position >= $ AND position < $"
		switch {
		case len(f.Within) == 1:
			c.and(run, s.Outbox, s.From, s.Next)
		case i == 0:
			c.and("("+run, s.Outbox, s.From, s.Next)
		case i == len(f.Within)-1:
			c.write(" OR "+run+")", s.Outbox, s.From, s.Next)
		default:
			c.write(" OR "+run, s.Outbox, s.From, s.Next)
		}
	}
}

// status asks the receipts where the docket alone cannot tell.
func (f Filter) status(c *condition) {
	const (
		receipted = `EXISTS (SELECT 1 FROM outboxes o WHERE o.origin = cases.outbox AND o.receipted > cases.position)`
		lodged    = `EXISTS (SELECT 1 FROM outboxes o JOIN cosignatures s ON s.outbox = o.id WHERE o.origin = cases.outbox AND s.size > cases.position)`
	)
	is := "status"
	if f.onlyOpen() && !f.pile {
		is = "status || ''" // for the same reason as the plus in newest
	}
	fresh := []docket.Status{docket.Received, docket.Unknown, docket.Unreadable} // once received, and nobody has replied
	switch f.Status {
	case "":
	case docket.Sent:
		oneOf(c, is, fresh)
		c.and("NOT " + receipted + " AND NOT " + lodged)
	case docket.Lodged:
		oneOf(c, is, fresh)
		c.and("NOT " + receipted + " AND " + lodged)
	default:
		c.and(is+" = $", string(f.Status))
		if slices.Contains(fresh, f.Status) {
			c.and(receipted)
		}
	}
}

func oneOf[T any](c *condition, column string, values []T) {
	args := make([]any, len(values))
	for i, v := range values {
		args[i] = v
	}
	c.and(column+" IN ($"+strings.Repeat(", $", len(values)-1)+")", args...)
}
