package verdict

import (
	"crypto/sha256"
	"encoding/base64"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"verbale/record"
	"verbale/seal"
)

// A successor is a bundle of aa with two generations of keys, and bb.
type successor struct {
	*file
	recovery seal.RecoveryKey
	old, new *box // registers
}

func newSuccessor(t testing.TB) *successor {
	t.Helper()
	return successorOf(newWorld(t))
}

func successorOf(w *world) *successor {
	w.t.Helper()
	s := &successor{file: w.newFile(bb, rr), old: w.boxOf(aa, seal.Public, 1), new: w.boxOf(aa, seal.Public, 2)}
	var err error
	s.recovery, err = seal.NewRecoveryKey(rand.NewChaCha8(sha256.Sum256([]byte("recovery"))))
	w.check(err)
	for _, p := range []struct {
		ring *seal.Keyring
		box  *box
	}{{w.rings[aa], s.old}, {w.later, s.new}} {
		f := profileFields(p.ring)
		f.SetText("recovery", b64u(s.recovery.Public()))
		s.b.Profiles = append(s.b.Profiles, w.profileBy(p.ring, p.box, f))
	}
	return s
}

// change is an act key-change from the old keys of aa to the new ones.
func (s *successor) change(reason, by string, effective time.Time) record.Fields {
	s.t.Helper()
	return s.changeTo(s.later, reason, by, effective)
}

func (s *successor) changeTo(to *seal.Keyring, reason, by string, effective time.Time) record.Fields {
	s.t.Helper()
	c := seal.KeyChange{Party: aa, From: seal.Fingerprint(aa, s.rings[aa].Keys()), To: seal.Fingerprint(aa, to.Keys()), Reason: reason, EffectiveAt: effective}
	var sig []byte
	var err error
	if by == byOldKeys {
		sig, err = s.rings[aa].Authorize(c)
	} else {
		sig, err = s.recovery.Authorize(c)
	}
	s.check(err)
	f := envelope("key-change", effective)
	f.SetText("class", "service")
	f.SetText("tlp", "clear")
	f.SetText("from", b64u(c.From))
	f.SetText("to", b64u(c.To))
	f.SetText("reason", reason)
	f.SetTime("effective_at", effective)
	f.SetText("authorized_by", by)
	f.SetText("authorization", base64.RawURLEncoding.EncodeToString(sig))
	f.SetHead("previous", record.Head{Origin: s.old.origin.String(), Size: s.old.tree.Size()})
	return f
}

// says writes an act into a register and shows it, as witnesses date it.
func (s *successor) says(b *box, f record.Fields, at time.Time, stamps ...stamp) {
	s.t.Helper()
	e := s.writeInto(s.ringOf(b.origin), b, f)
	s.show(e, s.stamped(b, at, stamps...), "*")
}

// thirdKeys are the keys of cc, in the name of aa.
func (w *world) thirdKeys() *seal.Keyring {
	return must(w.t)(seal.ParseKeyring([]byte(strings.Replace(string(w.rings[cc].Marshal()), cc, aa, 1))))
}

// succession is a bundle in which aa gave up stolen keys: what was dated
// before, what was not, and a receipt of either sort.
func (w *world) succession() *Bundle {
	w.t.Helper()
	s := successorOf(w)
	for i, at := range []string{"09:00", "10:00"} {
		sent, back := s.write(aa, bb, pingFields(clock(at))), s.write(bb, aa, pingFields(clock(at)))
		cp, bcp := s.head(sent.box, clock(at).Add(time.Minute)), s.head(back.box, clock(at).Add(time.Minute))
		s.show(sent, s.note(string(cp.Note)), "act", "released_at", "tlp")
		s.show(back, s.note(s.received(bcp, aa, clock(at).Add(2*time.Minute))), "act", "released_at", "tlp")
		if i == 0 {
			e := s.heads(s.old, clock("09:05"), cp.Head, bcp.Head)
			s.show(e, s.stamped(s.old, clock("09:05"), both(clock("09:06"))...), "act", "taken_at", "heads[0]", "heads[1]")
		}
	}
	s.says(s.new, s.change(seal.Compromise, byRecovery, clock("12:00")), clock("12:30"), both(clock("12:31"))...)
	return &s.b
}

