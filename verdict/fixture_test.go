package verdict

import (
	"encoding/json/jsontext"
	"encoding/json/v2"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"verbale/outbox"
	"verbale/record"
	"verbale/seal"
)

// The parties of the tests. Their keys stand in spec/vectors/bundle-keys.json
// and are nobody's.
const (
	aa = "cert.aa.example"
	bb = "csirt.bb.example"
	cc = "gov.cc.example"
	rr = "relay.rr.example"
)

const vectors = "../spec/vectors"

var morning = time.Date(2026, 7, 12, 9, 0, 0, 0, time.UTC)

// A world is some parties and all that they wrote.
type world struct {
	t     testing.TB
	rand  *rand.ChaCha8
	rings map[string]*seal.Keyring
	later *seal.Keyring // other keys of aa
	boxes map[string]*box
}

// A box is an outbox in memory.
type box struct {
	origin  seal.Origin
	tree    *outbox.Tree
	entries []*entry
}

// An entry is a record with its whole content.
type entry struct {
	box    *box
	index  int64
	opened *record.Opened
	hidden bool // nothing of it is shown
}

func (e *entry) ref() record.Ref { return e.opened.Record.Ref(e.index) }

func newWorld(t testing.TB) *world {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(vectors, "bundle-keys.json"))
	if err != nil {
		t.Fatal(err)
	}
	var files []jsontext.Value
	if err := json.Unmarshal(b, &files); err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, rand: rand.NewChaCha8([32]byte{1}), rings: map[string]*seal.Keyring{}, boxes: map[string]*box{}}
	for _, f := range files {
		ring := must(t)(seal.ParseKeyring(f))
		if w.rings[ring.Party()] != nil {
			w.later = ring
			continue
		}
		w.rings[ring.Party()] = ring
	}
	return w
}

