package node

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"verbale/internal/docket"
	"verbale/internal/exchange"
	"verbale/internal/store"
	"verbale/seal"
	"verbale/verdict"
)

// link is what the node keeps in memory of a link. One that was confirmed or has a new profile is another link, with the state of before.
type link struct {
	profile     verdict.Profile // of the present generation, the last of generations
	generations generations
	confirmed   bool
	linkedAt    time.Time

	wake chan struct{} // there is something to push
	*linkState
}

// linkState is what goes on while a link is changed.
type linkState struct {
	ingest    sync.Mutex // one batch of this peer at a time
	pushing   sync.Mutex // one push or pull at a time
	following sync.Mutex // one look at the peer's register at a time
	tallying  sync.Mutex // one tally of ours at a time

	mu   sync.Mutex
	held string // why automatic pushes have stopped, "" when they have not
	last string // how the last attempt to reach the peer ended
	at   time.Time
	rest time.Time // nothing is pushed before: the peer has suspended the link, and its notice is not here

	pull    bool                 // a beat said that the peer has written more than we hold
	beats   map[string]time.Time // when a beat of the peer's over an outbox was kept last, by our clock
	skew    time.Duration        // how far the peer's clock was ahead of ours at heardAt
	heardAt time.Time
	beatNow chan struct{} // an outbox was compared after the start: there is more to say in a beat

	book docket.Book // of the month that was counted last; see Node.book

	lodging    sync.Mutex       // one round with the peer's relay at a time
	lodgeAt    time.Time        // when the peer's relay is asked again though nothing is new
	lodgePause time.Duration    // not zero after a failure: until lodgeAt it is not tried again
	admits     map[string]bool  // the profile files that the peer, as a relay of ours, has taken since the start
	handed     map[string]int64 // the size of the receipt that the peer, as a relay of ours, has got last, by origin

	answering chan struct{} // holds a token while the duties of one batch are done
}

func (n *Node) loadLinks(ctx context.Context) error {
	if err := n.cfg.Store.View(ctx, n.load); err != nil || len(n.own) == 0 {
		return err
	}
	own := n.own.present().profile
	n.expires = own.ValidUntil
	if !own.Keys.Equal(n.cfg.Keys.Keys()) {
		return n.wrongKeys(own)
	}
	return nil
}

func (n *Node) wrongKeys(own verdict.Profile) error {
	if slices.Contains(n.cfg.Keys.Retired(), generationOf(own)) {
		return fail(Damaged, nil, "restore a backup of the data folder that was made after the keys had changed",
			"this database is from before the keys of %s changed: it has generation %d, and the key file later ones", own.Party, generationOf(own))
	}
	return fail(Damaged, nil, "restore the key file that was made with this data folder; nothing may be signed with these keys",
		"the keys are not those of the profile of %s: the key file is damaged, or of another folder", own.Party)
}

// load reads the generations of our own keys, and the links.
func (n *Node) load(tx *store.Tx) error {
	known, err := loadGenerations(tx)
	if err != nil {
		return err
	}
	file, found, err := tx.Meta(metaProfile)
	if err != nil {
		return err
	}
	if found {
		own, err := verdict.OpenProfile(file)
		if err != nil {
			return fail(Damaged, err, "restore a backup of the data folder", "the stored profile of this node cannot be read")
		}
		n.own = known[n.party].endingWith(own, time.Time{}, true)
	}
	rows, err := tx.Links()
	if err != nil {
		return err
	}
	for _, row := range rows {
		p, err := verdict.OpenProfile(string(row.Profile))
		if err != nil {
			return fail(Damaged, err, "restore a backup of the data folder", "the stored profile of %s cannot be read", row.Party)
		}
		n.links[row.Party] = newLink(p, known[row.Party], row.Confirmed, row.LinkedAt)
	}
	return nil
}

// newLink is the link with the party of profile p; earlier are the generations of its keys that are kept.
func newLink(p verdict.Profile, earlier generations, confirmed bool, at time.Time) *link {
	return &link{profile: p, generations: earlier.endingWith(p, at, confirmed && len(earlier) == 0), confirmed: confirmed, linkedAt: at,
		wake: make(chan struct{}, 1), linkState: &linkState{answering: make(chan struct{}, 1), beatNow: make(chan struct{}, 1)}}
}

