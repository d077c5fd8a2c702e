package seal

import (
	"bytes"
	"crypto/ed25519"
	"crypto/mldsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json/v2"

	"filippo.io/age"
)

// Keys are the public keys of a party (spec/keys.md §3). Make them with
// [ParseKeys] or [Keyring.Keys]: a literal has not passed K-4, and its methods
// refuse. The slices must not be changed.
type Keys struct {
	Record         ed25519.PublicKey // verifies leaves
	LogEd25519     ed25519.PublicKey // verifies checkpoints
	LogMLDSA44     []byte            // verifies checkpoints
	ReceiptEd25519 ed25519.PublicKey // verifies receipts
	ReceiptMLDSA44 []byte            // verifies receipts
	Content        string            // age recipient of content for this party
	TLS            ed25519.PublicKey // the node's certificate

	logMLDSA     *mldsa.PublicKey
	receiptMLDSA *mldsa.PublicKey
	recipient    *age.HybridRecipient
}

// keysJSON is the wire form, its members in the order of RFC 8785.
type keysJSON struct {
	Content        string `json:"content"`
	LogEd25519     string `json:"log_ed25519"`
	LogMLDSA44     string `json:"log_mldsa44"`
	ReceiptEd25519 string `json:"receipt_ed25519"`
	ReceiptMLDSA44 string `json:"receipt_mldsa44"`
	Record         string `json:"record"`
	TLS            string `json:"tls"`
}

// ParseKeys reads a keys object and checks it by K-4.
func ParseKeys(b []byte) (Keys, error) {
	if len(b) > maxKeysJSON {
		return Keys{}, fail(Malformed, "K-4", "a keys object has at most %d bytes, this one has %d", maxKeysJSON, len(b))
	}
	var w keysJSON
	if err := json.Unmarshal(b, &w, json.RejectUnknownMembers(true)); err != nil {
		return Keys{}, fail(Malformed, "K-4", "want a JSON object with exactly the seven members of spec/keys.md §3, each once").because(err)
	}
	var k Keys
	for _, m := range []struct {
		name, value string
		size        int
		key         *[]byte
	}{
		{"record", w.Record, ed25519.PublicKeySize, (*[]byte)(&k.Record)},
		{"log_ed25519", w.LogEd25519, ed25519.PublicKeySize, (*[]byte)(&k.LogEd25519)},
		{"log_mldsa44", w.LogMLDSA44, mldsa.MLDSA44PublicKeySize, &k.LogMLDSA44},
		{"receipt_ed25519", w.ReceiptEd25519, ed25519.PublicKeySize, (*[]byte)(&k.ReceiptEd25519)},
		{"receipt_mldsa44", w.ReceiptMLDSA44, mldsa.MLDSA44PublicKeySize, &k.ReceiptMLDSA44},
		{"tls", w.TLS, ed25519.PublicKeySize, (*[]byte)(&k.TLS)},
	} {
		key, ok := decodeB64u(m.value, m.size)
		if !ok {
			return Keys{}, fail(Malformed, "K-4", "member %q: want base64url without padding of %d bytes", m.name, m.size)
		}
		*m.key = key
	}
	k.Content = w.Content
	return k.checked()
}

// checked applies K-4 and fills the parsed forms.
func (k Keys) checked() (Keys, error) {
	for _, m := range k.ed25519Members() {
		if err := checkPoint(m.name, m.key); err != nil {
			return Keys{}, err
		}
	}
	if err := k.checkDistinct(); err != nil {
		return Keys{}, err
	}
	var err error
	if k.logMLDSA, err = mldsa.NewPublicKey(mldsa.MLDSA44(), k.LogMLDSA44); err != nil {
		return Keys{}, fail(Malformed, "K-4", "member \"log_mldsa44\" is no ML-DSA-44 key").because(err)
	}
	if k.receiptMLDSA, err = mldsa.NewPublicKey(mldsa.MLDSA44(), k.ReceiptMLDSA44); err != nil {
		return Keys{}, fail(Malformed, "K-4", "member \"receipt_mldsa44\" is no ML-DSA-44 key").because(err)
	}
	k.recipient, err = age.ParseHybridRecipient(k.Content)
	if err != nil || k.recipient.String() != k.Content {
		return Keys{}, fail(Malformed, "K-4", "member \"content\": want an age recipient age1pq1… (mlkem768x25519) in lower case")
	}
	return k, nil
}

type member struct {
	name string
	key  []byte
}

