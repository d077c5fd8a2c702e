package docket

import (
	"cmp"
	"encoding/base64"
	"encoding/json/v2"
	"slices"

	"verbale/record"
)

// An Entry is one record of either outbox of a link, as the fold sees it.
type Entry struct {
	Author   string
	Audience string
	Ref      record.Ref
	Opened   *record.Opened // nil when the content could not be read
	Fault    string         // why it could not: one of the faults below
}

// The faults.
const (
	FaultUndecryptable = "undecryptable" // it is not encrypted to us, or damaged
	FaultMalformed     = "malformed"     // it is no content
	// FaultErased is that of a content that was readable once and is no longer kept: nobody owes a reply to it.
	FaultErased = "erased"
)

// A Case is an appeal (or a ping, a tally, or a record that nobody here can read) and all that follows it.
// Party names stand in it, never "ours" and "theirs": both sides fold the same bytes.
type Case struct {
	Key  string   `json:"key"` // leaf hash of the record that opened it, b64u; replies name it
	Open *Opening `json:"open,omitzero"`
	// Moves follow in the order of (outbox, index), an outbox of a later generation after those before it.
	Moves []Move `json:"moves,omitempty"`
}

// An Opening is what the docket keeps of the record that opened a case.
type Opening struct {
	Outbox        string `json:"outbox"`
	Index         int64  `json:"index"`
	From          string `json:"from"`
	To            string `json:"to"`
	Act           string `json:"act,omitempty"` // empty when unreadable
	Kind          string `json:"kind,omitempty"`
	Class         string `json:"class,omitempty"`
	Channel       string `json:"channel,omitempty"`
	TLP           string `json:"tlp,omitempty"`
	Urgency       string `json:"urgency,omitempty"`
	Subject       string `json:"subject,omitempty"` // of a tally its month, of a ping the contact point
	CaseRef       string `json:"case_ref,omitempty"`
	ReleasedAt    string `json:"released_at,omitempty"`
	AcknowledgeBy string `json:"acknowledge_by,omitempty"`
	ReplyBy       string `json:"reply_by,omitempty"`
	ExpiresAt     string `json:"expires_at,omitempty"`
	Level         string `json:"level,omitempty"`         // of an appeal, where it says one
	FirstMadeAt   string `json:"first_made_at,omitempty"` // of an appeal that was redirected here: the date that counts
	Version       int64  `json:"version,omitzero"`        // of an arrangement
	Unknown       bool   `json:"unknown,omitzero"`        // an act or kind of a later version: shown, never interpreted
	Fault         string `json:"fault,omitempty"`
}

// A Move is one record that refers to a case.
type Move struct {
	Outbox     string `json:"outbox"`
	Index      int64  `json:"index"`
	Leaf       string `json:"leaf"`
	By         string `json:"by"`
	Act        string `json:"act"`
	ToOutbox   string `json:"to_outbox,omitempty"` // where the record that it names stands, as it says
	ToIndex    int64  `json:"to_index,omitzero"`
	About      *Place `json:"about,omitempty"` // the move of the other side that it answers
	ReleasedAt string `json:"released_at,omitempty"`
	Code       string `json:"code,omitempty"`     // refuse
	Finality   string `json:"finality,omitempty"` // answer
	Outcome    string `json:"outcome,omitempty"`  // answer; tally-answer: Agrees or Differs
	// Word is what the move turns on: the extent of an accept, the stage of a progress, the ground of a postpone, the satisfaction of a close, the
	// edition of a correct, the level of an escalate, the authority of a redirect.
	Word    string   `json:"word,omitempty"`
	Party   string   `json:"party,omitempty"`   // redirect to another party
	Until   string   `json:"until,omitempty"`   // postpone, and complete_by of an incomplete
	Missing []string `json:"missing,omitempty"` // incomplete
	Instead *Place   `json:"instead,omitempty"` // supersede: the appeal that takes the place
	// Irregular is the rule that the move breaks; such a move is shown and moves nothing.
	Irregular string `json:"irregular,omitempty"`
}

