package exchange

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"verbale/outbox"
	"verbale/record"
	"verbale/seal"
)

// The table of X-5: a mirror that took the batches to 2 and to 5 of a log of 9.
func TestPosition(t *testing.T) {
	l, m := scene(t, 9, 2, 5)
	const advances, resends, differs = "advance", "resend", "409"
	for s := range 9 {
		for e := s + 1; e <= 9; e++ {
			want := differs
			switch {
			case s == 5:
				want = advances
			case e == 2 || e == 5:
				want = resends
			}
			adv, again, err := Verify(m.state(), l.author(), l.batch(s, e), morning)
			switch want {
			case advances:
				if err != nil || again != nil || adv.Base() != 5 || adv.Checkpoint().Head != l.head(e) || len(adv.Records()) != e-5 {
					t.Errorf("%d to %d: %+v, %v, %v", s, e, adv, again, err)
				}
			case resends:
				if err != nil || adv != nil || !bytes.Equal(again.Receipt, m.receipts[int64(e)]) {
					t.Errorf("%d to %d is not answered with the receipt of then: %v, %v", s, e, adv, err)
				}
			default:
				p := wantRefusal(t, adv, again, err, BehindOrAhead, "X-5")
				if p.Size != 5 || !bytes.Equal(p.Receipt, m.newest) {
					t.Errorf("%d to %d: size %d, receipt %t", s, e, p.Size, p.Receipt != nil)
				}
			}
		}
	}
}

// A mirror that holds nothing says so, and has no receipt to show.
func TestPositionOfAnEmptyMirror(t *testing.T) {
	l, m := scene(t, 4)
	adv, again, err := Verify(m.state(), l.author(), l.batch(1, 4), morning)
	if p := wantRefusal(t, adv, again, err, BehindOrAhead, "X-5"); p.Size != 0 || p.Receipt != nil {
		t.Errorf("size %d, receipt %q", p.Size, p.Receipt)
	}
	m.take(t, l.author(), l.batch(0, 4))
}

// A trial is everything that Verify looks at.
type trial struct {
	m      Mirror
	author Author
	b      *Batch
	now    time.Time
}

func (x trial) verify() (*Advance, *Resend, error) { return Verify(x.m, x.author, x.b, x.now) }

// The steps of X-3 in their order: of a batch that breaks one step and every later one, the first is reported.
func TestStepsInOrder(t *testing.T) {
	l, m := scene(t, 5, 2)
	_, behind := scene(t, 5, 1)
	steps := []struct {
		name  string
		kind  Kind
		rule  string
		smash func(*trial)
	}{
		{"form", TooLarge, "X-14", func(x *trial) { x.b.Entries[1].Leaf = zeros(MaxLeafBytes + 1) }},
		{"log signatures", BadSignature, "K-9", func(x *trial) { x.b.Note[len(x.b.Note)-20] ^= 1 }},
		{"outbox", NotYours, "X-2", func(x *trial) { x.m.Origin.Generation = 2 }},
		{"keys valid now", ExpiredKey, "X-3", func(x *trial) { x.now = x.author.ValidUntil.Add(time.Second) }},
		{"end and checkpoint", Malformed, "X-5", func(x *trial) { x.b.Start++ }},
		{"position", BehindOrAhead, "X-5", func(x *trial) { x.m = behind.state() }},
		{"leaf", BadLeaf, "X-3", func(x *trial) { x.b.Entries[2].Leaf[3] ^= 1 }},
		{"content", BadContent, "R-5", func(x *trial) { x.b.Entries[0].Content[3] ^= 1 }},
		{"root", BadRoot, "X-7", func(x *trial) { x.b.Note = l.branch(4, 2).write(1).note(5) }},
	}
	for i, want := range steps {
		t.Run(want.name, func(t *testing.T) {
			x := trial{m.state(), l.author(), clone(l.batch(2, 5)), morning}
			for _, s := range slices.Backward(steps[i:]) {
				s.smash(&x)
			}
			adv, again, err := x.verify()
			wantRefusal(t, adv, again, err, want.kind, want.rule)
		})
	}
}

