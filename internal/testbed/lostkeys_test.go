package testbed

import (
	"context"
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"verbale/internal/docket"
	"verbale/internal/exchange"
	"verbale/internal/node"
	"verbale/internal/peer"
	"verbale/record"
	"verbale/seal"
	"verbale/verdict"
)

// thief is a second node with a copy of everything that p has now, as p's peers see it.
func thief(t *testing.T, p *Party) *Party {
	t.Helper()
	b := p.Bed
	c := &Party{Bed: b, Name: p.Name, Keys: p.Keys, Profile: p.Profile, Store: backupOf(t, p), cert: p.cert, Recovery: p.Recovery, Trusting: true,
		dialed: map[string]*peer.Client{}, asked: map[string]*peer.WitnessClient{}}
	ln := b.listen("127.0.0.1:0")
	c.Endpoint = "https://" + ln.Addr().String()
	c.start(ln)
	t.Cleanup(func() {
		c.Stop()
		b.must(c.Store.Close())
	})
	return c
}

// Keys that are lost are replaced by the recovery key: the peer learns of it from a file, waits for the words, sends nothing before, and
// then the case that was open goes on.
func TestLostKeys(t *testing.T) {
	b, x, y := two(t)
	ref := y.Appeal(x, "mitigate")
	y.Push(x)
	old := x.Profile
	b.Later(24 * time.Hour)
	b.must(x.Recover(seal.Loss))
	waiting := y.Appeal(x, "clarify") // y knows of nothing yet, and x cannot be reached by the key that y knows
	if _, err := y.Node.Push(t.Context(), x.Name, nil); err == nil {
		t.Error("something went to keys that y does not know")
	}
	if _, err := y.Node.AddLink(t.Context(), x.File()); err != nil {
		t.Fatal(err)
	}
	told(t, y, x, old.Words, false, true)
	if _, err := y.Node.File(t.Context(), x.Name, y.Draft("clarify"), ""); kindOf(err) != node.Stopped || !strings.Contains(err.Error(), "words") {
		t.Errorf("filed to keys that nobody has compared: %v", err)
	}
	if _, err := y.Node.Push(t.Context(), x.Name, nil); kindOf(err) != node.Stopped {
		t.Errorf("pushed to keys that nobody has compared: %v", err)
	}
	if _, err := x.Node.Pull(t.Context(), y.Name); exchange.KindOf(err) != exchange.Busy {
		t.Errorf("pulled by keys that nobody has compared: %v", err)
	}
	after := x.Appeal(y, "clarify")
	x.Push(y) // what the new keys send is held and receipted
	if got := status(t, x, y, after); got != docket.Received {
		t.Errorf("sent by the new keys: %s", got)
	}
	if err := y.Node.ConfirmLink(t.Context(), x.Name, old.Words); kindOf(err) != node.Invalid {
		t.Errorf("the old words: %v", err)
	}
	b.must(y.Node.ConfirmLink(t.Context(), x.Name, x.Profile.Words))
	told(t, y, x, old.Words, true, false)
	y.Push(x)
	x.Node.Settle()
	if got := status(t, x, y, waiting); got != docket.Refused { // x's node says by itself that it cannot read it
		t.Errorf("encrypted to the lost keys: %s", got)
	}
	x.Reply(y, ref, "answer", map[string]string{"finality": "final", "outcome": "done", "text": "Done."})
	x.Push(y)
	for _, p := range []*Party{x, y} {
		other := map[*Party]*Party{x: y, y: x}[p]
		if got := status(t, p, other, ref); got != docket.Answered {
			t.Errorf("the case of before at %s: %s", p.Name, got)
		}
	}
	if r, err := x.Node.Rebuild(t.Context(), true, nil); err != nil || len(r.Different) != 0 {
		t.Errorf("a rebuild forgets what the lost keys had opened: %v, %v", r.Different, err)
	}
	clean(t, x, y)
}

