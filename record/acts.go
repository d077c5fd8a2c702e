package record

import (
	"slices"
	"time"
)

// A Type is the type of a field or of a member (acts.md).
type Type string

// The types. The last eight are objects; their members are in FieldSpec.Members
// except for those of keys, which package seal knows, and of a reference.
const (
	TypeText   Type = "text"   // one line
	TypeLong   Type = "long"   // with line breaks
	TypeTime   Type = "time"
	TypeWord   Type = "word"   // one of FieldSpec.Words
	TypeBool   Type = "bool"   // true or false
	TypeInt    Type = "int"    // 1 to FieldSpec.Max, or from 0
	TypeBase64 Type = "base64" // b64u of any bytes
	TypeRef    Type = "ref"    // a Ref

	TypeObservable Type = "observable"
	TypeAttachment Type = "attachment"
	TypeResult     Type = "result"
	TypeContact    Type = "contact"
	TypeKeys       Type = "keys"
	TypeHead       Type = "head"
	TypeRow        Type = "row"
	TypeDifference Type = "difference"
)

// A Form narrows a text beyond its length.
type Form string

// The forms.
const (
	FormLanguage Form = "language" // a BCP 47 tag
	FormDigest   Form = "digest"   // b64u of 32 bytes
	FormCountry  Form = "country"  // ISO 3166-1 alpha-2
	FormEndpoint Form = "endpoint" // https://host:port
	FormMonth    Form = "month"    // YYYY-MM
)

// A Need says whether a field has to be there.
type Need string

// The needs: M, C and – in acts.md.
const (
	Mandatory   Need = "mandatory"
	Conditional Need = "conditional"
	Optional    Need = "optional"
)

// A FieldSpec is one line of the tables of acts.md.
type FieldSpec struct {
	Name    string
	Type    Type
	Need    Need
	Max     int         // most characters of a text, or the largest integer; 0 if the type says
	Zero    bool        // an integer may be 0, too
	List    int         // most elements of a list; 0 if the field is no list
	Words   []string    // of a word
	Form    Form        // of a text; empty if any
	Members []FieldSpec // of an object, by name in byte order
}

// The words that more than one place needs.
var (
	actWords = []string{"profile", "appeal", "acknowledge", "answer", "refuse", "withdraw", "ping",
		"suspend", "resume", "continue", "tally", "tally-answer", "heads", "designate", "key-change"}
	kindWords   = []string{"clarify", "mitigate", "indicators"}
	faultCodes  = []string{"bad-signature", "unknown-key", "expired-key", "undecryptable", "unknown-format", "too-large", "replay", "sequence-gap", "channel-suspended"}
	formalCodes = []string{"not-competent", "missing-field", "unclear-object", "no-legal-basis", "wrong-language", "stale-data", "duplicate", "not-authorised-sender"}
	refuseCodes = []string{"political-offence", "sovereignty", "security", "ordre-public", "essential-interests", "dual-criminality", "ne-bis-in-idem", "persecution-fear", "fundamental-rights", "domestic-law", "disproportionate", "clearly-irrelevant", "neutrality"}
	cannotCodes = []string{"no-data", "data-expired", "impossible", "no-capacity", "third-party-consent"}
)

// envelope is §1 of acts.md: the fields of every act.
var envelope = []FieldSpec{
	{Name: "act", Type: TypeWord, Need: Mandatory, Words: actWords},
	{Name: "class", Type: TypeWord, Need: Mandatory, Words: []string{"test", "service", "substantive"}},
	{Name: "channel", Type: TypeWord, Need: Mandatory, Words: []string{"technical", "diplomatic", "judicial", "police", "leader", "provider"}},
	{Name: "drafted_at", Type: TypeTime, Need: Mandatory},
	{Name: "released_at", Type: TypeTime, Need: Mandatory},
	{Name: "released_by", Type: TypeText, Need: Mandatory, Max: 200},
	{Name: "drafted_by", Type: TypeText, Need: Optional, Max: 200},
	{Name: "on_behalf_of", Type: TypeText, Need: Optional, Max: 200},
	{Name: "language", Type: TypeText, Need: Mandatory, Max: 35, Form: FormLanguage},
	{Name: "tlp", Type: TypeWord, Need: Mandatory, Words: []string{"clear", "green", "amber", "amber+strict", "red"}},
	{Name: "pap", Type: TypeWord, Need: Optional, Words: []string{"clear", "green", "amber", "red"}},
	{Name: "case_ref", Type: TypeText, Need: Optional, Max: 100},
}

