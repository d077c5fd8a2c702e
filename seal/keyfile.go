package seal

import (
	"bytes"
	"encoding/json/v2"
	"errors"
	"io"

	"filippo.io/age"
)

// keyFileVersion is the only version of K-17.
const keyFileVersion = 1

// keyFile is the plain form of K-17, its members in the order of RFC 8785.
type keyFile struct {
	Content        string `json:"content"`
	LogEd25519     string `json:"log_ed25519"`
	LogMLDSA44     string `json:"log_mldsa44"`
	Party          string `json:"party"`
	ReceiptEd25519 string `json:"receipt_ed25519"`
	ReceiptMLDSA44 string `json:"receipt_mldsa44"`
	Record         string `json:"record"`
	Self           string `json:"self"`
	TLS            string `json:"tls"`
	Version        int    `json:"version"`
}

// Marshal gives the plain key file of K-17. It holds every secret: write it
// with permission 0600, or use [Keyring.Lock].
func (k *Keyring) Marshal() []byte {
	s := &k.secret().seeds
	b, err := json.Marshal(keyFile{
		Content:        k.secret().content.String(),
		LogEd25519:     encodeB64u(s.logEd25519[:]),
		LogMLDSA44:     encodeB64u(s.logMLDSA44[:]),
		Party:          k.party,
		ReceiptEd25519: encodeB64u(s.receiptEd25519[:]),
		ReceiptMLDSA44: encodeB64u(s.receiptMLDSA44[:]),
		Record:         encodeB64u(s.record[:]),
		Self:           encodeB64u(s.self[:]),
		TLS:            encodeB64u(s.tls[:]),
		Version:        keyFileVersion,
	})
	if err != nil { // cannot be: every member is ASCII
		return nil
	}
	return b
}

// ParseKeyring reads the plain key file of K-17. Its errors never quote it.
func ParseKeyring(b []byte) (*Keyring, error) {
	if len(b) > maxKeyFile {
		return nil, fail(Malformed, "K-17", "a key file has at most %d bytes, this one has %d", maxKeyFile, len(b))
	}
	var w keyFile
	if err := json.Unmarshal(b, &w, json.RejectUnknownMembers(true)); err != nil {
		return nil, fail(Malformed, "K-17", "want a JSON object with exactly the ten members of a key file, each once")
	}
	if w.Version != keyFileVersion {
		return nil, fail(Malformed, "K-17", "want version %d, got %d; a newer program made this file", keyFileVersion, w.Version)
	}
	s, err := w.seeds()
	if err != nil {
		return nil, err
	}
	content, err := age.ParseHybridIdentity(w.Content)
	if err != nil {
		return nil, fail(Malformed, "K-17", "member \"content\": want an age identity AGE-SECRET-KEY-PQ-1…")
	}
	k, err := newKeyring(w.Party, s, content)
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(k.Marshal(), b) {
		return nil, fail(Malformed, "K-17", "the key file is not in its RFC 8785 form; was it edited? Restore it as it was written")
	}
	return k, nil
}

func (w *keyFile) seeds() (seeds, error) {
	var s seeds
	for _, m := range []struct {
		name, value string
		seed        *[32]byte
	}{
		{"record", w.Record, &s.record},
		{"log_ed25519", w.LogEd25519, &s.logEd25519},
		{"log_mldsa44", w.LogMLDSA44, &s.logMLDSA44},
		{"receipt_ed25519", w.ReceiptEd25519, &s.receiptEd25519},
		{"receipt_mldsa44", w.ReceiptMLDSA44, &s.receiptMLDSA44},
		{"tls", w.TLS, &s.tls},
		{"self", w.Self, &s.self},
	} {
		b, ok := decodeB64u(m.value, len(m.seed))
		if !ok {
			return seeds{}, fail(Malformed, "K-17", "member %q: want base64url without padding of %d bytes", m.name, len(m.seed))
		}
		copy(m.seed[:], b)
	}
	return s, nil
}

// Lock gives the key file encrypted to a passphrase (K-17). It takes about a
// second, on purpose.
func (k *Keyring) Lock(passphrase string) ([]byte, error) {
	r, err := age.NewScryptRecipient(passphrase)
	if err != nil {
		return nil, fail(Refused, "K-17", "the passphrase is empty")
	}
	var file bytes.Buffer
	if err := encryptTo(&file, k.Marshal(), r); err != nil {
		return nil, fail(Refused, "K-17", "cannot encrypt the key file").because(err)
	}
	return file.Bytes(), nil
}

// Unlock opens what Lock made.
func Unlock(file []byte, passphrase string) (*Keyring, error) {
	if len(file) > maxKeyFile {
		return nil, fail(Malformed, "K-17", "a key file has at most %d bytes, this one has %d", maxKeyFile, len(file))
	}
	id, err := age.NewScryptIdentity(passphrase)
	if err != nil {
		return nil, fail(WrongPassphrase, "K-17", "the passphrase is empty")
	}
	id.SetMaxWorkFactor(maxScryptLogN)
	plain, err := decryptWith(file, id)
	var noMatch *age.NoIdentityMatchError
	switch {
	case errors.As(err, &noMatch) && len(noMatch.StanzaTypes) == 1 && noMatch.StanzaTypes[0] == "scrypt":
		return nil, fail(WrongPassphrase, "K-17", "the passphrase does not open this key file")
	case err != nil:
		return nil, fail(Malformed, "K-17", "this is not a key file locked with a passphrase, or it is damaged").because(err)
	}
	return ParseKeyring(plain)
}

// encryptTo writes plain to w as an age file.
func encryptTo(w io.Writer, plain []byte, to ...age.Recipient) error {
	dst, err := age.Encrypt(w, to...)
	if err != nil {
		return err
	}
	if _, err := dst.Write(plain); err != nil {
		return err
	}
	return dst.Close()
}

// decryptWith reads a whole age file.
func decryptWith(file []byte, id age.Identity) ([]byte, error) {
	src, err := age.Decrypt(bytes.NewReader(file), id)
	if err != nil {
		return nil, err
	}
	plain := bytes.NewBuffer(make([]byte, 0, len(file))) // never longer than its encryption
	_, err = plain.ReadFrom(src)
	return plain.Bytes(), err
}