// Words that are no recovery key of this party change nothing.
func TestWrongRecoveryWords(t *testing.T) {
	b, x, y := two(t)
	words := x.Profile.Words
	x.Recovery = y.Recovery
	if err := x.Recover(seal.Loss); kindOf(err) != node.Invalid {
		t.Errorf("another party's recovery key: %v", err)
	}
	n := b.Party("naked.example")
	none := node.Succession{Old: n.Keys, Reason: seal.Rotation}
	b.Later(time.Hour)
	b.must(n.Succeed(none)) // which leaves it without a recovery key
	if err := n.Recover(seal.Compromise); kindOf(err) != node.NotAllowed {
		t.Errorf("without a recovery key: %v", err)
	}
	x.Appeal(y, "clarify")
	x.Push(y)
	if p, err := x.Node.Profile(t.Context()); err != nil || strings.Join(p.Words, " ") != strings.Join(words, " ") {
		t.Errorf("the words are others now: %v", err)
	}
	clean(t, x, y, n)
}

// Revoked keys: what a thief signs with them is refused once the peer knows, and kept as evidence; earlier receipts stand, and what the
// owner had signed before is still taken, up to exactly the end that it names.
func TestRevokedKeys(t *testing.T) {
	b, x, y := two(t)
	received := x.Appeal(y, "mitigate")
	x.Push(y)
	inFlight := x.Appeal(y, "clarify")
	second := x.Appeal(y, "indicators")
	robber := thief(t, x)
	old := x.Profile
	b.Later(time.Hour)
	b.must(x.Recover(seal.Compromise))
	if _, err := y.Node.AddLink(t.Context(), x.File()); err != nil {
		t.Fatal(err)
	}
	told(t, y, x, old.Words, false, true)
	forged := robber.Appeal(y, "mitigate")
	if _, err := robber.Node.Push(t.Context(), y.Name, nil); exchange.KindOf(err) != exchange.ExpiredKey {
		t.Errorf("the thief's push: %v", err)
	}
	if _, err := robber.Node.Pull(t.Context(), y.Name); exchange.KindOf(err) != exchange.ExpiredKey {
		t.Errorf("the thief's pull: %v", err)
	}
	if got := evidenceOf(t, y); got[string(exchange.ExpiredKey)] != 1 {
		t.Errorf("evidence of the thief: %v", got)
	}
	b.must(y.Node.ConfirmLink(t.Context(), x.Name, x.Profile.Words))
	x.Push(y)
	if s := linkStatus(t, x); s.Sent != 4 || s.Receipted != 4 || s.LeftOver != "" {
		t.Errorf("at x: %+v", s)
	}
	for _, ref := range []struct {
		index int64
		box   string
	}{{received.Index, received.Outbox}, {inFlight.Index, inFlight.Outbox}, {second.Index, second.Outbox}} {
		d, err := y.Node.Case(t.Context(), ref.box, ref.index)
		if err != nil || d.Records[0].Held == 0 {
			t.Errorf("entry %d: %v", ref.index, err)
		}
	}
	if _, err := y.Node.Case(t.Context(), forged.Outbox, forged.Index); err == nil {
		t.Error("the thief's appeal is in y's docket")
	}
	clean(t, x, y)
}

// A thief that was there first: the peer took what it signed before anybody knew. That is evidence against the old keys, on both sides,
// and stays where it is; nothing of the owner's new outbox is touched by it.
func TestThiefWasFirst(t *testing.T) {
	b, x, y := two(t)
	x.Appeal(y, "mitigate")
	x.Push(y)
	robber := thief(t, x)
	robber.Appeal(y, "clarify")
	robber.Push(y)
	b.Later(time.Hour)
	s := node.Succession{Old: x.Keys, Reason: seal.Compromise, Recovery: x.Recovery, KeepRecovery: true}
	if err := x.Succeed(s); kindOf(err) != node.Stopped {
		t.Fatalf("y holds more than x has signed, and nobody said so: %v", err)
	}
	x.Trusting = true // the officer has seen it, and knows that it was not this node
	b.must(x.Succeed(s))
	_, err := y.Node.AddLink(t.Context(), x.File())
	b.must(err)
	b.must(y.Node.ConfirmLink(t.Context(), x.Name, x.Profile.Words))
	x.Appeal(y, "indicators")
	x.Push(y)
	if got := evidenceOf(t, y); got[node.OtherEnd] != 1 {
		t.Errorf("at y: %v", got)
	}
	if s := linkStatus(t, y); s.ReceivedOf != 4 || s.Evidence != 1 {
		t.Errorf("at y: %+v", s)
	}
	y.Appeal(x, "mitigate")
	y.Push(x)
	clean(t, x, y)
}

