package verdict

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"verbale/record"
	"verbale/seal"
)

// Every way to spoil a bundle that we could think of, with the item and the
// rule that the verifier must name.
func TestRefused(t *testing.T) {
	for _, c := range spoilers() {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			b, trusted := c.spoil(w)
			v, err := Judge(b, trusted)
			wantError(t, v, err, c.kind, c.item, c.rule)
			if _, err := b.Encode(); err != nil {
				return // what no writer writes
			}
			file, err := b.Encode()
			w.check(err)
			if _, err := outcome(t, file, trusted); err == nil {
				t.Error("accepted once it is encoded anew")
			}
		})
	}
}

func wantError(t *testing.T, v *Verdict, err error, kind Kind, item, rule string) {
	t.Helper()
	e, ok := errors.AsType[*Error](err)
	if !ok || v != nil {
		t.Fatalf("got verdict %v and error %v, want an *Error and no verdict", v != nil, err)
	}
	if e.Kind != kind || e.Item != item || e.Rule != rule {
		t.Errorf("got %s at %s by %s (%s), want %s at %s by %s", e.Kind, e.Item, e.Rule, e, kind, item, rule)
	}
}

type spoiler struct {
	name       string
	kind       Kind
	item, rule string
	spoil      func(*world) (*Bundle, *Trust)
}

func spoilers() []spoiler {
	change := func(edit func(w *world, b *Bundle)) func(*world) (*Bundle, *Trust) {
		return func(w *world) (*Bundle, *Trust) {
			b := w.dispute()
			edit(w, b)
			return b, nil
		}
	}
	changeFork := func(edit func(w *world, b *Bundle)) func(*world) (*Bundle, *Trust) {
		return func(w *world) (*Bundle, *Trust) {
			b := w.forked()
			edit(w, b)
			return b, nil
		}
	}
	return slices.Concat(profileSpoilers(change), checkpointSpoilers(change), recordSpoilers(change), forkSpoilers(changeFork), witnessSpoilers(), beatSpoilers(), trustSpoilers())
}

type changer func(func(w *world, b *Bundle)) func(*world) (*Bundle, *Trust)

func profileSpoilers(change changer) []spoiler {
	return []spoiler{
		{"no profile", KindForm, "bundle", "B-1", change(func(w *world, b *Bundle) { b.Profiles = nil })},
		{"the author's profile is missing", KindCheckpoint, "checkpoints[1]", "B-3", change(func(w *world, b *Bundle) { b.Profiles = b.Profiles[:1] })},
		{"the profile is partial", KindProfile, "profiles[0]", "B-2", change(func(w *world, b *Bundle) {
			part, err := w.box(aa, seal.Public).entries[0].opened.Present([]string{"act", "party"})
			w.check(err)
			b.Profiles[0] = part
		})},
		{"the profile is another act", KindProfile, "profiles[0]", "B-2", change(func(w *world, b *Bundle) {
			f := pingFields(morning)
			b.Profiles[0] = w.profileBy(w.rings[aa], w.box(aa, seal.Public), f)
		})},
		{"the profile is not in a public outbox", KindProfile, "profiles[0]", "B-2", change(func(w *world, b *Bundle) {
			b.Profiles[0] = w.profileBy(w.rings[aa], w.box(aa, cc), profileFields(w.rings[aa]))
		})},
		{"the profile is of somebody else's outbox", KindProfile, "profiles[0]", "B-2", change(func(w *world, b *Bundle) {
			b.Profiles[0] = w.profileBy(w.rings[cc], w.box(aa, seal.Public), profileFields(w.rings[cc]))
		})},
		{"the profile is signed by another key", KindProfile, "profiles[0]", "B-2", change(func(w *world, b *Bundle) {
			b.Profiles[0] = w.profileBy(w.rings[cc], w.box(aa, seal.Public), profileFields(w.rings[aa]))
		})},
		{"the keys of the profile are none", KindProfile, "profiles[0]", "B-2", change(func(w *world, b *Bundle) {
			f := profileFields(w.rings[aa])
			f["keys"] = []byte(`{"record":"x"}`)
			b.Profiles[0] = w.profileBy(w.rings[aa], w.box(aa, seal.Public), f)
		})},
		{"the profile file ends with a line feed", KindProfile, "profiles[0]", "B-2", change(func(w *world, b *Bundle) { b.Profiles[0] += "\n" })},
		{"two profiles of one party, other keys", KindProfile, "profiles[2]", "B-2", change(func(w *world, b *Bundle) {
			b.Profiles = append(b.Profiles, w.profileBy(w.later, newBox(w.box(aa, seal.Public).origin), profileFields(w.later)))
		})},
		{"two profiles of one party, same keys", KindProfile, "profiles[2]", "B-2", change(func(w *world, b *Bundle) {
			b.Profiles = append(b.Profiles, w.profile(aa))
		})},
		{"the person verifying vouches for other keys", KindTrust, "profiles[0]", "B-7", func(w *world) (*Bundle, *Trust) {
			return w.dispute(), &Trust{Keys: []VouchedKeys{{Party: aa, Fingerprint: seal.Fingerprint(aa, w.later.Keys())}}}
		}},
	}
}