// must returns a function that passes a value on, and ends the test on errors.
func must(t testing.TB) func(*seal.Keyring, error) *seal.Keyring {
	return func(k *seal.Keyring, err error) *seal.Keyring {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
}

func (w *world) check(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) box(author, audience string) *box { return w.boxOf(author, audience, 1) }

func (w *world) boxOf(author, audience string, generation int) *box {
	o := seal.Origin{Author: author, Audience: audience, Generation: generation}
	if w.boxes[o.String()] == nil {
		w.boxes[o.String()] = newBox(o)
	}
	return w.boxes[o.String()]
}

func newBox(o seal.Origin) *box {
	return &box{origin: o, tree: outbox.OpenTree(0, func(outbox.TileID) ([]byte, error) { return nil, nil })}
}

// ringOf gives the keys of a generation: aa has others from the second on.
func (w *world) ringOf(o seal.Origin) *seal.Keyring {
	if o.Author == aa && o.Generation > 1 {
		return w.later
	}
	return w.rings[o.Author]
}

// write signs a record into the outbox of author to audience.
func (w *world) write(author, audience string, f record.Fields) *entry {
	w.t.Helper()
	return w.writeInto(w.rings[author], w.box(author, audience), f)
}

func (w *world) writeInto(ring *seal.Keyring, b *box, f record.Fields) *entry {
	w.t.Helper()
	compose := record.Compose
	if !record.Known(f.Text("act"), f.Text("kind")) {
		compose = record.ComposeUnknown
	}
	c, err := compose(f, w.rand)
	w.check(err)
	// The stored content is not in a bundle, so any stands for it here.
	r, err := c.Sign(b.origin.String(), ring.Keys().RecordKeyID(), record.DigestOf(c.Content()), ring.SignRecord)
	w.check(err)
	o, err := r.Open(c.Content())
	w.check(err)
	w.check(b.tree.Append(r.LeafHash()))
	e := &entry{box: b, index: b.tree.Size() - 1, opened: o}
	b.entries = append(b.entries, e)
	return e
}

// head signs the head of a box.
func (w *world) head(b *box, at time.Time) seal.Checkpoint {
	w.t.Helper()
	root, err := b.tree.Root()
	w.check(err)
	cp, err := w.ringOf(b.origin).SignHead(seal.Head{Origin: b.origin.String(), Size: b.tree.Size(), Root: root}, at)
	w.check(err)
	return cp
}

// received has a party give a receipt over a head.
func (w *world) received(cp seal.Checkpoint, by string, at time.Time) string {
	w.t.Helper()
	r, err := w.rings[by].Countersign(cp, at)
	w.check(err)
	return string(seal.Countersigned(cp, r))
}

// exhibit shows fields of an entry under checkpoint number n, of this size.
func (w *world) exhibit(e *entry, n int, size int64, names ...string) Exhibit {
	w.t.Helper()
	proof, err := e.box.tree.ProveInclusion(e.index, size)
	w.check(err)
	shown, err := e.opened.Present(names)
	w.check(err)
	return Exhibit{Checkpoint: n, Index: e.index, Proof: proof, Record: shown}
}

// profile returns the profile file of a party.
func (w *world) profile(name string) string {
	w.t.Helper()
	return w.profileBy(w.rings[name], w.box(name, seal.Public), profileFields(w.rings[name]))
}

func (w *world) profileBy(ring *seal.Keyring, b *box, f record.Fields) string {
	w.t.Helper()
	file, err := w.writeInto(ring, b, f).opened.Present([]string{"*"})
	w.check(err)
	return file
}

func profileFields(ring *seal.Keyring) record.Fields {
	titles := map[string]string{aa: "CERT of Aland", bb: "CSIRT of Borduria", cc: "Ministry of Cagliostro", rr: "Relay of Ruritania"}
	f := envelope("profile", morning.Add(-24*time.Hour))
	f.SetText("class", "service")
	f.SetText("tlp", "clear")
	f.SetText("party", ring.Party())
	f.SetText("title", titles[ring.Party()])
	f.SetText("party_kind", "csirt")
	f.SetText("jurisdiction", "AA")
	f.SetText("endpoint", "https://"+ring.Party()+":8443")
	f["keys"] = ring.Keys().JSON()
	f.SetTime("keys_valid_until", morning.Add(365*24*time.Hour))
	f.SetText("receipt_statement", "Our node has stored these entries and their content durably. No person has read them by that.")
	f.SetTexts("accepts", "mitigate", "clarify")
	return f
}

func envelope(act string, released time.Time) record.Fields {
	f := record.Fields{}
	f.SetText("act", act)
	f.SetText("class", "substantive")
	f.SetText("channel", "technical")
	f.SetTime("drafted_at", released.Add(-2*time.Minute))
	f.SetTime("released_at", released)
	f.SetText("released_by", "duty officer")
	f.SetText("language", "en")
	f.SetText("tlp", "amber")
	return f
}

func appealFields(released time.Time) record.Fields {
	f := envelope("appeal", released)
	f.SetText("tlp", "amber+strict")
	f.SetText("kind", "mitigate")
	f.SetText("subject", "Command servers in your networks")
	f.SetText("summary", "Three hosts direct an attack on hospitals.\nWe see them since 11 July.")
	f.SetText("requested_action", "Block the three hosts, and tell us.")
	f.SetText("competence", "national CSIRT of the networks named")
	f.SetTexts("legal_basis", "A/RES/70/237, norm 13(h)", "voluntary")
	f.SetText("urgency", "urgent")
	f.SetText("urgency_reason", "hospitals are affected")
	f.SetTime("acknowledge_by", released.Add(4*time.Hour))
	f.SetTime("reply_by", released.Add(24*time.Hour))
	f.SetObservables("targets", record.Observable{Type: "ipv4", Value: "203.0.113.7", Port: 443},
		record.Observable{Type: "domain", Value: "c2.example.net", Note: "answers beacons"},
		record.Observable{Type: "ipv4", Value: "203.0.113.9"})
	f.SetText("measure", "block")
	f.SetTexts("evidence", "packet capture 17")
	f.SetText("harm", "two hospitals postpone operations")
	return f
}

func replyFields(act string, to record.Ref, released time.Time) record.Fields {
	f := envelope(act, released)
	f.SetRef("in_reply_to", to)
	switch act {
	case "answer":
		f.SetText("finality", "final")
		f.SetText("outcome", "done")
		f.SetText("text", "The three hosts are blocked at our border.")
	case "refuse":
		f.SetText("code", "no-legal-basis")
		f.SetText("reason", "No instrument obliges us.")
		f.SetBool("consulted_on_conditions", false)
	case "withdraw":
		f.SetText("reason", "The attack has ended.")
	}
	return f
}

// dispute is the bundle that settles a dispute: an appeal, its
// acknowledgement and its answer, all received, with both profiles.
func (w *world) dispute() *Bundle {
	w.t.Helper()
	w.write(aa, bb, pingFields(morning.Add(-time.Hour)))
	appeal := w.write(aa, bb, appealFields(morning))
	sent := w.received(w.head(appeal.box, morning.Add(time.Minute)), bb, morning.Add(2*time.Minute))
	ack := w.write(bb, aa, replyFields("acknowledge", appeal.ref(), morning.Add(time.Hour)))
	answer := w.write(bb, aa, replyFields("answer", appeal.ref(), morning.Add(5*time.Hour)))
	back := w.received(w.head(ack.box, morning.Add(5*time.Hour+time.Minute)), aa, morning.Add(5*time.Hour+2*time.Minute))
	return &Bundle{
		Profiles:    []string{w.profile(aa), w.profile(bb)},
		Checkpoints: []string{sent, back},
		Records:     []Exhibit{w.exhibit(appeal, 0, 2, "*"), w.exhibit(ack, 1, 2, "*"), w.exhibit(answer, 1, 2, "*")},
	}
}

func pingFields(released time.Time) record.Fields {
	f := envelope("ping", released)
	f.SetText("class", "test")
	f.SetText("nonce", "17")
	return f
}

// parts is a bundle of what is shown in part, with aa's profile only.
func (w *world) parts() *Bundle {
	w.t.Helper()
	appeal := w.write(aa, bb, appealFields(morning))
	unread := w.write(aa, bb, appealFields(morning.Add(time.Hour)))
	withdraw := w.write(aa, bb, replyFields("withdraw", appeal.ref(), morning.Add(2*time.Hour)))
	future := envelope("recall", morning.Add(3*time.Hour))
	future.SetText("to_whom", "another authority")
	redirect := w.write(aa, bb, future)
	note := w.received(w.head(appeal.box, morning.Add(4*time.Hour)), bb, morning.Add(4*time.Hour))
	return &Bundle{
		Profiles:    []string{w.profile(aa)},
		Checkpoints: []string{note},
		Records: []Exhibit{
			w.exhibit(appeal, 0, 4, "act", "kind", "tlp", "targets[1]", "legal_basis", "released_at"),
			w.exhibit(unread, 0, 4),
			w.exhibit(withdraw, 0, 4, "act", "tlp"),
			w.exhibit(redirect, 0, 4, "act", "to_whom"),
		},
	}
}

// forked is a bundle in which aa signed two histories: evidence for sizes 1
// and 2, two heads of size 2, and two records at index 1.
func (w *world) forked() *Bundle {
	w.t.Helper()
	o := seal.Origin{Author: aa, Audience: bb, Generation: 1}
	one, two := newBox(o), newBox(o)
	w.writeInto(w.rings[aa], one, pingFields(morning))
	small := w.head(one, morning.Add(time.Minute))
	second := w.writeInto(w.rings[aa], one, pingFields(morning))
	head1 := w.head(one, morning.Add(2*time.Minute))
	w.writeInto(w.rings[aa], two, pingFields(morning))
	other := w.writeInto(w.rings[aa], two, appealFields(morning))
	head2 := w.head(two, morning.Add(3*time.Minute))
	root, err := two.tree.RootAt(1)
	w.check(err)
	proof, err := two.tree.ProveConsistency(1, 2)
	w.check(err)
	b := &Bundle{
		Profiles:    []string{w.profile(aa)},
		Checkpoints: []string{string(head1.Note), string(head2.Note)},
		Records:     []Exhibit{w.exhibit(second, 0, 2, "*"), w.exhibit(other, 1, 2, "act", "kind", "subject")},
		Forks:       []ForkExhibit{{A: string(small.Note), B: string(head2.Note), Proof: append([][32]byte{root}, proof...)}},
	}
	sorted, err := b.sorted()
	w.check(err)
	return sorted
}

// public is a bundle of a public record: aa's profile in its register.
func (w *world) public() *Bundle {
	w.t.Helper()
	file := w.profile(aa)
	e := w.box(aa, seal.Public).entries[0]
	return &Bundle{
		Profiles:    []string{file},
		Checkpoints: []string{string(w.head(e.box, morning).Note)},
		Records:     []Exhibit{w.exhibit(e, 0, 1, "*")},
	}
}

// register is public, with less shown.
func (w *world) register() *Bundle {
	w.t.Helper()
	b := w.public()
	b.Records[0] = w.exhibit(w.box(aa, seal.Public).entries[0], 0, 1, "act", "party", "title", "accepts[1]")
	return b
}

// trust vouches for the keys of parties.
func (w *world) trust(parties ...string) *Trust {
	list := &Trust{}
	for _, p := range parties {
		list.Keys = append(list.Keys, VouchedKeys{Party: p, Fingerprint: seal.Fingerprint(p, w.rings[p].Keys())})
	}
	return list
}

func (w *world) encode(b *Bundle) []byte {
	w.t.Helper()
	file, err := b.Encode()
	w.check(err)
	return file
}

func (w *world) judge(b *Bundle, trusted ...*Trust) *Verdict {
	w.t.Helper()
	v, err := Judge(b, slices.Concat(trusted, []*Trust{nil})[0])
	w.check(err)
	return v
}
