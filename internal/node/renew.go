package node

import (
	"context"
	"time"

	"verbale/record"
	"verbale/seal"
	"verbale/verdict"
)

// Renew writes a later profile with the same keys into the public register: valid for KeysValidFor from now, and at endpoint where one is
// given. The words stay. Peers go on with the old profile until they import the new one.
func (n *Node) Renew(ctx context.Context, endpoint string) (verdict.Profile, error) {
	if err := n.compare(ctx, n.outboxTo(seal.Public)); err != nil { // before linking is held: it asks the network
		return verdict.Profile{}, err
	}
	n.linking.Lock()
	defer n.linking.Unlock()
	old, err := n.Profile(ctx)
	if err != nil {
		return old, err
	}
	if err := n.expired(); err != nil {
		return old, err
	}
	draft, err := renewed(old, endpoint, n.now())
	if err != nil {
		return old, err
	}
	f, err := n.sealed(n.outboxTo(seal.Public), nil, draft)
	if err != nil {
		return old, err
	}
	p, err := profileOf(f)
	if err != nil {
		return old, err
	}
	f.profile = p.File
	if _, err := n.submit(ctx, f); err != nil {
		return old, err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.expires = p.ValidUntil
	return p, nil
}

// renewed is the profile as it will be said anew. Peers keep the one with the later released_at, so a clock that went back renews nothing.
func renewed(old verdict.Profile, endpoint string, now time.Time) (record.Fields, error) {
	if at := releasedAt(old); !now.After(at) {
		return nil, fail(Conflict, nil, "look at the clock of this machine, or try again in a moment",
			"the profile was released at %s, and it is %s now: a later one is needed, or peers would keep the old one",
			at.Format(time.RFC3339), now.Format(time.RFC3339))
	}
	f := old.Opened.Fields.Clone()
	f.SetTime("drafted_at", now)
	f.SetTime("released_at", now)
	f.SetTime("keys_valid_until", now.Add(KeysValidFor))
	if endpoint != "" {
		f.SetText("endpoint", endpoint)
	}
	return f, nil
}

func releasedAt(p verdict.Profile) time.Time { return p.Opened.Fields.Time("released_at") }

// profileOf is the profile file of a sealed profile.
func profileOf(f *filing) (verdict.Profile, error) {
	file, err := fileOf(f.record, f.stored)
	if err != nil {
		return verdict.Profile{}, err
	}
	return verdict.OpenProfile(file)
}

// fileOf is the full record of a plain entry of a register, on one line.
func fileOf(r *record.Record, stored []byte) (string, error) {
	opened, err := r.Open(stored)
	if err != nil {
		return "", err
	}
	return opened.Present([]string{"*"})
}

// replaces tells whether p is a later profile of the keys of old. One released after those keys had expired is none: they signed nothing
// any more.
func replaces(p, old verdict.Profile) (bool, error) {
	if !releasedAt(p).After(releasedAt(old)) {
		return false, nil
	}
	if releasedAt(p).After(old.ValidUntil) {
		return false, fail(Conflict, nil, "speak to the peer: it needs new keys, and a new link", "the profile of %s was released at %s, when its keys had expired (%s)",
			p.Party, releasedAt(p).Format(time.RFC3339), old.ValidUntil.UTC().Format(time.RFC3339))
	}
	if was := old.Opened.Fields.Text("recovery"); p.Opened.Fields.Text("recovery") != was {
		return false, fail(Conflict, nil, "speak to the peer: somebody else may have its keys", "the profile of %s has another recovery key than before, with the same keys (K-31)", p.Party)
	}
	return true, nil
}