func checkpointSpoilers(change changer) []spoiler {
	return []spoiler{
		{"no checkpoint at all", KindCheckpoint, "checkpoints[0]", "B-3", change(func(w *world, b *Bundle) { b.Checkpoints[0] = "hello" })},
		{"an origin that is none", KindCheckpoint, "checkpoints[0]", "B-3", change(func(w *world, b *Bundle) {
			b.Checkpoints[0] = strings.Replace(b.Checkpoints[0], "/1\n", "/01\n", 1)
		})},
		{"another size", KindCheckpoint, "checkpoints[0]", "B-3", change(func(w *world, b *Bundle) {
			b.Checkpoints[0] = strings.Replace(b.Checkpoints[0], "\n2\n", "\n3\n", 1)
		})},
		{"the ML-DSA line is missing", KindCheckpoint, "checkpoints[0]", "B-3", change(func(w *world, b *Bundle) {
			lines := strings.SplitAfter(b.Checkpoints[0], "\n")
			b.Checkpoints[0] = strings.Join(slices.Delete(lines, 5, 6), "")
		})},
		{"the log's lines are swapped", KindCheckpoint, "checkpoints[0]", "B-3", change(func(w *world, b *Bundle) { swapLines(b, 4, 5) })},
		{"the receipt's lines are swapped", KindReceipt, "checkpoints[0]", "B-10", change(func(w *world, b *Bundle) { swapLines(b, 6, 7) })},
		{"the receipt is cut in half", KindReceipt, "checkpoints[0]", "B-10", change(func(w *world, b *Bundle) {
			lines := strings.SplitAfter(b.Checkpoints[0], "\n")
			b.Checkpoints[0] = strings.Join(lines[:7], "")
		})},
		{"the receipt is by the author itself", KindReceipt, "checkpoints[0]", "B-10", change(func(w *world, b *Bundle) {
			b.Checkpoints[0] = w.received(w.head(w.box(aa, bb), morning), aa, morning)
		})},
		{"a relay's receipt stands before the audience's", KindReceipt, "checkpoints[0]", "B-10", change(func(w *world, b *Bundle) {
			lines := strings.SplitAfter(b.Checkpoints[0], "\n")
			b.Checkpoints[0] = strings.Join(lines[:6], "") + w.lines(b.Checkpoints[0], rr, morning) + strings.Join(lines[6:], "")
		})},
		{"relays stand out of order", KindReceipt, "checkpoints[0]", "B-10", change(func(w *world, b *Bundle) {
			b.Checkpoints[0] += w.lines(b.Checkpoints[0], rr, morning) + w.lines(b.Checkpoints[0], cc, morning)
		})},
		{"a relay stands twice", KindReceipt, "checkpoints[0]", "B-10", change(func(w *world, b *Bundle) {
			b.Checkpoints[0] += w.lines(b.Checkpoints[0], rr, morning) + w.lines(b.Checkpoints[0], rr, morning.Add(time.Hour))
		})},
		{"a relay's lines are by other keys than its profile's", KindReceipt, "checkpoints[0]", "B-10", change(func(w *world, b *Bundle) {
			b.Profiles = append(b.Profiles, w.profile(cc))
			b.Checkpoints[0] += strings.ReplaceAll(w.lines(b.Checkpoints[0], rr, morning), rr, cc)
		})},
		{"seven relays", KindCheckpoint, "checkpoints[0]", "B-3", change(func(w *world, b *Bundle) {
			for i := range 7 {
				b.Checkpoints[0] += strings.ReplaceAll(w.lines(b.Checkpoints[0], rr, morning), rr, "relay"+itoa(i)+".rr.example")
			}
		})},
		{"the receipt is of another head", KindReceipt, "checkpoints[0]", "B-10", change(func(w *world, b *Bundle) {
			cp := w.head(w.box(aa, bb), morning)
			w.write(aa, bb, pingFields(morning))
			r, err := w.rings[bb].Countersign(w.head(w.box(aa, bb), morning), morning)
			w.check(err)
			b.Checkpoints[0] = string(cp.Note) + string(r.Lines)
		})},
		{"the lines that may be a receipt are no such lines", KindReceipt, "checkpoints[0]", "B-10", func(w *world) (*Bundle, *Trust) {
			b := w.parts()
			b.Checkpoints[0] = strings.Replace(b.Checkpoints[0], bb+"/receipt", cc+"/receipt", 1)
			return b, nil
		}},
		{"a public checkpoint with a receipt", KindWitness, "checkpoints[0]", "B-11", func(w *world) (*Bundle, *Trust) {
			b := w.register()
			b.Checkpoints[0] = w.received(w.head(w.box(aa, seal.Public), morning), bb, morning)
			return b, nil
		}},
	}
}