// vouchFor vouches for keys of aa.
func vouchFor(rings ...*seal.Keyring) *Trust {
	t := &Trust{}
	for _, r := range rings {
		t.Keys = append(t.Keys, VouchedKeys{r.Party(), seal.Fingerprint(r.Party(), r.Keys())})
	}
	return t
}

func trustSpoilers() []spoiler {
	with := func(build func(s *successor), vouched func(s *successor) *seal.Keyring) func(*world) (*Bundle, *Trust) {
		return func(w *world) (*Bundle, *Trust) {
			s := successorOf(w)
			build(s)
			return &s.b, vouchFor(vouched(s))
		}
	}
	older := func(s *successor) *seal.Keyring { return s.rings[aa] }
	newer := func(s *successor) *seal.Keyring { return s.later }
	noon := clock("12:00")
	return []spoiler{
		{"keys that nothing links to those vouched for", KindTrust, "profiles[3]", "B-7", with(func(s *successor) {}, older)},
		{"older keys that nothing links to those vouched for", KindTrust, "profiles[2]", "B-7", with(func(s *successor) {}, newer)},
		{"a change of keys that nobody authorized", KindTrust, "profiles[3]", "B-7", with(func(s *successor) {
			f := s.change(seal.Rotation, byOldKeys, noon)
			f.SetText("reason", seal.Loss)
			s.says(s.new, f, noon)
		}, older)},
		{"a change of keys by the keys that it calls stolen", KindTrust, "profiles[3]", "B-7", with(func(s *successor) {
			s.says(s.new, s.change(seal.Compromise, byOldKeys, noon), noon)
		}, older)},
		{"newer keys vouched for that do not speak of the older", KindTrust, "profiles[2]", "B-7", with(func(s *successor) {
			s.says(s.old, s.change(seal.Rotation, byOldKeys, noon), noon)
		}, newer)},
		{"a change of keys of which a part is not shown", KindTrust, "profiles[3]", "B-7", with(func(s *successor) {
			e := s.writeInto(s.later, s.new, s.change(seal.Rotation, byOldKeys, noon))
			s.show(e, s.stamped(s.new, noon), "act", "from", "to", "reason", "effective_at", "authorized_by")
		}, older)},
		{"a change of keys back to older ones", KindTrust, "profiles[3]", "B-7", with(func(s *successor) {
			c := seal.KeyChange{Party: aa, From: seal.Fingerprint(aa, s.later.Keys()), To: seal.Fingerprint(aa, s.rings[aa].Keys()), Reason: seal.Rotation, EffectiveAt: noon}
			sig, err := s.later.Authorize(c)
			s.check(err)
			f := s.change(seal.Rotation, byOldKeys, noon)
			f.SetText("from", b64u(c.From))
			f.SetText("to", b64u(c.To))
			f.SetText("authorization", base64.RawURLEncoding.EncodeToString(sig))
			s.says(s.old, f, noon)
		}, older)},
		{"two successors of the same keys", KindTrust, "profiles[3]", "B-7", with(func(s *successor) {
			s.says(s.old, s.change(seal.Rotation, byOldKeys, noon), noon)
			third := s.thirdKeys()
			box := newBox(seal.Origin{Author: aa, Audience: seal.Public, Generation: 3})
			s.b.Profiles = append(s.b.Profiles, s.profileBy(third, box, profileFields(third)))
			e := s.writeInto(third, box, s.changeTo(third, seal.Rotation, byOldKeys, noon))
			root, err := box.tree.Root()
			s.check(err)
			cp, err := third.SignHead(seal.Head{Origin: box.origin.String(), Size: box.tree.Size(), Root: root}, noon)
			s.check(err)
			s.show(e, s.note(string(cp.Note)), "*")
		}, older)},
	}
}

