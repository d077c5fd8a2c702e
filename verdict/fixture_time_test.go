package verdict

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"verbale/record"
	"verbale/seal"
)

// The witnesses of the tests. Their keys follow from their names.
const (
	w1 = "witness.one.example"
	w2 = "witness.two.example"
	w3 = "witness.three.example"
)

func (w *world) witness(name string) *seal.WitnessKey {
	w.t.Helper()
	k, err := seal.NewWitnessKey(name, rand.NewChaCha8(sha256.Sum256([]byte(name))))
	w.check(err)
	return k
}

// vkeys are the verifier keys of witnesses, two each.
func (w *world) vkeys(names ...string) (list []string) {
	w.t.Helper()
	for _, name := range names {
		for _, c := range w.witness(name).Cosigners() {
			list = append(list, c.String())
		}
	}
	return list
}

// vkeyOf writes an Ed25519 cosigner's verifier key.
func vkeyOf(t testing.TB, name string, key []byte) string {
	t.Helper()
	raw := append([]byte{0x04}, key...)
	id := sha256.Sum256(append([]byte(name+"\n"), raw...))
	return name + "+" + hex.EncodeToString(id[:4]) + "+" + base64.StdEncoding.EncodeToString(raw)
}

// lineOf writes a beat as the line of a witness with this verifier key.
func lineOf(t testing.TB, vkey string, b seal.Beat) string {
	t.Helper()
	name, rest, _ := strings.Cut(vkey, "+")
	id, err := hex.DecodeString(rest[:8])
	if err != nil {
		t.Fatal(err)
	}
	blob := binary.BigEndian.AppendUint64(id, uint64(b.Time.Unix()))
	return "— " + name + " " + base64.StdEncoding.EncodeToString(append(blob, b.Signature[:]...)) + "\n"
}

// policy believes so many of the witnesses, by their Ed25519 keys.
func (w *world) policy(most int, names ...string) *seal.Policy {
	w.t.Helper()
	text, members := "", ""
	for i, name := range names {
		text += fmt.Sprintf("witness W%d %s\n", i+1, w.witness(name).Cosigners()[0])
		members += fmt.Sprintf(" W%d", i+1)
	}
	p, err := seal.ParsePolicy([]byte(text + fmt.Sprintf("group quorum %d%s\nquorum quorum\n", most, members)))
	w.check(err)
	return p
}

// trusting adds a policy to keys that are vouched for.
func (t *Trust) trusting(p *seal.Policy) *Trust {
	t.Policy = p
	return t
}

// A stamp is a witness with a time.
type stamp struct {
	name string
	at   time.Time
}

// cosigned adds the lines of witnesses to a note, both lines of each, in byte order.
func (w *world) cosigned(cp seal.Checkpoint, stamps ...stamp) string {
	w.t.Helper()
	var lines [][]byte
	for _, s := range stamps {
		both, err := w.witness(s.name).Cosign(cp.Head, s.at)
		w.check(err)
		for line := range bytes.SplitAfterSeq(bytes.TrimSuffix(both, []byte("\n")), []byte("\n")) {
			lines = append(lines, append(bytes.TrimSuffix(line, []byte("\n")), '\n'))
		}
	}
	slices.SortFunc(lines, bytes.Compare)
	return string(cp.Note) + string(bytes.Join(lines, nil))
}

// lines gives the receipt of a party over the head of a note.
func (w *world) lines(note, by string, at time.Time) string {
	w.t.Helper()
	head, err := headOf(note)
	w.check(err)
	origin, err := seal.ParseOrigin(head.Origin)
	w.check(err)
	cp, err := w.ringOf(origin).SignHead(head, at)
	w.check(err)
	return strings.TrimPrefix(w.received(cp, by, at), string(cp.Note))
}

// heads writes an entry heads into a register, with these heads first. It is
// sealed: the stored content only begins as a sealed one does.
func (w *world) heads(b *box, taken time.Time, heads ...seal.Head) *entry {
	w.t.Helper()
	f := envelope("heads", taken)
	f.SetText("class", "service")
	f.SetTime("taken_at", taken)
	var list []string
	for _, h := range heads {
		list = append(list, digestOf(h))
	}
	for len(list) < 16 {
		var random [32]byte
		_, err := w.rand.Read(random[:])
		w.check(err)
		list = append(list, b64u(random))
	}
	f.SetTexts("heads", list...)
	return w.seal(b, f)
}

func digestOf(h seal.Head) string { return b64u(sha256.Sum256([]byte(h.Text()))) }

func (w *world) seal(b *box, f record.Fields) *entry {
	w.t.Helper()
	c, err := record.Compose(f, w.rand)
	w.check(err)
	stored := fmt.Appendf(nil, "age-encryption.org/v1\n%x", sha256.Sum256(c.Content()))
	ring := w.ringOf(b.origin)
	r, err := c.SignSealed(b.origin.String(), ring.Keys().RecordKeyID(), stored, ring.SignRecord)
	w.check(err)
	o, err := r.OpenSealed(c.Content())
	w.check(err)
	w.check(b.tree.Append(r.LeafHash()))
	e := &entry{box: b, index: b.tree.Size() - 1, opened: o}
	b.entries = append(b.entries, e)
	return e
}

// A file is a bundle in the making.
type file struct {
	*world
	b Bundle
}