// After a compromise of its own a party gives its newest receipts anew, for its peers take none of the old keys any more.
func TestReceiptsAfterCompromise(t *testing.T) {
	b, x, y := two(t)
	x.Appeal(y, "mitigate")
	lost := 0
	b.Faults = func(from, _ string, p exchange.Peer) exchange.Peer {
		return liar{Peer: p, push: func(batch *exchange.Batch) ([]byte, error) {
			receipt, err := p.Push(t.Context(), batch)
			if from == x.Name && err == nil && lost < 2 { // y receipts, and the answers do not arrive
				lost++
				return nil, context.DeadlineExceeded
			}
			return receipt, err
		}}
	}
	for range 2 {
		if _, err := x.Node.Push(t.Context(), y.Name, nil); err == nil {
			t.Fatal("the fault did not come")
		}
		x.Appeal(y, "clarify")
	}
	old := y.Profile
	b.Later(time.Hour)
	b.must(y.Recover(seal.Compromise))
	_, err := x.Node.AddLink(t.Context(), y.File())
	b.must(err)
	b.must(x.Node.ConfirmLink(t.Context(), y.Name, y.Profile.Words))
	x.Push(y)
	if s := linkStatus(t, x); s.Sent != 3 || s.Receipted != 3 || s.Held != "" {
		t.Errorf("%+v", s)
	}
	told(t, x, y, old.Words, true, false)
	clean(t, x, y)
}

// Expired keys cannot speak for themselves any more: a rotation after their time waits for the words, as a recovery does.
func TestExpiredKeysReplaced(t *testing.T) {
	b, x, y := two(t)
	b.must(y.follow(x))
	old := x.Profile
	b.Later(node.KeysValidFor - time.Hour)
	p, err := y.Node.Renew(t.Context(), "")
	b.must(err)
	_, err = x.Node.AddLink(t.Context(), p.File)
	b.must(err)
	b.Later(2 * time.Hour)
	if _, err := x.Node.File(t.Context(), y.Name, x.Draft("clarify"), ""); kindOf(err) != node.Stopped || !strings.Contains(node.AsError(err).Hint, "keys rotate") {
		t.Errorf("expired: %v", err)
	}
	x.Rotate()
	b.must(y.follow(x))
	told(t, y, x, old.Words, false, true)
	if _, err := y.Node.File(t.Context(), x.Name, y.Draft("clarify"), ""); kindOf(err) != node.Stopped {
		t.Errorf("sent to expired keys' successors: %v", err)
	}
	b.must(y.Node.ConfirmLink(t.Context(), x.Name, x.Profile.Words))
	y.Appeal(x, "clarify")
	y.Push(x)
	x.Appeal(y, "clarify")
	x.Push(y)
	clean(t, x, y)
}

// Two changes from the same keys: the second is refused and kept, by whichever way it comes. The recovery key overrules a rotation that a
// thief made, if its generation is a later one.
func TestForkOfKeys(t *testing.T) {
	b, x, y := two(t)
	b.must(y.follow(x))
	old := x.Profile
	robber := thief(t, x)
	b.Later(time.Hour)
	robber.Rotate()
	_, err := y.Node.AddLink(t.Context(), robber.File()) // nobody knows better
	b.must(err)
	told(t, y, robber, old.Words, false, false)
	b.Later(time.Hour)
	other := thief(t, x)
	other.Rotate()
	if _, err := y.Node.AddLink(t.Context(), other.File()); kindOf(err) != node.Conflict || evidenceOf(t, y)[node.KeyFork] != 1 {
		t.Errorf("a second rotation: %v, %v", err, evidenceOf(t, y))
	}
	told(t, y, robber, old.Words, false, false)
	s := node.Succession{Reason: seal.Compromise, Recovery: x.Recovery, KeepRecovery: true}
	again := thief(t, x)
	b.must(again.Succeed(s))
	if _, err := y.Node.AddLink(t.Context(), again.File()); kindOf(err) != node.Conflict || !strings.Contains(node.AsError(err).Hint, "--generation") {
		t.Errorf("of the thief's generation: %v", err)
	}
	s.Generation = 3
	b.must(x.Succeed(s))
	_, err = y.Node.AddLink(t.Context(), x.File())
	b.must(err)
	told(t, y, x, old.Words, false, true)
	b.must(y.Node.ConfirmLink(t.Context(), x.Name, x.Profile.Words))
	if _, err := robber.Node.Pull(t.Context(), y.Name); exchange.KindOf(err) != exchange.ExpiredKey {
		t.Errorf("the thief's new keys: %v", err)
	}
	y.Appeal(x, "clarify")
	y.Push(x)
	x.Appeal(y, "clarify")
	x.Push(y)
	if got := evidenceOf(t, y); got[node.KeyFork] != 3 {
		t.Errorf("evidence: %v", got)
	}
	clean(t, x, y)
}

