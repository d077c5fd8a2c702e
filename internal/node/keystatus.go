package node

import (
	"context"
	"encoding/base64"
	"slices"
	"time"

	"verbale/internal/store"
	"verbale/seal"
	"verbale/verdict"
)

// KeyChange is a change of a peer's keys, for people.
type KeyChange struct {
	Generation   int       `json:"generation"` // of the new keys
	EffectiveAt  time.Time `json:"effective_at"`
	KnownAt      time.Time `json:"known_at"` // here
	Reason       string    `json:"reason"`
	AuthorizedBy string    `json:"authorized_by"`
	OldWords     []string  `json:"old_words"`
	NewWords     []string  `json:"new_words"`
	Compared     bool      `json:"compared"` // an officer has compared the new words
	Waits        bool      `json:"waits"`    // nothing is sent before that (K-33)
}

// keyChange is the change that led to the peer's present keys; nil where there was none since the link was made.
func (l *link) keyChange() *KeyChange {
	g := l.generations.present()
	old, ok := l.generations.before(g)
	if !ok {
		return nil
	}
	return &KeyChange{Generation: g.number(), EffectiveAt: g.change.EffectiveAt, KnownAt: g.knownAt, Reason: g.change.Reason, AuthorizedBy: g.change.by,
		OldWords: old.profile.Words, NewWords: g.profile.Words, Compared: g.compared, Waits: l.generations.waits()}
}

// KeyStatus is which keys this party has and had.
type KeyStatus struct {
	Party       string          `json:"party"`
	Generation  int             `json:"generation"`
	Recovery    bool            `json:"recovery"` // the profile names a recovery key
	Generations []KeyGeneration `json:"generations"`
}

// KeyGeneration is one of them, the newest first in a list.
type KeyGeneration struct {
	Generation   int        `json:"generation"`
	Register     string     `json:"register"`
	Fingerprint  string     `json:"fingerprint"` // b64u
	Words        []string   `json:"words"`
	From         time.Time  `json:"from"` // when the newest profile of them was released
	ValidUntil   time.Time  `json:"keys_valid_until"`
	ReplacedAt   time.Time  `json:"replaced_at,omitzero"` // from when on they sign nothing; zero for the present ones
	Reason       string     `json:"reason,omitempty"`     // why they were replaced
	AuthorizedBy string     `json:"authorized_by,omitempty"`
	TLSUntil     time.Time  `json:"tls_until,omitzero"` // until when their TLS key is still shown (K-37)
	Readable     bool       `json:"readable"`           // contents that were encrypted to them can be opened
	Unreceipted  []LeftOver `json:"unreceipted"`        // what they have signed and is not receipted
}

// LeftOver is entries of an outbox that its audience has not receipted.
type LeftOver struct {
	Party   string `json:"party"`
	Outbox  string `json:"outbox"`
	Entries int64  `json:"entries"`
	Stopped string `json:"stopped,omitempty"` // why they will not go out any more
}

// KeyStatus tells which keys this party has and had.
func (n *Node) KeyStatus(ctx context.Context) (s KeyStatus, err error) {
	p, err := n.Profile(ctx)
	if err != nil {
		return s, err
	}
	s = KeyStatus{Party: n.party, Generation: n.own.newest(), Recovery: p.Opened.Fields.Text("recovery") != "", Generations: []KeyGeneration{}}
	err = n.cfg.Store.View(ctx, func(tx *store.Tx) error {
		own := n.own.replaced(p, true) // it may have been renewed
		for i := len(own) - 1; i >= 0; i-- {
			g, err := n.keyGeneration(tx, own[i])
			if err != nil {
				return err
			}
			s.Generations = append(s.Generations, g)
		}
		return nil
	})
	return s, err
}

func (n *Node) keyGeneration(tx *store.Tx, own generation) (KeyGeneration, error) {
	p := own.profile
	number := own.number()
	g := KeyGeneration{Generation: number, Register: p.Opened.Record.Outbox(), Fingerprint: base64.RawURLEncoding.EncodeToString(p.Fingerprint[:]), Words: p.Words,
		From: releasedAt(p), ValidUntil: p.ValidUntil, Readable: number == n.own.newest() || slices.Contains(n.cfg.Keys.Retired(), number), Unreceipted: []LeftOver{}}
	if next, ok := n.own.after(number); ok {
		g.ReplacedAt, g.Reason, g.AuthorizedBy = next.change.EffectiveAt, next.change.Reason, next.change.by
		if g.Readable && !next.givenUp() {
			g.TLSUntil = g.ReplacedAt.Add(KeyOverlap)
		}
	}
	for _, l := range n.sortedLinks() {
		o := seal.Origin{Author: n.party, Audience: l.profile.Party, Generation: number}
		row, err := tx.Outbox(o.String())
		if storeKind(err) == store.NotFound {
			continue
		} else if err != nil {
			return g, err
		}
		if left := row.Head.Size - row.Receipted; left > 0 {
			g.Unreceipted = append(g.Unreceipted, LeftOver{Party: l.profile.Party, Outbox: o.String(), Entries: left, Stopped: row.Stopped})
		}
	}
	return g, nil
}

// Past is what a store says of the keys that it was used with: what whoever wires a node has to know before it is opened.
type Past struct {
	Profile  verdict.Profile
	File     string            // the profile file with the changes that led to it (K-39)
	Replaced map[int]time.Time // when the keys before were replaced, by generation

	OtherRecovery bool // the newest keys came with another recovery key than those before
}

// Generation is that of the newest keys.
func (p Past) Generation() int {
	if p.Profile.Opened == nil {
		return 0
	}
	return generationOf(p.Profile)
}

// PastOf reads it. NotFound: the store has no profile.
func PastOf(ctx context.Context, s *store.Store) (p Past, err error) {
	n := &Node{cfg: Config{Store: s}, links: map[string]*link{}}
	err = s.View(ctx, func(tx *store.Tx) (err error) {
		if n.party, err = ownParty(tx); err != nil {
			return err
		}
		return n.load(tx)
	})
	if err != nil {
		return p, err
	}
	p = Past{Profile: n.own.present().profile, File: n.own.file(), Replaced: map[int]time.Time{}}
	if old, ok := n.own.before(n.own.present()); ok {
		now := p.Profile.Opened.Fields.Text("recovery")
		p.OtherRecovery = now != "" && now != old.profile.Opened.Fields.Text("recovery")
	}
	for _, g := range n.own {
		if next, ok := n.own.after(g.number()); ok {
			p.Replaced[g.number()] = next.change.EffectiveAt
		}
	}
	return p, nil
}

func ownParty(tx *store.Tx) (string, error) {
	file, found, err := tx.Meta(metaProfile)
	if err != nil {
		return "", err
	}
	if !found {
		return "", fail(NotFound, nil, "run verbale init in an empty folder", "this data folder has no profile")
	}
	p, err := verdict.OpenProfile(file)
	if err != nil {
		return "", fail(Damaged, err, "restore a backup of the data folder", "the stored profile of this node cannot be read")
	}
	return p.Party, nil
}