// newFile begins with the profiles of parties, each entry 0 of its register.
func (w *world) newFile(parties ...string) *file {
	w.t.Helper()
	f := &file{world: w}
	for _, p := range parties {
		f.b.Profiles = append(f.b.Profiles, w.profile(p))
	}
	return f
}

// note adds a checkpoint and gives its number.
func (f *file) note(note string) int {
	f.b.Checkpoints = append(f.b.Checkpoints, note)
	return len(f.b.Checkpoints) - 1
}

// show adds an entry under checkpoint number n.
func (f *file) show(e *entry, n int, names ...string) {
	f.t.Helper()
	head, err := headOf(f.b.Checkpoints[n])
	f.check(err)
	f.b.Records = append(f.b.Records, f.exhibit(e, n, head.Size, names...))
}

// stamped signs the head of a register, has it cosigned, and adds it.
func (f *file) stamped(b *box, at time.Time, stamps ...stamp) int {
	f.t.Helper()
	for _, s := range stamps {
		for _, vkey := range f.vkeys(s.name) {
			if !slices.Contains(f.b.Witnesses, vkey) {
				f.b.Witnesses = append(f.b.Witnesses, vkey)
			}
		}
	}
	return f.note(f.cosigned(f.head(b, at), stamps...))
}

// dating writes an entry heads at a time, has it cosigned, and shows of it the
// first head.
func (f *file) dating(register *box, taken time.Time, h seal.Head, stamps ...stamp) *entry {
	f.t.Helper()
	e := f.heads(register, taken, h)
	f.show(e, f.stamped(register, taken.Add(time.Second), stamps...), "act", "taken_at", "heads[0]")
	return e
}

// both witnesses cosign within half a minute.
func both(at time.Time) []stamp { return []stamp{{w1, at}, {w2, at.Add(20 * time.Second)}} }

// beat adds a beat of a party over a head.
func (f *file) beat(by string, h seal.Head, at time.Time) {
	f.t.Helper()
	b, err := f.rings[by].Beat(h, at)
	f.check(err)
	f.b.AddBeats(b)
}

// register is the public outbox of a party.
func (f *file) registerOf(party string) *box { return f.box(party, seal.Public) }

// at is a time of the day of the tests, as "09:30".
func clock(s string) time.Time {
	t, err := time.Parse("15:04", s)
	if err != nil {
		panic(err)
	}
	return time.Date(2026, 7, 12, t.Hour(), t.Minute(), 0, 0, time.UTC)
}

// designation is the act by which a party names its relay, or ends that.
func (w *world) designation(relay, state string, released time.Time) record.Fields {
	f := envelope("designate", released)
	f.SetText("class", "service")
	f.SetText("tlp", "clear")
	f.SetText("role", "relay")
	f.SetText("state", state)
	f.SetText("party", relay)
	f.SetText("fingerprint", b64u(seal.Fingerprint(relay, w.rings[relay].Keys())))
	if state == "in-force" {
		f.SetText("profile_file", "leaf~")
	}
	return f
}

// stampedRegister is a small bundle with lines of a witness.
func (w *world) stampedRegister() *Bundle {
	w.t.Helper()
	f := w.newFile(aa)
	register := f.registerOf(aa)
	f.show(register.entries[0], f.stamped(register, clock("09:00"), stamp{w1, clock("09:01")}), "act", "party")
	return &f.b
}

// timeline is a bundle with all that dates: an appeal that aa's register and
// witnesses date, its receipt that bb's register dates, an answer that no
// receipt but a relay holds, an appeal that aa dated back, and beats.
func (w *world) timeline() *Bundle {
	w.t.Helper()
	f := w.newFile(aa, bb, rr)
	w.write(aa, bb, pingFields(clock("08:00")))
	appeal := w.write(aa, bb, appealFields(clock("09:00")))
	two := w.head(appeal.box, clock("09:01"))
	sent := f.note(w.received(two, bb, clock("09:02")))
	f.show(appeal, sent, "*")
	f.dating(f.registerOf(aa), clock("09:03"), two.Head, both(clock("09:04"))...)
	f.dating(f.registerOf(bb), clock("09:05"), two.Head, both(clock("09:06"))...)

	designate := w.write(aa, seal.Public, w.designation(rr, "in-force", clock("09:10")))
	answer := w.write(bb, aa, replyFields("answer", appeal.ref(), clock("11:00")))
	back := f.note(w.received(w.head(answer.box, clock("11:01")), rr, clock("11:20")))
	f.show(answer, back, "*")

	f.dating(f.registerOf(aa), clock("12:00"), two.Head, both(clock("12:01"))...)
	f.show(designate, len(f.b.Checkpoints)-1, "*")
	late := w.write(aa, bb, appealFields(clock("10:00"))) // written after noon
	three := w.head(late.box, clock("12:30"))
	f.show(late, f.note(w.received(three, bb, clock("12:31"))), "act", "kind", "class", "tlp", "released_at", "subject")

	for i := range 3 {
		f.beat(bb, two.Head, clock("12:10").Add(time.Duration(i)*time.Minute))
		f.beat(aa, two.Head, clock("12:10").Add(time.Duration(i)*time.Minute))
	}
	f.beat(bb, three.Head, clock("12:40"))
	sorted, err := f.b.sorted()
	w.check(err)
	return sorted
}
