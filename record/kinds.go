package record

import "time"

// A kindSpec is what acts.md §2 says of one kind of appeal.
type kindSpec struct {
	donor              string // where the kind comes from
	acknowledge, reply time.Duration
	silent             bool // nothing is asked: there is no reply_by, and nobody owes an answer
	fields             []FieldSpec
}

// identifiers is the field of the kinds that ask for data: with an address goes the port and the second, since many share one (carrier NAT).
func identifiers() FieldSpec {
	return FieldSpec{Name: "identifiers", Type: TypeObservable, Need: Mandatory, List: MaxList, Members: observableMembers, Donor: "ETS 185 art. 29(2)(c)"}
}

func custodian(donor string) FieldSpec {
	return FieldSpec{Name: "custodian", Type: TypeText, Need: Mandatory, Max: 500, Donor: donor}
}

func offence(donor string) FieldSpec {
	return FieldSpec{Name: "offence", Type: TypeLong, Need: Mandatory, Max: 4000, Donor: donor}
}

func law(donor string) FieldSpec {
	return FieldSpec{Name: "law", Type: TypeLong, Need: Mandatory, Max: 4000, Donor: donor}
}

func necessity(donor string) FieldSpec {
	return FieldSpec{Name: "necessity", Type: TypeLong, Need: Mandatory, Max: 4000, Donor: donor}
}

func authority(donor string) FieldSpec {
	return FieldSpec{Name: "authority", Type: TypeText, Need: Mandatory, Max: 300, Donor: donor}
}

func dataClasses(donor string) FieldSpec {
	return FieldSpec{Name: "data_classes", Type: TypeWord, Need: Mandatory, List: 3, Words: []string{"subscriber", "traffic", "content"}, Donor: donor}
}

func preserveRef(donor string) FieldSpec {
	return FieldSpec{Name: "preserve", Type: TypeRef, Need: Mandatory, Donor: donor}
}

func preserveUntil(donor string) FieldSpec {
	return FieldSpec{Name: "preserve_until", Type: TypeTime, Need: Mandatory, Donor: donor}
}

// sectors are the sixteen of PPD-21.
var sectors = []string{"chemical", "commercial-facilities", "communications", "critical-manufacturing", "dams", "defence-industrial-base", "emergency-services", "energy",
	"financial-services", "food-and-agriculture", "government-facilities", "healthcare", "information-technology", "nuclear", "transportation", "water"}

const (
	day  = 24 * time.Hour
	week = 7 * day
)