// appealFields is §2 of acts.md: what every appeal has.
var appealFields = []FieldSpec{
	{Name: "kind", Type: TypeWord, Need: Mandatory, Words: kindWords},
	{Name: "subject", Type: TypeText, Need: Mandatory, Max: 200},
	{Name: "summary", Type: TypeLong, Need: Mandatory, Max: 8000},
	{Name: "requested_action", Type: TypeLong, Need: Mandatory, Max: 4000},
	{Name: "competence", Type: TypeText, Need: Mandatory, Max: 500},
	{Name: "legal_basis", Type: TypeText, Need: Mandatory, Max: 300, List: 20},
	{Name: "urgency", Type: TypeWord, Need: Mandatory, Words: []string{"routine", "urgent", "emergency"}},
	{Name: "urgency_reason", Type: TypeText, Need: Conditional, Max: 1000},
	{Name: "acknowledge_by", Type: TypeTime, Need: Mandatory},
	{Name: "reply_by", Type: TypeTime, Need: Mandatory},
	{Name: "confidentiality", Type: TypeLong, Need: Optional, Max: 2000},
	{Name: "conditions", Type: TypeLong, Need: Optional, Max: 2000},
	{Name: "consequence", Type: TypeLong, Need: Optional, Max: 2000},
	{Name: "follow_up", Type: TypeLong, Need: Optional, Max: 2000},
	{Name: "incident", Type: TypeText, Need: Optional, Max: 200},
	{Name: "attachments", Type: TypeAttachment, Need: Optional, List: 50, Members: []FieldSpec{
		{Name: "data", Type: TypeBase64, Need: Mandatory},
		{Name: "media_type", Type: TypeText, Need: Mandatory, Max: 100},
		{Name: "name", Type: TypeText, Need: Mandatory, Max: 200},
	}},
}

// observableMembers is the object of an observable (§2).
var observableMembers = []FieldSpec{
	{Name: "note", Type: TypeText, Need: Optional, Max: 500},
	{Name: "port", Type: TypeInt, Need: Optional, Max: 65535},
	{Name: "seen_at", Type: TypeTime, Need: Optional},
	{Name: "type", Type: TypeWord, Need: Mandatory, Words: []string{"ipv4", "ipv6", "domain", "url", "email", "account", "asn", "md5", "sha1", "sha256", "filename", "cve"}},
	{Name: "value", Type: TypeText, Need: Mandatory, Max: maxObservable},
}

// appealKinds is §2 of acts.md: what each kind adds.
var appealKinds = map[string][]FieldSpec{
	"clarify": {
		{Name: "questions", Type: TypeLong, Need: Mandatory, Max: 2000, List: 50},
		{Name: "concern", Type: TypeLong, Need: Mandatory, Max: 4000},
		{Name: "misperception", Type: TypeLong, Need: Mandatory, Max: 2000},
	},
	"mitigate": {
		{Name: "targets", Type: TypeObservable, Need: Mandatory, List: MaxList, Members: observableMembers},
		{Name: "measure", Type: TypeWord, Need: Mandatory, Words: []string{"block", "sinkhole", "suspend", "clean", "notify"}},
		{Name: "evidence", Type: TypeLong, Need: Mandatory, Max: 4000, List: 200},
		{Name: "harm", Type: TypeLong, Need: Mandatory, Max: 4000},
	},
	"indicators": {
		{Name: "indicators", Type: TypeObservable, Need: Mandatory, List: MaxList, Members: observableMembers},
		{Name: "context", Type: TypeLong, Need: Mandatory, Max: 4000},
		{Name: "permitted_actions", Type: TypeWord, Need: Mandatory, Words: []string{"none", "contact-for-instruction", "internally-visible", "externally-visible-indirect", "externally-visible-direct"}},
		{Name: "bundle_sha256", Type: TypeText, Need: Optional, Max: digestChars, Form: FormDigest},
	},
}