func (k Keys) ed25519Members() []member {
	return []member{
		{"record", k.Record},
		{"log_ed25519", k.LogEd25519},
		{"receipt_ed25519", k.ReceiptEd25519},
		{"tls", k.TLS},
	}
}

func (k Keys) checkDistinct() error {
	ms := k.ed25519Members()
	for i, a := range ms {
		for _, b := range ms[:i] {
			if bytes.Equal(a.key, b.key) {
				return fail(WeakKey, "K-4", "members %q and %q hold the same key; every key signs one kind of thing, so make a new one", b.name, a.name)
			}
		}
	}
	if bytes.Equal(k.LogMLDSA44, k.ReceiptMLDSA44) {
		return fail(WeakKey, "K-4", "members \"log_mldsa44\" and \"receipt_mldsa44\" hold the same key; make a new one")
	}
	return nil
}

// ready says whether k passed K-4. It asks for the lengths again, because
// ed25519.Verify panics if a caller has put another slice into a field.
func (k Keys) ready() error {
	if k.recipient == nil || len(k.Record) != ed25519.PublicKeySize ||
		len(k.LogEd25519) != ed25519.PublicKeySize || len(k.ReceiptEd25519) != ed25519.PublicKeySize {
		return fail(Refused, "K-4", "these keys were not made by ParseKeys, so nothing checked them")
	}
	return nil
}

// JSON gives the keys object in the form of RFC 8785.
func (k Keys) JSON() []byte {
	b, err := json.Marshal(keysJSON{
		Content:        k.Content,
		LogEd25519:     encodeB64u(k.LogEd25519),
		LogMLDSA44:     encodeB64u(k.LogMLDSA44),
		ReceiptEd25519: encodeB64u(k.ReceiptEd25519),
		ReceiptMLDSA44: encodeB64u(k.ReceiptMLDSA44),
		Record:         encodeB64u(k.Record),
		TLS:            encodeB64u(k.TLS),
	})
	if err != nil { // only a Content that is not UTF-8, and so never passed ParseKeys
		return []byte("{}")
	}
	return b
}

// MarshalJSON gives JSON, so that Keys inside other values keep their form.
func (k Keys) MarshalJSON() ([]byte, error) {
	if err := k.ready(); err != nil {
		return nil, err
	}
	return k.JSON(), nil
}

// UnmarshalJSON is ParseKeys.
func (k *Keys) UnmarshalJSON(b []byte) error {
	parsed, err := ParseKeys(b)
	if err != nil {
		return err
	}
	*k = parsed
	return nil
}

// Equal says whether both are the same seven keys.
func (k Keys) Equal(o Keys) bool { return bytes.Equal(k.JSON(), o.JSON()) }

// RecordKeyID is the RFC 7638 thumbprint of the record key (RFC 8037 members).
func (k Keys) RecordKeyID() string {
	sum := sha256.Sum256([]byte(`{"crv":"Ed25519","kty":"OKP","x":"` + encodeB64u(k.Record) + `"}`))
	return encodeB64u(sum[:])
}

// VerifyRecord checks a record signature over msg by K-6.
func (k Keys) VerifyRecord(msg, sig []byte) error {
	if err := k.ready(); err != nil {
		return err
	}
	if !ed25519.Verify(k.Record, msg, sig) {
		return fail(BadSignature, "K-6", "the record key %s did not sign this", k.RecordKeyID())
	}
	return nil
}

// VerifierKeys gives the verifier key strings of the log with this origin
// (spec/keys.md §9), the Ed25519 one first, for any C2SP tool.
func (k Keys) VerifierKeys(o Origin) []string {
	name := o.String()
	return []string{
		verifierKey(name, typeEd25519, k.LogEd25519),
		verifierKey(name, typeMLDSA44, k.LogMLDSA44),
	}
}

func verifierKey(name string, kind byte, key []byte) string {
	id := keyID(name, kind, key)
	return name + "+" + hex.EncodeToString(id[:]) + "+" + base64.StdEncoding.EncodeToString(append([]byte{kind}, key...))
}

func encodeB64u(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// decodeB64u reads base64url without padding, stray bits or line breaks.
func decodeB64u(s string, size int) ([]byte, bool) {
	enc := base64.RawURLEncoding.Strict()
	if len(s) != enc.EncodedLen(size) {
		return nil, false
	}
	b, err := enc.DecodeString(s)
	return b, err == nil && len(b) == size
}