// changed is the link with another profile of the same keys, or with its words compared. Its loop begins anew (startLoops), and with it
// a wake of its own.
func (l *link) changed(p verdict.Profile, compared bool) *link {
	return &link{profile: p, generations: l.generations.replaced(p, compared), confirmed: l.confirmed || compared, linkedAt: l.linkedAt,
		wake: make(chan struct{}, 1), linkState: l.linkState}
}

// notLinked does not repeat the name: whoever asked has it, and it may be anything.
func notLinked() *Error {
	return fail(NotLinked, nil, "check the name: verbale link list. To link with it, import its profile file: verbale link add FILE", "there is no link with this party")
}

// linkTo gives the confirmed link with party.
func (n *Node) linkTo(party string) (*link, error) {
	n.mu.Lock()
	l := n.links[party]
	n.mu.Unlock()
	if l == nil {
		return nil, notLinked()
	}
	if !l.confirmed {
		return nil, fail(NotLinked, nil, "compare the words over the phone, then: verbale link confirm "+party,
			"the fingerprint words of %s have not been compared yet", party)
	}
	return l, nil
}

// AddLink imports a peer's profile file. The link does nothing until ConfirmLink. A later profile of the same keys takes the place of the
// one before, and the words stay compared; an earlier one changes nothing. One of other keys is taken with the changes that lead to them
// (K-39). What it gives is the profile that the link has now.
func (n *Node) AddLink(ctx context.Context, file string) (verdict.Profile, error) {
	k, err := openKeyFile(file)
	p := k.newest
	if err != nil {
		return p, fail(Invalid, err, "ask the peer for the file that `verbale profile` writes", "this is not a valid profile: %v", err)
	}
	if p.Party == n.party {
		return p, fail(Invalid, nil, "import the other party's file", "this is this node's own profile")
	}
	n.linking.Lock()
	defer n.linking.Unlock()
	old := n.known(p.Party)
	if old != nil && (old.confirmed || len(old.generations) > 1 || k.speaksOf(old.profile.Fingerprint)) {
		return n.addKeys(ctx, old, k)
	}
	if other := n.sharesKey(p, old); other != "" {
		return p, fail(Conflict, nil, "do not use the file; speak to both parties", "the profile of %s holds a key of %s", p.Party, other)
	}
	if err := checkRecovery(p); err != nil {
		return p, err
	}
	return p, n.saveLink(ctx, newLink(p, nil, false, n.now()))
}

// addKeys takes from a file what is newer than what is known of a peer.
func (n *Node) addKeys(ctx context.Context, l *link, k keyFile) (verdict.Profile, error) {
	l, err := n.renewedBy(ctx, l, k.oldest)
	if err != nil {
		return l.profile, err
	}
	for _, s := range k.steps {
		if g, ok := l.generations.of(generationOf(s.profile)); ok && g.profile.Fingerprint == s.profile.Fingerprint {
			if l, err = n.renewedBy(ctx, l, s.profile); err != nil {
				return l.profile, err
			}
			continue // known
		}
		next, err := n.successor(ctx, l, s)
		if err != nil {
			return l.profile, err
		}
		if err := n.saveLink(ctx, next); err != nil {
			return l.profile, err
		}
		l = next
		l.pullSoon()
	}
	if l.profile.Fingerprint != k.newest.Fingerprint {
		return l.profile, n.otherKeys(ctx, l, k)
	}
	later, err := replaces(k.newest, l.profile)
	if err != nil || !later {
		return l.profile, err
	}
	l = l.changed(k.newest, false)
	return l.profile, n.saveLink(ctx, l)
}

// renewedBy takes a later profile of the keys that are the present ones here, before the change that leads from them: until when they were
// good decides what the change is worth (K-32), and what they have signed (K-34). One that is none changes nothing.
func (n *Node) renewedBy(ctx context.Context, l *link, p verdict.Profile) (*link, error) {
	if p.Opened == nil || p.Fingerprint != l.profile.Fingerprint {
		return l, nil
	}
	if later, err := replaces(p, l.profile); err != nil || !later {
		return l, nil // who brings it as the newest is told why
	}
	next := l.changed(p, false)
	if err := n.saveLink(ctx, next); err != nil {
		return l, err
	}
	return next, nil
}

