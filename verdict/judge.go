package verdict

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"slices"
	"strings"

	"verbale/outbox"
	"verbale/record"
	"verbale/seal"
)

// Trust is what the person verifying vouches for. Nil is nothing.
type Trust struct {
	Keys []VouchedKeys
}

// VouchedKeys are keys of a party, by their fingerprint (K-16): they were
// compared over a channel that the person verifying trusts. A party may have
// several, old and new.
type VouchedKeys struct {
	Party       string
	Fingerprint [32]byte
}

// Judge says what a bundle proves (B-2 to B-9). The first bad item sinks the
// bundle: then the error is an [*Error] and there is no verdict.
//
// The order of items in the bundle does not change the verdict.
func Judge(b *Bundle, trusted *Trust) (*Verdict, error) {
	if trusted == nil {
		trusted = &Trust{}
	}
	if err := b.check(); err != nil {
		return nil, err
	}
	j := &judge{profiles: make(map[string]*party)}
	for _, read := range []func(*Bundle) error{
		func(b *Bundle) error { return j.readProfiles(b, trusted.Keys) }, j.readCheckpoints, j.readRecords, j.readForks,
	} {
		if err := read(b); err != nil {
			return nil, err
		}
	}
	v := j.conclude()
	v.VouchedNotHere = j.notHere(trusted.Keys)
	return v, nil
}

// A judge holds what was verified of a bundle.
type judge struct {
	profiles    map[string]*party
	checkpoints []*checkpoint // as in the bundle
	exhibits    []*exhibit
	forks       []ForkFinding
}

// A party is a verified profile.
type party struct {
	Profile
	vouched bool
}

// A checkpoint is a verified head with the receipt over it, if there is one.
type checkpoint struct {
	seal.Checkpoint
	origin      seal.Origin
	author      *party
	audience    *party // nil if its profile is not in the bundle
	receipt     *seal.Receipt
	notReceived NoReceipt
}

// An exhibit is a verified record under a verified checkpoint.
type exhibit struct {
	cp     *checkpoint
	text   string
	index  int64
	leaf   [32]byte
	opened *record.Opened
}

// readProfiles checks B-2, and that keys vouched for are the ones used (B-7).
func (j *judge) readProfiles(b *Bundle, trusted []VouchedKeys) error {
	for i, file := range b.Profiles {
		item := place("profiles", i)
		p, err := openProfile(item, file)
		if err != nil {
			return err
		}
		if old := j.profiles[p.Party]; old != nil && old.File != file {
			return badProfile(item, "there are two different profiles of %s; a bundle rests on one of each party", p.Party)
		}
		vouched, err := isVouched(item, p, trusted)
		if err != nil {
			return err
		}
		j.profiles[p.Party] = &party{p, vouched}
	}
	return nil
}

// isVouched reports whether the person verifying supplied these keys. If only
// other keys of the same party were supplied, somebody is not who they say.
func isVouched(item string, p Profile, trusted []VouchedKeys) (bool, error) {
	named := false
	for _, t := range trusted {
		if t.Party != p.Party {
			continue
		}
		if t.Fingerprint == p.Fingerprint {
			return true, nil
		}
		named = true
	}
	if named {
		return false, fail(KindTrust, item, "B-7", "the person verifying vouches for other keys of %s than those in this file, whose words are: %s; "+
			"either the file is not by %s, or it rests on keys of another time: ask %s which keys it had",
			p.Party, strings.Join(p.Words, " "), p.Party, p.Party)
	}
	return false, nil
}

