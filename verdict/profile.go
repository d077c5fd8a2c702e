package verdict

import (
	"encoding/base64"
	"strings"
	"time"

	"verbale/record"
	"verbale/seal"
)

// A Profile is a party as it describes itself, with its keys. Its signature is
// by the party's own record key: that somebody else vouches for the keys is
// never said by a profile.
type Profile struct {
	Party            string
	Generation       int // of its register, and so of the outboxes that its keys sign
	Title            string
	Jurisdiction     string // "" if not given
	PartyKind        string
	Endpoint         string
	Keys             seal.Keys
	ValidUntil       time.Time
	ReceiptStatement string
	Words            []string // the twelve of K-16
	Fingerprint      [32]byte
	Opened           *record.Opened
	File             string // the full SD-JWT, one line without its end
}

// OpenProfile reads a profile file and checks it by B-2: full, by the party
// that is the author of its outbox, signed with the party's own record key.
// The file may end with one line feed.
func OpenProfile(file string) (Profile, error) {
	return openProfile("profile", strings.TrimSuffix(file, "\n"))
}

func openProfile(item, file string) (Profile, error) {
	o, err := record.ParsePresentation(file)
	if err != nil {
		return Profile{}, badProfile(item, "expected the full record of a profile, on one line").because(err)
	}
	origin, err := seal.ParseOrigin(o.Record.Outbox())
	if err != nil {
		return Profile{}, badProfile(item, "the outbox that it was written into has no name by the rules").because(err)
	}
	switch {
	case origin.Audience != seal.Public:
		return Profile{}, badProfile(item, "a profile is written into the party's public outbox, this record into %s", origin)
	case !o.Full:
		return Profile{}, badProfile(item, "the profile is not full: its content is not the one that its leaf names; ask for the whole file")
	case o.Act() != "profile" || o.Unknown():
		return Profile{}, badProfile(item, "expected the act profile, got %s", brief(o.Act()))
	case o.Fields.Text("party") != origin.Author:
		return Profile{}, badProfile(item, "the party is %s, but the outbox is that of %s; a party speaks for itself", brief(o.Fields.Text("party")), origin.Author)
	}
	keys, err := seal.ParseKeys(o.Fields["keys"])
	if err != nil {
		return Profile{}, badProfile(item, "the keys of %s are not keys by the rules", origin.Author).because(err)
	}
	if err := verifyRecord(keys, o.Record); err != nil {
		return Profile{}, badProfile(item, "the profile is not signed by the record key that it names").because(err)
	}
	p := newProfile(origin, keys, o, file)
	if public, ok := p.Recovery(); ok {
		if err := keys.CheckRecoveryKey(public); err != nil {
			return Profile{}, badProfile(item, "the recovery key of %s is no key by the rules", origin.Author).because(err)
		}
	}
	return p, nil
}

func badProfile(item, format string, args ...any) *Error {
	return fail(KindProfile, item, "B-2", format, args...)
}

func newProfile(origin seal.Origin, keys seal.Keys, o *record.Opened, file string) Profile {
	f, party := o.Fields, origin.Author
	return Profile{
		Party: party, Generation: origin.Generation, Title: f.Text("title"), Jurisdiction: f.Text("jurisdiction"), PartyKind: f.Text("party_kind"),
		Endpoint: f.Text("endpoint"), Keys: keys, ValidUntil: f.Time("keys_valid_until"),
		ReceiptStatement: f.Text("receipt_statement"),
		Words:            seal.Words(party, keys), Fingerprint: seal.Fingerprint(party, keys),
		Opened: o, File: file,
	}
}

// Recovery is the public key of the party's recovery key (K-24), and whether
// the profile has one.
func (p Profile) Recovery() (public [32]byte, ok bool) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(p.Opened.Fields.Text("recovery"))
	if err != nil || len(b) != len(public) {
		return public, false
	}
	return [32]byte(b), true
}

// verifyRecord checks the signature of a leaf and that it names this key.
func verifyRecord(keys seal.Keys, r *record.Record) error {
	if r.KeyID() != keys.RecordKeyID() {
		return fail(KindRecord, "record", "R-4", "the leaf names the key %s, the profile %s", r.KeyID(), keys.RecordKeyID())
	}
	return keys.VerifyRecord(r.SigningInput(), r.Signature())
}