// A change that its authorization does not carry is refused, and kept.
func TestBadKeyChanges(t *testing.T) {
	b, x, y := two(t)
	b.Later(time.Hour)
	good := func(by string) func(seal.KeyChange) ([]byte, error) {
		return map[string]func(seal.KeyChange) ([]byte, error){"old": x.Keys.Authorize, "recovery": x.Recovery.Authorize, "another's": y.Recovery.Authorize}[by]
	}
	for _, c := range []struct{ name, reason, by, signed string }{
		{"another party's recovery key", seal.Loss, "recovery-key", "another's"},
		{"the recovery key for a rotation", seal.Rotation, "recovery-key", "recovery"},
		{"the old keys for a compromise", seal.Compromise, "old-keys", "old"},
		{"the old keys as the recovery key", seal.Loss, "recovery-key", "old"},
		{"the recovery key as the old keys", seal.Rotation, "old-keys", "recovery"},
	} {
		before := evidenceOf(t, y)[node.BadKeyChange]
		file := forgedChange(t, x, newKeys(t, b, x.Name), c.reason, c.by, good(c.signed))
		if _, err := y.Node.AddLink(t.Context(), file); kindOf(err) != node.Conflict || evidenceOf(t, y)[node.BadKeyChange] != before+1 {
			t.Errorf("%s: %v, %v", c.name, err, evidenceOf(t, y))
		}
	}
	if _, err := y.Node.AddLink(t.Context(), forgedChange(t, x, y.Keys, seal.Rotation, "old-keys", good("old"))); err == nil {
		t.Error("keys of another party were taken")
	}
	if c := linkStatus(t, y).KeyChange; c != nil {
		t.Errorf("taken all the same: %+v", c)
	}
	clean(t, x, y)
}

func newKeys(t *testing.T, b *Bed, name string) *seal.Keyring {
	t.Helper()
	k, err := seal.NewKeyring(name, b.seed)
	b.must(err)
	return k
}

// written is the full record of an entry of the register of p's generation 2, signed with k.
func written(t *testing.T, p *Party, k *seal.Keyring, f record.Fields) string {
	t.Helper()
	b := p.Bed
	f = node.Complete(f, b.Now(), "forger")
	c, err := record.Compose(f, b.seed)
	b.must(err)
	r, err := c.Sign(p.Name+"/to/public/2", k.Keys().RecordKeyID(), record.DigestOf(c.Content()), k.SignRecord)
	b.must(err)
	o, err := r.Open(c.Content())
	b.must(err)
	file, err := o.Present([]string{"*"})
	b.must(err)
	return file
}

// forgedChange is a file that leads from p's keys to those of k, with whatever authorization.
func forgedChange(t *testing.T, p *Party, k *seal.Keyring, reason, by string, authorize func(seal.KeyChange) ([]byte, error)) string {
	t.Helper()
	b := p.Bed
	profile := p.Profile.Opened.Fields.Clone()
	profile["keys"] = k.Keys().JSON()
	first := written(t, p, k, profile)
	c := seal.KeyChange{Party: p.Name, From: p.Profile.Fingerprint, To: seal.Fingerprint(p.Name, k.Keys()), Reason: reason, EffectiveAt: b.Now()}
	sig, err := authorize(c)
	b.must(err)
	f := record.Fields{}
	for name, value := range map[string]string{"act": "key-change", "class": "service", "reason": reason, "authorized_by": by, "from": b64u(c.From[:]), "to": b64u(c.To[:]), "authorization": b64u(sig)} {
		f.SetText(name, value)
	}
	f.SetTime("effective_at", c.EffectiveAt)
	f.SetHead("previous", record.Head{Origin: p.Name + "/to/public/1", Size: 1})
	return first + "\n" + written(t, p, k, f)
}

