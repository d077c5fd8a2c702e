package node

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"verbale/internal/exchange"
	"verbale/internal/store"
	"verbale/outbox"
	"verbale/record"
	"verbale/seal"
)

// Datings: what our register says of heads, made when it is asked for, and what the other side's says, kept as it came
// (spec/register.md §3, §5).

// Dated serves what dates, by our register, the outboxes of the caller's link (G-14).
func (d Desk) Dated(ctx context.Context, origin string, after int64) (list []exchange.Anchor, err error) {
	o, err := seal.ParseOrigin(origin)
	if err != nil || !(o.Author == d.caller && o.Audience == d.n.party || o.Author == d.n.party && o.Audience == d.caller) {
		return nil, exchange.Refuse(exchange.NotYours, "X-2", err, "you may ask only for what dates the outboxes of this link")
	}
	err = d.n.cfg.Store.View(ctx, func(tx *store.Tx) error {
		row, err := tx.Outbox(origin)
		if err != nil {
			return unknownOutbox(err)
		}
		list, err = d.n.datingsFor(tx, row, after)
		return err
	})
	if err != nil {
		return nil, problemOf(err)
	}
	return list, nil
}

// errEnough ends a walk that has what it came for.
var errEnough = errors.New("enough")

// datingsFor makes the anchors that the other side of the link can use: over heads that it holds signed.
func (n *Node) datingsFor(tx *store.Tx, row store.Outbox, after int64) (list []exchange.Anchor, err error) {
	var rows []store.Dating
	err = tx.DatingsFrom(row.ID, after, n.party, func(d store.Dating) error {
		both, err := tx.Checkpoint(row.ID, d.Size)
		switch {
		case err != nil:
			return err
		case both.Receipt == nil:
			return nil
		case d.Size == after: // of that one the caller has others
			rows = []store.Dating{d}
		case len(rows) == exchange.MaxDatings:
			return errEnough
		default:
			rows = append(rows, d)
		}
		return nil
	})
	if err != nil && !errors.Is(err, errEnough) {
		return nil, err
	}
	size := 0
	for _, d := range rows {
		a, err := n.anchor(tx, d)
		if err != nil {
			return nil, err
		}
		if size += a.WireSize(); size > exchange.MaxDatingsBytes && len(list) > 0 {
			break
		}
		list = append(list, a)
	}
	return list, nil
}

// anchor makes the proof of a dating: of one by our own register from what is here, of another's as it came.
func (n *Node) anchor(tx *store.Tx, d store.Dating) (exchange.Anchor, error) {
	a := exchange.Anchor{Index: d.Position, Size: d.Size, Note: d.Note, Proof: d.Proof, Record: string(d.Record)}
	if d.Record == nil {
		if err := n.ownAnchor(tx, d, &a); err != nil {
			return a, err
		}
	}
	keys, err := witnessesOf(tx, a.Note)
	a.Witnesses = keys
	return a, err
}

// ownAnchor fills in the entry, opened for the one head, and the register's checkpoint with all lines that are here.
func (n *Node) ownAnchor(tx *store.Tx, d store.Dating, a *exchange.Anchor) error {
	register, err := tx.Outbox(d.Register)
	if err != nil {
		return err
	}
	if a.Note, err = witnessedNote(tx, register.ID, d.Covered); err != nil {
		return err
	}
	tree := outbox.OpenTree(register.Head.Size, tx.Tiles(register.ID))
	if a.Proof, err = tree.ProveInclusion(d.Position, d.Covered); err != nil {
		return err
	}
	o, err := n.headsEntry(tx, register, d.Position)
	if err != nil {
		return err
	}
	head, err := signedHead(tx, d.Outbox, d.Size)
	if err != nil {
		return err
	}
	a.Record, err = presentHeads(o, head)
	return err
}

// headsEntry opens an entry of our own register.
func (n *Node) headsEntry(tx *store.Tx, register store.Outbox, index int64) (*record.Opened, error) {
	e, err := n.entryOf(tx, register.Origin.String(), index)
	if err != nil {
		return nil, err
	}
	o := n.read(register.Origin, index, e.record, e.stored).Opened
	if o == nil || o.Act() != actHeads {
		return nil, fail(Damaged, nil, "run verbale fsck", "entry %d of %s is none of heads that can be opened", index, register.Origin)
	}
	return o, nil
}

// signedHead is the head of an outbox when it had so many entries.
func signedHead(tx *store.Tx, id, size int64) (seal.Head, error) {
	at, err := tx.Checkpoint(id, size)
	if err != nil {
		return seal.Head{}, err
	}
	return headOf(at.Note)
}

// presentHeads opens of an entry what a dating shows (G-8).
func presentHeads(o *record.Opened, heads ...seal.Head) (string, error) {
	listed := o.Fields.Texts("heads")
	names := []string{"act", "taken_at"}
	for _, head := range heads {
		at := slices.Index(listed, exchange.HeadDigest(head))
		if at < 0 {
			return "", fail(Damaged, nil, "run verbale fsck", "the entry of the register does not have the head of size %d of %s", head.Size, head.Origin)
		}
		names = append(names, fmt.Sprintf("heads[%d]", at))
	}
	return o.Present(names)
}

// witnessedNote is a checkpoint of our register with the lines of all witnesses that have signed it.
func witnessedNote(tx *store.Tx, register, size int64) ([]byte, error) {
	at, err := tx.Checkpoint(register, size)
	if err != nil {
		return nil, err
	}
	all, err := tx.Cosignatures(register, size)
	if err != nil {
		return nil, err
	}
	note := at.Note
	for _, c := range all[:min(len(all), maxWitnessLines)] {
		note = append(note, c.Lines...)
	}
	return note, nil
}

