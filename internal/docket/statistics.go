package docket

import (
	"cmp"
	"encoding/json/v2"
	"maps"
	"slices"
	"time"

	"verbale/record"
)

// A Question is what figures are asked for (spec/statistics.md). Zero members ask for everything.
type Question struct {
	AsOf, From, To       time.Time // AsOf is never zero
	Channel, Kind, Class string
	Basis                *Basis // no more than this; nil: as much as this side can show
}

// Figures is what both sides of a link say of it alike.
type Figures struct {
	Link     [2]string     `json:"link"`
	AsOf     time.Time     `json:"as_of"`
	From     time.Time     `json:"from,omitzero"`
	To       time.Time     `json:"to,omitzero"`
	Channel  string        `json:"channel,omitempty"`
	Kind     string        `json:"kind,omitempty"`
	Class    string        `json:"class,omitempty"`
	Basis    Basis         `json:"basis"`
	Counting []string      `json:"counting"` // the rules by which the public figures count
	Totals   []StatRow     `json:"totals"`   // of each directed pair and class
	Rows     []StatRow     `json:"rows"`
	Unread   []UnreadCount `json:"unread"`
}

// Marshal gives the bytes in which two sides that know the same agree.
func (f Figures) Marshal() ([]byte, error) { return json.Marshal(f, json.Deterministic(true)) }

// A StatRow counts appeals of one sort. That of a total has no channel and no kind.
type StatRow struct {
	From       string     `json:"from"`
	To         string     `json:"to"`
	Class      string     `json:"class"`
	Channel    string     `json:"channel,omitempty"`
	Kind       string     `json:"kind,omitempty"`
	Received   int64      `json:"received"`
	Public     int64      `json:"public"`
	OneOf      Groups     `json:"one_of"`
	AnyOf      Overlaps   `json:"any_of"`
	AnswerTime AnswerTime `json:"answer_time"`
}

// sort is what a row counts.
func (r StatRow) sort() statSort { return statSort{r.From, r.To, r.Class, r.Channel, r.Kind} }

// Groups are how many appeals stand where: each in one of them (S-7).
type Groups struct {
	AnsweredInTime int64 `json:"answered_in_time"`
	AnsweredLate   int64 `json:"answered_late"`
	Refused        int64 `json:"refused"`
	Redirected     int64 `json:"redirected"`
	Disputed       int64 `json:"disputed"`
	Withdrawn      int64 `json:"withdrawn"`
	Superseded     int64 `json:"superseded"`
	Expired        int64 `json:"expired"`
	Noted          int64 `json:"noted"`
	Incomplete     int64 `json:"incomplete"`
	Conditions     int64 `json:"conditions"`
	Silent         int64 `json:"silent"`
	Overdue        int64 `json:"overdue"`
	Unacknowledged int64 `json:"unacknowledged"`
	Postponed      int64 `json:"postponed"`
	Pending        int64 `json:"pending"`
}

// Sum adds the groups up: to how many appeals were received.
func (g Groups) Sum() int64 {
	return g.AnsweredInTime + g.AnsweredLate + g.Refused + g.Redirected + g.Disputed + g.Withdrawn + g.Superseded + g.Expired + g.Noted +
		g.Incomplete + g.Conditions + g.Silent + g.Overdue + g.Unacknowledged + g.Postponed + g.Pending
}

// Overlaps are how many appeals had something happen to them: each in any of them (S-8).
type Overlaps struct {
	Acknowledged     int64 `json:"acknowledged"`
	AcknowledgedLate int64 `json:"acknowledged_late"`
	FoundIncomplete  int64 `json:"found_incomplete"`
	Accepted         int64 `json:"accepted"`
	Interim          int64 `json:"interim"`
	Escalated        int64 `json:"escalated"`
	DisputedOnce     int64 `json:"disputed_once"`
	Closed           int64 `json:"closed"`
	Inadmissible     int64 `json:"inadmissible"`
	Late             int64 `json:"late"`
	Lapsed           int64 `json:"lapsed"`
	Irregular        int64 `json:"irregular"`
}

// AnswerTime is how long answers took, in seconds (S-10).
type AnswerTime struct {
	Count   int64          `json:"count"`
	Median  int64          `json:"median"`
	P90     int64          `json:"p90"`
	Longest int64          `json:"longest"`
	Within  []AnswerBucket `json:"within"`
}

// An AnswerBucket counts the answers that took at most UpTo seconds, and longer than the bucket before; zero: all longer ones.
type AnswerBucket struct {
	UpTo  int64 `json:"up_to,omitzero"`
	Count int64 `json:"count"`
}

// bucketsUpTo are the ends of the buckets.
func bucketsUpTo() []time.Duration {
	const day = 24 * time.Hour
	return []time.Duration{time.Hour, 4 * time.Hour, 8 * time.Hour, day, 3 * day, 7 * day, 30 * day}
}

// An UnreadCount is how many records of the window one of both sides cannot read, or does not know (S-3).
type UnreadCount struct {
	From  string `json:"from"`
	To    string `json:"to"`
	Count int64  `json:"count"`
}

