package testbed

import (
	"context"
	"time"

	"verbale/internal/node"
	"verbale/seal"
)

// Succeed gives a party new keys as s says, but for the keys themselves, while its node is down; then it is up again with them, and shows
// the old TLS key to whoever still pins it (K-37). On an error the party is up with its keys of before.
func (p *Party) Succeed(s node.Succession) error {
	p.Bed.t.Helper()
	p.Stop()
	defer p.Restart()
	old := p.Keys
	next, err := old.Successor(p.generation(), p.Bed.seed)
	if s.Old == nil && s.Reason != seal.Rotation {
		next, err = seal.NewKeyring(p.Name, p.Bed.seed) // the old ones are lost
	}
	p.Bed.must(err)
	cfg := p.config()
	cfg.Keys, cfg.NotRestored = next, cfg.NotRestored || s.Old == nil
	profile, err := node.Succeed(p.Bed.t.Context(), cfg, s)
	if err != nil {
		return err
	}
	p.hangUp() // what was dialled by the old keys alone
	p.Keys, p.Profile = next, profile
	p.cert = p.Bed.certificate(next.TLSKey(), p.Name, p.Bed.Now().Add(10*365*24*time.Hour))
	if s.Old == nil {
		p.earlier = nil
	} else {
		p.earlier = append(p.earlier, p.Bed.certificate(old.TLSKey(), p.Name, p.Bed.Now().Add(node.KeyOverlap)))
	}
	return nil
}

func (p *Party) generation() int {
	o, err := seal.ParseOrigin(p.Profile.Opened.Record.Outbox())
	p.Bed.must(err)
	return o.Generation
}

// Rotate gives a party new keys by its old ones.
func (p *Party) Rotate() {
	p.Bed.t.Helper()
	p.Bed.must(p.Succeed(node.Succession{Old: p.Keys, Reason: seal.Rotation, KeepRecovery: true}))
}

// Recover gives a party new keys by its recovery key: for seal.Loss without the old ones.
func (p *Party) Recover(reason string) error {
	p.Bed.t.Helper()
	s := node.Succession{Reason: reason, Recovery: p.Recovery, KeepRecovery: true}
	if reason == seal.Compromise {
		s.Old = p.Keys
	}
	return p.Succeed(s)
}

// File is the party's profile file with the changes that led to its keys (K-39).
func (p *Party) File() string {
	p.Bed.t.Helper()
	file, err := p.Node.ProfileFile(context.Background())
	p.Bed.must(err)
	return file
}
