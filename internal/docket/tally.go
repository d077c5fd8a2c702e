package docket

import (
	"cmp"
	"encoding/json/jsontext"
	"encoding/json/v2"
	"slices"
	"strconv"
	"time"

	"verbale/record"
)

// Directions of rows and differences, as the author of the record in which they stand sees them.
const (
	DirSent     = "sent"
	DirReceived = "received"
)

// A Span is the run of serial numbers of an outbox that belongs to a month: From up to Next, without it.
type Span struct {
	Outbox string `json:"outbox"`
	From   int64  `json:"from"`
	Next   int64  `json:"next"`
}

// same tells whether two runs are of the same serial numbers. One without any may stand anywhere.
func (s Span) same(t Span) bool {
	return s.From == t.From && s.Next == t.Next || s.From == s.Next && t.From == t.Next
}

func (s Span) has(serial int64) bool { return s.From <= serial && serial < s.Next }

// A Row is how many records of one sort a month has. The members stand in the order of RFC 8785.
type Row struct {
	Act       string `json:"act"`
	Class     string `json:"class"`
	Count     int64  `json:"count"`
	Direction string `json:"direction"`
	Kind      string `json:"kind,omitempty"`
}

// sort is what a Row counts.
func (r Row) sort() Row {
	r.Count = 0
	return r
}

func compareRows(a, b Row) int {
	return cmp.Or(cmp.Compare(b.Direction, a.Direction), cmp.Compare(a.Act, b.Act), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Class, b.Class))
}

// A Tally is what one side counts of a month.
type Tally struct {
	Period      string    `json:"period"` // YYYY-MM
	TakenAt     time.Time `json:"taken_at"`
	Sent        Span      `json:"sent"`
	Received    Span      `json:"received"`
	Rows        []Row     `json:"rows,omitempty"`
	Unreceipted []int64   `json:"unreceipted,omitempty"`
}

// TallyOf reads a record of the act tally. Its fields were held against the schema before.
func TallyOf(f record.Fields) Tally {
	return Tally{Period: f.Text("period"), TakenAt: f.Time("taken_at"),
		Sent:     Span{f.Text("sent_outbox"), f.Int("sent_from"), f.Int("sent_next")},
		Received: Span{f.Text("received_outbox"), f.Int("received_from"), f.Int("received_next")},
		Rows:     listOf[Row](f, "rows"), Unreceipted: listOf[int64](f, "unreceipted")}
}

// Draft gives the fields of the record, without the envelope.
func (t Tally) Draft() record.Fields {
	f := record.Fields{}
	f.SetText("act", ActTally)
	f.SetText("period", t.Period)
	f.SetTime("taken_at", t.TakenAt)
	f.SetText("sent_outbox", t.Sent.Outbox)
	f.SetInt("sent_from", t.Sent.From)
	f.SetInt("sent_next", t.Sent.Next)
	f.SetText("received_outbox", t.Received.Outbox)
	f.SetInt("received_from", t.Received.From)
	f.SetInt("received_next", t.Received.Next)
	setList(f, "rows", t.Rows)
	serials := make([]jsontext.Value, len(t.Unreceipted))
	for i, n := range t.Unreceipted {
		serials[i] = jsontext.Value(strconv.FormatInt(n, 10))
	}
	f.SetList("unreceipted", serials)
	return f
}

// SameCount tells whether two tallies of a month say the same, whenever they were taken.
func (t Tally) SameCount(u Tally) bool {
	return t.Period == u.Period && t.Sent == u.Sent && t.Received == u.Received && slices.Equal(t.Rows, u.Rows) && slices.Equal(t.Unreceipted, u.Unreceipted)
}

// Month gives the month of a time, as a period.
func Month(t time.Time) string { return t.UTC().Format("2006-01") }

// MonthAt gives the first moment of a period and of the one after it, and whether it is one.
func MonthAt(period string) (from, next time.Time, ok bool) {
	from, err := time.Parse("2006-01", period)
	return from, from.AddDate(0, 1, 0), err == nil && len(period) == len("2006-01")
}

// A Difference is a serial number on which two books differ. Direction is that of who says it.
type Difference struct {
	Direction string `json:"direction"`
	Note      string `json:"note,omitempty"`
	Serial    int64  `json:"serial"`
	State     string `json:"state"`
}

// The states of a difference.
const (
	NotReceived = "not-received" // the answerer has not received it, or not in the month
	NoReceipt   = "no-receipt"   // one side has no receipt for what the other side counts
	OtherKind   = "other-kind"   // the sides count it in different rows
	OtherPeriod = "other-period" // the sides count it in different months
)

// An Answer is what the books of the other side say of a tally.
type Answer struct {
	Agrees      bool         `json:"agrees"`
	Rows        []Row        `json:"rows,omitempty"`
	Differences []Difference `json:"differences,omitempty"`
}

// AnswerOf reads a record of the act tally-answer.
func AnswerOf(f record.Fields) Answer {
	return Answer{Agrees: f.Bool("agrees"), Rows: listOf[Row](f, "rows"), Differences: listOf[Difference](f, "differences")}
}

// Draft gives the fields of the record, without the envelope.
func (a Answer) Draft(to record.Ref) record.Fields {
	f := record.Fields{}
	f.SetText("act", ActTallyAnswer)
	f.SetRef("in_reply_to", to)
	f.SetBool("agrees", a.Agrees)
	setList(f, "rows", a.Rows)
	setList(f, "differences", a.Differences)
	return f
}

// setList sets a list of values; each is in its RFC 8785 form once its members are in order.
func setList[T any](f record.Fields, name string, list []T) {
	values := make([]jsontext.Value, 0, len(list))
	for _, v := range list {
		if b, err := json.Marshal(v); err == nil { // it holds texts and numbers only
			value := jsontext.Value(b)
			_ = value.Canonicalize()
			values = append(values, value)
		}
	}
	f.SetList(name, values)
}

// listOf reads a list that was held against the schema before.
func listOf[T any](f record.Fields, name string) (list []T) {
	for _, v := range f.List(name) {
		var one T
		if json.Unmarshal(v, &one) == nil {
			list = append(list, one)
		}
	}
	return list
}