func swapLines(b *Bundle, i, j int) {
	lines := strings.SplitAfter(b.Checkpoints[0], "\n")
	lines[i], lines[j] = lines[j], lines[i]
	b.Checkpoints[0] = strings.Join(lines, "")
}

func recordSpoilers(change changer) []spoiler {
	return []spoiler{
		{"the checkpoint's number is too large", KindRecord, "records[0].checkpoint", "B-4", change(func(w *world, b *Bundle) { b.Records[0].Checkpoint = 2 })},
		{"the checkpoint's number is negative", KindRecord, "records[0].checkpoint", "B-4", change(func(w *world, b *Bundle) { b.Records[0].Checkpoint = -1 })},
		{"the checkpoint is of another outbox", KindRecord, "records[0]", "B-4", change(func(w *world, b *Bundle) { b.Records[0].Checkpoint = 1 })},
		{"the index is wrong", KindProof, "records[0].proof", "B-4", change(func(w *world, b *Bundle) { b.Records[0].Index = 0 })},
		{"the index is beyond the checkpoint", KindProof, "records[0].proof", "B-4", change(func(w *world, b *Bundle) { b.Records[0].Index = 2 })},
		{"the index is negative", KindProof, "records[0].proof", "B-4", change(func(w *world, b *Bundle) { b.Records[0].Index = -1 })},
		{"the proofs are swapped", KindProof, "records[1].proof", "B-4", change(func(w *world, b *Bundle) {
			b.Records[1].Proof, b.Records[2].Proof = b.Records[2].Proof, b.Records[1].Proof
		})},
		{"the proof is missing", KindProof, "records[0].proof", "B-4", change(func(w *world, b *Bundle) { b.Records[0].Proof = nil })},
		{"the proof is too long", KindProof, "records[0].proof", "B-4", change(func(w *world, b *Bundle) {
			b.Records[0].Proof = append(b.Records[0].Proof, [32]byte{})
		})},
		{"the records are swapped", KindProof, "records[1].proof", "B-4", change(func(w *world, b *Bundle) {
			b.Records[1].Record, b.Records[2].Record = b.Records[2].Record, b.Records[1].Record
		})},
		{"the record is of another outbox", KindRecord, "records[0]", "B-4", change(func(w *world, b *Bundle) {
			shown, err := w.write(aa, cc, appealFields(morning)).opened.Present([]string{"*"})
			w.check(err)
			b.Records[0].Record = shown
		})},
		{"the record is signed by another party", KindRecord, "records[0].record", "B-4", change(func(w *world, b *Bundle) {
			e := w.writeInto(w.rings[cc], newBox(w.box(aa, bb).origin), appealFields(morning))
			shown, err := e.opened.Present([]string{"*"})
			w.check(err)
			b.Records[0].Record = shown
		})},
		{"the record is padded", KindRecord, "records[0].record", "B-4", change(func(w *world, b *Bundle) { b.Records[0].Record += " " })},
		{"the leaf stands without a tilde", KindRecord, "records[0].record", "B-4", change(func(w *world, b *Bundle) {
			b.Records[0].Record, _, _ = strings.Cut(b.Records[0].Record, "~")
		})},
		{"a disclosure of another record", KindRecord, "records[0].record", "B-4", change(func(w *world, b *Bundle) {
			leaf, _, _ := strings.Cut(b.Records[0].Record, "~")
			_, content, _ := strings.Cut(b.Records[1].Record, "~")
			b.Records[0].Record = leaf + "~" + content
		})},
		{"an element without its list", KindRecord, "records[0].record", "B-4", change(func(w *world, b *Bundle) {
			parts := strings.SplitAfter(w.exhibit(w.box(aa, bb).entries[1], 0, 2, "targets").Record, "~")
			b.Records[0].Record = strings.Join(slices.Delete(parts, 1, 2), "")
		})},
	}
}