// What links keys, in which direction, and what is said of it.
func TestKeyChange(t *testing.T) {
	noon := clock("12:00")
	for name, c := range map[string]struct {
		reason, by string
		inNew      bool
		olderOK    bool // who vouches for the older keys
		newerOK    bool // who vouches for the newer keys
		apart      bool // without anybody who vouches
	}{
		"rotation":                       {seal.Rotation, byOldKeys, true, true, true, false},
		"rotation, said by the old only": {seal.Rotation, byOldKeys, false, true, false, true},
		"loss":                           {seal.Loss, byRecovery, true, true, true, false},
		"compromise":                     {seal.Compromise, byRecovery, true, true, true, false},
		"compromise by the stolen keys":  {seal.Compromise, byOldKeys, true, false, true, true},
	} {
		s := newSuccessor(t)
		register := s.old
		if c.inNew {
			register = s.new
		}
		s.says(register, s.change(c.reason, c.by, noon), noon)
		v := s.judge(&s.b)
		if len(v.KeyChanges) != 1 || !v.KeyChanges[0].Authorized || v.KeyChanges[0].SaidByNew != c.inNew || v.KeyChanges[0].Reason != c.reason || v.KeyChanges[0].Rival {
			t.Errorf("%s: %+v", name, v.KeyChanges)
		}
		for i := range 2 { // aa comes first
			if p := v.Parties[i]; p.Party != aa || p.Generation != i+1 || p.Apart != c.apart || p.Vouched || p.Linked {
				t.Errorf("%s: %+v", name, p)
			}
		}
		for i, ring := range []*seal.Keyring{s.rings[aa], s.later} {
			want := []bool{c.olderOK, c.newerOK}[i]
			v, err := Judge(&s.b, vouchFor(ring))
			if (err == nil) != want {
				t.Errorf("%s: generation %d vouched for: %v", name, i+1, err)
			}
			if err == nil && (!v.Parties[i].Vouched || v.Parties[i].Linked || v.Parties[1-i].Vouched || !v.Parties[1-i].Linked || v.Parties[0].Apart) {
				t.Errorf("%s: generation %d vouched for: %+v", name, i+1, v.Parties)
			}
			if err == nil && i == 0 && !strings.Contains(flat(v.Text()), fill(english().followsNew[c.by], "party", aa)) ||
				err == nil && i == 1 && !strings.Contains(flat(v.Text()), fill(english().followsOld, "party", aa)) {
				t.Errorf("%s: generation %d vouched for: not said what follows", name, i+1)
			}
		}
		if _, err := Judge(&s.b, vouchFor(s.rings[aa], s.later)); err != nil {
			t.Errorf("%s: both vouched for: %v", name, err)
		}
	}
}

// The same change in both registers is one change, with the earlier date.
func TestKeyChangeTwice(t *testing.T) {
	s := newSuccessor(t)
	f := s.change(seal.Rotation, byOldKeys, clock("12:00"))
	s.says(s.old, f, clock("12:00"), both(clock("12:01"))...)
	s.says(s.new, f, clock("12:02"), both(clock("12:03"))...)
	v := s.judge(&s.b)
	if len(v.KeyChanges) != 1 || !v.KeyChanges[0].SaidByNew || !v.KeyChanges[0].NotAfter.To.Equal(clock("12:01")) {
		t.Errorf("got %+v", v.KeyChanges)
	}
	for _, r := range v.Records {
		if r.OldKeys != nil {
			t.Errorf("the change itself is marked: %+v", r.OldKeys)
		}
	}
}

// Why a change is not authorized.
func TestKeyChangeProblems(t *testing.T) {
	noon := clock("12:00")
	for want, build := range map[string]func(s *successor){
		ProblemSignature: func(s *successor) {
			f := s.change(seal.Rotation, byOldKeys, noon)
			f.SetTime("effective_at", noon.Add(-time.Hour))
			s.says(s.new, f, noon)
		},
		ProblemNoProfile: func(s *successor) {
			f := s.change(seal.Rotation, byOldKeys, noon)
			f.SetText("from", b64u([32]byte{1}))
			s.says(s.new, f, noon)
		},
		ProblemNoRecovery: func(s *successor) {
			s.b.Profiles[2] = s.profileBy(s.rings[aa], newBox(s.old.origin), profileFields(s.rings[aa]))
			s.says(s.new, s.change(seal.Loss, byRecovery, noon), noon)
		},
		ProblemNotShown: func(s *successor) {
			e := s.writeInto(s.later, s.new, s.change(seal.Rotation, byOldKeys, noon))
			s.show(e, s.stamped(s.new, noon), "act", "from", "to")
		},
		"by the recovery key, said to be by the old": func(s *successor) {
			f := s.change(seal.Loss, byRecovery, noon)
			f.SetText("authorized_by", byOldKeys)
			s.says(s.new, f, noon)
		},
	} {
		s := newSuccessor(t)
		build(s)
		v := s.judge(&s.b)
		if len(want) > len(ProblemNotShown) {
			want = ProblemSignature
		}
		if len(v.KeyChanges) != 1 || v.KeyChanges[0].Authorized || v.KeyChanges[0].Problem != want || !v.Parties[0].Apart || !v.Parties[1].Apart {
			t.Errorf("%s: %+v", want, v.KeyChanges)
		}
		for _, lang := range Languages() {
			if sentence := lexiconOf(lang).problem[want]; !strings.Contains(flat(inLanguage(t, v, lang)), fill(sentence, "party", aa)) {
				t.Errorf("%s: %s is not said", lang, want)
			}
		}
	}
}

