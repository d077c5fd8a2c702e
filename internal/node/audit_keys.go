package node

import (
	"fmt"

	"verbale/internal/store"
	"verbale/seal"
)

// auditKeys holds what is kept of the generations of keys against each other, and our own against our registers (K-31).
func (n *Node) auditKeys(tx *store.Tx, _ []store.Outbox, a *Audit) error {
	kept, err := loadGenerations(tx)
	if err != nil {
		a.find("keys", err.Error(), restore)
		return dropNotFound(err)
	}
	for party, stored := range kept {
		working := n.generationsOf(party)
		for _, g := range stored {
			where := fmt.Sprintf("keys of %s, generation %d", party, g.number())
			known, ok := working.of(g.number())
			switch {
			case !ok || known.profile.Fingerprint != g.profile.Fingerprint || known.compared != g.compared || (known.change == nil) != (g.change == nil):
				a.find(where, "they are not stored as this node knows them", restore)
			case g.change == nil:
			default:
				if old, ok := stored.before(g); !ok {
					a.find(where, "the keys that they follow are missing", restore)
				} else if err := g.change.check(old.profile, g.profile); err != nil {
					a.find(where, "the change that led to them does not hold: "+err.Error(), restore)
				}
			}
		}
		if len(stored) > 0 && len(stored) != len(working) {
			a.find("keys of "+party, "this node knows of more or fewer generations than are stored", restore)
		}
	}
	return n.auditOwnKeys(tx, a)
}

// auditOwnKeys sees that each of our registers begins with a profile of its keys, and from the second one on with the change to them.
func (n *Node) auditOwnKeys(tx *store.Tx, a *Audit) error {
	for i, g := range n.own {
		o := seal.Origin{Author: n.party, Audience: seal.Public, Generation: g.number()}
		if i > 0 && g.change == nil {
			a.find(o.String(), "the change that led to these keys is not kept", restore)
			continue
		}
		wrong, err := n.registerFault(tx, o, g)
		if err != nil {
			return err
		}
		if wrong != "" {
			a.find(o.String(), wrong, restore)
		}
	}
	return nil
}

func (n *Node) registerFault(tx *store.Tx, o seal.Origin, g generation) (string, error) {
	e, err := n.entryOf(tx, o.String(), 0)
	if err != nil {
		return "its first entry cannot be read", dropNotFound(err)
	}
	opened := n.read(o, 0, e.record, e.stored).Opened
	if opened == nil || opened.Act() != "profile" || string(opened.Fields["keys"]) != string(g.profile.Opened.Fields["keys"]) {
		return "it does not begin with a profile of its keys", nil
	}
	if g.change == nil {
		return "", nil
	}
	if e, err = n.entryOf(tx, o.String(), 1); err != nil {
		return "its second entry cannot be read", dropNotFound(err)
	}
	if string(e.record.Bytes()) != string(g.change.opened.Record.Bytes()) {
		return "its second entry is not the change of keys that is kept", nil
	}
	return "", nil
}

// dropNotFound keeps every error but the one that something is not there or damaged, which is a finding.
func dropNotFound(err error) error {
	if k := AsError(err).Kind; k == NotFound || k == Damaged {
		return nil
	}
	return err
}
