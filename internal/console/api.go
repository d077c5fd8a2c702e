package console

import (
	"encoding/base64"
	"encoding/json/jsontext"
	"time"

	"verbale/internal/docket"
	"verbale/internal/node"
	"verbale/record"
	"verbale/verdict"
)

// The calls of the API. {party} is a party name; a record is named by outbox (its origin) and index.
const (
	pathSelf     = "/v1/self"     // GET: Party
	pathRenew    = "/v1/renew"    // POST Renewal: Party
	pathKeys     = "/v1/keys"     // GET: node.KeyStatus
	pathLinks    = "/v1/links"    // GET: Links; POST Profile: Party; GET /v1/links/{party}: node.LinkStatus, with its page
	pathConfirm  = "/confirm"     // POST /v1/links/{party}/confirm Words: node.LinkStatus
	pathRetry    = "/retry"       // POST /v1/links/{party}/retry: node.LinkStatus
	pathSuspend  = "/suspend"     // POST /v1/links/{party}/suspend Notice: node.Filed
	pathResume   = "/resume"      // POST /v1/links/{party}/resume Notice: node.Filed
	pathTally    = "/tally"       // POST /v1/links/{party}/tally Month, GET ?month=: node.TallyPage
	pathStats    = "/statistics"  // GET /v1/links/{party}/statistics ?from= &to= &as_of= &channel= &kind= &class=: node.Statistics; POST FiguresFile: node.Comparison
	pathRecover  = "/recover"     // POST /v1/links/{party}/recover: steps, then node.Recovered
	pathPings    = "/pings"       // GET /v1/links/{party}/pings: Pings
	pathChannel  = "/channel"     // GET /v1/links/{party}/channel?from= &to=: node.Channel; POST node.ChannelRequest: a bundle
	pathRegain   = "/v1/regain"   // POST Regain: steps, then Party
	pathExchange = "/exchange"    // POST /v1/links/{party}/exchange: steps, then Exchanged
	pathRecords  = "/v1/records"  // POST Draft: node.Filed
	pathReplies  = "/v1/replies"  // POST Reply: node.Filed
	pathPrepare  = "/v1/prepare"  // POST Draft: Prepared
	pathCases    = "/v1/cases"    // GET ?party= &turn=ours|theirs &act= &except= &status= &appeals=yes &stranded=yes &after= &limit=: Cases
	pathCase     = "/v1/case"     // GET ?outbox= &index=: Case
	pathBundle   = "/v1/bundle"   // POST node.ProveRequest: a bundle
	pathRegister = "/v1/register" // GET: node.RegisterStatus; POST /v1/register/date, /v1/register/resume: node.RegisterStatus
	pathDate     = "/date"
	pathResumed  = "/resume"
	pathEvidence = "/v1/evidence"  // GET: Evidences; GET /v1/evidence/{id}/bundle: a bundle
	pathRelays   = "/v1/relays"    // GET: Relays; POST {"party"}: node.Filed; GET /v1/relays/{party}/bundle?link=: a bundle
	pathEnd      = "/end"          // POST /v1/relays/{party}/end: node.Filed
	pathCollect  = "/collect"      // POST /v1/relays/collect: Collected
	pathLodge    = "/lodge"        // POST /v1/links/{party}/lodge: node.Lodged
	pathFsck     = "/v1/fsck"      // POST: steps, then node.Audit
	pathRebuild  = "/v1/rebuild"   // POST Rebuild: steps, then node.Rebuilt
	pathBackup   = "/v1/backup"    // POST Backup: Backup
	pathHouses   = "/v1/directory" // GET: Houses; POST Entry: EntryPublished; GET /v1/directory/own: node.OwnDirectory
	pathOwn      = "/own"
	pathHouse    = "/directory"    // GET /v1/links/{party}/directory: node.DirectoryEntry
	pathWho      = "/competent"    // GET /v1/links/{party}/competent?kind=: node.Competence
	pathRules    = "/arrangements" // GET /v1/links/{party}/arrangements?at=: Arrangements; POST Proposal: node.Filed
	pathRule     = "/arrangement"  // GET /v1/links/{party}/arrangement?at= &version= &outbox= &index=: node.ArrangementPage
	pathTokens   = "/v1/tokens"    // GET: Tokens; POST node.TokenRequest: NewToken
	pathRevoke   = "/revoke"       // POST /v1/tokens/{name}/revoke: Tokens
	pathDesk     = "/v1/desk"      // GET ?first=: Desk
	pathSearch   = "/v1/search"    // GET ?words= &party= &kind= &act= &since= &order= &after= &after_rank= &limit=: Matches
	pathEvents   = "/v1/events"    // GET ?after=: server-sent events
	pathDocument = "/v1/openapi.json"
)

