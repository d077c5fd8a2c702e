package main

import (
	"path/filepath"
	"time"

	"verbale/internal/exchange"
	"verbale/internal/node"
	"verbale/seal"
	"verbale/verdict"
)

// keyRevoked is a party whose keys were stolen.
func keyRevoked() story {
	return story{name: "key-revoked", what: "A party’s keys are stolen. With its recovery words it revokes them and goes on with new ones; what the thief signs is refused, " +
		"and the receipts of before stand, because witnesses dated them before.", from: june9(), tell: tellRevoked}
}

func tellRevoked(st *stage) error {
	a, b, err := st.watchedPair()
	if err != nil {
		return err
	}
	before, err := st.file(a, b, mitigate("Written before the theft"))
	if err != nil {
		return err
	}
	if err := all(st.push(a, b), st.date(a, b)); err != nil {
		return err
	}
	backup := filepath.Join(st.dir, "stolen.db")
	if err := a.backup(st.ctx, backup); err != nil {
		return err
	}
	thief, err := a.restore(st.ctx, backup, filepath.Join(st.dir, "thief"), true)
	if err != nil {
		return err
	}
	st.nodes = append(st.nodes, thief)
	st.later(24 * time.Hour)
	st.tell(a.Party(), "learns that its key file was copied")
	oldWords := verdict.WordGroups(a.profile.Words)
	if err := a.revoke(st.ctx); err != nil {
		return err
	}
	if err := st.enter(a); err != nil {
		return err
	}
	st.tell(a.Party(), "revokes with its recovery words: old keys %s, new keys %s", oldWords, verdict.WordGroups(a.profile.Words))
	if err := st.newKeysKnown(a, b); err != nil {
		return err
	}
	return st.thiefRefused(a, b, thief, before.Outbox, before.Index)
}

// newKeysKnown brings the new profile to the peer, where the new words are compared.
func (st *stage) newKeysKnown(a, b *live) error {
	file, err := a.ProfileFile(st.ctx)
	if err != nil {
		return err
	}
	if _, err := b.AddLink(st.ctx, file); err != nil {
		return err
	}
	st.tell(b.Party(), "is shown the change, old and new words, and holds the link back until the new words are compared")
	if err := b.ConfirmLink(st.ctx, a.Party(), a.profile.Words); err != nil {
		return err
	}
	st.tell("both", "compared the new words over the telephone")
	return nil
}

// thiefRefused lets the thief try, the owner go on, and an outsider judge what was there before.
func (st *stage) thiefRefused(a, b, thief *live, outbox string, index int64) error {
	st.later(time.Hour)
	if _, err := st.file(thief, b, mitigate("Written by the thief")); err != nil {
		return err
	}
	_, err := thief.Push(st.ctx, b.Party(), nil)
	if err := expect(exchange.KindOf(err) == exchange.ExpiredKey, "the thief’s push: %v", err); err != nil {
		return err
	}
	st.tell(b.Party(), "refuses what the thief sends, and keeps it as evidence")
	next, err := st.file(a, b, mitigate("Written with the new keys"))
	if err != nil {
		return err
	}
	if err := all(st.push(a, b), st.date(a, b)); err != nil {
		return err
	}
	v, err := st.export(a, node.ProveRequest{Outbox: outbox, Index: index, Disclose: node.DefaultDisclosure()}, "before.bundle")
	if err != nil {
		return err
	}
	if err := expect(len(v.KeyChanges) == 1 && v.KeyChanges[0].Authorized && v.KeyChanges[0].Reason == seal.Compromise, "the change of keys is not shown: %+v", v.KeyChanges); err != nil {
		return err
	}
	r := v.Records[0]
	if err := expect(r.Received != nil && r.OldKeys != nil && r.OldKeys.Standing == verdict.Stands, "the record of before does not stand: %+v", r.OldKeys); err != nil {
		return err
	}
	if _, err := st.export(a, st.facts(next), "after.bundle"); err != nil {
		return err
	}
	st.conclude("%s changed its keys for a compromise, authorized by its recovery key; what was written before stands, for witnesses dated it before the keys were given up", a.Party())
	return nil
}
