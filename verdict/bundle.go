package verdict

import (
	"strings"
	"time"

	"verbale/seal"
)

// Version is the value of the member "verbale".
const Version = "bundle/v1"

// MediaType is the media type of a bundle.
const MediaType = "application/vnd.verbale.bundle+json"

// A Bundle is evidence with all that it rests on. It is a claim: only [Judge]
// says what it proves.
type Bundle struct {
	Profiles    []string // full SD-JWTs, one per party and generation of its keys
	Witnesses   []string // verifier keys of the witnesses whose lines stand below checkpoints of registers
	Checkpoints []string // signed notes: log lines, then receipts of the audience and of relays, or lines of witnesses
	Records     []Exhibit
	Forks       []ForkExhibit
	Beats       []BeatExhibit
}

// An Exhibit is a record, as much of it as is shown, and its place in an
// outbox.
type Exhibit struct {
	Checkpoint int // place in Bundle.Checkpoints
	Index      int64
	Proof      [][32]byte // from the leaf's sibling upward (RFC 9162)
	Record     string     // partial SD-JWT
}

// A ForkExhibit is the evidence of O-6.
type ForkExhibit struct {
	A, B  string // signed notes of one origin, A not larger than B
	Proof [][32]byte
}

// A BeatExhibit is the beats of one party over one head.
type BeatExhibit struct {
	By    string // the party
	Head  string // the text of the head, three lines
	Beats []Pulse
}

// A Pulse is one beat, without what it is over.
type Pulse struct {
	Time      time.Time // whole seconds
	Signature [64]byte
}

// check holds the counts against B-1.
func (b *Bundle) check() error {
	if len(b.Profiles) == 0 {
		return fail(KindForm, "bundle", "B-1", "a bundle has at least one profile, got none; without keys nothing can be concluded")
	}
	for _, c := range []struct {
		list      string
		got, most int
	}{
		{"profiles", len(b.Profiles), MaxProfiles},
		{"witnesses", len(b.Witnesses), MaxWitnesses},
		{"checkpoints", len(b.Checkpoints), MaxCheckpoints},
		{"records", len(b.Records), MaxRecords},
		{"forks", len(b.Forks), MaxForks},
		{"beats", b.pulses(), MaxBeats},
	} {
		if c.got > c.most {
			return tooMany(c.list, c.most)
		}
	}
	return nil
}

// pulses counts all beats.
func (b *Bundle) pulses() (n int) {
	for _, x := range b.Beats {
		n += max(1, len(x.Beats))
	}
	return n
}

func tooMany(list string, most int) *Error {
	return fail(KindLimit, list, "B-1", "a bundle has at most %d %s; split it", most, list)
}

func tooLarge(size int) *Error {
	return fail(KindLimit, "bundle", "B-1", "a bundle has at most %d bytes, this one has %d; split it", MaxBundle, size)
}

// headOf reads the head at the top of a note. No signature is checked.
func headOf(note string) (seal.Head, error) {
	split := strings.LastIndex(note, "\n\n")
	if split < 0 {
		return seal.ParseHead(brief(note))
	}
	return seal.ParseHead(note[:split+1])
}