// actFields is §3 and §4 of acts.md: what each act has beyond the envelope.
var actFields = map[string][]FieldSpec{
	"appeal": appealFields,
	"acknowledge": {
		{Name: "in_reply_to", Type: TypeRef, Need: Mandatory},
		{Name: "note", Type: TypeLong, Need: Optional, Max: 2000},
	},
	"answer": {
		{Name: "in_reply_to", Type: TypeRef, Need: Mandatory},
		{Name: "finality", Type: TypeWord, Need: Mandatory, Words: []string{"interim", "final"}},
		{Name: "outcome", Type: TypeWord, Need: Mandatory, Words: []string{"done", "partly-done", "not-done", "information"}},
		{Name: "text", Type: TypeLong, Need: Mandatory, Max: 8000},
		{Name: "results", Type: TypeResult, Need: Optional, List: MaxList, Members: []FieldSpec{
			{Name: "note", Type: TypeText, Need: Optional, Max: 500},
			{Name: "state", Type: TypeWord, Need: Mandatory, Words: []string{"done", "partly-done", "not-done", "unknown"}},
			{Name: "target", Type: TypeText, Need: Mandatory, Max: maxObservable},
		}},
	},
	"refuse": {
		{Name: "in_reply_to", Type: TypeRef, Need: Mandatory},
		{Name: "code", Type: TypeWord, Need: Mandatory, Words: slices.Concat(faultCodes, formalCodes, refuseCodes, cannotCodes)},
		{Name: "reason", Type: TypeLong, Need: Mandatory, Max: 4000},
		{Name: "consulted_on_conditions", Type: TypeBool, Need: Mandatory},
		{Name: "appeal_to", Type: TypeText, Need: Optional, Max: 500},
	},
	"withdraw": {
		{Name: "in_reply_to", Type: TypeRef, Need: Mandatory},
		{Name: "reason", Type: TypeLong, Need: Mandatory, Max: 2000},
	},
	"ping": {
		{Name: "nonce", Type: TypeText, Need: Mandatory, Max: 43},
		{Name: "contact", Type: TypeText, Need: Optional, Max: 100},
	},
	"profile": {
		{Name: "party", Type: TypeText, Need: Mandatory, Max: 200},
		{Name: "title", Type: TypeText, Need: Mandatory, Max: 200},
		{Name: "jurisdiction", Type: TypeText, Need: Optional, Max: 2, Form: FormCountry},
		{Name: "party_kind", Type: TypeWord, Need: Mandatory, Words: []string{"csirt", "law-enforcement", "ministry", "provider", "international-body", "witness", "relay"}},
		{Name: "endpoint", Type: TypeText, Need: Mandatory, Max: 300, Form: FormEndpoint},
		{Name: "keys", Type: TypeKeys, Need: Mandatory},
		{Name: "keys_valid_until", Type: TypeTime, Need: Mandatory},
		{Name: "receipt_statement", Type: TypeLong, Need: Mandatory, Max: 1000},
		{Name: "contacts", Type: TypeContact, Need: Optional, List: 20, Members: []FieldSpec{
			{Name: "hours", Type: TypeText, Need: Mandatory, Max: 100},
			{Name: "languages", Type: TypeText, Need: Mandatory, Max: 100},
			{Name: "mail", Type: TypeText, Need: Optional, Max: 200},
			{Name: "phone", Type: TypeText, Need: Optional, Max: 50},
			{Name: "role", Type: TypeText, Need: Mandatory, Max: 100},
		}},
		{Name: "accepts", Type: TypeText, Need: Mandatory, Max: 40, List: 50},
		{Name: "recovery", Type: TypeText, Need: Optional, Max: digestChars, Form: FormDigest},
	},
	"suspend": {
		{Name: "reason", Type: TypeLong, Need: Mandatory, Max: 4000},
		{Name: "effective_at", Type: TypeTime, Need: Mandatory},
		{Name: "until", Type: TypeTime, Need: Optional},
	},
	"resume": {
		{Name: "reason", Type: TypeLong, Need: Optional, Max: 2000},
	},
	"continue": {
		{Name: "previous", Type: TypeHead, Need: Mandatory, Members: headMembers},
	},
	"tally":        tallyFields,
	"tally-answer": tallyAnswerFields,
	"heads": {
		{Name: "taken_at", Type: TypeTime, Need: Mandatory},
		{Name: "heads", Type: TypeText, Need: Mandatory, Max: digestChars, List: maxHeads, Form: FormDigest},
	},
	"designate": {
		{Name: "role", Type: TypeWord, Need: Mandatory, Words: []string{"relay"}},
		{Name: "state", Type: TypeWord, Need: Mandatory, Words: []string{"in-force", "ended"}},
		{Name: "party", Type: TypeText, Need: Mandatory, Max: 200},
		{Name: "fingerprint", Type: TypeText, Need: Mandatory, Max: digestChars, Form: FormDigest},
		{Name: "profile_file", Type: TypeLong, Need: Conditional, Max: maxProfileFile},
	},
	"key-change": {
		{Name: "from", Type: TypeText, Need: Mandatory, Max: digestChars, Form: FormDigest},
		{Name: "to", Type: TypeText, Need: Mandatory, Max: digestChars, Form: FormDigest},
		{Name: "reason", Type: TypeWord, Need: Mandatory, Words: []string{"rotation", "loss", "compromise"}},
		{Name: "effective_at", Type: TypeTime, Need: Mandatory},
		{Name: "authorized_by", Type: TypeWord, Need: Mandatory, Words: []string{"old-keys", "recovery-key"}},
		{Name: "authorization", Type: TypeText, Need: Mandatory, Max: sigChars},
		{Name: "previous", Type: TypeHead, Need: Mandatory, Members: headMembers},
	},
}