func b64u(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// The overlap ends: who has not learnt of new keys by then finds nobody, and a file helps.
func TestOverlapEnds(t *testing.T) {
	b, x, y := two(t)
	z := b.Party("cinder.example")
	b.Link(x, z)
	x.Appeal(y, "mitigate")
	x.Push(y)
	y.Stop()
	b.Later(time.Hour)
	b.must(z.follow(x))
	x.Rotate() // z says that this is no old copy
	b.Later(node.KeyOverlap + time.Hour)
	y.Restart()
	if err := y.follow(x); err == nil {
		t.Error("the old key is shown after the overlap")
	}
	_, err := y.Node.AddLink(t.Context(), x.File())
	b.must(err)
	y.Appeal(x, "mitigate")
	y.Push(x)
	clean(t, x, y)
}

// judgedFor makes the bundle of a case and judges it, for somebody who vouches for keys.
func judgedFor(t *testing.T, p *Party, ref record.Ref, vouched ...verdict.VouchedKeys) *verdict.Verdict {
	t.Helper()
	raw, err := p.Node.Prove(t.Context(), node.ProveRequest{Outbox: ref.Outbox, Index: ref.Index, Disclose: []string{"kind", "class"}})
	if err != nil {
		t.Fatal(err)
	}
	b, err := verdict.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	v, err := verdict.Judge(b, &verdict.Trust{Keys: vouched})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// A bundle over a change of keys has all profiles that it rests on, and what links them: whoever knows the words of one end believes both.
func TestProofOverARotation(t *testing.T) {
	b, x, y := two(t)
	ref := x.Appeal(y, "mitigate")
	x.Push(y)
	old := x.Profile
	b.Later(time.Hour)
	x.Rotate()
	y.Reply(x, ref, "acknowledge", nil)
	y.Push(x)
	b.must(y.follow(x))
	for _, at := range []*Party{x, y} {
		for name, keys := range map[string]verdict.Profile{"new": x.Profile, "old": old} {
			v := judgedFor(t, at, ref, verdict.VouchedKeys{Party: x.Name, Fingerprint: keys.Fingerprint})
			if len(v.Parties) != 3 || len(v.KeyChanges) != 1 || !v.KeyChanges[0].Authorized || !v.KeyChanges[0].SaidByNew {
				t.Errorf("at %s: %d parties, changes %+v", at.Name, len(v.Parties), v.KeyChanges)
			}
			for _, p := range v.Parties {
				if p.Party == x.Name && p.Vouched == p.Linked {
					t.Errorf("at %s, %s words vouched for: generation %d: vouched %v, linked %v", at.Name, name, p.Generation, p.Vouched, p.Linked)
				}
			}
		}
	}
	after := x.Appeal(y, "clarify")
	x.Push(y)
	if v := judgedFor(t, y, after); len(v.Parties) != 2 {
		t.Errorf("a case of the new keys alone rests on %d profiles", len(v.Parties))
	}
}

// A bundle over a compromise says of each record whether it rests on the revoked keys.
func TestProofOverACompromise(t *testing.T) {
	b, x, y := two(t)
	before := x.Appeal(y, "mitigate")
	x.Push(y)
	old := x.Profile
	b.Later(time.Hour)
	b.must(x.Recover(seal.Compromise))
	_, err := y.Node.AddLink(t.Context(), x.File())
	b.must(err)
	b.must(y.Node.ConfirmLink(t.Context(), x.Name, x.Profile.Words))
	y.Reply(x, before, "acknowledge", nil)
	y.Push(x)
	b.must(y.follow(x)) // the register, with the change in it
	v := judgedFor(t, y, before, verdict.VouchedKeys{Party: x.Name, Fingerprint: old.Fingerprint})
	if len(v.KeyChanges) != 1 || !v.KeyChanges[0].Authorized || v.KeyChanges[0].Reason != seal.Compromise {
		t.Errorf("changes: %+v", v.KeyChanges)
	}
	for _, r := range v.Records {
		if want := r.Author == x.Name && r.Act == "appeal"; (r.OldKeys != nil && r.OldKeys.Standing == verdict.Revoked) != want {
			t.Errorf("entry %d of %s: %+v", r.Index, r.Outbox, r.OldKeys)
		}
	}
}
