package exchange

import (
	"bytes"
	"math"
	"slices"
	"testing"

	"verbale/seal"
)

// termsOf are those of a relay of bb's that holds the first n entries of l unreceipted, with room for so many more and no fewer bytes than they need.
func termsOf(tb testing.TB, l *log, n, more int) *Terms {
	tb.Helper()
	t := &Terms{Audience: bb, Keys: keyrings(tb)[bb].Keys(), Held: Load{Entries: int64(n)}, Quota: Load{Entries: int64(n + more), Bytes: math.MaxInt64}}
	for _, e := range l.entries[:n] {
		t.Held.Bytes += int64(len(e.Leaf) + len(e.Content))
	}
	return t
}

// received is the batch with bb's receipt below its checkpoint, and without contents.
func received(tb testing.TB, l *log, start, end int) *Batch {
	tb.Helper()
	b := clone(l.batch(start, end))
	for i := range b.Entries {
		b.Entries[i].Content = nil
	}
	b.Note = append(b.Note, receiptLines(tb, bb, l, end)...)
	return b
}

func receiptLines(tb testing.TB, party string, l *log, size int) []byte {
	tb.Helper()
	cp, err := l.ring.Keys().OpenCheckpoint(l.note(size))
	must(tb, err)
	r, err := keyrings(tb)[party].Countersign(cp, morning)
	must(tb, err)
	return r.Lines
}

const relayText = "As exchange.json, for a relay (relay.md L-6, L-9) that holds two entries for the audience. `relay` has its terms: the audience and its keys," +
	" what is held that the audience has not receipted (entries, and the bytes of their leaves and contents), and the most that may be."

// madeRelayVectors makes relay.json from fixed seeds.
func madeRelayVectors(t *testing.T) vectorFile {
	l, two := scene(t, 3, 2)
	v := newVectors(t, l, relayText)
	v.file.Mirrors["two"] = vectorOf(two) // the audience's
	held := newMirror(v.t, keyrings(v.t)[cc], toBB)
	held.take(v.t, l.author(), l.batch(0, 2))
	mirror := func(name string, change func(*Terms)) string {
		m, terms := vectorOf(held), termsOf(v.t, l, 2, 1)
		change(terms)
		m.Relay = &vectorTerms{Audience: bb, Keys: string(terms.Keys.JSON()), Held: terms.Held, Quota: terms.Quota}
		v.file.Mirrors[name] = m
		return name
	}
	size := int64(len(l.entries[2].Leaf) + len(l.entries[2].Content))
	relay := mirror("relay", func(t *Terms) { t.Quota.Bytes = t.Held.Bytes + size })
	full := mirror("relay, full", func(t *Terms) { t.Quota.Entries = 2 })
	little := mirror("relay, a byte too little", func(t *Terms) { t.Quota.Bytes = t.Held.Bytes + size - 1 })

	accept := func(name, mirror string, b *Batch) {
		v.add(vectorCase{Name: name, Rule: "L-6", Mirror: mirror, Expect: "accept", Size: 3}, encode(v.t, b))
	}
	accept("lodged, up to the quota", relay, l.batch(2, 3))
	accept("lodged without content, with the receipt of the audience", relay, received(v.t, l, 2, 3))
	accept("what the audience has receipted takes no room", full, received(v.t, l, 2, 3))
	both := l.batch(2, 3)
	both.Note = append(both.Note, receiptLines(v.t, bb, l, 3)...)
	accept("with the content and the receipt", relay, both)
	v.add(vectorCase{Name: "a resend to a relay", Rule: "X-5", Mirror: full, Expect: "resend", Size: 2}, encode(v.t, l.batch(0, 2)))
	over := vectorCase{Name: "one entry over the quota", Rule: "L-9", Mirror: full, BatchOf: "lodged, up to the quota", Expect: "reject", Error: OverQuota}
	v.add(over, nil)
	over.Name, over.Mirror = "one byte over the quota", little
	v.add(over, nil)

	spoilt := func(name string, kind Kind, rule string, spoil func(*Batch)) {
		b := received(v.t, l, 2, 3)
		spoil(b)
		v.reject(name, relay, kind, rule, b)
	}
	spoilt("lodged without content", BadContent, "X-15", func(b *Batch) { b.Note = l.note(3) })
	spoilt("without content, with the receipt of another party", BadContent, "X-15", func(b *Batch) { b.Note = append(l.note(3), receiptLines(v.t, cc, l, 3)...) })
	spoilt("with the receipt over another size", BadSignature, "L-6", func(b *Batch) { b.Note = append(l.note(3), receiptLines(v.t, bb, l, 2)...) })
	spoilt("with half a receipt", BadSignature, "L-6", func(b *Batch) { b.Note = bytes.TrimSuffix(b.Note, line(b.Note, 7)) })
	spoilt("a letter of the receipt", BadSignature, "L-6", func(b *Batch) { last := line(b.Note, 7); swapLetter(last, len(last)-20) })
	spoilt("with another content beside the receipt", BadContent, "R-5", func(b *Batch) { b.Entries[0].Content = []byte("c") })
	v.reject("without content, and with its receipt, to the audience itself", "two", BadContent, "X-15", received(v.t, l, 2, 3))
	return v.file
}