// One bit anywhere in a leaf, a content or the checkpoint is found, and called by its name. Of long parts every eleventh
// byte is tried, which meets every place of a base64 group and every bit.
func TestFlippedBits(t *testing.T) {
	l, m := scene(t, 5, 2)
	good := l.batch(2, 5)
	each := func(name string, part func(*Batch) []byte, kinds ...Kind) {
		t.Run(name, func(t *testing.T) {
			stride := 1
			if len(part(good)) > 200 {
				stride = 11
			}
			for at := 0; at < len(part(good)); at += stride {
				b := clone(good)
				part(b)[at] ^= 1 << (at % 8)
				adv, again, err := Verify(m.state(), l.author(), b, morning)
				if adv != nil || again != nil || !slices.Contains(kinds, KindOf(err)) {
					t.Fatalf("byte %d: advance %t, resend %t, %v", at, adv != nil, again != nil, err)
				}
			}
		})
	}
	for i := range good.Entries {
		each(fmt.Sprint("leaf ", i), func(b *Batch) []byte { return b.Entries[i].Leaf }, BadLeaf, BadSignature)
		each(fmt.Sprint("content ", i), func(b *Batch) []byte { return b.Entries[i].Content }, BadContent)
	}
	for i, name := range []string{"origin", "size", "root", "empty line", "Ed25519 line", "ML-DSA-44 line"} {
		each("checkpoint, "+name, func(b *Batch) []byte { return line(b.Note, i) }, BadSignature)
	}
}

// line gives the nth line of a note in place, with its end.
func line(note []byte, n int) []byte {
	for range n {
		note = note[bytes.IndexByte(note, '\n')+1:]
	}
	return note[:bytes.IndexByte(note, '\n')+1]
}

// Whose checkpoint it is (K-9, X-2).
func TestCheckpointOfOthers(t *testing.T) {
	l, m := scene(t, 3)
	rings := keyrings(t)
	other := newLog(t, rings["later"], toBB, 3).write(3)
	second := newLog(t, rings[aa], seal.Origin{Author: aa, Audience: bb, Generation: 2}, 4).write(3)
	toCC := newLog(t, rings[aa], seal.Origin{Author: aa, Audience: cc, Generation: 1}, 5).write(3)
	back := newLog(t, rings[bb], seal.Origin{Author: bb, Audience: aa, Generation: 1}, 6).write(3)
	from := func(party string, a Author) Author { a.Party = party; return a }
	for _, c := range []struct {
		name   string
		author Author
		b      *Batch
		kind   Kind
		rule   string
	}{
		{"other keys of the author", l.author(), other.batch(0, 3), BadSignature, "K-9"},
		{"no signature", l.author(), &Batch{Entries: l.entries, Note: []byte(l.head(3).Text() + "\n")}, BadSignature, "K-9"},
		{"one signature", l.author(), &Batch{Entries: l.entries, Note: bytes.TrimSuffix(l.note(3), line(l.note(3), 5))}, BadSignature, "K-9"},
		{"no note", l.author(), &Batch{Entries: l.entries, Note: []byte("hello\n")}, BadSignature, "K-9"},
		{"another generation", l.author(), second.batch(0, 3), NotYours, "X-2"},
		{"another audience", l.author(), toCC.batch(0, 3), NotYours, "X-2"},
		{"another author with his own keys", back.author(), back.batch(0, 3), NotYours, "X-2"},
		{"the keys of one party for another", from(cc, l.author()), l.batch(0, 3), NotYours, "X-2"},
		{"a receipt instead of a signature", l.author(), &Batch{Entries: l.entries, Note: receiptOnly(t, rings[aa], l)}, BadSignature, "K-9"},
	} {
		t.Run(c.name, func(t *testing.T) {
			adv, again, err := Verify(m.state(), c.author, c.b, morning)
			wantRefusal(t, adv, again, err, c.kind, c.rule)
		})
	}
	m.take(t, l.author(), l.batch(0, 3))
}

// receiptOnly is the head of l with the cosignatures of its own author in place of the log's.
func receiptOnly(t *testing.T, ring *seal.Keyring, l *log) []byte {
	t.Helper()
	cp := seal.Checkpoint{Head: l.head(3), Note: l.note(3)}
	r, err := ring.Countersign(cp, morning)
	must(t, err)
	return append([]byte(cp.Text()+"\n"), r.Lines...)
}

