package store

import (
	"crypto/sha256"
	"database/sql"
	"maps"
	"slices"

	"verbale/internal/exchange"
	"verbale/outbox"
	"verbale/seal"
)

// An Outbox is the state of one log: one that we write, or the mirror of one that is written to us.
type Outbox struct {
	ID        int64
	Origin    seal.Origin
	Own       bool
	Head      seal.Head // size 0 and the empty root where nothing is in it
	Note      []byte    // the newest signed checkpoint, log lines only; nil when there is none
	Receipted int64     // size of the newest receipt: own, given by the audience; mirror, given by us
	Receipt   []byte    // that receipt as a note (checkpoint and receipt lines); nil when there is none
	Stopped   string    // "" while open, else why nothing is signed or pushed any more
}

// A NewLeaf is an entry to append. Content is nil only where it was erased already (an outbox that is recovered from a mirror).
type NewLeaf struct{ Leaf, Content []byte }

const (
	sqlSelectOutbox = `SELECT o.id, o.origin, o.own, o.size, o.root, o.receipted, o.stopped, c.note, r.note, r.receipt
FROM outboxes o
LEFT JOIN checkpoints c ON c.outbox = o.id AND c.size = o.size
LEFT JOIN checkpoints r ON r.outbox = o.id AND r.size = o.receipted`
	sqlOutboxByOrigin = sqlSelectOutbox + ` WHERE o.origin = $1`
	sqlOutboxByID     = sqlSelectOutbox + ` WHERE o.id = $1`
	sqlOutboxes       = sqlSelectOutbox + ` ORDER BY o.origin`

	sqlInsertOutbox = `INSERT INTO outboxes (origin, own, size, root, receipted, stopped) VALUES ($1, $2, 0, $3, 0, '')
ON CONFLICT (origin) DO NOTHING`
	sqlStopOutbox     = `UPDATE outboxes SET stopped = $1 WHERE id = $2`
	sqlMoveHead       = `UPDATE outboxes SET size = $1, root = $2 WHERE id = $3 AND size = $4 AND origin = $5 AND own AND stopped = ''`
	sqlMove           = `UPDATE outboxes SET size = $1, root = $2, receipted = COALESCE($3, receipted) WHERE id = $4 AND size = $5 AND own = $6`
	sqlRaiseReceipted = `UPDATE outboxes SET receipted = $1 WHERE id = $2 AND receipted < $1`

	sqlTile    = `SELECT hashes FROM tiles WHERE key = $1`
	sqlPutTile = `INSERT INTO tiles (key, hashes) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET hashes = excluded.hashes`
)

// CreateOutbox makes an empty outbox (own) or mirror. Conflict: there is one of this origin.
func (tx *Tx) CreateOutbox(origin seal.Origin, own bool) (Outbox, error) {
	n, err := tx.insertOutbox(origin.String(), own)
	if err != nil {
		return Outbox{}, err
	}
	if n == 0 {
		return Outbox{}, fail(Conflict, "there is an outbox %s already", origin)
	}
	return tx.checked(tx.Outbox(origin.String()))
}

func (tx *Tx) insertOutbox(origin string, own bool) (int64, error) {
	root := sha256.Sum256(nil)
	return tx.exec("making an outbox", sqlInsertOutbox, origin, own, root[:])
}

// checked refuses an outbox whose number does not fit into a row key.
func (tx *Tx) checked(o Outbox, err error) (Outbox, error) {
	if err == nil && o.ID > MaxOutboxes {
		return Outbox{}, fail(Full, "a node has at most %d outboxes", MaxOutboxes)
	}
	return o, err
}

// Outbox gives the outbox or mirror of this origin.
func (tx *Tx) Outbox(origin string) (Outbox, error) {
	return tx.outbox(sqlOutboxByOrigin, origin)
}

func (tx *Tx) outbox(q string, by any) (Outbox, error) {
	var r outboxRow
	found, err := tx.one("reading an outbox", q, []any{by}, r.cells()...)
	if err != nil {
		return Outbox{}, err
	}
	if !found {
		return Outbox{}, fail(NotFound, "there is no outbox %v here", by)
	}
	return r.outbox()
}

