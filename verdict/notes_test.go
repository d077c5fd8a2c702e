package verdict

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"verbale/seal"
)

// onTimeline changes a bundle that has everything.
func onTimeline(edit func(w *world, b *Bundle)) func(*world) (*Bundle, *Trust) {
	return func(w *world) (*Bundle, *Trust) {
		b := w.timeline()
		edit(w, b)
		return b, nil
	}
}

// The first checkpoint of the timeline with lines of witnesses is number 2.
const stampedNote = 2

func witnessSpoilers() []spoiler {
	lines := func(edit func(lines []string) []string) func(*world) (*Bundle, *Trust) {
		return onTimeline(func(w *world, b *Bundle) {
			all := strings.SplitAfter(b.Checkpoints[stampedNote], "\n")
			b.Checkpoints[stampedNote] = strings.Join(slices.Concat(all[:6], edit(all[6:len(all)-1])), "")
		})
	}
	return []spoiler{
		{"a witness that is none", KindWitness, "witnesses[0]", "B-11", onTimeline(func(w *world, b *Bundle) { b.Witnesses[0] = "x" })},
		{"a witness of a log's type", KindWitness, "witnesses[0]", "B-11", onTimeline(func(w *world, b *Bundle) {
			b.Witnesses[0] = w.rings[cc].Keys().VerifierKeys(w.box(cc, aa).origin)[0]
		})},
		{"a party's receipt key stands as a witness", KindWitness, "checkpoints[2]", "B-11", onTimeline(func(w *world, b *Bundle) {
			vkey := vkeyOf(w.t, "witness.bb.example", w.rings[bb].Keys().ReceiptEd25519)
			head, err := headOf(b.Checkpoints[stampedNote])
			w.check(err)
			beat, err := w.rings[bb].Beat(head, clock("09:04"))
			w.check(err)
			b.Witnesses = append(b.Witnesses, vkey)
			b.Checkpoints[stampedNote] = strings.Join(strings.SplitAfter(b.Checkpoints[stampedNote], "\n")[:6], "") + lineOf(w.t, vkey, beat)
		})},
		{"a line by a key that is no witness here", KindWitness, "checkpoints[2]", "B-11", onTimeline(func(w *world, b *Bundle) { b.Witnesses = slices.Delete(b.Witnesses, 0, 1) })},
		{"no witness of the lines is named", KindWitness, "checkpoints[2]", "B-11", onTimeline(func(w *world, b *Bundle) { b.Witnesses = nil })},
		{"a line of a witness twice", KindWitness, "checkpoints[2]", "B-10", lines(func(l []string) []string { return []string{l[0], l[0], l[1], l[2], l[3]} })},
		{"a line of a witness is of another head", KindWitness, "checkpoints[2]", "B-11", onTimeline(func(w *world, b *Bundle) {
			other := strings.SplitAfter(b.Checkpoints[stampedNote+1], "\n")
			lines := strings.SplitAfter(b.Checkpoints[stampedNote], "\n")
			b.Checkpoints[stampedNote] = strings.Join(lines[:6], "") + other[6]
		})},
		{"two lines of one key of a witness", KindWitness, "checkpoints[2]", "B-10", onTimeline(func(w *world, b *Bundle) {
			head, err := headOf(b.Checkpoints[stampedNote])
			w.check(err)
			note := strings.Join(strings.SplitAfter(b.Checkpoints[stampedNote], "\n")[:6], "")
			var both []string
			for _, at := range []time.Time{clock("09:04"), clock("09:05")} {
				l, err := w.witness(w1).Cosign(head, at)
				w.check(err)
				both = append(both, strings.SplitAfter(string(l), "\n")[0])
			}
			slices.Sort(both)
			b.Checkpoints[stampedNote] = note + strings.Join(both, "")
		})},
		{"a witness stands under an outbox of a link", KindReceipt, "checkpoints[0]", "B-10", onTimeline(func(w *world, b *Bundle) {
			b.Checkpoints[0] += strings.SplitAfter(b.Checkpoints[stampedNote], "\n")[6]
		})},
	}
}