// notHere names the parties vouched for that have no profile in the bundle.
func (j *judge) notHere(trusted []VouchedKeys) (names []string) {
	for _, t := range trusted {
		if j.profiles[t.Party] == nil {
			names = append(names, t.Party)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// readCheckpoints checks B-3.
func (j *judge) readCheckpoints(b *Bundle) error {
	for i, note := range b.Checkpoints {
		cp, err := j.openCheckpoint(KindCheckpoint, place("checkpoints", i), "B-3", note)
		if err != nil {
			return err
		}
		if err := cp.openReceipt(place("checkpoints", i), note); err != nil {
			return err
		}
		j.checkpoints = append(j.checkpoints, cp)
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
	author := j.profiles[origin.Author]
	if author == nil {
		return nil, fail(kind, item, rule, "expected the profile of %s in the bundle, the author of this checkpoint; add it", origin.Author)
	}
	cp, err := author.Keys.OpenCheckpoint([]byte(note))
	if err != nil {
		return nil, fail(kind, item, rule, "expected the signatures of both log keys of %s", origin.Author).because(err)
	}
	return &checkpoint{Checkpoint: cp, origin: origin, author: author, audience: j.profiles[origin.Audience]}, nil
}

// openReceipt looks at what stands below the log's own lines: nothing, or the
// receipt of the audience.
func (cp *checkpoint) openReceipt(item, note string) error {
	lines, ok := strings.CutPrefix(note, string(cp.Note))
	switch {
	case !ok:
		return fail(KindCheckpoint, item, "B-3", "expected the two lines of the log first, the Ed25519 one before the other, in their one spelling")
	case cp.origin.Audience == seal.Public && lines == "":
		cp.notReceived = NoAudience
		return nil
	case lines == "":
		cp.notReceived = NoReceiptLines
		return nil
	case cp.origin.Audience == seal.Public:
		return fail(KindReceipt, item, "B-3", "nobody in particular receives a public outbox, so its checkpoints carry no lines but the log's; leave the others out")
	case cp.audience == nil:
		cp.notReceived = NoReceiptKeys
		return checkReceiptLines(item, lines, cp.origin.Audience)
	}
	r, err := cp.audience.Keys.OpenReceipt(cp.origin.Audience, []byte(note), cp.Head)
	if err != nil {
		return fail(KindReceipt, item, "B-3", "the lines below those of the log are no receipt of %s, to whom this outbox is addressed", cp.origin.Audience).because(err)
	}
	if !bytes.Equal(r.Lines, []byte(lines)) {
		return fail(KindReceipt, item, "B-3", "expected the two lines of the receipt of %s and no others, the Ed25519 one first, in their one spelling", cp.origin.Audience)
	}
	cp.receipt = &r
	return nil
}

// checkReceiptLines holds lines that cannot be verified, for want of keys,
// against the form of a receipt.
func checkReceiptLines(item, lines, audience string) error {
	prefix := "— " + audience + "/receipt "
	first, second, _ := strings.Cut(lines, "\n")
	if !strings.HasPrefix(first, prefix) || !strings.HasPrefix(second, prefix) ||
		strings.Count(second, "\n") != 1 || !strings.HasSuffix(second, "\n") {
		return fail(KindReceipt, item, "B-3", "expected two lines of %s/receipt below those of the log, or none", audience)
	}
	return nil
}

// readRecords checks B-4.
func (j *judge) readRecords(b *Bundle) error {
	for i, e := range b.Records {
		x, err := j.openExhibit(i, e)
		if err != nil {
			return err
		}
		j.exhibits = append(j.exhibits, x)
	}
	return nil
}

func (j *judge) openExhibit(i int, e Exhibit) (*exhibit, error) {
	item := place("records", i)
	if e.Checkpoint < 0 || e.Checkpoint >= len(j.checkpoints) {
		return nil, noCheckpoint(i, e.Checkpoint, len(j.checkpoints))
	}
	cp := j.checkpoints[e.Checkpoint]
	o, err := record.ParsePresentation(e.Record)
	if err != nil {
		return nil, fail(KindRecord, item+".record", "B-4", "expected a record, whole or in part").because(err)
	}
	if o.Record.Outbox() != cp.Origin {
		return nil, fail(KindRecord, item, "B-4", "the record was written into the outbox %s, its checkpoint is of %s", o.Record.Outbox(), cp.Origin)
	}
	if err := verifyRecord(cp.author.Keys, o.Record); err != nil {
		return nil, fail(KindRecord, item+".record", "B-4", "expected the signature of the record key of %s", cp.origin.Author).because(err)
	}
	x := &exhibit{cp: cp, text: e.Record, index: e.Index, leaf: o.Record.LeafHash(), opened: o}
	if err := outbox.CheckInclusion(e.Proof, cp.Size, cp.Root, e.Index, x.leaf); err != nil {
		return nil, fail(KindProof, item+".proof", "B-4", "expected a proof that the record is entry %d of the %d under the checkpoint", e.Index, cp.Size).because(err)
	}
	return x, nil
}

// readForks checks O-6.
func (j *judge) readForks(b *Bundle) error {
	for i, f := range b.Forks {
		item := place("forks", i)
		first, err := j.openCheckpoint(KindFork, item+".a", "O-6", f.A)
		if err != nil {
			return err
		}
		second, err := j.openCheckpoint(KindFork, item+".b", "O-6", f.B)
		if err != nil {
			return err
		}
		evidence := outbox.Fork{A: []byte(f.A), B: []byte(f.B), Proof: f.Proof}
		if err := evidence.Check(first.author.Keys); err != nil {
			return fail(KindFork, item, "O-6", "expected evidence of two logs, but these two checkpoints can belong to one, or the proof is wrong").because(err)
		}
		j.forks = append(j.forks, forkOf(ForkEvidence, first, second))
	}
	return nil
}

// conclude makes the verdict of what was verified.
func (j *judge) conclude() *Verdict {
	j.sortExhibits()
	j.findForks()
	v := &Verdict{Parties: j.parties(), Records: j.records(), Forks: j.forks}
	v.Cases = j.cases(v.Records)
	v.RestsOn = english().restsOn(v.Parties)
	v.NotProved = english().notProvedBy(v)
	return v
}

// sortExhibits brings them into the order of B-5 and drops repetitions.
func (j *judge) sortExhibits() {
	compare := func(a, b *exhibit) int {
		return cmp.Or(cmp.Compare(a.cp.Origin, b.cp.Origin), cmp.Compare(a.index, b.index), bytes.Compare(a.leaf[:], b.leaf[:]), cmp.Compare(a.cp.Size, b.cp.Size),
			cmp.Compare(a.text, b.text), a.cp.compare(b.cp))
	}
	slices.SortFunc(j.exhibits, compare)
	j.exhibits = slices.CompactFunc(j.exhibits, func(a, b *exhibit) bool { return compare(a, b) == 0 })
}

// compare orders checkpoints by origin, size, bytes, and receipt.
func (cp *checkpoint) compare(o *checkpoint) int {
	return cmp.Or(cmp.Compare(cp.Origin, o.Origin), cmp.Compare(cp.Size, o.Size), bytes.Compare(cp.Note, o.Note),
		bytes.Compare(cp.receiptLines(), o.receiptLines()), cmp.Compare(cp.notReceived, o.notReceived))
}

func (cp *checkpoint) receiptLines() []byte {
	if cp.receipt == nil {
		return nil
	}
	return cp.receipt.Lines
}

// bases names the keys of parties, without repetition.
func bases(parties ...*party) []Basis {
	var list []Basis
	for _, p := range parties {
		if p == nil {
			continue
		}
		b := Basis{Party: p.Party, Words: strings.Join(p.Words, " "), Vouched: p.vouched}
		if !slices.Contains(list, b) {
			list = append(list, b)
		}
	}
	return list
}

func b64u(hash [32]byte) string { return base64.RawURLEncoding.EncodeToString(hash[:]) }

func b64(hash [32]byte) string { return base64.StdEncoding.EncodeToString(hash[:]) }