// A compromise: what witnesses had dated before stands, anything else rests on
// a revoked key.
func TestRevokedKeys(t *testing.T) {
	noon := clock("12:00")
	for name, c := range map[string]struct {
		reason  string
		build   func(s *successor, cp seal.Checkpoint)
		vouched bool
		want    Standing
	}{
		"nothing dates it": {seal.Compromise, func(s *successor, cp seal.Checkpoint) {}, true, Revoked},
		"dated before": {seal.Compromise, func(s *successor, cp seal.Checkpoint) {
			s.dating(s.registerOf(bb), clock("11:00"), cp.Head, both(clock("11:01"))...)
		}, true, Stands},
		"dated before by somebody": {seal.Compromise, func(s *successor, cp seal.Checkpoint) {
			s.dating(s.registerOf(bb), clock("11:00"), cp.Head, both(clock("11:01"))...)
		}, false, StandsIf},
		"dated after": {seal.Compromise, func(s *successor, cp seal.Checkpoint) {
			s.dating(s.registerOf(bb), clock("11:59"), cp.Head, both(clock("12:00"))...)
		}, true, Revoked},
		"receipted before": {seal.Compromise, func(s *successor, cp seal.Checkpoint) {
			s.note(string(cp.Note) + s.lines(string(cp.Note), bb, clock("09:02")))
		}, true, Revoked},
		"rotation":            {seal.Rotation, func(s *successor, cp seal.Checkpoint) {}, true, ""},
		"rotation, and later": {seal.Rotation, nil, true, AfterChange},
	} {
		s := newSuccessor(t)
		e := s.write(aa, bb, appealFields(clock("09:00")))
		signed := clock("09:01")
		if c.build == nil {
			signed = clock("12:06")
		}
		cp := s.head(e.box, signed)
		s.show(e, s.note(string(cp.Note)), "*")
		if c.build != nil {
			c.build(s, cp)
		}
		by := byRecovery
		if c.reason == seal.Rotation {
			by = byOldKeys
		}
		s.says(s.new, s.change(c.reason, by, noon), clock("12:05"), both(clock("12:06"))...)
		trusted := &Trust{}
		if c.vouched {
			trusted.trusting(s.policy(2, w1, w2))
		}
		v := s.judge(&s.b, trusted)
		for _, r := range v.Records {
			if r.Act != "appeal" {
				continue
			}
			got := Standing("")
			if r.OldKeys != nil {
				got = r.OldKeys.Standing
			}
			if got != c.want {
				t.Errorf("%s: %q, want %q", name, got, c.want)
			}
		}
		for _, lang := range Languages() {
			l := lexiconOf(lang)
			for standing, sentence := range l.oldKeys {
				s := fill(sentence, "party", aa, "what", l.thisRecord, "time", at(noon), "reason", l.word("reason", c.reason))
				if strings.Contains(flat(inLanguage(t, v, lang)), s) != (standing == c.want) {
					t.Errorf("%s, %s: the text is wrong about %s", name, lang, standing)
				}
			}
		}
	}
}