// A Place is a reference as a case keeps it.
type Place struct {
	Outbox string `json:"outbox"`
	Index  int64  `json:"index"`
	Leaf   string `json:"leaf"`
}

func placeIn(f record.Fields, field string) *Place {
	r, ok := f.Ref(field)
	if !ok {
		return nil
	}
	return &Place{Outbox: r.Outbox, Index: r.Index, Leaf: keyOf(r.Leaf)}
}

// names tells whether p is the whole reference of m.
func (p *Place) names(m *Move) bool {
	return p != nil && p.Outbox == m.Outbox && p.Index == m.Index && p.Leaf == m.Leaf
}

// Key names the case that e belongs to: its own leaf when it opens one, else the leaf it refers to.
func Key(e Entry) string {
	if ref, ok := e.refersTo(); ok {
		return keyOf(ref.Leaf)
	}
	return keyOf(e.Ref.Leaf)
}

func (e Entry) refersTo() (record.Ref, bool) {
	if e.Opened == nil || e.Opened.Unknown() {
		return record.Ref{}, false
	}
	if moverOf(e.Opened.Act()) == nobody {
		return record.Ref{}, false
	}
	return e.Opened.Fields.Ref("in_reply_to")
}

// Apply folds e into c, which is the case stored under Key(e), or the zero Case when there is none.
// Folding the same entry again changes nothing. A leaf that its author wrote twice opens its case where it stands first.
func Apply(c Case, e Entry) Case {
	c.Key = Key(e)
	if _, moves := e.refersTo(); moves {
		c.add(moveOf(e))
	} else if c.Open == nil || order(e.Ref.Outbox, e.Ref.Index, c.Open.Outbox, c.Open.Index) <= 0 {
		c.Open = openingOf(e)
	}
	c.judge()
	return c
}

// Keep adds to c what was, the case stored under the same key, says of records whose content is erased since: they cannot be
// folded again. erased tells whether a record is one, by its place and its leaf hash in the form of a Key.
func Keep(c, was Case, erased func(outbox string, index int64, leaf string) bool) Case {
	c.Key = was.Key
	if o := was.Open; o != nil && erased(o.Outbox, o.Index, was.Key) &&
		(c.Open == nil || order(o.Outbox, o.Index, c.Open.Outbox, c.Open.Index) < 0) {
		c.Open = o
	}
	for _, m := range was.Moves {
		if erased(m.Outbox, m.Index, m.Leaf) {
			c.add(m)
		}
	}
	c.judge()
	return c
}

func openingOf(e Entry) *Opening {
	o := &Opening{Outbox: e.Ref.Outbox, Index: e.Ref.Index, From: e.Author, To: e.Audience, Fault: e.Fault}
	if e.Opened == nil {
		return o
	}
	f := e.Opened.Fields
	o.Act, o.Unknown = e.Opened.Act(), e.Opened.Unknown()
	if o.Act == ActAppeal {
		o.Kind = e.Opened.Kind() // elsewhere a field of this name may be anything, and of any length
	}
	if o.Unknown {
		return o
	}
	o.Class, o.Channel, o.TLP = f.Text("class"), f.Text("channel"), f.Text("tlp")
	o.Urgency, o.Subject, o.CaseRef = f.Text("urgency"), f.Text("subject"), f.Text("case_ref")
	o.ReleasedAt, o.AcknowledgeBy, o.ReplyBy = f.Text("released_at"), f.Text("acknowledge_by"), f.Text("reply_by")
	switch o.Act {
	case ActAppeal:
		o.ExpiresAt, o.Level, o.FirstMadeAt = f.Text("expires_at"), f.Text("level"), f.Text("first_made_at")
	case ActTally:
		o.Subject = f.Text("period")
	case ActPing:
		o.Subject = f.Text("contact")
	case ActArrangement:
		o.Version = f.Int("version")
	}
	return o
}