func forkSpoilers(change changer) []spoiler {
	return []spoiler{
		{"fork: no note", KindFork, "forks[0].a", "O-6", change(func(w *world, b *Bundle) { b.Forks[0].A = "x" })},
		{"fork: twice the same head", KindFork, "forks[0]", "O-6", change(func(w *world, b *Bundle) {
			b.Forks[0] = ForkExhibit{A: b.Forks[0].A, B: b.Forks[0].A}
		})},
		{"fork: heads of one log", KindFork, "forks[0]", "O-6", change(func(w *world, b *Bundle) {
			for _, note := range b.Checkpoints {
				if note != b.Forks[0].B {
					b.Forks[0].B = note // the other head, which continues A
					return
				}
			}
		})},
		{"fork: the proof is missing", KindFork, "forks[0]", "O-6", change(func(w *world, b *Bundle) { b.Forks[0].Proof = nil })},
		{"fork: the proof is changed", KindFork, "forks[0]", "O-6", change(func(w *world, b *Bundle) { b.Forks[0].Proof[0][0] ^= 1 })},
		{"fork: the larger one comes first", KindFork, "forks[0]", "O-6", change(func(w *world, b *Bundle) {
			b.Forks[0].A, b.Forks[0].B = b.Forks[0].B, b.Forks[0].A
		})},
		{"fork: two outboxes", KindFork, "forks[0]", "O-6", change(func(w *world, b *Bundle) {
			w.write(aa, cc, pingFields(morning))
			b.Forks[0].A = string(w.head(w.box(aa, cc), morning).Note)
		})},
		{"fork: signed by another party", KindFork, "forks[0].a", "O-6", change(func(w *world, b *Bundle) {
			w.write(cc, aa, pingFields(morning))
			b.Forks[0].A = string(w.head(w.box(cc, aa), morning).Note)
		})},
	}
}

// What a good bundle proves.
func TestConclusions(t *testing.T) {
	w := newWorld(t)
	v := w.judge(w.dispute(), w.trust(aa))
	appeal, ack, answer := v.Records[0], v.Records[1], v.Records[2]
	if appeal.Author != aa || appeal.Audience != bb || appeal.Index != 1 || appeal.Act != "appeal" || appeal.Kind != "mitigate" || appeal.Shown != Interpreted {
		t.Errorf("the appeal: %+v", appeal)
	}
	if r := appeal.Received; r == nil || r.By != bb || !r.At.Equal(morning.Add(2*time.Minute)) || appeal.NotReceived != "" {
		t.Errorf("its receipt: %+v, %q", r, appeal.NotReceived)
	}
	if len(appeal.RestsOn) != 2 || !appeal.RestsOn[0].Vouched || appeal.RestsOn[1].Vouched {
		t.Errorf("the appeal rests on %+v, want the vouched keys of its author and the others of its receiver", appeal.RestsOn)
	}
	for _, r := range []RecordFinding{ack, answer} {
		if r.RepliesTo == nil || !r.RepliesTo.InBundle || r.RepliesTo.Place != appeal.Place {
			t.Errorf("%s replies to %+v, want %+v", r.Act, r.RepliesTo, appeal.Place)
		}
	}
	if len(v.Cases) != 1 || len(v.Cases[0].Moves) != 2 || v.Cases[0].Moves[1].Outcome != "done" || v.Cases[0].Moves[1].Irregular != "" {
		t.Errorf("cases: %+v", v.Cases)
	}
}

