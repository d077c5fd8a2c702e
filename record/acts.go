package record

import "slices"

// A Type is the type of a field or of a member (acts.md).
type Type string

// The types. Those after ref are objects; their members are in FieldSpec.Members
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
	TypeChange     Type = "change"
	TypeAuthority  Type = "authority"
	TypeCompetence Type = "competence"
	TypePoint      Type = "point"
	TypeBody       Type = "body"
	TypeKindRule   Type = "rule"
	TypeCalendar   Type = "calendar"
	TypeHoliday    Type = "holiday"
	TypeStep       Type = "step"
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
	FormDate     Form = "date"     // YYYY-MM-DD
	FormHour     Form = "hour"     // hh:mm, to 24:00
	FormDays     Form = "days"     // days of the week, as mon tue wed thu fri
	FormSpan     Form = "span"     // a number and m, h, d or wd: minutes, hours, days, working days
	FormAmount   Form = "amount"   // a decimal number
	FormWord     Form = "word"     // shaped as a word, of any list
	FormName     Form = "name"     // the name of a field
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
	Donor   string      // the instrument that the field is taken from, as "ETS 185 art. 29(2)(a)"; no conformance is claimed
}

// The words that more than one place needs.
var (
	actWords = []string{"profile", "appeal", "acknowledge", "redirect", "incomplete", "supplement", "accept", "agree", "decline", "postpone", "progress", "answer", "refuse",
		"close", "dispute", "withdraw", "correct", "supersede", "escalate", "ping", "suspend", "resume", "continue", "tally", "tally-answer", "directory", "arrangement",
		"heads", "designate", "key-change"}
	kindWords = []string{"notice", "clarify", "indicators", "technical-help", "mitigate", "preserve", "preserve-extend", "preserve-release", "traffic-path", "subscriber",
		"stored-data", "emergency-data", "suppress", "evidence-follow-up", "freeze-assets", "hold-off", "notify-victims", "vulnerability", "protected-objects", "consult"}
	channelWords = []string{"technical", "diplomatic", "judicial", "police", "leader", "provider"}
	urgencyWords = []string{"routine", "urgent", "emergency"}
	faultCodes   = []string{"bad-signature", "unknown-key", "expired-key", "undecryptable", "unknown-format", "too-large", "replay", "sequence-gap", "channel-suspended"}
	formalCodes  = []string{"not-competent", "missing-field", "unclear-object", "no-legal-basis", "wrong-language", "stale-data", "duplicate", "not-authorised-sender"}
	refuseCodes  = []string{"political-offence", "sovereignty", "security", "ordre-public", "essential-interests", "dual-criminality", "ne-bis-in-idem", "persecution-fear", "fundamental-rights", "domestic-law", "disproportionate", "clearly-irrelevant", "neutrality"}
	cannotCodes  = []string{"no-data", "data-expired", "impossible", "no-capacity", "third-party-consent"}
)

// envelope is §1 of acts.md: the fields of every act.
var envelope = []FieldSpec{
	{Name: "act", Type: TypeWord, Need: Mandatory, Words: actWords},
	{Name: "class", Type: TypeWord, Need: Mandatory, Words: []string{"test", "service", "substantive"}},
	{Name: "channel", Type: TypeWord, Need: Mandatory, Words: channelWords},
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
	{Name: "requested_action", Type: TypeLong, Need: Conditional, Max: 4000},
	{Name: "competence", Type: TypeText, Need: Mandatory, Max: 500},
	{Name: "legal_basis", Type: TypeText, Need: Mandatory, Max: 300, List: 20},
	{Name: "urgency", Type: TypeWord, Need: Mandatory, Words: urgencyWords},
	{Name: "urgency_reason", Type: TypeText, Need: Conditional, Max: 1000},
	{Name: "acknowledge_by", Type: TypeTime, Need: Mandatory},
	{Name: "reply_by", Type: TypeTime, Need: Conditional},
	{Name: "expires_at", Type: TypeTime, Need: Optional},
	{Name: "level", Type: TypeWord, Need: Optional, Words: levelWords},
	{Name: "supersedes", Type: TypeRef, Need: Optional},
	{Name: "redirected_from", Type: TypeRef, Need: Optional},
	{Name: "first_made_at", Type: TypeTime, Need: Conditional},
	{Name: "confidentiality", Type: TypeLong, Need: Optional, Max: 2000},
	{Name: "conditions", Type: TypeLong, Need: Optional, Max: 2000},
	{Name: "consequence", Type: TypeLong, Need: Optional, Max: 2000},
	{Name: "follow_up", Type: TypeLong, Need: Optional, Max: 2000},
	{Name: "incident", Type: TypeText, Need: Optional, Max: 200},
	attachments(),
}

// attachments is on appeals, supplements and answers.
func attachments() FieldSpec {
	return FieldSpec{Name: "attachments", Type: TypeAttachment, Need: Optional, List: 50, Members: []FieldSpec{
		{Name: "data", Type: TypeBase64, Need: Mandatory},
		{Name: "media_type", Type: TypeText, Need: Mandatory, Max: 100},
		{Name: "name", Type: TypeText, Need: Mandatory, Max: 200},
	}}
}

// observableMembers is the object of an observable (§2).
var observableMembers = []FieldSpec{
	{Name: "note", Type: TypeText, Need: Optional, Max: 500},
	{Name: "port", Type: TypeInt, Need: Optional, Max: 65535},
	{Name: "seen_at", Type: TypeTime, Need: Optional},
	{Name: "type", Type: TypeWord, Need: Mandatory, Words: []string{"ipv4", "ipv6", "domain", "url", "email", "account", "asn", "md5", "sha1", "sha256", "filename", "cve"}},
	{Name: "value", Type: TypeText, Need: Mandatory, Max: maxObservable},
}

// actFields is what each act that is no reply has beyond the envelope; those of replies are moveFields.
var actFields = map[string][]FieldSpec{
	"appeal": appealFields,
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
	"tally":       tallyFields,
	"directory":   directoryFields,
	"arrangement": arrangementFields,
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
		own, known = moveFields[act]
	}
	if !known {
		return parts, false
	}
	parts[0], parts[1] = envelope, own
	if act == "appeal" {
		var of kindSpec
		of, known = appealKinds[kind]
		parts[2] = of.fields
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
		if words := wordsOf(moveFields[act], name); words != nil {
			return words
		}
	}
	for _, kind := range kindWords {
		if words := wordsOf(appealKinds[kind].fields, name); words != nil {
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

// refusalWords are the codes of all groups.
func refusalWords() []string { return slices.Concat(faultCodes, formalCodes, refuseCodes, cannotCodes) }

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