// A change that nobody authorized revokes nothing.
func TestUnauthorizedRevocation(t *testing.T) {
	s := newSuccessor(t)
	e := s.write(aa, bb, appealFields(clock("09:00")))
	s.show(e, s.note(string(s.head(e.box, clock("09:01")).Note)), "*")
	f := s.change(seal.Compromise, byRecovery, clock("12:00"))
	f.SetTime("effective_at", clock("08:00"))
	s.says(s.new, f, clock("12:00"))
	for _, r := range s.judge(&s.b).Records {
		if r.OldKeys != nil {
			t.Errorf("revoked by %+v", r.OldKeys)
		}
	}
}

// A receipt by revoked keys stands if its giver's own register had named the
// head before.
func TestRevokedReceipt(t *testing.T) {
	for _, dated := range []bool{false, true} {
		s := newSuccessor(t)
		e := s.write(bb, aa, pingFields(clock("09:00")))
		cp := s.head(e.box, clock("09:01"))
		s.show(e, s.note(s.received(cp, aa, clock("09:02"))), "*")
		s.dating(s.registerOf(bb), clock("09:03"), cp.Head, both(clock("09:04"))...) // the record, not the receipt
		want := Revoked
		if dated {
			want = Stands
			s.dating(s.old, clock("09:03"), cp.Head, both(clock("09:04"))...)
		}
		s.says(s.new, s.change(seal.Compromise, byRecovery, clock("12:00")), clock("12:05"))
		s.beat(aa, cp.Head, clock("10:00"))
		v := s.judge(&s.b, (&Trust{}).trusting(s.policy(2, w1, w2)))
		for _, r := range v.Records {
			if r.Act == "ping" && (r.OldKeys != nil || r.Received.OldKeys == nil || r.Received.OldKeys.Standing != want) {
				t.Errorf("dated %v: %+v, %+v", dated, r.OldKeys, r.Received.OldKeys)
			}
		}
		if old := v.Channel[0].OldKeys; old == nil || old.Standing != Revoked {
			t.Errorf("a beat by revoked keys: %+v", old)
		}
		if !strings.Contains(strings.Join(v.NotProved, " "), "in no other hands before") {
			t.Error("not said that the keys may have been stolen before")
		}
	}
}

// A reply by keys that were given up is marked in its case.
func TestRevokedMove(t *testing.T) {
	s := newSuccessor(t)
	appeal := s.write(bb, aa, appealFields(clock("09:00")))
	answer := s.write(aa, bb, replyFields("answer", appeal.ref(), clock("10:00")))
	for _, e := range []*entry{appeal, answer} {
		s.show(e, s.note(string(s.head(e.box, clock("10:01")).Note)), "*")
	}
	s.says(s.new, s.change(seal.Compromise, byRecovery, clock("12:00")), clock("12:05"))
	v := s.judge(&s.b)
	if m := v.Cases[0].Moves[0]; v.Cases[0].OldKeys != nil || m.OldKeys == nil || m.OldKeys.Standing != Revoked {
		t.Errorf("got %+v", v.Cases[0])
	}
	for _, lang := range Languages() {
		l := lexiconOf(lang)
		if !strings.Contains(flat(inLanguage(t, v, lang)), fill(l.moveOldKeys, "records", l.records)) {
			t.Errorf("%s: not said in the case", lang)
		}
	}
}

// Keys that nothing links may be of somebody else with the same name: nobody
// is accused by what the others say, and what they say dates no receipt.
func TestStrangersWithOneName(t *testing.T) {
	for _, linked := range []bool{false, true} {
		s := newSuccessor(t)
		one := s.head(s.write(aa, bb, pingFields(clock("08:00"))).box, clock("08:01"))
		s.note(string(one.Note))
		e := s.write(aa, bb, appealFields(clock("09:00")))
		two := s.head(e.box, clock("09:01"))
		s.show(e, s.note(string(two.Note)), "*")
		s.dating(s.new, clock("12:00"), one.Head, both(clock("12:01"))...) // by the other keys: not there at noon
		b, err := s.later.Beat(one.Head, clock("13:00"))                   // and a denial
		s.check(err)
		s.b.AddBeats(b)
		back := s.write(bb, aa, pingFields(clock("09:00")))
		cp := s.head(back.box, clock("09:01"))
		s.show(back, s.note(s.received(cp, aa, clock("09:02"))), "*")
		s.dating(s.new, clock("12:10"), cp.Head, both(clock("12:11"))...)
		if linked {
			s.says(s.new, s.change(seal.Rotation, byOldKeys, clock("14:00")), clock("14:00"))
		}
		v := s.judge(&s.b)
		for _, r := range v.Records {
			if r.Act == "appeal" && (r.Backdated != linked || (r.NotBefore != nil) != linked) || r.Act == "ping" && (r.Received.Dated != nil) != linked {
				t.Errorf("linked %v: %+v, %+v", linked, r.NotBefore, r.Received)
			}
		}
		if (len(v.TakenBack) > 0) != linked {
			t.Errorf("linked %v: %+v", linked, v.TakenBack)
		}
	}
}

