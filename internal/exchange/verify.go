package exchange

import (
	"cmp"
	"runtime"
	"sync"
	"time"

	"verbale/outbox"
	"verbale/record"
	"verbale/seal"
)

// A Mirror is what the receiver holds of an outbox before a batch.
type Mirror struct {
	Origin seal.Origin
	Head   seal.Head       // size 0 with the empty root where nothing was received yet
	Note   []byte          // the author's signed checkpoint over Head; nil at size 0
	Tiles  outbox.ReadTile // the tree below Head
	// ReceiptAt gives the receipt that was issued at exactly this size, as a note, or nil.
	ReceiptAt func(size int64) ([]byte, error)
	// Newest is the newest receipt issued, as a note, or nil.
	Newest []byte
	// Terms are those of a relay; nil for the audience itself.
	Terms *Terms
}

// An Author is who the entries must come from.
type Author struct {
	Party      string
	Keys       seal.Keys
	ValidUntil time.Time // keys sign nothing new after it
}

// Advance is a verified step of a mirror. Only Verify fills one; the zero value advances nothing.
type Advance struct {
	origin     seal.Origin
	base       int64
	checkpoint seal.Checkpoint
	records    []*record.Record
	contents   [][]byte
	tiles      map[outbox.TileID][]byte
	audience   seal.Receipt
}

// Origin is the outbox that advances.
func (a *Advance) Origin() seal.Origin { return a.origin }

// Base is the size that the mirror must still have when the step is stored.
func (a *Advance) Base() int64 { return a.base }

// Checkpoint is the author's signed head after the step.
func (a *Advance) Checkpoint() seal.Checkpoint { return a.checkpoint }

// Records are the new leaves, the first at index Base.
func (a *Advance) Records() []*record.Record { return a.records }

// Contents are the stored contents of Records, in the same order. At a relay one may be nil (L-6).
func (a *Advance) Contents() [][]byte { return a.contents }

// Tiles are the tiles of the tree that the step changes, whole.
func (a *Advance) Tiles() map[outbox.TileID][]byte { return a.tiles }

// Audience is the receipt of the audience over Checkpoint that came with a batch for a relay (L-6); the zero Receipt where none did.
func (a *Advance) Audience() seal.Receipt { return a.audience }

// ForkError is the evidence that an author signed two logs. It is a value to keep, not a failure to retry.
type ForkError struct {
	*Problem
	Evidence outbox.Fork
}

// Error is that of the Problem; only the pointer is an error.
func (e *ForkError) Error() string { return e.Problem.Error() }

// Unwrap gives the Problem that tells the peer.
func (e *ForkError) Unwrap() error { return e.Problem }

// Resend is what Verify answers to a batch that the mirror holds already: the receipt of then.
type Resend struct{ Receipt []byte }

// Verify holds b against the mirror at the time now. Exactly one of the three results is not nil.
func Verify(m Mirror, author Author, b *Batch, now time.Time) (*Advance, *Resend, error) {
	if err := b.check(); err != nil {
		return nil, nil, err
	}
	cp, err := author.open(m.Origin, b, now)
	if err != nil {
		return nil, nil, err
	}
	switch {
	case b.Start == m.Head.Size && cp.Size > m.Head.Size:
		adv, err := advance(m, author, b, cp)
		return adv, nil, err
	case cp.Size <= m.Head.Size:
		re, err := resend(m, cp)
		return nil, re, err
	}
	return nil, nil, m.elsewhere()
}

// open checks the checkpoint's signatures, the author's validity and the batch's arithmetic.
func (a Author) open(origin seal.Origin, b *Batch, now time.Time) (seal.Checkpoint, error) {
	cp, err := a.Keys.OpenCheckpoint(b.Note)
	if err != nil {
		return cp, Refuse(BadSignature, "K-9", err, "the checkpoint does not bear the two valid signatures of %s's log keys", a.Party)
	}
	if cp.Origin != origin.String() || origin.Author != a.Party {
		return cp, Refuse(NotYours, "X-2", nil, "the checkpoint is of another outbox than the one pushed")
	}
	if !a.ValidUntil.IsZero() && now.After(a.ValidUntil) {
		return cp, Refuse(ExpiredKey, "X-3", nil, "the keys of %s were valid until %s: a new profile is needed",
			a.Party, a.ValidUntil.UTC().Format(time.RFC3339))
	}
	if cp.Size != b.Start+int64(len(b.Entries)) {
		return cp, Refuse(Malformed, "X-5", nil, "the batch ends at %d but its checkpoint has size %d", b.Start+int64(len(b.Entries)), cp.Size)
	}
	return cp, nil
}

// elsewhere tells the sender where this mirror stands.
func (m Mirror) elsewhere() *Problem {
	p := Refuse(BehindOrAhead, "X-5", nil, "this end holds %d entries of that outbox: continue there", m.Head.Size)
	p.Size, p.Receipt = m.Head.Size, m.Newest
	return p
}

// damaged says that our own copy is not what it was: nobody else is to blame, and nothing is evidence.
func damaged(err error) *Problem {
	return Refuse(Internal, "", err, "this end could not read its own copy; run fsck here")
}

