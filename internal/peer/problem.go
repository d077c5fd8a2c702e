package peer

import (
	"encoding/json/v2"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"verbale/internal/exchange"
)

// Content types of spec/exchange.md §2 to §4.
const (
	beatsType   = "application/vnd.verbale.beats"
	batchType   = "application/vnd.verbale.batch"
	noteType    = "text/plain; charset=utf-8"
	problemType = "application/problem+json"
	datingsType = "application/vnd.verbale.datings+json" // spec/register.md G-15
	urnPrefix   = "urn:verbale:problem:"
)

// A row says how a kind looks on the wire and which members its document has besides the common ones.
type row struct {
	status int
	title  string
	has    members
}

type members int

const (
	nothing  members = iota
	position         // size, and a receipt or none
	evidence         // ours and theirs, each a note or absent
)

// table is the one place where kinds and status codes meet (spec/exchange.md §2).
var table = map[exchange.Kind]row{
	exchange.Malformed:     {http.StatusBadRequest, "The message does not have the required form", nothing},
	exchange.UnknownParty:  {http.StatusForbidden, "This key belongs to no party that we are linked with", nothing},
	exchange.NotYours:      {http.StatusForbidden, "This outbox is not open to the caller", nothing},
	exchange.BadSignature:  {http.StatusForbidden, "A signature is missing or not valid", nothing},
	exchange.ExpiredKey:    {http.StatusForbidden, "The keys are no longer valid", nothing},
	exchange.UnknownOutbox: {http.StatusNotFound, "There is no such outbox here", nothing},
	exchange.BehindOrAhead: {http.StatusConflict, "The copies stand at different sizes", position},
	exchange.Suspended:     {http.StatusConflict, "This end has suspended the link; nothing was stored", nothing},
	exchange.TooLarge:      {http.StatusRequestEntityTooLarge, "The message is over a limit", nothing},
	exchange.BadLeaf:       {http.StatusUnprocessableEntity, "An entry breaks the rules for records", nothing},
	exchange.BadContent:    {http.StatusUnprocessableEntity, "A content is missing or is not the one named", nothing},
	exchange.BadRoot:       {http.StatusUnprocessableEntity, "The entries do not give the signed root", evidence},
	exchange.ForkFound:     {http.StatusUnprocessableEntity, "Two different heads of one size are signed", evidence},
	exchange.OverQuota:     {http.StatusTooManyRequests, "This relay holds as much of yours as it takes; nothing was stored", nothing},
	exchange.Busy:          {http.StatusServiceUnavailable, "Busy; nothing was stored", nothing},
	exchange.Storage:       {http.StatusInsufficientStorage, "The storage here failed; nothing was stored", nothing},
	exchange.Internal:      {http.StatusInternalServerError, "A fault at this end; nothing was stored", nothing},
}

// document is RFC 9457 with the members of spec/exchange.md §2.
type document struct {
	Type    string  `json:"type"`
	Title   string  `json:"title"`
	Status  int     `json:"status"`
	Detail  string  `json:"detail"`
	Rule    string  `json:"rule,omitzero"`
	Size    *string `json:"size,omitzero"`
	Receipt string  `json:"receipt,omitzero"`
	Ours    string  `json:"ours,omitzero"`
	Theirs  string  `json:"theirs,omitzero"`
}

// encodeProblem gives the status and the document of p. A kind without a row is our fault and goes out as such.
func encodeProblem(p *exchange.Problem) (status int, doc []byte) {
	r, ok := table[p.Kind]
	if !ok {
		p = exchange.AsProblem(nil)
		r = table[p.Kind]
	}
	d := document{Type: urnPrefix + string(p.Kind), Title: r.title, Status: r.status, Detail: plain(p.Detail)}
	if ruleForm(p.Rule) {
		d.Rule = p.Rule
	}
	bare := d
	switch r.has {
	case position:
		size := strconv.FormatInt(p.Size, 10)
		d.Size, d.Receipt = &size, string(p.Receipt)
		bare.Size = &size
	case evidence:
		d.Ours, d.Theirs = string(p.Ours), string(p.Theirs)
	}
	if doc, err := json.Marshal(d); err == nil && len(doc) <= maxProblemBytes {
		return r.status, doc
	}
	// A note that is not text, or too long to be one: the kind matters more. All of bare is known to be encodable.
	doc, _ = json.Marshal(bare)
	return r.status, doc
}

// decodeProblem reads the document that came with status. It takes nothing that encodeProblem would not write.
func decodeProblem(status int, doc []byte) (*exchange.Problem, error) {
	var d document
	if len(doc) > maxProblemBytes {
		return nil, fmt.Errorf("the problem document has more than %d bytes", maxProblemBytes)
	}
	if err := json.Unmarshal(doc, &d, json.RejectUnknownMembers(true)); err != nil {
		return nil, fmt.Errorf("the problem document is not of the form required: %w", err)
	}
	kind, isURN := strings.CutPrefix(d.Type, urnPrefix)
	r, known := table[exchange.Kind(kind)]
	switch {
	case !isURN || !known:
		return nil, fmt.Errorf("the problem document is of no known type")
	case d.Status != status || r.status != status:
		return nil, fmt.Errorf("the problem document does not fit the status %d", status)
	case d.Detail != plain(d.Detail):
		return nil, fmt.Errorf("the detail of the problem is longer than %d bytes or not plain text", maxDetailBytes)
	case d.Rule != "" && !ruleForm(d.Rule):
		return nil, fmt.Errorf("the rule of the problem is not the number of a rule")
	}
	p := &exchange.Problem{Kind: exchange.Kind(kind), Rule: d.Rule, Detail: d.Detail}
	return p, d.into(p, r.has)
}

// into fills the members that depend on the kind, and refuses the others.
func (d *document) into(p *exchange.Problem, has members) error {
	if (d.Size != nil) != (has == position) || d.Receipt != "" && has != position || d.Ours+d.Theirs != "" && has != evidence {
		return fmt.Errorf("the problem document has members that its type does not have, or lacks one")
	}
	for _, note := range []string{d.Receipt, d.Ours, d.Theirs} {
		if len(note) > exchange.MaxNoteBytes {
			return fmt.Errorf("a note in the problem document has more than %d bytes", exchange.MaxNoteBytes)
		}
	}
	if d.Size != nil {
		size, err := parseIndex(*d.Size)
		if err != nil {
			return fmt.Errorf("the size in the problem document %w", err)
		}
		p.Size = size
	}
	p.Receipt, p.Ours, p.Theirs = noteOrNil(d.Receipt), noteOrNil(d.Ours), noteOrNil(d.Theirs)
	return nil
}

func noteOrNil(s string) []byte {
	if s == "" {
		return nil
	}
	return []byte(s)
}

// parseIndex reads a size or an index in its one decimal form.
func parseIndex(s string) (int64, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 || strconv.FormatInt(n, 10) != s {
		return 0, fmt.Errorf("is not a whole number in decimal digits")
	}
	return n, nil
}

// plain is s as it may be shown on a terminal or in a log: one line of printable text, of bounded length.
func plain(s string) string {
	s = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, strings.ToValidUTF8(s, "?"))
	if len(s) <= maxDetailBytes {
		return s
	}
	cut := maxDetailBytes
	for !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut]
}

// ruleForm tells whether s looks like "X-5".
func ruleForm(s string) bool {
	if len(s) < 3 || len(s) > maxRuleBytes || s[0] < 'A' || s[0] > 'Z' || s[1] != '-' {
		return false
	}
	return strings.Trim(s[2:], "0123456789") == ""
}