// Whoever has stolen keys can contradict their owner: that is said.
func TestStolenContradiction(t *testing.T) {
	s := newSuccessor(t)
	one := s.head(s.write(aa, bb, pingFields(clock("08:00"))).box, clock("08:01"))
	s.note(string(s.head(s.write(aa, bb, pingFields(clock("08:00"))).box, clock("08:02")).Note))
	s.beat(aa, one.Head, clock("10:00"))
	s.says(s.new, s.change(seal.Compromise, byRecovery, clock("12:00")), clock("12:05"))
	v := s.judge(&s.b)
	if len(v.TakenBack) != 1 || v.TakenBack[0].OldKeys == nil || v.TakenBack[0].OldKeys.Standing != Revoked {
		t.Fatalf("got %+v", v.TakenBack)
	}
	for _, lang := range Languages() {
		if l := lexiconOf(lang); !strings.Contains(flat(inLanguage(t, v, lang)), l.thisFinding) {
			t.Errorf("%s: not said", lang)
		}
	}
}

// Two generations with the same keys are one set of keys.
func TestSameKeysTwice(t *testing.T) {
	w := newWorld(t)
	f := w.newFile(aa)
	f.b.Profiles = append(f.b.Profiles, w.profileBy(w.rings[aa], newBox(seal.Origin{Author: aa, Audience: seal.Public, Generation: 2}), profileFields(w.rings[aa])))
	for _, trusted := range []*Trust{nil, w.trust(aa)} {
		v := w.judge(&f.b, trusted)
		if len(v.Parties) != 2 || v.Parties[0].Apart || v.Parties[1].Apart || v.Parties[1].Vouched != (trusted != nil) || v.Parties[0].SharesKeysWith != nil {
			t.Errorf("got %+v", v.Parties)
		}
	}
}

// A thief of replaced keys says with them, long after, that they were given up
// earlier, or stolen. The newer keys say otherwise, and what the older ones
// had signed stands.
func TestThiefRevokesNothing(t *testing.T) {
	for _, honest := range []string{seal.Rotation, seal.Compromise} {
		for _, reason := range []string{seal.Rotation, seal.Loss, seal.Compromise} {
			s := newSuccessor(t)
			e := s.write(aa, bb, appealFields(clock("09:00")))
			cp := s.head(e.box, clock("09:01"))
			s.show(e, s.note(string(cp.Note)), "*")
			dated := s.heads(s.old, clock("09:05"), cp.Head)
			s.show(dated, s.stamped(s.old, clock("09:05"), both(clock("09:06"))...), "act", "taken_at", "heads[0]")
			by := map[string]string{seal.Rotation: byOldKeys, seal.Compromise: byRecovery}[honest]
			s.says(s.new, s.change(honest, by, clock("12:00")), clock("12:00"))
			s.says(s.old, s.change(reason, byOldKeys, clock("08:00")), clock("14:00"))
			v, err := Judge(&s.b, vouchFor(s.later))
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range v.Records {
				if r.Act != "key-change" && r.Outbox == e.box.origin.String() && r.OldKeys != nil && r.OldKeys.EffectiveAt.Equal(clock("08:00")) {
					t.Errorf("%s, then %s by a thief: %+v", honest, reason, r.OldKeys)
				}
				if honest == seal.Rotation && r.Outbox == e.box.origin.String() && r.OldKeys != nil {
					t.Errorf("%s, then %s by a thief: marked: %+v", honest, reason, r.OldKeys)
				}
			}
		}
	}
}
