package node

import (
	"context"
	"encoding/base64"
	"encoding/json/v2"
	"errors"
	"slices"
	"time"

	"verbale/internal/exchange"
	"verbale/internal/store"
	"verbale/record"
	"verbale/seal"
	"verbale/verdict"
)

// Which relays a party has designated is said in its register (L-2). That of a peer is mirrored; of either, what was read is kept, so that
// each entry is read once.

const (
	actDesignate = "designate"
	roleRelay    = "relay"
	inForce      = "in-force"
	ended        = "ended"
)

// A designation is what one entry of a register says of one relay.
type designation struct {
	Party       string    `json:"party"`
	Fingerprint string    `json:"fingerprint"`
	Profile     string    `json:"profile,omitempty"` // the profile file that it names
	Register    string    `json:"register"`          // origin
	Position    int64     `json:"position"`          // of the entry
	At          time.Time `json:"at"`                // when it was released
	Ended       bool      `json:"ended,omitzero"`
}

// designations are all of one register, in the order of their entries, and how far it was read.
type designations struct {
	Next int64         `json:"next"`
	List []designation `json:"list"`
}

// lastOfEach gives of each relay its last designation (L-2), in the order of their entries.
func lastOfEach(list []designation) (last []designation) {
	for _, d := range list {
		last = append(slices.DeleteFunc(last, func(was designation) bool { return was.Party == d.Party }), d)
	}
	return last
}

// metaRelays is the store's meta row with the designations of a register.
func metaRelays(register seal.Origin) string { return "relays/" + register.String() }

// designationsOf reads the designations of a register as far as it is here.
func (n *Node) designationsOf(ctx context.Context, register seal.Origin) (list []designation, err error) {
	var d designations
	moved := false
	err = n.cfg.Store.View(ctx, func(tx *store.Tx) error {
		d, moved, err = n.readDesignations(tx, register)
		return err
	})
	if err != nil || !moved {
		return d.List, err
	}
	raw, err := json.Marshal(d, json.Deterministic(true))
	if err != nil {
		return nil, err
	}
	return d.List, n.cfg.Store.Update(ctx, func(tx *store.Tx) error { return tx.SetMeta(metaRelays(register), string(raw)) })
}

// readDesignations goes on where the register was read last. moved: there was more.
func (n *Node) readDesignations(tx *store.Tx, register seal.Origin) (d designations, moved bool, err error) {
	row, err := tx.Outbox(register.String())
	if storeKind(err) == store.NotFound {
		return d, false, nil
	} else if err != nil {
		return d, false, err
	}
	raw, found, err := tx.Meta(metaRelays(register))
	if err != nil {
		return d, false, err
	}
	if found && json.Unmarshal([]byte(raw), &d) != nil || d.Next > row.Head.Size {
		d = designations{} // it is read anew
	}
	if d.Next == row.Head.Size {
		return d, false, nil
	}
	err = tx.Entries(row.ID, d.Next, row.Head.Size, func(index int64, e exchange.Entry) error {
		d.add(register, index, e)
		return nil
	})
	d.Next = row.Head.Size
	return d, true, err
}

// add folds one entry. Most are sealed, and say nothing of relays (G-2).
func (d *designations) add(register seal.Origin, index int64, e exchange.Entry) {
	if len(e.Content) == 0 || record.Sealed(e.Content) {
		return
	}
	r, err := record.Parse(e.Leaf)
	if err != nil {
		return
	}
	o, err := r.Open(e.Content)
	if err != nil || o.Unknown() || o.Act() != actDesignate || o.Fields.Text("role") != roleRelay {
		return
	}
	f := o.Fields
	next := designation{Party: f.Text("party"), Fingerprint: f.Text("fingerprint"), Profile: f.Text("profile_file"), Position: index,
		At: f.Time("released_at"), Register: register.String(), Ended: f.Text("state") != inForce}
	if d.List = append(d.List, next); len(d.List) > maxDesignations {
		d.forget()
	}
}

// forget drops the oldest designation that a later one has replaced; where none has been, the oldest.
func (d *designations) forget() {
	last := map[string]int64{}
	for _, one := range d.List {
		last[one.Party] = one.Position
	}
	at := slices.IndexFunc(d.List, func(one designation) bool { return last[one.Party] != one.Position })
	d.List = slices.Delete(d.List, max(at, 0), max(at, 0)+1)
}

// profile gives the relay's profile, as far as the entry that names it can be used at all (L-2).
func (d designation) profile(now time.Time) (verdict.Profile, error) {
	p, err := verdict.OpenProfile(d.Profile)
	switch {
	case err != nil:
		return p, fail(Refused, err, "", "the entry that designates %s as a relay has no valid profile of it", d.Party)
	case p.Party != d.Party || base64.RawURLEncoding.EncodeToString(p.Fingerprint[:]) != d.Fingerprint:
		return p, fail(Refused, nil, "", "the entry that designates %s as a relay has the profile of another party, or of other keys", d.Party)
	case now.After(p.ValidUntil):
		return p, fail(Refused, nil, "", "the keys that the entry about %s names were valid until %s", d.Party, p.ValidUntil.UTC().Format(time.RFC3339))
	}
	return p, nil
}