// appealKinds is §2 of acts.md: what each kind adds. The donors say where a field is taken from; no conformance is claimed.
var appealKinds = map[string]kindSpec{
	"notice": {donor: "UN norm 13(c); ETS 185 art. 26", acknowledge: day, silent: true, fields: []FieldSpec{
		{Name: "event", Type: TypeLong, Need: Mandatory, Max: 4000, Donor: "UN norm 13(c)"},
		{Name: "occurred_at", Type: TypeTime, Need: Mandatory, Donor: "UN norm 13(c)"},
		{Name: "assessment", Type: TypeLong, Need: Mandatory, Max: 4000, Donor: "UN norm 13(c)"},
	}},
	"clarify": {donor: "NRRC inquiry; Vienna Document ch. III", acknowledge: 12 * time.Hour, reply: 2 * day, fields: []FieldSpec{
		{Name: "questions", Type: TypeLong, Need: Mandatory, Max: 2000, List: 50, Donor: "NRRC inquiry"},
		{Name: "concern", Type: TypeLong, Need: Mandatory, Max: 4000, Donor: "Vienna Document ch. III"},
		{Name: "misperception", Type: TypeLong, Need: Mandatory, Max: 2000, Donor: "Vienna Document ch. III"},
	}},
	"indicators": {donor: "2013 CERT link", acknowledge: day, reply: 3 * day, fields: []FieldSpec{
		{Name: "indicators", Type: TypeObservable, Need: Mandatory, List: MaxList, Members: observableMembers, Donor: "2013 CERT link"},
		{Name: "context", Type: TypeLong, Need: Mandatory, Max: 4000, Donor: "2013 CERT link"},
		{Name: "permitted_actions", Type: TypeWord, Need: Mandatory, Donor: "FIRST IEP 2.0",
			Words: []string{"none", "contact-for-instruction", "internally-visible", "externally-visible-indirect", "externally-visible-direct"}},
		{Name: "bundle_sha256", Type: TypeText, Need: Optional, Max: digestChars, Form: FormDigest},
	}},
	"technical-help": {donor: "UN norm 13(h)", acknowledge: day, reply: 3 * day, fields: []FieldSpec{
		{Name: "skills", Type: TypeLong, Need: Mandatory, Max: 500, List: 20, Donor: "UN norm 13(h)"},
		{Name: "systems", Type: TypeLong, Need: Mandatory, Max: 4000, Donor: "UN norm 13(h)"},
		{Name: "duration", Type: TypeText, Need: Mandatory, Max: 200, Donor: "UN norm 13(h)"},
		{Name: "costs", Type: TypeText, Need: Mandatory, Max: 500, Donor: "UN norm 13(h)"},
	}},
	"mitigate": {donor: "UN norm 13(h)", acknowledge: 4 * time.Hour, reply: day, fields: []FieldSpec{
		{Name: "targets", Type: TypeObservable, Need: Mandatory, List: MaxList, Members: observableMembers, Donor: "UN norm 13(h)"},
		{Name: "measure", Type: TypeWord, Need: Mandatory, Words: []string{"block", "sinkhole", "suspend", "clean", "notify"}, Donor: "RFC 7970 expectation"},
		{Name: "evidence", Type: TypeLong, Need: Mandatory, Max: 4000, List: 200, Donor: "UN norm 13(h)"},
		{Name: "harm", Type: TypeLong, Need: Mandatory, Max: 4000, Donor: "UN norm 13(h)"},
	}},
	"preserve": {donor: "ETS 185 art. 29", acknowledge: 4 * time.Hour, reply: day, fields: []FieldSpec{
		authority("ETS 185 art. 29(2)(a)"), offence("ETS 185 art. 29(2)(b)"), dataClasses("ETS 185 art. 29(2)(c)"), identifiers(),
		{Name: "relation", Type: TypeLong, Need: Mandatory, Max: 4000, Donor: "ETS 185 art. 29(2)(c)"},
		custodian("ETS 185 art. 29(2)(d)"), necessity("ETS 185 art. 29(2)(e)"),
		{Name: "full_request_by", Type: TypeTime, Need: Mandatory, Donor: "ETS 185 art. 29(2)(f)"},
		preserveUntil("ETS 185 art. 29(7)"),
	}},
	"preserve-extend": {donor: "ETS 185 art. 16(2), 29(7)", acknowledge: day, reply: 3 * day, fields: []FieldSpec{
		preserveRef("ETS 185 art. 29(7)"), preserveUntil("ETS 185 art. 29(7)"), necessity("ETS 185 art. 29(7)"),
	}},
	"preserve-release": {donor: "ETS 185 art. 29(7)", acknowledge: day, reply: 3 * day, fields: []FieldSpec{preserveRef("ETS 185 art. 29(7)")}},
	"traffic-path": {donor: "ETS 185 art. 30", acknowledge: 4 * time.Hour, reply: day, fields: []FieldSpec{
		preserveRef("ETS 185 art. 30"),
		{Name: "path_fields", Type: TypeText, Need: Mandatory, Max: 300, List: 50, Donor: "ETS 185 art. 30"},
	}},
	"subscriber": {donor: "ETS 185 art. 31; CETS 224 art. 7-8", acknowledge: day, reply: 20 * day, fields: []FieldSpec{
		identifiers(), custodian("CETS 224 art. 7"), offence("ETS 185 art. 31"), law("ETS 185 art. 31"), necessity("ETS 185 art. 31"),
	}},
	"stored-data": {donor: "ETS 185 art. 31", acknowledge: day, reply: 45 * day, fields: []FieldSpec{
		identifiers(), custodian("ETS 185 art. 31"), offence("ETS 185 art. 31"), law("ETS 185 art. 31"), necessity("ETS 185 art. 31"),
		{Name: "order", Type: TypeLong, Need: Mandatory, Max: 4000, Donor: "ETS 185 art. 31"},
		{Name: "scope", Type: TypeLong, Need: Mandatory, Max: 4000, Donor: "ETS 185 art. 31"},
		{Name: "procedure", Type: TypeLong, Need: Optional, Max: 4000},
	}},
	"emergency-data": {donor: "CETS 224 art. 9-10", acknowledge: time.Hour, reply: 8 * time.Hour, fields: []FieldSpec{
		authority("CETS 224 art. 9"), law("CETS 224 art. 9"), custodian("CETS 224 art. 9"), dataClasses("CETS 224 art. 9"), identifiers(),
		{Name: "emergency", Type: TypeLong, Need: Mandatory, Max: 4000, Donor: "CETS 224 art. 9"},
		{Name: "risk", Type: TypeLong, Need: Mandatory, Max: 4000, Donor: "CETS 224 art. 3"},
		{Name: "paper_by", Type: TypeTime, Need: Mandatory, Donor: "CETS 224 art. 10"},
	}},
	"suppress": {donor: "1999 MLAT", acknowledge: day, reply: 2 * week, fields: []FieldSpec{
		{Name: "suspects", Type: TypeLong, Need: Conditional, Max: 2000, List: 200, Donor: "1999 MLAT"},
		{Name: "infrastructure", Type: TypeObservable, Need: Conditional, List: MaxList, Members: observableMembers, Donor: "1999 MLAT"},
		{Name: "conduct", Type: TypeLong, Need: Mandatory, Max: 8000, Donor: "1999 MLAT"},
		{Name: "evidence", Type: TypeLong, Need: Mandatory, Max: 4000, List: 200, Donor: "1999 MLAT"},
		{Name: "wanted_measure", Type: TypeWord, Need: Mandatory, Words: []string{"identify", "locate", "detain", "charge"}, Donor: "1999 MLAT"},
		{Name: "evidence_to_follow", Type: TypeLong, Need: Optional, Max: 4000},
	}},
	"evidence-follow-up": {donor: "1999 MLAT", acknowledge: day, reply: 30 * day, fields: []FieldSpec{
		{Name: "operation", Type: TypeText, Need: Mandatory, Max: 200, Donor: "1999 MLAT"},
		{Name: "owed", Type: TypeLong, Need: Mandatory, Max: 500, List: 200, Donor: "1999 MLAT"},
		{Name: "evidence_format", Type: TypeText, Need: Mandatory, Max: 500, Donor: "1999 MLAT"},
		{Name: "admissibility", Type: TypeLong, Need: Mandatory, Max: 4000, Donor: "1999 MLAT"},
	}},
	"freeze-assets": {donor: "FBI financial fraud kill chain; I-GRIP", acknowledge: time.Hour, reply: day, fields: freezeFields},
	"hold-off": {donor: "deconfliction practice", acknowledge: 4 * time.Hour, reply: day, fields: []FieldSpec{
		{Name: "not_to_do", Type: TypeLong, Need: Mandatory, Max: 4000, Donor: "deconfliction practice"},
		{Name: "hold_until", Type: TypeTime, Need: Mandatory, Donor: "deconfliction practice"},
		{Name: "hold_reason", Type: TypeWord, Need: Mandatory, Donor: "deconfliction practice",
			Words: []string{"ongoing-operation", "covert-measure", "evidence-at-risk", "safety", "other"}},
	}},
	"notify-victims": {donor: "CISA pre-ransomware notices; Shadowserver", acknowledge: day, reply: week, fields: []FieldSpec{
		{Name: "victims", Type: TypeObservable, Need: Mandatory, List: MaxList, Members: observableMembers, Donor: "Shadowserver reports"},
		{Name: "advice", Type: TypeLong, Need: Mandatory, Max: 8000, Donor: "CISA pre-ransomware notices"},
		{Name: "may_name_source", Type: TypeBool, Need: Mandatory, Donor: "FIRST IEP 2.0 attribution"},
	}},
	"vulnerability": {donor: "OSCE CBM 16", acknowledge: day, reply: week, fields: []FieldSpec{
		{Name: "product", Type: TypeText, Need: Mandatory, Max: 500, Donor: "OSCE CBM 16"},
		{Name: "versions", Type: TypeText, Need: Optional, Max: 500},
		{Name: "vulnerabilities", Type: TypeObservable, Need: Optional, List: 100, Members: observableMembers},
		{Name: "severity_scale", Type: TypeText, Need: Mandatory, Max: 50, Donor: "OSCE CBM 15"},
		{Name: "severity", Type: TypeText, Need: Mandatory, Max: 50, Donor: "OSCE CBM 15"},
		{Name: "embargo_until", Type: TypeTime, Need: Mandatory, Donor: "OSCE CBM 16"},
		{Name: "remedy", Type: TypeLong, Need: Mandatory, Max: 4000, Donor: "OSCE CBM 16"},
	}},
	"protected-objects": {donor: "the sixteen sectors of 2021", acknowledge: 3 * day, silent: true, fields: []FieldSpec{
		{Name: "list_digest", Type: TypeText, Need: Mandatory, Max: digestChars, Form: FormDigest, Donor: "the sixteen sectors of 2021"},
		{Name: "list_size", Type: TypeInt, Need: Optional, Max: MaxIndex},
		{Name: "sectors", Type: TypeWord, Need: Mandatory, List: 16, Words: sectors, Donor: "PPD-21"},
		{Name: "valid_from", Type: TypeTime, Need: Mandatory, Donor: "the sixteen sectors of 2021"},
		{Name: "valid_until", Type: TypeTime, Need: Mandatory, Donor: "the sixteen sectors of 2021"},
	}},
	"consult": {donor: "OSCE CBM 3; Vienna Document ch. III", acknowledge: 12 * time.Hour, reply: 2 * day, fields: []FieldSpec{
		{Name: "topics", Type: TypeText, Need: Mandatory, Max: 500, List: 50, Donor: "OSCE CBM 3"},
		{Name: "proposed_times", Type: TypeTime, Need: Mandatory, List: 20, Donor: "Vienna Document ch. III"},
		{Name: "meeting_format", Type: TypeWord, Need: Mandatory, Words: []string{"call", "in-person", "video", "written"}, Donor: "OSCE CBM 3"},
	}},
}

