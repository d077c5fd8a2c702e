package docket

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"verbale/record"
)

// A Count counts the records of one direction in a run, one after the other.
type Count struct {
	direction string
	numbers   map[Row]uint32 // of sorts
	sorts     []Row
	of        []uint32 // by serial number less From: the sort of the record
}

// NewCount begins a count.
func NewCount(direction string) *Count {
	return &Count{direction: direction, numbers: map[Row]uint32{}}
}

// Add counts the record with the next serial number.
func (c *Count) Add(e Entry) { c.add(sortOf(c.direction, e)) }

func (c *Count) add(sort Row) {
	n, known := c.numbers[sort]
	if !known {
		n = uint32(len(c.sorts)) // #nosec G115 -- there are no more sorts than records of a month
		c.numbers[sort] = n
		c.sorts = append(c.sorts, sort)
	}
	c.of = append(c.of, n)
}

// sortOf is the row that a record belongs to. The words of acts that we do not know count as they are, so that nodes of different
// versions count alike.
func sortOf(direction string, e Entry) Row {
	if e.Opened == nil {
		return Row{Direction: direction, Act: "unreadable", Class: unknownClass}
	}
	r := Row{Direction: direction, Act: e.Opened.Act(), Class: e.Opened.Fields.Text("class")}
	if r.Act == ActAppeal {
		r.Kind = e.Opened.Kind()
	}
	if !isWord(r.Class) {
		r.Class = unknownClass
	}
	return r
}

const (
	unknownClass = "unknown"
	otherActs    = "other"
)

func isWord(s string) bool {
	return 0 < len(s) && len(s) <= record.MaxWord && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-+") == ""
}

// rows gives the rows in their order, and for each sort the row that counts it.
func (c *Count) rows() (rows []Row, rowOf []int) {
	counts := make([]int64, len(c.sorts))
	for _, n := range c.of {
		counts[n]++
	}
	order := make([]int, len(c.sorts))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return compareRows(c.sorts[a], c.sorts[b]) })
	rowOf = make([]int, len(c.sorts))
	for at, n := range order {
		if at < maxRows {
			row := c.sorts[n]
			row.Count = counts[n]
			rows = append(rows, row)
		} else if at == maxRows {
			rows = append(rows, Row{Act: otherActs, Class: unknownClass, Direction: c.direction, Count: counts[n]})
		} else {
			rows[maxRows].Count += counts[n]
		}
		rowOf[n] = min(at, maxRows)
	}
	return rows, rowOf
}

// A Book is one side's own account of a month: its tally, and what it can say of single serial numbers.
type Book struct {
	Tally
	HeldSent     int64 // entries of our outbox that have a receipt
	HeldReceived int64 // entries of theirs that we hold
	rowsOf       map[string]func(serial int64) Row
}

// NewBook makes a Book of the spans and counts of a month. The counts were taken over the spans.
func NewBook(t Tally, sent, received *Count, heldSent, heldReceived int64) Book {
	b := Book{Tally: t, HeldSent: heldSent, HeldReceived: heldReceived, rowsOf: map[string]func(int64) Row{}}
	b.Rows = nil
	for _, part := range []struct {
		count *Count
		from  int64
	}{{sent, t.Sent.From}, {received, t.Received.From}} {
		rows, rowOf := part.count.rows()
		b.Rows = append(b.Rows, rows...)
		b.rowsOf[part.count.direction] = func(serial int64) Row { return rows[rowOf[part.count.of[serial-part.from]]].sort() }
	}
	slices.SortStableFunc(b.Rows, func(a, b Row) int { return cmp.Compare(b.Direction, a.Direction) })
	return b
}

// Answer holds a tally of the other side against this side's book of the same month, and reduces what differs to serial numbers.
// It agrees exactly when the books are equal.
func (b Book) Answer(theirs Tally) Answer {
	a := Answer{Rows: b.Rows}
	if theirs.Sent.Outbox != b.Received.Outbox || theirs.Received.Outbox != b.Sent.Outbox || theirs.Period != b.Period {
		return a
	}
	received := b.runs(DirReceived, theirs.Sent, b.Received, b.HeldReceived)
	maps.Copy(received, b.unreceipted(theirs, received))
	sent := b.runs(DirSent, theirs.Received, b.Sent, b.HeldSent)
	same := true
	for _, part := range []struct {
		direction    string
		theirs, ours Span
		differ       map[int64]string
	}{{DirReceived, theirs.Sent, b.Received, received}, {DirSent, theirs.Received, b.Sent, sent}} {
		if part.theirs.same(part.ours) {
			same = b.kinds(part.direction, theirs.Rows, part.ours, part.differ) && same
		}
		a.Differences = append(a.Differences, listed(part.direction, part.differ, record.MaxList-len(a.Differences))...)
	}
	a.Agrees = same && len(a.Differences) == 0
	return a
}

// runs gives the serial numbers that stand in one of two runs only. held is up to where this side has receipts, or gave them.
func (b Book) runs(direction string, theirs, ours Span, held int64) map[int64]string {
	differ := map[int64]string{}
	for s := theirs.From; s < theirs.Next && len(differ) < record.MaxList; s++ {
		switch {
		case ours.has(s):
			s = ours.Next - 1
		case s < held:
			differ[s] = OtherPeriod
		case direction == DirReceived:
			differ[s] = NotReceived
		default:
			differ[s] = NoReceipt
		}
	}
	more := 0
	for s := ours.From; s < ours.Next && more < record.MaxList; s++ {
		if theirs.has(s) {
			s = theirs.Next - 1
			continue
		}
		differ[s] = OtherPeriod
		more++
	}
	return differ
}

// unreceipted says what of the records for which the other side has no receipt are here.
func (b Book) unreceipted(theirs Tally, differ map[int64]string) map[int64]string {
	out := map[int64]string{}
	for _, s := range theirs.Unreceipted {
		state := NotReceived
		if s < min(b.Received.Next, b.HeldReceived) {
			state = NoReceipt
		}
		if _, named := differ[s]; !named || b.Received.has(s) {
			out[s] = state
		}
	}
	return out
}

// kinds adds to differ the serial numbers of a run in rows of which this side counts more. False: the rows differ. Where those of the
// other side do not add up, it may be that no serial number shows it.
func (b Book) kinds(direction string, theirs []Row, run Span, differ map[int64]string) bool {
	theirDirection := map[string]string{DirSent: DirReceived, DirReceived: DirSent}[direction]
	counts := map[Row]int64{}
	for _, r := range theirs {
		if r.Direction == theirDirection {
			r.Direction = direction
			counts[r.sort()] -= r.Count
		}
	}
	for _, r := range b.Rows {
		if r.Direction == direction {
			counts[r.sort()] += r.Count
		}
	}
	maps.DeleteFunc(counts, func(_ Row, n int64) bool { return n == 0 })
	if len(counts) == 0 {
		return true
	}
	for s := run.From; s < run.Next; s++ {
		if _, named := differ[s]; counts[b.rowsOf[direction](s)] > 0 && !named {
			differ[s] = OtherKind
		}
	}
	return false
}

// listed gives the first of the serial numbers in order.
func listed(direction string, differ map[int64]string, most int) []Difference {
	var list []Difference
	for _, s := range slices.Sorted(maps.Keys(differ)) {
		if len(list) == most {
			break
		}
		list = append(list, Difference{Direction: direction, Serial: s, State: differ[s]})
	}
	return list
}