// A Party is what a profile says of its party.
type Party struct {
	Party            string    `json:"party"`
	Title            string    `json:"title"`
	PartyKind        string    `json:"party_kind"`
	Jurisdiction     string    `json:"jurisdiction,omitempty"`
	Endpoint         string    `json:"endpoint"`
	KeysValidUntil   time.Time `json:"keys_valid_until"`
	Fingerprint      string    `json:"fingerprint"` // b64u
	Words            []string  `json:"words"`
	ReceiptStatement string    `json:"receipt_statement"`
	Profile          string    `json:"profile"`           // the profile file, one line
	Changes          string    `json:"changes,omitempty"` // its further lines: the changes that led to these keys (K-39)
}

// File is the whole profile file.
func (p Party) File() string {
	if p.Changes == "" {
		return p.Profile + "\n"
	}
	return p.Profile + "\n" + p.Changes + "\n"
}

// PartyOf gives what a profile says.
func PartyOf(p verdict.Profile) Party {
	return Party{Party: p.Party, Title: p.Title, PartyKind: p.PartyKind, Jurisdiction: p.Jurisdiction, Endpoint: p.Endpoint, KeysValidUntil: p.ValidUntil,
		Fingerprint: base64.RawURLEncoding.EncodeToString(p.Fingerprint[:]), Words: p.Words, ReceiptStatement: p.ReceiptStatement, Profile: p.File}
}

// Profile is the body of "import a profile".
type Profile struct {
	Profile string `json:"profile"`
}

// Renewal is the body of "renew the profile": a new endpoint, or "" for the one of before.
type Renewal struct {
	Endpoint string `json:"endpoint,omitempty"`
}

// Pings is how the pings of ours were answered, by contact point.
type Pings struct {
	Pings []node.PingStats `json:"pings"`
}

// Regain is the body of "found the folder anew from a peer's copy": the peer's profile file, and its words as they were heard.
type Regain struct {
	Profile string   `json:"profile"`
	Words   []string `json:"words"`
}

// Words is the body of "confirm a link".
type Words struct {
	Words []string `json:"words"`
}

// Notice is the body of "suspend a link" and of "resume it": a draft without what node.Complete fills in.
type Notice struct {
	Draft jsontext.Value `json:"draft"`
	Key   string         `json:"key,omitempty"` // idempotency key
}

// Month is the body of "tally a month".
type Month struct {
	Month string `json:"month"` // as 2026-06
}

// Links is the list of links, by party.
type Links struct {
	Links []node.LinkStatus `json:"links"`
}

// Exchanged is how many entries one round with a peer moved.
type Exchanged struct {
	Receipted int64 `json:"receipted"` // of ours, by the peer's receipt
	Received  int64 `json:"received"`  // of theirs, pulled
}

// Draft is the body of "file an appeal" (or a ping). What it leaves out of the envelope and of the clocks is filled in by node.Complete.
type Draft struct {
	Party string         `json:"party"`
	Draft jsontext.Value `json:"draft"`
	Key   string         `json:"key,omitempty"` // idempotency key
}

// Prepared is a draft as it would be filed now. Filed as it is, it gets the deadlines that stand in it.
type Prepared struct {
	Draft jsontext.Value `json:"draft"`
	Terms int64          `json:"terms,omitzero"` // version of the arrangement that its deadlines are by; absent: the default clocks
	Hints []string       `json:"hints"`          // what the sender may want to know first; nothing of it stops anything
}

// Houses are the entries of the directory of all linked parties, by name.
type Houses struct {
	Entries []node.DirectoryEntry `json:"entries"`
}

// Entry is the body of "publish an entry of the directory": to these parties, or to all, also those that are linked later.
type Entry struct {
	Draft   jsontext.Value `json:"draft"`
	Parties []string       `json:"parties,omitempty"`
}

// EntryPublished is where a published entry stands.
type EntryPublished struct {
	Links []node.Published `json:"links"`
}

// Arrangements are the proposals on a link, the newest first.
type Arrangements struct {
	Arrangements []node.Arrangement `json:"arrangements"`
}

// Proposal is the body of "propose an arrangement": a draft, which may leave out its version where there is no key.
type Proposal struct {
	Draft jsontext.Value `json:"draft"`
	Key   string         `json:"key,omitempty"` // idempotency key
}

