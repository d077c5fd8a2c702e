package verdict

import (
	"encoding/json/jsontext"
	"encoding/json/v2"
	"time"
)

// A Verdict is what a bundle proves. All times are in UTC, and each is by the
// clock of the party that the field or its comment names.
type Verdict struct {
	Parties    []PartyFinding     `json:"parties"`
	KeyChanges []KeyChangeFinding `json:"key_changes,omitempty"`
	Records    []RecordFinding    `json:"records,omitempty"`
	Cases      []CaseFinding      `json:"cases,omitempty"`
	Forks      []ForkFinding      `json:"forks,omitempty"`
	TakenBack  []TakenBackFinding `json:"taken_back,omitempty"`
	Clocks     []ClockFinding     `json:"clocks,omitempty"`
	Channel    []ChannelFinding   `json:"channel,omitempty"`
	Witnesses  []WitnessFinding   `json:"witnesses,omitempty"`

	// VouchedNotHere names parties for which the person verifying vouches and
	// whose keys are not in the file. Who looks alike is somebody else.
	VouchedNotHere []string `json:"vouched_not_here,omitempty"`

	// RestsOn names all keys that the verdict rests on, in words for people.
	RestsOn []string `json:"rests_on"`
	// NotProved is what nobody may conclude from the bundle (B-9).
	NotProved []string `json:"not_proved"`
}

// A PartyFinding is one set of keys of a party that is in the bundle. All but
// the last four members is what the party says of itself.
type PartyFinding struct {
	Party            string    `json:"party"`
	Generation       int       `json:"generation"`
	Title            string    `json:"title"`
	PartyKind        string    `json:"party_kind"`
	Jurisdiction     string    `json:"jurisdiction,omitempty"`
	ReceiptStatement string    `json:"receipt_statement"`
	KeysValidUntil   time.Time `json:"keys_valid_until"`
	Fingerprint      string    `json:"fingerprint"` // b64u
	Words            []string  `json:"words"`       // twelve
	// Vouched says that the person verifying supplied these keys as trusted;
	// else they came with the bundle only (B-7).
	Vouched bool `json:"vouched"`
	// Linked says that changes of keys link these to keys that are vouched for.
	Linked bool `json:"linked,omitzero"`
	// Apart says that the bundle has other keys of this party, that nothing
	// links the two, and that nobody vouches: they may be two parties.
	Apart bool `json:"apart,omitzero"`
	// SharesKeysWith names parties that have a signing key in common with it.
	SharesKeysWith []string `json:"shares_keys_with,omitempty"`
}

// A Basis is the keys of a party that a conclusion rests on.
type Basis struct {
	Party   string `json:"party"`
	Words   string `json:"words"` // twelve, with spaces between
	Vouched bool   `json:"vouched"`
	Linked  bool   `json:"linked,omitzero"` // to vouched ones, by changes of keys
}

// A Place names a record by its place and bytes (record.md §1).
type Place struct {
	Outbox string `json:"outbox"`
	Index  int64  `json:"index"`
	Leaf   string `json:"leaf"` // b64u of the leaf hash
}

// Shown says how much of a record can be interpreted.
type Shown string

// How much is shown.
const (
	Interpreted   Shown = "interpreted"   // act (and kind of an appeal) are shown and known
	UnknownAct    Shown = "unknown"       // of a later version: shown as it is
	UndisclosedAs Shown = "not-disclosed" // act or kind is not shown, so fields have no meaning by rule
)