// Lines of others beside the two are let through and not kept (K-9).
func TestStrangersLinesAreDropped(t *testing.T) {
	l, m := scene(t, 1)
	r, err := m.ring.Countersign(seal.Checkpoint{Head: l.head(1), Note: l.note(1)}, morning)
	must(t, err)
	b := l.batch(0, 1)
	b.Note = append(b.Note, r.Lines...)
	adv, _, err := Verify(m.state(), l.author(), b, morning)
	must(t, err)
	if !bytes.Equal(adv.Checkpoint().Note, l.note(1)) {
		t.Errorf("kept %q", adv.Checkpoint().Note)
	}
}

// Keys sign nothing new after keys_valid_until, to the second.
func TestKeysExpire(t *testing.T) {
	l, m := scene(t, 3, 1)
	until := l.author().ValidUntil
	for now, want := range map[time.Time]Kind{until: "", until.Add(-time.Hour): "", until.Add(time.Nanosecond): ExpiredKey, until.Add(time.Hour): ExpiredKey} {
		for _, b := range []*Batch{l.batch(1, 3), l.batch(0, 1)} {
			if _, _, err := Verify(m.state(), l.author(), b, now); KindOf(err) != want {
				t.Errorf("from %d at %s: %v, want %q", b.Start, now, err, want)
			}
		}
	}
	forever := l.author()
	forever.ValidUntil = time.Time{}
	if _, _, err := Verify(m.state(), forever, l.batch(1, 3), until.AddDate(50, 0, 0)); err != nil {
		t.Errorf("keys without an end: %v", err)
	}
}

// signedBy makes a leaf of l's with another origin, key id or signature.
func signedBy(t *testing.T, l *log, origin string, kid, ring *seal.Keyring) Entry {
	t.Helper()
	c, err := record.Compose(draft(), l.rand)
	must(t, err)
	r, err := c.Sign(origin, kid.Keys().RecordKeyID(), record.DigestOf([]byte("c")), ring.SignRecord)
	must(t, err)
	return Entry{Leaf: r.Bytes(), Content: []byte("c")}
}

// Leaves and contents that a dishonest author signs into his own log are refused all the same.
func TestBadEntries(t *testing.T) {
	l, m := scene(t, 3, 2)
	rings := keyrings(t)
	good := l.entry(40)
	here := toBB.String()
	for _, c := range []struct {
		name string
		e    Entry
		kind Kind
		rule string
	}{
		{"no record", Entry{Leaf: []byte("leaf"), Content: []byte("c")}, BadLeaf, "X-3"},
		{"of another generation", signedBy(t, l, aa+"/to/"+bb+"/2", l.ring, l.ring), BadLeaf, "O-1"},
		{"to another audience", signedBy(t, l, aa+"/to/"+cc+"/1", l.ring, l.ring), BadLeaf, "O-1"},
		{"by another party", signedBy(t, l, here, rings[bb], rings[bb]), BadLeaf, "R-4"},
		{"by another key of the party", signedBy(t, l, here, rings["later"], rings["later"]), BadLeaf, "R-4"},
		{"by another key under the right name", signedBy(t, l, here, l.ring, rings["later"]), BadSignature, "R-4"},
		{"content missing", Entry{good.Leaf, nil}, BadContent, "X-15"},
		{"content empty", Entry{good.Leaf, []byte{}}, BadContent, "X-15"},
		{"content another", Entry{good.Leaf, l.entries[0].Content}, BadContent, "R-5"},
		{"content longer", Entry{good.Leaf, append(slices.Clone(good.Content), 0)}, BadContent, "R-5"},
		{"content shorter", Entry{good.Leaf, good.Content[:39]}, BadContent, "R-5"},
	} {
		t.Run(c.name, func(t *testing.T) {
			evil := l.branch(2, 7).write(1).add(c.e)
			adv, again, err := Verify(m.state(), l.author(), evil.batch(2, 4), morning)
			p := wantRefusal(t, adv, again, err, c.kind, c.rule)
			if !strings.Contains(p.Detail, "entry 3 ") {
				t.Errorf("it does not say which entry: %s", p.Detail)
			}
		})
	}
}