// otherKeys says why a file of other keys than the present ones changes nothing.
func (n *Node) otherKeys(ctx context.Context, l *link, k keyFile) error {
	for _, g := range l.generations {
		if g.profile.Fingerprint == k.newest.Fingerprint {
			return fail(Conflict, nil, "ask the peer for its newest file", "this is an old profile of %s: it has changed its keys since", l.profile.Party)
		}
	}
	return fail(Conflict, nil, "ask the peer for the file that `verbale profile` writes now: after a change of keys it has that as well",
		"%s is linked already, with other keys, and the file does not say how these came about", l.profile.Party)
}

// known gives the link with party, confirmed or not, or nil.
func (n *Node) known(party string) *link {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.links[party]
}

// sharesKey names a party, or this one, that has one of the signing keys in p. Who calls is known by its key alone: whoever
// copied another's could take its place here. The link but is not looked at: p takes its place.
func (n *Node) sharesKey(p verdict.Profile, but *link) string {
	taken := map[string]string{}
	for _, g := range n.own {
		for _, key := range signingKeys(g.profile.Keys) {
			taken[key] = n.party
		}
	}
	for _, l := range n.sortedLinks() {
		if l == but {
			continue
		}
		for _, g := range l.generations {
			for _, key := range signingKeys(g.profile.Keys) {
				taken[key] = l.profile.Party
			}
		}
	}
	for _, key := range signingKeys(p.Keys) {
		if other := taken[key]; other != "" {
			return other
		}
	}
	return ""
}

func signingKeys(k seal.Keys) []string {
	return []string{string(k.Record), string(k.LogEd25519), string(k.LogMLDSA44), string(k.ReceiptEd25519), string(k.ReceiptMLDSA44), string(k.TLS)}
}

// ConfirmLink makes a link work. words are the twelve fingerprint words as the officer heard them from the peer; they must be
// those of the profile that was imported.
func (n *Node) ConfirmLink(ctx context.Context, party string, words []string) error {
	n.linking.Lock()
	defer n.linking.Unlock()
	l := n.known(party)
	if l == nil {
		return notLinked()
	}
	if !slices.Equal(words, l.profile.Words) {
		return fail(Invalid, nil, "do not use the link; ask the peer for its profile again over another way",
			"the words differ from those of the profile that was imported for %s", party)
	}
	if l.confirmed && l.generations.present().compared {
		return nil // its loop goes on, and so does what holds it
	}
	waited := l.generations.waits()
	if err := n.saveLink(ctx, l.changed(l.profile, true)); err != nil {
		return err
	}
	n.publishSoon(ctx)
	if !waited {
		return nil
	}
	n.later(func() { n.refileDuties(context.WithoutCancel(ctx)) }) // what could not be answered while the words were not compared
	return nil
}

// saveLink stores the link and, once it is confirmed, the outbox to the peer; then the node works with it.
func (n *Node) saveLink(ctx context.Context, l *link) error {
	return n.saveLinkWith(ctx, l, func(*store.Tx) error { return nil })
}

