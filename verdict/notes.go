package verdict

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"time"

	"verbale/seal"
)

// logLines is what the author of an outbox signs with: two keys (K-9).
const logLines = 2

// A cut is a note in its parts (B-10). Nothing of it is verified.
type cut struct {
	log   string // the text, the empty line, and the two lines of the log
	below []stand
}

// A stand is what stands of one party, or of one key of a witness, below the
// lines of the log.
type stand struct {
	key   string // the party, or the name and id of a cosigner as its verifier key has them
	lines string
}

// cutNote parts a note of an outbox, and refuses an order of lines that B-10
// does not allow.
func cutNote(note string, o seal.Origin) (cut, error) {
	lines := seal.LinesOf([]byte(note))
	if len(lines) < logLines || len(lines) > maxNoteLines {
		return cut{}, badNote(o, "expected two lines of the log and at most %d others below the text, got %d in all", maxNoteLines-logLines, len(lines))
	}
	tail := len(bytes.Join(lines[logLines:], nil))
	c := cut{log: note[:len(note)-tail]}
	if !strings.HasSuffix(note, string(bytes.Join(lines, nil))) {
		return cut{}, badNote(o, "the last line is cut off")
	}
	var err error
	if o.Audience == seal.Public {
		c.below, err = cutWitnesses(lines[logLines:], o)
	} else {
		c.below, err = cutReceipts(lines[logLines:], o)
	}
	return c, err
}

// badNote is the error for lines that may not stand where they do.
func badNote(o seal.Origin, format string, args ...any) *Error {
	kind := KindReceipt
	if o.Audience == seal.Public {
		kind = KindWitness
	}
	return fail(kind, "", "B-10", format, args...)
}

// cutReceipts pairs lines: the audience's first, then those of relays by name.
func cutReceipts(lines [][]byte, o seal.Origin) (list []stand, err error) {
	last := ""
	for pair := range slices.Chunk(lines, 2) {
		name, ok := strings.CutSuffix(nameOf(pair[0]), "/receipt")
		switch {
		case !ok || seal.CheckName(name) != nil || len(pair) < 2 || nameOf(pair[1]) != name+"/receipt":
			return nil, badNote(o, "expected receipts below the lines of the log, each two lines of the key name of one party, as %s/receipt, or nothing", o.Audience)
		case name == o.Author:
			return nil, badNote(o, "%s is the author of the outbox; nobody gives a receipt to itself", name)
		case name == o.Audience && len(list) > 0, name != o.Audience && name <= last:
			return nil, badNote(o, "expected the receipt of %s first, then those of relays by name, one of each; that of %s stands elsewhere", o.Audience, name)
		case name != o.Audience:
			last = name
		}
		list = append(list, stand{name, string(pair[0]) + string(pair[1])})
	}
	return list, nil
}

// cutWitnesses takes single lines, one of each key.
func cutWitnesses(lines [][]byte, o seal.Origin) (list []stand, err error) {
	seen := make(map[string]bool)
	for _, line := range lines {
		key := keyOf(line)
		if key == "" {
			return nil, badNote(o, "nobody in particular receives a public outbox: expected lines of witnesses below those of the log, or nothing")
		}
		if seen[key] {
			return nil, badNote(o, "expected one line of each key of a witness, the key %s has two", visible(key))
		}
		seen[key] = true
		list = append(list, stand{key, string(line)})
	}
	return list, nil
}

// nameOf gives the key name of a line.
func nameOf(line []byte) string {
	rest, ok := strings.CutPrefix(string(line), "— ")
	name, _, ok2 := strings.Cut(rest, " ")
	if !ok || !ok2 {
		return ""
	}
	return name
}

// keyOf gives the name and key id of a line, as a verifier key begins; "" if
// it has none.
func keyOf(line []byte) string {
	name := nameOf(line)
	_, blob, _ := strings.Cut(strings.TrimSuffix(string(line), "\n"), name+" ")
	raw, err := base64.StdEncoding.Strict().DecodeString(blob)
	if name == "" || err != nil || len(raw) < 4 {
		return ""
	}
	return name + "+" + hex.EncodeToString(raw[:4])
}

// A checkpoint is a verified head, as its author signed it once.
type checkpoint struct {
	seal.Checkpoint
	origin seal.Origin
	author *party
	signed *signed
}

// A signed is all that the bundle has over one text, in whatever notes.
type signed struct {
	head     seal.Head
	origin   seal.Origin
	receipts []receipt
	unknown  bool            // lines of the audience stand there that nobody can verify
	lines    map[string]line // of witnesses: the earliest of each verifier key
	date     *date           // of a register that is dated (B-13)
	author   *party
}

// A receipt is verified, with the keys that gave it.
type receipt struct {
	seal.Receipt
	by *party
}

// A line is a verified cosignature.
type line struct {
	name, text string
	at         time.Time
}

// readCheckpoints checks B-3, B-10 and B-11.
func (j *judge) readCheckpoints(b *Bundle) error {
	for i, note := range b.Checkpoints {
		item := place("checkpoints", i)
		cp, err := j.openCheckpoint(KindCheckpoint, item, "B-3", note)
		if err != nil {
			return err
		}
		if err := j.openBelow(cp, item, note); err != nil {
			return err
		}
		j.checkpoints = append(j.checkpoints, cp)
	}
	for _, s := range j.signed {
		slices.SortFunc(s.receipts, func(a, b receipt) int {
			return cmp.Or(cmp.Compare(a.By, b.By), a.Time.Compare(b.Time), bytes.Compare(a.Lines, b.Lines))
		})
		s.receipts = slices.CompactFunc(s.receipts, func(a, b receipt) bool { return bytes.Equal(a.Lines, b.Lines) })
	}
	return nil
}