// Entries that are each in order, but not those that the checkpoint signs.
func TestBadRoot(t *testing.T) {
	l, m := scene(t, 5, 2)
	for name, smash := range map[string]func(*Batch){
		"swapped":       func(b *Batch) { b.Entries[0], b.Entries[1] = b.Entries[1], b.Entries[0] },
		"twice":         func(b *Batch) { b.Entries[1] = b.Entries[0] },
		"an older one":  func(b *Batch) { b.Entries[2] = l.entries[0] },
		"another root":  func(b *Batch) { b.Note = l.branch(4, 2).write(1).note(5) },
		"another start": func(b *Batch) { b.Note = newLog(t, l.ring, toBB, 9).write(2).add(l.entries[2:]...).note(5) },
	} {
		t.Run(name, func(t *testing.T) {
			b := l.batch(2, 5)
			smash(b)
			adv, again, err := Verify(m.state(), l.author(), b, morning)
			p := wantRefusal(t, adv, again, err, BadRoot, "X-7")
			if !bytes.Equal(p.Ours, l.note(2)) || !bytes.Equal(p.Theirs, b.Note) {
				t.Error("the two notes are not handed on")
			}
		})
	}
	m.take(t, l.author(), l.batch(2, 5))
}

// Every way to go on differently from below the mirror's size, or at it, is a fork that anyone can check (O-6), and the
// log that was receipted goes on.
func TestForks(t *testing.T) {
	l, m := scene(t, 8, 3, 7)
	rings := keyrings(t)
	for at := range 7 {
		evil := l.branch(at, 100+byte(at)).write(7 - at)
		for end := at + 1; end <= 7; end++ {
			adv, again, err := Verify(m.state(), l.author(), evil.batch(at, end), morning)
			p := wantRefusal(t, adv, again, err, ForkFound, "O-6")
			fork, ok := errors.AsType[*ForkError](err)
			if !ok || !bytes.Equal(p.Ours, l.note(7)) || !bytes.Equal(p.Theirs, evil.note(end)) {
				t.Fatalf("fork at %d, end %d: no evidence in %v", at, end, err)
			}
			if err := fork.Evidence.Check(l.ring.Keys()); err != nil {
				t.Errorf("fork at %d, end %d: the evidence does not hold: %v", at, end, err)
			}
			if fork.Evidence.Check(rings["later"].Keys()) == nil || fork.Evidence.Check(rings[bb].Keys()) == nil {
				t.Errorf("fork at %d, end %d: the evidence holds against others, too", at, end)
			}
		}
	}
	m.take(t, l.author(), l.batch(7, 8))
}

// When our own copy has rotted, nobody is accused: neither of a fork nor of a bad root.
func TestOwnDamageAccusesNobody(t *testing.T) {
	for _, size := range []int{1, 5, 7} {
		l, m := scene(t, 9, size)
		whole := m.tiles[outbox.TileID{}]
		broken := map[string][]byte{"gone": nil, "cut": whole[:len(whole)-1]}
		for i := 0; i < len(whole); i += 13 {
			b := bytes.Clone(whole)
			b[i] ^= 0x10
			broken[fmt.Sprint("byte ", i)] = b
		}
		for name, tile := range broken {
			m.tiles[outbox.TileID{}] = tile
			for s := range size + 1 {
				adv, again, err := Verify(m.state(), l.author(), l.batch(s, max(s+1, size)), morning)
				if k := KindOf(err); k != "" && k != Internal || adv != nil && adv.Checkpoint().Head != l.head(size+1) {
					t.Fatalf("size %d, tile %s, from %d: advance %t, resend %t, %v", size, name, s, adv != nil, again != nil, err)
				}
			}
			for e := 1; e < size; e++ {
				if _, _, err := Verify(m.state(), l.author(), l.batch(0, e), morning); KindOf(err) != BehindOrAhead && KindOf(err) != Internal {
					t.Fatalf("size %d, tile %s, to %d: %v", size, name, e, err)
				}
			}
		}
	}
}

// Receipts that cannot be read are our fault, too.
func TestUnreadableReceipts(t *testing.T) {
	l, m := scene(t, 2, 2)
	broken := errors.New("the disk is gone")
	state := m.state()
	state.ReceiptAt = func(int64) ([]byte, error) { return nil, broken }
	adv, again, err := Verify(state, l.author(), l.batch(0, 2), morning)
	wantRefusal(t, adv, again, err, Internal, "")
	if !errors.Is(err, broken) || strings.Contains(err.Error(), "disk") {
		t.Errorf("the cause must be in our log and not on the wire: %v", err)
	}
}