// Beyond is what this side holds beyond the basis (S-12). The other side need not know it.
type Beyond struct {
	Appeals  []BeyondRow    `json:"appeals"`
	Moves    []BeyondMoves  `json:"moves"`
	Receipts []ReceiptCount `json:"receipts"` // by how many receipts was counted
}

// A BeyondRow counts appeals beyond the basis.
type BeyondRow struct {
	From    string `json:"from"`
	To      string `json:"to"`
	Class   string `json:"class"`
	Channel string `json:"channel"`
	Kind    string `json:"kind"`
	Sent    int64  `json:"sent"`
	Lodged  int64  `json:"lodged"`
}

// BeyondMoves counts moves beyond the basis in appeals that were counted.
type BeyondMoves struct {
	By    string `json:"by"`
	Act   string `json:"act"`
	Count int64  `json:"count"`
}

// A ReceiptCount is how many receipts over an outbox were counted by.
type ReceiptCount struct {
	Outbox string `json:"outbox"`
	Count  int64  `json:"count"`
}

// statSort is what a row counts.
type statSort struct{ from, to, class, channel, kind string }

func (s statSort) total() statSort { return statSort{from: s.from, to: s.to, class: s.class} }

func (s statSort) compare(t statSort) int {
	return cmp.Or(cmp.Compare(s.from, t.from), cmp.Compare(s.to, t.to), cmp.Compare(classRank(s.class), classRank(t.class)), cmp.Compare(s.class, t.class),
		cmp.Compare(s.channel, t.channel), cmp.Compare(s.kind, t.kind))
}

// classRank puts what public figures count before the rest.
func classRank(class string) int {
	if i := slices.Index([]string{"substantive", "service", "test"}, class); i >= 0 {
		return i
	}
	return 3
}

// Statistics counts the appeals of a link, one after the other and in any order. It keeps of each nothing but how long its answer took.
type Statistics struct {
	q        Question
	ground   *ground
	agreed   []Agreement // in their order, and what holds by each
	terms    []Terms
	rows     map[statSort]*tallied
	counting map[string]bool
	marks    Marks
	beyond   map[statSort]*BeyondRow
	moves    map[BeyondMoves]int64
	codes    map[string]bool // by which an appeal is refused as inadmissible
}

// tallied is a row while it is counted.
type tallied struct {
	StatRow
	took []uint32 // seconds
}

// NewStatistics begins to count. held are the outboxes of the link, unread what this side cannot read of them ([Case.UnreadAt]).
func NewStatistics(q Question, held []Held, unread []Serial) *Statistics {
	q.AsOf, q.From, q.To = q.AsOf.UTC(), q.From.UTC(), q.To.UTC()
	s := &Statistics{q: q, ground: groundOf(q, held, unread), rows: map[statSort]*tallied{}, counting: map[string]bool{}, marks: Marks{Moves: map[string]time.Time{}},
		beyond: map[statSort]*BeyondRow{}, moves: map[BeyondMoves]int64{}, codes: map[string]bool{}}
	groups := record.RefusalCodes()
	for _, code := range slices.Concat(groups["fault"], groups["admissibility"]) {
		s.codes[code] = true
	}
	return s
}

// Basis is what was counted by.
func (s *Statistics) Basis() Basis { return s.ground.Basis }

// Agreement tells whether the case is an arrangement that both sides know to be agreed to, and how it came to be.
func (s *Statistics) Agreement(c Case) (a Agreement, ok bool) {
	if c, _, ok = s.ground.cut(c); !ok {
		return a, false
	}
	if a, ok = c.Agreement(); !ok {
		return a, false
	}
	withdrawn := time.Time{}
	if w := a.Withdrawal; w != nil {
		withdrawn = s.ground.held[w.Outbox].first(w.Index)
	}
	return a.Held(s.ground.held[a.Outbox].first(a.Index), withdrawn)
}

// Arrange adds the terms of such an arrangement. All are added before the first case is.
func (s *Statistics) Arrange(a Agreement, t Terms) {
	at, _ := slices.BinarySearchFunc(s.agreed, a, Agreement.Compare)
	s.agreed = slices.Insert(s.agreed, at, a)
	s.terms = slices.Insert(s.terms, at, t.Agreed(a))
}

// Holds tells whether the opening of a case is in the basis, and read by both.
func (s *Statistics) Holds(c Case) bool {
	return c.Open != nil && s.ground.has(c.Open.Outbox, c.Open.Index)
}

// Add counts a case, if it is one that is asked for. lodged is when a relay receipted it; it is looked at only beyond the basis.
func (s *Statistics) Add(whole Case, lodged time.Time) {
	o := whole.Open
	if o == nil || o.Act != ActAppeal || o.Unknown || !s.q.asks(o) {
		return
	}
	c, beyond, ok := s.ground.cut(whole)
	if !ok {
		s.addBeyond(o, lodged)
		return
	}
	if !s.ground.spans[o.Outbox].has(o.Index) {
		return
	}
	for _, m := range beyond {
		s.moves[BeyondMoves{By: m.By, Act: m.Act}]++
	}
	sort := statSort{o.From, o.To, o.Class, o.Channel, o.Kind}
	row, total := s.row(sort), s.row(sort.total())
	s.count(c, row, total)
}