// What stands below one head comes to the same bytes and the same verdict,
// whoever collected it and in how many notes.
func TestOneHeadManyNotes(t *testing.T) {
	w := newWorld(t)
	f := w.newFile(aa, bb, rr, cc)
	appeal := w.write(aa, bb, appealFields(morning))
	cp := w.head(appeal.box, clock("09:01"))
	audience, relay, third := w.received(cp, bb, clock("09:02")), w.lines(string(cp.Note), rr, clock("09:03")), w.lines(string(cp.Note), cc, clock("09:04"))
	register := f.registerOf(aa)
	e := w.heads(register, clock("09:03"), cp.Head)
	reg := w.head(register, clock("09:03"))
	f.b.Witnesses = w.vkeys(w1, w2, w3)

	together := f.b
	together.Checkpoints = []string{audience + third + relay, w.cosigned(reg, stamp{w1, clock("09:05")}, stamp{w2, clock("09:06")})}
	together.Records = []Exhibit{w.exhibit(appeal, 0, 1, "*"), w.exhibit(e, 1, reg.Size, "act", "taken_at", "heads[0]")}

	apart := f.b
	apart.Checkpoints = []string{string(cp.Note) + relay, audience, string(cp.Note) + third, string(cp.Note), audience + relay,
		w.cosigned(reg, stamp{w2, clock("09:06")}), string(reg.Note), w.cosigned(reg, stamp{w1, clock("09:05")})}
	apart.Records = []Exhibit{w.exhibit(appeal, 3, 1, "*"), w.exhibit(appeal, 0, 1, "*"), w.exhibit(e, 6, reg.Size, "act", "taken_at", "heads[0]")}

	if !bytes.Equal(w.encode(&together), w.encode(&apart)) {
		t.Error("the same evidence in other notes encodes otherwise")
	}
	trusted := w.trust(aa).trusting(w.policy(2, w1, w2))
	want, err := w.judge(&together, trusted).JSON()
	w.check(err)
	v := w.judge(&apart, trusted)
	got, err := v.JSON()
	w.check(err)
	if !bytes.Equal(got, want) {
		t.Error("the same evidence in other notes gives another verdict")
	}
	r := v.Records[0]
	if len(v.Records) != 2 || r.Received == nil || len(r.Lodged) != 2 || r.NotAfter == nil || !r.NotAfter.Vouched || !r.NotAfter.To.Equal(clock("09:06")) {
		t.Errorf("got %+v", r)
	}
	sorted, err := apart.sorted()
	w.check(err)
	if len(sorted.Checkpoints) != 2 || len(sorted.Witnesses) != 4 {
		t.Errorf("%d notes and %d witnesses, want the fewest: 2 and 4", len(sorted.Checkpoints), len(sorted.Witnesses))
	}
}

// Two receipts of one party over one head stand in two notes, and a note has
// sixteen lines at most: the rest stands in a second one.
func TestNotesOverflow(t *testing.T) {
	w := newWorld(t)
	f := w.newFile(aa, bb)
	appeal := w.write(aa, bb, appealFields(morning))
	cp := w.head(appeal.box, clock("09:01"))
	n := f.note(w.received(cp, bb, clock("09:02")))
	f.note(w.received(cp, bb, clock("09:05")))
	for i := range 7 {
		f.note(string(cp.Note) + strings.ReplaceAll(w.lines(string(cp.Note), rr, morning), rr, "relay"+itoa(i)+".rr.example"))
	}
	f.show(appeal, n, "*")
	sorted, err := f.b.sorted()
	w.check(err)
	if len(sorted.Checkpoints) != 2 {
		t.Fatalf("%d notes, want 2", len(sorted.Checkpoints))
	}
	lines := 0
	for _, note := range sorted.Checkpoints {
		lines += strings.Count(note, "\n— ")
	}
	if lines != 2*logLines+2*2+7*2 {
		t.Errorf("%d lines", lines)
	}
	v := w.judge(sorted)
	if r := v.Records[0].Received; r == nil || !r.At.Equal(clock("09:02")) || v.Records[0].Lodged != nil {
		t.Errorf("got %+v, want the earlier receipt, and nothing of relays without a profile", v.Records[0])
	}
}

// Lines of a relay without a profile prove nothing, and are no fault.
func TestUnknownRelay(t *testing.T) {
	w := newWorld(t)
	f := w.newFile(aa, bb)
	appeal := w.write(aa, bb, appealFields(morning))
	cp := w.head(appeal.box, clock("09:01"))
	f.show(appeal, f.note(string(cp.Note)+w.lines(string(cp.Note), rr, morning)), "*")
	r := w.judge(&f.b).Records[0]
	if r.Lodged != nil || r.State != Sent || r.NotReceived != NoReceiptLines {
		t.Errorf("got %+v", r)
	}
}

// A receipt may be by older or newer keys of its party than the outbox.
func TestReceiptByOtherGeneration(t *testing.T) {
	w := newWorld(t)
	f := w.newFile(aa, bb)
	f.b.Profiles = append(f.b.Profiles, w.profileBy(w.later, w.boxOf(aa, seal.Public, 2), profileFields(w.later)))
	e := w.write(bb, aa, pingFields(morning))
	cp := w.head(e.box, morning)
	r, err := w.later.Countersign(cp, morning)
	w.check(err)
	f.show(e, f.note(string(cp.Note)+string(r.Lines)), "*")
	got := w.judge(&f.b).Records[0]
	if got.Received == nil || len(got.RestsOn) != 2 || got.RestsOn[1].Words != joined(seal.Words(aa, w.later.Keys())) {
		t.Errorf("got %+v, want a receipt that rests on the newer keys", got)
	}
	// The newer keys judge no outbox of the first generation.
	file := newWorld(t).dispute()
	file.Profiles[0] = f.b.Profiles[2]
	v, err := Judge(file, nil)
	wantError(t, v, err, KindCheckpoint, "checkpoints[0]", "B-3")
}