func TestPartsConclusions(t *testing.T) {
	w := newWorld(t)
	v := w.judge(w.parts())
	r := v.Records[0]
	if r.Hidden != 2 || r.TLP != "amber+strict" || len(r.Lists) != 2 || !slices.Equal(r.Lists[1].Shown, []int{1}) || r.Lists[1].Total != 3 {
		t.Errorf("partial lists: %+v", r)
	}
	if r.Received != nil || r.NotReceived != NoReceiptKeys {
		t.Errorf("without the receiver's profile: %+v, %q", r.Received, r.NotReceived)
	}
	if v.Records[1].Shown != UndisclosedAs || len(v.Records[1].Fields) != 0 || v.Records[1].Act != "" {
		t.Errorf("nothing shown: %+v", v.Records[1])
	}
	if v.Records[2].RepliesTo != nil || len(v.Cases[0].Moves) != 0 {
		t.Errorf("an undisclosed in_reply_to joined a case: %+v", v.Cases)
	}
	if v.Records[3].Shown != UnknownAct || v.Records[3].Act != "recall" || v.Records[3].TLP != "" {
		t.Errorf("an unknown act: %+v", v.Records[3])
	}
}

// A reply to a record that is not in the bundle, or is not the very record.
func TestReplyElsewhere(t *testing.T) {
	w := newWorld(t)
	b := w.dispute()
	b.Records = b.Records[1:]
	v := w.judge(b)
	if r := v.Records[0].RepliesTo; r == nil || r.InBundle || len(v.Cases) != 0 {
		t.Errorf("got %+v and cases %+v, want a reply to something elsewhere", r, v.Cases)
	}
	if !strings.Contains(flat(v.Text()), "the file does not have that record") {
		t.Error("the text does not say that the record replied to is missing")
	}

	w = newWorld(t)
	b = w.dispute()
	ref := w.box(aa, bb).entries[1].ref()
	ref.Index = 0 // the leaf of entry 1, said to be entry 0
	e := w.write(bb, aa, replyFields("answer", ref, morning))
	b.Checkpoints = append(b.Checkpoints, string(w.head(e.box, morning).Note))
	b.Records = append(b.Records, w.exhibit(e, 2, e.box.tree.Size(), "*"))
	for _, r := range w.judge(b).Records {
		if r.Place.Leaf == b64u(e.opened.Record.LeafHash()) && r.RepliesTo.InBundle {
			t.Error("a reference with another index was taken for the record")
		}
	}
}

// Replies that break are shown, and marked.
func TestIrregularReplies(t *testing.T) {
	w := newWorld(t)
	appeal := w.write(aa, bb, appealFields(morning))
	ping := w.write(aa, bb, pingFields(morning))
	moves := []*entry{
		w.write(bb, aa, replyFields("answer", appeal.ref(), morning.Add(time.Hour))),
		w.write(bb, aa, replyFields("refuse", appeal.ref(), morning.Add(2*time.Hour))),
		w.write(bb, aa, replyFields("answer", ping.ref(), morning.Add(time.Hour))),        // only acknowledged
		w.write(cc, aa, replyFields("acknowledge", appeal.ref(), morning.Add(time.Hour))), // a third party
		w.write(bb, cc, replyFields("acknowledge", appeal.ref(), morning.Add(time.Hour))), // to a third party
		w.write(aa, bb, replyFields("withdraw", appeal.ref(), morning.Add(time.Hour))),
	}
	b := &Bundle{Profiles: []string{w.profile(aa), w.profile(bb), w.profile(cc)}}
	for i, e := range append([]*entry{appeal, ping}, moves...) {
		b.Checkpoints = append(b.Checkpoints, string(w.head(e.box, morning.Add(3*time.Hour)).Note))
		b.Records = append(b.Records, w.exhibit(e, i, e.box.tree.Size(), "*"))
	}
	v := w.judge(b)
	irregular := map[string]string{}
	for _, c := range v.Cases {
		for _, m := range c.Moves {
			irregular[m.Leaf] = strings.SplitN(m.Irregular, ":", 2)[0]
		}
	}
	for i, want := range []string{"", "A-3", "A-1", "A-1", "A-1", ""} {
		if got := irregular[b64u(moves[i].opened.Record.LeafHash())]; got != want {
			t.Errorf("reply %d: got %q, want %q", i, got, want)
		}
	}
	if !strings.Contains(flat(v.Text()), "This reply breaks a rule and moves nothing: A-3") {
		t.Error("the text does not say which rule a reply breaks")
	}
	if !strings.Contains(flat(inLanguage(t, v, "it")), "Questo atto viola una regola e non cambia nulla nella pratica: A-3: il suo autore") {
		t.Error("the Italian text does not say which rule a reply breaks")
	}
}

