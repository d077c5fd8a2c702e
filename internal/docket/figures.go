package docket

import "slices"

// A Figure is one number of a row, by the name that it has in a figures file.
type Figure struct {
	Name string `json:"name"`
	N    int64  `json:"n"`
}

// List gives the groups, the ends first.
func (g Groups) List() []Figure {
	return []Figure{{"answered_in_time", g.AnsweredInTime}, {"answered_late", g.AnsweredLate}, {"refused", g.Refused}, {"redirected", g.Redirected},
		{"disputed", g.Disputed}, {"withdrawn", g.Withdrawn}, {"superseded", g.Superseded}, {"expired", g.Expired}, {"noted", g.Noted},
		{"incomplete", g.Incomplete}, {"conditions", g.Conditions}, {"silent", g.Silent}, {"overdue", g.Overdue}, {"unacknowledged", g.Unacknowledged},
		{"postponed", g.Postponed}, {"pending", g.Pending}}
}

// List gives the figures that overlap.
func (o Overlaps) List() []Figure {
	return []Figure{{"acknowledged", o.Acknowledged}, {"acknowledged_late", o.AcknowledgedLate}, {"found_incomplete", o.FoundIncomplete}, {"accepted", o.Accepted},
		{"interim", o.Interim}, {"escalated", o.Escalated}, {"disputed_once", o.DisputedOnce}, {"closed", o.Closed}, {"inadmissible", o.Inadmissible},
		{"late", o.Late}, {"lapsed", o.Lapsed}, {"irregular", o.Irregular}}
}

// list gives every number of a row.
func (r StatRow) list() []Figure {
	t := r.AnswerTime
	return slices.Concat([]Figure{{"received", r.Received}, {"public", r.Public}}, r.OneOf.List(), r.AnyOf.List(),
		[]Figure{{"answers", t.Count}, {"median", t.Median}, {"p90", t.P90}, {"longest", t.Longest}})
}

// A RowDifference is a row in which two sides say something else.
type RowDifference struct {
	From    string   `json:"from"`
	To      string   `json:"to"`
	Class   string   `json:"class"`
	Channel string   `json:"channel"`
	Kind    string   `json:"kind"`
	Ours    []Figure `json:"ours"`   // the numbers that differ
	Theirs  []Figure `json:"theirs"` // the same of the other side
}

// Differ gives the rows in which the figures of the other side say something else.
func (f Figures) Differ(theirs Figures) []RowDifference {
	rows := map[statSort][2]StatRow{}
	for i, list := range [][]StatRow{f.Rows, theirs.Rows} {
		for _, r := range list {
			pair := rows[r.sort()]
			pair[i] = r
			rows[r.sort()] = pair
		}
	}
	var list []RowDifference
	for sort, pair := range rows {
		d := RowDifference{From: sort.from, To: sort.to, Class: sort.class, Channel: sort.channel, Kind: sort.kind}
		theirs := pair[1].list()
		for i, figure := range pair[0].list() {
			if figure != theirs[i] {
				d.Ours, d.Theirs = append(d.Ours, figure), append(d.Theirs, theirs[i])
			}
		}
		if d.Ours != nil {
			list = append(list, d)
		}
	}
	slices.SortFunc(list, func(a, b RowDifference) int { return a.sort().compare(b.sort()) })
	return list
}

func (d RowDifference) sort() statSort { return statSort{d.From, d.To, d.Class, d.Channel, d.Kind} }