// Reply is the body of "reply": a draft that refers to the case of a record; completed likewise.
type Reply struct {
	Outbox string         `json:"outbox"`
	Index  int64          `json:"index"`
	Draft  jsontext.Value `json:"draft"`
	Key    string         `json:"key,omitempty"`
}

// A Line is a case in a list. Ours and theirs are never said: parties are named.
type Line struct {
	ID              int64         `json:"id" doc:"number of the case at this node"`
	With            string        `json:"with" doc:"the other party of the link"`
	Outbox          string        `json:"outbox,omitempty" doc:"origin of the outbox of the record that opened the case; absent: it is not here"`
	Index           int64         `json:"index" doc:"its place there"`
	Leaf            string        `json:"leaf" doc:"leaf hash of that record, b64u"`
	From            string        `json:"from,omitempty" doc:"who wrote it"`
	To              string        `json:"to,omitempty" doc:"to whom"`
	Act             string        `json:"act,omitempty" doc:"what it is; absent: it cannot be read"`
	Kind            string        `json:"kind,omitempty" doc:"of an appeal"`
	Class           string        `json:"class,omitempty" doc:"test, service or substantive"`
	Channel         string        `json:"channel,omitempty" doc:"by which channel, as the record says"`
	TLP             string        `json:"tlp,omitempty" doc:"its marking"`
	Urgency         string        `json:"urgency,omitempty" doc:"of an appeal"`
	Subject         string        `json:"subject,omitempty" doc:"its subject; of a tally the month"`
	CaseRef         string        `json:"case_ref,omitempty" doc:"a reference of its author"`
	Fault           string        `json:"fault,omitempty" doc:"why it cannot be read"`
	Status          docket.Status `json:"status" doc:"where the case stands (spec/acts.md)"`
	ReleasedAt      string        `json:"released_at,omitempty" doc:"when it was released, by its author"`
	LodgedAt        time.Time     `json:"lodged_at,omitzero" doc:"when a relay of the addressee took it, by the relay’s clock"`
	ReceivedAt      time.Time     `json:"received_at,omitzero" doc:"when the addressee received it, by the receipt’s clock"`
	AcknowledgeBy   string        `json:"acknowledge_by,omitempty" doc:"as the record asks for"`
	ReplyBy         string        `json:"reply_by,omitempty" doc:"as the record asks for"`
	Turn            string        `json:"turn,omitempty" doc:"the party that must act"`
	Must            string        `json:"must,omitempty" doc:"what it must do: receive, or an act"`
	By              time.Time     `json:"by,omitzero" doc:"until when"`
	Late            bool          `json:"late" doc:"by has passed"`
	Lapsed          bool          `json:"lapsed" doc:"the deadline of the reply has passed without a final answer"`
	AcknowledgeDue  time.Time     `json:"acknowledge_due,omitzero" doc:"when it is due by the rules (A-14); absent: never"`
	ReplyDue        time.Time     `json:"reply_due,omitzero" doc:"likewise; absent: never, or the clock stands still"`
	StoppedSince    time.Time     `json:"stopped_since,omitzero" doc:"the clock of the reply stands still since then"`
	StoppedBy       string        `json:"stopped_by,omitempty" doc:"the act that stopped it"`
	Level           string        `json:"level,omitempty" doc:"to which the appeal was lifted"`
	ExpiresAt       string        `json:"expires_at,omitempty" doc:"after which it is moot, as the record says"`
	FirstMadeAt     string        `json:"first_made_at,omitempty" doc:"of an appeal that was redirected: the date that counts"`
	Arrangement     int64         `json:"arrangement,omitzero" doc:"version of the arrangement that the clocks are by; absent: the default clocks"`
	Remarks         []string      `json:"remarks,omitempty" doc:"rules that the opening does not keep"`
	Stage           string        `json:"stage,omitempty" doc:"of the reminders, what was told last: soon, due or escalate"`
	Stranded        bool          `json:"stranded" doc:"somebody must act, and one side has suspended the link"`
	DatedAt         time.Time     `json:"dated_at,omitzero" doc:"by when witnesses date it, where no receipt does"`
	SupersededBy    *docket.Place `json:"superseded_by,omitempty" doc:"the appeal that takes its place"`
	RedirectedTo    string        `json:"redirected_to,omitempty" doc:"the authority that the addressee named as competent"`
	RedirectedParty string        `json:"redirected_party,omitempty" doc:"the party of that authority, where it is another one"`
}

