package verdict

import "time"

// A DatingFinding is what witnesses say of when: something existed between
// From and To at the latest (B-13).
type DatingFinding struct {
	Register string            `json:"register"` // its origin
	Size     int64             `json:"size"`     // of the register's checkpoint
	From     time.Time         `json:"from"`     // the witnesses' clocks
	To       time.Time         `json:"to"`
	By       []CosignerFinding `json:"by"`
	// Vouched says that the policy of the person verifying is met; else the
	// keys of the witnesses came with the bundle only.
	Vouched bool `json:"vouched"`

	// Entry is the act heads that opens the head; nil of a record that stands
	// in the register itself.
	Entry    *Place    `json:"entry,omitempty"`
	TakenAt  time.Time `json:"taken_at,omitzero"` // its author's clock
	HeadSize int64     `json:"head_size,omitzero"`
	HeadRoot string    `json:"head_root,omitempty"` // base64
	// Bound is the time of a not before: TakenAt, or To if that is earlier.
	Bound time.Time `json:"bound,omitzero"`
}

// A CosignerFinding is one witness with its time.
type CosignerFinding struct {
	Name string    `json:"name"`
	Time time.Time `json:"time"`
}

// A WitnessFinding is one key of a witness, by which lines stand in the bundle.
type WitnessFinding struct {
	Name    string `json:"name"`
	Key     string `json:"key"`     // its verifier key
	Vouched bool   `json:"vouched"` // it stands in the policy of the person verifying
}

// A ClockStatement is what sort of time a clock gave.
type ClockStatement string

// The sorts.
const (
	ClockReleased   ClockStatement = "released_at"
	ClockTaken      ClockStatement = "taken_at"
	ClockCheckpoint ClockStatement = "checkpoint"
	ClockReceipt    ClockStatement = "receipt"       // of what its giver's register had named before
	ClockEarly      ClockStatement = "early-receipt" // of what was not there yet, as its author states
)

// A ClockFinding is a clock that is contradicted (B-13).
type ClockFinding struct {
	Party     string         `json:"party"`
	Statement ClockStatement `json:"statement"`
	Says      time.Time      `json:"says"`
	Bound     time.Time      `json:"bound"`   // no later than that; of ClockEarly no earlier
	Seconds   int64          `json:"seconds"` // between the two
	Vouched   bool           `json:"vouched"` // as of the date
	Outbox    string         `json:"outbox"`
	Index     *int64         `json:"index,omitempty"` // of a record
	Size      int64          `json:"size,omitzero"`   // of a checkpoint
	RestsOn   []Basis        `json:"rests_on"`
}

// A ChannelFinding sums up the beats of one party over one outbox (B-16). All
// times are by its own clock.
type ChannelFinding struct {
	Outbox     string          `json:"outbox"`
	By         string          `json:"by"`
	Role       Role            `json:"role"`
	Count      int             `json:"count"`
	First      time.Time       `json:"first"`
	Last       time.Time       `json:"last"`
	LongestGap int64           `json:"longest_gap"` // seconds
	Sizes      []SizeFinding   `json:"sizes"`       // by time
	OldKeys    *OldKeysFinding `json:"old_keys,omitempty"`
	RestsOn    []Basis         `json:"rests_on"`
}

// A SizeFinding is a time for which the size was stated unchanged.
type SizeFinding struct {
	Size  int64     `json:"size"`
	Root  string    `json:"root"` // base64
	Count int       `json:"count"`
	From  time.Time `json:"from"`
	To    time.Time `json:"to"`
}

// A StatementKind is what a party stated the size of an outbox by.
type StatementKind string

// The kinds.
const (
	SaidReceipt    StatementKind = "receipt"
	SaidCheckpoint StatementKind = "checkpoint"
	SaidHeads      StatementKind = "heads"
	SaidBeat       StatementKind = "beat"
)

// A StatementFinding is one such statement, with its time by its own clock.
type StatementFinding struct {
	Kind  StatementKind `json:"kind"`
	Size  int64         `json:"size"`
	Root  string        `json:"root"` // base64
	Time  time.Time     `json:"time"`
	Entry *Place        `json:"entry,omitempty"` // of SaidHeads
}

// HowTakenBack is how two statements contradict each other.
type HowTakenBack string

// The ways.
const (
	Smaller  HowTakenBack = "smaller"   // the later one is of a smaller size
	TwoHeads HowTakenBack = "two-heads" // one entry has two heads of one outbox (G-7)
)

// A TakenBackFinding is two statements of one party that cannot both be true
// (B-15).
type TakenBackFinding struct {
	Outbox  string           `json:"outbox"`
	By      string           `json:"by"`
	Role    Role             `json:"role"`
	How     HowTakenBack     `json:"how"`
	Larger  StatementFinding `json:"larger"`
	Smaller StatementFinding `json:"smaller"`
	OldKeys *OldKeysFinding  `json:"old_keys,omitempty"` // of either
	RestsOn []Basis          `json:"rests_on"`
}

// A KeyChangeFinding is a change of the keys of a party (B-17).
type KeyChangeFinding struct {
	Party        string      `json:"party"`
	From         KeysFinding `json:"from"`
	To           KeysFinding `json:"to"`
	Reason       string      `json:"reason"`
	EffectiveAt  time.Time   `json:"effective_at"` // as the party states
	AuthorizedBy string      `json:"authorized_by"`
	Authorized   bool        `json:"authorized"`
	Problem      string      `json:"problem,omitempty"` // why it is not authorized
	// Rival says that another change leads from the same keys elsewhere.
	Rival bool `json:"rival,omitzero"`
	// SaidByNew says that the new keys speak of the old ones as their own.
	SaidByNew bool           `json:"said_by_new"`
	NotAfter  *DatingFinding `json:"not_after,omitempty"` // when the change was public
	RestsOn   []Basis        `json:"rests_on"`
}

// KeysFinding names keys.
type KeysFinding struct {
	Generation  int      `json:"generation,omitzero"` // 0 if the bundle does not have the profile
	Fingerprint string   `json:"fingerprint"`         // b64u
	Words       []string `json:"words,omitempty"`
}

// An OldKeysFinding is what a statement by keys that were given up is worth
// (B-18).
type OldKeysFinding struct {
	Reason      string    `json:"reason"`
	EffectiveAt time.Time `json:"effective_at"`
	Standing    Standing  `json:"standing"`
}