// Outboxes gives all, by origin.
func (tx *Tx) Outboxes() ([]Outbox, error) {
	var all []Outbox
	err := tx.each("listing the outboxes", sqlOutboxes, nil, func(rows *sql.Rows) error {
		var r outboxRow
		if err := rows.Scan(r.cells()...); err != nil {
			return wrap(err, "listing the outboxes")
		}
		o, err := r.outbox()
		all = append(all, o)
		return err
	})
	return all, err
}

// outboxRow is what sqlSelectOutbox gives.
type outboxRow struct {
	o                       Outbox
	origin                  string
	root                    []byte
	receiptNote, receiptSig []byte
}

func (r *outboxRow) cells() []any {
	return []any{&r.o.ID, &r.origin, &r.o.Own, &r.o.Head.Size, &r.root, &r.o.Receipted, &r.o.Stopped, &r.o.Note, &r.receiptNote, &r.receiptSig}
}

func (r *outboxRow) outbox() (Outbox, error) {
	origin, err := seal.ParseOrigin(r.origin)
	if err != nil || len(r.root) != sha256.Size {
		return Outbox{}, fail(Corrupt, "the row of outbox %d is damaged; %s", r.o.ID, rescue)
	}
	r.o.Origin, r.o.Head.Origin, r.o.Head.Root = origin, r.origin, [32]byte(r.root)
	if r.receiptSig != nil {
		r.o.Receipt = slices.Concat(r.receiptNote, r.receiptSig)
	}
	return r.o, nil
}

// StopOutbox keeps anything from being signed into this outbox; why is a sentence for the operator.
func (tx *Tx) StopOutbox(id int64, why string) error {
	if why == "" {
		return fail(Refused, "an outbox is stopped for a reason; give one")
	}
	return tx.setStopped(id, why)
}

// ResumeOutbox undoes StopOutbox.
func (tx *Tx) ResumeOutbox(id int64) error { return tx.setStopped(id, "") }

func (tx *Tx) setStopped(id int64, why string) error {
	n, err := tx.exec("stopping or resuming an outbox", sqlStopOutbox, why, id)
	if err == nil && n == 0 {
		return fail(NotFound, "there is no outbox %d here", id)
	}
	return err
}

// Append adds leaves at base to an outbox of our own, with the tiles that they change and the checkpoint that covers them.
// Conflict: the outbox has another size than base. Refused: it is a mirror, stopped, or the checkpoint is not of its end.
// The checkpoint may leave the process only after Update has returned nil.
func (tx *Tx) Append(id, base int64, leaves []NewLeaf, tiles map[outbox.TileID][]byte, cp seal.Checkpoint) error {
	if cp.Size != base+int64(len(leaves)) || base < 0 || cp.Size > MaxEntries || len(cp.Note) == 0 {
		return fail(Refused, "the checkpoint has size %d, but %d leaves at %d need one of %d", cp.Size, len(leaves), base, base+int64(len(leaves)))
	}
	if len(leaves) == 0 && base != 0 {
		return fail(Refused, "an append has leaves; only the empty outbox is signed without")
	}
	n, err := tx.exec("moving the head", sqlMoveHead, cp.Size, cp.Root[:], id, base, cp.Origin)
	if err != nil {
		return err
	}
	if n != 1 {
		return tx.whyNoAppend(id, base, cp.Origin)
	}
	for i, l := range leaves {
		if err := tx.insertEntry(leafKey(id, base+int64(i)), l.Leaf, l.Content); err != nil {
			return err
		}
	}
	return tx.cover(id, cp, seal.Receipt{}, tiles)
}

// whyNoAppend says why no row was changed.
func (tx *Tx) whyNoAppend(id, base int64, origin string) error {
	o, err := tx.outbox(sqlOutboxByID, id)
	switch {
	case err != nil:
		return err
	case !o.Own:
		return fail(Refused, "%s is a mirror: only a verified Advance adds to it", o.Origin)
	case o.Origin.String() != origin:
		return fail(Refused, "the checkpoint is of %s and the outbox is %s", origin, o.Origin)
	case o.Stopped != "":
		return fail(Refused, "outbox %s is stopped: %s", o.Origin, o.Stopped)
	}
	return fail(Conflict, "outbox %s has %d entries, not %d: another writer was faster; read its head again", o.Origin, o.Head.Size, base)
}

