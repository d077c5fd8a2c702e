package docket

import (
	"slices"
	"strings"
	"time"

	"verbale/record"
)

// An Index is what a store keeps beside a case to find it by. Nothing is in it that the case does not say.
type Index struct {
	Outbox, From, To             string // of the opening; all empty where it is not here
	Position                     int64
	Act, Kind, Class, Channel    string
	TLP, Urgency, Level, Subject string
	ReleasedAt                   time.Time
	// Status and Turn are those of a case whose opening was received: receipts are not in the docket. Before the receipt the turn is the
	// addressee's as well.
	Status Status
	Turn   string
	// Due is when, at the earliest, who must act is late; zero: never. The view of the case knows the true time, which is never before it.
	Due time.Time
	// Expires is when nobody asks for the appeal any more; zero: never, or it has ended before. Status and Turn are those before it.
	Expires time.Time
	// Irregular tells whether a move breaks a rule, or what the moves refer to is not here.
	Irregular bool
}

// IndexVersion names what Index says of a case. Raise it when Index says something else of the same case: stores then fill their columns anew.
const IndexVersion = "5"

// foldRules counts how the same records came to be folded to something else. Raise it with every such change.
const foldRules = "1"

// FoldVersion names what records are folded by: the rules, and the acts and kinds that are known. A docket that was folded by others is folded anew.
func FoldVersion() string {
	return foldRules + ": " + strings.Join(slices.Concat(record.Words("act"), record.Words("kind")), " ")
}

// Index computes what c is found by.
func (c Case) Index() Index {
	o := c.Open
	if o == nil {
		return Index{Status: Orphan, Irregular: true}
	}
	v := View{Case: c, Status: c.status(Received), AcknowledgeBy: instant(o.AcknowledgeBy), ReplyBy: instant(o.ReplyBy)}
	v.owed()
	expires := instant(o.ExpiresAt)
	if v.Turn == "" {
		expires = time.Time{}
	}
	return Index{Outbox: o.Outbox, From: o.From, To: o.To, Position: o.Index, Act: o.Act, Kind: o.Kind, Class: o.Class, Channel: o.Channel,
		TLP: o.TLP, Urgency: o.Urgency, Level: c.level(), Subject: o.Subject, Expires: expires, ReleasedAt: instant(o.ReleasedAt), Status: v.Status, Turn: v.Turn, Due: v.By,
		Irregular: slices.ContainsFunc(c.Moves, func(m Move) bool { return m.Irregular != "" })}
}