// One record may be shown several times; the case has it once.
func TestRecordShownTwice(t *testing.T) {
	w := newWorld(t)
	b := w.dispute()
	early := w.box(aa, bb).entries[1]
	b.Records = append(b.Records, w.exhibit(early, 0, 2, "act"), w.exhibit(early, 0, 2, "*"))
	v := w.judge(b)
	if len(v.Records) != 4 || len(v.Cases) != 1 || v.Cases[0].Subject == "" {
		t.Errorf("got %d records, %d cases: %+v", len(v.Records), len(v.Cases), v.Cases)
	}
}

func TestForks(t *testing.T) {
	w := newWorld(t)
	v := w.judge(w.forked())
	var how []HowForked
	for _, f := range v.Forks {
		how = append(how, f.How)
	}
	if !slices.Equal(how, []HowForked{ForkEvidence, ForkHeads, ForkRecords}) {
		t.Errorf("forks found: %v", how)
	}
	for _, r := range v.Records {
		if !r.InForkedOutbox {
			t.Errorf("entry %d is not marked as standing in a forked outbox", r.Index)
		}
	}
	if !strings.Contains(flat(v.Text()), aa+" signed two histories of the outbox "+aa+"/to/"+bb+"/1") {
		t.Error("the text does not say that two histories were signed")
	}
}

// By their own clocks the parties signed after their keys were valid.
func TestKeysExpired(t *testing.T) {
	w := newWorld(t)
	f := appealFields(morning)
	e := w.write(aa, bb, f)
	late := morning.Add(2 * 365 * 24 * time.Hour)
	b := &Bundle{
		Profiles:    []string{w.profile(aa), w.profile(bb)},
		Checkpoints: []string{w.received(w.head(e.box, late), bb, late)},
		Records:     []Exhibit{w.exhibit(e, 0, 1, "*")},
	}
	v := w.judge(b)
	if !v.Records[0].Checkpoint.KeysExpired || !v.Records[0].Received.KeysExpired {
		t.Errorf("got %+v", v.Records[0])
	}
	if n := strings.Count(flat(v.Text()), "profile says that its keys are valid"); n != 2 {
		t.Errorf("the text says it %d times, want 2", n)
	}
}

// Two names, one holder of keys.
func TestSharedKeys(t *testing.T) {
	w := newWorld(t)
	double := must(t)(seal.ParseKeyring([]byte(strings.Replace(string(w.rings[aa].Marshal()), aa, "cert.zz.example", 1))))
	w.rings["cert.zz.example"] = double
	f := profileFields(w.rings[aa])
	f.SetText("party", "cert.zz.example")
	b := &Bundle{Profiles: []string{w.profile(aa), w.profile(bb), w.profileBy(double, w.box("cert.zz.example", seal.Public), f)}}
	v := w.judge(b)
	if !slices.Equal(v.Parties[0].SharesKeysWith, []string{"cert.zz.example"}) || v.Parties[2].SharesKeysWith != nil {
		t.Errorf("got %+v", v.Parties)
	}
	if !strings.Contains(flat(v.Text()), "name the same signing key") {
		t.Error("the text does not warn")
	}
}

