package record

// This file is the two acts by which two parties say how they deal with each other (acts.md §5).

const dayWords = "mon tue wed thu fri sat sun"

// directoryFields is the act directory: who is competent for what in a party, and how to reach them.
var directoryFields = []FieldSpec{
	{Name: "title", Type: TypeText, Need: Mandatory, Max: 200},
	{Name: "nominated_by", Type: TypeText, Need: Mandatory, Max: 500, Donor: "OAS CBM note verbale"},
	{Name: "status", Type: TypeWord, Need: Mandatory, Words: []string{"active", "suspended", "withdrawn"}},
	{Name: "effective_at", Type: TypeTime, Need: Mandatory, Donor: "OSCE CBM 8"},
	{Name: "max_lag", Type: TypeText, Need: Mandatory, Max: 6, Form: FormSpan, Donor: "OSCE CBM 8"},
	{Name: "review_by", Type: TypeTime, Need: Mandatory, Donor: "OSCE CBM 8"},
	{Name: "protection", Type: TypeWord, Need: Mandatory, Words: []string{"need-to-know", "authorities", "public"}},
	{Name: "languages", Type: TypeText, Need: Mandatory, Max: 35, List: 20, Form: FormLanguage},
	{Name: "instruments", Type: TypeText, Need: Optional, Max: 300, List: 50},
	{Name: "reservations", Type: TypeLong, Need: Optional, Max: 1000, List: 50},
	{Name: "authorities", Type: TypeAuthority, Need: Mandatory, List: 100, Members: []FieldSpec{
		{Name: "constituency", Type: TypeText, Need: Optional, Max: 300},
		{Name: "function", Type: TypeWord, Need: Mandatory, Words: []string{"policy", "diplomatic", "technical", "point-24-7", "central-mla", "judicial", "police", "fiu", "provider"}},
		{Name: "mandate", Type: TypeText, Need: Optional, Max: 500},
		{Name: "name", Type: TypeText, Need: Mandatory, Max: 300},
		{Name: "redirect_to", Type: TypeText, Need: Optional, Max: 300},
	}},
	{Name: "competences", Type: TypeCompetence, Need: Mandatory, List: 1000, Members: []FieldSpec{
		{Name: "authority", Type: TypeText, Need: Mandatory, Max: 300},
		{Name: "direction", Type: TypeWord, Need: Mandatory, Words: []string{"sends", "receives", "both"}},
		{Name: "instrument", Type: TypeText, Need: Optional, Max: 300},
		{Name: "kind", Type: TypeText, Need: Mandatory, Max: MaxWord, Form: FormWord},
	}},
	{Name: "contacts", Type: TypePoint, Need: Mandatory, List: 50, Members: []FieldSpec{
		{Name: "authority", Type: TypeText, Need: Optional, Max: 300},
		{Name: "deputy_for", Type: TypeText, Need: Optional, Max: 100},
		{Name: "hours", Type: TypeText, Need: Mandatory, Max: 100},
		{Name: "languages", Type: TypeText, Need: Mandatory, Max: 100},
		{Name: "mail", Type: TypeText, Need: Optional, Max: 200},
		{Name: "phone", Type: TypeText, Need: Optional, Max: 50},
		{Name: "role", Type: TypeText, Need: Mandatory, Max: 100},
		{Name: "verification", Type: TypeText, Need: Optional, Max: 300},
		{Name: "zone", Type: TypeText, Need: Mandatory, Max: 50},
	}},
}

// arrangementFields is the act arrangement: the rules of a link, in force once the other side has agreed.
var arrangementFields = []FieldSpec{
	{Name: "version", Type: TypeInt, Need: Mandatory, Max: 1_000_000},
	{Name: "in_force_from", Type: TypeTime, Need: Mandatory},
	{Name: "until", Type: TypeTime, Need: Optional},
	{Name: "text", Type: TypeLong, Need: Optional, Max: 8000},
	{Name: "bodies", Type: TypeBody, Need: Mandatory, List: 100, Members: []FieldSpec{
		{Name: "authority", Type: TypeText, Need: Mandatory, Max: 300},
		{Name: "channel", Type: TypeWord, Need: Mandatory, Words: channelWords},
		{Name: "party", Type: TypeText, Need: Mandatory, Max: 200},
	}},
	{Name: "channels", Type: TypeWord, Need: Mandatory, List: 6, Words: channelWords},
	{Name: "kinds", Type: TypeKindRule, Need: Mandatory, List: 200, Members: []FieldSpec{
		{Name: "acknowledge", Type: TypeText, Need: Mandatory, Max: 6, Form: FormSpan},
		{Name: "kind", Type: TypeText, Need: Mandatory, Max: MaxWord, Form: FormWord},
		{Name: "quota", Type: TypeInt, Need: Optional, Max: 1_000_000},
		{Name: "reply", Type: TypeText, Need: Optional, Max: 6, Form: FormSpan},
		{Name: "urgency", Type: TypeWord, Need: Optional, Words: urgencyWords},
	}},
	{Name: "calendars", Type: TypeCalendar, Need: Optional, List: 2, Members: []FieldSpec{
		{Name: "closes", Type: TypeText, Need: Mandatory, Max: 5, Form: FormHour},
		{Name: "days", Type: TypeText, Need: Mandatory, Max: 27, Form: FormDays},
		{Name: "opens", Type: TypeText, Need: Mandatory, Max: 5, Form: FormHour},
		{Name: "party", Type: TypeText, Need: Mandatory, Max: 200},
	}},
	{Name: "holidays", Type: TypeHoliday, Need: Optional, List: 1000, Members: []FieldSpec{
		{Name: "date", Type: TypeText, Need: Mandatory, Max: 10, Form: FormDate},
		{Name: "party", Type: TypeText, Need: Mandatory, Max: 200},
	}},
	{Name: "retention", Type: TypeText, Need: Mandatory, Max: 6, Form: FormSpan},
	{Name: "releasability", Type: TypeWord, Need: Mandatory, Words: []string{"nothing", "counts", "counts-by-kind", "places-and-times", "as-agreed"}},
	{Name: "counting", Type: TypeWord, Need: Mandatory, Words: []string{"lodged", "received", "acknowledged", "admissible"}},
	{Name: "counting_rule", Type: TypeLong, Need: Mandatory, Max: 2000},
	{Name: "escalation", Type: TypeStep, Need: Optional, List: 10, Members: []FieldSpec{
		{Name: "after", Type: TypeText, Need: Mandatory, Max: 6, Form: FormSpan},
		{Name: "contact", Type: TypeText, Need: Mandatory, Max: 100},
		{Name: "level", Type: TypeWord, Need: Mandatory, Words: levelWords},
	}},
	{Name: "reminder", Type: TypeText, Need: Optional, Max: 6, Form: FormSpan},
}