// metaWitness begins the key in the store's meta under which the verifier key of a witness stands: what its lines say of it (name and
// key id) follows. It is kept for each whose line is kept, so that the line can be verified and shown whatever the policy says later.
const metaWitness = "witness/"

func keepWitness(tx *store.Tx, key seal.Cosigner) error {
	return tx.SetMeta(metaWitness+keyTag(key), key.String())
}

// keyTag is name and key id of a witness, as its verifier key begins.
func keyTag(key seal.Cosigner) string {
	vkey := key.String()
	return vkey[:len(key.Name())+len("+12345678")]
}

// witnessesOf gives the verifier keys of the lines below the log's two.
func witnessesOf(tx *store.Tx, note []byte) (keys []string, err error) {
	for _, line := range seal.LinesOf(note) {
		vkey, found, err := tx.Meta(metaWitness + lineTag(line))
		if err != nil {
			return nil, err
		}
		if found {
			keys = append(keys, vkey)
		}
	}
	return keys, nil
}

// fetchDatings asks the peer what dates the outboxes of the link, and keeps what holds (G-16).
func (n *Node) fetchDatings(ctx context.Context, l *link, peer exchange.Peer) error {
	rows, err := n.outboxesOf(ctx, l)
	if err != nil {
		return err
	}
	for _, row := range rows {
		after, err := n.datedSize(ctx, row.ID, l.profile.Party)
		for more := true; more && err == nil; {
			after, more, err = n.fetchFrom(ctx, l, peer, row, after)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// outboxesOf gives the outboxes of the link that have something in them, ours and theirs.
func (n *Node) outboxesOf(ctx context.Context, l *link) (rows []store.Outbox, err error) {
	err = n.cfg.Store.View(ctx, func(tx *store.Tx) error {
		all, err := tx.Outboxes()
		rows = slices.DeleteFunc(all, func(row store.Outbox) bool {
			o, party := row.Origin, l.profile.Party
			between := o.Author == n.party && o.Audience == party || o.Author == party && o.Audience == n.party
			return !between || row.Head.Size == 0
		})
		return err
	})
	return rows, err
}

func (n *Node) datedSize(ctx context.Context, id int64, party string) (size int64, err error) {
	err = n.cfg.Store.View(ctx, func(tx *store.Tx) error {
		size, err = tx.NewestDatedSize(id, party)
		return err
	})
	return size, err
}

// fetchFrom makes one call. It gives the size to go on from, and whether there may be more.
func (n *Node) fetchFrom(ctx context.Context, l *link, peer exchange.Peer, row store.Outbox, after int64) (next int64, more bool, err error) {
	list, err := peer.Dated(ctx, row.Origin.String(), after)
	if exchange.KindOf(err) == exchange.UnknownOutbox {
		return after, false, nil // it holds nothing of it yet
	}
	if err != nil {
		return after, false, l.unreached(err)
	}
	next = after
	for _, a := range list {
		if a.Size < next {
			return next, false, exchange.Refuse(exchange.Malformed, "G-14", nil, "%s gave datings out of their order", l.profile.Party)
		}
		if err := n.keepDating(ctx, l, row, a); err != nil {
			n.cfg.Log.Warn("a dating does not hold", "from", l.profile.Party, "outbox", row.Origin.String(), "size", a.Size, "error", err.Error())
			return next, false, err
		}
		next = a.Size
	}
	return next, next > after, nil
}

// keepDating verifies an anchor against the head that we hold, and stores it. One of a head that we do not hold is passed over.
func (n *Node) keepDating(ctx context.Context, l *link, row store.Outbox, a exchange.Anchor) error {
	by := n.registrar(l, a)
	return n.cfg.Store.Update(ctx, func(tx *store.Tx) error {
		head, err := signedHead(tx, row.ID, a.Size)
		if storeKind(err) == store.NotFound {
			return nil
		} else if err != nil {
			return err
		}
		d, err := a.Check(by, head, n.cfg.Keys.Keys())
		if err != nil {
			return err
		}
		for _, line := range d.Lines {
			was, found, err := tx.Meta(metaWitness + keyTag(line.Key))
			if err != nil {
				return err
			}
			if found && was != line.Key.String() { // key ids are short: a second key is made for it in hours, and would make the lines of the first useless
				return exchange.Refuse(exchange.BadSignature, "G-16", nil, "the witness %s has the name and id of another key that is known here", line.Key.Name())
			}
			if err := keepWitness(tx, line.Key); err != nil {
				return err
			}
		}
		return tx.PutDating(store.Dating{Outbox: row.ID, Size: a.Size, Register: d.Register.Origin, Position: d.Index, TakenAt: d.TakenAt,
			Covered: d.Register.Size, Record: []byte(a.Record), Note: d.Note, Proof: a.Proof})
	})
}

// registrar is the peer with the keys of the generation of its register that the anchor names (K-30).
func (n *Node) registrar(l *link, a exchange.Anchor) exchange.Author {
	if head, err := headOf(a.Note); err == nil {
		if o, err := seal.ParseOrigin(head.Origin); err == nil && o.Author == l.profile.Party {
			if by, ok := n.author(o); ok {
				return by
			}
		}
	}
	return exchange.Author{Party: l.profile.Party, Keys: l.profile.Keys}
}

// lineTag is name and key id of the key that a signature line names, as keyTag gives them; "" of what is no such line.
func lineTag(line []byte) string {
	name, rest, ok := strings.Cut(strings.TrimPrefix(string(line), "— "), " ")
	raw, err := base64.StdEncoding.DecodeString(strings.TrimSuffix(rest, "\n"))
	if !ok || err != nil || len(raw) < 4 {
		return ""
	}
	return name + "+" + hex.EncodeToString(raw[:4])
}