// A RecordFinding is one record: X wrote this, and Y's node holds it.
type RecordFinding struct {
	Place
	Author   string `json:"author"`
	Audience string `json:"audience"` // a party, or "public"

	Act   string `json:"act,omitempty"`
	Kind  string `json:"kind,omitempty"`
	Class string `json:"class,omitempty"` // "" if not shown: it may be a test
	TLP   string `json:"tlp,omitempty"`
	Shown Shown  `json:"shown"`
	// Full says that all of the content is shown; it can be known only where
	// the audience is public.
	Full   bool          `json:"full,omitzero"`
	Fields Fields        `json:"fields"`
	Lists  []ListFinding `json:"lists,omitempty"`
	Hidden int           `json:"hidden,omitzero"` // elements of lists that are not shown

	ReleasedAt time.Time         `json:"released_at,omitzero"` // the author's statement
	Checkpoint CheckpointFinding `json:"checkpoint"`
	State      State             `json:"state,omitempty"` // "" of a public record
	Received   *ReceiptFinding   `json:"received,omitempty"`
	// NotReceived is why no receipt is concluded; "" if there is one.
	NotReceived NoReceipt       `json:"not_received,omitempty"`
	Lodged      []LodgedFinding `json:"lodged,omitempty"`
	// NotAfter is when it existed at the latest, as witnesses date it; nil
	// while that is pending. NotBefore is until when its author states that it
	// was not there (B-13).
	NotAfter  *DatingFinding `json:"not_after,omitempty"`
	NotBefore *DatingFinding `json:"not_before,omitempty"`
	// Backdated says that ReleasedAt contradicts NotBefore.
	Backdated bool            `json:"backdated,omitzero"`
	OldKeys   *OldKeysFinding `json:"old_keys,omitempty"`
	RepliesTo *ReplyFinding   `json:"replies_to,omitempty"`
	// TwoFaces names the fields of which the file shows another value under
	// the same leaf: its author committed to both.
	TwoFaces []string `json:"two_faces,omitempty"`
	// InForkedOutbox warns that its author signed two logs of this outbox.
	InForkedOutbox bool    `json:"in_forked_outbox,omitzero"`
	RestsOn        []Basis `json:"rests_on"`

	about *Place    // the move that a reply says it answers; nil if that is not shown
	by    *Place    // the field of that name
	until time.Time // the field of that name
	from  time.Time // in_force_from
	whole bool      // of a reply: that it has no field which is not shown follows from its decoys
}

// A ListFinding says which elements of a list field are shown.
type ListFinding struct {
	Name  string `json:"name"`
	Shown []int  `json:"shown,omitempty"` // places in the whole list, from 0
	Total int    `json:"total"`
}

// A CheckpointFinding is the signed head that a record stands under.
type CheckpointFinding struct {
	Size int64     `json:"size"`
	Root string    `json:"root"` // base64
	Time time.Time `json:"time"` // the author's clock
	// KeysExpired says that by its own clock the author signed after the date
	// until which its profile says that its keys are valid.
	KeysExpired bool `json:"keys_expired,omitzero"`
}

// A ReceiptFinding is the receipt of the audience over that head.
type ReceiptFinding struct {
	By          string    `json:"by"`
	At          time.Time `json:"at"` // the receiver's clock: at the latest then
	Statement   string    `json:"statement"`
	KeysExpired bool      `json:"keys_expired,omitzero"`
	// Dated is when the giver's own register had named the head, as witnesses
	// date it.
	Dated   *DatingFinding  `json:"dated,omitempty"`
	OldKeys *OldKeysFinding `json:"old_keys,omitempty"`
}

// A LodgedFinding is the receipt of a third party (B-14).
type LodgedFinding struct {
	ReceiptFinding
	Designated bool `json:"designated,omitzero"` // by the audience, as its relay
}

// NoReceipt is a reason why no receipt is concluded.
type NoReceipt string

// The reasons.
const (
	NoReceiptLines NoReceipt = "no-receipt" // the bundle has none
	NoReceiptKeys  NoReceipt = "no-keys"    // lines that may be one, but not the audience's profile
	NoAudience     NoReceipt = "public"     // nobody in particular was to receive it
)

// A ReplyFinding is the record that another one says it replies to.
type ReplyFinding struct {
	Place
	InBundle bool `json:"in_bundle"`
}

// A CaseFinding is a record and the replies to it that are in the bundle, by
// the time that their authors state.
type CaseFinding struct {
	Place
	From       string          `json:"from"`
	To         string          `json:"to"`
	Act        string          `json:"act,omitempty"`
	Kind       string          `json:"kind,omitempty"`
	Class      string          `json:"class,omitempty"` // "" if not shown: it may be a test
	Subject    string          `json:"subject,omitempty"`
	ReleasedAt time.Time       `json:"released_at,omitzero"`
	Received   *ReceiptFinding `json:"received,omitempty"`
	Lodged     []LodgedFinding `json:"lodged,omitempty"`
	NotAfter   *DatingFinding  `json:"not_after,omitempty"`
	Backdated  bool            `json:"backdated,omitzero"`
	OldKeys    *OldKeysFinding `json:"old_keys,omitempty"`
	Moves      []MoveFinding   `json:"moves,omitempty"`
	// Status is where the case stands, as far as the bundle shows it; "" where what decides is not shown.
	Status Status `json:"status,omitempty"`
	// InForceFrom and Until are of an arrangement that both have signed, by their own words.
	InForceFrom time.Time `json:"in_force_from,omitzero"`
	Until       time.Time `json:"until,omitzero"`

	RestsOn []Basis `json:"rests_on"`
}