func moveOf(e Entry) Move {
	f := e.Opened.Fields
	to, _ := e.refersTo()
	m := Move{Outbox: e.Ref.Outbox, Index: e.Ref.Index, Leaf: keyOf(e.Ref.Leaf), By: e.Author, Act: e.Opened.Act(),
		ToOutbox: to.Outbox, ToIndex: to.Index, ReleasedAt: f.Text("released_at"), Code: f.Text("code"), Finality: f.Text("finality"), Outcome: f.Text("outcome")}
	m.About = placeIn(f, "about")
	if name := wordOf[m.Act]; name != "" {
		m.Word = f.Text(name)
	}
	switch m.Act {
	case ActTallyAnswer:
		m.Outcome = Differs
		if f.Bool("agrees") {
			m.Outcome = Agrees
		}
	case ActRedirect:
		m.Party = f.Text("to_party")
	case ActPostpone:
		m.Until = f.Text("until")
	case ActIncomplete:
		m.Until, m.Missing = f.Text("complete_by"), f.Texts("missing")
	case ActSupersede:
		m.Instead = placeIn(f, "by")
	}
	return m
}

// wordOf names the field that Move.Word is.
var wordOf = map[string]string{ActAccept: "extent", ActProgress: "stage", ActPostpone: "ground", ActClose: "satisfaction", ActCorrect: "edition",
	ActEscalate: "level", ActRedirect: "to_authority"}

// Outcomes of a tally-answer, as a Move has them.
const (
	Agrees  = "agrees"
	Differs = "differs"
)

func (c *Case) add(m Move) {
	at, found := slices.BinarySearchFunc(c.Moves, m, func(a, b Move) int {
		return order(a.Outbox, a.Index, b.Outbox, b.Index)
	})
	if !found {
		c.Moves = slices.Insert(slices.Clone(c.Moves), at, m)
		c.trim(m.By)
	}
}

// trim drops the last move of a side that has more of them than a case takes. Which stay does not depend on the order of arrival.
func (c *Case) trim(by string) {
	n, last := 0, 0
	for i := range c.Moves {
		if c.Moves[i].By == by {
			n, last = n+1, i
		}
	}
	if n > MaxMoves {
		c.Moves = slices.Delete(c.Moves, last, last+1)
	}
}

// order compares two places. The two outboxes of a link have origins of one length, but for the digits of the generation:
// the shorter origin is of the earlier generation (K-2).
func order(outbox string, index int64, thanOutbox string, thanIndex int64) int {
	return cmp.Or(cmp.Compare(len(outbox), len(thanOutbox)), cmp.Compare(outbox, thanOutbox), cmp.Compare(index, thanIndex))
}

// Appeals tells whether the case is an appeal's, or could be one: its record cannot be read, is of a later version, or is not here.
func (c Case) Appeals() bool { return c.Open == nil || c.Open.Act == ActAppeal || c.Open.opaque() }

// Check tells whether the case is the check of a contact point: a ping that a person acknowledges and no node.
func (c Case) Check() bool {
	return c.Open != nil && !c.Open.Unknown && c.Open.Act == ActPing && c.Open.Subject != ""
}

// opaque tells whether the record could be anything: unreadable here, or an act of a later version. To the other side it may be
// an appeal, so what refers to it is judged only by whose move it is.
func (o *Opening) opaque() bool { return o.Act == "" || o.Unknown && o.Act != ActAppeal }

// Marshal is the stored form of a case: the same case gives the same bytes.
func (c Case) Marshal() ([]byte, error) { return json.Marshal(c, json.Deterministic(true)) }

// ParseCase reads what Marshal wrote.
func ParseCase(b []byte) (Case, error) {
	var c Case
	err := json.Unmarshal(b, &c, json.RejectUnknownMembers(true))
	return c, err
}

// keyOf is b64u of a leaf hash.
func keyOf(hash [32]byte) string { return base64.RawURLEncoding.EncodeToString(hash[:]) }
