package store

import (
	"crypto/sha256"
	"database/sql"

	"verbale/internal/exchange"
	"verbale/outbox"
	"verbale/seal"
)

// An Outbox is the head row of an outbox of ours or of a mirror.
type Outbox struct {
	ID        int64
	Origin    seal.Origin
	Own       bool
	Head      seal.Head // size 0 and the empty root where nothing was written
	Note      []byte    // newest signed checkpoint, the log's own lines only; nil at size 0
	Receipted int64     // size of the newest receipt
	Receipt   []byte    // that receipt as a note; nil when there is none
	Stopped   string    // why nothing is signed or pushed any more; "" when it is open
}

const outboxColumns = `SELECT o.id, o.origin, o.own, o.size, o.root, o.note, o.receipted, c.receipt, o.stopped
	FROM outbox o LEFT JOIN checkpoint c ON o.receipted > 0 AND c.key = o.id * 1099511627776 + o.receipted `

func scanOutbox(scan func(...any) error) (Outbox, error) {
	var o Outbox
	var origin string
	var root []byte
	err := scan(&o.ID, &origin, &o.Own, &o.Head.Size, &root, &o.Note, &o.Receipted, &o.Receipt, &o.Stopped)
	if err != nil {
		return o, err
	}
	o.Head.Origin = origin
	if copy(o.Head.Root[:], root) != len(o.Head.Root) {
		return o, fail(Corrupt, nil, "the head row of %s is damaged: restore a backup", origin)
	}
	o.Origin, err = seal.ParseOrigin(origin)
	if err != nil {
		return o, fail(Corrupt, err, "the database names an outbox that cannot be: %v", err)
	}
	return o, nil
}

// CreateOutbox adds an empty outbox; kind conflict when it exists.
func (tx *Tx) CreateOutbox(origin seal.Origin, own bool) (Outbox, error) {
	empty := sha256.Sum256(nil)
	_, err := tx.exec("create the outbox "+origin.String(),
		`INSERT INTO outbox (origin, own, size, root, receipted, stopped) VALUES ($1, $2, 0, $3, 0, '')`, origin.String(), own, empty[:])
	if err != nil {
		return Outbox{}, err
	}
	return tx.Outbox(origin.String())
}

// Outbox gives the outbox with this origin, or kind not-found.
func (tx *Tx) Outbox(origin string) (Outbox, error) {
	o, err := scanOutbox(tx.row(outboxColumns+`WHERE o.origin = $1`, origin).Scan)
	return o, wrap(err, "read the outbox "+origin)
}

// Outboxes lists all, by origin.
func (tx *Tx) Outboxes() ([]Outbox, error) {
	var all []Outbox
	err := tx.each("list the outboxes", outboxColumns+`ORDER BY o.origin`, nil, func(r *sql.Rows) error {
		o, err := scanOutbox(r.Scan)
		all = append(all, o)
		return err
	})
	return all, err
}

// StopOutbox keeps an outbox from being signed and pushed; why is for people.
func (tx *Tx) StopOutbox(id int64, why string) error {
	_, err := tx.exec("stop an outbox", `UPDATE outbox SET stopped = $1 WHERE id = $2`, why, id)
	return err
}

// ResumeOutbox undoes StopOutbox.
func (tx *Tx) ResumeOutbox(id int64) error { return tx.StopOutbox(id, "") }

// tileKey is the row key of a tile. A level-0 tile's number has at most 32 bits (O-7), higher levels' fewer.
func tileKey(id int64, t outbox.TileID) int64 { return id<<keyBits | int64(t.Level)<<33 | t.N }

// Tiles reads the tiles of an outbox within this transaction.
func (tx *Tx) Tiles(id int64) outbox.ReadTile {
	return func(t outbox.TileID) ([]byte, error) {
		var data []byte
		err := tx.row(`SELECT data FROM tile WHERE key = $1`, tileKey(id, t)).Scan(&data)
		if isNoRows(err) {
			return nil, nil
		}
		return data, wrap(err, "read a tile")
	}
}

// NewLeaf is an entry of an outbox of our own.
type NewLeaf struct {
	Leaf    []byte
	Content []byte
}

// Append adds entries to an outbox of our own, with the checkpoint over them. Kind conflict when its size is not base any more.
func (tx *Tx) Append(id, base int64, leaves []NewLeaf, tiles map[outbox.TileID][]byte, cp seal.Checkpoint) error {
	if err := tx.moveHead(id, base, true, cp); err != nil {
		return err
	}
	err := tx.addEntries(id, base, len(leaves), func(i int) (leaf, content []byte) { return leaves[i].Leaf, leaves[i].Content })
	if err != nil {
		return err
	}
	if err := tx.putTiles(id, tiles); err != nil {
		return err
	}
	_, err = tx.exec("keep a checkpoint", `INSERT INTO checkpoint (key, note) VALUES ($1, $2)`, id<<keyBits|cp.Size, cp.Note)
	return err
}

// Advance takes the verified entries of a peer's outbox, with the receipt that we give for them. Kind conflict when the mirror
// has moved since they were verified.
func (tx *Tx) Advance(adv *exchange.Advance, receipt seal.Receipt) error {
	row, err := tx.Outbox(adv.Origin().String())
	if e, ok := err.(*Error); ok && e.Kind == NotFound { //nolint:errorlint // wrap gives exactly this type
		row, err = tx.CreateOutbox(adv.Origin(), false)
	}
	if err != nil {
		return err
	}
	cp := adv.Checkpoint()
	if err := tx.moveHead(row.ID, adv.Base(), false, cp); err != nil {
		return err
	}
	records, contents := adv.Records(), adv.Contents()
	err = tx.addEntries(row.ID, adv.Base(), len(records), func(i int) (leaf, content []byte) { return records[i].Bytes(), contents[i] })
	if err != nil {
		return err
	}
	if err := tx.putTiles(row.ID, adv.Tiles()); err != nil {
		return err
	}
	_, err = tx.exec("keep a checkpoint", `INSERT INTO checkpoint (key, note, receipt, receipt_at) VALUES ($1, $2, $3, $4)`,
		row.ID<<keyBits|cp.Size, cp.Note, seal.Countersigned(cp, receipt), micros(receipt.Time))
	if err != nil {
		return err
	}
	_, err = tx.exec("move the receipt", `UPDATE outbox SET receipted = $1 WHERE id = $2`, cp.Size, row.ID)
	return err
}

// moveHead is the compare-and-swap of heads (O-3).
func (tx *Tx) moveHead(id, base int64, own bool, cp seal.Checkpoint) error {
	n, err := tx.exec("move the head of "+cp.Origin, `UPDATE outbox SET size = $1, root = $2, note = $3
		WHERE id = $4 AND size = $5 AND own = $6 AND origin = $7 AND size < $1`, cp.Size, cp.Root[:], cp.Note, id, base, own, cp.Origin)
	if err == nil && n != 1 {
		return fail(Conflict, nil, "the head of %s is not at %d any more: nothing was written; try again", cp.Origin, base)
	}
	return err
}

func (tx *Tx) putTiles(id int64, tiles map[outbox.TileID][]byte) error {
	for t, data := range tiles {
		_, err := tx.exec("write a tile", `INSERT INTO tile (key, data) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET data = $2`, tileKey(id, t), data)
		if err != nil {
			return err
		}
	}
	return nil
}