func (q Question) asks(o *Opening) bool {
	return (q.Channel == "" || q.Channel == o.Channel) && (q.Kind == "" || q.Kind == o.Kind) && (q.Class == "" || q.Class == o.Class)
}

func (s *Statistics) row(sort statSort) *tallied {
	r := s.rows[sort]
	if r == nil {
		r = &tallied{StatRow: StatRow{From: sort.from, To: sort.to, Class: sort.class, Channel: sort.channel, Kind: sort.kind}}
		s.rows[sort] = r
	}
	return r
}

// addBeyond counts an appeal that is not in the basis.
func (s *Statistics) addBeyond(o *Opening, lodged time.Time) {
	at := instant(o.ReleasedAt)
	if s.ground.unread[Serial{o.Outbox, o.Index}] || !at.Before(s.q.AsOf) || at.Before(s.q.From) || !s.q.To.IsZero() && !at.Before(s.q.To) {
		return
	}
	sort := statSort{o.From, o.To, o.Class, o.Channel, o.Kind}
	r := s.beyond[sort]
	if r == nil {
		r = &BeyondRow{From: o.From, To: o.To, Class: o.Class, Channel: o.Channel, Kind: o.Kind}
		s.beyond[sort] = r
	}
	r.Sent++
	if !lodged.IsZero() && lodged.Before(s.q.AsOf) {
		r.Lodged++
	}
}

// Figures is what was counted.
func (s *Statistics) Figures(party, other string) Figures {
	f := Figures{Link: [2]string{min(party, other), max(party, other)}, AsOf: s.q.AsOf, From: s.q.From, To: s.q.To, Channel: s.q.Channel, Kind: s.q.Kind, Class: s.q.Class,
		Basis: s.ground.Basis, Counting: []string{}, Totals: []StatRow{}, Rows: []StatRow{}, Unread: s.ground.unreadCounts()}
	f.Counting = append(f.Counting, slices.Sorted(maps.Keys(s.counting))...)
	for _, sort := range slices.SortedFunc(maps.Keys(s.rows), statSort.compare) {
		r := s.rows[sort]
		r.AnswerTime = answerTime(r.took)
		if sort == sort.total() {
			f.Totals = append(f.Totals, r.StatRow)
		} else {
			f.Rows = append(f.Rows, r.StatRow)
		}
	}
	return f
}

// unreadCounts counts what is unread in the window by directed pair.
func (g *ground) unreadCounts() []UnreadCount {
	counts := map[statSort]int64{}
	for _, u := range g.Basis.Unread {
		if h := g.held[u.Outbox]; g.spans[u.Outbox].has(u.Index) {
			counts[statSort{from: h.From, to: h.To}]++
		}
	}
	list := []UnreadCount{}
	for _, sort := range slices.SortedFunc(maps.Keys(counts), statSort.compare) {
		list = append(list, UnreadCount{sort.from, sort.to, counts[sort]})
	}
	return list
}

// Beyond is what was left out of the figures.
func (s *Statistics) Beyond() Beyond {
	b := Beyond{Appeals: []BeyondRow{}, Moves: []BeyondMoves{}, Receipts: []ReceiptCount{}}
	for _, sort := range slices.SortedFunc(maps.Keys(s.beyond), statSort.compare) {
		b.Appeals = append(b.Appeals, *s.beyond[sort])
	}
	for m, n := range s.moves {
		b.Moves = append(b.Moves, BeyondMoves{m.By, m.Act, n})
	}
	slices.SortFunc(b.Moves, func(x, y BeyondMoves) int { return cmp.Or(cmp.Compare(x.By, y.By), cmp.Compare(x.Act, y.Act)) })
	for _, h := range s.ground.Heads {
		b.Receipts = append(b.Receipts, ReceiptCount{h.Outbox, int64(len(s.ground.held[h.Outbox].Receipts))})
	}
	return b
}

// answerTime says how long answers took; it sorts took.
func answerTime(took []uint32) AnswerTime {
	slices.Sort(took)
	a := AnswerTime{Count: int64(len(took)), Within: []AnswerBucket{}}
	if n := len(took); n > 0 {
		a.Median, a.P90, a.Longest = int64(took[(n+1)/2-1]), int64(took[(9*n+9)/10-1]), int64(took[n-1])
	}
	done := 0
	for _, upTo := range bucketsUpTo() {
		seconds := int64(upTo / time.Second)
		end, _ := slices.BinarySearch(took, uint32(seconds+1)) // #nosec G115 -- thirty days at most
		a.Within = append(a.Within, AnswerBucket{seconds, int64(end - done)})
		done = end
	}
	a.Within = append(a.Within, AnswerBucket{Count: int64(len(took) - done)})
	return a
}