// saveLinkWith is saveLink with more in the same transaction.
func (n *Node) saveLinkWith(ctx context.Context, l *link, also func(*store.Tx) error) error {
	made := false
	err := n.cfg.Store.Update(ctx, func(tx *store.Tx) error {
		if err := also(tx); err != nil {
			return err
		}
		if err := keepGenerations(tx, l.profile.Party, l.generations); err != nil {
			return err
		}
		err := tx.PutLink(store.Link{Party: l.profile.Party, Profile: []byte(l.profile.File), LinkedAt: l.linkedAt, Confirmed: l.confirmed})
		if err != nil || !l.confirmed {
			return err
		}
		_, err = tx.CreateOutbox(n.outboxTo(l.profile.Party), true)
		if storeKind(err) == store.Conflict {
			return nil
		}
		made = err == nil
		return err
	})
	if err != nil {
		return err
	}
	if made {
		n.born(n.outboxTo(l.profile.Party))
		n.born(n.mirrorOf(l.profile.Party))
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.links[l.profile.Party] = l
	return nil
}

func storeKind(err error) store.Kind {
	if e, ok := errors.AsType[*store.Error](err); ok {
		return e.Kind
	}
	return ""
}

// LinkStatus is a link for people: what was sent, what was received, what is wrong and what to do.
type LinkStatus struct {
	Party       string    `json:"party"`
	Title       string    `json:"title"`
	Words       []string  `json:"words"`
	Confirmed   bool      `json:"confirmed"`
	LinkedAt    time.Time `json:"linked_at"`
	Endpoint    string    `json:"endpoint"`
	ValidUntil  time.Time `json:"keys_valid_until"`
	Sent        int64     `json:"sent"`         // entries in our outboxes to the peer, of all generations
	Lodged      int64     `json:"lodged"`       // of those, held by the peer's relay by its receipt
	Receipted   int64     `json:"receipted"`    // of those, held by the peer by its own receipt
	ReceivedOf  int64     `json:"received"`     // entries of the peer's outboxes that we hold
	Stopped     string    `json:"stopped"`      // why our outbox signs nothing any more
	Unchecked   string    `json:"unchecked"`    // why our outbox signs nothing before somebody could be asked
	Held        string    `json:"held"`         // why automatic pushes have stopped
	LastAttempt string    `json:"last_attempt"` // how the last attempt to reach the peer ended
	LastAt      time.Time `json:"last_attempt_at,omitzero"`
	Relay       string    `json:"relay"`               // of the peer, with which we lodge; "" when none can be used
	Evidence    int       `json:"evidence"`            // forks, bad roots and lost receipts kept about this peer's outbox or ours
	BeatAt      string    `json:"beat_at"`             // the peer's newest beat over our outbox, by its clock; "" when there is none
	Clock       string    `json:"clock,omitempty"`     // the two clocks differ by more than can be
	Warning     string    `json:"warning,omitempty"`   // keys, ours or theirs, that have expired or soon will
	LeftOver    string    `json:"left_over,omitempty"` // what the peer will not get any more, for it was signed with old keys of ours

	KeyChange   *KeyChange  `json:"key_change,omitempty"`   // the last one of the peer's
	Suspended   *Suspension `json:"suspended,omitempty"`    // by us
	SuspendedBy *Suspension `json:"suspended_by,omitempty"` // by the peer

	Page *LinkPage `json:"page,omitempty"` // what takes longer to find out; absent in lists
}

// Links lists the links by party.
func (n *Node) Links(ctx context.Context) ([]LinkStatus, error) {
	var out []LinkStatus
	err := n.cfg.Store.View(ctx, func(tx *store.Tx) error {
		kept, err := tx.Evidence()
		if err != nil {
			return err
		}
		for _, l := range n.sortedLinks() {
			s, err := n.linkStatus(tx, l)
			if err != nil {
				return err
			}
			for _, e := range kept {
				if e.Peer == s.Party {
					s.Evidence++
				}
			}
			out = append(out, s)
		}
		return nil
	})
	return out, err
}

func (n *Node) sortedLinks() []*link {
	n.mu.Lock()
	defer n.mu.Unlock()
	var all []*link
	for _, l := range n.links {
		all = append(all, l)
	}
	slices.SortFunc(all, func(a, b *link) int { return strings.Compare(a.profile.Party, b.profile.Party) })
	return all
}

func (n *Node) linkStatus(tx *store.Tx, l *link) (LinkStatus, error) {
	p := l.profile
	s := LinkStatus{Party: p.Party, Title: p.Title, Words: p.Words, Confirmed: l.confirmed, LinkedAt: l.linkedAt,
		Endpoint: p.Endpoint, ValidUntil: p.ValidUntil, Warning: n.expiry(p), KeyChange: l.keyChange()}
	l.mu.Lock()
	s.Held, s.LastAttempt, s.LastAt, s.Clock = l.held, l.last, l.at, l.clock()
	l.mu.Unlock()
	s.Unchecked = n.unsafe(n.outboxTo(p.Party))
	ours, err := n.outboxesTo(tx, p.Party)
	if err != nil {
		return s, err
	}
	for _, row := range ours {
		s.Sent, s.Receipted = s.Sent+row.Head.Size, s.Receipted+row.Receipted
		if row.Origin.Generation == n.own.newest() {
			s.Stopped = row.Stopped
		} else if row.Stopped != "" {
			s.Sent -= row.Head.Size - row.Receipted // it will not go out
			s.LeftOver = row.Stopped
		}
		lodged, _, err := tx.LastLodged(row.ID)
		if err != nil {
			return s, err
		}
		s.Lodged += lodged.Size
		last, found, err := tx.LastBeat(row.ID, p.Party)
		if err != nil {
			return s, err
		}
		if found && s.BeatAt == "" {
			s.BeatAt = last.At.Format(time.RFC3339)
		}
	}
	theirs, err := n.mirrorsOf(tx, p.Party)
	for _, row := range theirs {
		s.ReceivedOf += row.Head.Size
	}
	if err == nil {
		s.Suspended, s.SuspendedBy, err = n.suspensions(tx, p.Party)
	}
	if err == nil {
		s.Relay, err = n.relayNamed(tx, l)
	}
	return s, err
}

// expiry warns of keys that have expired or will within KeysWarnBefore, our own first.
func (n *Node) expiry(p verdict.Profile) string {
	soon := n.now().Add(KeysWarnBefore)
	switch own := n.validUntil(); {
	case !own.IsZero() && n.now().After(own):
		return "this node's keys sign nothing new since " + own.UTC().Format(time.RFC3339) + ": verbale keys rotate; then every peer compares the new words"
	case !own.IsZero() && soon.After(own):
		return "this node's keys sign nothing new after " + own.UTC().Format(time.RFC3339) + ": before then, verbale profile renew (or, for new keys, verbale keys rotate), and give the file to the peers"
	case !p.ValidUntil.IsZero() && soon.After(p.ValidUntil):
		return "the keys of " + p.Party + " sign nothing new after " + p.ValidUntil.UTC().Format(time.RFC3339) + ": ask it for a newer profile, then: verbale link add FILE"
	}
	return ""
}

// peer dials the other end of l.
func (n *Node) peer(l *link) (exchange.Peer, error) {
	if n.cfg.Dial == nil {
		return nil, fail(Offline, nil, "run `verbale serve`", "this node is not connected to anybody now")
	}
	return n.cfg.Dial(l.profile)
}

// unreached makes the error of a call to the peer one for people: by the contract of exchange.Peer, what is no Problem means that
// the peer could not be reached.
func (l *link) unreached(err error) error {
	if err == nil || exchange.KindOf(err) != "" || errors.Is(err, context.Canceled) {
		return err
	}
	return fail(Offline, err, "`verbale serve` tries again by itself", "%s could not be reached: %v", l.profile.Party, err)
}

// note remembers how an attempt to reach the peer ended. One that was called off tells nothing of the peer.
func (n *Node) note(l *link, err error) {
	if errors.Is(err, context.Canceled) {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.at, l.last = n.now(), "reached"
	if err != nil {
		l.last = err.Error()
	}
}

// hold stops the automatic pushes after one that must not be tried again unseen, and lets them go on after one that worked.
func (l *link) hold(err error) {
	if errors.Is(err, context.Canceled) {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.held = ""
	if k := exchange.KindOf(err); k.Stops() {
		l.held = err.Error()
	}
}

// Retry clears what holds the automatic pushes of a link after an operator has looked, and has the peer asked at once.
func (n *Node) Retry(party string) error {
	l, err := n.linkTo(party)
	if err != nil {
		return err
	}
	l.mu.Lock()
	l.held, l.rest, l.pull = "", time.Time{}, true
	l.mu.Unlock()
	l.signal()
	return nil
}

// signal tells the loop of the link with party, as it is now, that there is something to push.
func (n *Node) signal(party string) {
	if l := n.known(party); l != nil {
		l.signal()
	}
}

// clock says that the peer's clock and ours differ, as far as its last beat shows. Who calls holds l.mu.
func (l *link) clock() string {
	if l.skew.Abs() <= SkewWarned {
		return ""
	}
	which := "ahead of"
	if l.skew < 0 {
		which = "behind"
	}
	return fmt.Sprintf("the clock of %s was %s %s ours at %s: one of the two is wrong", l.profile.Party, l.skew.Abs(), which, l.heardAt.Format(time.RFC3339))
}

// pullSoon tells the link's loop that there is something to pull.
func (l *link) pullSoon() {
	l.pullLater()
	l.signal()
}

func (l *link) pullLater() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.pull = true
}

// signal tells the link's loop that there is something to push.
func (l *link) signal() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}