// headMembers is the object of a head (§5): the text of a checkpoint.
var headMembers = []FieldSpec{
	{Name: "origin", Type: TypeText, Need: Mandatory, Max: maxOrigin},
	{Name: "root", Type: TypeText, Need: Mandatory, Max: digestChars, Form: FormDigest},
	{Name: "size", Type: TypeInt, Need: Mandatory, Max: MaxIndex, Zero: true},
}

// rowMembers is the object of a row of a tally (§5).
var rowMembers = []FieldSpec{
	{Name: "act", Type: TypeText, Need: Mandatory, Max: MaxWord},
	{Name: "class", Type: TypeText, Need: Mandatory, Max: MaxWord},
	{Name: "count", Type: TypeInt, Need: Mandatory, Max: MaxIndex},
	{Name: "direction", Type: TypeWord, Need: Mandatory, Words: directionWords},
	{Name: "kind", Type: TypeText, Need: Optional, Max: MaxWord},
}

var directionWords = []string{"sent", "received"}

// tallyFields is the act tally (§5): what its author counts of a month.
var tallyFields = []FieldSpec{
	{Name: "period", Type: TypeText, Need: Mandatory, Max: 7, Form: FormMonth},
	{Name: "taken_at", Type: TypeTime, Need: Mandatory},
	{Name: "sent_outbox", Type: TypeText, Need: Mandatory, Max: maxOrigin},
	{Name: "sent_from", Type: TypeInt, Need: Mandatory, Max: MaxIndex, Zero: true},
	{Name: "sent_next", Type: TypeInt, Need: Mandatory, Max: MaxIndex, Zero: true},
	{Name: "received_outbox", Type: TypeText, Need: Mandatory, Max: maxOrigin},
	{Name: "received_from", Type: TypeInt, Need: Mandatory, Max: MaxIndex, Zero: true},
	{Name: "received_next", Type: TypeInt, Need: Mandatory, Max: MaxIndex, Zero: true},
	{Name: "rows", Type: TypeRow, Need: Optional, List: maxRows, Members: rowMembers},
	{Name: "unreceipted", Type: TypeInt, Need: Optional, Max: MaxIndex, Zero: true, List: MaxList},
}