// Advance adds to a mirror what exchange.Verify has verified, with our receipt over it, and makes the mirror where it is missing.
// Conflict: the mirror has another size than the Advance was verified against. The receipt may leave the process only after Update
// has returned nil. The zero Receipt is for a public outbox that we read without being its audience: the mirror then has none.
func (tx *Tx) Advance(adv *exchange.Advance, receipt seal.Receipt) error {
	return tx.take(adv, receipt, false)
}

// Recover adds to an outbox of our own what exchange.Verify has verified as a step of it: entries that this database has lost, taken back
// from somebody who holds them, with the audience's receipt if there is one. It makes the outbox where it is missing, and takes
// no notice of its being stopped. Conflict as for Advance.
func (tx *Tx) Recover(adv *exchange.Advance, receipt seal.Receipt) error {
	return tx.take(adv, receipt, true)
}

func (tx *Tx) take(adv *exchange.Advance, receipt seal.Receipt, own bool) error {
	if adv == nil || len(adv.Records()) == 0 {
		return fail(Refused, "this Advance was not made by Verify")
	}
	cp, origin := adv.Checkpoint(), adv.Origin().String()
	given := len(receipt.Lines) > 0
	if given && receipt.Head != cp.Head {
		return fail(Refused, "the receipt is over size %d of %s, and the step ends at %d of %s", receipt.Size, receipt.Origin, cp.Size, origin)
	}
	o, err := tx.move(origin, own, adv.Base(), cp.Head, given)
	if err != nil {
		return err
	}
	contents := adv.Contents()
	for i, r := range adv.Records() {
		if err := tx.insertEntry(leafKey(o.ID, adv.Base()+int64(i)), r.Bytes(), contents[i]); err != nil {
			return err
		}
	}
	return tx.cover(o.ID, cp, receipt, adv.Tiles())
}

// move swaps the head of a mirror, or of an outbox of our own that is taken back. It makes it first where there is none.
func (tx *Tx) move(origin string, own bool, base int64, to seal.Head, receipted bool) (Outbox, error) {
	if base == 0 {
		if _, err := tx.insertOutbox(origin, own); err != nil {
			return Outbox{}, err
		}
	}
	o, err := tx.checked(tx.Outbox(origin))
	if err != nil {
		return o, err
	}
	var given any
	if receipted {
		given = to.Size
	}
	n, err := tx.exec("moving the head", sqlMove, to.Size, to.Root[:], given, o.ID, base, own)
	switch {
	case err != nil:
		return o, err
	case n == 1:
		return o, nil
	case o.Own && !own:
		return o, fail(Refused, "%s is an outbox of our own: nobody else adds to it", origin)
	case own && !o.Own:
		return o, fail(Refused, "%s is a mirror: it is not ours to take back", origin)
	}
	return o, fail(Conflict, "the copy of %s has %d entries, not %d: another writer was faster; verify again", origin, o.Head.Size, base)
}

// cover stores what stands over new entries: tiles, checkpoint and, in a mirror, our receipt.
func (tx *Tx) cover(id int64, cp seal.Checkpoint, receipt seal.Receipt, tiles map[outbox.TileID][]byte) error {
	for _, t := range slices.SortedFunc(maps.Keys(tiles), compareTiles) {
		key, err := tileKey(id, t)
		if err != nil {
			return err
		}
		if _, err := tx.exec("storing a tile", sqlPutTile, key, tiles[t]); err != nil {
			return err
		}
	}
	return tx.insertCheckpoint(id, cp, receipt)
}

// Tiles reads the tree of this outbox, for as long as the transaction lasts.
func (tx *Tx) Tiles(id int64) outbox.ReadTile {
	return func(t outbox.TileID) ([]byte, error) {
		key, err := tileKey(id, t)
		if err != nil {
			return nil, err
		}
		var hashes []byte
		_, err = tx.one("reading a tile", sqlTile, []any{key}, &hashes)
		return hashes, err
	}
}
