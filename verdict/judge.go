package verdict

import (
	"encoding/base64"

	"verbale/outbox"
	"verbale/record"
	"verbale/seal"
)

// Trust is what the person verifying vouches for. Nil is nothing.
type Trust struct {
	Keys []VouchedKeys
	// Policy says which witnesses are believed, and how many are enough (K-21).
	Policy *seal.Policy
}

// VouchedKeys are keys of a party, by their fingerprint (K-16): they were
// compared over a channel that the person verifying trusts. A party may have
// several, old and new.
type VouchedKeys struct {
	Party       string
	Fingerprint [32]byte
}

// Judge says what a bundle proves (B-2 to B-18). The first bad item sinks the
// bundle: then the error is an [*Error] and there is no verdict.
//
// The order of items in the bundle does not change the verdict.
func Judge(b *Bundle, trusted *Trust) (*Verdict, error) {
	if err := b.check(); err != nil {
		return nil, err
	}
	j := newJudge(trusted)
	for _, read := range []func(*Bundle) error{j.readProfiles, j.readWitnesses, j.readCheckpoints, j.readRecords, j.readForks, j.readBeats} {
		if err := read(b); err != nil {
			return nil, err
		}
	}
	if err := j.weigh(); err != nil {
		return nil, err
	}
	return j.conclude(), nil
}

// A judge holds what was verified of a bundle.
type judge struct {
	trusted     *Trust
	roster      roster
	witnesses   map[string][]seal.Cosigner // by name and key id
	checkpoints []*checkpoint              // as in the bundle
	signed      map[seal.Head]*signed
	exhibits    []*exhibit
	forks       []ForkFinding
	beats       []beat

	known        []*known // in the order of the exhibits
	byPlace      map[Place]*known
	openings     map[*signed][]*opening
	best         map[holder]*opening
	changes      []*change
	designations map[post][]designation
}

func newJudge(trusted *Trust) *judge {
	if trusted == nil {
		trusted = &Trust{}
	}
	return &judge{
		trusted: trusted, roster: make(roster), witnesses: make(map[string][]seal.Cosigner), signed: make(map[seal.Head]*signed),
		byPlace: make(map[Place]*known), openings: make(map[*signed][]*opening), designations: make(map[post][]designation),
	}
}

// weigh puts what was verified side by side: what dates what, which keys
// follow which, who holds what.
func (j *judge) weigh() error {
	j.sortExhibits()
	j.gather()
	if err := j.readDates(); err != nil {
		return err
	}
	j.readOpenings()
	j.readChanges()
	if err := j.linkKeys(); err != nil {
		return err
	}
	j.dateRecords()
	j.readDesignations()
	for _, k := range j.known {
		k.oldKeys = j.recordKeys(k)
		j.hold(k)
	}
	return nil
}

// conclude makes the verdict of it.
func (j *judge) conclude() *Verdict {
	j.findForks()
	v := &Verdict{
		Parties: j.parties(), KeyChanges: j.changeFindings(), Forks: j.forks, TakenBack: j.takenBack(), Clocks: j.clocks(),
		Records: j.records(), Channel: j.channel(), Witnesses: j.witnessFindings(), VouchedNotHere: j.notHere(),
	}
	v.Cases = j.cases(v.Records)
	v.RestsOn = english().restsOn(v)
	v.NotProved = english().notProvedBy(v)
	return v
}

// An exhibit is a verified record under a verified checkpoint.
type exhibit struct {
	cp     *checkpoint
	text   string
	index  int64
	leaf   [32]byte
	at     Place
	opened *record.Opened
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
	x.at = Place{Outbox: cp.Origin, Index: e.Index, Leaf: b64u(x.leaf)}
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

func b64u(hash [32]byte) string { return base64.RawURLEncoding.EncodeToString(hash[:]) }

func b64(hash [32]byte) string { return base64.StdEncoding.EncodeToString(hash[:]) }
