package record

// inReplyTo is the field by which a move names its case.
func inReplyTo() FieldSpec { return FieldSpec{Name: "in_reply_to", Type: TypeRef, Need: Mandatory} }

// about is the field by which a move names the move of the other side that it answers: optional where not all of these moves answer one.
func about(need Need) FieldSpec { return FieldSpec{Name: "about", Type: TypeRef, Need: need} }

// changeMembers is the object of a change: the name of a field, and what is said of it.
var changeMembers = []FieldSpec{
	{Name: "field", Type: TypeText, Need: Mandatory, Max: MaxWord, Form: FormName},
	{Name: "text", Type: TypeLong, Need: Mandatory, Max: 8000},
}

var warningWords = []string{"preservation-insufficient", "confidentiality-at-risk", "would-alert-suspect"}

func reasonOf(most int) FieldSpec {
	return FieldSpec{Name: "reason", Type: TypeLong, Need: Mandatory, Max: most}
}

func textOf(most int) FieldSpec {
	return FieldSpec{Name: "text", Type: TypeLong, Need: Mandatory, Max: most}
}

// moveFields is §3 of acts.md: what each reply has beyond the envelope.
var moveFields = map[string][]FieldSpec{
	"acknowledge": {inReplyTo(), {Name: "note", Type: TypeLong, Need: Optional, Max: 2000}},
	"redirect": {inReplyTo(),
		{Name: "to_authority", Type: TypeText, Need: Mandatory, Max: 300, Donor: "1999 MLAT"},
		{Name: "to_party", Type: TypeText, Need: Optional, Max: 200},
		{Name: "to_contact", Type: TypeText, Need: Optional, Max: 300},
		reasonOf(4000)},
	"incomplete": {inReplyTo(), about(Optional),
		{Name: "missing", Type: TypeText, Need: Mandatory, Max: MaxWord, List: 100, Form: FormName, Donor: "T-CY"},
		textOf(8000),
		{Name: "complete_by", Type: TypeTime, Need: Optional}},
	"supplement": {inReplyTo(), about(Mandatory), textOf(8000),
		{Name: "changes", Type: TypeChange, Need: Optional, List: 100, Members: changeMembers},
		attachments()},
	"accept": {inReplyTo(), about(Optional),
		{Name: "extent", Type: TypeWord, Need: Mandatory, Words: []string{"full", "conditions", "partly"}, Donor: "ETS 185 art. 27(6)"},
		{Name: "terms", Type: TypeLong, Need: Conditional, Max: 4000, Donor: "ETS 185 art. 27(6)"},
		{Name: "expected_by", Type: TypeTime, Need: Optional}},
	"agree":   {inReplyTo(), about(Optional), {Name: "note", Type: TypeLong, Need: Optional, Max: 2000}},
	"decline": {inReplyTo(), about(Optional), reasonOf(4000)},
	"postpone": {inReplyTo(), about(Optional),
		{Name: "ground", Type: TypeWord, Need: Mandatory, Words: []string{"own-investigation", "judicial-review"}, Donor: "ETS 185 art. 27(5)"},
		{Name: "until", Type: TypeTime, Need: Mandatory, Donor: "ETS 185 art. 27(5)"},
		reasonOf(4000)},
	"progress": {inReplyTo(), about(Optional),
		{Name: "stage", Type: TypeWord, Need: Mandatory, Words: []string{"under-way", "waiting-for-others", "partly-done"}},
		textOf(8000),
		{Name: "expected_by", Type: TypeTime, Need: Optional},
		{Name: "warnings", Type: TypeWord, Need: Optional, List: 3, Words: warningWords, Donor: "ETS 185 art. 29(6)"}},
	"answer": {inReplyTo(), about(Optional),
		{Name: "finality", Type: TypeWord, Need: Mandatory, Words: []string{"interim", "final"}},
		{Name: "outcome", Type: TypeWord, Need: Mandatory, Words: []string{"done", "partly-done", "not-done", "information"}},
		textOf(8000),
		{Name: "preserved_until", Type: TypeTime, Need: Optional, Donor: "ETS 185 art. 29(7)"},
		{Name: "use_limits", Type: TypeLong, Need: Optional, Max: 2000, Donor: "ETS 185 art. 28"},
		{Name: "results", Type: TypeResult, Need: Optional, List: MaxList, Members: []FieldSpec{
			{Name: "note", Type: TypeText, Need: Optional, Max: 500},
			{Name: "state", Type: TypeWord, Need: Mandatory, Words: []string{"done", "partly-done", "not-done", "unknown"}},
			{Name: "target", Type: TypeText, Need: Mandatory, Max: maxObservable},
		}},
		attachments()},
	"refuse": {inReplyTo(), about(Optional),
		{Name: "code", Type: TypeWord, Need: Mandatory, Words: refusalWords(), Donor: "ETS 185 art. 27(7)"},
		reasonOf(4000),
		{Name: "consulted_on_conditions", Type: TypeBool, Need: Mandatory, Donor: "ETS 185 art. 27(6)"},
		{Name: "appeal_to", Type: TypeText, Need: Optional, Max: 500}},
	"close": {inReplyTo(), about(Mandatory),
		{Name: "satisfaction", Type: TypeWord, Need: Mandatory, Words: []string{"satisfied", "partial"}},
		{Name: "note", Type: TypeLong, Need: Optional, Max: 4000}},
	"dispute":  {inReplyTo(), about(Mandatory), textOf(8000)},
	"withdraw": {inReplyTo(), reasonOf(2000)},
	"correct": {inReplyTo(),
		{Name: "edition", Type: TypeWord, Need: Mandatory, Words: []string{"correction", "amendment"}, Donor: "Vienna Document practice"},
		textOf(8000),
		{Name: "changes", Type: TypeChange, Need: Optional, List: 100, Members: changeMembers}},
	"supersede": {inReplyTo(), {Name: "by", Type: TypeRef, Need: Mandatory}, reasonOf(2000)},
	"escalate": {inReplyTo(),
		{Name: "level", Type: TypeWord, Need: Mandatory, Words: levelWords},
		{Name: "to_authority", Type: TypeText, Need: Mandatory, Max: 300},
		reasonOf(4000)},
	"tally-answer": tallyAnswerFields,
}

// levelWords are the levels of an appeal, from the lowest to the highest.
var levelWords = []string{"technical", "operational", "political", "judicial"}