func resend(m Mirror, cp seal.Checkpoint) (*Resend, error) {
	tree := outbox.OpenTree(m.Head.Size, m.Tiles)
	root, err := tree.RootAt(cp.Size)
	if err != nil {
		return nil, damaged(err)
	}
	if root != cp.Root {
		return nil, m.fork(tree, root, cp)
	}
	receipt, err := m.ReceiptAt(cp.Size)
	if err != nil {
		return nil, Refuse(Internal, "", err, "this end could not read its own receipts; run fsck here")
	}
	if receipt == nil {
		return nil, m.elsewhere()
	}
	return &Resend{Receipt: receipt}, nil
}

// fork puts the evidence together: the author's checkpoint that we hold, the one that came, and the proof that
// the first has root at the size of the second. The proof is checked first: tiles that rotted here accuse nobody.
func (m Mirror) fork(tree *outbox.Tree, root [32]byte, cp seal.Checkpoint) error {
	path, err := tree.ProveConsistency(cp.Size, m.Head.Size)
	if err == nil {
		err = outbox.CheckConsistency(path, m.Head.Size, m.Head.Root, cp.Size, root)
	}
	if err != nil {
		return damaged(err)
	}
	var proof [][32]byte
	if cp.Size < m.Head.Size {
		proof = append([][32]byte{root}, path...)
	}
	p := Refuse(ForkFound, "O-6", nil, "two different heads of size %d are signed for this outbox; both are kept as evidence", cp.Size)
	p.Ours, p.Theirs = m.Note, cp.Note
	return &ForkError{Problem: p, Evidence: outbox.Fork{A: cp.Note, B: m.Note, Proof: proof}}
}

// badRoot refuses entries that do not give the signed root, if it is not our own copy that fails.
func (m Mirror) badRoot(cp seal.Checkpoint) *Problem {
	if root, err := outbox.OpenTree(m.Head.Size, m.Tiles).Root(); err != nil || root != m.Head.Root {
		return damaged(err)
	}
	p := Refuse(BadRoot, "X-7", nil, "these entries after the %d that this end holds do not give the root that the checkpoint signs", m.Head.Size)
	p.Ours, p.Theirs = m.Note, cp.Note
	return p
}

func advance(m Mirror, author Author, b *Batch, cp seal.Checkpoint) (*Advance, error) {
	audience, err := m.Terms.open(b.Note, cp)
	if err != nil {
		return nil, err
	}
	received := len(audience.Lines) > 0
	if err := m.Terms.room(b, received); err != nil {
		return nil, err
	}
	records, err := verifyEntries(author, m.Origin.String(), b, received)
	if err != nil {
		return nil, err
	}
	tree := outbox.OpenTree(m.Head.Size, m.Tiles)
	for _, r := range records {
		if err := tree.Append(r.LeafHash()); err != nil {
			return nil, damaged(err)
		}
	}
	root, err := tree.Root()
	if err != nil {
		return nil, damaged(err)
	}
	if root != cp.Root {
		return nil, m.badRoot(cp)
	}
	adv := &Advance{origin: m.Origin, base: m.Head.Size, checkpoint: cp, records: records, tiles: tree.Changed(), audience: audience}
	for _, e := range b.Entries {
		adv.contents = append(adv.contents, e.Content)
	}
	return adv, nil
}

// verifyEntries checks every leaf and content, on all processors. The fault reported is the first by index among the
// leaves, and only if there is none the first among the contents. received: contents may be absent (L-6).
func verifyEntries(author Author, origin string, b *Batch, received bool) ([]*record.Record, error) {
	records := make([]*record.Record, len(b.Entries))
	leaves, contents := make([]error, len(b.Entries)), make([]error, len(b.Entries))
	workers := min(runtime.GOMAXPROCS(0), len(b.Entries))
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for i := w; i < len(b.Entries); i += workers {
				index := b.Start + int64(i)
				if records[i], leaves[i] = verifyLeaf(author, origin, index, b.Entries[i].Leaf); leaves[i] == nil && (len(b.Entries[i].Content) > 0 || !received) {
					contents[i] = verifyContent(records[i], index, b.Entries[i].Content)
				}
			}
		})
	}
	wg.Wait()
	return records, cmp.Or(firstOf(leaves), firstOf(contents))
}

func firstOf(faults []error) error {
	for _, err := range faults {
		if err != nil {
			return err
		}
	}
	return nil
}

func verifyLeaf(author Author, origin string, index int64, leaf []byte) (*record.Record, error) {
	r, err := record.Parse(leaf)
	if err != nil {
		return nil, Refuse(BadLeaf, "X-3", err, "entry %d is not a record", index)
	}
	if r.Outbox() != origin {
		return nil, Refuse(BadLeaf, "O-1", nil, "entry %d was written for another outbox", index)
	}
	if r.KeyID() != author.Keys.RecordKeyID() {
		return nil, Refuse(BadLeaf, "R-4", nil, "entry %d is signed with a key that is not %s's record key", index, author.Party)
	}
	if err := author.Keys.VerifyRecord(r.SigningInput(), r.Signature()); err != nil {
		return nil, Refuse(BadSignature, "R-4", err, "the signature of entry %d is not valid", index)
	}
	return r, nil
}

func verifyContent(r *record.Record, index int64, content []byte) error {
	if len(content) == 0 {
		return Refuse(BadContent, "X-15", nil, "entry %d comes without its content", index)
	}
	if record.DigestOf(content) != r.Stored() {
		return Refuse(BadContent, "R-5", nil, "the content of entry %d is not the one that its leaf names", index)
	}
	return nil
}