// A MoveFinding is one reply.
type MoveFinding struct {
	Place
	By         string    `json:"by"`
	Act        string    `json:"act"`
	Class      string    `json:"class,omitempty"` // "" if not shown: it may be a test
	ReleasedAt time.Time `json:"released_at,omitzero"`
	Finality   string    `json:"finality,omitempty"`
	Outcome    string    `json:"outcome,omitempty"`
	Code       string    `json:"code,omitempty"`
	// About is the move of the other side that it says it answers.
	About *Place `json:"about,omitempty"`
	// Instead is the record that takes the place of what it supersedes.
	Instead      *Place    `json:"instead,omitempty"`
	Extent       string    `json:"extent,omitempty"`
	Ground       string    `json:"ground,omitempty"`
	Until        time.Time `json:"until,omitzero"`
	Stage        string    `json:"stage,omitempty"`
	ToParty      string    `json:"to_party,omitempty"`
	Satisfaction string    `json:"satisfaction,omitempty"`
	Edition      string    `json:"edition,omitempty"`
	Level        string    `json:"level,omitempty"`

	Received  *ReceiptFinding `json:"received,omitempty"`
	Backdated bool            `json:"backdated,omitzero"`
	OldKeys   *OldKeysFinding `json:"old_keys,omitempty"`
	// Irregular is the rule that the reply breaks, as far as the bundle shows.
	Irregular string `json:"irregular,omitempty"`

	whole      bool     // all of it is shown
	missing    []string // what an incomplete names, as far as it is shown
	allMissing bool     // all of that is
}

// HowForked is how two histories are shown.
type HowForked string

// The ways.
const (
	ForkEvidence HowForked = "evidence" // O-6
	ForkHeads    HowForked = "heads"    // two checkpoints of one size in the bundle
	ForkRecords  HowForked = "records"  // two records at one index in the bundle
)

// A ForkFinding says that an author signed two histories of one outbox.
type ForkFinding struct {
	Author string    `json:"author"`
	Outbox string    `json:"outbox"`
	How    HowForked `json:"how"`
	A      ForkHead  `json:"a"`
	B      ForkHead  `json:"b"`
	// Index is the place of the two records, where How is ForkRecords.
	Index   *int64  `json:"index,omitempty"`
	RestsOn []Basis `json:"rests_on"`
}

// A ForkHead is one of two signed heads, with the leaf under it where records
// show the fork.
type ForkHead struct {
	Size int64     `json:"size"`
	Root string    `json:"root"` // base64
	Time time.Time `json:"time"` // the author's clock
	Leaf string    `json:"leaf,omitempty"`
}

// Fields are the fields shown, by name. As JSON they are one object.
type Fields []Field

// A Field is one field with its value in the form that was signed (RFC 8785);
// a list has the elements that are shown.
type Field struct {
	Name  string
	Value jsontext.Value
}

// MarshalJSONTo writes an object.
func (f Fields) MarshalJSONTo(e *jsontext.Encoder) error {
	if err := e.WriteToken(jsontext.BeginObject); err != nil {
		return err
	}
	for _, field := range f {
		if err := e.WriteToken(jsontext.String(field.Name)); err != nil {
			return err
		}
		if err := e.WriteValue(field.Value); err != nil {
			return err
		}
	}
	return e.WriteToken(jsontext.EndObject)
}

// JSON gives the verdict for a program, indented, with a line feed at the end.
func (v *Verdict) JSON() ([]byte, error) {
	b, err := json.Marshal(v, json.Deterministic(true), jsontext.WithIndent("  "))
	if err != nil {
		return nil, err
	}
	return append(b, '\n'), nil
}