// What came with the audience's receipt is said to be received, and only then.
func TestAdvanceAtARelay(t *testing.T) {
	l, m := scene(t, 5)
	m.ring = keyrings(t)[cc]
	for _, c := range []struct {
		batch *Batch
		terms *Terms
		want  int64
	}{
		{received(t, l, 0, 2), termsOf(t, l, 0, 0), 2},
		{l.batch(2, 3), termsOf(t, l, 0, 1), 0},
		{received(t, l, 3, 5), termsOf(t, l, 1, 0), 5},
	} {
		state := m.state()
		state.Terms = c.terms
		adv, _, err := Verify(state, l.author(), c.batch, morning)
		must(t, err)
		if r := adv.Audience(); r.Size != c.want || (r.By == bb) != (c.want > 0) {
			t.Errorf("a batch up to %d came with the receipt of %q over %d", adv.Checkpoint().Size, r.By, r.Size)
		}
		if absent := slices.ContainsFunc(adv.Contents(), func(c []byte) bool { return c == nil }); absent != (c.want > 0) {
			t.Errorf("a batch up to %d: contents absent %t", adv.Checkpoint().Size, absent)
		}
		m.store(t, adv)
	}
	if HasReceipt(l.note(5), bb) || !HasReceipt(received(t, l, 3, 5).Note, bb) || HasReceipt(received(t, l, 3, 5).Note, cc) || HasReceipt(nil, bb) {
		t.Error("a receipt is seen where there is none, or not where there is one")
	}
}

// The refusal says which limit, how much is held, and that nothing was stored; it repeats nothing else.
func TestQuotaIsExplained(t *testing.T) {
	l, m := scene(t, 4)
	state := m.state()
	for _, c := range []struct {
		change func(*Terms)
		want   string
	}{
		{func(t *Terms) { t.Held.Entries, t.Quota.Entries = 3, 5 },
			"this relay holds 3 entries of yours that csirt.bb.example has not receipted, the batch has 4, and it holds at most 5; nothing was stored"},
		{func(t *Terms) { t.Held.Bytes, t.Quota.Bytes = 7, 8 }, "this relay holds 7 bytes of yours that csirt.bb.example has not receipted, the batch has "},
	} {
		state.Terms = termsOf(t, l, 0, 9)
		c.change(state.Terms)
		adv, again, err := Verify(state, l.author(), l.batch(0, 4), morning)
		if p := wantRefusal(t, adv, again, err, OverQuota, "L-9"); len(p.Detail) < len(c.want) || p.Detail[:len(c.want)] != c.want {
			t.Errorf("it says %q, want %q", p.Detail, c.want)
		}
	}
	if OverQuota.Stops() {
		t.Error("room is made by the audience: the sender tries again")
	}
	var none *Terms
	if r, err := none.open(l.note(4), seal.Checkpoint{}); err != nil || len(r.Lines) > 0 {
		t.Errorf("no terms: %v, %v", r, err)
	}
}