// openCheckpoint verifies a note by the log keys of its author's profile.
func (j *judge) openCheckpoint(kind Kind, item, rule, note string) (*checkpoint, error) {
	head, err := headOf(note)
	if err != nil {
		return nil, fail(kind, item, rule, "expected a signed checkpoint").because(err)
	}
	origin, err := seal.ParseOrigin(head.Origin)
	if err != nil {
		return nil, fail(kind, item, rule, "expected a signed checkpoint").because(err)
	}
	author := j.roster.author(origin)
	if author == nil {
		return nil, fail(kind, item, rule, "expected the profile of %s of the generation %d in the bundle, the author of this checkpoint; add it", origin.Author, origin.Generation)
	}
	cp, err := author.Keys.OpenCheckpoint([]byte(note))
	if err != nil {
		return nil, fail(kind, item, rule, "expected the signatures of both log keys of %s", origin.Author).because(err)
	}
	return &checkpoint{Checkpoint: cp, origin: origin, author: author}, nil
}

// openBelow verifies what stands below the lines of the log.
func (j *judge) openBelow(cp *checkpoint, item, note string) error {
	if !strings.HasPrefix(note, string(cp.Note)) {
		return fail(KindCheckpoint, item, "B-3", "expected the two lines of the log first, the Ed25519 one before the other, in their one spelling")
	}
	c, err := cutNote(note, cp.origin)
	if e, ok := errors.AsType[*Error](err); ok {
		e.Item = item
		return e
	}
	if cp.signed = j.signed[cp.Head]; cp.signed == nil {
		cp.signed = &signed{head: cp.Head, origin: cp.origin, author: cp.author, lines: make(map[string]line)}
		j.signed[cp.Head] = cp.signed
	}
	for _, s := range c.below {
		if cp.origin.Audience == seal.Public {
			err = j.openWitness(cp, s, note)
		} else {
			err = j.openReceipt(cp, s, note)
		}
		if e, ok := errors.AsType[*Error](err); ok {
			e.Item = item
			return e
		}
	}
	return nil
}

// openReceipt verifies a receipt by the keys of any profile of the party.
func (j *judge) openReceipt(cp *checkpoint, s stand, note string) error {
	var err error
	for _, p := range slices.Backward(j.roster[s.key]) {
		var r seal.Receipt
		if r, err = p.Keys.OpenReceipt(s.key, []byte(note), cp.Head); err == nil {
			if string(r.Lines) != s.lines {
				return fail(KindReceipt, "", "B-10", "expected the two lines of the receipt of %s and no others, the Ed25519 one first, in their one spelling", s.key)
			}
			cp.signed.receipts = append(cp.signed.receipts, receipt{r, p})
			return nil
		}
		if e, ok := errors.AsType[*seal.Error](err); !ok || e.Kind != seal.UnknownKey {
			break
		}
	}
	if err != nil {
		return fail(KindReceipt, "", "B-10", "the lines of %s below those of the log are no receipt by its keys in this file", s.key).because(err)
	}
	cp.signed.unknown = cp.signed.unknown || s.key == cp.origin.Audience
	return nil
}

// readWitnesses checks the keys of B-11.
func (j *judge) readWitnesses(b *Bundle) error {
	for i, vkey := range b.Witnesses {
		item := place("witnesses", i)
		c, err := seal.ParseCosigner(vkey)
		if err != nil {
			return fail(KindWitness, item, "B-11", "expected the verifier key of a witness").because(err)
		}
		key := keyPrefix(vkey)
		if !slices.ContainsFunc(j.witnesses[key], func(old seal.Cosigner) bool { return old.String() == vkey }) {
			j.witnesses[key] = append(j.witnesses[key], c)
		}
	}
	return nil
}

// keyPrefix is the name and key id of a verifier key.
func keyPrefix(vkey string) string {
	name, rest, _ := strings.Cut(vkey, "+")
	id, _, _ := strings.Cut(rest, "+") // the key itself may have plus signs
	return name + "+" + id
}

// openWitness verifies the line of a witness, and keeps the earliest of each.
func (j *judge) openWitness(cp *checkpoint, s stand, note string) error {
	keys := j.witnesses[s.key]
	if len(keys) != 1 {
		return fail(KindWitness, "", "B-11", "a line is by the key %s; expected one witness with this name and id in the bundle, got %d", visible(s.key), len(keys))
	}
	c := keys[0]
	for _, p := range j.roster.all() {
		if err := p.Keys.CheckWitness(c); err != nil {
			return fail(KindWitness, "", "B-11", "the line of %s is by a key of %s, and a party is no witness", visible(s.key), p.Party).because(err)
		}
	}
	at, text, err := c.Open([]byte(note), cp.Head)
	if err != nil {
		return fail(KindWitness, "", "B-11", "the line of %s is no cosignature by its key", visible(s.key)).because(err)
	}
	if string(text) != s.lines {
		return fail(KindWitness, "", "B-11", "expected the line of %s in its one spelling", visible(s.key))
	}
	vkey := c.String()
	if old, ok := cp.signed.lines[vkey]; !ok || at.Before(old.at) {
		cp.signed.lines[vkey] = line{name: c.Name(), text: s.lines, at: at}
	}
	return nil
}