// usable gives the relays of a party with which we may lodge now, the one designated last first (L-2).
func (n *Node) usable(party string, list []designation) (relays []verdict.Profile) {
	for _, d := range slices.Backward(lastOfEach(list)) {
		if d.Ended || d.Party == n.party || d.Party == party {
			continue
		}
		if p, err := d.profile(n.now()); err == nil {
			relays = append(relays, p)
		}
		if len(relays) == maxRelays {
			break
		}
	}
	return relays
}

// ownDesignations are the last ones of our registers. One that is in force in an earlier register is not seen by others: see polledRelays.
func (n *Node) ownDesignations(ctx context.Context) ([]designation, error) {
	var all []designation
	for _, g := range n.own {
		list, err := n.designationsOf(ctx, seal.Origin{Author: n.party, Audience: seal.Public, Generation: g.number()})
		if err != nil {
			return nil, err
		}
		all = append(all, list...)
	}
	return lastOfEach(all), nil
}

// Designate names a linked party as a relay of this one: it is told whose entries to take, and then our register says it to everybody.
func (n *Node) Designate(ctx context.Context, party string) (Filed, error) {
	l, err := n.linkTo(party)
	if err != nil {
		return Filed{}, err
	}
	peer, err := n.peer(l)
	if err != nil {
		return Filed{}, err
	}
	l.mu.Lock()
	l.admits = nil // it may have been told before it was, or ceased to be, a relay
	l.mu.Unlock()
	if err := n.admitAll(ctx, l, peer); err != nil {
		return Filed{}, err
	}
	return n.designate(ctx, l)
}

func (n *Node) designate(ctx context.Context, l *link) (Filed, error) {
	f := designationDraft(l.profile, inForce, n.now())
	f.SetText("profile_file", l.profile.File)
	return n.fileDesignation(ctx, f)
}

// EndDesignation says in our register that a party is a relay of this one no more. What was lodged there until now is collected first, as
// far as the relay can be reached.
func (n *Node) EndDesignation(ctx context.Context, party string) (Filed, error) {
	list, err := n.ownDesignations(ctx)
	if err != nil {
		return Filed{}, err
	}
	at := slices.IndexFunc(list, func(d designation) bool { return d.Party == party && !d.Ended })
	if at < 0 {
		return Filed{}, fail(NotFound, nil, "list them: verbale relay status", "%s is no relay of this party", party)
	}
	l, err := n.linkTo(party)
	if err != nil {
		return Filed{}, err
	}
	if _, err := n.collectFrom(ctx, l); err != nil {
		n.cfg.Log.Warn("the relay could not be asked a last time", "relay", party, "error", err.Error())
	}
	return n.fileDesignation(ctx, designationDraft(l.profile, ended, n.now()))
}

func designationDraft(p verdict.Profile, state string, now time.Time) record.Fields {
	f := record.Fields{}
	for name, value := range map[string]string{"act": actDesignate, "class": "service", "channel": "technical", "released_by": "operator", "language": "en", "tlp": "clear",
		"role": roleRelay, "state": state, "party": p.Party, "fingerprint": base64.RawURLEncoding.EncodeToString(p.Fingerprint[:])} {
		f.SetText(name, value)
	}
	f.SetTime("drafted_at", now)
	f.SetTime("released_at", now)
	return f
}

func (n *Node) fileDesignation(ctx context.Context, draft record.Fields) (Filed, error) {
	if err := n.expired(); err != nil {
		return Filed{}, err
	}
	f, err := n.sealed(n.outboxTo(seal.Public), nil, draft)
	if err != nil {
		return Filed{}, err
	}
	return n.submit(ctx, f)
}

// admitAll tells a relay of ours for whom it may take entries: of every party that we are linked with, words compared, but itself. What was
// told since the start is not told again.
func (n *Node) admitAll(ctx context.Context, relay *link, peer exchange.Peer) error {
	var errs []error
	for _, l := range n.sortedLinks() {
		if !l.confirmed || l.profile.Party == relay.profile.Party {
			continue
		}
		for _, g := range l.generations {
			if relay.told(g.profile) {
				continue
			}
			err := peer.Admit(ctx, g.profile.File)
			switch {
			case err == nil:
				relay.tell(g.profile)
			case exchange.KindOf(err) == "":
				return relay.unreached(err)
			default: // the others are told all the same
				errs = append(errs, err)
			}
		}
	}
	return errors.Join(errs...)
}

// told tells whether the relay at the other end of l has taken this profile.
func (l *link) told(p verdict.Profile) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.admits[p.File]
}

func (l *link) tell(p verdict.Profile) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.admits == nil {
		l.admits = map[string]bool{}
	}
	l.admits[p.File] = true
}