func lineOf(c node.CaseLine) Line {
	v := c.View
	l := Line{ID: c.ID, With: c.Link, Leaf: v.Case.Key, Status: v.Status, ReceivedAt: v.Received, LodgedAt: v.Lodged, Turn: v.Turn, Must: v.Must, By: v.By, Late: v.Late, Stranded: v.Stranded}
	l.Lapsed, l.AcknowledgeDue, l.ReplyDue, l.StoppedSince, l.StoppedBy = v.Lapsed, v.AcknowledgeBy, v.ReplyBy, v.StoppedSince, v.StoppedBy
	l.Level, l.Arrangement, l.Remarks, l.Stage = v.Level, v.Terms, v.Remarks, c.Stage
	o := v.Case.Open
	if o == nil {
		return l
	}
	l.Outbox, l.Index, l.From, l.To, l.Act, l.Kind = o.Outbox, o.Index, o.From, o.To, o.Act, o.Kind
	l.Class, l.Channel, l.TLP, l.Urgency, l.Subject, l.CaseRef = o.Class, o.Channel, o.TLP, o.Urgency, o.Subject, o.CaseRef
	l.Fault, l.ReleasedAt, l.AcknowledgeBy, l.ReplyBy = o.Fault, o.ReleasedAt, o.AcknowledgeBy, o.ReplyBy
	l.ExpiresAt, l.FirstMadeAt, l.DatedAt = o.ExpiresAt, o.FirstMadeAt, v.Dated
	l.leads(v.Case.Moves)
	return l
}

// leads says where a case goes on: at another appeal, or with somebody else.
func (l *Line) leads(moves []docket.Move) {
	for _, m := range moves {
		switch {
		case m.Irregular != "":
		case m.Act == docket.ActSupersede:
			l.SupersededBy = m.Instead
		case m.Act == docket.ActRedirect:
			l.RedirectedTo, l.RedirectedParty = m.Word, m.Party
		}
	}
}

// Cases is a page of cases. Next is the After of the page that follows; absent: there is none. By due time NextDue is its AfterDue.
type Cases struct {
	Cases   []Line    `json:"cases"`
	Next    int64     `json:"next,omitzero"`
	NextDue time.Time `json:"next_due,omitzero"`
}

// A Case is a case with its records: the one that opened it, then each move.
type Case struct {
	Line
	Records []node.Shown `json:"records"`
	Hidden  int          `json:"hidden,omitzero"` // records that this caller may not see
}

// CaseQuery selects cases; zero members select everything.
type CaseQuery struct {
	Party  string
	Turn   string // "ours" or "theirs"
	Act    string
	Except string
	Status string
	// Appeals leaves out what is no appeal and can be none.
	Appeals   bool
	Stranded  bool // only stranded cases
	Kind      string
	Class     string
	Channel   string
	Level     string
	Direction string // "sent" or "received": who opened the case
	Late      bool   // only where who must act is late
	Lapsed    bool   // only where the reply deadline has passed without a final answer
	Irregular bool   // only where a move breaks a rule
	Order     string // "due": the earliest due first, only where somebody must act; else the newest first
	After     int64
	AfterDue  time.Time
	Limit     int
}

// Evidences is all that was kept of two histories.
type Evidences struct {
	Evidence []Evidence `json:"evidence"`
}

// Evidence is what was kept of a fork, or of a root that does not fit.
type Evidence struct {
	ID     int64     `json:"id"`
	Outbox string    `json:"outbox"`
	Peer   string    `json:"peer"`
	Kind   string    `json:"kind"`
	At     time.Time `json:"at"`
	A      string    `json:"a"` // signed notes
	B      string    `json:"b"`
}

// Rebuild is the body of "rebuild the docket".
type Rebuild struct {
	Write bool `json:"write"`
}

// Backup is the body of "back up", and its answer: an absolute path on the node's machine.
type Backup struct {
	Path string `json:"path"`
}

// A step is one line of the answer to long work: exactly one member is there.
type step struct {
	Progress *progress      `json:"progress,omitempty"`
	Result   jsontext.Value `json:"result,omitempty"`
	Problem  *Problem       `json:"problem,omitempty"`
}

type progress struct {
	Done  int64 `json:"done"`
	Total int64 `json:"total"`
}

// fieldError is a mistake in a draft.
type fieldError struct {
	Field  string `json:"field,omitempty"`
	Rule   string `json:"rule,omitempty"`
	Detail string `json:"detail"`
}

func fieldErrors(found []*record.Error) []fieldError {
	var out []fieldError
	for _, e := range found[:min(len(found), maxErrors)] {
		out = append(out, fieldError{Field: e.Field, Rule: e.Rule, Detail: expectation(e.Text)})
	}
	return out
}
