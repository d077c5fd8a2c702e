package node

import (
	"fmt"
	"slices"
	"strings"

	"verbale/internal/exchange"
	"verbale/internal/store"
	"verbale/outbox"
	"verbale/seal"
)

// Fsck over what dates from outside: the lines of witnesses, and the entries of registers.

const forgetDate = "restore a backup; what is only undated is dated again by itself"

// auditCosignatures verifies every line of a witness. Receipts of relays are looked at where relays are.
func (n *Node) auditCosignatures(tx *store.Tx, rows []store.Outbox, a *Audit) error {
	for _, row := range rows {
		err := tx.EachCosignature(row.ID, func(c store.Cosignature) error {
			if strings.HasSuffix(c.Name, "/receipt") {
				return nil
			}
			wrong, err := wrongWithLine(tx, row, c)
			if wrong != "" {
				a.find(fmt.Sprintf("%s size %d, line of %s", row.Origin, c.Size, c.Name), wrong, forgetDate)
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func wrongWithLine(tx *store.Tx, row store.Outbox, c store.Cosignature) (string, error) {
	vkey, _, err := tx.Meta(metaWitness + c.Name)
	if err != nil {
		return "", err
	}
	key, err := seal.ParseCosigner(vkey)
	if err != nil || keyTag(key) != c.Name {
		return "the key of that witness is missing or another", nil
	}
	at, err := tx.Checkpoint(row.ID, c.Size)
	if storeKind(err) == store.NotFound {
		return "there is no checkpoint of that size", nil
	} else if err != nil {
		return "", err
	}
	head, err := headOf(at.Note)
	if err != nil {
		return "the checkpoint cannot be read", nil
	}
	when, line, err := key.Open(slices.Concat(at.Note, c.Lines), head)
	switch {
	case err != nil:
		return "it does not verify: " + err.Error(), nil
	case string(line) != string(c.Lines) || !when.Equal(c.Time):
		return "the line or the time kept beside it is not what was signed", nil
	}
	return "", nil
}

// dateAudit holds the datings against what they are of.
type dateAudit struct {
	n    *Node
	tx   *store.Tx
	rows map[int64]store.Outbox

	// The entry of our register that was opened last: those of one entry follow each other.
	register string
	position int64
	listed   []string
	taken    int64
}

func (n *Node) auditDatings(tx *store.Tx, rows []store.Outbox, a *Audit) error {
	w := &dateAudit{n: n, tx: tx, rows: map[int64]store.Outbox{}}
	for _, row := range rows {
		w.rows[row.ID] = row
	}
	return tx.EachDating(func(d store.Dating) error {
		wrong, err := w.wrongWith(d)
		if wrong != "" {
			a.find(fmt.Sprintf("dating of outbox %d at %d by entry %d of %s", d.Outbox, d.Size, d.Position, d.Register), wrong, forgetDate)
		}
		return err
	})
}

func (w *dateAudit) wrongWith(d store.Dating) (string, error) {
	row, ok := w.rows[d.Outbox]
	o, err := seal.ParseOrigin(d.Register)
	if !ok || err != nil || o.Audience != seal.Public {
		return "it is of an outbox that is not here, or by no register", nil
	}
	if row.Origin.Audience == seal.Public || o.Author != row.Origin.Author && o.Author != row.Origin.Audience {
		return "the register is of neither side of that outbox", nil
	}
	by, ok := w.n.author(o)
	if !ok {
		return "the keys of the party whose register it is are not known", nil
	}
	root, err := outbox.OpenTree(row.Head.Size, w.tx.Tiles(row.ID)).RootAt(d.Size)
	if err != nil {
		return "the outbox does not have that many entries", nil
	}
	head := seal.Head{Origin: row.Origin.String(), Size: d.Size, Root: root}
	if o.Author == w.n.party && d.Record == nil {
		return w.own(d, head)
	}
	return w.foreign(d, by, head)
}

// own opens the entry and sees that the head is in it, and that somebody dated the checkpoint that is said to.
func (w *dateAudit) own(d store.Dating, head seal.Head) (string, error) {
	register, err := w.tx.Outbox(d.Register)
	if storeKind(err) == store.NotFound {
		return "there is no such register", nil
	} else if err != nil {
		return "", err
	}
	if d.Register != w.register || d.Position != w.position || w.listed == nil {
		o, err := w.n.headsEntry(w.tx, register, d.Position)
		if err != nil {
			return "the entry is missing, or is none of heads that can be opened", nil
		}
		w.register, w.position, w.listed, w.taken = d.Register, d.Position, o.Fields.Texts("heads"), o.Fields.Time("taken_at").Unix()
	}
	switch {
	case !slices.Contains(w.listed, exchange.HeadDigest(head)):
		return "the entry does not have that head", nil
	case d.TakenAt.Unix() != w.taken:
		return "the entry was taken at another time", nil
	case d.Covered == 0:
		return "", nil
	}
	lines, err := w.tx.Cosignatures(register.ID, d.Covered)
	if err == nil && len(lines) == 0 {
		return "no witness has signed the checkpoint that is said to date it", nil
	}
	return "", err
}

func (w *dateAudit) foreign(d store.Dating, by exchange.Author, head seal.Head) (string, error) {
	witnesses, err := witnessesOf(w.tx, d.Note)
	if err != nil {
		return "", err
	}
	a := exchange.Anchor{Index: d.Position, Note: d.Note, Proof: d.Proof, Record: string(d.Record), Size: d.Size, Witnesses: witnesses}
	got, err := a.Check(by, head, w.n.cfg.Keys.Keys())
	switch {
	case err != nil:
		return "it does not hold: " + err.Error(), nil
	case got.Register.Origin != d.Register || got.Register.Size != d.Covered || !got.TakenAt.Equal(d.TakenAt):
		return "what is kept beside it is not what it says", nil
	}
	return "", nil
}
