package verdict

import (
	"slices"
	"strings"
	"testing"
	"time"

	"verbale/seal"
)

func beatSpoilers() []spoiler {
	return []spoiler{
		{"beats: no head", KindBeat, "beats[0].head", "B-12", onTimeline(func(w *world, b *Bundle) { b.Beats[0].Head = "x" })},
		{"beats: by a party without a profile", KindBeat, "beats[0].by", "B-12", onTimeline(func(w *world, b *Bundle) { b.Beats[0].By = cc })},
		{"beats: by another party", KindBeat, "beats[0].beats[0]", "B-12", onTimeline(func(w *world, b *Bundle) { b.Beats[0].By = bb })},
		{"beats: another time", KindBeat, "beats[0].beats[0]", "B-12", onTimeline(func(w *world, b *Bundle) {
			b.Beats[0].Beats[0].Time = b.Beats[0].Beats[0].Time.Add(time.Second)
		})},
		{"beats: another size", KindBeat, "beats[0].beats[0]", "B-12", onTimeline(func(w *world, b *Bundle) {
			b.Beats[0].Head = strings.Replace(b.Beats[0].Head, "\n2\n", "\n3\n", 1)
		})},
		{"beats: a signature is changed", KindBeat, "beats[2].beats[0]", "B-12", onTimeline(func(w *world, b *Bundle) { b.Beats[2].Beats[0].Signature[9] ^= 1 })},
	}
}

// A month of beats is summed up by outbox and party.
func TestChannel(t *testing.T) {
	w := newWorld(t)
	f := w.newFile(aa, bb)
	one := w.head(w.write(aa, bb, pingFields(morning)).box, morning)
	two := w.head(w.write(aa, bb, pingFields(morning)).box, morning)
	for i := range 10 {
		if i == 6 {
			continue
		}
		head := one.Head
		if i > 7 {
			head = two.Head
		}
		f.beat(bb, head, morning.Add(time.Duration(i)*time.Minute))
	}
	f.beat(aa, one.Head, morning)
	v := w.judge(&f.b)
	if len(v.Channel) != 2 || v.Channel[0].By != aa || v.Channel[0].Role != Author || v.Channel[0].Count != 1 || v.Channel[0].LongestGap != 0 {
		t.Fatalf("got %+v", v.Channel)
	}
	c := v.Channel[1]
	if c.Role != Audience || c.Count != 9 || c.LongestGap != 120 || !c.First.Equal(morning) || !c.Last.Equal(morning.Add(9*time.Minute)) {
		t.Errorf("got %+v", c)
	}
	want := []SizeFinding{
		{Size: 1, Root: b64(one.Root), Count: 7, From: morning, To: morning.Add(7 * time.Minute)},
		{Size: 2, Root: b64(two.Root), Count: 2, From: morning.Add(8 * time.Minute), To: morning.Add(9 * time.Minute)},
	}
	if !slices.Equal(c.Sizes, want) {
		t.Errorf("got %+v", c.Sizes)
	}
	text := flat(v.Text())
	for _, s := range []string{"csirt.bb.example’s node answered, with the length unchanged at 1", "the longest gap between two 2 min", "nobody but its giver has dated it"} {
		if !strings.Contains(text, s) {
			t.Errorf("the text lacks %q", s)
		}
	}
}

// A beat is no receipt.
func TestBeatIsNoReceipt(t *testing.T) {
	w := newWorld(t)
	f := w.newFile(aa, bb)
	e := w.write(aa, bb, appealFields(morning))
	cp := w.head(e.box, morning)
	f.show(e, f.note(string(cp.Note)), "*")
	f.beat(bb, cp.Head, morning)
	if r := w.judge(&f.b).Records[0]; r.Received != nil || r.State != Sent {
		t.Errorf("got %+v", r)
	}
}

// The Ed25519 line of a receipt is a beat (K-23).
func TestReceiptLineIsABeat(t *testing.T) {
	w := newWorld(t)
	f := w.newFile(aa, bb)
	cp := w.head(w.write(aa, bb, pingFields(morning)).box, morning)
	r, err := w.rings[bb].Countersign(cp, morning)
	w.check(err)
	note := cp.Text() + "\n" + strings.SplitAfter(string(r.Lines), "\n")[0]
	b, err := w.rings[bb].Keys().OpenBeat(bb, []byte(note))
	w.check(err)
	f.b.AddBeats(b)
	if v := w.judge(&f.b); v.Channel[0].Count != 1 {
		t.Errorf("got %+v", v.Channel)
	}
}

// Beats of one party over one head are one item, sorted, each once.
func TestBeatsInOrder(t *testing.T) {
	w := newWorld(t)
	f := w.newFile(aa, bb)
	cp := w.head(w.write(aa, bb, pingFields(morning)).box, morning)
	zero := seal.Head{Origin: cp.Origin, Root: w.emptyRoot()}
	for _, m := range []int{5, 1, 3, 1} {
		f.beat(bb, cp.Head, morning.Add(time.Duration(m)*time.Minute))
		f.beat(bb, zero, morning.Add(time.Duration(m)*time.Minute))
	}
	sorted, err := f.b.sorted()
	w.check(err)
	if len(sorted.Beats) != 2 || len(sorted.Beats[0].Beats) != 3 || sorted.Beats[0].Head != zero.Text() || !sorted.Beats[1].Beats[0].Time.Equal(morning.Add(time.Minute)) {
		t.Errorf("got %+v", sorted.Beats)
	}
	again, err := Parse(w.encode(&f.b))
	w.check(err)
	if !slices.EqualFunc(again.Beats, sorted.Beats, func(a, b BeatExhibit) bool { return a.By == b.By && a.Head == b.Head && slices.Equal(a.Beats, b.Beats) }) {
		t.Error("read back otherwise")
	}
}

// Of many beats the first bad one is named, whichever processor finds it.
func TestFirstBadBeat(t *testing.T) {
	w := newWorld(t)
	f := w.newFile(aa, bb)
	cp := w.head(w.write(aa, bb, pingFields(morning)).box, morning)
	for i := range 300 {
		f.beat(bb, cp.Head, morning.Add(time.Duration(i)*time.Second))
	}
	for _, bad := range []int{299, 298, 111, 4, 3} {
		f.b.Beats[0].Beats[bad].Signature[0] ^= 1
		v, err := Judge(&f.b, nil)
		wantError(t, v, err, KindBeat, place("beats[0].beats", bad), "B-12")
	}
}
