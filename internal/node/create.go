package node

import (
	"context"
	"encoding/base64"
	"encoding/json/jsontext"
	"encoding/json/v2"
	"time"

	"verbale/internal/store"
	"verbale/record"
	"verbale/seal"
	"verbale/verdict"
)

const metaProfile = "profile" // the store's meta row with this party's newest profile file

// ReceiptStatement is what this node's receipts mean (K-12); it stands in the profile and in every verdict.
const ReceiptStatement = "At the time stated by our clock this was the largest consistent head of this outbox that we had seen, and every entry below its size, " +
	"with its content, was durably stored by our node. This says nothing about reading, understanding or agreeing."

// RelayStatement is what the receipts of a relay mean (L-7).
const RelayStatement = "At the time stated by our clock this was the largest consistent head of this outbox that we had seen, and every entry below its size " +
	"was durably stored by our node, with its content where the audience had not receipted it. We hold it for the audience, cannot read it, and do not speak for anybody."

// Identity is what a new party says of itself.
type Identity struct {
	Title        string
	Jurisdiction string // ISO 3166-1 alpha-2, may be empty
	PartyKind    string // csirt, law-enforcement, ministry, provider, international-body, witness, relay
	Endpoint     string // https://host:port
	Language     string // BCP 47
	Contact      string // role of the 24/7 contact, may be empty
	Mail         string
	Phone        string
	Recovery     [32]byte // public half of the recovery key; zero: none
}

// Found makes a new party: its profile is the first record of its public register. The store must be empty.
func Found(ctx context.Context, cfg Config, who Identity) (verdict.Profile, error) {
	n := newNode(cfg)
	origin := n.outboxTo(seal.Public)
	f, err := n.sealed(origin, nil, profileDraft(n.party, cfg.Keys.Keys(), who, n.now()))
	if err != nil {
		return verdict.Profile{}, err
	}
	p, err := profileOf(f)
	if err == nil {
		err = checkRecovery(p)
	}
	if err != nil {
		return verdict.Profile{}, err
	}
	err = cfg.Store.Update(ctx, func(tx *store.Tx) error {
		if _, err := tx.CreateOutbox(origin, true); err != nil {
			return err
		}
		n.born(origin)
		w := &groupWriter{n: n, tx: tx, outboxes: map[string]*growing{}}
		f.ctx = ctx
		if _, err := w.add(f); err != nil {
			return err
		}
		if err := w.flush(); err != nil {
			return err
		}
		return tx.SetMeta(metaProfile, p.File)
	})
	if err != nil {
		return verdict.Profile{}, err
	}
	return p, nil
}

func profileDraft(party string, keys seal.Keys, who Identity, now time.Time) record.Fields {
	f := record.Fields{}
	for name, value := range map[string]string{
		"act": "profile", "class": "service", "channel": "technical", "released_by": "operator", "language": who.Language, "tlp": "clear",
		"party": party, "title": who.Title, "party_kind": who.PartyKind, "endpoint": who.Endpoint, "receipt_statement": ReceiptStatement,
	} {
		f.SetText(name, value)
	}
	if who.PartyKind == "relay" {
		f.SetText("receipt_statement", RelayStatement)
	}
	f.SetTime("drafted_at", now)
	f.SetTime("released_at", now)
	f.SetTime("keys_valid_until", now.Add(KeysValidFor))
	f["keys"] = jsontext.Value(keys.JSON())
	f.SetTexts("accepts", record.Words("kind")...)
	if who.Recovery != [32]byte{} {
		f.SetText("recovery", base64.RawURLEncoding.EncodeToString(who.Recovery[:]))
	}
	if who.Jurisdiction != "" {
		f.SetText("jurisdiction", who.Jurisdiction)
	}
	if who.Contact != "" {
		f.SetList("contacts", []jsontext.Value{contact(who)})
	}
	return f
}

// contact is one contact in the RFC 8785 form.
func contact(who Identity) jsontext.Value {
	c := map[string]string{"hours": "24/7", "languages": who.Language, "role": who.Contact}
	if who.Mail != "" {
		c["mail"] = who.Mail
	}
	if who.Phone != "" {
		c["phone"] = who.Phone
	}
	v := jsontext.Value("{}")
	if b, err := json.Marshal(c); err == nil {
		v = b
		_ = v.Canonicalize() // what Marshal wrote is valid; Compose refuses anything that is not canonical
	}
	return v
}