// Real encryption: the bundle is of plain disclosures, the leaf names the ciphertext.
func TestEncryptedContent(t *testing.T) {
	w := newWorld(t)
	c, err := record.Compose(appealFields(morning), w.rand)
	w.check(err)
	stored, err := w.rings[aa].Encrypt(w.rings[bb].Keys(), c.Content())
	w.check(err)
	r, err := c.Sign(w.box(aa, bb).origin.String(), w.rings[aa].Keys().RecordKeyID(), record.DigestOf(stored), w.rings[aa].SignRecord)
	w.check(err)
	plain, err := w.rings[bb].Decrypt(stored)
	w.check(err)
	o, err := r.Open(plain)
	w.check(err)
	box := w.box(aa, bb)
	w.check(box.tree.Append(r.LeafHash()))
	e := &entry{box: box, opened: o}
	v := w.judge(&Bundle{
		Profiles:    []string{w.profile(aa), w.profile(bb)},
		Checkpoints: []string{w.received(w.head(box, morning), bb, morning)},
		Records:     []Exhibit{w.exhibit(e, 0, 1, "act", "kind", "tlp")},
	})
	if v.Records[0].Received == nil || v.Records[0].Kind != "mitigate" {
		t.Errorf("got %+v", v.Records[0])
	}
}

func TestOpenProfile(t *testing.T) {
	w := newWorld(t)
	file := w.profile(aa)
	p, err := OpenProfile(file + "\n")
	w.check(err)
	if p.Party != aa || p.File != file || len(p.Words) != 12 || p.Fingerprint != seal.Fingerprint(aa, w.rings[aa].Keys()) || !p.Keys.Equal(w.rings[aa].Keys()) {
		t.Errorf("got %+v", p)
	}
	if _, err := OpenProfile(file + "\n\n"); err == nil {
		t.Error("a profile file with an empty line was accepted")
	}
}

// flat undoes the breaking of lines.
func flat(s string) string { return strings.Join(strings.Fields(s), " ") }

// What a reply may refer to is the docket's rule: a later version's act may be an appeal, a reply is none.
func TestWhatRepliesMayReferTo(t *testing.T) {
	for _, c := range []struct {
		opening, reply string
		want           bool
	}{
		{"appeal", "answer", true}, {"appeal", "withdraw", true}, {"", "answer", true}, {"treaty", "answer", true}, {"treaty", "acknowledge", true},
		{"ping", "acknowledge", true}, {"ping", "refuse", true}, {"ping", "answer", false}, {"profile", "refuse", true}, {"profile", "acknowledge", false},
		{"acknowledge", "refuse", false}, {"answer", "acknowledge", false}, {"refuse", "refuse", false}, {"withdraw", "answer", false},
		{"tally", "tally-answer", true}, {"tally", "refuse", true}, {"tally", "answer", false}, {"appeal", "tally-answer", false}, {"ping", "tally-answer", false},
		{"", "tally-answer", true}, {"suspend", "acknowledge", false}, {"suspend", "refuse", true}, {"tally-answer", "refuse", false},
	} {
		if got := (&CaseFinding{Act: c.opening}).takes(c.reply); got != c.want {
			t.Errorf("%s to %q: %v, want %v", c.reply, c.opening, got, c.want)
		}
	}
}

func TestRefusalOfAnAcknowledgementIsIrregular(t *testing.T) {
	w := newWorld(t)
	appeal := w.write(aa, bb, appealFields(morning))
	ack := w.write(bb, aa, replyFields("acknowledge", appeal.ref(), morning.Add(time.Hour)))
	refusal := w.write(aa, bb, replyFields("refuse", ack.ref(), morning.Add(2*time.Hour)))
	b := &Bundle{Profiles: []string{w.profile(aa), w.profile(bb)}}
	for i, e := range []*entry{appeal, ack, refusal} {
		b.Checkpoints = append(b.Checkpoints, string(w.head(e.box, morning.Add(3*time.Hour)).Note))
		b.Records = append(b.Records, w.exhibit(e, i, e.box.tree.Size(), "*"))
	}
	for _, c := range w.judge(b).Cases {
		for _, m := range c.Moves {
			if m.Act == "refuse" && m.Irregular != ruleNoAppeal {
				t.Errorf("the refusal is %q", m.Irregular)
			}
		}
	}
}