// freezeFields are those of freeze-assets: money in a bank, or on a chain.
var freezeFields = []FieldSpec{
	{Name: "asset_form", Type: TypeWord, Need: Mandatory, Words: []string{"bank", "chain"}, Donor: "FFKC"},
	{Name: "amount", Type: TypeText, Need: Mandatory, Max: 40, Form: FormAmount, Donor: "FFKC"},
	{Name: "currency", Type: TypeText, Need: Mandatory, Max: 20, Donor: "FFKC"},
	{Name: "transferred_at", Type: TypeTime, Need: Mandatory, Donor: "FFKC"},
	{Name: "victim", Type: TypeText, Need: Mandatory, Max: 500, Donor: "FFKC"},
	{Name: "order", Type: TypeLong, Need: Mandatory, Max: 4000, Donor: "FFKC"},
	{Name: "freeze_until", Type: TypeTime, Need: Mandatory, Donor: "review of freezes"},
	{Name: "sending_bank", Type: TypeText, Need: Conditional, Max: 500, Donor: "FFKC"},
	{Name: "sending_account", Type: TypeText, Need: Conditional, Max: 100, Donor: "FFKC"},
	{Name: "beneficiary", Type: TypeText, Need: Conditional, Max: 500, Donor: "FFKC"},
	{Name: "beneficiary_bank", Type: TypeText, Need: Conditional, Max: 500, Donor: "FFKC"},
	{Name: "beneficiary_account", Type: TypeText, Need: Conditional, Max: 100, Donor: "FFKC"},
	{Name: "intermediary", Type: TypeText, Need: Optional, Max: 500},
	{Name: "swift_reference", Type: TypeText, Need: Conditional, Max: 100, Donor: "FFKC"},
	{Name: "chain", Type: TypeText, Need: Conditional, Max: 50, Donor: "T3 FCU"},
	{Name: "token_contract", Type: TypeText, Need: Optional, Max: 200},
	{Name: "address", Type: TypeText, Need: Conditional, Max: 200, Donor: "T3 FCU"},
	{Name: "transactions", Type: TypeText, Need: Conditional, Max: 200, List: 1000, Donor: "T3 FCU"},
	{Name: "balance_proof", Type: TypeLong, Need: Optional, Max: 2000},
}

// bankFields and chainFields are what one form of freeze-assets needs and the other must not have.
var (
	bankFields  = []string{"sending_bank", "sending_account", "beneficiary", "beneficiary_bank", "beneficiary_account", "swift_reference"}
	chainFields = []string{"chain", "address", "transactions"}
)

// Clocks returns the default clocks of a kind of appeal (acts.md §2); zero if the kind is not known, and a zero reply where nothing is asked.
func Clocks(kind string) (acknowledge, reply time.Duration) {
	k := appealKinds[kind]
	return k.acknowledge, k.reply
}

// Silent reports whether appeals of this kind ask for nothing but their acknowledgement.
func Silent(kind string) bool { return appealKinds[kind].silent }

// Donor returns the instrument that a kind of appeal is taken from. No conformance to it is claimed.
func Donor(kind string) string { return appealKinds[kind].donor }