// tallyAnswerFields is the act tally-answer (§5): what the other side's books say of a tally.
var tallyAnswerFields = []FieldSpec{
	{Name: "in_reply_to", Type: TypeRef, Need: Mandatory},
	{Name: "agrees", Type: TypeBool, Need: Mandatory},
	{Name: "rows", Type: TypeRow, Need: Optional, List: maxRows, Members: rowMembers},
	{Name: "differences", Type: TypeDifference, Need: Optional, List: MaxList, Members: []FieldSpec{
		{Name: "direction", Type: TypeWord, Need: Mandatory, Words: directionWords},
		{Name: "note", Type: TypeText, Need: Optional, Max: 500},
		{Name: "serial", Type: TypeInt, Need: Mandatory, Max: MaxIndex, Zero: true},
		{Name: "state", Type: TypeWord, Need: Mandatory, Words: []string{"not-received", "no-receipt", "other-kind", "other-period"}},
	}},
}

// specs returns the three parts of the schema of an act, and whether the act
// is known. Kind counts for appeals only.
func specs(act, kind string) (parts [3][]FieldSpec, known bool) {
	own, known := actFields[act]
	if !known {
		return parts, false
	}
	parts[0], parts[1] = envelope, own
	if act == "appeal" {
		parts[2], known = appealKinds[kind]
	}
	return parts, known
}

// Known reports whether this version knows the act, and the kind if the act
// is an appeal.
func Known(act, kind string) bool {
	_, known := specs(act, kind)
	return known
}

// Schema returns the fields of an act in the order of acts.md, the envelope
// first; kind counts for appeals only. It returns nil for what is not Known.
// What it returns is shared: do not change Words or Members.
func Schema(act, kind string) []FieldSpec {
	parts, known := specs(act, kind)
	if !known {
		return nil
	}
	return slices.Concat(parts[0], parts[1], parts[2])
}

// Words returns the words that the field or member of this name may have, as
// "urgency", "kind", "code" or "type"; nil if it is not a word.
func Words(name string) []string {
	if words := wordsOf(envelope, name); words != nil {
		return words
	}
	for _, act := range actWords {
		if words := wordsOf(actFields[act], name); words != nil {
			return words
		}
	}
	for _, kind := range kindWords {
		if words := wordsOf(appealKinds[kind], name); words != nil {
			return words
		}
	}
	return nil
}

func wordsOf(specs []FieldSpec, name string) []string {
	for i := range specs {
		if specs[i].Name == name && specs[i].Words != nil {
			return slices.Clone(specs[i].Words)
		}
		if words := wordsOf(specs[i].Members, name); words != nil {
			return words
		}
	}
	return nil
}

// RefusalCodes returns the codes of a refusal by group: "fault",
// "admissibility", "refusal" and "cannot" (acts.md §3).
func RefusalCodes() map[string][]string {
	return map[string][]string{
		"fault":         slices.Clone(faultCodes),
		"admissibility": slices.Clone(formalCodes),
		"refusal":       slices.Clone(refuseCodes),
		"cannot":        slices.Clone(cannotCodes),
	}
}

// Clocks returns the default clocks of a kind of appeal, counted from
// released_at (acts.md §2); zero if the kind is not known.
func Clocks(kind string) (acknowledge, reply time.Duration) {
	switch kind {
	case "clarify":
		return 12 * time.Hour, 48 * time.Hour
	case "mitigate":
		return 4 * time.Hour, 24 * time.Hour
	case "indicators":
		return 24 * time.Hour, 72 * time.Hour
	}
	return 0, 0
}
